/* SPDX-License-Identifier: Apache-2.0
 *
 * Films and single slices with a known truth.
 */
#include "phantom.h"

static const double BODY_MM[3] = {55, 80, 55};
static const int DIM[3] = {280, 400, 1};
static const double SPACING_MM[3] = {0.5, 0.5, 1};

static double
as_is(double v)
{
  return v;
}

/* Harder rays and a shoulder, as another exposure and another detector give. */
static double
other_exposure(double v)
{
  return 300 + 2200 * tanh((v + 800) / 2000);
}

static double
inverted(double v)
{
  return 3000 - 0.8 * v;
}

static TestVolume
film(const char *role, const Phantom *p, const RegAffine *to_phantom, double (*curve)(double))
{
  TestVolume t = test_volume_new(role, DIM, SPACING_MM);
  RegAffine centred = rigid(0, 0, 0, t.volume.origin_mm[0], t.volume.origin_mm[1], 0);
  t.volume.flags = 0;
  memset(t.volume.origin_mm, 0, sizeof t.volume.origin_mm); /* a film has none */
  centred = to_phantom ? reg_affine_compose(to_phantom, &centred) : centred;
  test_volume_paint(&t, p, &centred, 15, g_str_hash(role), curve);
  return t;
}

/* `truth` is in coordinates about the middle of the film. */
static double
error_of(TestHost *host, const Phantom *fixed_p, const Phantom *moving_p, const RegAffine *truth,
         const char *model, double (*curve)(double))
{
  g_auto(TestVolume) fixed = film("fixed", fixed_p, truth, as_is);
  g_auto(TestVolume) moving = film("moving", moving_p, NULL, curve);
  itv_status status = run_registration(host, &fixed.volume, &moving.volume, model, 2);
  print_outcome(host);
  g_assert_cmpint(status, ==, ITV_OK);
  double x_mm = 0.5 * (DIM[0] - 1) * SPACING_MM[0], y_mm = 0.5 * (DIM[1] - 1) * SPACING_MM[1];
  RegAffine found = matrix_of(host), in = rigid(0, 0, 0, x_mm, y_mm, 0),
            out = rigid(0, 0, 0, -x_mm, -y_mm, 0);
  found = reg_affine_compose(&found, &in);
  found = reg_affine_compose(&out, &found);
  g_assert_cmpfloat(found.m[2][2], ==, 1);
  double error_mm = largest_error_mm(&found, truth, BODY_MM);
  g_test_message("error %.4f mm", error_mm);
  return error_mm;
}

static void
recovers_motion(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  Phantom p = phantom_new(3, BODY_MM, true);
  RegAffine truth[] = {rigid(0, 0, 6, 8, -5, 0), rigid(0, 0, -35, 12, 14, 0)};
  for (size_t i = 0; i < G_N_ELEMENTS(truth); i++) {
    g_assert_cmpfloat(error_of(host, &p, &p, &truth[i], "rigid", as_is), <, 0.1);
    g_assert_true(accepted(host));
  }
}

static void
other_exposure_does_not_matter(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  Phantom p = phantom_new(4, BODY_MM, true);
  RegAffine truth = rigid(0, 0, 7, -6, 9, 0);
  g_assert_cmpfloat(error_of(host, &p, &p, &truth, "rigid", other_exposure), <, 0.1);
  g_assert_true(accepted(host));
  g_assert_cmpfloat(error_of(host, &p, &p, &truth, "rigid", inverted), <, 0.1);
  g_assert_true(accepted(host));
}

static void
affine_allows_magnification(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  Phantom p = phantom_new(5, BODY_MM, true);
  RegAffine truth = rigid(0, 0, 5, 4, -7, 0),
            zoom = {{{1.08, 0, 0, 0}, {0, 1.08, 0, 0}, {0, 0, 1, 0}}};
  truth = reg_affine_compose(&truth, &zoom);
  g_assert_cmpfloat(error_of(host, &p, &p, &truth, "affine", other_exposure), <, 0.15);
  g_assert_true(accepted(host));
}

/* Callus has grown and a plate was put in since. */
static void
callus_and_hardware_do_not_pull(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  Phantom before = phantom_new(6, BODY_MM, true), now = before;
  phantom_add(&now, 5, -10, 0, 9, 500);
  phantom_add(&now, -12, 8, 0, 7, 400);
  for (int i = 0; i < 5; i++)
    phantom_add(&now, 20, -30 + 10 * i, 0, 5, 2500);
  RegAffine truth = rigid(0, 0, 4, 5, -6, 0);
  g_assert_cmpfloat(error_of(host, &now, &before, &truth, "rigid", other_exposure), <, 0.1);
  g_assert_true(accepted(host));
}

