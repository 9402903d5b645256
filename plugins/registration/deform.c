/* SPDX-License-Identifier: Apache-2.0 */
#include "deform.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "deform-check.h"
#include "force.h"
#include "normalise.h"

/* All of these were chosen on generated pairs (tests/bench/registration) and
 * hold for every modality. */

/* The reach of the local normalisation at the finest level; it doubles from level
 * to level. */
static const double REACH_MM = 3;

/* A step is solved over a window of this many cells. */
static const double WINDOW_CELLS = 2.2;

/* The field is smoothed over fewer cells the finer it gets: what is coarse must
 * not run astray, what is fine is meant to follow. */
static const double SMOOTH_CELLS[] = {1.6, 2.2, 3};
static const int MAX_STEPS[] = {15, 40, 60};

/* The part of the mean gradient that every cell is given. */
static const double DAMPING = 0.03;

/* A cell whose images differ by this many times the mean is trusted half. */
static const float DIFFERS = 3;

/* No step is longer than this many cells; below the second the level is done. */
static const double MAX_STEP_CELLS = 0.9, STILL_CELLS = 0.002;

static const double LEAST_JACOBIAN = 0.05;

enum { N_IMAGES = 13 };

typedef struct {
  const RegJob *job;
  RegForces forces;
  RegField *field;
  double window[3], smooth[3]; /* in cells, along each axis */
  float *image;                /* N_IMAGES of the field's size, in turn: */
  float *tensor[6];            /* inverted: from a force to a step */
  float *vector[4];            /* the force, and the squared difference */
  float *structure;            /* 0..1: how well the image fixes the step */
  float *trust;                /* that, less where the images differ */
  float *norm;                 /* 1 / (smoothed trust) */
  double longest_mm;
  size_t count, plane;
  double *moved; /* per plane */
} Solver;

void
reg_deformation_clear(RegDeformation *d)
{
  reg_field_clear(&d->field);
}

/* ---- one Gauss-Newton step --------------------------------------------------------------- */

/* A symmetric 3x3 matrix becomes its inverse.  Returns the harmonic mean of its
 * eigenvalues. */
static float
invert_cell(float *const t[6], size_t i, float damping)
{
  const float a = t[0][i] + damping, b = t[1][i], c = t[2][i];
  const float d = t[3][i] + damping, e = t[4][i], f = t[5][i] + damping;
  const float k0 = d * f - e * e, k1 = c * e - b * f, k2 = b * e - c * d;
  const float k3 = a * f - c * c, k5 = a * d - b * b;
  const float determinant = a * k0 + b * k1 + c * k2, one = 1 / determinant;
  t[0][i] = k0 * one;
  t[1][i] = k1 * one;
  t[2][i] = k2 * one;
  t[3][i] = k3 * one;
  t[4][i] = (b * c - a * e) * one;
  t[5][i] = k5 * one;
  return 3 * determinant / (k0 + k3 + k5);
}

static void
invert_cells(Solver *s)
{
  double trace = 0;
  for (size_t i = 0; i < s->count; i++)
    trace += (double)s->tensor[0][i] + (double)s->tensor[3][i] + (double)s->tensor[5][i];
  const float damping = (float)(DAMPING * trace / (3 * (double)s->count) + 1e-9);
  for (size_t i = 0; i < s->count; i++) {
    const float stiffness = invert_cell(s->tensor, i, damping);
    s->structure[i] = fmaxf(1 - damping / stiffness, 0) + 1e-3F;
  }
}

static void
step_plane(void *ctx, int z)
{
  const Solver *s = ctx;
  float *const *t = s->tensor;
  float *const *u = s->field->u;
  double moved = 0;
  for (size_t i = (size_t)z * s->plane; i < (size_t)(z + 1) * s->plane; i++) {
    const float b0 = s->vector[0][i], b1 = s->vector[1][i], b2 = s->vector[2][i];
    const float d0 = t[0][i] * b0 + t[1][i] * b1 + t[2][i] * b2;
    const float d1 = t[1][i] * b0 + t[3][i] * b1 + t[4][i] * b2;
    const float d2 = t[2][i] * b0 + t[4][i] * b1 + t[5][i] * b2;
    const float length = sqrtf(d0 * d0 + d1 * d1 + d2 * d2);
    const float share = length > (float)s->longest_mm ? (float)s->longest_mm / length : 1;
    u[0][i] -= share * d0;
    u[1][i] -= share * d1;
    u[2][i] -= share * d2;
    moved += (double)(share * length);
  }
  s->moved[z] = moved;
}

/* ---- keeping the field smooth -------------------------------------------------------------- */

/* Cells without structure, and those where the images differ although the field
 * has had its say, are to follow their surroundings. */
