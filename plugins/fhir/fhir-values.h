/* SPDX-License-Identifier: Apache-2.0
 *
 * fhir-values.h - FHIR's data types, as Interval wants them.  All that is answered
 * as char * is owned; NULL: nothing usable is there.
 */
#ifndef FHIR_VALUES_H
#define FHIR_VALUES_H

#include <glib.h>

#include "fhir-json.h"

/* date, dateTime, instant: the local date and time that the text gives, without
 * zone and fraction, as precise as it is. */
char *value_datetime(const char *text);
/* Of the members names[0], names[1] ... (NULL ends) the first with a usable time; a
 * Period's start and a Timing's first event count as well. */
char *value_first_datetime(Json *object, const char *const *names);

/* CodeableConcept, Coding or R5 CodeableReference: text, else a display. Borrowed. */
const char *concept_words(Json *concept);
/* Code of the first coding, of that system where one is named.  Borrowed. */
const char *concept_code(Json *concept, const char *system);
/* Whether any coding bears that code. */
gboolean concept_has(Json *concept, const char *code);

/* "1.2.3" of "urn:oid:1.2.3" or of itself, when it is a UID of DICOM.  Borrowed. */
const char *value_uid(const char *text);
/* A UID from a text, the same for the same text: 2.25.N (PS3.5 B.2). */
char *value_make_uid(const char *text);

/* Identifier whose type is the given code of HL7 table 0203 (MR, ACSN, PLAC ...).
 * Borrowed. */
const char *identifier_of_type(Json *identifiers, const char *type);

/* HumanName: FAMILY^GIVEN^MIDDLE^PREFIX^SUFFIX of the best of several. */
char *value_name(Json *names);
char *value_address(Json *addresses);

/* Codes of records.xml; NULL when it is none.  Static. */
const char *code_modality(const char *dicom_or_v2);

#endif
