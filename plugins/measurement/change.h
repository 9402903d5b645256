/* SPDX-License-Identifier: Apache-2.0
 *
 * From a match to what is said about it: interval.change/1.
 */
#ifndef MEASUREMENT_CHANGE_H
#define MEASUREMENT_CHANGE_H

#include "match.h"

typedef struct {
  gboolean prior_measured;         /* the prior exam holds any measurement */
  gboolean unmeasured_is_resolved; /* configuration */
  GHashTable *followed;            /* observers (normalised) with a match at both time points */
} Context;

itv_status change_emit(Match *match, const Context *context, const itv_sink *out);

#endif
