/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "app/app-private.h"
#include "app/arrivals.h"
#include "app/intake.h"
#include "app/linkage.h"
#include "app/walk.h"
#include "base/error.h"
#include "store/patient.h"

#define THREADS 2
#define IN_FLIGHT 6 /* batches handed to the threads before one must come back */
#define COMMIT_EVERY_US 500000

/* What an import has done so far. */
typedef struct {
  ItvApp *app;
  json_object *rejected, *notes, *failed;
  ItvArrivals *arrivals; /* NULL for a typed report */
  gint64 accepted, duplicates, patients, studies, reports, messages, recommendations;
  gint64 last_commit_us;
  char *last_study; /* UID of the study of the last image */
} Import;

static void
reject(Import *im, const char *path, const char *reason)
{
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "path", path);
  itv_json_add_string(o, "reason", reason);
  json_object_array_add(im->rejected, o);
}

static void
note(gpointer data, const char *path, const char *text)
{
  const Import *im = data;
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "path", path);
  itv_json_add_string(o, "note", text);
  json_object_array_add(im->notes, o);
}

static gboolean
count_patients(ItvApp *app, gint64 *ret, GError **error)
{
  return itv_db_int(app->db, 0, ret, error, "SELECT count(*) FROM patient", "");
}

/* A study is new when neither its UID nor its accession number was known. */
static gboolean
count_new_studies(Import *im, const ItvRecords *records, GError **error)
{
  const itv_record *r = NULL;
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  for (gsize i = 0; (r = itv_records_get(records, i)); i++) {
    if (strcmp(r->name, "interval.report/1") != 0 &&
        (strcmp(r->name, "interval.image/1") != 0 || !itv_evidence_shows_anatomy(r)))
      continue;
    const char *uid = itv_record_str(r, "study-uid", ""), *acc = itv_record_str(r, "accession", "");
    if (*uid && g_strcmp0(uid, im->last_study) == 0)
      continue; /* the next slice */
    if (*uid) {
      g_free(im->last_study);
      im->last_study = g_strdup(uid);
    }
    gint64 known = 0;
    if (!itv_db_int(im->app->db, 0, &known, error,
                    "SELECT count(*) FROM study_key WHERE key IN (?1, ?2) AND key <> ''", "tt", uid,
                    acc))
      return FALSE;
    const char *key = *uid ? uid : acc;
    /* A report that names no study is one of its own. */
    if (known == 0 && (!*key || g_hash_table_add(seen, (gpointer)(guintptr)key)))
      im->studies++;
  }
  return TRUE;
}

static void
count_records(Import *im, const ItvUnit *u)
{
  gsize n = 0;
  im->messages += strcmp(u->format, "hl7v2") == 0;
  while (itv_records_find(u->records, "interval.report/1", n) != NULL)
    n++;
  im->reports += (gint64)n;
}

static gboolean
take_unit(Import *im, const ItvIntake *intake, const ItvUnit *u, GError **error)
{
  if (u->rejected) {
    reject(im, u->where, u->rejected);
    return TRUE;
  }
  const ItvJournalEntry entry = {.kind = u->kind,
                                 .known = u->known,
                                 .source = intake->path,
                                 .label = u->label,
                                 .records = u->json,
                                 .uid = u->uid,
                                 .raw = u->raw,
                                 .plugin = intake->origin ? intake->origin->plugin : NULL,
                                 .plugin_version = intake->origin ? intake->origin->version : NULL,
                                 .plugin_sha256 = intake->origin ? intake->origin->sha256 : NULL,
                                 .plugin_config =
                                     intake->origin ? intake->origin->config_hash : NULL};
  gboolean is_new = FALSE;
  gint64 seq = 0;
  g_autofree char *uid = NULL;
  if (!itv_journal_append(im->app->db, &entry, &is_new, &seq, &uid, error))
    return FALSE;
  for (guint i = 0; u->notes && i < u->notes->len; i++)
    note(im, u->where, u->notes->pdata[i]);
  if (im->arrivals)
    itv_arrivals_add(im->arrivals, u->records, is_new, u->where);
  if (!is_new) {
    im->duplicates++;
    return TRUE;
  }
  im->accepted++;
  count_records(im, u);
  return count_new_studies(im, u->records, error) &&
         itv_app_index(im->app, &(ItvIndexRow){seq, uid, u->known, u->records}, error);
}

