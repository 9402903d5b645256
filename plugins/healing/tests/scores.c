/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "interval/plugin.h"
#include "test-host.h"

enum { MAX_R = 32, MAX_F = 12 };

typedef struct {
  itv_field fields[MAX_R][MAX_F];
  itv_record records[MAX_R];
  guint n;
} Case;

static void
begin(Case *c, const char *name)
{
  g_assert_cmpuint(c->n, <, MAX_R);
  c->records[c->n] = (itv_record){name, c->fields[c->n], 0};
  c->n++;
}

static void
put(Case *c, itv_field f)
{
  itv_record *r = &c->records[c->n - 1];
  c->fields[c->n - 1][r->n_fields++] = f;
}

static void
surgery(Case *c, const char *date)
{
  begin(c, "interval.procedure/1");
  put(c, (itv_field)ITV_STR("protocol", "tibia-im-nail"));
  put(c, (itv_field)ITV_STR("date", date));
}

static void
expect(Case *c, double score, double early, double median, double late)
{
  begin(c, "interval.expectation/1");
  put(c, (itv_field)ITV_STR("measure", "rust"));
  put(c, (itv_field)ITV_F64("score", score, "{score}"));
  put(c, (itv_field)ITV_F64("early-days", early, "d"));
  put(c, (itv_field)ITV_F64("median-days", median, "d"));
  if (late > 0)
    put(c, (itv_field)ITV_F64("late-days", late, "d"));
  put(c, (itv_field)ITV_F64("union-score", 10, "{score}"));
  put(c, (itv_field)ITV_F64("repeatability", 1, "{score}"));
  put(c, (itv_field)ITV_STR("source", "Wojahn 2021"));
}

static void
wojahn(Case *c)
{
  expect(c, 5, 28, 58.8, 0);
  expect(c, 9, 84.7, 146.3, 0);
  expect(c, 12, 164.5, 333.9, 0);
}

static void
film(Case *c, double score, const char *date, double days)
{
  begin(c, "interval.measurement/1");
  put(c, (itv_field)ITV_STR("measure", "rust"));
  put(c, (itv_field)ITV_F64("value", score, "{score}"));
  if (date)
    put(c, (itv_field)ITV_STR("date", date));
  else
    put(c, (itv_field)ITV_F64("days", days, "d"));
}

static TestHost *
run(Case *c)
{
  TestHost *host = test_host_new(&itv_plugin_entry);
  itv_input input = {.struct_size = sizeof input, .n_records = c->n, .records = c->records};
  g_assert_cmpint(test_host_run(host, ITV_KIND_HEALING, &input), ==, ITV_OK);
  return host;
}

static const char *
verdict(TestHost *host, guint n)
{
  const itv_record *r = test_host_find(host, "interval.healing-point/1", n);
  g_assert_nonnull(r);
  return itv_record_str(r, "verdict", "");
}

static const char *
overall(TestHost *host, const char *key)
{
  const itv_record *r = test_host_find(host, "interval.healing/1", 0);
  g_assert_nonnull(r);
  g_assert_null(test_host_find(host, "interval.healing/1", 1));
  return itv_record_str(r, key, "");
}

static void
test_single_films(void)
{
  static const struct {
    double score, days;
    const char *verdict;
  } table[] = {{4, 10, "baseline"},     {4, 27, "too-early"},   {4, 42, "on-course"},
               {5, 42, "on-course"},    {4, 58, "on-course"},   {4, 60, "past-median"},
               {6, 70, "on-course"},    {6, 146, "on-course"},  {6, 147, "past-median"},
               {8, 160, "past-median"}, {9, 150, "on-course"},  {10, 150, "united"},
               {12, 300, "united"},     {4, 400, "past-median"}};
  for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
    Case c = {.n = 0};
    surgery(&c, "2024-01-15");
    wojahn(&c);
    film(&c, table[i].score, NULL, table[i].days);
    g_autoptr(TestHost) host = run(&c);
    g_test_message("score %g day %g", table[i].score, table[i].days);
    g_assert_cmpstr(verdict(host, 0), ==, table[i].verdict);
    g_assert_cmpstr(overall(host, "verdict"), ==, table[i].verdict);
  }
}

/* No score at all up to 8 weeks raises an alarm. */
static void
test_never_early(void)
{
  for (double days = 0; days <= 56; days++)
    for (double score = 4; score <= 12; score++) {
      Case c = {.n = 0};
      surgery(&c, "2024-01-15");
      expect(&c, 5, 3, 10, 20); /* a curve that would call it delayed */
      film(&c, score, NULL, 0);
      film(&c, score, NULL, days);
      g_autoptr(TestHost) host = run(&c);
      for (guint i = 0; i < 2; i++) {
        g_assert_cmpstr(verdict(host, i), !=, "delayed");
        g_assert_cmpstr(verdict(host, i), !=, "no-progress");
        g_assert_cmpstr(verdict(host, i), !=, "past-median");
      }
    }
}

