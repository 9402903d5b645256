/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/app-private.h"
#include "app/reading.h"
#include "base/error.h"
#include "store/jobrow.h"
#include "store/patient.h"

#define BATCH 64

/* ---- one text --------------------------------------------------------------------- */

/* A job on a report's text; `exam` and `date` go into the context record. */
static ItvJob *
parse_job(const char *text, gssize length, ItvDate date, const ItvExam *exam,
          const char *description, gboolean explain)
{
  itv_field fields[9 + ITV_REGION_N];
  gsize n = 0;
  g_autofree char *day = itv_date_format(date);
  if (day)
    fields[n++] = (itv_field)ITV_STR("date", day);
  if (exam->main_modality != ITV_MODALITY_NONE)
    fields[n++] = (itv_field)ITV_STR("modality", itv_modality_code(exam->main_modality));
  if (exam->main_region != ITV_REGION_NONE)
    fields[n++] = (itv_field)ITV_STR("region", itv_region_code(exam->main_region));
  for (int r = ITV_REGION_NONE + 1; r < ITV_REGION_N; r++)
    if ((exam->regions & ITV_REGION_BIT(r)) && r != (int)exam->main_region)
      fields[n++] = (itv_field)ITV_STR("region", itv_region_code((ItvRegion)r));
  if (exam->laterality != ITV_LATERALITY_NONE)
    fields[n++] = (itv_field)ITV_STR("laterality", itv_laterality_code(exam->laterality));
  if (description && *description && strlen(description) < 1024)
    fields[n++] = (itv_field)ITV_STR("description", description);
  if (explain)
    fields[n++] = (itv_field)ITV_STR("explain", "Y");
  ItvJob *job = itv_job_new();
  itv_job_set_text(job, text, length);
  itv_job_add_record(job, "interval.context/1", fields, n);
  return job;
}

static json_object *
interval_json(const ItvRecommendation *r)
{
  if (!r->has_interval)
    return NULL;
  json_object *pair = json_object_new_array();
  g_autofree char *earliest = itv_period_format(r->earliest);
  g_autofree char *latest = r->open_end ? NULL : itv_period_format(r->latest);
  json_object_array_add(pair, json_object_new_string(earliest));
  json_object_array_add(pair, latest ? json_object_new_string(latest) : NULL);
  return pair;
}

static json_object *
recommendation_json(const ItvRecommendation *r, const char *text)
{
  json_object *o = json_object_new_object();
  g_autofree char *quote = g_strndup(text + r->start, r->end - r->start);
  g_autofree char *repeat = r->repeats ? itv_period_format(r->repeat) : NULL;
  itv_json_add_int(o, "start", r->start);
  itv_json_add_int(o, "end", r->end);
  itv_json_add_string(o, "text", quote);
  itv_json_add_string(o, "kind", itv_action_kind_code(r->kind));
  itv_json_add(o, "modality", itv_app_modalities_json(r->modalities));
  itv_json_add_string(o, "region", itv_region_code(r->region));
  itv_json_add_string(o, "laterality", itv_laterality_code(r->laterality));
  itv_json_add(o, "interval", interval_json(r));
  itv_json_add_string(o, "repeat", repeat);
  itv_json_add_bool(o, "conditional", r->conditional);
  itv_json_add_string(o, "condition", r->condition);
  itv_json_add_string(o, "finding", r->finding);
  itv_json_add_string(o, "strength", r->consider ? "consider" : "recommend");
  itv_json_add_string(o, "guideline", r->guideline);
  itv_json_add_string(o, "rule", r->rule);
  return o;
}

