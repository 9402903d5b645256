/* SPDX-License-Identifier: Apache-2.0 */
#include "fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "intensity.h"
#include "warp.h"

enum {
  BLOCK = 256, /* samples; their columns fit the first-level cache */
  MAX_MOTION = 12,
  MAX_UNKNOWNS = MAX_MOTION + 2, /* gain and bias */
  N_NORMAL = MAX_UNKNOWNS * (MAX_UNKNOWNS + 1) / 2 + MAX_UNKNOWNS,
  MIN_VALID = 40,
  SCALE_SAMPLES = 4096
};

/* Moments of the valid pairs (moving - shift, fixed - shift). */
typedef struct {
  double n, m, f, mm, ff, mf;
} Moments;

typedef struct {
  const RegJob *job;
  const RegSamples *samples;
  const RegFitOptions *options;
  int n_motion, n_unknowns, n_blocks;
  RegWarp warp;
  float *moving; /* the warped moving image at the samples, NaN outside */
  float m_shift, f_shift;
  Moments *moments;           /* per block */
  RegMapSums *sums;           /* per block; mapped intensity only */
  double (*normal)[N_NORMAL]; /* per block: upper triangle by rows, then right side */
  /* the model of this iteration */
  float gain, bias, m_mean, m_deviation;
  RegIntensityMap map;
  float inverse_cut2; /* 1 / (cutoff * scale)^2 */
} Fit;

static int
block_size(const Fit *fit, int block)
{
  int left = fit->samples->n - block * BLOCK;
  return left < BLOCK ? left : BLOCK;
}

/* ---- first pass: warp, moments, map ---------------------------------------- */

static void
warp_task(void *ctx, int block)
{
  Fit *fit = ctx;
  const RegSamples *s = fit->samples;
  int i0 = block * BLOCK, n = block_size(fit, block);
  float *moving = fit->moving + i0;
  float one[BLOCK], m[BLOCK], f[BLOCK];
  reg_warp_run(&fit->warp, n, s->x_mm + i0, s->y_mm + i0, s->z_mm + i0, moving);
  for (int i = 0; i < n; i++) {
    int valid = moving[i] == moving[i];
    one[i] = valid ? 1 : 0;
    m[i] = valid ? moving[i] - fit->m_shift : 0;
    f[i] = valid ? s->value[i0 + i] - fit->f_shift : 0;
  }
  fit->moments[block] = (Moments){reg_dot(n, one, one), reg_dot(n, m, one), reg_dot(n, f, one),
                                  reg_dot(n, m, m),     reg_dot(n, f, f),   reg_dot(n, m, f)};
  if (fit->options->intensity == REG_MAPPED) {
    memset(&fit->sums[block], 0, sizeof fit->sums[block]);
    reg_map_add(&fit->map, n, moving, s->value + i0, NULL, &fit->sums[block]);
  }
}

static Moments
sum_moments(const Fit *fit)
{
  Moments t = {0};
  for (int b = 0; b < fit->n_blocks; b++) {
    const Moments *p = &fit->moments[b];
    t.n += p->n;
    t.m += p->m;
    t.f += p->f;
    t.mm += p->mm;
    t.ff += p->ff;
    t.mf += p->mf;
  }
  return t;
}

static void
finish_map(Fit *fit, double mean)
{
  RegMapSums total = {0};
  for (int b = 0; b < fit->n_blocks; b++)
    for (int i = 0; i < REG_MAP_BINS; i++) {
      total.weight[i] += fit->sums[b].weight[i];
      total.sum[i] += fit->sums[b].sum[i];
    }
  reg_map_finish(&fit->map, &total, mean);
}

static inline float
residual(const Fit *fit, float moving, float fixed)
{
  if (fit->options->intensity == REG_MAPPED)
    return reg_map_value(&fit->map, moving) - fixed;
  return fit->gain * moving + fit->bias - fixed;
}

/* ---- the scale of the residuals --------------------------------------------- */

/* 1.4826 times the median of |residual| is the deviation of a normal
 * distribution, whatever a minority of outliers does.  Also their mean square. */
static double
residual_scale(const Fit *fit, double *ret_mean_square)
{
  float size[SCALE_SAMPLES];
  int n = 0, stride = fit->samples->n / SCALE_SAMPLES + 1;
  double sum2 = 0;
  for (int i = 0; i < fit->samples->n; i += stride) {
    float e = residual(fit, fit->moving[i], fit->samples->value[i]);
    if (isnan(e))
      continue;
    size[n++] = fabsf(e);
    sum2 += (double)e * (double)e;
  }
  *ret_mean_square = n ? sum2 / n : 0;
  if (!n)
    return 0;
  return 1.4826 * (double)reg_select(size, n, n / 2);
}

