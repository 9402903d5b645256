/* SPDX-License-Identifier: Apache-2.0
 *
 * Which exam a report is of, who read it, and what became of it: the header of
 * PS3.20 and of C-CDA, and the DICOM object catalog.
 */
#include <string.h>

#include "cda.h"
#include "side-terms.h"

#define STUDY "113014" /* DCM */
#define SERIES "113015"
#define READER_TEMPLATE "2.16.840.1.113883.10.20.6.2.1" /* physician reading study performer */

typedef struct {
  const char *from, *to;
} Pair;

static const char *
look_up(const Pair *pairs, gsize n, const char *from)
{
  for (gsize i = 0; from && i < n; i++)
    if (g_ascii_strcasecmp(pairs[i].from, from) == 0)
      return pairs[i].to;
  return NULL;
}

/* PS3.3 C.7.3.1.1.1; what is no exam's modality (SR, KO, PR ...) is none. */
static const char *
modality_of(const char *dicom)
{
  static const Pair pairs[] = {{"CR", "XR"},   {"DX", "XR"},   {"RG", "XR"}, {"PX", "XR"},
                               {"IO", "XR"},   {"CT", "CT"},   {"MR", "MR"}, {"US", "US"},
                               {"IVUS", "US"}, {"BDUS", "US"}, {"MG", "MG"}, {"NM", "NM"},
                               {"PT", "PT"},   {"RF", "FL"},   {"XA", "XA"}, {"BMD", "DXA"}};
  return look_up(pairs, G_N_ELEMENTS(pairs), dicom);
}

/* ---- is it an imaging report? ---- */

/* LOINC document codes of imaging reports (the C-CDA value set of Diagnostic
 * Imaging Report, PS3.20), with the modality where the code says it. */
static const Pair document_codes[] = {
    {"18748-4", ""},   {"68604-8", ""},   {"18726-0", ""},   {"11528-7", ""},   {"87279-0", ""},
    {"18747-6", "CT"}, {"25045-6", "CT"}, {"18755-9", "MR"}, {"25056-3", "MR"}, {"18760-9", "US"},
    {"25061-3", "US"}, {"11525-3", "US"}, {"18757-5", "NM"}, {"49118-3", "NM"}, {"18758-3", "PT"},
    {"44136-0", "PT"}, {"42148-7", "US"}, {"11522-0", "US"}, {"18745-0", "XA"},
};

static const char *
document_code(const XdNode *document)
{
  const XdNode *code = xd_child(document, "code", 0);
  const char *found = look_up(document_codes, G_N_ELEMENTS(document_codes), xd_attr(code, "code"));
  for (const XdNode *t = xd_child(code, "translation", 0); t && !found; t = xd_next(t))
    found = look_up(document_codes, G_N_ELEMENTS(document_codes), xd_attr(t, "code"));
  return found;
}

static const XdNode *
find_catalog(const XdNode *component)
{
  const XdNode *found = NULL;
  for (const XdNode *s = xd_child(component, "section", 0); s && !found; s = xd_next(s)) {
    if (xd_has(xd_child(s, "code", 0), "code", "121181"))
      return s;
    for (const XdNode *c = xd_child(s, "component", 0); c && !found; c = xd_next(c))
      found = find_catalog(c);
  }
  return found;
}

static const XdNode *
catalog_of(const XdNode *document)
{
  const XdNode *body = xd_at(document, "component/structuredBody"), *found = NULL;
  for (const XdNode *c = xd_child(body, "component", 0); c && !found; c = xd_next(c))
    found = find_catalog(c);
  return found;
}

/* A section that only imaging reports have: LOINC's class RAD, DICOM's findings
 * and impressions. */
