/* SPDX-License-Identifier: Apache-2.0 */
#include "render/resample.h"

#include <math.h>
#include <string.h>

#include "render/view.h"

#define NX 20
#define NY 18
#define NZ 14

static float data[NX * NY * NZ];

/* Linear in mm, so that trilinear interpolation is exact. */
static double
ramp(const double at[3])
{
  return 3 + 2 * at[0] - 1.5 * at[1] + 0.7 * at[2];
}

static itv_volume
oblique(void)
{
  double a = 20 * G_PI / 180, b = 15 * G_PI / 180;
  itv_volume v = {.struct_size = sizeof v,
                  .pixel = ITV_PIX_F32,
                  .dim = {NX, NY, NZ},
                  .flags = ITV_VOL_ORIENTED,
                  .spacing_mm = {1.1, 0.9, 2.5},
                  .origin_mm = {-30, 12, 100},
                  .direction = {cos(a), -sin(a) * cos(b), sin(a) * sin(b), sin(a), cos(a) * cos(b),
                                -cos(a) * sin(b), 0, sin(b), cos(b)},
                  .slope = 1,
                  .data = data,
                  .data_size = sizeof data};
  double m[12];
  itv_volume_index_to_mm(&v, m);
  for (int k = 0; k < NZ; k++)
    for (int j = 0; j < NY; j++)
      for (int i = 0; i < NX; i++) {
        double at[3];
        for (int c = 0; c < 3; c++)
          at[c] = m[c * 4] * i + m[c * 4 + 1] * j + m[c * 4 + 2] * k + m[c * 4 + 3];
        data[(k * NY + j) * NX + i] = (float)ramp(at);
      }
  return v;
}

static void
test_there_and_back(void)
{
  itv_volume v = oblique();
  double m[12], back[12];
  itv_volume_index_to_mm(&v, m);
  g_assert_true(itv_volume_mm_to_index(&v, back));
  const double index[3] = {3.25, 7.5, 2.125};
  double at[3], again[3];
  for (int c = 0; c < 3; c++)
    at[c] = m[c * 4] * index[0] + m[c * 4 + 1] * index[1] + m[c * 4 + 2] * index[2] + m[c * 4 + 3];
  for (int c = 0; c < 3; c++) {
    again[c] =
        back[c * 4] * at[0] + back[c * 4 + 1] * at[1] + back[c * 4 + 2] * at[2] + back[c * 4 + 3];
    g_assert_cmpfloat_with_epsilon(again[c], index[c], 1e-9);
  }
  memset(v.direction, 0, sizeof v.direction);
  g_assert_false(itv_volume_mm_to_index(&v, back));
}

/* Through a rigid transform a linear field stays exact wherever it is inside. */
static void
test_oblique_exact(void)
{
  itv_volume v = oblique();
  double a = -12 * G_PI / 180;
  const ItvSpatialMap map = {
      .matrix = {cos(a), 0, sin(a), 4, 0, 1, 0, -2, -sin(a), 0, cos(a), 3, 0, 0, 0, 1}};
  const double *matrix = map.matrix;
  ItvPlaneGrid grid = {.width = 40, .height = 30};
  double middle[3];
  itv_volume_centre(&v, middle);
  for (int c = 0; c < 3; c++) /* where the transform leads to the middle */
    for (int r = 0; r < 3; r++)
      grid.origin_mm[c] += matrix[r * 4 + c] * (middle[r] - matrix[r * 4 + 3]);
  grid.origin_mm[0] -= 10;
  grid.u_mm[0] = 0.5;
  grid.v_mm[1] = 0.3;
  grid.v_mm[2] = 0.3;
  g_autoptr(ItvPlane) plane = itv_resample_plane(&v, &grid, &map);
  guint inside = 0;
  for (int j = 0; j < plane->height; j++)
    for (int i = 0; i < plane->width; i++) {
      double at[3], there[3];
      for (int c = 0; c < 3; c++)
        at[c] = grid.origin_mm[c] + i * grid.u_mm[c] + j * grid.v_mm[c];
      for (int c = 0; c < 3; c++)
        there[c] = matrix[c * 4] * at[0] + matrix[c * 4 + 1] * at[1] + matrix[c * 4 + 2] * at[2] +
                   matrix[c * 4 + 3];
      if (!plane->inside[j * plane->width + i])
        continue;
      double to_index[12];
      itv_volume_mm_to_index(&v, to_index);
      gboolean interior = TRUE; /* the outer half voxel is clamped, not extrapolated */
      for (int c = 0; c < 3; c++) {
        double x = to_index[c * 4] * there[0] + to_index[c * 4 + 1] * there[1] +
                   to_index[c * 4 + 2] * there[2] + to_index[c * 4 + 3];
        interior &= x >= 0 && x <= v.dim[c] - 1;
      }
      if (!interior)
        continue;
      inside++;
      g_assert_cmpfloat_with_epsilon(plane->value[j * plane->width + i], ramp(there), 1e-3);
    }
  g_assert_cmpuint(inside, >, 100);
}

static void
test_identity_volume(void)
{
  itv_volume v = oblique();
  static float value[NX * NY * NZ];
  static guint8 inside[NX * NY * NZ];
  g_assert_true(itv_resample_volume(&v, &v, NULL, value, inside));
  for (gsize i = 0; i < G_N_ELEMENTS(value); i++) {
    g_assert_true(inside[i]);
    g_assert_cmpfloat_with_epsilon(value[i], data[i], 1e-3);
  }
}

/* A film: x = column * spacing, y = row * spacing; a whole-pixel shift is exact
 * and what it uncovers is marked. */
