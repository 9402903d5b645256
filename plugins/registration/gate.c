/* SPDX-License-Identifier: Apache-2.0 */
#include "gate.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overlay.h"
#include "warp.h"

enum { GRID_POINTS = 100000, BLOCK_EDGE = 9, MIN_BLOCK_VOXELS = 24, MAX_BLOCK_VOXELS = 1024 };

/* The finest level that is coarse enough to be free of most noise. */
static int
gate_level(const RegPair *pair)
{
  return pair->fixed.n_levels > 2 ? 1 : 0;
}

/* ---- agreement of small blocks ----------------------------------------------- */

typedef struct {
  double variance; /* of the fixed image in the block */
  double ncc;
} BlockMatch;

typedef struct {
  const RegImage *fixed;
  RegWarp warp;
  bool mapped;
  int edge[3], n_blocks[3];
  BlockMatch *match;
} Blocks;

/* Gathers one block's points and fixed values. */
static int
gather_block(const Blocks *b, const int first[3], float *x, float *y, float *z, float *f)
{
  int n = 0;
  const RegImage *im = b->fixed;
  for (int k = 0; k < b->edge[2]; k++)
    for (int j = 0; j < b->edge[1]; j++)
      for (int i = 0; i < b->edge[0]; i++, n++) {
        const double index[3] = {first[0] + i, first[1] + j, first[2] + k};
        double at_mm[3];
        reg_affine_apply(&im->index_to_mm, index, at_mm);
        x[n] = (float)at_mm[0];
        y[n] = (float)at_mm[1];
        z[n] = (float)at_mm[2];
        f[n] = im->voxel[((size_t)index[2] * (size_t)im->dim[1] + (size_t)index[1]) *
                             (size_t)im->dim[0] +
                         (size_t)index[0]];
      }
  return n;
}

static void
block_task(void *ctx, int block)
{
  Blocks *b = ctx;
  float x[MAX_BLOCK_VOXELS] = {0}, y[MAX_BLOCK_VOXELS] = {0}, z[MAX_BLOCK_VOXELS] = {0};
  float f[MAX_BLOCK_VOXELS], m[MAX_BLOCK_VOXELS];
  const int first[3] = {block % b->n_blocks[0] * b->edge[0],
                        block / b->n_blocks[0] % b->n_blocks[1] * b->edge[1],
                        block / b->n_blocks[0] / b->n_blocks[1] * b->edge[2]};
  int n = gather_block(b, first, x, y, z, f), kept = 0;
  reg_warp_run(&b->warp, n, x, y, z, m);
  for (int i = 0; i < n; i++)
    if (!isnan(f[i]) && !isnan(m[i])) {
      f[kept] = f[i];
      m[kept++] = m[i];
    }
  b->match[block] = (BlockMatch){-1, 0};
  if (kept < n * 3 / 4)
    return;
  RegOverlay o = {.n = kept, .n_grid = n, .fixed = f, .moving = m};
  double mean = 0, variance = 0;
  for (int i = 0; i < kept; i++)
    mean += (double)f[i] / kept;
  for (int i = 0; i < kept; i++)
    variance += ((double)f[i] - mean) * ((double)f[i] - mean) / kept;
  double ncc = reg_overlay_ncc(&o);
  b->match[block] = (BlockMatch){variance, b->mapped ? fabs(ncc) : ncc};
}

static int
compare_variance(const void *a, const void *b)
{
  const BlockMatch *x = a, *y = b;
  return (x->variance < y->variance) - (x->variance > y->variance);
}

static int
compare_ncc(const void *a, const void *b)
{
  const BlockMatch *x = a, *y = b;
  return (x->ncc > y->ncc) - (x->ncc < y->ncc);
}

/* The median over the third of the blocks that holds most structure. */
static double
median_match(BlockMatch *match, int n)
{
  int n_valid = 0;
  qsort(match, (size_t)n, sizeof *match, compare_variance);
  while (n_valid < n && match[n_valid].variance > 0)
    n_valid++;
  int n_kept = (n_valid + 2) / 3;
  if (!n_kept)
    return 0;
  qsort(match, (size_t)n_kept, sizeof *match, compare_ncc);
  return match[n_kept / 2].ncc;
}

static itv_status
measure_detail(const RegJob *job, const RegPair *pair, const RegAlignment *a, double *ret)
{
  int level = gate_level(pair), n = 1;
  const RegImage *fixed = &pair->fixed.level[level];
  Blocks b = {.fixed = fixed,
              .warp = reg_warp_new(&pair->moving.level[level], &a->transform, 0),
              .mapped = a->intensity == REG_MAPPED};
  double finest_mm = fmin(fixed->spacing_mm[0], fmin(fixed->spacing_mm[1], fixed->spacing_mm[2]));
  if (pair->plane)
    finest_mm = fmin(fixed->spacing_mm[0], fixed->spacing_mm[1]);
  for (int i = 0; i < 3; i++) {
    int edge = (int)(BLOCK_EDGE * finest_mm / fixed->spacing_mm[i] + 0.5);
    b.edge[i] = edge < 1 || fixed->dim[i] == 1 ? 1 : edge > fixed->dim[i] ? fixed->dim[i] : edge;
    b.n_blocks[i] = fixed->dim[i] / b.edge[i];
    n *= b.n_blocks[i];
  }
  *ret = 0;
  if (b.edge[0] * b.edge[1] * b.edge[2] < MIN_BLOCK_VOXELS)
    return ITV_OK;
  b.match = malloc(sizeof *b.match * (size_t)n);
  if (!b.match)
    return reg_job_out_of_memory(job);
  reg_job_run(job, n, block_task, &b);
  *ret = median_match(b.match, n);
  free(b.match);
  return ITV_OK;
}

