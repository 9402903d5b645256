/* SPDX-License-Identifier: Apache-2.0 */
#include "store/linkage.h"

#include <string.h>

/* ---- ids ------------------------------------------------------------------------- */

void
itv_link_id_free(ItvLinkId *id)
{
  if (!id)
    return;
  g_free(id->id);
  g_free(id->issuer);
  g_free(id);
}

ItvLinkId *
itv_linkage_id(ItvDb *db, gint64 pk, GError **error)
{
  g_autoptr(ItvQuery) q =
      itv_db_query(db, error, "SELECT family, id, issuer FROM patient WHERE pk = ?1", "i", pk);
  if (!q || itv_query_step(q, error) != 1)
    return NULL;
  ItvLinkId *id = g_new(ItvLinkId, 1);
  *id = (ItvLinkId){pk, itv_query_int(q, 0), g_strdup(itv_query_text(q, 1)),
                    g_strdup(itv_query_text(q, 2))};
  return id;
}

/* One number a row. */
static GArray *
collect(ItvQuery *query, GError **error)
{
  g_autoptr(ItvQuery) q = query;
  g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(gint64));
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1) {
    const gint64 n = itv_query_int(q, 0);
    g_array_append_val(numbers, n);
  }
  return status == 0 ? g_steal_pointer(&numbers) : NULL;
}

GArray *
itv_linkage_pks(ItvDb *db, const char *id, GError **error)
{
  const char *issuer = strstr(id, "^^^");
  if (!issuer)
    return collect(itv_db_query(db, error, "SELECT pk FROM patient WHERE id = ?1", "t", id), error);
  g_autofree char *bare = g_strndup(id, (gsize)(issuer - id));
  return collect(itv_db_query(db, error, "SELECT pk FROM patient WHERE id = ?1 AND issuer = ?2",
                              "tt", bare, issuer + 3),
                 error);
}

char *
itv_linkage_first_known(ItvDb *db, gint64 pk, GError **error)
{
  g_autoptr(ItvQuery) q = itv_db_query(db, error,
                                       "SELECT min(e.known) FROM evidence_patient ep"
                                       " JOIN evidence e ON e.seq = ep.seq WHERE ep.patient = ?1",
                                       "i", pk);
  return q && itv_query_step(q, error) == 1 ? g_strdup(itv_query_text(q, 0)) : NULL;
}

/* ---- demographics ------------------------------------------------------------------ */

gboolean
itv_linkage_note(ItvDb *db, gint64 pk, gint64 digest, const char *record, GError **error)
{
  if (!itv_db_exec(db, error,
                   "INSERT OR IGNORE INTO demographic (patient, digest, record)"
                   " VALUES (?1, ?2, ?3)",
                   "iit", pk, digest, record))
    return FALSE;
  return itv_db_changes(db) == 0 ||
         itv_db_exec(db, error, "INSERT OR IGNORE INTO linkage_stale (patient) VALUES (?1)", "i",
                     pk);
}

GPtrArray *
itv_linkage_records(ItvDb *db, gint64 pk, guint limit, GError **error)
{
  g_autoptr(ItvQuery) q = itv_db_query(db, error,
                                       "SELECT record FROM demographic WHERE patient = ?1"
                                       " ORDER BY digest LIMIT ?2",
                                       "ii", pk, (gint64)limit);
  g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(g_free);
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1)
    g_ptr_array_add(records, g_strdup(itv_query_text(q, 0)));
  return status == 0 ? g_steal_pointer(&records) : NULL;
}

gboolean
itv_linkage_count(ItvDb *db, gint64 *ret_n, GError **error)
{
  return itv_db_int(db, 0, ret_n, error, "SELECT count(DISTINCT patient) FROM demographic", "");
}

GArray *
itv_linkage_stale(ItvDb *db, GError **error)
{
  return collect(itv_db_query(db, error, "SELECT patient FROM linkage_stale ORDER BY 1", ""),
                 error);
}

gboolean
itv_linkage_settle(ItvDb *db, gint64 pk, GError **error)
{
  return itv_db_exec(db, error, "DELETE FROM linkage_stale WHERE patient = ?1", "i", pk);
}

/* ---- blocks and pairs ------------------------------------------------------------------ */

gboolean
itv_linkage_add_key(ItvDb *db, gint64 key, gint64 pk, GError **error)
{
  return itv_db_exec(db, error, "INSERT OR IGNORE INTO linkage_key (key, patient) VALUES (?1, ?2)",
                     "ii", key, pk);
}