static void
test_film(void)
{
  static const gint16 pixels[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  itv_volume film = {.struct_size = sizeof film,
                     .pixel = ITV_PIX_I16,
                     .dim = {4, 3, 1},
                     .spacing_mm = {0.5, 0.25, 1},
                     .origin_mm = {99, 99, 99}, /* means nothing: not oriented */
                     .slope = 2,
                     .intercept = -1,
                     .data = pixels,
                     .data_size = sizeof pixels};
  const ItvSpatialMap shift = {.matrix = {1, 0, 0, 0.5, 0, 1, 0, 0.25, 0, 0, 1, 0, 0, 0, 0, 1}};
  float value[12];
  guint8 inside[12];
  g_assert_true(itv_resample_volume(&film, &film, &shift, value, inside));
  g_assert_cmpfloat(value[0], ==, 2 * 6 - 1);
  g_assert_cmpfloat(value[1], ==, 2 * 7 - 1);
  g_assert_cmpfloat(value[4], ==, 2 * 10 - 1);
  for (int j = 0; j < 3; j++)
    for (int i = 0; i < 4; i++)
      g_assert_cmpint(inside[j * 4 + i], ==, i < 3 && j < 2);
  double half;
  const double at[3] = {0.25, 0, 55};
  g_assert_true(itv_volume_sample(&film, at, &half));
  g_assert_cmpfloat_with_epsilon(half, 2 * 1.5 - 1, 1e-9);
}

static void
test_malformed(void)
{
  itv_volume v = oblique();
  double value;
  const double at[3] = {0, 0, 0};
  v.data_size = 100;
  g_assert_false(itv_volume_sample(&v, at, &value));
  v = oblique();
  v.pixel = 9;
  g_assert_false(itv_volume_sample(&v, at, &value));
  v = oblique();
  v.dim[1] = 0;
  g_assert_false(itv_volume_sample(&v, at, &value));
  v = oblique();
  double middle[3];
  itv_volume_centre(&v, middle);
  for (gsize i = 0; i < G_N_ELEMENTS(data); i++)
    data[i] = NAN;
  g_assert_false(itv_volume_sample(&v, middle, &value));
}

/* ---- views -------------------------------------------------------------------- */

static void
test_axial_view(void)
{
  itv_volume v = oblique();
  const double straight[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  memcpy(v.direction, straight, sizeof straight);
  const double key[3] = {-30 + 5 * 1.1, 12 + 3 * 0.9, 100 + 4 * 2.5};
  ItvView views[ITV_VIEWS_MAX];
  g_assert_cmpint(itv_views_for(&v, key, views), ==, 3);
  g_assert_cmpstr(views[0].name, ==, "axial");
  g_assert_cmpstr(views[0].left, ==, "R");
  g_assert_cmpstr(views[0].right, ==, "L");
  g_assert_cmpstr(views[0].top, ==, "A");
  g_assert_cmpstr(views[0].position, ==, "slice 5 of 14");
  g_assert_cmpfloat_with_epsilon(views[0].pixel_mm, 0.9, 1e-9);
  g_assert_cmpint(views[0].grid.height, ==, NY);
  g_assert_cmpstr(views[1].name, ==, "coronal");
  g_assert_cmpstr(views[1].top, ==, "H");
  g_assert_cmpstr(views[2].name, ==, "sagittal");
  g_assert_cmpstr(views[2].left, ==, "A");
  /* The key pixel of the grid lies at the key point, on the nearest slice. */
  for (int c = 0; c < 3; c++) {
    double at = views[0].grid.origin_mm[c] + views[0].key[0] * views[0].grid.u_mm[c] +
                views[0].key[1] * views[0].grid.v_mm[c];
    g_assert_cmpfloat_with_epsilon(at, key[c], 1e-9);
  }
}

/* Sagittal slices taken from left to right: still shown anterior left, head up. */
static void
test_sagittal_acquisition(void)
{
  itv_volume v = oblique();
  const double sagittal[9] = {0, 0, -1, 1, 0, 0, 0, -1, 0};
  memcpy(v.direction, sagittal, sizeof sagittal);
  const double key[3] = {NAN, 0, 0};
  ItvView views[ITV_VIEWS_MAX];
  g_assert_cmpint(itv_views_for(&v, key, views), ==, 3);
  g_assert_cmpstr(views[0].name, ==, "sagittal");
  g_assert_cmpstr(views[0].left, ==, "A");
  g_assert_cmpstr(views[0].top, ==, "H");
  g_assert_cmpstr(views[1].name, ==, "axial");
  g_assert_cmpstr(views[1].left, ==, "R");
  g_assert_cmpstr(views[1].top, ==, "A");
}

static void
test_oblique_markers(void)
{
  itv_volume v = oblique();
  double a = 40 * G_PI / 180;
  const double turned[9] = {cos(a), -sin(a), 0, sin(a), cos(a), 0, 0, 0, 1};
  memcpy(v.direction, turned, sizeof turned);
  const double key[3] = {0, 0, 0};
  ItvView views[ITV_VIEWS_MAX];
  itv_views_for(&v, key, views);
  g_assert_cmpstr(views[0].right, ==, "LP");
  g_assert_cmpstr(views[0].left, ==, "RA");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/resample/there-and-back", test_there_and_back);
  g_test_add_func("/resample/oblique-exact", test_oblique_exact);
  g_test_add_func("/resample/identity-volume", test_identity_volume);
  g_test_add_func("/resample/film", test_film);
  g_test_add_func("/resample/malformed", test_malformed);
  g_test_add_func("/view/axial", test_axial_view);
  g_test_add_func("/view/sagittal-acquisition", test_sagittal_acquisition);
  g_test_add_func("/view/oblique-markers", test_oblique_markers);
  return g_test_run();
}
