/* SPDX-License-Identifier: Apache-2.0
 *
 * synth-noise.h - random numbers and textures that are the same everywhere.
 */
#ifndef INTERVAL_TESTS_SYNTH_NOISE_H
#define INTERVAL_TESTS_SYNTH_NOISE_H

#include <math.h>
#include <stdint.h>

typedef struct {
  uint64_t state;
} SynthRandom;

/* SplitMix64 (Steele, Lea, Flood 2014). */
static inline uint64_t
synth_mix(uint64_t z)
{
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static inline uint64_t
synth_next(SynthRandom *r)
{
  return synth_mix(r->state += 0x9E3779B97F4A7C15u);
}

/* Uniform in [0, 1). */
static inline double
synth_uniform(SynthRandom *r)
{
  return (double)(synth_next(r) >> 11) * 0x1p-53;
}

static inline double
synth_between(SynthRandom *r, double low, double high)
{
  return low + (high - low) * synth_uniform(r);
}

/* Close to a standard normal: the sum of four 16-bit uniforms, scaled. */
static inline double
synth_normal(SynthRandom *r)
{
  const uint64_t b = synth_next(r);
  const double sum = (double)(b & 0xFFFF) + (double)(b >> 16 & 0xFFFF) +
                     (double)(b >> 32 & 0xFFFF) + (double)(b >> 48);
  return (sum / 65536.0 - 2) * 1.7320508;
}

static inline double
synth_lattice(uint64_t seed, int x, int y, int z)
{
  const uint64_t key = seed + (uint64_t)(uint32_t)x * 0x8DA6B343u +
                       (uint64_t)(uint32_t)y * 0xD8163841u + (uint64_t)(uint32_t)z * 0xCB1AB31Fu;
  return (double)(synth_mix(key) >> 40) * 0x1p-23 - 1;
}

static inline double
synth_fade(double t)
{
  return t * t * (3 - 2 * t);
}

/* Value noise in [-1, 1], smooth on the scale of one unit. */
static inline double
synth_texture(uint64_t seed, double x, double y, double z)
{
  const double fx = floor(x), fy = floor(y), fz = floor(z);
  const int ix = (int)fx, iy = (int)fy, iz = (int)fz;
  const double u = synth_fade(x - fx), v = synth_fade(y - fy), w = synth_fade(z - fz);
  double plane[2];
  for (int k = 0; k < 2; k++) {
    const double a = synth_lattice(seed, ix, iy, iz + k),
                 b = synth_lattice(seed, ix + 1, iy, iz + k);
    const double c = synth_lattice(seed, ix, iy + 1, iz + k);
    const double d = synth_lattice(seed, ix + 1, iy + 1, iz + k);
    plane[k] = (a + (b - a) * u) * (1 - v) + (c + (d - c) * u) * v;
  }
  return plane[0] + (plane[1] - plane[0]) * w;
}

#endif
