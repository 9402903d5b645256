/* SPDX-License-Identifier: Apache-2.0
 *
 * DICOM's words in the words of schemas/records.xml.
 */
#ifndef INTERVAL_DICOM_TERMS_H
#define INTERVAL_DICOM_TERMS_H

#include <glib.h>

/* (0008,0060) -> XR CT MR ...; "OT" for what is none of them. */
const char *dcm_modality(const char *dicom_modality);
/* L, R, B, words or codes -> left right bilateral; NULL when unknown. */
const char *dcm_laterality(const char *text);
/* View position or the meaning of a view code -> AP PA LATERAL CC MLO; as it
 * stands when it is another.  Free with g_free. */
char *dcm_view(const char *text);
/* Of a view code (SNOMED CT, SRT); NULL when it is another. */
const char *dcm_view_code(const char *value);
/* Is it a projection of X-rays, whose pixel spacing is at the detector? */
gboolean dcm_is_projection(const char *dicom_modality);
/* Contrast phase from the agent and the words of descriptions; NULL when
 * nothing tells. */
const char *dcm_contrast_phase(const char *agent, const char *words);

#endif
