/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report.h"

#define MAX_TEXT 1000000u

typedef struct {
  GString *text;
  GPtrArray *sections;
  const char *heading; /* of the section that is being written */
} Narrative;

/* Lines end with \n; no other control character stays. */
static void
append_clean(GString *out, const char *text)
{
  for (const char *p = text; *p && out->len < MAX_TEXT; p++) {
    if (*p == '\r' && p[1] == '\n')
      continue;
    if (*p == '\r' || *p == '\n' || *p == '\f')
      g_string_append_c(out, '\n');
    else if ((guchar)*p >= 0x20)
      g_string_append_c(out, *p);
    else
      g_string_append_c(out, ' ');
  }
}

static void
begin_section(Narrative *n, const char *heading)
{
  if (!heading || g_strcmp0(heading, n->heading) == 0)
    return;
  if (n->text->len)
    g_string_append_c(n->text, '\n');
  append_clean(n->text, heading);
  g_string_append(n->text, ":\n");
  g_ptr_array_add(n->sections, g_strdup(heading));
  n->heading = heading;
}

static char *
number_text(const SrNode *node)
{
  g_autoptr(DcmDataset) value = dcm_item(node->item, DCM_TAG(0x0040, 0xA300));
  g_auto(DcmCode) unit = {NULL, NULL, NULL};
  g_autofree char *number = value ? dcm_text_n(value, DCM_TAG(0x0040, 0xA30A), 0) : NULL;
  if (!number)
    return NULL;
  dcm_code(value, DCM_TAG(0x0040, 0x08EA), &unit);
  gboolean bare = !unit.value || strcmp(unit.value, "1") == 0 || unit.value[0] == '{';
  return g_strdup_printf("%s%s%s", number, bare ? "" : " ", bare ? "" : unit.value);
}

/* "Name: value." for a coded or numeric item of the narrative. */
static void
append_item(Narrative *n, const SrNode *node)
{
  gboolean is_text = strcmp(node->type, "TEXT") == 0;
  g_autofree char *value = strcmp(node->type, "NUM") == 0 ? number_text(node) : sr_value(node);
  const char *name = node->concept.meaning;
  if (!value)
    return;
  if (!is_text && name) {
    append_clean(n->text, name);
    g_string_append(n->text, ": ");
  }
  append_clean(n->text, value);
  g_string_append(n->text, is_text ? "\n" : ".\n");
}

static gboolean
is_narrative(const SrNode *node)
{
  static const char *const types[] = {"TEXT", "CODE", "NUM"};
  for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
    if (node->contained && strcmp(node->type, types[i]) == 0)
      return TRUE;
  return FALSE;
}

static void
walk(Narrative *n, const SrNode *node)
{
  static const char *const plain[] = {"121071", "121077", "121073", "121072", NULL};
  for (guint i = 0; i < node->children->len; i++) {
    const SrNode *child = node->children->pdata[i];
    if (strcmp(child->type, "CONTAINER") == 0) {
      walk(n, child);
      continue;
    }
    if (!is_narrative(child))
      continue;
    /* "Finding", "Conclusion", "Impression" items inside their section need
     * no heading of their own; text elsewhere brings its name along. */
    gboolean own = strcmp(child->type, "TEXT") == 0 && !sr_named(child, plain);
    begin_section(n, own || strcmp(node->type, "CONTAINER") != 0 ? child->concept.meaning
                                                                 : node->concept.meaning);
    append_item(n, child);
    walk(n, child);
  }
}

static gboolean
holds_text(const SrNode *node)
{
  for (guint i = 0; i < node->children->len; i++) {
    const SrNode *child = node->children->pdata[i];
    if (child->contained && strcmp(child->type, "TEXT") == 0)
      return TRUE;
    if (strcmp(child->type, "CONTAINER") == 0 && holds_text(child))
      return TRUE;
  }
  return FALSE;
}

char *
dcm_report_text(const SrNode *root, const char *sop_class, GPtrArray *ret_sections)
{
  /* Basic Text, Enhanced, Comprehensive, Comprehensive 3D SR. */
  static const char *const narrative[] = {
      "1.2.840.10008.5.1.4.1.1.88.11", "1.2.840.10008.5.1.4.1.1.88.22",
      "1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.88.34", NULL};
  static const char *const tables[] = {"126000", "Imaging Measurement Report", "AIM SR Report",
                                       NULL};
  if (!sop_class || !g_strv_contains(narrative, sop_class) || sr_named(root, tables) ||
      !holds_text(root))
    return NULL;
  Narrative n = {g_string_new(NULL), ret_sections, NULL};
  walk(&n, root);
  return g_string_free(n.text, FALSE);
}
