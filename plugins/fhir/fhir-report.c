/* SPDX-License-Identifier: Apache-2.0
 *
 * DiagnosticReport and Procedure: what was done, and what was written about it.
 */
#include <string.h>

#include "fhir-units.h"
#include "side-terms.h"

enum { MAX_TEXT = 1048576, MAX_RESULTS = 500 };

/* ---- times and numbers that all types share ------------------------------------------------ */

static const char *
bundle_time(const Resource *r)
{
  const char *updated = json_text_at(r->json, "meta.lastUpdated");
  return updated ? updated : r->stamp;
}

void
unit_known(const Resource *r, const char *const *names)
{
  r->unit->known = value_first_datetime(r->json, names);
  if (!r->unit->known)
    r->unit->known = value_datetime(bundle_time(r));
  if (!r->unit->known)
    unit_note(r->unit, "it does not say since when it is known");
}

void
unit_known_latest(const Resource *r, const char *const *names)
{
  r->unit->known = value_datetime(bundle_time(r));
  if (!r->unit->known)
    r->unit->known = value_first_datetime(r->json, names);
}

static void
add_number(const Resource *r, Record *rec, const char *key, GHashTable *seen, const char *number)
{
  if (number && strlen(number) <= 256 && g_hash_table_size(seen) < 32 &&
      g_hash_table_add(seen, g_strdup(number)))
    record_str(r->unit, rec, key, number, 256);
}

static void
add_numbers(const Resource *r, Record *rec, const char *key, GHashTable *seen, Json *json)
{
  Json *identifiers = json_get(json, "identifier");
  for (gsize i = 0; i < json_count(identifiers); i++)
    add_number(r, rec, key, seen, json_text_at(json_item(identifiers, i), "value"));
  const char *type = json_text_at(json, "resourceType"), *id = json_text_at(json, "id");
  g_autofree char *own = type && id ? g_strconcat(type, "/", id, NULL) : NULL;
  add_number(r, rec, key, seen, own);
}

static GHashTable *
numbers_so_far(const Record *rec, const char *key)
{
  GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < rec->fields->len; i++) {
    const itv_field *f = &g_array_index(rec->fields, itv_field, i);
    if (strcmp(f->key, key) == 0)
      g_hash_table_add(seen, g_strdup(f->v.str));
  }
  return seen;
}

void
record_numbers(const Resource *r, Record *rec, const char *key, Json *json)
{
  g_autoptr(GHashTable) seen = numbers_so_far(rec, key);
  add_numbers(r, rec, key, seen, json);
}

void
record_referred_numbers(const Resource *r, Record *rec, const char *key, Json *reference)
{
  g_autoptr(GHashTable) seen = numbers_so_far(rec, key);
  g_autoptr(Json) order = resource_resolve(r, reference, NULL);
  const char *url = json_text_at(reference, "reference");
  const char *at = url ? g_strrstr(url, "ServiceRequest/") : NULL;
  add_numbers(r, rec, key, seen, order);
  add_number(r, rec, key, seen, json_text_at(reference, "identifier.value"));
  add_number(r, rec, key, seen, order ? NULL : at);
}

/* ---- the exam of a report ----------------------------------------------------------------------
 */

/* R4 imagingStudy, R5 study. */
static Json *
studies_of(Json *report)
{
  Json *studies = json_get(report, "imagingStudy");
  return studies ? studies : json_get(report, "study");
}

/* For want of a number, the id: that of a UUID by itself, else with its type, for
 * "1" is a number that others bear, too. */
char *
own_number(const Resource *r)
{
  const char *id = r->entry->id;
  return !id || is_uuid(id) ? g_strdup(id) : g_strconcat(r->entry->type, "/", id, NULL);
}

