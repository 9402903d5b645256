/* SPDX-License-Identifier: Apache-2.0
 *
 * What a compressed frame says about itself.  GDCM's codecs trust the DICOM
 * header and abort or worse where the two disagree.
 */
#ifndef INTERVAL_DICOM_CODESTREAM_H
#define INTERVAL_DICOM_CODESTREAM_H

#include <glib.h>

typedef struct {
  guint rows, columns, samples, precision; /* bits of a sample */
} DcmCodestream;

/* Reads the frame header of a JPEG or JPEG-LS (SOF marker) or JPEG 2000 (SIZ
 * marker, bare or in a JP2 file) stream.  FALSE when there is none. */
gboolean dcm_codestream_read(const guint8 *data, gsize n, DcmCodestream *ret);

/* Does it end in the marker that ends a JPEG, JPEG-LS or JPEG 2000 stream (FFD9), but for
 * padding? */
gboolean dcm_codestream_is_whole(const guint8 *data, gsize n);

#endif
