/* SPDX-License-Identifier: Apache-2.0
 *
 * From a match to what is said about it: interval.change/1.
 */
#ifndef MEASUREMENT_CHANGE_H
#define MEASUREMENT_CHANGE_H

#include "match.h"
#include "model.h"

typedef struct {
  gboolean prior_measured;         /* the prior exam holds any measurement */
  gboolean unmeasured_is_resolved; /* configuration */
  GHashTable *followed;            /* observers (normalised) with a match at both time points */
} Context;

typedef struct {
  const char *verdict;
  Model model; /* valid when `measured` */
  gboolean measured;
  gint32 interval; /* days, 0: not known */
} Judgement;

/* Adds notes to the match.  ret->model.source is to be freed where it is set. */
void change_judge(Match *match, const Context *context, Judgement *ret);

/* Notes where two readers of one finding found opposite directions. */
void change_cross_check(GPtrArray *matches, const Judgement *judgements);

itv_status change_emit(Match *match, const Judgement *judgement, const itv_sink *out);

#endif
