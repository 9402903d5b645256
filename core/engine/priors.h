/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/priors.h - which of a patient's other exams is worth comparing with
 * this one, and why.  Pure.
 */
#ifndef ITV_ENGINE_PRIORS_H
#define ITV_ENGINE_PRIORS_H

#include "base/date.h"
#include "engine/exam.h"

typedef struct {
  ItvExam exam;
  ItvDate date;
  const char *description, *code; /* borrowed; may be NULL */
} ItvPriorExam;

typedef struct {
  double score; /* 0..1 */
  gboolean relevant;
  GPtrArray *reasons; /* char*: sentences for a person */
} ItvPriorScore;

/* How well `prior` serves comparison with `current`.  The caller frees
 * `reasons` of the result with g_ptr_array_unref. */
ItvPriorScore itv_prior_score(const ItvExamLexicon *lexicon, const ItvPriorExam *current,
                              const ItvPriorExam *prior);

#endif
