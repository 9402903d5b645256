/* SPDX-License-Identifier: Apache-2.0
 *
 * Every sin is run as a job.  The core must live, nothing of the job may be
 * left, and the outcome must name the right fault in words that help.
 *
 * With --must-fail the worker has its confinement compiled out: a case that is
 * marked `sandbox` passes only if it goes wrong then.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plugin/plugins.h"

#define ESCAPED "/tmp/interval-escaped"

typedef struct {
  const char *sin;
  ItvOutcomeClass class;
  const char *words; /* in the message */
  gboolean sandbox;  /* rests on the confinement alone */
  const char *kind;  /* NULL: importer */
} Case;

static const Case cases[] = {
    {"good", ITV_OUTCOME_OK, "", FALSE, NULL},
    {"crash", ITV_OUTCOME_CRASH, "Segmentation fault", FALSE, NULL},
    {"abort", ITV_OUTCOME_CRASH, "this assertion is always wrong", FALSE, NULL},
    {"trap", ITV_OUTCOME_CRASH, "crashed in the middle of a job", FALSE, NULL},
    {"hang", ITV_OUTCOME_HANG, "did not finish within 1 s", FALSE, NULL},
    {"spin", ITV_OUTCOME_HANG, "did not finish within 1 s", FALSE, NULL},
    {"chatter", ITV_OUTCOME_HANG, "did not finish within 1 s", FALSE, NULL},
    {"fork", ITV_OUTCOME_FORBIDDEN, "start a process", TRUE, NULL},
    {"vfork", ITV_OUTCOME_FORBIDDEN, "no plugin may do", TRUE, NULL},
    {"exec", ITV_OUTCOME_FORBIDDEN, "start a program", TRUE, NULL},
    {"socket", ITV_OUTCOME_FORBIDDEN, "open a socket", TRUE, NULL},
    {"write-file", ITV_OUTCOME_FORBIDDEN, "open a file for writing", TRUE, NULL},
    {"truncate", ITV_OUTCOME_FORBIDDEN, "open a file for writing", TRUE, NULL},
    {"ignore-sigsys", ITV_OUTCOME_FORBIDDEN, "open a socket", TRUE, NULL},
    {"early-read", ITV_OUTCOME_ERROR, "the file could not be read", TRUE, NULL},
    {"early-thread", ITV_OUTCOME_ERROR, "no executable memory", TRUE, NULL},
    {"signal-by-kernel", ITV_OUTCOME_ERROR, "the kernel does not do it", TRUE, NULL},
    {"swallow-filter", ITV_OUTCOME_FORBIDDEN, "tampered with its confinement", TRUE, NULL},
    {"delete-file", ITV_OUTCOME_FORBIDDEN, "delete a file", TRUE, NULL},
    {"read-file", ITV_OUTCOME_ERROR, "the file could not be read", TRUE, NULL},
    {"kill-parent", ITV_OUTCOME_FORBIDDEN, "signal a process", TRUE, NULL},
    {"ptrace", ITV_OUTCOME_FORBIDDEN, "trace a process", TRUE, NULL},
    {"raise-limit", ITV_OUTCOME_ERROR, "could not be raised", TRUE, NULL},
    {"executable-memory", ITV_OUTCOME_ERROR, "no executable memory", TRUE, NULL},
    {"memory-bomb", ITV_OUTCOME_MEMORY, "its limit is 256 MiB", FALSE, NULL},
    {"stack-overflow", ITV_OUTCOME_CRASH, "overflowed its stack", FALSE, NULL},
    {"thread-bomb", ITV_OUTCOME_ERROR, "no more threads", FALSE, NULL},
    {"constructor", ITV_OUTCOME_FORBIDDEN, "open a file for writing", TRUE, NULL},
    {"constructor-crash", ITV_OUTCOME_CRASH, "while it was loaded", FALSE, NULL},
    {"exit", ITV_OUTCOME_CRASH, "ended its process itself", FALSE, NULL},
    {"nan", ITV_OUTCOME_SCHEMA, "\"value\" is nan, expected a finite number", FALSE, NULL},
    {"infinite", ITV_OUTCOME_SCHEMA, "expected a finite number", FALSE, NULL},
    {"no-unit", ITV_OUTCOME_SCHEMA, "expected unit one of mm, mm2", FALSE, NULL},
    {"wrong-unit", ITV_OUTCOME_SCHEMA, "not \"cm\"", FALSE, NULL},
    {"unknown-code", ITV_OUTCOME_SCHEMA, "a code of \"measure\"", FALSE, NULL},
    {"wrong-type", ITV_OUTCOME_SCHEMA, "ITV_F64", FALSE, NULL},
    {"missing-field", ITV_OUTCOME_SCHEMA, "required key \"value\" is missing", FALSE, NULL},
    {"unknown-key", ITV_OUTCOME_SCHEMA, "has no key \"diagnosis\"", FALSE, NULL},
    {"unknown-record", ITV_OUTCOME_SCHEMA, "no record \"org.example.diagnosis/1\"", FALSE, NULL},
    {"wrong-direction", ITV_OUTCOME_SCHEMA, "may not come from", FALSE, NULL},
    {"out-of-range", ITV_OUTCOME_SCHEMA, "\"offset\" is -1, expected at least 0", FALSE, NULL},
    {"bad-date", ITV_OUTCOME_SCHEMA, "\"2023-02-29\", expected a date", FALSE, NULL},
    {"twice", ITV_OUTCOME_SCHEMA, "may occur only once", FALSE, NULL},
    {"bad-utf8", ITV_OUTCOME_SCHEMA, "expected valid UTF-8", FALSE, NULL},
    {"null-value", ITV_OUTCOME_SCHEMA, "not NULL", FALSE, NULL},
    {"no-document", ITV_OUTCOME_SCHEMA, "before any interval.document/1", FALSE, NULL},
    {"huge-string", ITV_OUTCOME_ERROR, "bytes in one record", FALSE, NULL},
    {"flood", ITV_OUTCOME_ERROR, "more than 1000 records", FALSE, NULL},
    {"silent", ITV_OUTCOME_PROTOCOL, "emitted no record", FALSE, NULL},
    {"mute", ITV_OUTCOME_PROTOCOL, "without a message", FALSE, NULL},
    {"odd-status", ITV_OUTCOME_PROTOCOL, "status 42, which does not exist", FALSE, NULL},
    {"not-applicable-but", ITV_OUTCOME_PROTOCOL, "yet emitted records", FALSE, NULL},
    {"never-cancelled", ITV_OUTCOME_PROTOCOL, "but nobody did", FALSE, NULL},
    {"emit-after-error", ITV_OUTCOME_ERROR, "the input is malformed at byte 7", FALSE, NULL},
    {"abi-major", ITV_OUTCOME_REFUSED, "plugin ABI 99", FALSE, NULL},
    {"short-struct", ITV_OUTCOME_REFUSED, "ITV_PLUGIN_HEADER", FALSE, NULL},
    {"no-get-kind", ITV_OUTCOME_REFUSED, "has no get_kind()", FALSE, NULL},
    {"other-id", ITV_OUTCOME_REFUSED, "calls itself \"org.interval.dicom\"", FALSE, NULL},
    {"other-version", ITV_OUTCOME_REFUSED, "is version \"9.9.9\"", FALSE, NULL},
    {"no-kind", ITV_OUTCOME_REFUSED, "get_kind() does not offer it", FALSE, NULL},
    {"create-fails", ITV_OUTCOME_REFUSED, "the lexicon is missing", FALSE, NULL},
    {"no-symbol", ITV_OUTCOME_REFUSED, "itv_plugin_entry", FALSE, NULL},
    {"garbage-frames", ITV_OUTCOME_PROTOCOL, "malformed message", FALSE, NULL},
    {"forged-done", ITV_OUTCOME_PROTOCOL, "for another job", FALSE, NULL},
    {"close-channel", ITV_OUTCOME_PROTOCOL, "closed its connection", FALSE, NULL},
    {"write-input", ITV_OUTCOME_CRASH, "inputs are read-only", FALSE, NULL},
    {"volume-lie", ITV_OUTCOME_SCHEMA, "names volume 77, but this job made 0", FALSE,
     ITV_KIND_PIXELS},
    {"volume-bomb", ITV_OUTCOME_ERROR, "the quota is used up", FALSE, ITV_KIND_PIXELS},
    {"volume-shape", ITV_OUTCOME_ERROR, "no volume of a negative size", FALSE, ITV_KIND_PIXELS},
    {"keep-volume", ITV_OUTCOME_PROTOCOL, "still held a volume for writing", FALSE,
     ITV_KIND_PIXELS},
};

