/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <math.h>
#include <string.h>

#include "terms.h"
#include "values.h"

#define SHARED_GROUPS DCM_TAG(0x5200, 0x9229)
#define FRAME_GROUPS DCM_TAG(0x5200, 0x9230)

static gint64
integer_or(const DcmDataset *d, guint32 tag, gint64 fallback)
{
  gint64 v;
  return dcm_integer(d, tag, &v) ? v : fallback;
}

static const DcmElement *
find_pixels(const DcmDataset *d, gboolean *ret_float)
{
  const DcmElement *e = dcm_find(d, DCM_TAG(0x7FE0, 0x0010));
  *ret_float = FALSE;
  if (e)
    return e;
  e = dcm_find(d, DCM_TAG(0x7FE0, 0x0008));
  e = e ? e : dcm_find(d, DCM_TAG(0x7FE0, 0x0009));
  *ret_float = e != NULL;
  return e;
}

DcmImage *
dcm_image_new(const DcmObject *object)
{
  DcmImage *im = g_new0(DcmImage, 1);
  const DcmDataset *d = object->data;
  im->object = object;
  im->modality = dcm_text_n(d, DCM_TAG(0x0008, 0x0060), 0);
  im->photometric = dcm_text_n(d, DCM_TAG(0x0028, 0x0004), 0);
  im->rows = integer_or(d, DCM_TAG(0x0028, 0x0010), 0);
  im->columns = integer_or(d, DCM_TAG(0x0028, 0x0011), 0);
  im->frames = MAX(integer_or(d, DCM_TAG(0x0028, 0x0008), 1), 1);
  im->samples = integer_or(d, DCM_TAG(0x0028, 0x0002), 1);
  im->planar = integer_or(d, DCM_TAG(0x0028, 0x0006), 0);
  im->allocated = integer_or(d, DCM_TAG(0x0028, 0x0100), 0);
  im->stored = integer_or(d, DCM_TAG(0x0028, 0x0101), im->allocated);
  im->high_bit = integer_or(d, DCM_TAG(0x0028, 0x0102), im->stored - 1);
  im->is_signed = integer_or(d, DCM_TAG(0x0028, 0x0103), 0) == 1;
  im->pixels = find_pixels(d, &im->is_float);
  im->has_modality_table = !im->is_float && im->samples == 1 &&
                           g_strcmp0(im->photometric, "PALETTE COLOR") != 0 &&
                           dcm_find(d, DCM_TAG(0x0028, 0x3000));
  im->shared = dcm_items(d, SHARED_GROUPS);
  im->per_frame = dcm_items(d, FRAME_GROUPS);
  return im;
}

void
dcm_image_free(DcmImage *image)
{
  if (!image)
    return;
  g_free(image->modality);
  g_free(image->photometric);
  g_ptr_array_unref(image->shared);
  g_ptr_array_unref(image->per_frame);
  g_free(image);
}

DcmDataset *
dcm_image_macro(const DcmImage *image, guint frame, guint32 macro)
{
  DcmDataset *item = NULL;
  if (frame < image->per_frame->len)
    item = dcm_item(image->per_frame->pdata[frame], macro);
  if (!item && image->shared->len)
    item = dcm_item(image->shared->pdata[0], macro);
  return item;
}

static gboolean
take_position(const DcmDataset *d, DcmPlane *plane)
{
  double v[3];
  if (!d || dcm_numbers(d, DCM_TAG(0x0020, 0x0032), v, 3) != 3)
    return FALSE;
  memcpy(plane->position_mm, v, sizeof v);
  return plane->has_position = TRUE;
}

/* Normalises; refuses vectors that are not unit and at right angles within
 * what decimal strings can lose. */
