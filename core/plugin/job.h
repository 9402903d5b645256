/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/job.h - what one plugin is asked once.
 */
#ifndef ITV_PLUGIN_JOB_H
#define ITV_PLUGIN_JOB_H

#include "base/record.h"
#include "model/volume.h"

typedef struct ItvJob ItvJob;

ItvJob *itv_job_new(void);
void itv_job_free(ItvJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvJob, itv_job_free)

/* Copies the record. */
void itv_job_add_record(ItvJob *job, const char *name, const itv_field *fields, gsize n_fields);
/* Copies all records of the list. */
void itv_job_add_records(ItvJob *job, const ItvRecords *records);
/* Takes a reference.  `role`: "fixed", "moving", "current" ... */
void itv_job_add_volume(ItvJob *job, ItvVolume *volume, const char *role);
/* Takes `fd`, which must be open for reading only.  `name` is for messages. */
void itv_job_add_source_fd(ItvJob *job, int fd, const char *name);
/* The file is opened when the job is sent, and closed again at once: a series
 * of a thousand files needs no thousand descriptors here.  Thousands are fine
 * for the worker (limit 8,000). */
void itv_job_add_source_path(ItvJob *job, const char *path);
/* The same for bytes that are in memory (one message from a listener). */
gboolean itv_job_add_source_bytes(ItvJob *job, const void *bytes, gsize n, const char *name,
                                  GError **error);
/* Copies; must be valid UTF-8 without NUL (else the job fails as the host's fault). */
void itv_job_set_text(ItvJob *job, const char *text, gssize length);
/* Instead of the manifest's deadline; 0 = the manifest's. */
void itv_job_set_deadline(ItvJob *job, double seconds);

/* SHA-256 (hex) over all inputs, the contents of files and volumes included; kept once computed, so
 * it costs one reading.  "" when a file cannot be read.  Borrowed. */
const char *itv_job_digest(ItvJob *job);
/* "BYTES:DIGEST", BYTES being itv_job_bytes(): what a strike is noted under.  "" as above. */
const char *itv_job_strike_key(ItvJob *job);
/* Of all files; costs no reading. */
guint64 itv_job_bytes(const ItvJob *job);

#endif
