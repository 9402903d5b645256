/* SPDX-License-Identifier: Apache-2.0
 *
 * Jobs that go well, and how the supervisor treats workers, volumes, files,
 * cancellation and repeated failure.  The plugin is helper.c.
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "plugin/plugins.h"

#define HELPER "org.interval.test.helper"

static ItvPlugins *
open_plugins(void)
{
  g_autofree char *schemas = g_build_filename(g_getenv("ITV_SOURCE_DIR"), "schemas", NULL);
  g_autofree char *worker =
      g_build_filename(g_getenv("ITV_BUILD_DIR"), "bin", "interval-worker", NULL);
  const char *dirs[] = {g_getenv("ITV_PLUGINS"), NULL};
  const ItvPluginPaths paths = {dirs, g_getenv("ITV_CONFIG_DIR"), schemas, worker};
  g_autoptr(GError) error = NULL;
  ItvPlugins *p = itv_plugins_open(&paths, &error);
  g_assert_no_error(error);
  return p;
}

static ItvOutcome *
order(ItvPlugins *plugins, const char *content, GCancellable *cancellable, ItvProgressFunc progress,
      void *data)
{
  g_autoptr(ItvJob) job = itv_job_new();
  g_assert_true(itv_job_add_source_bytes(job, content, strlen(content), "order", NULL));
  return itv_plugins_run(plugins, itv_plugins_find(plugins, HELPER), ITV_KIND_IMPORTER, job,
                         cancellable, progress, data);
}

static void
expect(const ItvOutcome *o, ItvOutcomeClass class)
{
  if (o->class != class)
    g_error("%s (%s), expected %s", itv_outcome_word(o->class), o->message,
            itv_outcome_word(class));
}

static void
test_config_and_resources(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvOutcome) o = order(plugins, "help", NULL, NULL, NULL);
  expect(o, ITV_OUTCOME_OK);
  const itv_record *r = itv_records_get(o->records, 0);
  g_assert_cmpstr(itv_record_str(r, "identifier", ""), ==, "hello");
  g_assert_cmpstr(itv_record_str(r, "type", ""), ==, "a book");
  g_assert_cmpint(itv_record_i64(r, "offset", 0), ==, 1);
  g_assert_cmpuint(strlen(o->origin.sha256), ==, 64);

  g_assert_true(itv_plugins_set_config(plugins, HELPER, "greeting", "good day", &error));
  g_autoptr(ItvOutcome) changed = order(plugins, "help", NULL, NULL, NULL);
  const itv_record *c = itv_records_get(changed->records, 0);
  g_assert_cmpstr(itv_record_str(c, "identifier", ""), ==, "good day");
  g_assert_cmpint(itv_record_i64(c, "offset", 0), ==, 1); /* a new worker */
  g_assert_cmpstr(o->origin.config_hash, !=, changed->origin.config_hash);
  g_assert_cmpstr(o->origin.sha256, ==, changed->origin.sha256);
  g_assert_false(itv_plugins_set_config(plugins, HELPER, "volume", "loud", &error));
  g_assert_error(error, ITV_ERROR, ITV_ERROR_CONFIG);
}

static void
test_worker_stays_warm(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  for (int i = 1; i <= 5; i++) {
    g_autoptr(ItvOutcome) o = order(plugins, "help", NULL, NULL, NULL);
    expect(o, ITV_OUTCOME_OK);
    g_assert_cmpint(itv_record_i64(itv_records_get(o->records, 0), "offset", 0), ==, i);
  }
  g_autoptr(ItvOutcome) crash = order(plugins, "help crash", NULL, NULL, NULL);
  expect(crash, ITV_OUTCOME_CRASH);
  g_autoptr(ItvOutcome) after = order(plugins, "help", NULL, NULL, NULL);
  g_assert_cmpint(itv_record_i64(itv_records_get(after->records, 0), "offset", 0), ==, 1);
}