static gboolean
commit_now(Import *im, GError **error)
{
  im->last_commit_us = g_get_monotonic_time();
  return !itv_db_in_transaction(im->app->db) || itv_db_commit(im->app->db, error);
}

static gboolean
take_file(Import *im, const ItvIntake *intake, GError **error)
{
  if (intake->rejected) {
    reject(im, intake->path, intake->rejected);
    return TRUE;
  }
  if (!itv_db_in_transaction(im->app->db) && !itv_db_begin(im->app->db, error))
    return FALSE;
  for (guint i = 0; i < intake->units->len; i++)
    if (!take_unit(im, intake, intake->units->pdata[i], error))
      return FALSE;
  return g_get_monotonic_time() - im->last_commit_us < COMMIT_EVERY_US || commit_now(im, error);
}

/* ---- threads ------------------------------------------------------------------------ */

typedef struct {
  ItvPlugins *plugins;
  const ItvImportHints *hints;
  GAsyncQueue *ready; /* Batch */
} Crew;

/* Files that a thread reads together. */
typedef struct {
  guint n;
  const char *paths[ITV_INTAKE_BATCH];
  ItvIntake *intakes[ITV_INTAKE_BATCH];
} Batch;

static void
free_batch(Batch *batch)
{
  for (guint i = 0; i < batch->n; i++)
    itv_intake_free(batch->intakes[i]);
  g_free(batch);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Batch, free_batch)

static void
work(gpointer data, gpointer crew_data)
{
  Batch *batch = data;
  const Crew *crew = crew_data;
  itv_intake_files(crew->plugins, batch->paths, batch->n, crew->hints, batch->intakes);
  g_async_queue_push(crew->ready, batch);
}

/* The next files that can be read; NULL when none is left. */
static Batch *
next_batch(Import *im, const GPtrArray *files, guint *next)
{
  /* A few files are spread over the threads rather than put into one batch. */
  const guint size = CLAMP(files->len / (2 * THREADS), 1, ITV_INTAKE_BATCH);
  g_autoptr(Batch) batch = g_new0(Batch, 1);
  for (; *next < files->len && batch->n < size; (*next)++) {
    const ItvWalkFile *file = files->pdata[*next];
    if (file->problem)
      reject(im, file->path, file->problem);
    else
      batch->paths[batch->n++] = file->path;
  }
  return batch->n > 0 ? g_steal_pointer(&batch) : NULL;
}

static gboolean
take_batch(Import *im, const Batch *batch, guint64 *done, guint64 total, GError **error)
{
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < batch->n; i++) {
    ok = take_file(im, batch->intakes[i], error);
    itv_app_say(im->app, "importing", ++*done, total);
  }
  return ok;
}

/* Hands files to the threads and takes them back in any order: no rule depends
 * on the order of arrival. */
static gboolean
take_all(Import *im, const GPtrArray *files, Crew *crew, GThreadPool *pool, GError **error)
{
  guint next = 0, out = 0;
  guint64 done = 0;
  gboolean ok = TRUE;
  while ((ok && next < files->len) || out > 0) {
    Batch *more = NULL;
    while (ok && out < IN_FLIGHT && (more = next_batch(im, files, &next))) {
      g_thread_pool_push(pool, more, NULL);
      out++;
    }
    if (out == 0)
      continue;
    g_autoptr(Batch) batch = g_async_queue_pop(crew->ready);
    out--;
    ok = ok && take_batch(im, batch, &done, files->len, error);
  }
  return ok && commit_now(im, error);
}

