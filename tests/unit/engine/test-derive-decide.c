/* SPDX-License-Identifier: Apache-2.0
 *
 * What people decide, which status wins, and what must never matter: order of
 * arrival, copies, notes.  Contract section 3; "Where cases meet" 1, 12.
 */
#include "story.h"

static Story *
chest_in_three_months(void)
{
  Story *s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P3M", .head = "nodule"}});
  return s;
}

static void
test_close_and_reopen(void)
{
  g_autoptr(Story) s = chest_in_three_months();
  g_autofree char *id = item_id(s, 0);
  DECIDE(s, CLOSE, id, .at = "2024-05-01", .reason = "declined");
  DECIDE(s, REOPEN, id, .at = "2024-06-01");
  REPORT(s, .acc = "B2", .on = "2024-06-20", EXAM(CT, CHEST));
  expect(s, "2024-04-30", "due CT chest", NULL);
  expect(s, "2024-05-01", "closed:declined CT chest", NULL);
  expect(s, "2024-06-01", "overdue CT chest 2024-04-10", NULL);
  expect(s, "2024-06-20", "fulfilled CT chest by B2", NULL);
  DECIDE(s, CLOSE, id, .at = "2024-06-21", .reason = "no such reason");
  expect(s, "2024-06-21", "closed:other CT chest", NULL);
}

/* Both on one day without a time: what can only follow follows. */
static void
test_close_and_reopen_on_one_day(void)
{
  g_autoptr(Story) s = chest_in_three_months();
  g_autofree char *id = item_id(s, 0);
  DECIDE(s, REOPEN, id, .at = "2024-05-01");
  DECIDE(s, CLOSE, id, .at = "2024-05-01", .reason = "declined");
  expect(s, "2024-05-01", "due CT chest", NULL);
}

/* Reopening what a study had done: that study is overruled, a later one counts. */
static void
test_reopen_fulfilled(void)
{
  g_autoptr(Story) s = chest_in_three_months();
  g_autofree char *id = item_id(s, 0);
  REPORT(s, .acc = "B2", .on = "2024-04-12", EXAM(CT, CHEST));
  DECIDE(s, REOPEN, id, .at = "2024-04-20");
  expect(s, "2024-04-19", "fulfilled CT chest by B2", NULL);
  expect(s, "2024-04-20", "due CT chest", NULL);
  REPORT(s, .acc = "C3", .on = "2024-05-02", EXAM(CT, CHEST));
  expect(s, "2024-05-02", "fulfilled CT chest by C3", NULL);
}

/* Taking back one's own close leaves what a study had done. */
static void
test_reopen_takes_back_a_close(void)
{
  g_autoptr(Story) s = chest_in_three_months();
  g_autofree char *id = item_id(s, 0);
  REPORT(s, .acc = "B2", .on = "2024-04-12", EXAM(CT, CHEST));
  DECIDE(s, CLOSE, id, .at = "2024-04-20", .reason = "duplicate");
  DECIDE(s, REOPEN, id, .at = "2024-04-21");
  expect(s, "2024-04-20", "closed:duplicate CT chest", NULL);
  expect(s, "2024-04-21", "fulfilled CT chest by B2", NULL);
}

static void
test_reopen_withdrawn(void)
{
  g_autoptr(Story) s = chest_in_three_months();
  g_autofree char *id = item_id(s, 0);
  REPORT(s, .acc = "A1", .on = "2024-01-10", .known = "2024-01-12", .status = 'C', EXAM(CT, CHEST));
  DECIDE(s, REOPEN, id, .at = "2024-01-20");
  expect(s, "2024-01-12", "closed:withdrawn CT chest", NULL);
  expect(s, "2024-01-20", "not-due CT chest 2024-04-10", NULL);
}

