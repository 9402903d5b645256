/* SPDX-License-Identifier: Apache-2.0
 *
 * Occurrences of an ask, their dates, and the exams that fulfil them, played
 * through in the order in which the exams were performed.  An ask that does
 * not repeat has one occurrence.
 */
#include "engine/derive-internal.h"

#include <string.h>

/* A daily examination missed for decades must not fill the memory. */
#define MAX_OCCURRENCES 400

void
itv_occurrence_free(ItvOccurrence *o)
{
  itv_rulings_clear(&o->rulings);
  itv_followup_free(o->item);
  g_free(o);
}

/* --- ends ------------------------------------------------------------------------ */

gboolean
itv_occurrence_withdrawn(const ItvOccurrence *o)
{
  const ItvEnd *w = &o->ask->withdrawn;
  return w->set && !itv_rulings_overrule(&o->rulings, w->known);
}

const ItvEnd *
itv_occurrence_end(const ItvOccurrence *o)
{
  const ItvEnd *const ends[] = {&o->ask->superseded, &o->ask->not_indicated, &o->ask->deceased,
                                itv_occurrence_unmet(o) ? &o->unmet : NULL};
  const ItvEnd *first = NULL;
  for (guint i = 0; i < G_N_ELEMENTS(ends); i++)
    if (ends[i] && ends[i]->set && !itv_rulings_overrule(&o->rulings, ends[i]->known) &&
        (!first || itv_moment_compare(ends[i]->at, first->at) < 0))
      first = ends[i];
  return first;
}

/* Has the whole series ended by then, so that nothing further opens? */
static gboolean
series_over(const ItvAsk *ask, ItvMoment by)
{
  const ItvEnd *const ends[] = {&ask->withdrawn, &ask->superseded, &ask->not_indicated,
                                &ask->deceased};
  for (guint i = 0; i < G_N_ELEMENTS(ends); i++)
    if (ends[i]->set && itv_moment_compare(ends[i]->at, by) <= 0)
      return TRUE;
  return FALSE;
}

/* "Done elsewhere" or declined this time: the next one is still asked for.
 * Not indicated, a duplicate, dead: the series is. */
static gboolean
closed_for_good(const ItvOccurrence *o)
{
  const ItvDecision *d = o->rulings.ruling;
  if (!d || d->kind != ITV_DECISION_CLOSE)
    return FALSE;
  switch (itv_close_reason_parse(d->reason)) {
  case ITV_REASON_NOT_INDICATED:
  case ITV_REASON_DUPLICATE:
  case ITV_REASON_DECEASED:
  case ITV_REASON_SUPERSEDED:
  case ITV_REASON_WITHDRAWN:
  case ITV_REASON_CONDITION_UNMET:
    return TRUE;
  default:
    return FALSE;
  }
}

/* --- dates ----------------------------------------------------------------------- */

/* "3 months or more" = P3M, P90D, P1Y: compared with months of 30 days, since
 * no calendar month is meant. */
static gint64
rough_days(ItvPeriod p)
{
  return (gint64)p.months * 30 + p.days;
}

static gboolean
same_period(ItvPeriod a, ItvPeriod b)
{
  return a.months == b.months && a.days == b.days;
}

static void
set_dates(const ItvRules *rules, ItvOccurrence *o)
{
  ItvFollowup *f = o->item;
  if (o->anchor == ITV_DATE_NONE) /* nothing to count from */
    f->has_interval = FALSE;
  if (!f->has_interval)
    return;
  f->due_from = itv_date_add(o->anchor, f->earliest);
  f->due_until = f->open_end ? f->due_from : MAX(f->due_from, itv_date_add(o->anchor, f->latest));
  f->overdue_after = f->due_until + (rough_days(f->earliest) >= rough_days(rules->long_from)
                                         ? rules->grace_long_days
                                         : rules->grace_short_days);
  const int third = rules->early_divisor > 0 ? (f->due_from - o->anchor) / rules->early_divisor : 0;
  o->earliest_day = f->due_from - CLAMP(third, 0, rules->early_max_days);
}

