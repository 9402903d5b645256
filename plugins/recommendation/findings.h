/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings with their measurements, as the report words them.
 */
#ifndef RECOMMENDATION_FINDINGS_H
#define RECOMMENDATION_FINDINGS_H

#include "engine.h"

enum { MAX_AXES = 3 };

typedef struct {
  Span span;        /* all of it, with its measurements */
  Span words;       /* the finding alone */
  const Term *term; /* NULL: a part was measured, "ascending aorta" */
  int region;
  Side side;
  Span site;
  double size_mm[MAX_AXES], prior_mm[MAX_AXES];
  int n_size, n_prior;
  Span size, prior;
  const char *bound, *density, *stability; /* codes of records.xml; NULL: not said */
  int count;                               /* 0: not said */
  gboolean multiple;
  gboolean concluding; /* said in the impression ... */
  gboolean described;  /* ... and, or, in the findings */
  gboolean opposite;   /* its sentence speaks of the other side on purpose */
  int sentence;
} Measured;

/* Measured elements, in text order; what findings and impression both say is one.  At
 * most MAX_FINDINGS.  Time is linear in the text. */
enum { MAX_FINDINGS = 500 };
GArray *findings_find(const Text *t);

/* guard.c: where the report contradicts itself or its exam. */
typedef enum {
  CONTRADICTS_EXAM_SIDE,
  CONTRADICTS_FINDING_SIDE,
  CONTRADICTS_RECOMMENDATION_SIDE,
  CONTRADICTS_SIZE,
  CONTRADICTS_STABILITY,
  N_CONTRADICTIONS
} ContradictionType;
extern const char *const contradiction_codes[N_CONTRADICTIONS];

typedef struct {
  ContradictionType type;
  Span span, other; /* other empty: the exam's own side */
  char *text;       /* one sentence for a person */
} Contradiction;

/* Contradiction elements (their texts freed with the array). */
GArray *guard_check(const Text *t, const Context *context, const GArray *findings,
                    const GArray *recommendations);

#endif
