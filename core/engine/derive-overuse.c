/* SPDX-License-Identifier: Apache-2.0
 *
 * Exams that are booked although no rule asks for them any more: what asked for
 * them is done or closed, a protocol has no further visit, or the next one is due
 * later.  It changes no item; somebody may know better.
 */
#include "engine/derive-internal.h"

#include <string.h>

void
itv_overuse_free(ItvOveruse *o)
{
  if (!o)
    return;
  g_free(o->description);
  g_free(o->accession);
  g_free(o->item);
  g_free(o->text);
  g_free(o->evidence);
  g_free(o);
}

static char *
day_words(ItvDate date)
{
  char *text = itv_date_format(date);
  return text ? text : g_strdup("an unknown day");
}

/* Is it an exam of what that item asks for?  The side is often left to the day itself;
 * another modality is a question for a person, not ours. */
static gboolean
is_exam_of(const ItvFulfilment *f, const ItvOccurrence *o, const ItvBooked *b)
{
  if (o->item->kind != ITV_KIND_OF_IMAGING || b->on < o->ask->base.date)
    return FALSE;
  return itv_match_defects(f, &o->ask->action, b->exam, 0) != G_MAXUINT;
}

static gboolean
fits_exactly(const ItvFulfilment *f, const ItvOccurrence *o, const ItvBooked *b)
{
  return !(itv_match_defects(f, &o->ask->action, b->exam, 0) & ~(guint)ITV_DEFECT_SIDE_UNKNOWN);
}

static gboolean
is_open(const ItvOccurrence *o)
{
  return o->item->status != ITV_STATUS_FULFILLED && o->item->status != ITV_STATUS_CLOSED;
}

typedef struct {
  gboolean wanted;
  const ItvOccurrence *later; /* open, due so much later that this exam would not count */
  const ItvOccurrence *ended; /* the one that ended last */
} Verdict;

static ItvDate
ended_on(const ItvOccurrence *o)
{
  return o->item->is_fulfilled ? o->item->fulfilled_by.date : o->item->closed_on;
}

static void
weigh(const ItvFulfilment *f, Verdict *v, const ItvOccurrence *o, const ItvBooked *b)
{
  if (!is_exam_of(f, o, b) || itv_occurrence_withdrawn(o))
    return;
  if (is_open(o)) {
    if (!o->item->has_interval || b->on >= o->earliest_day || !fits_exactly(f, o, b))
      v->wanted = TRUE;
    else if (!v->later || o->item->due_from < v->later->item->due_from)
      v->later = o;
    return;
  }
  const ItvCloseReason reason = o->item->reason;
  /* What was replaced is asked for by what replaced it. */
  if (!fits_exactly(f, o, b) || reason == ITV_REASON_SUPERSEDED || reason == ITV_REASON_DUPLICATE)
    return;
  if (!v->ended || ended_on(o) > ended_on(v->ended))
    v->ended = o;
}

static char *
ended_words(const ItvOccurrence *o)
{
  const ItvFollowup *f = o->item;
  g_autofree char *asked = day_words(f->recommended_on);
  g_autofree char *ended = day_words(ended_on(o));
  g_autofree char *what = itv_action_words(&o->ask->action);
  g_autofree char *by =
      f->protocol ? g_strdup_printf("the protocol %s after the surgery of %s", f->protocol, asked)
                  : g_strdup_printf("the report of %s", asked);
  if (f->is_fulfilled)
    return g_strdup_printf(
        "nothing asks for it any more: what %s asked for (%s) was done on %s%s%s", by, what, ended,
        f->protocol ? ", and it plans no other exam by then" : "",
        f->repeats ? ", and the series is not due again" : "");
  return g_strdup_printf(
      "nothing asks for it any more: what %s asked for (%s) was closed on %s (%s)", by, what, ended,
      itv_close_reason_code(f->reason));
}

static char *
early_words(const ItvOccurrence *o, const ItvBooked *b)
{
  g_autofree char *due = day_words(o->item->due_from);
  g_autofree char *counts = day_words(o->earliest_day);
  g_autofree char *what = itv_action_words(&o->ask->action);
  return g_strdup_printf("nothing asks for it so soon: %s is due on %s, %d days later, and an exam "
                         "before %s would not count for it",
                         what, due, o->item->due_from - b->on, counts);
}

void
itv_case_overuse(const ItvCase *c, GPtrArray *found)
{
  g_autoptr(GArray) booked = itv_case_booked(c);
  for (guint i = 0; i < booked->len; i++) {
    const ItvBooked *b = &g_array_index(booked, ItvBooked, i);
    Verdict v = {FALSE, NULL, NULL};
    for (guint a = 0; a < c->asks->len; a++) {
      const ItvAsk *ask = g_ptr_array_index(c->asks, a);
      for (guint k = 0; k < ask->occurrences->len; k++)
        weigh(c->rules->fulfilment, &v, g_ptr_array_index(ask->occurrences, k), b);
    }
    const ItvOccurrence *o = v.later ? v.later : v.ended;
    if (v.wanted || !o)
      continue;
    ItvOveruse *one = g_new0(ItvOveruse, 1);
    one->kind = v.later ? ITV_OVERUSE_EARLY : ITV_OVERUSE_ENDED;
    one->patient = c->patient;
    one->on = b->on;
    one->description = g_strdup(b->description);
    one->accession = g_strdup(b->accession);
    one->item = g_strdup(o->item->id);
    one->text = v.later ? early_words(o, b) : ended_words(o);
    one->evidence = g_strdup(b->uid);
    g_ptr_array_add(found, one);
  }
}
