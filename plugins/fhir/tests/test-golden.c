/* SPDX-License-Identifier: Apache-2.0
 *
 * Every golden/NAME.json gives the records of golden/NAME.txt.
 */
#include "fhir-dump.h"
#include "record-check.h"

static char *
golden_path(const char *name, const char *suffix)
{
  g_autofree char *file = g_strconcat(name, suffix, NULL);
  return g_build_filename(g_getenv("ITV_SOURCE_DIR"), "plugins/fhir/tests/golden", file, NULL);
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

static void
test_golden(gconstpointer data)
{
  const char *name = data;
  gsize n = 0;
  g_autofree char *in_path = golden_path(name, ".json"), *out_path = golden_path(name, ".txt");
  g_autofree char *text = read_file(in_path, &n), *expected = read_file(out_path, NULL);
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  g_assert_cmpint(test_host_probe(host, text, MIN(n, 4096), name), ==, 95);
  g_assert_cmpint(test_host_import(host, text, n, name), ==, ITV_OK);
  record_check_all(check, host, "importer");
  g_autofree char *dump = dump_records(host);
  g_assert_cmpstr(dump, ==, expected);
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
    if (!g_str_has_suffix(file, ".json"))
      continue;
    char *name = g_strndup(file, strlen(file) - 5);
    g_autofree char *path = g_strconcat("/fhir/golden/", name, NULL);
    g_ptr_array_add(names, name);
    g_test_add_data_func(path, name, test_golden);
  }
  g_assert_cmpuint(names->len, >=, 7);
  return g_test_run();
}
