/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/evidence-studies.h - images of many rows into studies, for evidence.c only.
 */
#ifndef ITV_ENGINE_EVIDENCE_STUDIES_H
#define ITV_ENGINE_EVIDENCE_STUDIES_H

#include "engine/evidence.h"
#include "model/history.h"

typedef struct ItvStudyReader ItvStudyReader;

ItvStudyReader *itv_study_reader_new(const ItvExamLexicon *lexicon);
void itv_study_reader_free(ItvStudyReader *reader);

/* Takes images, rejections and withdrawals, nothing else.  `row` holds the record; its
 * records are kept (by reference) as long as it is needed. */
void itv_study_reader_add(ItvStudyReader *reader, const ItvEvidence *ev, const ItvEvidenceRow *row,
                          const itv_record *record);
/* Adds the studies to the history; the reader is empty then. */
void itv_study_reader_finish(ItvStudyReader *reader, ItvHistory *history);

#endif
