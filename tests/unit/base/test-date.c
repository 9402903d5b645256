/* SPDX-License-Identifier: Apache-2.0 */
#include "base/date.h"

static void
assert_date(ItvDate date, const char *expected)
{
  g_autofree char *text = itv_date_format(date);
  g_assert_cmpstr(text, ==, expected);
}

static ItvDate
date(const char *text)
{
  ItvDate d = ITV_DATE_NONE;
  g_assert_true(itv_date_parse(text, &d));
  return d;
}

static ItvPeriod
period(const char *text)
{
  ItvPeriod p = {0, 0};
  g_assert_true(itv_period_parse(text, &p));
  return p;
}

/* Every day of seven centuries, against GLib's own calendar. */
static void
test_every_day(void)
{
  GDate g;
  g_date_clear(&g, 1);
  g_date_set_dmy(&g, 1, G_DATE_JANUARY, 1800);
  const ItvDate first = itv_date_new(1800, 1, 1), last = itv_date_new(2500, 12, 31);
  for (ItvDate d = first; d <= last; d++) {
    int y = 0, m = 0, day = 0;
    itv_date_split(d, &y, &m, &day);
    g_assert_cmpint(y, ==, g_date_get_year(&g));
    g_assert_cmpint(m, ==, (int)g_date_get_month(&g));
    g_assert_cmpint(day, ==, g_date_get_day(&g));
    g_assert_cmpint(itv_date_new(y, m, day), ==, d);
    g_date_add_days(&g, 1);
  }
}

static void
test_add(void)
{
  assert_date(itv_date_add(date("2024-01-31"), period("P1M")), "2024-02-29");
  assert_date(itv_date_add(date("2023-01-31"), period("P1M")), "2023-02-28");
  assert_date(itv_date_add(date("2024-02-29"), period("P1Y")), "2025-02-28");
  assert_date(itv_date_add(date("2023-08-31"), period("P6M")), "2024-02-29");
  assert_date(itv_date_add(date("2023-12-31"), period("P2W")), "2024-01-14");
  assert_date(itv_date_add(date("2023-11-30"), period("P3M1D")), "2024-03-01");
  g_assert_cmpint(itv_date_add(ITV_DATE_NONE, period("P1D")), ==, ITV_DATE_NONE);
}

static void
test_bad(void)
{
  static const char *const dates[] = {"",           "24-01-01",    "2024-13-01", "2023-02-29",
                                      "2024-1-1",   "2024-01-01x", "0999-12-31", "2024-00-10",
                                      "2024-04-31", " 2024-01-01"};
  static const char *const periods[] = {"",      "P",    "6M",   "P6",    "PM",       "P6MM",
                                        "P1D1M", "P-1M", "PT1H", "P1.5M", "P999999D", "P6m"};
  static const char *const moments[] = {"2024-01-01T", "2024-01-01T24:00", "2024-01-01T10:60",
                                        "2024-01-01 10:00", "2024-01-01T1:00"};
  ItvDate d = 7;
  ItvPeriod p = {7, 7};
  ItvMoment m = {7, 7};
  for (gsize i = 0; i < G_N_ELEMENTS(dates); i++)
    g_assert_false(itv_date_parse(dates[i], &d));
  for (gsize i = 0; i < G_N_ELEMENTS(periods); i++)
    g_assert_false(itv_period_parse(periods[i], &p));
  for (gsize i = 0; i < G_N_ELEMENTS(moments); i++)
    g_assert_false(itv_moment_parse(moments[i], &m));
  g_assert_cmpint(d, ==, 7); /* outputs are untouched on failure */
  g_assert_cmpint(p.months, ==, 7);
  g_assert_cmpint(m.second, ==, 7);
}

static void
test_period_format(void)
{
  static const char *const same[] = {"P6M", "P1Y", "P1Y6M", "P2W", "P10D", "P0D", "P3M1D"};
  for (gsize i = 0; i < G_N_ELEMENTS(same); i++) {
    g_autofree char *text = itv_period_format(period(same[i]));
    g_assert_cmpstr(text, ==, same[i]);
  }
  g_autofree char *year = itv_period_format(period("P12M"));
  g_assert_cmpstr(year, ==, "P1Y");
  g_assert_cmpint(itv_period_days(period("P1Y")), ==, 365);
}

static void
test_moment(void)
{
  ItvMoment a = ITV_MOMENT_NONE, b = ITV_MOMENT_NONE;
  g_assert_true(itv_moment_parse("2024-02-29T23:59:01", &a));
  g_assert_true(itv_moment_parse("2024-03", &b));
  g_autofree char *ta = itv_moment_format(a);
  g_autofree char *tb = itv_moment_format(b);
  g_assert_cmpstr(ta, ==, "2024-02-29T23:59:01");
  g_assert_cmpstr(tb, ==, "2024-03-01");
  g_assert_cmpint(itv_moment_compare(a, b), <, 0);
  g_assert_cmpint(itv_moment_compare(ITV_MOMENT_NONE, a), <, 0);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/date/every-day", test_every_day);
  g_test_add_func("/date/add", test_add);
  g_test_add_func("/date/bad", test_bad);
  g_test_add_func("/date/period-format", test_period_format);
  g_test_add_func("/date/moment", test_moment);
  return g_test_run();
}
