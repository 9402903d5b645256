/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/app-private.h"
#include "app/linkage.h"
#include "base/digest.h"
#include "base/error.h"
#include "store/image.h"
#include "store/jobrow.h"
#include "store/patient.h"

/* ---- a family's history ------------------------------------------------------- */

typedef struct {
  ItvApp *app;
  GHashTable *parsed; /* report uid -> ItvRecords, kept while the reader reads */
  GError *error;
} Lookup;

static const ItvRecords *
look_up_parse(const char *report_uid, gpointer data)
{
  Lookup *lookup = data;
  g_autoptr(ItvJobRow) job = NULL;
  if (lookup->error ||
      !itv_jobrow_find(lookup->app->db, ITV_KIND_RECOMMENDATION, report_uid, &job,
                       &lookup->error) ||
      !job || !job->records)
    return NULL;
  ItvRecords *records = itv_records_from_json(job->records, -1, &lookup->error);
  if (records)
    g_hash_table_insert(lookup->parsed, g_strdup(report_uid), records);
  return records;
}

static gboolean
add_rows(ItvEvidenceReader *reader, const GPtrArray *rows, gboolean *ret_rejects, GError **error)
{
  for (guint i = 0; i < rows->len; i++) {
    const ItvJournalRow *row = rows->pdata[i];
    g_autoptr(ItvRecords) records = itv_records_from_json(row->records, -1, error);
    if (!records) {
      g_prefix_error(error, "evidence %s: ", row->uid);
      return FALSE;
    }
    const ItvEvidenceRow evidence = {row->uid,   row->kind, row->known,
                                     row->label, records,   (guint)row->alike};
    itv_evidence_add(reader, &evidence);
    *ret_rejects = *ret_rejects || itv_records_find(records, "interval.rejection/1", 0);
  }
  return TRUE;
}

ItvHistory *
itv_app_history(ItvApp *app, gint64 family, GError **error)
{
  g_autoptr(GPtrArray) rows = itv_journal_of_family(app->db, family, error);
  if (!rows)
    return NULL;
  g_autoptr(GHashTable) parsed =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)itv_records_unref);
  Lookup lookup = {app, parsed, NULL};
  g_autoptr(ItvEvidenceReader) reader = itv_evidence_reader_new(app->exams, look_up_parse, &lookup);
  /* Where single images were rejected, one no longer stands for all. */
  gboolean rejects = FALSE;
  if (!add_rows(reader, rows, &rejects, error))
    return NULL;
  g_autoptr(GPtrArray) images = itv_journal_groups(app->db, family, rejects, error);
  if (!images || !add_rows(reader, images, &rejects, error))
    return NULL;
  if (lookup.error) {
    g_propagate_error(error, lookup.error);
    return NULL;
  }
  return itv_evidence_finish(reader);
}

/* ---- whose is it? --------------------------------------------------------------- */

gboolean
itv_app_family_of_patient(ItvApp *app, const char *patient, gint64 *ret_family, GError **error)
{
  g_autoptr(GArray) families = itv_patient_families(app->db, patient, error);
  if (!families)
    return FALSE;
  if (families->len == 0)
    return itv_fail(error, ITV_ERROR_NOT_FOUND, "no patient %s is known", patient);
  if (families->len > 1)
    return itv_fail(error, ITV_ERROR_USAGE,
                    "%s stands for %u patients of different issuers; write it as %s^^^ISSUER",
                    patient, families->len, patient);
  *ret_family = g_array_index(families, gint64, 0);
  return TRUE;
}

gboolean
itv_app_split_patient(const char *patient, char **ret_id, char **ret_issuer, GError **error)
{
  const char *caret = strstr(patient, "^^^");
  if (!*patient || caret == patient)
    return itv_fail(error, ITV_ERROR_USAGE, "the patient id is empty; write ID or ID^^^ISSUER");
  *ret_id = caret ? g_strndup(patient, (gsize)(caret - patient)) : g_strdup(patient);
  *ret_issuer = caret ? g_strdup(caret + 3) : NULL;
  return TRUE;
}

