/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames that need no library of images: RLE (PS3.5 annex G) of any depth and colour,
 * and single deflated frames (PS3.5 A.4.10).
 */
#ifndef INTERVAL_DICOM_CODEC_H
#define INTERVAL_DICOM_CODEC_H

#include <glib.h>

/* `plane` is the bytes of one byte of one sample of all pixels; `out` gets the samples
 * one behind the other, each pixel little endian: samples * width * plane bytes.  FALSE
 * with a reason in `why` when the stream is damaged or another one. */
gboolean dcm_rle_decode(const guint8 *data, gsize n, guint samples, guint width, gsize plane,
                        guint8 *out, const char **why);

/* Raw deflate (RFC 1951) into exactly `size` bytes. */
gboolean dcm_inflate_frame(const guint8 *data, gsize n, guint8 *out, gsize size, const char **why);

#endif
