/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INTERVAL_DICOM_DICTIONARY_H
#define INTERVAL_DICOM_DICTIONARY_H

#include <glib.h>

/* VR of those elements that this plugin reads and that are no text (PS3.6),
 * for streams that do not name it; "UN" for all others. */
const char *dcm_dictionary_vr(guint32 tag);

#endif