static void
test_confirm_and_reject(void)
{
  g_autoptr(Story) s = chest_in_three_months();
  g_autofree char *id = item_id(s, 0);
  REPORT(s, .acc = "B2", .uid = "1.2.3", .on = "2024-04-12", EXAM(XR, CHEST));
  DECIDE(s, REJECT, id, .at = "2024-05-20", .study = "B2");
  DECIDE(s, CONFIRM, id, .at = "2024-06-01", .study = "1.2.3");
  DECIDE(s, REJECT, id, .at = "2024-06-10", .study = "1.2.3");
  expect(s, "2024-05-19", "review CT chest B2", NULL);
  expect(s, "2024-05-20", "overdue CT chest", NULL);
  expect(s, "2024-06-01", "fulfilled CT chest by B2 2024-04-12", NULL);
  expect(s, "2024-06-10", "overdue CT chest", NULL);
}

static void
test_reject_a_fulfilling_study(void)
{
  g_autoptr(Story) s = chest_in_three_months();
  g_autofree char *id = item_id(s, 0);
  REPORT(s, .acc = "B2", .on = "2024-04-12", EXAM(CT, CHEST));
  REPORT(s, .acc = "C3", .on = "2024-05-15", EXAM(CT, CHEST));
  DECIDE(s, REJECT, id, .at = "2024-05-20", .study = "B2");
  expect(s, "2024-05-19", "fulfilled CT chest by B2", NULL);
  expect(s, "2024-05-20", "fulfilled CT chest by C3", NULL);
}

/* Confirmed against every rule; undone when its report turns out cancelled. */
static void
test_confirm_is_a_persons_word(void)
{
  g_autoptr(Story) s = chest_in_three_months();
  g_autofree char *id = item_id(s, 0);
  REPORT(s, .acc = "B2", .on = "2024-01-12", EXAM(US, LIVER));
  DECIDE(s, CONFIRM, id, .at = "2024-02-01", .study = "B2");
  expect(s, "2024-02-01", "fulfilled CT chest by B2 2024-01-12", NULL);
  REPORT(s, .acc = "B2", .on = "2024-01-12", .known = "2024-02-10", .status = 'X');
  expect(s, "2024-02-10", "not-due CT chest", NULL);
  DECIDE(s, CONFIRM, id, .at = "2024-02-20", .study = "OUTSIDE-77");
  expect(s, "2024-02-20", "fulfilled CT chest by OUTSIDE-77", NULL);
}

static void
test_condition(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-06-03", EXAM(XR, ANKLE),
         .asks = {{EXAM(MR, ANKLE), .in = "P6W", .cond = "if symptoms persist"}});
  g_autofree char *id = item_id(s, 0);
  DECIDE(s, CONDITION_UNMET, id, .at = "2024-07-01");
  DECIDE(s, CONDITION_MET, id, .at = "2024-07-18");
  expect(s, "2024-06-30", "awaiting-condition MR ankle", NULL);
  expect(s, "2024-07-01", "closed:condition-unmet MR ankle", NULL);
  expect(s, "2024-07-18", "due MR ankle 2024-07-15..2024-07-15 after 2024-07-22", NULL);
  expect(s, "2024-07-23", "overdue MR ankle", NULL);
}

static void
test_condition_unmet_then_reopened(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-06-03", EXAM(XR, ANKLE),
         .asks = {{EXAM(MR, ANKLE), .in = "P6W", .cond = "if symptoms persist"}});
  g_autofree char *id = item_id(s, 0);
  DECIDE(s, CONDITION_UNMET, id, .at = "2024-07-01");
  DECIDE(s, REOPEN, id, .at = "2024-07-10");
  expect(s, "2024-07-10", "awaiting-condition MR ankle", NULL);
}

/* The answer holds for the whole series. */
static void
test_condition_of_a_series(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .every = "P1Y", .cond = "if high risk"}});
  g_autofree char *id = item_id(s, 0);
  expect(s, "2027-01-10", "awaiting-condition CT chest", NULL); /* and nothing piles up */
  DECIDE(s, CONDITION_MET, id, .at = "2024-02-01");
  REPORT(s, .acc = "B2", .on = "2025-01-12", EXAM(CT, CHEST));
  expect(s, "2025-01-12", "fulfilled CT chest by B2", "not-due CT chest 2026-01-12", NULL);
}

