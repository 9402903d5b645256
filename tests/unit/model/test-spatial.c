/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "model/spatial.h"

/* x + 0.1 (x - 5) along x, in a grid turned by 90 degrees about z. */
static ItvVolume *
component(int axis)
{
  const itv_volume shape = {.struct_size = sizeof shape,
                            .pixel = ITV_PIX_F32,
                            .dim = {6, 5, 4},
                            .spacing_mm = {2, 3, 4},
                            .origin_mm = {5, -1, 0},
                            .direction = {0, -1, 0, 1, 0, 0, 0, 0, 1},
                            .slope = 1};
  float data[6 * 5 * 4];
  for (int k = 0; k < 4; k++)
    for (int j = 0; j < 5; j++)
      for (int i = 0; i < 6; i++)
        data[(k * 5 + j) * 6 + i] = axis == 0 ? (float)(-0.3 * j) : axis == 2 ? 1 : 0;
  return itv_volume_new(&shape, data, NULL);
}

static void
test_displacement(void)
{
  ItvSpatialMap map = {.matrix = {1, 0, 0, 10, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}};
  g_autoptr(ItvVolume) x = component(0);
  g_autoptr(ItvVolume) y = component(1);
  g_autoptr(ItvVolume) z = component(2);
  ItvVolume *const volumes[3] = {x, y, z};
  double at[3];
  itv_spatial_map_point(&map, (const double[3]){0.5, 2, 3}, at);
  g_assert_cmpfloat(at[0], ==, 10.5);
  g_assert_true(itv_spatial_map_set_displacement(&map, volumes));
  /* Index axis 1 runs along -x: x = 5 - 3 j. */
  itv_spatial_map_point(&map, (const double[3]){0.5, 2, 3}, at);
  g_assert_cmpfloat_with_epsilon(at[0], 10 + 0.5 + 0.1 * (0.5 - 5), 1e-5);
  g_assert_cmpfloat_with_epsilon(at[1], 2, 1e-6);
  g_assert_cmpfloat_with_epsilon(at[2], 4, 1e-6);
  /* Beyond the grid as at its edge. */
  itv_spatial_map_point(&map, (const double[3]){-100, 2, 3}, at);
  g_assert_cmpfloat_with_epsilon(at[0], -90 - 0.3 * 4, 1e-4);
  itv_spatial_map_clear(&map);
}

static void
test_other_grid_is_refused(void)
{
  ItvSpatialMap map = {.matrix = {1}};
  g_autoptr(ItvVolume) x = component(0);
  itv_volume shape = *itv_volume_view(x);
  shape.origin_mm[2] += 1;
  g_autoptr(ItvVolume) other = itv_volume_new(&shape, shape.data, NULL);
  ItvVolume *const volumes[3] = {x, x, other};
  ItvVolume *const missing[3] = {x, x, NULL};
  g_assert_false(itv_spatial_map_set_displacement(&map, volumes));
  g_assert_false(itv_spatial_map_set_displacement(&map, missing));
  g_assert_null(map.displacement[0]);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/model/spatial/displacement", test_displacement);
  g_test_add_func("/model/spatial/other-grid", test_other_grid_is_refused);
  return g_test_run();
}
