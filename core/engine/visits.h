/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/visits.h - one patient's open imaging items in the fewest visits: what
 * is due at overlapping times is proposed for one day, and what one exam shows
 * is examined once, with the least radiation.  Pure.
 */
#ifndef ITV_ENGINE_VISITS_H
#define ITV_ENGINE_VISITS_H

#include "engine/fulfilment.h"
#include "model/followup.h"

typedef struct {
  ItvModality modality; /* NONE: no item of it names one */
  ItvRegion region;
  ItvLaterality laterality;
  GPtrArray *items; /* const ItvFollowup that it serves; borrowed */
} ItvVisitExam;

typedef struct {
  ItvDate from, until; /* any day of these serves all; equal where an appointment stands */
  gboolean booked;     /* one of the items has an appointment then */
  GPtrArray *items;    /* const ItvFollowup, borrowed */
  GArray *exams;       /* ItvVisitExam */
} ItvPlannedVisit;

void itv_planned_visit_free(ItvPlannedVisit *visit);

/* Of one person: what is due, overdue, scheduled or not due yet, until `horizon`.
 * What is overdue is wanted within `soon_days`.  Owned array of ItvPlannedVisit, by
 * date; the fewest visits that there can be. */
GPtrArray *itv_visits_plan(const ItvFulfilment *fulfilment, const GPtrArray *items, ItvDate as_of,
                           ItvDate horizon, int soon_days);

#endif
