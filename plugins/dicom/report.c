/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <string.h>

#include "measure-terms.h"
#include "measure.h"
#include "record.h"
#include "terms.h"

#define MAX_COORDINATES 12 /* the two axes of an ellipse in space */

/* Where an image lies, as far as the report says. */
typedef struct {
  char *study, *series;
  char *date; /* ISO, of its study */
} Place;

struct DcmReport {
  GHashTable *places;      /* SOP UID -> Place */
  char *only_image;        /* SOP UID when the report names exactly one */
  char *study, *date;      /* of the report itself */
  GPtrArray *measurements; /* DraftRecord */
  DraftRecord *narrative;  /* may be NULL */
  gboolean is_aim;         /* an AIM annotation as SR */
  guint n_foreign;         /* numbers of kinds or units that are not followed */
  char *note;
};

/* What a group says about the numbers in it. */
typedef struct {
  char *tracking_uid, *tracking_id, *finding, *site, *observer, *method;
  const char *laterality;
  char *image;  /* SOP UID */
  char *series; /* of the image, when only that is told */
  double points[MAX_COORDINATES];
  guint n_points;
  const char *point_unit;
} Context;

static void
place_free(gpointer data)
{
  Place *p = data;
  g_free(p->study);
  g_free(p->series);
  g_free(p->date);
  g_free(p);
}

static void
context_clear(Context *c)
{
  g_free(c->tracking_uid);
  g_free(c->tracking_id);
  g_free(c->finding);
  g_free(c->site);
  g_free(c->observer);
  g_free(c->method);
  g_free(c->image);
  g_free(c->series);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Context, context_clear)

static Context
context_copy(const Context *c)
{
  Context copy = *c;
  copy.tracking_uid = g_strdup(c->tracking_uid);
  copy.tracking_id = g_strdup(c->tracking_id);
  copy.finding = g_strdup(c->finding);
  copy.site = g_strdup(c->site);
  copy.observer = g_strdup(c->observer);
  copy.method = g_strdup(c->method);
  copy.image = g_strdup(c->image);
  copy.series = g_strdup(c->series);
  return copy;
}

/* ---- where the images lie ---- */

static Place *
place_of(DcmReport *r, const char *sop)
{
  Place *p = g_hash_table_lookup(r->places, sop);
  if (!p) {
    p = g_new0(Place, 1);
    g_hash_table_insert(r->places, g_strdup(sop), p);
  }
  return p;
}

static void
replace(char **slot, char *value)
{
  if (value) {
    g_free(*slot);
    *slot = value;
  }
}

/* (0040,a375) and (0040,a385): study > series > instances. */
static void
read_evidence(DcmReport *r, const DcmDataset *d, guint32 sequence)
{
  g_autoptr(GPtrArray) studies = dcm_items(d, sequence);
  for (guint i = 0; i < studies->len; i++) {
    g_autofree char *study = dcm_uid(studies->pdata[i], DCM_TAG(0x0020, 0x000D));
    g_autoptr(GPtrArray) series = dcm_items(studies->pdata[i], DCM_TAG(0x0008, 0x1115));
    for (guint k = 0; k < series->len; k++) {
      g_autofree char *uid = dcm_uid(series->pdata[k], DCM_TAG(0x0020, 0x000E));
      g_autoptr(GPtrArray) images = dcm_items(series->pdata[k], DCM_TAG(0x0008, 0x1199));
      for (guint m = 0; m < images->len; m++) {
        g_autofree char *sop = dcm_uid(images->pdata[m], DCM_TAG(0x0008, 0x1155));
        Place *p = sop ? place_of(r, sop) : NULL;
        if (!p)
          continue;
        replace(&p->study, g_strdup(study));
        replace(&p->series, g_strdup(uid));
      }
    }
  }
}

static gboolean
is_segmentation(const char *sop_class)
{
  return g_strcmp0(sop_class, "1.2.840.10008.5.1.4.1.1.66.4") == 0 ||
         g_strcmp0(sop_class, "1.2.840.10008.5.1.4.1.1.66.7") == 0;
}