/* What a library prints fills no pipe, and a crash is told in its own words. */
static void
test_last_words(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  for (int i = 0; i < 3; i++) {
    g_autoptr(ItvOutcome) o = order(plugins, "help chat", NULL, NULL, NULL);
    expect(o, ITV_OUTCOME_OK);
  }
  g_autoptr(ItvOutcome) crash = order(plugins, "help crash", NULL, NULL, NULL);
  expect(crash, ITV_OUTCOME_CRASH);
  g_assert_nonnull(strstr(crash->message, "its last words: the last words"));
}

static void
test_many_files(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  g_autoptr(ItvJob) job = itv_job_new();
  const char *file = g_getenv("ITV_A_FILE");
  g_autofree char *content = NULL;
  gsize n = 0;
  g_assert_true(g_file_get_contents(file, &content, &n, NULL));
  struct rlimit limit;
  g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
  const gint64 n_files = (gint64)MIN(limit.rlim_max, 3100) - 100;
  for (gint64 i = 0; i < n_files; i++)
    itv_job_add_source_path(job, file);
  g_autoptr(ItvOutcome) o = itv_plugins_run(plugins, itv_plugins_find(plugins, HELPER),
                                            ITV_KIND_IMPORTER, job, NULL, NULL, NULL);
  expect(o, ITV_OUTCOME_OK);
  g_assert_cmpint(itv_record_i64(itv_records_get(o->records, 0), "length", 0), ==,
                  (gint64)n * n_files);
}

static void
test_bad_sources(void)
{
  static const char *const paths[] = {"/nonexistent/file", "/tmp", "/dev/zero"};
  g_autoptr(ItvPlugins) plugins = open_plugins();
  for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
    g_autoptr(ItvJob) job = itv_job_new();
    itv_job_add_source_path(job, paths[i]);
    g_autoptr(ItvOutcome) o = itv_plugins_run(plugins, itv_plugins_find(plugins, HELPER),
                                              ITV_KIND_IMPORTER, job, NULL, NULL, NULL);
    expect(o, ITV_OUTCOME_HOST);
    g_assert_nonnull(strstr(o->message, paths[i]));
  }
  /* a descriptor that can write is not handed on */
  g_autofree char *path = g_strdup_printf("%s/itv-jobs-%d", g_get_tmp_dir(), (int)getpid());
  g_autoptr(ItvJob) job = itv_job_new();
  itv_job_add_source_fd(job, open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), "writable");
  g_autoptr(ItvOutcome) o = itv_plugins_run(plugins, itv_plugins_find(plugins, HELPER),
                                            ITV_KIND_IMPORTER, job, NULL, NULL, NULL);
  expect(o, ITV_OUTCOME_HOST);
  g_unlink(path);
}

static ItvVolume *
make_volume(gint32 edge)
{
  const itv_volume shape = {.struct_size = sizeof shape,
                            .pixel = ITV_PIX_I16,
                            .dim = {edge, edge, edge},
                            .spacing_mm = {1, 1, 1},
                            .direction = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                            .slope = 1};
  g_autofree gint16 *data = g_new0(gint16, (gsize)edge * (gsize)edge * (gsize)edge);
  data[0] = 41;
  return itv_volume_new(&shape, data, NULL);
}

static void
test_volumes(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  ItvPlugin *helper = itv_plugins_find(plugins, HELPER);
  g_autoptr(ItvVolume) small = make_volume(32);
  g_autoptr(ItvVolume) big = make_volume(400);
  g_autoptr(ItvJob) job = itv_job_new();
  g_autoptr(ItvJob) too_big = itv_job_new();
  itv_job_add_volume(job, small, "current");
  g_autoptr(ItvOutcome) o =
      itv_plugins_run(plugins, helper, ITV_KIND_PIXELS, job, NULL, NULL, NULL);
  expect(o, ITV_OUTCOME_OK);
  const gint64 id = itv_record_i64(itv_records_get(o->records, 0), "volume", 0);
  ItvVolume *made = itv_outcome_volume(o, id);
  g_assert_nonnull(made);
  g_assert_cmpfloat(itv_volume_value(made, 0, 0, 0), ==, 42);
  g_assert_cmpfloat(itv_volume_value(made, 31, 31, 31), ==, 1);
  /* 122 MiB: more than volume-mib, and with the copy more than memory-mib */
  itv_job_add_volume(too_big, big, "current");
  g_autoptr(ItvOutcome) over =
      itv_plugins_run(plugins, helper, ITV_KIND_PIXELS, too_big, NULL, NULL, NULL);
  expect(over, ITV_OUTCOME_ERROR);
  g_assert_cmpint(over->status, ==, ITV_ERR_LIMIT);
}

