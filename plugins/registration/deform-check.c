/* SPDX-License-Identifier: Apache-2.0 */
#include "deform-check.h"

#include <math.h>
#include <stdlib.h>

#include "warp.h"

enum { POINTS = 50000 };

/* Steps of a grid over the image that holds about POINTS of its voxels. */
static void
choose_steps(const RegImage *image, int ret[3])
{
  int axes = 0;
  for (int a = 0; a < 3; a++)
    axes += image->dim[a] > 1;
  const double each = pow((double)reg_image_count(image) / POINTS, 1.0 / (axes ? axes : 1));
  for (int a = 0; a < 3; a++)
    ret[a] = image->dim[a] > 1 && each > 1 ? (int)ceil(each) : 1;
}

/* The displacement at a voxel of a coarser image, in its voxels. */
static void
displacement(const RegImage *image, const RegField *field, const int voxel[3], double ret[3])
{
  double index[3], mm[3];
  for (int a = 0; a < 3; a++)
    index[a] = (voxel[a] + 0.5) * image->spacing_mm[a] / field->image_spacing_mm[a] - 0.5;
  reg_field_at(field, index, mm);
  for (int a = 0; a < 3; a++)
    ret[a] = mm[a] / image->spacing_mm[a];
}

typedef struct {
  double n, x, y, xx, yy, xy;
} Moments;

static void
add(Moments *m, double x, double y)
{
  if (isnan(x) || isnan(y))
    return;
  m->n++;
  m->x += x;
  m->y += y;
  m->xx += x * x;
  m->yy += y * y;
  m->xy += x * y;
}

static double
correlation(const Moments *m)
{
  const double vx = m->xx - m->x * m->x / m->n, vy = m->yy - m->y * m->y / m->n;
  return m->n > 1 && vx > 0 && vy > 0 ? (m->xy - m->x * m->y / m->n) / sqrt(vx * vy) : -1;
}

static void
sample_row(const RegImage *fixed, const RegField *field, const RegWarp *warp, int y, int z,
           int step, float *buffer, Moments *moments)
{
  const int n = (fixed->dim[0] + step - 1) / step;
  float *at[3] = {buffer, buffer + n, buffer + 2 * n}, *value = buffer + 3 * n;
  for (int i = 0; i < n; i++) {
    const int voxel[3] = {i * step, y, z};
    double u[3] = {0, 0, 0};
    if (field)
      displacement(fixed, field, voxel, u);
    for (int a = 0; a < 3; a++)
      at[a][i] = (float)(voxel[a] + u[a]);
  }
  reg_warp_run(warp, n, at[0], at[1], at[2], value);
  const float *row =
      fixed->voxel + ((size_t)z * (size_t)fixed->dim[1] + (size_t)y) * (size_t)fixed->dim[0];
  for (int i = 0; i < n; i++)
    add(moments, (double)row[i * step], (double)value[i]);
}

itv_status
reg_field_similarity(const RegJob *job, const RegImage *fixed, const RegImage *moving,
                     const RegAffine *linear, const RegField *field, double *ret)
{
  const RegAffine to_moving = reg_affine_compose(linear, &fixed->index_to_mm);
  const RegWarp warp = reg_warp_new(moving, &to_moving, 1);
  Moments moments = {0};
  int step[3];
  choose_steps(fixed, step);
  float *buffer = malloc(4 * (size_t)fixed->dim[0] * sizeof *buffer);
  if (!buffer)
    return reg_job_out_of_memory(job);
  for (int z = 0; z < fixed->dim[2]; z += step[2])
    for (int y = 0; y < fixed->dim[1]; y += step[1])
      sample_row(fixed, field, &warp, y, z, step[0], buffer, &moments);
  free(buffer);
  *ret = correlation(&moments);
  return ITV_OK;
}
