/* SPDX-License-Identifier: Apache-2.0
 *
 * ImagingStudy: proof that an exam was performed.  Its pixels are elsewhere: one
 * interval.image/1 a series says all that is known of it, and a film each where the
 * series is of films, for each is a view of its own.
 */
#include <string.h>

#include "fhir-units.h"
#include "side-terms.h"

enum { MAX_SERIES = 2000, MAX_FILMS = 64 };

void
exam_clear(Exam *exam)
{
  g_free(exam->study_uid);
  g_free(exam->accession);
  g_free(exam->performed);
  g_free(exam->description);
  *exam = (Exam){0};
}

const char *
accession_of(Json *identifiers)
{
  const char *number = identifier_of_type(identifiers, "ACSN");
  return number ? number : identifier_of_type(identifiers, "FILL");
}

/* The identifier of system urn:dicom:uid, or any that is an OID by its form. */
static const char *
study_uid_of(Json *identifiers)
{
  for (gsize i = 0; i < json_count(identifiers); i++) {
    Json *id = json_item(identifiers, i);
    if (g_strcmp0(json_text_at(id, "system"), "urn:dicom:uid") == 0 &&
        value_uid(json_text_at(id, "value")))
      return value_uid(json_text_at(id, "value"));
  }
  for (gsize i = 0; i < json_count(identifiers); i++) {
    const char *value = json_text_at(json_item(identifiers, i), "value");
    if (value && g_str_has_prefix(value, "urn:oid:") && value_uid(value))
      return value_uid(value);
  }
  return NULL;
}

char *
referred_study_uid(const Resource *r, Json *reference)
{
  g_autoptr(Json) study = resource_resolve(r, reference, NULL);
  Json *identifiers = study ? json_get(study, "identifier") : json_get(reference, "identifier");
  if (study && g_strcmp0(json_text_at(study, "resourceType"), "ImagingStudy") != 0)
    return NULL;
  return g_strdup(study_uid_of(identifiers));
}

/* R4 Coding, R5 CodeableConcept; the first that is an imaging modality. */
static const char *
modality_in(Json *codings)
{
  for (gsize i = 0; i < json_count(codings); i++) {
    const char *m = code_modality(concept_code(json_item(codings, i), NULL));
    if (m)
      return m;
  }
  return NULL;
}

/* What was done, as the study itself says. */
static const char *
own_words(Json *study)
{
  const char *words = json_text_at(study, "description");
  if (!words)
    words = concept_words(json_item(json_get(study, "procedureCode"), 0));
  if (!words)
    words = concept_words(json_item(json_get(study, "procedure"), 0));
  return words ? words : json_text_at(json_get(study, "series"), "description");
}

/* For want of words: modality and part of the body, "DX Arm". */
static char *
made_words(Json *study)
{
  Json *first = json_item(json_get(study, "series"), 0);
  const char *part = concept_words(json_get(first, "bodySite"));
  const char *modality = concept_code(json_get(first, "modality"), NULL);
  if (!part)
    return NULL;
  return g_strdup_printf("%s%s%s", modality ? modality : "", modality ? " " : "", part);
}

/* What the Procedure says that the study refers to, or is. */
static char *
procedure_words(const Resource *r)
{
  g_autoptr(Json) procedure = resource_resolve(r, json_get(r->json, "procedureReference"), NULL);
  const char *words = concept_words(json_get(procedure, "code"));
  return words ? g_strdup(words) : pairs_study_words(&r->bundle->pairs, r->json);
}

void
exam_read_study(Exam *exam, Json *study)
{
  static const char *const times[] = {"started", "series.started", NULL};
  if (!exam->study_uid)
    exam->study_uid = g_strdup(study_uid_of(json_get(study, "identifier")));
  if (!exam->accession)
    exam->accession = g_strdup(accession_of(json_get(study, "identifier")));
  if (!exam->performed)
    exam->performed = value_first_datetime(study, times);
  if (!exam->description)
    exam->description = g_strdup(own_words(study));
  if (!exam->modality)
    exam->modality = modality_in(json_get(study, "modality"));
  Json *series = json_get(study, "series");
  for (gsize i = 0; !exam->modality && i < json_count(series); i++)
    exam->modality = modality_in(json_get(json_item(series, i), "modality"));
}

