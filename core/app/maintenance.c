/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "app/app-private.h"
#include "app/linkage.h"
#include "base/error.h"
#include "store/jobrow.h"
#include "store/patient.h"

/* ---- the state hash --------------------------------------------------------------------- */

/* The day for which state is hashed: the last one of which anything is known,
 * so that the hash does not change with the clock. */
static ItvDate
last_known_day(ItvApp *app)
{
  g_autofree char *known = itv_journal_last_known(app->db, NULL);
  ItvMoment moment = ITV_MOMENT_NONE;
  if (!known || !itv_moment_parse(known, &moment))
    return itv_date_new(2000, 1, 1);
  return moment.date;
}

/* What is hashed, in an order in which neither the order of arrival nor row numbers are:
 * evidence by uid, results by subject, and the digests of the items, sorted. */
typedef struct {
  guint8 bytes[32];
} Digest;

static void
add_line(GChecksum *sum, const char *what, const char *text)
{
  g_checksum_update(sum, (const guchar *)what, -1);
  g_checksum_update(sum, (const guchar *)text, (gssize)strlen(text));
  g_checksum_update(sum, (const guchar *)"\n", 1);
}

static gboolean
add_evidence(ItvApp *app, GChecksum *sum, GError **error)
{
  g_autoptr(ItvQuery) q = itv_db_query(app->db, error, "SELECT uid FROM evidence ORDER BY uid", "");
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1)
    add_line(sum, "evidence ", itv_query_text(q, 0));
  return status == 0;
}

static gboolean
add_result(const ItvJobRow *job, gpointer sum, GError **error)
{
  (void)error;
  add_line(sum, "result ", job->kind);
  add_line(sum, "", job->subject);
  add_line(sum, "", job->records);
  return TRUE;
}

static int
by_bytes(gconstpointer a, gconstpointer b)
{
  return memcmp(a, b, sizeof(Digest));
}

typedef struct {
  ItvDate day;
  GArray *digests; /* Digest: of every item */
} Items;

static void
add_item(Items *items, const char *text)
{
  Digest digest;
  gsize n = sizeof digest;
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  g_checksum_update(sum, (const guchar *)text, (gssize)strlen(text));
  g_checksum_get_digest(sum, digest.bytes, &n);
  g_array_append_val(items->digests, digest);
}

static void
derive_items(ItvApp *app, const ItvHistory *h, Items *items)
{
  g_autoptr(GPtrArray) list = itv_derive(h, &app->rules, items->day);
  for (guint i = 0; i < list->len; i++) {
    g_autoptr(json_object) o = itv_app_followup_json(h, list->pdata[i], items->day);
    g_autofree char *text = itv_json_text(o, FALSE);
    add_item(items, text);
  }
}

/* In a database that is in use the day is today, of which the items are there already. */
static gboolean
add_family(ItvApp *app, const ItvAppFamily *family, gpointer data, GError **error)
{
  Items *items = data;
  (void)error;
  if (family->as_of != items->day)
    derive_items(app, family->history, items);
  else
    for (guint i = 0; i < family->documents->len; i++)
      add_item(items, family->documents->pdata[i]);
  return TRUE;
}

static gboolean
collect_items(ItvApp *app, Items *items, GError **error)
{
  g_autoptr(GArray) families = itv_patient_families_all(app->db, error);
  for (guint i = 0; families && i < families->len; i++) {
    g_autoptr(ItvHistory) h = itv_app_history(app, g_array_index(families, gint64, i), error);
    if (!h)
      return FALSE;
    derive_items(app, h, items);
    itv_app_say(app, "hashing", i + 1, families->len);
  }
  return families != NULL;
}

static char *
state_hash(ItvApp *app, Items *items, GError **error)
{
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  if (!add_evidence(app, sum, error) ||
      !itv_jobrow_foreach_done(app->db, ITV_KIND_RECOMMENDATION, add_result, sum, error))
    return NULL;
  g_array_sort(items->digests, by_bytes);
  g_checksum_update(sum, (const guchar *)items->digests->data,
                    (gssize)(items->digests->len * sizeof(Digest)));
  return g_strdup(g_checksum_get_string(sum));
}

/* ---- verify and rebuild ------------------------------------------------------------------- */

static gboolean
add_failure(const ItvJobRow *job, gpointer data, GError **error)
{
  (void)error;
  json_object *o = json_object_new_object();
  g_autofree char *path = g_strdup_printf("report %s", job->subject);
  itv_json_add_string(o, "path", path);
  itv_json_add_string(o, "reason", job->message);
  itv_json_add_string(o, "outcome", job->state);
  json_object_array_add(data, o);
  return TRUE;
}

json_object *
itv_app_verify(ItvApp *app, gboolean *ret_sound, GError **error)
{
  g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(json_object) failed = json_object_new_array();
  g_autofree char *damage = itv_db_check(app->db);
  gint64 rows = 0, open = 0, n_failed = 0;
  if (damage)
    g_ptr_array_add(faults, g_strdup(damage));
  if (!itv_journal_verify(app->db, faults, &rows, error) ||
      !itv_app_unread(app, &open, &n_failed, error) ||
      !itv_jobrow_foreach_failed(app->db, ITV_KIND_RECOMMENDATION, add_failure, failed, error))
    return NULL;
  g_autoptr(GArray) digests = g_array_new(FALSE, FALSE, sizeof(Digest));
  Items items = {last_known_day(app), digests};
  g_autofree char *hash = collect_items(app, &items, error) ? state_hash(app, &items, error) : NULL;
  if (!hash)
    return NULL;
  json_object *o = json_object_new_object();
  itv_json_add_bool(o, "sound", faults->len == 0);
  itv_json_add(o, "faults", itv_json_strings(faults));
  itv_json_add_int(o, "evidence", rows);
  itv_json_add_int(o, "open_jobs", open);
  itv_json_add(o, "failed", json_object_get(failed));
  itv_json_add_string(o, "state", hash);
  *ret_sound = faults->len == 0;
  return o;
}

