/* SPDX-License-Identifier: Apache-2.0 */
#include "render/resample.h"

#include <math.h>
#include <string.h>

/* A plane larger than this is nobody's screen. */
#define MAX_SIDE 8192

void
itv_plane_free(ItvPlane *plane)
{
  if (!plane)
    return;
  g_free(plane->value);
  g_free(plane->inside);
  g_free(plane);
}

static gboolean compose(const itv_volume *volume, const double *matrix, double ret_affine[12]);

/* Everything that is read later is checked here, once. */
gboolean
itv_sampler_init(ItvSampler *ret_sampler, const itv_volume *v, const ItvSpatialMap *map)
{
  static const guint bytes[] = {0, 2, 4, 1};
  if (!v || !v->data || v->pixel < ITV_PIX_I16 || v->pixel > ITV_PIX_U8)
    return FALSE;
  for (int i = 0; i < 3; i++)
    if (v->dim[i] < 1 || v->dim[i] > 65536 || !(v->spacing_mm[i] > 0))
      return FALSE;
  guint64 n = (guint64)v->dim[0] * (guint64)v->dim[1] * (guint64)v->dim[2];
  ItvSampler sampler = {
      .volume = v, .stride_y = v->dim[0], .stride_z = (gint64)v->dim[0] * v->dim[1]};
  if (n > v->data_size / bytes[v->pixel] || !compose(v, map ? map->matrix : NULL, sampler.affine))
    return FALSE;
  sampler.map = map && map->displacement[0] ? map : NULL;
  *ret_sampler = sampler;
  return TRUE;
}

static inline double
stored(const ItvSampler *r, int i, int j, int k)
{
  gint64 at = i + j * r->stride_y + k * r->stride_z;
  switch (r->volume->pixel) {
  case ITV_PIX_I16:
    return ((const gint16 *)r->volume->data)[at];
  case ITV_PIX_F32:
    return ((const float *)r->volume->data)[at];
  default:
    return ((const guint8 *)r->volume->data)[at];
  }
}

/* Neighbours and weight along one axis; FALSE more than half a voxel outside. */
static inline gboolean
axis_at(double x, int n, int *lo, int *hi, double *weight)
{
  if (!(x >= -0.5 - 1e-9 && x <= n - 0.5 + 1e-9))
    return FALSE;
  x = CLAMP(x, 0.0, n - 1.0);
  *lo = (int)x;
  *hi = MIN(*lo + 1, n - 1);
  *weight = x - *lo;
  return TRUE;
}

static inline double
mix(double a, double b, double w)
{
  /* A neighbour of weight 0 must not count: it may be NaN. */
  return w > 0 ? a + w * (b - a) : a;
}

static gboolean
sample(const ItvSampler *r, const double index[3], double *ret_value)
{
  const int32_t *dim = r->volume->dim;
  int x0, x1, y0, y1, z0, z1;
  double wx, wy, wz;
  double k = dim[2] == 1 && !(r->volume->flags & ITV_VOL_ORIENTED) ? 0 : index[2];
  if (!axis_at(index[0], dim[0], &x0, &x1, &wx) || !axis_at(index[1], dim[1], &y0, &y1, &wy) ||
      !axis_at(k, dim[2], &z0, &z1, &wz))
    return FALSE;
  double a = mix(mix(stored(r, x0, y0, z0), stored(r, x1, y0, z0), wx),
                 mix(stored(r, x0, y1, z0), stored(r, x1, y1, z0), wx), wy);
  if (wz > 0) {
    double b = mix(mix(stored(r, x0, y0, z1), stored(r, x1, y0, z1), wx),
                   mix(stored(r, x0, y1, z1), stored(r, x1, y1, z1), wx), wy);
    a = mix(a, b, wz);
  }
  double value = r->volume->slope * a + r->volume->intercept;
  if (!isfinite(value))
    return FALSE;
  *ret_value = value;
  return TRUE;
}

void
itv_volume_index_to_mm(const itv_volume *volume, double ret_matrix[12])
{
  gboolean oriented = (volume->flags & ITV_VOL_ORIENTED) != 0;
  for (int row = 0; row < 3; row++) {
    for (int col = 0; col < 3; col++) {
      double d = oriented ? volume->direction[row * 3 + col] : row == col;
      ret_matrix[row * 4 + col] = d * volume->spacing_mm[col];
    }
    ret_matrix[row * 4 + 3] = oriented ? volume->origin_mm[row] : 0;
  }
}

