/* SPDX-License-Identifier: Apache-2.0
 *
 * One sentence at work: its clauses, cues, conditions, times and the actions
 * that it asks for.
 */
#ifndef RECOMMENDATION_FRAME_H
#define RECOMMENDATION_FRAME_H

#include "text.h"
#include "trace.h"
#include "when.h"

enum { MAX_CUES = 64, MAX_ACTIONS = 32, MAX_CONDITIONS = 16, MAX_WHENS = 8, MAX_REGIONS = 8 };

/* What is known of the exam that the report is about. */
typedef struct {
  GDate date; /* invalid when unknown */
  gboolean has_date;
  unsigned modalities;
  int regions[MAX_REGIONS];
  int n_regions;
  Side side;
} Context;

typedef struct {
  const Term *term;
  int begin, end;
  gboolean forward; /* asks for what follows; else for what stands before it */
  gboolean imperative;
  gboolean negated, past, valid;
  gboolean modal; /* "will be obtained": ahead, whatever stands near */
  Strength strength;
} Cue;

typedef struct {
  int begin, end; /* tokens of the whole condition */
  gboolean leading;
  gboolean question; /* "whether ...": its actions are not asked for, others not conditional */
} Condition;

typedef struct {
  const Term *term;
  int begin, end; /* tokens of the term */
  int tail;       /* end of the first name, before a choice was joined to it */
  gboolean licensed, dropped, background;
  Kind kind;
  unsigned modalities;
  int region;
  int split; /* its own region where one name stands before several: "MRI brain and spine" */
  gboolean region_named;
  Side side;
  gboolean side_named;
  Strength strength;
  const char *rule;
  const char *why; /* not licensed or dropped: the reason, for the trace */
  When whens[MAX_WHENS];
  int n_whens;
  const Condition *condition;
  const Condition *more_condition; /* a second one; the first is quoted */
} Action;

typedef struct {
  const Text *t;
  const Sentence *s;
  const Context *context;
  const Side *sides;                       /* of the report, by region */
  uint8_t clause[SENTENCE_MAX_TOKENS + 1]; /* number of the clause of each token */
  Cue cues[MAX_CUES];
  int n_cues;
  Action actions[MAX_ACTIONS];
  int n_actions;
  Condition conditions[MAX_CONDITIONS];
  int n_conditions;
  GArray *whens; /* When */
  GArray *trace; /* Trace; NULL: nobody asked */
} Frame;

static inline int
frame_clause(const Frame *f, int i)
{
  return f->clause[i - f->s->begin];
}

gboolean frame_word(const Frame *f, int i, Role role);
Role frame_cue_role(const Frame *f, int i);
/* Is i the first word of a clause, or does it follow a comma, "and", "then", "please"? */
gboolean frame_is_initial(const Frame *f, int i);

/* assertion.c: clauses, cues with their polarity, conditions */
void frame_find_clauses(Frame *f);
void frame_find_cues(Frame *f);
void frame_find_conditions(Frame *f);
/* "prior CT", "on CT", "CT showed", "CT of 3/2020": why it is an exam that exists; NULL when
 * it is none. */
const char *frame_background_reason(const Frame *f, const Action *a);
gboolean frame_is_denied(const Frame *f, const Action *a);

static inline void
action_drop(Action *a, const char *why)
{
  a->dropped = TRUE;
  a->why = why;
}

static inline void
action_grant(Action *a, Strength strength, const char *rule)
{
  a->licensed = TRUE;
  a->strength = strength;
  a->rule = rule;
}

/* nominal.c */

/* Asked for without a cue, by its place, a time or a condition? */
void frame_nominal_license(Frame *f, Action *a);
/* A time ahead in the clause, close to the action. */
gboolean frame_time_near(const Frame *f, const Action *a);

/* join.c: what is one action, and what goes with another */
void frame_join_actions(Frame *f);

/* actions.c: which actions are asked for */
void frame_find_actions(Frame *f);

/* trace.c: says into f->trace what was seen, what fired, what was suppressed and why. */
void frame_trace(const Frame *f);

/* attributes.c: parts of the body that no one exam shows together. */
gboolean regions_apart(int a, int b);

/* timing.c: which time belongs to which action, and which condition */
void frame_assign_times(Frame *f);
void frame_assign_conditions(Frame *f);

#endif
