/* SPDX-License-Identifier: Apache-2.0
 *
 * Deformable registration of a phantom that breathes: the truth is a formula.
 */
#include "phantom.h"

#include "deform.h"
#include "field.h"

static const double HALF_MM[3] = {70, 60, 55};

/* Where the point x of the fixed image lies in the moving one. */
static void
breathe(const double x[3], double ret[3])
{
  const double r2 = (x[0] * x[0] + x[1] * x[1]) / (60.0 * 60.0);
  const double sink = 5 / (1 + exp(0.08 * (x[2] + 8)));
  ret[0] = x[0] + 1.8 * sin(x[1] / 26);
  ret[1] = x[1] + 1.5 * cos(x[2] / 24);
  ret[2] = x[2] + sink * exp(-r2 / 1.6);
}

static double
at_breathed(const Phantom *p, const double x[3])
{
  double to[3];
  breathe(x, to);
  if (p->flat) {
    to[0] = x[0] + 2 * sin(x[1] / 26);
    to[1] = x[1] + 1.5 * cos(x[0] / 24);
    to[2] = 0;
  }
  return phantom_at(p, to);
}

static void
paint_breathed(TestVolume *t, const Phantom *p)
{
  GRand *rand = g_rand_new_with_seed(5);
  int16_t *to = t->data;
  for (int k = 0; k < t->volume.dim[2]; k++)
    for (int j = 0; j < t->volume.dim[1]; j++)
      for (int i = 0; i < t->volume.dim[0]; i++) {
        double x[3];
        test_volume_point(&t->volume, i, j, k, x);
        *to++ = (int16_t)lrint(at_breathed(p, x) + g_rand_double_range(rand, -20, 20));
      }
  g_rand_free(rand);
}

/* The displacement at a point of the host's three volumes, nearest node. */
static void
displacement_at(TestHost *host, const double x[3], double ret[3])
{
  for (size_t a = 0; a < 3; a++) {
    const itv_field *f = itv_record_field(result_of(host), "displacement", a);
    g_assert_nonnull(f);
    const itv_volume *v = test_host_volume(host, f->v.i64);
    g_assert_nonnull(v);
    gsize at[3];
    for (int k = 0; k < 3; k++) {
      double index = (x[k] - v->origin_mm[k]) / v->spacing_mm[k];
      at[k] = (gsize)CLAMP(lrint(index), 0, v->dim[k] - 1);
    }
    ret[a] = (double)((const float *)
                          v->data)[(at[2] * (gsize)v->dim[1] + at[1]) * (gsize)v->dim[0] + at[0]];
  }
}

/* The mean error at nodes of the field within the body. */
static double
mean_error_mm(TestHost *host, double *ret_start_mm)
{
  const itv_field *f = itv_record_field(result_of(host), "displacement", 0);
  const itv_volume *v = test_host_volume(host, f->v.i64);
  const RegAffine matrix = matrix_of(host);
  double sum = 0, start = 0;
  int n = 0;
  for (int k = 2; k < v->dim[2] - 2; k += 2)
    for (int j = 2; j < v->dim[1] - 2; j += 2)
      for (int i = 2; i < v->dim[0] - 2; i += 2) {
        double x[3], u[3], to[3], truth[3], r2 = 0;
        test_volume_point(v, i, j, k, x);
        for (int a = 0; a < 3; a++)
          r2 += x[a] * x[a] / (HALF_MM[a] * HALF_MM[a]);
        if (r2 > 0.6)
          continue;
        displacement_at(host, x, u);
        for (int a = 0; a < 3; a++)
          to[a] = x[a] + u[a];
        reg_affine_apply(&matrix, to, to);
        breathe(x, truth);
        sum += sqrt(pow(to[0] - truth[0], 2) + pow(to[1] - truth[1], 2) + pow(to[2] - truth[2], 2));
        start += sqrt(pow(x[0] - truth[0], 2) + pow(x[1] - truth[1], 2) + pow(x[2] - truth[2], 2));
        n++;
      }
  *ret_start_mm = start / n;
  return sum / n;
}

static void
test_follows_breathing(void)
{
  const int dim[3] = {88, 78, 70};
  const double spacing[3] = {2, 2, 2};
  const Phantom p = phantom_new(11, HALF_MM, false);
  g_auto(TestVolume) fixed = test_volume_new("fixed", dim, spacing);
  g_auto(TestVolume) moving = test_volume_new("moving", dim, spacing);
  paint_breathed(&fixed, &p);
  test_volume_paint(&moving, &p, NULL, 12, 6, NULL);
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_assert_cmpint(run_registration(host, &fixed.volume, &moving.volume, "deformable", 2), ==,
                  ITV_OK);
  double start_mm = 0;
  const double error_mm = mean_error_mm(host, &start_mm);
  print_outcome(host);
  g_test_message("start %.2f mm, after %.3f mm", start_mm, error_mm);
  g_assert_cmpfloat(start_mm, >, 2);
  g_assert_cmpfloat(error_mm, <, 0.35);
  g_assert_true(accepted(host));
}

