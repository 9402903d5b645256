/* SPDX-License-Identifier: Apache-2.0
 *
 * app/reading.h - what a report was read to say besides its recommendations:
 * findings with their sizes, contradictions, and how it was read.
 */
#ifndef ITV_APP_READING_H
#define ITV_APP_READING_H

#include "app/app-private.h"

/* The records of a parse result by name, as JSON; `text` is the report's, whose
 * bytes they name.  Owned. */
json_object *itv_reading_statements(const ItvRecords *records, const char *text);
json_object *itv_reading_findings(const ItvRecords *records, const char *text);
json_object *itv_reading_contradictions(const ItvRecords *records, const char *text);
json_object *itv_reading_trace(const ItvRecords *records, const char *text);

/* The stored parse result of a report; *ret_records NULL when there is none. */
gboolean itv_reading_of_report(ItvApp *app, const char *report_uid, ItvRecords **ret_records,
                               GError **error);

/* Sides that contradict each other: the report's exam, its order, and what it asks for.
 * Sentences for a person, added to `list`. */
void itv_reading_check_order(const ItvHistory *history, const ItvFollowup *item, json_object *list);

#endif
