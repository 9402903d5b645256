/* SPDX-License-Identifier: Apache-2.0
 *
 * How far apart two studies may lie at the start: turned and shifted at random,
 * with half of one field of view missing.  The pose is changed in the moving
 * volume's geometry alone, so that the truth is exact.
 */
#include "phantom.h"

enum { TRIALS = 16 };

static const double HALF_MM[3] = {70, 62, 66};

/* Half of the volume along one axis. */
static TestVolume
half_of(const TestVolume *whole, int axis, bool upper)
{
  int dim[3] = {whole->volume.dim[0], whole->volume.dim[1], whole->volume.dim[2]};
  const int *full = whole->volume.dim;
  int first[3] = {0, 0, 0};
  first[axis] = upper ? dim[axis] - dim[axis] / 2 : 0;
  dim[axis] /= 2;
  TestVolume half = test_volume_new(whole->volume.role, dim, whole->volume.spacing_mm);
  int16_t *to = half.data;
  for (int k = 0; k < dim[2]; k++)
    for (int j = 0; j < dim[1]; j++)
      for (int i = 0; i < dim[0]; i++)
        *to++ = whole->data[((k + first[2]) * full[1] + j + first[1]) * full[0] + i + first[0]];
  test_volume_point(&whole->volume, first[0], first[1], first[2], half.volume.origin_mm);
  return half;
}

static void
place(itv_volume *v, const RegAffine *pose)
{
  RegAffine turn = *pose;
  for (int i = 0; i < 3; i++)
    turn.m[i][3] = 0;
  reg_affine_apply(pose, v->origin_mm, v->origin_mm);
  for (int c = 0; c < 3; c++) {
    double axis[3] = {v->direction[c], v->direction[3 + c], v->direction[6 + c]};
    reg_affine_apply(&turn, axis, axis);
    for (int r = 0; r < 3; r++)
      v->direction[3 * r + c] = axis[r];
  }
}

static RegAffine
random_pose(GRand *rand)
{
  double axis[3], length = 0;
  for (int i = 0; i < 3; i++) {
    axis[i] = g_rand_double_range(rand, -1, 1);
    length += axis[i] * axis[i];
  }
  const double angle = g_rand_double_range(rand, 20, 60) * G_PI / 180 / sqrt(length + 1e-9);
  const double w[3] = {axis[0] * angle, axis[1] * angle, axis[2] * angle};
  RegAffine pose = reg_affine_rotation(w);
  for (int i = 0; i < 3; i++)
    pose.m[i][3] = g_rand_double_range(rand, -34, 34);
  return pose;
}

static bool
converges(TestHost *host, const TestVolume *fixed, const TestVolume *moving, GRand *rand)
{
  const int axis = g_rand_int_range(rand, 0, 3);
  const bool cut_fixed = g_rand_boolean(rand), upper = g_rand_boolean(rand);
  g_auto(TestVolume) half = half_of(cut_fixed ? fixed : moving, axis, upper);
  const RegAffine pose = random_pose(rand);
  itv_volume turned = cut_fixed ? moving->volume : half.volume;
  place(&turned, &pose);
  g_assert_cmpint(
      run_registration(host, cut_fixed ? &half.volume : &fixed->volume, &turned, "rigid", 2), ==,
      ITV_OK);
  const RegAffine found = matrix_of(host);
  const double error_mm = largest_error_mm(&found, &pose, HALF_MM);
  const bool right = error_mm < fixed->volume.spacing_mm[0];
  if (right)
    return true;
  g_test_message("axis %d, %s half of the %s: error %.1f mm", axis, upper ? "upper" : "lower",
                 cut_fixed ? "fixed" : "moving", error_mm);
  g_assert_false(accepted(host)); /* what went wrong is known to have gone wrong */
  return false;
}

static void
far_apart(void)
{
  const int dim[3] = {78, 70, 74};
  const double spacing[3] = {2, 2, 2};
  const Phantom p = phantom_new(31, HALF_MM, false);
  g_auto(TestVolume) fixed = test_volume_new("fixed", dim, spacing);
  g_auto(TestVolume) moving = test_volume_new("moving", dim, spacing);
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  GRand *rand = g_rand_new_with_seed(17);
  int right = 0;
  test_volume_paint(&fixed, &p, NULL, 15, 1, NULL);
  test_volume_paint(&moving, &p, NULL, 15, 2, NULL);
  for (int i = 0; i < TRIALS; i++)
    right += converges(host, &fixed, &moving, rand);
  g_rand_free(rand);
  g_assert_cmpint(right, ==, TRIALS);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/registration/capture/far-apart", far_apart);
  return g_test_run();
}
