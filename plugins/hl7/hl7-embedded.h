/* SPDX-License-Identifier: Apache-2.0
 *
 * hl7-embedded.h - documents inside an ED value or a text: base64, the narrative
 * of a CDA document, RTF, HTML; and what a DICOM object says of itself.
 */
#ifndef HL7_EMBEDDED_H
#define HL7_EMBEDDED_H

#include "hl7-util.h"

/* RFC 4648; blanks and line breaks are skipped.  False when it is none. */
bool base64_decode(Slice text, Str *out);
/* Pairs of hex digits; the same. */
bool hex_decode(Slice text, Str *out);

/* The titles and texts of the sections of a CDA document, a paragraph a line;
 * nothing of its header.  XML that is damaged gives what could be read: this
 * looks for words and trusts no structure.  False when there are none. */
bool cda_narrative(Slice xml, Str *out);

/* RTF and HTML as lines of text; false when it is neither, or (unless `damaged`) an
 * RTF document that does not end. */
bool marked_up_text(Slice bytes, bool damaged, Str *out);
/* Text in which whole RTF documents stand: each as what it shows. */
void rtf_within(Slice text, Str *out);

/* "DICOM object 1.2.3 of class Comprehensive SR" of a DICOM file; NULL when it is none. */
const char *dicom_name(Arena *arena, Slice bytes);

#endif
