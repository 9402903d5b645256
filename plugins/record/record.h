/* SPDX-License-Identifier: Apache-2.0
 *
 * record.h - one record for the sink, built field by field.  Absent values (NULL,
 * "") are left out; what is longer than `max` bytes is cut at a character's border.
 */
#ifndef INTERVAL_PLUGINS_RECORD_H
#define INTERVAL_PLUGINS_RECORD_H

#include <glib.h>

#include "interval/plugin.h"

/* max-length of schemas/records.xml: the default, ids, notes, report texts; bytes. */
#define DRAFT_TEXT_MAX 1024
#define DRAFT_ID_MAX 256
#define DRAFT_NOTE_MAX 2048
#define DRAFT_REPORT_MAX 1048576

typedef struct DraftRecord DraftRecord;

/* `name` and all keys and units are literals. */
DraftRecord *draft_record_new(const char *name);
void draft_record_free(DraftRecord *record); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DraftRecord, draft_record_free)

void draft_record_text(DraftRecord *record, const char *key, const char *text, gsize max);
/* "" too, for fields that must be there. */
void draft_record_any(DraftRecord *record, const char *key, const char *text, gsize max);
/* Frees the text; DRAFT_TEXT_MAX. */
void draft_record_take(DraftRecord *record, const char *key, char *text);
void draft_record_f64(DraftRecord *record, const char *key, double value, const char *unit);
void draft_record_i64(DraftRecord *record, const char *key, gint64 value, const char *unit);
/* What the sink says. */
itv_status draft_record_emit(const DraftRecord *record, const itv_sink *sink);

#endif