static gboolean
import_files(Import *im, const GPtrArray *files, const ItvImportHints *hints, GError **error)
{
  Crew crew = {im->app->plugins, hints, g_async_queue_new()};
  GThreadPool *pool = g_thread_pool_new(work, &crew, THREADS, FALSE, NULL);
  im->last_commit_us = g_get_monotonic_time();
  const gboolean ok = take_all(im, files, &crew, pool, error);
  g_thread_pool_free(pool, FALSE, TRUE);
  g_async_queue_unref(crew.ready);
  g_clear_pointer(&im->last_study, g_free);
  if (!ok)
    itv_db_rollback(im->app->db);
  return ok && itv_strikes_flush(im->app->strikes, error);
}

static json_object *
summary(const Import *im)
{
  json_object *o = json_object_new_object();
  itv_json_add_int(o, "accepted", im->accepted);
  itv_json_add_int(o, "duplicates", im->duplicates);
  itv_json_add(o, "rejected", json_object_get(im->rejected));
  itv_json_add_int(o, "patients", im->patients);
  itv_json_add_int(o, "studies", im->studies);
  itv_json_add_int(o, "reports", im->reports);
  itv_json_add_int(o, "messages", im->messages);
  itv_json_add_int(o, "recommendations", im->recommendations);
  itv_json_add(o, "failed", json_object_get(im->failed));
  itv_json_add(o, "notes", json_object_get(im->notes));
  return o;
}

/* From the journal's new rows to the worklist. */
static gboolean
follow_up(Import *im, GError **error)
{
  gint64 linked = 0;
  return itv_app_run_parse_jobs(im->app, im->failed, im->notes, &im->recommendations, error) &&
         itv_app_linkage_update(im->app, error) &&
         itv_app_linkage_automatic(im->app, &linked, error) &&
         itv_app_refresh(im->app, itv_date_today(), error);
}

/* Checks what goes into the journal for good.  *ret_patient (owned) is the patient
 * as ID^^^ISSUER; NULL when none was named. */
static gboolean
check_hints(ItvApp *app, const ItvImportHints *hints, char **ret_patient, GError **error)
{
  ItvMoment at = ITV_MOMENT_NONE;
  g_autofree char *id = NULL, *issuer = NULL;
  if (!hints)
    return TRUE;
  if (hints->date && !itv_moment_parse(hints->date, &at))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is no date (YYYY-MM-DD)", hints->date);
  if (hints->modality && !itv_modality_parse(hints->modality))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is no modality code (CT MR XR US ...)",
                    hints->modality);
  if (hints->region && !itv_region_parse(hints->region))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is no region code (chest abdomen knee ...)",
                    hints->region);
  if (!hints->patient)
    return TRUE;
  if (!itv_app_resolve_patient(app, hints->patient, &id, &issuer, error))
    return FALSE;
  *ret_patient = *issuer ? g_strjoin("^^^", id, issuer, NULL) : g_strdup(id);
  return TRUE;
}

/* A study whose UID lies under somebody else, too, from this import or an earlier one. */
static gboolean
note_shared_study(gpointer data, const char *uid, const char *patient, const char *path,
                  GError **error)
{
  Import *im = data;
  g_autoptr(GArray) families = itv_patient_families_of_study(im->app->db, uid, error);
  if (!families)
    return FALSE;
  g_autofree char *text =
      families->len < 2
          ? NULL
          : g_strdup_printf("study %s, here of patient %s, lies under %u patients whom nothing "
                            "ties: they are kept apart (interval identity candidates)",
                            uid, patient, families->len);
  if (text)
    note(im, path, text);
  return TRUE;
}

json_object *
itv_app_import(ItvApp *app, const char *const *paths, gsize n, const ItvImportHints *hints,
               gboolean *ret_partial, GError **error)
{
  g_autoptr(json_object) rejected = json_object_new_array();
  g_autoptr(json_object) notes = json_object_new_array();
  g_autoptr(json_object) failed = json_object_new_array();
  g_autoptr(GPtrArray) files = itv_walk(paths, n);
  g_autoptr(ItvArrivals) arrivals = itv_arrivals_new();
  Import im = {
      .app = app, .rejected = rejected, .notes = notes, .failed = failed, .arrivals = arrivals};
  gint64 before = 0, after = 0;
  g_autofree char *patient = NULL;
  if (!check_hints(app, hints, &patient, error))
    return NULL;
  ItvImportHints resolved = hints ? *hints : (ItvImportHints){NULL};
  resolved.patient = patient;
  if (!count_patients(app, &before, error) || !import_files(&im, files, &resolved, error) ||
      !count_patients(app, &after, error) || !follow_up(&im, error))
    return NULL;
  if (!itv_arrivals_each_study(arrivals, note_shared_study, &im, error))
    return NULL;
  itv_arrivals_report(arrivals, note, &im);
  im.patients = after - before;
  *ret_partial = json_object_array_length(rejected) > 0 || json_object_array_length(failed) > 0;
  return summary(&im);
}

