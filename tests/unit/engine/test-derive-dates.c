/* SPDX-License-Identifier: Apache-2.0
 *
 * Dates, statuses by date, repeats: contract section 3, "Dates"; "Where cases
 * meet" 3, 7, 8.
 */
#include "story.h"

static void
test_borders(void)
{
  static const struct {
    const char *on, *in, *from, *until, *after;
  } rows[] = {
      {"2023-07-14", "P6M", "2024-01-14", "2024-01-14", "2024-02-13"},
      {"2023-11-30", "P3M/P6M", "2024-02-29", "2024-05-30", "2024-06-29"},
      {"2024-01-31", "P1M", "2024-02-29", "2024-02-29", "2024-03-07"},
      {"2024-02-29", "P1Y", "2025-02-28", "2025-02-28", "2025-03-30"},
      {"2024-05-31", "P3M/", "2024-08-31", "2024-08-31", "2024-09-30"},
      {"2024-12-20", "P0D/P2W", "2024-12-20", "2025-01-03", "2025-01-10"},
      {"2024-03-05", "P0D", "2024-03-05", "2024-03-05", "2024-03-12"},
      {"2023-01-02", "P10W", "2023-03-13", "2023-03-13", "2023-03-20"},
      {"2023-01-01", "P90D", "2023-04-01", "2023-04-01", "2023-05-01"},
      {"2023-01-01", "P89D", "2023-03-31", "2023-03-31", "2023-04-07"},
      {"2023-01-01", "P12W", "2023-03-26", "2023-03-26", "2023-04-02"},
      {"2023-01-01", "P13W", "2023-04-02", "2023-04-02", "2023-05-02"},
      {"2023-01-31", "P2M", "2023-03-31", "2023-03-31", "2023-04-07"},
      {"2021-08-31", "P18M", "2023-02-28", "2023-02-28", "2023-03-30"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Story) s = story_new();
    REPORT(s, .acc = "A1", .on = rows[i].on, EXAM(CT, CHEST),
           .asks = {{EXAM(CT, CHEST), .in = rows[i].in}});
    g_autofree char *dates =
        g_strdup_printf("CT chest %s..%s after %s", rows[i].from, rows[i].until, rows[i].after);
    const ItvDate from = day(rows[i].from), after = day(rows[i].after);
    const struct {
      ItvDate at;
      const char *status;
    } days[] = {{from - 1, "not-due"}, {from, "due"}, {after, "due"}, {after + 1, "overdue"}};
    for (guint k = 0; k < G_N_ELEMENTS(days); k++) {
      if (days[k].at < day(rows[i].on))
        continue;
      g_autofree char *as_of = itv_date_format(days[k].at);
      g_autofree char *line = g_strdup_printf("%s %s", days[k].status, dates);
      expect(s, as_of, line, NULL);
    }
  }
}

static void
test_not_before_known(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-02-29T23:50", .known = "2024-03-01T00:35", EXAM(MR, BRAIN),
         .asks = {{EXAM(MR, BRAIN), .in = "P1Y"}});
  expect(s, "2024-02-29", NULL);
  expect(s, "2024-03-01", "not-due MR brain 2025-02-28", NULL);
}

static void
test_days_overdue(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P6M"}});
  g_autoptr(GPtrArray) due = story_items(s, "2024-02-13");
  g_autoptr(GPtrArray) late = story_items(s, "2024-02-23");
  g_assert_cmpint(((ItvFollowup *)due->pdata[0])->days_overdue, ==, 0);
  g_assert_cmpint(((ItvFollowup *)late->pdata[0])->days_overdue, ==, 10);
}