gboolean
itv_volume_mm_to_index(const itv_volume *volume, double ret_matrix[12])
{
  double m[12];
  itv_volume_index_to_mm(volume, m);
  double c00 = m[5] * m[10] - m[6] * m[9], c01 = m[6] * m[8] - m[4] * m[10],
         c02 = m[4] * m[9] - m[5] * m[8];
  double det = m[0] * c00 + m[1] * c01 + m[2] * c02;
  double size = volume->spacing_mm[0] * volume->spacing_mm[1] * volume->spacing_mm[2];
  if (!(fabs(det) > 1e-6 * size))
    return FALSE;
  double r[9] = {c00, m[2] * m[9] - m[1] * m[10], m[1] * m[6] - m[2] * m[5],
                 c01, m[0] * m[10] - m[2] * m[8], m[2] * m[4] - m[0] * m[6],
                 c02, m[1] * m[8] - m[0] * m[9],  m[0] * m[5] - m[1] * m[4]};
  for (int row = 0; row < 3; row++) {
    double shift = 0;
    for (int col = 0; col < 3; col++) {
      ret_matrix[row * 4 + col] = r[row * 3 + col] / det;
      shift += r[row * 3 + col] / det * m[col * 4 + 3];
    }
    ret_matrix[row * 4 + 3] = -shift;
  }
  return TRUE;
}

/* mm of the grid to index of the volume, through `matrix`. */
static gboolean
compose(const itv_volume *volume, const double *matrix, double ret_affine[12])
{
  double to_index[12];
  if (!itv_volume_mm_to_index(volume, to_index))
    return FALSE;
  if (!matrix) {
    memcpy(ret_affine, to_index, sizeof to_index);
    return TRUE;
  }
  for (int row = 0; row < 3; row++)
    for (int col = 0; col < 4; col++) {
      double sum = col == 3 ? to_index[row * 4 + 3] : 0;
      for (int i = 0; i < 3; i++)
        sum += to_index[row * 4 + i] * matrix[i * 4 + col];
      ret_affine[row * 4 + col] = sum;
    }
  return TRUE;
}

static void
transform(const double affine[12], const double at[3], double ret_index[3])
{
  for (int row = 0; row < 3; row++)
    ret_index[row] = affine[row * 4] * at[0] + affine[row * 4 + 1] * at[1] +
                     affine[row * 4 + 2] * at[2] + affine[row * 4 + 3];
}

gboolean
itv_sampler_at(const ItvSampler *sampler, const double at_mm[3], double *ret_value)
{
  double at[3] = {at_mm[0], at_mm[1], at_mm[2]}, index[3];
  if (sampler->map)
    itv_spatial_map_displace(sampler->map, at);
  transform(sampler->affine, at, index);
  return sample(sampler, index, ret_value);
}

static void
fill(const ItvSampler *sampler, const ItvPlaneGrid *grid, float *value, guint8 *inside)
{
  for (int j = 0; j < grid->height; j++)
    for (int i = 0; i < grid->width; i++) {
      double at[3], v = 0;
      for (int c = 0; c < 3; c++)
        at[c] = grid->origin_mm[c] + i * grid->u_mm[c] + j * grid->v_mm[c];
      gsize o = (gsize)j * (gsize)grid->width + (gsize)i;
      inside[o] = itv_sampler_at(sampler, at, &v);
      value[o] = inside[o] ? (float)v : 0;
    }
}

ItvPlane *
itv_resample_plane(const itv_volume *volume, const ItvPlaneGrid *grid, const ItvSpatialMap *map)
{
  ItvPlaneGrid bounded = *grid;
  bounded.width = CLAMP(grid->width, 1, MAX_SIDE);
  bounded.height = CLAMP(grid->height, 1, MAX_SIDE);
  ItvPlane *plane = g_new0(ItvPlane, 1);
  plane->width = bounded.width;
  plane->height = bounded.height;
  plane->value = g_new0(float, (gsize)plane->width *(gsize)plane->height);
  plane->inside = g_new0(guint8, (gsize)plane->width * (gsize)plane->height);
  ItvSampler sampler;
  if (itv_sampler_init(&sampler, volume, map))
    fill(&sampler, &bounded, plane->value, plane->inside);
  return plane;
}

gboolean
itv_resample_volume(const itv_volume *fixed, const itv_volume *moving, const ItvSpatialMap *map,
                    float *ret_value, guint8 *ret_inside)
{
  ItvSampler sampler, target;
  double to_mm[12];
  if (!itv_sampler_init(&target, fixed, NULL) || !itv_sampler_init(&sampler, moving, map))
    return FALSE;
  itv_volume_index_to_mm(fixed, to_mm);
  gsize slice = (gsize)target.stride_z;
  for (int k = 0; k < fixed->dim[2]; k++) {
    ItvPlaneGrid grid = {.width = fixed->dim[0], .height = fixed->dim[1]};
    for (int c = 0; c < 3; c++) {
      grid.u_mm[c] = to_mm[c * 4];
      grid.v_mm[c] = to_mm[c * 4 + 1];
      grid.origin_mm[c] = to_mm[c * 4 + 3] + k * to_mm[c * 4 + 2];
    }
    fill(&sampler, &grid, ret_value + (gsize)k * slice, ret_inside + (gsize)k * slice);
  }
  return TRUE;
}

gboolean
itv_volume_sample(const itv_volume *volume, const double at_mm[3], double *ret_value)
{
  ItvSampler sampler;
  return itv_sampler_init(&sampler, volume, NULL) && itv_sampler_at(&sampler, at_mm, ret_value);
}
