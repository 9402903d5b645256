/* SPDX-License-Identifier: Apache-2.0
 *
 * Drawn films: a tibia with a nail and an oblique break, and callus of known
 * area beside it.
 */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "interval/plugin.h"
#include "test-host.h"

enum { W = 440, H = 600 };
static const double px_mm = 0.25;

typedef struct {
  double tilt_deg;  /* of the bone */
  double callus_mm; /* height of each of the two caps; 0: none */
  double density;   /* of the callus */
  double gap_fill;  /* 0..1 of the break, in the cortices */
  double gain, offset, noise, shift_mm;
  double swelling;            /* density that the soft tissue has gained on the right side */
  gboolean flat;              /* soft tissue of one density */
  gboolean nail, broken, leg; /* leg: with a fibula, and air beyond the skin */
} Film;

static const double half_width = 13, cortex = 5, cap_half = 14, gap = 2.5, gap_tilt = 0.25;

static double
step_in(double d_mm)
{
  return 0.5 * (1 + erf(d_mm / (0.35 * G_SQRT2)));
}

/* Density at (u across, v along) in mm from the fracture's middle. */
static double
density(const Film *f, double u, double v)
{
  const double edge = half_width - fabs(u);
  double x = 100 - (f->flat ? 0 : 0.01 * u * u) + 60 * step_in(edge) +
             50 * (step_in(edge) - step_in(edge - cortex));
  if (f->broken) {
    const double in_gap = step_in(gap / 2 - fabs(v - gap_tilt * u)) * step_in(edge);
    x -= in_gap * (1 - f->gap_fill) * (x - 105);
  }
  if (f->leg) {
    x += 70 * step_in(5 - fabs(u - 27)) - 30 * step_in(2 - fabs(u - 27));
    x *= step_in(45 - u) * step_in(u + 24);
  }
  x += f->swelling * step_in(u - half_width) * exp(-v * v / 1800);
  if (f->nail)
    x += 120 * step_in(5 - fabs(u));
  if (f->callus_mm > 0) {
    /* A parabolic cap on each side: area 4/3 * height * half length. */
    const double top = f->callus_mm * (1 - v * v / (cap_half * cap_half));
    x += f->density * step_in(fmin(top + edge, cap_half - fabs(v))) * step_in(-edge);
  }
  return x;
}

static int16_t *
draw(const Film *f, guint seed)
{
  int16_t *data = g_new(int16_t, W * H);
  g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
  const double a = f->tilt_deg * G_PI / 180;
  for (int i = 0; i < W * H; i++) {
    const double x = (i % W - W / 2) * px_mm + f->shift_mm,
                 y = (i / W - H / 2) * px_mm + f->shift_mm;
    /* Three uniform deviates of -1..1: near enough to a Gaussian one of variance 1. */
    double noise = -3;
    for (int k = 0; k < 3; k++)
      noise += 2 * g_rand_double(rand);
    const double d = density(f, cos(a) * x + sin(a) * y, -sin(a) * x + cos(a) * y);
    data[i] = (int16_t)lround(10 * (f->offset + f->gain * d + f->noise * noise));
  }
  return data;
}

static itv_volume
volume(const int16_t *data, const char *role)
{
  return (itv_volume){.struct_size = sizeof(itv_volume),
                      .pixel = ITV_PIX_I16,
                      .dim = {W, H, 1},
                      .spacing_mm = {px_mm, px_mm, 1},
                      .slope = 0.1,
                      .role = role,
                      .data = data,
                      .data_size = sizeof(int16_t) * W * H};
}

