/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/app-private.h"
#include "app/walk.h"
#include "base/error.h"
#include "base/xml.h"
#include "plugin/check.h"
#include "store/jobrow.h"
#include "store/strike.h"

/* ---- list --------------------------------------------------------------------------------- */

static json_object *
plugin_json(ItvApp *app, ItvPlugin *plugin)
{
  const ItvManifest *m = itv_plugin_manifest(plugin);
  json_object *o = json_object_new_object();
  json_object *kinds = json_object_new_array();
  g_autofree char *sha256 = itv_plugin_sha256(plugin);
  g_autofree char *off = NULL;
  for (guint i = 0; i < m->kinds->len; i++)
    json_object_array_add(kinds,
                          json_object_new_string(((ItvManifestKind *)m->kinds->pdata[i])->id));
  if (app->strikes) {
    const ItvStrikeStore *store = itv_strikes_store(app->strikes);
    store->is_off(store->data, m->id, &off);
  }
  itv_json_add_string(o, "id", m->id);
  itv_json_add_string(o, "version", m->version);
  itv_json_add_string(o, "name", m->name);
  itv_json_add_string(o, "vendor", m->vendor);
  itv_json_add_string(o, "license", m->license);
  itv_json_add(o, "kinds", kinds);
  itv_json_add_string(o, "object", itv_plugin_object(plugin));
  itv_json_add_string(o, "sha256", sha256);
  itv_json_add_string(o, "off", off);
  return o;
}

json_object *
itv_app_plugin_list(ItvApp *app, GError **error)
{
  (void)error;
  json_object *o = json_object_new_object();
  json_object *list = json_object_new_array();
  json_object *problems = json_object_new_array();
  const GPtrArray *plugins = itv_plugins_list(app->plugins);
  for (guint i = 0; i < plugins->len; i++)
    json_object_array_add(list, plugin_json(app, plugins->pdata[i]));
  for (const char *const *p = itv_plugins_problems(app->plugins); *p; p++)
    json_object_array_add(problems, json_object_new_string(*p));
  itv_json_add(o, "plugins", list);
  itv_json_add(o, "problems", problems);
  return o;
}

json_object *
itv_app_plugin_on(ItvApp *app, const char *id, GError **error)
{
  if (!itv_plugins_find(app->plugins, id))
    return itv_fail(error, ITV_ERROR_NOT_FOUND, "no plugin %s; `interval plugin list` shows them",
                    id),
           NULL;
  if (!itv_db_begin(app->db, error) || !itv_strike_switch_on(app->db, id, error) ||
      !itv_jobrow_requeue_plugin(app->db, ITV_KIND_RECOMMENDATION, id, error) ||
      !itv_db_commit(app->db, error)) {
    itv_db_rollback(app->db);
    return NULL;
  }
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "plugin", id);
  return o;
}

/* ---- check ---------------------------------------------------------------------------------- */

static void
report(void *data, ItvCheckGrade grade, const char *what, const char *detail)
{
  static const char *const words[] = {"pass", "warn", "FAIL", "skip"};
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "grade", words[grade]);
  itv_json_add_string(o, "what", what);
  itv_json_add_string(o, "detail", detail);
  json_object_array_add(data, o);
}

static ItvPluginPaths
paths_of(const ItvApp *app)
{
  return (ItvPluginPaths){(const char *const *)app->paths.plugin_dirs, app->paths.config_dir,
                          app->paths.schema_dir, app->paths.worker};
}

json_object *
itv_app_plugin_check(ItvApp *app, const char *object, gboolean *ret_failed, GError **error)
{
  const ItvPluginPaths paths = paths_of(app);
  g_autoptr(GError) local = NULL;
  g_autofree char *path = g_canonicalize_filename(object, NULL);
  json_object *checks = json_object_new_array();
  const gboolean passed = itv_plugin_check(&paths, path, report, checks, &local);
  if (local) {
    g_propagate_error(error, g_steal_pointer(&local));
    json_object_put(checks);
    return NULL;
  }
  json_object *o = json_object_new_object();
  itv_json_add_bool(o, "passed", passed);
  itv_json_add(o, "checks", checks);
  *ret_failed = !passed;
  return o;
}

/* ---- run --------------------------------------------------------------------------------------
 */

static const char *
kind_of(const ItvManifest *m, const char *wanted, GError **error)
{
  if (wanted && itv_manifest_kind(m, wanted))
    return wanted;
  if (!wanted && m->kinds->len == 1)
    return ((ItvManifestKind *)m->kinds->pdata[0])->id;
  GString *kinds = g_string_new(NULL);
  for (guint i = 0; i < m->kinds->len; i++)
    g_string_append_printf(kinds, " %s", ((ItvManifestKind *)m->kinds->pdata[i])->id);
  itv_fail(error, ITV_ERROR_USAGE, "%s; give --kind, one of:%s",
           wanted ? "the plugin does not offer that kind" : "the plugin offers several kinds",
           kinds->str);
  g_string_free(kinds, TRUE);
  return NULL;
}

static gboolean
fill_job(const ItvPlugins *plugins, ItvJob *job, const ItvPluginRun *run, GError **error)
{
  for (gsize i = 0; i < run->n_files; i++)
    itv_job_add_source_path(job, run->files[i]);
  if (run->text)
    itv_job_set_text(job, run->text, -1);
  if (!run->records_json || itv_plugins_add_json(plugins, job, run->records_json, error))
    return TRUE;
  g_prefix_error(error, "--records: ");
  return FALSE;
}

