/* SPDX-License-Identifier: Apache-2.0 */
#include "field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

itv_status
reg_field_new(const RegJob *job, const RegImage *image, RegField *ret)
{
  RegField f = {0};
  for (int a = 0; a < 3; a++) {
    f.image_dim[a] = image->dim[a];
    f.image_spacing_mm[a] = image->spacing_mm[a];
    f.dim[a] = (image->dim[a] + 1) / 2;
  }
  size_t n = reg_field_count(&f);
  f.u[0] = calloc(3 * n, sizeof(float));
  if (!f.u[0])
    return reg_job_out_of_memory(job);
  f.u[1] = f.u[0] + n;
  f.u[2] = f.u[1] + n;
  *ret = f;
  return ITV_OK;
}

void
reg_field_clear(RegField *field)
{
  free(field->u[0]);
  memset(field, 0, sizeof *field);
}

/* ---- values ------------------------------------------------------------------------- */

/* The cell coordinate of an image index. */
static inline double
cell_of(const RegField *f, int axis, double index)
{
  return f->image_dim[axis] > 1 ? 0.5 * index - 0.25 : index;
}

typedef struct {
  size_t lower, upper;
  float weight; /* of the upper one */
} Neighbours;

static Neighbours
neighbours(double at, int n)
{
  at = fmin(fmax(at, 0), n - 1);
  size_t lower = (size_t)at;
  return (Neighbours){lower, lower + 1 < (size_t)n ? lower + 1 : lower,
                      (float)(at - (double)lower)};
}

static inline float
mix(float a, float b, float weight)
{
  return a + weight * (b - a);
}

void
reg_field_at(const RegField *f, const double index[3], double ret_mm[3])
{
  Neighbours n[3];
  for (int a = 0; a < 3; a++)
    n[a] = neighbours(cell_of(f, a, index[a]), f->dim[a]);
  const size_t nx = (size_t)f->dim[0], plane = nx * (size_t)f->dim[1];
  for (int a = 0; a < 3; a++) {
    float depth[2];
    for (int k = 0; k < 2; k++) {
      const float *p = f->u[a] + (k ? n[2].upper : n[2].lower) * plane;
      const float *q0 = p + n[1].lower * nx, *q1 = p + n[1].upper * nx;
      depth[k] = mix(mix(q0[n[0].lower], q0[n[0].upper], n[0].weight),
                     mix(q1[n[0].lower], q1[n[0].upper], n[0].weight), n[1].weight);
    }
    ret_mm[a] = (double)mix(depth[0], depth[1], n[2].weight);
  }
}

typedef struct {
  const RegField *from;
  RegField *to;
} Resampling;

static void
resample_plane(void *ctx, int z)
{
  const Resampling *r = ctx;
  RegField *to = r->to;
  const size_t nx = (size_t)to->dim[0], ny = (size_t)to->dim[1];
  double scale[3];
  for (int a = 0; a < 3; a++)
    scale[a] = to->image_spacing_mm[a] / r->from->image_spacing_mm[a];
  for (size_t y = 0; y < ny; y++)
    for (size_t x = 0; x < nx; x++) {
      const double cell[3] = {(double)x, (double)y, z};
      double index[3], u[3];
      for (int a = 0; a < 3; a++) {
        double own = to->image_dim[a] > 1 ? 2 * cell[a] + 0.5 : cell[a];
        /* Both grids begin at the same edge of the field of view. */
        index[a] = (own + 0.5) * scale[a] - 0.5;
      }
      reg_field_at(r->from, index, u);
      for (int a = 0; a < 3; a++)
        to->u[a][((size_t)z * ny + y) * nx + x] = (float)u[a];
    }
}

void
reg_field_resample(const RegJob *job, const RegField *from, RegField *to)
{
  Resampling r = {from, to};
  reg_job_run(job, to->dim[2], resample_plane, &r);
}

