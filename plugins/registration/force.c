/* SPDX-License-Identifier: Apache-2.0 */
#include "force.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "simd.h"
#include "warp.h"

enum { MAX_SUMS = 6, ROWS_PER_BLOCK = 16 };

/* In deviations of the local neighbourhood: where the influence of a difference
 * is largest. */
static const float TURN = 2;

typedef struct {
  double sum2;
  size_t n;
  bool out_of_memory;
} Tally;

typedef struct {
  const RegForces *forces;
  RegWarp warp;
  bool tensor;
  float *const *sum; /* per cell */
  Tally *tally;      /* one per block */
} Pass;

/* Buffers of one thread for one row of voxels. */
typedef struct {
  float *at[3]; /* fixed index of the moved voxel, then free for use */
  float *moving, *error;
  float *gradient[3];
  float *cells; /* of a row of the field */
  float *product;
} Row;

/* ---- one row of voxels ---------------------------------------------------------------- */

/* Row pointers of the neighbours, and 1 / (their distance in mm); 0 where the
 * image has no extent. */
typedef struct {
  const float *middle, *low[3], *high[3];
  float per_mm[3];
} Stencil;

static void
neighbour_rows(const RegImage *image, int axis, int at, const float *middle, size_t stride,
               Stencil *s)
{
  const int low = at > 0 ? at - 1 : at, high = at + 1 < image->dim[axis] ? at + 1 : at;
  s->low[axis] = middle - (size_t)(at - low) * stride;
  s->high[axis] = middle + (size_t)(high - at) * stride;
  s->per_mm[axis] = high > low ? (float)(1 / ((high - low) * image->spacing_mm[axis])) : 0;
}

static Stencil
stencil_at(const RegImage *image, int y, int z)
{
  const size_t nx = (size_t)image->dim[0], plane = nx * (size_t)image->dim[1];
  Stencil s = {.middle = image->voxel + (size_t)z * plane + (size_t)y * nx};
  s.per_mm[0] = (float)(0.5 / image->spacing_mm[0]);
  neighbour_rows(image, 1, y, s.middle, nx, &s);
  neighbour_rows(image, 2, z, s.middle, plane, &s);
  return s;
}

REG_SIMD_BODY void
gradient_row(const Stencil *s, int nx, float *restrict gx, float *restrict gy, float *restrict gz)
{
  const float *restrict p = s->middle;
  const float *restrict y0 = s->low[1], *restrict y1 = s->high[1];
  const float *restrict z0 = s->low[2], *restrict z1 = s->high[2];
  const float per_x = s->per_mm[0], per_y = s->per_mm[1], per_z = s->per_mm[2];
  for (int x = 1; x < nx - 1; x++)
    gx[x] = (p[x + 1] - p[x - 1]) * per_x;
  gx[0] = (p[1] - p[0]) * 2 * per_x;
  gx[nx - 1] = (p[nx - 1] - p[nx - 2]) * 2 * per_x;
  for (int x = 0; x < nx; x++) {
    gy[x] = (y1[x] - y0[x]) * per_y;
    gz[x] = (z1[x] - z0[x]) * per_z;
  }
}

/* rho'(moving - fixed); 0 where one of the two, or a neighbour, holds no data. */
REG_SIMD_BODY void
error_row(const float *restrict moving, const float *restrict fixed, int nx, float *restrict error)
{
  for (int x = 0; x < nx; x++) {
    float e = moving[x] - fixed[x];
    float t = e * (1 / TURN);
    e = e / (1 + t * t);
    error[x] = e == e ? e : 0;
  }
}

REG_SIMD_BODY void
multiply_row(const float *restrict a, const float *restrict b, int nx, float *restrict ret)
{
  for (int x = 0; x < nx; x++) {
    float v = a[x] * b[x];
    ret[x] = v == v ? v : 0;
  }
}

REG_SIMD_BODY void
add_pairs(const float *restrict v, int nx, float *restrict cell)
{
  for (int c = 0; c < nx / 2; c++)
    cell[c] += v[2 * c] + v[2 * c + 1];
  if (nx & 1)
    cell[nx / 2] += v[nx - 1];
}

REG_SIMD_DISPATCH(gradient_row, (const Stencil *s, int nx, float *gx, float *gy, float *gz),
                  (s, nx, gx, gy, gz))
REG_SIMD_DISPATCH(error_row, (const float *moving, const float *fixed, int nx, float *error),
                  (moving, fixed, nx, error))
REG_SIMD_DISPATCH(multiply_row, (const float *a, const float *b, int nx, float *ret),
                  (a, b, nx, ret))
REG_SIMD_DISPATCH(add_pairs, (const float *v, int nx, float *cell), (v, nx, cell))

static void
sum_tensor(const Pass *p, const Row *r, size_t cell)
{
  static const int ROW_OF[6] = {0, 0, 0, 1, 1, 2}, COLUMN_OF[6] = {0, 1, 2, 1, 2, 2};
  const int nx = p->forces->fixed->dim[0];
  /* A voxel that is not covered must not weigh. */
  for (int x = 0; x < nx; x++)
    for (int a = 0; a < 3; a++)
      r->gradient[a][x] = r->moving[x] == r->moving[x] ? r->gradient[a][x] : 0;
  for (int k = 0; k < 6; k++) {
    multiply_row_best(r->gradient[ROW_OF[k]], r->gradient[COLUMN_OF[k]], nx, r->product);
    add_pairs_best(r->product, nx, p->sum[k] + cell);
  }
}

