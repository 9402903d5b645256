/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/check.h"

#include <string.h>

#include "base/error.h"
#include "plugin/check-inputs.h"
#include "plugin/elf.h"
#include "plugin/plugins-private.h"

#define MAX_SAMPLES 100
#define SLOW_S 2.0        /* for inputs as small as ours */
#define CANCEL_SLOW_S 0.5 /* the contract says 100 ms; the rest is a busy machine */

typedef struct {
  ItvPlugins *plugins;
  ItvPlugin *plugin;
  ItvCheckReport report;
  void *data;
  gboolean failed;
} Check;

static void tell(Check *c, ItvCheckGrade grade, const char *what, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

static void
tell(Check *c, ItvCheckGrade grade, const char *what, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *detail = g_strdup_vprintf(format, args);
  va_end(args);
  c->failed = c->failed || grade == ITV_CHECK_FAIL;
  c->report(c->data, grade, what, detail);
}

/* Nothing is quarantined here: each check shall see the plugin itself. */
static void
no_add(void *data, const ItvStrike *strike)
{
  (void)data;
  (void)strike;
}

static guint
no_count(void *data, const char *build, const char *input)
{
  (void)data;
  (void)build;
  (void)input;
  return 0;
}

static guint
no_crashes(void *data, const char *plugin, gint64 since_s)
{
  (void)data;
  (void)plugin;
  (void)since_s;
  return 0;
}

static gboolean
never_off(void *data, const char *plugin, char **ret_reason)
{
  (void)data;
  (void)plugin;
  (void)ret_reason;
  return FALSE;
}

static void
no_switch(void *data, const char *plugin, gint64 when_s, const char *reason)
{
  (void)data;
  (void)plugin;
  (void)when_s;
  (void)reason;
}

static const ItvStrikeStore no_store = {NULL, no_add, no_count, no_crashes, never_off, no_switch};

/* ---- what can be seen from outside ----------------------------------------------- */

static void
check_manifest(Check *c)
{
  const ItvManifest *m = c->plugin->manifest;
  g_autofree char *folder = g_path_get_basename(c->plugin->folder);
  g_autofree char *file = g_path_get_basename(c->plugin->object);
  g_autofree char *expected = g_strconcat(folder, ".so", NULL);
  tell(c, ITV_CHECK_PASS, "manifest", "%s %s", m->id, m->version);
  if (strcmp(file, expected) != 0)
    tell(c, ITV_CHECK_WARN, "file name",
         "the program looks for %s in folder %s, not for %s: rename one of them", expected, folder,
         file);
  if (!*m->vendor || !*m->license)
    tell(c, ITV_CHECK_WARN, "manifest", "vendor= and license= tell users where it comes from");
}

static void
check_exports(Check *c)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) names = itv_elf_exports(c->plugin->object, &error);
  if (!names) {
    tell(c, ITV_CHECK_FAIL, "exports", "%s", error->message);
    return;
  }
  gboolean has_entry = FALSE;
  g_autoptr(GString) others = g_string_new(NULL);
  guint n_others = 0;
  for (guint i = 0; i < names->len; i++) {
    const char *name = names->pdata[i];
    if (strcmp(name, "itv_plugin_entry") == 0)
      has_entry = TRUE;
    else if (n_others++ < 3)
      g_string_append_printf(others, "%s%s", others->len ? ", " : "", name);
  }
  if (!has_entry)
    tell(c, ITV_CHECK_FAIL, "exports",
         "itv_plugin_entry is missing: define it as ITV_EXPORT const itv_plugin");
  else if (n_others > 0)
    tell(c, ITV_CHECK_WARN, "exports",
         "%u more than itv_plugin_entry (%s ...): compile with -fvisibility=hidden", n_others,
         others->str);
  else
    tell(c, ITV_CHECK_PASS, "exports", "only itv_plugin_entry");
}

/* ---- what it does ---------------------------------------------------------------------- */

static ItvOutcome *
run(Check *c, const char *kind, guint i, GCancellable *cancellable, const char **ret_name)
{
  g_autoptr(ItvJob) job = itv_check_inputs_make(kind, i, ret_name);
  return itv_plugins_run(c->plugins, c->plugin, kind, job, cancellable, NULL, NULL);
}

