/* SPDX-License-Identifier: Apache-2.0
 *
 * How a text was read, for a person who tests a lexicon: what was seen, what
 * fired, what was suppressed and why.  Costs nothing when nobody asks.
 */
#ifndef RECOMMENDATION_TRACE_H
#define RECOMMENDATION_TRACE_H

#include "text.h"

typedef enum {
  TRACE_SECTION,
  TRACE_CUE,
  TRACE_CONDITION,
  TRACE_TIME,
  TRACE_ACTION,
  TRACE_PATTERN,
  TRACE_FINDING,
  N_TRACE_STEPS
} TraceStep;
typedef enum { TRACE_SEEN, TRACE_FIRED, TRACE_SUPPRESSED, N_TRACE_VERDICTS } TraceVerdict;

extern const char *const trace_steps[N_TRACE_STEPS];
extern const char *const trace_verdicts[N_TRACE_VERDICTS];

typedef struct {
  uint32_t start, end; /* bytes */
  TraceStep step;
  TraceVerdict verdict;
  char rule[64];
  char reason[96]; /* may be empty */
} Trace;

enum { MAX_TRACE = 4000 };

/* `trace` holds Trace elements; NULL: nobody asked. */
void trace_add(GArray *trace, const Text *t, int begin, int end, TraceStep step,
               TraceVerdict verdict, const char *rule, const char *reason);

#endif
