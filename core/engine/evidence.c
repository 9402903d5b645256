/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/evidence.h"

#include <string.h>

/* An image as far as its study is concerned; strings borrowed from `kept`. */
typedef struct {
  const char *uid, *label;
  ItvMoment known, performed;
  guint patient, alike;
  const itv_record *image;
  const char *origin; /* the resource that told of it; NULL: the object itself did */
  ItvMoment until;    /* ITV_MOMENT_NONE: nobody took it back */
} Image;

/* Who told of a study takes it back. */
typedef struct {
  const char *origin, *study_uid;
  ItvMoment known;
} Withdrawal;

struct ItvEvidenceReader {
  const ItvExamLexicon *lexicon;
  ItvParseLookup lookup;
  gpointer data;
  ItvHistory *history;
  GArray *images;        /* Image */
  GHashTable *rejected;  /* SOP UID -> ItvMoment: since when it is known */
  GArray *withdrawals;   /* Withdrawal */
  GPtrArray *kept;       /* ItvRecords of rows with images */
  GStringChunk *strings; /* uids and labels of those */
  const char *sender;    /* of the row being read; NULL: not said */
  const char *origin;    /* the same: a resource by type and id; NULL: an object of its own */
};

ItvEvidenceReader *
itv_evidence_reader_new(const ItvExamLexicon *lexicon, ItvParseLookup lookup, gpointer data)
{
  ItvEvidenceReader *r = g_new0(ItvEvidenceReader, 1);
  r->lexicon = lexicon;
  r->lookup = lookup;
  r->data = data;
  r->history = itv_history_new();
  r->images = g_array_new(FALSE, TRUE, sizeof(Image));
  r->rejected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  r->withdrawals = g_array_new(FALSE, TRUE, sizeof(Withdrawal));
  r->kept = g_ptr_array_new_with_free_func((GDestroyNotify)itv_records_unref);
  r->strings = g_string_chunk_new(1024);
  return r;
}

void
itv_evidence_reader_free(ItvEvidenceReader *r)
{
  if (!r)
    return;
  itv_history_free(r->history);
  g_array_unref(r->images);
  g_hash_table_unref(r->rejected);
  g_array_unref(r->withdrawals);
  g_ptr_array_unref(r->kept);
  g_string_chunk_free(r->strings);
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
                      .text = g_strdup(itv_record_str(r, "text", "")),
                      .recommendations = itv_recommendations_new(),
                      .statements = itv_statements_new()};
  if (report.performed.date == ITV_DATE_NONE)
    report.performed = ev->known;
  g_free(report.ev.uid);
  report.ev.uid = itv_report_uid(ev->uid, n);
  const ItvRecords *parsed = reader->lookup ? reader->lookup(report.ev.uid, reader->data) : NULL;
  if (parsed)
    itv_evidence_read_parse(parsed, report.text, report.recommendations, report.statements);
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
      "close",           "reopen",  "set-interval", "condition-met",
      "condition-unmet", "confirm", "reject",       "note"};
  ItvDecision d = {.ev = copy_evidence(ev),
                   .kind = (ItvDecisionKind)index_of(actions, 8, itv_record_str(r, "action", NULL)),
                   .item = dup_str(r, "item"),
                   .reason = dup_str(r, "reason"),
                   .note = dup_str(r, "note"),
                   .study = dup_str(r, "study"),
                   .by = dup_str(r, "by")};
  period(r, "earliest", &d.period);
  d.has_latest = period(r, "latest", &d.latest);
  g_array_append_val(h->decisions, d);
}

/* "fhir ImagingStudy 7" of a row that tells of images that lie elsewhere. */
static const char *
origin_of(ItvEvidenceReader *reader, const ItvRecords *row)
{
  const itv_record *d = itv_records_find(row, "interval.document/1", 0);
  const char *id = d ? itv_record_str(d, "identifier", NULL) : NULL;
  if (!id || strcmp(itv_record_str(d, "format", ""), "dicom") == 0)
    return NULL;
  g_autofree char *origin =
      g_strjoin(" ", itv_record_str(d, "format", ""), itv_record_str(d, "type", ""), id, NULL);
  return g_string_chunk_insert_const(reader->strings, origin);
}

static void
add_withdrawal(ItvEvidenceReader *reader, const ItvEvidence *ev, const itv_record *r)
{
  const char *uid = itv_record_str(r, "study-uid", "");
  const Withdrawal w = {.origin = reader->origin,
                        .study_uid = g_string_chunk_insert_const(reader->strings, uid),
                        .known = ev->known};
  g_array_append_val(reader->withdrawals, w);
}

