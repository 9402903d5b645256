/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "interval/plugin.h"
#include "test-host.h"

enum { MAX_M = 24, MAX_F = 24 };

typedef struct {
  itv_field fields[MAX_M][MAX_F];
  itv_record records[MAX_M];
  guint n;
} Case;

typedef struct {
  const char *role, *measure, *unit;
  double value;
  const char *date, *uid, *id, *finding, *site, *side, *observer, *sop;
  double thickness, pixel, sd;
  double point[6];
  guint n_points;
} M;

static void
put(Case *c, itv_field f)
{
  itv_record *r = &c->records[c->n];
  g_assert_cmpuint(r->n_fields, <, MAX_F);
  c->fields[c->n][r->n_fields++] = f;
}

static void
add(Case *c, M m)
{
  g_assert_cmpuint(c->n, <, MAX_M);
  c->records[c->n] = (itv_record){"interval.measurement/1", c->fields[c->n], 0};
  put(c, (itv_field)ITV_STR("role", m.role));
  put(c, (itv_field)ITV_STR("measure", m.measure ? m.measure : "long-axis"));
  put(c, (itv_field)ITV_F64("value", m.value, m.unit ? m.unit : "mm"));
  const struct {
    const char *key, *value;
  } texts[] = {{"date", m.date},         {"tracking-uid", m.uid}, {"tracking-id", m.id},
               {"finding", m.finding},   {"site", m.site},        {"laterality", m.side},
               {"observer", m.observer}, {"sop-uid", m.sop}};
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
    if (texts[i].value)
      put(c, (itv_field)ITV_STR(texts[i].key, texts[i].value));
  if (m.thickness > 0)
    put(c, (itv_field)ITV_F64("slice-thickness", m.thickness, "mm"));
  if (m.pixel > 0)
    put(c, (itv_field)ITV_F64("pixel-spacing", m.pixel, "mm"));
  if (m.sd > 0)
    put(c, (itv_field)ITV_F64("uncertainty", m.sd, m.unit ? m.unit : "mm"));
  for (guint i = 0; i < m.n_points; i++)
    put(c, (itv_field)ITV_F64("point", m.point[i], "mm"));
  c->n++;
}

static TestHost *
run(Case *c)
{
  TestHost *host = test_host_new(&itv_plugin_entry);
  itv_input input = {.struct_size = sizeof input, .n_records = c->n, .records = c->records};
  g_assert_cmpint(test_host_run(host, ITV_KIND_MEASUREMENT, &input), ==, ITV_OK);
  return host;
}

static const itv_record *
change(TestHost *host, guint n)
{
  const itv_record *r = test_host_find(host, "interval.change/1", n);
  g_assert_nonnull(r);
  return r;
}

static const char *
verdict(TestHost *host, guint n)
{
  return itv_record_str(change(host, n), "verdict", "");
}

static double
number(TestHost *host, guint n, const char *key)
{
  return itv_record_f64(change(host, n), key, NAN);
}

static gboolean
noted(TestHost *host, guint n, const char *words)
{
  for (guint i = 0;; i++) {
    const itv_field *f = itv_record_field(change(host, n), "note", i);
    if (!f)
      return FALSE;
    if (strstr(f->v.str, words))
      return TRUE;
  }
}

/* 20 -> 30 mm, one reader, fine grid: Yoon 2016 gives half widths of 16.95 % of
 * 20 mm towards zero. */
static void
test_growth(void)
{
  Case c = {.n = 0};
  add(&c, (M){.role = "prior", .value = 20, .uid = "1.2.3", .observer = "A", .date = "2024-01-31"});
  add(&c, (M){.role = "current",
              .value = 30,
              .uid = "1.2.3",
              .observer = "a",
              .date = "2024-03-01T10:00"});
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpuint(test_host_n_records(host), ==, 1);
  g_assert_cmpstr(verdict(host, 0), ==, "increased");
  g_assert_cmpfloat(number(host, 0, "change"), ==, 10);
  g_assert_cmpfloat(number(host, 0, "change-percent"), ==, 50);
  g_assert_cmpfloat_with_epsilon(number(host, 0, "ci-low"), 10 - 0.1695 * 20, 1e-3);
  /* far edge: 1.96 * 0.1695/(1.96 sqrt 2) * hypot(20, 30) */
  g_assert_cmpfloat_with_epsilon(number(host, 0, "ci-high"), 10 + 0.1695 / G_SQRT2 * hypot(20, 30),
                                 1e-3);
  g_assert_cmpfloat(number(host, 0, "interval"), ==, 30); /* leap year: 31 Jan to 1 March */
  /* 30 d ln 2 / (3 ln 1.5) */
  g_assert_cmpfloat_with_epsilon(number(host, 0, "doubling-time"), 30 * G_LN2 / (3 * log(1.5)),
                                 1e-6);
  g_assert_cmpfloat(number(host, 0, "doubling-time-low"), <, number(host, 0, "doubling-time"));
  g_assert_cmpfloat(number(host, 0, "doubling-time-high"), >, number(host, 0, "doubling-time"));
  g_assert_nonnull(strstr(itv_record_str(change(host, 0), "method", ""), "Yoon 2016"));
}

