/* SPDX-License-Identifier: Apache-2.0
 *
 * Every public file in ../shared/data is imported or rejected with a reason,
 * and so are damaged copies of some.  Each runs in a child: codecs of GDCM may
 * abort, which counts and is bounded, but never ends the test.
 */
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test-host.h"

#define MAX_BYTES ((gsize)64 << 20)

typedef enum { IMPORTED, REJECTED, FAILED, N_OUTCOMES } Outcome;

static char *
data_folder(const char *name)
{
  const char *source = g_getenv("ITV_SOURCE_DIR");
  return g_build_filename(source ? source : ".", "..", "shared", "data", name, NULL);
}

static void
collect(const char *folder, GPtrArray *paths)
{
  GDir *dir = g_dir_open(folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name(dir));) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
      collect(path, paths);
    else
      g_ptr_array_add(paths, g_steal_pointer(&path));
  }
  if (dir)
    g_dir_close(dir);
}

static const char *
text(const itv_record *r, const char *key)
{
  for (size_t i = 0; r && i < r->n_fields; i++)
    if (strcmp(r->fields[i].key, key) == 0 && r->fields[i].type == ITV_T_STR)
      return r->fields[i].v.str;
  return NULL;
}

/* A sound answer: a document with a reason, or a document with what it holds. */
static Outcome
import_bytes(const guint8 *bytes, gsize n, const char *name)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  if (test_host_import(host, bytes, n, name) != ITV_OK)
    return FAILED;
  const itv_record *doc = test_host_record(host, 0);
  g_assert_cmpstr(doc->name, ==, "interval.document/1");
  for (size_t i = 0; i < test_host_n_records(host); i++) {
    const itv_record *r = test_host_record(host, i);
    for (size_t k = 0; k < r->n_fields; k++)
      if (r->fields[k].type == ITV_T_STR)
        g_assert_true(g_utf8_validate(r->fields[k].v.str, -1, NULL));
  }
  if (text(doc, "rejected")) {
    g_assert_cmpuint(test_host_n_records(host), ==, 1);
    return REJECTED;
  }
  if (!text(doc, "note"))
    g_assert_nonnull(test_host_find(host, "interval.image/1", 0));
  return IMPORTED;
}

/* Pixels of the one file, whatever it is: no more than no crash is asked. */
static Outcome
decode_bytes(const guint8 *bytes, gsize n, const char *name)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(GBytes) b = g_bytes_new_static(bytes, n);
  const itv_source source = test_source_bytes(b, name);
  const itv_input input = {.struct_size = sizeof input, .n_sources = 1, .sources = &source};
  return test_host_run(host, ITV_KIND_PIXELS, &input) == ITV_OK ? IMPORTED : REJECTED;
}

typedef Outcome (*Work)(const guint8 *bytes, gsize n, const char *name);

/* Runs the work in a child; -1 when the child died. */
static int
in_child(Work work, const guint8 *bytes, gsize n, const char *name)
{
  int status = 0;
  pid_t child = fork();
  g_assert_cmpint(child, >=, 0);
  if (child == 0) {
    alarm(60);
    _exit((int)work(bytes, n, name));
  }
  g_assert_cmpint(waitpid(child, &status, 0), ==, child);
  return WIFEXITED(status) && WEXITSTATUS(status) < N_OUTCOMES ? WEXITSTATUS(status) : -1;
}

static void
test_all(gconstpointer data)
{
  g_autofree char *folder = data_folder(data);
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  guint counts[N_OUTCOMES] = {0}, decoded = 0;
  collect(folder, paths);
  if (paths->len == 0) {
    g_test_skip("../shared/data is not there");
    return;
  }
  for (guint i = 0; i < paths->len; i++) {
    g_autofree char *bytes = NULL;
    gsize n = 0;
    if (!g_file_get_contents(paths->pdata[i], &bytes, &n, NULL) || n > MAX_BYTES)
      continue;
    int outcome = in_child(import_bytes, (const guint8 *)bytes, n, paths->pdata[i]);
    if (outcome < 0 || outcome == FAILED)
      g_error("%s: the import died or failed", (const char *)paths->pdata[i]);
    counts[outcome]++;
    if (outcome != IMPORTED)
      continue;
    outcome = in_child(decode_bytes, (const guint8 *)bytes, n, paths->pdata[i]);
    if (outcome < 0)
      g_error("%s: decoding died", (const char *)paths->pdata[i]);
    decoded += (guint)(outcome == IMPORTED);
  }
  g_test_message("%s: %u imported (%u decoded), %u rejected", (const char *)data, counts[IMPORTED],
                 decoded, counts[REJECTED]);
  g_assert_cmpuint(counts[IMPORTED], >, 0);
}

/* Truncation, flipped bits, overwritten lengths. */
static void
damage(GRand *rand, guint8 *bytes, gsize *n)
{
  gsize header = MIN(*n, 4000);
  switch (g_rand_int_range(rand, 0, 4)) {
  case 0:
    *n = (gsize)g_rand_int_range(rand, 0, (gint32)*n);
    break;
  case 1:
    for (int i = 0; i < 20; i++)
      bytes[g_rand_int_range(rand, 0, (gint32)header)] ^=
          (guint8)(1 << g_rand_int_range(rand, 0, 8));
    break;
  case 2:
    for (int i = 0; i < 4; i++)
      bytes[MIN((gsize)g_rand_int_range(rand, 132, (gint32)MAX(header, 133)), *n - 1)] =
          g_rand_boolean(rand) ? 0xFF : 0x7F;
    break;
  default:
    for (int i = 0; i < 30; i++)
      bytes[g_rand_int_range(rand, 0, (gint32)*n)] = (guint8)g_rand_int_range(rand, 0, 256);
  }
}

/* The header walk is ours: no damage may end the process. */
static Outcome
import_damaged(const guint8 *bytes, gsize n, const char *name)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)n);
  for (int round = 0; round < 100; round++) {
    g_autofree guint8 *copy = g_memdup2(bytes, n);
    gsize m = n;
    damage(rand, copy, &m);
    g_autofree guint8 *exact = g_memdup2(copy, m ? m : 1); /* so that ASan sees each step too far */
    if (import_bytes(exact, m, name) == FAILED)
      return FAILED;
  }
  return IMPORTED;
}

static void
test_damaged(void)
{
  static const char *const seeds[] = {"CT_small.dcm",           "MR_small_implicit.dcm",
                                      "MR_small_bigendian.dcm", "test-SR.dcm",
                                      "image_dfl.dcm",          "rtplan.dcm",
                                      "UN_sequence.dcm",        "chrH32.dcm"};
  g_autofree char *folder = data_folder("dicom/pydicom");
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  guint done = 0;
  collect(folder, paths);
  for (guint i = 0; i < paths->len; i++)
    for (gsize k = 0; k < G_N_ELEMENTS(seeds); k++) {
      g_autofree char *bytes = NULL, *base = g_path_get_basename(paths->pdata[i]);
      gsize n = 0;
      if (strcmp(base, seeds[k]) != 0 || !g_file_get_contents(paths->pdata[i], &bytes, &n, NULL))
        continue;
      g_assert_cmpint(in_child(import_damaged, (const guint8 *)bytes, n, seeds[k]), ==, IMPORTED);
      done++;
    }
  if (done == 0)
    g_test_skip("../shared/data is not there");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_data_func("/dicom/public/dicom", "dicom", test_all);
  g_test_add_data_func("/dicom/public/aim", "aim", test_all);
  g_test_add_func("/dicom/public/damaged", test_damaged);
  return g_test_run();
}