static itv_status
judge_cells(Solver *s)
{
  double sum = 0;
  for (size_t i = 0; i < s->count; i++)
    sum += (double)s->vector[3][i];
  const float half = (float)(1 / ((double)DIFFERS * sum / (double)s->count + 1e-30));
  for (size_t i = 0; i < s->count; i++) {
    const float q = s->vector[3][i] * half;
    s->norm[i] = s->trust[i] = s->structure[i] / (1 + q * q);
  }
  itv_status status =
      reg_field_smooth(s->job, s->field->dim, s->smooth, REG_EDGE_ZERO, &s->norm, 1);
  for (size_t i = 0; i < s->count; i++)
    s->norm[i] = 1 / s->norm[i];
  return status;
}

typedef struct {
  const Solver *s;
  float *u, *rest;
} Component;

static void
weigh_plane(void *ctx, int z)
{
  const Component *c = ctx;
  for (size_t i = (size_t)z * c->s->plane; i < (size_t)(z + 1) * c->s->plane; i++)
    c->rest[i] = c->u[i] * c->s->trust[i];
}

static void
part_plane(void *ctx, int z)
{
  const Component *c = ctx;
  for (size_t i = (size_t)z * c->s->plane; i < (size_t)(z + 1) * c->s->plane; i++) {
    const float smooth = c->rest[i] * c->s->norm[i];
    c->rest[i] = (c->u[i] - smooth) * c->s->trust[i];
    c->u[i] = smooth;
  }
}

static void
add_plane(void *ctx, int z)
{
  const Component *c = ctx;
  for (size_t i = (size_t)z * c->s->plane; i < (size_t)(z + 1) * c->s->plane; i++)
    c->u[i] += c->rest[i] * c->s->norm[i];
}

/* Normalised convolution (Knutsson and Westin 1993) with the trust as certainty,
 * u' = G(trust u) / G(trust), and once more with what it took away (twicing,
 * Tukey 1977): slow displacements pass undiminished. */
static itv_status
smooth_field(Solver *s)
{
  itv_status status = judge_cells(s);
  for (int a = 0; status == ITV_OK && a < 3; a++) {
    Component c = {s, s->field->u[a], s->vector[a]};
    reg_job_run(s->job, s->field->dim[2], weigh_plane, &c);
    status = reg_field_smooth(s->job, s->field->dim, s->smooth, REG_EDGE_ZERO, &c.rest, 1);
    if (status != ITV_OK)
      break;
    reg_job_run(s->job, s->field->dim[2], part_plane, &c);
    status = reg_field_smooth(s->job, s->field->dim, s->smooth, REG_EDGE_ZERO, &c.rest, 1);
    reg_job_run(s->job, s->field->dim[2], add_plane, &c);
  }
  return status;
}

static itv_status
step(Solver *s, double *ret_moved_mm, double *ret_mean_square)
{
  const RegField *f = s->field;
  itv_status status = reg_force_vector(s->job, &s->forces, s->vector, ret_mean_square);
  if (status == ITV_OK)
    status = reg_field_smooth(s->job, f->dim, s->window, REG_EDGE_ZERO, s->vector, 4);
  if (status != ITV_OK)
    return status;
  reg_job_run(s->job, f->dim[2], step_plane, s);
  *ret_moved_mm = 0;
  for (int z = 0; z < f->dim[2]; z++)
    *ret_moved_mm += s->moved[z] / (double)s->count;
  return smooth_field(s);
}

/* ---- levels ------------------------------------------------------------------------------- */

static int
stage_of(int level)
{
  return level < 2 ? level : 2;
}

static void
share_images(Solver *s)
{
  float *next = s->image;
  for (int k = 0; k < 6; k++, next += s->count)
    s->tensor[k] = next;
  for (int k = 0; k < 4; k++, next += s->count)
    s->vector[k] = next;
  s->structure = next;
  s->trust = next + s->count;
  s->norm = next + 2 * s->count;
}

static itv_status
solver_new(const RegJob *job, const RegPair *pair, int level, const RegAffine *linear,
           RegField *field, Solver *ret)
{
  Solver s = {.job = job,
              .forces = {&pair->fixed.level[level], &pair->moving.level[level], *linear, field},
              .field = field,
              .count = reg_field_count(field),
              .plane = (size_t)field->dim[0] * (size_t)field->dim[1]};
  double finest_mm = INFINITY;
  for (int a = 0; a < 3; a++)
    if (field->dim[a] > 1)
      finest_mm = fmin(finest_mm, reg_field_spacing_mm(field, a));
  for (int a = 0; a < 3; a++) {
    const double cells = finest_mm / reg_field_spacing_mm(field, a);
    s.window[a] = WINDOW_CELLS * cells;
    s.smooth[a] = SMOOTH_CELLS[stage_of(level)] * cells;
  }
  s.longest_mm = MAX_STEP_CELLS * finest_mm;
  s.moved = calloc((size_t)field->dim[2], sizeof *s.moved);
  s.image = malloc(N_IMAGES * s.count * sizeof *s.image);
  if (!s.moved || !s.image) {
    free(s.moved);
    free(s.image);
    return reg_job_out_of_memory(job);
  }
  share_images(&s);
  *ret = s;
  return ITV_OK;
}

