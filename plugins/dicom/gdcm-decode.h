/* SPDX-License-Identifier: Apache-2.0
 *
 * GDCM's codecs behind C.  Only the compressed bytes of one frame get here;
 * GDCM never parses a file.  No exception leaves.
 */
#ifndef INTERVAL_DICOM_GDCM_DECODE_H
#define INTERVAL_DICOM_GDCM_DECODE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *transfer_syntax; /* UID */
  const char *photometric;     /* (0028,0004) */
  unsigned rows, columns, samples, planar;
  unsigned allocated, stored, high_bit;
  int is_signed;
} DcmCodecFormat;

/* Decodes one frame into `out`, samples as (0028,0100) allots them, little
 * endian.  *ret_planar: 1 when colour planes follow each other; *ret_ybr: 1
 * when the first sample is luminance.  0 on success, -1 with a reason. */
int dcm_gdcm_decode(const DcmCodecFormat *format, const void *data, size_t n, void *out,
                    size_t out_size, int *ret_planar, int *ret_ybr, char *error, size_t error_size);

#ifdef __cplusplus
}
#endif

#endif
