/* SPDX-License-Identifier: Apache-2.0
 *
 * Observation: a value that was measured on an image, by itself or as component.
 */
#include <math.h>
#include <string.h>

#include "fhir-units.h"
#include "measure-terms.h"

static const char *
measure_of(Json *code)
{
  Json *codings = json_get(code, "coding");
  for (gsize i = 0; i < json_count(codings); i++) {
    const char *found = terms_measure(json_text_at(json_item(codings, i), "code"));
    found = found ? found : terms_measure(json_text_at(json_item(codings, i), "display"));
    if (found)
      return found;
  }
  return terms_measure(json_text_at(code, "text"));
}

/* ---- which image, which finding ----------------------------------------------------------- */

typedef struct {
  Exam exam;
  char *series_uid, *sop_uid, *tracking_uid, *tracking_id;
  gboolean imaging; /* it was measured on images */
} Context;

static void
clear_context(Context *c)
{
  exam_clear(&c->exam);
  g_free(c->series_uid);
  g_free(c->sop_uid);
  g_free(c->tracking_uid);
  g_free(c->tracking_id);
}

static void
read_source(const Resource *r, Json *reference, Context *c)
{
  g_autofree char *owned = NULL;
  const char *type = reference_type(r, reference, &owned);
  g_autoptr(Json) target = resource_resolve(r, reference, NULL);
  if (g_strcmp0(type, "ImagingSelection") == 0) {
    c->imaging = TRUE;
    if (!c->series_uid)
      c->series_uid = g_strdup(value_uid(json_text_at(target, "seriesUid")));
    if (!c->sop_uid)
      c->sop_uid = g_strdup(value_uid(json_text_at(target, "instance.uid")));
    if (!c->exam.study_uid)
      c->exam.study_uid = g_strdup(value_uid(json_text_at(target, "studyUid")));
    reference = json_item(json_get(target, "derivedFrom"), 0);
  } else if (g_strcmp0(type, "ImagingStudy") != 0) {
    return;
  }
  c->imaging = TRUE;
  g_autoptr(Json) study = resource_resolve(r, reference, NULL);
  if (!c->exam.study_uid)
    c->exam.study_uid = referred_study_uid(r, reference);
  exam_read_study(&c->exam, study);
}

static void
read_tracking(Json *identifiers, Context *c)
{
  for (gsize i = 0; i < json_count(identifiers); i++) {
    Json *id = json_item(identifiers, i), *type = json_get(id, "type");
    const char *value = json_text_at(id, "value");
    if (!c->tracking_uid && value_uid(value) &&
        (concept_has(type, "tracking-uid") || concept_has(type, "112040")))
      c->tracking_uid = g_strdup(value_uid(value));
    if (!c->tracking_id &&
        (concept_has(type, "tracking-identifier") || concept_has(type, "112039")))
      c->tracking_id = g_strdup(value);
  }
}

static void
read_tracking_components(Json *components, Context *c)
{
  for (gsize i = 0; i < json_count(components); i++) {
    Json *one = json_item(components, i), *code = json_get(one, "code");
    const char *value = json_text_at(one, "valueString");
    if (!c->tracking_uid && concept_has(code, "112040"))
      c->tracking_uid = g_strdup(value_uid(value));
    if (!c->tracking_id && concept_has(code, "112039"))
      c->tracking_id = g_strdup(value);
  }
}

static void
read_context(const Resource *r, Context *c)
{
  static const char *const lists[] = {"derivedFrom", "partOf", "focus"};
  Json *categories = json_get(r->json, "category");
  for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
    Json *list = json_get(r->json, lists[i]);
    for (gsize k = 0; k < MIN(json_count(list), 32); k++)
      read_source(r, json_item(list, k), c);
  }
  for (gsize i = 0; i < json_count(categories); i++)
    c->imaging |= concept_has(json_item(categories, i), "imaging");
  g_autoptr(Json) structure = resource_resolve(r, json_get(r->json, "bodyStructure"), NULL);
  read_tracking(json_get(r->json, "identifier"), c);
  read_tracking(json_get(structure, "identifier"), c);
  read_tracking_components(json_get(r->json, "component"), c);
}

/* ---- the records --------------------------------------------------------------------------- */

