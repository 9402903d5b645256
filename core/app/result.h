/* SPDX-License-Identifier: Apache-2.0
 *
 * app/result.h - a job that somebody waits for: run, or taken from the database
 * when the same plugin, configuration and inputs have answered before.
 */
#ifndef ITV_APP_RESULT_H
#define ITV_APP_RESULT_H

#include "app/app-private.h"

typedef struct {
  char *kind, *plugin, *version, *sha256, *config_hash, *inputs;
  ItvRecords *records;
  ItvOutcome *outcome; /* with its volumes; NULL when taken from the database */
} ItvAppResult;
void itv_app_result_free(ItvAppResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvAppResult, itv_app_result_free)

/* `subject` names the pair or series; NULL or no database: nothing is kept.  The
 * error says which plugin failed and how; a failure is kept as well. */
ItvAppResult *itv_app_result(ItvApp *app, const char *kind, const char *subject, ItvJob *job,
                             GError **error);

#endif
