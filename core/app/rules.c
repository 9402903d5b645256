/* SPDX-License-Identifier: Apache-2.0
 *
 * What follow-ups are derived by: guidelines and facts, and the mark by which a
 * cache that was made under other rules is known.
 */
#include <string.h>

#include "app/app-private.h"
#include "app/walk.h"
#include "base/error.h"
#include "engine/guideline.h"

static gboolean
read_applied(ItvApp *app, const ItvXml *followup, GError **error)
{
  const ItvXml *element = followup ? itv_xml_child(followup, "guidelines", 0) : NULL;
  g_autofree char *ids = g_strstrip(g_strdup(element ? itv_xml_attr(element, "apply", "") : ""));
  app->applied = g_strsplit_set(ids, " \t\r\n", -1);
  for (guint i = 0; app->applied[i]; i++)
    if (*app->applied[i] && !itv_guidelines_find(app->guidelines, app->applied[i]))
      return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: no guideline is called \"%s\"",
                      app->paths.config_file, element->line, app->applied[i]);
  app->rules.apply_assumed = element && strchr("t1", *itv_xml_attr(element, "assume", "false"));
  app->rules.applied = (const char *const *)app->applied;
  return TRUE;
}

GPtrArray *
itv_app_config_files(const ItvApp *app)
{
  const char *dirs[4] = {app->paths.config_dir, app->paths.config_file};
  gsize n = 2;
  if (app->paths.codes_file)
    dirs[n++] = app->paths.codes_file;
  if (app->paths.fulfilment_file)
    dirs[n++] = app->paths.fulfilment_file;
  return itv_walk(dirs, n);
}

/* Of every configuration file by name and content, and of the program. */
static char *
hash_of_rules(const ItvApp *app)
{
  g_autoptr(GPtrArray) files = itv_app_config_files(app);
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  g_checksum_update(sum, (const guchar *)ITV_VERSION, -1);
  for (guint i = 0; i < files->len; i++) {
    const ItvWalkFile *file = files->pdata[i];
    g_autofree char *bytes = NULL;
    g_autofree char *name = g_path_get_basename(file->path);
    gsize n = 0;
    if (!g_str_has_suffix(name, ".xml") || !g_file_get_contents(file->path, &bytes, &n, NULL))
      continue;
    g_checksum_update(sum, (const guchar *)name, (gssize)strlen(name) + 1);
    g_checksum_update(sum, (const guchar *)bytes, (gssize)n);
  }
  return g_strdup(g_checksum_get_string(sum));
}

/* What derive() needs to propose intervals and to answer conditions. */
gboolean
itv_app_read_guidelines(ItvApp *app, const ItvXml *followup, GError **error)
{
  g_autofree char *dir = g_build_filename(app->paths.config_dir, "guidelines", NULL);
  g_autofree char *xsd = g_build_filename(app->paths.schema_dir, "guideline.xsd", NULL);
  g_autofree char *facts = g_build_filename(app->paths.config_dir, "lexicon", "facts.xml", NULL);
  g_autofree char *facts_xsd = g_build_filename(app->paths.schema_dir, "facts.xsd", NULL);
  app->guidelines = itv_guidelines_load(dir, xsd, error);
  if (!app->guidelines)
    return FALSE;
  if (g_file_test(facts, G_FILE_TEST_EXISTS)) { /* a site's lexicon may be older than this file */
    app->facts = itv_fact_lexicon_load(facts, facts_xsd, error);
    if (!app->facts)
      return FALSE;
  }
  app->rules.guidelines = app->guidelines;
  app->rules.facts = app->facts;
  app->rules_hash = hash_of_rules(app);
  return read_applied(app, followup, error);
}
