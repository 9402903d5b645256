/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of the moving image at mapped points, by (tri)linear interpolation.
 */
#ifndef REGISTRATION_WARP_H
#define REGISTRATION_WARP_H

#include "image.h"

/* A map from points in mm to indices of one image, ready for the inner loop. */
typedef struct {
  const float *voxel;
  int dim[3];
  float row[3][4];
  float low[3], high[3]; /* indices within are sampled */
} RegWarp;

/* `margin_voxels` keeps away from the edge of the field of view, where the
 * smoothing ends and reconstruction artefacts begin; along an axis of few
 * voxels it shrinks. */
RegWarp reg_warp_new(const RegImage *image, const RegAffine *mm_to_moving_mm, double margin_voxels);

/* ret[i] = image at the mapped (x[i], y[i], z[i]); NaN outside. */
void reg_warp_run(const RegWarp *warp, int n, const float *x_mm, const float *y_mm,
                  const float *z_mm, float *ret);

/* Sum of a[i] * b[i], in a fixed order that the compiler can vectorise. */
double reg_dot(int n, const float *a, const float *b);

#endif
