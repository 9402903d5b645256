/* SPDX-License-Identifier: Apache-2.0
 *
 * Callus on films of one leg that nobody laid in the same way twice: it must be
 * found where it is plainly there, with an interval that holds the truth, and
 * nothing may be found where none is.
 */
#include <math.h>
#include <string.h>

#include "pair.h"

static const SynthFracture fresh = {.callus_density = 0};
static const SynthFracture weeks_6 = {{3.2, 2, 1.6, 4}, 0.25, {0.15, 0.1, 0.05, 0.3}, 0, 0};
static const SynthFracture weeks_12 = {{5, 3.6, 2.8, 6}, 0.5, {0.7, 0.5, 0.3, 0.85}, 0, 0};
static const SynthFracture weeks_24 = {{5, 4, 3.4, 5.4}, 0.8, {1, 0.95, 0.75, 1}, 0, 0};

/* The n-th way to lie on the detector. */
static LegFilm
film(unsigned n, gboolean lateral, const SynthFracture *fracture)
{
  const double a = (n * 29 % 13) / 6.0 - 1, b = (n * 43 % 17) / 8.0 - 1,
               c = (n * 61 % 19) / 9.0 - 1;
  return (LegFilm){.exposure = {.scan = 500 + n,
                                .columns = 400,
                                .rows = 1060,
                                .pixel_mm = 0.38,
                                .magnification = 1.05 + 0.015 * a,
                                .shift_mm = {6 * b, 8 * c},
                                .turn_deg = 3 * a,
                                .roll_deg = 4 * c,
                                .marker = n % 2 ? 'L' : 0},
                   .fracture = *fracture,
                   .anatomy = 5 + n / 7,
                   .lateral = lateral};
}

static void
describe(const char *name, const PairResult *r, double truth)
{
  g_test_message("%s: area %.1f [%.1f, %.1f] for %.1f; bridging %g; %s", name,
                 r->area ? itv_record_f64(r->area, "value", NAN) : NAN,
                 r->area ? itv_record_f64(r->area, "ci-low", NAN) : NAN,
                 r->area ? itv_record_f64(r->area, "ci-high", NAN) : NAN, truth,
                 r->bridging ? itv_record_f64(r->bridging, "value", NAN) : NAN,
                 r->accepted ? itv_record_str(r->overall, "reason", "") : r->refusal);
}

/* Found, and the truth within the interval; behind a plate a part is hidden. */
static void
assert_found(const char *name, const LegFilm *before, const LegFilm *after)
{
  const gboolean hidden = after->fracture.fixation == 1;
  double truth, faint;
  leg_film_truth(before, after, &truth, &faint);
  g_autoptr(PairResult) r = pair_run(before, after, 84);
  describe(name, r, truth);
  g_assert_true(r->accepted);
  g_assert_nonnull(r->area);
  g_assert_cmpstr(itv_record_str(r->area, "verdict", ""), ==, "on-course");
  g_assert_cmpfloat(itv_record_f64(r->area, "ci-low", NAN), <, truth);
  g_assert_cmpfloat(itv_record_f64(r->area, "ci-high", NAN), >, hidden ? 0.5 * truth : truth);
}

/* Nothing grew: no callus and no bridging may be reported, whatever else changed. */
static void
assert_nothing(const char *name, const PairResult *r)
{
  describe(name, r, 0);
  if (!r->accepted)
    return;
  g_assert_cmpstr(itv_record_str(r->overall, "verdict", ""), ==, "not-resolvable");
  if (r->area)
    g_assert_cmpstr(itv_record_str(r->area, "verdict", ""), ==, "not-resolvable");
  if (r->bridging)
    g_assert_cmpfloat(itv_record_f64(r->bridging, "value", NAN), ==, 0);
}

