/* SPDX-License-Identifier: Apache-2.0 */
#include "render/tone.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int
by_value(const void *a, const void *b)
{
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static void
test_quantile(void)
{
  guint32 seed = 1;
  for (gsize n = 1; n < 200; n += 7) {
    float values[200], sorted[200], scratch[200];
    for (gsize i = 0; i < n; i++) {
      seed = seed * 1664525u + 1013904223u;
      values[i] = (float)((seed >> 20) % 17);
    }
    memcpy(sorted, values, sizeof sorted);
    qsort(sorted, n, sizeof *sorted, by_value);
    for (int q = 0; q <= 10; q++) {
      memcpy(scratch, values, sizeof scratch);
      float got = itv_quantile(scratch, n, q / 10.0);
      g_assert_cmpfloat(got, ==, sorted[lround(q / 10.0 * (double)(n - 1))]);
    }
  }
}

/* A fifth of the pairs changed for real: the exposure is found all the same. */
static void
test_exposure(void)
{
  enum { COUNT = 4000 };
  static float was[COUNT], is[COUNT];
  for (int i = 0; i < COUNT; i++) {
    was[i] = (float)(100 + (i * 37) % 900);
    is[i] = (float)(0.6 * was[i] + 50 + (i * 13) % 7 - 3);
    if (i % 5 == 0)
      is[i] += 400;
  }
  ItvMatch match = itv_match_exposure(was, is, COUNT);
  g_assert_cmpfloat_with_epsilon(match.gain, 0.6, 0.02);
  g_assert_cmpfloat_with_epsilon(match.offset, 50, 12);
  ItvMatch few = itv_match_exposure(was, is, 10);
  g_assert_cmpfloat(few.gain, ==, 1);
  memset(was, 0, sizeof was);
  ItvMatch flat = itv_match_exposure(was, is, COUNT);
  g_assert_true(isfinite(flat.gain) && isfinite(flat.offset));
}

static double
lightness(guint32 rgb)
{
  return 0.2126 * pow((rgb >> 16) / 255.0, 2.2) + 0.7152 * pow((rgb >> 8 & 255) / 255.0, 2.2) +
         0.0722 * pow((rgb & 255) / 255.0, 2.2);
}

/* Zero is grey, lightness rises all the way: it can be read without hue. */
static void
test_colours(void)
{
  guint32 zero = itv_change_colour(0);
  g_assert_cmpuint(zero >> 16, ==, zero & 255);
  g_assert_cmpuint(zero >> 8 & 255, ==, zero & 255);
  double before = -1;
  for (int i = -20; i <= 20; i++) {
    double now = lightness(itv_change_colour(i / 20.0));
    g_assert_cmpfloat(now, >, before);
    before = now;
  }
  g_assert_cmpuint(itv_change_colour(NAN), ==, zero);
  g_assert_cmpuint(itv_change_colour(9), ==, itv_change_colour(1));
}

#define SIDE 60

static void
test_survey(void)
{
  static gint16 was[SIDE * SIDE * SIDE], is[SIDE * SIDE * SIDE];
  for (int k = 0; k < SIDE; k++)
    for (int j = 0; j < SIDE; j++)
      for (int i = 0; i < SIDE; i++) {
        int o = (k * SIDE + j) * SIDE + i;
        was[o] = is[o] = (gint16)(40 + (i * 7 + j * 11 + k * 5) % 30);
        if (abs(i - 20) < 5 && abs(j - 33) < 5 && abs(k - 41) < 5)
          is[o] = 300;
      }
  itv_volume now = {.struct_size = sizeof now,
                    .pixel = ITV_PIX_I16,
                    .dim = {SIDE, SIDE, SIDE},
                    .flags = ITV_VOL_ORIENTED,
                    .spacing_mm = {2, 2, 2},
                    .origin_mm = {10, 20, 30},
                    .direction = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                    .slope = 1,
                    .data = is,
                    .data_size = sizeof is};
  itv_volume then = now;
  then.data = was;
  ItvChangeSurvey survey = itv_change_survey(&now, &then, NULL, ITV_MODALITY_CT);
  g_assert_true(survey.found);
  g_assert_cmpfloat(survey.overlap, ==, 1);
  g_assert_cmpfloat_with_epsilon(survey.key_mm[0], 10 + 2 * 20, 3);
  g_assert_cmpfloat_with_epsilon(survey.key_mm[1], 20 + 2 * 33, 3);
  g_assert_cmpfloat_with_epsilon(survey.key_mm[2], 30 + 2 * 41, 3);
  then.origin_mm[0] = 5000; /* nowhere near */
  ItvChangeSurvey apart = itv_change_survey(&now, &then, NULL, ITV_MODALITY_CT);
  g_assert_false(apart.found);
  g_assert_cmpfloat(apart.overlap, ==, 0);
}

static void
test_windows(void)
{
  static const gint16 air[1] = {-850};
  itv_volume v = {.struct_size = sizeof v,
                  .pixel = ITV_PIX_I16,
                  .dim = {1, 1, 1},
                  .flags = ITV_VOL_ORIENTED,
                  .spacing_mm = {50, 50, 50},
                  .direction = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                  .slope = 1,
                  .data = air,
                  .data_size = sizeof air};
  float value[4] = {1, 2, 3, 100};
  guint8 inside[4] = {1, 1, 1, 0};
  ItvPlane plane = {2, 2, value, inside};
  const double key[3] = {0, 0, 0};
  ItvWindow lung = itv_window_for(ITV_MODALITY_CT, ITV_REGION_CHEST, &v, key, &plane);
  g_assert_cmpstr(lung.name, ==, "lung: W 1500 L -600");
  ItvWindow bone = itv_window_for(ITV_MODALITY_CT, ITV_REGION_LSPINE, &v, key, &plane);
  g_assert_cmpfloat(bone.high, ==, 1400);
  ItvWindow mr = itv_window_for(ITV_MODALITY_MR, ITV_REGION_BRAIN, &v, key, &plane);
  g_assert_cmpfloat(mr.low, ==, 1);
  g_assert_cmpfloat(mr.high, ==, 3); /* the place without data does not count */
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tone/quantile", test_quantile);
  g_test_add_func("/tone/exposure", test_exposure);
  g_test_add_func("/tone/colours", test_colours);
  g_test_add_func("/tone/survey", test_survey);
  g_test_add_func("/tone/windows", test_windows);
  return g_test_run();
}
