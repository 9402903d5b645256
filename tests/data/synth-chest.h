/* SPDX-License-Identifier: Apache-2.0
 *
 * synth-chest.h - a CT of a chest that never was: body wall, ribs, spine,
 * heart, airways, lungs with their vessels, nodules of known size.  The same
 * `anatomy` is the same person; a scan lays that person on the table anew.
 */
#ifndef INTERVAL_TESTS_SYNTH_CHEST_H
#define INTERVAL_TESTS_SYNTH_CHEST_H

#include <stdint.h>

typedef struct SynthNodule {
  double center_mm[3]; /* in the person's frame: x left, y back, z up, 0 mid-chest */
  double diameter_mm;  /* of the sphere of the same volume */
  double lobulation;   /* 0 smooth .. 0.3 */
  double density_hu;
} SynthNodule;

typedef struct SynthChest {
  uint64_t anatomy, scan; /* seeds */
  int size, slices;       /* size x size pixels */
  double pixel_mm, slice_mm;
  double shift_mm[3], rotation_deg[3]; /* of the person in the scanner, about x, y, z */
  double breath_mm;                    /* diaphragm above its usual place */
  double noise_hu;
  const SynthNodule *nodules;
  int n_nodules;
} SynthChest;

/* size * size * slices HU, x fastest; malloc'ed, NULL without memory. */
int16_t *synth_chest_render(const SynthChest *chest);
/* The centre of the first voxel, scanner LPS. */
void synth_chest_origin(const SynthChest *chest, double ret_mm[3]);
/* Person's frame -> scanner LPS. */
void synth_chest_place(const SynthChest *chest, const double person_mm[3], double ret_mm[3]);

#endif