static void
add_image(ItvEvidenceReader *reader, const ItvEvidence *ev, const itv_record *r, guint alike)
{
  const Image image = {.uid = g_string_chunk_insert(reader->strings, ev->uid),
                       .label = g_string_chunk_insert_const(reader->strings, ev->source),
                       .known = ev->known,
                       .performed = moment(r, "performed"),
                       .patient = ev->patient,
                       .alike = MAX(alike, 1),
                       .image = r,
                       .origin = reader->origin};
  g_array_append_val(reader->images, image);
}

/* When the archive's retention period ends only the images go: the exam was made. */
static gboolean
undoes_exam(const itv_record *rejection)
{
  return strcmp(itv_record_str(rejection, "reason", ""), "retention") != 0;
}

static void
add_rejection(ItvEvidenceReader *reader, const ItvEvidence *ev, const itv_record *r)
{
  const itv_field *f = NULL;
  for (gsize i = 0; undoes_exam(r) && (f = itv_record_field(r, "sop-uid", i)); i++) {
    const ItvMoment *before = g_hash_table_lookup(reader->rejected, f->v.str);
    if (!before || itv_moment_compare(ev->known, *before) < 0)
      g_hash_table_insert(reader->rejected, g_strdup(f->v.str),
                          g_memdup2(&ev->known, sizeof ev->known));
  }
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
  guint reports = 0, images = 0;
  reader->sender = sender_of(row->records);
  reader->origin = origin_of(reader, row->records);
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
    else if (strcmp(r->name, "interval.rejection/1") == 0)
      add_rejection(reader, &ev, r);
    else if (strcmp(r->name, "interval.withdrawal/1") == 0)
      add_withdrawal(reader, &ev, r);
    else if (strcmp(r->name, "interval.image/1") == 0) {
      add_image(reader, &ev, r, row->alike);
      images++;
    }
  }
  if (images > 0) {
    ItvRecords *records = (ItvRecords *)(guintptr)row->records;
    g_ptr_array_add(reader->kept, itv_records_ref(records));
  }
}

/* ---- images into studies -------------------------------------------------- */

static int
compare_images(gconstpointer a, gconstpointer b)
{
  const Image *x = a, *y = b;
  if (x->patient != y->patient)
    return x->patient < y->patient ? -1 : 1;
  const int by_study =
      strcmp(itv_record_str(x->image, "study-uid", ""), itv_record_str(y->image, "study-uid", ""));
  if (by_study)
    return by_study;
  const int by_day = itv_moment_compare(x->until, y->until);
  return by_day ? by_day : strcmp(x->uid, y->uid);
}

static gboolean
same_study(const Image *a, const Image *b)
{
  return a->patient == b->patient && itv_moment_compare(a->until, b->until) == 0 &&
         strcmp(itv_record_str(a->image, "study-uid", ""),
                itv_record_str(b->image, "study-uid", "")) == 0;
}

/* The first word that takes the image back and is no older than it.  The object itself,
 * where it lies here, is not taken back by what others say. */
static void
find_withdrawal(Image *image, const GArray *withdrawals)
{
  image->until = ITV_MOMENT_NONE;
  for (guint i = 0; image->origin && i < withdrawals->len; i++) {
    const Withdrawal *w = &g_array_index(withdrawals, Withdrawal, i);
    const gboolean undated = w->known.date == ITV_DATE_NONE;
    const ItvMoment at = undated ? image->known : w->known;
    const gboolean same =
        *w->study_uid ? strcmp(w->study_uid, itv_record_str(image->image, "study-uid", "")) == 0
                      : g_strcmp0(w->origin, image->origin) == 0;
    if (!same || itv_moment_compare(at, image->known) < 0)
      continue;
    if (image->until.date == ITV_DATE_NONE || itv_moment_compare(at, image->until) < 0)
      image->until = at;
  }
}

gboolean
itv_evidence_shows_anatomy(const itv_record *image)
{
  const char *m = itv_record_str(image, "modality", "");
  return strcmp(m, "SR") != 0 && strcmp(m, "OT") != 0;
}

/* The slices of a series are described in the same words: each wording is read once
 * in a study. */
static ItvExam
read_exam(const ItvEvidenceReader *reader, const itv_record *image, GHashTable *read)
{
  const char *description = itv_record_str(image, "study-description", NULL);
  if (!description)
    description = itv_record_str(image, "series-description", NULL);
  const char *modality = itv_record_str(image, "modality", NULL);
  const char *part = itv_record_str(image, "body-part", NULL);
  const char *side = itv_record_str(image, "laterality", NULL);
  g_autofree char *key = g_strjoin("\n", description ? description : "", modality ? modality : "",
                                   part ? part : "", side ? side : "", NULL);
  const ItvExam *known = g_hash_table_lookup(read, key);
  if (known)
    return *known;
  const ItvExam exam = itv_evidence_image_exam(reader->lexicon, image);
  g_hash_table_insert(read, g_steal_pointer(&key), g_memdup2(&exam, sizeof exam));
  return exam;
}

