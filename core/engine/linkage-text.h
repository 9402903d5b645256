/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/linkage-text.h - how alike two names, numbers or dates are written.
 * Pure; all strings are folded ones (itv_link_fold) unless said otherwise.
 */
#ifndef ITV_ENGINE_LINKAGE_TEXT_H
#define ITV_ENGINE_LINKAGE_TEXT_H

#include <glib.h>

/* Upper case without accents, ligatures written out; every run of other characters
 * than letters and digits becomes one space; an apostrophe joins ("O'Neill" = "ONEILL").
 * Letters that no Latin letter stands for are kept, case-folded.  Owned, maybe "". */
char *itv_link_fold(const char *text);
/* Digits only.  Owned, maybe "". */
char *itv_link_digits(const char *text);
/* Without its spaces.  Owned. */
char *itv_link_join(const char *folded);

/* Jaro-Winkler similarity 0..1: Winkler 1990, "String comparator metrics and enhanced
 * decision rules in the Fellegi-Sunter model of record linkage" (prefix of four at most,
 * scale 0.1). */
double itv_link_jaro_winkler(const char *a, const char *b);
/* Insertions, deletions, replacements and swaps of neighbours (Damerau 1964, each place
 * touched once) that make `b` of `a`, counted up to `limit`; limit + 1 where there are more. */
guint itv_link_edits(const char *a, const char *b, guint limit);
/* Soundex (Russell 1918) of the letters A to Z, "S530"; "" where there is none.  `ret`
 * holds five bytes. */
void itv_link_soundex(const char *folded, char ret[5]);

typedef enum {
  ITV_DATES_DIFFER,
  ITV_DATES_PART,   /* two of year, month and day agree */
  ITV_DATES_CLOSE,  /* one digit, two neighbouring digits swapped, or a day apart */
  ITV_DATES_TURNED, /* day and month swapped */
  ITV_DATES_SAME,   /* as far as both are known */
} ItvDatesAgree;
/* Dates as YYYY, YYYYMM or YYYYMMDD; of two precisions only the common part counts, and
 * a year alone that agrees is PART. */
ItvDatesAgree itv_link_dates(const char *a, const char *b);

#endif