/* The image that was measured; a segmentation only says which part of it. */
static char *
referenced_image(const SrNode *node)
{
  if (strcmp(node->type, "IMAGE") != 0)
    return NULL;
  g_autoptr(DcmDataset) reference = dcm_item(node->item, DCM_TAG(0x0008, 0x1199));
  g_autofree char *sop_class = reference ? dcm_uid(reference, DCM_TAG(0x0008, 0x1150)) : NULL;
  if (!reference || is_segmentation(sop_class))
    return NULL;
  return dcm_uid(reference, DCM_TAG(0x0008, 0x1155));
}

static char *
study_date(const SrNode *node)
{
  g_autofree char *da = sr_child_value(node, SR_STUDY_DATE);
  return dcm_iso(da, NULL);
}

/* Image library entries (TID 1600 and what AIM tools write): dates and UIDs
 * stand beside or below the image. */
static void
read_library(DcmReport *r, const SrNode *node, const char *group_date)
{
  for (guint i = 0; i < node->children->len; i++) {
    const SrNode *child = node->children->pdata[i];
    g_autofree char *own_date = study_date(child);
    const char *date = own_date ? own_date : group_date;
    g_autofree char *sop = referenced_image(child);
    if (sop && (date || child->children->len)) {
      Place *p = place_of(r, sop);
      replace(&p->study, sr_child_value(child, SR_STUDY_UID));
      replace(&p->series, sr_child_value(child, SR_SERIES_UID));
      replace(&p->date, g_strdup(date));
    }
    read_library(r, child, date);
  }
}

static void
find_only_image(DcmReport *r)
{
  GHashTableIter it;
  gpointer key;
  g_hash_table_iter_init(&it, r->places);
  if (g_hash_table_size(r->places) == 1 && g_hash_table_iter_next(&it, &key, NULL))
    r->only_image = g_strdup(key);
}

/* ---- contexts ---- */

/* Ends of lines: a path of two points, single points, the axes of an ellipse
 * (PS3.3 C.10.5.1.2).  Outlines are none. */
static gboolean
is_line(const char *type, guint n_points)
{
  if (g_strcmp0(type, "POLYLINE") == 0)
    return n_points == 2;
  return g_strcmp0(type, "POINT") == 0 || g_strcmp0(type, "MULTIPOINT") == 0 ||
         g_strcmp0(type, "ELLIPSE") == 0;
}

static void
take_coordinates(Context *c, const SrNode *node)
{
  double v[MAX_COORDINATES + 1];
  gboolean in_space = strcmp(node->type, "SCOORD3D") == 0;
  guint axes = in_space ? 3 : 2;
  if (!in_space && strcmp(node->type, "SCOORD") != 0)
    return;
  g_autofree char *type = dcm_text_n(node->item, DCM_TAG(0x0070, 0x0023), 0);
  guint n = dcm_numbers(node->item, DCM_TAG(0x0070, 0x0022), v, G_N_ELEMENTS(v));
  if (n == 0 || n > MAX_COORDINATES || n % axes != 0 || !is_line(type, n / axes))
    return;
  memcpy(c->points, v, n * sizeof v[0]);
  c->n_points = n;
  c->point_unit = in_space ? "mm" : "{pixel}";
}

static gboolean
is_group(const SrNode *node)
{
  return sr_named(node, SR_GROUP) || sr_child(node, SR_TRACKING_ID);
}

/* Image and coordinates: the first below the node, not looking into groups of
 * their own. */
static void
take_image(Context *c, const SrNode *node)
{
  for (guint i = 0; i < node->children->len; i++) {
    const SrNode *child = node->children->pdata[i];
    if (strcmp(child->type, "CONTAINER") == 0 && is_group(child))
      continue;
    if (c->n_points == 0)
      take_coordinates(c, child);
    if (!c->image)
      c->image = referenced_image(child);
    take_image(c, child);
  }
}

