/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/outcome.h - what became of a job: all records or none, and whose fault
 * it was.
 */
#ifndef ITV_PLUGIN_OUTCOME_H
#define ITV_PLUGIN_OUTCOME_H

#include "base/record.h"
#include "model/volume.h"

typedef enum {
  ITV_OUTCOME_OK,
  ITV_OUTCOME_NOT_APPLICABLE, /* the plugin says: not for me */
  ITV_OUTCOME_ERROR,          /* the plugin failed in good order, see `status` */
  ITV_OUTCOME_CANCELLED,      /* we wanted it */
  /* the plugin's fault from here ... */
  ITV_OUTCOME_CRASH,     /* a signal, or the process ended itself */
  ITV_OUTCOME_HANG,      /* deadline or processor time was over */
  ITV_OUTCOME_MEMORY,    /* died at its memory limit */
  ITV_OUTCOME_FORBIDDEN, /* killed for a system call that no plugin may do */
  ITV_OUTCOME_PROTOCOL,  /* a malformed or impossible message, success without a
                            record, failure without a message */
  ITV_OUTCOME_SCHEMA,    /* a record that schemas/records.xml does not allow */
  ITV_OUTCOME_REFUSED,   /* could not be loaded: ABI, id, symbol, create() */
  /* ... to here */
  ITV_OUTCOME_QUARANTINED, /* not run: it failed twice on this input */
  ITV_OUTCOME_OFF,         /* not run: the plugin is switched off */
  ITV_OUTCOME_HOST,        /* our own failure: no worker, unreadable source */
} ItvOutcomeClass;

/* Which code made a result; when one of these changes, the result is stale.
 * Inputs: itv_job_digest(). */
typedef struct {
  char *plugin, *version;
  char *sha256;      /* of the shared object */
  char *config_hash; /* SHA-256 over configuration values and resources */
} ItvProvenance;

typedef struct {
  ItvOutcomeClass class;
  itv_status status;    /* what run() returned; ITV_OK when it did not return */
  int signal;           /* that ended the worker, 0 if none */
  char *message;        /* one sentence for a person; "" for OK */
  ItvRecords *records;  /* empty unless OK */
  GPtrArray *volumes;   /* ItvVolume, owned; empty unless OK */
  GArray *volume_ids;   /* gint64, their ids as in field "volume" */
  GPtrArray *log;       /* "warning: ..." lines, at most 100 */
  ItvProvenance origin; /* always set */
  double seconds;       /* wall clock */
} ItvOutcome;

void itv_outcome_free(ItvOutcome *outcome);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvOutcome, itv_outcome_free)

/* "crash", "hang" ...: stable words for the database and JSON. */
const char *itv_outcome_word(ItvOutcomeClass class);
/* Is the plugin to blame (a strike)? */
gboolean itv_outcome_blames_plugin(ItvOutcomeClass class);
/* The volume that a record's field "volume" names; NULL if there is none. Borrowed. */
ItvVolume *itv_outcome_volume(const ItvOutcome *outcome, gint64 id);
/* TRUE for OK.  Else FALSE with the message: ITV_ERROR_INPUT when the plugin
 * says that the input is malformed, unsupported or not for it,
 * ITV_ERROR_CANCELLED, else ITV_ERROR_PLUGIN. */
gboolean itv_outcome_check(const ItvOutcome *outcome, GError **error);

#endif
