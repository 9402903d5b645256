/* SPDX-License-Identifier: Apache-2.0
 *
 * From no idea to the final map: many starts at the coarsest level, the choice
 * of an intensity model, refinement level by level.
 */
#ifndef REGISTRATION_ALIGN_H
#define REGISTRATION_ALIGN_H

#include "fit.h"
#include "image.h"

/* Two studies in comparable frames (mm), with as many levels each. */
typedef struct {
  RegPyramid fixed, moving;
  bool plane;        /* two films or single slices: in-plane motion only */
  bool shared_frame; /* both in patient coordinates: identity is a fair guess */
  bool film;         /* projection images, whose grey values mean nothing */
} RegPair;

void reg_pair_clear(RegPair *pair);
const RegImage *reg_pair_coarsest(const RegPair *pair, bool moving);

/* The best rigid map that starts all over the place lead to, at the coarsest
 * level.  `hint`, if not NULL, is one more start and saves the oblique ones.
 * The score is the fit's similarity, less where little overlaps; < 0 when no
 * start led anywhere. */
itv_status reg_multistart(const RegJob *job, const RegPair *pair, RegIntensity intensity,
                          const RegAffine *hint, RegAffine *ret, double *ret_score);

/* A first map and the intensity model that suits the pair: the linear one
 * unless E[fixed | moving] explains markedly more. */
itv_status reg_choose_contrast(const RegJob *job, const RegPair *pair, RegAffine *ret,
                               RegIntensity *ret_intensity, bool *ret_swapped);

/* Refines from the coarsest level to `last_level`. */
itv_status reg_refine(const RegJob *job, const RegPair *pair, RegIntensity intensity, bool affine,
                      int last_level, RegAffine *transform, RegFit *ret);

/* A map from the fixed frame to the moving one. */
typedef struct {
  RegAffine transform;
  RegFit fit;
  RegIntensity intensity;
} RegAlignment;
/* Also brings the finest level into the state that the model of intensity
 * needs. */
itv_status reg_align(const RegJob *job, RegPair *pair, bool affine, RegAlignment *ret);

/* How far this map and the one found the other way round, from it and one level
 * short of the finest, lead away from each other. */
itv_status reg_measure_inconsistency(const RegJob *job, const RegPair *pair, bool affine,
                                     const RegAlignment *alignment, double *ret_mm);

/* Where the pair would lie without registration: the identity in patient
 * coordinates, else centre on centre. */
RegAffine reg_pair_unregistered(const RegPair *pair);

#endif
