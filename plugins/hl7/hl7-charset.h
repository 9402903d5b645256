/* SPDX-License-Identifier: Apache-2.0
 *
 * hl7-charset.h - the bytes of a message as UTF-8.
 */
#ifndef HL7_CHARSET_H
#define HL7_CHARSET_H

#include "hl7-util.h"
#include "plaintext.h"

typedef struct {
  bool utf8;                 /* else the table */
  bool japanese;             /* ISO 2022 escapes to JIS X 0208 and katakana are understood */
  const PlainCharset *table; /* never NULL */
  const char *name;          /* for notes */
} Charset;

/* The character set of a message whose MSH-18 reads `label` (may be empty) and
 * whose bytes are given: the bytes are believed more than the label where they
 * can be nothing else.  False when the label names a set that is not known and
 * the bytes need it.  What differs from the label is noted. */
bool charset_choose(Unit *unit, Slice label, Slice bytes, bool has_bom, Charset *ret_charset);

/* By name alone: what a document within the message says of itself. */
bool charset_named(Slice label, Charset *ret_charset);

/* Appends as UTF-8; NUL becomes a space.  Bytes that are none in that set are
 * read as windows-1252, and *ret_bad counts them. */
void charset_decode(const Charset *charset, Slice bytes, Str *out, size_t *ret_bad);

#endif