static void
set_interval(const ItvRules *rules, ItvOccurrence *o)
{
  ItvFollowup *f = o->item;
  const ItvAsk *ask = o->ask;
  const ItvDecision *d = o->rulings.interval;
  f->has_interval = ask->has_interval;
  f->open_end = ask->open_end;
  f->earliest = ask->earliest;
  f->latest = ask->latest;
  if (f->occurrence > 0) {
    /* "every 4 to 6 months" keeps its width */
    f->latest = same_period(ask->earliest, ask->repeat) ? ask->latest : ask->repeat;
    f->earliest = ask->repeat;
  }
  const ItvGuidelineStep *step = itv_schedule_step(ask, f->occurrence);
  if (step) {
    f->earliest = step->earliest;
    f->latest = step->latest;
    f->repeats = step->every;
    f->repeat = step->earliest;
    f->consider = step->consider || ask->schedule->consider;
    o->anchor = step->every ? o->anchor : ask->base.date; /* windows count from the exam */
  }
  if (d) {
    f->has_interval = TRUE;
    f->open_end = FALSE;
    f->earliest = d->period;
    f->latest = d->has_latest ? d->latest : d->period;
  }
  set_dates(rules, o);
}

/* --- opening ---------------------------------------------------------------------- */

static void
copy_report(ItvFollowup *f, const ItvAsk *ask)
{
  const ItvRecommendation *rec = ask->rec;
  const ItvReport *r = ask->report;
  const gsize n = r->text ? strlen(r->text) : 0;
  f->source = ITV_SOURCE_REPORT;
  f->finding = g_strdup(rec->finding);
  f->finding_head = g_strdup(ask->action.head);
  f->conditional = rec->conditional;
  f->condition = g_strdup(rec->condition);
  f->consider = rec->consider;
  f->guideline = g_strdup(rec->guideline);
  f->rule = g_strdup(rec->rule);
  f->report_uid = g_strdup(r->ev.uid);
  f->report_accession =
      g_strdup(ask->letter->exam->accession ? ask->letter->exam->accession : r->accession);
  f->start = rec->start;
  f->end = rec->end;
  if (rec->start <= rec->end && rec->end <= n)
    f->evidence_text = g_strndup(r->text + rec->start, rec->end - rec->start);
}

static void
copy_visit(ItvFollowup *f, const ItvAsk *ask)
{
  f->source = ITV_SOURCE_PROTOCOL;
  f->protocol = g_strdup(ask->protocol->name);
  f->visit = g_strdup(ask->visit->id);
}

static void
tell_opening(const ItvCase *c, ItvOccurrence *o)
{
  ItvFollowup *f = o->item;
  const ItvAsk *ask = o->ask;
  g_autofree char *what = itv_action_words(&ask->action);
  const ItvMoment at = {f->recommended_on, -1};
  if (ask->rec) {
    g_autofree char *exam = itv_performed_words(ask->letter->exam);
    itv_step(f, "contract-3/item", ask->base, ask->report->ev.uid, ask->report->ev.source,
             "%s asks for %s: \"%s\"", exam, what, f->evidence_text ? f->evidence_text : "");
    itv_tell_versions(o);
  } else {
    itv_step(f, "contract-3/protocol", at, ask->procedure->ev.uid, ask->procedure->ev.source,
             "protocol %s, visit %s, asks for %s", f->protocol, f->visit, what);
  }
  const ItvPatientId *own =
      &g_array_index(c->history->ids, ItvPatientId,
                     ask->rec ? ask->report->ev.patient : ask->procedure->ev.patient);
  const ItvPatientId *now = &g_array_index(c->history->ids, ItvPatientId, c->patient);
  if (own != now)
    itv_step(f, "contract-3/merge", ITV_MOMENT_NONE, NULL, NULL,
             "known under %s (%s), which %s (%s) stands for on this day", own->id, own->issuer,
             now->id, now->issuer);
}

static ItvOccurrence *
open_occurrence(ItvCase *c, ItvAsk *ask, ItvDate anchor)
{
  ItvOccurrence *o = g_new0(ItvOccurrence, 1);
  ItvFollowup *f = o->item = itv_followup_new();
  o->ask = ask;
  o->anchor = anchor;
  o->earliest_day = ITV_DATE_NONE;
  f->occurrence = ask->occurrences->len;
  f->id = itv_item_id(ask->seed, f->occurrence);
  f->patient = c->patient;
  f->kind = ask->action.kind;
  f->modalities = ask->action.modalities;
  f->region = ask->action.region;
  f->also = ask->action.also;
  f->laterality = ask->action.laterality;
  f->recommended_on = ask->base.date;
  f->repeats = ask->repeats;
  f->repeat = ask->repeat;
  if (ask->rec)
    copy_report(f, ask);
  else
    copy_visit(f, ask);
  tell_opening(c, o);
  g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(ids, g_strdup(f->id));
  for (guint i = 0; i < ask->aliases->len; i++)
    g_ptr_array_add(ids, itv_item_id(g_ptr_array_index(ask->aliases, i), f->occurrence));
  g_ptr_array_add(ids, NULL);
  itv_rulings_read(c, o, (char *const *)ids->pdata);
  if (f->occurrence > 0 && !o->rulings.condition) { /* answered once for the series */
    const ItvOccurrence *before = g_ptr_array_index(ask->occurrences, f->occurrence - 1);
    o->rulings.condition = before->rulings.condition;
  }
  set_interval(c->rules, o);
  itv_tell_guideline(o);
  g_ptr_array_add(ask->occurrences, o);
  return o;
}