static void
test_verdicts(void)
{
  static const struct {
    double prior, current;
    const char *reader_prior, *reader_current, *verdict;
  } table[] = {
      {50, 50, "A", "A", "unchanged"},      /* +-8.5 within -15..+10 */
      {50, 51, "A", "B", "not-resolvable"}, /* +-11.9 reaches beyond +10 */
      {50, 34, "A", "A", "decreased"},      /* -16 +- 8.5 */
      {50, 61, "A", "A", "increased"},      /* +11 +- 8.5 */
      {50, 61, "A", "B", "not-resolvable"}, /* +11 +- 11.9 */
      {50, 61, NULL, NULL, "not-resolvable"}, {40, 41, "A", "A", "unchanged"},
      {22.5, 43.3, "B", "B", "increased"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
    Case c = {.n = 0};
    add(&c, (M){.role = "prior",
                .value = table[i].prior,
                .uid = "1.2",
                .observer = table[i].reader_prior});
    add(&c, (M){.role = "current",
                .value = table[i].current,
                .uid = "1.2",
                .observer = table[i].reader_current});
    g_autoptr(TestHost) host = run(&c);
    g_test_message("case %u", i);
    g_assert_cmpstr(verdict(host, 0), ==, table[i].verdict);
    const double low = number(host, 0, "ci-low"), high = number(host, 0, "ci-high");
    g_assert_true(low < high);
    if (g_str_equal(table[i].verdict, "not-resolvable"))
      g_assert_true(low <= 0 && high >= 0);
    g_assert_true(isnan(number(host, 0, "doubling-time"))); /* no dates */
  }
}

/* Two readers, both exams: each is compared with himself. */
static void
test_readers_are_not_mixed(void)
{
  Case c = {.n = 0};
  add(&c, (M){.role = "prior", .value = 39.6, .site = "LUNG", .observer = "A"});
  add(&c, (M){.role = "prior", .value = 35.0, .site = "LUNG", .observer = "B"});
  add(&c, (M){.role = "current", .value = 42.2, .site = "Lung", .observer = "B"});
  add(&c, (M){.role = "current", .value = 43.3, .site = "Lung", .observer = "A"});
  add(&c, (M){.role = "current", .value = 20, .site = "Lung", .observer = "C"});
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpuint(test_host_n_records(host), ==, 2);
  g_assert_cmpfloat(number(host, 0, "prior"), ==, 35.0);
  g_assert_cmpfloat(number(host, 0, "current"), ==, 42.2);
  g_assert_cmpstr(itv_record_str(change(host, 0), "observer", ""), ==, "B");
  g_assert_cmpfloat(number(host, 1, "prior"), ==, 39.6);
  g_assert_cmpfloat(number(host, 1, "current"), ==, 43.3);
  g_assert_true(noted(host, 0, "C measured 20 mm"));
}

/* One reader's AIM file and the SR made from it are one measurement. */
static void
test_same_measurement_twice(void)
{
  Case c = {.n = 0};
  for (int i = 0; i < 2; i++) {
    add(&c, (M){.role = "prior", .value = 39.5796, .uid = "1.9", .observer = "A", .sop = "1.5"});
    add(&c, (M){.role = "current", .value = 42.2212, .uid = "1.9", .observer = "A", .sop = "1.6"});
  }
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpuint(test_host_n_records(host), ==, 1);
  g_assert_cmpstr(verdict(host, 0), !=, "new");
}

static void
test_ambiguous(void)
{
  Case c = {.n = 0};
  add(&c, (M){.role = "prior",
              .value = 8,
              .finding = "nodule",
              .site = "right upper lobe",
              .observer = "A"});
  add(&c, (M){.role = "prior",
              .value = 12,
              .finding = "nodule",
              .site = "right upper lobe",
              .observer = "A"});
  add(&c, (M){.role = "current",
              .value = 9,
              .finding = "nodule",
              .site = "right upper lobe",
              .observer = "A"});
  add(&c, (M){.role = "current",
              .value = 13,
              .finding = "nodule",
              .site = "right upper lobe",
              .observer = "A"});
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpuint(test_host_n_records(host), ==, 4);
  for (guint i = 0; i < 4; i++) {
    g_assert_cmpstr(verdict(host, i), ==, "not-resolvable");
    g_assert_true(noted(host, i, "cannot tell which is which"));
    g_assert_true(isnan(number(host, i, "change")));
  }
}

static void
test_position_decides(void)
{
  const M base = {.finding = "nodule", .site = "right upper lobe", .observer = "A", .n_points = 6};
  Case c = {.n = 0};
  M m = base;
  m.role = "prior";
  m.value = 8;
  memcpy(m.point, (double[]){0, 0, 0, 8, 0, 0}, sizeof m.point);
  add(&c, m);
  m.value = 12;
  memcpy(m.point, (double[]){60, 0, 0, 72, 0, 0}, sizeof m.point);
  add(&c, m);
  m.role = "current";
  m.value = 13;
  memcpy(m.point, (double[]){62, 1, 0, 75, 1, 0}, sizeof m.point);
  add(&c, m);
  m.value = 9;
  memcpy(m.point, (double[]){1, 3, 0, 10, 3, 0}, sizeof m.point);
  add(&c, m);
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpuint(test_host_n_records(host), ==, 2);
  g_assert_cmpfloat(number(host, 0, "prior"), ==, 12);
  g_assert_cmpfloat(number(host, 1, "prior"), ==, 8);
}

static void
test_sides_and_uids_keep_apart(void)
{
  Case c = {.n = 0};
  add(&c, (M){.role = "prior",
              .value = 12,
              .finding = "nodule",
              .site = "lung",
              .side = "left",
              .observer = "A"});
  add(&c, (M){.role = "current",
              .value = 12,
              .finding = "nodule",
              .site = "lung",
              .side = "right",
              .observer = "A"});
  add(&c, (M){.role = "prior", .value = 30, .finding = "mass", .uid = "1.1", .observer = "A"});
  add(&c, (M){.role = "current", .value = 30, .finding = "mass", .uid = "1.1", .observer = "A"});
  add(&c, (M){.role = "current", .value = 31, .finding = "mass", .uid = "1.2", .observer = "A"});
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpuint(test_host_n_records(host), ==, 4);
  g_assert_cmpstr(verdict(host, 0), ==, "new");
  g_assert_cmpstr(verdict(host, 1), ==, "unchanged");
  g_assert_cmpstr(verdict(host, 2), ==, "new");
  g_assert_cmpstr(verdict(host, 3), ==, "not-resolvable");
  g_assert_true(noted(host, 3, "not measured on the current exam"));
}

/* QIBA: a 6 mm nodule's volume must grow by more than 80 %, a 12 mm one's by 30 %. */
static void
test_nodule_volumes(void)
{
  static const struct {
    double d_mm, factor;
    const char *verdict;
  } table[] = {{6, 1.75, "not-resolvable"},  {6, 1.9, "increased"},
               {12, 1.26, "not-resolvable"}, {12, 1.35, "increased"},
               {8, 1.45, "not-resolvable"},  {8, 1.6, "increased"}};
  for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
    const double v = G_PI / 6 * pow(table[i].d_mm, 3);
    Case c = {.n = 0};
    M m = {.role = "prior",
           .measure = "volume",
           .unit = "mm3",
           .value = v,
           .uid = "1.2",
           .finding = "lung nodule",
           .observer = "A",
           .thickness = 1,
           .date = "2024-01-01"};
    add(&c, m);
    m.role = "current";
    m.value = v * table[i].factor;
    m.date = "2024-07-01";
    add(&c, m);
    g_autoptr(TestHost) host = run(&c);
    g_test_message("case %u", i);
    g_assert_cmpstr(verdict(host, 0), ==, table[i].verdict);
    const double vdt = number(host, 0, "doubling-time");
    if (g_str_equal(table[i].verdict, "increased"))
      g_assert_cmpfloat_with_epsilon(vdt, 182 * G_LN2 / log(table[i].factor), 1e-6);
    else
      g_assert_true(isnan(vdt) && noted(host, 0, "doubles in 400 d"));
  }
}

