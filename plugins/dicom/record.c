/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <math.h>
#include <string.h>

struct DcmRecord {
  GArray *fields; /* itv_field; the keys are literals */
  GStringChunk *texts;
};

DcmRecord *
dcm_record_new(void)
{
  DcmRecord *record = g_new0(DcmRecord, 1);
  record->fields = g_array_new(FALSE, TRUE, sizeof(itv_field));
  record->texts = g_string_chunk_new(1024);
  return record;
}

void
dcm_record_free(DcmRecord *record)
{
  if (!record)
    return;
  g_array_unref(record->fields);
  g_string_chunk_free(record->texts);
  g_free(record);
}

void
dcm_record_text(DcmRecord *record, const char *key, const char *text, gsize max)
{
  gsize n = text ? strlen(text) : 0;
  if (n == 0)
    return;
  while (n > max) {
    n = max;
    while (n > 0 && ((guchar)text[n] & 0xC0) == 0x80)
      n--;
  }
  itv_field field = ITV_STR(key, g_string_chunk_insert_len(record->texts, text, (gssize)n));
  g_array_append_val(record->fields, field);
}

void
dcm_record_take(DcmRecord *record, const char *key, char *text)
{
  dcm_record_text(record, key, text, DCM_TEXT_MAX);
  g_free(text);
}

void
dcm_record_f64(DcmRecord *record, const char *key, double value, const char *unit)
{
  itv_field field = ITV_F64(key, value, unit);
  if (isfinite(value))
    g_array_append_val(record->fields, field);
}

void
dcm_record_i64(DcmRecord *record, const char *key, gint64 value, const char *unit)
{
  itv_field field = ITV_I64(key, value, unit);
  g_array_append_val(record->fields, field);
}

itv_status
dcm_record_emit(DcmRecord *record, const itv_sink *sink, const char *name)
{
  return sink->emit(sink, name, (const itv_field *)(const void *)record->fields->data,
                    record->fields->len);
}
