/* SPDX-License-Identifier: Apache-2.0 */
#include "base/record.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/record-read.h"

struct ItvRecords {
  gatomicrefcount refs;
  GPtrArray *records; /* itv_record, in order */
  GPtrArray *blocks;  /* one for each record of our own: it, its fields and its strings */
  GPtrArray *lenders; /* ItvRecords that own the others; NULL when there are none */
};

ItvRecords *
itv_records_new(void)
{
  ItvRecords *r = g_new0(ItvRecords, 1);
  g_atomic_ref_count_init(&r->refs);
  r->records = g_ptr_array_new();
  r->blocks = g_ptr_array_new_with_free_func(g_free);
  return r;
}

ItvRecords *
itv_records_ref(ItvRecords *records)
{
  g_atomic_ref_count_inc(&records->refs);
  return records;
}

void
itv_records_unref(ItvRecords *records)
{
  if (!records || !g_atomic_ref_count_dec(&records->refs))
    return;
  g_ptr_array_unref(records->records);
  g_ptr_array_unref(records->blocks);
  if (records->lenders)
    g_ptr_array_unref(records->lenders);
  g_free(records);
}

static gsize
size_of_strings(const char *name, const itv_field *fields, gsize n_fields)
{
  gsize size = strlen(name) + 1;
  for (gsize i = 0; i < n_fields; i++) {
    size += strlen(fields[i].key) + 1;
    size += fields[i].unit ? strlen(fields[i].unit) + 1 : 0;
    size += fields[i].type == ITV_T_STR ? strlen(fields[i].v.str) + 1 : 0;
  }
  return size;
}

static const char *
put(char **at, const char *string)
{
  const gsize n = strlen(string) + 1;
  char *copy = memcpy(*at, string, n);
  *at += n;
  return copy;
}

void
itv_records_add(ItvRecords *records, const char *name, const itv_field *fields, gsize n_fields)
{
  const gsize head = sizeof(itv_record) + n_fields * sizeof(itv_field);
  char *block = g_malloc(head + size_of_strings(name, fields, n_fields));
  itv_record *record = (itv_record *)(void *)block;
  itv_field *copy = (itv_field *)(void *)(block + sizeof(itv_record));
  char *at = block + head;
  for (gsize i = 0; i < n_fields; i++) {
    copy[i] = fields[i];
    copy[i].key = put(&at, fields[i].key);
    copy[i].unit = fields[i].unit ? put(&at, fields[i].unit) : NULL;
    if (fields[i].type == ITV_T_STR)
      copy[i].v.str = put(&at, fields[i].v.str);
  }
  *record = (itv_record){put(&at, name), copy, n_fields};
  g_ptr_array_add(records->blocks, block);
  g_ptr_array_add(records->records, record);
}

void
itv_records_share(ItvRecords *records, ItvRecords *from, gsize i)
{
  if (!records->lenders)
    records->lenders = g_ptr_array_new_with_free_func((GDestroyNotify)itv_records_unref);
  if (records->lenders->len == 0 ||
      records->lenders->pdata[records->lenders->len - 1] != (gpointer)from)
    g_ptr_array_add(records->lenders, itv_records_ref(from));
  g_ptr_array_add(records->records, from->records->pdata[i]);
}

gsize
itv_records_length(const ItvRecords *records)
{
  return records->records->len;
}

const itv_record *
itv_records_get(const ItvRecords *records, gsize i)
{
  return i < records->records->len ? records->records->pdata[i] : NULL;
}

const itv_record *
itv_records_find(const ItvRecords *records, const char *name, gsize n)
{
  for (guint i = 0; i < records->records->len; i++) {
    const itv_record *record = records->records->pdata[i];
    if (strcmp(record->name, name) == 0 && n-- == 0)
      return record;
  }
  return NULL;
}

/* The few digits that most numbers in a header have: the double next to a decimal of at most 15
 * digits is that decimal's quotient, which a division of two exact numbers rounds right. */
static gboolean
append_short(GString *out, double x)
{
  static const double powers[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7};
  const double size = fabs(x);
  if (!(size >= 1e-3 && size < 1e7) && x != 0)
    return FALSE;
  for (guint k = 0; k < G_N_ELEMENTS(powers); k++) {
    const double scaled = nearbyint(x * powers[k]);
    if (scaled / powers[k] != x)
      continue;
    if (signbit(x))
      g_string_append_c(out, '-');
    const guint64 digits = (guint64)fabs(scaled), unit = (guint64)powers[k];
    char buf[48];
    const int n = k == 0 ? g_snprintf(buf, sizeof buf, "%" G_GUINT64_FORMAT ".0", digits)
                         : g_snprintf(buf, sizeof buf, "%" G_GUINT64_FORMAT ".%0*" G_GUINT64_FORMAT,
                                      digits / unit, (int)k, digits % unit);
    g_string_append_len(out, buf, n);
    return TRUE;
  }
  return FALSE;
}

