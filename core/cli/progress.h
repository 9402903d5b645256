/* SPDX-License-Identifier: Apache-2.0
 *
 * cli/progress.h - one line on the terminal that says how far long work is.
 */
#ifndef ITV_CLI_PROGRESS_H
#define ITV_CLI_PROGRESS_H

#include <glib.h>

/* An ItvProgress; draws at most ten times a second. */
void itv_progress_show(gpointer data, const char *what, guint64 done, guint64 total);
/* Takes the line away; nothing happens when none was drawn. */
void itv_progress_clear(void);

#endif
