/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app-private.h"

#include <string.h>

#include "base/error.h"
#include "base/xml.h"
#include "engine/protocol.h"

/* ---- where things are --------------------------------------------------------- */

/* The installation this program belongs to: PREFIX/bin/interval. */
static char *
find_home(const char *program)
{
  const char *home = g_getenv("INTERVAL_HOME");
  if (home && *home)
    return g_strdup(home);
  g_autofree char *bin = g_path_get_dirname(program);
  return g_path_get_dirname(bin);
}

static char *
first_existing(const char *home, const char *const *candidates)
{
  for (; *candidates; candidates++) {
    g_autofree char *path = g_build_filename(home, *candidates, NULL);
    if (g_file_test(path, G_FILE_TEST_EXISTS))
      return g_steal_pointer(&path);
  }
  return NULL;
}

static gboolean
find_paths(ItvAppPaths *paths, const ItvAppOptions *options, GError **error)
{
  static const char *const plugin_dirs[] = {"lib/interval/plugins",
                                            "lib/" ITV_MULTIARCH "/interval/plugins", NULL};
  static const char *const workers[] = {"bin/interval-worker", "libexec/interval/interval-worker",
                                        "lib/interval/interval-worker", NULL};
  g_autofree char *home = find_home(options->program);
  g_autofree char *share = g_build_filename(home, "share", "interval", NULL);
  g_autofree char *plugins = first_existing(home, plugin_dirs);
  const char *extra = g_getenv("INTERVAL_PLUGINS");
  g_autoptr(GStrvBuilder) dirs = g_strv_builder_new();
  g_auto(GStrv) extras = g_strsplit(extra ? extra : "", ":", -1);
  for (guint i = 0; extras[i]; i++)
    if (*extras[i])
      g_strv_builder_add(dirs, extras[i]);
  if (plugins)
    g_strv_builder_add(dirs, plugins);
  paths->plugin_dirs = g_strv_builder_end(dirs);
  paths->schema_dir = g_build_filename(share, "schemas", NULL);
  paths->worker = first_existing(home, workers);
  paths->config_file = options->config ? g_strdup(options->config)
                                       : g_build_filename(share, "config", "interval.xml", NULL);
  /* A site's own interval.xml may stand alone: what is not beside it comes with
   * the installation. */
  g_autofree char *beside = g_path_get_dirname(paths->config_file);
  g_autofree char *lexicon = g_build_filename(beside, "lexicon", NULL);
  paths->config_dir = g_file_test(lexicon, G_FILE_TEST_IS_DIR)
                          ? g_steal_pointer(&beside)
                          : g_build_filename(share, "config", NULL);
  if (!paths->worker)
    return itv_fail(error, ITV_ERROR_PLUGIN,
                    "%s: no bin/interval-worker below it; is the installation complete?", home);
  return TRUE;
}

/* ---- configuration -------------------------------------------------------------- */

static int
int_attr(const ItvXml *xml, const char *name, int fallback)
{
  const char *text = itv_xml_attr(xml, name, NULL);
  return text ? (int)g_ascii_strtoll(text, NULL, 10) : fallback;
}

static void
read_followup(ItvRules *rules, const ItvXml *followup)
{
  const ItvXml *grace = itv_xml_child(followup, "grace", 0);
  const ItvXml *early = itv_xml_child(followup, "early", 0);
  if (grace) {
    rules->grace_long_days = int_attr(grace, "long", rules->grace_long_days);
    rules->grace_short_days = int_attr(grace, "short", rules->grace_short_days);
    itv_period_parse(itv_xml_attr(grace, "long-from", "P3M"), &rules->long_from);
  }
  if (early) {
    rules->early_divisor = int_attr(early, "divisor", rules->early_divisor);
    rules->early_max_days = int_attr(early, "max-days", rules->early_max_days);
  }
}

static gboolean
read_plugin_settings(ItvApp *app, const ItvXml *root, GError **error)
{
  const ItvXml *plugin = NULL;
  for (gsize i = 0; (plugin = itv_xml_child(root, "plugin", i)); i++) {
    const ItvXml *set = NULL;
    for (gsize k = 0; (set = itv_xml_child(plugin, "set", k)); k++) {
      g_autoptr(GError) local = NULL;
      if (!itv_plugins_set_config(app->plugins, itv_xml_attr(plugin, "id", ""),
                                  itv_xml_attr(set, "key", ""), itv_xml_attr(set, "value", ""),
                                  &local))
        return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: %s", app->paths.config_file, set->line,
                        local->message);
    }
  }
  return TRUE;
}

