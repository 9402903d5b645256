/* SPDX-License-Identifier: Apache-2.0
 *
 * interval.pixels/1: the files of one series, or one film, -> one volume.
 */
#ifndef INTERVAL_DICOM_PIXELS_H
#define INTERVAL_DICOM_PIXELS_H

#include "interval/plugin.h"

itv_status dcm_pixels(const itv_host *host, const itv_input *input, const itv_sink *out);

#endif