/* The same blades on both films and a lead letter in the same corner, while the
 * patient moved beneath. */
static void
collimation_does_not_hold(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  const double filling_mm[3] = {75, 110, 55};
  Phantom p = phantom_new(16, filling_mm, true);
  RegAffine truth = rigid(0, 0, 11, 12, -4, 0);
  g_auto(TestVolume) fixed = film("fixed", &p, &truth, as_is);
  g_auto(TestVolume) moving = film("moving", &p, NULL, other_exposure);
  for (int y = 0; y < DIM[1]; y++)
    for (int x = 0; x < DIM[0]; x++) {
      int i = y * DIM[0] + x;
      if (x < 30 || x > 250 || y < 40 || y > 360)
        fixed.data[i] = moving.data[i] = (int16_t)(-200 + i % 7);
      if (x > 215 && x < 240 && y > 50 && y < 80 && (x / 4 + y / 7) % 2)
        fixed.data[i] = moving.data[i] = 3500;
    }
  itv_status status = run_registration(host, &fixed.volume, &moving.volume, "rigid", 2);
  print_outcome(host);
  g_assert_cmpint(status, ==, ITV_OK);
  double x_mm = 0.5 * (DIM[0] - 1) * SPACING_MM[0], y_mm = 0.5 * (DIM[1] - 1) * SPACING_MM[1];
  RegAffine found = matrix_of(host), in = rigid(0, 0, 0, x_mm, y_mm, 0),
            out = rigid(0, 0, 0, -x_mm, -y_mm, 0);
  found = reg_affine_compose(&found, &in);
  found = reg_affine_compose(&out, &found);
  g_assert_cmpfloat(largest_error_mm(&found, &truth, BODY_MM), <, 0.1);
  g_assert_true(accepted(host));
}

static void
unrelated_films_are_refused(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  Phantom p = phantom_new(12, BODY_MM, true), other = phantom_new(13, BODY_MM, true);
  RegAffine none = rigid(0, 0, 0, 0, 0, 0), mirror = none;
  error_of(host, &p, &other, &none, "rigid", as_is);
  g_assert_false(accepted(host));
  mirror.m[0][0] = -1;
  error_of(host, &p, &p, &mirror, "rigid", as_is);
  g_assert_false(accepted(host));
}

/* Two CT slices of one patient on another table height, the second turned and
 * seen from the other side. */
static void
slices_are_aligned_in_their_plane(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  Phantom p = phantom_new(14, BODY_MM, true);
  g_auto(TestVolume) fixed = test_volume_new("fixed", DIM, SPACING_MM);
  g_auto(TestVolume) moving = test_volume_new("moving", DIM, SPACING_MM);
  RegAffine truth = rigid(0, 0, 9, 10, -6, 0), phantom_of_moving = rigid(0, 0, 0, 0, 0, 0);
  const double flipped[9] = {-1, 0, 0, 0, 1, 0, 0, 0, -1};
  memcpy(moving.volume.direction, flipped, sizeof flipped);
  moving.volume.origin_mm[0] = -moving.volume.origin_mm[0];
  moving.volume.origin_mm[2] = 37;
  test_volume_paint(&fixed, &p, &truth, 15, 1, NULL);
  test_volume_paint(&moving, &p, &phantom_of_moving, 15, 2, NULL);
  itv_status status = run_registration(host, &fixed.volume, &moving.volume, "rigid", 2);
  print_outcome(host);
  g_assert_cmpint(status, ==, ITV_OK);
  RegAffine found = matrix_of(host);
  g_assert_cmpfloat_with_epsilon(found.m[2][3], 37, 1e-6);
  found.m[2][3] = 0;
  g_assert_cmpfloat(largest_error_mm(&found, &truth, BODY_MM), <, 0.1);
  g_assert_true(accepted(host));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/registration/film/recovers-motion", recovers_motion);
  g_test_add_func("/registration/film/exposure", other_exposure_does_not_matter);
  g_test_add_func("/registration/film/magnification", affine_allows_magnification);
  g_test_add_func("/registration/film/callus-and-hardware", callus_and_hardware_do_not_pull);
  g_test_add_func("/registration/film/collimation", collimation_does_not_hold);
  g_test_add_func("/registration/film/unrelated", unrelated_films_are_refused);
  g_test_add_func("/registration/film/slices", slices_are_aligned_in_their_plane);
  return g_test_run();
}
