/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/evidence-sections.h - the further body sections that a recommendation asks for in
 * one exam: "CT of the chest, abdomen and pelvis".
 */
#ifndef ITV_ENGINE_EVIDENCE_SECTIONS_H
#define ITV_ENGINE_EVIDENCE_SECTIONS_H

#include "engine/exam.h"
#include "model/history.h"

/* Sets `also` of each imaging recommendation (ItvRecommendation) whose own words
 * enumerate sections beside its region: what another recommendation of the same report
 * asks for is left to that one. */
void itv_read_sections(const ItvExamLexicon *lexicon, const char *text, GArray *recommendations);

#endif
