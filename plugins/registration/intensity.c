/* SPDX-License-Identifier: Apache-2.0 */
#include "intensity.h"

#include <math.h>

void
reg_map_set_range(RegIntensityMap *map, double low, double high)
{
  map->low = (float)low;
  map->per_unit = high > low ? (float)((REG_MAP_BINS - 1) / (high - low)) : 0;
}

static inline float
position(const RegIntensityMap *map, float moving, int *ret_bin)
{
  float at = (moving - map->low) * map->per_unit;
  at = at < 0 ? 0 : at > REG_MAP_BINS - 1.001f ? REG_MAP_BINS - 1.001f : at;
  *ret_bin = (int)at;
  return at - (float)*ret_bin;
}

void
reg_map_add(const RegIntensityMap *map, int n, const float *moving, const float *fixed,
            const float *weight, RegMapSums *sums)
{
  for (int i = 0; i < n; i++) {
    if (isnan(moving[i]))
      continue;
    int bin;
    double share = weight ? (double)weight[i] : 1, value = (double)fixed[i];
    double upper = share * (double)position(map, moving[i], &bin), lower = share - upper;
    sums->weight[bin] += lower;
    sums->weight[bin + 1] += upper;
    sums->sum[bin] += lower * value;
    sums->sum[bin + 1] += upper * value;
  }
}

void
reg_map_finish(RegIntensityMap *map, const RegMapSums *sums, double mean)
{
  for (int i = 0; i < REG_MAP_BINS; i++) {
    double weight = 2 * sums->weight[i], sum = 2 * sums->sum[i];
    for (int side = -1; side <= 1; side += 2)
      if (i + side >= 0 && i + side < REG_MAP_BINS) {
        weight += sums->weight[i + side];
        sum += sums->sum[i + side];
      }
    map->value[i] = (float)((sum + mean) / (weight + 1));
  }
}

float
reg_map_value(const RegIntensityMap *map, float moving)
{
  int bin;
  if (isnan(moving))
    return moving;
  float upper = position(map, moving, &bin);
  return map->value[bin] + upper * (map->value[bin + 1] - map->value[bin]);
}
