/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/schema.h"

#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/error.h"
#include "base/xml.h"

#define DEFAULT_MAX_LENGTH 1024
#define SHOWN 60 /* characters of a bad value that a message repeats */

typedef enum { T_STRING, T_CODE, T_DATE, T_DATETIME, T_PERIOD, T_UID, T_I64, T_F64 } Type;
static const char *const type_names[] = {"string", "code", "date", "datetime",
                                         "period", "uid",  "i64",  "f64"};
/* What a plugin's author is told to emit. */
static const char *const type_hints[] = {
    "a string",
    "a code",
    "a date (2024, 2024-02 or 2024-02-29)",
    "a date or local time (2024-02-29T23:10:05)",
    "an ISO 8601 period (P6M, P2W)",
    "a DICOM UID (digits and dots, at most 64)",
    "an integer (ITV_I64)",
    "a number (ITV_F64)",
};

typedef struct {
  char *key;
  Type type;
  guint index;       /* in its record, for counting */
  GHashTable *codes; /* borrowed; of T_CODE */
  char *codes_name;
  char **units; /* empty: the field bears none */
  double min, max;
  gsize max_length;
  gboolean required, repeat;
} Field;

typedef struct {
  char *name;
  char **from;
  GHashTable *fields; /* key -> Field, owned */
  GPtrArray *order;   /* Field */
} Record;

struct ItvSchema {
  GHashTable *codes;   /* name -> set of values */
  GHashTable *records; /* name -> Record */
};

static void
free_field(gpointer data)
{
  Field *f = data;
  g_free(f->key);
  g_free(f->codes_name);
  g_strfreev(f->units);
  g_free(f);
}

static void
free_record(gpointer data)
{
  Record *r = data;
  g_free(r->name);
  g_strfreev(r->from);
  g_hash_table_unref(r->fields);
  g_ptr_array_unref(r->order);
  g_free(r);
}

void
itv_schema_free(ItvSchema *schema)
{
  if (!schema)
    return;
  g_hash_table_unref(schema->codes);
  g_hash_table_unref(schema->records);
  g_free(schema);
}

/* ---- loading ------------------------------------------------------------ */

static char **
words(const char *text)
{
  g_auto(GStrv) parts = g_strsplit_set(text, " \t\r\n", -1);
  GPtrArray *out = g_ptr_array_new();
  for (guint i = 0; parts[i]; i++)
    if (*parts[i])
      g_ptr_array_add(out, g_strdup(parts[i]));
  g_ptr_array_add(out, NULL);
  return (char **)g_ptr_array_free(out, FALSE);
}

static void
read_codes(ItvSchema *schema, const ItvXml *xml)
{
  GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_auto(GStrv) values = words(xml->text);
  for (guint i = 0; values[i]; i++)
    g_hash_table_add(set, g_strdup(values[i]));
  g_hash_table_insert(schema->codes, g_strdup(itv_xml_attr(xml, "name", "")), set);
}

static Type
read_type(const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS(type_names); i++)
    if (strcmp(type_names[i], name) == 0)
      return (Type)i;
  return T_STRING;
}

static gboolean
attr_is_true(const ItvXml *xml, const char *name)
{
  const char *v = itv_xml_attr(xml, name, "false");
  return strcmp(v, "true") == 0 || strcmp(v, "1") == 0;
}

static gboolean
read_field(ItvSchema *schema, Record *record, const ItvXml *xml, const char *path, GError **error)
{
  Field *f = g_new0(Field, 1);
  f->key = g_strdup(itv_xml_attr(xml, "key", ""));
  f->type = read_type(itv_xml_attr(xml, "type", ""));
  f->index = record->order->len;
  f->units = words(itv_xml_attr(xml, "unit", ""));
  f->min = g_ascii_strtod(itv_xml_attr(xml, "min", "-inf"), NULL);
  f->max = g_ascii_strtod(itv_xml_attr(xml, "max", "inf"), NULL);
  f->max_length = (gsize)DEFAULT_MAX_LENGTH;
  const char *max_length = itv_xml_attr(xml, "max-length", NULL);
  if (max_length)
    f->max_length = g_ascii_strtoull(max_length, NULL, 10);
  f->required = attr_is_true(xml, "required");
  f->repeat = attr_is_true(xml, "repeat");
  g_hash_table_insert(record->fields, f->key, f);
  g_ptr_array_add(record->order, f);
  if (f->type != T_CODE)
    return TRUE;
  f->codes_name = g_strdup(itv_xml_attr(xml, "codes", ""));
  f->codes = g_hash_table_lookup(schema->codes, f->codes_name);
  if (!f->codes)
    return itv_fail(error, ITV_ERROR_CONFIG,
                    "%s:%d: field \"%s\" is a code, but there is no vocabulary \"%s\"", path,
                    xml->line, f->key, f->codes_name);
  return TRUE;
}

