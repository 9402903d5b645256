/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/escalation.h"

#include <string.h>

#include "base/error.h"

static ItvEscalation *ladder;

static ItvDate
day(const char *text)
{
  ItvDate date = ITV_DATE_NONE;
  g_assert_true(itv_date_parse(text, &date));
  return date;
}

/* Overdue since 2024-08-10. */
static ItvFollowup *
overdue(void)
{
  ItvFollowup *f = itv_followup_new();
  f->status = ITV_STATUS_OVERDUE;
  f->kind = ITV_KIND_OF_IMAGING;
  f->recommended_on = day("2024-01-10");
  f->due_from = f->due_until = day("2024-07-10");
  f->overdue_after = day("2024-08-09");
  return f;
}

static void
contact(ItvFollowup *f, const char *at, ItvContactWhom whom, ItvContactHow how,
        ItvContactOutcome outcome)
{
  const ItvContact c = {.at = {day(at), 36000}, .whom = whom, .how = how, .outcome = outcome};
  g_array_append_val(f->contacts, c);
}

static void
assert_next(const ItvFollowup *f, const char *on, const char *expected)
{
  const ItvNextAction next = itv_escalation_next(ladder, f, day("2024-12-31"));
  g_autofree char *words = itv_next_action_words(&next);
  g_autofree char *date = itv_date_format(next.on);
  g_assert_cmpstr(words, ==, expected);
  g_assert_cmpstr(date, ==, on);
}

static void
test_ladder(void)
{
  g_autoptr(ItvFollowup) f = overdue();
  /* before it was overdue: no step of the ladder, but the pause is kept */
  contact(f, "2024-08-05", ITV_WHOM_PATIENT, ITV_HOW_PHONE, ITV_CONTACT_NO_ANSWER);
  assert_next(f, "2024-08-12", "write to the patient (step 1 of 4)");
  contact(f, "2024-08-12", ITV_WHOM_PATIENT, ITV_HOW_LETTER, ITV_CONTACT_SENT);
  assert_next(f, "2024-08-24", "phone the patient (step 2 of 4)");
  contact(f, "2024-09-03", ITV_WHOM_PATIENT, ITV_HOW_PHONE, ITV_CONTACT_NO_ANSWER);
  assert_next(f, "2024-09-10", "write to the referrer (step 3 of 4)");
  contact(f, "2024-09-04", ITV_WHOM_PATIENT, ITV_HOW_SMS, ITV_CONTACT_SENT);
  assert_next(f, "2024-09-11", "write to the referrer (step 3 of 4)");
  contact(f, "2024-09-12", ITV_WHOM_REFERRER, ITV_HOW_PHONE, ITV_CONTACT_REACHED);
  assert_next(f, "2024-09-19", "decide: close it, or plan what else to do");
}

/* Nobody is written to once more who has said no: a person judges, at once. */
static void
test_refused(void)
{
  g_autoptr(ItvFollowup) f = overdue();
  contact(f, "2024-08-12", ITV_WHOM_PATIENT, ITV_HOW_PHONE, ITV_CONTACT_REFUSED);
  assert_next(f, "2024-08-12", "decide: close it, or plan what else to do");
}

static void
test_plan(void)
{
  g_autoptr(ItvFollowup) f = overdue();
  f->next = g_strdup("call the daughter");
  f->next_on = day("2024-10-01");
  f->next_said = (ItvMoment){day("2024-08-20"), 36000};
  contact(f, "2024-08-12", ITV_WHOM_PATIENT, ITV_HOW_LETTER, ITV_CONTACT_SENT);
  assert_next(f, "2024-10-01", "call the daughter");
  contact(f, "2024-09-30", ITV_WHOM_OTHER, ITV_HOW_PHONE, ITV_CONTACT_REACHED);
  assert_next(f, "2024-10-07", "phone the patient (step 2 of 4)");
  f->status = ITV_STATUS_CLOSED;
  assert_next(f, NULL, "nothing");
}

static void
test_statuses(void)
{
  g_autoptr(ItvFollowup) f = overdue();
  f->status = ITV_STATUS_NOT_DUE;
  assert_next(f, "2024-06-10", "make an appointment");
  f->due_from = day("2024-01-12");
  assert_next(f, "2024-01-10", "make an appointment");
  f->status = ITV_STATUS_SCHEDULED;
  f->scheduled_for = day("2024-07-11");
  assert_next(f, "2024-07-12", "find out whether the appointment was kept");
  f->status = ITV_STATUS_NEEDS_INTERVAL;
  assert_next(f, "2024-01-10", "say when it is due");
  f->status = ITV_STATUS_AWAITING_CONDITION;
  assert_next(f, "2024-01-10", "answer the condition");
  f->status = ITV_STATUS_REVIEW;
  assert_next(f, "2024-01-10", "confirm or reject the study that may satisfy it");
}

static ItvEscalation *
load(const char *text, GError **error)
{
  g_autoptr(ItvXml) xml = itv_xml_parse(text, strlen(text), "site.xml", NULL, error);
  g_assert_nonnull(xml);
  return itv_escalation_load(xml, "site.xml", error);
}

static void
test_configuration(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvEscalation) e =
      load("<escalation daily-cap='3'><step after-days='5' whom='other' how='fax'/></escalation>",
           &error);
  g_assert_no_error(error);
  g_assert_cmpuint(e->steps->len, ==, 1);
  g_assert_cmpint(e->daily_cap, ==, 3);
  g_assert_cmpint(e->pause_days, ==, 7);
  g_assert_null(load("<escalation><step after-days='9' whom='patient' how='fax'/>"
                     "<step after-days='5' whom='other' how='fax'/></escalation>",
                     &error));
  g_assert_nonnull(strstr(error->message, "site.xml:1"));
  g_clear_error(&error);
  g_assert_null(
      load("<escalation><step after-days='9' whom='dog' how='fax'/></escalation>", &error));
  g_assert_error(error, ITV_ERROR, ITV_ERROR_CONFIG);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ladder = itv_escalation_load(NULL, NULL, NULL);
  g_test_add_func("/escalation/ladder", test_ladder);
  g_test_add_func("/escalation/refused", test_refused);
  g_test_add_func("/escalation/plan", test_plan);
  g_test_add_func("/escalation/statuses", test_statuses);
  g_test_add_func("/escalation/configuration", test_configuration);
  int status = g_test_run();
  itv_escalation_free(ladder);
  return status;
}