GArray *
itv_linkage_block(ItvDb *db, gint64 key, guint limit, GError **error)
{
  return collect(itv_db_query(db, error,
                              "SELECT patient FROM linkage_key WHERE key = ?1 ORDER BY 1 LIMIT ?2",
                              "ii", key, (gint64)limit),
                 error);
}

gboolean
itv_linkage_block_size(ItvDb *db, gint64 key, gint64 *ret_n, GError **error)
{
  return itv_db_int(db, 0, ret_n, error, "SELECT count(*) FROM linkage_key WHERE key = ?1", "i",
                    key);
}

gboolean
itv_linkage_add_pair(ItvDb *db, gint64 a, gint64 b, GError **error)
{
  return itv_db_exec(db, error, "INSERT OR IGNORE INTO linkage_pair (a, b) VALUES (?1, ?2)", "ii",
                     MIN(a, b), MAX(a, b));
}

GArray *
itv_linkage_pairs(ItvDb *db, GError **error)
{
  g_autoptr(ItvQuery) q = itv_db_query(db, error, "SELECT a, b FROM linkage_pair", "");
  g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(ItvLinkPair));
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1) {
    const ItvLinkPair pair = {itv_query_int(q, 0), itv_query_int(q, 1)};
    g_array_append_val(pairs, pair);
  }
  return status == 0 ? g_steal_pointer(&pairs) : NULL;
}

/* ---- images of others -------------------------------------------------------------------- */

static void
reference_free(gpointer data)
{
  ItvLinkReference *r = data;
  g_free(r->key);
  g_free(r);
}

static gboolean
add_references(GPtrArray *references, gboolean both, ItvQuery *query, GError **error)
{
  g_autoptr(ItvQuery) q = query;
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1) {
    ItvLinkReference *r = g_new(ItvLinkReference, 1);
    *r = (ItvLinkReference){itv_query_int(q, 0), itv_query_int(q, 1), both,
                            g_strdup(itv_query_text(q, 2))};
    g_ptr_array_add(references, r);
  }
  return status == 0;
}

GPtrArray *
itv_linkage_references(ItvDb *db, GError **error)
{
  g_autoptr(GPtrArray) references = g_ptr_array_new_with_free_func(reference_free);
  if (!add_references(references, FALSE,
                      itv_db_query(db, error,
                                   "SELECT ep.patient, k.patient, min(m.key) FROM measured m"
                                   " JOIN study_key k ON k.key = m.key"
                                   " JOIN evidence_patient ep ON ep.seq = m.seq"
                                   " WHERE ep.patient <> k.patient GROUP BY 1, 2 ORDER BY 1, 2",
                                   ""),
                      error) ||
      /* A UID is one study the world over; an accession number is not. */
      !add_references(references, TRUE,
                      itv_db_query(db, error,
                                   "SELECT x.patient, y.patient, min(x.key) FROM study_key x"
                                   " JOIN study_key y ON y.key = x.key AND y.patient > x.patient"
                                   " WHERE x.key GLOB '[0-9]*.[0-9]*.[0-9]*'"
                                   " AND x.key NOT GLOB '*[^0-9.]*'"
                                   " GROUP BY 1, 2 ORDER BY 1, 2",
                                   ""),
                      error))
    return NULL;
  return g_steal_pointer(&references);
}

/* ---- all ------------------------------------------------------------------------------------ */

gboolean
itv_linkage_is_indexed(ItvDb *db, gboolean *ret, GError **error)
{
  gint64 indexed = 0;
  if (!itv_db_int(db, 1, &indexed, error, "SELECT min(indexed) FROM linkage_state", ""))
    return FALSE;
  *ret = indexed != 0;
  return TRUE;
}

gboolean
itv_linkage_set_indexed(ItvDb *db, GError **error)
{
  return itv_db_exec(db, error, "UPDATE linkage_state SET indexed = 1", "");
}

gboolean
itv_linkage_forget_all(ItvDb *db, GError **error)
{
  static const char *const tables[] = {"demographic", "linkage_key", "linkage_stale",
                                       "linkage_pair"};
  for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
    g_autofree char *sql = g_strconcat("DELETE FROM ", tables[i], NULL);
    if (!itv_db_exec(db, error, sql, ""))
      return FALSE;
  }
  return TRUE;
}