static void
test_set_interval(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-08", EXAM(XR, ANKLE), .asks = {{EXAM(XR, ANKLE)}});
  g_autofree char *id = item_id(s, 0);
  DECIDE(s, SET_INTERVAL, id, .at = "2024-02-05", .period = "P6W");
  expect(s, "2024-02-04", "needs-interval XR ankle", NULL);
  expect(s, "2024-02-05", "not-due XR ankle 2024-02-19..2024-02-19 after 2024-02-26", NULL);
  REPORT(s, .acc = "B2", .on = "2024-03-04", EXAM(XR, ANKLE));
  expect(s, "2024-03-04", "fulfilled XR ankle by B2", NULL);
}

static void
test_close_one_of_a_series(void)
{
  static const struct {
    const char *reason, *line;
    guint n;
  } rows[] = {{"done-elsewhere", "closed:done-elsewhere US liver", 2},
              {"not-indicated", "closed:not-indicated US liver", 1}};
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Story) s = story_new();
    REPORT(s, .acc = "A1", .on = "2023-01-10", EXAM(US, LIVER),
           .asks = {{EXAM(US, LIVER), .every = "P6M"}});
    g_autoptr(GPtrArray) items = story_items(s, "2023-01-10");
    DECIDE(s, CLOSE, ((ItvFollowup *)items->pdata[0])->id, .at = "2023-07-20",
           .reason = rows[i].reason);
    expect(s, "2023-07-20", rows[i].line, NULL);
    if (rows[i].n == 2)
      expect(s, "2023-08-10", rows[i].line, "not-due US liver 2024-01-10", NULL);
    else
      expect(s, "2025-08-10", rows[i].line, NULL);
  }
}

/* Each line of the order of statuses against the next one. */
static void
test_which_wins(void)
{
  g_autoptr(Story) s = chest_in_three_months();
  g_autofree char *id = item_id(s, 0);
  APPOINTMENT(s, BOOKED, .acc = "N1", .on = "2024-12-01", .known = "2024-04-11", EXAM(CT, CHEST));
  expect(s, "2024-04-11", "scheduled CT chest", NULL);
  REPORT(s, .acc = "B2", .on = "2024-04-12", EXAM(XR, CHEST));
  expect(s, "2024-04-12", "review CT chest", NULL);
  REPORT(s, .acc = "C3", .on = "2024-04-13", EXAM(CT, ABDOMEN),
         .says = {{ITV_STATEMENT_RESOLVED, ITV_REGION_CHEST, "nodule", "nodule"}});
  expect(s, "2024-04-13", "closed:not-indicated CT chest", NULL);
  REPORT(s, .acc = "D4", .on = "2024-04-14", EXAM(CT, ABDOMEN),
         .asks = {{EXAM(CT, CHEST), .in = "P1Y", .head = "nodule"}});
  REPORT(s, .acc = "E5", .on = "2024-04-15", EXAM(CT, CHEST));
  death(s, 1, "2024-04-16", "2024-04-16");
  expect(s, "2024-04-16", "closed:not-indicated CT chest", "closed:deceased CT chest", NULL);
  REPORT(s, .acc = "A1", .on = "2024-01-10", .known = "2024-04-17", .status = 'C', EXAM(CT, CHEST));
  expect(s, "2024-04-17", "closed:withdrawn CT chest", "closed:deceased CT chest", NULL);
  DECIDE(s, CONFIRM, id, .at = "2024-04-18", .study = "B2");
  expect(s, "2024-04-18", "fulfilled CT chest by B2", "closed:deceased CT chest", NULL);
}

/* --- what must never matter --------------------------------------------------------------- */