static ItvPlugins *plugins;
static gboolean must_fail;
static volatile sig_atomic_t was_signalled;

static void
on_signal(int number)
{
  (void)number;
  was_signalled = 1;
}

static ItvVolume *
small_volume(void)
{
  static const gint16 data[27] = {0};
  const itv_volume shape = {.struct_size = sizeof shape,
                            .pixel = ITV_PIX_I16,
                            .dim = {3, 3, 3},
                            .spacing_mm = {1, 1, 1},
                            .direction = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                            .slope = 1};
  g_autoptr(GError) error = NULL;
  ItvVolume *v = itv_volume_new(&shape, data, &error);
  g_assert_no_error(error);
  return v;
}

static ItvOutcome *
run_sin(const Case *c)
{
  g_autofree char *id = g_strdup_printf("org.interval.test.%s", c->sin);
  ItvPlugin *plugin = itv_plugins_find(plugins, id);
  g_assert_nonnull(plugin);
  g_autoptr(ItvJob) job = itv_job_new();
  g_autoptr(GError) error = NULL;
  g_assert_true(itv_job_add_source_bytes(job, "abc", 3, "a file", &error));
  g_autoptr(ItvVolume) volume = small_volume();
  itv_job_add_volume(job, volume, "current");
  return itv_plugins_run(plugins, plugin, c->kind ? c->kind : ITV_KIND_IMPORTER, job, NULL, NULL,
                         NULL);
}

