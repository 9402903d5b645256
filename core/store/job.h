/* SPDX-License-Identifier: Apache-2.0
 *
 * store/job.h - jobs as rows, and their results.  A job is known by its kind
 * and its subject; what is done is not done again until its plugin,
 * configuration or inputs change.
 */
#ifndef ITV_STORE_JOB_H
#define ITV_STORE_JOB_H

#include "store/db.h"

typedef struct {
  gint64 id;
  char *kind, *subject, *state, *message;
  char *plugin, *plugin_version, *plugin_sha256, *plugin_config, *inputs;
  char *records; /* canonical JSON of the result; NULL until done */
} ItvJobRow;
void itv_job_row_free(ItvJobRow *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvJobRow, itv_job_row_free)

/* Nothing happens when that job exists in any state. */
gboolean itv_job_queue(ItvDb *db, const char *kind, const char *subject, GError **error);
/* The next queued one of that kind (any: NULL), now running and owned by this
 * process; *ret_job NULL when there is none. */
gboolean itv_job_claim(ItvDb *db, const char *kind, ItvJobRow **ret_job, GError **error);
/* Running jobs whose process is gone are queued again; *ret_n how many. */
gboolean itv_job_recover(ItvDb *db, gint64 *ret_n, GError **error);

typedef struct {
  const char *plugin, *version, *sha256, *config, *inputs; /* may be NULL */
} ItvJobMade;
gboolean itv_job_done(ItvDb *db, gint64 id, const ItvJobMade *made, const char *records,
                      GError **error);
/* state: "failed" or "quarantined" */
gboolean itv_job_failed(ItvDb *db, gint64 id, const char *state, const ItvJobMade *made,
                        const char *message, GError **error);
/* *ret_job NULL when there is none. */
gboolean itv_job_find(ItvDb *db, const char *kind, const char *subject, ItvJobRow **ret_job,
                      GError **error);
/* Done and failed ones that another plugin build or configuration made are
 * queued again. */
gboolean itv_job_requeue_stale(ItvDb *db, const char *kind, const char *sha256, const char *config,
                               gint64 *ret_n, GError **error);
/* Calls for every job of that kind that is done, by subject. */
typedef gboolean (*ItvJobEach)(const ItvJobRow *job, gpointer data, GError **error);
gboolean itv_job_foreach_done(ItvDb *db, const char *kind, ItvJobEach each, gpointer data,
                              GError **error);

#endif
