/* SPDX-License-Identifier: Apache-2.0
 *
 * What may go wrong is refused with a reason; what looks odd is handled.
 */
#include "align.h"
#include "phantom.h"

static const double BODY_MM[3] = {50, 42, 46};

static void
paint_pair(TestVolume *fixed, TestVolume *moving, const RegAffine *truth)
{
  Phantom p = phantom_new(21, BODY_MM, false);
  test_volume_paint(fixed, &p, truth, 15, 3, NULL);
  test_volume_paint(moving, &p, NULL, 15, 4, NULL);
}

static void
expect_motion(TestHost *host, const itv_volume *fixed, const itv_volume *moving,
              const RegAffine *truth, double limit_mm)
{
  itv_status status = run_registration(host, fixed, moving, "rigid", 2);
  print_outcome(host);
  g_assert_cmpint(status, ==, ITV_OK);
  RegAffine found = matrix_of(host);
  g_test_message("error %.4f mm", largest_error_mm(&found, truth, BODY_MM));
  g_assert_cmpfloat(largest_error_mm(&found, truth, BODY_MM), <, limit_mm);
  g_assert_true(accepted(host));
}

static void
same_bits_for_any_number_of_threads(void)
{
  const int dim[3] = {64, 60, 48};
  const double spacing[3] = {2, 2, 2.5};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_auto(TestVolume) fixed = test_volume_new("fixed", dim, spacing);
  g_auto(TestVolume) moving = test_volume_new("moving", dim, spacing);
  RegAffine truth = rigid(5, 2, -4, 3, 4, -2), first = {0};
  paint_pair(&fixed, &moving, &truth);
  const char *models[] = {"rigid", "affine"};
  for (size_t m = 0; m < G_N_ELEMENTS(models); m++)
    for (int threads = 1; threads <= 5; threads += 4) {
      g_assert_cmpint(run_registration(host, &fixed.volume, &moving.volume, models[m], threads), ==,
                      ITV_OK);
      RegAffine found = matrix_of(host);
      if (threads == 1)
        first = found;
      g_assert_cmpmem(&found, sizeof found, &first, sizeof first);
    }
}

static void
thick_slices_and_other_spacing(void)
{
  const int fixed_dim[3] = {100, 90, 20}, moving_dim[3] = {56, 50, 92};
  const double fixed_mm[3] = {1.2, 1.2, 5}, moving_mm[3] = {2.1, 2.1, 1.1};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_auto(TestVolume) fixed = test_volume_new("fixed", fixed_dim, fixed_mm);
  g_auto(TestVolume) moving = test_volume_new("moving", moving_dim, moving_mm);
  RegAffine truth = rigid(4, -3, 8, 5, -6, 7);
  paint_pair(&fixed, &moving, &truth);
  expect_motion(host, &fixed.volume, &moving.volume, &truth, 0.4);
  RegAffine back;
  g_assert_true(reg_affine_invert(&truth, &back));
  fixed.volume.role = "moving";
  moving.volume.role = "fixed";
  expect_motion(host, &moving.volume, &fixed.volume, &back, 0.4);
}

static void
few_slices(void)
{
  const int dim[3] = {120, 100, 4};
  const double spacing[3] = {1, 1, 6};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_auto(TestVolume) fixed = test_volume_new("fixed", dim, spacing);
  g_auto(TestVolume) moving = test_volume_new("moving", dim, spacing);
  RegAffine truth = rigid(0, 0, 5, 6, -4, 0);
  paint_pair(&fixed, &moving, &truth);
  const double half_mm[3] = {50, 42, 8};
  g_assert_cmpint(run_registration(host, &fixed.volume, &moving.volume, "rigid", 2), ==, ITV_OK);
  print_outcome(host);
  RegAffine found = matrix_of(host);
  g_assert_cmpfloat(largest_error_mm(&found, &truth, half_mm), <, 1);
}

/* Rotated index axes and a left-handed one: the answer is in patient mm. */
static void
any_orientation(void)
{
  const int fixed_dim[3] = {64, 60, 62}, moving_dim[3] = {62, 64, 60};
  const double spacing[3] = {2, 2, 2};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_auto(TestVolume) fixed = test_volume_new("fixed", fixed_dim, spacing);
  g_auto(TestVolume) moving = test_volume_new("moving", moving_dim, spacing);
  const double turned[9] = {0, 0, 1, 0, -1, 0, 1, 0, 0}; /* i: z, j: -y, k: x */
  memcpy(moving.volume.direction, turned, sizeof turned);
  moving.volume.origin_mm[0] = -59;
  moving.volume.origin_mm[1] = 63;
  moving.volume.origin_mm[2] = -61;
  RegAffine truth = rigid(-6, 5, 7, -4, 6, 5);
  paint_pair(&fixed, &moving, &truth);
  expect_motion(host, &fixed.volume, &moving.volume, &truth, 0.1);
}

