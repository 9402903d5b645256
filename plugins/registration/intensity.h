/* SPDX-License-Identifier: Apache-2.0
 *
 * The intensity map E[fixed | moving]: what value the fixed image has where
 * the moving one has a given value.  It turns another exposure, another
 * sequence or an inverted film into the fixed image's contrast; how much of the
 * fixed image's variance it explains is the correlation ratio (Roche et al.,
 * MICCAI 1998).
 */
#ifndef REGISTRATION_INTENSITY_H
#define REGISTRATION_INTENSITY_H

enum { REG_MAP_BINS = 64 };

typedef struct {
  float low, per_unit; /* bin = (value - low) * per_unit */
  float value[REG_MAP_BINS];
} RegIntensityMap;

/* Weights and weighted values per bin, shared linearly between neighbours. */
typedef struct {
  double weight[REG_MAP_BINS], sum[REG_MAP_BINS];
} RegMapSums;

/* The bins span [low, high] of the moving image; values beyond go to the ends. */
void reg_map_set_range(RegIntensityMap *map, double low, double high);
/* Adds n pairs, of weight 1 each where `weight` is NULL; a pair whose moving
 * value is NaN does not count. */
void reg_map_add(const RegIntensityMap *map, int n, const float *moving, const float *fixed,
                 const float *weight, RegMapSums *sums);
/* Bin means, drawn to `mean` where a bin is nearly empty, smoothed [1 2 1]/4. */
void reg_map_finish(RegIntensityMap *map, const RegMapSums *sums, double mean);
/* NaN stays NaN. */
float reg_map_value(const RegIntensityMap *map, float moving);

#endif
