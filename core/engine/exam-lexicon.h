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

struct ItvExamLexicon {
  GPtrArray *phrases[256]; /* ItvExamPhrase by the first byte of its first word */
  GHashTable *phrase_of;   /* phrase text -> ItvExamPhrase, borrowed */
  GArray *topics;          /* ItvExamTopic */
  GArray *relations;       /* ItvExamRelation */
  double relevant_from;
  ItvCodeMap *codes; /* NULL: the site has none */
};

/* All that a description says. */
typedef struct {
  ItvModalitySet modality, implied_modality;
  ItvRegionSet region, implied_region;
  ItvRegion first, implied_first;
  gboolean left, right;
  ItvTopicSet topics;
} ItvExamWords;

/* `coded` are the modalities known otherwise; they let conditional terms apply. */
ItvExamWords itv_exam_words(const ItvExamLexicon *lexicon, const char *text, ItvModalitySet coded);

#endif
