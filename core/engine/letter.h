/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/letter.h - letters from templates (config/letters): which paragraphs
 * apply to an item, and the words that go into them.  Pure.
 */
#ifndef ITV_ENGINE_LETTER_H
#define ITV_ENGINE_LETTER_H

#include "model/followup.h"

typedef struct ItvLetter ItvLetter;

/* NULL with ITV_ERROR_CONFIG (file, line, what was expected); a placeholder that does
 * not exist is such an error. */
ItvLetter *itv_letter_load(const char *path, const char *xsd_path, GError **error);
void itv_letter_free(ItvLetter *letter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvLetter, itv_letter_free)

/* What the letter speaks of; strings may be NULL. */
typedef struct {
  const ItvFollowup *item;
  const char *patient_name; /* HL7: LAST^FIRST^MIDDLE */
  const char *patient_id;
  ItvDate birth_date;
  const char *referrer, *reader; /* as patient_name */
  const char *exam;              /* description of the exam that asked for it */
  ItvModality exam_modality;     /* of the same */
  ItvRegion exam_region;
  const char *report; /* accession or other number of the report */
  const char *owner;
  const char *site_name, *site_address, *site_phone, *site_hours;
  ItvDate today;
} ItvLetterFacts;

typedef enum {
  ITV_LETTER_SENDER = 1,
  ITV_LETTER_RECIPIENT,
  ITV_LETTER_SUBJECT,
  ITV_LETTER_TEXT,
  ITV_LETTER_QUOTE,
  ITV_LETTER_CALL, /* whom to call: set off */
  ITV_LETTER_SIGNATURE,
} ItvLetterPartKind;

typedef struct {
  ItvLetterPartKind kind;
  char *text; /* lines parted by \n */
} ItvLetterPart;

ItvContactWhom itv_letter_whom(const ItvLetter *letter);
const char *itv_letter_language(const ItvLetter *letter); /* "en" */
/* ItvLetterPart, in order. */
GArray *itv_letter_fill(const ItvLetter *letter, const ItvLetterFacts *facts);
/* "LAST^FIRST^MIDDLE" as "First Middle Last"; words all in capitals get small letters.
 * Owned; "" for NULL. */
char *itv_letter_name(const char *name);

#endif
