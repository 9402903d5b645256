/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/session.h - one job in one worker, for the code that runs one or many.
 */
#ifndef ITV_PLUGIN_SESSION_H
#define ITV_PLUGIN_SESSION_H

#include "plugin/contract.h"
#include "plugin/plugins-private.h"

typedef struct {
  int fd; /* -1 once sealed */
  itv_volume shape;
} ItvMadeVolume;

typedef struct {
  ItvPlugin *plugin;
  ItvProcess *process;
  ItvJob *job; /* NULL in a batch: its inputs are sent already */
  ItvOutcome *outcome;
  ItvContract contract;
  gint64 deadline_ms;
  double deadline_s;
  gint64 n_bytes;    /* of records so far */
  char *explanation; /* what set_error() said last, NULL if nothing */
  GArray *made;      /* ItvMadeVolume */
  guint64 made_bytes, input_bytes;
  GCancellable *cancellable;
  gint64 cancel_until_ms; /* 0: not cancelled */
  ItvProgressFunc progress;
  void *data;
  gboolean over;           /* the outcome is settled */
  gboolean worker_is_good; /* it can take another job */
} ItvSession;

/* From now on the deadline runs. */
void itv_session_begin(ItvSession *session, double deadline_s);
/* Hears the worker until the outcome is settled. */
void itv_session_converse(ItvSession *session);
/* Frees what is in it; outcome and process stay the caller's. */
void itv_session_end(ItvSession *session);

#endif
