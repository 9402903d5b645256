/* SPDX-License-Identifier: Apache-2.0
 *
 * Which status wins (contract section 3, "Where cases meet" 1): a person's
 * latest decision, withdrawn, whichever of fulfilled, superseded,
 * not-indicated and deceased took effect first, review, awaiting-condition,
 * needs-interval, scheduled, the dates.
 */
#include "engine/derive-internal.h"

#include <string.h>

static void
close_item(ItvOccurrence *o, ItvCloseReason reason, ItvDate on)
{
  o->item->status = ITV_STATUS_CLOSED;
  o->item->reason = reason;
  o->item->closed_on = on;
}

static void
fulfil_by(ItvOccurrence *o, const ItvPerformed *exam)
{
  ItvFollowup *f = o->item;
  const ItvRegion main_region = exam->exam.main_region;
  f->status = ITV_STATUS_FULFILLED;
  f->is_fulfilled = TRUE;
  f->closed_on = exam->performed.date;
  f->fulfilled_by = (ItvCandidate){.study_uid = g_strdup(exam->study_uid),
                                   .accession = g_strdup(exam->accession),
                                   .date = exam->performed.date,
                                   .modality = exam->exam.main_modality,
                                   .region = main_region ? main_region : f->region};
}

static void
tell_fulfilment(ItvOccurrence *o, const ItvPerformed *exam)
{
  const ItvFollowup *f = o->item;
  g_autofree char *words = itv_performed_words(exam);
  g_autoptr(GString) s = g_string_new(NULL);
  if (f->kind == ITV_KIND_OF_IMAGING) {
    g_string_append_printf(s, "%s covers %s", words,
                           f->region ? itv_region_code(f->region) : "the region");
    if (f->modalities & exam->exam.modalities)
      g_string_append(s, ", modality as asked");
    else
      g_string_append(s, f->modalities ? ", a stronger modality" : ", no modality was asked for");
    if (f->laterality)
      g_string_append_printf(s, ", %s side shown", itv_laterality_code(f->laterality));
  } else {
    g_string_append_printf(s, "%s is what was asked for", words);
  }
  if (f->has_interval) {
    const int days = exam->performed.date - f->due_from;
    g_string_append_printf(s, ", %d day%s %s due_from", ABS(days), ABS(days) == 1 ? "" : "s",
                           days < 0 ? "before (within the tolerance)" : "after");
  }
  itv_step(o->item, "contract-3/fulfilment", exam->performed, exam->uid, exam->source,
           "%s: fulfils", s->str);
}

/* A study that only the person knows of: it is named as the person named it. */
static void
fulfil_by_word(ItvOccurrence *o, const ItvDecision *d)
{
  ItvFollowup *f = o->item;
  const gboolean is_uid =
      d->study && strspn(d->study, "0123456789.") == strlen(d->study) && strchr(d->study, '.');
  f->status = ITV_STATUS_FULFILLED;
  f->is_fulfilled = TRUE;
  f->closed_on = d->ev.known.date;
  f->fulfilled_by = (ItvCandidate){.study_uid = is_uid ? g_strdup(d->study) : NULL,
                                   .accession = is_uid ? NULL : g_strdup(d->study),
                                   .date = d->ev.known.date,
                                   .region = f->region};
}

static gboolean
by_ruling(ItvOccurrence *o)
{
  const ItvDecision *d = o->rulings.ruling;
  if (!d)
    return FALSE;
  if (d->kind == ITV_DECISION_CLOSE) {
    const ItvCloseReason reason = itv_close_reason_parse(d->reason);
    close_item(o, reason ? reason : ITV_REASON_OTHER, d->ev.known.date);
  } else if (o->rulings.confirmed) {
    fulfil_by(o, o->rulings.confirmed);
  } else {
    fulfil_by_word(o, d);
  }
  return TRUE;
}

static gboolean
by_evidence(ItvOccurrence *o)
{
  const ItvEnd *end = itv_occurrence_withdrawn(o) ? &o->ask->withdrawn : NULL;
  const char *rule = "contract-3/withdrawn";
  if (!end && o->fulfilled) {
    fulfil_by(o, o->fulfilled);
    tell_fulfilment(o, o->fulfilled);
    return TRUE;
  }
  if (!end) {
    end = itv_occurrence_end(o);
    rule = "contract-3/ended";
  }
  if (!end)
    return FALSE;
  close_item(o, end->reason, MAX(end->at.date, o->item->recommended_on));
  const gboolean by_facts = end == &o->unmet && end->text;
  itv_step(o->item, rule, end->at, end->uid, end->source, "%s%s: closed as %s",
           by_facts ? "the condition is not met: " : "",
           end->text ? end->text : "the condition is not met", itv_close_reason_code(end->reason));
  return TRUE;
}

static void
tell_dates(ItvOccurrence *o, ItvDate as_of)
{
  const ItvFollowup *f = o->item;
  g_autofree char *day = itv_date_format(as_of);
  g_autofree char *from = itv_date_format(f->due_from);
  g_autofree char *until = itv_date_format(f->due_until);
  g_autofree char *after = itv_date_format(f->overdue_after);
  g_autofree char *anchor = itv_date_format(o->anchor);
  itv_step(o->item, "contract-3/dates", ITV_MOMENT_NONE, NULL, NULL,
           "on %s: counted from %s, due from %s until %s, overdue after %s: %s", day,
           anchor ? anchor : "?", from ? from : "?", until ? until : "?", after ? after : "?",
           itv_status_code(f->status));
}

static void
by_dates(ItvOccurrence *o, ItvDate as_of)
{
  ItvFollowup *f = o->item;
  if (f->scheduled_for != ITV_DATE_NONE) {
    f->status = ITV_STATUS_SCHEDULED;
  } else if (as_of < f->due_from) {
    f->status = ITV_STATUS_NOT_DUE;
  } else if (as_of <= f->overdue_after) {
    f->status = ITV_STATUS_DUE;
  } else {
    f->status = ITV_STATUS_OVERDUE;
    f->days_overdue = as_of - f->overdue_after;
  }
  tell_dates(o, as_of);
}

static void
settle(const ItvCase *c, ItvOccurrence *o)
{
  ItvFollowup *f = o->item;
  if (by_ruling(o) || by_evidence(o))
    return;
  if (f->candidates->len) {
    f->status = ITV_STATUS_REVIEW;
  } else if (itv_occurrence_awaits(o)) {
    f->status = ITV_STATUS_AWAITING_CONDITION;
    const ItvQuestion *q = f->questions->len ? f->questions->pdata[0] : NULL;
    itv_step(f, "contract-3/condition", ITV_MOMENT_NONE, NULL, NULL,
             "depends on a fact not known yet (\"%s\"): a question for a person%s%s",
             f->condition ? f->condition : "no words marked", q ? ": " : "", q ? q->text : "");
  } else if (!f->has_interval) {
    f->status = ITV_STATUS_NEEDS_INTERVAL;
    itv_step(f, "contract-3/interval", ITV_MOMENT_NONE, NULL, NULL, "no time was given");
  } else {
    itv_tell_misses(c, o);
    by_dates(o, c->as_of);
  }
}

void
itv_case_status(ItvCase *c)
{
  for (guint a = 0; a < c->asks->len; a++) {
    const ItvAsk *ask = g_ptr_array_index(c->asks, a);
    for (guint k = 0; k < ask->occurrences->len; k++)
      settle(c, g_ptr_array_index(ask->occurrences, k));
  }
}
