/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of one DICOM file, read through the host's source or, for the
 * deflated transfer syntax, from memory.  Small reads go through one window,
 * so that a walk over a header costs few calls and no pixel data.
 */
#ifndef INTERVAL_DICOM_FILE_H
#define INTERVAL_DICOM_FILE_H

#include <glib.h>

#include "interval/plugin.h"

#define DCM_ERROR dcm_error_quark()
GQuark dcm_error_quark(void);
typedef enum {
  DCM_ERROR_INPUT,
  DCM_ERROR_UNSUPPORTED,
  DCM_ERROR_LIMIT,
  DCM_ERROR_CANCELLED
} DcmErrorCode;

typedef struct DcmFile DcmFile;

/* Borrows `source`, which must live as long. */
DcmFile *dcm_file_new(const itv_source *source);
void dcm_file_free(DcmFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DcmFile, dcm_file_free)

gint64 dcm_file_size(const DcmFile *file);
const char *dcm_file_name(const DcmFile *file);

/* Exactly n bytes from offset, or FALSE when they are not all there. */
gboolean dcm_file_read(DcmFile *file, gint64 offset, void *buffer, gsize n);

/* Replaces what lies behind `offset` by its inflated form (raw deflate, RFC
 * 1951, as PS3.5 A.5 wants), at most `limit` bytes of it. */
gboolean dcm_file_inflate(DcmFile *file, gint64 offset, gsize limit, GError **error);

/* Counts one more parsed element; FALSE once a file has more than any sane one. */
gboolean dcm_file_count(DcmFile *file);

#endif
