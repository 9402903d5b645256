/* SPDX-License-Identifier: Apache-2.0 */
#include "quality.h"

#include <math.h>
#include <string.h>

#include "test-host.h"

enum { MAX_F = 16 };

typedef struct {
  itv_field fields[2][MAX_F];
  itv_record records[2];
  itv_volume volumes[2];
  guint n_volumes;
} Case;

/* Key, value pairs up to NULL; keys of numbers begin with '#'. */
static void
set(Case *c, int i, const char *const *pairs)
{
  c->records[i] = (itv_record){"interval.image-set/1", c->fields[i], 0};
  c->fields[i][c->records[i].n_fields++] = (itv_field)ITV_STR("role", i ? "current" : "prior");
  for (; pairs[0]; pairs += 2) {
    g_assert_cmpuint(c->records[i].n_fields, <, MAX_F);
    if (pairs[0][0] == '#')
      c->fields[i][c->records[i].n_fields++] =
          (itv_field)ITV_F64(pairs[0] + 1, g_ascii_strtod(pairs[1], NULL), "mm");
    else
      c->fields[i][c->records[i].n_fields++] = (itv_field)ITV_STR(pairs[0], pairs[1]);
  }
}
#define SET(c, i, ...) set(c, i, (const char *const[]){__VA_ARGS__, NULL})

static TestHost *
run(Case *c)
{
  TestHost *host = test_host_new(&itv_plugin_entry);
  itv_input input = {.struct_size = sizeof input, .n_records = 2, .records = c->records};
  input.n_volumes = c->n_volumes;
  input.volumes = c->volumes;
  g_assert_cmpint(test_host_run(host, ITV_KIND_QUALITY, &input), ==, ITV_OK);
  return host;
}

static const itv_record *
reason(TestHost *host, const char *code)
{
  for (guint i = 0;; i++) {
    const itv_record *r = test_host_find(host, "interval.reason/1", i);
    if (!r || g_str_equal(itv_record_str(r, "code", ""), code))
      return r;
  }
}

static void
assert_reason(TestHost *host, const char *code, const char *severity)
{
  g_test_message("%s", code);
  const itv_record *r = reason(host, code);
  g_assert_nonnull(r);
  g_assert_cmpstr(itv_record_str(r, "severity", ""), ==, severity);
}

static const char *
comparable(TestHost *host)
{
  return itv_record_str(test_host_find(host, "interval.quality/1", 0), "comparable", "");
}