static gboolean
is_fault(const ItvOutcome *o)
{
  return itv_outcome_blames_plugin(o->class) || o->class == ITV_OUTCOME_HOST;
}

static void
check_load(Check *c)
{
  g_autoptr(ItvOutcome) o = itv_outcome_new(c->plugin);
  if (!itv_outcome_identify(c->plugin, o)) {
    tell(c, ITV_CHECK_FAIL, "loads", "%s", o->message);
    return;
  }
  const gint64 begin = g_get_monotonic_time();
  ItvProcess *p = itv_pool_acquire(c->plugin, o);
  if (!p) {
    tell(c, ITV_CHECK_FAIL, "loads", "%s", o->message);
    return;
  }
  itv_pool_release(c->plugin, p);
  tell(c, ITV_CHECK_PASS, "loads", "confined, in %.0f ms",
       (double)(g_get_monotonic_time() - begin) / 1000);
  g_autofree char *warning = itv_plugins_confinement_warning(c->plugins);
  if (warning)
    tell(c, ITV_CHECK_WARN, "confinement", "%s", warning);
}

/* All odd inputs of a kind, each twice: the second time in a new process.  Returns how
 * many had a result. */
static guint
check_kind(Check *c, const char *kind)
{
  const guint n = itv_check_inputs_count(kind);
  guint n_ok = 0, n_different = 0, n_faults = 0;
  double slowest = 0;
  g_autofree char *what = g_strdup_printf("%s: odd inputs", kind);
  g_autofree char *same = g_strdup_printf("%s: same input, same result", kind);
  for (guint i = 0; i < n; i++) {
    const char *name = NULL;
    g_autoptr(ItvOutcome) first = run(c, kind, i, NULL, &name);
    g_ptr_array_set_size(c->plugin->idle, 0);
    g_autoptr(ItvOutcome) second = run(c, kind, i, NULL, &name);
    slowest = MAX(slowest, second->seconds);
    n_ok += first->class == ITV_OUTCOME_OK;
    if (is_fault(first)) {
      n_faults++;
      tell(c, ITV_CHECK_FAIL, what, "%s: %s", name, first->message);
      continue;
    }
    g_autofree char *a = itv_records_to_json(first->records);
    g_autofree char *b = itv_records_to_json(second->records);
    if (first->class != second->class || strcmp(a, b) != 0) {
      n_different++;
      tell(c, ITV_CHECK_FAIL, same,
           "%s: two runs gave different results: results must depend "
           "on the input alone (no clock, no addresses, no randomness)",
           name);
    }
  }
  if (n_faults == 0)
    tell(c, ITV_CHECK_PASS, what, "%u inputs, %u with a result", n, n_ok);
  if (n_faults < n && n_different == 0)
    tell(c, ITV_CHECK_PASS, same, "%s", "");
  if (slowest > SLOW_S)
    tell(c, ITV_CHECK_WARN, what, "the slowest took %.1f s although it is tiny", slowest);
  return n_ok;
}

/* ---- the author's own inputs ------------------------------------------------------------- */

/* NAME.json beside NAME.txt, or the reverse; owned. */
static char *
companion(const char *path, const char *suffix)
{
  const char *dot = strrchr(path, '.');
  g_autofree char *stem = g_strndup(path, dot ? (gsize)(dot - path) : strlen(path));
  return g_strconcat(stem, suffix, NULL);
}

static gboolean
add_records_of(Check *c, ItvJob *job, const char *path, GError **error)
{
  g_autofree char *json = NULL;
  return g_file_get_contents(path, &json, NULL, error) &&
         itv_plugins_add_json(c->plugins, job, json, error);
}

