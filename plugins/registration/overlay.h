/* SPDX-License-Identifier: Apache-2.0
 *
 * Both images on a regular grid of the fixed one: how alike they are where
 * they overlap, measured on all of it and not on the samples of the fit.
 */
#ifndef REGISTRATION_OVERLAY_H
#define REGISTRATION_OVERLAY_H

#include "image.h"

typedef struct {
  int n;        /* pairs: grid points where both images have data */
  int n_grid;   /* grid points where the fixed one has */
  float *fixed; /* shares its allocation with moving */
  float *moving;
} RegOverlay;

/* On about `wanted` grid points. */
itv_status reg_overlay_new(const RegJob *job, const RegImage *fixed, const RegImage *moving,
                           const RegAffine *transform, int wanted, RegOverlay *ret);
void reg_overlay_clear(RegOverlay *overlay);

/* Share of the fixed image covered, 0..1. */
double reg_overlay_share(const RegOverlay *overlay);
/* Normalised cross-correlation, -1..1; 0 where one of the two is constant. */
double reg_overlay_ncc(const RegOverlay *overlay);
/* Correlation ratio, 0..1: the share of the fixed image's variance that
 * E[fixed | moving] explains; `swapped`: the same with the roles exchanged. */
double reg_overlay_ratio(const RegOverlay *overlay, bool swapped);
/* Replaces moving by E[fixed | moving]. */
void reg_overlay_map(RegOverlay *overlay);
/* (H(fixed) + H(moving)) / H(both), 1..2 (Studholme et al., Pattern Recognition
 * 32, 1999), which does not grow by shrinking the overlap. */
double reg_overlay_nmi(const RegOverlay *overlay);

#endif
