/* SPDX-License-Identifier: Apache-2.0
 *
 * Every golden/NAME.hl7 gives the records of golden/NAME.txt.
 */
#include "hl7-dump.h"
#include "record-check.h"

static char *
golden_path(const char *name, const char *suffix)
{
  g_autofree char *file = g_strconcat(name, suffix, NULL);
  return g_build_filename(g_getenv("ITV_SOURCE_DIR"), "plugins/hl7/tests/golden", file, NULL);
}

static char *
read_file(const char *path, gsize *ret_n)
{
  g_autoptr(GError) error = NULL;
  char *data = NULL;
  if (!g_file_get_contents(path, &data, ret_n, &error))
    g_error("%s", error->message);
  return data;
}

/* The segments with other line ends: the standard's CR, and CRLF. */
static char *
with_line_ends(const char *text, const char *line_end)
{
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  return g_strjoinv(line_end, lines);
}

/* Byte offsets in notes move with the line ends. */
static char *
without_offsets(const char *dump)
{
  g_autoptr(GRegex) regex = g_regex_new("byte \\d+", 0, 0, NULL);
  return g_regex_replace_literal(regex, dump, -1, 0, "byte N", 0, NULL);
}

static void
test_golden(gconstpointer data)
{
  const char *name = data;
  gsize n = 0;
  g_autofree char *in_path = golden_path(name, ".hl7"), *out_path = golden_path(name, ".txt");
  g_autofree char *message = read_file(in_path, &n), *expected = read_file(out_path, NULL);
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();

  g_assert_cmpint(test_host_probe(host, message, MIN(n, 4096), name), ==, 95);
  g_assert_cmpint(test_host_import(host, message, n, name), ==, ITV_OK);
  record_check_all(check, host, "importer");
  g_autofree char *dump = dump_records(host, FALSE);
  g_assert_cmpstr(dump, ==, expected);

  static const char *const ends[] = {"\r", "\r\n"};
  g_autofree char *bare = without_offsets(expected);
  for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
    g_autofree char *other = with_line_ends(message, ends[i]);
    g_assert_cmpint(test_host_import(host, other, strlen(other), name), ==, ITV_OK);
    g_autofree char *other_dump = dump_records(host, FALSE);
    g_autofree char *other_bare = without_offsets(other_dump);
    g_assert_cmpstr(other_bare, ==, bare);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_autofree char *folder = golden_path("", "");
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  g_assert_nonnull(dir);
  for (const char *file; (file = g_dir_read_name(dir));) {
    if (!g_str_has_suffix(file, ".hl7"))
      continue;
    char *name = g_strndup(file, strlen(file) - 4);
    g_autofree char *path = g_strconcat("/hl7/golden/", name, NULL);
    g_ptr_array_add(names, name);
    g_test_add_data_func(path, name, test_golden);
  }
  g_assert_cmpuint(names->len, >=, 10);
  return g_test_run();
}