/* The site's copy of the RadLex Playbook, named from where the configuration lies. */
static gboolean
read_playbook(ItvApp *app, const ItvXml *root, GError **error)
{
  const ItvXml *element = itv_xml_child(root, "playbook", 0);
  if (!element)
    return TRUE;
  g_autofree char *dir = g_path_get_dirname(app->paths.config_file);
  g_autofree char *path = g_canonicalize_filename(itv_xml_attr(element, "file", ""), dir);
  ItvPlaybook *playbook = itv_playbook_load(path, error);
  if (!playbook)
    return FALSE;
  itv_exam_lexicon_set_playbook(app->exams, playbook);
  return TRUE;
}

/* The site's map of codes: the file that <codes> names, else codes.xml beside
 * interval.xml, else that of the installation, if any. */
static gboolean
read_codes(ItvApp *app, const ItvXml *codes, GError **error)
{
  g_autofree char *beside = g_path_get_dirname(app->paths.config_file);
  const char *named = codes ? itv_xml_attr(codes, "file", "codes.xml") : "codes.xml";
  g_autofree char *path = g_canonicalize_filename(named, beside);
  if (!codes && !g_file_test(path, G_FILE_TEST_EXISTS)) {
    g_free(path);
    path = g_build_filename(app->paths.config_dir, "codes.xml", NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
      return TRUE;
  }
  g_autofree char *xsd = g_build_filename(app->paths.schema_dir, "codes.xsd", NULL);
  ItvCodeMap *map = itv_code_map_load(path, xsd, app->fulfilment, error);
  if (!map)
    return FALSE;
  itv_exam_lexicon_set_codes(app->exams, map);
  app->paths.codes_file = g_steal_pointer(&path);
  return TRUE;
}

/* A site's own folder may lack the file: then that of the installation holds. */
static gboolean
read_linkage(ItvApp *app, GError **error)
{
  g_autofree char *own = g_build_filename(app->paths.config_dir, "linkage.xml", NULL);
  g_autofree char *share = g_path_get_dirname(app->paths.schema_dir);
  g_autofree char *installed = g_build_filename(share, "config", "linkage.xml", NULL);
  g_autofree char *xsd = g_build_filename(app->paths.schema_dir, "linkage.xsd", NULL);
  const gboolean is_own = g_file_test(own, G_FILE_TEST_EXISTS);
  app->linkage = itv_linkage_load(is_own ? own : installed, xsd, error);
  return app->linkage != NULL;
}

/* What lies beside interval.xml, else what is installed, else what is built in. */
static gboolean
read_fulfilment(ItvApp *app, GError **error)
{
  g_autofree char *beside = g_path_get_dirname(app->paths.config_file);
  g_autofree char *path = g_build_filename(beside, "fulfilment.xml", NULL);
  g_autofree char *xsd = g_build_filename(app->paths.schema_dir, "fulfilment.xsd", NULL);
  if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
    g_free(path);
    path = g_build_filename(app->paths.config_dir, "fulfilment.xml", NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
      return TRUE;
  }
  app->fulfilment = itv_fulfilment_load(path, xsd, error);
  if (!app->fulfilment)
    return FALSE;
  app->paths.fulfilment_file = g_steal_pointer(&path);
  app->rules.fulfilment = app->fulfilment;
  app->rules.early_divisor = itv_fulfilment_early_divisor(app->fulfilment);
  app->rules.early_max_days = itv_fulfilment_early_days(app->fulfilment);
  return TRUE;
}

static void
read_site(ItvAppSite *site, const ItvXml *xml)
{
  site->name = xml ? g_strdup(itv_xml_attr(xml, "name", NULL)) : NULL;
  site->address = xml ? g_strdup(itv_xml_attr(xml, "address", NULL)) : NULL;
  site->phone = xml ? g_strdup(itv_xml_attr(xml, "phone", NULL)) : NULL;
  site->hours = xml ? g_strdup(itv_xml_attr(xml, "hours", NULL)) : NULL;
  site->language = g_strdup(xml ? itv_xml_attr(xml, "language", "en") : "en");
}

static gboolean
read_config(ItvApp *app, GError **error)
{
  g_autofree char *xsd = g_build_filename(app->paths.schema_dir, "interval.xsd", NULL);
  g_autoptr(ItvXml) root = itv_xml_read(app->paths.config_file, xsd, error);
  if (!root)
    return FALSE;
  app->rules = itv_rules_default();
  if (!read_fulfilment(app, error))
    return FALSE;
  app->escalation =
      itv_escalation_load(itv_xml_child(root, "escalation", 0), app->paths.config_file, error);
  if (!app->escalation)
    return FALSE;
  read_site(&app->site, itv_xml_child(root, "site", 0));
  const ItvXml *measures = itv_xml_child(root, "measures", 0);
  app->measures = (ItvMeasureRules){measures ? int_attr(measures, "before-days", 30) : 30,
                                    measures ? int_attr(measures, "after-days", 60) : 60};
  const ItvXml *followup = itv_xml_child(root, "followup", 0);
  if (followup)
    read_followup(&app->rules, followup);
  g_autofree char *exams = g_build_filename(app->paths.config_dir, "lexicon", "exams.xml", NULL);
  g_autofree char *exams_xsd = g_build_filename(app->paths.schema_dir, "exams.xsd", NULL);
  app->exams = itv_exam_lexicon_load(exams, exams_xsd, error);
  if (app->exams)
    itv_exam_lexicon_set_fulfilment(app->exams, app->fulfilment);
  if (!app->exams || !read_playbook(app, root, error))
    return FALSE;
  if (!read_codes(app, itv_xml_child(root, "codes", 0), error))
    return FALSE;
  g_autofree char *protocols = g_build_filename(app->paths.config_dir, "protocols", NULL);
  g_autofree char *protocol_xsd = g_build_filename(app->paths.schema_dir, "protocol.xsd", NULL);
  app->protocols = itv_protocols_load(protocols, protocol_xsd, error);
  if (!app->protocols)
    return FALSE;
  app->rules.protocols = app->protocols;
  if (app->db && !itv_app_read_guidelines(app, followup, error))
    return FALSE;
  if (!read_linkage(app, error))
    return FALSE;
  return read_plugin_settings(app, root, error);
}

/* ---- open and close ---------------------------------------------------------------- */

char *
itv_app_database_path(const ItvAppOptions *options)
{
  const char *db = options->db ? options->db : g_getenv("INTERVAL_DB");
  return db && *db ? g_strdup(db)
                   : g_build_filename(g_get_user_data_dir(), "interval", "interval.db", NULL);
}

ItvApp *
itv_app_open(const ItvAppOptions *options, GError **error)
{
  g_autoptr(ItvApp) app = g_new0(ItvApp, 1);
  if (!find_paths(&app->paths, options, error))
    return NULL;
  if (!options->no_database) {
    g_autofree char *db = itv_app_database_path(options);
    app->db = itv_db_open(db, error);
    if (!app->db)
      return NULL;
  }
  const ItvPluginPaths paths = {(const char *const *)app->paths.plugin_dirs, app->paths.config_dir,
                                app->paths.schema_dir, app->paths.worker};
  app->plugins = itv_plugins_open(&paths, error);
  if (!app->plugins || !read_config(app, error))
    return NULL;
  if (app->db) {
    app->strikes = itv_strikes_load(app->db, error);
    if (!app->strikes)
      return NULL;
    itv_plugins_set_strike_store(app->plugins, itv_strikes_store(app->strikes));
  }
  return g_steal_pointer(&app);
}

void
itv_app_close(ItvApp *app)
{
  if (!app)
    return;
  if (app->plugins)
    itv_plugins_close(app->plugins);
  if (app->strikes)
    itv_strikes_flush(app->strikes, NULL);
  itv_strikes_free(app->strikes);
  itv_exam_lexicon_free(app->exams);
  itv_escalation_free(app->escalation);
  g_free(app->site.name);
  g_free(app->site.address);
  g_free(app->site.phone);
  g_free(app->site.hours);
  g_free(app->site.language);
  g_clear_pointer(&app->protocols, g_ptr_array_unref);
  g_free(app->last_image.key);
  g_clear_pointer(&app->guidelines, g_ptr_array_unref);
  itv_fact_lexicon_free(app->facts);
  g_strfreev(app->applied);
  g_free(app->last_image.uid);
  g_free(app->rules_hash);
  itv_linkage_free(app->linkage);
  itv_fulfilment_free(app->fulfilment);
  itv_db_close(app->db);
  g_strfreev(app->paths.plugin_dirs);
  g_free(app->paths.config_file);
  g_free(app->paths.config_dir);
  g_free(app->paths.codes_file);
  g_free(app->paths.fulfilment_file);
  g_free(app->paths.schema_dir);
  g_free(app->paths.worker);
  g_free(app);
}

void
itv_app_set_progress(ItvApp *app, ItvProgress progress, gpointer data)
{
  app->progress = progress;
  app->progress_data = data;
}

void
itv_app_say(ItvApp *app, const char *what, guint64 done, guint64 total)
{
  if (app->progress)
    app->progress(app->progress_data, what, done, total);
}

ItvPlugin *
itv_app_plugin_for(ItvApp *app, const char *kind, GError **error)
{
  ItvPlugin *plugin = itv_plugins_for_kind(app->plugins, kind);
  if (!plugin)
    itv_fail(error, ITV_ERROR_PLUGIN,
             "no plugin offers %s; `interval plugin list` shows what is there", kind);
  return plugin;
}
