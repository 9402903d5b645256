/* SPDX-License-Identifier: Apache-2.0
 *
 * Segmentations (PS3.3 A.51, C.8.20): volume and extent of each segment. */
#include <math.h>
#include <string.h>

#include "decode.h"
#include "shape.h"
#include "structure.h"
#include "terms.h"
#include "values.h"

#define MAX_ROWS 8000000u /* of all segments together: 64 MB */
#define MAX_NUMBER 65535
#define MAX_PIXELS 1e9 /* of all frames: some ten seconds */
#define SAME_POSITION_MM 0.01
#define SAME_DIRECTION 5e-3 /* of a direction cosine */
#define STEP_TOLERANCE 0.1  /* of the step: positions are decimal strings */

typedef enum { BINARY, PROBABILITY, OCCUPANCY, LABELMAP } Kind;

/* The part of one segment that lies in one frame. */
typedef struct {
  double along_mm;                     /* of the plane, along the normal */
  double weight;                       /* pixels, or parts of pixels */
  double x_low, x_high, y_low, y_high; /* edges of its box in the plane, mm */
} Part;

typedef struct {
  guint number;
  gboolean background;
  GArray *parts; /* Part */
  double long_axis_mm;
  DcmPoint ends[2]; /* in the plane, mm from the grid's origin */
  double ends_along_mm;
  char *image;      /* SOP UID where it lies */
  gint *low, *high; /* first and last column in each row of the frame at hand; -1: none */
  double weight;    /* in the frame at hand */
} Segment;

typedef struct {
  const itv_host *host;
  const DcmImage *image;
  DcmStructures *out;
  Kind kind;
  double maximum;     /* fractional value that means all of the pixel */
  GArray *segments;   /* Segment */
  guint16 *by_number; /* segment number -> index + 1 */
  /* The grid: of the first frame with a place. */
  gboolean has_grid;
  DcmPlane grid;
  double normal[3];
  double step_mm;
  const char *step_source;
} Reader;

static void
segment_clear(gpointer data)
{
  Segment *s = data;
  g_array_unref(s->parts);
  g_free(s->image);
  g_free(s->low);
  g_free(s->high);
}

static Segment *
segment_at(const Reader *r, guint i)
{
  return &g_array_index(r->segments, Segment, i);
}

static double
dot(const double *a, const double *b)
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* ---- what the header says ---- */

static gboolean
is_background(const DcmDataset *item)
{
  g_auto(DcmCode) type = {NULL, NULL, NULL};
  dcm_code(item, DCM_TAG(0x0062, 0x000F), &type);
  return dcm_code_is(&type, "DCM", "125040");
}

static void
list_segments(Reader *r, const GPtrArray *items)
{
  r->segments = g_array_new(FALSE, TRUE, sizeof(Segment));
  g_array_set_clear_func(r->segments, segment_clear);
  r->by_number = g_new0(guint16, MAX_NUMBER + 1);
  for (guint i = 0; i < items->len && i < MAX_ROWS / (guint)r->image->rows; i++) {
    gint64 number;
    Segment s = {.background = is_background(items->pdata[i])};
    if (!dcm_integer(items->pdata[i], DCM_TAG(0x0062, 0x0004), &number) || number < 0 ||
        number > MAX_NUMBER || r->by_number[number])
      continue;
    s.number = (guint)number;
    s.parts = g_array_new(FALSE, FALSE, sizeof(Part));
    s.low = g_new(gint, (gsize)r->image->rows);
    s.high = g_new(gint, (gsize)r->image->rows);
    g_array_append_val(r->segments, s);
    r->by_number[number] = (guint16)r->segments->len;
  }
}

static gboolean
read_kind(Reader *r)
{
  const DcmDataset *d = r->image->object->data;
  g_autofree char *type = dcm_text_n(d, DCM_TAG(0x0062, 0x0001), 0);
  g_autofree char *fraction = dcm_text_n(d, DCM_TAG(0x0062, 0x0010), 0);
  r->maximum = 1;
  if (g_strcmp0(type, "LABELMAP") == 0)
    r->kind = LABELMAP;
  else if (g_strcmp0(type, "BINARY") == 0)
    r->kind = BINARY;
  else if (g_strcmp0(type, "FRACTIONAL") == 0)
    r->kind = g_strcmp0(fraction, "OCCUPANCY") == 0 ? OCCUPANCY : PROBABILITY;
  else
    return FALSE;
  return r->kind == BINARY || r->kind == LABELMAP ||
         (dcm_number(d, DCM_TAG(0x0062, 0x000E), 0, &r->maximum) && r->maximum > 0);
}