static gboolean
read_record(ItvSchema *schema, const ItvXml *xml, const char *path, GError **error)
{
  Record *r = g_new0(Record, 1);
  r->name = g_strdup(itv_xml_attr(xml, "name", ""));
  r->from = words(itv_xml_attr(xml, "from", ""));
  r->fields = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_field);
  r->order = g_ptr_array_new();
  g_hash_table_insert(schema->records, r->name, r);
  for (guint i = 0; i < xml->children->len; i++)
    if (!read_field(schema, r, xml->children->pdata[i], path, error))
      return FALSE;
  return TRUE;
}

ItvSchema *
itv_schema_load(const char *path, const char *xsd_path, GError **error)
{
  g_autoptr(ItvXml) root = itv_xml_read(path, xsd_path, error);
  if (!root)
    return NULL;
  g_autoptr(ItvSchema) schema = g_new0(ItvSchema, 1);
  schema->codes =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
  schema->records = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_record);
  for (guint i = 0; i < root->children->len; i++) {
    const ItvXml *c = root->children->pdata[i];
    if (strcmp(c->name, "codes") == 0)
      read_codes(schema, c);
    else if (!read_record(schema, c, path, error))
      return NULL;
  }
  return g_steal_pointer(&schema);
}

/* ---- checking ----------------------------------------------------------- */

/* A value as a message may repeat it: valid UTF-8, short, no control characters. */
static char *
shown(const char *text)
{
  g_autofree char *valid = g_utf8_make_valid(text, (gssize)strnlen(text, (gsize)SHOWN * 4));
  char *end = g_utf8_strlen(valid, -1) > SHOWN ? g_utf8_offset_to_pointer(valid, SHOWN) : NULL;
  if (end)
    *end = 0;
  for (char *c = valid; *c; c++)
    if (g_ascii_iscntrl(*c))
      *c = ' ';
  return g_strdup_printf("\"%s%s\"", valid, end ? "..." : "");
}

