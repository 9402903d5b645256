/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/exam.h - what an exam covers, read from its order description, its
 * codes and its objects ("CT CHEST/ABD/PELVIS W CONTRAST", "XR TIB FIB 2V LT").
 * The words stand in config/lexicon/exams.xml.
 */
#ifndef ITV_ENGINE_EXAM_H
#define ITV_ENGINE_EXAM_H

#include "engine/code-map.h"
#include "engine/playbook.h"
#include "model/exam.h"

typedef struct ItvExamLexicon ItvExamLexicon;

/* NULL with ITV_ERROR_CONFIG (file, line, what was expected). */
ItvExamLexicon *itv_exam_lexicon_load(const char *path, const char *xsd_path, GError **error);
void itv_exam_lexicon_free(ItvExamLexicon *lexicon);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvExamLexicon, itv_exam_lexicon_free)

/* Lets RadLex Playbook codes be understood from now on.  Takes the playbook over. */
void itv_exam_lexicon_set_playbook(ItvExamLexicon *lexicon, ItvPlaybook *playbook);

/* Every argument but the lexicon may be NULL or NONE.  A coded modality or
 * side wins over words; a body part code (0018,0015) helps where the
 * description names no region.  A code that the playbook knows (RPID) says more
 * exactly than the site's own words what was examined: what its name says wins
 * over the description, which fills what is left open. */
ItvExam itv_exam_read(const ItvExamLexicon *lexicon, const char *description, const char *code,
                      ItvModality modality, const char *body_part, ItvLaterality laterality);

/* What a description says beyond what is examined. */
typedef struct {
  guint views;                        /* 0: not said */
  GPtrArray *projections, *protocols; /* const char *, borrowed from the lexicon */
} ItvExamDetail;
/* `description` and `code` may be NULL.  The caller frees both arrays. */
ItvExamDetail itv_exam_detail(const ItvExamLexicon *lexicon, const char *description,
                              const char *code, ItvModalitySet modalities);
/* "without", "with", "both"; NULL for UNKNOWN. */
const char *itv_contrast_code(ItvContrast contrast);
/* The codes of the site (config/codes.xml), owned from now on; they go before words. */
void itv_exam_lexicon_set_codes(ItvExamLexicon *lexicon, ItvCodeMap *codes);
/* Which region covers which; borrowed.  Without it what is built in. */
void itv_exam_lexicon_set_fulfilment(ItvExamLexicon *lexicon, const ItvFulfilment *fulfilment);

/* What one piece of evidence says of its exam; everything may be NULL or NONE. */
typedef struct {
  const char *sender; /* APPLICATION^FACILITY */
  const char *description, *code;
  const char *modality_code; /* as it stands in the message, where it is no code of ours */
  const char *body_part;
  ItvRegion region; /* as a person said it: stands before all else */
  ItvModality modality;
  ItvLaterality laterality;
} ItvExamTerms;
/* itv_exam_read, but what the site's codes say takes the place of what words say; a
 * side that the message codes stays. */
ItvExam itv_exam_of(const ItvExamLexicon *lexicon, const ItvExamTerms *terms);

#endif