static void
test_spans(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  ItvPlugin *helper = itv_plugins_find(plugins, HELPER);
  static const struct {
    const char *text;
    ItvOutcomeClass class;
  } cases[] = {{"5 bytes", ITV_OUTCOME_OK},           {"7 bytes", ITV_OUTCOME_OK},
               {"8 bytes", ITV_OUTCOME_SCHEMA},       /* beyond the end */
               {"0 bytes", ITV_OUTCOME_SCHEMA},       /* empty */
               {"2\u00fc bytes", ITV_OUTCOME_SCHEMA}, /* in the middle of a character */
               {"3\u00fc bytes", ITV_OUTCOME_OK},     {"", ITV_OUTCOME_OK}};
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(ItvJob) job = itv_job_new();
    itv_job_set_text(job, cases[i].text, -1);
    g_autoptr(ItvOutcome) o =
        itv_plugins_run(plugins, helper, ITV_KIND_RECOMMENDATION, job, NULL, NULL, NULL);
    expect(o, cases[i].class);
  }
}

static void
cancel_soon(void *data, double fraction)
{
  if (fraction > 0.002)
    g_cancellable_cancel(data);
}

static void
test_cancel(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_autoptr(ItvOutcome) o = order(plugins, "help wait", cancellable, cancel_soon, cancellable);
  expect(o, ITV_OUTCOME_CANCELLED);
  g_assert_cmpint(o->status, ==, ITV_ERR_CANCELLED); /* it went by itself */
  g_autoptr(ItvOutcome) next = order(plugins, "help", NULL, NULL, NULL);
  expect(next, ITV_OUTCOME_OK);
  /* the same worker: the cancelled job leaves no mark on the next */
  g_assert_cmpint(itv_record_i64(itv_records_get(next->records, 0), "offset", 0), ==, 2);
}

static void
test_deadline(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  g_autoptr(ItvJob) job = itv_job_new();
  itv_job_add_source_bytes(job, "help wait", 9, "order", NULL);
  itv_job_set_deadline(job, 0.2);
  g_autoptr(ItvOutcome) o = itv_plugins_run(plugins, itv_plugins_find(plugins, HELPER),
                                            ITV_KIND_IMPORTER, job, NULL, NULL, NULL);
  expect(o, ITV_OUTCOME_HANG);
  g_assert_cmpfloat(o->seconds, <, 5);
}

static void
test_threads_in_the_plugin(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  g_autoptr(ItvOutcome) o = order(plugins, "help threads", NULL, NULL, NULL);
  expect(o, ITV_OUTCOME_OK);
  g_assert_cmpuint(o->log->len, ==, 80);
  g_assert_cmpstr(o->log->pdata[79], ==, "info: from a thread");
}

static gpointer
run_many(gpointer plugins)
{
  int good = 0;
  for (int i = 0; i < 50; i++) {
    g_autoptr(ItvOutcome) o = order(plugins, i % 10 == 9 ? "help crash" : "help", NULL, NULL, NULL);
    good += o->class == (i % 10 == 9 ? ITV_OUTCOME_CRASH : ITV_OUTCOME_OK) ||
            o->class == ITV_OUTCOME_QUARANTINED;
  }
  return GINT_TO_POINTER(good);
}

/* Two threads, a worker each; a worker outlives the thread that asked for it. */
static void
test_two_threads(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  GThread *a = g_thread_new("a", run_many, plugins), *b = g_thread_new("b", run_many, plugins);
  g_assert_cmpint(GPOINTER_TO_INT(g_thread_join(a)), ==, 50);
  g_assert_cmpint(GPOINTER_TO_INT(g_thread_join(b)), ==, 50);
  g_autoptr(ItvOutcome) o = order(plugins, "help", NULL, NULL, NULL);
  expect(o, ITV_OUTCOME_OK);
  g_assert_cmpint(itv_record_i64(itv_records_get(o->records, 0), "offset", 0), >, 1);
}

