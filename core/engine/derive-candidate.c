/* SPDX-License-Identifier: Apache-2.0
 *
 * Performed exams that may satisfy an item but do not by themselves: why not, how well
 * they fit, and what speaks for them.  A person confirms or rejects.
 */
#include "engine/derive-internal.h"

#include <math.h>

/* An early exam that was made for another item is no candidate here. */
static gboolean
made_for_another(const ItvFulfilment *lattice, const ItvOccurrence *o, const ItvPerformed *exam,
                 guint defects)
{
  const ItvFollowup *f = o->item;
  for (guint i = 0; i < exam->fulfils->len; i++) {
    const ItvFollowup *other = ((ItvOccurrence *)g_ptr_array_index(exam->fulfils, i))->item;
    if (other == f || other->kind != f->kind ||
        !itv_fulfilment_related(lattice, other->region, f->region))
      continue;
    if ((defects & ITV_DEFECT_MODALITY) || !other->modalities || !f->modalities ||
        (other->modalities & f->modalities))
      return TRUE;
  }
  return FALSE;
}

/* A film between two visits of a protocol belongs to the nearest one, the day
 * of surgery among them: the first film after surgery is no early film of the
 * twelfth month. */
static gboolean
nearer_to_another_visit(const ItvOccurrence *o, const ItvPerformed *exam)
{
  const ItvAsk *ask = o->ask;
  if (!ask->visit)
    return FALSE;
  const ItvDate surgery = ask->procedure->date, day = exam->performed.date;
  const int own = ABS(day - itv_date_add(surgery, ask->visit->target));
  if (day - surgery < own)
    return TRUE;
  for (guint i = 0; i < ask->protocol->visits->len; i++) {
    const ItvVisit *v = &g_array_index(ask->protocol->visits, ItvVisit, i);
    if (ABS(day - itv_date_add(surgery, v->target)) < own)
      return TRUE;
  }
  return FALSE;
}

static char *
why_not_at_once(const ItvOccurrence *o, const ItvPerformed *exam, guint defects, gboolean early)
{
  static const struct {
    guint defect;
    const char *text;
  } texts[] = {
      {ITV_DEFECT_MODALITY, "another modality than was asked for"},
      {ITV_DEFECT_NO_MODALITY, "its modality is not known"},
      {ITV_DEFECT_SIDE_UNKNOWN, "its side is not known"},
      {ITV_DEFECT_SIDE_PARTIAL, "it shows one side only"},
      {ITV_DEFECT_REGION_UNKNOWN, "its region is not known"},
      {ITV_DEFECT_REGION_PARTIAL, "it shows a part of the region only"},
      {ITV_DEFECT_SECTIONS, "it does not show all that was asked for"},
      {ITV_DEFECT_SETTLED, "it may settle the finding that was to be followed"},
      {ITV_DEFECT_NON_DIAGNOSTIC, "its report calls it non-diagnostic"},
  };
  GString *s = g_string_new(NULL);
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
    if (defects & texts[i].defect)
      g_string_append_printf(s, "%s%s", s->len ? "; " : "", texts[i].text);
  if (early)
    g_string_append_printf(s, "%s%d days before due_from, earlier than the tolerance of %d days",
                           s->len ? "; " : "", o->item->due_from - exam->performed.date,
                           o->item->due_from - o->earliest_day);
  if (!o->item->has_interval)
    g_string_append_printf(s, "%sno interval was given", s->len ? "; " : "");
  return g_string_free(s, FALSE);
}

static ItvRegion
region_shown(const ItvPerformed *exam, ItvRegion want)
{
  const gboolean named = exam->exam.regions & ITV_REGION_BIT(want);
  return named || !exam->exam.main_region ? want : exam->exam.main_region;
}

/* ---- score ---------------------------------------------------------------------------- */

static guint
count(ItvRegionSet set)
{
  guint n = 0;
  for (; set; set &= set - 1)
    n++;
  return n;
}