static char *
source_image(const DcmImage *im, guint frame)
{
  g_autoptr(DcmDataset) derivation = dcm_image_macro(im, frame, DCM_TAG(0x0008, 0x9124));
  g_autoptr(DcmDataset) source = derivation ? dcm_item(derivation, DCM_TAG(0x0008, 0x2112)) : NULL;
  return source ? dcm_uid(source, DCM_TAG(0x0008, 0x1155)) : NULL;
}

/* Index of the segment that the frame shows, -1 when it names none. */
static int
segment_of_frame(const Reader *r, guint frame)
{
  g_autoptr(DcmDataset) id = dcm_image_macro(r->image, frame, DCM_TAG(0x0062, 0x000A));
  gint64 number;
  if (!id || !dcm_integer(id, DCM_TAG(0x0062, 0x000B), &number) || number < 0 ||
      number > MAX_NUMBER)
    return -1;
  return (int)r->by_number[number] - 1;
}

/* ---- frames ---- */

static gboolean
same_grid(const DcmPlane *a, const DcmPlane *b)
{
  for (int i = 0; i < 6; i++)
    if (fabs(a->orientation[i] - b->orientation[i]) > SAME_DIRECTION)
      return FALSE;
  return fabs(a->spacing_mm[0] - b->spacing_mm[0]) <= 1e-3 * a->spacing_mm[0] &&
         fabs(a->spacing_mm[1] - b->spacing_mm[1]) <= 1e-3 * a->spacing_mm[1];
}

static gboolean
place_frame(Reader *r, guint frame, DcmPlane *ret_plane)
{
  dcm_image_plane(r->image, frame, ret_plane);
  if (!ret_plane->has_position || !ret_plane->has_orientation || !ret_plane->has_spacing)
    return FALSE;
  if (!r->has_grid) {
    const double *o = ret_plane->orientation;
    r->grid = *ret_plane;
    r->normal[0] = o[1] * o[5] - o[2] * o[4];
    r->normal[1] = o[2] * o[3] - o[0] * o[5];
    r->normal[2] = o[0] * o[4] - o[1] * o[3];
    r->has_grid = TRUE;
  }
  return same_grid(&r->grid, ret_plane);
}

static void
begin_frame(Segment *s, gint64 rows)
{
  s->weight = 0;
  for (gint64 y = 0; y < rows; y++)
    s->low[y] = s->high[y] = -1;
}

static void
add_pixel(Segment *s, gint64 x, gint64 y, double weight, gboolean inside)
{
  s->weight += weight;
  if (!inside)
    return;
  if (s->low[y] < 0)
    s->low[y] = (gint)x;
  s->high[y] = (gint)x;
}

/* Counts; a probability of a half and more counts as all of the pixel. */
static void
scan_frame(Reader *r, Segment *only, const double *values)
{
  const gint64 rows = r->image->rows, columns = r->image->columns;
  for (gint64 y = 0; y < rows; y++)
    for (gint64 x = 0; x < columns; x++) {
      const double v = values[y * columns + x];
      Segment *s = only;
      if (r->kind == LABELMAP) {
        const guint index = v >= 0 && v <= MAX_NUMBER ? r->by_number[(guint)v] : 0;
        s = index ? segment_at(r, index - 1) : NULL;
      }
      if (!s || (v == 0 && r->kind != LABELMAP))
        continue;
      const double part = r->kind == LABELMAP || r->kind == BINARY ? 1 : MIN(v / r->maximum, 1);
      const gboolean inside = part >= 0.5;
      const double weight = r->kind == PROBABILITY ? (double)inside : part;
      add_pixel(s, x, y, weight, inside);
    }
}

/* Corners of the outline: half a pixel out along each axis, as a surface between the
 * pixels' centres would pass. */
static gsize
outline_points(const Reader *r, const Segment *s, const double *origin, DcmPoint *points)
{
  const double dx = r->grid.spacing_mm[1], dy = r->grid.spacing_mm[0];
  gsize n = 0;
  for (gint64 y = 0; y < r->image->rows; y++) {
    if (s->low[y] < 0)
      continue;
    const double yc = origin[1] + (double)y * dy, left = origin[0] + s->low[y] * dx,
                 right = origin[0] + s->high[y] * dx;
    points[n++] = (DcmPoint){left - dx / 2, yc};
    points[n++] = (DcmPoint){right + dx / 2, yc};
    points[n++] = (DcmPoint){left, yc - dy / 2};
    points[n++] = (DcmPoint){left, yc + dy / 2};
    points[n++] = (DcmPoint){right, yc - dy / 2};
    points[n++] = (DcmPoint){right, yc + dy / 2};
  }
  return n;
}

