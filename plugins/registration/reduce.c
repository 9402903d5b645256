/* SPDX-License-Identifier: Apache-2.0
 *
 * From stored voxels to the pyramid: one pass of box means over the stored
 * values, further levels from the one before, then [1 2 1]/4 along each axis.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

enum { ROWS_PER_BLOCK = 16, MAX_DIM = 32768 };

/* A level of more voxels costs memory and time and gains no accuracy. */
static const double MAX_FINE_VOXELS_3D = 9e6, MAX_FINE_VOXELS_2D = 1.6e6;

static size_t
pixel_size(int32_t pixel)
{
  switch (pixel) {
  case ITV_PIX_U8:
    return 1;
  case ITV_PIX_I16:
    return 2;
  case ITV_PIX_F32:
    return 4;
  default:
    return 0;
  }
}

static itv_status
check_geometry(const RegJob *job, const itv_volume *v)
{
  RegAffine direction = reg_affine_identity();
  for (int i = 0; i < 3; i++) {
    if (!(v->spacing_mm[i] > 1e-4) || !(v->spacing_mm[i] < 1e3))
      return reg_job_fail(job, ITV_ERR_INPUT,
                          "registration: %s volume: spacing %g mm on axis %d is not a length",
                          v->role, v->spacing_mm[i], i);
    if (!(fabs(v->origin_mm[i]) < 1e6))
      return reg_job_fail(job, ITV_ERR_INPUT,
                          "registration: %s volume: origin %g mm on axis %d is no position",
                          v->role, v->origin_mm[i], i);
    for (int j = 0; j < 3; j++)
      direction.m[i][j] = v->direction[3 * i + j];
  }
  if ((v->flags & ITV_VOL_ORIENTED) && !(fabs(reg_affine_determinant(&direction)) > 1e-3))
    return reg_job_fail(job, ITV_ERR_INPUT,
                        "registration: %s volume: its direction vectors span no space", v->role);
  return ITV_OK;
}

itv_status
reg_volume_check(const RegJob *job, const itv_volume *v)
{
  size_t size = pixel_size(v->pixel);
  if (!size)
    return reg_job_fail(job, ITV_ERR_UNSUPPORTED, "registration: %s volume: unknown pixel type %d",
                        v->role, (int)v->pixel);
  uint64_t count = 1;
  for (int i = 0; i < 3; i++) {
    if (v->dim[i] < 1 || v->dim[i] > MAX_DIM)
      return reg_job_fail(job, ITV_ERR_INPUT,
                          "registration: %s volume: %d voxels on axis %d, 1 to %d are possible",
                          v->role, (int)v->dim[i], i, (int)MAX_DIM);
    count *= (uint64_t)v->dim[i];
  }
  if (!v->data || v->data_size / size < count)
    return reg_job_fail(
        job, ITV_ERR_INPUT, "registration: %s volume: %llu bytes, too few for %d x %d x %d voxels",
        v->role, (unsigned long long)v->data_size, (int)v->dim[0], (int)v->dim[1], (int)v->dim[2]);
  if (v->dim[0] < 8 || v->dim[1] < 8)
    return reg_job_fail(job, ITV_ERR_UNSUPPORTED,
                        "registration: %s volume: %d x %d voxels in the plane, at least 8 x 8 are "
                        "needed",
                        v->role, (int)v->dim[0], (int)v->dim[1]);
  if (!isfinite(v->slope) || v->slope == 0 || !isfinite(v->intercept))
    return reg_job_fail(job, ITV_ERR_INPUT,
                        "registration: %s volume: slope %g and intercept %g give no values",
                        v->role, v->slope, v->intercept);
  return check_geometry(job, v);
}

double
reg_volume_fine_mm(const itv_volume *v)
{
  double size_mm = 1, finest_mm = v->spacing_mm[0];
  int n_axes = v->dim[2] > 1 ? 3 : 2;
  for (int i = 0; i < n_axes; i++) {
    size_mm *= v->spacing_mm[i] * v->dim[i];
    finest_mm = fmin(finest_mm, v->spacing_mm[i]);
  }
  double needed_mm =
      n_axes == 3 ? cbrt(size_mm / MAX_FINE_VOXELS_3D) : sqrt(size_mm / MAX_FINE_VOXELS_2D);
  return fmax(finest_mm, needed_mm);
}

double
reg_volume_extent_mm(const itv_volume *v)
{
  double extent_mm = 0;
  for (int i = 0; i < 3; i++)
    extent_mm = fmax(extent_mm, v->spacing_mm[i] * v->dim[i]);
  return extent_mm;
}

/* What box means are taken of. */
typedef struct {
  const RegJob *job;
  int32_t pixel;
  int dim[3], factor[3];
  float slope, intercept;
  float lowest; /* stored int16 values below are padding */
  const void *data;
  RegImage *out;
} Reduction;