/* Tukey's weights and the residuals they belong to, both 0 for outliers and
 * where the moving image has no data. */
static void
weigh(const Fit *fit, int n, const float *moving, const float *fixed, float *weight, float *e)
{
  for (int i = 0; i < n; i++) {
    float r = residual(fit, moving[i], fixed[i]), t = 1 - r * r * fit->inverse_cut2;
    int counts = t > 0; /* false for NaN */
    weight[i] = counts ? t * t : 0;
    e[i] = counts ? r : 0;
  }
}

static void
set_cutoff(Fit *fit, double scale, double mean_square, double variance)
{
  double floor = fmax(fit->options->rms_share * sqrt(mean_square), 1e-6 * sqrt(variance));
  double cut = fit->options->cutoff * fmax(scale, floor);
  fit->inverse_cut2 = (float)(1 / (cut * cut));
}

static void
weighted_map_task(void *ctx, int block)
{
  Fit *fit = ctx;
  int i0 = block * BLOCK, n = block_size(fit, block);
  float weight[BLOCK], e[BLOCK];
  const float *moving = fit->moving + i0, *fixed = fit->samples->value + i0;
  weigh(fit, n, moving, fixed, weight, e);
  memset(&fit->sums[block], 0, sizeof fit->sums[block]);
  reg_map_add(&fit->map, n, moving, fixed, weight, &fit->sums[block]);
}

/* ---- second pass: normal equations ------------------------------------------ */

static void
space_columns(const Fit *fit, int i0, int n, float column[][BLOCK])
{
  const RegSamples *s = fit->samples;
  const float *x = s->x_mm + i0, *y = s->y_mm + i0, *z = s->z_mm + i0;
  const float *gx = s->gx + i0, *gy = s->gy + i0, *gz = s->gz + i0;
  if (fit->options->freedom == REG_RIGID_SPACE) {
    for (int i = 0; i < n; i++) { /* grad f . (w x X) = w . (X x grad f) */
      column[0][i] = y[i] * gz[i] - z[i] * gy[i];
      column[1][i] = z[i] * gx[i] - x[i] * gz[i];
      column[2][i] = x[i] * gy[i] - y[i] * gx[i];
      column[3][i] = gx[i];
      column[4][i] = gy[i];
      column[5][i] = gz[i];
    }
    return;
  }
  const float *g[3] = {gx, gy, gz};
  for (int k = 0; k < 3; k++)
    for (int i = 0; i < n; i++) {
      column[4 * k][i] = g[k][i] * x[i];
      column[4 * k + 1][i] = g[k][i] * y[i];
      column[4 * k + 2][i] = g[k][i] * z[i];
      column[4 * k + 3][i] = g[k][i];
    }
}

static void
plane_columns(const Fit *fit, int i0, int n, float column[][BLOCK])
{
  const RegSamples *s = fit->samples;
  const float *x = s->x_mm + i0, *y = s->y_mm + i0, *gx = s->gx + i0, *gy = s->gy + i0;
  if (fit->options->freedom == REG_RIGID_PLANE) {
    for (int i = 0; i < n; i++) {
      column[0][i] = x[i] * gy[i] - y[i] * gx[i];
      column[1][i] = gx[i];
      column[2][i] = gy[i];
    }
    return;
  }
  for (int i = 0; i < n; i++) {
    column[0][i] = gx[i] * x[i];
    column[1][i] = gx[i] * y[i];
    column[2][i] = gx[i];
    column[3][i] = gy[i] * x[i];
    column[4][i] = gy[i] * y[i];
    column[5][i] = gy[i];
  }
}

