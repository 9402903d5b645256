/* SPDX-License-Identifier: Apache-2.0
 *
 * Report text in, recommendations and statements out.  Pure: no I/O.
 */
#ifndef RECOMMENDATION_ENGINE_H
#define RECOMMENDATION_ENGINE_H

#include "frame.h"

typedef struct {
  uint32_t start, end; /* bytes; start == end: none */
} Span;

typedef struct {
  Span span;
  Kind kind;
  const Term *term;
  uint32_t what; /* first word of the action: tells referrals and tests of one term apart */
  int sentence;
  unsigned modalities;
  int region;
  gboolean named; /* the region stands in the action itself */
  Side side;
  gboolean side_named; /* in the action itself */
  gboolean has_when;
  Period earliest, latest, repeat; /* unit 0: none */
  gboolean conditional;
  Span condition;
  Span finding;
  const char *head; /* lexicon's; NULL: none */
  Strength strength;
  const char *guideline;
  const char *rule;
  gboolean concluding;
} Recommendation;

typedef struct {
  Span span;
  PatternType type;
  Span finding;
  const char *head;
  int region;
  const char *rule;
} Statement;

typedef struct {
  GArray *recommendations; /* Recommendation */
  GArray *statements;      /* Statement */
  GArray *findings;        /* Measured, see findings.h */
  GArray *contradictions;  /* Contradiction, likewise */
  GArray *trace;           /* Trace; NULL unless asked for */
  uint64_t work;           /* look-ups that it took */
} Answer;

/* FALSE when `cancelled` said so.  With ret_answer->trace set to an array, says how. */
gboolean engine_run(const Lexicon *lexicon, const Context *context, const char *text, size_t n,
                    gboolean (*cancelled)(void *), void *data, Answer *ret_answer);
void answer_clear(Answer *answer);

/* attributes.c */

/* What a sentence is about: its findings and sites. */
typedef struct {
  gboolean found;
  int sentence;
  Span span;
  const char *head;
  int region;
  Side side;
} Finding;

/* The finding that an action at token `at` of sentence `index` is for. */
Finding attribute_finding(const Text *t, int index, int at, int action_end);
/* The first finding of the tokens [begin, end). */
Finding attribute_finding_in(const Text *t, int begin, int end);
void attribute_place(const Frame *f, Action *a, const Finding *finding);
/* The one side that the report names beside each region and near a finding,
 * outside its history; SIDE_NONE where it names none or both. */
void attribute_document_sides(const Text *t, Side ret_sides[N_REGIONS]);
gboolean region_is_paired(int region);
/* Does a cover b, as chest covers lung? */
gboolean region_covers(int a, int b);
int region_named(const char *code);
const char *attribute_guideline(const Text *t, const Sentence *s);

/* statements.c */

/* A sentence in lower case, white space as one blank; owned. */
char *statements_flatten(const Text *t, const Sentence *s);
void statements_find(const Text *t, const Context *context, int sentence, const char *flat,
                     GArray *statements, GArray *trace);
/* The veto pattern of the lexicon that takes a sentence out of play, or NULL. */
const Pattern *statements_veto(const Lexicon *lexicon, const char *flat);

/* The bytes of a sentence without list marker and trailing space. */
Span sentence_span(const Text *t, int begin, int end);

#endif
