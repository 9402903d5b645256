/* SPDX-License-Identifier: Apache-2.0
 *
 * Which performed exams satisfy which asks, and which only may (contract
 * section 3, "Fulfilment"; "Where cases meet" 2, 4, 5, 8, 9).
 */
#include "engine/derive-internal.h"
#include "engine/exam.h"

#include <string.h>

#define R(name) ITV_REGION_BIT(ITV_REGION_##name)
#define M(name) ITV_MODALITY_BIT(ITV_MODALITY_##name)

static const ItvRegionSet whole_regions = R(HEAD) | R(NECK) | R(CHEST) | R(ABDOMEN) | R(PELVIS) |
                                          R(SPINE) | R(CSPINE) | R(TSPINE) | R(LSPINE) |
                                          R(WHOLEBODY);
/* Of these an exam that names no side may have been of either. */
static const ItvRegionSet paired = R(BREAST) | R(HIP) | R(SHOULDER) | R(HUMERUS) | R(ELBOW) |
                                   R(FOREARM) | R(WRIST) | R(HAND) | R(FEMUR) | R(KNEE) | R(TIBIA) |
                                   R(ANKLE) | R(FOOT) | R(EXTREMITY);
/* Where MR is the stronger examination of what a CT was asked for. */
static const ItvRegionSet mr_for_ct =
    R(BRAIN) | R(SPINE) | R(CSPINE) | R(TSPINE) | R(LSPINE) | R(SHOULDER) | R(ELBOW) | R(WRIST) |
    R(HIP) | R(KNEE) | R(ANKLE) | R(LIVER) | R(ADRENAL) | R(KIDNEY) | R(PANCREAS) | R(PELVIS);

/* PET/CT needs no line of its own: its CT is one of its modalities. */
static gboolean
modality_serves(ItvModalitySet want, ItvRegion region, ItvModalitySet have)
{
  return !want || (want & have) || ((want & M(XR)) && (have & (M(CT) | M(MR)))) ||
         ((want & M(CT)) && (have & M(MR)) && (mr_for_ct & ITV_REGION_BIT(region)));
}

/* By a region that always has both sides: a CT of the abdomen for a kidney. */
static gboolean
shown_whole(const ItvExam *exam, ItvRegion want)
{
  for (int r = 1; r < ITV_REGION_N; r++) {
    const ItvRegionSet bit = ITV_REGION_BIT(r);
    if ((exam->regions & whole_regions & bit) && itv_region_covers(bit, want, exam->modalities))
      return TRUE;
  }
  return FALSE;
}

static guint
side_defects(const ItvAction *action, const ItvExam *exam)
{
  const ItvLaterality want = action->laterality, have = exam->laterality;
  if (!want || have == want || have == ITV_LATERALITY_BILATERAL ||
      shown_whole(exam, action->region))
    return 0;
  if (itv_sides_contradict(want, have))
    return G_MAXUINT;
  if (have)
    return ITV_DEFECT_SIDE_PARTIAL;
  return (paired & ITV_REGION_BIT(action->region)) ? ITV_DEFECT_SIDE_UNKNOWN : 0;
}

static guint
imaging_defects(const ItvAction *action, const ItvExam *exam, ItvActSet acts)
{
  guint defects = 0;
  if ((!exam->modalities && acts) || !action->region)
    return G_MAXUINT; /* a biopsy, a laboratory report */
  if (!exam->regions) {
    if (!(action->modalities & exam->modalities))
      return G_MAXUINT;
    defects |= ITV_DEFECT_REGION_UNKNOWN;
  } else if (!itv_region_covers(exam->regions, action->region, exam->modalities)) {
    return G_MAXUINT;
  }
  const guint side = side_defects(action, exam);
  if (side == G_MAXUINT)
    return side;
  if (!exam->modalities)
    defects |= ITV_DEFECT_NO_MODALITY;
  else if (!modality_serves(action->modalities, action->region, exam->modalities))
    defects |= ITV_DEFECT_MODALITY;
  return defects | side;
}

static gboolean
any_related(ItvRegionSet have, ItvRegion want)
{
  for (int r = 1; r < ITV_REGION_N; r++)
    if ((have & ITV_REGION_BIT(r)) && itv_region_related((ItvRegion)r, want))
      return TRUE;
  return FALSE;
}

static guint
act_defects(const ItvAction *action, const ItvExam *exam, ItvActSet acts)
{
  const ItvActSet common = action->acts & acts;
  if (!common || itv_sides_contradict(action->laterality, exam->laterality))
    return G_MAXUINT;
  if (!action->region || !itv_acts_need_region(common))
    return 0;
  if (!exam->regions)
    return ITV_DEFECT_REGION_UNKNOWN;
  return any_related(exam->regions, action->region) ? 0 : G_MAXUINT;
}

