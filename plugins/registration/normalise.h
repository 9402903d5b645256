/* SPDX-License-Identifier: Apache-2.0
 *
 * Local normalisation: each voxel less the mean of its neighbourhood, over its
 * deviation.  Gain and bias that vary slowly (coil, dose, breathing) vanish,
 * and a vessel in the lung weighs as much as the edge of a rib.
 */
#ifndef REGISTRATION_NORMALISE_H
#define REGISTRATION_NORMALISE_H

#include "image.h"

/* In place.  The neighbourhood is a box that reaches reach_mm to each side, 2
 * voxels at least.  NaN stays NaN and counts in no neighbourhood. */
itv_status reg_normalise_locally(const RegJob *job, RegImage *image, double reach_mm);

#endif
