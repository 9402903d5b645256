/* SPDX-License-Identifier: Apache-2.0
 *
 * The points of the fixed image that steer the fit: one per small cell of the
 * grid, where its gradient is largest, and of those the steepest.
 */
#ifndef REGISTRATION_SAMPLES_H
#define REGISTRATION_SAMPLES_H

#include "image.h"

typedef struct {
  int n;
  double centre_mm[3];       /* x, y, z count from here */
  double radius_mm;          /* root mean square distance from the centre */
  float *x_mm, *y_mm, *z_mm; /* all seven share one allocation, headed by x_mm */
  float *value;
  float *gx, *gy, *gz; /* gradient of value, per mm */
} RegSamples;

/* About `wanted` samples or fewer; ITV_OK with n == 0 on a featureless image. */
itv_status reg_samples_pick(const RegJob *job, const RegImage *image, int wanted, RegSamples *ret);
void reg_samples_clear(RegSamples *samples);

#endif