/* The issuer that this bare id bears everywhere else; "" for an id never seen. */
static char *
issuer_of(ItvApp *app, const char *id, GError **error)
{
  g_autoptr(GArray) families = itv_patient_families(app->db, id, error);
  if (!families)
    return NULL;
  if (families->len == 0)
    return g_strdup("");
  gint64 family = 0;
  if (!itv_app_family_of_patient(app, id, &family, error))
    return NULL;
  g_autoptr(ItvHistory) h = itv_app_history(app, family, error);
  for (guint i = 0; h && i < h->ids->len; i++)
    if (strcmp(g_array_index(h->ids, ItvPatientId, i).id, id) == 0)
      return g_strdup(g_array_index(h->ids, ItvPatientId, i).issuer);
  return h ? g_strdup("") : NULL;
}

gboolean
itv_app_resolve_patient(ItvApp *app, const char *patient, char **ret_id, char **ret_issuer,
                        GError **error)
{
  g_autofree char *id = NULL, *issuer = NULL;
  if (!itv_app_split_patient(patient, &id, &issuer, error) ||
      (!issuer && !(issuer = issuer_of(app, id, error))))
    return FALSE;
  *ret_id = g_steal_pointer(&id);
  *ret_issuer = g_steal_pointer(&issuer);
  return TRUE;
}

gboolean
itv_app_person_asked(const ItvHistory *h, const char *patient, ItvDate as_of, guint *ret_person,
                     GError **error)
{
  g_autofree char *id = NULL, *issuer = NULL;
  gboolean found = FALSE;
  guint person = 0;
  if (!itv_app_split_patient(patient, &id, &issuer, error))
    return FALSE;
  for (guint i = 0; i < h->ids->len; i++) {
    const ItvPatientId *known = &g_array_index(h->ids, ItvPatientId, i);
    if (strcmp(known->id, id) != 0 || (issuer && g_strcmp0(known->issuer, issuer) != 0))
      continue;
    const guint other = itv_derive_person(h, i, as_of);
    if (found && other != person)
      return itv_fail(
          error, ITV_ERROR_USAGE,
          "%s stands for several patients of different issuers; write it as %s^^^ISSUER", patient,
          id);
    found = TRUE;
    person = other;
  }
  if (!found)
    return itv_fail(error, ITV_ERROR_NOT_FOUND, "no patient %s is known", patient);
  *ret_person = person;
  return TRUE;
}

gboolean
itv_app_family_of_study(ItvApp *app, const char *study, gint64 *ret_family, GError **error)
{
  g_autoptr(GArray) families = itv_patient_families_of_study(app->db, study, error);
  if (!families)
    return FALSE;
  if (families->len == 0)
    return itv_fail(error, ITV_ERROR_NOT_FOUND,
                    "no study %s is known (Study Instance UID or accession number)", study);
  if (families->len > 1)
    return itv_fail(error, ITV_ERROR_USAGE,
                    "study %s lies under %u patients whom nothing ties (interval identity "
                    "candidates); give its other number, accession or Study Instance UID",
                    study, families->len);
  *ret_family = g_array_index(families, gint64, 0);
  return TRUE;
}

/* ---- the derived index ------------------------------------------------------------ */

static gboolean
index_patient(ItvApp *app, gint64 seq, const itv_record *r, const char *id_key,
              const char *issuer_key, gint64 *ret_pk, GError **error)
{
  return itv_patient_ensure(app->db, itv_record_str(r, id_key, ""),
                            itv_record_str(r, issuer_key, ""), ret_pk, error) &&
         itv_patient_attach(app->db, *ret_pk, seq, error);
}

static gboolean
index_merge(ItvApp *app, gint64 seq, const itv_record *r, GError **error)
{
  gint64 a = 0, b = 0;
  return index_patient(app, seq, r, "id", "issuer", &a, error) &&
         index_patient(app, seq, r, "other-id", "other-issuer", &b, error) &&
         itv_patient_unite(app->db, a, b, error);
}

