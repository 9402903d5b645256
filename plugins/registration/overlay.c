/* SPDX-License-Identifier: Apache-2.0 */
#include "overlay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "intensity.h"
#include "warp.h"

enum { NMI_BINS = 32 };

/* Every n-th voxel along each axis, so that about `wanted` remain. */
static void
choose_strides(const RegImage *image, int wanted, int ret[3])
{
  double per_axis = image->dim[2] > 1 ? 3 : 2, edge_mm;
  double volume = 1;
  for (int i = 0; i < per_axis; i++)
    volume *= image->dim[i] * image->spacing_mm[i];
  edge_mm = pow(volume / wanted, 1 / per_axis);
  for (int i = 0; i < 3; i++) {
    int stride = (int)(edge_mm / image->spacing_mm[i] + 0.5);
    ret[i] = stride < 1 ? 1 : stride > image->dim[i] ? image->dim[i] : stride;
  }
}

/* Warps one row of grid points and keeps the pairs. */
static void
add_row(const RegImage *fixed, const RegWarp *warp, const int stride[3], int y, int z,
        RegOverlay *o, float *scratch)
{
  int n = 0, nx = fixed->dim[0], room = nx / stride[0] + 1;
  float *x_mm = scratch, *y_mm = x_mm + room, *z_mm = y_mm + room, *moving = z_mm + room;
  const float *row =
      fixed->voxel + ((size_t)z * (size_t)fixed->dim[1] + (size_t)y) * (size_t)fixed->dim[0];
  for (int x = stride[0] / 2; x < nx; x += stride[0], n++) {
    double at_mm[3];
    reg_affine_apply(&fixed->index_to_mm, (const double[]){x, y, z}, at_mm);
    x_mm[n] = (float)at_mm[0];
    y_mm[n] = (float)at_mm[1];
    z_mm[n] = (float)at_mm[2];
  }
  reg_warp_run(warp, n, x_mm, y_mm, z_mm, moving);
  for (int i = 0; i < n; i++) {
    float f = row[stride[0] / 2 + i * stride[0]];
    o->n_grid += !isnan(f);
    if (isnan(f) || isnan(moving[i]))
      continue;
    o->fixed[o->n] = f;
    o->moving[o->n++] = moving[i];
  }
}

itv_status
reg_overlay_new(const RegJob *job, const RegImage *fixed, const RegImage *moving,
                const RegAffine *transform, int wanted, RegOverlay *ret)
{
  int stride[3];
  size_t room = 1;
  choose_strides(fixed, wanted, stride);
  for (int i = 0; i < 3; i++)
    room *= (size_t)(fixed->dim[i] / stride[i] + 1);
  RegOverlay o = {.fixed = malloc(sizeof *o.fixed * 2 * room)};
  float *scratch = malloc(sizeof *scratch * 4 * (size_t)(fixed->dim[0] / stride[0] + 1));
  if (!o.fixed || !scratch) {
    free(o.fixed);
    free(scratch);
    return reg_job_out_of_memory(job);
  }
  o.moving = o.fixed + room;
  RegWarp warp = reg_warp_new(moving, transform, 0);
  for (int z = stride[2] / 2; z < fixed->dim[2]; z += stride[2])
    for (int y = stride[1] / 2; y < fixed->dim[1]; y += stride[1])
      add_row(fixed, &warp, stride, y, z, &o, scratch);
  free(scratch);
  *ret = o;
  return ITV_OK;
}

void
reg_overlay_clear(RegOverlay *overlay)
{
  free(overlay->fixed);
  memset(overlay, 0, sizeof *overlay);
}

double
reg_overlay_share(const RegOverlay *o)
{
  return o->n_grid ? (double)o->n / o->n_grid : 0;
}

static double
mean_of(const float *v, int n)
{
  double sum = 0;
  for (int i = 0; i < n; i++)
    sum += (double)v[i];
  return n ? sum / n : 0;
}

double
reg_overlay_ncc(const RegOverlay *o)
{
  double mf = mean_of(o->fixed, o->n), mm = mean_of(o->moving, o->n);
  double ff = 0, mv = 0, fm = 0;
  for (int i = 0; i < o->n; i++) {
    double f = (double)o->fixed[i] - mf, m = (double)o->moving[i] - mm;
    ff += f * f;
    mv += m * m;
    fm += f * m;
  }
  double ncc = ff > 0 && mv > 0 ? fm / sqrt(ff * mv) : 0;
  return ncc > 1 ? 1 : ncc < -1 ? -1 : ncc;
}

static void
range_of(const float *v, int n, double *ret_low, double *ret_high)
{
  RegImage row = {.dim = {n, 1, 1}, .voxel = (float *)(uintptr_t)v};
  RegStatistics s = {0};
  reg_image_statistics(&row, &s);
  *ret_low = s.low;
  *ret_high = s.high;
}

/* E[to | from]. */
static RegIntensityMap
map_between(const float *from, const float *to, int n)
{
  RegIntensityMap map;
  RegMapSums sums = {0};
  double low, high;
  range_of(from, n, &low, &high);
  reg_map_set_range(&map, low, high);
  reg_map_add(&map, n, from, to, NULL, &sums);
  reg_map_finish(&map, &sums, mean_of(to, n));
  return map;
}

double
reg_overlay_ratio(const RegOverlay *o, bool swapped)
{
  const float *to = swapped ? o->moving : o->fixed, *from = swapped ? o->fixed : o->moving;
  RegIntensityMap map = map_between(from, to, o->n);
  double mean = mean_of(to, o->n), within = 0, total = 0;
  for (int i = 0; i < o->n; i++) {
    double e = (double)(reg_map_value(&map, from[i]) - to[i]), d = (double)to[i] - mean;
    within += e * e;
    total += d * d;
  }
  return total > 0 ? fmax(0, 1 - within / total) : 0;
}

void
reg_overlay_map(RegOverlay *o)
{
  RegIntensityMap map = map_between(o->moving, o->fixed, o->n);
  for (int i = 0; i < o->n; i++)
    o->moving[i] = reg_map_value(&map, o->moving[i]);
}

static int
bin_of(float v, double low, double high)
{
  if (!(high > low))
    return 0;
  double at = ((double)v - low) / (high - low) * NMI_BINS;
  return at < 0 ? 0 : at >= NMI_BINS ? NMI_BINS - 1 : (int)at;
}

static double
entropy(const double *count, int n_bins, double total)
{
  double h = 0;
  for (int i = 0; i < n_bins; i++)
    if (count[i] > 0)
      h -= count[i] / total * log(count[i] / total);
  return h;
}

double
reg_overlay_nmi(const RegOverlay *o)
{
  double both[NMI_BINS * NMI_BINS] = {0}, f[NMI_BINS] = {0}, m[NMI_BINS] = {0};
  double f_low, f_high, m_low, m_high;
  if (o->n < 2)
    return 1;
  range_of(o->fixed, o->n, &f_low, &f_high);
  range_of(o->moving, o->n, &m_low, &m_high);
  for (int i = 0; i < o->n; i++) {
    int a = bin_of(o->fixed[i], f_low, f_high), b = bin_of(o->moving[i], m_low, m_high);
    both[a * NMI_BINS + b]++;
    f[a]++;
    m[b]++;
  }
  double joint = entropy(both, NMI_BINS * NMI_BINS, o->n);
  return joint > 0 ? (entropy(f, NMI_BINS, o->n) + entropy(m, NMI_BINS, o->n)) / joint : 1;
}