static void
without_orientation_centres_are_the_start(void)
{
  const int dim[3] = {64, 60, 62};
  const double spacing[3] = {2, 2, 2};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_auto(TestVolume) fixed = test_volume_new("fixed", dim, spacing);
  g_auto(TestVolume) moving = test_volume_new("moving", dim, spacing);
  RegAffine truth = rigid(4, -5, 6, 7, -3, 2);
  paint_pair(&fixed, &moving, &truth);
  RegAffine in = rigid(0, 0, 0, 63, 59, 61), out = rigid(0, 0, 0, -63, -59, -61);
  fixed.volume.flags = moving.volume.flags = 0;
  moving.volume.origin_mm[0] = 5000; /* means nothing */
  g_assert_cmpint(run_registration(host, &fixed.volume, &moving.volume, "rigid", 2), ==, ITV_OK);
  RegAffine found = matrix_of(host);
  found = reg_affine_compose(&found, &in);
  found = reg_affine_compose(&out, &found);
  g_assert_cmpfloat(largest_error_mm(&found, &truth, BODY_MM), <, 0.1);
}

/* NaN around the patient in one, a padding value in the other. */
static void
voxels_without_data(void)
{
  const int dim[3] = {64, 60, 62};
  const double spacing[3] = {2, 2, 2};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_auto(TestVolume) fixed = test_volume_new("fixed", dim, spacing);
  g_auto(TestVolume) moving = test_volume_new("moving", dim, spacing);
  RegAffine truth = rigid(3, 4, -5, 5, 3, -4);
  paint_pair(&fixed, &moving, &truth);
  size_t n = (size_t)dim[0] * (size_t)dim[1] * (size_t)dim[2];
  g_autofree float *values = g_new(float, n);
  for (size_t i = 0; i < n; i++) {
    double x = (double)(i % 64) - 32, y = (double)(i / 64 % 60) - 30;
    gboolean outside = x * x + y * y > 29 * 29;
    values[i] = outside || i % 97 == 0 ? NAN : fixed.data[i]; /* and dead voxels */
    if (outside)
      moving.data[i] = -3000;
  }
  fixed.volume.pixel = ITV_PIX_F32;
  fixed.volume.data = values;
  fixed.volume.data_size = n * sizeof *values;
  expect_motion(host, &fixed.volume, &moving.volume, &truth, 0.15);
}

static void
expect_error(TestHost *host, const itv_volume *fixed, const itv_volume *moving, const char *model,
             itv_status status, const char *part)
{
  g_assert_cmpint(run_registration(host, fixed, moving, model, 2), ==, status);
  g_test_message("%s", test_host_error(host));
  g_assert_cmpuint(test_host_n_records(host), ==, 0);
  g_assert_nonnull(strstr(test_host_error(host), part));
}

static void
bad_input_is_refused(void)
{
  const int dim[3] = {40, 40, 20}, flat[3] = {40, 40, 1}, tiny[3] = {4, 4, 4};
  const double spacing[3] = {2, 2, 2};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_auto(TestVolume) a = test_volume_new("fixed", dim, spacing);
  g_auto(TestVolume) b = test_volume_new("moving", dim, spacing);
  g_auto(TestVolume) slice = test_volume_new("moving", flat, spacing);
  g_auto(TestVolume) small = test_volume_new("moving", tiny, spacing);
  RegAffine none = rigid(0, 0, 0, 0, 0, 0);
  expect_error(host, &a.volume, &b.volume, "rigid", ITV_ERR_UNSUPPORTED,
               "fixed volume: it is constant");
  paint_pair(&a, &b, &none);
  expect_error(host, &a.volume, &b.volume, "elastic", ITV_ERR_INPUT, "elastic");
  expect_error(host, &a.volume, &slice.volume, "rigid", ITV_ERR_UNSUPPORTED, "single slice");
  expect_error(host, &a.volume, &small.volume, "rigid", ITV_ERR_UNSUPPORTED, "4 x 4");
  itv_volume bad = b.volume;
  bad.data_size--;
  expect_error(host, &a.volume, &bad, "rigid", ITV_ERR_INPUT, "too few");
  bad = b.volume;
  bad.dim[2] = 0;
  expect_error(host, &a.volume, &bad, "rigid", ITV_ERR_INPUT, "axis 2");
  bad = b.volume;
  bad.dim[0] = bad.dim[1] = bad.dim[2] = INT32_MAX;
  expect_error(host, &a.volume, &bad, "rigid", ITV_ERR_INPUT, "axis 0");
  bad = b.volume;
  bad.spacing_mm[1] = NAN;
  expect_error(host, &a.volume, &bad, "rigid", ITV_ERR_INPUT, "spacing");
  bad = b.volume;
  bad.direction[4] = bad.direction[3] = bad.direction[5] = 0;
  expect_error(host, &a.volume, &bad, "rigid", ITV_ERR_INPUT, "direction");
  bad = b.volume;
  bad.pixel = 9;
  expect_error(host, &a.volume, &bad, "rigid", ITV_ERR_UNSUPPORTED, "pixel");
  bad = b.volume;
  bad.role = "current";
  expect_error(host, &a.volume, &bad, "rigid", ITV_ERR_INPUT, "moving");
}

