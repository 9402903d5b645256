/* SPDX-License-Identifier: Apache-2.0
 *
 * nifti-pixels.h - voxels into a volume of the host.
 */
#ifndef NIFTI_PIXELS_H
#define NIFTI_PIXELS_H

#include "interval/plugin.h"

/* Kind interval.pixels/1: one volume per source and frame. */
itv_status nifti_pixels_run(void *self, const itv_host *host, const itv_input *input,
                            const itv_sink *out);

/* Sets the error "SOURCE: ..." and returns status. */
itv_status nifti_fail(const itv_host *host, itv_status status, const itv_source *source,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
