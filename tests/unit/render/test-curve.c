/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "base/xml.h"
#include "render/axis.h"
#include "render/curve.h"
#include "render/text.h"

/* Ticks hold the data, are few, evenly spaced and round, whatever the range. */
static void
test_ticks(void)
{
  static const double ranges[][2] = {{0, 1},        {3.2, 17.9}, {-5, 5}, {0.001, 0.0012},
                                     {1e6, 3e6},    {7, 7},      {0, 0},  {99.5, 100.5},
                                     {-1e-9, 1e-9}, {NAN, NAN},  {5, -5}, {1e300, -1e300}};
  for (gsize r = 0; r < G_N_ELEMENTS(ranges); r++)
    for (int wanted = 1; wanted < 15; wanted++) {
      double low = ranges[r][0], high = ranges[r][1];
      ItvTicks t = itv_ticks_for(&low, &high, wanted);
      g_assert_cmpint(t.n, >=, 2);
      g_assert_cmpint(t.n, <=, ITV_TICKS_MAX);
      g_assert_cmpfloat(low, <, high);
      if (isfinite(ranges[r][0]) && fabs(ranges[r][0]) < 1e12) {
        g_assert_cmpfloat(low, <=, MIN(ranges[r][0], ranges[r][1]) + 1e-9);
        g_assert_cmpfloat(high, >=, MAX(ranges[r][0], ranges[r][1]) - 1e-9);
      }
      double mantissa = t.step / pow(10, floor(log10(t.step) + 1e-9));
      g_assert_true(fabs(mantissa - 1) < 1e-6 || fabs(mantissa - 2) < 1e-6 ||
                    fabs(mantissa - 5) < 1e-6);
      g_assert_cmpfloat_with_epsilon(t.at[0], low, t.step * 1e-6);
      g_assert_cmpfloat_with_epsilon(t.at[t.n - 1], high, t.step * 1e-6);
    }
}

static void
test_tick_labels(void)
{
  double low = -0.3, high = 0.4;
  ItvTicks t = itv_ticks_for(&low, &high, 8);
  g_autofree char *zero = NULL;
  for (int i = 0; i < t.n; i++)
    if (fabs(t.at[i]) < 1e-9)
      zero = itv_tick_label(&t, i);
  g_assert_cmpstr(zero, ==, "0.0");
}

static void
assert_dates(const char *from, const char *until, const char *first, int months, int days)
{
  ItvDate a = 0, b = 0;
  g_assert_true(itv_date_parse(from, &a) && itv_date_parse(until, &b));
  ItvDateTicks t = itv_date_ticks_for(a, b, 6);
  g_assert_cmpint(t.n, >=, 1);
  g_assert_cmpint(t.n, <=, 7);
  g_assert_cmpint(t.step.months, ==, months);
  g_assert_cmpint(t.step.days, ==, days);
  g_autofree char *label = itv_date_format(t.at[0]);
  g_assert_cmpstr(label, ==, first);
  for (int i = 0; i < t.n; i++)
    g_assert_true(t.at[i] >= a && t.at[i] <= b);
}

static void
test_date_ticks(void)
{
  assert_dates("2024-02-27", "2024-03-02", "2024-02-27", 0, 1);
  assert_dates("2024-01-02", "2024-02-10", "2024-01-08", 0, 7);
  assert_dates("2023-11-20", "2024-04-10", "2023-12-01", 1, 0);
  assert_dates("2022-01-08", "2023-02-01", "2022-03-01", 2, 0);
  assert_dates("2010-05-05", "2024-02-01", "2015-01-01", 60, 0);
  g_assert_cmpint(itv_date_ticks_for(ITV_DATE_NONE, 5, 6).n, ==, 0);
  g_assert_cmpint(itv_date_ticks_for(7, 7, 6).n, >=, 0);
}

static void
test_scale_bar(void)
{
  g_assert_cmpfloat(itv_scale_bar_length(70), ==, 50);
  g_assert_cmpfloat(itv_scale_bar_length(49), ==, 20);
  g_assert_cmpfloat(itv_scale_bar_length(100), ==, 100);
  g_assert_cmpfloat(itv_scale_bar_length(NAN), ==, 0);
}

static const char hostile[] = "\"><script>alert('x')</script>&\xff\x01\xe2\x80\xae"
                              "drow";

