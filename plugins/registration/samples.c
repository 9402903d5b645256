/* SPDX-License-Identifier: Apache-2.0 */
#include "samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The gradient by central differences, one-sided on the border; an axis of one
 * voxel has none.  `step` holds the two neighbours' distances in voxels. */
typedef struct {
  ptrdiff_t before, after;
  float per_index; /* 1 / number of steps between the two neighbours */
} Neighbours;

typedef struct {
  const RegJob *job;
  const RegImage *image;
  int first[3], n_cells[3], cell[3]; /* first voxel, number and size of the cells */
  int *best;                         /* voxel of each cell, -1: none */
  float *steepness;                  /* its squared gradient, per mm^2 */
  float per_mm2[3];                  /* 1 / spacing^2 */
} Picking;

static Neighbours
neighbours(int i, int n, size_t stride)
{
  Neighbours a = {0, 0, 0};
  int steps = (i > 0) + (i < n - 1);
  if (i > 0)
    a.before = -(ptrdiff_t)stride;
  if (i < n - 1)
    a.after = (ptrdiff_t)stride;
  if (steps)
    a.per_index = 1.0f / (float)steps;
  return a;
}

static float
difference(const float *p, Neighbours a)
{
  return (p[a.after] - p[a.before]) * a.per_index;
}

/* Squared gradients of one row of the image; the caller's cells begin at x >= 1
 * and end before the last voxel, so that x needs no border. */
static void
steepness_row(const Picking *k, int y, int z, float *ret)
{
  const RegImage *im = k->image;
  size_t nx = (size_t)im->dim[0], plane = nx * (size_t)im->dim[1];
  Neighbours ny = neighbours(y, im->dim[1], nx), nz = neighbours(z, im->dim[2], plane);
  const float *p = im->voxel + (size_t)z * plane + (size_t)y * nx;
  for (int x = 1; x < im->dim[0] - 1; x++) {
    float gx = (p[x + 1] - p[x - 1]) * 0.5f;
    float gy = (p[x + ny.after] - p[x + ny.before]) * ny.per_index;
    float gz = (p[x + nz.after] - p[x + nz.before]) * nz.per_index;
    ret[x] = gx * gx * k->per_mm2[0] + gy * gy * k->per_mm2[1] + gz * gz * k->per_mm2[2];
  }
}

static void
best_of_cells(const Picking *k, const float *row, size_t row_offset, size_t first_cell)
{
  for (int c = 0; c < k->n_cells[0]; c++) {
    int x0 = k->first[0] + c * k->cell[0];
    float best = k->steepness[first_cell + (size_t)c];
    int at = -1;
    for (int x = x0; x < x0 + k->cell[0]; x++)
      if (row[x] > best) { /* false for NaN */
        best = row[x];
        at = x;
      }
    if (at >= 0) {
      k->steepness[first_cell + (size_t)c] = best;
      k->best[first_cell + (size_t)c] = (int)row_offset + at;
    }
  }
}

static void
pick_task(void *ctx, int block)
{
  Picking *k = ctx;
  const RegImage *im = k->image;
  int cy = block % k->n_cells[1], cz = block / k->n_cells[1];
  size_t first_cell = (size_t)block * (size_t)k->n_cells[0];
  float *row = malloc(sizeof *row * (size_t)im->dim[0]);
  if (!row || reg_job_cancelled(k->job)) {
    free(row);
    return;
  }
  for (int z = k->first[2] + cz * k->cell[2]; z < k->first[2] + (cz + 1) * k->cell[2]; z++)
    for (int y = k->first[1] + cy * k->cell[1]; y < k->first[1] + (cy + 1) * k->cell[1]; y++) {
      size_t offset = ((size_t)z * (size_t)im->dim[1] + (size_t)y) * (size_t)im->dim[0];
      steepness_row(k, y, z, row);
      best_of_cells(k, row, offset, first_cell);
    }
  free(row);
}

/* Cubes of about the same edge in mm that give at most twice as many cells as
 * samples are wanted. */
static void
lay_cells(Picking *k, int wanted)
{
  const RegImage *im = k->image;
  double finest_mm = fmin(im->spacing_mm[0], im->spacing_mm[1]);
  for (int edge = 1;; edge++) {
    double cells = 1;
    for (int i = 0; i < 3; i++) {
      int border = im->dim[i] >= 3 ? 1 : 0, inner = im->dim[i] - 2 * border;
      int voxels = (int)(edge * finest_mm / im->spacing_mm[i] + 0.5);
      k->cell[i] = voxels < 1 ? 1 : voxels > inner ? inner : voxels;
      k->n_cells[i] = inner / k->cell[i];
      k->first[i] = border;
      k->per_mm2[i] = (float)(1 / (im->spacing_mm[i] * im->spacing_mm[i]));
      cells *= k->n_cells[i];
    }
    if (cells <= 2.0 * wanted || edge > 4096)
      return;
  }
}

