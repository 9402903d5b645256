/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir-record.h"

#include <string.h>

enum { MAX_NOTES = 32, MAX_NOTE_BYTES = 2000 };

static void
free_record(gpointer data)
{
  Record *r = data;
  g_array_unref(r->fields);
  g_free(r);
}

Unit *
unit_new(void)
{
  Unit *u = g_new0(Unit, 1);
  u->records = g_ptr_array_new_with_free_func(free_record);
  u->notes = g_ptr_array_new_with_free_func(g_free);
  u->texts = g_string_chunk_new(1024);
  return u;
}

void
unit_free(Unit *u)
{
  if (!u)
    return;
  g_ptr_array_unref(u->records);
  g_ptr_array_unref(u->notes);
  g_string_chunk_free(u->texts);
  g_free(u->rejected);
  g_free(u->known);
  g_free(u);
}

Record *
unit_add(Unit *u, const char *name)
{
  Record *r = g_new0(Record, 1);
  r->name = name;
  r->fields = g_array_new(FALSE, TRUE, sizeof(itv_field));
  g_ptr_array_add(u->records, r);
  return r;
}

static gsize
cut_at_character(const char *text, gsize n)
{
  while (n > 0 && ((guchar)text[n] & 0xC0) == 0x80)
    n--;
  return n;
}

/* One line, of a length that a record may have. */
static char *
sentence(const char *format, va_list args)
{
  char *text = g_strdup_vprintf(format, args);
  if (strlen(text) > MAX_NOTE_BYTES)
    text[cut_at_character(text, MAX_NOTE_BYTES)] = 0;
  for (char *p = text; *p; p++)
    if (*p == '\n' || *p == '\r')
      *p = ' ';
  if (g_utf8_validate(text, -1, NULL))
    return text;
  char *valid = g_utf8_make_valid(text, -1);
  g_free(text);
  return valid;
}

void
unit_note(Unit *u, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  char *text = sentence(format, args);
  va_end(args);
  if (g_ptr_array_find_with_equal_func(u->notes, text, g_str_equal, NULL)) {
    g_free(text);
  } else if (u->notes->len < MAX_NOTES) {
    g_ptr_array_add(u->notes, text);
  } else {
    u->more_notes++;
    g_free(text);
  }
}

void
unit_reject(Unit *u, const char *format, ...)
{
  if (u->rejected)
    return;
  va_list args;
  va_start(args, format);
  u->rejected = sentence(format, args);
  va_end(args);
}

void
record_text(Unit *u, Record *r, const char *key, const char *value, gsize max)
{
  gsize n = strlen(value);
  if (n > max) {
    unit_note(u, "%s is %zu bytes long and was cut to %zu", key, n, max);
    n = cut_at_character(value, max);
  }
  const itv_field field = ITV_STR(key, g_string_chunk_insert_len(u->texts, value, (gssize)n));
  g_array_append_val(r->fields, field);
}

void
record_str(Unit *u, Record *r, const char *key, const char *value, gsize max)
{
  if (value && *value)
    record_text(u, r, key, value, max);
}

void
record_i64(Record *r, const char *key, gint64 value, const char *unit_code)
{
  const itv_field field = ITV_I64(key, value, unit_code);
  g_array_append_val(r->fields, field);
}

void
record_f64(Record *r, const char *key, double value, const char *unit_code)
{
  const itv_field field = ITV_F64(key, value, unit_code);
  g_array_append_val(r->fields, field);
}
