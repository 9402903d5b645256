/* SPDX-License-Identifier: Apache-2.0 */
#include "normalise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Neighbourhoods of less than this share of the image's variance count as
 * noise, which is not to be magnified. */
static const double FLOOR = 0.02;

typedef struct {
  int dim[3];
  int axis, reach;
  float *image; /* sums over the box so far */
  bool *out_of_memory;
} BoxPass;

/* Sums over a window of 2 reach + 1, by a running sum in double precision. */
static void
sum_line(const double *copy, int n, int reach, float *to, size_t stride)
{
  double sum = 0;
  for (int i = 0; i < n && i <= reach; i++)
    sum += copy[i];
  for (int i = 0; i < n; i++) {
    to[(size_t)i * stride] = (float)sum;
    if (i + reach + 1 < n)
      sum += copy[i + reach + 1];
    if (i - reach >= 0)
      sum -= copy[i - reach];
  }
}

static void
sum_rows(const BoxPass *p, int z, double *copy)
{
  const int nx = p->dim[0];
  for (int y = 0; y < p->dim[1]; y++) {
    float *row = p->image + ((size_t)z * (size_t)p->dim[1] + (size_t)y) * (size_t)nx;
    for (int x = 0; x < nx; x++)
      copy[x] = (double)row[x];
    sum_line(copy, nx, p->reach, row, 1);
  }
}

/* As sum_line(), for a whole row of x at once, so that memory is walked in its
 * order. */
static void
sum_lines(const BoxPass *p, float *first, int lines, size_t stride, double *scratch)
{
  const size_t nx = (size_t)p->dim[0];
  double *sum = scratch;
  float *copy = (float *)(scratch + nx);
  for (int i = 0; i < lines; i++)
    memcpy(copy + (size_t)i * nx, first + (size_t)i * stride, nx * sizeof *copy);
  memset(sum, 0, nx * sizeof *sum);
  for (int i = 0; i < lines && i <= p->reach; i++)
    for (size_t x = 0; x < nx; x++)
      sum[x] += (double)copy[(size_t)i * nx + x];
  for (int i = 0; i < lines; i++) {
    float *to = first + (size_t)i * stride;
    for (size_t x = 0; x < nx; x++)
      to[x] = (float)sum[x];
    const int enters = i + p->reach + 1, leaves = i - p->reach;
    for (size_t x = 0; enters < lines && x < nx; x++)
      sum[x] += (double)copy[(size_t)enters * nx + x];
    for (size_t x = 0; leaves >= 0 && x < nx; x++)
      sum[x] -= (double)copy[(size_t)leaves * nx + x];
  }
}

static void
sum_block(void *ctx, int block)
{
  const BoxPass *p = ctx;
  const size_t nx = (size_t)p->dim[0], plane = nx * (size_t)p->dim[1];
  const int lines = p->axis == 0 ? 1 : p->dim[p->axis];
  double *scratch = malloc(sizeof *scratch * nx + sizeof(float) * nx * (size_t)lines);
  p->out_of_memory[block] = !scratch;
  if (!scratch)
    return;
  if (p->axis == 0)
    sum_rows(p, block, scratch);
  else if (p->axis == 1)
    sum_lines(p, p->image + (size_t)block * plane, lines, nx, scratch);
  else
    sum_lines(p, p->image + (size_t)block * nx, lines, plane, scratch);
  free(scratch);
}

static itv_status
sum_boxes(const RegJob *job, const int dim[3], const int reach[3], float *image)
{
  const int most = dim[2] > dim[1] ? dim[2] : dim[1];
  BoxPass p = {.dim = {dim[0], dim[1], dim[2]},
               .image = image,
               .out_of_memory = calloc((size_t)most, sizeof(bool))};
  bool failed = !p.out_of_memory;
  for (p.axis = 0; !failed && p.axis < 3; p.axis++) {
    if (dim[p.axis] < 2)
      continue;
    p.reach = reach[p.axis];
    const int blocks = p.axis == 2 ? dim[1] : dim[2];
    reg_job_run(job, blocks, sum_block, &p);
    for (int b = 0; b < blocks; b++)
      failed = failed || p.out_of_memory[b];
  }
  free(p.out_of_memory);
  return failed ? reg_job_out_of_memory(job) : ITV_OK;
}

typedef struct {
  float *voxel, *mean, *square, *count;
  float middle, floor;
  size_t plane;
} Normalising;

/* Values count from the image's middle: the squares of CT numbers would eat up
 * the digits of their difference. */
static void
prepare_plane(void *ctx, int z)
{
  const Normalising *n = ctx;
  for (size_t i = (size_t)z * n->plane; i < (size_t)(z + 1) * n->plane; i++) {
    const float v = n->voxel[i];
    const bool known = !isnan(v);
    n->mean[i] = known ? v - n->middle : 0;
    n->square[i] = known ? (v - n->middle) * (v - n->middle) : 0;
    n->count[i] = known;
  }
}

static void
finish_plane(void *ctx, int z)
{
  const Normalising *n = ctx;
  for (size_t i = (size_t)z * n->plane; i < (size_t)(z + 1) * n->plane; i++) {
    const float count = fmaxf(n->count[i], 1), mean = n->mean[i] / count;
    const float variance = fmaxf(n->square[i] / count - mean * mean, 0);
    n->voxel[i] = (n->voxel[i] - n->middle - mean) / sqrtf(variance + n->floor);
  }
}

itv_status
reg_normalise_locally(const RegJob *job, RegImage *image, double reach_mm)
{
  const size_t count = reg_image_count(image);
  RegStatistics s;
  int reach[3];
  if (!reg_image_statistics(image, &s))
    return ITV_OK;
  for (int a = 0; a < 3; a++)
    reach[a] = (int)fmax(2, reach_mm / image->spacing_mm[a] + 0.5);
  float *sums = malloc(3 * count * sizeof *sums);
  if (!sums)
    return reg_job_out_of_memory(job);
  Normalising n = {.voxel = image->voxel,
                   .mean = sums,
                   .square = sums + count,
                   .count = sums + 2 * count,
                   .middle = (float)s.mean,
                   .floor = (float)(FLOOR * s.deviation * s.deviation),
                   .plane = (size_t)image->dim[0] * (size_t)image->dim[1]};
  reg_job_run(job, image->dim[2], prepare_plane, &n);
  itv_status status = sum_boxes(job, image->dim, reach, n.mean);
  if (status == ITV_OK)
    status = sum_boxes(job, image->dim, reach, n.square);
  if (status == ITV_OK)
    status = sum_boxes(job, image->dim, reach, n.count);
  if (status == ITV_OK)
    reg_job_run(job, image->dim[2], finish_plane, &n);
  free(sums);
  return status;
}