/* NULL with `error` set, or without: the file belongs to another sample. */
static ItvJob *
sample_job(Check *c, const char *kind, const char *path, GError **error)
{
  g_autoptr(ItvJob) job = itv_job_new();
  g_autofree char *text = NULL;
  gsize n = 0;
  if (strcmp(kind, ITV_KIND_IMPORTER) == 0) {
    itv_job_add_source_path(job, path);
    return g_steal_pointer(&job);
  }
  g_autofree char *as_text = companion(path, ".txt");
  g_autofree char *as_json = companion(path, ".json");
  if (strcmp(path, as_json) == 0) {
    if (g_file_test(as_text, G_FILE_TEST_EXISTS) || !add_records_of(c, job, path, error))
      return NULL;
    return g_steal_pointer(&job);
  }
  if (strcmp(path, as_text) != 0) {
    itv_fail(error, ITV_ERROR_INPUT, "expected NAME.json (records) or NAME.txt (the text)");
    return NULL;
  }
  if (!g_file_get_contents(path, &text, &n, error) ||
      (g_file_test(as_json, G_FILE_TEST_EXISTS) && !add_records_of(c, job, as_json, error)))
    return NULL;
  itv_job_set_text(job, text, (gssize)n);
  return g_steal_pointer(&job);
}

/* One sample in two processes. */
static gboolean
check_sample(Check *c, const char *kind, const char *what, ItvJob *job, const char *name)
{
  g_autoptr(ItvOutcome) first = itv_plugins_run(c->plugins, c->plugin, kind, job, NULL, NULL, NULL);
  g_ptr_array_set_size(c->plugin->idle, 0);
  g_autoptr(ItvOutcome) second =
      itv_plugins_run(c->plugins, c->plugin, kind, job, NULL, NULL, NULL);
  g_autofree char *a = itv_records_to_json(first->records);
  g_autofree char *b = itv_records_to_json(second->records);
  if (first->class != ITV_OUTCOME_OK)
    tell(c, ITV_CHECK_FAIL, what, "%s: %s", name, first->message);
  else if (strcmp(a, b) != 0)
    tell(c, ITV_CHECK_FAIL, what, "%s: two runs gave different results", name);
  else
    return TRUE;
  return FALSE;
}

/* Every regular file of a folder must be the plugin's own, and good. */
static void
check_folder(Check *c, const char *kind, const char *what, const char *folder, guint *ret_n)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  guint n = 0, n_good = 0;
  const char *name;
  while (dir && n < MAX_SAMPLES && (name = g_dir_read_name(dir))) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) error = NULL;
    if (*name == '.' || !g_file_test(path, G_FILE_TEST_IS_REGULAR))
      continue;
    g_autoptr(ItvJob) job = sample_job(c, kind, path, &error);
    n += job || error;
    if (error)
      tell(c, ITV_CHECK_FAIL, what, "%s: %s", name, error->message);
    else if (job)
      n_good += check_sample(c, kind, what, job, name);
  }
  if (n > 0 && n_good == n)
    tell(c, ITV_CHECK_PASS, what, "%u files", n);
  *ret_n = n;
}

static void
check_files(Check *c)
{
  g_autofree char *folder = g_build_filename(c->plugin->folder, "samples", NULL);
  guint n = 0;
  check_folder(c, ITV_KIND_IMPORTER, "samples", folder, &n);
  if (n == 0)
    tell(c, ITV_CHECK_SKIP, "samples", "put files of your format into %s: they will be imported",
         folder);
}

/* Of the kinds whose inputs can be written by hand: records and a text, no voxels.  A kind
 * that never had a result is one whose records nobody has seen. */
static void
check_records(Check *c, const char *kind, guint n_results)
{
  static const char *const kinds[] = {ITV_KIND_RECOMMENDATION, ITV_KIND_QUALITY,
                                      ITV_KIND_MEASUREMENT, ITV_KIND_HEALING, NULL};
  if (!g_strv_contains(kinds, kind))
    return;
  const char *word = kind + strlen("interval.");
  g_autofree char *own = g_strndup(word, strcspn(word, "/"));
  g_autofree char *folder = g_build_filename(c->plugin->folder, "samples", own, NULL);
  g_autofree char *what = g_strdup_printf("%s: samples", kind);
  guint n = 0;
  check_folder(c, kind, what, folder, &n);
  if (n == 0)
    tell(c, n_results == 0 ? ITV_CHECK_WARN : ITV_CHECK_SKIP, what,
         "%sput inputs into %s: NAME.json (records, as for `plugin run --records`), NAME.txt (the "
         "text)",
         n_results == 0 ? "no input had a result, so no record was checked: " : "", folder);
}

