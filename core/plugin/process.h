/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/process.h - one worker process: started, fed, ended.  Private to
 * core/plugin.
 */
#ifndef ITV_PLUGIN_PROCESS_H
#define ITV_PLUGIN_PROCESS_H

#include <glib.h>
#include <sys/types.h>

#include "wire/channel.h"

typedef struct ItvSpawner ItvSpawner;

typedef struct {
  pid_t pid;
  int socket;
  int stderr_pipe; /* -1: the worker has our own stderr */
  ItvChannel channel;
  ItvWirePage *page;          /* shared; the worker can write anything into it */
  uint32_t job;               /* number of the last job sent */
  guint8 *out;                /* body under construction */
  gint64 memory_bytes;        /* its own share of the address space; 0: unlimited */
  gboolean has_loaded;        /* code of the plugin has run in it, or is about to */
  gboolean unlimited;         /* below a debugger: no limits are set from here */
  char *sha256, *config_hash; /* of the plugin that it has loaded */
} ItvProcess;

/* How a process ended, for a message. */
typedef struct {
  gboolean killed; /* it did not end by itself */
  gboolean known;  /* FALSE: somebody else reaped it */
  int signal;      /* 0: it exited */
  int exit_code;
  char *last_words; /* the last line on its stderr, NULL if none; owned */
} ItvProcessEnd;

/* Starts processes in one thread that lives as long as it: a worker gets SIGKILL
 * when the thread that started it ends (PR_SET_PDEATHSIG), so that must not be
 * the thread of some job. */
ItvSpawner *itv_spawner_new(void);
void itv_spawner_free(ItvSpawner *spawner);

/* `wrapper`: NULL, or a debugger and its arguments to put before the worker, which
 * then runs unconfined and keeps stdin, stdout and stderr.  NULL with
 * ITV_ERROR_PLUGIN. */
ItvProcess *itv_process_spawn(ItvSpawner *spawner, const char *worker, const char *const *wrapper,
                              GError **error);
/* Kills and frees it at once. */
void itv_process_kill(ItvProcess *process);
/* Lets it end in good order, for a moment; reaps it and frees all. */
void itv_process_free(ItvProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvProcess, itv_process_free)

/* Waits at most `patience_ms` for the process to end by itself, then kills it. */
ItvProcessEnd itv_process_finish(ItvProcess *process, int patience_ms);
void itv_process_end_clear(ItvProcessEnd *end);

/* Has it ended, or said something that nobody asked for? */
gboolean itv_process_is_stale(const ItvProcess *process);
/* Forgets what it has written to stderr so far: last words are those of one job. */
void itv_process_drain(ItvProcess *process);
/* Address space beyond the plugin's own (inputs, volumes), in bytes. */
void itv_process_allow_memory(ItvProcess *process, guint64 extra);
/* Processor time from now on, over all threads. */
void itv_process_allow_cpu(ItvProcess *process, double seconds);
ItvChannelStatus itv_process_send(ItvProcess *process, const ItvWireFrame *frame, int fd,
                                  gint64 deadline_ms);

#endif