static TestHost *
run(const Film *before, const Film *after)
{
  g_autofree int16_t *a = draw(before, 3), *b = draw(after, 4);
  const itv_volume volumes[2] = {volume(a, "baseline"), volume(b, "current")};
  const itv_field fields[] = {ITV_STR("role", "current"), ITV_STR("date", "2024-04-10T09:00"),
                              ITV_F64("days", 86, "d")};
  const itv_record record = {"interval.image-set/1", fields, G_N_ELEMENTS(fields)};
  const itv_input input = {.struct_size = sizeof input,
                           .n_records = 1,
                           .n_volumes = 2,
                           .records = &record,
                           .volumes = volumes};
  TestHost *host = test_host_new(&itv_plugin_entry);
  g_assert_cmpint(test_host_run(host, ITV_KIND_HEALING, &input), ==, ITV_OK);
  for (guint i = 0; i < test_host_n_records(host); i++) {
    const itv_record *r = test_host_record(host, i);
    g_test_message("%s %s %g [%g, %g] %s: %s", r->name, itv_record_str(r, "measure", "-"),
                   itv_record_f64(r, "value", NAN), itv_record_f64(r, "ci-low", NAN),
                   itv_record_f64(r, "ci-high", NAN), itv_record_str(r, "verdict", ""),
                   itv_record_str(r, "reason", itv_record_str(r, "note", "")));
  }
  return host;
}

static const itv_record *
point(TestHost *host, const char *measure)
{
  for (guint i = 0;; i++) {
    const itv_record *r = test_host_find(host, "interval.healing-point/1", i);
    if (!r || g_str_equal(itv_record_str(r, "measure", ""), measure))
      return r;
  }
}

static void
test_known_areas(void)
{
  static const Film films[] = {
      {.tilt_deg = 8, .callus_mm = 6, .density = 25, .gain = 1.2, .offset = -15, .noise = 2},
      {.tilt_deg = -12,
       .callus_mm = 4,
       .density = 30,
       .gain = 0.8,
       .offset = 20,
       .noise = 1.5,
       .nail = TRUE},
      {.tilt_deg = 78, .callus_mm = 9, .density = 40, .gain = 1, .noise = 2, .nail = TRUE},
      {.tilt_deg = 2, .callus_mm = 5, .density = 25, .gain = 1, .noise = 1, .swelling = 8},
      {.tilt_deg = 2, .callus_mm = 5, .density = 25, .gain = 1, .noise = 0.5, .flat = TRUE},
      {.tilt_deg = -5,
       .callus_mm = 7,
       .density = 30,
       .gain = 1.15,
       .noise = 2,
       .shift_mm = 0.5,
       .leg = TRUE},
  };
  for (guint i = 0; i < G_N_ELEMENTS(films); i++) {
    Film after = films[i], before = films[i];
    before.callus_mm = before.offset = before.shift_mm = before.swelling = 0;
    before.gain = 1;
    after.broken = before.broken = TRUE;
    g_autoptr(TestHost) host = run(&before, &after);
    const itv_record *r = point(host, "callus-area");
    g_assert_nonnull(r);
    const double truth = 2 * 4.0 / 3 * after.callus_mm * cap_half,
                 got = itv_record_f64(r, "value", 0);
    g_test_message("film %u: %g mm2 for %g", i, got, truth);
    g_assert_cmpfloat_with_epsilon(got / truth, 1, 0.1);
    g_assert_cmpfloat(itv_record_f64(r, "ci-low", 0), <, truth);
    g_assert_cmpfloat(itv_record_f64(r, "ci-high", 0), >, truth);
    g_assert_cmpstr(itv_record_str(r, "verdict", ""), ==, "on-course");
    g_assert_cmpstr(itv_record_str(r, "date", ""), ==, "2024-04-10");
  }
}