static gboolean
has_imaging_section(const XdNode *component)
{
  static const char *const codes[] = {"19005-8", "18782-3", "18783-1", "18834-2", "55111-9",
                                      "121070",  "121072",  "121074",  NULL};
  for (const XdNode *s = xd_child(component, "section", 0); s; s = xd_next(s)) {
    const char *code = xd_attr_at(s, "code", "code");
    if (code && g_strv_contains(codes, code))
      return TRUE;
    for (const XdNode *c = xd_child(s, "component", 0); c; c = xd_next(c))
      if (has_imaging_section(c))
        return TRUE;
  }
  return FALSE;
}

gboolean
cda_is_imaging(const XdNode *document)
{
  static const char *const templates[] = {
      "1.2.840.10008.9.1",              /* PS3.20 imaging report */
      "2.16.840.1.113883.10.20.22.1.5", /* C-CDA diagnostic imaging report */
      "2.16.840.1.113883.10.20.6",      /* its first release */
      NULL};
  for (const XdNode *t = xd_child(document, "templateId", 0); t; t = xd_next(t))
    if (xd_attr(t, "root") && g_strv_contains(templates, xd_attr(t, "root")))
      return TRUE;
  if (document_code(document) || catalog_of(document))
    return TRUE;
  const XdNode *body = xd_at(document, "component/structuredBody");
  for (const XdNode *c = xd_child(body, "component", 0); c; c = xd_next(c))
    if (has_imaging_section(c))
      return TRUE;
  return FALSE;
}

/* ---- the study ---- */

/* The event that was documented: an act with a code before others. */
static const XdNode *
service_event(const XdNode *document)
{
  const XdNode *first = xd_at(document, "documentationOf/serviceEvent");
  for (const XdNode *d = xd_child(document, "documentationOf", 0); d; d = xd_next(d)) {
    const XdNode *event = xd_child(d, "serviceEvent", 0);
    if (xd_attr_at(event, "code", "code"))
      return event;
  }
  return first;
}

/* An id that is a UID alone. */
static const char *
uid_of(const XdNode *id)
{
  const char *root = xd_attr(id, "root");
  return !xd_attr(id, "extension") && xd_is_uid(root) ? root : NULL;
}

static gboolean
names_uid(const XdNode *event, const char *uid)
{
  for (const XdNode *id = xd_child(event, "id", 0); id; id = xd_next(id))
    if (g_strcmp0(uid_of(id), uid) == 0)
      return TRUE;
  return FALSE;
}

/* The catalog's study act: the one that the event names, else the first. */
static const XdNode *
study_act(const XdNode *document, const XdNode *event, XdUnit *unit)
{
  const XdNode *first = NULL;
  guint n = 0;
  for (const XdNode *e = xd_child(catalog_of(document), "entry", 0); e; e = xd_next(e)) {
    const XdNode *act = xd_child(e, "act", 0);
    const char *uid = uid_of(xd_child(act, "id", 0));
    if (!uid || !xd_has(xd_child(act, "code", 0), "code", STUDY))
      continue;
    if (names_uid(event, uid))
      return act;
    first = first ? first : act;
    n++;
  }
  if (n > 1)
    xd_unit_note(unit,
                 "its catalog lists %u studies and the exam names none of them: the first "
                 "was taken",
                 n);
  return first;
}

static const char *
study_uid(const XdNode *study, const XdNode *event)
{
  const char *uid = uid_of(xd_child(study, "id", 0));
  for (const XdNode *id = xd_child(event, "id", 0); id && !uid; id = xd_next(id))
    uid = uid_of(id);
  return uid;
}

/* A DICOM modality among the code, its translations and qualifiers. */
static const char *
coded_modality(const XdNode *code)
{
  const char *m = xd_has(code, "codeSystem", CDA_DCM) ? modality_of(xd_attr(code, "code")) : NULL;
  for (const XdNode *t = xd_child(code, "translation", 0); t && !m; t = xd_next(t))
    m = xd_has(t, "codeSystem", CDA_DCM) ? modality_of(xd_attr(t, "code")) : NULL;
  for (const XdNode *q = xd_child(code, "qualifier", 0); q && !m; q = xd_next(q))
    m = modality_of(xd_attr_at(q, "value", "code"));
  return m;
}

