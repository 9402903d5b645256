/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "engine/evidence-sections.h"
#include "engine/evidence-studies.h"

struct ItvEvidenceReader {
  const ItvExamLexicon *lexicon;
  ItvParseLookup lookup;
  gpointer data;
  ItvHistory *history;
  ItvStudyReader *studies;
  const char *sender; /* of the row being read; NULL: not said */
};

ItvEvidenceReader *
itv_evidence_reader_new(const ItvExamLexicon *lexicon, ItvParseLookup lookup, gpointer data)
{
  ItvEvidenceReader *r = g_new0(ItvEvidenceReader, 1);
  r->lexicon = lexicon;
  r->lookup = lookup;
  r->data = data;
  r->history = itv_history_new();
  r->studies = itv_study_reader_new(lexicon);
  return r;
}

void
itv_evidence_reader_free(ItvEvidenceReader *r)
{
  if (!r)
    return;
  itv_history_free(r->history);
  itv_study_reader_free(r->studies);
  g_free(r);
}

char *
itv_report_uid(const char *evidence_uid, guint n)
{
  return n == 0 ? g_strdup(evidence_uid) : g_strdup_printf("%s:%u", evidence_uid, n);
}

static char *
dup_str(const itv_record *record, const char *key)
{
  return g_strdup(itv_record_str(record, key, NULL));
}

static ItvMoment
moment(const itv_record *record, const char *key)
{
  ItvMoment m = ITV_MOMENT_NONE;
  const char *text = itv_record_str(record, key, NULL);
  if (text)
    itv_moment_parse(text, &m);
  return m;
}

static gboolean
flag(const itv_record *record, const char *key)
{
  return g_strcmp0(itv_record_str(record, key, NULL), "Y") == 0;
}

static gboolean
period(const itv_record *record, const char *key, ItvPeriod *ret)
{
  const char *text = itv_record_str(record, key, NULL);
  return text && itv_period_parse(text, ret);
}

static GPtrArray *
all_str(const itv_record *record, const char *key)
{
  GPtrArray *values = g_ptr_array_new_with_free_func(g_free);
  const itv_field *f = NULL;
  for (gsize i = 0; (f = itv_record_field(record, key, i)); i++)
    if (f->type == ITV_T_STR)
      g_ptr_array_add(values, g_strdup(f->v.str));
  return values;
}

static int
index_of(const char *const *codes, int n, const char *code)
{
  for (int i = 0; code && i < n; i++)
    if (strcmp(codes[i], code) == 0)
      return i;
  return 0;
}

/* ---- reports ------------------------------------------------------------ */

/* A byte offset into the text, whatever the record says. */
static guint
offset(const itv_record *r, const char *key, gint64 length)
{
  return (guint)CLAMP(itv_record_i64(r, key, 0), 0, length);
}

static ItvRecommendation
read_recommendation(const itv_record *r, const char *text)
{
  const gint64 length = (gint64)strlen(text);
  ItvRecommendation rec = {
      .start = offset(r, "start", length),
      .end = offset(r, "end", length),
      .kind = itv_action_kind_parse(itv_record_str(r, "kind", NULL)),
      .region = itv_region_parse(itv_record_str(r, "region", NULL)),
      .laterality = itv_laterality_parse(itv_record_str(r, "laterality", NULL)),
      .condition_start = offset(r, "condition-start", length),
      .condition_end = offset(r, "condition-end", length),
      .conditional = flag(r, "conditional"),
      .consider = g_strcmp0(itv_record_str(r, "strength", NULL), "consider") == 0,
      .finding = dup_str(r, "finding"),
      .finding_head = dup_str(r, "finding-head"),
      .guideline = dup_str(r, "guideline"),
      .rule = dup_str(r, "rule")};
  const itv_field *f = NULL;
  for (gsize i = 0; (f = itv_record_field(r, "modality", i)); i++)
    rec.modalities |= ITV_MODALITY_BIT(itv_modality_parse(f->v.str));
  rec.has_interval = period(r, "earliest", &rec.earliest);
  rec.open_end = rec.has_interval && !period(r, "latest", &rec.latest);
  rec.repeats = period(r, "repeat", &rec.repeat);
  if (rec.condition_end > rec.condition_start)
    rec.condition = g_strndup(text + rec.condition_start, rec.condition_end - rec.condition_start);
  return rec;
}

