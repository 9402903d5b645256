/* SPDX-License-Identifier: Apache-2.0
 *
 * Radiotherapy structure sets (PS3.3 C.8.8.5, C.8.8.6): volume and extent of each region
 * from its planar contours. */
#include <math.h>
#include <string.h>

#include "shape.h"
#include "structure.h"
#include "values.h"

#define SAME_PLANE_MM 0.05 /* points of one plane, written as decimal strings */
#define OFF_PLANE_MM 0.5   /* a contour that leaves its plane further is not planar */
#define STEP_TOLERANCE 0.1
#define MAX_POINTS 2000000u /* of one region */

/* One closed outline in the planes' axes. */
typedef struct {
  double along_mm;
  GArray *points; /* DcmPoint */
  char *image;    /* SOP UID; may be NULL */
} Outline;

typedef struct {
  gint64 number;
  GArray *outlines; /* Outline */
  gboolean has_plane;
  double axes[3][3]; /* right, down, normal */
  guint n_open, n_bent, n_points;
  double slab_mm; /* of a single plane; 0: not told */
} Region;

static void
outline_clear(gpointer data)
{
  Outline *o = data;
  g_array_unref(o->points);
  g_free(o->image);
}

static Outline *
outline_at(const Region *r, guint i)
{
  return &g_array_index(r->outlines, Outline, i);
}

static double
dot(const double *a, const double *b)
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* ---- planes ---- */

/* Newell's normal: of the plane that fits the polygon best. */
static gboolean
newell(const double *v, guint n, double normal[3])
{
  normal[0] = normal[1] = normal[2] = 0;
  for (guint i = 0; i < n; i++) {
    const double *a = v + 3 * i, *b = v + 3 * ((i + 1) % n);
    normal[0] += (a[1] - b[1]) * (a[2] + b[2]);
    normal[1] += (a[2] - b[2]) * (a[0] + b[0]);
    normal[2] += (a[0] - b[0]) * (a[1] + b[1]);
  }
  const double length = sqrt(dot(normal, normal));
  if (length < 1e-6)
    return FALSE;
  for (int i = 0; i < 3; i++)
    normal[i] /= length;
  return TRUE;
}

/* The patient's axes that lie best in the plane: an axial region gets x, y and z. */
static void
set_axes(Region *r, const double normal[3])
{
  int main = 0, right = 0;
  for (int i = 1; i < 3; i++)
    main = fabs(normal[i]) > fabs(normal[main]) ? i : main;
  right = main == 0 ? 1 : 0;
  const double sign = normal[main] < 0 ? -1 : 1;
  for (int i = 0; i < 3; i++)
    r->axes[2][i] = sign * normal[i];
  double length = 0;
  for (int i = 0; i < 3; i++)
    r->axes[0][i] = (i == right) - r->axes[2][right] * r->axes[2][i];
  length = sqrt(dot(r->axes[0], r->axes[0]));
  for (int i = 0; i < 3; i++)
    r->axes[0][i] /= length;
  const double *z = r->axes[2], *x = r->axes[0];
  r->axes[1][0] = z[1] * x[2] - z[2] * x[1];
  r->axes[1][1] = z[2] * x[0] - z[0] * x[2];
  r->axes[1][2] = z[0] * x[1] - z[1] * x[0];
  r->has_plane = TRUE;
}

/* Its place on the region's planes; FALSE when it is not flat or lies across them. */
static gboolean
lay_flat(const Region *r, const double *v, guint n, Outline *o)
{
  double low = G_MAXDOUBLE, high = -G_MAXDOUBLE;
  for (guint i = 0; i < n; i++) {
    const double along = dot(v + 3 * i, r->axes[2]);
    const DcmPoint p = {dot(v + 3 * i, r->axes[0]), dot(v + 3 * i, r->axes[1])};
    low = MIN(low, along);
    high = MAX(high, along);
    g_array_append_val(o->points, p);
  }
  o->along_mm = (low + high) / 2;
  return high - low <= OFF_PLANE_MM;
}