static void
read_exam(const Resource *r, Exam *exam)
{
  Json *studies = studies_of(r->json), *identifiers = json_get(r->json, "identifier");
  exam->accession = g_strdup(accession_of(identifiers));
  for (gsize i = 0; i < json_count(studies); i++) {
    g_autoptr(Json) study = resource_resolve(r, json_item(studies, i), NULL);
    g_autofree char *uid = referred_study_uid(r, json_item(studies, i));
    if (exam->study_uid && uid && strcmp(exam->study_uid, uid) != 0) {
      unit_note(r->unit, "a further study, %s, was left out", uid);
      continue;
    }
    if (!exam->study_uid)
      exam->study_uid = g_steal_pointer(&uid);
    exam_read_study(exam, study);
  }
  g_autoptr(Json) order = resource_resolve(r, json_item(json_get(r->json, "basedOn"), 0), NULL);
  if (!exam->accession)
    exam->accession = g_strdup(accession_of(json_get(order, "identifier")));
  if (!exam->accession)
    exam->accession = g_strdup(accession_of(json_at(r->json, "basedOn.identifier")));
  /* What ties a correction to the report that it corrects, for want of a number. */
  if (!exam->accession && !exam->study_uid)
    exam->accession = g_strdup(json_text_at(json_item(identifiers, 0), "value"));
  if (!exam->accession && !exam->study_uid)
    exam->accession = own_number(r);
}

static const char *
modality_of(const Resource *r, const Exam *exam)
{
  Json *categories = json_get(r->json, "category");
  const char *found = exam->modality;
  for (gsize i = 0; !found && i < json_count(categories); i++) {
    Json *codings = json_get(json_item(categories, i), "coding");
    for (gsize k = 0; !found && k < json_count(codings); k++)
      found = code_modality(json_text_at(json_item(codings, k), "code"));
  }
  return found;
}

const char *
report_status(const Resource *r)
{
  static const struct {
    const char *from, *to;
  } table[] = {{"preliminary", "P"}, {"partial", "P"},         {"final", "F"},
               {"amended", "C"},     {"corrected", "C"},       {"appended", "C"},
               {"cancelled", "X"},   {"entered-in-error", "X"}};
  const char *status = json_text_at(r->json, "status");
  for (gsize i = 0; status && i < G_N_ELEMENTS(table); i++)
    if (strcmp(table[i].from, status) == 0)
      return table[i].to;
  return NULL;
}

/* ---- its text
 * -------------------------------------------------------------------------------------- */

void
body_section(const Resource *r, Record *rec, Body *out, const char *heading, const char *text)
{
  if (body_add(out, heading, text) && heading)
    record_str(r->unit, rec, "section", heading, 1024);
}

static void
append_forms(const Resource *r, Body *out)
{
  Json *forms = json_get(r->json, "presentedForm");
  for (gsize i = 0; i < json_count(forms); i++) {
    g_autofree char *problem = NULL;
    g_autoptr(GString) one = g_string_new(NULL);
    if (!append_attachment(one, json_item(forms, i), &problem))
      unit_note(r->unit, "presentedForm[%zu] %s", i, problem);
    else
      body_add(out, NULL, one->str);
  }
}

static void
append_narrative(const Resource *r, Body *out)
{
  const char *div = json_text_at(r->json, "text.div");
  if (!div || g_strcmp0(json_text_at(r->json, "text.status"), "empty") == 0)
    return;
  g_autoptr(GString) text = g_string_new(NULL);
  append_html(text, div);
  body_add(out, NULL, text->str);
}

/* LOINC and DICOM codes of the sections of an imaging report. */
const char *
section_heading(Json *code)
{
  static const struct {
    const char *code, *heading;
  } table[] = {{"59776-5", "FINDINGS"},        {"121070", "FINDINGS"},
               {"19005-8", "IMPRESSION"},      {"121072", "IMPRESSION"},
               {"55110-1", "CONCLUSION"},      {"18783-1", "RECOMMENDATION"},
               {"121074", "RECOMMENDATION"},   {"18834-2", "COMPARISON"},
               {"11329-0", "HISTORY"},         {"55115-0", "REASON FOR EXAM"},
               {"18785-6", "REASON FOR EXAM"}, {"55111-9", "PROCEDURE DESCRIPTION"},
               {"55107-7", "ADDENDUM"}};
  for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
    if (concept_has(code, table[i].code))
      return table[i].heading;
  return NULL;
}

