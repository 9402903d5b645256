/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <stdio.h>

#define BAR 30
#define EVERY_US 100000

static gboolean drawn;
static gint64 last_us;

void
itv_progress_show(gpointer data, const char *what, guint64 done, guint64 total)
{
  (void)data;
  const gint64 now = g_get_monotonic_time();
  if (now - last_us < EVERY_US)
    return;
  last_us = now;
  drawn = TRUE;
  if (total == 0) {
    fprintf(stderr, "\r\033[K%s: %" G_GUINT64_FORMAT, what, done);
    return;
  }
  const int filled = (int)(BAR * done / total);
  fprintf(stderr, "\r\033[K%s [%.*s%.*s] %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT, what, filled,
          "##############################", BAR - filled, "..............................", done,
          total);
}

void
itv_progress_clear(void)
{
  if (drawn)
    fputs("\r\033[K", stderr);
  drawn = FALSE;
}