static void
test_blocking(void)
{
  static const struct {
    const char *a[9], *b[9], *code;
  } table[] = {
      {{"modality", "CT", "region", "chest"},
       {"modality", "CT", "region", "knee"},
       "region-differs"},
      {{"modality", "CT", "region", "chest"},
       {"modality", "MR", "region", "chest"},
       "modality-differs"},
      {{"modality", "XR", "region", "knee", "laterality", "left", "view", "AP"},
       {"modality", "XR", "region", "knee", "laterality", "right", "view", "AP"},
       "side-differs"},
      {{"modality", "XR", "region", "tibia", "view", "AP"},
       {"modality", "XR", "region", "tibia", "view", "L LATERAL"},
       "view-differs"},
      {{"modality", "MG", "region", "breast", "view", "CC"},
       {"modality", "MG", "region", "breast", "view", "MLO"},
       "view-differs"},
      {{"modality", "MR", "region", "cspine"},
       {"modality", "MR", "region", "lspine"},
       "region-differs"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
    Case c = {.n_volumes = 0};
    set(&c, 0, table[i].a);
    set(&c, 1, table[i].b);
    g_autoptr(TestHost) host = run(&c);
    assert_reason(host, table[i].code, "blocking");
    g_assert_cmpstr(comparable(host), ==, "N");
  }
}

static void
test_comparable(void)
{
  Case c = {.n_volumes = 0};
  SET(&c, 0, "modality", "CT", "region", "lung", "kernel", "B31f", "#slice-thickness", "1");
  SET(&c, 1, "modality", "CT", "region", "chest", "region", "abdomen", "kernel", "B30f",
      "#slice-thickness", "1.25");
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpstr(comparable(host), ==, "Y");
  g_assert_cmpfloat(itv_record_f64(test_host_find(host, "interval.quality/1", 0), "score", 0), ==,
                    1);
  assert_reason(host, "kernel-name", "info");
}

static void
test_warnings(void)
{
  Case c = {.n_volumes = 0};
  SET(&c, 0, "modality", "CT", "region", "chest", "kernel", "LUNG", "#slice-thickness", "1",
      "contrast-phase", "none", "note",
      "missing slices: 3 are missing in 1 gaps, the first after 10.00 mm along the normal");
  SET(&c, 1, "modality", "CT", "region", "chest", "kernel", "STANDARD", "#slice-thickness", "5",
      "contrast-phase", "venous");
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpstr(comparable(host), ==, "Y");
  assert_reason(host, "kernel-differs", "warning");
  assert_reason(host, "thickness-differs", "warning");
  assert_reason(host, "contrast-differs", "warning");
  assert_reason(host, "slice-gap", "warning");
  g_assert_nonnull(strstr(itv_record_str(reason(host, "thickness-differs"), "text", ""), "5 mm"));
  g_assert_cmpfloat_with_epsilon(
      itv_record_f64(test_host_find(host, "interval.quality/1", 0), "score", 0), pow(5.0 / 6, 4),
      1e-9);
}

static void
test_kernels(void)
{
  static const struct {
    const char *name;
    int cls;
  } table[] = {{"B70f", 1}, {"B31f", -1}, {"Br59d", 1},    {"Hr40", -1},     {"FC08", -1},
               {"FC51", 1}, {"LUNG", 1},  {"BONEPLUS", 1}, {"STANDARD", -1}, {"YB", 1},
               {"B", -1},   {"I70f", 1},  {"", 0},         {"custom", 0}};
  for (guint i = 0; i < G_N_ELEMENTS(table); i++)
    g_assert_cmpint(kernel_class(table[i].name), ==, table[i].cls);
}

/* ---- a drawn CT: an ellipse of soft tissue with two lungs --------------- */

enum { N = 160, NZ = 4 };

/* Gaussian deviate by the sum of twelve uniform ones. */
static double
deviate(GRand *rand)
{
  double sum = -6;
  for (int i = 0; i < 12; i++)
    sum += g_rand_double(rand);
  return sum;
}

/* An edge blurred by sigma (mm), at signed distance d (mm) inside. */
static double
soft_step(double d_mm, double sigma_mm)
{
  return 0.5 * (1 + erf(d_mm / (sigma_mm * G_SQRT2)));
}

typedef struct {
  double radius_mm, pixel_mm, slice_mm, sigma_mm, noise, tissue;
} Phantom;

static int16_t *
draw(const Phantom *p, itv_volume *v)
{
  int16_t *data = g_new(int16_t, N * N * NZ);
  g_autoptr(GRand) rand = g_rand_new_with_seed(7);
  for (int i = 0; i < N * N * NZ; i++) {
    const double x = (i % N - N / 2) * p->pixel_mm, y = (i / N % N - N / 2) * p->pixel_mm;
    const double inside = soft_step(p->radius_mm - hypot(x, y), p->sigma_mm);
    const double lung =
        soft_step(p->radius_mm * 0.3 - hypot(x - p->radius_mm * 0.4, y), p->sigma_mm);
    const double hu = -1000 + (1000 + p->tissue) * inside - 850 * lung;
    data[i] = (int16_t)lround(hu + p->noise * deviate(rand));
  }
  *v = (itv_volume){.struct_size = sizeof *v,
                    .pixel = ITV_PIX_I16,
                    .dim = {N, N, NZ},
                    .flags = ITV_VOL_ORIENTED,
                    .spacing_mm = {p->pixel_mm, p->pixel_mm, p->slice_mm},
                    .slope = 1,
                    .direction = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                    .data = data,
                    .data_size = sizeof(int16_t) * N * N * NZ};
  return data;
}

static int32_t
never(const itv_host *host)
{
  (void)host;
  return 0;
}

static void
test_measures(void)
{
  const itv_host host = {.struct_size = sizeof host, .cancelled = never};
  static const Phantom table[] = {{60, 1, 2, 1.5, 10, 40},
                                  {60, 1, 2, 2.5, 20, 40},
                                  {60, 1, 2, 1, 5, 40},
                                  {110, 1, 2, 1.5, 10, 200}};
  for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
    itv_volume volume;
    g_autofree int16_t *data = draw(&table[i], &volume);
    g_autofree char *error = NULL;
    Voxels v;
    g_assert_true(voxels_measure(&host, &volume, TRUE, &v, &error));
    g_test_message("noise %g for %g, blur %g for %g, border %g, enhanced %g", v.noise,
                   table[i].noise, v.edge_mm, table[i].sigma_mm, v.truncated, v.enhanced);
    g_assert_cmpfloat_with_epsilon(v.noise / table[i].noise, 1, 0.15);
    g_assert_cmpfloat_with_epsilon(v.edge_mm / table[i].sigma_mm, 1, 0.2);
    g_assert_true((v.truncated > 0.05) == (table[i].radius_mm > N / 2));
    g_assert_true((v.enhanced > 0.3) == (table[i].tissue > 130));
  }
}