static void
add_row(const Reduction *r, size_t offset, float *row, float *holes)
{
  int n = r->out->dim[0] * r->factor[0];
  if (r->pixel == ITV_PIX_I16) {
    const int16_t *p = (const int16_t *)r->data + offset;
    for (int x = 0; x < n; x++)
      row[x] += p[x] < r->lowest ? NAN : (float)p[x];
  } else if (r->pixel == ITV_PIX_U8) {
    const uint8_t *p = (const uint8_t *)r->data + offset;
    for (int x = 0; x < n; x++)
      row[x] += p[x];
  } else {
    const float *p = (const float *)r->data + offset;
    for (int x = 0; x < n; x++) {
      int hole = !(fabsf(p[x]) < 1e30f);
      row[x] += hole ? 0 : p[x];
      holes[x] += hole ? 1 : 0;
    }
  }
}

/* Means of the voxels that hold data, where at least half of them do: a dead
 * voxel here and there leaves no hole in the level above. */
static void
reduce_with_holes(const Reduction *r, const float *row, const float *holes, float *to)
{
  const int *f = r->factor;
  float n = (float)(f[0] * f[1] * f[2]);
  for (int x = 0; x < r->out->dim[0]; x++) {
    float sum = 0, missing = 0;
    for (int dx = 0; dx < f[0]; dx++) {
      sum += row[x * f[0] + dx];
      missing += holes[x * f[0] + dx];
    }
    to[x] = 2 * missing > n ? NAN : sum / (n - missing) * r->slope + r->intercept;
  }
}

static void
reduce_row(const Reduction *r, int y, int z, float *row)
{
  const int *f = r->factor;
  RegImage *out = r->out;
  float *holes = row + r->dim[0];
  memset(row, 0, sizeof *row * 2 * (size_t)r->dim[0]);
  for (int dz = 0; dz < f[2]; dz++)
    for (int dy = 0; dy < f[1]; dy++) {
      size_t line = (size_t)(z * f[2] + dz) * (size_t)r->dim[1] + (size_t)(y * f[1] + dy);
      add_row(r, line * (size_t)r->dim[0], row, holes);
    }
  float scale = r->slope / (float)(f[0] * f[1] * f[2]);
  float *to = out->voxel + ((size_t)z * (size_t)out->dim[1] + (size_t)y) * (size_t)out->dim[0];
  if (r->pixel == ITV_PIX_F32) {
    reduce_with_holes(r, row, holes, to);
    return;
  }
  if (f[0] == 1) {
    for (int x = 0; x < out->dim[0]; x++)
      to[x] = row[x] * scale + r->intercept;
    return;
  }
  if (f[0] == 2) {
    for (int x = 0; x < out->dim[0]; x++)
      to[x] = (row[2 * x] + row[2 * x + 1]) * scale + r->intercept;
    return;
  }
  for (int x = 0; x < out->dim[0]; x++) {
    float sum = 0;
    for (int dx = 0; dx < f[0]; dx++)
      sum += row[x * f[0] + dx];
    to[x] = sum * scale + r->intercept;
  }
}

static int
n_row_blocks(const RegImage *image)
{
  return (image->dim[1] + ROWS_PER_BLOCK - 1) / ROWS_PER_BLOCK;
}

static void
reduce_task(void *ctx, int block)
{
  Reduction *r = ctx;
  int n = n_row_blocks(r->out), z = block / n, y0 = block % n * ROWS_PER_BLOCK;
  if (reg_job_cancelled(r->job))
    return;
  float *row = malloc(sizeof *row * 2 * (size_t)r->dim[0]);
  for (int y = y0; row && y < y0 + ROWS_PER_BLOCK && y < r->out->dim[1]; y++)
    reduce_row(r, y, z, row);
  free(row);
}

/* The centre of the reduced voxel i lies at f i + (f - 1) / 2 of the old ones. */
static RegAffine
reduced_grid(const RegAffine *index_to_mm, const int factor[3])
{
  RegAffine old_of_new = reg_affine_identity();
  for (int i = 0; i < 3; i++) {
    old_of_new.m[i][i] = factor[i];
    old_of_new.m[i][3] = (factor[i] - 1) * 0.5;
  }
  return reg_affine_compose(index_to_mm, &old_of_new);
}