static void
end_frame(Reader *r, Segment *s, guint frame, const DcmPlane *plane, DcmPoint *points)
{
  double delta[3];
  for (int i = 0; i < 3; i++)
    delta[i] = plane->position_mm[i] - r->grid.position_mm[i];
  const double origin[2] = {dot(delta, r->grid.orientation), dot(delta, r->grid.orientation + 3)};
  Part part = {dot(delta, r->normal), s->weight,   G_MAXDOUBLE,
               -G_MAXDOUBLE,          G_MAXDOUBLE, -G_MAXDOUBLE};
  DcmPoint ends[2];
  const gsize n = outline_points(r, s, origin, points);
  for (gsize i = 0; i < n; i++) {
    part.x_low = MIN(part.x_low, points[i].x);
    part.x_high = MAX(part.x_high, points[i].x);
    part.y_low = MIN(part.y_low, points[i].y);
    part.y_high = MAX(part.y_high, points[i].y);
  }
  g_array_append_val(s->parts, part);
  const double longest = dcm_shape_diameter(points, n, ends);
  if (longest > s->long_axis_mm) {
    s->long_axis_mm = longest;
    memcpy(s->ends, ends, sizeof ends);
    s->ends_along_mm = part.along_mm;
    g_free(s->image);
    s->image = source_image(r->image, frame);
  }
}

/* FALSE with a note when the segmentation cannot be measured. */
static gboolean
read_frame(Reader *r, DcmDecoder *decoder, guint frame, double *values, DcmPoint *points)
{
  g_autoptr(GError) error = NULL;
  DcmPlane plane;
  const int only = r->kind == LABELMAP ? -1 : segment_of_frame(r, frame);
  if (!place_frame(r, frame, &plane)) {
    dcm_structures_note(r->out,
                        "the segments were not measured: frame %u has no place in the patient or "
                        "another orientation or pixel spacing than the first",
                        frame + 1);
    return FALSE;
  }
  if (r->kind != LABELMAP && only < 0) {
    dcm_structures_note(r->out, "frame %u names no segment that is listed: it was not measured",
                        frame + 1);
    return TRUE;
  }
  if (!dcm_decoder_frame(decoder, frame, values, &error)) {
    dcm_structures_note(r->out, "the segments were not measured: %s", error->message);
    return FALSE;
  }
  for (guint i = 0; i < r->segments->len; i++)
    if (only < 0 || i == (guint)only)
      begin_frame(segment_at(r, i), r->image->rows);
  scan_frame(r, only < 0 ? NULL : segment_at(r, (guint)only), values);
  for (guint i = 0; i < r->segments->len; i++)
    if ((only < 0 || i == (guint)only) && segment_at(r, i)->weight > 0 &&
        !segment_at(r, i)->background)
      end_frame(r, segment_at(r, i), frame, &plane, points);
  return TRUE;
}

static gboolean
read_frames(Reader *r)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DcmDecoder) decoder = dcm_decoder_new(r->image, &error);
  const gsize n = (gsize)(r->image->rows * r->image->columns);
  if (!decoder) {
    dcm_structures_note(r->out, "the segments were not measured: %s", error->message);
    return FALSE;
  }
  g_autofree double *values = g_try_new(double, n);
  g_autofree DcmPoint *points = g_try_new(DcmPoint, (gsize)r->image->rows * 6);
  for (guint f = 0; values && points && f < (guint)r->image->frames; f++)
    if (r->host->cancelled(r->host) || !read_frame(r, decoder, f, values, points))
      return FALSE;
  if (!values || !points)
    dcm_structures_note(r->out, "the segments were not measured: a frame needs too much memory");
  return values && points;
}

/* ---- the distance of the planes ---- */

