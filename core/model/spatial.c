/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spatial.h"

#include <math.h>
#include <string.h>

void
itv_spatial_map_clear(ItvSpatialMap *map)
{
  for (int i = 0; i < 3; i++)
    g_clear_pointer(&map->displacement[i], itv_volume_unref);
}

static gboolean
same_grid(const itv_volume *a, const itv_volume *b)
{
  return a->pixel == ITV_PIX_F32 && b->pixel == ITV_PIX_F32 &&
         memcmp(a->dim, b->dim, sizeof a->dim) == 0 &&
         memcmp(a->spacing_mm, b->spacing_mm, sizeof a->spacing_mm) == 0 &&
         memcmp(a->origin_mm, b->origin_mm, sizeof a->origin_mm) == 0 &&
         memcmp(a->direction, b->direction, sizeof a->direction) == 0;
}

gboolean
itv_spatial_map_set_displacement(ItvSpatialMap *map, ItvVolume *const volume[3])
{
  for (int i = 0; i < 3; i++)
    if (!volume[i] || !same_grid(itv_volume_view(volume[0]), itv_volume_view(volume[i])))
      return FALSE;
  for (int i = 0; i < 3; i++) {
    itv_volume_unref(map->displacement[i]);
    map->displacement[i] = itv_volume_ref(volume[i]);
  }
  return TRUE;
}

/* The direction's columns are unit vectors at right angles, so that its
 * transpose undoes it. */
static void
index_of(const itv_volume *v, const double mm[3], double ret[3])
{
  for (int a = 0; a < 3; a++) {
    ret[a] = 0;
    for (int row = 0; row < 3; row++)
      ret[a] += v->direction[3 * row + a] * (mm[row] - v->origin_mm[row]);
    ret[a] = CLAMP(ret[a] / v->spacing_mm[a], 0, v->dim[a] - 1);
  }
}

static double
interpolate(const itv_volume *v, const double index[3])
{
  const float *data = v->data;
  int low[3];
  double weight[3], sum = 0;
  for (int a = 0; a < 3; a++) {
    low[a] = MIN((int)index[a], MAX(v->dim[a] - 2, 0));
    weight[a] = index[a] - low[a];
  }
  for (int corner = 0; corner < 8; corner++) {
    double share = 1;
    gsize at[3];
    for (int a = 0; a < 3; a++) {
      const int upper = corner >> a & 1;
      share *= upper ? weight[a] : 1 - weight[a];
      at[a] = (gsize)MIN(low[a] + upper, v->dim[a] - 1);
    }
    if (share > 0)
      sum += share * (double)data[(at[2] * (gsize)v->dim[1] + at[1]) * (gsize)v->dim[0] + at[0]];
  }
  return sum;
}

void
itv_spatial_map_displace(const ItvSpatialMap *map, double at[3])
{
  double index[3];
  if (!map->displacement[0])
    return;
  index_of(itv_volume_view(map->displacement[0]), at, index);
  for (int a = 0; a < 3; a++)
    at[a] += interpolate(itv_volume_view(map->displacement[a]), index);
}

void
itv_spatial_map_point(const ItvSpatialMap *map, const double fixed[3], double ret_moving[3])
{
  const double *m = map->matrix;
  double at[3] = {fixed[0], fixed[1], fixed[2]};
  itv_spatial_map_displace(map, at);
  for (int row = 0; row < 3; row++)
    ret_moving[row] =
        m[4 * row] * at[0] + m[4 * row + 1] * at[1] + m[4 * row + 2] * at[2] + m[4 * row + 3];
}
