/* SPDX-License-Identifier: Apache-2.0
 *
 * Stacks with a known truth.
 */
#include "phantom.h"

static const double BODY_MM[3] = {60, 50, 55};
static const int DIM[3] = {66, 58, 62};
static const double SPACING_MM[3] = {2.4, 2.4, 2.4};

/* The moving study shows the phantom itself; the fixed one shows it moved by
 * `truth`, which is then the map from fixed to moving. */
static double
error_of(TestHost *host, const RegAffine *truth, const char *model, double noise,
         const Phantom *fixed_p, const Phantom *moving_p)
{
  g_auto(TestVolume) fixed = test_volume_new("fixed", DIM, SPACING_MM);
  g_auto(TestVolume) moving = test_volume_new("moving", DIM, SPACING_MM);
  test_volume_paint(&fixed, fixed_p, truth, noise, 1, NULL);
  test_volume_paint(&moving, moving_p, NULL, noise, 2, NULL);
  itv_status status = run_registration(host, &fixed.volume, &moving.volume, model, 2);
  print_outcome(host);
  g_assert_cmpint(status, ==, ITV_OK);
  RegAffine found = matrix_of(host);
  double error_mm = largest_error_mm(&found, truth, BODY_MM);
  g_test_message("error %.4f mm", error_mm);
  return error_mm;
}

static void
recovers_motion(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  Phantom p = phantom_new(7, BODY_MM, false);
  const RegAffine truth[] = {rigid(0, 0, 0, 0, 0, 0), rigid(3, -4, 5, 6, -3, 4),
                             rigid(0, 0, 40, 20, -15, 15), rigid(-25, 25, 20, -17, 17, 17)};
  for (size_t i = 0; i < G_N_ELEMENTS(truth); i++) {
    g_assert_cmpfloat(error_of(host, &truth[i], "rigid", 20, &p, &p), <, 0.1);
    g_assert_true(accepted(host));
  }
}

static void
affine_recovers_scale_and_shear(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  Phantom p = phantom_new(8, BODY_MM, false);
  RegAffine truth = rigid(4, 3, -6, 5, 2, -4),
            stretch = {{{1.06, 0.03, 0, 0}, {0, 0.95, 0.02, 0}, {0.01, 0, 1.03, 0}}};
  truth = reg_affine_compose(&truth, &stretch);
  g_assert_cmpfloat(error_of(host, &truth, "affine", 20, &p, &p), <, 0.15);
  g_assert_true(accepted(host));
}

static void
grown_lesion_does_not_pull(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  Phantom before = phantom_new(9, BODY_MM, false), now = before;
  phantom_add(&before, 15, 5, -8, 6, 600);
  phantom_add(&now, 17, 7, -8, 14, 600);
  RegAffine truth = rigid(2, -3, 4, 3, -2, 5);
  g_assert_cmpfloat(error_of(host, &truth, "rigid", 20, &now, &before), <, 0.1);
  g_assert_true(accepted(host));
}

static void
unrelated_pairs_are_refused(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  Phantom p = phantom_new(10, BODY_MM, false), other = phantom_new(11, BODY_MM, false);
  RegAffine none = rigid(0, 0, 0, 0, 0, 0), mirror = none;
  error_of(host, &none, "rigid", 20, &p, &other);
  g_assert_false(accepted(host));
  g_assert_nonnull(test_host_find(host, "interval.reason/1", 0));
  mirror.m[0][0] = -1;
  error_of(host, &mirror, "rigid", 20, &p, &p);
  g_assert_false(accepted(host));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/registration/rigid/recovers-motion", recovers_motion);
  g_test_add_func("/registration/rigid/affine", affine_recovers_scale_and_shear);
  g_test_add_func("/registration/rigid/lesion", grown_lesion_does_not_pull);
  g_test_add_func("/registration/rigid/unrelated", unrelated_pairs_are_refused);
  return g_test_run();
}
