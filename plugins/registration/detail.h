/* SPDX-License-Identifier: Apache-2.0
 *
 * Agreement of small blocks, about nine voxels across: do the structures within
 * match, in place or a step away?
 */
#ifndef REGISTRATION_DETAIL_H
#define REGISTRATION_DETAIL_H

#include "image.h"

typedef struct {
  double agreement; /* mean NCC of structured blocks, each in its best place nearby; 0: no blocks */
  double in_place;  /* share of them that no step along an axis would improve */
  double step_mm;
} RegDetail;

/* `mapped`: grey values may correspond in any way; the sign of a block's
 * correlation then means nothing. */
itv_status reg_detail_measure(const RegJob *job, const RegImage *fixed, const RegImage *moving,
                              const RegAffine *transform, bool mapped, RegDetail *ret);

#endif