/* ---- the records ---------------------------------------------------------------------- */

typedef struct {
  const Resource *r;
  Exam exam;
  Json *series;
  char *series_uid;
  gsize index;
} Context;

static char *
made_uid(const char *parent, const char *what, gsize n)
{
  g_autofree char *text = g_strdup_printf("%s/%s/%zu", parent, what, n);
  return value_make_uid(text);
}

static void
add_place(Unit *u, Record *rec, Json *series)
{
  Json *site = json_get(series, "bodySite");
  const char *side = terms_side(concept_code(json_get(series, "laterality"), NULL));
  const char *part = concept_words(site);
  record_str(u, rec, "body-part", part ? part : concept_code(site, NULL), 1024);
  record_str(u, rec, "laterality",
             side ? side : terms_side(concept_words(json_get(series, "laterality"))), 16);
}

static const char *
dicom_modality(const Context *c)
{
  const char *code = concept_code(json_get(c->series, "modality"), NULL);
  return code ? code : concept_code(json_item(json_get(c->r->json, "modality"), 0), NULL);
}

static void
add_image(const Context *c, Json *instance, gsize n)
{
  static const char *const times[] = {"started", NULL};
  Unit *u = c->r->unit;
  const char *sop = value_uid(json_text_at(instance, "uid"));
  const char *sop_class = value_uid(concept_code(json_get(instance, "sopClass"), NULL));
  const char *modality = code_modality(dicom_modality(c));
  g_autofree char *made = sop ? NULL : made_uid(c->series_uid, "instance", n);
  g_autofree char *started = value_first_datetime(c->series, times);
  const char *words = json_text_at(c->series, "description");
  Record *rec = unit_add(u, "interval.image/1");
  record_str(u, rec, "study-uid", c->exam.study_uid, 64);
  record_str(u, rec, "series-uid", c->series_uid, 64);
  record_str(u, rec, "sop-uid", sop ? sop : made, 64);
  record_str(u, rec, "sop-class", sop_class, 64);
  record_str(u, rec, "modality", modality ? modality : "OT", 8);
  record_str(u, rec, "dicom-modality", dicom_modality(c), 1024);
  record_str(u, rec, "accession", c->exam.accession, 256);
  record_str(u, rec, "performed", c->exam.performed, 32);
  record_str(u, rec, "acquired", started, 32);
  record_str(u, rec, "study-description", c->exam.description, 1024);
  record_str(u, rec, "series-description", words ? words : json_text_at(instance, "title"), 1024);
  add_place(u, rec, c->series);
  double number = 0;
  if (json_number(json_get(c->series, "number"), &number) && number >= 0 && number < 1e9)
    record_i64(rec, "series-number", (gint64)number, NULL);
  if (json_number(json_get(instance, "number"), &number) && number >= 0 && number < 1e9)
    record_i64(rec, "instance-number", (gint64)number, NULL);
  record_str(u, rec, "pixels", "absent", 16);
  record_str(u, rec, "pixel-problem", "only its FHIR ImagingStudy is here, not its DICOM files",
             256);
}

static gboolean
is_film(const Context *c)
{
  const char *m = code_modality(dicom_modality(c));
  return m && (strcmp(m, "XR") == 0 || strcmp(m, "MG") == 0 || strcmp(m, "FL") == 0);
}