static gboolean
context_from_words(ItvApp *app, const ItvParseContext *context, ItvExam *ret_exam,
                   ItvDate *ret_date, GError **error)
{
  ItvExam exam =
      itv_exam_read(app->exams, context->description, NULL, itv_modality_parse(context->modality),
                    NULL, itv_laterality_parse(context->laterality));
  if (context->modality && *context->modality && !itv_modality_parse(context->modality))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is no modality code (CT MR XR US ...)",
                    context->modality);
  if (context->region && *context->region) {
    const ItvRegion region = itv_region_parse(context->region);
    if (region == ITV_REGION_NONE)
      return itv_fail(error, ITV_ERROR_USAGE, "%s is no region code (chest abdomen knee ...)",
                      context->region);
    exam.main_region = region;
    exam.regions |= ITV_REGION_BIT(region);
  }
  ItvDate date = ITV_DATE_NONE;
  if (context->date && *context->date && !itv_date_parse(context->date, &date))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is no date (YYYY-MM-DD)", context->date);
  *ret_exam = exam;
  *ret_date = date;
  return TRUE;
}

json_object *
itv_app_parse(ItvApp *app, const char *text, gssize length, const ItvParseContext *context,
              GError **error)
{
  ItvExam exam = {0};
  ItvDate date = ITV_DATE_NONE;
  ItvPlugin *plugin = itv_app_plugin_for(app, ITV_KIND_RECOMMENDATION, error);
  if (!plugin || !context_from_words(app, context, &exam, &date, error))
    return NULL;
  g_autoptr(ItvJob) job =
      parse_job(text, length, date, &exam, context->description, context->explain);
  g_autoptr(ItvOutcome) outcome =
      itv_plugins_run(app->plugins, plugin, ITV_KIND_RECOMMENDATION, job, NULL, NULL, NULL);
  if (outcome->class != ITV_OUTCOME_NOT_APPLICABLE && !itv_outcome_check(outcome, error))
    return NULL;
  g_autoptr(GArray) recommendations = itv_recommendations_new();
  g_autoptr(GArray) statements = itv_statements_new();
  itv_evidence_read_parse(outcome->records, text, recommendations, statements);
  json_object *list = json_object_new_array();
  for (guint i = 0; i < recommendations->len; i++)
    json_object_array_add(
        list, recommendation_json(&g_array_index(recommendations, ItvRecommendation, i), text));
  json_object *document = json_object_new_object();
  itv_json_add(document, "recommendations", list);
  itv_json_add(document, "statements", itv_reading_statements(outcome->records, text));
  itv_json_add(document, "findings", itv_reading_findings(outcome->records, text));
  itv_json_add(document, "contradictions", itv_reading_contradictions(outcome->records, text));
  if (context->explain)
    itv_json_add(document, "trace", itv_reading_trace(outcome->records, text));
  return document;
}

/* ---- queued reports ------------------------------------------------------------------ */

/* The n-th report record of an evidence row, as "UID" or "UID:n" names it. */
static gboolean
find_report(ItvApp *app, const char *subject, ItvRecords **ret_records,
            const itv_record **ret_report, GError **error)
{
  const char *colon = strchr(subject, ':');
  g_autofree char *uid = g_strndup(subject, colon ? (gsize)(colon - subject) : strlen(subject));
  const gsize n = colon ? (gsize)g_ascii_strtoull(colon + 1, NULL, 10) : 0;
  g_autoptr(ItvJournalRow) row = NULL;
  if (!itv_journal_get(app->db, uid, &row, error))
    return FALSE;
  if (!row)
    return itv_fail(error, ITV_ERROR_DATABASE, "no evidence %s for a queued job", uid);
  g_autoptr(ItvRecords) records = itv_records_from_json(row->records, -1, error);
  const itv_record *report = records ? itv_records_find(records, "interval.report/1", n) : NULL;
  if (!report)
    return records ? itv_fail(error, ITV_ERROR_DATABASE, "evidence %s holds no report %zu", uid, n)
                   : FALSE;
  *ret_records = g_steal_pointer(&records);
  *ret_report = report;
  return TRUE;
}

