/* SPDX-License-Identifier: Apache-2.0
 *
 * Inverse-compositional Gauss-Newton (Baker & Matthews, IJCV 56, 2004) on the
 * samples of the fixed image.  With T the map sought, W(p) a small motion and
 * a model of intensity I, each iteration solves
 *
 *     min over p  sum_i w_i ( I(m(T x_i)) - f(x_i) - grad f(x_i) . dW/dp p )^2
 *
 * and sets T <- T o W(p)^-1.  The weights w are Tukey's (Beaton & Tukey 1974),
 * so that what changed between the two studies does not pull.
 */
#ifndef REGISTRATION_FIT_H
#define REGISTRATION_FIT_H

#include "image.h"
#include "samples.h"

typedef enum {
  REG_RIGID_SPACE,  /* rotation vector, translation */
  REG_AFFINE_SPACE, /* 12 */
  REG_RIGID_PLANE,  /* angle, translation in x and y */
  REG_AFFINE_PLANE  /* 6, in x and y */
} RegFreedom;

typedef enum {
  REG_LINEAR, /* gain and bias, solved along with the motion */
  REG_MAPPED  /* E[fixed | moving], estimated anew in each iteration */
} RegIntensity;

typedef struct {
  RegFreedom freedom;
  RegIntensity intensity;
  int max_iterations;
  /* The scale of the residuals is the larger of 1.4826 MAD and this share of
   * their root mean square: 1 far from the goal (a wide capture range), less
   * near it (outliers are outliers). */
  double rms_share;
  double cutoff;        /* of Tukey's weights, in scales */
  double tolerance;     /* a motion of fewer voxels of the moving image ends the fit */
  double margin_voxels; /* kept from the moving image's edge */
} RegFitOptions;

typedef struct {
  double similarity; /* NCC, or the root of the correlation ratio; -1: none */
  double valid;      /* share of the samples that fell into the moving image */
  double residual;   /* robust scale of the residuals over f's deviation */
  double moved_mm;   /* by the last iteration, at the samples' radius */
} RegFit;

/* Improves *transform (fixed mm to moving mm).  `range` are the moving image's
 * statistics at this level.  A start that finds too few samples or no step
 * gives similarity -1 and leaves *transform as far as it came. */
itv_status reg_fit_run(const RegJob *job, const RegSamples *samples, const RegImage *moving,
                       const RegStatistics *range, const RegFitOptions *options,
                       RegAffine *transform, RegFit *ret);

#endif
