/* SPDX-License-Identifier: Apache-2.0
 *
 * A displacement field over the fixed image: on a grid of half its resolution,
 * in mm along the axes of its grid.  The point that the field moves is
 *
 *   x  ->  linear map (x + u(x))
 *
 * so that a field of zeros is the linear map alone.
 */
#ifndef REGISTRATION_FIELD_H
#define REGISTRATION_FIELD_H

#include "image.h"

/* Cell (i,j,k) covers the image's voxels 2i and 2i+1 (and so on); its value
 * belongs to the point between them.  An axis of one voxel has one cell. */
typedef struct {
  int dim[3];
  int image_dim[3];
  double image_spacing_mm[3];
  float *u[3]; /* the three share one allocation, headed by u[0] */
} RegField;

/* All zero.  ITV_ERR_LIMIT when out of memory. */
itv_status reg_field_new(const RegJob *job, const RegImage *image, RegField *ret);
void reg_field_clear(RegField *field);

static inline size_t
reg_field_count(const RegField *field)
{
  return (size_t)field->dim[0] * (size_t)field->dim[1] * (size_t)field->dim[2];
}

/* The spacing of the cells along an axis. */
static inline double
reg_field_spacing_mm(const RegField *field, int axis)
{
  return (field->image_dim[axis] > 1 ? 2 : 1) * field->image_spacing_mm[axis];
}

/* The same displacements over another grid of the same image: `to` holds zeros
 * and is filled.  Beyond the outermost cells the field is constant. */
void reg_field_resample(const RegJob *job, const RegField *from, RegField *to);

/* The displacement of every voxel of one row of the image, in voxels of the
 * image; ret holds image_dim[0] numbers per axis, `scratch` dim[0]. */
void reg_field_row(const RegField *field, int y, int z, float *scratch, float *const ret[3]);

/* The displacement in mm at a point given as an index into the image. */
void reg_field_at(const RegField *field, const double index[3], double ret_mm[3]);

/* What a smoothing finds beyond the grid's edge: nothing, for sums that are
 * divided by each other, or the values turned about the edge's, which leaves a
 * slope as it is. */
typedef enum { REG_EDGE_ZERO, REG_EDGE_SLOPE } RegEdge;

/* Gaussian smoothing of `n` images over the field's grid; sigma counts cells. */
itv_status reg_field_smooth(const RegJob *job, const int dim[3], const double sigma[3],
                            RegEdge edge, float *const *image, int n);

/* The smallest determinant of the Jacobian of x + u(x), over the corners of all
 * cells: below 0 the map folds. */
double reg_field_least_jacobian(const RegJob *job, const RegField *field);

/* Smooths where the determinant falls below `least`, and only there, until it
 * does so nowhere.  The number of rounds it took. */
itv_status reg_field_unfold(const RegJob *job, RegField *field, double least, int *ret_rounds);

#endif
