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
cell_of(float u, int last)
{
  int i = (int)u;
  return i < last ? i : last;
}

/* The bodies are inlined into one function per instruction set: AVX2 gathers
 * eight neighbours at once. */
static inline __attribute__((always_inline)) void
warp_plane(const RegWarp *w, int n, const float *restrict x, const float *restrict y,
           float *restrict ret)
{
  const float *restrict q = w->voxel;
  const int nx = w->dim[0], last_u = w->dim[0] - 2, last_v = w->dim[1] - 2;
  const float a0 = w->row[0][0], a1 = w->row[0][1], a3 = w->row[0][3];
  const float b0 = w->row[1][0], b1 = w->row[1][1], b3 = w->row[1][3];
  const float u0 = w->low[0], u1 = w->high[0], v0 = w->low[1], v1 = w->high[1];
  for (int i = 0; i < n; i++) {
    float u = a0 * x[i] + a1 * y[i] + a3;
    float v = b0 * x[i] + b1 * y[i] + b3;
    int inside = (u >= u0) & (u <= u1) & (v >= v0) & (v <= v1);
    u = inside ? u : 0;
    v = inside ? v : 0;
    int iu = cell_of(u, last_u), iv = cell_of(v, last_v);
    u -= (float)iu;
    v -= (float)iv;
    int o = iv * nx + iu;
    float c0 = q[o] + u * (q[o + 1] - q[o]);
    float c1 = q[o + nx] + u * (q[o + nx + 1] - q[o + nx]);
    float m = c0 + v * (c1 - c0);
    ret[i] = inside ? m : NAN;
  }
}

static inline __attribute__((always_inline)) void
warp_space(const RegWarp *w, int n, const float *restrict x, const float *restrict y,
           const float *restrict z, float *restrict ret)
{
  const float *restrict q = w->voxel;
  const int nx = w->dim[0], plane = nx * w->dim[1];
  const int last_u = w->dim[0] - 2, last_v = w->dim[1] - 2, last_t = w->dim[2] - 2;
  const float a0 = w->row[0][0], a1 = w->row[0][1], a2 = w->row[0][2], a3 = w->row[0][3];
  const float b0 = w->row[1][0], b1 = w->row[1][1], b2 = w->row[1][2], b3 = w->row[1][3];
  const float c0 = w->row[2][0], c1 = w->row[2][1], c2 = w->row[2][2], c3 = w->row[2][3];
  const float u0 = w->low[0], u1 = w->high[0], v0 = w->low[1], v1 = w->high[1];
  const float t0 = w->low[2], t1 = w->high[2];
  for (int i = 0; i < n; i++) {
    float u = a0 * x[i] + a1 * y[i] + a2 * z[i] + a3;
    float v = b0 * x[i] + b1 * y[i] + b2 * z[i] + b3;
    float t = c0 * x[i] + c1 * y[i] + c2 * z[i] + c3;
    int inside = (u >= u0) & (u <= u1) & (v >= v0) & (v <= v1) & (t >= t0) & (t <= t1);
    u = inside ? u : 0;
    v = inside ? v : 0;
    t = inside ? t : 0;
    int iu = cell_of(u, last_u), iv = cell_of(v, last_v), it = cell_of(t, last_t);
    u -= (float)iu;
    v -= (float)iv;
    t -= (float)it;
    int o = it * plane + iv * nx + iu, r = o + plane;
    float d00 = q[o] + u * (q[o + 1] - q[o]);
    float d10 = q[o + nx] + u * (q[o + nx + 1] - q[o + nx]);
    float d01 = q[r] + u * (q[r + 1] - q[r]);
    float d11 = q[r + nx] + u * (q[r + nx + 1] - q[r + nx]);
    float d0 = d00 + v * (d10 - d00), d1 = d01 + v * (d11 - d01);
    float m = d0 + t * (d1 - d0);
    ret[i] = inside ? m : NAN;
  }
}

static inline __attribute__((always_inline)) double
dot_lanes(int n, const float *a, const float *b)
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

static inline __attribute__((always_inline)) void
warp(const RegWarp *w, int n, const float *x, const float *y, const float *z, float *ret)
{
  if (w->dim[2] > 1)
    warp_space(w, n, x, y, z, ret);
  else
    warp_plane(w, n, x, y, ret);
}

#if defined(__x86_64__) && defined(__GNUC__)
static __attribute__((target("avx2,fma"))) void
warp_avx2(const RegWarp *w, int n, const float *x, const float *y, const float *z, float *ret)
{
  warp(w, n, x, y, z, ret);
}

static __attribute__((target("avx2,fma"))) double
dot_avx2(int n, const float *a, const float *b)
{
  return dot_lanes(n, a, b);
}

static bool
has_avx2(void)
{
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#else
#define warp_avx2 warp
#define dot_avx2 dot_lanes

static bool
has_avx2(void)
{
  return false;
}
#endif

void
reg_warp_run(const RegWarp *w, int n, const float *x_mm, const float *y_mm, const float *z_mm,
             float *ret)
{
  if (has_avx2())
    warp_avx2(w, n, x_mm, y_mm, z_mm, ret);
  else
    warp(w, n, x_mm, y_mm, z_mm, ret);
}

double
reg_dot(int n, const float *a, const float *b)
{
  return has_avx2() ? dot_avx2(n, a, b) : dot_lanes(n, a, b);
}
