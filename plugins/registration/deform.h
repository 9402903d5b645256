/* SPDX-License-Identifier: Apache-2.0
 *
 * From a linear map to one that follows breathing and posture: a dense
 * displacement field by Gauss-Newton steps (Lucas and Kanade 1981, on locally
 * normalised images) from coarse to fine, kept smooth and free of folds.
 */
#ifndef REGISTRATION_DEFORM_H
#define REGISTRATION_DEFORM_H

#include "align.h"
#include "field.h"

typedef struct {
  RegField field;           /* over fixed.level[0] */
  double least_jacobian;    /* > 0: the map can be undone everywhere */
  double mean_square;       /* of what still differs, in local deviations */
  double similarity;        /* NCC, -1..1, of the images as they came, through the field */
  double similarity_linear; /* the same through the linear map alone */
} RegDeformation;

/* Changes the images of the pair: they are normalised locally. */
itv_status reg_deform(const RegJob *job, RegPair *pair, const RegAffine *linear,
                      RegDeformation *ret);
void reg_deformation_clear(RegDeformation *deformation);

#endif
