/* SPDX-License-Identifier: Apache-2.0
 *
 * hl7-embedded.h - texts inside an ED value: base64, and the narrative of a
 * CDA document.
 */
#ifndef HL7_EMBEDDED_H
#define HL7_EMBEDDED_H

#include "hl7-util.h"

/* RFC 4648; blanks and line breaks are skipped.  False when it is none. */
bool base64_decode(Slice text, Str *out);

/* The titles and texts of the sections of a CDA document, a paragraph a line;
 * nothing of its header.  XML that is damaged gives what could be read: this
 * looks for words and trusts no structure.  False when there are none. */
bool cda_narrative(Slice xml, Str *out);

#endif
