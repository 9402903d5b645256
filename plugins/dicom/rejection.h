/* SPDX-License-Identifier: Apache-2.0
 *
 * Key Object Selection documents that reject (IHE IOCM; PS3.16 CID 7011): which images
 * are not to be used any more, and why.
 */
#ifndef INTERVAL_DICOM_REJECTION_H
#define INTERVAL_DICOM_REJECTION_H

#include "dataset.h"

/* The reason in our words when the data set is a rejection note; NULL otherwise. */
const char *dcm_rejection_reason(const DcmDataset *dataset);

/* interval.rejection/1 (DraftRecord) for each series named.  *ret_n: how many images. */
GPtrArray *dcm_rejections_read(const DcmDataset *dataset, const char *reason, guint *ret_n);

#endif