static gboolean
is_late(const ItvOccurrence *o, const ItvPerformed *exam, guint defects)
{
  return o->item->has_interval && !(defects & ITV_DEFECT_SETTLED) &&
         exam->performed.date > o->item->overdue_after;
}

/* The nearer to the first day that would do, the better; never nothing, since a person may
 * know why it was made so soon. */
static double
share_of_wait(const ItvOccurrence *o, const ItvPerformed *exam)
{
  const int wait = o->earliest_day - o->anchor, waited = exam->performed.date - o->anchor;
  return wait > 0 ? CLAMP((double)waited / wait, 0.1, 1.0) : 1.0;
}

static double
score_of(const ItvFulfilment *f, const ItvOccurrence *o, const ItvMatch *m, gboolean early)
{
  static const struct {
    guint defect;
    ItvDoubt doubt;
  } doubts[] = {{ITV_DEFECT_MODALITY, ITV_DOUBT_MODALITY},
                {ITV_DEFECT_NO_MODALITY, ITV_DOUBT_MODALITY_UNKNOWN},
                {ITV_DEFECT_SIDE_UNKNOWN, ITV_DOUBT_SIDE_UNKNOWN},
                {ITV_DEFECT_SIDE_PARTIAL, ITV_DOUBT_SIDE_PARTIAL},
                {ITV_DEFECT_REGION_UNKNOWN, ITV_DOUBT_REGION_UNKNOWN},
                {ITV_DEFECT_NON_DIAGNOSTIC, ITV_DOUBT_NON_DIAGNOSTIC},
                {ITV_DEFECT_SETTLED, ITV_DOUBT_SETTLED}};
  double score = 1.0;
  for (guint i = 0; i < G_N_ELEMENTS(doubts); i++)
    if (m->defects & doubts[i].defect)
      score *= itv_fulfilment_keeps(f, doubts[i].doubt);
  ItvRegionSet parts = 0;
  if (m->defects & ITV_DEFECT_REGION_PARTIAL) {
    const ItvRegionSet shown =
        itv_fulfilment_part(f, m->exam->exam.regions, o->item->region, &parts);
    score *= parts ? (double)count(shown) / count(parts) : 0.5;
  }
  if (m->defects & ITV_DEFECT_SECTIONS) {
    const ItvAction *action = &o->ask->action;
    const guint asked = 1 + count(action->also);
    score *= (double)(asked - count(itv_sections_missing(f, action, &m->exam->exam))) / asked;
  }
  if (early)
    score *= share_of_wait(o, m->exam);
  if (!o->item->has_interval)
    score *= itv_fulfilment_keeps(f, ITV_DOUBT_NO_INTERVAL);
  if (is_late(o, m->exam, m->defects))
    score *= itv_fulfilment_keeps(f, ITV_DOUBT_LATE);
  return round(score * 100.0) / 100.0;
}

/* ---- reasons --------------------------------------------------------------------------- */

G_GNUC_PRINTF(2, 3)
static void
reason(GPtrArray *reasons, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_ptr_array_add(reasons, g_strdup_vprintf(format, args));
  va_end(args);
}

static char *
region_words(ItvRegionSet set)
{
  GString *s = g_string_new(NULL);
  for (int r = 1; r < ITV_REGION_N; r++)
    if (set & ITV_REGION_BIT(r))
      g_string_append_printf(s, "%s%s", s->len ? ", " : "", itv_region_code((ItvRegion)r));
  return g_string_free(s, FALSE);
}

static char *
modality_words(ItvModalitySet set)
{
  GString *s = g_string_new(NULL);
  for (int m = 1; m < ITV_MODALITY_N; m++)
    if (set & ITV_MODALITY_BIT(m))
      g_string_append_printf(s, "%s%s", s->len ? ", " : "", itv_modality_code((ItvModality)m));
  return g_string_free(s, FALSE);
}

