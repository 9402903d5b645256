/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/escalation.h"

#include <string.h>

#include "base/error.h"

/* ---- configuration --------------------------------------------------------------- */

static int
days_attr(const ItvXml *xml, const char *name, int fallback)
{
  const char *text = xml ? itv_xml_attr(xml, name, NULL) : NULL;
  return text ? (int)CLAMP(g_ascii_strtoll(text, NULL, 10), 0, 3650) : fallback;
}

static void
default_ladder(ItvEscalation *e)
{
  static const ItvLadderStep steps[] = {{0, ITV_WHOM_PATIENT, ITV_HOW_LETTER},
                                        {14, ITV_WHOM_PATIENT, ITV_HOW_PHONE},
                                        {28, ITV_WHOM_REFERRER, ITV_HOW_LETTER},
                                        {42, ITV_WHOM_REFERRER, ITV_HOW_PHONE}};
  g_array_append_vals(e->steps, steps, G_N_ELEMENTS(steps));
}

static gboolean
add_step(ItvEscalation *e, const ItvXml *xml, const char *file, GError **error)
{
  const ItvLadderStep step = {days_attr(xml, "after-days", 0),
                              itv_whom_parse(itv_xml_attr(xml, "whom", NULL)),
                              itv_how_parse(itv_xml_attr(xml, "how", NULL))};
  const ItvLadderStep *last =
      e->steps->len ? &g_array_index(e->steps, ItvLadderStep, e->steps->len - 1) : NULL;
  if (!step.whom || !step.how)
    return itv_fail(error, ITV_ERROR_CONFIG,
                    "%s:%d: a step names whom (patient referrer other) and how (phone letter mail "
                    "sms portal fax in-person)",
                    file, xml->line);
  if (last && step.after_days < last->after_days)
    return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: this step comes before the one above it", file,
                    xml->line);
  g_array_append_val(e->steps, step);
  return TRUE;
}

ItvEscalation *
itv_escalation_load(const ItvXml *xml, const char *file, GError **error)
{
  g_autoptr(ItvEscalation) e = g_new0(ItvEscalation, 1);
  e->steps = g_array_new(FALSE, FALSE, sizeof(ItvLadderStep));
  e->pause_days = days_attr(xml, "pause-days", 7);
  e->book_days_before = days_attr(xml, "book-days-before", 30);
  e->daily_cap = days_attr(xml, "daily-cap", 40);
  const ItvXml *step = NULL;
  for (gsize i = 0; xml && (step = itv_xml_child(xml, "step", i)); i++)
    if (!add_step(e, step, file, error))
      return NULL;
  if (e->steps->len == 0)
    default_ladder(e);
  return g_steal_pointer(&e);
}

void
itv_escalation_free(ItvEscalation *e)
{
  if (!e)
    return;
  g_array_unref(e->steps);
  g_free(e);
}

/* ---- the next action --------------------------------------------------------------- */

static const ItvContact *
last_contact(const ItvFollowup *f)
{
  return f->contacts->len ? &g_array_index(f->contacts, ItvContact, f->contacts->len - 1) : NULL;
}

/* A contact after the plan was made is what was planned, or has overtaken it. */
static gboolean
plan_stands(const ItvFollowup *f)
{
  const ItvContact *last = last_contact(f);
  return f->next && !(last && itv_moment_compare(last->at, f->next_said) > 0);
}

/* How many steps are done: a contact does the step that fits it, and with it those
 * before (whoever phones the referrer need not write to the patient first). */
static guint
steps_done(const ItvEscalation *e, const ItvFollowup *f, ItvDate since)
{
  guint done = 0;
  for (guint i = 0; i < f->contacts->len; i++) {
    const ItvContact *c = &g_array_index(f->contacts, ItvContact, i);
    guint k = done;
    if (c->at.date < since)
      continue;
    while (k < e->steps->len) {
      const ItvLadderStep *step = &g_array_index(e->steps, ItvLadderStep, k);
      if (step->whom == c->whom && step->how == c->how)
        break;
      k++;
    }
    if (k < e->steps->len)
      done = k + 1;
  }
  return done;
}