static const char *
series_modality(const XdNode *study)
{
  const char *m = NULL;
  for (const XdNode *r = xd_child(study, "entryRelationship", 0); r && !m; r = xd_next(r)) {
    const XdNode *code = xd_at(r, "act/code");
    if (xd_has(code, "code", SERIES))
      m = coded_modality(code);
  }
  return m;
}

/* ---- the exam's name ---- */

/* What a name says of the modality. */
static const char *
spoken_modality(const char *name)
{
  static const Pair words[] = {{"magnetic resonance", "MR"},
                               {" mri ", "MR"},
                               {" mr ", "MR"},
                               {" mra ", "MR"},
                               {"computed tomo", "CT"},
                               {" ct ", "CT"},
                               {" cta ", "CT"},
                               {"ultrasound", "US"},
                               {"sonogra", "US"},
                               {"mammogra", "MG"},
                               {"x-ray", "XR"},
                               {"radiograph", "XR"},
                               {" xr ", "XR"},
                               {" pet", "PT"},
                               {"positron", "PT"}};
  g_autofree char *low = g_ascii_strdown(name, -1);
  g_autofree char *padded = g_strdup_printf(" %s ", low);
  for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
    if (strstr(padded, words[i].from))
      return words[i].to;
  return NULL;
}

/* "Radiology Report": a kind of document, not an exam. */
static gboolean
is_generic(const char *title)
{
  static const char *const words[] = {"report", "diagnostic imaging", "study note", "document",
                                      NULL};
  g_autofree char *low = g_ascii_strdown(title, -1);
  for (gsize i = 0; words[i]; i++)
    if (strstr(low, words[i]))
      return TRUE;
  return FALSE;
}

static char *
coded_name(const XdNode *code)
{
  const char *name = xd_attr(code, "displayName");
  if (name)
    return xd_collapse(name);
  char *original = xd_words(xd_child(code, "originalText", 0));
  for (const XdNode *t = xd_child(code, "translation", 0); t && !original; t = xd_next(t))
    if (!xd_has(t, "codeSystem", CDA_DCM))
      original = xd_collapse(xd_attr(t, "displayName"));
  return original;
}

/* The names of all acts that were documented: an exam of several parts. */
static char *
procedures_of(const XdNode *document)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  for (const XdNode *d = xd_child(document, "documentationOf", 0); d; d = xd_next(d)) {
    char *name = coded_name(xd_at(d, "serviceEvent/code"));
    if (name && !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
      g_ptr_array_add(names, name);
    else
      g_free(name);
  }
  if (names->len == 0)
    return NULL;
  g_ptr_array_add(names, NULL);
  return g_strjoinv(" + ", (char **)names->pdata);
}

/* A side among the qualifiers of the code (SNOMED CT, its SRT forerunner) or of
 * the act's target site. */
static const char *
laterality_of(const XdNode *event)
{
  static const char *const places[] = {"code", "targetSiteCode"};
  for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
    for (const XdNode *c = xd_child(event, places[i], 0); c; c = xd_next(c))
      for (const XdNode *q = xd_child(c, "qualifier", 0); q; q = xd_next(q)) {
        const char *side = terms_side(xd_attr_at(q, "value", "code"));
        if (side)
          return side;
      }
  return NULL;
}

/* The procedure's name, else the title, else the kind of document.  A procedure
 * whose name contradicts the images yields to a title. */