static void
test_thick_slices_widen(void)
{
  double width[2];
  for (int i = 0; i < 2; i++) {
    Case c = {.n = 0};
    M m = {.role = "prior",
           .value = 8,
           .uid = "1.2",
           .finding = "lung nodule",
           .observer = "A",
           .thickness = i ? 5 : 1,
           .pixel = 0.7};
    add(&c, m);
    m.role = "current";
    m.value = 9;
    add(&c, m);
    g_autoptr(TestHost) host = run(&c);
    width[i] = number(host, 0, "ci-high") - number(host, 0, "ci-low");
  }
  g_assert_cmpfloat(width[1], >, width[0] + 0.3);
}

static void
test_mistakes_are_not_used(void)
{
  Case c = {.n = 0};
  add(&c, (M){.role = "prior", .value = 1.2, .uid = "1.1", .observer = "A"}); /* cm */
  add(&c, (M){.role = "current", .value = 12.5, .uid = "1.1", .observer = "A"});
  add(&c, (M){.role = "prior", .value = 17.3321, .uid = "1.2", .observer = "A"}); /* copied */
  add(&c, (M){.role = "current", .value = 17.3321, .uid = "1.2", .observer = "A"});
  add(&c, (M){.role = "prior", .value = 20, .uid = "1.3", .observer = "A"}); /* its line says cm */
  add(&c, (M){.role = "current",
              .value = 2.4,
              .uid = "1.3",
              .observer = "A",
              .n_points = 6,
              .point = {0, 0, 0, 24, 0, 0}});
  add(&c, (M){.role = "prior",
              .value = 20,
              .uid = "1.4",
              .observer = "A",
              .date = "2024-05-01"}); /* swapped */
  add(&c, (M){.role = "current", .value = 30, .uid = "1.4", .observer = "A", .date = "2024-01-01"});
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpuint(test_host_n_records(host), ==, 4);
  static const char *const words[] = {"differ by about 10", "looks copied", "another unit",
                                      "roles look swapped"};
  for (guint i = 0; i < 4; i++) {
    g_assert_cmpstr(verdict(host, i), ==, "not-resolvable");
    g_assert_true(noted(host, i, words[i]));
    g_assert_true(isnan(number(host, i, "change")));
  }
}

