/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/exam-lexicon.h - config/lexicon/exams.xml in memory, for exam.c and
 * priors.c only.  Immutable once loaded.
 */
#ifndef ITV_ENGINE_EXAM_LEXICON_H
#define ITV_ENGINE_EXAM_LEXICON_H

#include "base/xml.h"
#include "engine/exam.h"

typedef guint64 ItvTopicSet; /* bit (1 << index into topics) */

/* What one word or phrase says, if its conditions hold. */
typedef struct {
  ItvModalitySet modality, implied_modality;
  ItvRegionSet region, implied_region;
  ItvRegion main;
  ItvLaterality side;
  ItvTopicSet topics;
  ItvContrast contrast;
  guint views;                    /* 0: says nothing of their number */
  guint64 projections, protocols; /* bits: index into the lexicon's names */
  ItvModalitySet when, unless;
  ItvRegionSet beside;
} ItvExamSense;

typedef struct {
  GPtrArray *words; /* char*, lower case; a trailing '*' means any ending */
  GArray *senses;   /* ItvExamSense, the first that holds is taken */
} ItvExamPhrase;

typedef struct {
  char *id, *title;
  ItvRegionSet regions;
  gboolean paired;
  ItvTopicSet narrows;
} ItvExamTopic;

typedef struct {
  ItvTopicSet current, prior;
  ItvModalitySet current_modality, prior_modality; /* 0: any */
  double weight;
} ItvExamRelation;

/* The lexicon's words, for finding what an unknown one is short for. */
typedef struct ItvExamVocabulary ItvExamVocabulary;

typedef struct ItvExamMemo ItvExamMemo;

struct ItvExamLexicon {
  GPtrArray *phrases[256];            /* ItvExamPhrase by the first byte of its first word */
  GHashTable *phrase_of;              /* phrase text -> ItvExamPhrase, borrowed */
  GArray *topics;                     /* ItvExamTopic */
  GArray *relations;                  /* ItvExamRelation */
  GPtrArray *projections, *protocols; /* char *, as the terms name them */
  ItvPlaybook *playbook;              /* may be NULL */
  ItvExamVocabulary *vocabulary;
  double relevant_from;
  ItvCodeMap *codes;               /* NULL: the site has none */
  const ItvFulfilment *fulfilment; /* borrowed; NULL: what is built in */
  ItvExamMemo *memo;
};

/* What descriptions have been found to say: of a site there are some thousand, each of which
 * is read very many times.  Bounded; for any thread. */
ItvExamMemo *itv_exam_memo_new(void);
void itv_exam_memo_free(ItvExamMemo *memo);
/* `key` is all that the answer depends on. */
gboolean itv_exam_memo_get(ItvExamMemo *memo, const char *key, ItvExam *ret_exam);
void itv_exam_memo_put(ItvExamMemo *memo, const char *key, const ItvExam *exam);

/* All that a description says. */
typedef struct {
  ItvModalitySet modality, implied_modality;
  ItvRegionSet region, implied_region;
  ItvRegion first, implied_first;
  gboolean left, right;
  ItvTopicSet topics;
  ItvContrast contrast;
  guint views;
  guint64 projections, protocols;
} ItvExamWords;

ItvExamVocabulary *itv_exam_vocabulary_new(const ItvExamLexicon *lexicon);
void itv_exam_vocabulary_free(ItvExamVocabulary *vocabulary);
/* The word that an unknown, lower-case one is short for ("shldr": "shoulder"); NULL for
 * a known one and where none or several different ones come into question. */
const char *itv_exam_vocabulary_expand(const ItvExamVocabulary *vocabulary, const char *token);

/* `coded` are the modalities known otherwise; they let conditional terms apply. */
ItvExamWords itv_exam_words(const ItvExamLexicon *lexicon, const char *text, ItvModalitySet coded);

#endif