static char *
exam_name(const XdNode *document, const char *modality, XdUnit *unit)
{
  g_autofree char *procedure = procedures_of(document);
  g_autofree char *title = xd_words(xd_child(document, "title", 0));
  const char *says = procedure ? spoken_modality(procedure) : NULL;
  const gboolean usable = title && !is_generic(title);
  if (procedure && usable && modality && says && strcmp(says, modality) != 0) {
    xd_unit_note(unit,
                 "the procedure \"%.100s\" does not fit the images (%s): the exam was named "
                 "by the title",
                 procedure, modality);
    return g_steal_pointer(&title);
  }
  /* "X-Ray Study" and "Chest X-Ray, PA and LAT View": each may say what the other
   * does not. */
  if (procedure && usable && spoken_modality(title) && g_ascii_strcasecmp(procedure, title) != 0)
    return g_strdup_printf("%s (%s)", procedure, title);
  if (procedure)
    return g_steal_pointer(&procedure);
  if (usable)
    return g_steal_pointer(&title);
  char *kind = xd_collapse(xd_attr_at(document, "code", "displayName"));
  return kind ? kind : g_steal_pointer(&title);
}

/* ---- numbers, times, people ---- */

/* PS3.20's own element, else the first id of the order: others are the numbers
 * of filler and placer. */
static const char *
accession_of(const XdNode *document, XdUnit *unit)
{
  const char *found = NULL;
  for (const XdNode *i = xd_child(document, "inFulfillmentOf", 0); i; i = xd_next(i)) {
    const XdNode *order = xd_child(i, "order", 0);
    const char *own = xd_attr_at(order, "accessionNumber", "extension");
    for (const XdNode *id = xd_child(order, "id", 0); id && !own; id = xd_next(id))
      own = xd_attr(id, "extension");
    if (own && found && strcmp(own, found) != 0)
      xd_unit_note(unit, "it answers a second order, %.100s, too", own);
    found = found ? found : own;
  }
  if (found && strlen(found) > DRAFT_ID_MAX) {
    xd_unit_note(unit, "the accession number is longer than %d bytes and was left out",
                 DRAFT_ID_MAX);
    return NULL;
  }
  return found;
}

static char *
time_of(const XdNode *node)
{
  const XdNode *t = xd_child(node, "effectiveTime", 0);
  char *when = xd_moment(xd_attr(t, "value"));
  when = when ? when : xd_moment(xd_attr_at(t, "low", "value"));
  when = when ? when : xd_moment(xd_attr_at(t, "center", "value"));
  return when ? when : xd_moment(xd_attr_at(t, "high", "value"));
}

static char *
performed_of(const XdNode *document, const XdNode *event, const XdNode *study, XdUnit *unit)
{
  char *when = time_of(event);
  when = when ? when : time_of(study);
  when = when ? when : time_of(xd_at(document, "componentOf/encompassingEncounter"));
  if (when)
    return when;
  xd_unit_note(unit, "it says not when the exam was: the document's own time was taken");
  return time_of(document);
}

static gboolean
has_template(const XdNode *node, const char *root)
{
  for (const XdNode *t = xd_child(node, "templateId", 0); t; t = xd_next(t))
    if (xd_has(t, "root", root))
      return TRUE;
  return FALSE;
}

/* Who read the images, else who wrote or signed the report. */
static char *
reader_of(const XdNode *document, const XdNode *event)
{
  char *name = NULL;
  for (const XdNode *p = xd_child(event, "performer", 0); p && !name; p = xd_next(p))
    if (has_template(p, READER_TEMPLATE))
      name = cda_person(xd_at(p, "assignedEntity/assignedPerson"));
  for (const XdNode *a = xd_child(document, "author", 0); a && !name; a = xd_next(a))
    name = cda_person(xd_at(a, "assignedAuthor/assignedPerson"));
  return name ? name
              : cda_person(xd_at(document, "legalAuthenticator/assignedEntity/assignedPerson"));
}

static char *
ordering_of(const XdNode *document)
{
  char *name = NULL;
  for (const XdNode *p = xd_child(document, "participant", 0); p && !name; p = xd_next(p))
    if (xd_has(p, "typeCode", "REF"))
      name = cda_person(xd_at(p, "associatedEntity/associatedPerson"));
  return name;
}

/* ---- status ---- */

static gboolean
is_related(const XdNode *document, const char *type)
{
  for (const XdNode *r = xd_child(document, "relatedDocument", 0); r; r = xd_next(r))
    if (xd_has(r, "typeCode", type))
      return TRUE;
  return FALSE;
}