static int
steepness_bin(float steepness)
{
  float bin = log2f(steepness + 1e-12f) * 8 + 384;
  return bin < 0 ? 0 : bin > 1023 ? 1023 : (int)bin;
}

/* The bin above which about `wanted` cells lie, or six in ten when there are
 * few. */
static int
threshold_bin(const Picking *k, size_t n_cells, int wanted, size_t *ret_n)
{
  size_t histogram[1024] = {0}, n_found = 0, kept = 0;
  for (size_t i = 0; i < n_cells; i++)
    if (k->best[i] >= 0) {
      histogram[steepness_bin(k->steepness[i])]++;
      n_found++;
    }
  size_t keep = n_found < (size_t)wanted ? n_found * 6 / 10 : (size_t)wanted;
  int bin = 1024;
  while (bin > 0 && kept < keep)
    kept += histogram[--bin];
  *ret_n = kept;
  return bin;
}

static void
add_sample(const RegImage *im, int voxel, RegSamples *s)
{
  int nx = im->dim[0], ny = im->dim[1], i = s->n++;
  int x = voxel % nx, y = voxel / nx % ny, z = voxel / nx / ny;
  const float *p = im->voxel + voxel;
  const double index[3] = {x, y, z};
  double at_mm[3], g[3];
  reg_affine_apply(&im->index_to_mm, index, at_mm);
  g[0] = difference(p, neighbours(x, nx, 1));
  g[1] = difference(p, neighbours(y, ny, (size_t)nx));
  g[2] = difference(p, neighbours(z, im->dim[2], (size_t)nx * (size_t)ny));
  s->x_mm[i] = (float)(at_mm[0] - s->centre_mm[0]);
  s->y_mm[i] = (float)(at_mm[1] - s->centre_mm[1]);
  s->z_mm[i] = (float)(at_mm[2] - s->centre_mm[2]);
  s->value[i] = *p;
  /* df/dx_mm = (d index / d mm)^T df/d index */
  const double(*m)[4] = im->mm_to_index.m;
  s->gx[i] = (float)(m[0][0] * g[0] + m[1][0] * g[1] + m[2][0] * g[2]);
  s->gy[i] = (float)(m[0][1] * g[0] + m[1][1] * g[1] + m[2][1] * g[2]);
  s->gz[i] = (float)(m[0][2] * g[0] + m[1][2] * g[1] + m[2][2] * g[2]);
  s->radius_mm += s->x_mm[i] * s->x_mm[i] + s->y_mm[i] * s->y_mm[i] + s->z_mm[i] * s->z_mm[i];
}

static itv_status
gather(const Picking *k, size_t n_cells, int wanted, RegSamples *ret)
{
  RegSamples s = {0};
  size_t n;
  int bin = threshold_bin(k, n_cells, wanted, &n);
  float *storage = calloc(7 * n + 1, sizeof *storage);
  if (!storage)
    return reg_job_out_of_memory(k->job);
  float **part[] = {&s.x_mm, &s.y_mm, &s.z_mm, &s.value, &s.gx, &s.gy, &s.gz};
  for (size_t i = 0; i < 7; i++)
    *part[i] = storage + i * n;
  double centre_index[3];
  for (int i = 0; i < 3; i++)
    centre_index[i] = (k->image->dim[i] - 1) * 0.5;
  reg_affine_apply(&k->image->index_to_mm, centre_index, s.centre_mm);
  for (size_t i = 0; i < n_cells; i++)
    if (k->best[i] >= 0 && steepness_bin(k->steepness[i]) >= bin)
      add_sample(k->image, k->best[i], &s);
  s.radius_mm = s.n ? sqrt(s.radius_mm / s.n) : 0;
  *ret = s;
  return ITV_OK;
}

itv_status
reg_samples_pick(const RegJob *job, const RegImage *image, int wanted, RegSamples *ret)
{
  Picking k = {.job = job, .image = image};
  lay_cells(&k, wanted);
  size_t n_cells = (size_t)k.n_cells[0] * (size_t)k.n_cells[1] * (size_t)k.n_cells[2];
  k.best = malloc(sizeof *k.best * (n_cells + 1));
  k.steepness = calloc(n_cells + 1, sizeof *k.steepness);
  itv_status status;
  if (!k.best || !k.steepness) {
    status = reg_job_out_of_memory(job);
  } else {
    memset(k.best, 0xff, sizeof *k.best * (n_cells + 1));
    reg_job_run(job, k.n_cells[1] * k.n_cells[2], pick_task, &k);
    status = gather(&k, n_cells, wanted, ret);
  }
  free(k.best);
  free(k.steepness);
  return status;
}

void
reg_samples_clear(RegSamples *samples)
{
  free(samples->x_mm);
  memset(samples, 0, sizeof *samples);
}
