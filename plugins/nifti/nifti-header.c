/* SPDX-License-Identifier: Apache-2.0
 *
 * After nifti1.h (Robert W. Cox, NIMH, public domain): offsets of the fields,
 * the two ways to say where voxels lie, and which of them counts.
 */
#include "nifti-header.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  AT_DIM = 40,
  AT_DATATYPE = 70,
  AT_PIXDIM = 76,
  AT_VOX_OFFSET = 108,
  AT_SLOPE = 112,
  AT_INTERCEPT = 116,
  AT_UNITS = 123,
  AT_CAL_MAX = 124,
  AT_CAL_MIN = 128,
  AT_DESCRIPTION = 148,
  AT_QFORM_CODE = 252,
  AT_SFORM_CODE = 254,
  AT_QUATERN = 256,
  AT_QOFFSET = 268,
  AT_SROW = 280,
  AT_MAGIC = 344,
  MAX_VOXELS = 1 << 30,
};

/* Rows of the 3x4 matrix from voxel indices to millimetres. */
typedef struct {
  double m[3][4];
} Affine;

static uint32_t
load(const uint8_t *p, size_t n, bool swapped)
{
  const uint16_t one = 1;
  uint8_t first;
  memcpy(&first, &one, 1);
  const bool little = (first == 1) != swapped;
  uint32_t v = 0;
  for (size_t i = 0; i < n; i++)
    v |= (uint32_t)p[little ? i : n - 1 - i] << (8 * i);
  return v;
}

static int
get_i16(const uint8_t *h, int at, bool swapped)
{
  return (int16_t)load(h + at, 2, swapped);
}

static double
get_f32(const uint8_t *h, int at, bool swapped)
{
  const uint32_t bits = load(h + at, 4, swapped);
  float f;
  memcpy(&f, &bits, 4);
  return (double)f;
}

static size_t
size_of_type(int datatype)
{
  switch (datatype) {
  case NIFTI_U8:
  case NIFTI_I8:
    return 1;
  case NIFTI_I16:
  case NIFTI_U16:
    return 2;
  case NIFTI_I32:
  case NIFTI_U32:
  case NIFTI_F32:
    return 4;
  case NIFTI_I64:
  case NIFTI_U64:
  case NIFTI_F64:
    return 8;
  default:
    return 0;
  }
}

static bool
read_dims(const uint8_t *h, NiftiHeader *r, char *reason, size_t size)
{
  const int n = get_i16(h, AT_DIM, r->swapped);
  int64_t voxels = 1;
  int dim[8] = {0, 1, 1, 1, 1, 1, 1, 1};
  for (int i = 1; i <= n; i++) {
    dim[i] = get_i16(h, AT_DIM + 2 * i, r->swapped);
    if (dim[i] < 1) {
      snprintf(reason, size, "dim[%d] is %d", i, dim[i]);
      return false;
    }
    voxels *= dim[i];
    if (voxels > MAX_VOXELS) {
      snprintf(reason, size, "it has more than %d voxels", MAX_VOXELS);
      return false;
    }
  }
  memcpy(r->dim, (int32_t[]){dim[1], dim[2], dim[3]}, sizeof r->dim);
  r->frames = dim[4];
  if (dim[5] * dim[6] * dim[7] > 1)
    snprintf(r->unreadable, sizeof r->unreadable, "it holds vectors or more than four dimensions");
  return true;
}

static bool
read_voxel_format(const uint8_t *h, NiftiHeader *r, char *reason, size_t size)
{
  const double offset = get_f32(h, AT_VOX_OFFSET, r->swapped);
  r->datatype = get_i16(h, AT_DATATYPE, r->swapped);
  r->bytes_per_voxel = size_of_type(r->datatype);
  if (!r->bytes_per_voxel && !r->unreadable[0])
    snprintf(r->unreadable, sizeof r->unreadable,
             "its datatype %d (colour, complex or unknown) is not read", r->datatype);
  if (!(offset >= 0 && offset < 1e9)) {
    snprintf(reason, size, "vox_offset is %g", offset);
    return false;
  }
  r->data_offset = offset < 352 ? 352 : (size_t)offset;
  r->slope = get_f32(h, AT_SLOPE, r->swapped);
  r->intercept = get_f32(h, AT_INTERCEPT, r->swapped);
  if (!isfinite(r->slope) || r->slope == 0 || !isfinite(r->intercept)) {
    r->slope = 1; /* the format: no scaling when the slope is 0 */
    r->intercept = 0;
  }
  r->window_low = get_f32(h, AT_CAL_MIN, r->swapped);
  r->window_high = get_f32(h, AT_CAL_MAX, r->swapped);
  if (!isfinite(r->window_low) || !isfinite(r->window_high) || r->window_high <= r->window_low)
    r->window_low = r->window_high = 0;
  return true;
}

