/* SPDX-License-Identifier: Apache-2.0
 *
 * Person, annotations, calculations.
 */
#include <math.h>
#include <string.h>

#include "aim.h"
#include "measure-terms.h"
#include "side-terms.h"

/* What an annotation says about all its numbers. */
typedef struct {
  const XdNode *annotation;
  const char *observer, *tracking_id, *tracking_uid, *finding, *site, *laterality;
} Context;

/* The image that was measured. */
typedef struct {
  const char *study, *series, *image;
  char *date;
} Place;

/* ---- person and document ---- */

static void
add_patient(const XdNode *holder, XdUnit *unit)
{
  const XdNode *person = aim_inner(holder, "Person");
  g_autofree char *id = xd_collapse(aim_value(person, "id"));
  g_autofree char *name = xd_collapse(aim_value(person, "name"));
  g_autofree char *birth = xd_date(aim_value(person, "birthDate"));
  const char *sex = aim_value(person, "sex");
  if (!id) {
    /* The host asks for a patient then. */
    xd_unit_note(unit, "its person has no id%s%.100s", name ? ", only the name " : "",
                 name ? name : "");
    return;
  }
  if (strlen(id) > DRAFT_ID_MAX) {
    xd_unit_reject(unit, "line %u: the person's id is longer than %d bytes", person->line,
                   DRAFT_ID_MAX);
    return;
  }
  DraftRecord *r = xd_unit_add(unit, "interval.patient/1");
  draft_record_text(r, "id", id, DRAFT_ID_MAX);
  draft_record_text(r, "name", name, 512);
  draft_record_text(r, "birth-date", birth, 10);
  if (sex && strchr("MFOmfo", sex[0])) {
    const char code[2] = {g_ascii_toupper(sex[0]), '\0'};
    draft_record_text(r, "sex", code, 1);
  }
}

static void
add_document_fields(const XdNode *root, XdUnit *unit)
{
  const char *uid = aim_value(root, "uniqueIdentifier");
  char *known = xd_moment(aim_value(root, "dateTime"));
  draft_record_text(unit->document, "type", root->name, DRAFT_TEXT_MAX);
  draft_record_text(unit->document, "identifier", uid, DRAFT_TEXT_MAX);
  if (!known)
    xd_unit_note(unit, "dateTime says not when it was annotated");
  draft_record_take(unit->document, "known", known);
}

/* ---- the image ---- */

/* The place of image `sop`, or of the only image of the only study when it is
 * NULL; what is not the same for all images stays untold. */
static Place
find_place(const XdNode *annotation, const char *sop)
{
  Place only = {0};
  guint n_studies = 0, n_images = 0;
  for (const XdNode *r = aim_items(annotation, "ImageReference"); r; r = xd_next(r)) {
    const XdNode *study = aim_inner(r, "ImageStudy");
    const XdNode *series = aim_inner(study, "ImageSeries");
    Place p = {.study = aim_value(study, "instanceUid"),
               .series = aim_value(series, "instanceUid")};
    for (const XdNode *i = aim_items(series, "Image"); i; i = xd_next(i)) {
      p.image = aim_value(i, "sopInstanceUid");
      n_images++;
      if (sop && g_strcmp0(p.image, sop) == 0) {
        g_free(only.date);
        p.date = xd_date(aim_value(study, "startDate"));
        return p;
      }
    }
    if (n_studies == 0 || g_strcmp0(only.study, p.study) != 0)
      n_studies++;
    if (g_strcmp0(only.series, p.series) != 0 && n_studies == 1 && only.study)
      p.series = NULL;
    g_free(only.date);
    only = p;
    only.date = xd_date(aim_value(study, "startDate"));
  }
  if (n_images != 1)
    only.image = sop;
  if (n_studies != 1) {
    g_free(only.date);
    only = (Place){.image = sop};
  }
  return only;
}

/* ---- what was measured ---- */

/* A side among the characteristics of the anatomy or of the lesion. */
static const char *
side_of(const XdNode *annotation, const XdNode *anatomy)
{
  static const char *const kinds[] = {"AnatomicEntityCharacteristic",
                                      "ImagingPhysicalEntityCharacteristic"};
  const XdNode *lesion = aim_items(annotation, "LesionObservation");
  const XdNode *own = xd_child(lesion, "laterality", 0);
  const char *side = terms_side(xd_attr_at(own, "displayName", "value"));
  for (gsize i = 0; i < G_N_ELEMENTS(kinds) && !side; i++)
    for (const XdNode *c = aim_items(anatomy, kinds[i]); c && !side; c = xd_next(c))
      side = terms_side(aim_meaning(c));
  return side;
}

static Context
context_of(const XdNode *holder, const XdNode *annotation)
{
  const XdNode *user = aim_inner(annotation, "User");
  const XdNode *anatomy = aim_items(annotation, "AnatomicEntity");
  const XdNode *observation = aim_items(annotation, "ImagingObservation");
  const XdNode *lesion = aim_items(annotation, "LesionObservation");
  user = user ? user : aim_inner(holder, "User");
  anatomy = anatomy ? anatomy : aim_items(annotation, "ImagingPhysical");
  const char *name = aim_value(user, "name"), *login = aim_value(user, "loginName");
  const char *lesion_name = aim_value(lesion, "trackingIdentifier");
  const char *uid = aim_value(annotation, "trackingUniqueIdentifier");
  return (Context){
      .annotation = annotation,
      .observer = name ? name : login,
      .tracking_id = lesion_name ? lesion_name : aim_value(annotation, "name"),
      .tracking_uid = xd_is_uid(uid) ? uid : NULL,
      /* Several observations are the characteristics of one finding. */
      .finding = observation && !xd_next(observation) ? aim_meaning(observation) : NULL,
      .site = aim_meaning(anatomy),
      .laterality = side_of(annotation, anatomy),
  };
}