/* One axis of reg_field_row() but the last: the row between four rows of cells. */
static void
blend_rows(const RegField *f, int axis, int y, int z, float *ret)
{
  const Neighbours ny = neighbours(cell_of(f, 1, y), f->dim[1]);
  const Neighbours nz = neighbours(cell_of(f, 2, z), f->dim[2]);
  const int nx = f->dim[0];
  const size_t plane = (size_t)nx * (size_t)f->dim[1];
  const float *p = f->u[axis];
  const float *q00 = p + nz.lower * plane + ny.lower * (size_t)nx;
  const float *q01 = p + nz.lower * plane + ny.upper * (size_t)nx;
  const float *q10 = p + nz.upper * plane + ny.lower * (size_t)nx;
  const float *q11 = p + nz.upper * plane + ny.upper * (size_t)nx;
  const float scale = (float)(1 / f->image_spacing_mm[axis]);
  const float w00 = (1 - ny.weight) * (1 - nz.weight) * scale;
  const float w01 = ny.weight * (1 - nz.weight) * scale;
  const float w10 = (1 - ny.weight) * nz.weight * scale, w11 = ny.weight * nz.weight * scale;
  for (int x = 0; x < nx; x++)
    ret[x] = w00 * q00[x] + w01 * q01[x] + w10 * q10[x] + w11 * q11[x];
}

void
reg_field_row(const RegField *f, int y, int z, float *scratch, float *const ret[3])
{
  const int nx = f->image_dim[0], cells = f->dim[0];
  for (int a = 0; a < 3; a++) {
    blend_rows(f, a, y, z, scratch);
    float *d = ret[a];
    d[0] = scratch[0];
    for (int x = 0; x < cells - 1; x++) {
      d[2 * x + 1] = 0.75F * scratch[x] + 0.25F * scratch[x + 1];
      d[2 * x + 2] = 0.25F * scratch[x] + 0.75F * scratch[x + 1];
    }
    if (nx == 2 * cells)
      d[nx - 1] = scratch[cells - 1];
  }
}

/* ---- folds -------------------------------------------------------------------------- */

/* The Jacobian at one corner of the cell whose lowest node is `at`: along each
 * axis the difference over the edge that leaves this corner. */
static double
corner_jacobian(const RegField *f, const size_t step[3], size_t at, unsigned corner)
{
  double j[3][3];
  size_t node = at;
  for (int a = 0; a < 3; a++)
    if (corner >> a & 1)
      node += step[a];
  for (int a = 0; a < 3; a++) {
    size_t low = corner >> a & 1 ? node - step[a] : node, high = low + step[a];
    for (int c = 0; c < 3; c++)
      j[c][a] = (c == a) +
                (step[a] ? (double)(f->u[c][high] - f->u[c][low]) / reg_field_spacing_mm(f, a) : 0);
  }
  return j[0][0] * (j[1][1] * j[2][2] - j[1][2] * j[2][1]) -
         j[0][1] * (j[1][0] * j[2][2] - j[1][2] * j[2][0]) +
         j[0][2] * (j[1][0] * j[2][1] - j[1][1] * j[2][0]);
}

typedef struct {
  const RegField *field;
  double least;     /* cells below are marked */
  float *mark;      /* NULL: nothing is marked */
  double *smallest; /* per plane of cells */
} FoldSearch;

static double
least_of_cell(const FoldSearch *s, const size_t step[3], size_t at)
{
  double least = INFINITY;
  const unsigned corners = step[2] ? 8 : 4;
  for (unsigned corner = 0; corner < corners; corner++)
    least = fmin(least, corner_jacobian(s->field, step, at, corner));
  return least;
}

static void
mark_cell(const FoldSearch *s, const size_t step[3], size_t at)
{
  for (unsigned corner = 0; corner < 8; corner++) {
    size_t node = at;
    for (int a = 0; a < 3; a++)
      if (corner >> a & 1)
        node += step[a];
    s->mark[node] = 1;
  }
}

