/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of elements as C types.  Text comes as UTF-8 without padding; what is
 * absent, empty or malformed comes as NULL or FALSE.
 */
#ifndef INTERVAL_DICOM_VALUES_H
#define INTERVAL_DICOM_VALUES_H

#include "dataset.h"

/* The whole text with its backslashes, at most 1 MiB of it. */
char *dcm_text(const DcmDataset *dataset, guint32 tag);
/* The n-th of the values between backslashes. */
char *dcm_text_n(const DcmDataset *dataset, guint32 tag, guint n);
/* The first that is present. */
char *dcm_text_any(const DcmDataset *dataset, const guint32 *tags, gsize n_tags);
/* A UID; NULL when it is none by its form. */
char *dcm_uid(const DcmDataset *dataset, guint32 tag);
/* First component group of a person name, without empty components at its end. */
char *dcm_person(const DcmDataset *dataset, guint32 tag);
/* The n-th number of a DS, IS, US, SS, UL, SL, FL or FD; finite. */
gboolean dcm_number(const DcmDataset *dataset, guint32 tag, guint n, double *ret_value);
guint dcm_numbers(const DcmDataset *dataset, guint32 tag, double *ret_values, guint max);
gboolean dcm_integer(const DcmDataset *dataset, guint32 tag, gint64 *ret_value);

/* Meaning, value and scheme of the first item of a code sequence. */
typedef struct {
  char *value, *scheme, *meaning;
} DcmCode;
void dcm_code_clear(DcmCode *code);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DcmCode, dcm_code_clear)
gboolean dcm_code(const DcmDataset *dataset, guint32 sequence, DcmCode *ret_code);
/* Does the code (which may be empty) have this value in this scheme? */
gboolean dcm_code_is(const DcmCode *code, const char *scheme, const char *value);

/* ISO 8601 from DA and TM ("2024-05-01T10:20:30", the date alone without a
 * sound time), or from one DT.  NULL when the date is not sound. */
char *dcm_iso(const char *da, const char *tm);
char *dcm_iso_dt(const char *dt);
char *dcm_datetime(const DcmDataset *dataset, guint32 date_tag, guint32 time_tag);

#endif
