/* SPDX-License-Identifier: Apache-2.0 */
#include "detail.h"

#include <math.h>
#include <stdlib.h>

#include "overlay.h"
#include "warp.h"

enum { BLOCK_EDGE = 9, STEP = 2, MIN_BLOCK_VOXELS = 24, MAX_BLOCK_VOXELS = 1024 };

typedef struct {
  double variance;   /* of the fixed image in the block; -1: too little data */
  double ncc;        /* in place */
  double nearby_ncc; /* the best in place or a step away */
  bool in_place;     /* no step away matches better */
} BlockMatch;

typedef struct {
  int n;
  float x[MAX_BLOCK_VOXELS], y[MAX_BLOCK_VOXELS], z[MAX_BLOCK_VOXELS]; /* mm */
  float value[MAX_BLOCK_VOXELS];
} Points;

typedef struct {
  const RegImage *fixed;
  RegWarp warp;
  bool mapped;
  int edge[3], n_blocks[3];
  double shift_mm;
  BlockMatch *match;
} Blocks;

static void
gather_block(const Blocks *b, const int first[3], Points *p)
{
  const RegImage *im = b->fixed;
  for (int k = first[2]; k < first[2] + b->edge[2]; k++)
    for (int j = first[1]; j < first[1] + b->edge[1]; j++)
      for (int i = first[0]; i < first[0] + b->edge[0]; i++, p->n++) {
        double at_mm[3];
        reg_affine_apply(&im->index_to_mm, (const double[]){i, j, k}, at_mm);
        p->x[p->n] = (float)at_mm[0];
        p->y[p->n] = (float)at_mm[1];
        p->z[p->n] = (float)at_mm[2];
        p->value[p->n] =
            im->voxel[((size_t)k * (size_t)im->dim[1] + (size_t)j) * (size_t)im->dim[0] +
                      (size_t)i];
      }
}

/* NCC of the block with the moving image beneath it, displaced by `shift_mm` in
 * the fixed frame; -2 when too little of it has data. */
static double
match_at(const Blocks *b, const Points *p, const double shift_mm[3])
{
  float x[MAX_BLOCK_VOXELS] = {0}, y[MAX_BLOCK_VOXELS] = {0}, z[MAX_BLOCK_VOXELS] = {0};
  float f[MAX_BLOCK_VOXELS], m[MAX_BLOCK_VOXELS];
  int kept = 0;
  for (int i = 0; i < p->n; i++) {
    x[i] = p->x[i] + (float)shift_mm[0];
    y[i] = p->y[i] + (float)shift_mm[1];
    z[i] = p->z[i] + (float)shift_mm[2];
  }
  reg_warp_run(&b->warp, p->n, x, y, z, m);
  for (int i = 0; i < p->n; i++)
    if (!isnan(p->value[i]) && !isnan(m[i])) {
      f[kept] = p->value[i];
      m[kept++] = m[i];
    }
  if (2 * kept < p->n)
    return -2;
  RegOverlay o = {.n = kept, .n_grid = p->n, .fixed = f, .moving = m};
  double ncc = reg_overlay_ncc(&o);
  return b->mapped ? fabs(ncc) : ncc;
}

/* Of the voxels that hold data; -1 when that is not most of them. */
static double
variance_of(const Points *p)
{
  double mean = 0, variance = 0;
  int n = 0;
  for (int i = 0; i < p->n; i++)
    if (!isnan(p->value[i])) {
      mean += (double)p->value[i];
      n++;
    }
  if (2 * n < p->n)
    return -1;
  mean /= n;
  for (int i = 0; i < p->n; i++)
    if (!isnan(p->value[i]))
      variance += ((double)p->value[i] - mean) * ((double)p->value[i] - mean) / n;
  return variance;
}