static char *
contour_image(const DcmDataset *contour)
{
  g_autoptr(DcmDataset) image = dcm_item(contour, DCM_TAG(0x3006, 0x0016));
  return image ? dcm_uid(image, DCM_TAG(0x0008, 0x1155)) : NULL;
}

static void
add_contour(Region *r, const DcmDataset *contour)
{
  g_autofree char *type = dcm_text_n(contour, DCM_TAG(0x3006, 0x0042), 0);
  const DcmElement *data = dcm_find(contour, DCM_TAG(0x3006, 0x0050));
  const guint room = data ? (guint)MIN(data->length / 2 + 1, 3 * (gint64)MAX_POINTS) : 0;
  double normal[3];
  if (!type || !g_str_has_prefix(type, "CLOSED")) {
    r->n_open++;
    return;
  }
  g_autofree double *v = g_try_new(double, room + 1);
  const guint n = v ? dcm_numbers(contour, DCM_TAG(0x3006, 0x0050), v, room) / 3 : 0;
  if (n < 3 || r->n_points + n > MAX_POINTS || !newell(v, n, normal)) {
    r->n_open++;
    return;
  }
  if (!r->has_plane)
    set_axes(r, normal);
  r->n_points += n;
  Outline o = {.points = g_array_new(FALSE, FALSE, sizeof(DcmPoint)),
               .image = contour_image(contour)};
  if (!lay_flat(r, v, n, &o)) {
    r->n_bent++;
    outline_clear(&o);
    return;
  }
  if (r->slab_mm == 0 && dcm_number(contour, DCM_TAG(0x3006, 0x0044), 0, &r->slab_mm))
    r->slab_mm = MAX(r->slab_mm, 0);
  g_array_append_val(r->outlines, o);
}

/* ---- area, volume, extent ---- */

static gint
compare_outlines(gconstpointer a, gconstpointer b)
{
  const Outline *p = a, *q = b;
  return p->along_mm < q->along_mm ? -1 : p->along_mm > q->along_mm;
}

/* outlines[from..to) lie in one plane. */
static double
plane_area(const Region *r, guint from, guint to)
{
  g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(DcmPoint));
  g_autoptr(GArray) begins = g_array_new(FALSE, FALSE, sizeof(guint));
  for (guint i = from; i < to; i++) {
    const Outline *o = outline_at(r, i);
    g_array_append_val(begins, points->len);
    g_array_append_vals(points, o->points->data, o->points->len);
  }
  g_array_append_val(begins, points->len);
  return dcm_shape_area((const DcmPoint *)(void *)points->data, (const guint *)(void *)begins->data,
                        to - from);
}

typedef struct {
  double along_mm, area_mm2;
} Plane;

/* NULL when an outline is too tangled to have an area. */
static GArray *
planes_of(const Region *r)
{
  g_autoptr(GArray) planes = g_array_new(FALSE, FALSE, sizeof(Plane));
  for (guint from = 0, to; from < r->outlines->len; from = to) {
    const double along = outline_at(r, from)->along_mm;
    for (to = from + 1; to < r->outlines->len; to++)
      if (outline_at(r, to)->along_mm - along > SAME_PLANE_MM)
        break;
    const Plane p = {along, plane_area(r, from, to)};
    if (p.area_mm2 < 0)
      return NULL;
    g_array_append_val(planes, p);
  }
  return g_steal_pointer(&planes);
}

/* Least distance of two planes, when all others are multiples of it; else 0. */
static double
plane_step(const GArray *planes)
{
  double step = G_MAXDOUBLE;
  for (guint i = 1; i < planes->len; i++)
    step = MIN(step, g_array_index(planes, Plane, i).along_mm -
                         g_array_index(planes, Plane, i - 1).along_mm);
  for (guint i = 1; i < planes->len; i++) {
    const double d =
        g_array_index(planes, Plane, i).along_mm - g_array_index(planes, Plane, i - 1).along_mm;
    if (fabs(d - floor(d / step + 0.5) * step) > STEP_TOLERANCE * step)
      return 0;
  }
  return step;
}

