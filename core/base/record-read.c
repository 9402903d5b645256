/* SPDX-License-Identifier: Apache-2.0 */
#include "base/record-read.h"

#include <math.h>
#include <string.h>

typedef struct {
  const char *at, *end;
  char *out; /* decoded strings, one after the other */
} Reader;

static gboolean
take(Reader *r, char wanted)
{
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\n'))
    r->at++;
  if (r->at >= r->end || *r->at != wanted)
    return FALSE;
  r->at++;
  return TRUE;
}

static gboolean
hex4(Reader *r, gunichar *ret)
{
  gunichar value = 0;
  if (r->end - r->at < 4)
    return FALSE;
  for (int i = 0; i < 4; i++) {
    const int digit = g_ascii_xdigit_value(*r->at++);
    if (digit < 0)
      return FALSE;
    value = value * 16 + (gunichar)digit;
  }
  *ret = value;
  return TRUE;
}

/* What follows a backslash.  Surrogates are left to the JSON reader. */
static gboolean
escaped(Reader *r)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  gunichar c = 0;
  if (r->at >= r->end)
    return FALSE;
  const char *known = memchr(from, *r->at, sizeof from - 1);
  if (known) {
    *r->out++ = to[known - from];
    r->at++;
    return TRUE;
  }
  if (*r->at++ != 'u' || !hex4(r, &c) || c == 0 || (c >= 0xD800 && c < 0xE000))
    return FALSE;
  r->out += g_unichar_to_utf8(c, r->out); /* at most 3 bytes in place of 6 */
  return TRUE;
}

static const char *
string(Reader *r)
{
  if (!take(r, '"'))
    return NULL;
  const char *start = r->out;
  while (r->at < r->end && *r->at != '"') {
    const char c = *r->at++;
    if (c == '\\') {
      if (!escaped(r))
        return NULL;
    } else if ((guchar)c < 0x20) {
      return NULL;
    } else {
      *r->out++ = c;
    }
  }
  if (r->at >= r->end)
    return NULL;
  r->at++;
  *r->out++ = 0;
  return start;
}

static gsize
digits(Reader *r)
{
  const char *start = r->at;
  while (r->at < r->end && g_ascii_isdigit(*r->at))
    r->at++;
  return (gsize)(r->at - start);
}

/* As JSON writes it; without point and exponent it is whole. */
static gboolean
number(Reader *r, itv_field *field)
{
  char text[64];
  const char *start = r->at;
  gboolean whole = TRUE;
  if (r->at < r->end && *r->at == '-')
    r->at++;
  const char *first = r->at;
  const gsize n = digits(r);
  if (n == 0 || (n > 1 && *first == '0'))
    return FALSE;
  if (r->at < r->end && *r->at == '.') {
    whole = FALSE;
    r->at++;
    if (digits(r) == 0)
      return FALSE;
  }
  if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
    whole = FALSE;
    r->at++;
    if (r->at < r->end && (*r->at == '+' || *r->at == '-'))
      r->at++;
    if (digits(r) == 0)
      return FALSE;
  }
  const gsize length = (gsize)(r->at - start);
  if (length >= sizeof text || (whole && n > 18))
    return FALSE;
  memcpy(text, start, length);
  text[length] = 0;
  field->type = whole ? ITV_T_I64 : ITV_T_F64;
  if (whole)
    field->v.i64 = g_ascii_strtoll(text, NULL, 10);
  else
    field->v.f64 = g_ascii_strtod(text, NULL);
  return whole || isfinite(field->v.f64);
}

static gboolean
read_field(Reader *r, itv_field *field)
{
  *field = (itv_field){0};
  if (!take(r, '[') || !(field->key = string(r)) || !take(r, ','))
    return FALSE;
  if (r->at < r->end && *r->at == '"') {
    field->type = ITV_T_STR;
    if (!(field->v.str = string(r)))
      return FALSE;
  } else if (!number(r, field)) {
    return FALSE;
  }
  if (take(r, ',') && !(field->unit = string(r)))
    return FALSE;
  return take(r, ']');
}

static gboolean
read_record(Reader *r, ItvRecords *records, GArray *fields)
{
  const char *name = NULL;
  g_array_set_size(fields, 0);
  if (!take(r, '[') || !(name = string(r)))
    return FALSE;
  while (take(r, ',')) {
    itv_field field;
    if (!read_field(r, &field))
      return FALSE;
    g_array_append_val(fields, field);
  }
  if (!take(r, ']'))
    return FALSE;
  itv_records_add(records, name, (const itv_field *)fields->data, fields->len);
  return TRUE;
}

ItvRecords *
itv_records_read_canonical(const char *json, gsize length)
{
  if (!g_utf8_validate_len(json, length, NULL))
    return NULL;
  /* A string is never longer decoded than quoted: its end takes a quote's place. */
  g_autofree char *decoded = g_malloc(length + 1);
  g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(itv_field));
  g_autoptr(ItvRecords) records = itv_records_new();
  Reader r = {json, json + length, decoded};
  if (!take(&r, '['))
    return NULL;
  if (!take(&r, ']')) {
    do
      if (!read_record(&r, records, fields))
        return NULL;
    while (take(&r, ','));
    if (!take(&r, ']'))
      return NULL;
  }
  while (r.at < r.end && (*r.at == ' ' || *r.at == '\n'))
    r.at++;
  return r.at == r.end ? g_steal_pointer(&records) : NULL;
}