/* SDTC's status where it stands; else a document is final, and one that replaces
 * or adds to another a correction of it. */
static const char *
status_of(const XdNode *document, gboolean alone)
{
  static const Pair codes[] = {{"active", "P"},  {"new", "P"},       {"held", "P"},
                               {"aborted", "X"}, {"nullified", "X"}, {"cancelled", "X"}};
  const char *said =
      look_up(codes, G_N_ELEMENTS(codes), xd_attr_at(document, "statusCode", "code"));
  if (said)
    return said;
  return !alone && (is_related(document, "RPLC") || is_related(document, "APND")) ? "C" : "F";
}

/* An addendum that comes without the text it belongs to must not take that text's
 * place: it adds to it. */
static gboolean
is_addendum_alone(const XdNode *document, const CdaBody *body)
{
  return is_related(document, "APND") && !(body->has_result && body->has_addendum);
}

/* "ROOT^EXTENSION" of an instance identifier; NULL when it is none. */
static char *
identifier_of(const XdNode *id)
{
  const char *root = xd_attr(id, "root"), *extension = xd_attr(id, "extension");
  if (!root || !*root)
    return NULL;
  return extension && *extension ? g_strjoin("^", root, extension, NULL) : g_strdup(root);
}

static void
add_document(DraftRecord *r, const XdNode *id)
{
  g_autofree char *document = identifier_of(id);
  if (document && strlen(document) <= DRAFT_ID_MAX)
    draft_record_text(r, "document", document, DRAFT_ID_MAX);
}

/* Its own number, that of the set of its versions, those of what it replaces or adds to. */
static void
add_documents(DraftRecord *r, const XdNode *document)
{
  add_document(r, xd_child(document, "id", 0));
  add_document(r, xd_child(document, "setId", 0));
  for (const XdNode *d = xd_child(document, "relatedDocument", 0); d; d = xd_next(d))
    add_document(r, xd_at(d, "parentDocument/id"));
}

void
cda_add_report(const XdNode *document, const CdaBody *body, XdUnit *unit)
{
  const XdNode *event = service_event(document);
  const XdNode *study = study_act(document, event, unit);
  const XdNode *code = xd_child(event, "code", 0);
  const char *accession = accession_of(document, unit);
  const char *modality = coded_modality(code), *general = document_code(document);
  modality = modality ? modality : series_modality(study);
  modality = modality ? modality : general && *general ? general : NULL;
  const char *exam_code = xd_attr(code, "code");
  if (!accession)
    xd_unit_note(unit, "inFulfillmentOf names no order: the report has no accession number");
  const gboolean alone = is_addendum_alone(document, body);
  if (alone)
    xd_unit_note(unit, "an addendum without the report it belongs to: it adds to that report");
  DraftRecord *r = xd_unit_add(unit, "interval.report/1");
  draft_record_text(r, "accession", accession, DRAFT_ID_MAX);
  add_documents(r, document);
  draft_record_text(r, "addendum", alone ? "Y" : NULL, 1);
  draft_record_text(r, "study-uid", study_uid(study, event), 64);
  draft_record_text(r, "code", exam_code, DRAFT_TEXT_MAX);
  draft_record_take(r, "description", exam_name(document, modality, unit));
  draft_record_text(r, "modality", modality, 8);
  draft_record_text(r, "laterality", laterality_of(event), DRAFT_TEXT_MAX);
  draft_record_take(r, "performed", performed_of(document, event, study, unit));
  draft_record_text(r, "status", status_of(document, alone), 1);
  draft_record_take(r, "reader", reader_of(document, event));
  draft_record_take(r, "ordering", ordering_of(document));
  for (guint i = 0; i < body->sections->len; i++)
    draft_record_text(r, "section", body->sections->pdata[i], DRAFT_TEXT_MAX);
  draft_record_any(r, "text", body->text->str, DRAFT_REPORT_MAX);
}
