/* SPDX-License-Identifier: Apache-2.0
 *
 * Which performed exams satisfy which asks, and which only may (contract
 * section 3, "Fulfilment"; "Where cases meet" 2, 4, 5, 8, 9).
 */
#include "engine/derive-internal.h"

/* By a region that always has both sides: a CT of the abdomen for a kidney. */
static gboolean
shown_whole(const ItvFulfilment *f, const ItvExam *exam, ItvRegion want)
{
  const ItvRegionSet both = exam->regions & itv_fulfilment_both_sides(f);
  for (int r = 1; r < ITV_REGION_N; r++) {
    const ItvRegionSet bit = ITV_REGION_BIT(r);
    if ((both & bit) && itv_fulfilment_covers(f, bit, want, exam->modalities))
      return TRUE;
  }
  return FALSE;
}

static guint
side_defects(const ItvFulfilment *f, const ItvAction *action, const ItvExam *exam)
{
  const ItvLaterality want = action->laterality, have = exam->laterality;
  if (!want || have == want || have == ITV_LATERALITY_BILATERAL ||
      shown_whole(f, exam, action->region))
    return 0;
  if (itv_sides_contradict(want, have))
    return G_MAXUINT;
  if (have)
    return ITV_DEFECT_SIDE_PARTIAL;
  return (itv_fulfilment_paired(f) & ITV_REGION_BIT(action->region)) ? ITV_DEFECT_SIDE_UNKNOWN : 0;
}

static gboolean
any_related(const ItvFulfilment *f, ItvRegionSet have, ItvRegion want)
{
  for (int r = 1; r < ITV_REGION_N; r++)
    if ((have & ITV_REGION_BIT(r)) && itv_fulfilment_related(f, (ItvRegion)r, want))
      return TRUE;
  return FALSE;
}

/* A biopsy or resection of the same place: it is no imaging, but there may be nothing
 * left to watch. */
static guint
settling_defects(const ItvFulfilment *f, const ItvAction *action, const ItvExam *exam,
                 ItvActSet acts)
{
  if (!itv_fulfilment_settles(f, acts, action->head) || !action->head || !action->region ||
      itv_sides_contradict(action->laterality, exam->laterality) ||
      !any_related(f, exam->regions, action->region))
    return G_MAXUINT;
  return ITV_DEFECT_SETTLED;
}

ItvRegionSet
itv_sections_missing(const ItvFulfilment *f, const ItvAction *action, const ItvExam *exam)
{
  const ItvRegionSet asked = action->also | ITV_REGION_BIT(action->region);
  ItvRegionSet missing = 0;
  for (int r = 1; r < ITV_REGION_N; r++)
    if ((asked & ITV_REGION_BIT(r)) &&
        !itv_fulfilment_covers(f, exam->regions, (ItvRegion)r, exam->modalities))
      missing |= ITV_REGION_BIT(r);
  return missing;
}

static guint
region_defects(const ItvFulfilment *f, const ItvAction *action, const ItvExam *exam)
{
  if (!exam->regions)
    return action->modalities & exam->modalities ? ITV_DEFECT_REGION_UNKNOWN : G_MAXUINT;
  const ItvRegionSet asked = action->also | ITV_REGION_BIT(action->region);
  const ItvRegionSet missing = itv_sections_missing(f, action, exam);
  if (missing != asked)
    return missing ? ITV_DEFECT_SECTIONS : 0;
  return itv_fulfilment_part(f, exam->regions, action->region, NULL) ? ITV_DEFECT_REGION_PARTIAL
                                                                     : G_MAXUINT;
}

static guint
imaging_defects(const ItvFulfilment *f, const ItvAction *action, const ItvExam *exam,
                ItvActSet acts)
{
  if (!exam->modalities && acts) /* a biopsy, a laboratory report */
    return settling_defects(f, action, exam, acts);
  if (!action->region)
    return G_MAXUINT;
  const guint region = region_defects(f, action, exam);
  const guint side = region == G_MAXUINT ? region : side_defects(f, action, exam);
  if (side == G_MAXUINT)
    return side;
  const guint defects = region | side;
  if (!exam->modalities)
    return defects | ITV_DEFECT_NO_MODALITY;
  if (itv_fulfilment_serves(f, action->modalities, action->region, exam->modalities))
    return defects;
  return defects | ITV_DEFECT_MODALITY;
}

static guint
act_defects(const ItvFulfilment *f, const ItvAction *action, const ItvExam *exam, ItvActSet acts)
{
  const ItvActSet common = action->acts & acts;
  if (!common || itv_sides_contradict(action->laterality, exam->laterality))
    return G_MAXUINT;
  if (!action->region || !itv_fulfilment_acts_of_place(f, common))
    return 0;
  if (!exam->regions)
    return ITV_DEFECT_REGION_UNKNOWN;
  return any_related(f, exam->regions, action->region) ? 0 : G_MAXUINT;
}

guint
itv_match_defects(const ItvFulfilment *f, const ItvAction *action, const ItvExam *exam,
                  ItvActSet acts)
{
  switch (action->kind) {
  case ITV_KIND_OF_IMAGING:
    return imaging_defects(f, action, exam, acts);
  case ITV_KIND_OF_PROCEDURE:
  case ITV_KIND_OF_REFERRAL:
  case ITV_KIND_OF_LAB:
    return act_defects(f, action, exam, acts);
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
      exam->acts =
          itv_fulfilment_acts(c->rules->fulfilment, exam->description, -1) | exam->exam.acts;
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
      ItvMatch match = {
          exam, itv_match_defects(c->rules->fulfilment, &ask->action, &exam->exam, exam->acts)};
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