static void
test_scores(void)
{
  static const struct {
    double from, to;
    const char *verdict;
  } table[] = {
      {6, 7, "not-resolvable"}, {6, 6, "unchanged"}, {6, 8, "increased"}, {9, 5, "decreased"}};
  for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
    Case c = {.n = 0};
    M m = {.role = "prior",
           .measure = "rust",
           .unit = "{score}",
           .value = table[i].from,
           .finding = "tibia fracture",
           .observer = "A"};
    add(&c, m);
    m.role = "current";
    m.value = table[i].to;
    add(&c, m);
    g_autoptr(TestHost) host = run(&c);
    g_assert_cmpstr(verdict(host, 0), ==, table[i].verdict);
  }
}

static void
test_gone_and_node(void)
{
  Case c = {.n = 0};
  add(&c, (M){.role = "prior", .value = 11, .uid = "1.1", .observer = "A"});
  add(&c, (M){.role = "current", .value = 0, .uid = "1.1", .observer = "A"});
  add(&c, (M){.role = "prior",
              .measure = "short-axis",
              .value = 18,
              .uid = "1.2",
              .finding = "lymph node",
              .observer = "A"});
  add(&c, (M){.role = "current",
              .measure = "short-axis",
              .value = 8,
              .uid = "1.2",
              .finding = "lymph node",
              .observer = "A"});
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpstr(verdict(host, 0), ==, "resolved");
  g_assert_cmpstr(verdict(host, 1), ==, "decreased");
  g_assert_true(noted(host, 1, "normal (< 10 mm)"));
}