static gboolean
is_uid(const char *s)
{
  const gsize n = strlen(s);
  if (n == 0 || n > 64)
    return FALSE;
  for (gsize i = 0; i < n; i++) {
    const gboolean at_start = i == 0 || s[i - 1] == '.';
    if (s[i] == '.' ? at_start || i + 1 == n : !g_ascii_isdigit(s[i]))
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_date(const char *s)
{
  ItvDate date;
  const gsize n = strlen(s);
  return (n == 4 || n == 7 || n == 10) && itv_date_parse(s, &date);
}

static gboolean
is_datetime(const char *s)
{
  ItvMoment moment;
  return is_date(s) || (strlen(s) > 10 && itv_moment_parse(s, &moment));
}

static gboolean
is_period(const char *s)
{
  ItvPeriod period;
  return itv_period_parse(s, &period);
}

/* NULL, or what was expected (owned). */
static char *
string_problem(const Field *f, const char *s)
{
  if (strlen(s) > f->max_length)
    return g_strdup_printf("at most %zu bytes", f->max_length);
  if (!g_utf8_validate(s, -1, NULL))
    return g_strdup("valid UTF-8");
  gboolean good = TRUE;
  if (f->type == T_CODE && !g_hash_table_contains(f->codes, s))
    return g_strdup_printf("a code of \"%s\" (schemas/records.xml)", f->codes_name);
  if (f->type == T_DATE)
    good = is_date(s);
  else if (f->type == T_DATETIME)
    good = is_datetime(s);
  else if (f->type == T_PERIOD)
    good = is_period(s);
  else if (f->type == T_UID)
    good = is_uid(s);
  return good ? NULL : g_strdup(type_hints[f->type]);
}

static char *
unit_problem(const Field *f, const char *unit)
{
  if (!unit && !f->units[0])
    return NULL;
  if (unit && g_strv_contains((const char *const *)f->units, unit))
    return NULL;
  if (!f->units[0])
    return g_strdup("no unit");
  g_autofree char *list = g_strjoinv(", ", f->units);
  g_autofree char *had = unit ? shown(unit) : g_strdup("none");
  return g_strdup_printf("unit %s%s, not %s", f->units[1] ? "one of " : "", list, had);
}

static char *
range_problem(const Field *f, double x)
{
  if (x >= f->min && x <= f->max)
    return NULL;
  if (isinf(f->max))
    return g_strdup_printf("at least %g", f->min);
  if (isinf(f->min))
    return g_strdup_printf("at most %g", f->max);
  return g_strdup_printf("%g to %g", f->min, f->max);
}

static char *
number_problem(const Field *f, const itv_field *v)
{
  const gboolean is_f64 = f->type == T_F64;
  if (v->type != (is_f64 ? ITV_T_F64 : ITV_T_I64))
    return g_strdup(type_hints[f->type]);
  if (is_f64 && !isfinite(v->v.f64))
    return g_strdup("a finite number");
  char *problem = unit_problem(f, v->unit);
  return problem ? problem : range_problem(f, is_f64 ? v->v.f64 : (double)v->v.i64);
}

static char *
value_problem(const Field *f, const itv_field *v)
{
  if (f->type == T_I64 || f->type == T_F64)
    return number_problem(f, v);
  if (v->type != ITV_T_STR)
    return g_strdup_printf("%s, as ITV_STR", type_hints[f->type]);
  if (!v->v.str)
    return g_strdup("a string, not NULL");
  char *problem = string_problem(f, v->v.str);
  return problem ? problem : unit_problem(f, v->unit);
}

static char *
shown_value(const itv_field *v)
{
  if (v->type == ITV_T_STR)
    return v->v.str ? shown(v->v.str) : g_strdup("NULL");
  if (v->type == ITV_T_I64)
    return g_strdup_printf("%" G_GINT64_FORMAT, v->v.i64);
  return g_strdup_printf("%g", v->v.f64);
}

static gboolean
check_field(const Record *r, const itv_field *v, guint *counts, GError **error)
{
  if (!v->key)
    return itv_fail(error, ITV_ERROR_PLUGIN, "record %s: a field has no key", r->name);
  const Field *f = g_hash_table_lookup(r->fields, v->key);
  if (!f) {
    g_autofree char *key = shown(v->key);
    return itv_fail(error, ITV_ERROR_PLUGIN, "record %s has no key %s (schemas/records.xml)",
                    r->name, key);
  }
  if (counts[f->index]++ > 0 && !f->repeat)
    return itv_fail(error, ITV_ERROR_PLUGIN, "record %s: key \"%s\" may occur only once", r->name,
                    f->key);
  g_autofree char *problem = value_problem(f, v);
  if (!problem)
    return TRUE;
  g_autofree char *value = shown_value(v);
  return itv_fail(error, ITV_ERROR_PLUGIN, "record %s: \"%s\" is %s, expected %s", r->name, f->key,
                  value, problem);
}

static gboolean
may_emit(const Record *r, const char *kind)
{
  for (guint i = 0; r->from[i]; i++) {
    /* "interval.importer/1" is the kind "importer" */
    const gsize n = strlen(r->from[i]);
    if (g_str_has_prefix(kind, "interval.") && strncmp(kind + 9, r->from[i], n) == 0 &&
        kind[9 + n] == '/')
      return TRUE;
  }
  return FALSE;
}

gboolean
itv_schema_check(const ItvSchema *schema, const itv_record *record, const char *from_kind,
                 GError **error)
{
  if (!record->name)
    return itv_fail(error, ITV_ERROR_PLUGIN, "a record has no name");
  const Record *r = g_hash_table_lookup(schema->records, record->name);
  if (!r) {
    g_autofree char *name = shown(record->name);
    return itv_fail(error, ITV_ERROR_PLUGIN, "there is no record %s (schemas/records.xml)", name);
  }
  if (from_kind && !may_emit(r, from_kind))
    return itv_fail(error, ITV_ERROR_PLUGIN, "record %s may not come from a plugin of kind %s",
                    r->name, from_kind);
  g_autofree guint *counts = g_new0(guint, r->order->len + 1);
  for (gsize k = 0; k < record->n_fields; k++)
    if (!check_field(r, &record->fields[k], counts, error))
      return FALSE;
  for (guint k = 0; k < r->order->len; k++) {
    const Field *f = r->order->pdata[k];
    if (f->required && counts[k] == 0)
      return itv_fail(error, ITV_ERROR_PLUGIN, "record %s: required key \"%s\" is missing", r->name,
                      f->key);
  }
  return TRUE;
}

gboolean
itv_schema_is_f64(const ItvSchema *schema, const char *record, const char *key)
{
  const Record *r = g_hash_table_lookup(schema->records, record);
  const Field *f = r ? g_hash_table_lookup(r->fields, key) : NULL;
  return f && f->type == T_F64;
}
