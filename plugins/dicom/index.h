/* SPDX-License-Identifier: Apache-2.0
 *
 * interval.importer/1: one DICOM file -> its document, patient and image
 * records, and what a structured report holds.
 */
#ifndef INTERVAL_DICOM_INDEX_H
#define INTERVAL_DICOM_INDEX_H

#include "image.h"

itv_status dcm_import(const itv_host *host, const itv_source *source, const itv_sink *out);

/* set_error() and the status that goes with the error. */
itv_status dcm_fail(const itv_host *host, const GError *error);

#endif
