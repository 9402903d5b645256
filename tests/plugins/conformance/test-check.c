/* SPDX-License-Identifier: Apache-2.0
 *
 * The conformance kit: what behaves passes, each kind of sin is found; and the
 * skeleton of `plugin new`.  As a program with a path it grades that plugin,
 * with "new NAME DIR" it writes a skeleton: for out-of-tree.sh.
 */
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "plugin/check.h"

typedef struct {
  GString *text;
  guint n[4];
} Report;

static void
collect(void *data, ItvCheckGrade grade, const char *what, const char *detail)
{
  static const char *const words[] = {"pass", "warn", "FAIL", "skip"};
  Report *r = data;
  r->n[grade]++;
  g_string_append_printf(r->text, "%s  %s%s%s\n", words[grade], what, *detail ? ": " : "", detail);
}

static gboolean
check(const char *object, Report *r)
{
  g_autofree char *schemas = g_build_filename(g_getenv("ITV_SOURCE_DIR"), "schemas", NULL);
  g_autofree char *worker =
      g_build_filename(g_getenv("ITV_BUILD_DIR"), "bin", "interval-worker", NULL);
  const ItvPluginPaths paths = {NULL, g_getenv("ITV_CONFIG_DIR"), schemas, worker};
  g_autoptr(GError) error = NULL;
  *r = (Report){.text = g_string_new(NULL)};
  const gboolean good = itv_plugin_check(&paths, object, collect, r, &error);
  g_assert_no_error(error);
  return good;
}

static char *
object_of(const char *dir, const char *name)
{
  g_autofree char *file = g_strconcat(name, ".so", NULL);
  return g_build_filename(dir, name, file, NULL);
}

static void
test_good(gconstpointer name)
{
  g_autofree char *object = object_of(g_getenv("ITV_PLUGINS"), name);
  Report r;
  if (!check(object, &r))
    g_error("%s", r.text->str);
  g_assert_cmpuint(r.n[ITV_CHECK_PASS], >=, 6);
  g_assert_cmpuint(r.n[ITV_CHECK_WARN], ==, 0);
  g_string_free(r.text, TRUE);
}

static const char *const bad[][2] = {{"crash", "crashed in the middle of a job"},
                                     {"abi-major", "plugin ABI 99"},
                                     {"no-symbol", "itv_plugin_entry is missing"},
                                     {"constructor-crash", "while it was loaded"},
                                     {"mute", "without a message"},
                                     {"no-unit", "expected unit"},
                                     {"socket", "open a socket"},
                                     {"no-kind", "does not offer it"}};

static void
test_bad(gconstpointer data)
{
  const char *const *c = data;
  const gboolean is_helper = strcmp(c[0], "helper") == 0;
  g_autofree char *object = object_of(g_getenv(is_helper ? "ITV_PLUGINS" : "ITV_SINS"), c[0]);
  Report r;
  g_assert_false(check(object, &r));
  g_assert_cmpuint(r.n[ITV_CHECK_FAIL], >=, 1);
  if (!strstr(r.text->str, c[1]))
    g_error("%s", r.text->str);
  g_string_free(r.text, TRUE);
}