static gboolean
take_orientation(const DcmDataset *d, DcmPlane *plane)
{
  double v[6];
  if (!d || dcm_numbers(d, DCM_TAG(0x0020, 0x0037), v, 6) != 6)
    return FALSE;
  double a = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  double b = sqrt(v[3] * v[3] + v[4] * v[4] + v[5] * v[5]);
  double dot = v[0] * v[3] + v[1] * v[4] + v[2] * v[5];
  if (fabs(a - 1) > 0.05 || fabs(b - 1) > 0.05 || fabs(dot) > 0.05)
    return FALSE;
  for (int i = 0; i < 3; i++) {
    plane->orientation[i] = v[i] / a;
    plane->orientation[3 + i] = v[3 + i] / b;
  }
  return plane->has_orientation = TRUE;
}

static gboolean
take_pair(const DcmDataset *d, guint32 tag, double *ret_pair)
{
  double v[2];
  if (!d || dcm_numbers(d, tag, v, 2) != 2 || v[0] <= 0 || v[1] <= 0)
    return FALSE;
  memcpy(ret_pair, v, sizeof v);
  return TRUE;
}

static gboolean
set_spacing(DcmPlane *plane, const double *pair, const char *origin)
{
  plane->spacing_mm[0] = pair[0];
  plane->spacing_mm[1] = pair[1];
  plane->spacing_origin = origin;
  return plane->has_spacing = TRUE;
}

/* Pixel size and area of a two-dimensional region that is calibrated in centimetres along
 * both axes (PS3.3 C.8.5.5: format 1, unit 3). */
static gboolean
read_region(const DcmDataset *region, double *ret_pair, double *ret_area)
{
  double format, ux, uy, dx, dy, edge[4];
  static const guint32 edges[] = {DCM_TAG(0x0018, 0x6018), DCM_TAG(0x0018, 0x601A),
                                  DCM_TAG(0x0018, 0x601C), DCM_TAG(0x0018, 0x601E)};
  if (!dcm_number(region, DCM_TAG(0x0018, 0x6024), 0, &ux) ||
      !dcm_number(region, DCM_TAG(0x0018, 0x6026), 0, &uy) || ux != 3 || uy != 3 ||
      !dcm_number(region, DCM_TAG(0x0018, 0x602C), 0, &dx) ||
      !dcm_number(region, DCM_TAG(0x0018, 0x602E), 0, &dy) || dx == 0 || dy == 0 ||
      (dcm_number(region, DCM_TAG(0x0018, 0x6012), 0, &format) && format != 1))
    return FALSE;
  ret_pair[0] = fabs(dy) * 10;
  ret_pair[1] = fabs(dx) * 10;
  *ret_area = 0;
  for (int i = 0; i < 4; i++)
    if (!dcm_number(region, edges[i], 0, &edge[i]))
      return TRUE;
  *ret_area = MAX(edge[2] - edge[0], 0) * MAX(edge[3] - edge[1], 0);
  return TRUE;
}

/* Of several pictures in one image the largest counts, when their scales differ. */
static gboolean
take_ultrasound_spacing(const DcmDataset *d, DcmPlane *plane)
{
  g_autoptr(GPtrArray) regions = dcm_items(d, DCM_TAG(0x0018, 0x6011));
  double best[2] = {0, 0}, largest = -1;
  for (guint i = 0; i < regions->len; i++) {
    double pair[2], area;
    if (!read_region(regions->pdata[i], pair, &area) || area <= largest)
      continue;
    largest = area;
    memcpy(best, pair, sizeof best);
  }
  return largest >= 0 && set_spacing(plane, best, "patient");
}

/* PS3.3 10.7.1.3: in a projection, Pixel Spacing that differs from the
 * detector's, or says how it was found, was calibrated. */
static gboolean
take_projection_spacing(const DcmDataset *d, DcmPlane *plane)
{
  double pixel[2], imager[2];
  gboolean has_pixel = take_pair(d, DCM_TAG(0x0028, 0x0030), pixel);
  gboolean has_imager = take_pair(d, DCM_TAG(0x0018, 0x1164), imager) ||
                        take_pair(d, DCM_TAG(0x0018, 0x2010), imager);
  if (has_pixel) {
    g_autofree char *how = dcm_text(d, DCM_TAG(0x0028, 0x0A02));
    gboolean differs = has_imager && (fabs(pixel[0] - imager[0]) > 1e-4 * imager[0] ||
                                      fabs(pixel[1] - imager[1]) > 1e-4 * imager[1]);
    return set_spacing(plane, pixel, how || differs ? "calibrated" : "detector");
  }
  return has_imager && set_spacing(plane, imager, "detector");
}