static void
only_nan_is_refused(void)
{
  const int dim[3] = {40, 40, 20};
  const double spacing[3] = {2, 2, 2};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_auto(TestVolume) a = test_volume_new("fixed", dim, spacing);
  g_auto(TestVolume) b = test_volume_new("moving", dim, spacing);
  RegAffine none = rigid(0, 0, 0, 0, 0, 0);
  paint_pair(&a, &b, &none);
  size_t n = 40 * 40 * 20;
  g_autofree float *values = g_new(float, n);
  for (size_t i = 0; i < n; i++)
    values[i] = i % 3 ? NAN : INFINITY;
  itv_volume empty = b.volume;
  empty.pixel = ITV_PIX_F32;
  empty.data = values;
  empty.data_size = n * sizeof *values;
  expect_error(host, &a.volume, &empty, "rigid", ITV_ERR_UNSUPPORTED, "empty");
  empty.role = "fixed";
  expect_error(host, &empty, &b.volume, "rigid", ITV_ERR_UNSUPPORTED, "empty");
}

/* Noise has structure for a sampler, and none for a gate. */
static void
noise_is_not_accepted(void)
{
  const int dim[3] = {40, 40, 30};
  const double spacing[3] = {2, 2, 2};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_auto(TestVolume) a = test_volume_new("fixed", dim, spacing);
  g_auto(TestVolume) b = test_volume_new("moving", dim, spacing);
  g_autoptr(GRand) rand = g_rand_new_with_seed(5);
  for (size_t i = 0; i < 40 * 40 * 30; i++) {
    a.data[i] = (int16_t)g_rand_int_range(rand, 0, 1000);
    b.data[i] = (int16_t)g_rand_int_range(rand, 0, 1000);
  }
  const char *models[] = {"rigid", "affine"};
  for (size_t m = 0; m < G_N_ELEMENTS(models); m++)
    if (run_registration(host, &a.volume, &b.volume, models[m], 2) == ITV_OK) {
      print_outcome(host);
      g_assert_false(accepted(host));
    }
}

static int32_t
always_cancelled(const itv_host *host)
{
  (void)host;
  return 1;
}

static void
ignore_error(const itv_host *host, const char *message)
{
  (void)host;
  (void)message;
}

static void
ignore_progress(const itv_host *host, double fraction)
{
  (void)host;
  g_assert_cmpfloat(fraction, >=, 0);
  g_assert_cmpfloat(fraction, <=, 1);
}

static void
stops_when_cancelled(void)
{
  const int dim[3] = {40, 40, 20};
  const double spacing[3] = {2, 2, 2};
  g_auto(TestVolume) a = test_volume_new("fixed", dim, spacing);
  g_auto(TestVolume) b = test_volume_new("moving", dim, spacing);
  RegAffine none = rigid(0, 0, 0, 0, 0, 0);
  paint_pair(&a, &b, &none);
  const itv_host host = {.struct_size = sizeof host,
                         .set_error = ignore_error,
                         .cancelled = always_cancelled,
                         .progress = ignore_progress};
  const itv_volume volumes[] = {a.volume, b.volume};
  const itv_field fields[] = {ITV_STR("model", "rigid")};
  const itv_record record = {"interval.registration-request/1", fields, 1};
  const itv_input input = {.struct_size = sizeof input,
                           .n_records = 1,
                           .n_volumes = 2,
                           .records = &record,
                           .volumes = volumes};
  const itv_kind *kind = itv_plugin_entry.get_kind(ITV_KIND_REGISTRATION);
  g_assert_cmpint(kind->run(NULL, &host, &input, NULL), ==, ITV_ERR_CANCELLED);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/registration/robust/threads", same_bits_for_any_number_of_threads);
  g_test_add_func("/registration/robust/thick-slices", thick_slices_and_other_spacing);
  g_test_add_func("/registration/robust/few-slices", few_slices);
  g_test_add_func("/registration/robust/orientation", any_orientation);
  g_test_add_func("/registration/robust/unoriented", without_orientation_centres_are_the_start);
  g_test_add_func("/registration/robust/no-data", voxels_without_data);
  g_test_add_func("/registration/robust/bad-input", bad_input_is_refused);
  g_test_add_func("/registration/robust/only-nan", only_nan_is_refused);
  g_test_add_func("/registration/robust/noise", noise_is_not_accepted);
  g_test_add_func("/registration/robust/cancelled", stops_when_cancelled);
  return g_test_run();
}
