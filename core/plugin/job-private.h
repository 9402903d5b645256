/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/job-private.h - the inside of a job, for the code that sends it.
 */
#ifndef ITV_PLUGIN_JOB_PRIVATE_H
#define ITV_PLUGIN_JOB_PRIVATE_H

#include "plugin/job.h"

typedef struct {
  char *name;
  char *path; /* NULL: use fd */
  int fd;     /* -1: use path */
} ItvJobSource;

typedef struct {
  ItvVolume *volume;
  char *role;
} ItvJobVolume;

struct ItvJob {
  ItvRecords *records;
  GPtrArray *volumes; /* ItvJobVolume */
  GPtrArray *sources; /* ItvJobSource */
  char *text;
  gsize text_len;
  double deadline_s;
  char *digest, *strike_key;
  char *problem; /* why it cannot be run, found while it was built */
};

/* Opens a source for reading; the caller closes *ret_fd when *ret_owned.  A path must be a
 * regular file.  FALSE with ITV_ERROR_INPUT. */
gboolean itv_job_source_open(const ItvJobSource *source, int *ret_fd, gboolean *ret_owned,
                             gint64 *ret_size, GError **error);

#endif