typedef struct {
  ItvJobRow *row;
  ItvOutcome *outcome;
  char *inputs;
  char *what; /* the report, for messages */
} Parsed;

static void
free_parsed(gpointer data)
{
  Parsed *p = data;
  itv_jobrow_free(p->row);
  itv_outcome_free(p->outcome);
  g_free(p->inputs);
  g_free(p->what);
  g_free(p);
}

/* The job that reads that report. */
static ItvJob *
job_of_record(ItvApp *app, const ItvRecords *records, const itv_record *report)
{
  const ItvExam exam = itv_evidence_report_exam(app->exams, records, report);
  ItvMoment performed = ITV_MOMENT_NONE;
  itv_moment_parse(itv_record_str(report, "performed", ""), &performed);
  return parse_job(itv_record_str(report, "text", ""), -1, performed.date, &exam,
                   itv_record_str(report, "description", NULL), FALSE);
}

char *
itv_app_report_inputs(ItvApp *app, const ItvRecords *records, const itv_record *report)
{
  g_autoptr(ItvJob) job = job_of_record(app, records, report);
  return g_strdup(itv_job_digest(job));
}

/* The job that reads a queued report; *ret_what (owned) names the report. */
static ItvJob *
job_of_report(ItvApp *app, const char *subject, char **ret_what, GError **error)
{
  g_autoptr(ItvRecords) records = NULL;
  const itv_record *report = NULL;
  if (!find_report(app, subject, &records, &report, error))
    return NULL;
  *ret_what = g_strdup_printf("report %s", itv_record_str(report, "accession", subject));
  return job_of_record(app, records, report);
}

static gboolean
run_one(ItvApp *app, ItvPlugin *plugin, Parsed *p, GError **error)
{
  g_autoptr(ItvJob) job = job_of_report(app, p->row->subject, &p->what, error);
  if (!job)
    return FALSE;
  p->inputs = g_strdup(itv_job_digest(job));
  p->outcome =
      itv_plugins_run(app->plugins, plugin, ITV_KIND_RECOMMENDATION, job, NULL, NULL, NULL);
  return TRUE;
}

gboolean
itv_app_requeue_changed(ItvApp *app, const char *uid, const ItvRecords *records, GError **error)
{
  const itv_record *report = NULL;
  for (guint i = 0; (report = itv_records_find(records, "interval.report/1", i)); i++) {
    g_autofree char *subject = itv_report_uid(uid, i);
    g_autoptr(ItvJobRow) row = NULL;
    if (!itv_jobrow_find(app->db, ITV_KIND_RECOMMENDATION, subject, &row, error))
      return FALSE;
    if (!row || !row->records)
      continue;
    g_autofree char *inputs = itv_app_report_inputs(app, records, report);
    if (g_strcmp0(inputs, row->inputs) != 0 && !itv_jobrow_requeue(app->db, row->id, error))
      return FALSE;
  }
  return TRUE;
}

/* What a plugin says of an empty report is not its failure: nothing is found. */
static gboolean
is_result(const ItvOutcome *outcome)
{
  return outcome->class == ITV_OUTCOME_OK || outcome->class == ITV_OUTCOME_NOT_APPLICABLE;
}

/* What a person should look at, though the report was taken. */
static void
note_contradictions(const Parsed *p, json_object *notes)
{
  const itv_record *r = NULL;
  for (gsize i = 0;
       notes && (r = itv_records_find(p->outcome->records, "interval.contradiction/1", i)); i++) {
    json_object *o = json_object_new_object();
    itv_json_add_string(o, "path", p->what);
    itv_json_add_string(o, "note", itv_record_str(r, "text", ""));
    json_object_array_add(notes, o);
  }
}

