/* SPDX-License-Identifier: Apache-2.0
 *
 * Outlines against brute force, and the frames that this plugin decodes itself. */
#include <math.h>
#include <string.h>

#include "codec.h"
#include "shape.h"
#include "tables.h"

static double
brute_diameter(const DcmPoint *p, gsize n)
{
  double best = 0;
  for (gsize i = 0; i < n; i++)
    for (gsize k = 0; k < i; k++)
      best = MAX(best, hypot(p[i].x - p[k].x, p[i].y - p[k].y));
  return best;
}

static void
test_diameter(void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed(7);
  for (int round = 0; round < 2000; round++) {
    DcmPoint points[64], ends[2] = {{0, 0}, {0, 0}};
    const gsize n = (gsize)g_rand_int_range(rand, 2, 64);
    /* On a coarse grid many lie on one line, or on each other. */
    const gint32 grid = g_rand_int_range(rand, 1, 12);
    for (gsize i = 0; i < n; i++)
      points[i] =
          (DcmPoint){g_rand_int_range(rand, 0, grid + 1), g_rand_int_range(rand, 0, grid + 1)};
    const double expected = brute_diameter(points, n);
    const double found = dcm_shape_diameter(points, n, ends);
    g_assert_cmpfloat_with_epsilon(found, expected, 1e-9);
    if (expected > 0)
      g_assert_cmpfloat_with_epsilon(hypot(ends[0].x - ends[1].x, ends[0].y - ends[1].y), found,
                                     1e-9);
  }
}

/* Star-shaped polygons have the area that Gauss's formula gives. */
static void
test_area(void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed(8);
  for (int round = 0; round < 500; round++) {
    DcmPoint p[200];
    const guint n = (guint)g_rand_int_range(rand, 3, 200), ends[2] = {0, n};
    double expected = 0;
    for (guint i = 0; i < n; i++) {
      const double r = g_rand_double_range(rand, 1, 9), a = 2 * G_PI * i / n;
      p[i] = (DcmPoint){r * cos(a), r * sin(a)};
    }
    for (guint i = 0; i < n; i++)
      expected += p[i].x * p[(i + 1) % n].y - p[(i + 1) % n].x * p[i].y;
    g_assert_cmpfloat_with_epsilon(dcm_shape_area(p, ends, 1), fabs(expected) / 2, 1e-9);
  }
}

/* A shape that would need more strips than anyone can count is refused. */
static void
test_tangled_area(void)
{
  enum { N = 6000 };
  static DcmPoint p[N];
  const guint ends[2] = {0, N};
  for (guint i = 0; i < N; i++)
    p[i] = (DcmPoint){i, i % 2 ? 1000 + i * 1e-3 : -1000 - i * 1e-3};
  g_assert_cmpfloat(dcm_shape_area(p, ends, 1), <, 0);
}

static void
test_rle(void)
{
  /* Two segments of a 16-bit sample: high bytes first; a run and literals. */
  static const guint8 body[] = {0xFD, 0x12, 0x80, 3, 1, 2, 3, 4};
  guint8 frame[64 + sizeof body] = {2, 0, 0, 0, 64, 0, 0, 0, 67};
  guint8 out[8];
  const char *why = NULL;
  memcpy(frame + 64, body, sizeof body);
  g_assert_true(dcm_rle_decode(frame, sizeof frame, 1, 2, 4, out, &why));
  static const guint8 expected[8] = {1, 0x12, 2, 0x12, 3, 0x12, 4, 0x12};
  g_assert_cmpmem(out, 8, expected, 8);
  for (gsize n = 0; n < sizeof frame; n++) {
    g_autofree guint8 *exact =
        g_memdup2(frame, n ? n : 1); /* so that ASan sees each step too far */
    g_assert_false(dcm_rle_decode(exact, n, 1, 2, 4, out, &why));
  }
  g_assert_false(dcm_rle_decode(frame, sizeof frame, 3, 1, 4, out, &why));
  g_assert_nonnull(strstr(why, "number of segments"));
}

static void
test_table(void)
{
  guint16 values[] = {10, 20, 30};
  const DcmTable t = {values, -1, 3};
  g_assert_cmpfloat(dcm_table_value(&t, -9), ==, 10);
  g_assert_cmpfloat(dcm_table_value(&t, 0), ==, 20);
  g_assert_cmpfloat(dcm_table_value(&t, 70000), ==, 30);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/shape/diameter", test_diameter);
  g_test_add_func("/dicom/shape/area", test_area);
  g_test_add_func("/dicom/shape/tangled-area", test_tangled_area);
  g_test_add_func("/dicom/codec/rle", test_rle);
  g_test_add_func("/dicom/tables/value", test_table);
  return g_test_run();
}
