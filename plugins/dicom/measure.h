/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of our measures a coded measurement is, in our unit.
 */
#ifndef INTERVAL_DICOM_MEASURE_H
#define INTERVAL_DICOM_MEASURE_H

#include "values.h"

/* The measure ("long-axis" ...) of a concept with its derivation (may be
 * empty); NULL when it is none that Interval follows. */
const char *dcm_measure(const DcmCode *concept, const DcmCode *derivation);

/* Converts the value from the UCUM code `unit` into the measure's own unit.
 * FALSE when they do not fit. */
gboolean dcm_measure_convert(const char *measure, const char *unit, double *value,
                             const char **ret_unit);

#endif
