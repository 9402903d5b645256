/* SPDX-License-Identifier: Apache-2.0 */
#include "app/result.h"

#include "base/error.h"
#include "store/jobrow.h"

void
itv_app_result_free(ItvAppResult *r)
{
  if (!r)
    return;
  g_free(r->kind);
  g_free(r->plugin);
  g_free(r->version);
  g_free(r->sha256);
  g_free(r->config_hash);
  g_free(r->inputs);
  itv_records_unref(r->records);
  itv_outcome_free(r->outcome);
  g_free(r);
}

static gboolean
find_kept(ItvApp *app, const char *subject, ItvAppResult *r, GError **error)
{
  g_autoptr(ItvJobRow) row = NULL;
  if (!itv_jobrow_find(app->db, r->kind, subject, &row, error))
    return FALSE;
  if (row && row->records && g_strcmp0(row->plugin_sha256, r->sha256) == 0 &&
      g_strcmp0(row->plugin_config, r->config_hash) == 0 && g_strcmp0(row->inputs, r->inputs) == 0)
    r->records = itv_records_from_json(row->records, -1, error);
  return !row || !row->records || r->records || !error || !*error;
}

static gboolean
keep(ItvApp *app, const char *subject, const ItvAppResult *r, const ItvOutcome *o, GError **error)
{
  const ItvJobRowMade made = {r->plugin, r->version, r->sha256, r->config_hash, r->inputs};
  g_autofree char *json = o->class == ITV_OUTCOME_OK ? itv_records_to_json(o->records) : NULL;
  const char *state = o->class == ITV_OUTCOME_OK            ? "done"
                      : o->class == ITV_OUTCOME_QUARANTINED ? "quarantined"
                                                            : "failed";
  if (!itv_db_begin(app->db, error))
    return FALSE;
  if (!itv_jobrow_put(app->db, r->kind, subject, state, &made, json, json ? NULL : o->message,
                      error) ||
      !itv_strikes_flush(app->strikes, error) || !itv_db_commit(app->db, error)) {
    itv_db_rollback(app->db);
    return FALSE;
  }
  return TRUE;
}

static void
show_progress(void *data, double fraction)
{
  itv_app_say(data, "working", (guint64)(fraction * 100), 100);
}

ItvAppResult *
itv_app_result(ItvApp *app, const char *kind, const char *subject, ItvJob *job, GError **error)
{
  ItvPlugin *plugin = itv_app_plugin_for(app, kind, error);
  if (!plugin)
    return NULL;
  const gboolean kept = app->db && subject;
  g_autoptr(ItvAppResult) r = g_new0(ItvAppResult, 1);
  r->kind = g_strdup(kind);
  r->plugin = g_strdup(itv_plugin_manifest(plugin)->id);
  r->version = g_strdup(itv_plugin_manifest(plugin)->version);
  r->sha256 = itv_plugin_sha256(plugin);
  r->config_hash = itv_plugin_config_hash(plugin);
  r->inputs = kept ? g_strdup(itv_job_digest(job)) : NULL;
  if (kept && !find_kept(app, subject, r, error))
    return NULL;
  if (r->records)
    return g_steal_pointer(&r);
  g_autoptr(ItvOutcome) o =
      itv_plugins_run(app->plugins, plugin, kind, job, NULL, show_progress, app);
  if (kept && !keep(app, subject, r, o, error))
    return NULL;
  if (o->class != ITV_OUTCOME_NOT_APPLICABLE && !itv_outcome_check(o, error)) {
    g_prefix_error(error, "%s: ", r->plugin);
    return NULL;
  }
  r->records = itv_records_ref(o->records);
  r->outcome = g_steal_pointer(&o);
  return g_steal_pointer(&r);
}
