/* SPDX-License-Identifier: Apache-2.0 */
#include "base/record.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/record-read.h"

struct ItvRecords {
  gatomicrefcount refs;
  GStringChunk *strings; /* all keys, units and values */
  GPtrArray *records;    /* itv_record, owned */
};

static void
free_record(gpointer data)
{
  itv_record *record = data;
  g_free((gpointer)(guintptr)record->fields);
  g_free(record);
}

ItvRecords *
itv_records_new(void)
{
  ItvRecords *r = g_new0(ItvRecords, 1);
  g_atomic_ref_count_init(&r->refs);
  r->strings = g_string_chunk_new(1024);
  r->records = g_ptr_array_new_with_free_func(free_record);
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
  g_string_chunk_free(records->strings);
  g_free(records);
}

void
itv_records_add(ItvRecords *records, const char *name, const itv_field *fields, gsize n_fields)
{
  itv_record *record = g_new0(itv_record, 1);
  itv_field *copy = g_new0(itv_field, n_fields + 1);
  for (gsize i = 0; i < n_fields; i++) {
    copy[i] = fields[i];
    copy[i].key = g_string_chunk_insert_const(records->strings, fields[i].key);
    copy[i].unit =
        fields[i].unit ? g_string_chunk_insert_const(records->strings, fields[i].unit) : NULL;
    if (fields[i].type == ITV_T_STR)
      copy[i].v.str = g_string_chunk_insert(records->strings, fields[i].v.str);
  }
  record->name = g_string_chunk_insert_const(records->strings, name);
  record->fields = copy;
  record->n_fields = n_fields;
  g_ptr_array_add(records->records, record);
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

/* An integer stays an integer and a double a double on the way back. */
static void
append_number(GString *out, const itv_field *f)
{
  if (f->type == ITV_T_I64) {
    g_string_append_printf(out, "%" G_GINT64_FORMAT, f->v.i64);
    return;
  }
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
  GString *out = g_string_new("[");
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