static void
add_series(Context *c)
{
  Json *instances = json_get(c->series, "instance");
  const char *uid = value_uid(json_text_at(c->series, "uid"));
  if (!uid && json_text_at(c->series, "uid"))
    unit_note(c->r->unit, "series[%zu].uid \"%.80s\" is no DICOM UID", c->index,
              json_text_at(c->series, "uid"));
  c->series_uid = uid ? g_strdup(uid) : made_uid(c->exam.study_uid, "series", c->index);
  const gsize films = is_film(c) ? MIN(json_count(instances), MAX_FILMS) : 1;
  for (gsize i = 0; i < MAX(films, 1); i++)
    add_image(c, json_item(instances, i), i);
  g_free(c->series_uid);
}

/* The UID that the study bears, or one made from what else identifies it. */
static gboolean
settle_study_uid(const Resource *r, Exam *exam)
{
  g_autofree char *base = base_of(r->bundle, r->entry);
  const char *number = exam->accession;
  if (exam->study_uid)
    return TRUE;
  if (!r->entry->id && !number) {
    unit_reject(r->unit, "it bears no Study Instance UID (identifier of system urn:dicom:uid), no "
                         "accession number and no id");
    return FALSE;
  }
  g_autofree char *text =
      r->entry->id
          ? g_strdup_printf("%s/ImagingStudy/%s", is_uuid(r->entry->id) ? "" : base, r->entry->id)
          : g_strconcat("accession/", number, NULL);
  exam->study_uid = value_make_uid(text);
  unit_note(r->unit,
            "it bears no Study Instance UID (identifier of system urn:dicom:uid): one was "
            "made from its %s, and its DICOM files will be a study of their own",
            r->entry->id ? "id" : "accession number");
  return TRUE;
}

static void
add_all_series(const Resource *r, const Exam *exam)
{
  Json *list = json_get(r->json, "series");
  Context c = {.r = r, .exam = *exam};
  const gsize n = json_count(list);
  if (!exam->modality)
    unit_note(r->unit, "it names no modality of imaging: it does not count as an exam");
  if (n > MAX_SERIES)
    unit_note(r->unit, "%zu series are more than one study has: the first %d were taken", n,
              MAX_SERIES);
  for (gsize i = 0; i < MAX(MIN(n, MAX_SERIES), 1); i++) {
    c.series = json_item(list, i);
    c.index = i;
    add_series(&c);
  }
}

/* Nothing is there to see yet, or any more: the exam is not proved by it. */
static gboolean
is_performed(const Resource *r)
{
  const char *status = json_text_at(r->json, "status");
  if (!status || strcmp(status, "available") == 0 || strcmp(status, "inactive") == 0)
    return TRUE;
  if (strcmp(status, "registered") == 0)
    unit_note(r->unit, "it is only registered: that it was performed is not said");
  else if (strcmp(status, "unknown") == 0)
    unit_note(r->unit, "its status is unknown: it was taken as performed");
  else
    unit_note(r->unit, "its status is \"%.40s\": what it said earlier does not count any more",
              status);
  return strcmp(status, "unknown") == 0;
}

void
unit_study(const Resource *r)
{
  static const char *const times[] = {"started", "series.started", NULL};
  Exam exam = {0};
  const gboolean performed = is_performed(r);
  const gboolean registered = g_strcmp0(json_text_at(r->json, "status"), "registered") == 0;
  if (performed || registered)
    unit_known(r, times);
  else
    unit_known_latest(r, times);
  if (!unit_subject(r, subject_of(r->json)) || registered)
    return;
  exam_read_study(&exam, r->json);
  if (!performed) {
    record_withdrawal(r, exam.study_uid, NULL);
    exam_clear(&exam);
    return;
  }
  if (!exam.description)
    exam.description = procedure_words(r);
  if (!exam.description)
    exam.description = made_words(r->json);
  if (!exam.performed)
    unit_note(r->unit, "it does not say when it was started");
  if (!exam.accession) {
    g_autoptr(Json) order = resource_resolve(r, json_item(json_get(r->json, "basedOn"), 0), NULL);
    exam.accession = g_strdup(accession_of(json_get(order, "identifier")));
  }
  if (settle_study_uid(r, &exam))
    add_all_series(r, &exam);
  exam_clear(&exam);
}