/* Everything that derive() says, as text. */
static char *
whole_answer(const Story *s, const char *as_of)
{
  GString *out = g_string_new(NULL);
  g_autoptr(GPtrArray) items = story_items(s, as_of);
  for (guint i = 0; i < items->len; i++) {
    const ItvFollowup *f = g_ptr_array_index(items, i);
    const ItvPatientId *p = &g_array_index(s->h->ids, ItvPatientId, f->patient);
    g_autofree char *line = item_line(f);
    g_string_append_printf(out, "%s %s %s %u %d %d\n", f->id, p->id, line, f->occurrence,
                           f->closed_on, f->scheduled_for);
    for (guint k = 0; k < f->steps->len; k++) {
      const ItvStep *step = &g_array_index(f->steps, ItvStep, k);
      g_string_append_printf(out, "  %s %s %s\n", step->rule, step->text,
                             step->evidence ? step->evidence : "-");
    }
  }
  return g_string_free(out, FALSE);
}

static void
shuffle(GRand *rand, GArray *array)
{
  const guint size = g_array_get_element_size(array);
  g_autofree char *swap = g_malloc(size);
  for (guint i = array->len; i > 1; i--) {
    const guint k = (guint)g_rand_int_range(rand, 0, (gint32)i);
    char *a = array->data + (gsize)(i - 1) * size, *b = array->data + (gsize)k * size;
    memcpy(swap, a, size);
    memmove(a, b, size);
    memcpy(b, swap, size);
  }
}

static char *
random_day(GRand *rand, int from_year)
{
  const ItvDate first = itv_date_new(from_year, 1, 1);
  g_autofree char *date = itv_date_format(first + g_rand_int_range(rand, 0, 900));
  return g_strdup_printf("%sT%02d:%02d", date, g_rand_int_range(rand, 0, 24),
                         g_rand_int_range(rand, 0, 60));
}

static void
tell_random_report(Story *s, GRand *rand, guint i)
{
  static const ItvRegion regions[] = {ITV_REGION_CHEST, ITV_REGION_ABDOMEN, ITV_REGION_KNEE,
                                      ITV_REGION_LIVER, ITV_REGION_BRAIN};
  static const ItvModality modalities[] = {ITV_MODALITY_CT, ITV_MODALITY_MR, ITV_MODALITY_US,
                                           ITV_MODALITY_XR};
  static const char *const ins[] = {"P6M", "P3M", "P0D/P2W", "P1Y", NULL, "P6W"};
  static const char *const heads[] = {"nodule", "cyst", NULL};
  static const char *const patients[] = {"SYNTH1", "SYNTH2", "SYNTH3"};
  static const char status[] = "FFFPCX";
#define PICK(a) a[g_rand_int_range(rand, 0, (gint32)G_N_ELEMENTS(a))]
  g_autofree char *on = random_day(rand, 2022);
  g_autofree char *acc = g_strdup_printf("ACC%u", g_rand_int_range(rand, 0, (gint32)i + 1));
  g_autofree char *known = NULL;
  const ItvMoment at = moment(on);
  g_autofree char *later = itv_date_format(at.date + g_rand_int_range(rand, 0, 5));
  known = g_strdup_printf("%sT23:%02d", later, g_rand_int_range(rand, 0, 60));
  Told t = {.id = PICK(patients),
            .acc = acc,
            .on = on,
            .known = known,
            .status = status[g_rand_int_range(rand, 0, 6)],
            .mod = ITV_MODALITY_BIT(PICK(modalities)),
            .region = PICK(regions)};
  const int n = g_rand_int_range(rand, 0, 4);
  for (int k = 0; k < n; k++) {
    t.asks[k] = (Ask){.mod = ITV_MODALITY_BIT(PICK(modalities)),
                      .region = PICK(regions),
                      .in = PICK(ins),
                      .head = PICK(heads),
                      .cond = g_rand_int_range(rand, 0, 5) ? NULL : "if it persists"};
    if (g_rand_int_range(rand, 0, 4) == 0)
      t.asks[k].every = "P6M";
  }
  if (g_rand_int_range(rand, 0, 5) == 0)
    t.says[0] = (Says){ITV_STATEMENT_RESOLVED, PICK(regions), "nodule", "nodule"};
  story_report(s, &t);
}

