/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "xmldoc.h"

struct XdRecord {
  const char *name;
  GArray *fields; /* itv_field; the keys are literals */
  GStringChunk *texts;
};

XdRecord *
xd_record_new(const char *name)
{
  XdRecord *record = g_new0(XdRecord, 1);
  record->name = name;
  record->fields = g_array_new(FALSE, TRUE, sizeof(itv_field));
  record->texts = g_string_chunk_new(256);
  return record;
}

void
xd_record_free(XdRecord *record)
{
  if (!record)
    return;
  g_array_unref(record->fields);
  g_string_chunk_free(record->texts);
  g_free(record);
}

void
xd_record_any(XdRecord *record, const char *key, const char *text, gsize max)
{
  gsize n = strlen(text);
  if (n > max) {
    n = max;
    while (n > 0 && ((guchar)text[n] & 0xC0) == 0x80)
      n--;
  }
  itv_field field = ITV_STR(key, g_string_chunk_insert_len(record->texts, text, (gssize)n));
  g_array_append_val(record->fields, field);
}

void
xd_record_text(XdRecord *record, const char *key, const char *text, gsize max)
{
  if (text && *text)
    xd_record_any(record, key, text, max);
}

void
xd_record_take(XdRecord *record, const char *key, char *text)
{
  xd_record_text(record, key, text, XD_TEXT_MAX);
  g_free(text);
}

void
xd_record_f64(XdRecord *record, const char *key, double value, const char *unit)
{
  itv_field field = ITV_F64(key, value, unit);
  if (isfinite(value))
    g_array_append_val(record->fields, field);
}

void
xd_record_i64(XdRecord *record, const char *key, gint64 value, const char *unit)
{
  itv_field field = ITV_I64(key, value, unit);
  g_array_append_val(record->fields, field);
}

itv_status
xd_record_emit(const XdRecord *record, const itv_sink *sink)
{
  return sink->emit(sink, record->name, (const itv_field *)(const void *)record->fields->data,
                    record->fields->len);
}
