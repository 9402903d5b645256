/* SPDX-License-Identifier: Apache-2.0
 *
 * Pixels of one image object, frame by frame, as grey values.
 */
#ifndef INTERVAL_DICOM_DECODE_H
#define INTERVAL_DICOM_DECODE_H

#include "image.h"

typedef struct DcmDecoder DcmDecoder;

/* Borrows `image`, which may be a segmentation, too.  NULL with an error when its pixels
 * cannot be decoded. */
DcmDecoder *dcm_decoder_new(const DcmImage *image, GError **error);
void dcm_decoder_free(DcmDecoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DcmDecoder, dcm_decoder_free)

/* Stored values of a frame (rows * columns): MONOCHROME1 is inverted, colour
 * becomes luminance of 0..255.  Neither slope nor intercept is applied. */
gboolean dcm_decoder_frame(DcmDecoder *decoder, guint frame, double *ret_values, GError **error);

/* Lowest and highest value that a frame can hold. */
void dcm_decoder_range(const DcmImage *image, double *ret_low, double *ret_high);
gboolean dcm_is_colour(const DcmImage *image);
gboolean dcm_is_inverted(const DcmImage *image);

#endif
