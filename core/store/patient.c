/* SPDX-License-Identifier: Apache-2.0 */
#include "store/patient.h"

#include <string.h>

gboolean
itv_patient_pk(ItvDb *db, const char *id, const char *issuer, gint64 *ret_pk, GError **error)
{
  return itv_db_int(db, 0, ret_pk, error, "SELECT pk FROM patient WHERE id = ?1 AND issuer = ?2",
                    "tt", id, issuer ? issuer : "");
}

gboolean
itv_patient_ensure(ItvDb *db, const char *id, const char *issuer, gint64 *ret_pk, GError **error)
{
  gint64 pk = 0;
  if (!itv_patient_pk(db, id, issuer, &pk, error))
    return FALSE;
  if (pk == 0) {
    if (!itv_db_exec(db, error,
                     "INSERT INTO patient (id, issuer, family)"
                     " VALUES (?1, ?2, (SELECT coalesce(max(pk), 0) + 1 FROM patient))",
                     "tt", id, issuer ? issuer : ""))
      return FALSE;
    pk = itv_db_last_key(db);
  }
  *ret_pk = pk;
  return TRUE;
}

gboolean
itv_patient_unite(ItvDb *db, gint64 a, gint64 b, GError **error)
{
  gint64 fa = 0, fb = 0;
  static const char sql[] = "SELECT family FROM patient WHERE pk = ?1";
  if (!itv_db_int(db, 0, &fa, error, sql, "i", a) || !itv_db_int(db, 0, &fb, error, sql, "i", b))
    return FALSE;
  if (fa == fb)
    return TRUE;
  return itv_db_exec(db, error, "UPDATE patient SET family = ?1, stale = 1 WHERE family = ?2", "ii",
                     MIN(fa, fb), MAX(fa, fb)) &&
         itv_db_exec(db, error, "UPDATE patient SET stale = 1 WHERE family = ?1", "i",
                     MIN(fa, fb)) &&
         itv_db_exec(db, error, "DELETE FROM followup WHERE family = ?1", "i", MAX(fa, fb)) &&
         itv_db_exec(db, error, "DELETE FROM family_state WHERE family = ?1", "i", MAX(fa, fb));
}

gboolean
itv_patient_set_stale(ItvDb *db, gint64 pk, GError **error)
{
  return itv_db_exec(db, error, "UPDATE patient SET stale = 1 WHERE pk = ?1 AND stale = 0", "i",
                     pk);
}

gboolean
itv_patient_set_stale_by_evidence(ItvDb *db, const char *uid, GError **error)
{
  return itv_db_exec(db, error,
                     "UPDATE patient SET stale = 1 WHERE stale = 0 AND pk IN"
                     " (SELECT ep.patient FROM evidence e JOIN evidence_patient ep"
                     " ON ep.seq = e.seq WHERE e.uid = ?1)",
                     "t", uid);
}

gboolean
itv_patient_attach(ItvDb *db, gint64 pk, gint64 seq, GError **error)
{
  return itv_db_exec(db, error,
                     "INSERT OR IGNORE INTO evidence_patient (patient, seq) VALUES (?1, ?2)", "ii",
                     pk, seq) &&
         itv_patient_set_stale(db, pk, error);
}

gboolean
itv_patient_study_key(ItvDb *db, gint64 pk, const char *key, GError **error)
{
  return itv_db_exec(db, error, "INSERT OR IGNORE INTO study_key (key, patient) VALUES (?1, ?2)",
                     "ti", key, pk);
}

gboolean
itv_patient_measured(ItvDb *db, const char *key, gint64 seq, GError **error)
{
  return itv_db_exec(db, error, "INSERT OR IGNORE INTO measured (key, seq) VALUES (?1, ?2)", "ti",
                     key, seq);
}

static GArray *
collect(ItvQuery *query, GError **error)
{
  g_autoptr(ItvQuery) q = query;
  g_autoptr(GArray) families = g_array_new(FALSE, FALSE, sizeof(gint64));
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1) {
    const gint64 family = itv_query_int(q, 0);
    g_array_append_val(families, family);
  }
  return status == 0 ? g_steal_pointer(&families) : NULL;
}

GArray *
itv_patient_families(ItvDb *db, const char *id, GError **error)
{
  const char *issuer = strstr(id, "^^^");
  if (!issuer)
    return collect(itv_db_query(db, error,
                                "SELECT DISTINCT family FROM patient WHERE id = ?1 ORDER BY 1", "t",
                                id),
                   error);
  g_autofree char *bare = g_strndup(id, (gsize)(issuer - id));
  return collect(
      itv_db_query(db, error,
                   "SELECT DISTINCT family FROM patient WHERE id = ?1 AND issuer = ?2 ORDER BY 1",
                   "tt", bare, issuer + 3),
      error);
}

GArray *
itv_patient_families_of_study(ItvDb *db, const char *key, GError **error)
{
  return collect(itv_db_query(db, error,
                              "SELECT DISTINCT p.family FROM study_key k JOIN patient p"
                              " ON p.pk = k.patient WHERE k.key = ?1 ORDER BY 1",
                              "t", key),
                 error);
}

static int
by_number(gconstpointer a, gconstpointer b)
{
  const gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
  return (x > y) - (x < y);
}

GArray *
itv_patient_families_due(ItvDb *db, const char *as_of, GError **error)
{
  /* Each by its index; sorted here, since for an order SQLite would read all families. */
  static const char *const queries[] = {"SELECT family FROM patient WHERE stale = 1",
                                        "SELECT family FROM family_state WHERE derived_for > ?1",
                                        "SELECT family FROM family_state WHERE valid_until <= ?1"};
  g_autoptr(GArray) due = g_array_new(FALSE, FALSE, sizeof(gint64));
  for (gsize i = 0; i < G_N_ELEMENTS(queries); i++) {
    g_autoptr(GArray) some =
        collect(itv_db_query(db, error, queries[i], i ? "t" : "", as_of), error);
    if (!some)
      return NULL;
    g_array_append_vals(due, some->data, some->len);
  }
  g_array_sort(due, by_number);
  guint n = 0;
  for (guint i = 0; i < due->len; i++)
    if (n == 0 || g_array_index(due, gint64, i) != g_array_index(due, gint64, n - 1))
      g_array_index(due, gint64, n++) = g_array_index(due, gint64, i);
  g_array_set_size(due, n);
  return g_steal_pointer(&due);
}

GArray *
itv_patient_families_all(ItvDb *db, GError **error)
{
  return collect(itv_db_query(db, error, "SELECT DISTINCT family FROM patient ORDER BY 1", ""),
                 error);
}

gboolean
itv_patient_forget_all(ItvDb *db, GError **error)
{
  static const char *const tables[] = {"evidence_patient", "image",    "image_group",
                                       "study_key",        "measured", "family_state",
                                       "followup",         "patient"};
  for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
    g_autofree char *sql = g_strconcat("DELETE FROM ", tables[i], NULL);
    if (!itv_db_exec(db, error, sql, ""))
      return FALSE;
  }
  return TRUE;
}
