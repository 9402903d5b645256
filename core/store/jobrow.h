/* SPDX-License-Identifier: Apache-2.0
 *
 * store/jobrow.h - jobs as rows, and their results.  A job is known by its kind
 * and its subject; what is done is not done again until its plugin,
 * configuration or inputs change.
 */
#ifndef ITV_STORE_JOBROW_H
#define ITV_STORE_JOBROW_H

#include "store/db.h"

typedef struct {
  gint64 id;
  char *kind, *subject, *state, *message;
  char *plugin, *plugin_version, *plugin_sha256, *plugin_config, *inputs;
  char *records; /* canonical JSON of the result; NULL until done */
} ItvJobRow;
void itv_jobrow_free(ItvJobRow *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvJobRow, itv_jobrow_free)

/* Nothing happens when that job exists in any state. */
gboolean itv_jobrow_queue(ItvDb *db, const char *kind, const char *subject, GError **error);
/* The next queued one of that kind, now running and owned by this
 * process; *ret_job NULL when there is none. */
gboolean itv_jobrow_claim(ItvDb *db, const char *kind, ItvJobRow **ret_job, GError **error);
/* Running jobs whose process is gone are queued again; *ret_n how many. */
gboolean itv_jobrow_recover(ItvDb *db, gint64 *ret_n, GError **error);

typedef struct {
  const char *plugin, *version, *sha256, *config, *inputs; /* may be NULL */
} ItvJobRowMade;
gboolean itv_jobrow_done(ItvDb *db, gint64 id, const ItvJobRowMade *made, const char *records,
                         GError **error);
/* state: "failed" or "quarantined" */
gboolean itv_jobrow_failed(ItvDb *db, gint64 id, const char *state, const ItvJobRowMade *made,
                           const char *message, GError **error);
/* Puts a finished job in place of what is there under its kind and subject: for
 * jobs that somebody waits for.  `records` NULL: it failed with `message`. */
gboolean itv_jobrow_put(ItvDb *db, const char *kind, const char *subject, const char *state,
                        const ItvJobRowMade *made, const char *records, const char *message,
                        GError **error);
/* *ret_job NULL when there is none. */
gboolean itv_jobrow_find(ItvDb *db, const char *kind, const char *subject, ItvJobRow **ret_job,
                         GError **error);
/* A failure may have been the machine's (no memory, a loaded processor): that often
 * a job is tried before it stays failed. */
#define ITV_JOBROW_ATTEMPTS 3
/* Done and failed ones that another plugin build or configuration made are queued
 * again, and failed ones with attempts left. */
gboolean itv_jobrow_requeue_stale(ItvDb *db, const char *kind, const char *sha256,
                                  const char *config, gint64 *ret_n, GError **error);
/* That one is queued again: its inputs have changed. */
gboolean itv_jobrow_requeue(ItvDb *db, gint64 id, GError **error);
/* What that plugin failed on is queued again: somebody has switched it on. */
gboolean itv_jobrow_requeue_plugin(ItvDb *db, const char *kind, const char *plugin, GError **error);
/* How many of that kind wait or run, and how many have failed or are quarantined. */
gboolean itv_jobrow_count(ItvDb *db, const char *kind, gint64 *ret_open, gint64 *ret_failed,
                          GError **error);
/* Calls for every job of that kind that is done, by subject. */
typedef gboolean (*ItvJobRowEach)(const ItvJobRow *job, gpointer data, GError **error);
gboolean itv_jobrow_foreach_done(ItvDb *db, const char *kind, ItvJobRowEach each, gpointer data,
                                 GError **error);
/* The same for those that failed or are quarantined; `message` says why. */
gboolean itv_jobrow_foreach_failed(ItvDb *db, const char *kind, ItvJobRowEach each, gpointer data,
                                   GError **error);

#endif
