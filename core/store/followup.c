/* SPDX-License-Identifier: Apache-2.0 */
#include "store/followup.h"

#include <string.h>

#include "base/error.h"

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

/* Where `after` stands. */
static gboolean
find_place(ItvDb *db, const char *after, gint64 *ret_urgency, GError **error)
{
  *ret_urgency = G_MININT64;
  if (!after)
    return TRUE;
  if (!itv_db_int(db, G_MININT64, ret_urgency, error, "SELECT urgency FROM followup WHERE id = ?1",
                  "t", after))
    return FALSE;
  return *ret_urgency != G_MININT64 || itv_fail(error, ITV_ERROR_NOT_FOUND, "no item %s", after);
}

#define FROM_PAGE                                                                                  \
  " FROM followup WHERE status = ?1 AND (?2 OR kind <> 'clinical')"                                \
  " AND (urgency, id) > (?3, ?4)"

/* Of one status.  The inner query reads the index alone; only what the page takes is
 * fetched. */
static gboolean
add_of_status(ItvDb *db, const ItvFollowupPage *page, const char *status, gint64 urgency,
              gint64 offset, GPtrArray *documents, GError **error)
{
  g_autoptr(ItvQuery) q = itv_db_query(
      db, error,
      "SELECT f.document FROM (SELECT id, family, urgency" FROM_PAGE
      " ORDER BY urgency, id LIMIT ?5 OFFSET ?6) k"
      " CROSS JOIN followup f ON f.id = k.id AND f.family = k.family ORDER BY k.urgency, k.id",
      "tiitii", status, (gint64)page->clinical, urgency, page->after ? page->after : "",
      page->limit < 0 ? (gint64)-1 : page->limit - (gint64)documents->len, offset);
  int step = q ? 1 : -1;
  while (step == 1 && (step = itv_query_step(q, error)) == 1)
    g_ptr_array_add(documents, g_strdup(itv_query_text(q, 0)));
  return step == 0;
}

GPtrArray *
itv_followup_page(ItvDb *db, const ItvFollowupPage *page, GError **error)
{
  g_autoptr(GPtrArray) documents = g_ptr_array_new_with_free_func(g_free);
  gint64 urgency = 0, offset = page->offset;
  if (!find_place(db, page->after, &urgency, error))
    return NULL;
  for (const char *const *s = page->statuses; *s; s++) {
    const guint before = documents->len;
    gint64 passed = 0;
    if (page->limit >= 0 && documents->len >= page->limit)
      break;
    if (!add_of_status(db, page, *s, urgency, offset, documents, error))
      return NULL;
    if (documents->len > before)
      offset = 0;
    else if (offset > 0 &&
             !itv_db_int(db, 0, &passed, error, "SELECT count(*)" FROM_PAGE, "tiit", *s,
                         (gint64)page->clinical, urgency, page->after ? page->after : ""))
      return NULL;
    offset -= MIN(offset, passed);
  }
  return g_steal_pointer(&documents);
}

gboolean
itv_followup_count(ItvDb *db, const char *status, gboolean clinical, gint64 *ret, GError **error)
{
  return itv_db_int(
      db, 0, ret, error,
      "SELECT count(*) FROM followup WHERE status = ?1 AND (?2 OR kind <> 'clinical')", "ti",
      status, (gint64)clinical);
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
