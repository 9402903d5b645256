/* SPDX-License-Identifier: Apache-2.0 */
#include "structure.h"

#include <string.h>

#include "record.h"
#include "values.h"

#define MAX_NOTES 40u

void
dcm_subject_free(DcmSubject *subject)
{
  if (!subject)
    return;
  g_free(subject->study);
  g_free(subject->series);
  g_free(subject->date);
  g_free(subject->observer);
  g_free(subject);
}

static char *
first_series(const DcmDataset *d)
{
  g_autoptr(DcmDataset) series = dcm_item(d, DCM_TAG(0x0008, 0x1115));
  return series ? dcm_uid(series, DCM_TAG(0x0020, 0x000E)) : NULL;
}

/* A structure set names study and series of the images below its frame of reference. */
static void
take_rt_reference(const DcmDataset *d, char **ret_study, char **ret_series)
{
  g_autoptr(DcmDataset) frame = dcm_item(d, DCM_TAG(0x3006, 0x0010));
  g_autoptr(DcmDataset) study = frame ? dcm_item(frame, DCM_TAG(0x3006, 0x0012)) : NULL;
  g_autoptr(DcmDataset) series = study ? dcm_item(study, DCM_TAG(0x3006, 0x0014)) : NULL;
  if (study)
    *ret_study = dcm_uid(study, DCM_TAG(0x0008, 0x1155));
  if (series)
    *ret_series = dcm_uid(series, DCM_TAG(0x0020, 0x000E));
}

DcmSubject *
dcm_subject_new(const DcmDataset *d)
{
  DcmSubject *s = g_new0(DcmSubject, 1);
  g_autofree char *own = dcm_uid(d, DCM_TAG(0x0020, 0x000D));
  s->series = first_series(d);
  if (!s->series)
    take_rt_reference(d, &s->study, &s->series);
  g_autoptr(DcmDataset) other = s->series ? NULL : dcm_item(d, DCM_TAG(0x0008, 0x1200));
  if (other) {
    s->study = dcm_uid(other, DCM_TAG(0x0020, 0x000D));
    s->series = first_series(other);
  }
  if (!s->study)
    s->study = g_strdup(own);
  if (g_strcmp0(s->study, own) == 0)
    s->date = dcm_datetime(d, DCM_TAG(0x0008, 0x0020), DCM_TAG(0x0008, 0x0030));
  s->observer = dcm_person(d, DCM_TAG(0x0070, 0x0084));
  if (!s->observer)
    s->observer = dcm_person(d, DCM_TAG(0x0008, 0x1070));
  return s;
}

void
dcm_structure_clear(DcmStructure *s)
{
  g_clear_pointer(&s->tracking_uid, g_free);
  g_clear_pointer(&s->tracking_id, g_free);
  g_clear_pointer(&s->finding, g_free);
  g_clear_pointer(&s->site, g_free);
  g_clear_pointer(&s->method, g_free);
  g_clear_pointer(&s->image, g_free);
}

gboolean
dcm_structure_is_generic(const char *name)
{
  static const char *const stems[] = {"segment", "seg", "label", "roi", "contour", "structure"};
  g_autofree char *low = g_ascii_strdown(name, -1);
  g_strdelimit(low, "_-#.", ' ');
  for (gsize i = 0; i < G_N_ELEMENTS(stems); i++)
    if (g_str_has_prefix(low, stems[i]) &&
        strspn(low + strlen(stems[i]), " 0123456789") == strlen(low + strlen(stems[i])))
      return TRUE;
  return FALSE;
}

static DraftRecord *
begin(const DcmStructure *s, const DcmSubject *subject, const char *measure, double value,
      const char *unit)
{
  DraftRecord *m = draft_record_new("interval.measurement/1");
  draft_record_text(m, "measure", measure, DRAFT_TEXT_MAX);
  draft_record_f64(m, "value", value, unit);
  draft_record_text(m, "date", subject->date, DRAFT_TEXT_MAX);
  draft_record_text(m, "study-uid", subject->study, 64);
  draft_record_text(m, "series-uid", subject->series, 64);
  draft_record_text(m, "sop-uid", s->image, 64);
  draft_record_text(m, "tracking-uid", s->tracking_uid, 64);
  draft_record_text(m, "tracking-id", s->tracking_id, DRAFT_TEXT_MAX);
  draft_record_text(m, "finding", s->finding, DRAFT_TEXT_MAX);
  draft_record_text(m, "site", s->site, DRAFT_TEXT_MAX);
  draft_record_text(m, "laterality", s->laterality, DRAFT_TEXT_MAX);
  draft_record_text(m, "observer", subject->observer, DRAFT_TEXT_MAX);
  draft_record_text(m, "method", s->method, DRAFT_TEXT_MAX);
  if (s->thickness_mm > 0)
    draft_record_f64(m, "slice-thickness", s->thickness_mm, "mm");
  if (s->spacing_mm > 0)
    draft_record_f64(m, "pixel-spacing", s->spacing_mm, "mm");
  for (int i = 0; s->extent_mm[0] > 0 && i < 3; i++)
    draft_record_f64(m, "extent", s->extent_mm[i], "mm");
  return m;
}

static itv_status
emit_value(const DcmStructure *s, const DcmSubject *subject, const char *measure, double value,
           const char *unit, const itv_sink *out)
{
  g_autoptr(DraftRecord) m = begin(s, subject, measure, value, unit);
  for (int i = 0; s->long_axis_mm > 0 && i < 6; i++)
    draft_record_f64(m, "point", s->ends_mm[i], "mm");
  return draft_record_emit(m, out);
}

itv_status
dcm_structure_emit(const DcmStructure *s, const DcmSubject *subject, const itv_sink *out)
{
  itv_status status = ITV_OK;
  if (s->volume_mm3 >= 0)
    status = emit_value(s, subject, "volume", s->volume_mm3, "mm3", out);
  if (status == ITV_OK && s->area_mm2 >= 0)
    status = emit_value(s, subject, "area", s->area_mm2, "mm2", out);
  if (status == ITV_OK && s->long_axis_mm > 0)
    status = emit_value(s, subject, "long-axis", s->long_axis_mm, "mm", out);
  return status;
}

DcmStructures *
dcm_structures_new(const DcmDataset *dataset)
{
  DcmStructures *s = g_new0(DcmStructures, 1);
  s->structures = g_array_new(FALSE, TRUE, sizeof(DcmStructure));
  g_array_set_clear_func(s->structures, (GDestroyNotify)dcm_structure_clear);
  s->notes = g_ptr_array_new_with_free_func(g_free);
  s->subject = dcm_subject_new(dataset);
  return s;
}

void
dcm_structures_free(DcmStructures *s)
{
  if (!s)
    return;
  g_array_unref(s->structures);
  g_ptr_array_unref(s->notes);
  dcm_subject_free(s->subject);
  g_free(s);
}

void
dcm_structures_note(DcmStructures *s, const char *format, ...)
{
  va_list args;
  if (s->notes->len >= MAX_NOTES)
    return;
  va_start(args, format);
  g_ptr_array_add(s->notes, g_strdup_vprintf(format, args));
  va_end(args);
}

itv_status
dcm_structures_emit(const DcmStructures *s, const itv_sink *out)
{
  itv_status status = ITV_OK;
  for (guint i = 0; i < s->structures->len && status == ITV_OK; i++)
    status = dcm_structure_emit(&g_array_index(s->structures, DcmStructure, i), s->subject, out);
  return status;
}
