/* SPDX-License-Identifier: Apache-2.0 */
#include "warp.h"

#include <math.h>

RegWarp
reg_warp_new(const RegImage *image, const RegAffine *mm_to_moving_mm, double margin_voxels)
{
  RegAffine to_index = reg_affine_compose(&image->mm_to_index, mm_to_moving_mm);
  RegWarp w = {.voxel = image->voxel};
  for (int i = 0; i < 3; i++) {
    double margin = fmin(margin_voxels, (image->dim[i] - 1) / 16);
    w.dim[i] = image->dim[i];
    w.low[i] = (float)margin;
    w.high[i] = (float)(image->dim[i] - 1 - margin);
    for (int j = 0; j < 4; j++)
      w.row[i][j] = (float)to_index.m[i][j];
  }
  return w;
}

/* The lower neighbour's index; the last voxel belongs to the cell before it. */
static inline int
cell_of(float u, int n)
{
  int i = (int)u;
  return i < n - 2 ? i : n - 2;
}

static void
warp_plane(const RegWarp *w, int n, const float *x, const float *y, float *ret)
{
  const float *restrict q = w->voxel;
  int nx = w->dim[0];
  const float *a = w->row[0], *b = w->row[1];
  for (int i = 0; i < n; i++) {
    float u = a[0] * x[i] + a[1] * y[i] + a[3];
    float v = b[0] * x[i] + b[1] * y[i] + b[3];
    int inside = (u >= w->low[0]) & (u <= w->high[0]) & (v >= w->low[1]) & (v <= w->high[1]);
    u = inside ? u : 0;
    v = inside ? v : 0;
    int iu = cell_of(u, nx), iv = cell_of(v, w->dim[1]);
    u -= (float)iu;
    v -= (float)iv;
    int o = iv * nx + iu;
    float c0 = q[o] + u * (q[o + 1] - q[o]);
    float c1 = q[o + nx] + u * (q[o + nx + 1] - q[o + nx]);
    float m = c0 + v * (c1 - c0);
    ret[i] = inside ? m : NAN;
  }
}

static void
warp_space(const RegWarp *w, int n, const float *x, const float *y, const float *z, float *ret)
{
  const float *restrict q = w->voxel;
  int nx = w->dim[0], plane = nx * w->dim[1];
  const float *a = w->row[0], *b = w->row[1], *c = w->row[2];
  for (int i = 0; i < n; i++) {
    float u = a[0] * x[i] + a[1] * y[i] + a[2] * z[i] + a[3];
    float v = b[0] * x[i] + b[1] * y[i] + b[2] * z[i] + b[3];
    float t = c[0] * x[i] + c[1] * y[i] + c[2] * z[i] + c[3];
    int inside = (u >= w->low[0]) & (u <= w->high[0]) & (v >= w->low[1]) & (v <= w->high[1]) &
                 (t >= w->low[2]) & (t <= w->high[2]);
    u = inside ? u : 0;
    v = inside ? v : 0;
    t = inside ? t : 0;
    int iu = cell_of(u, nx), iv = cell_of(v, w->dim[1]), it = cell_of(t, w->dim[2]);
    u -= (float)iu;
    v -= (float)iv;
    t -= (float)it;
    const float *p = q + (it * plane + iv * nx + iu);
    float c00 = p[0] + u * (p[1] - p[0]);
    float c10 = p[nx] + u * (p[nx + 1] - p[nx]);
    float c01 = p[plane] + u * (p[plane + 1] - p[plane]);
    float c11 = p[plane + nx] + u * (p[plane + nx + 1] - p[plane + nx]);
    float c0 = c00 + v * (c10 - c00), c1 = c01 + v * (c11 - c01);
    float m = c0 + t * (c1 - c0);
    ret[i] = inside ? m : NAN;
  }
}

void
reg_warp_run(const RegWarp *warp, int n, const float *x_mm, const float *y_mm, const float *z_mm,
             float *ret)
{
  if (warp->dim[2] > 1)
    warp_space(warp, n, x_mm, y_mm, z_mm, ret);
  else
    warp_plane(warp, n, x_mm, y_mm, ret);
}

double
reg_dot(int n, const float *a, const float *b)
{
  enum { LANES = 16 };
  float lane[LANES] = {0};
  int i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int k = 0; k < LANES; k++)
      lane[k] += a[i + k] * b[i + k];
  double sum = 0;
  for (int k = 0; k < LANES; k++)
    sum += (double)lane[k];
  for (; i < n; i++)
    sum += (double)a[i] * (double)b[i];
  return sum;
}