static void
sum_vector(const Pass *p, const Row *r, const float *fixed, size_t cell, Tally *tally)
{
  const int nx = p->forces->fixed->dim[0];
  error_row_best(r->moving, fixed, nx, r->error);
  for (int a = 0; a < 3; a++) {
    multiply_row_best(r->error, r->gradient[a], nx, r->product);
    add_pairs_best(r->product, nx, p->sum[a] + cell);
  }
  multiply_row_best(r->error, r->error, nx, r->product);
  add_pairs_best(r->product, nx, p->sum[3] + cell);
  tally->sum2 += reg_dot(nx, r->error, r->error);
  for (int x = 0; x < nx; x++)
    tally->n += r->moving[x] == r->moving[x];
}

static void
voxel_row(const Pass *p, const Row *r, int y, int z, Tally *tally)
{
  const RegForces *f = p->forces;
  const int nx = f->fixed->dim[0];
  const size_t cell =
      ((size_t)(z / 2) * (size_t)f->field->dim[1] + (size_t)(y / 2)) * (size_t)f->field->dim[0];
  const Stencil s = stencil_at(f->fixed, y, z);
  reg_field_row(f->field, y, z, r->cells, r->at);
  for (int x = 0; x < nx; x++) {
    r->at[0][x] += (float)x;
    r->at[1][x] += (float)y;
    r->at[2][x] += (float)z;
  }
  reg_warp_run(&p->warp, nx, r->at[0], r->at[1], r->at[2], r->moving);
  gradient_row_best(&s, nx, r->gradient[0], r->gradient[1], r->gradient[2]);
  if (p->tensor)
    sum_tensor(p, r, cell);
  else
    sum_vector(p, r, s.middle, cell, tally);
}

/* ---- all rows ------------------------------------------------------------------------- */

static bool
row_new(int nx, Row *ret)
{
  enum { BUFFERS = 10 };
  const size_t n = ((size_t)nx + 16) & ~(size_t)15;
  float *p = calloc(BUFFERS * n, sizeof *p);
  if (!p)
    return false;
  for (int a = 0; a < 3; a++) {
    ret->at[a] = p + (size_t)a * n;
    ret->gradient[a] = p + (size_t)(3 + a) * n;
  }
  ret->moving = p + 6 * n;
  ret->error = p + 7 * n;
  ret->cells = p + 8 * n;
  ret->product = p + 9 * n;
  return true;
}

/* A block owns rows of cells, and with them all voxels that count there. */
static void
run_block(void *ctx, int block)
{
  const Pass *p = ctx;
  const RegField *field = p->forces->field;
  const RegImage *fixed = p->forces->fixed;
  const int rows = field->dim[1] * field->dim[2];
  Tally *tally = &p->tally[block];
  Row r;
  tally->out_of_memory = !row_new(fixed->dim[0], &r);
  if (tally->out_of_memory)
    return;
  for (int row = block * ROWS_PER_BLOCK; row < rows && row < (block + 1) * ROWS_PER_BLOCK; row++) {
    const int cy = row % field->dim[1], cz = row / field->dim[1];
    for (int z = 2 * cz; z < 2 * cz + 2 && z < fixed->dim[2]; z++)
      for (int y = 2 * cy; y < 2 * cy + 2 && y < fixed->dim[1]; y++)
        voxel_row(p, &r, y, z, tally);
  }
  free(r.at[0]);
}

static itv_status
run_pass(const RegJob *job, Pass *p, int n_sums, double *ret_mean_square)
{
  const RegForces *f = p->forces;
  const int rows = f->field->dim[1] * f->field->dim[2];
  const int blocks = (rows + ROWS_PER_BLOCK - 1) / ROWS_PER_BLOCK;
  const RegAffine to_moving = reg_affine_compose(&f->linear, &f->fixed->index_to_mm);
  p->warp = reg_warp_new(f->moving, &to_moving, 1);
  p->tally = calloc((size_t)blocks, sizeof *p->tally);
  if (!p->tally)
    return reg_job_out_of_memory(job);
  for (int k = 0; k < n_sums; k++)
    memset(p->sum[k], 0, reg_field_count(f->field) * sizeof(float));
  reg_job_run(job, blocks, run_block, p);
  Tally all = {0};
  for (int b = 0; b < blocks; b++) {
    all.sum2 += p->tally[b].sum2;
    all.n += p->tally[b].n;
    all.out_of_memory = all.out_of_memory || p->tally[b].out_of_memory;
  }
  free(p->tally);
  if (ret_mean_square)
    *ret_mean_square = all.n ? all.sum2 / (double)all.n : 0;
  if (all.out_of_memory)
    return reg_job_out_of_memory(job);
  return reg_job_cancelled(job) ? ITV_ERR_CANCELLED : ITV_OK;
}

itv_status
reg_force_tensor(const RegJob *job, const RegForces *forces, float *const ret[6])
{
  Pass p = {.forces = forces, .tensor = true, .sum = ret};
  return run_pass(job, &p, 6, NULL);
}

itv_status
reg_force_vector(const RegJob *job, const RegForces *forces, float *const ret[4],
                 double *ret_mean_square)
{
  Pass p = {.forces = forces, .sum = ret};
  return run_pass(job, &p, 4, ret_mean_square);
}