/* The one number of a scalar result. */
static gboolean
scalar_of(const XdNode *result, double *ret)
{
  const XdNode *data = aim_items(result, "CalculationData");
  const char *type = xd_attr(result, "type");
  const char *text = data ? aim_value(data, "value") : aim_value(result, "value");
  char *end = NULL;
  if (!text || (data && xd_next(data)) || (type && g_ascii_strcasecmp(type, "Scalar") != 0) ||
      text[strspn(text, "0123456789+-.eE \t\r\n")])
    return FALSE;
  const double value = g_ascii_strtod(text, &end);
  while (end && g_ascii_isspace(*end))
    end++;
  if (end == text || *end || !isfinite(value))
    return FALSE;
  *ret = value;
  return TRUE;
}

static void
add_measurement(const Context *c, const XdNode *calculation, const char *measure, double value,
                const char *our_unit, XdUnit *unit)
{
  AimShape shape = {0};
  aim_shape_of(c->annotation, calculation, &shape);
  Place place = find_place(c->annotation, shape.image);
  g_autofree char *date = place.date;
  DraftRecord *m = xd_unit_add(unit, "interval.measurement/1");
  draft_record_text(m, "measure", measure, DRAFT_TEXT_MAX);
  /* SR's decimal strings hold no more; nobody measures below a nanometre. */
  draft_record_f64(m, "value", round(value * 1e6) / 1e6, our_unit);
  draft_record_text(m, "date", date, 10);
  draft_record_text(m, "study-uid", xd_is_uid(place.study) ? place.study : NULL, 64);
  draft_record_text(m, "series-uid", xd_is_uid(place.series) ? place.series : NULL, 64);
  draft_record_text(m, "sop-uid", xd_is_uid(place.image) ? place.image : NULL, 64);
  draft_record_text(m, "tracking-uid", c->tracking_uid, 64);
  draft_record_take(m, "tracking-id", xd_collapse(c->tracking_id));
  draft_record_take(m, "finding", xd_collapse(c->finding));
  draft_record_take(m, "site", xd_collapse(c->site));
  draft_record_text(m, "laterality", c->laterality, DRAFT_TEXT_MAX);
  draft_record_take(m, "observer", xd_collapse(c->observer));
  const char *method = aim_meaning(calculation);
  draft_record_take(m, "method",
                    xd_collapse(method ? method : aim_value(calculation, "description")));
  for (guint i = 0; i < shape.n; i++)
    draft_record_f64(m, "point", shape.points[i], shape.unit);
}

/* Only a density may be negative; beyond a cubic metre nothing is measured. */
static gboolean
is_possible(const char *measure, double value)
{
  return fabs(value) < 1e9 &&
         (value >= 0 || strcmp(measure, "attenuation") == 0 || g_str_has_suffix(measure, "angle"));
}

/* How many of its results are not followed. */
static guint
read_calculation(const Context *c, const XdNode *calculation, XdUnit *unit)
{
  guint n_foreign = 0;
  for (const XdNode *r = aim_items(calculation, "CalculationResult"); r; r = xd_next(r)) {
    const char *said = aim_value(r, "unitOfMeasure"), *our_unit = NULL;
    const char *const names[3] = {aim_meaning(calculation), aim_value(calculation, "description"),
                                  aim_value(aim_items(r, "Dimension"), "label")};
    const char *measure = aim_measure(aim_code(calculation), names, said);
    double value;
    if (scalar_of(r, &value) && measure && terms_convert(measure, said, &value, &our_unit) &&
        is_possible(measure, value))
      add_measurement(c, calculation, measure, value, our_unit, unit);
    else
      n_foreign++;
  }
  return n_foreign;
}

static guint
read_annotation(const XdNode *holder, const XdNode *annotation, const itv_host *host, XdUnit *unit)
{
  const Context c = context_of(holder, annotation);
  guint n_foreign = 0;
  for (const XdNode *k = aim_items(annotation, "Calculation"); k && !host->cancelled(host);
       k = xd_next(k))
    n_foreign += read_calculation(&c, k, unit);
  return n_foreign;
}

void
aim_read(const XdNode *root, const itv_host *host, XdUnit *unit)
{
  const gboolean collection = strcmp(root->name, "ImageAnnotationCollection") == 0;
  if (!collection && strcmp(root->name, "ImageAnnotation") != 0) {
    xd_unit_reject(unit,
                   "its root element is <%.60s>: only annotations of images (ImageAnnotation, "
                   "ImageAnnotationCollection) hold measurements",
                   root->name);
    return;
  }
  const XdNode *first = collection ? xd_at(root, "imageAnnotations/ImageAnnotation") : root;
  if (!first) {
    xd_unit_reject(unit, "line %u: the collection holds no ImageAnnotation", root->line);
    return;
  }
  add_document_fields(root, unit);
  add_patient(root, unit);
  const guint before = unit->records->len;
  guint n_foreign = 0;
  for (const XdNode *a = first; a; a = collection ? xd_next(a) : NULL)
    n_foreign += read_annotation(root, a, host, unit);
  if (n_foreign)
    xd_unit_note(unit,
                 "%u numbers are of kinds or units that are not followed over time and were left "
                 "out",
                 n_foreign);
  else if (unit->records->len == before)
    xd_unit_note(unit, "it holds no measurement");
}
