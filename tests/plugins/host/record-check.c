/* SPDX-License-Identifier: Apache-2.0 */
#include "record-check.h"

#include <math.h>
#include <string.h>

typedef struct {
  char *key, *type, *codes, *units; /* codes, units: NULL if none */
  gboolean required, repeat;
  double min, max;
  gsize max_length;
} FieldRule;

typedef struct {
  char *from; /* NULL: not from a plugin */
  GPtrArray *fields;
} RecordRule;

struct RecordCheck {
  GHashTable *codes;   /* name -> " A B C " */
  GHashTable *records; /* name -> RecordRule */
  RecordRule *current; /* the record and the code list being read */
  char *current_codes;
};

static void
free_field(gpointer data)
{
  FieldRule *f = data;
  g_free(f->key);
  g_free(f->type);
  g_free(f->codes);
  g_free(f->units);
  g_free(f);
}

static void
free_record_rule(gpointer data)
{
  RecordRule *r = data;
  g_free(r->from);
  g_ptr_array_unref(r->fields);
  g_free(r);
}

static const char *
attribute(const char **names, const char **values, const char *name)
{
  for (; *names; names++, values++)
    if (strcmp(*names, name) == 0)
      return *values;
  return NULL;
}

static void
add_field(RecordCheck *check, const char **names, const char **values)
{
  FieldRule *f = g_new0(FieldRule, 1);
  const char *codes = attribute(names, values, "codes"), *unit = attribute(names, values, "unit");
  const char *min = attribute(names, values, "min"), *max = attribute(names, values, "max");
  const char *length = attribute(names, values, "max-length");
  f->key = g_strdup(attribute(names, values, "key"));
  f->type = g_strdup(attribute(names, values, "type"));
  f->codes = codes ? g_strdup(g_hash_table_lookup(check->codes, codes)) : NULL;
  f->units = unit ? g_strdup_printf(" %s ", unit) : NULL;
  f->required = g_strcmp0(attribute(names, values, "required"), "true") == 0;
  f->repeat = g_strcmp0(attribute(names, values, "repeat"), "true") == 0;
  f->min = min ? g_ascii_strtod(min, NULL) : -INFINITY;
  f->max = max ? g_ascii_strtod(max, NULL) : INFINITY;
  f->max_length = length ? (gsize)g_ascii_strtoull(length, NULL, 10) : 1024;
  g_ptr_array_add(check->current->fields, f);
}

static void
start_element(GMarkupParseContext *context, const char *element, const char **names,
              const char **values, gpointer data, GError **error)
{
  RecordCheck *check = data;
  (void)context;
  (void)error;
  if (strcmp(element, "record") == 0) {
    check->current = g_new0(RecordRule, 1);
    check->current->from = g_strdup(attribute(names, values, "from"));
    check->current->fields = g_ptr_array_new_with_free_func(free_field);
    g_hash_table_insert(check->records, g_strdup(attribute(names, values, "name")), check->current);
  } else if (strcmp(element, "field") == 0) {
    add_field(check, names, values);
  } else if (strcmp(element, "codes") == 0) {
    g_free(check->current_codes);
    check->current_codes = g_strdup(attribute(names, values, "name"));
  }
}

/* <codes name="sex">M F O U</codes> */
static void
add_text(GMarkupParseContext *context, const char *text, gsize n, gpointer data, GError **error)
{
  RecordCheck *check = data;
  (void)error;
  if (strcmp(g_markup_parse_context_get_element(context), "codes") == 0)
    g_hash_table_insert(check->codes, g_strdup(check->current_codes),
                        g_strdup_printf(" %.*s ", (int)n, text));
}

