/* SPDX-License-Identifier: Apache-2.0
 *
 * synth-film.h - radiographs of a leg with a nailed tibia, and of a fused
 * lumbar spine: attenuation along parallel rays through simple bodies, quantum
 * noise, detector blur and a side marker; cropped to the beam.
 */
#ifndef INTERVAL_TESTS_SYNTH_FILM_H
#define INTERVAL_TESTS_SYNTH_FILM_H

#include <stdint.h>

/* How the exposure was made. */
typedef struct SynthExposure {
  uint64_t scan; /* seed of the noise */
  int columns, rows;
  double pixel_mm;              /* at the detector */
  double magnification;         /* of the part on the detector, e.g. 1.06 */
  double shift_mm[2], turn_deg; /* of the part on the detector: right, down; in its plane */
  double roll_deg;              /* of the part about its long axis */
  char marker;                  /* 'L', 'R' or 0 */
} SynthExposure;

/* Fracture of the shaft, healing.  Cortex order: medial, lateral, anterior, posterior. */
typedef struct SynthFracture {
  double callus_mm[4];   /* how far callus stands out at each cortex */
  double callus_density; /* 0 none .. 1 like cortical bone */
  double bridged[4];     /* 0 the line is open .. 1 bone all through */
  int fixation;          /* 0: a nail, 1: a plate on the outer side, 2: none */
  double wider_mm;       /* added to the shaft's radius, e.g. 4 for a thigh bone */
} SynthFracture;

/* rows * columns of 12 bits (bone bright), malloc'ed; NULL without memory. */
uint16_t *synth_film_leg(const SynthExposure *exposure, uint64_t anatomy, int lateral,
                         const SynthFracture *fracture);
/* `fusion` 0..1: bone in and around the cage at L4/L5. */
uint16_t *synth_film_lumbar(const SynthExposure *exposure, uint64_t anatomy, int lateral,
                            double fusion);

#endif