static void
take_site(Context *c, const SrNode *node)
{
  const SrNode *site = sr_child(node, SR_SITE);
  g_autofree char *side = sr_child_value(node, SR_LATERALITY);
  const char *laterality = dcm_laterality(side);
  if (site) {
    replace(&c->site, sr_value(site));
    g_autofree char *inner = sr_child_value(site, SR_LATERALITY);
    laterality = dcm_laterality(inner) ? dcm_laterality(inner) : laterality;
  }
  c->laterality = laterality ? laterality : c->laterality;
}

/* Beside the observer's type, or below it as AIM tools write. */
static char *
observer_of(const SrNode *node)
{
  char *name = sr_child_value(node, SR_OBSERVER);
  const SrNode *type = sr_child(node, SR_OBSERVER_TYPE);
  return name || !type ? name : sr_child_value(type, SR_OBSERVER);
}

/* What a container's own items add.  A tracking UID that stands alone inside a
 * tracked group names the single calculation, not the lesion. */
static void
take_group(Context *c, const SrNode *node)
{
  if (is_group(node)) {
    g_clear_pointer(&c->tracking_uid, g_free);
    g_clear_pointer(&c->image, g_free);
    g_clear_pointer(&c->series, g_free);
    c->n_points = 0;
  }
  if (!c->tracking_uid)
    c->tracking_uid = sr_child_value(node, SR_TRACKING_UID);
  replace(&c->tracking_id, sr_child_value(node, SR_TRACKING_ID));
  replace(&c->finding, sr_child_value(node, SR_FINDING));
  replace(&c->observer, observer_of(node));
  replace(&c->method, sr_child_value(node, SR_METHOD));
  replace(&c->series, sr_child_value(node, SR_SOURCE_SERIES));
  take_site(c, node);
  if (is_group(node))
    take_image(c, node);
}

/* ---- measurements ---- */

/* Date and UIDs of the image that was measured; without any image named, the
 * report speaks of its own study. */
static void
add_place(const DcmReport *r, DraftRecord *m, const Context *c)
{
  const char *image = c->image ? c->image : c->series ? NULL : r->only_image;
  const Place *p = image ? g_hash_table_lookup(r->places, image) : NULL;
  const char *study = p && p->study ? p->study : image ? NULL : r->study;
  const char *date = p ? p->date : NULL;
  if (!date && study && g_strcmp0(study, r->study) == 0)
    date = r->date;
  draft_record_text(m, "date", date, DRAFT_TEXT_MAX);
  draft_record_text(m, "study-uid", study, 64);
  draft_record_text(m, "series-uid", p && p->series ? p->series : c->series, 64);
  draft_record_text(m, "sop-uid", image, 64);
}

static void
add_measurement(DcmReport *r, const char *measure, double value, const char *unit, const Context *c)
{
  DraftRecord *m = draft_record_new("interval.measurement/1");
  draft_record_text(m, "measure", measure, DRAFT_TEXT_MAX);
  draft_record_f64(m, "value", value, unit);
  add_place(r, m, c);
  /* AIM's identifies the annotation: another one at every time point. */
  draft_record_text(m, "tracking-uid", r->is_aim ? NULL : c->tracking_uid, 64);
  draft_record_text(m, "tracking-id", c->tracking_id, DRAFT_TEXT_MAX);
  draft_record_text(m, "finding", c->finding, DRAFT_TEXT_MAX);
  draft_record_text(m, "site", c->site, DRAFT_TEXT_MAX);
  draft_record_text(m, "laterality", c->laterality, DRAFT_TEXT_MAX);
  draft_record_text(m, "observer", c->observer, DRAFT_TEXT_MAX);
  draft_record_text(m, "method", c->method, DRAFT_TEXT_MAX);
  for (guint i = 0; i < c->n_points; i++)
    draft_record_f64(m, "point", c->points[i], c->point_unit);
  g_ptr_array_add(r->measurements, m);
}

