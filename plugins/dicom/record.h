/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds one record for the sink.  Absent values (NULL, "") are left out, text
 * is cut at a character's border where schemas/records.xml limits it.
 */
#ifndef INTERVAL_DICOM_RECORD_H
#define INTERVAL_DICOM_RECORD_H

#include <glib.h>

#include "interval/plugin.h"

#define DCM_TEXT_MAX 1024 /* schemas/records.xml: default */
#define DCM_NOTE_MAX 2048
#define DCM_REPORT_MAX 1048576

typedef struct DcmRecord DcmRecord;
DcmRecord *dcm_record_new(void);
void dcm_record_free(DcmRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DcmRecord, dcm_record_free)

void dcm_record_text(DcmRecord *record, const char *key, const char *text, gsize max);
/* The same, and frees the text. */
void dcm_record_take(DcmRecord *record, const char *key, char *text);
void dcm_record_f64(DcmRecord *record, const char *key, double value, const char *unit);
void dcm_record_i64(DcmRecord *record, const char *key, gint64 value, const char *unit);
itv_status dcm_record_emit(DcmRecord *record, const itv_sink *sink, const char *name);

#endif
