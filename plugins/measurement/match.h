/* SPDX-License-Identifier: Apache-2.0
 *
 * Which measurement of the prior exam and which of the current one are of the
 * same finding.  What is not certain stays apart and says why.
 */
#ifndef MEASUREMENT_MATCH_H
#define MEASUREMENT_MATCH_H

#include "sample.h"

typedef struct {
  const Sample *prior, *current; /* one of them may be NULL */
  gboolean ambiguous;            /* reported, never used */
  gboolean same_observer;        /* one named observer at both time points */
  GPtrArray *notes;              /* char * */
} Match;

void match_free(Match *match);

/* Match *, in order of the current measurements, then of the prior ones left.
 * Marks samples as used and may average repeated measurements. */
GPtrArray *match_all(GPtrArray *samples);

/* Adds a mean diameter where one reader gave long and short axis of a lung
 * nodule in both exams, since guidelines count in it; the new samples are owned
 * by `samples`. */
void match_add_mean_diameters(GPtrArray *matches, GPtrArray *samples);

#endif