static void
search_plane(void *ctx, int z)
{
  const FoldSearch *s = ctx;
  const RegField *f = s->field;
  const size_t nx = (size_t)f->dim[0], ny = (size_t)f->dim[1];
  const size_t step[3] = {nx > 1, ny > 1 ? nx : 0, f->dim[2] > 1 ? nx * ny : 0};
  double smallest = INFINITY;
  for (size_t y = 0; y + 1 < ny; y++)
    for (size_t x = 0; x + 1 < nx; x++) {
      size_t at = ((size_t)z * ny + y) * nx + x;
      double least = least_of_cell(s, step, at);
      smallest = fmin(smallest, least);
      if (s->mark && least < s->least)
        mark_cell(s, step, at);
    }
  s->smallest[z] = smallest;
}

/* Marking writes into two planes of nodes, so that is done by one thread. */
static double
search_folds(const RegJob *job, FoldSearch *s)
{
  int planes = s->field->dim[2] > 1 ? s->field->dim[2] - 1 : 1;
  double least = 1;
  if (s->mark)
    for (int z = 0; z < planes; z++)
      search_plane(s, z);
  else
    reg_job_run(job, planes, search_plane, s);
  for (int z = 0; z < planes; z++)
    least = fmin(least, s->smallest[z]);
  return least;
}

double
reg_field_least_jacobian(const RegJob *job, const RegField *field)
{
  FoldSearch s = {.field = field, .smallest = calloc((size_t)field->dim[2], sizeof(double))};
  double least = s.smallest ? search_folds(job, &s) : -INFINITY;
  free(s.smallest);
  return least;
}

/* u <- u + m (G u - u), where the mask m is the marks spread over their
 * neighbourhood. */
static itv_status
smooth_marked(const RegJob *job, RegField *f, float *mark, float *copy, double sigma_cells)
{
  const size_t n = reg_field_count(f);
  const double wide[3] = {2 * sigma_cells, 2 * sigma_cells, 2 * sigma_cells};
  const double sigma[3] = {sigma_cells, sigma_cells, sigma_cells};
  itv_status status = reg_field_smooth(job, f->dim, wide, REG_EDGE_ZERO, &mark, 1);
  for (int a = 0; status == ITV_OK && a < 3; a++) {
    memcpy(copy, f->u[a], n * sizeof *copy);
    status = reg_field_smooth(job, f->dim, sigma, REG_EDGE_SLOPE, &copy, 1);
    for (size_t i = 0; i < n; i++) {
      float m = fminf(8 * mark[i], 1);
      f->u[a][i] += m * (copy[i] - f->u[a][i]);
    }
  }
  return status;
}

/* One round of smoothing about the folds. */
static itv_status
smooth_folds(const RegJob *job, RegField *f, double least, double sigma_cells, float *scratch)
{
  const size_t n = reg_field_count(f);
  FoldSearch s = {f, least, scratch, calloc((size_t)f->dim[2], sizeof(double))};
  if (!s.smallest)
    return reg_job_out_of_memory(job);
  memset(scratch, 0, n * sizeof *scratch);
  search_folds(job, &s);
  free(s.smallest);
  return smooth_marked(job, f, scratch, scratch + n, sigma_cells);
}

itv_status
reg_field_unfold(const RegJob *job, RegField *f, double least, int *ret_rounds)
{
  enum { SMOOTHING_ROUNDS = 24 };
  const size_t n = reg_field_count(f);
  float *scratch = NULL;
  int round = 0;
  itv_status status = ITV_OK;
  for (; status == ITV_OK && reg_field_least_jacobian(job, f) < least; round++) {
    if (!scratch && !(scratch = malloc(2 * n * sizeof *scratch)))
      return reg_job_out_of_memory(job);
    /* What a round does not cure needs a wider one; what none cures is given up,
     * which ends at the linear map. */
    if (round < SMOOTHING_ROUNDS)
      status = smooth_folds(job, f, least, 1 + round / 4, scratch);
    else
      for (size_t i = 0; i < 3 * n; i++)
        f->u[0][i] *= 0.8F;
    if (status == ITV_OK && reg_job_cancelled(job))
      status = ITV_ERR_CANCELLED;
  }
  free(scratch);
  if (ret_rounds)
    *ret_rounds = round;
  return status;
}