/* Millimetres per unit of length. */
static double
unit_mm(const uint8_t *h)
{
  const int units = h[AT_UNITS] & 7;
  return units == 1 ? 1000 : units == 3 ? 0.001 : 1;
}

static void
qform(const uint8_t *h, bool swapped, const double spacing[3], Affine *ret)
{
  const double b = get_f32(h, AT_QUATERN, swapped), c = get_f32(h, AT_QUATERN + 4, swapped),
               d = get_f32(h, AT_QUATERN + 8, swapped);
  const double rest = 1 - (b * b + c * c + d * d);
  const double norm = rest < 1e-7 ? 1 / sqrt(b * b + c * c + d * d) : 1;
  const double a = rest < 1e-7 ? 0 : sqrt(rest), x = b * norm, y = c * norm, z = d * norm;
  const double flip = get_f32(h, AT_PIXDIM, swapped) < 0 ? -1 : 1;
  const double r[3][3] = {
      {a * a + x * x - y * y - z * z, 2 * (x * y - a * z), 2 * (x * z + a * y)},
      {2 * (x * y + a * z), a * a + y * y - x * x - z * z, 2 * (y * z - a * x)},
      {2 * (x * z - a * y), 2 * (y * z + a * x), a * a + z * z - x * x - y * y},
  };
  for (int i = 0; i < 3; i++) {
    for (int k = 0; k < 3; k++)
      ret->m[i][k] = r[i][k] * spacing[k] * (k == 2 ? flip : 1);
    ret->m[i][3] = get_f32(h, AT_QOFFSET + 4 * i, swapped) * unit_mm(h);
  }
}

static void
sform(const uint8_t *h, bool swapped, Affine *ret)
{
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 4; k++)
      ret->m[i][k] = get_f32(h, AT_SROW + 16 * i + 4 * k, swapped) * unit_mm(h);
}

static double
determinant(const Affine *a)
{
  const double(*m)[4] = a->m;
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
         m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

static bool
is_usable(const Affine *a)
{
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 4; k++)
      if (!isfinite(a->m[i][k]) || fabs(a->m[i][k]) > 1e6)
        return false;
  return fabs(determinant(a)) > 1e-9;
}

/* The largest distance that two matrices put one corner of the volume apart. */
static double
disagreement(const Affine *a, const Affine *b, const int32_t dim[3])
{
  double worst = 0;
  for (int corner = 0; corner < 8; corner++) {
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      double d = a->m[i][3] - b->m[i][3];
      for (int k = 0; k < 3; k++)
        d += (a->m[i][k] - b->m[i][k]) * (corner >> k & 1 ? dim[k] - 1 : 0);
      sum += d * d;
    }
    worst = fmax(worst, sqrt(sum));
  }
  return worst;
}

/* NIfTI's RAS+ to LPS: x and y change sign. */
static void
set_geometry(NiftiHeader *r, const Affine *a)
{
  for (int k = 0; k < 3; k++) {
    const double length =
        sqrt(a->m[0][k] * a->m[0][k] + a->m[1][k] * a->m[1][k] + a->m[2][k] * a->m[2][k]);
    r->spacing_mm[k] = length;
    for (int i = 0; i < 3; i++)
      r->direction[3 * i + k] = (i < 2 ? -1 : 1) * a->m[i][k] / length;
  }
  for (int i = 0; i < 3; i++)
    r->origin_mm[i] = (i < 2 ? -1 : 1) * a->m[i][3];
  r->oriented = true;
}

