/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

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

static void
trace_cues(const Frame *f)
{
  for (int i = 0; i < f->n_cues; i++) {
    const Cue *c = &f->cues[i];
    trace_add(f->trace, f->t, c->begin, c->end, TRACE_CUE, TRACE_SEEN, c->term->name,
              c->negated      ? "denied"
              : c->past       ? "of the past"
              : c->imperative ? "imperative"
                              : "");
  }
}

static const char *
sense_name(const When *w)
{
  static const char *const names[] = {[WHEN_FUTURE] = "ahead",
                                      [WHEN_BARE] = "bare",
                                      [WHEN_DURATION] = "how long",
                                      [WHEN_PAST] = "past"};
  return names[w->sense];
}

void
frame_trace(const Frame *f)
{
  trace_cues(f);
  for (int i = 0; i < f->n_conditions; i++)
    trace_add(f->trace, f->t, f->conditions[i].begin, f->conditions[i].end, TRACE_CONDITION,
              TRACE_SEEN, text_begin(f->t, f->conditions[i].begin, LAYER_CUE, NULL)->name,
              f->conditions[i].question ? "a question" : NULL);
  for (unsigned i = 0; i < f->whens->len; i++) {
    const When *w = &g_array_index(f->whens, When, i);
    char earliest[16] = "", latest[16] = "";
    if (w->earliest.unit)
      period_format(w->earliest, earliest);
    if (w->latest.unit)
      period_format(w->latest, latest);
    g_autofree char *rule = g_strdup_printf("%s..%s", earliest, latest);
    trace_add(f->trace, f->t, w->begin, w->end, TRACE_TIME, TRACE_SEEN, rule, sense_name(w));
  }
  for (int i = 0; i < f->n_actions; i++)
    trace_add(f->trace, f->t, f->actions[i].begin, f->actions[i].end, TRACE_ACTION, TRACE_FIRED,
              f->actions[i].term->name, f->actions[i].rule);
}