static void
add_coverage(ItvExam *exam, const ItvExam *read)
{
  const ItvExam e = *read;
  exam->modalities |= e.modalities;
  exam->contrast |= e.contrast;
  exam->regions |= e.regions;
  exam->acts |= e.acts;
  if (exam->main_modality == ITV_MODALITY_NONE || e.main_modality == ITV_MODALITY_PT)
    exam->main_modality = e.main_modality;
  if (exam->main_region == ITV_REGION_NONE)
    exam->main_region = e.main_region;
  if (exam->laterality == ITV_LATERALITY_NONE)
    exam->laterality = e.laterality;
  else if (e.laterality != ITV_LATERALITY_NONE && e.laterality != exam->laterality)
    exam->laterality = ITV_LATERALITY_BILATERAL;
}

static const ItvMoment *
rejection_of(const ItvEvidenceReader *reader, const Image *image)
{
  return g_hash_table_lookup(reader->rejected, itv_record_str(image->image, "sop-uid", ""));
}

/* Whether all that shows anatomy was rejected, and since when. */
static gboolean
is_rejected(const ItvEvidenceReader *reader, guint from, guint to, ItvMoment *ret_known)
{
  gboolean any = FALSE;
  for (guint i = from; i < to; i++) {
    const Image *image = &g_array_index(reader->images, Image, i);
    const ItvMoment *known = rejection_of(reader, image);
    if (!itv_evidence_shows_anatomy(image->image))
      continue;
    if (!known)
      return FALSE;
    if (!any || itv_moment_compare(*known, *ret_known) > 0)
      *ret_known = *known;
    any = TRUE;
  }
  return any;
}

static void
add_to_study(ItvStudy *study, const Image *image, const ItvExam *exam)
{
  study->n_images += image->alike;
  add_coverage(&study->exam, exam);
  if (!study->accession)
    study->accession = dup_str(image->image, "accession");
  if (!study->description)
    study->description = dup_str(image->image, "study-description");
  if (study->performed.date == ITV_DATE_NONE ||
      (image->performed.date != ITV_DATE_NONE &&
       itv_moment_compare(image->performed, study->performed) < 0))
    study->performed = image->performed;
  if (itv_moment_compare(image->known, study->ev.known) < 0)
    study->ev.known = image->known;
}

/* images[from..to) are one study of one patient, sorted by uid.  Rejected images are
 * left out, unless all are: then the study stands until that is known. */
static void
add_study(ItvEvidenceReader *reader, guint from, guint to)
{
  const Image *first = &g_array_index(reader->images, Image, from);
  ItvStudy study = {
      .ev = {g_strdup(first->uid), g_strdup(first->label), first->known, first->patient, NULL},
      .study_uid = dup_str(first->image, "study-uid"),
      .performed = ITV_MOMENT_NONE,
      .until = first->until};
  g_autoptr(GHashTable) read = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  ItvMoment rejected_at = ITV_MOMENT_NONE;
  const gboolean rejected = is_rejected(reader, from, to, &rejected_at);
  if (rejected && rejected_at.date == ITV_DATE_NONE) /* a note without a date held always */
    rejected_at = first->known;
  if (rejected &&
      (study.until.date == ITV_DATE_NONE || itv_moment_compare(rejected_at, study.until) < 0))
    study.until = rejected_at;
  for (guint i = from; i < to; i++) {
    const Image *image = &g_array_index(reader->images, Image, i);
    if (!itv_evidence_shows_anatomy(image->image) || (!rejected && rejection_of(reader, image)))
      continue;
    const ItvExam exam = read_exam(reader, image->image, read);
    add_to_study(&study, image, &exam);
  }
  if (study.n_images > 0) {
    g_array_append_val(reader->history->studies, study);
    return;
  }
  g_free(study.ev.uid);
  g_free(study.ev.source);
  g_free(study.study_uid);
}

ItvHistory *
itv_evidence_finish(ItvEvidenceReader *reader)
{
  for (guint i = 0; i < reader->images->len; i++)
    find_withdrawal(&g_array_index(reader->images, Image, i), reader->withdrawals);
  g_array_sort(reader->images, compare_images);
  guint from = 0;
  for (guint i = 1; reader->images->len > 0 && i <= reader->images->len; i++) {
    const Image *a = &g_array_index(reader->images, Image, from);
    const Image *b = &g_array_index(reader->images, Image, MIN(i, reader->images->len - 1));
    if (i < reader->images->len && same_study(a, b))
      continue;
    add_study(reader, from, i);
    from = i;
  }
  g_array_set_size(reader->images, 0);
  g_array_set_size(reader->withdrawals, 0);
  g_ptr_array_set_size(reader->kept, 0);
  g_hash_table_remove_all(reader->rejected);
  ItvHistory *history = reader->history;
  reader->history = itv_history_new();
  return history;
}