static void
reason_region(const ItvFulfilment *f, GPtrArray *reasons, const ItvOccurrence *o, const ItvMatch *m)
{
  const ItvRegion want = o->item->region;
  const ItvRegionSet have = m->exam->exam.regions;
  g_autofree char *shown = region_words(have);
  if (m->defects & ITV_DEFECT_REGION_UNKNOWN) {
    reason(reasons, "region: not known");
  } else if (m->defects & ITV_DEFECT_REGION_PARTIAL) {
    ItvRegionSet parts = 0;
    g_autofree char *part = region_words(itv_fulfilment_part(f, have, want, &parts));
    g_autofree char *all = region_words(parts);
    reason(reasons, "region: covers %s of %s (%s): partial", part, itv_region_code(want), all);
  } else if (m->defects & ITV_DEFECT_SECTIONS) {
    const ItvAction *action = &o->ask->action;
    const ItvRegionSet asked = action->also | ITV_REGION_BIT(want);
    const ItvRegionSet missing = itv_sections_missing(f, action, &m->exam->exam);
    g_autofree char *part = region_words(asked & ~missing);
    g_autofree char *all = region_words(asked);
    reason(reasons, "region: covers %s of %s: partial", part, all);
  } else if (want && (have & ITV_REGION_BIT(want))) {
    reason(reasons, "region: %s, as asked", itv_region_code(want));
  } else if (want && have) {
    reason(reasons, "region: %s covers %s", shown, itv_region_code(want));
  }
}

static void
reason_side(GPtrArray *reasons, const ItvOccurrence *o, const ItvMatch *m)
{
  const char *want = itv_laterality_code(o->item->laterality);
  const char *have = itv_laterality_code(m->exam->exam.laterality);
  if (!want)
    return;
  if (m->defects & ITV_DEFECT_SIDE_UNKNOWN)
    reason(reasons, "side: %s was asked for, the exam names none", want);
  else if (m->defects & ITV_DEFECT_SIDE_PARTIAL)
    reason(reasons, "side: %s of %s: partial", have ? have : "one", want);
  else
    reason(reasons, "side: %s shown", want);
}

static void
reason_modality(GPtrArray *reasons, const ItvOccurrence *o, const ItvMatch *m)
{
  const ItvModalitySet want = o->item->modalities, have = m->exam->exam.modalities;
  g_autofree char *asked = modality_words(want);
  g_autofree char *done = modality_words(have);
  if (!have)
    reason(reasons, "modality: not known");
  else if (!want)
    reason(reasons, "modality: %s, none was asked for", done);
  else if (want & have)
    reason(reasons, "modality: %s, as asked", done);
  else if (m->defects & ITV_DEFECT_MODALITY)
    reason(reasons, "modality: %s, not %s", done, asked);
  else
    reason(reasons, "modality: %s answers the question of %s", done, asked);
}

static void
reason_time(GPtrArray *reasons, const ItvOccurrence *o, const ItvMatch *m, gboolean early)
{
  const ItvFollowup *f = o->item;
  const ItvDate day = m->exam->performed.date;
  if (!f->has_interval)
    reason(reasons, "time: no interval was given");
  else if (early)
    reason(reasons, "time: early, %d days before the first day that counts", o->earliest_day - day);
  else if (is_late(o, m->exam, m->defects))
    reason(reasons, "time: late, %d days after overdue_after", day - f->overdue_after);
  else
    reason(reasons, "time: within the window");
}

static GPtrArray *
reasons_of(const ItvFulfilment *f, const ItvOccurrence *o, const ItvMatch *m, gboolean early)
{
  GPtrArray *reasons = g_ptr_array_new_with_free_func(g_free);
  if (m->defects & ITV_DEFECT_SETTLED) {
    const ItvActSet acts = itv_fulfilment_settles(f, m->exam->acts, o->ask->action.head);
    const char *act = itv_fulfilment_act_name(f, acts);
    reason_region(f, reasons, o, m);
    reason(reasons, "purpose: %s may settle the %s that was to be followed",
           act ? act : "the procedure", o->ask->action.head ? o->ask->action.head : "finding");
    return reasons;
  }
  if (o->item->kind == ITV_KIND_OF_IMAGING) {
    reason_region(f, reasons, o, m);
    reason_side(reasons, o, m);
    reason_modality(reasons, o, m);
  } else if (m->defects & ITV_DEFECT_REGION_UNKNOWN) {
    reason(reasons, "region: not known");
  }
  reason_time(reasons, o, m, early);
  if (m->defects & ITV_DEFECT_NON_DIAGNOSTIC)
    reason(reasons, "quality: its report calls it non-diagnostic");
  return reasons;
}

