/* SPDX-License-Identifier: Apache-2.0
 *
 * The frames in which two volumes are compared.  Stacks use patient
 * coordinates.  Films and single slices use their plane: x along the fixed
 * row, y along the column, z through the plane, all in mm.
 */
#ifndef REGISTRATION_FRAME_H
#define REGISTRATION_FRAME_H

#include "align.h"

typedef struct {
  bool plane;                                      /* both are one voxel thick */
  bool shared;                                     /* both are in patient coordinates */
  double tilt_deg;                                 /* between the planes of two oriented slices */
  RegAffine fixed_index_to_mm, moving_index_to_mm; /* into the frame */
  RegAffine fixed_to_lps, moving_to_lps;           /* from the frame to the volume's own mm */
} RegFrames;

itv_status reg_frames_choose(const RegJob *job, const itv_volume *fixed, const itv_volume *moving,
                             RegFrames *ret);

/* From a map between the frames to one between the volumes' own coordinates. */
itv_status reg_frames_lift(const RegJob *job, const RegFrames *frames, const RegAffine *map,
                           RegAffine *ret);

#endif
