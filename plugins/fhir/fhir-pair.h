/* SPDX-License-Identifier: Apache-2.0
 *
 * fhir-pair.h - which Procedure is which ImagingStudy.
 *
 * Many systems record one exam twice: the study with its series but without a name, and
 * a Procedure with the name.  They are one where the study refers to the Procedure, or
 * where person, encounter, modality and the minute of the start are the same.
 */
#ifndef FHIR_PAIR_H
#define FHIR_PAIR_H

#include "fhir-json.h"

typedef struct {
  GHashTable *words;    /* key -> the name that all Procedures of that key bear; "": several */
  GHashTable *studies;  /* keys of studies */
  GHashTable *referred; /* references of studies to their Procedures */
} Pairs;

void pairs_init(Pairs *pairs);
void pairs_clear(Pairs *pairs);
/* Called once for each resource before any question. */
void pairs_note(Pairs *pairs, Json *resource);
/* The name of the Procedure that a study without name is; NULL: none, or more than one.
 * Owned. */
char *pairs_study_words(const Pairs *pairs, Json *study);
/* Whether an ImagingStudy of the source is this Procedure; `url` is its fullUrl or NULL. */
gboolean pairs_has_study(const Pairs *pairs, Json *procedure, const char *url);

#endif