guint
itv_match_defects(const ItvAction *action, const ItvExam *exam, ItvActSet acts)
{
  switch (action->kind) {
  case ITV_KIND_OF_IMAGING:
    return imaging_defects(action, exam, acts);
  case ITV_KIND_OF_PROCEDURE:
  case ITV_KIND_OF_REFERRAL:
  case ITV_KIND_OF_LAB:
    return act_defects(action, exam, acts);
  case ITV_KIND_OF_CLINICAL:
    break;
  }
  return G_MAXUINT;
}

/* Reading acts takes longer than all the rest: only where they can matter. */
static void
read_acts(ItvCase *c)
{
  gboolean asked = FALSE;
  for (guint a = 0; a < c->asks->len; a++)
    asked |= ((ItvAsk *)g_ptr_array_index(c->asks, a))->action.acts != 0;
  for (guint i = 0; i < c->exams->len; i++) {
    ItvPerformed *exam = g_ptr_array_index(c->exams, i);
    if (exam->live && !exam->made_description && (asked || !exam->exam.modalities))
      exam->acts = itv_acts_named(exam->description, -1) | exam->exam.acts;
  }
}

void
itv_case_matches(ItvCase *c)
{
  if (!c->asks->len)
    return;
  read_acts(c);
  for (guint a = 0; a < c->asks->len; a++) {
    ItvAsk *ask = g_ptr_array_index(c->asks, a);
    for (guint i = 0; i < c->exams->len; i++) {
      ItvPerformed *exam = g_ptr_array_index(c->exams, i);
      if (!exam->live || exam->performed.date < ask->base.date ||
          (ask->letter && ask->letter->exam == exam))
        continue;
      ItvMatch match = {exam, itv_match_defects(&ask->action, &exam->exam, exam->acts)};
      if (match.defects == G_MAXUINT)
        continue;
      match.defects |= exam->non_diagnostic ? ITV_DEFECT_NON_DIAGNOSTIC : 0;
      g_array_append_val(ask->matches, match);
    }
  }
}

/* Performed after what asked for it?  On the same day only for "now", and
 * where the times of day are known, later; else not known before it. */
gboolean
itv_after_anchor(const ItvOccurrence *o, const ItvPerformed *exam)
{
  const ItvFollowup *f = o->item;
  const ItvAsk *ask = o->ask;
  if (exam->performed.date != o->anchor)
    return exam->performed.date > o->anchor;
  if (f->occurrence > 0 || !f->has_interval || f->earliest.months || f->earliest.days)
    return FALSE;
  if (exam->performed.second >= 0 && ask->base.second >= 0 &&
      exam->performed.second != ask->base.second)
    return exam->performed.second > ask->base.second;
  return itv_moment_compare(exam->known, ask->base_known) >= 0;
}

/* --- candidates --------------------------------------------------------------------- */

/* An early exam that was made for another item is no candidate here. */
static gboolean
made_for_another(const ItvOccurrence *o, const ItvPerformed *exam, guint defects)
{
  const ItvFollowup *f = o->item;
  for (guint i = 0; i < exam->fulfils->len; i++) {
    const ItvFollowup *other = ((ItvOccurrence *)g_ptr_array_index(exam->fulfils, i))->item;
    if (other == f || other->kind != f->kind || !itv_region_related(other->region, f->region))
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

static void
add_candidate(ItvOccurrence *o, const ItvMatch *m, gboolean early)
{
  const ItvPerformed *exam = m->exam;
  const ItvCandidate candidate = {.study_uid = g_strdup(exam->study_uid),
                                  .accession = g_strdup(exam->accession),
                                  .date = exam->performed.date,
                                  .modality = exam->exam.main_modality,
                                  .region = region_shown(exam, o->item->region),
                                  .why = why_not_at_once(o, exam, m->defects, early)};
  g_autofree char *words = itv_performed_words(exam);
  g_array_append_val(o->item->candidates, candidate);
  itv_step(o->item, "contract-3/review", exam->performed, exam->uid, exam->source,
           "%s may satisfy it (%s): a person must confirm or reject", words, candidate.why);
}

static gboolean
open_for_candidates(const ItvOccurrence *o)
{
  return !o->fulfilled && !o->rulings.ruling && !itv_occurrence_withdrawn(o) &&
         !itv_occurrence_end(o);
}

static void
occurrence_candidates(ItvOccurrence *o)
{
  const gboolean timed = o->item->has_interval;
  for (guint i = 0; i < o->ask->matches->len; i++) {
    const ItvMatch *m = &g_array_index(o->ask->matches, ItvMatch, i);
    const ItvPerformed *exam = m->exam;
    const gboolean early = timed && exam->performed.date < o->earliest_day;
    if (itv_rulings_reject(&o->rulings, exam) || !itv_after_anchor(o, exam))
      continue;
    if (timed && !early && !m->defects)
      continue; /* a person reopened the item knowing of it */
    if (early && (made_for_another(o, exam, m->defects) || nearer_to_another_visit(o, exam)))
      continue;
    add_candidate(o, m, early);
  }
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
        occurrence_candidates(g_ptr_array_index(ask->occurrences, k));
  }
}
