/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the XML importers share: records as text, golden files,
 * damaged documents.
 */
#ifndef XMLDOC_TEST_H
#define XMLDOC_TEST_H

#include <string.h>

#include "record-check.h"

static inline void
dump_field(GString *out, const itv_field *f)
{
  g_string_append_printf(out, "  %s = ", f->key);
  if (f->type == ITV_T_STR) {
    g_auto(GStrv) lines = g_strsplit(f->v.str, "\n", -1);
    g_autofree char *text = g_strjoinv("\n    | ", lines);
    g_string_append(out, text);
  } else if (f->type == ITV_T_I64) {
    g_string_append_printf(out, "%" G_GINT64_FORMAT, (gint64)f->v.i64);
  } else {
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append(out, g_ascii_formatd(number, sizeof number, "%.10g", f->v.f64));
  }
  g_string_append_printf(out, "%s%s\n", f->unit ? " " : "", f->unit ? f->unit : "");
}

/* A record and its fields, a line each; without the place in the source. */
static inline char *
dump_records(const TestHost *host)
{
  static const char *const hidden[] = {"offset", "length", "keep-raw", NULL};
  GString *out = g_string_new(NULL);
  for (size_t i = 0; i < test_host_n_records(host); i++) {
    const itv_record *r = test_host_record(host, i);
    g_string_append_printf(out, "%s\n", r->name);
    for (size_t k = 0; k < r->n_fields; k++)
      if (!g_strv_contains(hidden, r->fields[k].key))
        dump_field(out, &r->fields[k]);
  }
  return g_string_free(out, FALSE);
}

static inline char *
test_file(const char *below, gsize *ret_n)
{
  g_autofree char *path = g_build_filename(g_getenv("ITV_SOURCE_DIR"), below, NULL);
  g_autoptr(GError) error = NULL;
  char *data = NULL;
  if (!g_file_get_contents(path, &data, ret_n, &error))
    g_error("%s", error->message);
  return data;
}