static void
tell_random_decisions(Story *s, GRand *rand)
{
  g_autoptr(GPtrArray) items = story_items(s, "2025-06-01");
  for (guint i = 0; i < items->len; i += 3) {
    const char *id = ((ItvFollowup *)items->pdata[i])->id;
    g_autofree char *at = random_day(rand, 2023);
    const ItvDecisionKind kind = (ItvDecisionKind)g_rand_int_range(rand, 0, ITV_DECISION_NEXT + 1);
    story_decide(s, kind, id,
                 &(Decided){.at = at, .reason = "declined", .study = "ACC1", .period = "P4M"});
  }
}

static void
tell_random_story(Story *s, GRand *rand)
{
  for (guint i = 0; i < 12; i++)
    tell_random_report(s, rand, i);
  for (guint i = 0; i < 3; i++) {
    g_autofree char *on = random_day(rand, 2023);
    g_autofree char *known = random_day(rand, 2022);
    APPOINTMENT(s, BOOKED, .acc = i == 2 ? "N0" : "N1", .on = on, .known = known, EXAM(CT, CHEST));
    STUDY(s, .uid = "1.2.3", .acc = "ACC2", .on = on, EXAM(MR, KNEE));
  }
  for (guint i = 0; i < 4; i++) {
    static const char *const patients[] = {"SYNTH1", "SYNTH2", "SYNTH3"};
    g_autofree char *known = random_day(rand, 2022);
    link_ids(s, (ItvLinkKind)g_rand_int_range(rand, 0, 3), PICK(patients), PICK(patients), known);
  }
  if (g_rand_int_range(rand, 0, 3) == 0)
    death(s, 1, "2024-02-02", "2024-02-10");
  tell_random_decisions(s, rand);
}

static Story *
random_story(GRand *rand)
{
  Story *s = story_new();
  tell_random_story(s, rand);
  return s;
}

static void
test_order_of_arrival(void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed(20240229);
  for (int round = 0; round < 60; round++) {
    g_autoptr(Story) s = random_story(rand);
    g_autofree char *early = whole_answer(s, "2023-06-15");
    g_autofree char *late = whole_answer(s, "2024-12-31");
    for (int turn = 0; turn < 6; turn++) {
      GArray *arrays[] = {s->h->persons, s->h->links,        s->h->reports,    s->h->studies,
                          s->h->orders,  s->h->appointments, s->h->procedures, s->h->decisions};
      for (guint i = 0; i < G_N_ELEMENTS(arrays); i++)
        shuffle(rand, arrays[i]);
      g_autofree char *early_again = whole_answer(s, "2023-06-15");
      g_autofree char *late_again = whole_answer(s, "2024-12-31");
      g_assert_cmpstr(early, ==, early_again);
      g_assert_cmpstr(late, ==, late_again);
    }
  }
}

/* Nor the order in which the ids became known. */
static void
test_order_of_ids(void)
{
  for (guint32 seed = 1; seed <= 40; seed++) {
    char *answers[2] = {NULL, NULL};
    for (int turn = 0; turn < 2; turn++) {
      g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
      g_autoptr(Story) s = story_new();
      who(s, turn ? "SYNTH3" : "SYNTH2", NULL);
      who(s, turn ? "SYNTH2" : "SYNTH1", NULL);
      tell_random_story(s, rand);
      answers[turn] = whole_answer(s, "2024-12-31");
    }
    g_assert_cmpstr(answers[0], ==, answers[1]);
    g_free(answers[0]);
    g_free(answers[1]);
  }
}

/* What was known by a day never changes: later evidence leaves the past alone. */
static void
test_past_stays(void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed(7);
  for (int round = 0; round < 40; round++) {
    g_autoptr(Story) s = random_story(rand);
    g_autofree char *before = whole_answer(s, "2024-12-31");
    REPORT(s, .acc = "ACC1", .on = "2023-05-05", .known = "2025-01-01", .status = 'X');
    REPORT(s, .acc = "LATE", .on = "2023-05-05", .known = "2025-01-01", EXAM(CT, CHEST));
    link_ids(s, ITV_LINK_MERGE, "SYNTH1", "SYNTH2", "2025-01-01");
    death(s, 1, "2022-01-01", "2025-01-01");
    g_autofree char *after = whole_answer(s, "2024-12-31");
    g_assert_cmpstr(before, ==, after);
  }
}

