/* SPDX-License-Identifier: Apache-2.0
 *
 * Images as the registration sees them: float voxels at several resolutions in
 * a frame of mm.  NaN marks a voxel without data; it is never sampled.  A
 * reduction leaves out such voxels while they are the minority; what touches
 * one in a smoothing is NaN as well.
 */
#ifndef REGISTRATION_IMAGE_H
#define REGISTRATION_IMAGE_H

#include <stddef.h>

#include "affine.h"
#include "job.h"

enum { REG_MAX_LEVELS = 10 };

typedef struct {
  int dim[3]; /* x fastest; dim[2] == 1 for a film or a single slice */
  double spacing_mm[3];
  RegAffine index_to_mm, mm_to_index; /* index (0,0,0) is the centre of the first voxel */
  float *voxel;                       /* owned */
} RegImage;

/* level[0] is the finest. */
typedef struct {
  int n_levels;
  double finest_mm; /* the resolution aimed at in level[0] */
  RegImage level[REG_MAX_LEVELS];
} RegPyramid;

static inline size_t
reg_image_count(const RegImage *image)
{
  return (size_t)image->dim[0] * (size_t)image->dim[1] * (size_t)image->dim[2];
}

/* Checks dimensions, data size, spacing and direction; sets the error. */
itv_status reg_volume_check(const RegJob *job, const itv_volume *volume);

/* The spacing in mm of the finest level worth working at for this volume, and
 * its largest extent. */
double reg_volume_fine_mm(const itv_volume *volume);
double reg_volume_extent_mm(const itv_volume *volume);

/* Levels of about fine_mm * 2^k per axis, as far as the volume's own spacing is
 * not coarser.  index_to_mm places the volume in the frame of the caller's
 * choice.  `prepare`, if not NULL, may change the finest level
 * before the others are made of it.  All levels but the finest of several come
 * smoothed.  On failure
 * nothing is left to free. */
itv_status reg_pyramid_build(const RegJob *job, const itv_volume *volume,
                             const RegAffine *index_to_mm, double fine_mm, int n_levels,
                             void (*prepare)(RegImage *finest), RegPyramid *ret);
void reg_pyramid_smooth_finest(const RegJob *job, RegPyramid *pyramid);
void reg_pyramid_clear(RegPyramid *pyramid);

/* Mean, standard deviation and the 0.5th and 99.5th percentile of the voxels
 * that hold data (of some 30,000 of them, evenly spread).  false when there are none. */
typedef struct {
  double mean, deviation, low, high;
} RegStatistics;
bool reg_image_statistics(const RegImage *image, RegStatistics *ret);

/* The k-th smallest of n numbers, none NaN, which it reorders (Hoare 1961). */
float reg_select(float *v, int n, int k);

/* The centre of what is brighter than the background. */
void reg_image_mass_centre(const RegImage *image, double ret_mm[3]);

#endif
