/* SPDX-License-Identifier: Apache-2.0 */
#include "report-tree.h"

#include <string.h>

#define CONTENT DCM_TAG(0x0040, 0xA730)
#define MAX_DEPTH 32

/* Code values of DCM (PS3.16 annex D), SNOMED CT and the SRT codes before it. */
const char *const SR_TRACKING_ID[] = {"112039", "Tracking Identifier", NULL};
const char *const SR_TRACKING_UID[] = {"112040", "Tracking Unique Identifier", NULL};
const char *const SR_FINDING[] = {"121071", "Finding", NULL};
const char *const SR_SITE[] = {"363698007", "G-C0E3", "Finding Site", "Anatomic Entity", NULL};
const char *const SR_LATERALITY[] = {"272741003", "G-C171", "Laterality", NULL};
const char *const SR_OBSERVER[] = {"121008", "Person Observer Name", NULL};
const char *const SR_OBSERVER_TYPE[] = {"121005", "Observer Type", NULL};
const char *const SR_AIM[] = {"AIM SR Report", NULL};
const char *const SR_METHOD[] = {"370129005", "G-C306", "G-C036", "Measurement Method", NULL};
const char *const SR_DERIVATION[] = {"121401", "Derivation", NULL};
const char *const SR_GROUP[] = {"125007", "Measurement Group", NULL};
const char *const SR_STUDY_UID[] = {"110180", "Study Instance UID", NULL};
const char *const SR_SERIES_UID[] = {"112002", "Series Instance UID", NULL};
const char *const SR_SOURCE_SERIES[] = {"121232", "Source series for segmentation",
                                        "Source series for image segmentation", NULL};
const char *const SR_STUDY_DATE[] = {"111060", "Study Date", NULL};

static SrNode *
node_new(const DcmDataset *item, int depth)
{
  SrNode *node = g_new0(SrNode, 1);
  g_autofree char *relation = dcm_text_n(item, DCM_TAG(0x0040, 0xA010), 0);
  char *type = dcm_text_n(item, DCM_TAG(0x0040, 0xA040), 0);
  node->item = item;
  node->type = type ? type : g_strdup("");
  node->contained = g_strcmp0(relation, "CONTAINS") == 0;
  dcm_code(item, DCM_TAG(0x0040, 0xA043), &node->concept);
  node->children = g_ptr_array_new_with_free_func((GDestroyNotify)sr_tree_free);
  node->items = depth < MAX_DEPTH ? dcm_items(item, CONTENT) : g_ptr_array_new();
  for (guint i = 0; i < node->items->len; i++)
    g_ptr_array_add(node->children, node_new(node->items->pdata[i], depth + 1));
  return node;
}

SrNode *
sr_tree_new(const DcmDataset *root)
{
  return node_new(root, 0);
}

void
sr_tree_free(SrNode *node)
{
  if (!node)
    return;
  g_ptr_array_unref(node->children);
  g_ptr_array_unref(node->items);
  dcm_code_clear(&node->concept);
  g_free(node->type);
  g_free(node);
}

gboolean
sr_named(const SrNode *node, const char *const *names)
{
  for (; *names; names++) {
    if (node->concept.value && strcmp(node->concept.value, *names) == 0)
      return TRUE;
    if (node->concept.meaning && g_ascii_strcasecmp(node->concept.meaning, *names) == 0)
      return TRUE;
  }
  return FALSE;
}

const SrNode *
sr_child(const SrNode *node, const char *const *names)
{
  for (guint i = 0; i < node->children->len; i++)
    if (sr_named(node->children->pdata[i], names))
      return node->children->pdata[i];
  return NULL;
}

char *
sr_value(const SrNode *node)
{
  g_auto(DcmCode) code = {NULL, NULL, NULL};
  if (strcmp(node->type, "TEXT") == 0)
    return dcm_text(node->item, DCM_TAG(0x0040, 0xA160));
  if (strcmp(node->type, "UIDREF") == 0)
    return dcm_uid(node->item, DCM_TAG(0x0040, 0xA124));
  if (strcmp(node->type, "PNAME") == 0)
    return dcm_person(node->item, DCM_TAG(0x0040, 0xA123));
  if (strcmp(node->type, "DATE") == 0)
    return dcm_text(node->item, DCM_TAG(0x0040, 0xA121));
  if (strcmp(node->type, "CODE") == 0 && dcm_code(node->item, DCM_TAG(0x0040, 0xA168), &code))
    return g_strdup(code.meaning ? code.meaning : code.value);
  return NULL;
}

char *
sr_child_value(const SrNode *node, const char *const *names)
{
  const SrNode *child = sr_child(node, names);
  return child ? sr_value(child) : NULL;
}