static void
test_merge_and_part_is_nothing(void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed(11);
  for (int round = 0; round < 40; round++) {
    g_autoptr(Story) s = story_new();
    for (guint i = 0; i < 10; i++)
      tell_random_report(s, rand, i);
    g_autofree char *before = whole_answer(s, "2025-12-31");
    link_ids(s, ITV_LINK_MERGE, "SYNTH1", "SYNTH2", "2025-01-01");
    link_ids(s, ITV_LINK_MERGE, "SYNTH3", "SYNTH1", "2025-01-02");
    link_ids(s, ITV_LINK_PART, "SYNTH3", "SYNTH1", "2025-01-03");
    link_ids(s, ITV_LINK_PART, "SYNTH1", "SYNTH2", "2025-01-04");
    g_autofree char *after = whole_answer(s, "2025-12-31");
    g_assert_cmpstr(before, ==, after);
  }
}

static void
test_notes_and_copies_change_nothing(void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed(13);
  for (int round = 0; round < 40; round++) {
    g_autoptr(Story) s = random_story(rand);
    g_autoptr(GPtrArray) before = story_lines(s, "2024-12-31");
    g_autoptr(GPtrArray) items = story_items(s, "2024-12-31");
    for (guint i = 0; i < items->len; i++)
      DECIDE(s, NOTE, ((ItvFollowup *)items->pdata[i])->id, .at = "2024-06-01",
             .note = "No answer yet.");
    /* the same message once more: the same uid */
    const guint n = s->n;
    s->n = 3;
    const ItvReport *third = &g_array_index(s->h->reports, ItvReport, 3);
    ItvReport copy = *third;
    copy.ev = (ItvEvidence){g_strdup(third->ev.uid), g_strdup("copy"), third->ev.known,
                            third->ev.patient, NULL};
    copy.accession = g_strdup(third->accession);
    copy.documents = g_ptr_array_ref(third->documents);
    copy.study_uid = copy.code = copy.description = copy.reader = copy.ordering = copy.sender =
        NULL;
    copy.text = g_strdup(third->text);
    copy.recommendations = g_array_ref(third->recommendations);
    copy.statements = g_array_ref(third->statements);
    g_array_append_val(s->h->reports, copy);
    s->n = n;
    g_autoptr(GPtrArray) after = story_lines(s, "2024-12-31");
    g_assert_cmpuint(before->len, ==, after->len);
    for (guint i = 0; i < before->len; i++)
      g_assert_cmpstr(before->pdata[i], ==, after->pdata[i]);
  }
}

/* Nonsense in, no crash: no dates at all, periods of ages, ids out of range. */
static void
test_nonsense(void)
{
  static const char *const periods[] = {"P99999Y", "P99999W", "P0D", "P99999D"};
  static const char *const days[] = {NULL, "1800-01-01", "2500-12-31", "2024-02-29"};
  for (guint i = 0; i < G_N_ELEMENTS(periods) * G_N_ELEMENTS(days); i++) {
    g_autoptr(Story) s = story_new();
    const char *on = days[i / G_N_ELEMENTS(periods)];
    REPORT(s, .acc = "A1", .on = on, EXAM(CT, CHEST),
           .asks = {{EXAM(CT, CHEST), .in = periods[i % G_N_ELEMENTS(periods)], .every = "P1D"}});
    REPORT(s, .on = on, .known = "2024-01-01", EXAM(CT, CHEST));
    ItvReport *last = &g_array_index(s->h->reports, ItvReport, 1);
    last->text[0] = '\0'; /* spans beyond the text */
    const ItvLink far = {evidence(s, NULL, NULL, on), ITV_LINK_MERGE, 4711, NULL};
    g_array_append_val(s->h->links, far);
    death(s, 1, on, on);
    DECIDE(s, CONFIRM, "nosuchitem00", .at = "2024-01-01");
    g_autoptr(GPtrArray) items = story_items(s, "2025-01-01");
    itv_derive_valid_until(s->h, items, day("2025-01-01"));
    APPOINTMENT(s, BOOKED, .acc = "N1", .on = "2025-02-01", .known = on, EXAM(CT, CHEST));
    g_ptr_array_unref(itv_derive_overuse(s->h, &s->rules, day("2025-01-01")));
    g_assert_cmpuint(itv_derive_person(s->h, 99, day("2025-01-01")), ==, 99);
  }
}