static void
test_quarantine(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  ItvOutcomeClass expected[] = {ITV_OUTCOME_OK,    ITV_OUTCOME_OK,    ITV_OUTCOME_OK,
                                ITV_OUTCOME_CRASH, ITV_OUTCOME_CRASH, ITV_OUTCOME_QUARANTINED};
  for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
    g_autoptr(ItvOutcome) o = order(plugins, i < 3 ? "help" : "help crash", NULL, NULL, NULL);
    expect(o, expected[i]);
  }
  /* another input is not barred */
  g_autoptr(ItvOutcome) other = order(plugins, "help", NULL, NULL, NULL);
  expect(other, ITV_OUTCOME_OK);
}

static void
test_switched_off(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  ItvStrikeStore *store = itv_strike_memory_new();
  itv_plugins_set_strike_store(plugins, store);
  for (int i = 0; i < 3; i++) {
    g_autoptr(ItvJob) job = itv_job_new();
    g_autofree char *name = g_strdup_printf("help %d", i);
    itv_job_add_source_bytes(job, "help crash", 10, name, NULL);
    itv_job_add_source_bytes(job, name, strlen(name), name, NULL); /* another input each */
    g_autoptr(ItvOutcome) o = itv_plugins_run(plugins, itv_plugins_find(plugins, HELPER),
                                              ITV_KIND_IMPORTER, job, NULL, NULL, NULL);
    expect(o, ITV_OUTCOME_CRASH);
  }
  g_autoptr(ItvOutcome) off = order(plugins, "help", NULL, NULL, NULL);
  expect(off, ITV_OUTCOME_OFF);
  g_assert_nonnull(strstr(off->message, "3 crashes within 10 minutes"));
  g_assert_null(itv_plugins_probe(plugins, (const guint8 *)"help", 4, "x"));
  itv_strike_memory_switch_on(store, HELPER, g_get_real_time() / G_USEC_PER_SEC);
  g_autoptr(ItvOutcome) on = order(plugins, "help", NULL, NULL, NULL);
  expect(on, ITV_OUTCOME_OK);
  itv_plugins_set_strike_store(plugins, NULL);
  itv_strike_memory_free(store);
}

static void
test_probe(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  ItvPlugin *a = itv_plugins_probe(plugins, (const guint8 *)"help me", 7, "x");
  ItvPlugin *b = itv_plugins_probe(plugins, (const guint8 *)"#size A", 7, "x");
  ItvPlugin *c = itv_plugins_probe(plugins, (const guint8 *)"", 0, "");
  g_assert_cmpstr(itv_plugin_manifest(a)->id, ==, HELPER);
  g_assert_cmpstr(itv_plugin_manifest(b)->id, ==, "org.example.template");
  g_assert_null(c);
  g_assert_true(itv_plugins_for_kind(plugins, ITV_KIND_IMPORTER) == a); /* priority */
}

static void
test_template(void)
{
  static const struct {
    const char *line;
    ItvOutcomeClass class;
  } cases[] = {{"#size SYNTH-1 2024-02-29 12.5\n", ITV_OUTCOME_OK},
               {"#size SYNTH-1 2023-02-29 12.5\n", ITV_OUTCOME_ERROR},
               {"#size SYNTH-1 2023-08-31 12.5", ITV_OUTCOME_OK},
               {"#size SYNTH-1 2023-01-31 -1", ITV_OUTCOME_ERROR},
               {"#size SYNTH-1 2023-01-31 nan", ITV_OUTCOME_ERROR},
               {"#size SYNTH-1 2023-01-31 5\n#size", ITV_OUTCOME_ERROR},
               {"#size \xff 2023-01-31 5\n", ITV_OUTCOME_ERROR},
               {"#size", ITV_OUTCOME_NOT_APPLICABLE}};
  g_autoptr(ItvPlugins) plugins = open_plugins();
  ItvPlugin *p = itv_plugins_find(plugins, "org.example.template");
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(ItvJob) job = itv_job_new();
    itv_job_add_source_bytes(job, cases[i].line, strlen(cases[i].line), "line", NULL);
    g_autoptr(ItvOutcome) o = itv_plugins_run(plugins, p, ITV_KIND_IMPORTER, job, NULL, NULL, NULL);
    if (o->class != cases[i].class)
      g_error("%s: %s (%s)", cases[i].line, itv_outcome_word(o->class), o->message);
  }
}