static void
take_spacing(const DcmImage *im, const DcmDataset *measures, DcmPlane *plane)
{
  const DcmDataset *d = im->object->data;
  double pair[2];
  if (take_pair(measures, DCM_TAG(0x0028, 0x0030), pair)) {
    set_spacing(plane, pair, "patient");
    return;
  }
  if (dcm_is_projection(im->modality)) {
    take_projection_spacing(d, plane);
    return;
  }
  if (take_pair(d, DCM_TAG(0x0028, 0x0030), pair))
    set_spacing(plane, pair, "patient");
  else if (!take_ultrasound_spacing(d, plane))
    take_projection_spacing(d, plane);
}

static void
take_rescale(const DcmDataset *d, DcmPlane *plane)
{
  double slope, intercept;
  if (!d || plane->has_rescale || !dcm_number(d, DCM_TAG(0x0028, 0x1053), 0, &slope) ||
      !dcm_number(d, DCM_TAG(0x0028, 0x1052), 0, &intercept) || slope == 0)
    return;
  plane->has_rescale = TRUE;
  plane->slope = slope;
  plane->intercept = intercept;
}

/* Nuclear medicine objects give the first slice only (C.8.4.11, C.8.4.15). */
static void
take_detector(const DcmDataset *d, guint frame, DcmPlane *plane)
{
  g_autoptr(DcmDataset) detector = dcm_item(d, DCM_TAG(0x0054, 0x0022));
  double step;
  if (!plane->has_orientation)
    take_orientation(detector, plane);
  if (plane->has_position || !take_position(detector, plane) || !plane->has_orientation)
    return;
  if (!dcm_number(d, DCM_TAG(0x0018, 0x0088), 0, &step))
    step = plane->thickness_mm;
  const double *o = plane->orientation;
  const double normal[3] = {o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5],
                            o[0] * o[4] - o[1] * o[3]};
  for (int i = 0; i < 3; i++)
    plane->position_mm[i] += normal[i] * step * frame;
}

void
dcm_image_plane(const DcmImage *image, guint frame, DcmPlane *ret_plane)
{
  const DcmDataset *d = image->object->data;
  g_autoptr(DcmDataset) position = dcm_image_macro(image, frame, DCM_TAG(0x0020, 0x9113));
  g_autoptr(DcmDataset) orientation = dcm_image_macro(image, frame, DCM_TAG(0x0020, 0x9116));
  g_autoptr(DcmDataset) measures = dcm_image_macro(image, frame, DCM_TAG(0x0028, 0x9110));
  g_autoptr(DcmDataset) values = dcm_image_macro(image, frame, DCM_TAG(0x0028, 0x9145));
  *ret_plane = (DcmPlane){.slope = 1};
  if (!take_position(position, ret_plane))
    take_position(d, ret_plane);
  if (!take_orientation(orientation, ret_plane))
    take_orientation(d, ret_plane);
  take_spacing(image, measures, ret_plane);
  if (!ret_plane->has_spacing)
    ret_plane->spacing_mm[0] = ret_plane->spacing_mm[1] = 1;
  if ((!measures || !dcm_number(measures, DCM_TAG(0x0018, 0x0050), 0, &ret_plane->thickness_mm)) &&
      !dcm_number(d, DCM_TAG(0x0018, 0x0050), 0, &ret_plane->thickness_mm))
    ret_plane->thickness_mm = 0;
  ret_plane->thickness_mm = MAX(ret_plane->thickness_mm, 0);
  take_rescale(values, ret_plane);
  take_rescale(d, ret_plane);
  if (image->frames > 1 && image->per_frame->len == 0)
    take_detector(d, frame, ret_plane);
}
