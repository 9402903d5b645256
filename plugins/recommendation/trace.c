/* SPDX-License-Identifier: Apache-2.0 */
#include "trace.h"

const char *const trace_steps[N_TRACE_STEPS] = {"section", "cue",     "condition", "time",
                                                "action",  "pattern", "finding"};
const char *const trace_verdicts[N_TRACE_VERDICTS] = {"seen", "fired", "suppressed"};

void
trace_add(GArray *trace, const Text *t, int begin, int end, TraceStep step, TraceVerdict verdict,
          const char *rule, const char *reason)
{
  if (trace == NULL || trace->len >= MAX_TRACE || begin >= end)
    return;
  Trace one = {.start = text_token(t, begin)->start,
               .end = text_token(t, end - 1)->end,
               .step = step,
               .verdict = verdict};
  g_strlcpy(one.rule, rule ? rule : "", sizeof one.rule);
  g_strlcpy(one.reason, reason ? reason : "", sizeof one.reason);
  g_array_append_val(trace, one);
}