/* ---- a report that somebody typed ------------------------------------------------------ */

static ItvUnit
typed_report(const ItvImportHints *hints, const char *text)
{
  const char *issuer = strstr(hints->patient, "^^^");
  g_autofree char *id = issuer ? g_strndup(hints->patient, (gsize)(issuer - hints->patient))
                               : g_strdup(hints->patient);
  const itv_field patient[] = {ITV_STR("id", id), ITV_STR("issuer", issuer ? issuer + 3 : "")};
  itv_field report[8] = {ITV_STR("performed", hints->date), ITV_STR("status", "F"),
                         ITV_STR("text", text)};
  gsize n = 3;
  g_autofree char *description = hints->description
                                     ? g_strdup(hints->description)
                                     : g_strjoin(" ", hints->modality ? hints->modality : "",
                                                 hints->region ? hints->region : "", NULL);
  report[n++] = (itv_field)ITV_STR("description", description);
  if (hints->modality)
    report[n++] = (itv_field)ITV_STR("modality", hints->modality);
  if (hints->region)
    report[n++] = (itv_field)ITV_STR("region", hints->region);
  if (hints->accession)
    report[n++] = (itv_field)ITV_STR("accession", hints->accession);
  const itv_field document[] = {ITV_STR("format", "text"), ITV_STR("known", hints->date)};
  ItvUnit unit = {.kind = (char *)(guintptr) "report",
                  .known = (char *)(guintptr)hints->date,
                  .label = (char *)(guintptr) "typed report",
                  .format = (char *)(guintptr) "text",
                  .records = itv_records_new()};
  itv_records_add(unit.records, "interval.document/1", document, G_N_ELEMENTS(document));
  itv_records_add(unit.records, "interval.patient/1", patient, issuer ? 2 : 1);
  itv_records_add(unit.records, "interval.report/1", report, n);
  return unit;
}

json_object *
itv_app_report_add(ItvApp *app, const ItvImportHints *hints, const char *text, const char *source,
                   gboolean *ret_partial, GError **error)
{
  g_autofree char *patient = NULL;
  if (!check_hints(app, hints, &patient, error))
    return NULL;
  ItvImportHints resolved = *hints;
  resolved.patient = patient;
  if (!g_utf8_validate(text, -1, NULL) || !*text)
    return itv_fail(error, ITV_ERROR_INPUT, "%s: not UTF-8 text, or empty", source), NULL;
  g_autoptr(json_object) rejected = json_object_new_array();
  g_autoptr(json_object) notes = json_object_new_array();
  g_autoptr(json_object) failed = json_object_new_array();
  Import im = {.app = app, .rejected = rejected, .notes = notes, .failed = failed};
  ItvUnit unit = typed_report(&resolved, text);
  itv_unit_write(&unit);
  g_autoptr(ItvRecords) records = unit.records;
  g_autofree char *json = unit.json, *uid = unit.uid;
  const ItvIntake intake = {.path = (char *)(guintptr)source};
  gint64 before = 0, after = 0;
  if (!itv_db_begin(app->db, error) || !count_patients(app, &before, error) ||
      !take_unit(&im, &intake, &unit, error) || !count_patients(app, &after, error) ||
      !itv_db_commit(app->db, error)) {
    itv_db_rollback(app->db);
    return NULL;
  }
  if (!follow_up(&im, error))
    return NULL;
  im.patients = after - before;
  *ret_partial = json_object_array_length(failed) > 0;
  return summary(&im);
}
