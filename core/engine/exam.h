/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/exam.h - what an exam covers, read from its order description, its
 * codes and its objects ("CT CHEST/ABD/PELVIS W CONTRAST", "XR TIB FIB 2V LT").
 * The words stand in config/lexicon/exams.xml.
 */
#ifndef ITV_ENGINE_EXAM_H
#define ITV_ENGINE_EXAM_H

#include "model/exam.h"

typedef struct ItvExamLexicon ItvExamLexicon;

/* NULL with ITV_ERROR_CONFIG (file, line, what was expected). */
ItvExamLexicon *itv_exam_lexicon_load(const char *path, const char *xsd_path, GError **error);
void itv_exam_lexicon_free(ItvExamLexicon *lexicon);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvExamLexicon, itv_exam_lexicon_free)

/* Every argument but the lexicon may be NULL or NONE.  A coded modality or
 * side wins over words; a body part code (0018,0015) helps where the
 * description names no region. */
ItvExam itv_exam_read(const ItvExamLexicon *lexicon, const char *description, const char *code,
                      ItvModality modality, const char *body_part, ItvLaterality laterality);

/* Does an exam of `have` show `want` (chest covers lung, wholebody all ...)?
 * Contract section 3, "Fulfilment", and "Where cases meet" 5. */
gboolean itv_region_covers(ItvRegionSet have, ItvRegion want, ItvModalitySet modalities);

#endif
