/* SPDX-License-Identifier: Apache-2.0 */
#include "store/jobrow.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS                                                                                    \
  "id, kind, subject, state, message, plugin, plugin_version, plugin_sha256, plugin_config,"       \
  " inputs, records"

void
itv_jobrow_free(ItvJobRow *job)
{
  if (!job)
    return;
  g_free(job->kind);
  g_free(job->subject);
  g_free(job->state);
  g_free(job->message);
  g_free(job->plugin);
  g_free(job->plugin_version);
  g_free(job->plugin_sha256);
  g_free(job->plugin_config);
  g_free(job->inputs);
  g_free(job->records);
  g_free(job);
}

static ItvJobRow *
read_row(ItvQuery *q)
{
  ItvJobRow *job = g_new0(ItvJobRow, 1);
  char **const fields[] = {
      &job->kind,           &job->subject,       &job->state,         &job->message, &job->plugin,
      &job->plugin_version, &job->plugin_sha256, &job->plugin_config, &job->inputs,  &job->records};
  job->id = itv_query_int(q, 0);
  for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
    *fields[i] = g_strdup(itv_query_text(q, (int)i + 1));
  return job;
}

/* "PID START": a process id may come again, with another start time. */
static char *
owner_of(pid_t pid)
{
  g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
  g_autofree char *stat = NULL;
  if (!g_file_get_contents(path, &stat, NULL, NULL))
    return g_strdup_printf("%d", (int)pid);
  /* Field 22, counted after the command's closing parenthesis (field 2). */
  const char *rest = strrchr(stat, ')');
  g_auto(GStrv) fields = g_strsplit(rest ? rest + 2 : "", " ", 21);
  return g_strdup_printf("%d %s", (int)pid, g_strv_length(fields) > 19 ? fields[19] : "");
}

gboolean
itv_jobrow_queue(ItvDb *db, const char *kind, const char *subject, GError **error)
{
  return itv_db_exec(db, error,
                     "INSERT OR IGNORE INTO job (kind, subject, state) VALUES (?1, ?2, 'queued')",
                     "tt", kind, subject);
}

gboolean
itv_jobrow_claim(ItvDb *db, const char *kind, ItvJobRow **ret_job, GError **error)
{
  g_autofree char *owner = owner_of(getpid());
  g_autoptr(ItvQuery) q = itv_db_query(
      db, error,
      "UPDATE job SET state = 'running', attempts = attempts + 1, owner = ?2 WHERE id ="
      " (SELECT min(id) FROM job WHERE state = 'queued' AND kind = ?1) RETURNING " COLUMNS,
      "tt", kind, owner);
  const int status = q ? itv_query_step(q, error) : -1;
  if (status >= 0)
    *ret_job = status == 1 ? read_row(q) : NULL;
  return status >= 0;
}

gboolean
itv_jobrow_recover(ItvDb *db, gint64 *ret_n, GError **error)
{
  g_autoptr(ItvQuery) q =
      itv_db_query(db, error, "SELECT DISTINCT owner FROM job WHERE state = 'running'", "");
  g_autoptr(GPtrArray) gone = g_ptr_array_new_with_free_func(g_free);
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1) {
    const char *owner = itv_query_text(q, 0);
    g_autofree char *now = owner_of((pid_t)atoi(owner ? owner : "0"));
    if (!owner || strcmp(now, owner) != 0)
      g_ptr_array_add(gone, g_strdup(owner ? owner : ""));
  }
  gint64 n = 0;
  for (guint i = 0; status == 0 && i < gone->len; i++) {
    if (!itv_db_exec(db, error,
                     "UPDATE job SET state = 'queued', owner = NULL"
                     " WHERE state = 'running' AND coalesce(owner, '') = ?1",
                     "t", gone->pdata[i]))
      return FALSE;
    n += itv_db_changes(db);
  }
  if (status == 0)
    *ret_n = n;
  return status == 0;
}

static gboolean
finish(ItvDb *db, gint64 id, const char *state, const ItvJobRowMade *made, const char *records,
       const char *message, GError **error)
{
  static const ItvJobRowMade nobody = {NULL, NULL, NULL, NULL, NULL};
  const ItvJobRowMade *m = made ? made : &nobody;
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();
  g_autofree char *finished = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
  return itv_db_exec(db, error,
                     "UPDATE job SET state = ?2, owner = NULL, plugin = ?3, plugin_version = ?4,"
                     " plugin_sha256 = ?5, plugin_config = ?6, inputs = ?7, records = ?8,"
                     " message = ?9, finished = ?10 WHERE id = ?1",
                     "ittttttttt", id, state, m->plugin, m->version, m->sha256, m->config,
                     m->inputs, records, message, finished);
}