/* ---- listing ------------------------------------------------------------------------------ */

static void
add_candidate(const ItvFulfilment *f, ItvOccurrence *o, const ItvMatch *m, gboolean early)
{
  const ItvPerformed *exam = m->exam;
  const ItvCandidate candidate = {.study_uid = g_strdup(exam->study_uid),
                                  .accession = g_strdup(exam->accession),
                                  .date = exam->performed.date,
                                  .modality = exam->exam.main_modality,
                                  .region = region_shown(exam, o->item->region),
                                  .score = score_of(f, o, m, early),
                                  .reasons = reasons_of(f, o, m, early),
                                  .why = why_not_at_once(o, exam, m->defects, early)};
  g_autofree char *words = itv_performed_words(exam);
  g_array_append_val(o->item->candidates, candidate);
  itv_step(o->item, "contract-3/review", exam->performed, exam->uid, exam->source,
           "%s may satisfy it (%s): a person must confirm or reject", words, candidate.why);
}

/* Best first; of equals the earlier. */
static int
compare_candidates(gconstpointer a, gconstpointer b)
{
  const ItvCandidate *x = a, *y = b;
  if (x->score != y->score)
    return x->score < y->score ? 1 : -1;
  if (x->date != y->date)
    return x->date < y->date ? -1 : 1;
  const int accession = g_strcmp0(x->accession, y->accession);
  return accession ? accession : g_strcmp0(x->study_uid, y->study_uid);
}

static gboolean
open_for_candidates(const ItvOccurrence *o)
{
  return !o->fulfilled && !o->rulings.ruling && !itv_occurrence_withdrawn(o) &&
         !itv_occurrence_end(o);
}

static void
occurrence_candidates(const ItvFulfilment *f, ItvOccurrence *o)
{
  const gboolean timed = o->item->has_interval;
  for (guint i = 0; i < o->ask->matches->len; i++) {
    const ItvMatch *m = &g_array_index(o->ask->matches, ItvMatch, i);
    const ItvPerformed *exam = m->exam;
    const gboolean settled = m->defects & ITV_DEFECT_SETTLED;
    const gboolean early = timed && !settled && exam->performed.date < o->earliest_day;
    if (itv_rulings_reject(&o->rulings, exam) || !itv_after_anchor(o, exam))
      continue;
    if (timed && !early && !m->defects)
      continue; /* a person reopened the item knowing of it */
    if (early && (made_for_another(f, o, exam, m->defects) || nearer_to_another_visit(o, exam)))
      continue;
    add_candidate(f, o, m, early);
  }
  g_array_sort(o->item->candidates, compare_candidates);
}

void
itv_case_candidates(ItvCase *c)
{
  for (guint a = 0; a < c->asks->len; a++) {
    const ItvAsk *ask = g_ptr_array_index(c->asks, a);
    for (guint k = 0; k < ask->occurrences->len; k++) {
      ItvOccurrence *o = g_ptr_array_index(ask->occurrences, k);
      if (o->fulfilled && !itv_occurrence_withdrawn(o))
        g_ptr_array_add(o->fulfilled->fulfils, o);
    }
  }
  for (guint a = 0; a < c->asks->len; a++) {
    const ItvAsk *ask = g_ptr_array_index(c->asks, a);
    for (guint k = 0; k < ask->occurrences->len; k++)
      if (open_for_candidates(g_ptr_array_index(ask->occurrences, k)))
        occurrence_candidates(c->rules->fulfilment, g_ptr_array_index(ask->occurrences, k));
  }
}