static void
append_observation(const Resource *r, Record *rec, Json *o, Body *out)
{
  g_autofree char *value = value_as_text(o);
  const char *name = concept_words(json_get(o, "code"));
  const char *heading = section_heading(json_get(o, "code"));
  Json *components = json_get(o, "component");
  if (g_strcmp0(json_text_at(o, "status"), "entered-in-error") == 0)
    return;
  if (value && heading) {
    body_section(r, rec, out, heading, value);
  } else if (value) {
    g_autofree char *line = g_strdup_printf("%s%s%s", name ? name : "", name ? ": " : "", value);
    body_add(out, NULL, line);
  }
  for (gsize i = 0; i < MIN(json_count(components), MAX_RESULTS); i++) {
    Json *c = json_item(components, i);
    const char *what = concept_words(json_get(c, "code"));
    g_autofree char *v = value_as_text(c);
    g_autofree char *line = v ? g_strdup_printf("%s%s%s: %s", name ? name : "", name ? ", " : "",
                                                what ? what : "value", v)
                              : NULL;
    body_add(out, NULL, line);
  }
}

static void
append_results(const Resource *r, Record *rec, Body *out)
{
  Json *results = json_get(r->json, "result");
  const gsize n = json_count(results);
  if (n > MAX_RESULTS)
    unit_note(r->unit, "of %zu results the first %d were read", n, MAX_RESULTS);
  for (gsize i = 0; i < MIN(n, MAX_RESULTS); i++) {
    g_autoptr(Json) o = resource_resolve(r, json_item(results, i), NULL);
    if (g_strcmp0(json_text_at(o, "resourceType"), "Observation") == 0)
      append_observation(r, rec, o, out);
  }
}

static void
append_conclusion(const Resource *r, Record *rec, Body *out)
{
  Json *codes = json_get(r->json, "conclusionCode");
  const char *conclusion = json_text_at(r->json, "conclusion");
  body_section(r, rec, out, out->text->len ? "IMPRESSION" : NULL, conclusion);
  for (gsize i = 0; i < MIN(json_count(codes), 32); i++) {
    const char *code = concept_code(json_item(codes, i), NULL);
    body_add(out, NULL, concept_words(json_item(codes, i)));
    if (code && g_ascii_strncasecmp(code, "RID", 3) == 0)
      record_str(r->unit, rec, "category", code, 1024);
  }
}

static void
append_notes(const Resource *r, Body *out)
{
  Json *notes = json_get(r->json, "note");
  for (gsize i = 0; i < MIN(json_count(notes), 64); i++)
    body_add(out, NULL, json_text_at(json_item(notes, i), "text"));
}

void
record_body(const Resource *r, Record *rec, Body *body)
{
  record_text(r->unit, rec, "text", g_strstrip(body->text->str), MAX_TEXT);
  body_clear(body);
}

/* ---- DiagnosticReport
 * ---------------------------------------------------------------------------------- */

/* Nothing was read yet: that the exam is under way is an order's matter. */
static void
add_registered(const Resource *r, const Exam *exam)
{
  Record *rec = unit_add(r->unit, "interval.order/1");
  record_str(r->unit, rec, "accession", exam->accession, 256);
  record_numbers(r, rec, "order-number", r->json);
  record_referred_numbers(r, rec, "order-number", json_item(json_get(r->json, "basedOn"), 0));
  record_str(r->unit, rec, "status", "in-progress", 16);
  record_str(r->unit, rec, "code", concept_code(json_get(r->json, "code"), NULL), 1024);
  record_str(r->unit, rec, "description", concept_words(json_get(r->json, "code")), 1024);
  record_str(r->unit, rec, "modality", modality_of(r, exam), 8);
  record_str(r->unit, rec, "study-uid", exam->study_uid, 64);
}

static void
record_people(const Resource *r, Record *rec)
{
  Json *readers = json_get(r->json, "resultsInterpreter");
  if (!readers)
    readers = json_get(r->json, "performer");
  g_autofree char *reader = person_name(r, json_item(readers, 0));
  g_autoptr(Json) order = resource_resolve(r, json_item(json_get(r->json, "basedOn"), 0), NULL);
  g_autofree char *ordering = person_name(r, json_get(order, "requester"));
  record_str(r->unit, rec, "reader", reader, 1024);
  record_str(r->unit, rec, "ordering", ordering, 1024);
}

void
record_withdrawal(const Resource *r, const char *study_uid, const char *sop_uid)
{
  Record *rec = unit_add(r->unit, "interval.withdrawal/1");
  record_str(r->unit, rec, "study-uid", study_uid, 64);
  record_str(r->unit, rec, "sop-uid", sop_uid, 64);
  record_str(r->unit, rec, "reason", json_text_at(r->json, "status"), 1024);
}

