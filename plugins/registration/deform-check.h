/* SPDX-License-Identifier: Apache-2.0
 *
 * How alike two images are through a displacement field.
 */
#ifndef REGISTRATION_DEFORM_CHECK_H
#define REGISTRATION_DEFORM_CHECK_H

#include "field.h"

/* The normalised cross-correlation over about 50,000 points of `fixed`, which may
 * be a coarser image of what the field lies over; NULL: no field.  -1 when
 * nothing overlaps. */
itv_status reg_field_similarity(const RegJob *job, const RegImage *fixed, const RegImage *moving,
                                const RegAffine *linear, const RegField *field, double *ret);

#endif