static void
test_escaping(void)
{
  g_autoptr(GString) out = g_string_new(NULL);
  itv_text_append_escaped(out, hostile);
  g_assert_null(strchr(out->str, '<'));
  g_assert_null(strchr(out->str, '"'));
  g_assert_null(strchr(out->str, '\''));
  g_assert_null(strchr(out->str, 1));
  g_assert_null(strstr(out->str, "\xe2\x80\xae")); /* no right-to-left override */
  g_assert_true(g_utf8_validate(out->str, -1, NULL));
  g_string_truncate(out, 0);
  itv_text_append_markup(out, "<b title=\"%s\">%s 5 %%</b>", "a\"b", NULL);
  g_assert_cmpstr(out->str, ==, "<b title=\"a&quot;b\"> 5 %</b>");
  g_autofree char *name = itv_text_person("DOE^JANE^Q");
  g_assert_cmpstr(name, ==, "DOE, JANE Q");
  g_autofree char *cut = itv_text_clean("äöüß", 2);
  g_assert_cmpstr(cut, ==, "äö…");
}

static void
test_numbers(void)
{
  static const struct {
    double value;
    const char *text;
  } cases[] = {{0, "0"},       {12, "12"},       {12.34, "12.3"}, {0.256, "0.26"}, {-3.5, "−3.5"},
               {119.6, "120"}, {1234.5, "1234"}, {-0.001, "0"},   {NAN, ""},       {INFINITY, ""}};
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *text = itv_text_number(cases[i].value);
    g_assert_cmpstr(text, ==, cases[i].text);
  }
  g_autofree char *plus = itv_text_signed(2), *volume = itv_text_quantity(320, "mm3");
  g_assert_cmpstr(plus, ==, "+2");
  g_assert_cmpstr(volume, ==, "320 mm³");
}

static guint
count(const char *text, const char *part)
{
  guint n = 0;
  for (const char *p = strstr(text, part); p; p = strstr(p + 1, part))
    n++;
  return n;
}

/* Well-formed, every point named, hollow where no change can be resolved. */
static void
test_svg(void)
{
  const ItvCurvePoint points[] = {
      {19100, 12, 11, 13, 10, 14, FALSE, "increased", hostile, hostile},
      {19000, 8, 7, 9, 9, 11, TRUE, "not-resolvable", "first", NULL},
      {19050, NAN, NAN, NAN, NAN, NAN, FALSE, NULL, "no value", NULL},
      {ITV_DATE_NONE, 3, NAN, NAN, NAN, NAN, FALSE, NULL, "no date", NULL}};
  const ItvCurveEvent events[] = {{18990, hostile}, {ITV_DATE_NONE, "never"}};
  const ItvCurveWindow windows[] = {{19090, 19110, hostile}};
  const ItvCurve curve = {.title = hostile,
                          .measure = "long-axis",
                          .unit = "mm",
                          .points = points,
                          .n_points = 4,
                          .events = events,
                          .n_events = 2,
                          .windows = windows,
                          .n_windows = 1,
                          .error = 1.5,
                          .target = 10,
                          .target_label = hostile};
  g_autofree char *svg = itv_curve_svg(&curve, "c1", 700, 300);
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvXml) xml = itv_xml_parse(svg, strlen(svg), "curve", NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(xml->name, ==, "svg");
  g_assert_null(strstr(svg, "<script"));
  g_assert_nonnull(strstr(svg, "2022-01-08: 8 mm (95 % CI 7 to 9), not resolvable"));
  g_assert_cmpuint(count(svg, "<circle"), ==, 4); /* two points, two in the legend */
  g_assert_cmpuint(count(svg, "fill=\"#ffffff\""), ==, 2);
  g_assert_nonnull(strstr(svg, "<desc id=\"c1-desc\">2 values of long axis"));
  g_autofree char *table = itv_curve_table(&curve);
  g_autoptr(ItvXml) rows = itv_xml_parse(table, strlen(table), "table", NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(itv_xml_child(rows, "tbody", 0)->children->len, ==, 2);
}

static void
test_empty_curve(void)
{
  const ItvCurve curve = {.measure = "area", .error = NAN, .target = NAN};
  g_autofree char *svg = itv_curve_svg(&curve, "c", 0, 0);
  g_assert_nonnull(strstr(svg, "no measured value"));
  g_autofree char *table = itv_curve_table(&curve);
  g_assert_nonnull(strstr(table, "no measured value"));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/axis/ticks", test_ticks);
  g_test_add_func("/axis/tick-labels", test_tick_labels);
  g_test_add_func("/axis/date-ticks", test_date_ticks);
  g_test_add_func("/axis/scale-bar", test_scale_bar);
  g_test_add_func("/text/escaping", test_escaping);
  g_test_add_func("/text/numbers", test_numbers);
  g_test_add_func("/curve/svg", test_svg);
  g_test_add_func("/curve/empty", test_empty_curve);
  return g_test_run();
}