/* What the outside world must not show. */
static gboolean
nothing_escaped(void)
{
  const gboolean file = access(ESCAPED, F_OK) == 0;
  unlink(ESCAPED);
  const gboolean clean = !file && !was_signalled;
  was_signalled = 0;
  return clean;
}

static gboolean
went_as_it_should(const Case *c, const ItvOutcome *o)
{
  const gboolean empty = itv_records_length(o->records) == 0 && o->volumes->len == 0;
  return nothing_escaped() && o->class == c->class && strstr(o->message, c->words) &&
         (c->class == ITV_OUTCOME_OK) != empty;
}

static void
test_sin(gconstpointer data)
{
  const Case *c = data;
  if (must_fail && !c->sandbox) {
    g_test_skip("does not rest on the confinement");
    return;
  }
  g_autoptr(ItvOutcome) o = run_sin(c);
  g_autofree char *warning = itv_plugins_confinement_warning(plugins);
  if (!must_fail && strcmp(c->sin, "early-read") == 0 && warning && strstr(warning, "Landlock")) {
    g_test_skip(warning); /* this kernel cannot keep a plugin from reading while it is loaded */
    return;
  }
  const gboolean good = went_as_it_should(c, o);
  g_test_message("%s: %s", itv_outcome_word(o->class), o->message);
  if (good == must_fail) {
    fprintf(stderr, "%s: %s (%s), %zu records; expected %s (%s)%s\n", c->sin,
            itv_outcome_word(o->class), o->message, itv_records_length(o->records),
            itv_outcome_word(c->class), c->words, must_fail ? " NOT to happen unconfined" : "");
    g_test_fail();
  }
}

/* A thread that goes on after its job has only the processor time that is left
 * to an idle worker; the next job gets a new one. */
static void
test_burn_after(void)
{
  const Case c = {"burn-after", ITV_OUTCOME_OK, "", FALSE, NULL};
  if (must_fail) {
    g_test_skip("does not rest on the confinement");
    return;
  }
  g_autoptr(ItvOutcome) first = run_sin(&c);
  g_assert_cmpint(first->class, ==, ITV_OUTCOME_OK);
  g_usleep(3500000);
  g_autoptr(ItvOutcome) second = run_sin(&c);
  g_assert_cmpint(second->class, ==, ITV_OUTCOME_OK);
}

