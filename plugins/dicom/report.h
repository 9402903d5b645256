/* SPDX-License-Identifier: Apache-2.0
 *
 * Structured reports (PS3.3 C.17.3): measurements with what they belong to
 * (TID 1500 and trees like it, among them those that AIM tools write), and the
 * text of narrative reports.
 */
#ifndef INTERVAL_DICOM_REPORT_H
#define INTERVAL_DICOM_REPORT_H

#include "report-tree.h"

typedef struct DcmReport DcmReport;

/* Reads a data set with a content sequence. */
DcmReport *dcm_report_read(const DcmDataset *dataset);
void dcm_report_free(DcmReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DcmReport, dcm_report_free)

/* What a person should know about it; NULL if nothing. Borrowed. */
const char *dcm_report_note(const DcmReport *report);
/* Emits interval.measurement/1 and interval.report/1. */
itv_status dcm_report_emit(const DcmReport *report, const itv_sink *out);

/* report-text.c: the narrative as text with headings, NULL if there is none;
 * *ret_sections gets the headings in order. */
char *dcm_report_text(const SrNode *root, const char *sop_class, GPtrArray *ret_sections);

#endif
