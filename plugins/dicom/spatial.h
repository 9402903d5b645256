/* SPDX-License-Identifier: Apache-2.0
 *
 * Spatial Registration and Deformable Spatial Registration (PS3.3 C.20.2, C.20.3): how
 * others laid one frame of reference upon another.
 */
#ifndef INTERVAL_DICOM_SPATIAL_H
#define INTERVAL_DICOM_SPATIAL_H

#include "dataset.h"

/* Is it the SOP class of one? */
gboolean dcm_is_registration(const char *sop_class);

/* Emits interval.spatial/1 for each frame of reference that is laid upon the object's. */
itv_status dcm_registrations_emit(const DcmDataset *dataset, const itv_sink *out);

#endif