/* An integer stays an integer and a double a double on the way back. */
static void
append_number(GString *out, const itv_field *f)
{
  if (f->type == ITV_T_I64) {
    char digits[24];
    g_snprintf(digits, sizeof digits, "%" G_GINT64_FORMAT, f->v.i64);
    g_string_append(out, digits);
    return;
  }
  if (append_short(out, f->v.f64))
    return;
  char buf[G_ASCII_DTOSTR_BUF_SIZE];
  for (int digits = 15; digits <= 17; digits++) {
    char format[8];
    g_snprintf(format, sizeof format, "%%.%dg", digits);
    g_ascii_formatd(buf, sizeof buf, format, f->v.f64);
    if (g_ascii_strtod(buf, NULL) == f->v.f64)
      break;
  }
  g_string_append(out, buf);
  if (!strpbrk(buf, ".en"))
    g_string_append(out, ".0");
}

char *
itv_records_to_json(const ItvRecords *records)
{
  GString *out = g_string_sized_new(4096);
  g_string_append_c(out, '[');
  for (guint i = 0; i < records->records->len; i++) {
    const itv_record *record = records->records->pdata[i];
    g_string_append(out, i ? ",\n[" : "[");
    itv_json_append_string(out, record->name);
    for (gsize k = 0; k < record->n_fields; k++) {
      const itv_field *f = &record->fields[k];
      g_string_append(out, ",[");
      itv_json_append_string(out, f->key);
      g_string_append_c(out, ',');
      if (f->type == ITV_T_STR)
        itv_json_append_string(out, f->v.str);
      else
        append_number(out, f);
      if (f->unit) {
        g_string_append_c(out, ',');
        itv_json_append_string(out, f->unit);
      }
      g_string_append_c(out, ']');
    }
    g_string_append_c(out, ']');
  }
  g_string_append_c(out, ']');
  return g_string_free(out, FALSE);
}

static gboolean
read_field(json_object *o, itv_field *ret)
{
  const gsize n = json_object_is_type(o, json_type_array) ? json_object_array_length(o) : 0;
  if (n < 2 || n > 3)
    return FALSE;
  json_object *value = json_object_array_get_idx(o, 1);
  *ret = (itv_field){.key = json_object_get_string(json_object_array_get_idx(o, 0))};
  if (n == 3)
    ret->unit = json_object_get_string(json_object_array_get_idx(o, 2));
  switch (json_object_get_type(value)) {
  case json_type_int:
    ret->type = ITV_T_I64;
    ret->v.i64 = json_object_get_int64(value);
    break;
  case json_type_double:
    ret->type = ITV_T_F64;
    ret->v.f64 = json_object_get_double(value);
    break;
  case json_type_string:
    ret->type = ITV_T_STR;
    ret->v.str = json_object_get_string(value);
    break;
  default:
    return FALSE;
  }
  return ret->key != NULL;
}

static gboolean
read_record(ItvRecords *records, json_object *o)
{
  const gsize n = json_object_is_type(o, json_type_array) ? json_object_array_length(o) : 0;
  if (n < 1)
    return FALSE;
  g_autofree itv_field *fields = g_new0(itv_field, n);
  for (gsize i = 1; i < n; i++)
    if (!read_field(json_object_array_get_idx(o, i), &fields[i - 1]))
      return FALSE;
  const char *name = json_object_get_string(json_object_array_get_idx(o, 0));
  if (!name)
    return FALSE;
  itv_records_add(records, name, fields, n - 1);
  return TRUE;
}

ItvRecords *
itv_records_from_json(const char *json, gssize length, GError **error)
{
  ItvRecords *canonical =
      itv_records_read_canonical(json, length < 0 ? strlen(json) : (gsize)length);
  if (canonical)
    return canonical;
  g_autoptr(json_object) root = itv_json_parse(json, length, error);
  if (!root)
    return NULL;
  if (!json_object_is_type(root, json_type_array)) {
    itv_fail(error, ITV_ERROR_DATABASE, "expected a list of records: [[\"NAME\", ...], ...]");
    return NULL;
  }
  g_autoptr(ItvRecords) records = itv_records_new();
  const gsize n = json_object_array_length(root);
  for (gsize i = 0; i < n; i++)
    if (!read_record(records, json_object_array_get_idx(root, i))) {
      itv_fail(error, ITV_ERROR_DATABASE,
               "record %zu is malformed: expected [\"NAME\", [\"KEY\", VALUE] or "
               "[\"KEY\", VALUE, \"UNIT\"], ...]",
               i + 1);
      return NULL;
    }
  return g_steal_pointer(&records);
}