static gboolean
index_study(ItvApp *app, gint64 pk, const itv_record *r, GError **error)
{
  const char *uid = itv_record_str(r, "study-uid", NULL);
  const char *accession = itv_record_str(r, "accession", NULL);
  return (!uid || !*uid || itv_patient_study_key(app->db, pk, uid, error)) &&
         (!accession || !*accession || itv_patient_study_key(app->db, pk, accession, error));
}

static gboolean
index_measurement(ItvApp *app, gint64 seq, const itv_record *r, GError **error)
{
  const char *sop = itv_record_str(r, "sop-uid", NULL);
  const char *study = itv_record_str(r, "study-uid", NULL);
  return (!sop || itv_patient_measured(app->db, sop, seq, error)) &&
         (!study || itv_patient_measured(app->db, study, seq, error));
}

/* Into its group; of a series only the first image needs more than that. */
static gboolean
index_image(ItvApp *app, gint64 seq, const char *uid, const ItvRecords *records, const char *key,
            GError **error)
{
  ItvLastImage *last = &app->last_image;
  const guint64 transaction = itv_db_transaction(app->db);
  if (transaction && transaction == last->transaction && strcmp(key, last->key) == 0) {
    const gboolean is_least = strcmp(uid, last->uid) < 0;
    if (is_least) {
      g_free(last->uid);
      last->uid = g_strdup(uid);
    }
    return itv_image_add_to(app->db, last->group, seq, is_least ? uid : NULL, error);
  }
  const itv_record *p = itv_records_get(records, 1), *r = itv_records_get(records, 2);
  g_autofree char *digest = itv_digest_of(key, strlen(key));
  ItvImageRow row = {
      .key = digest, .study = itv_record_str(r, "study-uid", ""), .seq = seq, .uid = uid};
  gint64 group = 0;
  if (!itv_patient_ensure(app->db, itv_record_str(p, "id", ""), itv_record_str(p, "issuer", ""),
                          &row.patient, error) ||
      !itv_image_add(app->db, &row, &group, error) ||
      !itv_patient_set_stale(app->db, row.patient, error) ||
      !itv_app_linkage_note(app, row.patient, p, error) ||
      (itv_evidence_shows_anatomy(r) && !index_study(app, row.patient, r, error)))
    return FALSE;
  g_free(last->key);
  g_free(last->uid);
  *last = (ItvLastImage){transaction, g_strdup(key), g_strdup(uid), group};
  return TRUE;
}

gboolean
itv_app_index(ItvApp *app, const ItvIndexRow *row, GError **error)
{
  const ItvRecords *records = row->records;
  const gint64 seq = row->seq;
  g_autofree char *key = itv_evidence_image_key(records, row->known);
  if (key)
    return index_image(app, seq, row->uid, records, key, error);
  const itv_record *r = NULL;
  gint64 pk = 0;
  guint reports = 0;
  for (gsize i = 0; (r = itv_records_get(records, i)); i++) {
    gboolean ok = TRUE;
    if (strcmp(r->name, "interval.patient/1") == 0)
      ok = index_patient(app, seq, r, "id", "issuer", &pk, error) &&
           itv_app_linkage_note(app, pk, r, error);
    else if (strcmp(r->name, "interval.merge/1") == 0)
      ok = index_merge(app, seq, r, error);
    else if (strcmp(r->name, "interval.report/1") == 0) {
      g_autofree char *report = itv_report_uid(row->uid, reports++);
      ok = itv_jobrow_queue(app->db, ITV_KIND_RECOMMENDATION, report, error) &&
           index_study(app, pk, r, error);
    } else if (strcmp(r->name, "interval.image/1") == 0 && itv_evidence_shows_anatomy(r))
      ok = index_study(app, pk, r, error);
    else if (strcmp(r->name, "interval.measurement/1") == 0 ||
             strcmp(r->name, "interval.withdrawal/1") == 0)
      ok = index_measurement(app, seq, r, error);
    if (!ok)
      return FALSE;
  }
  return TRUE;
}