static void
test_ids(void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed(17);
  for (int round = 0; round < 40; round++) {
    g_autoptr(Story) s = random_story(rand);
    g_autoptr(GPtrArray) items = story_items(s, "2025-12-31");
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < items->len; i++) {
      const char *id = ((ItvFollowup *)items->pdata[i])->id;
      g_assert_cmpuint(strlen(id), ==, 12);
      g_assert_cmpuint(strspn(id, "0123456789abcdefghjkmnpqrstvwxyz"), ==, 12);
      g_assert_true(g_hash_table_add(seen, (gpointer)(guintptr)id));
    }
  }
}

/* Steps name what they rest on. */
static void
test_steps(void)
{
  g_autoptr(Story) s = chest_in_three_months();
  REPORT(s, .acc = "B2", .on = "2024-04-12", EXAM(CT, CHEST), .desc = "CT CHEST");
  g_autoptr(GPtrArray) items = story_items(s, "2024-04-12");
  const GArray *steps = ((ItvFollowup *)items->pdata[0])->steps;
  const ItvStep *last = &g_array_index(steps, ItvStep, steps->len - 1);
  g_assert_cmpstr(last->text, ==,
                  "CT CHEST 2024-04-12 (acc B2) covers chest, modality as asked, 2 days after "
                  "due_from: fulfils");
  g_assert_cmpstr(last->rule, ==, "contract-3/fulfilment");
  g_assert_nonnull(last->evidence);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/derive/decide/close-and-reopen", test_close_and_reopen);
  g_test_add_func("/derive/decide/on-one-day", test_close_and_reopen_on_one_day);
  g_test_add_func("/derive/decide/reopen-fulfilled", test_reopen_fulfilled);
  g_test_add_func("/derive/decide/reopen-takes-back", test_reopen_takes_back_a_close);
  g_test_add_func("/derive/decide/reopen-withdrawn", test_reopen_withdrawn);
  g_test_add_func("/derive/decide/confirm-and-reject", test_confirm_and_reject);
  g_test_add_func("/derive/decide/reject-fulfilling", test_reject_a_fulfilling_study);
  g_test_add_func("/derive/decide/confirm", test_confirm_is_a_persons_word);
  g_test_add_func("/derive/decide/condition", test_condition);
  g_test_add_func("/derive/decide/unmet-reopened", test_condition_unmet_then_reopened);
  g_test_add_func("/derive/decide/condition-of-a-series", test_condition_of_a_series);
  g_test_add_func("/derive/decide/set-interval", test_set_interval);
  g_test_add_func("/derive/decide/one-of-a-series", test_close_one_of_a_series);
  g_test_add_func("/derive/decide/which-wins", test_which_wins);
  g_test_add_func("/derive/property/order-of-arrival", test_order_of_arrival);
  g_test_add_func("/derive/property/order-of-ids", test_order_of_ids);
  g_test_add_func("/derive/property/past-stays", test_past_stays);
  g_test_add_func("/derive/property/merge-and-part", test_merge_and_part_is_nothing);
  g_test_add_func("/derive/property/notes-and-copies", test_notes_and_copies_change_nothing);
  g_test_add_func("/derive/property/nonsense", test_nonsense);
  g_test_add_func("/derive/property/ids", test_ids);
  g_test_add_func("/derive/decide/steps", test_steps);
  return g_test_run();
}