static void
block_task(void *ctx, int block)
{
  Blocks *b = ctx;
  Points p = {0};
  const RegImage *im = b->fixed;
  const int first[3] = {block % b->n_blocks[0] * b->edge[0],
                        block / b->n_blocks[0] % b->n_blocks[1] * b->edge[1],
                        block / b->n_blocks[0] / b->n_blocks[1] * b->edge[2]};
  gather_block(b, first, &p);
  BlockMatch match = {.variance = -1, .in_place = true};
  match.ncc = match.nearby_ncc = match_at(b, &p, (const double[]){0, 0, 0});
  double variance = variance_of(&p);
  if (variance > 0 && match.ncc > -2)
    match.variance = variance;
  for (int axis = 0; match.variance > 0 && axis < 3; axis++)
    for (int sign = -1; b->edge[axis] > 1 && sign <= 1; sign += 2) {
      double shift_mm[3];
      for (int i = 0; i < 3; i++)
        shift_mm[i] = sign * b->shift_mm / im->spacing_mm[axis] * im->index_to_mm.m[i][axis];
      double ncc = match_at(b, &p, shift_mm);
      match.in_place = match.in_place && ncc <= match.ncc;
      match.nearby_ncc = fmax(match.nearby_ncc, ncc);
    }
  b->match[block] = match;
}

static int
compare_doubles(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Twice the variance of blocks that hold next to nothing: the first decile. */
static double
noise_of(const BlockMatch *match, int n, double *scratch)
{
  int n_valid = 0;
  for (int i = 0; i < n; i++)
    if (match[i].variance > 0)
      scratch[n_valid++] = match[i].variance;
  qsort(scratch, (size_t)n_valid, sizeof *scratch, compare_doubles);
  return n_valid ? 2 * scratch[n_valid / 10] : 0;
}

/* Means over the blocks.  A block's weight grows with its variance and levels
 * off where that exceeds (a fifth of the image's deviation)^2, so that the
 * outline, however bright, does not outvote the structures within. */
static itv_status
summarise(const RegJob *job, const Blocks *b, int n, RegDetail *ret)
{
  RegStatistics image;
  double *scratch = malloc(sizeof *scratch * (size_t)n);
  if (!scratch)
    return reg_job_out_of_memory(job);
  double noise = noise_of(b->match, n, scratch), weights = 0, nearby = 0, in_place = 0;
  free(scratch);
  if (!reg_image_statistics(b->fixed, &image))
    return ITV_OK;
  double level = 0.04 * image.deviation * image.deviation;
  for (int i = 0; i < n; i++) {
    double excess = b->match[i].variance - noise;
    if (!(excess > 0))
      continue;
    double weight = excess / (excess + level);
    weights += weight;
    nearby += weight * b->match[i].nearby_ncc;
    in_place += weight * b->match[i].in_place;
  }
  if (weights > 0)
    *ret = (RegDetail){nearby / weights, in_place / weights, b->shift_mm};
  return ITV_OK;
}

itv_status
reg_detail_measure(const RegJob *job, const RegImage *fixed, const RegImage *moving,
                   const RegAffine *transform, bool mapped, RegDetail *ret)
{
  int n = 1;
  Blocks b = {.fixed = fixed, .warp = reg_warp_new(moving, transform, 0), .mapped = mapped};
  double finest_mm = fmin(fixed->spacing_mm[0], fmin(fixed->spacing_mm[1], fixed->spacing_mm[2]));
  if (fixed->dim[2] == 1)
    finest_mm = fmin(fixed->spacing_mm[0], fixed->spacing_mm[1]);
  for (int i = 0; i < 3; i++) {
    int edge = (int)(BLOCK_EDGE * finest_mm / fixed->spacing_mm[i] + 0.5);
    b.edge[i] = edge < 1 || fixed->dim[i] == 1 ? 1 : edge > fixed->dim[i] ? fixed->dim[i] : edge;
    b.n_blocks[i] = fixed->dim[i] / b.edge[i];
    n *= b.n_blocks[i];
  }
  *ret = (RegDetail){0};
  if (b.edge[0] * b.edge[1] * b.edge[2] < MIN_BLOCK_VOXELS)
    return ITV_OK;
  b.shift_mm = STEP * finest_mm;
  b.match = malloc(sizeof *b.match * (size_t)n);
  if (!b.match)
    return reg_job_out_of_memory(job);
  reg_job_run(job, n, block_task, &b);
  itv_status status = summarise(job, &b, n, ret);
  free(b.match);
  return status;
}