static int
compare_doubles(gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* Positions of all frames, those without a segment too. */
static GArray *
plane_positions(const Reader *r)
{
  GArray *all = g_array_new(FALSE, FALSE, sizeof(double));
  guint kept = 0;
  for (guint f = 0; f < (guint)r->image->frames; f++) {
    DcmPlane plane;
    double delta[3];
    dcm_image_plane(r->image, f, &plane);
    for (int i = 0; i < 3; i++)
      delta[i] = plane.position_mm[i] - r->grid.position_mm[i];
    const double along = dot(delta, r->normal);
    g_array_append_val(all, along);
  }
  g_array_sort(all, compare_doubles);
  for (guint i = 0; i < all->len; i++) {
    const double v = g_array_index(all, double, i);
    if (kept == 0 || v - g_array_index(all, double, kept - 1) > SAME_POSITION_MM)
      g_array_index(all, double, kept++) = v;
  }
  g_array_set_size(all, kept);
  return all;
}

/* Empty planes are left out of many segmentations, so that a step may be a multiple of
 * the planes' distance; anything else is an uneven stack, whose volume nobody can tell. */
static void
find_step(Reader *r)
{
  g_autoptr(GArray) at = plane_positions(r);
  g_autoptr(DcmDataset) measures = dcm_image_macro(r->image, 0, DCM_TAG(0x0028, 0x9110));
  double step = 0, least = G_MAXDOUBLE;
  for (guint i = 1; i < at->len; i++)
    least = MIN(least, g_array_index(at, double, i) - g_array_index(at, double, i - 1));
  if (measures && dcm_number(measures, DCM_TAG(0x0018, 0x0088), 0, &step) && fabs(step) > 0) {
    step = fabs(step);
    r->step_source = "Spacing Between Slices";
  } else if (at->len > 1) {
    step = least;
    r->step_source = "distance of the planes";
  } else {
    step = r->grid.thickness_mm;
    r->step_source = "slice thickness of a single plane";
  }
  for (guint i = 1; i < at->len && step > 0; i++) {
    const double d = g_array_index(at, double, i) - g_array_index(at, double, i - 1);
    const double whole = floor(d / step + 0.5);
    if (whole >= 1 && fabs(d - whole * step) <= STEP_TOLERANCE * step)
      continue;
    dcm_structures_note(r->out,
                        "volumes of the segments cannot be told: planes %u and %u lie %.3f mm "
                        "apart, which is no multiple of %.3f mm (%s)",
                        i, i + 1, d, step, r->step_source);
    step = 0;
  }
  r->step_mm = step;
}

/* ---- results ---- */

static int
compare_parts(gconstpointer a, gconstpointer b)
{
  const Part *p = a, *q = b;
  return p->along_mm < q->along_mm ? -1 : p->along_mm > q->along_mm;
}

/* Two frames of one segment at one place: time points, or tiles of a plane. */
static gboolean
is_ambiguous(const Segment *s)
{
  g_array_sort(s->parts, compare_parts);
  for (guint i = 1; i < s->parts->len; i++)
    if (g_array_index(s->parts, Part, i).along_mm - g_array_index(s->parts, Part, i - 1).along_mm <
        SAME_POSITION_MM)
      return TRUE;
  return FALSE;
}

static void
take_words(DcmStructure *s, const DcmDataset *item)
{
  g_auto(DcmCode) type = {NULL, NULL, NULL}, site = {NULL, NULL, NULL}, side = {NULL, NULL, NULL};
  g_autofree char *label = dcm_text(item, DCM_TAG(0x0062, 0x0005));
  g_autoptr(DcmDataset) region = dcm_item(item, DCM_TAG(0x0008, 0x2218));
  g_autoptr(DcmDataset) kind = dcm_item(item, DCM_TAG(0x0062, 0x000F));
  dcm_code(item, DCM_TAG(0x0062, 0x000F), &type);
  s->finding = g_strdup(type.meaning ? type.meaning : label);
  s->tracking_id = dcm_text(item, DCM_TAG(0x0062, 0x0020));
  s->tracking_uid = dcm_uid(item, DCM_TAG(0x0062, 0x0021));
  if (!s->tracking_id && label && g_strcmp0(label, s->finding) != 0 &&
      !dcm_structure_is_generic(label))
    s->tracking_id = g_strdup(label);
  if (dcm_code(item, DCM_TAG(0x0008, 0x2218), &site))
    s->site = g_strdup(site.meaning);
  if ((region && dcm_code(region, DCM_TAG(0x0008, 0x2220), &side)) ||
      (kind && dcm_code(kind, DCM_TAG(0x0062, 0x0011), &side)))
    s->laterality =
        dcm_laterality(side.value) ? dcm_laterality(side.value) : dcm_laterality(side.meaning);
}

static char *
describe_method(const Reader *r, const Segment *s, const DcmDataset *item)
{
  static const char *const kinds[] = {"binary", "probability, half and more counted",
                                      "occupancy, parts of voxels summed", "label map"};
  g_autofree char *how = dcm_text_n(item, DCM_TAG(0x0062, 0x0008), 0);
  g_autofree char *low = how ? g_ascii_strdown(how, -1) : NULL;
  return g_strdup_printf("%s%ssegmentation (%s), %u planes %.3f mm apart (%s)", low ? low : "",
                         low ? " " : "", kinds[r->kind], s->parts->len, r->step_mm, r->step_source);
}

static void
add_structure(Reader *r, const Segment *s, const DcmDataset *item)
{
  const double pixel_mm2 = r->grid.spacing_mm[0] * r->grid.spacing_mm[1];
  DcmStructure out = {.volume_mm3 = -1, .area_mm2 = -1, .long_axis_mm = s->long_axis_mm};
  Part box = g_array_index(s->parts, Part, 0);
  double weight = 0, top = box.along_mm;
  for (guint i = 0; i < s->parts->len; i++) {
    const Part *p = &g_array_index(s->parts, Part, i);
    weight += p->weight;
    top = MAX(top, p->along_mm);
    box.along_mm = MIN(box.along_mm, p->along_mm);
    box.x_low = MIN(box.x_low, p->x_low);
    box.x_high = MAX(box.x_high, p->x_high);
    box.y_low = MIN(box.y_low, p->y_low);
    box.y_high = MAX(box.y_high, p->y_high);
  }
  take_words(&out, item);
  out.method = describe_method(r, s, item);
  out.image = g_strdup(s->image);
  out.thickness_mm = r->grid.thickness_mm;
  out.spacing_mm = MAX(r->grid.spacing_mm[0], r->grid.spacing_mm[1]);
  if (r->step_mm > 0)
    out.volume_mm3 = weight * pixel_mm2 * r->step_mm;
  if (r->step_mm > 0 && box.x_high > box.x_low) {
    out.extent_mm[0] = box.x_high - box.x_low;
    out.extent_mm[1] = box.y_high - box.y_low;
    out.extent_mm[2] = top - box.along_mm + r->step_mm;
  }
  for (int e = 0; e < 2; e++)
    for (int i = 0; i < 3; i++)
      out.ends_mm[3 * e + i] = r->grid.position_mm[i] + r->grid.orientation[i] * s->ends[e].x +
                               r->grid.orientation[3 + i] * s->ends[e].y +
                               r->normal[i] * s->ends_along_mm;
  g_array_append_val(r->out->structures, out);
}

static void
add_structures(Reader *r, const GPtrArray *items)
{
  for (guint i = 0; i < items->len; i++) {
    gint64 number;
    if (!dcm_integer(items->pdata[i], DCM_TAG(0x0062, 0x0004), &number) || number < 0 ||
        number > MAX_NUMBER || !r->by_number[number])
      continue;
    const Segment *s = segment_at(r, r->by_number[number] - 1u);
    r->by_number[number] = 0; /* a number given twice names the first */
    if (s->background || s->parts->len == 0)
      continue;
    if (is_ambiguous(s))
      dcm_structures_note(r->out,
                          "segment %u was not measured: several of its frames lie at one place "
                          "(time points or tiles)",
                          s->number);
    else
      add_structure(r, s, items->pdata[i]);
  }
}

/* Slides are two-dimensional, and micrometres are not what is followed here. */
static gboolean
is_slide(const DcmDataset *d)
{
  return dcm_find(d, DCM_TAG(0x0048, 0x0006)) || dcm_find(d, DCM_TAG(0x0048, 0x0007));
}

static void
measure(Reader *r)
{
  g_autoptr(GPtrArray) items = dcm_items(r->image->object->data, DCM_TAG(0x0062, 0x0002));
  list_segments(r, items);
  if (read_frames(r) && r->has_grid) {
    find_step(r);
    add_structures(r, items);
  }
  g_array_unref(r->segments);
  g_free(r->by_number);
}

DcmStructures *
dcm_segments_read(const itv_host *host, const DcmObject *object)
{
  DcmStructures *out = dcm_structures_new(object->data);
  g_autoptr(DcmImage) image = dcm_image_new(object);
  Reader r = {.host = host, .image = image, .out = out};
  if (is_slide(object->data))
    dcm_structures_note(out, "a segmentation of a microscopy slide: its segments are not followed");
  else if (!read_kind(&r))
    dcm_structures_note(out, "the segmentation type is absent or unknown: nothing was measured");
  else if (!image->pixels)
    dcm_structures_note(out, "the segmentation holds no pixel data: nothing was measured");
  else if (image->rows < 1 || image->rows > 65535 || image->columns < 1)
    dcm_structures_note(out, "the segmentation has no sound matrix: nothing was measured");
  else if ((double)image->rows * (double)image->columns * (double)image->frames > MAX_PIXELS)
    dcm_structures_note(out, "the segmentation has more pixels than can be measured in good time");
  else
    measure(&r);
  return out;
}
