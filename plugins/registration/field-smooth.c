/* SPDX-License-Identifier: Apache-2.0
 *
 * Gaussian smoothing, one axis after the other.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "simd.h"

enum { MAX_RADIUS = 48 };

typedef struct {
  int dim[3];
  int axis, radius;
  RegEdge edge;
  float kernel[MAX_RADIUS + 1]; /* from the middle outwards */
  float *image;
  bool *out_of_memory; /* one per block */
} Pass;

/* Cut where the kernel has fallen to 1/11, as twicing and repetition make up
 * for what lies beyond. */
static void
set_kernel(Pass *p, double sigma)
{
  double sum = 0;
  p->radius = (int)fmin(ceil(2.2 * sigma), MAX_RADIUS);
  for (int j = 0; j <= p->radius; j++) {
    p->kernel[j] = (float)exp(-0.5 * j * j / (sigma * sigma));
    sum += (j ? 2 : 1) * (double)p->kernel[j];
  }
  for (int j = 0; j <= p->radius; j++)
    p->kernel[j] = (float)((double)p->kernel[j] / sum);
}

REG_SIMD_BODY void
filter_line(const float *restrict from, int n, int radius, const float *restrict kernel,
            float *restrict to)
{
  for (int x = 0; x < n; x++)
    to[x] = kernel[0] * from[x];
  for (int j = 1; j <= radius; j++)
    for (int x = 0; x < n; x++)
      to[x] += kernel[j] * (from[x - j] + from[x + j]);
}

REG_SIMD_BODY void
add_lines(float *restrict to, int n, float weight, const float *restrict a, const float *restrict b)
{
  for (int x = 0; x < n; x++)
    to[x] += weight * (a[x] + b[x]);
}

REG_SIMD_DISPATCH(filter_line,
                  (const float *from, int n, int radius, const float *kernel, float *to),
                  (from, n, radius, kernel, to))
REG_SIMD_DISPATCH(add_lines, (float *to, int n, float weight, const float *a, const float *b),
                  (to, n, weight, a, b))

static inline int
clamp_to(int i, int n)
{
  return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* The line `beyond` lines before the first or after the last one. */
static void
fill_beyond(const Pass *p, int nx, const float *edge, const float *mirrored, float *ret)
{
  for (int x = 0; x < nx; x++)
    ret[x] = p->edge == REG_EDGE_SLOPE ? 2 * edge[x] - mirrored[x] : 0;
}

static void
filter_rows(const Pass *p, int z, float *padded)
{
  const int nx = p->dim[0], r = p->radius;
  for (int y = 0; y < p->dim[1]; y++) {
    float *row = p->image + ((size_t)z * (size_t)p->dim[1] + (size_t)y) * (size_t)nx;
    memcpy(padded + r, row, (size_t)nx * sizeof *row);
    for (int j = 1; j <= r; j++) {
      fill_beyond(p, 1, row, row + clamp_to(j, nx), padded + r - j);
      fill_beyond(p, 1, row + nx - 1, row + clamp_to(nx - 1 - j, nx), padded + r + nx - 1 + j);
    }
    filter_line_best(padded + r, nx, r, p->kernel, row);
  }
}

/* Rows of x along y or z: `lines` of them, `stride` apart.  `copy` holds them with
 * as many as the kernel reaches before and after. */
static void
filter_lines(const Pass *p, float *first, int lines, size_t stride, float *copy)
{
  const size_t nx = (size_t)p->dim[0];
  float *own = copy + (size_t)p->radius * nx;
  for (int i = 0; i < lines; i++)
    memcpy(own + (size_t)i * nx, first + (size_t)i * stride, nx * sizeof *copy);
  for (int j = 1; j <= p->radius; j++) {
    float *last = own + (size_t)(lines - 1) * nx;
    fill_beyond(p, p->dim[0], own, own + (size_t)clamp_to(j, lines) * nx, own - (size_t)j * nx);
    fill_beyond(p, p->dim[0], last, own + (size_t)clamp_to(lines - 1 - j, lines) * nx,
                last + (size_t)j * nx);
  }
  for (int i = 0; i < lines; i++) {
    float *to = first + (size_t)i * stride;
    const float *middle = own + (size_t)i * nx;
    for (size_t x = 0; x < nx; x++)
      to[x] = p->kernel[0] * middle[x];
    for (int j = 1; j <= p->radius; j++)
      add_lines_best(to, p->dim[0], p->kernel[j], middle - (size_t)j * nx, middle + (size_t)j * nx);
  }
}

static void
filter_block(void *ctx, int block)
{
  const Pass *p = ctx;
  const size_t nx = (size_t)p->dim[0], plane = nx * (size_t)p->dim[1];
  const size_t lines = p->axis == 0 ? 1 : (size_t)p->dim[p->axis];
  const size_t beyond = 2 * (size_t)p->radius;
  float *scratch = malloc(sizeof *scratch * (p->axis == 0 ? nx + beyond : nx * (lines + beyond)));
  p->out_of_memory[block] = !scratch;
  if (!scratch)
    return;
  if (p->axis == 0)
    filter_rows(p, block, scratch);
  else if (p->axis == 1)
    filter_lines(p, p->image + (size_t)block * plane, (int)lines, nx, scratch);
  else
    filter_lines(p, p->image + (size_t)block * nx, (int)lines, plane, scratch);
  free(scratch);
}

itv_status
reg_field_smooth(const RegJob *job, const int dim[3], const double sigma[3], RegEdge edge,
                 float *const *image, int n)
{
  const int most = dim[2] > dim[1] ? dim[2] : dim[1];
  Pass p = {.dim = {dim[0], dim[1], dim[2]},
            .edge = edge,
            .out_of_memory = calloc((size_t)most, sizeof(bool))};
  bool failed = !p.out_of_memory;
  for (p.axis = 0; !failed && p.axis < 3; p.axis++) {
    if (sigma[p.axis] < 0.2 || dim[p.axis] < 2)
      continue;
    set_kernel(&p, sigma[p.axis]);
    const int blocks = p.axis == 2 ? dim[1] : dim[2];
    for (int i = 0; i < n; i++) {
      p.image = image[i];
      reg_job_run(job, blocks, filter_block, &p);
      for (int b = 0; b < blocks; b++)
        failed = failed || p.out_of_memory[b];
    }
  }
  free(p.out_of_memory);
  return failed ? reg_job_out_of_memory(job) : ITV_OK;
}
