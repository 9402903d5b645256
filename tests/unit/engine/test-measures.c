/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/measures.h"

static const ItvMeasureRules rules = {30, 60};

static ItvDate
day(const char *text)
{
  ItvDate date = ITV_DATE_NONE;
  g_assert_true(itv_date_parse(text, &date));
  return date;
}

/* Due 2024-07-10: its window is 2024-06-10 to 2024-09-08. */
static ItvFollowup *
item(ItvStatus status)
{
  ItvFollowup *f = itv_followup_new();
  f->status = status;
  f->kind = ITV_KIND_OF_IMAGING;
  f->due_from = f->due_until = day("2024-07-10");
  f->overdue_after = day("2024-08-09");
  return f;
}

static void
assert_fate(ItvFollowup *f, const char *as_of, const char *expected, gboolean mature)
{
  const ItvMeasureFact fact = itv_measure_fact(&rules, f, day(as_of));
  g_assert_cmpstr(itv_fate_code(fact.fate), ==, expected);
  g_assert_cmpint(fact.mature, ==, mature);
}

static void
assert_performed(const char *on, const char *expected)
{
  g_autoptr(ItvFollowup) f = item(ITV_STATUS_FULFILLED);
  f->is_fulfilled = TRUE;
  f->fulfilled_by.date = day(on);
  assert_fate(f, "2024-12-31", expected, TRUE);
}

static void
test_window_borders(void)
{
  assert_performed("2024-06-09", "early");
  assert_performed("2024-06-10", "in-window");
  assert_performed("2024-09-08", "in-window");
  assert_performed("2024-09-09", "late");
}

static void
test_open(void)
{
  g_autoptr(ItvFollowup) f = item(ITV_STATUS_OVERDUE);
  assert_fate(f, "2024-06-09", "not-yet", FALSE);
  assert_fate(f, "2024-06-10", "open", FALSE);
  assert_fate(f, "2024-09-08", "open", FALSE);
  assert_fate(f, "2024-09-09", "missed", TRUE);
  f->status = ITV_STATUS_SCHEDULED;
  assert_fate(f, "2024-09-09", "scheduled", TRUE);
  f->status = ITV_STATUS_REVIEW;
  assert_fate(f, "2024-09-09", "review", TRUE);
  f->status = ITV_STATUS_AWAITING_CONDITION;
  assert_fate(f, "2024-09-09", "awaiting-condition", TRUE);
  f->status = ITV_STATUS_NEEDS_INTERVAL;
  f->due_from = f->due_until = ITV_DATE_NONE;
  assert_fate(f, "2024-09-09", "no-interval", FALSE);
}

static void
assert_closed(ItvCloseReason reason, const char *on, const char *expected)
{
  g_autoptr(ItvFollowup) f = item(ITV_STATUS_CLOSED);
  f->reason = reason;
  f->closed_on = day(on);
  assert_fate(f, "2024-12-31", expected, TRUE);
}

/* What ended it after the window was over does not excuse it. */
static void
test_closed(void)
{
  assert_closed(ITV_REASON_DECEASED, "2024-09-08", "not-applicable");
  assert_closed(ITV_REASON_DECEASED, "2024-09-09", "missed");
  assert_closed(ITV_REASON_NOT_INDICATED, "2024-07-01", "not-applicable");
  assert_closed(ITV_REASON_CONDITION_UNMET, "2024-07-01", "not-applicable");
  assert_closed(ITV_REASON_SUPERSEDED, "2024-12-01", "replaced");
  assert_closed(ITV_REASON_WITHDRAWN, "2024-07-01", "replaced");
  assert_closed(ITV_REASON_DUPLICATE, "2024-07-01", "replaced");
  assert_closed(ITV_REASON_DONE_ELSEWHERE, "2024-07-01", "elsewhere");
  assert_closed(ITV_REASON_DECLINED, "2024-07-01", "declined");
  assert_closed(ITV_REASON_EXPIRED, "2024-07-01", "given-up");
  assert_closed(ITV_REASON_OTHER, "2024-07-01", "given-up");
}

static void
assert_rate(ItvRate r, guint n, guint of)
{
  g_assert_cmpuint(r.n, ==, n);
  g_assert_cmpuint(r.of, ==, of);
}

static void
test_rates(void)
{
  ItvMeasureTally t = {{0}, {0}};
  for (int fate = 0; fate < ITV_FATE_N; fate++)
    for (int k = 0; k < 2; k++)
      itv_measure_add(&t, &(ItvMeasureFact){.fate = (ItvFate)fate, .mature = k});
  /* ten fates count, one of them is elsewhere */
  assert_rate(itv_measure_window(&t), 1, 9);
  assert_rate(itv_measure_adherence(&t), 2, 18);
  assert_rate(itv_measure_closed_loop(&t), 12, 20);
  assert_rate(itv_measure_interval_stated(&t), 24, 26);
  const ItvMeasureTally none = {{0}, {0}};
  assert_rate(itv_measure_window(&none), 0, 0);
}

/* Newcombe 1998, Statistics in Medicine 17:857, table I: 81 of 263 and 0 of 20. */
static void
test_interval(void)
{
  ItvRate r = itv_rate(81, 263);
  g_assert_cmpfloat_with_epsilon(r.low, 0.2553, 0.0001);
  g_assert_cmpfloat_with_epsilon(r.high, 0.3662, 0.0001);
  r = itv_rate(0, 20);
  g_assert_cmpfloat_with_epsilon(r.low, 0, 1e-12);
  g_assert_cmpfloat_with_epsilon(r.high, 0.1611, 0.0001);
  r = itv_rate(20, 20);
  g_assert_cmpfloat(r.high, <=, 1);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/measures/window-borders", test_window_borders);
  g_test_add_func("/measures/open", test_open);
  g_test_add_func("/measures/closed", test_closed);
  g_test_add_func("/measures/rates", test_rates);
  g_test_add_func("/measures/interval", test_interval);
  return g_test_run();
}