static void
test_round_field(void)
{
  const itv_host host = {.struct_size = sizeof host, .cancelled = never};
  for (int wide = 0; wide < 2; wide++) {
    const Phantom p = {wide ? 90 : 60, 1, 2, 1.5, 0, 40};
    itv_volume volume;
    g_autofree int16_t *data = draw(&p, &volume);
    for (int i = 0; i < N * N * NZ; i++)
      if (hypot(i % N - N / 2, i / N % N - N / 2) > N / 2 - 1)
        data[i] = -2000;
    g_autofree char *error = NULL;
    Voxels v;
    g_assert_true(voxels_measure(&host, &volume, TRUE, &v, &error));
    g_assert_true((v.truncated > 0.5) == wide);
  }
}

static void
test_voxel_reasons(void)
{
  Case c = {.n_volumes = 2};
  SET(&c, 0, "modality", "CT", "region", "chest");
  SET(&c, 1, "modality", "CT", "region", "chest");
  const Phantom a = {60, 1, 2, 1, 8, 40}, b = {110, 1, 5, 2.2, 20, 200};
  g_autofree int16_t *x = draw(&a, &c.volumes[0]);
  g_autofree int16_t *y = draw(&b, &c.volumes[1]);
  c.volumes[0].role = "prior";
  c.volumes[1].role = "current";
  g_autoptr(TestHost) host = run(&c);
  assert_reason(host, "sharpness-differs", "warning");
  assert_reason(host, "noise-differs", "warning");
  assert_reason(host, "truncated", "warning");
  assert_reason(host, "thickness-differs", "warning");
  assert_reason(host, "enhancement-seen", "info");
  g_assert_cmpstr(itv_record_str(reason(host, "truncated"), "role", ""), ==, "current");
  const double expected =
      1.959964 * sqrt(2.0 / 6 + pow(0.149 * 4 / 10, 2) + pow(0.149 * 25 / 10, 2));
  g_assert_cmpfloat_with_epsilon(
      itv_record_f64(test_host_find(host, "interval.quality/1", 0), "size-error", 0), expected,
      1e-9);
}

static void
test_same_twice_is_silent(void)
{
  Case c = {.n_volumes = 2};
  SET(&c, 0, "modality", "CT", "region", "chest");
  SET(&c, 1, "modality", "CT", "region", "chest");
  const Phantom a = {60, 1, 2, 1, 8, 40};
  g_autofree int16_t *x = draw(&a, &c.volumes[0]);
  g_autofree int16_t *y = draw(&a, &c.volumes[1]);
  c.volumes[0].role = "prior";
  c.volumes[1].role = "current";
  g_autoptr(TestHost) host = run(&c);
  for (guint i = 0;; i++) {
    const itv_record *r = test_host_find(host, "interval.reason/1", i);
    if (!r)
      break;
    g_assert_cmpstr(itv_record_str(r, "severity", ""), ==, "info");
  }
}