gboolean
itv_jobrow_done(ItvDb *db, gint64 id, const ItvJobRowMade *made, const char *records,
                GError **error)
{
  return finish(db, id, "done", made, records, NULL, error);
}

gboolean
itv_jobrow_failed(ItvDb *db, gint64 id, const char *state, const ItvJobRowMade *made,
                  const char *message, GError **error)
{
  return finish(db, id, state, made, NULL, message, error);
}

gboolean
itv_jobrow_put(ItvDb *db, const char *kind, const char *subject, const char *state,
               const ItvJobRowMade *made, const char *records, const char *message, GError **error)
{
  gint64 id = 0;
  return itv_jobrow_queue(db, kind, subject, error) &&
         itv_db_int(db, 0, &id, error, "SELECT id FROM job WHERE kind = ?1 AND subject = ?2", "tt",
                    kind, subject) &&
         finish(db, id, state, made, records, message, error);
}

gboolean
itv_jobrow_find(ItvDb *db, const char *kind, const char *subject, ItvJobRow **ret_job,
                GError **error)
{
  g_autoptr(ItvQuery) q =
      itv_db_query(db, error, "SELECT " COLUMNS " FROM job WHERE kind = ?1 AND subject = ?2", "tt",
                   kind, subject);
  const int status = q ? itv_query_step(q, error) : -1;
  if (status >= 0)
    *ret_job = status == 1 ? read_row(q) : NULL;
  return status >= 0;
}

gboolean
itv_jobrow_requeue_stale(ItvDb *db, const char *kind, const char *sha256, const char *config,
                         gint64 *ret_n, GError **error)
{
  if (!itv_db_exec(db, error,
                   "UPDATE job SET state = 'queued',"
                   " attempts = CASE WHEN plugin_sha256 IS ?2 AND plugin_config IS ?3"
                   " THEN attempts ELSE 0 END"
                   " WHERE kind = ?1 AND (state IN ('done', 'failed', 'quarantined')"
                   " AND (plugin_sha256 IS NOT ?2 OR plugin_config IS NOT ?3)"
                   " OR state = 'failed' AND attempts < ?4)",
                   "ttti", kind, sha256, config, (gint64)ITV_JOBROW_ATTEMPTS))
    return FALSE;
  *ret_n = itv_db_changes(db);
  return TRUE;
}

gboolean
itv_jobrow_requeue(ItvDb *db, gint64 id, GError **error)
{
  return itv_db_exec(db, error, "UPDATE job SET state = 'queued', attempts = 0 WHERE id = ?1", "i",
                     id);
}

gboolean
itv_jobrow_requeue_plugin(ItvDb *db, const char *kind, const char *plugin, GError **error)
{
  return itv_db_exec(db, error,
                     "UPDATE job SET state = 'queued', attempts = 0 WHERE kind = ?1"
                     " AND plugin = ?2 AND state IN ('failed', 'quarantined')",
                     "tt", kind, plugin);
}

gboolean
itv_jobrow_count(ItvDb *db, const char *kind, gint64 *ret_open, gint64 *ret_failed, GError **error)
{
  return itv_db_int(db, 0, ret_open, error,
                    "SELECT count(*) FROM job WHERE state IN ('queued', 'running') AND kind = ?1",
                    "t", kind) &&
         itv_db_int(db, 0, ret_failed, error,
                    "SELECT count(*) FROM job WHERE state IN ('failed', 'quarantined')"
                    " AND kind = ?1",
                    "t", kind);
}

static gboolean
foreach_row(ItvQuery *query, ItvJobRowEach each, gpointer data, GError **error)
{
  g_autoptr(ItvQuery) q = query;
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1) {
    g_autoptr(ItvJobRow) job = read_row(q);
    if (!each(job, data, error))
      return FALSE;
  }
  return status == 0;
}

gboolean
itv_jobrow_foreach_done(ItvDb *db, const char *kind, ItvJobRowEach each, gpointer data,
                        GError **error)
{
  return foreach_row(itv_db_query(db, error,
                                  /* +: by the index that has the order; else it sorts them all */
                                  "SELECT " COLUMNS " FROM job WHERE kind = ?1 AND +state = 'done'"
                                  " ORDER BY subject",
                                  "t", kind),
                     each, data, error);
}

gboolean
itv_jobrow_foreach_failed(ItvDb *db, const char *kind, ItvJobRowEach each, gpointer data,
                          GError **error)
{
  return foreach_row(itv_db_query(db, error,
                                  "SELECT " COLUMNS " FROM job WHERE kind = ?1"
                                  " AND state IN ('failed', 'quarantined') ORDER BY subject",
                                  "t", kind),
                     each, data, error);
}