static void
take_extent(const Region *r, const GArray *planes, double step, DcmStructure *out)
{
  double low[2] = {G_MAXDOUBLE, G_MAXDOUBLE}, high[2] = {-G_MAXDOUBLE, -G_MAXDOUBLE};
  for (guint i = 0; i < r->outlines->len; i++) {
    const GArray *points = outline_at(r, i)->points;
    for (guint k = 0; k < points->len; k++) {
      const DcmPoint p = g_array_index(points, DcmPoint, k);
      low[0] = MIN(low[0], p.x);
      low[1] = MIN(low[1], p.y);
      high[0] = MAX(high[0], p.x);
      high[1] = MAX(high[1], p.y);
    }
  }
  out->extent_mm[0] = high[0] - low[0];
  out->extent_mm[1] = high[1] - low[1];
  out->extent_mm[2] = g_array_index(planes, Plane, planes->len - 1).along_mm -
                      g_array_index(planes, Plane, 0).along_mm + step;
}

static void
take_long_axis(const Region *r, DcmStructure *out)
{
  for (guint i = 0; i < r->outlines->len; i++) {
    const Outline *o = outline_at(r, i);
    DcmPoint ends[2];
    const double d = dcm_shape_diameter((DcmPoint *)(void *)o->points->data, o->points->len, ends);
    if (d <= out->long_axis_mm)
      continue;
    out->long_axis_mm = d;
    g_free(out->image);
    out->image = g_strdup(o->image);
    for (int e = 0; e < 2; e++)
      for (int k = 0; k < 3; k++)
        out->ends_mm[3 * e + k] =
            r->axes[0][k] * ends[e].x + r->axes[1][k] * ends[e].y + r->axes[2][k] * o->along_mm;
  }
}

/* ---- words ---- */

static DcmDataset *
item_of(const GPtrArray *items, guint32 key, gint64 number)
{
  for (guint i = 0; i < items->len; i++) {
    gint64 n;
    if (dcm_integer(items->pdata[i], key, &n) && n == number)
      return items->pdata[i];
  }
  return NULL;
}

/* The patient's skin, couch, markers: nothing that one follows. */
static gboolean
is_equipment(const char *type)
{
  static const char *const types[] = {"EXTERNAL",     "SUPPORT",        "FIXATION", "BOLUS",
                                      "CONTROL",      "DOSE_REGION",    "MARKER",   "ISOCENTER",
                                      "REGISTRATION", "CONTRAST_AGENT", NULL};
  return type && g_strv_contains(types, type);
}

static void
take_words(DcmStructure *s, const DcmDataset *roi, const DcmDataset *observation)
{
  g_auto(DcmCode) code = {NULL, NULL, NULL};
  g_autofree char *name = dcm_text(roi, DCM_TAG(0x3006, 0x0026));
  if (observation) {
    s->tracking_id = dcm_text(observation, DCM_TAG(0x0062, 0x0020));
    s->tracking_uid = dcm_uid(observation, DCM_TAG(0x0062, 0x0021));
    if (dcm_code(observation, DCM_TAG(0x3006, 0x0086), &code))
      s->finding = g_strdup(code.meaning);
  }
  if (!s->tracking_uid) {
    g_free(s->tracking_id);
    s->tracking_id = dcm_text(roi, DCM_TAG(0x0062, 0x0020));
    s->tracking_uid = dcm_uid(roi, DCM_TAG(0x0062, 0x0021));
  }
  if (!s->finding)
    s->finding = g_strdup(name);
  else if (!s->tracking_id && name && !dcm_structure_is_generic(name))
    s->tracking_id = g_strdup(name);
}

/* ---- one region ---- */

