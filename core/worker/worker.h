/* SPDX-License-Identifier: Apache-2.0
 *
 * worker/worker.h - the parts of interval-worker: confine.c takes rights away,
 * load.c maps the plugin, host.c is what the plugin may call, job.c receives
 * inputs, crash.c leaves a note for the core's message.
 */
#ifndef ITV_WORKER_WORKER_H
#define ITV_WORKER_WORKER_H

#include <pthread.h>

#include "wire/channel.h"

#define ITV_WORKER_MESSAGE 2000 /* bytes of a message that are passed on */

typedef struct ItvPair {
  struct ItvPair *next;
  char *key;
  char *value;      /* configuration */
  const void *data; /* resource */
  size_t size;
} ItvPair;

typedef struct {
  ItvChannel channel;
  pthread_mutex_t send_lock; /* log, progress and cancelled come from any thread */
  uint8_t *out;              /* body under construction, under send_lock */
  volatile ItvWirePage *page;
  uint32_t job;
  ItvPair *config, *resources;
  bool jit;
  int64_t max_records, max_bytes;
  /* of the running job */
  int64_t n_records, n_bytes;
  bool has_error, over_limit;
  bool in_batch; /* nothing is received before the last of its jobs is done */
  int64_t last_progress_ms;
  int64_t last_flush_ms;
  struct ItvMade *made; /* volumes that the plugin asked for */
  itv_host host;
  itv_sink sink;
  const itv_plugin *plugin;
  void *self;
} ItvWorker;

/* ---- confine.c ---- */
typedef struct {
  int landlock_abi; /* 0: not available */
  bool seccomp;
  char warning[256]; /* what could not be done, "" if nothing */
} ItvConfinement;
/* Before any plugin code: file-system and system-call rights, limits.  Ends the
 * process when a right cannot be taken away although the kernel offers it. */
void itv_confine_before_load(const char *object, int64_t memory_bytes, ItvConfinement *ret);
/* After create(): no file is opened any more, no executable memory unless `jit`. */
void itv_confine_before_jobs(bool jit);

/* ---- crash.c ---- */
void itv_crash_notes(volatile ItvWirePage *page);
/* A fault at such an address means that an input was written to. */
void itv_crash_read_only(const void *data, size_t size);
void itv_crash_forget_read_only(void);

/* ---- load.c ---- */
/* NULL after a REFUSED frame. */
const itv_plugin *itv_worker_load(ItvWorker *worker, const char *object, const char *id,
                                  const char *version);
/* NULL after a REFUSED frame. */
const itv_kind *itv_worker_kind(ItvWorker *worker, const char *kind);

/* ---- host.c ---- */
void itv_host_init(ItvWorker *worker);
void itv_host_begin_job(ItvWorker *worker, uint32_t job);
void itv_host_end_job(ItvWorker *worker); /* unmaps the volumes */
/* Any thread.  Ends the process when the core is gone. */
void itv_worker_send(ItvWorker *worker, const ItvWireFrame *frame);
/* Gathers frames, or stops to; what was gathered goes out then, or by itself when it is much or
 * old. */
void itv_worker_hold(ItvWorker *worker, bool hold);
void itv_worker_send_old(ItvWorker *worker);
void itv_worker_refuse(ItvWorker *worker, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- job.c ---- */
/* Probes and jobs until the core closes the socket. */
void itv_worker_serve(ItvWorker *worker);

#endif