/* --- playing it through ------------------------------------------------------------ */

static gboolean
may_open(const ItvAsk *ask)
{
  return ask->repeats && ask->occurrences->len < MAX_OCCURRENCES &&
         (!ask->schedule || itv_schedule_step(ask, ask->occurrences->len));
}

/* Opens what follows from occurrences missed before `day`. */
static void
advance(ItvCase *c, ItvAsk *ask, ItvDate day)
{
  while (may_open(ask)) {
    const ItvOccurrence *last = g_ptr_array_index(ask->occurrences, ask->occurrences->len - 1);
    const ItvFollowup *f = last->item;
    if (last->fulfilled || !f->has_interval || f->overdue_after >= day ||
        itv_occurrence_awaits(last) || closed_for_good(last) ||
        series_over(ask, (ItvMoment){f->overdue_after + 1, 0}))
      return;
    open_occurrence(c, ask, f->due_from);
  }
}

static gboolean
may_serve(const ItvOccurrence *o, const ItvPerformed *exam, const ItvMatch *match)
{
  const ItvRulings *r = &o->rulings;
  if (o->fulfilled)
    return FALSE;
  if (r->ruling && r->ruling->kind == ITV_DECISION_CONFIRM)
    return r->confirmed == exam;
  if (!match || match->defects || !o->item->has_interval || !itv_after_anchor(o, exam) ||
      exam->performed.date < o->earliest_day || itv_rulings_reject(r, exam) ||
      itv_rulings_overrule(r, exam->known))
    return FALSE;
  if (r->ruling && r->ruling->ev.known.date < exam->performed.date)
    return FALSE; /* closed by then */
  if (itv_occurrence_withdrawn(o) && itv_moment_compare(o->ask->withdrawn.at, exam->performed) < 0)
    return FALSE;
  const ItvEnd *end = itv_occurrence_end(o);
  return !end || itv_moment_compare(end->at, exam->performed) >= 0;
}

/* The next occurrence counts from the exam, also where it was open already. */
static void
count_from(ItvCase *c, ItvAsk *ask, guint served, const ItvPerformed *exam)
{
  if (!ask->repeats || series_over(ask, exam->performed))
    return;
  if (served + 1 == ask->occurrences->len) {
    const ItvOccurrence *last = g_ptr_array_index(ask->occurrences, served);
    if (may_open(ask) && !closed_for_good(last))
      open_occurrence(c, ask, exam->performed.date);
    return;
  }
  ItvOccurrence *next = g_ptr_array_index(ask->occurrences, served + 1);
  if (next->fulfilled)
    return;
  g_ptr_array_set_size(ask->occurrences, (int)served + 2);
  const ItvGuidelineStep *step = itv_schedule_step(ask, served + 1);
  next->anchor = step && !step->every ? ask->base.date : exam->performed.date;
  set_dates(c->rules, next);
}

static void
serve(ItvCase *c, ItvAsk *ask, ItvPerformed *exam, const ItvMatch *match)
{
  int served = -1;
  for (guint k = 0; k < ask->occurrences->len; k++) {
    ItvOccurrence *o = g_ptr_array_index(ask->occurrences, k);
    if (!may_serve(o, exam, match))
      continue;
    o->fulfilled = exam;
    served = (int)k;
  }
  if (served >= 0)
    count_from(c, ask, (guint)served, exam);
}

void
itv_ask_occurrences(ItvCase *c, ItvAsk *ask)
{
  open_occurrence(c, ask, ask->base.date);
  guint m = 0;
  for (guint i = 0; i < c->exams->len; i++) {
    ItvPerformed *exam = g_ptr_array_index(c->exams, i);
    const ItvMatch *match = NULL;
    if (m < ask->matches->len && g_array_index(ask->matches, ItvMatch, m).exam == exam)
      match = &g_array_index(ask->matches, ItvMatch, m++);
    if (!exam->live || exam->performed.date < ask->base.date)
      continue;
    advance(c, ask, MIN(exam->performed.date, c->as_of));
    serve(c, ask, exam, match);
  }
  advance(c, ask, c->as_of);
}