static gboolean
number_of(const SrNode *node, double *ret_value, DcmCode *ret_unit)
{
  g_autoptr(DcmDataset) value = dcm_item(node->item, DCM_TAG(0x0040, 0xA300));
  if (!value)
    return FALSE;
  dcm_code(value, DCM_TAG(0x0040, 0x08EA), ret_unit);
  return dcm_number(value, DCM_TAG(0x0040, 0xA161), 0, ret_value) ||
         dcm_number(value, DCM_TAG(0x0040, 0xA30A), 0, ret_value);
}

/* AIM tools name the number "Calculation Result" and say in the container's
 * method what it is. */
static const char *
measure_of(const SrNode *node, const SrNode *parent)
{
  g_auto(DcmCode) derivation = {NULL, NULL, NULL}, method = {NULL, NULL, NULL};
  const DcmCode none = {NULL, NULL, NULL};
  const SrNode *d = sr_child(node, SR_DERIVATION), *m = sr_child(parent, SR_METHOD);
  if (d)
    dcm_code(d->item, DCM_TAG(0x0040, 0xA168), &derivation);
  const char *measure = dcm_measure(&node->concept, &derivation);
  if (!measure && m && dcm_code(m->item, DCM_TAG(0x0040, 0xA168), &method))
    measure = dcm_measure(&method, &none);
  return measure;
}

static void
read_number(DcmReport *r, const SrNode *node, const SrNode *parent, const Context *outer)
{
  g_auto(DcmCode) unit = {NULL, NULL, NULL};
  g_auto(Context) c = context_copy(outer);
  const char *our_unit, *measure = measure_of(node, parent);
  double value;
  if (!number_of(node, &value, &unit))
    return; /* a measurement that was not made */
  if (!measure || !terms_convert(measure, unit.value, &value, &our_unit)) {
    r->n_foreign++;
    return;
  }
  Context own = {0};
  take_image(&own, node);
  if (own.image)
    replace(&c.image, g_steal_pointer(&own.image));
  if (own.n_points) {
    memcpy(c.points, own.points, sizeof c.points);
    c.n_points = own.n_points;
    c.point_unit = own.point_unit;
  }
  if (!c.tracking_uid && !c.tracking_id) {
    c.tracking_uid = sr_child_value(node, SR_TRACKING_UID);
    c.tracking_id = sr_child_value(node, SR_TRACKING_ID);
  }
  replace(&c.method, sr_child_value(node, SR_METHOD));
  take_site(&c, node);
  add_measurement(r, measure, value, our_unit, &c);
}

static void
read_container(DcmReport *r, const SrNode *node, const Context *outer)
{
  g_auto(Context) c = context_copy(outer);
  take_group(&c, node);
  for (guint i = 0; i < node->children->len; i++) {
    const SrNode *child = node->children->pdata[i];
    if (strcmp(child->type, "NUM") == 0 && child->contained)
      read_number(r, child, node, &c);
    else if (strcmp(child->type, "CONTAINER") == 0)
      read_container(r, child, &c);
  }
}

/* ---- the narrative ---- */

/* VERIFIED or a FINAL flag makes it final; completeness alone does not. */
static const char *
report_status(const DcmDataset *d)
{
  g_autofree char *verified = dcm_text_n(d, DCM_TAG(0x0040, 0xA493), 0);
  g_autofree char *preliminary = dcm_text_n(d, DCM_TAG(0x0040, 0xA496), 0);
  gboolean final = g_strcmp0(verified, "VERIFIED") == 0 || g_strcmp0(preliminary, "FINAL") == 0;
  return final && g_strcmp0(preliminary, "PRELIMINARY") != 0 ? "F" : "P";
}

static char *
reader_of(const DcmDataset *d, const SrNode *root)
{
  g_autoptr(DcmDataset) verifier = dcm_item(d, DCM_TAG(0x0040, 0xA073));
  char *name = verifier ? dcm_person(verifier, DCM_TAG(0x0040, 0xA075)) : NULL;
  return name ? name : observer_of(root);
}

