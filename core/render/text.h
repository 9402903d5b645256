/* SPDX-License-Identifier: Apache-2.0
 *
 * render/text.h - how codes, numbers and hostile strings become text for a
 * person: the same words on pictures, page, paper and curve.
 */
#ifndef ITV_RENDER_TEXT_H
#define ITV_RENDER_TEXT_H

#include "base/date.h"
#include "model/vocabulary.h"

/* Valid UTF-8 without control characters or marks that turn the direction of
 * writing (a name must not be able to reorder what stands beside it); NULL
 * becomes "".  At most `max_chars` characters, then an ellipsis; 0: no limit.
 * Owned. */
char *itv_text_clean(const char *text, glong max_chars);
/* The same, with & < > " ' escaped for XML and HTML text and attributes. */
void itv_text_append_escaped(GString *out, const char *text);
/* printf whose %s arguments are escaped and cleaned; only %s and %% stand in
 * `format`, and every argument is a const char *. */
void itv_text_append_markup(GString *out, const char *format, ...);

/* UCUM code as people write it: "mm3" -> "mm³", "{score}" -> "points". */
const char *itv_text_unit(const char *ucum);
/* "12.5"; "" when not finite; decimals chosen from the size (0.01 to 1,000,000).  Owned. */
char *itv_text_number(double value);
/* With sign; a true minus.  Owned. */
char *itv_text_signed(double value);
/* "12.5 mm".  Owned. */
char *itv_text_quantity(double value, const char *ucum);

/* "not resolvable" and "○"; unknown codes stand for themselves, symbol "•". */
const char *itv_text_verdict(const char *code);
const char *itv_text_verdict_symbol(const char *code);
/* "long-axis" -> "long axis".  Owned. */
char *itv_text_measure(const char *code);
/* The same with what it means: "RUST, 4 (no callus) to 12 (remodelled)".  Owned. */
char *itv_text_measure_title(const char *code);
/* A plugin's sentence: begins with the measure's name as people write it, and with a capital
 * ("rust 11 on day 168" -> "RUST 11 on day 168").  Owned. */
char *itv_text_sentence(const char *text);
/* "DOE^JANE^^" -> "DOE, JANE".  Owned. */
char *itv_text_person(const char *name);
/* "2024-02-29", or "date unknown".  Owned. */
char *itv_text_date(ItvDate date);
/* "183 days (6 months)"; "days between unknown".  Owned. */
char *itv_text_days_between(ItvDate earlier, ItvDate later);
/* "left", "right", "both sides", "". */
const char *itv_text_side(ItvLaterality side);

#endif