static ItvNextAction
ladder_action(const ItvEscalation *e, const ItvFollowup *f)
{
  const ItvDate since = f->overdue_after + 1;
  const guint done = steps_done(e, f, since);
  const ItvContact *last = last_contact(f);
  ItvNextAction next = {.kind = ITV_NEXT_DECIDE, .on = since, .n_steps = e->steps->len};
  const gboolean refused = last && last->outcome == ITV_CONTACT_REFUSED;
  if (done < e->steps->len && !refused) {
    const ItvLadderStep *step = &g_array_index(e->steps, ItvLadderStep, done);
    next.kind = ITV_NEXT_CONTACT;
    next.step = done + 1;
    next.whom = step->whom;
    next.how = step->how;
    next.on = since + step->after_days;
  }
  /* A refusal is for a person to judge at once; otherwise a contact is given time. */
  if (last)
    next.on = MAX(next.on, last->at.date + (refused ? 0 : e->pause_days));
  return next;
}

static ItvNextAction
action_of(const ItvEscalation *e, const ItvFollowup *f)
{
  switch (f->status) {
  case ITV_STATUS_REVIEW:
    return (ItvNextAction){.kind = ITV_NEXT_REVIEW,
                           .on = f->candidates->len
                                     ? g_array_index(f->candidates, ItvCandidate, 0).date
                                     : f->recommended_on};
  case ITV_STATUS_NEEDS_INTERVAL:
    return (ItvNextAction){.kind = ITV_NEXT_INTERVAL, .on = f->recommended_on};
  case ITV_STATUS_AWAITING_CONDITION:
    return (ItvNextAction){.kind = ITV_NEXT_CONDITION, .on = f->recommended_on};
  case ITV_STATUS_SCHEDULED:
    return (ItvNextAction){.kind = ITV_NEXT_ATTEND, .on = f->scheduled_for + 1};
  case ITV_STATUS_NOT_DUE:
  case ITV_STATUS_DUE:
    return (ItvNextAction){.kind = ITV_NEXT_BOOK,
                           .on = MAX(f->due_from - e->book_days_before, f->recommended_on)};
  case ITV_STATUS_OVERDUE:
    return ladder_action(e, f);
  default:
    return (ItvNextAction){.kind = ITV_NEXT_NOTHING, .on = ITV_DATE_NONE};
  }
}

ItvNextAction
itv_escalation_next(const ItvEscalation *e, const ItvFollowup *f, ItvDate as_of)
{
  ItvNextAction next = action_of(e, f);
  if (next.kind == ITV_NEXT_NOTHING)
    return next;
  if (plan_stands(f)) {
    next.kind = ITV_NEXT_PLANNED;
    next.on = f->next_on;
    next.what = f->next;
    return next;
  }
  const ItvContact *last = last_contact(f);
  if (last && next.kind == ITV_NEXT_BOOK)
    next.on = MAX(next.on, last->at.date + e->pause_days);
  if (next.on == ITV_DATE_NONE)
    next.on = as_of;
  return next;
}

const char *
itv_next_kind_code(ItvNextKind kind)
{
  static const char *const codes[] = {"nothing", "planned", "review",  "interval", "condition",
                                      "book",    "attend",  "contact", "decide"};
  return codes[kind];
}

char *
itv_next_action_words(const ItvNextAction *a)
{
  static const char *const how[ITV_HOW_N] = {
      [ITV_HOW_NONE] = "contact",    [ITV_HOW_PHONE] = "phone",
      [ITV_HOW_LETTER] = "write to", [ITV_HOW_MAIL] = "e-mail",
      [ITV_HOW_SMS] = "text",        [ITV_HOW_PORTAL] = "write through the portal to",
      [ITV_HOW_FAX] = "fax",         [ITV_HOW_IN_PERSON] = "speak with"};
  switch (a->kind) {
  case ITV_NEXT_PLANNED:
    return g_strdup(a->what);
  case ITV_NEXT_REVIEW:
    return g_strdup("confirm or reject the study that may satisfy it");
  case ITV_NEXT_INTERVAL:
    return g_strdup("say when it is due");
  case ITV_NEXT_CONDITION:
    return g_strdup("answer the condition");
  case ITV_NEXT_BOOK:
    return g_strdup("make an appointment");
  case ITV_NEXT_ATTEND:
    return g_strdup("find out whether the appointment was kept");
  case ITV_NEXT_CONTACT:
    return g_strdup_printf("%s the %s (step %u of %u)", how[a->how],
                           a->whom == ITV_WHOM_OTHER ? "contact person" : itv_whom_code(a->whom),
                           a->step, a->n_steps);
  case ITV_NEXT_DECIDE:
    return g_strdup("decide: close it, or plan what else to do");
  default:
    return g_strdup("nothing");
  }
}
