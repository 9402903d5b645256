/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/facts.h - what guidelines and conditions ask for, as far as it is
 * known: read from a report's text, told by people, or taken from the patient's
 * data.  Pure.
 */
#ifndef ITV_ENGINE_FACTS_H
#define ITV_ENGINE_FACTS_H

#include "base/date.h"
#include "model/guideline.h"

/* ---- the lexicon (facts-lexicon.c) --------------------------------------------------- */

typedef struct {
  char *name, *question;
  GStrv values;        /* NULL: a number */
  gboolean of_patient; /* else of one item */
} ItvFactKind;

typedef struct ItvFactLexicon ItvFactLexicon;

/* config/lexicon/facts.xml; ITV_ERROR_CONFIG with file and line. */
ItvFactLexicon *itv_fact_lexicon_load(const char *path, const char *xsd, GError **error);
void itv_fact_lexicon_free(ItvFactLexicon *lexicon);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvFactLexicon, itv_fact_lexicon_free)
/* NULL when there is none of that name. */
const ItvFactKind *itv_fact_kind(const ItvFactLexicon *lexicon, const char *name);
/* The n-th; NULL after the last. */
const ItvFactKind *itv_fact_kind_at(const ItvFactLexicon *lexicon, guint n);
/* ITV_ERROR_USAGE says which values there are. */
gboolean itv_fact_check(const ItvFactLexicon *lexicon, const char *name, const char *value,
                        GError **error);

/* ---- facts (facts.c) -------------------------------------------------------------------- */

/* `value` as itv_guideline_set() takes it. */
typedef struct {
  char *name, *value;
  char *words;              /* where it comes from, for a person */
  ItvMoment known;          /* none: with the report */
  const char *uid, *source; /* of the evidence; borrowed, NULL: the report */
} ItvFactValue;

GPtrArray *itv_facts_new(void); /* ItvFactValue, owned */
/* A later fact of the same name takes the place of the earlier one. */
void itv_facts_put(GPtrArray *facts, const char *name, const char *value, const char *words,
                   ItvMoment known, const char *uid, const char *source);
const ItvFactValue *itv_facts_find(const GPtrArray *facts, const char *name);

/* One recommendation in its report. */
typedef struct {
  const char *report;      /* the whole text */
  const char *description; /* the exam's name; may be NULL */
  const char *finding;     /* words of the text; may be NULL */
  const char *head;        /* head term of the finding; may be NULL */
  ItvRegion region;
  guint start, end; /* the recommendation's bytes */
} ItvFactText;
/* Adds what the report says. */
void itv_facts_read(const ItvFactLexicon *lexicon, const ItvFactText *text, GPtrArray *facts);

/* The sizes of that finding in a stretch of text: facts size, mean-size, solid-part.
 * FALSE when it names none. */
gboolean itv_facts_read_size(const char *text, GPtrArray *facts);

/* Internal to facts: [start, end) of the sentence that holds byte `at`. */
void itv_sentence_around(const char *text, gsize at, gsize *ret_start, gsize *ret_end);

/* Reads the patterns of one place ("finding", "history", "report") in the text. */
void itv_fact_lexicon_read(const ItvFactLexicon *lexicon, const char *in, const char *text,
                           GPtrArray *facts);

/* ---- conditions (condition.c) ------------------------------------------------------------- */

typedef enum { ITV_TRUTH_FALSE = -1, ITV_TRUTH_UNKNOWN = 0, ITV_TRUTH_TRUE = 1 } ItvTruth;

typedef struct {
  ItvTruth truth;
  ItvMoment known;          /* of the latest fact that decided it; none: with the report */
  const char *uid, *source; /* of that fact's evidence */
  char *words;              /* "smoking: current (told by ...)"; NULL when unknown */
  GPtrArray *asks;          /* char*: names of facts that would decide it */
} ItvConditionAnswer;

/* "if the patient is a smoker or has a history of cancer": true, false or not known.
 * Words that are not understood leave it not known.  Owned. */
ItvConditionAnswer *itv_condition_answer(const ItvFactLexicon *lexicon, const char *condition,
                                         const GPtrArray *facts);
void itv_condition_answer_free(ItvConditionAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvConditionAnswer, itv_condition_answer_free)

/* Used by condition.c: the fact whose condition pattern is found first in the text
 * (longest of those), the match's bytes, the values it stands for. */
gboolean itv_fact_lexicon_condition(const ItvFactLexicon *lexicon, const char *text,
                                    const ItvFactKind **ret_kind, const char *const **ret_values,
                                    gsize *ret_start, gsize *ret_end);

#endif