/* ---- the whole overlap --------------------------------------------------------- */

static itv_status
measure_similarity(const RegJob *job, const RegPair *pair, const RegAffine *transform, bool mapped,
                   double *ret_ncc, double *ret_overlap)
{
  int level = gate_level(pair);
  RegOverlay o;
  itv_status status = reg_overlay_new(job, &pair->fixed.level[level], &pair->moving.level[level],
                                      transform, GRID_POINTS, &o);
  if (status != ITV_OK)
    return status;
  if (mapped && o.n > 1)
    reg_overlay_map(&o);
  *ret_ncc = reg_overlay_ncc(&o);
  *ret_overlap = reg_overlay_share(&o);
  reg_overlay_clear(&o);
  return ITV_OK;
}

static itv_status
measure_moving_overlap(const RegJob *job, const RegPair *pair, const RegAffine *transform,
                       double *ret)
{
  int level = gate_level(pair);
  RegAffine inverse;
  RegOverlay o;
  *ret = 0;
  if (!reg_affine_invert(transform, &inverse))
    return ITV_OK;
  itv_status status = reg_overlay_new(job, &pair->moving.level[level], &pair->fixed.level[level],
                                      &inverse, GRID_POINTS, &o);
  if (status != ITV_OK)
    return status;
  *ret = reg_overlay_share(&o);
  reg_overlay_clear(&o);
  return ITV_OK;
}

itv_status
reg_gate_measure(const RegJob *job, const RegPair *pair, const RegAlignment *a, RegEvidence *ret)
{
  RegEvidence e = {0};
  double ignored;
  bool mapped = a->intensity == REG_MAPPED;
  RegAffine unregistered = reg_pair_unregistered(pair);
  itv_status status =
      measure_similarity(job, pair, &unregistered, mapped, &e.similarity_before, &ignored);
  if (status == ITV_OK)
    status = measure_similarity(job, pair, &a->transform, mapped, &e.similarity_after, &e.overlap);
  if (status == ITV_OK)
    status = measure_moving_overlap(job, pair, &a->transform, &e.moving_overlap);
  if (status == ITV_OK)
    status = measure_detail(job, pair, a, &e.detail);
  e.scale = pow(fabs(reg_affine_determinant(&a->transform)), pair->plane ? 0.5 : 1.0 / 3);
  if (status == ITV_OK)
    *ret = e;
  return status;
}

/* ---- the verdict ----------------------------------------------------------------- */

static void __attribute__((format(printf, 4, 5)))
add_reason(RegVerdict *v, const char *code, const char *severity, const char *format, ...)
{
  if (v->n == REG_MAX_REASONS)
    return;
  RegReason *r = &v->reason[v->n++];
  r->code = code;
  r->severity = severity;
  va_list args;
  va_start(args, format);
  vsnprintf(r->text, sizeof r->text, format, args);
  va_end(args);
  if (!strcmp(severity, "blocking"))
    v->accepted = false;
}

static void
judge_overlap(const RegEvidence *e, RegVerdict *v)
{
  double overlap = fmax(e->overlap, e->moving_overlap);
  if (overlap < 0.25)
    add_reason(v, "little-overlap", "blocking",
               "The two images share only %.0f %% of the smaller field of view; 25 %% are needed.",
               overlap * 100);
  else if (overlap < 0.5)
    add_reason(v, "little-overlap", "warning",
               "The two images share only %.0f %% of the smaller field of view.", overlap * 100);
}

static void
judge_similarity(const RegEvidence *e, bool mapped, RegVerdict *v)
{
  double needed = mapped ? 0.6 : 0.5;
  if (e->similarity_after < needed)
    add_reason(v, "low-similarity", "blocking",
               "After registration the images correlate by only %.2f; %.2f are needed.",
               e->similarity_after, needed);
  else if (e->similarity_after < e->similarity_before - 0.02)
    add_reason(v, "no-improvement", "blocking",
               "Registration made the images less alike: %.2f before, %.2f after.",
               e->similarity_before, e->similarity_after);
}

static void
judge_detail(const RegEvidence *e, bool mapped, RegVerdict *v)
{
  double needed = mapped ? 0.45 : 0.55;
  if (e->detail < needed)
    add_reason(v, "detail-differs", "blocking",
               "The outlines agree, but the structures within do not (median local correlation "
               "%.2f, %.2f are needed): another patient, another region, or mirrored.",
               e->detail, needed);
}

void
reg_gate_decide(const RegPair *pair, const RegAlignment *a, const RegEvidence *e, RegVerdict *ret)
{
  const RegImage *finest = &pair->fixed.level[0];
  bool mapped = a->intensity == REG_MAPPED;
  double step_mm = fmax(finest->spacing_mm[0], finest->spacing_mm[1]);
  double limit_mm = fmax(2, 3 * step_mm);
  RegVerdict v = {.accepted = true};
  if (a->fit.similarity <= -1)
    add_reason(&v, "no-convergence", "blocking", "The fit found no solution at full resolution.");
  judge_overlap(e, &v);
  judge_similarity(e, mapped, &v);
  judge_detail(e, mapped, &v);
  if (!(a->inconsistency_mm < limit_mm))
    add_reason(&v, "inconsistent", "blocking",
               "Registered the other way round, the images come to lie %.1f mm elsewhere; at most "
               "%.1f mm are allowed.",
               fmin(a->inconsistency_mm, 9999), limit_mm);
  if (!(e->scale > 0.75 && e->scale < 1.33))
    add_reason(&v, "scale", "blocking",
               "The map enlarges by a factor of %.2f, which no growth or magnification explains.",
               e->scale);
  *ret = v;
}