/* The resource's own address, or what is known of it: what ties a correction or a
 * cancellation that bears nothing else to what it corrects. */
static void
record_document(const Resource *r, Record *rec)
{
  if (!r->entry->id)
    return;
  g_autofree char *base = is_uuid(r->entry->id) ? g_strdup("") : base_of(r->bundle, r->entry);
  g_autofree char *own =
      g_strjoin("/", *base ? base : r->entry->type, *base ? r->entry->type : r->entry->id,
                *base ? r->entry->id : NULL, NULL);
  if (strlen(own) <= 256)
    record_str(r->unit, rec, "document", own, 256);
}

static void
add_report(const Resource *r, const Exam *exam, const char *status)
{
  static const char *const times[] = {"effectiveDateTime", "effectivePeriod", NULL};
  static const char *const later[] = {"issued", NULL};
  Unit *u = r->unit;
  const char *words = concept_words(json_get(r->json, "code"));
  g_autofree char *effective = value_first_datetime(r->json, times);
  g_autofree char *issued = value_first_datetime(r->json, later);
  Body body;
  body_init(&body);
  Record *rec = unit_add(u, "interval.report/1");
  record_str(u, rec, "accession", exam->accession, 256);
  record_document(r, rec);
  record_str(u, rec, "study-uid", exam->study_uid, 64);
  record_str(u, rec, "code", concept_code(json_get(r->json, "code"), NULL), 1024);
  record_str(u, rec, "description", words ? words : exam->description, 1024);
  record_str(u, rec, "modality", modality_of(r, exam), 8);
  record_str(u, rec, "performed",
             effective         ? effective
             : exam->performed ? exam->performed
                               : issued,
             32);
  record_str(u, rec, "status", status, 1);
  record_people(r, rec);
  append_forms(r, &body);
  if (body.text->len == 0)
    append_narrative(r, &body);
  append_document(r, rec, &body);
  append_results(r, rec, &body);
  append_conclusion(r, rec, &body);
  append_notes(r, &body);
  record_body(r, rec, &body);
}

void
unit_report(const Resource *r)
{
  static const char *const times[] = {"issued", NULL};
  static const char *const none[] = {"issued", "effectiveDateTime", "effectivePeriod", NULL};
  const char *status = json_text_at(r->json, "status"), *code = report_status(r);
  const gboolean withdrawn = code && code[0] == 'X';
  if (withdrawn)
    unit_known_latest(r, none);
  else
    unit_known(r, json_text_at(r->json, "issued") || bundle_time(r) ? times : none);
  if (!status) {
    unit_reject(r->unit, "it bears no status: whether the report is final is not said");
    return;
  }
  if (!unit_subject(r, subject_of(r->json)))
    return;
  Exam exam = {0};
  read_exam(r, &exam);
  if (strcmp(status, "registered") == 0) {
    add_registered(r, &exam);
  } else {
    if (!code)
      unit_note(r->unit, "its status is \"%.40s\": the report was taken as preliminary", status);
    add_report(r, &exam, code ? code : "P");
  }
  exam_clear(&exam);
}

/* ---- Procedure
 * ------------------------------------------------------------------------------------------- */

/* Words and word beginnings of acts that a recommendation may ask for. */
static gboolean
names_an_act(const char *words)
{
  static const char *const parts[] = {
      "x-ray",       "xray",     "radiogra",    "tomogra",        "mammogra",  "ultraso",
      "sonogra",     "echocard", "scan",        "imaging",        "fluoros",   "angiogra",
      "magnetic",    "scopy",    "scopic",      "biops",          "ectomy",    "otomy",
      "ostomy",      "plasty",   "surg",        "excision",       "resection", "operation",
      "replacement", "implant",  "repair",      "fixation",       "fusion",    "ablation",
      "emboli",      "stent",    "drainage",    "aspiration",     "centesis",  "transplant",
      "bypass",      "densitom", "arthrodesis", "osteosynthesis", "reduction"};
  g_autofree char *lower = words ? g_ascii_strdown(words, -1) : NULL;
  for (gsize i = 0; lower && i < G_N_ELEMENTS(parts); i++)
    if (strstr(lower, parts[i]))
      return TRUE;
  return FALSE;
}