static void
test_healing(void)
{
  static const SynthFracture *const stages[] = {&weeks_6, &weeks_12, &weeks_24};
  for (unsigned i = 0; i < 6; i++) {
    const gboolean lateral = i % 2;
    const LegFilm before = film(10 + i, lateral, &fresh),
                  after = film(20 + 3 * i, lateral, stages[i / 2]);
    g_autofree char *name = g_strdup_printf("%s stage %u", lateral ? "lateral" : "AP", i / 2);
    LegFilm later = after;
    later.anatomy = before.anatomy;
    assert_found(name, &before, &later);
  }
}

static void
test_nothing_grew(void)
{
  for (unsigned i = 0; i < 6; i++) {
    const LegFilm before = film(30 + i, i % 2, &fresh);
    LegFilm after = film(50 + 4 * i, i % 2, &fresh);
    after.anatomy = before.anatomy;
    g_autoptr(PairResult) r = pair_run(&before, &after, 84);
    assert_nothing("nothing", r);
  }
}

/* Another exposure and another curve of the detector. */
static void
test_exposure(void)
{
  const LegFilm before = film(3, FALSE, &fresh);
  LegFilm none = film(4, FALSE, &fresh), callus = film(4, FALSE, &weeks_12);
  none.gain = callus.gain = 0.85;
  none.offset = callus.offset = 150;
  none.gamma = callus.gamma = 1.15;
  g_autoptr(PairResult) r = pair_run(&before, &none, 84);
  assert_nothing("exposure", r);
  assert_found("exposure", &before, &callus);
}

static void
test_one_side(void)
{
  SynthFracture one = {.callus_mm = {6, 0, 0, 0}, .callus_density = 0.6};
  const LegFilm before = film(5, FALSE, &fresh), after = film(6, FALSE, &one);
  assert_found("one side", &before, &after);
}

static void
test_other_bones(void)
{
  static const struct {
    const char *name;
    int fixation;
    double wider_mm;
    gboolean lateral;
  } legs[] = {{"plate", 1, 0, FALSE}, {"no metal", 2, 0, FALSE}, {"wide", 0, 4, FALSE}};
  for (gsize i = 0; i < G_N_ELEMENTS(legs); i++) {
    SynthFracture a = fresh, b = weeks_12;
    a.fixation = b.fixation = legs[i].fixation;
    a.wider_mm = b.wider_mm = legs[i].wider_mm;
    const LegFilm before = film(1, legs[i].lateral, &a), none = film(2, legs[i].lateral, &a),
                  callus = film(2, legs[i].lateral, &b);
    g_autoptr(PairResult) r = pair_run(&before, &none, 84);
    assert_nothing(legs[i].name, r);
    assert_found(legs[i].name, &before, &callus);
  }
}

/* Swelling beside the break, and a cast all around: soft shapes, not callus. */
static void
test_swelling_and_cast(void)
{
  for (int cast = 0; cast < 2; cast++) {
    const LegFilm before = film(1, FALSE, &fresh), after = film(2, FALSE, &fresh);
    g_autofree guint16 *a = leg_film_draw(&before), *b = leg_film_draw(&after);
    const SynthExposure *e = &after.exposure;
    for (int i = 0; i < e->columns * e->rows; i++) {
      const double x = (i % e->columns - 200) * e->pixel_mm,
                   y = ((double)(i / e->columns) - 530) * e->pixel_mm;
      const double wall = fabs(fabs(x) - 62);
      const double more = cast ? 120 + (wall < 4 ? 150 : 0)
                               : 90 * exp(-pow((x + 30) / 25, 2) - pow((y - 25) / 45, 2));
      b[i] = (guint16)fmin(4095, b[i] + more);
    }
    g_autoptr(PairResult) r = pair_run_images(&before, a, &after, b, 84);
    assert_nothing(cast ? "cast" : "swelling", r);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/callus/healing", test_healing);
  g_test_add_func("/callus/nothing-grew", test_nothing_grew);
  g_test_add_func("/callus/exposure", test_exposure);
  g_test_add_func("/callus/one-side", test_one_side);
  g_test_add_func("/callus/other-bones", test_other_bones);
  g_test_add_func("/callus/swelling-and-cast", test_swelling_and_cast);
  return g_test_run();
}
