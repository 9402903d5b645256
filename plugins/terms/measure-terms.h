/* SPDX-License-Identifier: Apache-2.0
 *
 * measure-terms.h - which of our measures (schemas/records.xml) a coded or named
 * measurement is, in our unit.
 */
#ifndef INTERVAL_PLUGINS_MEASURE_TERMS_H
#define INTERVAL_PLUGINS_MEASURE_TERMS_H

#include <glib.h>

/* By a code value (SNOMED CT, SRT, DCM, IBSI, LOINC, RadLex), else by a name, of
 * which only letters and digits count.  NULL for NULL and for what Interval does
 * not follow. */
const char *terms_measure(const char *word);

/* Converts from `unit` (UCUM or its plain name; annotations in braces, blanks and case
 * do not count; NULL and "" are no unit) into the measure's own.  FALSE, with nothing
 * changed, when they do not fit or the result is not finite. */
gboolean terms_convert(const char *measure, const char *unit, double *value, const char **ret_unit);

/* Letters and digits only, in lower case.  Owned. */
char *terms_bare_name(const char *name);

#endif