/* "CT chest": short names of modalities are words of their own. */
static gboolean
names_a_modality(const char *words)
{
  static const char *const names[] = {"ct",  "cta",  "mr", "mri", "mra",   "pet",   "spect",
                                      "dxa", "dexa", "us", "xr",  "petct", "petmr", NULL};
  g_autofree char *lower = g_ascii_strdown(words ? words : "", -1);
  g_auto(GStrv) each = g_strsplit_set(lower, " \t\n,;:.()/-+&", 200);
  for (char **word = each; *word; word++)
    if (g_strv_contains(names, *word))
      return TRUE;
  return FALSE;
}

/* Imaging, surgical, diagnostic: by SNOMED CT code, else as the category is called. */
static gboolean
is_of_kind(Json *category)
{
  static const char *const codes[] = {"363679005", "387713003", "103693007"};
  static const char *const parts[] = {"imaging", "radiolog", "surg", "diagnostic"};
  const char *words = concept_words(category);
  g_autofree char *lower = g_ascii_strdown(words ? words : "", -1);
  for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
    if (concept_has(category, codes[i]))
      return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
    if (strstr(lower, parts[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_an_act(Json *procedure)
{
  const char *words = concept_words(json_get(procedure, "code"));
  return is_of_kind(json_item(json_get(procedure, "category"), 0)) || names_an_act(words) ||
         names_a_modality(words);
}

/* What was written about it; often nothing.  Its name is no text: "Chest X-ray" is
 * what was done, and would read as what is to be done. */
static void
append_act(const Resource *r, Record *rec, Body *out)
{
  Json *follow = json_get(r->json, "followUp");
  append_notes(r, out);
  body_section(r, rec, out, "COMPLICATIONS",
               concept_words(json_item(json_get(r->json, "complication"), 0)));
  body_section(r, rec, out, "CONCLUSION", concept_words(json_get(r->json, "outcome")));
  for (gsize i = 0; i < MIN(json_count(follow), 32); i++)
    body_section(r, rec, out, "FOLLOW-UP", concept_words(json_item(follow, i)));
}

/* Whether there is anything to take: an act that was done, and that no ImagingStudy
 * proves already. */
static gboolean
is_of_interest(const Resource *r, gboolean withdrawn)
{
  if (withdrawn)
    return is_an_act(r->json);
  const gboolean written = json_get(r->json, "note") || json_get(r->json, "outcome");
  return g_strcmp0(json_text_at(r->json, "status"), "completed") == 0 && is_an_act(r->json) &&
         (written || !pairs_has_study(&r->bundle->pairs, r->json, r->entry->url));
}

static void
add_act(const Resource *r, const char *const *times, gboolean withdrawn)
{
  const char *number = json_text_at(json_item(json_get(r->json, "identifier"), 0), "value");
  const char *side = terms_side(concept_code(json_at(r->json, "bodySite"), NULL));
  g_autofree char *performed = value_first_datetime(r->json, times);
  g_autofree char *reader = person_name(r, json_at(r->json, "performer.actor"));
  g_autofree char *own = number ? g_strdup(number) : own_number(r);
  Body body;
  body_init(&body);
  Record *rec = unit_add(r->unit, "interval.report/1");
  record_str(r->unit, rec, "accession", own, 256);
  record_document(r, rec);
  record_str(r->unit, rec, "code", concept_code(json_get(r->json, "code"), NULL), 1024);
  record_str(r->unit, rec, "description", concept_words(json_get(r->json, "code")), 1024);
  record_str(r->unit, rec, "laterality", side, 16);
  record_str(r->unit, rec, "performed", performed, 32);
  record_str(r->unit, rec, "status", withdrawn ? "X" : "F", 1);
  record_str(r->unit, rec, "reader", reader, 1024);
  append_act(r, rec, &body);
  record_body(r, rec, &body);
}

void
unit_procedure(const Resource *r)
{
  static const char *const times[] = {"performedDateTime",  "performedPeriod",  "performedString",
                                      "occurrenceDateTime", "occurrencePeriod", NULL};
  const gboolean withdrawn = g_strcmp0(json_text_at(r->json, "status"), "entered-in-error") == 0;
  if (!is_of_interest(r, withdrawn)) {
    r->unit->empty = TRUE;
    return;
  }
  if (withdrawn)
    unit_known_latest(r, times);
  else
    unit_known(r, times);
  if (unit_subject(r, subject_of(r->json)))
    add_act(r, times, withdrawn);
}