static void
test_repeat_done(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2022-12-30", EXAM(US, LIVER),
         .asks = {{EXAM(US, LIVER), .every = "P6M"}});
  REPORT(s, .acc = "B2", .on = "2023-07-18", EXAM(US, LIVER));
  REPORT(s, .acc = "C3", .on = "2024-01-09", EXAM(US, LIVER));
  expect(s, "2023-06-29", "not-due US liver 2023-06-30..2023-06-30 after 2023-07-30", NULL);
  expect(s, "2023-07-18", "fulfilled US liver by B2", "not-due US liver 2024-01-18", NULL);
  expect(s, "2024-01-09", "fulfilled US liver by B2", "fulfilled US liver by C3",
         "not-due US liver 2024-07-09..2024-07-09 after 2024-08-08", NULL);
  expect(s, "2024-08-09", "fulfilled US liver by B2", "fulfilled US liver by C3",
         "overdue US liver 2024-07-09", "not-due US liver 2025-01-09", NULL);
}

static void
test_repeat_missed(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-08-31", EXAM(MR, PANCREAS),
         .asks = {{EXAM(MR, PANCREAS), .every = "P6M"}});
  expect(s, "2024-03-30", "due MR pancreas 2024-02-29", NULL);
  expect(s, "2024-03-31", "overdue MR pancreas 2024-02-29",
         "not-due MR pancreas 2024-08-29..2024-08-29 after 2024-09-28", NULL);
  expect(s, "2024-09-29", "overdue MR pancreas 2024-02-29", "overdue MR pancreas 2024-08-29",
         "not-due MR pancreas 2025-02-28", NULL);
}

/* One study does the missed ones; what was open already counts from it anew. */
static void
test_repeat_caught_up(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-08-31", EXAM(MR, PANCREAS),
         .asks = {{EXAM(MR, PANCREAS), .every = "P6M"}});
  REPORT(s, .acc = "B2", .on = "2024-05-15", EXAM(MR, ABDOMEN));
  expect(s, "2024-05-14", "overdue MR pancreas 2024-02-29", "not-due MR pancreas 2024-08-29", NULL);
  expect(s, "2024-05-15", "fulfilled MR pancreas by B2", "not-due MR pancreas 2024-11-15", NULL);
  REPORT(s, .acc = "C3", .on = "2025-12-01", EXAM(MR, ABDOMEN));
  expect(s, "2025-12-01", "fulfilled MR pancreas by B2", "fulfilled MR pancreas by C3",
         "fulfilled MR pancreas by C3", "fulfilled MR pancreas by C3",
         "not-due MR pancreas 2026-06-01", NULL);
}

static void
test_repeat_range(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(XR, SPINE),
         .asks = {{EXAM(XR, SPINE), .in = "P4M/P6M", .every = "P4M"}});
  REPORT(s, .acc = "B2", .on = "2024-06-10", EXAM(XR, SPINE));
  expect(s, "2024-01-10", "not-due XR spine 2024-05-10..2024-07-10 after 2024-08-09", NULL);
  expect(s, "2024-06-10", "fulfilled XR spine by B2",
         "not-due XR spine 2024-10-10..2024-12-10 after 2025-01-09", NULL);
}

/* The restated series replaces the old one; the study that restates it does the open one. */
static void
test_repeat_restated(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-01-10", EXAM(US, LIVER),
         .asks = {{EXAM(US, LIVER), .every = "P6M"}});
  REPORT(s, .acc = "B2", .on = "2023-07-12", EXAM(US, LIVER),
         .asks = {{EXAM(US, LIVER), .every = "P1Y"}});
  expect(s, "2023-07-12", "fulfilled US liver by B2", "not-due US liver 2024-07-12", NULL);
  REPORT(s, .acc = "C3", .on = "2023-09-01", EXAM(CT, ABDOMEN),
         .asks = {{EXAM(US, LIVER), .every = "P3M"}});
  expect(s, "2023-09-01", "fulfilled US liver by B2", "closed:superseded US liver",
         "not-due US liver 2023-12-01", NULL);
}

static void
test_repeat_ended(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-01-10", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .every = "P1Y", .head = "nodule"}});
  REPORT(s, .acc = "B2", .on = "2024-01-12", EXAM(CT, CHEST),
         .says = {{ITV_STATEMENT_NO_FOLLOW_UP, ITV_REGION_CHEST, "the nodule", "nodule"}});
  expect(s, "2024-01-11", "due CT chest 2024-01-10", NULL);
  expect(s, "2024-01-12", "fulfilled CT chest by B2", NULL);
  expect(s, "2027-01-12", "fulfilled CT chest by B2", NULL);
}