static inline int
compare_names(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names in a folder below the source that end so, sorted. */
static inline GPtrArray *
test_names(const char *below, const char *suffix)
{
  g_autofree char *path = g_build_filename(g_getenv("ITV_SOURCE_DIR"), below, NULL);
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  g_assert_nonnull(dir);
  for (const char *file; (file = g_dir_read_name(dir));)
    if (g_str_has_suffix(file, suffix))
      g_ptr_array_add(names, g_strdup(file));
  g_ptr_array_sort(names, compare_names);
  return names;
}

/* Imports, checks every record, and what holds for every document. */
static inline void
import_checked(TestHost *host, const RecordCheck *check, const void *bytes, gsize n)
{
  g_assert_cmpint(test_host_import(host, bytes, n, "document"), ==, ITV_OK);
  record_check_all(check, host, "importer");
  const itv_record *document = test_host_record(host, 0);
  g_assert_cmpstr(document->name, ==, "interval.document/1");
  g_assert_null(test_host_find(host, "interval.document/1", 1));
  if (itv_record_field(document, "rejected", 0)) {
    g_assert_cmpuint(test_host_n_records(host), ==, 1);
    g_assert_cmpstr(itv_record_str(document, "rejected", ""), !=, "");
  }
}

/* Every NAME.xml of the folder gives NAME.txt, and the same as UTF-16. */
static inline void
check_golden(const char *folder, const char *file, int probe)
{
  g_autofree char *stem = g_strndup(file, strlen(file) - 4);
  g_autofree char *in = g_build_filename(folder, file, NULL);
  g_autofree char *out = g_strdup_printf("%s/%s.txt", folder, stem);
  gsize n = 0, n_wide = 0;
  g_autofree char *bytes = test_file(in, &n), *expected = test_file(out, NULL);
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  g_assert_cmpint(test_host_probe(host, bytes, MIN(n, 4096), file), ==, probe);
  import_checked(host, check, bytes, n);
  g_autofree char *dump = dump_records(host);
  g_assert_cmpstr(dump, ==, expected);
  g_autofree char *wide = g_convert(bytes, (gssize)n, "UTF-16", "UTF-8", NULL, &n_wide, NULL);
  g_assert_cmpint(test_host_probe(host, wide, MIN(n_wide, 4096), file), >, 0);
  import_checked(host, check, wide, n_wide);
  g_autofree char *wide_dump = dump_records(host);
  g_assert_cmpstr(wide_dump, ==, expected);
}

/* One random damage: bytes changed, removed, doubled, or the end cut off. */
static inline void
damage(GRand *rand, GByteArray *b)
{
  static const char bits[] = "<>/&\"'=; \n\0\xFF\x80x0123-.";
  if (b->len < 2)
    return;
  const guint at = (guint)g_rand_int_range(rand, 0, (gint)b->len);
  guint n = (guint)g_rand_int_range(rand, 1, 60);
  n = MIN(n, b->len - at);
  switch (g_rand_int_range(rand, 0, 5)) {
  case 0:
    b->data[at] = (guint8)bits[g_rand_int_range(rand, 0, sizeof bits - 1)];
    break;
  case 1:
    b->data[at] = (guint8)g_rand_int_range(rand, 0, 256);
    break;
  case 2:
    g_byte_array_remove_range(b, at, n);
    break;
  case 3: {
    g_autofree guint8 *copy = g_memdup2(b->data + at, n);
    g_byte_array_append(b, copy, n);
    break;
  }
  default:
    g_byte_array_set_size(b, at);
  }
}

/* Values that a schema would forbid, in place of an attribute's value. */
static inline void
twist_value(GRand *rand, GByteArray *b)
{
  static const char *const values[] = {
      "\"\"",         "\"1e999\"", "\"-1\"",         "\"nan\"",  "\"99999999999999999999\"",
      "\"20249999\"", "\"^^^\"",   "\"&#x10FFFF;\"", "\"1..2\"", "\"x y\""};
  const guint from = b->len ? (guint)g_rand_int_range(rand, 0, (gint)b->len) : 0;
  guint8 *open = memchr(b->data + from, '"', b->len - from);
  guint8 *close = open ? memchr(open + 1, '"', (gsize)(b->data + b->len - open - 1)) : NULL;
  if (!close || close[-1] == '=')
    return;
  const char *value = values[g_rand_int_range(rand, 0, G_N_ELEMENTS(values))];
  GByteArray *made = g_byte_array_new();
  g_byte_array_append(made, b->data, (guint)(open - b->data));
  g_byte_array_append(made, (const guint8 *)value, (guint)strlen(value));
  g_byte_array_append(made, close + 1, (guint)(b->data + b->len - close - 1));
  g_byte_array_set_size(b, 0);
  g_byte_array_append(b, made->data, made->len);
  g_byte_array_unref(made);
}

/* Any damage to any golden document: no crash, and every record fits. */
static inline void
check_damage(const char *folder, guint rounds)
{
  g_autoptr(GPtrArray) names = test_names(folder, ".xml");
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  g_autoptr(GRand) rand = g_rand_new_with_seed(20251124);
  guint n_read = 0;
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
    gsize n = 0;
    g_autofree char *bytes = test_file(path, &n);
    for (guint k = 0; k < rounds; k++) {
      g_autoptr(GByteArray) b = g_byte_array_new();
      g_byte_array_append(b, (const guint8 *)bytes, (guint)n);
      for (gint m = g_rand_int_range(rand, 1, 4); m > 0; m--)
        if (k % 2)
          twist_value(rand, b);
        else
          damage(rand, b);
      test_host_probe(host, b->data, MIN(b->len, 4096), "damaged");
      import_checked(host, check, b->data, b->len);
      n_read += itv_record_field(test_host_record(host, 0), "rejected", 0) == NULL;
    }
  }
  g_assert_cmpuint(n_read, >, rounds / 4); /* else nothing but the parser was tried */
}

#endif