static void
normal_task(void *ctx, int block)
{
  Fit *fit = ctx;
  int i0 = block * BLOCK, n = block_size(fit, block), p = fit->n_motion;
  const float *moving = fit->moving + i0, *fixed = fit->samples->value + i0;
  float column[MAX_UNKNOWNS][BLOCK], e[BLOCK], weight[BLOCK], weighted[BLOCK];
  if (fit->options->freedom == REG_RIGID_SPACE || fit->options->freedom == REG_AFFINE_SPACE)
    space_columns(fit, i0, n, column);
  else
    plane_columns(fit, i0, n, column);
  weigh(fit, n, moving, fixed, weight, e);
  if (fit->n_unknowns > p)
    for (int i = 0; i < n; i++) {
      float m = (moving[i] - fit->m_mean) / fit->m_deviation;
      column[p][i] = m == m ? -m : 0;
      column[p + 1][i] = -1;
    }
  double *sum = fit->normal[block], *right = sum + fit->n_unknowns * (fit->n_unknowns + 1) / 2;
  for (int j = 0; j < fit->n_unknowns; j++) {
    for (int i = 0; i < n; i++)
      weighted[i] = weight[i] * column[j][i];
    for (int k = j; k < fit->n_unknowns; k++)
      *sum++ = reg_dot(n, weighted, column[k]);
    *right++ = reg_dot(n, weighted, e);
  }
}

/* The step that the normal equations give; false when they have none. */
static bool
solve_normal(const Fit *fit, double step[MAX_UNKNOWNS])
{
  int n = fit->n_unknowns, n_half = n * (n + 1) / 2;
  double sum[N_NORMAL] = {0}, h[MAX_UNKNOWNS * MAX_UNKNOWNS], largest = 0;
  for (int b = 0; b < fit->n_blocks; b++)
    for (int i = 0; i < n_half + n; i++)
      sum[i] += fit->normal[b][i];
  for (int j = 0, i = 0; j < n; j++)
    for (int k = j; k < n; k++, i++)
      h[k * n + j] = sum[i];
  for (int j = 0; j < n; j++)
    largest = fmax(largest, h[j * n + j]);
  for (int j = 0; j < n; j++) /* a direction that the samples do not see stays put */
    h[j * n + j] += 1e-6 * h[j * n + j] + 1e-12 * largest;
  memcpy(step, sum + n_half, sizeof *step * (size_t)n);
  return largest > 0 && reg_solve_spd(n, h, step);
}

/* W(p) about the samples' centre. */
static RegAffine
small_motion(RegFreedom freedom, const double *p)
{
  RegAffine w;
  switch (freedom) {
  case REG_RIGID_SPACE:
    w = reg_affine_rotation(p);
    for (int i = 0; i < 3; i++)
      w.m[i][3] = p[3 + i];
    return w;
  case REG_AFFINE_SPACE:
    w = reg_affine_identity();
    for (int i = 0; i < 12; i++)
      w.m[i / 4][i % 4] += p[i];
    return w;
  case REG_RIGID_PLANE:
    w = reg_affine_rotation((const double[]){0, 0, p[0]});
    w.m[0][3] = p[1];
    w.m[1][3] = p[2];
    return w;
  default:
    w = reg_affine_identity();
    for (int i = 0; i < 2; i++) {
      w.m[i][0] += p[3 * i];
      w.m[i][1] += p[3 * i + 1];
      w.m[i][3] += p[3 * i + 2];
    }
    return w;
  }
}

static double
motion_mm(const RegAffine *w, double radius_mm)
{
  double shift = 0, turn = 0;
  for (int i = 0; i < 3; i++) {
    shift += w->m[i][3] * w->m[i][3];
    for (int j = 0; j < 3; j++)
      turn += (w->m[i][j] - (i == j)) * (w->m[i][j] - (i == j));
  }
  return sqrt(shift) + sqrt(turn) * radius_mm;
}

/* ---- one iteration ------------------------------------------------------------ */

/* Similarity and intensity model from the moments; false: too little overlap
 * or nothing to compare. */
static bool
model_intensity(Fit *fit, RegFit *ret)
{
  Moments t = sum_moments(fit);
  ret->valid = t.n / fit->samples->n;
  if (t.n < MIN_VALID)
    return false;
  double m = t.m / t.n, f = t.f / t.n;
  double vm = t.mm / t.n - m * m, vf = t.ff / t.n - f * f, c = t.mf / t.n - m * f;
  if (!(vm > 0) || !(vf > 0) || !isfinite(vm * vf))
    return false;
  ret->similarity = c / sqrt(vm * vf);
  fit->m_mean = (float)(m + (double)fit->m_shift);
  fit->m_deviation = (float)sqrt(vm);
  fit->gain = (float)sqrt(vf / vm);
  fit->bias = (float)(f + (double)fit->f_shift) - fit->gain * fit->m_mean;
  bool mapped = fit->options->intensity == REG_MAPPED;
  if (mapped)
    finish_map(fit, f + (double)fit->f_shift);
  double mean_square, scale = residual_scale(fit, &mean_square);
  set_cutoff(fit, scale, mean_square, vf);
  if (mapped) { /* voxels of two tissues would draw the map: once more without outliers */
    reg_job_run(fit->job, fit->n_blocks, weighted_map_task, fit);
    finish_map(fit, f + (double)fit->f_shift);
    scale = residual_scale(fit, &mean_square);
    set_cutoff(fit, scale, mean_square, vf);
    ret->similarity = sqrt(fmax(0, 1 - mean_square / vf));
  }
  ret->residual = scale / sqrt(vf);
  return true;
}

