/* SPDX-License-Identifier: Apache-2.0
 *
 * Standardised uptake values of PET (PS3.3 C.8.9; the recipe is QIBA's SUV vendor-neutral
 * pseudo-code).
 */
#ifndef INTERVAL_DICOM_UPTAKE_H
#define INTERVAL_DICOM_UPTAKE_H

#include "dataset.h"

/* Rescaled value times factor = SUV in g/mL (lean body mass likewise; body surface in
 * cm2/mL); 0 where the header does not tell. */
typedef struct {
  double body_weight, lean_body_mass, body_surface;
  char *problem; /* why there is no factor for body weight; NULL when there is */
} DcmUptake;

void dcm_uptake_clear(DcmUptake *uptake);
/* FALSE when the object is no PET image: nothing is filled in then. */
gboolean dcm_uptake_read(const DcmDataset *dataset, DcmUptake *ret_uptake);

#endif
