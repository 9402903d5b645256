/* SPDX-License-Identifier: Apache-2.0
 *
 * The two ways to judge healing: from scores over time, and from two films.
 */
#ifndef HEALING_H
#define HEALING_H

#include <glib.h>

#include "interval/plugin.h"

/* Days since 1 January 1 of "YYYY-MM-DD..."; 0 when not precise to the day. */
gint32 healing_day(const char *text);
/* The inverse, to be freed. */
char *healing_date(gint32 day);
/* `months` calendar months later (earlier when negative), clamped to the month's end. */
gint32 healing_add_months(gint32 day, int months);

/* The fields of one record; texts are kept until it is emitted. */
typedef struct {
  itv_field fields[32];
  size_t n;
  GPtrArray *texts;
} Draft;

void draft_init(Draft *draft);
void draft_number(Draft *draft, const char *key, double value, const char *unit);
void draft_text(Draft *draft, const char *key, const char *text);
void draft_note(Draft *draft, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Emits and clears. */
itv_status draft_emit(Draft *draft, const itv_sink *out, const char *record);

itv_status healing_run_scores(const itv_host *host, const itv_input *input, const itv_sink *out);
itv_status healing_run_films(const itv_host *host, const itv_input *input, const itv_sink *out);

#endif