static void
test_digest(void)
{
  const itv_field f[] = {ITV_STR("id", "SYNTH-1")};
  g_autoptr(ItvJob) a = itv_job_new();
  g_autoptr(ItvJob) b = itv_job_new();
  g_autofree char *empty = g_strdup(itv_job_digest(a));
  itv_job_add_record(a, "interval.patient/1", f, 1);
  g_assert_cmpstr(itv_job_digest(a), !=, empty);
  itv_job_add_record(b, "interval.patient/1", f, 1);
  g_assert_cmpstr(itv_job_digest(a), ==, itv_job_digest(b));
  itv_job_add_source_bytes(a, "x", 1, "one name", NULL);
  itv_job_add_source_bytes(b, "x", 1, "another name", NULL);
  g_assert_cmpstr(itv_job_digest(a), ==, itv_job_digest(b));
  itv_job_set_text(b, "x", 1);
  g_assert_cmpstr(itv_job_digest(a), !=, itv_job_digest(b));
}

/* As `plugin run --in-process` does it: no confinement, no deadline, a program
 * around the worker. */
static void
test_debugger(void)
{
  static const char *const none[] = {NULL}, *const env[] = {"env", "A=b", NULL};
  g_autoptr(ItvPlugins) plugins = open_plugins();
  itv_plugins_set_debugger(plugins, none);
  g_autoptr(ItvOutcome) bare = order(plugins, "help", NULL, NULL, NULL);
  expect(bare, ITV_OUTCOME_OK);
  g_autofree char *warning = itv_plugins_confinement_warning(plugins);
  g_assert_nonnull(strstr(warning, "unconfined"));
  g_autoptr(ItvPlugins) wrapped = open_plugins();
  itv_plugins_set_debugger(wrapped, env);
  g_autoptr(ItvOutcome) o = order(wrapped, "help", NULL, NULL, NULL);
  expect(o, ITV_OUTCOME_OK);
}

static void
test_confined_here(void)
{
  g_autoptr(ItvPlugins) plugins = open_plugins();
  g_autoptr(ItvOutcome) o = order(plugins, "help", NULL, NULL, NULL);
  g_autofree char *warning = itv_plugins_confinement_warning(plugins);
  if (warning)
    g_test_message("%s", warning);
  expect(o, ITV_OUTCOME_OK);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/jobs/config", test_config_and_resources);
  g_test_add_func("/jobs/warm", test_worker_stays_warm);
  g_test_add_func("/jobs/last-words", test_last_words);
  g_test_add_func("/jobs/many-files", test_many_files);
  g_test_add_func("/jobs/bad-sources", test_bad_sources);
  g_test_add_func("/jobs/volumes", test_volumes);
  g_test_add_func("/jobs/spans", test_spans);
  g_test_add_func("/jobs/cancel", test_cancel);
  g_test_add_func("/jobs/deadline", test_deadline);
  g_test_add_func("/jobs/plugin-threads", test_threads_in_the_plugin);
  g_test_add_func("/jobs/two-threads", test_two_threads);
  g_test_add_func("/jobs/quarantine", test_quarantine);
  g_test_add_func("/jobs/switched-off", test_switched_off);
  g_test_add_func("/jobs/probe", test_probe);
  g_test_add_func("/jobs/template", test_template);
  g_test_add_func("/jobs/digest", test_digest);
  g_test_add_func("/jobs/debugger", test_debugger);
  g_test_add_func("/jobs/confined", test_confined_here);
  return g_test_run();
}
