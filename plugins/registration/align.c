/* SPDX-License-Identifier: Apache-2.0 */
#include "align.h"

#include <math.h>

enum { FINEST_SAMPLES = 150000, SAMPLES = 75000, ITERATIONS = 15, FINEST_ITERATIONS = 12 };

void
reg_pair_clear(RegPair *pair)
{
  reg_pyramid_clear(&pair->fixed);
  reg_pyramid_clear(&pair->moving);
}

const RegImage *
reg_pair_coarsest(const RegPair *pair, bool moving)
{
  const RegPyramid *p = moving ? &pair->moving : &pair->fixed;
  return &p->level[p->n_levels - 1];
}

static RegFreedom
freedom_of(const RegPair *pair, bool affine)
{
  if (pair->plane)
    return affine ? REG_AFFINE_PLANE : REG_RIGID_PLANE;
  return affine ? REG_AFFINE_SPACE : REG_RIGID_SPACE;
}

/* A level whose fit fails leaves the map of the level before. */
static itv_status
refine_level(const RegJob *job, const RegPair *pair, RegFitOptions options, int level,
             RegAffine *transform, RegFit *ret)
{
  RegSamples samples = {0};
  RegStatistics range;
  RegAffine refined = *transform;
  const RegImage *moving = &pair->moving.level[level];
  itv_status status =
      reg_samples_pick(job, &pair->fixed.level[level], level ? SAMPLES : FINEST_SAMPLES, &samples);
  *ret = (RegFit){.similarity = -1};
  if (status == ITV_OK && reg_image_statistics(moving, &range))
    status = reg_fit_run(job, &samples, moving, &range, &options, &refined, ret);
  reg_samples_clear(&samples);
  if (ret->similarity > -1)
    *transform = refined;
  return status;
}

itv_status
reg_refine(const RegJob *job, const RegPair *pair, RegIntensity intensity, bool affine,
           int last_level, RegAffine *transform, RegFit *ret)
{
  int n = pair->fixed.n_levels;
  itv_status status = ITV_OK;
  for (int level = n - 1; status == ITV_OK && level >= last_level; level--) {
    bool coarse = level == n - 1 && n > 1;
    RegFitOptions options = {.freedom = freedom_of(pair, affine && !coarse),
                             .intensity = intensity,
                             .max_iterations = level ? ITERATIONS : FINEST_ITERATIONS,
                             .rms_share = coarse ? 1 : 0.3,
                             .cutoff = coarse || intensity == REG_MAPPED ? 3 : 4.685,
                             .tolerance = level ? 2e-3 : 2e-4,
                             .margin_voxels = coarse ? 0 : 2};
    status = refine_level(job, pair, options, level, transform, ret);
    job->host->progress(job->host, 0.9 - 0.5 * (level - last_level) / n);
  }
  return status;
}

/* The mean distance between x and b(a(x)), over the corners of a box about the
 * middle of the fixed image. */
static double
round_trip_mm(const RegImage *fixed, const RegAffine *a, const RegAffine *b)
{
  RegAffine loop = reg_affine_compose(b, a);
  double sum_mm = 0;
  for (int corner = 0; corner < 8; corner++) {
    double index[3], x[3], y[3];
    for (int i = 0; i < 3; i++)
      index[i] = (fixed->dim[i] - 1) * (corner >> i & 1 ? 0.75 : 0.25);
    reg_affine_apply(&fixed->index_to_mm, index, x);
    reg_affine_apply(&loop, x, y);
    sum_mm += hypot(hypot(x[0] - y[0], x[1] - y[1]), x[2] - y[2]) / 8;
  }
  return sum_mm;
}

static RegPair
swap_roles(const RegPair *pair)
{
  RegPair swapped = *pair;
  swapped.fixed = pair->moving;
  swapped.moving = pair->fixed;
  return swapped;
}

itv_status
reg_measure_inconsistency(const RegJob *job, const RegPair *pair, bool affine,
                          const RegAlignment *a, double *ret_mm)
{
  RegPair swapped = swap_roles(pair);
  RegAffine back;
  RegFit fit;
  *ret_mm = INFINITY;
  if (!reg_affine_invert(&a->transform, &back))
    return ITV_OK;
  int last = pair->fixed.n_levels > 1 ? 1 : 0;
  itv_status status = reg_refine(job, &swapped, a->intensity, affine, last, &back, &fit);
  if (status == ITV_OK)
    *ret_mm = round_trip_mm(&pair->fixed.level[0], &a->transform, &back);
  return status;
}

/* The linear model needs gradients without noise.  An intensity map takes noise
 * better than smoothing: where three tissues meet, the mapped mean is not the
 * mean of the mapped. */
static void
smooth_finest(const RegJob *job, RegPair *pair, RegIntensity intensity)
{
  if (intensity == REG_MAPPED && !pair->plane)
    return;
  reg_pyramid_smooth_finest(job, &pair->fixed);
  reg_pyramid_smooth_finest(job, &pair->moving);
}

itv_status
reg_align(const RegJob *job, RegPair *pair, bool affine, RegAlignment *ret)
{
  RegAlignment a = {0};
  bool swapped;
  itv_status status = reg_choose_contrast(job, pair, &a.transform, &a.intensity, &swapped);
  if (status != ITV_OK)
    return status;
  job->host->progress(job->host, 0.4);
  smooth_finest(job, pair, a.intensity);
  RegPair work = swapped ? swap_roles(pair) : *pair;
  if (swapped) {
    if (!reg_affine_invert(&a.transform, &a.transform))
      return reg_job_fail(job, ITV_ERR_INTERNAL, "registration: a start cannot be turned round");
  }
  status = reg_refine(job, &work, a.intensity, affine, 0, &a.transform, &a.fit);
  if (status == ITV_OK && swapped && !reg_affine_invert(&a.transform, &a.transform))
    status = reg_job_fail(job, ITV_ERR_UNSUPPORTED,
                          "registration: the map found squeezes the image flat");
  if (status == ITV_OK)
    *ret = a;
  return status;
}
