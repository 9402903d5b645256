/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "record.h"

struct DraftRecord {
  const char *name;
  GArray *fields; /* itv_field; the keys are literals */
  GStringChunk *texts;
};

DraftRecord *
draft_record_new(const char *name)
{
  DraftRecord *record = g_new0(DraftRecord, 1);
  record->name = name;
  record->fields = g_array_new(FALSE, TRUE, sizeof(itv_field));
  record->texts = g_string_chunk_new(256);
  return record;
}

void
draft_record_free(DraftRecord *record)
{
  if (!record)
    return;
  g_array_unref(record->fields);
  g_string_chunk_free(record->texts);
  g_free(record);
}

void
draft_record_any(DraftRecord *record, const char *key, const char *text, gsize max)
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
draft_record_text(DraftRecord *record, const char *key, const char *text, gsize max)
{
  if (text && *text)
    draft_record_any(record, key, text, max);
}

void
draft_record_take(DraftRecord *record, const char *key, char *text)
{
  draft_record_text(record, key, text, DRAFT_TEXT_MAX);
  g_free(text);
}

void
draft_record_f64(DraftRecord *record, const char *key, double value, const char *unit)
{
  itv_field field = ITV_F64(key, value, unit);
  if (isfinite(value))
    g_array_append_val(record->fields, field);
}

void
draft_record_i64(DraftRecord *record, const char *key, gint64 value, const char *unit)
{
  itv_field field = ITV_I64(key, value, unit);
  g_array_append_val(record->fields, field);
}

itv_status
draft_record_emit(const DraftRecord *record, const itv_sink *sink)
{
  return sink->emit(sink, record->name, (const itv_field *)(const void *)record->fields->data,
                    record->fields->len);
}