void
itv_evidence_read_parse(const ItvRecords *parsed, const char *text, GArray *recommendations,
                        GArray *statements)
{
  static const char *const kinds[] = {"", "resolved", "no-follow-up", "non-diagnostic"};
  const gint64 length = (gint64)strlen(text);
  const itv_record *r = NULL;
  for (gsize i = 0; (r = itv_records_get(parsed, i)); i++) {
    if (strcmp(r->name, "interval.recommendation/1") == 0) {
      const ItvRecommendation rec = read_recommendation(r, text);
      g_array_append_val(recommendations, rec);
    } else if (strcmp(r->name, "interval.statement/1") == 0) {
      const ItvStatement s = {
          .start = offset(r, "start", length),
          .end = offset(r, "end", length),
          .kind = (ItvStatementKind)index_of(kinds, 4, itv_record_str(r, "statement", NULL)),
          .region = itv_region_parse(itv_record_str(r, "region", NULL)),
          .finding = dup_str(r, "finding"),
          .finding_head = dup_str(r, "finding-head")};
      g_array_append_val(statements, s);
    }
  }
}

static int
longest_first(gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

static ItvFinding
read_finding(const itv_record *r)
{
  const char *bound = itv_record_str(r, "bound", NULL);
  ItvFinding f = {.head = dup_str(r, "finding-head"),
                  .region = itv_region_parse(itv_record_str(r, "region", NULL)),
                  .laterality = itv_laterality_parse(itv_record_str(r, "laterality", NULL)),
                  .at_most = g_strcmp0(bound, "at-most") == 0,
                  .multiple = flag(r, "multiple") || itv_record_i64(r, "count", 1) > 1,
                  .density = dup_str(r, "density"),
                  .stability = dup_str(r, "stability")};
  const itv_field *size = NULL;
  const gboolean is_size = g_strcmp0(bound, "at-least") != 0; /* a lower bound is none */
  for (gsize i = 0; is_size && f.n_sizes < 3 && (size = itv_record_field(r, "size", i)); i++)
    if (size->type == ITV_T_F64 && size->v.f64 > 0 && size->v.f64 < 1e4)
      f.size_mm[f.n_sizes++] = size->v.f64;
  qsort(f.size_mm, f.n_sizes, sizeof(double), longest_first);
  return f;
}

static GArray *
read_findings(const ItvRecords *parsed)
{
  GArray *findings = itv_findings_new();
  const itv_record *r = NULL;
  for (gsize i = 0; parsed && (r = itv_records_find(parsed, "interval.finding/1", i)); i++) {
    const ItvFinding f = read_finding(r);
    g_array_append_val(findings, f);
  }
  return findings;
}

/* "APPLICATION^FACILITY"; NULL when the message does not say. */
static const char *
sender_of(const ItvRecords *row)
{
  const itv_record *document = itv_records_find(row, "interval.document/1", 0);
  return document ? itv_record_str(document, "sender", NULL) : NULL;
}

/* Of a report, an order or an appointment. */
static ItvExam
named_exam(const ItvExamLexicon *lexicon, const char *sender, const itv_record *r)
{
  const ItvExamTerms terms = {.sender = sender,
                              .description = itv_record_str(r, "description", NULL),
                              .code = itv_record_str(r, "code", NULL),
                              .modality_code = itv_record_str(r, "modality-code", NULL),
                              .region = itv_region_parse(itv_record_str(r, "region", NULL)),
                              .modality = itv_modality_parse(itv_record_str(r, "modality", NULL)),
                              .laterality =
                                  itv_laterality_parse(itv_record_str(r, "laterality", NULL))};
  return itv_exam_of(lexicon, &terms);
}

ItvExam
itv_evidence_report_exam(const ItvExamLexicon *lexicon, const ItvRecords *row, const itv_record *r)
{
  return named_exam(lexicon, sender_of(row), r);
}

ItvExam
itv_evidence_image_exam(const ItvExamLexicon *lexicon, const itv_record *image)
{
  const char *words = itv_record_str(image, "study-description", NULL);
  const ItvExamTerms terms = {
      .description = words ? words : itv_record_str(image, "series-description", NULL),
      .body_part = itv_record_str(image, "body-part", NULL),
      .modality = itv_modality_parse(itv_record_str(image, "modality", NULL)),
      .laterality = itv_laterality_parse(itv_record_str(image, "laterality", NULL))};
  return itv_exam_of(lexicon, &terms);
}

static ItvEvidence
copy_evidence(const ItvEvidence *ev)
{
  ItvEvidence copy = *ev;
  copy.uid = g_strdup(ev->uid);
  copy.source = g_strdup(ev->source);
  return copy;
}

/* Evidence about one exam, which belongs to a visit. */
static ItvEvidence
visit_evidence(const ItvEvidence *ev, const itv_record *r)
{
  ItvEvidence copy = copy_evidence(ev);
  g_autoptr(GPtrArray) visits = all_str(r, "visit");
  if (visits->len == 0)
    return copy;
  g_ptr_array_add(visits, NULL);
  copy.visits = g_strdupv((char **)visits->pdata);
  return copy;
}

static void
add_report(ItvEvidenceReader *reader, const ItvEvidence *ev, const itv_record *r, guint n)
{
  ItvReport report = {.ev = visit_evidence(ev, r),
                      .accession = dup_str(r, "accession"),
                      .study_uid = dup_str(r, "study-uid"),
                      .documents = all_str(r, "document"),
                      .addendum = flag(r, "addendum"),
                      .code = dup_str(r, "code"),
                      .description = dup_str(r, "description"),
                      .exam = named_exam(reader->lexicon, reader->sender, r),
                      .performed = moment(r, "performed"),
                      .status = itv_record_str(r, "status", "F")[0],
                      .reader = dup_str(r, "reader"),
                      .ordering = dup_str(r, "ordering"),
                      .sender = g_strdup(reader->sender),
                      .text = g_strdup(itv_record_str(r, "text", "")),
                      .recommendations = itv_recommendations_new(),
                      .statements = itv_statements_new()};
  if (report.performed.date == ITV_DATE_NONE)
    report.performed = ev->known;
  g_free(report.ev.uid);
  report.ev.uid = itv_report_uid(ev->uid, n);
  const ItvRecords *parsed = reader->lookup ? reader->lookup(report.ev.uid, reader->data) : NULL;
  if (parsed) {
    itv_evidence_read_parse(parsed, report.text, report.recommendations, report.statements);
    itv_read_sections(reader->lexicon, report.text, report.recommendations);
  }
  report.findings = read_findings(parsed);
  report.unread = !parsed || strspn(report.text, " \t\r\n") == strlen(report.text);
  g_array_append_val(reader->history->reports, report);
}

/* ---- the other records --------------------------------------------------- */

static void
add_person(ItvHistory *h, const ItvEvidence *ev, const itv_record *r)
{
  ItvPerson p = {.ev = copy_evidence(ev),
                 .name = dup_str(r, "name"),
                 .sex = dup_str(r, "sex"),
                 .birth_date = moment(r, "birth-date").date,
                 .deceased = -1,
                 .death_date = moment(r, "death-date").date};
  const char *death = itv_record_str(r, "death", NULL);
  if (death)
    p.deceased = strcmp(death, "Y") == 0;
  else if (p.death_date != ITV_DATE_NONE)
    p.deceased = 1;
  g_array_append_val(h->persons, p);
}

static void
add_link(ItvHistory *h, const ItvEvidence *ev, const itv_record *r)
{
  static const char *const actions[] = {"merge", "move", "link", "unmerge", "unlink", "move-visit"};
  static const ItvLinkKind kinds[] = {ITV_LINK_MERGE, ITV_LINK_MOVE, ITV_LINK_LINK,
                                      ITV_LINK_PART,  ITV_LINK_PART, ITV_LINK_VISIT};
  ItvLink link = {.ev = copy_evidence(ev),
                  .kind = kinds[index_of(actions, 6, itv_record_str(r, "action", NULL))],
                  .visit = dup_str(r, "visit")};
  link.ev.patient =
      itv_history_patient(h, itv_record_str(r, "id", ""), itv_record_str(r, "issuer", NULL));
  link.other = itv_history_patient(h, itv_record_str(r, "other-id", ""),
                                   itv_record_str(r, "other-issuer", NULL));
  g_array_append_val(h->links, link);
}

static void
add_order(ItvEvidenceReader *reader, const ItvEvidence *ev, const itv_record *r)
{
  static const char *const statuses[] = {"ordered",   "scheduled", "in-progress",
                                         "completed", "cancelled", "discontinued"};
  const ItvOrder order = {
      .ev = visit_evidence(ev, r),
      .accession = dup_str(r, "accession"),
      .numbers = all_str(r, "order-number"),
      .status = (ItvOrderStatus)index_of(statuses, 6, itv_record_str(r, "status", NULL)),
      .code = dup_str(r, "code"),
      .description = dup_str(r, "description"),
      .exam = named_exam(reader->lexicon, reader->sender, r),
      .requested = moment(r, "requested"),
      .scheduled = moment(r, "scheduled")};
  g_array_append_val(reader->history->orders, order);
}

static void
add_appointment(ItvEvidenceReader *reader, const ItvEvidence *ev, const itv_record *r)
{
  static const char *const statuses[] = {"booked",  "rescheduled", "cancelled",
                                         "no-show", "arrived",     "completed"};
  const ItvAppointment a = {
      .ev = visit_evidence(ev, r),
      .numbers = all_str(r, "number"),
      .accession = dup_str(r, "accession"),
      .status = (ItvAppointmentStatus)index_of(statuses, 6, itv_record_str(r, "status", NULL)),
      .start = moment(r, "start"),
      .description = dup_str(r, "description"),
      .exam = named_exam(reader->lexicon, reader->sender, r)};
  g_array_append_val(reader->history->appointments, a);
}

static void
add_procedure(ItvHistory *h, const ItvEvidence *ev, const itv_record *r)
{
  const ItvProcedure p = {.ev = copy_evidence(ev),
                          .protocol = dup_str(r, "protocol"),
                          .date = moment(r, "date").date,
                          .laterality =
                              itv_laterality_parse(itv_record_str(r, "laterality", NULL))};
  g_array_append_val(h->procedures, p);
}

static void
add_decision(ItvHistory *h, const ItvEvidence *ev, const itv_record *r)
{
  static const char *const actions[] = {
      "close", "reopen", "set-interval", "condition-met", "condition-unmet", "confirm", "reject",
      "note",  "assign", "contact",      "next"};
  ItvDecision d = {.ev = copy_evidence(ev),
                   .kind = (ItvDecisionKind)index_of(actions, G_N_ELEMENTS(actions),
                                                     itv_record_str(r, "action", NULL)),
                   .item = dup_str(r, "item"),
                   .reason = dup_str(r, "reason"),
                   .note = dup_str(r, "note"),
                   .study = dup_str(r, "study"),
                   .owner = dup_str(r, "owner"),
                   .whom = itv_whom_parse(itv_record_str(r, "whom", NULL)),
                   .how = itv_how_parse(itv_record_str(r, "how", NULL)),
                   .outcome = itv_contact_outcome_parse(itv_record_str(r, "outcome", NULL)),
                   .next = dup_str(r, "next"),
                   .on = moment(r, "on").date,
                   .by = dup_str(r, "by")};
  period(r, "earliest", &d.period);
  d.has_latest = period(r, "latest", &d.latest);
  g_array_append_val(h->decisions, d);
}

static void
add_fact(ItvHistory *h, const ItvEvidence *ev, const itv_record *r)
{
  const ItvFact f = {.ev = copy_evidence(ev),
                     .name = g_strdup(itv_record_str(r, "name", "")),
                     .value = g_strdup(itv_record_str(r, "value", "")),
                     .item = dup_str(r, "item"),
                     .by = dup_str(r, "by")};
  g_array_append_val(h->facts, f);
}

void
itv_evidence_add(ItvEvidenceReader *reader, const ItvEvidenceRow *row)
{
  ItvHistory *h = reader->history;
  g_autofree char *uid = g_strdup(row->uid);
  g_autofree char *label = g_strdup(row->label);
  ItvEvidence ev = {.uid = uid, .source = label, .known = ITV_MOMENT_NONE};
  if (row->known)
    itv_moment_parse(row->known, &ev.known);
  const itv_record *r = NULL;
  guint reports = 0;
  reader->sender = sender_of(row->records);
  for (gsize i = 0; (r = itv_records_get(row->records, i)); i++) {
    if (strcmp(r->name, "interval.patient/1") == 0) {
      ev.patient =
          itv_history_patient(h, itv_record_str(r, "id", ""), itv_record_str(r, "issuer", NULL));
      add_person(h, &ev, r);
    } else if (strcmp(r->name, "interval.merge/1") == 0)
      add_link(h, &ev, r);
    else if (strcmp(r->name, "interval.report/1") == 0)
      add_report(reader, &ev, r, reports++);
    else if (strcmp(r->name, "interval.order/1") == 0)
      add_order(reader, &ev, r);
    else if (strcmp(r->name, "interval.appointment/1") == 0)
      add_appointment(reader, &ev, r);
    else if (strcmp(r->name, "interval.procedure/1") == 0)
      add_procedure(h, &ev, r);
    else if (strcmp(r->name, "interval.decision/1") == 0)
      add_decision(h, &ev, r);
    else if (strcmp(r->name, "interval.fact/1") == 0)
      add_fact(h, &ev, r);
    else
      itv_study_reader_add(reader->studies, &ev, row, r);
  }
}

ItvHistory *
itv_evidence_finish(ItvEvidenceReader *reader)
{
  itv_study_reader_finish(reader->studies, reader->history);
  ItvHistory *history = reader->history;
  reader->history = itv_history_new();
  return history;
}