static void
test_films(void)
{
  static uint8_t a[64 * 64], b[64 * 64];
  for (int i = 0; i < 64 * 64; i++) {
    a[i] = (uint8_t)(i % 64 > 20 && i % 64 < 40 ? 180 + i % 7 : 20 + i % 60);
    b[i] = (uint8_t)(255 - a[i]);
  }
  Case c = {.n_volumes = 2};
  SET(&c, 0, "modality", "XR", "region", "tibia", "view", "AP");
  SET(&c, 1, "modality", "XR", "region", "tibia", "view", "AP");
  for (int i = 0; i < 2; i++)
    c.volumes[i] = (itv_volume){.struct_size = sizeof(itv_volume),
                                .pixel = ITV_PIX_U8,
                                .dim = {64, 64, 1},
                                .flags = i ? ITV_VOL_SPACING_UNKNOWN : 0,
                                .spacing_mm = {1, 1, 1},
                                .slope = 1,
                                .role = i ? "current" : "prior",
                                .data = i ? b : a,
                                .data_size = 64 * 64};
  g_autoptr(TestHost) host = run(&c);
  assert_reason(host, "inverted", "warning");
  assert_reason(host, "spacing-unknown", "warning");
  g_assert_null(itv_record_field(test_host_find(host, "interval.quality/1", 0), "size-error", 0));
  for (int i = 0; i < 64 * 64; i++)
    b[i] = a[i] > 170 ? 255 : a[i];
  g_autoptr(TestHost) second = run(&c);
  assert_reason(second, "clipped-bright", "warning");
  g_assert_null(reason(second, "inverted"));
}

static void
test_bad_volumes(void)
{
  static uint8_t data[64];
  Case c = {.n_volumes = 1};
  SET(&c, 0, "modality", "XR");
  SET(&c, 1, "modality", "XR");
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  itv_input input = {.struct_size = sizeof input,
                     .n_records = 2,
                     .n_volumes = 1,
                     .records = c.records,
                     .volumes = c.volumes};
  const itv_volume good = {.struct_size = sizeof(itv_volume),
                           .pixel = ITV_PIX_U8,
                           .dim = {8, 8, 1},
                           .spacing_mm = {1, 1, 1},
                           .slope = 1,
                           .role = "prior",
                           .data = data,
                           .data_size = 64};
  itv_volume bad[4] = {good, good, good, good};
  bad[0].dim[0] = 9;
  bad[1].spacing_mm[1] = 0;
  bad[2].pixel = 9;
  bad[3].dim[2] = -1;
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    c.volumes[0] = bad[i];
    g_assert_cmpint(test_host_run(host, ITV_KIND_QUALITY, &input), ==, ITV_ERR_INPUT);
    g_assert_nonnull(strstr(test_host_error(host), "prior"));
  }
  c.volumes[0] = good; /* all one value */
  g_assert_cmpint(test_host_run(host, ITV_KIND_QUALITY, &input), ==, ITV_OK);
  input.n_records = 1;
  g_assert_cmpint(test_host_run(host, ITV_KIND_QUALITY, &input), ==, ITV_NOT_APPLICABLE);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/quality/blocking", test_blocking);
  g_test_add_func("/quality/comparable", test_comparable);
  g_test_add_func("/quality/warnings", test_warnings);
  g_test_add_func("/quality/kernels", test_kernels);
  g_test_add_func("/quality/measures", test_measures);
  g_test_add_func("/quality/round-field", test_round_field);
  g_test_add_func("/quality/voxel-reasons", test_voxel_reasons);
  g_test_add_func("/quality/same-twice", test_same_twice_is_silent);
  g_test_add_func("/quality/films", test_films);
  g_test_add_func("/quality/bad", test_bad_volumes);
  return g_test_run();
}
