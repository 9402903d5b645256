/* SPDX-License-Identifier: Apache-2.0 */
#include "rejection.h"

#include <string.h>

#include "record.h"
#include "values.h"

#define KEY_OBJECTS_CLASS "1.2.840.10008.5.1.4.1.1.88.59"
#define MAX_OF_RECORD 500u
#define MAX_DEPTH 16

const char *
dcm_rejection_reason(const DcmDataset *d)
{
  static const struct {
    const char *code, *reason;
  } titles[] = {
      {"113001", "quality"}, {"113037", "safety"}, {"113038", "worklist"}, {"113039", "retention"}};
  g_auto(DcmCode) title = {NULL, NULL, NULL};
  g_autofree char *sop_class = dcm_uid(d, DCM_TAG(0x0008, 0x0016));
  if (g_strcmp0(sop_class, KEY_OBJECTS_CLASS) != 0 || !dcm_code(d, DCM_TAG(0x0040, 0xA043), &title))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS(titles); i++)
    if (dcm_code_is(&title, "DCM", titles[i].code))
      return titles[i].reason;
  return NULL;
}

/* SOP UIDs that the content tree selects. */
static void
collect_selected(const DcmDataset *d, GHashTable *selected, int depth)
{
  g_autoptr(GPtrArray) items = dcm_items(d, DCM_TAG(0x0040, 0xA730));
  for (guint i = 0; depth < MAX_DEPTH && i < items->len; i++) {
    g_autoptr(DcmDataset) reference = dcm_item(items->pdata[i], DCM_TAG(0x0008, 0x1199));
    char *sop = reference ? dcm_uid(reference, DCM_TAG(0x0008, 0x1155)) : NULL;
    if (sop)
      g_hash_table_add(selected, sop);
    collect_selected(items->pdata[i], selected, depth + 1);
  }
}

static DraftRecord *
begin(GPtrArray *list, const char *reason, const char *study, const char *series)
{
  DraftRecord *r = draft_record_new("interval.rejection/1");
  draft_record_text(r, "reason", reason, DRAFT_TEXT_MAX);
  draft_record_text(r, "study-uid", study, 64);
  draft_record_text(r, "series-uid", series, 64);
  g_ptr_array_add(list, r);
  return r;
}

static void
add_series(GPtrArray *list, const DcmDataset *series, const char *study, const char *reason,
           GHashTable *selected, guint *ret_n)
{
  g_autofree char *uid = dcm_uid(series, DCM_TAG(0x0020, 0x000E));
  g_autoptr(GPtrArray) images = dcm_items(series, DCM_TAG(0x0008, 0x1199));
  DraftRecord *r = NULL;
  guint n = 0;
  for (guint i = 0; i < images->len; i++) {
    g_autofree char *sop = dcm_uid(images->pdata[i], DCM_TAG(0x0008, 0x1155));
    if (!sop || (g_hash_table_size(selected) > 0 && !g_hash_table_contains(selected, sop)))
      continue;
    if (n++ % MAX_OF_RECORD == 0)
      r = begin(list, reason, study, uid);
    draft_record_text(r, "sop-uid", sop, 64);
  }
  *ret_n += n;
}

GPtrArray *
dcm_rejections_read(const DcmDataset *d, const char *reason, guint *ret_n)
{
  GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)draft_record_free);
  g_autoptr(GHashTable) selected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) studies = dcm_items(d, DCM_TAG(0x0040, 0xA375));
  *ret_n = 0;
  collect_selected(d, selected, 0);
  for (guint i = 0; i < studies->len; i++) {
    g_autofree char *study = dcm_uid(studies->pdata[i], DCM_TAG(0x0020, 0x000D));
    g_autoptr(GPtrArray) series = dcm_items(studies->pdata[i], DCM_TAG(0x0008, 0x1115));
    for (guint k = 0; k < series->len; k++)
      add_series(list, series->pdata[k], study, reason, selected, ret_n);
  }
  return list;
}
