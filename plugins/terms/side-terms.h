/* SPDX-License-Identifier: Apache-2.0
 *
 * side-terms.h - left, right and both, by code or by name.
 */
#ifndef INTERVAL_PLUGINS_SIDE_TERMS_H
#define INTERVAL_PLUGINS_SIDE_TERMS_H

/* "left", "right" or "bilateral" for a code (SNOMED CT, SRT, RadLex, DICOM CS, HL7 table
 * 0163, CPT modifiers LT and RT) or a name, of which only letters and digits count.
 * NULL for NULL and for what names no side. */
const char *terms_side(const char *word);

#endif
