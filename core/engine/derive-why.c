/* SPDX-License-Identifier: Apache-2.0
 *
 * For an item that is still open: the exams that look as if they had done it
 * but did not, and why not; and the versions of its report.  Nothing here
 * changes a state.
 */
#include "engine/derive-internal.h"
#include "engine/exam.h"

/* Of the latest exams so many at most: the trace is for reading. */
#define MAX_MISSES 6

static gboolean
is_match(const ItvAsk *ask, const ItvPerformed *exam)
{
  for (guint i = 0; i < ask->matches->len; i++)
    if (g_array_index(ask->matches, ItvMatch, i).exam == exam)
      return TRUE;
  return FALSE;
}

/* NULL: not worth a word.  Owned. */
static char *
why_missed(const ItvFulfilment *lattice, const ItvOccurrence *o, const ItvPerformed *exam)
{
  const ItvFollowup *f = o->item;
  const ItvExam *e = &exam->exam;
  if (f->kind != ITV_KIND_OF_IMAGING || !f->region)
    return NULL;
  const gboolean covers = itv_fulfilment_covers(lattice, e->regions, f->region, e->modalities);
  if (is_match(o->ask, exam)) {
    if (exam->performed.date < o->earliest_day)
      return g_strdup("early for this item, and it was made for another one");
    return NULL;
  }
  if (covers && f->laterality && itv_sides_contradict(f->laterality, e->laterality))
    return g_strdup_printf("%s side, not %s", itv_laterality_code(e->laterality),
                           itv_laterality_code(f->laterality));
  if (!covers && e->regions && (e->modalities & f->modalities))
    return g_strdup_printf("does not cover %s", itv_region_code(f->region));
  return NULL;
}

void
itv_tell_misses(const ItvCase *c, ItvOccurrence *o)
{
  guint told = 0;
  for (guint i = c->exams->len; i-- > 0 && told < MAX_MISSES;) {
    const ItvPerformed *exam = g_ptr_array_index(c->exams, i);
    if (exam->performed.date <= o->anchor)
      return; /* the exams stand in order of time */
    if (!exam->live || itv_rulings_reject(&o->rulings, exam))
      continue;
    g_autofree char *why = why_missed(c->rules->fulfilment, o, exam);
    if (!why)
      continue;
    g_autofree char *words = itv_performed_words(exam);
    itv_step(o->item, "contract-3/no-candidate", exam->performed, exam->uid, exam->source,
             "%s: %s: no candidate", words, why);
    told++;
  }
}

void
itv_tell_versions(ItvOccurrence *o)
{
  const ItvLetter *l = o->ask->letter;
  for (guint i = 0; l && l->versions->len > 1 && i < l->versions->len; i++) {
    const ItvReport *r = g_ptr_array_index(l->versions, i);
    const char *what = r->status == 'P'   ? "preliminary text"
                       : r->status == 'X' ? "cancellation"
                       : r->status == 'C' ? "corrected report"
                                          : "final report";
    itv_step(o->item, "contract-3/report-version", r->ev.known, r->ev.uid, r->ev.source,
             "version %u of %u of the report, %s%s", i + 1, l->versions->len, what,
             r == o->ask->report ? ", holds the recommendation as it counts now" : "");
  }
}