static void
read_narrative(DcmReport *r, const DcmDataset *d, const SrNode *root)
{
  g_autoptr(GPtrArray) sections = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *sop_class = dcm_uid(d, DCM_TAG(0x0008, 0x0016));
  g_autofree char *accession = dcm_text_n(d, DCM_TAG(0x0008, 0x0050), 0);
  g_autofree char *text = dcm_report_text(root, sop_class, sections);
  if (!text || !*text)
    return;
  DraftRecord *n = r->narrative = draft_record_new("interval.report/1");
  char *description = dcm_text(d, DCM_TAG(0x0008, 0x1030));
  draft_record_text(n, "accession", accession, 256);
  draft_record_text(n, "study-uid", r->study, 64);
  draft_record_take(n, "description", description ? description : g_strdup(root->concept.meaning));
  draft_record_text(n, "performed", r->date, DRAFT_TEXT_MAX);
  draft_record_text(n, "status", report_status(d), DRAFT_TEXT_MAX);
  draft_record_take(n, "reader", reader_of(d, root));
  draft_record_take(n, "ordering", dcm_person(d, DCM_TAG(0x0008, 0x0090)));
  for (guint i = 0; i < sections->len; i++)
    draft_record_text(n, "section", sections->pdata[i], DRAFT_TEXT_MAX);
  draft_record_text(n, "text", text, DRAFT_REPORT_MAX);
}

/* Radiation dose SR of X-rays, radiopharmaceuticals and patients: its numbers
 * describe the machine, not the patient. */
static gboolean
is_dose_report(const DcmDataset *d)
{
  static const char *const classes[] = {
      "1.2.840.10008.5.1.4.1.1.88.67", "1.2.840.10008.5.1.4.1.1.88.68",
      "1.2.840.10008.5.1.4.1.1.88.73", "1.2.840.10008.5.1.4.1.1.88.76", NULL};
  g_autofree char *sop_class = dcm_uid(d, DCM_TAG(0x0008, 0x0016));
  return sop_class && g_strv_contains(classes, sop_class);
}

DcmReport *
dcm_report_read(const DcmDataset *dataset)
{
  DcmReport *r = g_new0(DcmReport, 1);
  g_autoptr(SrNode) root = sr_tree_new(dataset);
  g_auto(Context) c = {0};
  r->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, place_free);
  r->measurements = g_ptr_array_new_with_free_func((GDestroyNotify)draft_record_free);
  r->study = dcm_uid(dataset, DCM_TAG(0x0020, 0x000D));
  r->date = dcm_datetime(dataset, DCM_TAG(0x0008, 0x0020), DCM_TAG(0x0008, 0x0030));
  read_evidence(r, dataset, DCM_TAG(0x0040, 0xA375));
  read_evidence(r, dataset, DCM_TAG(0x0040, 0xA385));
  read_library(r, root, NULL);
  find_only_image(r);
  r->is_aim = sr_named(root, SR_AIM);
  if (!is_dose_report(dataset))
    read_container(r, root, &c);
  read_narrative(r, dataset, root);
  if (r->n_foreign)
    r->note = g_strdup_printf("%u numbers of the structured report are of kinds or units that are "
                              "not followed over time and were left out",
                              r->n_foreign);
  return r;
}

void
dcm_report_free(DcmReport *report)
{
  if (!report)
    return;
  g_hash_table_unref(report->places);
  g_ptr_array_unref(report->measurements);
  draft_record_free(report->narrative);
  g_free(report->only_image);
  g_free(report->study);
  g_free(report->date);
  g_free(report->note);
  g_free(report);
}

const char *
dcm_report_note(const DcmReport *report)
{
  return report->note;
}

itv_status
dcm_report_emit(const DcmReport *report, const itv_sink *out)
{
  itv_status status = ITV_OK;
  for (guint i = 0; i < report->measurements->len && status == ITV_OK; i++)
    status = draft_record_emit(report->measurements->pdata[i], out);
  if (status == ITV_OK && report->narrative)
    status = draft_record_emit(report->narrative, out);
  return status;
}