/* As the readers of one public lung case: A sees it shrink, B sees it grow. */
static void
test_readers_contradict(void)
{
  Case c = {.n = 0};
  add(&c, (M){.role = "prior", .value = 30.56, .site = "lung", .observer = "A"});
  add(&c, (M){.role = "current", .value = 22.53, .site = "lung", .observer = "A"});
  add(&c, (M){.role = "prior", .value = 28.88, .site = "lung", .observer = "B"});
  add(&c, (M){.role = "current", .value = 43.3, .site = "lung", .observer = "B"});
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpuint(test_host_n_records(host), ==, 2);
  for (guint i = 0; i < 2; i++)
    g_assert_true(noted(host, i, "readers contradict each other"));
}

static void
test_mean_diameter(void)
{
  Case c = {.n = 0};
  const double values[2][2] = {{10, 8}, {16, 12}};
  for (int t = 0; t < 2; t++)
    for (int axis = 0; axis < 2; axis++)
      add(&c, (M){.role = t ? "current" : "prior",
                  .measure = axis ? "short-axis" : "long-axis",
                  .value = values[t][axis],
                  .uid = "1.2",
                  .finding = "lung nodule",
                  .observer = "A"});
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpuint(test_host_n_records(host), ==, 3);
  g_assert_cmpstr(itv_record_str(change(host, 2), "measure", ""), ==, "mean-diameter");
  g_assert_cmpfloat(number(host, 2, "prior"), ==, 9);
  g_assert_cmpfloat(number(host, 2, "current"), ==, 14);
  g_assert_cmpstr(verdict(host, 2), ==, "increased");
}

/* A value that its own line contradicts by a fifth is worth less. */
static void
test_line_widens(void)
{
  double width[2];
  for (int i = 0; i < 2; i++) {
    Case c = {.n = 0};
    M m = {.role = "prior",
           .value = 40,
           .uid = "1.2",
           .observer = "A",
           .n_points = 6,
           .point = {0, 0, 0, i ? 32 : 40, 0, 0}};
    add(&c, m);
    m.role = "current";
    m.value = m.point[3] = 44;
    add(&c, m);
    g_autoptr(TestHost) host = run(&c);
    width[i] = number(host, 0, "ci-high") - number(host, 0, "ci-low");
    g_assert_true(noted(host, 0, "its line is") == i);
  }
  g_assert_cmpfloat(width[1], >, width[0] + 3);
}

static void
test_bad_input(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  itv_input input = {.struct_size = sizeof input};
  g_assert_cmpint(test_host_run(host, ITV_KIND_MEASUREMENT, &input), ==, ITV_NOT_APPLICABLE);
  Case c = {.n = 0};
  add(&c, (M){.role = "prior", .value = NAN, .uid = "1.1"});
  input.records = c.records;
  input.n_records = 1;
  g_assert_cmpint(test_host_run(host, ITV_KIND_MEASUREMENT, &input), ==, ITV_ERR_INPUT);
  g_assert_nonnull(strstr(test_host_error(host), "measurement 1 (prior)"));
  Case d = {.n = 0};
  add(&d, (M){.role = "current", .value = 3});
  input.records = d.records;
  g_assert_cmpint(test_host_run(host, ITV_KIND_MEASUREMENT, &input), ==, ITV_OK);
  g_assert_cmpstr(verdict(host, 0), ==, "not-resolvable");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/measurement/growth", test_growth);
  g_test_add_func("/measurement/verdicts", test_verdicts);
  g_test_add_func("/measurement/readers", test_readers_are_not_mixed);
  g_test_add_func("/measurement/twice", test_same_measurement_twice);
  g_test_add_func("/measurement/ambiguous", test_ambiguous);
  g_test_add_func("/measurement/position", test_position_decides);
  g_test_add_func("/measurement/apart", test_sides_and_uids_keep_apart);
  g_test_add_func("/measurement/nodule-volumes", test_nodule_volumes);
  g_test_add_func("/measurement/slices", test_thick_slices_widen);
  g_test_add_func("/measurement/mistakes", test_mistakes_are_not_used);
  g_test_add_func("/measurement/scores", test_scores);
  g_test_add_func("/measurement/gone", test_gone_and_node);
  g_test_add_func("/measurement/contradict", test_readers_contradict);
  g_test_add_func("/measurement/mean-diameter", test_mean_diameter);
  g_test_add_func("/measurement/line", test_line_widens);
  g_test_add_func("/measurement/bad", test_bad_input);
  return g_test_run();
}