static json_object *
records_document(const ItvOutcome *o, GError **error)
{
  g_autofree char *json = itv_records_to_json(o->records);
  json_object *records = itv_json_parse(json, -1, error);
  if (!records)
    return NULL;
  json_object *document = json_object_new_object();
  itv_json_add_string(document, "outcome", itv_outcome_word(o->class));
  itv_json_add_string(document, "message", o->message);
  itv_json_add(document, "records", records);
  json_object *log = json_object_new_array();
  itv_json_append_strings(log, o->log);
  itv_json_add(document, "log", log);
  itv_json_add_int(document, "volumes", o->volumes ? o->volumes->len : 0);
  itv_json_add_double(document, "seconds", o->seconds);
  return document;
}

static gboolean
run_below(ItvPlugins *plugins, const char *debugger, GError **error)
{
  static const char *const none[] = {NULL};
  g_auto(GStrv) argv = NULL;
  g_autoptr(GError) local = NULL;
  if (*debugger && !g_shell_parse_argv(debugger, NULL, &argv, &local))
    return itv_fail(error, ITV_ERROR_USAGE, "%s: %s", debugger, local->message);
  itv_plugins_set_debugger(plugins, argv ? (const char *const *)argv : none);
  return TRUE;
}

static ItvPlugin *
find_object(const ItvPlugins *plugins, const char *path, GError **error)
{
  const GPtrArray *list = itv_plugins_list(plugins);
  for (guint i = 0; i < list->len; i++)
    if (strcmp(itv_plugin_object(list->pdata[i]), path) == 0)
      return list->pdata[i];
  const char *const *problems = itv_plugins_problems(plugins);
  itv_fail(error, ITV_ERROR_PLUGIN, "%s: no plugin: %s", path,
           *problems ? *problems : "is plugin.xml beside it?");
  return NULL;
}

json_object *
itv_app_plugin_run(ItvApp *app, const ItvPluginRun *run, GError **error)
{
  /* The folder of the object's folder is a plugin directory of its own. */
  g_autofree char *path = g_canonicalize_filename(run->object, NULL);
  g_autofree char *folder = g_path_get_dirname(path);
  g_autofree char *parent = g_path_get_dirname(folder);
  const char *dirs[] = {parent, NULL};
  ItvPluginPaths paths = paths_of(app);
  paths.plugin_dirs = dirs;
  g_autoptr(ItvPlugins) plugins = itv_plugins_open(&paths, error);
  ItvPlugin *plugin = plugins ? find_object(plugins, path, error) : NULL;
  if (!plugin)
    return NULL;
  const char *chosen = kind_of(itv_plugin_manifest(plugin), run->kind, error);
  g_autoptr(ItvJob) job = itv_job_new();
  if (!chosen || !fill_job(plugins, job, run, error) ||
      (run->debugger && !run_below(plugins, run->debugger, error)))
    return NULL;
  g_autoptr(ItvOutcome) o = itv_plugins_run(plugins, plugin, chosen, job, NULL, NULL, NULL);
  if (o->class != ITV_OUTCOME_OK && o->class != ITV_OUTCOME_NOT_APPLICABLE)
    return itv_outcome_check(o, error), NULL;
  return records_document(o, error);
}

json_object *
itv_app_plugin_new(const char *name, const char *dir, GError **error)
{
  if (!itv_plugin_new(name, dir, error))
    return NULL;
  json_object *o = json_object_new_object();
  g_autofree char *folder = g_build_filename(dir, name, NULL);
  itv_json_add_string(o, "folder", folder);
  return o;
}

/* ---- configuration ----------------------------------------------------------------------------
 */

/* Every XML file below config/ against the schema that its root names; what was
 * read at the start (interval.xml, fulfilment, codes, exams, protocols) is valid, or the app
 * would not be open. */
json_object *
itv_app_config_check(ItvApp *app, GError **error)
{
  static const struct {
    const char *root, *xsd;
  } schemas[] = {{"interval", "interval.xsd"},   {"exams", "exams.xsd"},
                 {"codes", "codes.xsd"},         {"protocol", "protocol.xsd"},
                 {"guideline", "guideline.xsd"}, {"lexicon", "lexicon.xsd"},
                 {"linkage", "linkage.xsd"},     {"letter", "letter.xsd"},
                 {"facts", "facts.xsd"},         {"fulfilment", "fulfilment.xsd"}};
  g_autoptr(GPtrArray) files = itv_app_config_files(app);
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(json_object) list = json_object_new_array();
  for (guint i = 0; i < files->len; i++) {
    const ItvWalkFile *file = files->pdata[i];
    if (!g_str_has_suffix(file->path, ".xml") || !g_hash_table_add(seen, file->path))
      continue;
    g_autoptr(ItvXml) xml = itv_xml_read(file->path, NULL, error);
    if (!xml)
      return NULL;
    for (gsize k = 0; k < G_N_ELEMENTS(schemas); k++) {
      if (strcmp(schemas[k].root, xml->name) != 0)
        continue;
      g_autofree char *xsd = g_build_filename(app->paths.schema_dir, schemas[k].xsd, NULL);
      g_autoptr(ItvXml) checked = itv_xml_read(file->path, xsd, error);
      if (!checked)
        return NULL;
    }
    json_object_array_add(list, json_object_new_string(file->path));
  }
  json_object *o = json_object_new_object();
  itv_json_add(o, "files", json_object_get(list));
  return o;
}