static gboolean
store_one(ItvApp *app, const Parsed *p, json_object *failures, json_object *notes,
          gint64 *ret_found, GError **error)
{
  const ItvOutcome *o = p->outcome;
  g_auto(GStrv) subject = g_strsplit(p->row->subject, ":", 2);
  if (!itv_patient_set_stale_by_evidence(app->db, subject[0], error))
    return FALSE;
  const ItvJobRowMade made = {o->origin.plugin, o->origin.version, o->origin.sha256,
                              o->origin.config_hash, p->inputs};
  if (is_result(o)) {
    g_autofree char *json = itv_records_to_json(o->records);
    const itv_record *r = NULL;
    for (gsize i = 0; (r = itv_records_find(o->records, "interval.recommendation/1", i)); i++)
      (*ret_found)++;
    note_contradictions(p, notes);
    return itv_jobrow_done(app->db, p->row->id, &made, json, error);
  }
  json_object *failure = json_object_new_object();
  itv_json_add_string(failure, "path", p->what);
  itv_json_add_string(failure, "reason", o->message);
  itv_json_add_string(failure, "outcome", itv_outcome_word(o->class));
  json_object_array_add(failures, failure);
  return itv_jobrow_failed(app->db, p->row->id,
                           o->class == ITV_OUTCOME_QUARANTINED ? "quarantined" : "failed", &made,
                           o->message, error);
}

static gboolean
claim_batch(ItvApp *app, GPtrArray *batch, GError **error)
{
  while (batch->len < BATCH) {
    ItvJobRow *row = NULL;
    if (!itv_jobrow_claim(app->db, ITV_KIND_RECOMMENDATION, &row, error))
      return FALSE;
    if (!row)
      break;
    Parsed *p = g_new0(Parsed, 1);
    p->row = row;
    g_ptr_array_add(batch, p);
  }
  return TRUE;
}

static gboolean
store_batch(ItvApp *app, const GPtrArray *batch, json_object *failures, json_object *notes,
            gint64 *ret_found, GError **error)
{
  for (guint i = 0; i < batch->len; i++)
    if (!store_one(app, batch->pdata[i], failures, notes, ret_found, error))
      return FALSE;
  return itv_strikes_flush(app->strikes, error);
}

/* What a run before this one left behind: jobs of a killed process, results of
 * a plugin that has changed since, failures worth another attempt. */
static gboolean
recover(ItvApp *app, ItvPlugin *plugin, GError **error)
{
  gint64 n = 0;
  g_autofree char *sha256 = itv_plugin_sha256(plugin);
  g_autofree char *config = itv_plugin_config_hash(plugin);
  if (itv_db_begin(app->db, error) && itv_jobrow_recover(app->db, &n, error) &&
      itv_jobrow_requeue_stale(app->db, ITV_KIND_RECOMMENDATION, sha256, config, &n, error) &&
      itv_db_commit(app->db, error))
    return TRUE;
  itv_db_rollback(app->db);
  return FALSE;
}

gboolean
itv_app_run_parse_jobs(ItvApp *app, json_object *failures, json_object *notes, gint64 *ret_found,
                       GError **error)
{
  ItvPlugin *plugin = itv_app_plugin_for(app, ITV_KIND_RECOMMENDATION, error);
  guint64 done = 0;
  if (!plugin || !recover(app, plugin, error))
    return FALSE;
  for (;;) {
    g_autoptr(GPtrArray) batch = g_ptr_array_new_with_free_func(free_parsed);
    if (!itv_db_begin(app->db, error) || !claim_batch(app, batch, error) ||
        !itv_db_commit(app->db, error))
      return itv_db_rollback(app->db), FALSE;
    if (batch->len == 0)
      return TRUE;
    for (guint i = 0; i < batch->len; i++) {
      if (!run_one(app, plugin, batch->pdata[i], error))
        return FALSE;
      itv_app_say(app, "reading reports", ++done, 0);
    }
    if (!itv_db_begin(app->db, error) ||
        !store_batch(app, batch, failures, notes, ret_found, error) ||
        !itv_db_commit(app->db, error))
      return itv_db_rollback(app->db), FALSE;
  }
}