/* false when the fit cannot go on. */
static bool
iterate(Fit *fit, const RegImage *moving, RegAffine *centred, RegFit *ret)
{
  double step[MAX_UNKNOWNS];
  RegAffine inverse;
  fit->warp = reg_warp_new(moving, centred, fit->options->margin_voxels);
  reg_job_run(fit->job, fit->n_blocks, warp_task, fit);
  if (!model_intensity(fit, ret))
    return false;
  reg_job_run(fit->job, fit->n_blocks, normal_task, fit);
  if (!solve_normal(fit, step))
    return false;
  RegAffine w = small_motion(fit->options->freedom, step);
  double det = reg_affine_determinant(&w);
  ret->moved_mm = motion_mm(&w, fit->samples->radius_mm);
  if (!(det > 0.3 && det < 3) || !reg_affine_invert(&w, &inverse))
    return false;
  *centred = reg_affine_compose(centred, &inverse);
  return true;
}

static bool
allocate(Fit *fit)
{
  size_t n = (size_t)fit->n_blocks;
  fit->moving = malloc(sizeof *fit->moving * n * BLOCK);
  fit->moments = malloc(sizeof *fit->moments * n);
  fit->normal = malloc(sizeof *fit->normal * n);
  if (fit->options->intensity == REG_MAPPED)
    fit->sums = malloc(sizeof *fit->sums * n);
  return fit->moving && fit->moments && fit->normal &&
         (fit->sums || fit->options->intensity == REG_LINEAR);
}

static void
release(Fit *fit)
{
  free(fit->moving);
  free(fit->moments);
  free(fit->normal);
  free(fit->sums);
}

itv_status
reg_fit_run(const RegJob *job, const RegSamples *samples, const RegImage *moving,
            const RegStatistics *range, const RegFitOptions *options, RegAffine *transform,
            RegFit *ret)
{
  static const int n_motion[] = {[REG_RIGID_SPACE] = 6,
                                 [REG_AFFINE_SPACE] = 12,
                                 [REG_RIGID_PLANE] = 3,
                                 [REG_AFFINE_PLANE] = 6};
  *ret = (RegFit){.similarity = -1};
  if (samples->n < MIN_VALID)
    return ITV_OK;
  Fit fit = {.job = job,
             .samples = samples,
             .options = options,
             .n_motion = n_motion[options->freedom],
             .n_blocks = (samples->n + BLOCK - 1) / BLOCK,
             .m_shift = (float)range->mean,
             .f_shift = samples->value[samples->n / 2]};
  fit.n_unknowns = fit.n_motion + (options->intensity == REG_LINEAR ? 2 : 0);
  reg_map_set_range(&fit.map, range->low, range->high);
  if (!allocate(&fit)) {
    release(&fit);
    return reg_job_out_of_memory(job);
  }
  /* within: from the samples' centred coordinates; without: from fixed mm */
  RegAffine to_centre = reg_affine_translation(samples->centre_mm), from_centre;
  from_centre = reg_affine_translation(
      (const double[]){-samples->centre_mm[0], -samples->centre_mm[1], -samples->centre_mm[2]});
  RegAffine centred = reg_affine_compose(transform, &to_centre);
  double still_mm = options->tolerance * fmin(moving->spacing_mm[0], moving->spacing_mm[1]);
  bool able = true;
  ret->moved_mm = INFINITY;
  for (int i = 0; able && i < options->max_iterations && ret->moved_mm > still_mm; i++)
    able = !reg_job_cancelled(job) && iterate(&fit, moving, &centred, ret);
  if (!able)
    ret->similarity = -1;
  release(&fit);
  *transform = reg_affine_compose(&centred, &from_centre);
  return reg_job_cancelled(job) ? ITV_ERR_CANCELLED : ITV_OK;
}