static itv_status
solve_level(const RegJob *job, const RegPair *pair, int level, const RegAffine *linear,
            RegDeformation *d)
{
  Solver s;
  itv_status status = solver_new(job, pair, level, linear, &d->field, &s);
  if (status != ITV_OK)
    return status;
  status = reg_force_tensor(job, &s.forces, s.tensor);
  if (status == ITV_OK)
    status = reg_field_smooth(job, d->field.dim, s.window, REG_EDGE_ZERO, s.tensor, 6);
  if (status == ITV_OK)
    invert_cells(&s);
  const double still_mm = STILL_CELLS * s.longest_mm / MAX_STEP_CELLS;
  double moved_mm = INFINITY;
  for (int i = 0; status == ITV_OK && i < MAX_STEPS[stage_of(level)] && moved_mm > still_mm; i++)
    status = step(&s, &moved_mm, &d->mean_square);
  if (status == ITV_OK)
    status = reg_field_unfold(job, &d->field, LEAST_JACOBIAN, NULL);
  free(s.moved);
  free(s.image);
  return status;
}

static itv_status
next_field(const RegJob *job, const RegImage *fixed, RegField *field)
{
  RegField finer;
  itv_status status = reg_field_new(job, fixed, &finer);
  if (status != ITV_OK)
    return status;
  if (field->u[0])
    reg_field_resample(job, field, &finer);
  reg_field_clear(field);
  *field = finer;
  return ITV_OK;
}

static itv_status
normalise_pair(const RegJob *job, RegPair *pair)
{
  itv_status status = ITV_OK;
  for (int level = 0; status == ITV_OK && level < pair->fixed.n_levels; level++) {
    status = reg_normalise_locally(job, &pair->fixed.level[level], ldexp(REACH_MM, level));
    if (status == ITV_OK)
      status = reg_normalise_locally(job, &pair->moving.level[level], ldexp(REACH_MM, level));
  }
  return status;
}

/* An image of its own with the same voxels. */
static itv_status
copy_image(const RegJob *job, const RegImage *from, RegImage *ret)
{
  const size_t bytes = reg_image_count(from) * sizeof *from->voxel;
  *ret = *from;
  ret->voxel = malloc(bytes);
  if (!ret->voxel)
    return reg_job_out_of_memory(job);
  memcpy(ret->voxel, from->voxel, bytes);
  return ITV_OK;
}

static itv_status
measure_similarity(const RegJob *job, const RegImage as_they_came[2], const RegAffine *linear,
                   RegDeformation *d)
{
  itv_status status = reg_field_similarity(job, &as_they_came[0], &as_they_came[1], linear, NULL,
                                           &d->similarity_linear);
  if (status == ITV_OK)
    status = reg_field_similarity(job, &as_they_came[0], &as_they_came[1], linear, &d->field,
                                  &d->similarity);
  return status;
}

static itv_status
solve(const RegJob *job, RegPair *pair, const RegAffine *linear, RegDeformation *d)
{
  const int n = pair->fixed.n_levels;
  itv_status status = normalise_pair(job, pair);
  for (int level = n - 1; status == ITV_OK && level >= 0; level--) {
    status = next_field(job, &pair->fixed.level[level], &d->field);
    if (status == ITV_OK)
      status = solve_level(job, pair, level, linear, d);
    job->host->progress(job->host, 0.95 - 0.4 * level / n);
  }
  if (status == ITV_OK)
    d->least_jacobian = reg_field_least_jacobian(job, &d->field);
  return status;
}

itv_status
reg_deform(const RegJob *job, RegPair *pair, const RegAffine *linear, RegDeformation *ret)
{
  RegDeformation d = {0};
  RegImage as_they_came[2] = {{.voxel = NULL}, {.voxel = NULL}};
  const int level = pair->fixed.n_levels > 1 ? 1 : 0;
  itv_status status = copy_image(job, &pair->fixed.level[level], &as_they_came[0]);
  if (status == ITV_OK)
    status = copy_image(job, &pair->moving.level[level], &as_they_came[1]);
  if (status == ITV_OK)
    status = solve(job, pair, linear, &d);
  if (status == ITV_OK)
    status = measure_similarity(job, as_they_came, linear, &d);
  free(as_they_came[0].voxel);
  free(as_they_came[1].voxel);
  if (status != ITV_OK)
    reg_deformation_clear(&d);
  *ret = d;
  return status;
}