static void
note_shear(NiftiHeader *r)
{
  const double *d = r->direction;
  for (int a = 0; a < 3; a++)
    for (int b = a + 1; b < 3; b++)
      if (fabs(d[a] * d[b] + d[3 + a] * d[3 + b] + d[6 + a] * d[6 + b]) > 1e-3)
        r->orientation_note = "its axes are not at right angles (sheared sform)";
}

static void
read_geometry(const uint8_t *h, NiftiHeader *r)
{
  double spacing[3];
  for (int k = 0; k < 3; k++) {
    spacing[k] = fabs(get_f32(h, AT_PIXDIM + 4 * (k + 1), r->swapped)) * unit_mm(h);
    const bool known = isfinite(spacing[k]) && spacing[k] > 1e-6 && spacing[k] < 1e4;
    if (!known && r->dim[k] > 1)
      r->spacing_unknown = true;
    if (!known)
      spacing[k] = 1;
  }
  Affine s, q;
  sform(h, r->swapped, &s);
  qform(h, r->swapped, spacing, &q);
  const bool has_s = get_i16(h, AT_SFORM_CODE, r->swapped) > 0 && is_usable(&s);
  const bool has_q = get_i16(h, AT_QFORM_CODE, r->swapped) > 0 && is_usable(&q);
  if (has_s || has_q) {
    set_geometry(r, has_s ? &s : &q);
    if (has_s)
      r->spacing_unknown = false;
    if (has_s && has_q && disagreement(&s, &q, r->dim) > 0.5)
      r->orientation_note = "its sform and qform disagree by more than 0.5 mm: the sform was taken";
    note_shear(r);
    return;
  }
  const double identity[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  memcpy(r->spacing_mm, spacing, sizeof spacing);
  memcpy(r->direction, identity, sizeof identity);
  r->orientation_note = "it does not say how it lies in the patient (no sform, no qform)";
}

/* Printable ASCII of the description; the rest is left out. */
static void
read_description(const uint8_t *h, NiftiHeader *r)
{
  size_t n = 0;
  for (int i = 0; i < 80 && h[AT_DESCRIPTION + i]; i++)
    if (h[AT_DESCRIPTION + i] >= 0x20 && h[AT_DESCRIPTION + i] < 0x7F)
      r->description[n++] = (char)h[AT_DESCRIPTION + i];
  while (n && r->description[n - 1] == ' ')
    n--;
  r->description[n] = 0;
}

NiftiVerdict
nifti_header_read(const uint8_t h[NIFTI_HEADER_SIZE], NiftiHeader *ret, char *reason, size_t size)
{
  NiftiHeader r = {0};
  const int plain = (int32_t)load(h, 4, false), swapped = (int32_t)load(h, 4, true);
  if (plain == 540 || swapped == 540) {
    snprintf(reason, size, "it is NIfTI-2; convert it to NIfTI-1");
    return memcmp(h + 4, "n+2", 3) == 0 ? NIFTI_UNSUPPORTED : NIFTI_NO;
  }
  if ((plain != NIFTI_HEADER_SIZE && swapped != NIFTI_HEADER_SIZE) ||
      (memcmp(h + AT_MAGIC, "n+1", 4) != 0 && memcmp(h + AT_MAGIC, "ni1", 4) != 0))
    return NIFTI_NO;
  if (memcmp(h + AT_MAGIC, "ni1", 4) == 0) {
    snprintf(reason, size, "it is the header of a pair .hdr/.img; convert it to one .nii file");
    return NIFTI_UNSUPPORTED;
  }
  r.swapped = plain != NIFTI_HEADER_SIZE;
  const int n = get_i16(h, AT_DIM, r.swapped);
  if (n < 1 || n > 7) {
    snprintf(reason, size, "dim[0] is %d, not 1 to 7", n);
    return NIFTI_MALFORMED;
  }
  if (!read_dims(h, &r, reason, size) || !read_voxel_format(h, &r, reason, size))
    return NIFTI_MALFORMED;
  read_geometry(h, &r);
  read_description(h, &r);
  *ret = r;
  return NIFTI_YES;
}
