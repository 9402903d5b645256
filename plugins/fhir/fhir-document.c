/* SPDX-License-Identifier: Apache-2.0
 *
 * Composition: the text of a document Bundle stands in its sections.  The document's
 * DiagnosticReport says which exam it is of; where there is none, the Composition is
 * the report.
 */
#include <string.h>

#include "fhir-units.h"

enum { MAX_SECTIONS = 200, MAX_LOOKED_AT = 1000, MAX_NESTED = 8 };

/* The document is told by its first entry, as FHIR demands. */
static guint
first_piece(const Resource *r)
{
  const Piece *p = &g_array_index(r->bundle->scan.pieces, Piece, r->piece);
  return r->piece - (guint)MAX(p->entry, 0);
}

static const Entry *
entry_of(const Resource *r, guint piece)
{
  return &g_array_index(r->bundle->entries, Entry, piece);
}

/* The first DiagnosticReport of the same Bundle; FALSE when there is none. */
static gboolean
find_report(const Resource *r, guint *ret_piece)
{
  const Piece *own = &g_array_index(r->bundle->scan.pieces, Piece, r->piece);
  const guint first = first_piece(r);
  const guint end = MIN(first + MAX_LOOKED_AT, r->bundle->scan.pieces->len);
  for (guint i = first; own->shell >= 0 && i < end; i++) {
    if (g_array_index(r->bundle->scan.pieces, Piece, i).shell != own->shell)
      return FALSE;
    if (!entry_of(r, i)->problem && g_strcmp0(entry_of(r, i)->type, "DiagnosticReport") == 0) {
      *ret_piece = i;
      return TRUE;
    }
  }
  return FALSE;
}

static void
append_section(const Resource *r, Record *rec, Body *out, Json *section, int depth)
{
  Json *nested = json_get(section, "section");
  const char *div = json_text_at(section, "text.div");
  const char *heading = section_heading(json_get(section, "code"));
  g_autoptr(GString) text = g_string_new(NULL);
  if (div && g_strcmp0(json_text_at(section, "text.status"), "empty") != 0)
    append_html(text, div);
  body_section(r, rec, out, heading ? heading : json_text_at(section, "title"), text->str);
  for (gsize i = 0; depth < MAX_NESTED && i < MIN(json_count(nested), MAX_SECTIONS); i++)
    append_section(r, rec, out, json_item(nested, i), depth + 1);
}

static void
append_sections(const Resource *r, Record *rec, Body *out, Json *composition)
{
  Json *sections = json_get(composition, "section");
  for (gsize i = 0; i < MIN(json_count(sections), MAX_SECTIONS); i++)
    append_section(r, rec, out, json_item(sections, i), 0);
}

void
append_document(const Resource *report, Record *rec, Body *out)
{
  guint piece = 0;
  const guint first = first_piece(report);
  if (g_strcmp0(entry_of(report, first)->type, "Composition") != 0 ||
      !find_report(report, &piece) || piece != report->piece)
    return;
  g_autofree char *problem = NULL;
  g_autoptr(Json) composition = bundle_resource(report->bundle, first, &problem);
  append_sections(report, rec, out, composition);
}

/* What it refers to: the event that it documents, and the entries of its sections. */
static void
read_exam(const Resource *r, Exam *exam)
{
  Json *events = json_at(r->json, "event.detail"), *sections = json_get(r->json, "section");
  exam->accession = g_strdup(accession_of(json_get(r->json, "identifier")));
  for (gsize i = 0; i < MIN(json_count(events), 16); i++) {
    g_autoptr(Json) target = resource_resolve(r, json_item(events, i), NULL);
    if (g_strcmp0(json_text_at(target, "resourceType"), "ImagingStudy") == 0)
      exam_read_study(exam, target);
  }
  for (gsize i = 0; i < MIN(json_count(sections), MAX_SECTIONS); i++) {
    Json *entries = json_get(json_item(sections, i), "entry");
    for (gsize k = 0; k < MIN(json_count(entries), 16); k++) {
      g_autoptr(Json) target = resource_resolve(r, json_item(entries, k), NULL);
      if (g_strcmp0(json_text_at(target, "resourceType"), "ImagingStudy") == 0)
        exam_read_study(exam, target);
    }
  }
  if (!exam->accession && !exam->study_uid)
    exam->accession = g_strdup(json_text_at(json_get(r->json, "identifier"), "value"));
  if (!exam->accession && !exam->study_uid)
    exam->accession = own_number(r);
}

static void
add_report(const Resource *r, const char *status)
{
  static const char *const dates[] = {"date", NULL};
  Exam exam = {0};
  Body body;
  read_exam(r, &exam);
  body_init(&body);
  const char *words = json_text_at(r->json, "title");
  g_autofree char *date = value_first_datetime(r->json, dates);
  g_autofree char *reader = person_name(r, json_item(json_get(r->json, "author"), 0));
  Record *rec = unit_add(r->unit, "interval.report/1");
  record_str(r->unit, rec, "accession", exam.accession, 256);
  record_str(r->unit, rec, "study-uid", exam.study_uid, 64);
  record_str(r->unit, rec, "code", concept_code(json_get(r->json, "type"), NULL), 1024);
  record_str(r->unit, rec, "description", exam.description ? exam.description : words, 1024);
  record_str(r->unit, rec, "modality", exam.modality, 8);
  record_str(r->unit, rec, "performed", exam.performed ? exam.performed : date, 32);
  record_str(r->unit, rec, "status", status, 1);
  record_str(r->unit, rec, "reader", reader, 1024);
  append_sections(r, rec, &body, r->json);
  record_body(r, rec, &body);
  exam_clear(&exam);
}

/* LOINC: imaging study reports, by their document codes or their category. */
static gboolean
is_imaging_report(Json *composition)
{
  static const char *const codes[] = {"18748-4", "68604-8", "18726-0", "85430-7", "LP29684-5"};
  Json *categories = json_get(composition, "category");
  for (gsize i = 0; i < G_N_ELEMENTS(codes); i++) {
    if (concept_has(json_get(composition, "type"), codes[i]))
      return TRUE;
    for (gsize k = 0; k < MIN(json_count(categories), 16); k++)
      if (concept_has(json_item(categories, k), codes[i]))
        return TRUE;
  }
  return FALSE;
}

void
unit_composition(const Resource *r)
{
  static const char *const dates[] = {"date", NULL};
  guint piece = 0;
  const char *status = report_status(r);
  if (find_report(r, &piece) || !is_imaging_report(r->json)) {
    r->unit->empty = TRUE; /* its text goes with the DiagnosticReport */
    return;
  }
  unit_known(r, dates);
  if (!status)
    unit_reject(r->unit, "its status is \"%.40s\": whether the report is final is not said",
                json_text_at(r->json, "status") ? json_text_at(r->json, "status") : "");
  else if (unit_subject(r, subject_of(r->json)))
    add_report(r, status);
}
