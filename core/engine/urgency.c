/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/urgency.h"

/* What a person can act on comes first; within a class the earliest date. */
static int
class_of(ItvStatus status)
{
  static const int classes[] = {[ITV_STATUS_OVERDUE] = 0,
                                [ITV_STATUS_REVIEW] = 1,
                                [ITV_STATUS_DUE] = 2,
                                [ITV_STATUS_NEEDS_INTERVAL] = 3,
                                [ITV_STATUS_AWAITING_CONDITION] = 4,
                                [ITV_STATUS_SCHEDULED] = 5,
                                [ITV_STATUS_NOT_DUE] = 6,
                                [ITV_STATUS_FULFILLED] = 7,
                                [ITV_STATUS_CLOSED] = 8};
  return classes[status];
}

#define CLASS_STEP 10000000

gint64
itv_followup_urgency(const ItvFollowup *f)
{
  ItvDate day = f->overdue_after;
  if (day == ITV_DATE_NONE)
    day = f->recommended_on == ITV_DATE_NONE ? 0 : f->recommended_on;
  if (f->status == ITV_STATUS_SCHEDULED && f->scheduled_for != ITV_DATE_NONE)
    day = f->scheduled_for;
  return (gint64)class_of(f->status) * CLASS_STEP + CLASS_STEP / 2 + (gint64)day * 2 + f->consider;
}