RecordCheck *
record_check_new(void)
{
  static const GMarkupParser parser = {.start_element = start_element, .text = add_text};
  RecordCheck *check = g_new0(RecordCheck, 1);
  g_autofree char *path = g_build_filename(g_getenv("ITV_SOURCE_DIR"), "schemas/records.xml", NULL);
  g_autofree char *xml = NULL;
  gsize n = 0;
  check->codes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  check->records = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_record_rule);
  g_autoptr(GError) error = NULL;
  g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, 0, check, NULL);
  if (!g_file_get_contents(path, &xml, &n, &error) ||
      !g_markup_parse_context_parse(context, xml, (gssize)n, &error))
    g_error("%s", error->message);
  return check;
}

void
record_check_free(RecordCheck *check)
{
  if (!check)
    return;
  g_hash_table_unref(check->codes);
  g_hash_table_unref(check->records);
  g_free(check->current_codes);
  g_free(check);
}

static gboolean
in_list(const char *list, const char *word)
{
  g_autofree char *spaced = g_strdup_printf(" %s ", word);
  return !strchr(word, ' ') && strstr(list, spaced) != NULL;
}

static gboolean
string_fits(const FieldRule *rule, const char *s)
{
  static const struct {
    const char *type, *pattern;
  } patterns[] = {
      {"date", "^\\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\\d|3[01]))?)?$"},
      {"datetime", "^\\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\\d|3[01])"
                   "(T([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?)?)?)?$"},
      {"period", "^P(\\d+Y)?(\\d+M)?(\\d+W)?(\\d+D)?$"},
      {"uid", "^[0-9]+(\\.[0-9]+)+$"},
  };
  if (!g_utf8_validate(s, -1, NULL) || strlen(s) > rule->max_length)
    return FALSE;
  if (rule->codes)
    return in_list(rule->codes, s);
  for (gsize i = 0; i < G_N_ELEMENTS(patterns); i++)
    if (strcmp(rule->type, patterns[i].type) == 0)
      return g_regex_match_simple(patterns[i].pattern, s, 0, 0) &&
             (strcmp(rule->type, "uid") != 0 || strlen(s) <= 64);
  return strcmp(rule->type, "string") == 0;
}

static gboolean
value_fits(const FieldRule *rule, const itv_field *f)
{
  const gboolean number = f->type == ITV_T_I64 || f->type == ITV_T_F64;
  if (!number)
    return !f->unit && string_fits(rule, f->v.str);
  const double value = f->type == ITV_T_I64 ? (double)f->v.i64 : f->v.f64;
  const gboolean type =
      strcmp(rule->type, "f64") == 0 || (strcmp(rule->type, "i64") == 0 && f->type == ITV_T_I64);
  const gboolean unit = rule->units ? f->unit && in_list(rule->units, f->unit) : !f->unit;
  return type && unit && isfinite(value) && value >= rule->min && value <= rule->max;
}

static gsize
count(const itv_record *record, const char *key)
{
  gsize n = 0;
  while (itv_record_field(record, key, n))
    n++;
  return n;
}

static void
check_record(const RecordCheck *check, const itv_record *record, const char *from)
{
  const RecordRule *rule = g_hash_table_lookup(check->records, record->name);
  if (!rule || !rule->from || !strstr(rule->from, from))
    g_error("%s is no record that comes from %s", record->name, from);
  gsize known = 0;
  for (guint i = 0; i < rule->fields->len; i++) {
    const FieldRule *f = rule->fields->pdata[i];
    const gsize n = count(record, f->key);
    if ((f->required && n == 0) || (!f->repeat && n > 1))
      g_error("%s: %zu times \"%s\"", record->name, n, f->key);
    for (gsize k = 0; k < n; k++) {
      const itv_field *value = itv_record_field(record, f->key, k);
      if (!value_fits(f, value))
        g_error("%s: \"%s\" does not fit: %s", record->name, f->key,
                value->type == ITV_T_STR ? value->v.str : "a number");
    }
    known += n;
  }
  if (known != record->n_fields)
    g_error("%s has an unknown field", record->name);
}

void
record_check_all(const RecordCheck *check, const TestHost *host, const char *from)
{
  for (gsize i = 0; i < test_host_n_records(host); i++)
    check_record(check, test_host_record(host, i), from);
}