static void
test_repeat_never_runs_away(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "1950-01-01", EXAM(XR, CHEST),
         .asks = {{EXAM(XR, CHEST), .every = "P1D"}});
  g_autoptr(GPtrArray) items = story_items(s, "2025-01-01");
  g_assert_cmpuint(items->len, <=, 400);
}

static void
test_same_day(void)
{
  static const struct {
    const char *in, *on, *known, *line;
  } rows[] = {
      {"P0D", "2024-03-05T18:40", "2024-03-06T00:15", "fulfilled CT chest by B2 2024-03-05"},
      {"P0D/P2W", "2024-03-05T18:40", "2024-03-05T19:00", "fulfilled CT chest by B2 2024-03-05"},
      /* the morning's CT was no answer to the film at ten */
      {"P0D", "2024-03-05T08:00", "2024-03-05T08:30", "overdue CT chest"},
      {"P0D", "2024-03-05", "2024-03-05T08:30", "overdue CT chest"},
      {"P0D", "2024-03-05", "2024-03-05T12:00", "fulfilled CT chest by B2"},
      {"P1D", "2024-03-05T18:40", "2024-03-06T00:15", "overdue CT chest"},
      {"P0D", "2024-03-04T18:40", "2024-03-06T00:15", "overdue CT chest"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Story) s = story_new();
    REPORT(s, .acc = "A1", .on = "2024-03-05T10:20", .known = "2024-03-05T10:55", EXAM(XR, CHEST),
           .asks = {{EXAM(CT, CHEST), .in = rows[i].in}});
    REPORT(s, .acc = "B2", .on = rows[i].on, .known = rows[i].known, EXAM(CT, CHEST));
    expect(s, "2024-04-20", rows[i].line, NULL);
  }
}

/* The recommending exam itself never serves, not by its DICOM study either. */
static void
test_never_itself(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .uid = "1.2.3", .on = "2024-03-05T10:20", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P0D"}});
  STUDY(s, .uid = "1.2.3", .on = "2024-03-05T10:21", EXAM(CT, CHEST));
  expect(s, "2024-03-12", "due CT chest", NULL);
}

static void
test_valid_until(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P6M"}});
  APPOINTMENT(s, BOOKED, .acc = "N1", .on = "2024-01-20T10:00", .known = "2024-01-16",
              EXAM(CT, CHEST));
  static const struct {
    const char *as_of, *next;
  } rows[] = {
      {"2023-07-13", "2023-07-14"}, {"2023-07-14", "2024-01-14"}, {"2024-01-14", "2024-01-16"},
      {"2024-01-16", "2024-01-21"}, {"2024-01-21", "2024-02-14"}, {"2024-02-14", NULL},
  };
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GPtrArray) items = story_items(s, rows[i].as_of);
    g_autofree char *next =
        itv_date_format(itv_derive_valid_until(s->h, items, day(rows[i].as_of)));
    g_assert_cmpstr(next, ==, rows[i].next);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/derive/dates/borders", test_borders);
  g_test_add_func("/derive/dates/not-before-known", test_not_before_known);
  g_test_add_func("/derive/dates/days-overdue", test_days_overdue);
  g_test_add_func("/derive/dates/repeat-done", test_repeat_done);
  g_test_add_func("/derive/dates/repeat-missed", test_repeat_missed);
  g_test_add_func("/derive/dates/repeat-caught-up", test_repeat_caught_up);
  g_test_add_func("/derive/dates/repeat-range", test_repeat_range);
  g_test_add_func("/derive/dates/repeat-restated", test_repeat_restated);
  g_test_add_func("/derive/dates/repeat-ended", test_repeat_ended);
  g_test_add_func("/derive/dates/repeat-bounded", test_repeat_never_runs_away);
  g_test_add_func("/derive/dates/same-day", test_same_day);
  g_test_add_func("/derive/dates/never-itself", test_never_itself);
  g_test_add_func("/derive/dates/valid-until", test_valid_until);
  return g_test_run();
}