static itv_status
reduce(const RegJob *job, Reduction *r, const RegAffine *index_to_mm, const double spacing_mm[3],
       RegImage *ret)
{
  RegImage out = {.index_to_mm = reduced_grid(index_to_mm, r->factor)};
  for (int i = 0; i < 3; i++) {
    out.dim[i] = r->dim[i] / r->factor[i];
    out.spacing_mm[i] = spacing_mm[i] * r->factor[i];
  }
  if (!reg_affine_invert(&out.index_to_mm, &out.mm_to_index))
    return reg_job_fail(job, ITV_ERR_INPUT, "registration: the grid of a volume spans no space");
  size_t count = reg_image_count(&out);
  if (count > INT32_MAX)
    return reg_job_fail(job, ITV_ERR_LIMIT, "registration: a level of %zu voxels is too large",
                        count);
  out.voxel = calloc(count, sizeof *out.voxel);
  if (!out.voxel)
    return reg_job_out_of_memory(job);
  r->job = job;
  r->out = &out;
  reg_job_run(job, n_row_blocks(&out) * out.dim[2], reduce_task, r);
  *ret = out;
  return ITV_OK;
}

/* ---- [1 2 1]/4 along each axis; the outermost voxels stay ---------------- */

static void
smooth_row(float *row, int n)
{
  float before = row[0];
  for (int x = 1; x < n - 1; x++) {
    float here = row[x];
    row[x] = 0.25f * (before + row[x + 1]) + 0.5f * here;
    before = here;
  }
}

/* Along an axis of n voxels `stride` apart, for `width` neighbouring columns. */
static void
smooth_columns(float *p, int width, int n, size_t stride, float *before, float *here)
{
  if (n < 3)
    return;
  memcpy(before, p, sizeof *p * (size_t)width);
  for (int i = 1; i < n - 1; i++) {
    float *row = p + (size_t)i * stride;
    const float *next = row + stride;
    memcpy(here, row, sizeof *p * (size_t)width);
    for (int x = 0; x < width; x++)
      row[x] = 0.25f * (before[x] + next[x]) + 0.5f * here[x];
    float *swap = before;
    before = here;
    here = swap;
  }
}

enum { STRIPE = 512 };

static void
smooth_plane_task(void *ctx, int z)
{
  RegImage *image = ctx;
  float a[STRIPE], b[STRIPE];
  size_t nx = (size_t)image->dim[0];
  float *plane = image->voxel + (size_t)z * nx * (size_t)image->dim[1];
  for (int y = 0; y < image->dim[1]; y++)
    smooth_row(plane + (size_t)y * nx, image->dim[0]);
  for (int x = 0; x < image->dim[0]; x += STRIPE) {
    int width = image->dim[0] - x < STRIPE ? image->dim[0] - x : STRIPE;
    smooth_columns(plane + x, width, image->dim[1], nx, a, b);
  }
}

static void
smooth_depth_task(void *ctx, int y)
{
  RegImage *image = ctx;
  float a[STRIPE], b[STRIPE];
  size_t nx = (size_t)image->dim[0];
  for (int x = 0; x < image->dim[0]; x += STRIPE) {
    int width = image->dim[0] - x < STRIPE ? image->dim[0] - x : STRIPE;
    smooth_columns(image->voxel + (size_t)y * nx + (size_t)x, width, image->dim[2],
                   nx * (size_t)image->dim[1], a, b);
  }
}

/* Thick slices have been smoothed across by the scanner, and more of it would
 * only set them apart from a study with thin ones. */
static void
smooth(const RegJob *job, RegImage *image, double level_mm)
{
  reg_job_run(job, image->dim[2], smooth_plane_task, image);
  if (image->spacing_mm[2] < 1.8 * level_mm)
    reg_job_run(job, image->dim[1], smooth_depth_task, image);
}

/* ---- levels --------------------------------------------------------------- */

static void
choose_factors(const int dim[3], const double spacing_mm[3], double target_mm, int ret[3])
{
  for (int i = 0; i < 3; i++) {
    int f = (int)fmin(floor(target_mm / spacing_mm[i] + 0.5), 64);
    while (f > 1 && dim[i] / f < 8)
      f--;
    ret[i] = f < 1 ? 1 : f;
  }
}

/* Scanners fill what lies outside the circle of reconstruction with a value
 * below any in the patient, often -2000 or -3024.  Air is -1000 HU, and no
 * noise takes a voxel to -1200 HU; other modalities have no such values. */
static float
lowest_stored(const itv_volume *v)
{
  static const double LOWEST_HU = -1200;
  return v->slope > 0 ? (float)((LOWEST_HU - v->intercept) / v->slope) : -INFINITY;
}

static itv_status
first_level(const RegJob *job, const itv_volume *v, const RegAffine *index_to_mm, double fine_mm,
            RegImage *ret)
{
  Reduction r = {.pixel = v->pixel,
                 .slope = (float)v->slope,
                 .intercept = (float)v->intercept,
                 .lowest = lowest_stored(v),
                 .data = v->data};
  for (int i = 0; i < 3; i++)
    r.dim[i] = v->dim[i];
  choose_factors(r.dim, v->spacing_mm, fine_mm, r.factor);
  return reduce(job, &r, index_to_mm, v->spacing_mm, ret);
}

