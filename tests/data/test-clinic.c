/* SPDX-License-Identifier: Apache-2.0
 *
 * The synthetic clinic: the same day gives the same bytes, every message is
 * taken without a remark, and it stays small.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "record-check.h"

static char *
make_clinic(const char *folder, const char *today)
{
  g_autoptr(GError) error = NULL;
  char *argv[] = {(char *)(guintptr)g_getenv("ITV_SYNTH"), (char *)(guintptr)folder,
                  (char *)(guintptr) "--today", (char *)(guintptr)today, NULL};
  int status = 0;
  g_autofree char *complaint = NULL;
  if (!g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, NULL, &complaint, &status, &error))
    g_error("%s", error->message);
  g_assert_cmpstr(complaint, ==, "");
  g_assert_cmpint(status, ==, 0);
  return g_build_filename(folder, "hl7", NULL);
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Digest of every file below; removes them. */
static void
take_folder(const char *path, GChecksum *sum, gsize *size, int *files)
{
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  for (const char *name; dir && (name = g_dir_read_name(dir));)
    g_ptr_array_add(names, g_strdup(name));
  g_ptr_array_sort(names, by_name);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *below = g_build_filename(path, names->pdata[i], NULL);
    g_autofree char *data = NULL;
    gsize n = 0;
    g_checksum_update(sum, names->pdata[i], -1);
    if (g_file_test(below, G_FILE_TEST_IS_DIR)) {
      take_folder(below, sum, size, files);
      continue;
    }
    g_assert_true(g_file_get_contents(below, &data, &n, NULL));
    g_checksum_update(sum, (const guchar *)data, (gssize)n);
    *size += n;
    *files += 1;
    g_unlink(below);
  }
  g_rmdir(path);
}

static void
check_messages(const char *hl7)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  g_autoptr(GDir) dir = g_dir_open(hl7, 0, NULL);
  int patients = 0;
  for (const char *name; (name = g_dir_read_name(dir)); patients++) {
    g_autofree char *path = g_build_filename(hl7, name, NULL), *data = NULL;
    gsize n = 0;
    g_assert_true(g_file_get_contents(path, &data, &n, NULL));
    g_assert_cmpint(test_host_import(host, data, n, name), ==, ITV_OK);
    record_check_all(check, host, "importer");
    for (gsize i = 0; i < test_host_n_records(host); i++) {
      const itv_record *r = test_host_record(host, i);
      g_assert_null(itv_record_field(r, "rejected", 0));
      g_assert_null(itv_record_field(r, "note", 0));
      if (strcmp(r->name, "interval.patient/1") == 0)
        g_assert_true(g_str_has_prefix(itv_record_str(r, "id", ""), "SYNTH"));
    }
  }
  g_assert_cmpint(patients, >=, 12);
}

static void
test_clinic(void)
{
  g_autofree char *digest = NULL;
  for (int round = 0; round < 2; round++) {
    g_autofree char *folder = g_dir_make_tmp("interval-clinic-XXXXXX", NULL);
    g_autofree char *hl7 = make_clinic(folder, "2024-02-29");
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize size = 0;
    int files = 0;
    check_messages(hl7);
    take_folder(folder, sum, &size, &files);
    g_assert_cmpuint(size, <, 80u << 20);
    g_assert_cmpint(files, >, 400);
    if (digest)
      g_assert_cmpstr(g_checksum_get_string(sum), ==, digest);
    else
      digest = g_strdup(g_checksum_get_string(sum));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/data/clinic", test_clinic);
  return g_test_run();
}