/* What a person puts into samples/measurement: run, and judged by its own line. */
static void
test_records(gconstpointer data)
{
  const char *const *c = data; /* file, content, line of the report */
  g_autofree char *dir = g_dir_make_tmp("itv-samples-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename(dir, "measurement", NULL);
  g_autofree char *samples = g_build_filename(folder, "samples", NULL);
  g_autofree char *own = g_build_filename(samples, "measurement", NULL);
  g_autofree char *file = g_build_filename(own, c[0], NULL);
  g_autofree char *object = g_build_filename(folder, "measurement.so", NULL);
  static const char *const names[] = {"measurement.so", "plugin.xml"};
  g_assert_cmpint(g_mkdir_with_parents(own, 0700), ==, 0);
  g_assert_true(g_file_set_contents(file, c[1], -1, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *from = g_build_filename(g_getenv("ITV_MEASUREMENT"), names[i], NULL);
    g_autofree char *to = g_build_filename(folder, names[i], NULL);
    g_autofree char *content = NULL;
    gsize n = 0;
    g_assert_true(g_file_get_contents(from, &content, &n, NULL));
    g_assert_true(g_file_set_contents(to, content, (gssize)n, NULL));
  }
  Report r;
  const gboolean good = check(object, &r);
  g_assert_cmpint(good, ==, g_str_has_prefix(c[2], "pass"));
  if (!strstr(r.text->str, c[2]))
    g_error("%s", r.text->str);
  g_string_free(r.text, TRUE);
  g_autofree char *manifest = g_build_filename(folder, "plugin.xml", NULL);
  const char *const all[] = {file, object, manifest, own, samples, folder, dir};
  for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
    g_assert_cmpint(g_remove(all[i]), ==, 0);
}

#define PAIR(measure)                                                                              \
  "[[\"interval.measurement/1\",[\"measure\",\"" measure "\"],[\"value\",400,\"mm3\"],"            \
  "[\"date\",\"2024-01-01\"],[\"role\",\"prior\"]],"                                               \
  "[\"interval.measurement/1\",[\"measure\",\"" measure "\"],[\"value\",900.5,\"mm3\"],"           \
  "[\"date\",\"2024-07-01\"],[\"role\",\"current\"]]]"

static const char *const records[][3] = {
    {"pair.json", PAIR("volume"), "pass  interval.measurement/1: samples: 1 files"},
    {"code.json", PAIR("volum"), "samples: code.json: record 1: record interval.measurement/1: "},
    {"none.json", "{}", "samples: none.json: expected a list of records"},
    {"not-its.json", "[]", "samples: not-its.json: plugin org.interval.measurement"},
    {"notes.md", "", "samples: notes.md: expected NAME.json"}};

static void
test_names(void)
{
  static const char *const names[] = {"",   "A",   "1a",   "a b",      "../x",
                                      "a-", "a/b", "test", "caf\u00e9"};
  g_autofree char *dir = g_dir_make_tmp("itv-new-XXXXXX", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_false(itv_plugin_new(names[i], dir, &error));
    g_assert_error(error, ITV_ERROR, ITV_ERROR_USAGE);
  }
  g_assert_cmpint(g_rmdir(dir), ==, 0); /* nothing was written */
}

static void
test_new(void)
{
  static const char *const files[] = {"my-sizes.c", "plugin.xml", "CMakeLists.txt", "README.md",
                                      "samples/one.size"};
  g_autofree char *dir = g_dir_make_tmp("itv-new-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename(dir, "my-sizes", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) again = NULL;
  g_assert_true(itv_plugin_new("my-sizes", dir, &error));
  g_assert_false(itv_plugin_new("my-sizes", dir, &again)); /* never overwrites */
  for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autofree char *path = g_build_filename(folder, files[i], NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_null(strstr(text, "template"));
    g_assert_true(i == 4 || strstr(text, "my-sizes"));
    g_unlink(path);
  }
  g_autofree char *samples = g_build_filename(folder, "samples", NULL);
  g_rmdir(samples);
  g_rmdir(folder);
  g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static int
as_program(char **args)
{
  g_autoptr(GError) error = NULL;
  if (strcmp(args[0], "new") == 0) {
    if (itv_plugin_new(args[1], args[2], &error))
      return 0;
    fprintf(stderr, "%s\n", error->message);
    return 1;
  }
  Report r;
  const gboolean good = check(args[0], &r);
  printf("%s", r.text->str);
  g_string_free(r.text, TRUE);
  return good ? 0 : 1;
}

int
main(int argc, char **argv)
{
  if (argc > 1 && argv[1][0] != '-')
    return as_program(argv + 1);
  g_test_init(&argc, &argv, NULL);
  g_test_add_data_func("/check/template", "template", test_good);
  for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autofree char *path = g_strdup_printf("/check/%s", bad[i][0]);
    g_test_add_data_func(path, bad[i], test_bad);
  }
  for (gsize i = 0; i < G_N_ELEMENTS(records); i++) {
    g_autofree char *path = g_strdup_printf("/check/records/%s", records[i][0]);
    g_test_add_data_func(path, records[i], test_records);
  }
  g_test_add_func("/new/names", test_names);
  g_test_add_func("/new/files", test_new);
  return g_test_run();
}