static itv_status
next_level(const RegJob *job, const RegImage *from, double target_mm, RegImage *ret)
{
  Reduction r = {.pixel = ITV_PIX_F32, .slope = 1, .data = from->voxel};
  memcpy(r.dim, from->dim, sizeof r.dim);
  choose_factors(r.dim, from->spacing_mm, target_mm, r.factor);
  return reduce(job, &r, &from->index_to_mm, from->spacing_mm, ret);
}

itv_status
reg_pyramid_build(const RegJob *job, const itv_volume *volume, const RegAffine *index_to_mm,
                  double fine_mm, int n_levels, void (*prepare)(RegImage *finest), RegPyramid *ret)
{
  RegPyramid p = {0};
  itv_status status = first_level(job, volume, index_to_mm, fine_mm, &p.level[0]);
  if (status == ITV_OK && prepare)
    prepare(&p.level[0]);
  while (status == ITV_OK && ++p.n_levels < n_levels)
    status =
        next_level(job, &p.level[p.n_levels - 1], ldexp(fine_mm, p.n_levels), &p.level[p.n_levels]);
  if (status == ITV_OK && reg_job_cancelled(job))
    status = ITV_ERR_CANCELLED;
  if (status != ITV_OK) {
    reg_pyramid_clear(&p);
    return status;
  }
  for (int i = n_levels > 1 ? 1 : 0; i < n_levels; i++)
    smooth(job, &p.level[i], ldexp(fine_mm, i));
  p.finest_mm = fine_mm;
  *ret = p;
  return ITV_OK;
}

void
reg_pyramid_smooth_finest(const RegJob *job, RegPyramid *pyramid)
{
  if (pyramid->n_levels > 1)
    smooth(job, &pyramid->level[0], pyramid->finest_mm);
}

void
reg_pyramid_clear(RegPyramid *pyramid)
{
  for (int i = 0; i < REG_MAX_LEVELS; i++)
    free(pyramid->level[i].voxel);
  memset(pyramid, 0, sizeof *pyramid);
}

float
reg_select(float *v, int n, int k)
{
  int low = 0, high = n - 1;
  while (low < high) {
    float pivot = v[low + (high - low) / 2];
    int i = low, j = high;
    while (i <= j) {
      while (v[i] < pivot)
        i++;
      while (v[j] > pivot)
        j--;
      if (i <= j) {
        float swap = v[i];
        v[i++] = v[j];
        v[j--] = swap;
      }
    }
    if (k <= j)
      high = j;
    else if (k >= i)
      low = i;
    else
      break;
  }
  return v[k];
}

bool
reg_image_statistics(const RegImage *image, RegStatistics *ret)
{
  enum { WANTED = 32768 };
  size_t count = reg_image_count(image), stride = count / WANTED + 1, n = 0;
  float *values = malloc(sizeof *values * (count / stride + 1));
  double sum = 0, sum2 = 0;
  if (!values)
    return false;
  for (size_t i = 0; i < count; i += stride)
    if (isfinite(image->voxel[i]))
      values[n++] = image->voxel[i];
  for (size_t i = 0; i < n; i++)
    sum += values[i];
  for (size_t i = 0; i < n; i++)
    sum2 += (values[i] - sum / (double)n) * (values[i] - sum / (double)n);
  if (n) {
    *ret = (RegStatistics){.mean = sum / (double)n,
                           .deviation = sqrt(sum2 / (double)n),
                           .low = reg_select(values, (int)n, (int)(n / 200)),
                           .high = reg_select(values, (int)n, (int)(n - 1 - n / 200))};
  }
  free(values);
  return n > 0;
}

void
reg_image_mass_centre(const RegImage *image, double ret_mm[3])
{
  double mass = 0, index[3] = {0};
  const float *p = image->voxel;
  RegStatistics range = {0};
  reg_image_statistics(image, &range);
  for (int z = 0; z < image->dim[2]; z++)
    for (int y = 0; y < image->dim[1]; y++)
      for (int x = 0; x < image->dim[0]; x++, p++) {
        double m = fmin((double)*p, range.high) - range.low;
        if (isnan(*p) || m <= 0)
          continue;
        mass += m;
        index[0] += m * x;
        index[1] += m * y;
        index[2] += m * z;
      }
  for (int i = 0; i < 3; i++)
    index[i] = mass > 0 ? index[i] / mass : (image->dim[i] - 1) * 0.5;
  reg_affine_apply(&image->index_to_mm, index, ret_mm);
}
