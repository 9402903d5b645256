/* SPDX-License-Identifier: Apache-2.0
 *
 * fhir-record.h - the records of one resource, until they are emitted.
 */
#ifndef FHIR_RECORD_H
#define FHIR_RECORD_H

#include <glib.h>

#include "interval/plugin.h"

typedef struct {
  const char *name;
  GArray *fields; /* itv_field; keys are literals, texts lie in the unit */
} Record;

typedef struct {
  GPtrArray *records; /* Record */
  GPtrArray *notes;   /* char * */
  guint more_notes;
  GStringChunk *texts;
  char *rejected; /* the first reason; then no record leaves */
  char *known;    /* since when the content is known; NULL: not said */
  gboolean empty; /* nothing is to be taken and nothing to be said: it is only counted */
} Unit;

Unit *unit_new(void);
void unit_free(Unit *unit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Unit, unit_free)

Record *unit_add(Unit *unit, const char *name);
/* Each sentence once. */
void unit_note(Unit *unit, const char *format, ...) G_GNUC_PRINTF(2, 3);
void unit_reject(Unit *unit, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* NULL and "" are left out; what is longer than `max` bytes is cut, with a note. */
void record_str(Unit *unit, Record *record, const char *key, const char *value, gsize max);
/* The same for a field that may be empty but must be there. */
void record_text(Unit *unit, Record *record, const char *key, const char *value, gsize max);
void record_i64(Record *record, const char *key, gint64 value, const char *unit_code);
void record_f64(Record *record, const char *key, double value, const char *unit_code);

#endif