/* Nothing grew: exposure, noise and a small shift must not look like callus. */
static void
test_nothing_new(void)
{
  static const Film films[] = {
      {.tilt_deg = 3, .gain = 1.2, .offset = -15, .noise = 2},
      {.tilt_deg = -8, .gain = 0.9, .noise = 3, .nail = TRUE, .shift_mm = 0.1},
      {.tilt_deg = 6, .gain = 1.1, .noise = 1, .swelling = 15},
      {.tilt_deg = 6, .gain = 1.1, .noise = 2, .shift_mm = 0.6, .leg = TRUE},
  };
  for (guint i = 0; i < G_N_ELEMENTS(films); i++) {
    Film after = films[i], before = films[i];
    before.offset = before.shift_mm = before.swelling = 0;
    before.gain = 1;
    after.broken = before.broken = TRUE;
    g_autoptr(TestHost) host = run(&before, &after);
    const itv_record *r = point(host, "callus-area");
    g_assert_nonnull(r);
    g_assert_cmpstr(itv_record_str(r, "verdict", ""), ==, "not-resolvable");
    g_assert_cmpfloat(itv_record_f64(r, "ci-low", 1), ==, 0);
    g_assert_cmpfloat(itv_record_f64(r, "ci-high", 0), >, 0);
  }
}

static void
test_bridging(void)
{
  static const double fills[] = {0.1, 0.9};
  for (guint i = 0; i < G_N_ELEMENTS(fills); i++) {
    const Film before = {.tilt_deg = 5, .gain = 1, .noise = 1, .broken = TRUE};
    Film after = before;
    after.gap_fill = fills[i];
    after.gain = 1.1;
    g_autoptr(TestHost) host = run(&before, &after);
    const itv_record *r = point(host, "bridging");
    g_assert_nonnull(r);
    g_assert_cmpfloat(itv_record_f64(r, "value", -1), ==, fills[i] > 0.5 ? 1 : 0);
  }
}

static void
test_no_fracture_no_number(void)
{
  const Film whole = {.tilt_deg = 5, .gain = 1, .noise = 1};
  g_autoptr(TestHost) host = run(&whole, &whole);
  g_assert_null(test_host_find(host, "interval.healing-point/1", 0));
  const itv_record *r = test_host_find(host, "interval.healing/1", 0);
  g_assert_nonnull(r);
  g_assert_cmpstr(itv_record_str(r, "verdict", ""), ==, "not-resolvable");
}

static void
test_bad_input(void)
{
  const Film f = {.gain = 1, .broken = TRUE};
  g_autofree int16_t *data = draw(&f, 1);
  itv_volume volumes[2] = {volume(data, "baseline"), volume(data, "current")};
  const itv_field fields[] = {ITV_STR("role", "current"), ITV_STR("date", "2024-04-10"),
                              ITV_F64("days", 86, "d")};
  const itv_record record = {"interval.image-set/1", fields, G_N_ELEMENTS(fields)};
  itv_input input = {.struct_size = sizeof input,
                     .n_records = 1,
                     .n_volumes = 2,
                     .records = &record,
                     .volumes = volumes};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  volumes[1].dim[0] = W - 1;
  g_assert_cmpint(test_host_run(host, ITV_KIND_HEALING, &input), ==, ITV_ERR_INPUT);
  g_assert_nonnull(strstr(test_host_error(host), "one grid"));
  volumes[1].dim[0] = W;
  volumes[1].data_size = 100;
  g_assert_cmpint(test_host_run(host, ITV_KIND_HEALING, &input), ==, ITV_ERR_INPUT);
  volumes[1].data_size = volumes[0].data_size;
  volumes[1].flags = ITV_VOL_SPACING_UNKNOWN;
  g_assert_cmpint(test_host_run(host, ITV_KIND_HEALING, &input), ==, ITV_OK);
  g_assert_cmpstr(itv_record_str(test_host_find(host, "interval.healing/1", 0), "verdict", ""), ==,
                  "not-resolvable");
  volumes[1].flags = 0;
  input.n_records = 0;
  g_assert_cmpint(test_host_run(host, ITV_KIND_HEALING, &input), ==, ITV_ERR_INPUT);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/films/known-areas", test_known_areas);
  g_test_add_func("/films/nothing-new", test_nothing_new);
  g_test_add_func("/films/bridging", test_bridging);
  g_test_add_func("/films/no-fracture", test_no_fracture_no_number);
  g_test_add_func("/films/bad", test_bad_input);
  return g_test_run();
}