typedef struct {
  ItvApp *app;
  guint64 done;
} Rebuild;

static gboolean
index_row(const ItvJournalRow *row, gpointer data, GError **error)
{
  Rebuild *rebuild = data;
  g_autoptr(ItvRecords) records = itv_records_from_json(row->records, -1, error);
  itv_app_say(rebuild->app, "indexing evidence", ++rebuild->done, 0);
  const ItvIndexRow index = {row->seq, row->uid, row->known, records};
  return records && itv_app_index(rebuild->app, &index, error);
}

json_object *
itv_app_rebuild(ItvApp *app, GError **error)
{
  Rebuild rebuild = {app, 0};
  g_autoptr(json_object) failures = json_object_new_array();
  gint64 found = 0;
  if (!itv_db_begin(app->db, error))
    return NULL;
  if (!itv_patient_forget_all(app->db, error) || !itv_linkage_forget_all(app->db, error) ||
      !itv_journal_foreach(app->db, 0, index_row, &rebuild, error) ||
      !itv_linkage_set_indexed(app->db, error) || !itv_db_commit(app->db, error)) {
    itv_db_rollback(app->db);
    return NULL;
  }
  if (!itv_app_run_parse_jobs(app, failures, NULL, &found, error) ||
      !itv_app_linkage_update(app, error))
    return NULL;
  /* Every family is due now, and its history is read once for both. */
  g_autoptr(GArray) digests = g_array_new(FALSE, FALSE, sizeof(Digest));
  Items items = {last_known_day(app), digests};
  if (!itv_app_refresh_each(app, itv_date_today(), add_family, &items, error))
    return NULL;
  g_autofree char *hash = state_hash(app, &items, error);
  if (!hash)
    return NULL;
  json_object *o = json_object_new_object();
  itv_json_add_int(o, "evidence", (gint64)rebuild.done);
  itv_json_add(o, "failed", json_object_get(failures));
  itv_json_add_string(o, "state", hash);
  return o;
}

/* ---- backup and restore -------------------------------------------------------------------- */

json_object *
itv_app_backup(ItvApp *app, const char *path, GError **error)
{
  if (!itv_db_backup(app->db, path, error))
    return NULL;
  /* A copy that nobody has opened is no backup. */
  g_autoptr(ItvDb) copy = itv_db_open(path, error);
  g_autofree char *damage = copy ? itv_db_check(copy) : NULL;
  if (!copy || damage) {
    if (damage)
      itv_fail(error, ITV_ERROR_FAILED, "%s: the copy is damaged: %s", path, damage);
    return NULL;
  }
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "backup", path);
  return o;
}

/* Keeps what stands at `db`: as a sound copy, or as the files are when it cannot
 * even be opened, which is when one restores. */
static gboolean
keep_aside(const char *db, const char *kept, GError **error)
{
  static const char *const companions[] = {"", "-wal", "-shm"};
  g_autoptr(GError) damage = NULL;
  g_autoptr(ItvDb) old = itv_db_open(db, &damage);
  if (old)
    return itv_db_backup(old, kept, error);
  for (gsize i = 0; i < G_N_ELEMENTS(companions); i++) {
    g_autofree char *from = g_strconcat(db, companions[i], NULL);
    g_autofree char *to = g_strconcat(kept, companions[i], NULL);
    if (g_file_test(from, G_FILE_TEST_EXISTS) && g_rename(from, to) != 0)
      return itv_fail(error, ITV_ERROR_FAILED, "%s: %s", from, g_strerror(errno));
  }
  return TRUE;
}

json_object *
itv_app_restore(const ItvAppOptions *options, const char *path, GError **error)
{
  if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
    return itv_fail(error, ITV_ERROR_USAGE, "%s: no such file", path), NULL;
  g_autoptr(ItvDb) backup = itv_db_open(path, error);
  g_autofree char *damage = backup ? itv_db_check(backup) : NULL;
  if (damage)
    itv_fail(error, ITV_ERROR_DATABASE, "%s: damaged: %s", path, damage);
  if (!backup || damage)
    return NULL;
  g_autofree char *db = itv_app_database_path(options);
  g_autofree char *kept = NULL;
  if (g_file_test(db, G_FILE_TEST_EXISTS)) {
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *stamp = g_date_time_format(now, "%Y%m%dT%H%M%SZ");
    kept = g_strdup_printf("%s.before-restore-%s", db, stamp);
  }
  g_autofree char *fresh = g_strconcat(db, ".restored", NULL);
  g_autofree char *wal = g_strconcat(db, "-wal", NULL);
  g_autofree char *shm = g_strconcat(db, "-shm", NULL);
  g_unlink(fresh);
  if (!itv_db_backup(backup, fresh, error) || (kept && !keep_aside(db, kept, error)))
    return NULL;
  g_unlink(wal);
  g_unlink(shm);
  if (g_rename(fresh, db) != 0)
    return itv_fail(error, ITV_ERROR_FAILED, "%s: %s", db, g_strerror(errno)), NULL;
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "restored", db);
  itv_json_add_string(o, "before", kept);
  return o;
}