static void
test_band(void)
{
  Case c = {.n = 0};
  surgery(&c, "2024-01-15");
  wojahn(&c);
  film(&c, 6, "2024-03-25", 0); /* day 70 */
  g_autoptr(TestHost) host = run(&c);
  const itv_record *r = test_host_find(host, "interval.healing-point/1", 0);
  g_assert_cmpstr(itv_record_str(r, "date", ""), ==, "2024-03-25");
  g_assert_cmpfloat(itv_record_f64(r, "days", 0), ==, 70);
  g_assert_cmpfloat(itv_record_f64(r, "ci-low", 0), ==, 5);
  g_assert_cmpfloat(itv_record_f64(r, "ci-high", 0), ==, 7);
  /* early edge: 5 on day 28, 9 on day 84.7; median: 5 on day 58.8, 9 on day 146.3 */
  g_assert_cmpfloat_with_epsilon(itv_record_f64(r, "expected-high", 0),
                                 5 + 4 * (70 - 28) / (84.7 - 28), 1e-9);
  g_assert_cmpfloat_with_epsilon(itv_record_f64(r, "expected-low", 0),
                                 5 + 4 * (70 - 58.8) / (146.3 - 58.8), 1e-9);
}

/* The alarm comes exactly when nine months and three flat months are both met. */
static void
test_no_progress(void)
{
  static const struct {
    const char *before, *last;
    double score_before, score_last;
    const char *verdict;
  } table[] = {
      {"2024-07-15", "2024-10-15", 6, 6, "no-progress"},
      {"2024-07-15", "2024-10-14", 6, 6, "past-median"}, /* a day short of nine months */
      {"2024-07-16", "2024-10-15", 6, 6, "past-median"}, /* a day short of three flat ones */
      {"2024-07-15", "2024-10-15", 6, 7, "no-progress"}, /* one point is reader error */
      {"2024-07-15", "2024-10-15", 6, 8, "past-median"},
      {"2024-07-15", "2024-10-15", 10, 10, "united"},
      {"2024-07-15", "2024-10-15", 7, 5, "no-progress"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
    Case c = {.n = 0};
    surgery(&c, "2024-01-15");
    wojahn(&c);
    film(&c, table[i].score_before, table[i].before, 0);
    film(&c, table[i].score_last, table[i].last, 0);
    g_autoptr(TestHost) host = run(&c);
    g_test_message("case %u", i);
    g_assert_cmpstr(verdict(host, 1), ==, table[i].verdict);
    g_assert_cmpstr(overall(host, "verdict"), ==, table[i].verdict);
    if (g_str_equal(table[i].verdict, "no-progress"))
      g_assert_nonnull(strstr(overall(host, "source"), "FDA"));
  }
}

static void
test_one_late_film_is_no_alarm(void)
{
  Case c = {.n = 0};
  surgery(&c, "2024-01-15");
  wojahn(&c);
  film(&c, 4, "2025-01-15", 0);
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpstr(overall(host, "verdict"), ==, "past-median");
  g_assert_nonnull(strstr(overall(host, "source"), "Wojahn 2021"));
}

static void
test_delayed_needs_a_late_edge(void)
{
  Case c = {.n = 0};
  surgery(&c, "2024-01-15");
  expect(&c, 9, 84, 146, 250);
  film(&c, 8, NULL, 260); /* within reader error of 9 */
  film(&c, 7, NULL, 265);
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpstr(verdict(host, 0), ==, "past-median");
  g_assert_cmpstr(verdict(host, 1), ==, "delayed");
}

static void
test_as_of_and_preoperative(void)
{
  Case c = {.n = 0};
  surgery(&c, "2024-01-15");
  put(&c, (itv_field)ITV_STR("as-of", "2024-03-01"));
  wojahn(&c);
  film(&c, 4, "2024-01-10", 0);
  film(&c, 4, "2024-02-26", 0);
  film(&c, 12, "2024-12-01", 0);
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpstr(verdict(host, 0), ==, "on-course");
  g_assert_null(test_host_find(host, "interval.healing-point/1", 1));
}

static void
test_nothing_measured_and_bad_input(void)
{
  Case c = {.n = 0};
  surgery(&c, "2024-01-15");
  g_autoptr(TestHost) host = run(&c);
  g_assert_cmpstr(overall(host, "verdict"), ==, "not-resolvable");
  itv_input input = {.struct_size = sizeof input};
  g_assert_cmpint(test_host_run(host, ITV_KIND_HEALING, &input), ==, ITV_NOT_APPLICABLE);
  Case bad = {.n = 0};
  surgery(&bad, "2024-01");
  input.n_records = bad.n;
  input.records = bad.records;
  g_assert_cmpint(test_host_run(host, ITV_KIND_HEALING, &input), ==, ITV_ERR_INPUT);
  g_assert_nonnull(strstr(test_host_error(host), "not known to the day"));
  Case wrong = {.n = 0};
  surgery(&wrong, "2024-01-15");
  expect(&wrong, 9, 200, 100, 0);
  input.n_records = wrong.n;
  input.records = wrong.records;
  g_assert_cmpint(test_host_run(host, ITV_KIND_HEALING, &input), ==, ITV_ERR_INPUT);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/healing/single", test_single_films);
  g_test_add_func("/healing/never-early", test_never_early);
  g_test_add_func("/healing/band", test_band);
  g_test_add_func("/healing/no-progress", test_no_progress);
  g_test_add_func("/healing/one-late-film", test_one_late_film_is_no_alarm);
  g_test_add_func("/healing/delayed", test_delayed_needs_a_late_edge);
  g_test_add_func("/healing/as-of", test_as_of_and_preoperative);
  g_test_add_func("/healing/nothing", test_nothing_measured_and_bad_input);
  return g_test_run();
}
