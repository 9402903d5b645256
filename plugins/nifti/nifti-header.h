/* SPDX-License-Identifier: Apache-2.0
 *
 * nifti-header.h - what the 348 bytes of a NIfTI-1 header say, in this
 * machine's byte order, millimetres and patient LPS coordinates.
 */
#ifndef NIFTI_HEADER_H
#define NIFTI_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  NIFTI_HEADER_SIZE = 348,
  NIFTI_U8 = 2,
  NIFTI_I16 = 4,
  NIFTI_I32 = 8,
  NIFTI_F32 = 16,
  NIFTI_F64 = 64,
  NIFTI_I8 = 256,
  NIFTI_U16 = 512,
  NIFTI_U32 = 768,
  NIFTI_I64 = 1024,
  NIFTI_U64 = 1280,
};

typedef struct {
  bool swapped;
  int32_t dim[3];
  int32_t frames; /* dim[4] */
  int32_t datatype;
  size_t bytes_per_voxel; /* 0: a type that is not read */
  size_t data_offset;     /* of the first voxel */
  double slope, intercept;
  double window_low, window_high; /* equal: none */
  bool oriented, spacing_unknown;
  double spacing_mm[3], origin_mm[3], direction[9]; /* as in itv_volume */
  char description[81];
  const char *orientation_note; /* NULL: nothing to say */
  char unreadable[160];         /* why the voxels cannot be read; "" if they can */
} NiftiHeader;

typedef enum { NIFTI_NO, NIFTI_MALFORMED, NIFTI_UNSUPPORTED, NIFTI_YES } NiftiVerdict;

/* NIFTI_NO: it is something else.  For MALFORMED and UNSUPPORTED `reason` (of
 * `reason_size` bytes) says why. */
NiftiVerdict nifti_header_read(const uint8_t bytes[NIFTI_HEADER_SIZE], NiftiHeader *ret,
                               char *reason, size_t reason_size);

#endif