/* A file of four bytes, open for reading only. */
static int
small_file(const char *text)
{
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;
  const int fd = g_file_open_tmp("interval-hostile-XXXXXX", &path, &error);
  g_assert_no_error(error);
  g_assert_cmpint(write(fd, text, 4), ==, 4);
  close(fd);
  const int again = open(path, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint(again, >=, 0);
  unlink(path);
  return again;
}

/* In a batch each file has the outcome that it has alone, and the good ones lose nothing. */
static void
test_batch(void)
{
  static const struct {
    const char *text;
    ItvOutcomeClass class;
  } files[] = {
      {"a001", ITV_OUTCOME_OK},    {"E002", ITV_OUTCOME_ERROR}, {"a003", ITV_OUTCOME_OK},
      {"C004", ITV_OUTCOME_CRASH}, {"a005", ITV_OUTCOME_OK},    {"a006", ITV_OUTCOME_OK},
      {"L007", ITV_OUTCOME_ERROR}, {"a008", ITV_OUTCOME_OK},    {"S009", ITV_OUTCOME_SCHEMA},
      {"a010", ITV_OUTCOME_OK},    {"a011", ITV_OUTCOME_OK},    {"a012", ITV_OUTCOME_OK}};
  if (must_fail) {
    g_test_skip("does not rest on the confinement");
    return;
  }
  ItvPlugin *plugin = itv_plugins_find(plugins, "org.interval.test.by-content");
  ItvBatchFile batch[G_N_ELEMENTS(files)];
  ItvOutcome *outcomes[G_N_ELEMENTS(files)];
  for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
    batch[i] = (ItvBatchFile){small_file(files[i].text), files[i].text};
  for (int turn = 0; turn < 2; turn++) { /* once unknown, once after their strikes */
    itv_plugins_run_files(plugins, plugin, ITV_KIND_IMPORTER, batch, G_N_ELEMENTS(files), outcomes);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
      g_autoptr(ItvOutcome) o = outcomes[i];
      g_assert_cmpint(o->class, ==, files[i].class);
      g_assert_cmpuint(itv_records_length(o->records), ==, o->class == ITV_OUTCOME_OK);
      if (o->class == ITV_OUTCOME_OK)
        g_assert_cmpstr(itv_record_str(itv_records_get(o->records, 0), "identifier", ""), ==,
                        files[i].text);
    }
  }
  for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
    close(batch[i].fd);
}

static void
test_every_sin_is_listed(void)
{
  const GPtrArray *list = itv_plugins_list(plugins);
  for (guint i = 0; i < list->len; i++) {
    const char *id = itv_plugin_manifest(list->pdata[i])->id;
    gboolean found = g_str_has_suffix(id, ".burn-after") || g_str_has_suffix(id, ".by-content");
    for (gsize k = 0; k < G_N_ELEMENTS(cases); k++)
      found = found || strcmp(id + strlen("org.interval.test."), cases[k].sin) == 0;
    if (!found)
      g_error("%s has no case", id);
  }
}

static ItvPlugins *
open_plugins(void)
{
  g_autofree char *schemas = g_build_filename(g_getenv("ITV_SOURCE_DIR"), "schemas", NULL);
  g_autofree char *worker =
      g_getenv("ITV_WORKER")
          ? g_strdup(g_getenv("ITV_WORKER"))
          : g_build_filename(g_getenv("ITV_BUILD_DIR"), "bin", "interval-worker", NULL);
  const char *dirs[] = {g_getenv("ITV_SINS"), NULL};
  const ItvPluginPaths paths = {dirs, NULL, schemas, worker};
  g_autoptr(GError) error = NULL;
  ItvPlugins *p = itv_plugins_open(&paths, &error);
  g_assert_no_error(error);
  g_assert_null(itv_plugins_problems(p)[0]);
  return p;
}

int
main(int argc, char **argv)
{
  must_fail = argc > 1 && strcmp(argv[argc - 1], "--must-fail") == 0;
  argc -= must_fail;
  g_test_init(&argc, &argv, NULL);
  signal(SIGUSR1, on_signal);
  nothing_escaped();
  plugins = open_plugins();
  g_test_add_func("/hostile/listed", test_every_sin_is_listed);
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *path = g_strdup_printf("/hostile/%s", cases[i].sin);
    g_test_add_data_func(path, &cases[i], test_sin);
  }
  g_test_add_func("/hostile/burn-after", test_burn_after);
  g_test_add_func("/hostile/batch", test_batch);
  const int status = g_test_run();
  itv_plugins_close(plugins);
  return status;
}
