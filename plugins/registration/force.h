/* SPDX-License-Identifier: Apache-2.0
 *
 * What drives a displacement field: at every voxel the difference of the two
 * images, taken along the fixed image's gradient and summed per cell of the
 * field.
 */
#ifndef REGISTRATION_FORCE_H
#define REGISTRATION_FORCE_H

#include "field.h"

/* Two images and the map between them: moving index = linear (fixed index + u). */
typedef struct {
  const RegImage *fixed, *moving;
  RegAffine linear; /* fixed mm to moving mm */
  const RegField *field;
} RegForces;

/* Sums over each cell of g g^T for the gradient g per mm: xx xy xz yy yz zz,
 * of the voxels that the moving image covers.  Six images of the field's size. */
itv_status reg_force_tensor(const RegJob *job, const RegForces *forces, float *const ret[6]);

/* Sums over each cell of rho'(e) g, where e is moving minus fixed; three images
 * of the field's size.  rho' falls to zero for what differs much (Geman and
 * McClure): a lesion that grew or a nail that was removed does not pull.
 * *ret_mean_square is that of rho' over the covered voxels. */
itv_status reg_force_vector(const RegJob *job, const RegForces *forces, float *const ret[4],
                            double *ret_mean_square);

#endif
