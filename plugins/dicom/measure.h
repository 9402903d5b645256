/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of our measures a coded measurement with its derivation is.
 */
#ifndef INTERVAL_DICOM_MEASURE_H
#define INTERVAL_DICOM_MEASURE_H

#include "values.h"

/* The measure ("long-axis" ...) of a concept with its derivation (may be
 * empty); NULL when it is none that Interval follows. */
const char *dcm_measure(const DcmCode *concept, const DcmCode *derivation);

#endif