static void
add_measurement(const Resource *r, const Context *c, const char *measure, Json *holder,
                const char *finding)
{
  static const char *const times[] = {"effectiveDateTime", "effectivePeriod", "effectiveInstant",
                                      NULL};
  Unit *u = r->unit;
  double value = 0;
  const char *unit = NULL;
  Json *quantity = json_get(holder, "valueQuantity");
  const char *code = json_text_at(quantity, "code");
  if (!quantity || !json_number(json_get(quantity, "value"), &value))
    return;
  if (json_text_at(quantity, "comparator")) {
    unit_note(u, "a %s of %s%g is a bound and no value: left out", measure,
              json_text_at(quantity, "comparator"), value);
    return;
  }
  code = code ? code : json_text_at(quantity, "unit");
  if (!terms_convert(measure, code, &value, &unit)) {
    unit_note(u, "a %s in \"%.40s\" was left out: that is no unit (UCUM) of it", measure,
              code ? code : "");
    return;
  }
  g_autofree char *when = value_first_datetime(r->json, times);
  g_autofree char *observer = person_name(r, json_item(json_get(r->json, "performer"), 0));
  Record *rec = unit_add(u, "interval.measurement/1");
  record_str(u, rec, "measure", measure, 32);
  record_f64(rec, "value", value, unit);
  record_str(u, rec, "date", c->exam.performed ? c->exam.performed : when, 32);
  record_str(u, rec, "study-uid", c->exam.study_uid, 64);
  record_str(u, rec, "series-uid", c->series_uid, 64);
  record_str(u, rec, "sop-uid", c->sop_uid, 64);
  record_str(u, rec, "tracking-uid", c->tracking_uid, 64);
  record_str(u, rec, "tracking-id", c->tracking_id, 1024);
  record_str(u, rec, "finding", finding, 1024);
  record_str(u, rec, "site", concept_words(json_get(r->json, "bodySite")), 1024);
  record_str(u, rec, "observer", observer, 1024);
  record_str(u, rec, "method", concept_words(json_get(r->json, "method")), 1024);
}

static void
add_all(const Resource *r, const Context *c)
{
  Json *components = json_get(r->json, "component"), *code = json_get(r->json, "code");
  const char *own = measure_of(code);
  const char *finding = own ? NULL : concept_words(code);
  if (own)
    add_measurement(r, c, own, r->json, NULL);
  for (gsize i = 0; i < MIN(json_count(components), 500); i++) {
    const char *measure = measure_of(json_get(json_item(components, i), "code"));
    if (measure)
      add_measurement(r, c, measure, json_item(components, i), finding);
  }
}

static gboolean
is_taken_back(const char *status)
{
  return g_strcmp0(status, "entered-in-error") == 0 || g_strcmp0(status, "cancelled") == 0;
}

static gboolean
has_measure(Json *o)
{
  Json *components = json_get(o, "component");
  gboolean has = measure_of(json_get(o, "code")) && json_get(o, "valueQuantity");
  for (gsize i = 0; !has && i < MIN(json_count(components), 500); i++)
    has = measure_of(json_get(json_item(components, i), "code")) != NULL;
  return has;
}

void
unit_observation(const Resource *r)
{
  static const char *const times[] = {"issued", "effectiveDateTime", "effectivePeriod", NULL};
  static const char *const taken[] = {"final", "amended", "corrected", "preliminary"};
  const char *status = json_text_at(r->json, "status");
  Context c = {0};
  gboolean counts = FALSE;
  if (!has_measure(r->json)) {
    r->unit->empty = TRUE;
    return;
  }
  read_context(r, &c);
  for (gsize i = 0; status && i < G_N_ELEMENTS(taken); i++)
    counts |= strcmp(status, taken[i]) == 0;
  if (!c.imaging) {
    r->unit->empty = TRUE;
  } else {
    if (is_taken_back(status))
      unit_known_latest(r, times);
    else
      unit_known(r, times);
    if (unit_subject(r, subject_of(r->json))) {
      if (counts)
        add_all(r, &c);
      else if (is_taken_back(status))
        record_withdrawal(r, c.exam.study_uid, c.sop_uid);
      else
        unit_note(r->unit, "its status is \"%.40s\": nothing was taken", status ? status : "");
    }
  }
  clear_context(&c);
}