static void
assert_same_displacement(TestHost *a, TestHost *b)
{
  for (size_t i = 0; i < 3; i++) {
    const itv_volume *u =
        test_host_volume(a, itv_record_field(result_of(a), "displacement", i)->v.i64);
    const itv_volume *v =
        test_host_volume(b, itv_record_field(result_of(b), "displacement", i)->v.i64);
    g_assert_cmpmem(u->data, u->data_size, v->data, v->data_size);
  }
}

static void
test_threads_do_not_matter(void)
{
  const int dim[3] = {60, 52, 48};
  const double spacing[3] = {2.6, 2.6, 2.6};
  const Phantom p = phantom_new(12, HALF_MM, false);
  g_auto(TestVolume) fixed = test_volume_new("fixed", dim, spacing);
  g_auto(TestVolume) moving = test_volume_new("moving", dim, spacing);
  paint_breathed(&fixed, &p);
  test_volume_paint(&moving, &p, NULL, 12, 6, NULL);
  g_autoptr(TestHost) one = test_host_new(&itv_plugin_entry);
  g_autoptr(TestHost) five = test_host_new(&itv_plugin_entry);
  g_assert_cmpint(run_registration(one, &fixed.volume, &moving.volume, "deformable", 1), ==,
                  ITV_OK);
  g_assert_cmpint(run_registration(five, &fixed.volume, &moving.volume, "deformable", 5), ==,
                  ITV_OK);
  assert_same_displacement(one, five);
}

/* ---- the field alone ------------------------------------------------------------------- */

static void
fail_on_error(const itv_host *host, const char *message)
{
  (void)host;
  g_test_message("%s", message);
}

static int32_t
never_cancelled(const itv_host *host)
{
  (void)host;
  return 0;
}

static const itv_host QUIET = {
    .struct_size = sizeof(itv_host), .set_error = fail_on_error, .cancelled = never_cancelled};

static itv_status
field_for(const RegJob *job, int nx, int ny, int nz, RegField *ret)
{
  const RegImage image = {.dim = {nx, ny, nz}, .spacing_mm = {1, 1.5, 2}};
  return reg_field_new(job, &image, ret);
}

static void
test_unfolds(void)
{
  RegJob job = {.host = &QUIET, .pool = reg_pool_new(1)};
  RegField f;
  g_assert_cmpint(field_for(&job, 40, 36, 32, &f), ==, ITV_OK);
  GRand *rand = g_rand_new_with_seed(3);
  for (size_t i = 0; i < 3 * reg_field_count(&f); i++)
    f.u[0][i] = (float)g_rand_double_range(rand, -4, 4);
  g_rand_free(rand);
  g_assert_cmpfloat(reg_field_least_jacobian(&job, &f), <, 0);
  int rounds = 0;
  g_assert_cmpint(reg_field_unfold(&job, &f, 0.05, &rounds), ==, ITV_OK);
  g_assert_cmpint(rounds, >, 0);
  g_assert_cmpfloat(reg_field_least_jacobian(&job, &f), >=, 0.05);
  reg_field_clear(&f);
  reg_pool_free(job.pool);
}

/* A field that grows evenly is the same on a grid twice as fine, inside. */
static void
test_resamples(void)
{
  RegJob job = {.host = &QUIET, .pool = reg_pool_new(1)};
  const RegImage coarse = {.dim = {20, 18, 16}, .spacing_mm = {2, 2, 2}};
  const RegImage fine = {.dim = {40, 36, 32}, .spacing_mm = {1, 1, 1}};
  RegField a, b;
  g_assert_cmpint(reg_field_new(&job, &coarse, &a), ==, ITV_OK);
  g_assert_cmpint(reg_field_new(&job, &fine, &b), ==, ITV_OK);
  for (int k = 0; k < a.dim[2]; k++)
    for (int j = 0; j < a.dim[1]; j++)
      for (int i = 0; i < a.dim[0]; i++)
        a.u[1][(k * a.dim[1] + j) * a.dim[0] + i] = (float)(2 * i + 0.5); /* fine voxel 4 i + 1.5 */
  reg_field_resample(&job, &a, &b);
  for (int i = 2; i < b.dim[0] - 2; i++) {
    const float value = b.u[1][(size_t)(5 * b.dim[1] + 5) * (size_t)b.dim[0] + (size_t)i];
    /* Cell i of the fine field lies at fine voxel 2 i + 0.5. */
    g_assert_cmpfloat(fabs((double)value - ((2 * i + 0.5 - 1.5) / 2 + 0.5)), <, 1e-4);
  }
  reg_field_clear(&a);
  reg_field_clear(&b);
  reg_pool_free(job.pool);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/registration/deform/breathing", test_follows_breathing);
  g_test_add_func("/registration/deform/threads", test_threads_do_not_matter);
  g_test_add_func("/registration/deform/unfold", test_unfolds);
  g_test_add_func("/registration/deform/resample", test_resamples);
  return g_test_run();
}
