/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/measures.h"

#include <math.h>

const char *
itv_fate_code(ItvFate fate)
{
  static const char *const codes[ITV_FATE_N] = {"in-window",
                                                "early",
                                                "late",
                                                "elsewhere",
                                                "declined",
                                                "scheduled",
                                                "review",
                                                "open",
                                                "missed",
                                                "given-up",
                                                "not-yet",
                                                "no-interval",
                                                "awaiting-condition",
                                                "not-applicable",
                                                "replaced"};
  return fate < ITV_FATE_N ? codes[fate] : NULL;
}

/* What ended it only after the window was over came too late to excuse it. */
static gboolean
ended_in_time(const ItvFollowup *f, const ItvMeasureFact *fact)
{
  return fact->window_until == ITV_DATE_NONE || f->closed_on == ITV_DATE_NONE ||
         f->closed_on <= fact->window_until;
}

static ItvFate
closed_fate(const ItvFollowup *f, const ItvMeasureFact *fact)
{
  switch (f->reason) {
  case ITV_REASON_DONE_ELSEWHERE:
    return ITV_FATE_ELSEWHERE;
  case ITV_REASON_DECLINED:
    return ITV_FATE_DECLINED;
  case ITV_REASON_DECEASED:
  case ITV_REASON_NOT_INDICATED:
  case ITV_REASON_CONDITION_UNMET:
    return ended_in_time(f, fact) ? ITV_FATE_NOT_APPLICABLE : ITV_FATE_MISSED;
  case ITV_REASON_SUPERSEDED:
  case ITV_REASON_DUPLICATE:
  case ITV_REASON_WITHDRAWN:
    return ITV_FATE_REPLACED;
  default:
    return ITV_FATE_GIVEN_UP;
  }
}

static ItvFate
performed_fate(const ItvFollowup *f, const ItvMeasureFact *fact)
{
  const ItvDate day = f->fulfilled_by.date;
  if (fact->window_from == ITV_DATE_NONE)
    return ITV_FATE_NO_INTERVAL;
  if (day == ITV_DATE_NONE)
    return ITV_FATE_ELSEWHERE;
  return day < fact->window_from    ? ITV_FATE_EARLY
         : day > fact->window_until ? ITV_FATE_LATE
                                    : ITV_FATE_IN_WINDOW;
}

static ItvFate
fate_of(const ItvFollowup *f, const ItvMeasureFact *fact, ItvDate as_of)
{
  if (f->is_fulfilled)
    return performed_fate(f, fact);
  if (f->status == ITV_STATUS_CLOSED)
    return closed_fate(f, fact);
  if (f->status == ITV_STATUS_AWAITING_CONDITION)
    return ITV_FATE_CONDITIONAL;
  if (fact->window_from == ITV_DATE_NONE)
    return ITV_FATE_NO_INTERVAL;
  if (fact->window_from > as_of)
    return ITV_FATE_NOT_YET;
  if (f->status == ITV_STATUS_SCHEDULED)
    return ITV_FATE_SCHEDULED;
  if (f->status == ITV_STATUS_REVIEW)
    return ITV_FATE_REVIEW;
  return fact->mature ? ITV_FATE_MISSED : ITV_FATE_OPEN;
}

ItvMeasureFact
itv_measure_fact(const ItvMeasureRules *rules, const ItvFollowup *f, ItvDate as_of)
{
  ItvMeasureFact fact = {.window_from = ITV_DATE_NONE, .window_until = ITV_DATE_NONE};
  if (f->due_from != ITV_DATE_NONE && f->due_until != ITV_DATE_NONE) {
    fact.window_from = f->due_from - rules->before_days;
    fact.window_until = f->due_until + rules->after_days;
    fact.mature = fact.window_until < as_of;
  }
  fact.fate = fate_of(f, &fact, as_of);
  return fact;
}

void
itv_measure_add(ItvMeasureTally *tally, const ItvMeasureFact *fact)
{
  tally->n[fact->fate]++;
  if (fact->mature)
    tally->mature[fact->fate]++;
}

#define Z_95 1.959963984540054

ItvRate
itv_rate(guint n, guint of)
{
  ItvRate r = {.n = n, .of = of};
  if (of == 0)
    return r;
  const double p = (double)n / of, z2 = Z_95 * Z_95;
  const double centre = (p + z2 / (2.0 * of)) / (1.0 + z2 / of);
  const double half =
      Z_95 / (1.0 + z2 / of) * sqrt(p * (1.0 - p) / of + z2 / (4.0 * of * (double)of));
  r.rate = p;
  r.low = MAX(0.0, centre - half);
  r.high = MIN(1.0, centre + half);
  return r;
}

static guint
sum(const guint *n, ItvFate from, ItvFate to)
{
  guint total = 0;
  for (guint i = from; i <= to; i++)
    total += n[i];
  return total;
}

ItvRate
itv_measure_window(const ItvMeasureTally *t)
{
  return itv_rate(t->mature[ITV_FATE_IN_WINDOW],
                  sum(t->mature, ITV_FATE_IN_WINDOW, ITV_FATE_GIVEN_UP) -
                      t->mature[ITV_FATE_ELSEWHERE]);
}

ItvRate
itv_measure_adherence(const ItvMeasureTally *t)
{
  return itv_rate(t->n[ITV_FATE_IN_WINDOW],
                  sum(t->n, ITV_FATE_IN_WINDOW, ITV_FATE_GIVEN_UP) - t->n[ITV_FATE_ELSEWHERE]);
}

ItvRate
itv_measure_closed_loop(const ItvMeasureTally *t)
{
  return itv_rate(sum(t->n, ITV_FATE_IN_WINDOW, ITV_FATE_SCHEDULED),
                  sum(t->n, ITV_FATE_IN_WINDOW, ITV_FATE_GIVEN_UP));
}

ItvRate
itv_measure_interval_stated(const ItvMeasureTally *t)
{
  const guint all = sum(t->n, ITV_FATE_IN_WINDOW, ITV_FATE_CONDITIONAL);
  return itv_rate(all - t->n[ITV_FATE_NO_INTERVAL], all);
}