static void
check_cancel(Check *c, const char *kind)
{
  g_autofree char *what = g_strdup_printf("%s: cancellation", kind);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  double slowest = 0;
  g_cancellable_cancel(cancellable);
  for (guint i = 0; i < itv_check_inputs_count(kind); i++) {
    const char *name = NULL;
    g_autoptr(ItvOutcome) o = run(c, kind, i, cancellable, &name);
    slowest = MAX(slowest, o->seconds);
    if (o->class == ITV_OUTCOME_CANCELLED && o->status != ITV_ERR_CANCELLED) {
      tell(c, ITV_CHECK_FAIL, what,
           "%s: it did not return: poll host->cancelled() every 100 ms and return "
           "ITV_ERR_CANCELLED",
           name);
      return;
    }
  }
  if (slowest > CANCEL_SLOW_S)
    tell(c, ITV_CHECK_WARN, what, "it took %.1f s to return", slowest);
  else
    tell(c, ITV_CHECK_PASS, what, "%s", "");
}

static void
check_probe(Check *c)
{
  const guint n = itv_check_heads_count();
  guint n_sure = 0;
  for (guint i = 0; i < n; i++) {
    const char *name = NULL;
    g_autoptr(GBytes) head = itv_check_head(i, &name);
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(head, &size);
    g_autofree char *problem = NULL;
    const gint64 score = itv_plugin_probe(c->plugin, data, size, "check.bin", &problem);
    if (problem) {
      tell(c, ITV_CHECK_FAIL, "probe", "%s: %s", name, problem);
      return;
    }
    if (score > 50 && i <= 5) {
      n_sure++;
      tell(c, ITV_CHECK_WARN, "probe",
           "%s: it says %d of 100: a sure answer needs a magic number or a header", name,
           (int)score);
    }
  }
  if (n_sure == 0)
    tell(c, ITV_CHECK_PASS, "probe", "%u heads of files", n);
}

static void
check_all(Check *c)
{
  check_manifest(c);
  check_exports(c);
  if (!c->failed)
    check_load(c);
  if (c->failed) {
    tell(c, ITV_CHECK_SKIP, "kinds", "not run: the plugin does not load");
    return;
  }
  const GPtrArray *kinds = c->plugin->manifest->kinds;
  for (guint i = 0; i < kinds->len; i++) {
    const char *kind = ((const ItvManifestKind *)kinds->pdata[i])->id;
    if (strcmp(kind, ITV_KIND_IMPORTER) == 0) {
      check_probe(c);
      check_files(c);
    }
    check_records(c, kind, check_kind(c, kind));
    check_cancel(c, kind);
  }
}

gboolean
itv_plugin_check(const ItvPluginPaths *paths, const char *object, ItvCheckReport report, void *data,
                 GError **error)
{
  ItvPluginPaths own = *paths;
  own.plugin_dirs = NULL;
  g_autoptr(ItvPlugins) plugins = itv_plugins_open(&own, error);
  if (!plugins)
    return FALSE;
  if (!g_file_test(object, G_FILE_TEST_IS_REGULAR))
    return itv_fail(error, ITV_ERROR_NOT_FOUND, "%s: there is no such file", object);
  itv_plugins_set_strike_store(plugins, &no_store);
  Check c = {.plugins = plugins, .report = report, .data = data};
  g_autofree char *absolute = g_canonicalize_filename(object, NULL);
  g_autofree char *folder = g_path_get_dirname(absolute);
  g_autofree char *xsd = g_build_filename(paths->schema_dir, "plugin.xsd", NULL);
  g_autoptr(GError) local = NULL;
  c.plugin = itv_plugin_load(plugins, folder, absolute, xsd, &local);
  if (!c.plugin) {
    tell(&c, ITV_CHECK_FAIL, "manifest", "%s", local->message);
    return FALSE;
  }
  g_ptr_array_add(plugins->list, c.plugin);
  check_all(&c);
  return !c.failed;
}