static void
finish_region(DcmStructures *all, Region *r, const DcmDataset *roi, const DcmDataset *observation)
{
  DcmStructure out = {.volume_mm3 = -1, .area_mm2 = -1};
  g_autofree char *name = dcm_text(roi, DCM_TAG(0x3006, 0x0026));
  g_array_sort(r->outlines, compare_outlines);
  g_autoptr(GArray) planes = planes_of(r);
  double sum = 0, told;
  if (!planes) {
    dcm_structures_note(all, "region %s was not measured: its contours are tangled beyond sense",
                        name ? name : "without name");
    return;
  }
  for (guint i = 0; i < planes->len; i++)
    sum += g_array_index(planes, Plane, i).area_mm2;
  const double step = planes->len > 1 ? plane_step(planes) : r->slab_mm;
  if (step > 0)
    out.volume_mm3 = sum * step;
  else if (planes->len == 1)
    out.area_mm2 = sum;
  else
    dcm_structures_note(all,
                        "volume of region %s cannot be told: its %u contour planes are unevenly "
                        "spaced",
                        name ? name : "without name", planes->len);
  if (r->n_bent)
    dcm_structures_note(all,
                        "region %s: %u contours that are not parallel to the rest were left "
                        "out",
                        name ? name : "without name", r->n_bent);
  take_words(&out, roi, observation);
  if (step > 0)
    take_extent(r, planes, step, &out);
  take_long_axis(r, &out);
  out.thickness_mm = MAX(step, 0);
  GString *method = g_string_new(NULL);
  g_string_printf(method, "%u contours in %u planes %.3f mm apart, holes cut out", r->outlines->len,
                  planes->len, step);
  if (dcm_number(roi, DCM_TAG(0x3006, 0x002C), 0, &told) && told > 0)
    g_string_append_printf(method, "; the structure set itself says %.2f cm3", told);
  out.method = g_string_free(method, FALSE);
  g_array_append_val(all->structures, out);
}

static gboolean
read_region(DcmStructures *all, const DcmDataset *contours, const GPtrArray *rois,
            const GPtrArray *observations)
{
  Region r = {.outlines = g_array_new(FALSE, FALSE, sizeof(Outline))};
  g_array_set_clear_func(r.outlines, outline_clear);
  g_autoptr(GPtrArray) list = dcm_items(contours, DCM_TAG(0x3006, 0x0040));
  const DcmDataset *roi = NULL, *observation = NULL;
  g_autofree char *type = NULL;
  if (dcm_integer(contours, DCM_TAG(0x3006, 0x0084), &r.number)) {
    roi = item_of(rois, DCM_TAG(0x3006, 0x0022), r.number);
    observation = item_of(observations, DCM_TAG(0x3006, 0x0084), r.number);
  }
  if (observation)
    type = dcm_text_n(observation, DCM_TAG(0x3006, 0x00A4), 0);
  for (guint i = 0; roi && !is_equipment(type) && i < list->len; i++)
    add_contour(&r, list->pdata[i]);
  const gboolean any = r.outlines->len > 0;
  if (any)
    finish_region(all, &r, roi, observation);
  g_array_unref(r.outlines);
  return any;
}

DcmStructures *
dcm_contours_read(const itv_host *host, const DcmObject *object)
{
  const DcmDataset *d = object->data;
  DcmStructures *all = dcm_structures_new(d);
  g_autoptr(GPtrArray) rois = dcm_items(d, DCM_TAG(0x3006, 0x0020));
  g_autoptr(GPtrArray) contours = dcm_items(d, DCM_TAG(0x3006, 0x0039));
  g_autoptr(GPtrArray) observations = dcm_items(d, DCM_TAG(0x3006, 0x0080));
  guint measured = 0;
  for (guint i = 0; i < contours->len && !host->cancelled(host); i++)
    measured += (guint)read_region(all, contours->pdata[i], rois, observations);
  if (measured < contours->len)
    dcm_structures_note(all,
                        "%u of %u regions were not measured: they are equipment or the patient's "
                        "outline, or have no closed contours",
                        contours->len - measured, contours->len);
  return all;
}
