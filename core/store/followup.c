/* SPDX-License-Identifier: Apache-2.0 */
#include "store/followup.h"

#include <string.h>

gboolean
itv_followup_replace(ItvDb *db, gint64 family, const char *derived_for, const char *valid_until,
                     const ItvFollowupRow *rows, gsize n, GError **error)
{
  if (!itv_db_exec(db, error, "DELETE FROM followup WHERE family = ?1", "i", family))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    if (!itv_db_exec(db, error,
                     "INSERT INTO followup (id, family, patient, status, kind, urgency, document)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                     "tiittit", rows[i].id, family, rows[i].patient, rows[i].status, rows[i].kind,
                     rows[i].urgency, rows[i].document))
      return FALSE;
  return itv_db_exec(db, error,
                     "INSERT OR REPLACE INTO family_state (family, derived_for, valid_until)"
                     " VALUES (?1, ?2, ?3)",
                     "itt", family, derived_for, valid_until) &&
         itv_db_exec(db, error, "UPDATE patient SET stale = 0 WHERE family = ?1", "i", family);
}

gboolean
itv_followup_set_rules(ItvDb *db, const char *hash, GError **error)
{
  gint64 same = 0;
  if (!itv_db_int(db, 0, &same, error, "SELECT count(*) FROM followup_rules WHERE hash = ?1", "t",
                  hash))
    return FALSE;
  if (same)
    return TRUE;
  if (itv_db_begin(db, error) && itv_db_exec(db, error, "UPDATE patient SET stale = 1", "") &&
      itv_db_exec(db, error, "INSERT OR REPLACE INTO followup_rules (one, hash) VALUES (1, ?1)",
                  "t", hash) &&
      itv_db_commit(db, error))
    return TRUE;
  itv_db_rollback(db);
  return FALSE;
}

GPtrArray *
itv_followup_documents(ItvDb *db, gint64 family, const char *const *statuses, gint64 limit,
                       GError **error)
{
  g_autoptr(ItvQuery) q =
      family ? itv_db_query(db, error,
                            "SELECT status, document FROM followup WHERE family = ?1"
                            " ORDER BY urgency, id",
                            "i", family)
             : itv_db_query(db, error, "SELECT status, document FROM followup ORDER BY urgency, id",
                            "");
  g_autoptr(GPtrArray) documents = g_ptr_array_new_with_free_func(g_free);
  int status = q ? 1 : -1;
  while (status == 1 && (limit < 0 || documents->len < limit) &&
         (status = itv_query_step(q, error)) == 1)
    if (!statuses || g_strv_contains(statuses, itv_query_text(q, 0)))
      g_ptr_array_add(documents, g_strdup(itv_query_text(q, 1)));
  return status >= 0 ? g_steal_pointer(&documents) : NULL;
}

GArray *
itv_followup_families(ItvDb *db, const char *id_prefix, GError **error)
{
  g_autoptr(ItvQuery) q =
      itv_db_query(db, error,
                   "SELECT DISTINCT family FROM followup WHERE id >= ?1 AND id < ?1 || '~'"
                   " ORDER BY 1",
                   "t", id_prefix);
  g_autoptr(GArray) families = g_array_new(FALSE, FALSE, sizeof(gint64));
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1) {
    const gint64 family = itv_query_int(q, 0);
    g_array_append_val(families, family);
  }
  return status == 0 ? g_steal_pointer(&families) : NULL;
}
