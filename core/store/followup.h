/* SPDX-License-Identifier: Apache-2.0
 *
 * store/followup.h - the worklist's cache: follow-ups of each family of
 * patients as they stand on the days for which they were derived.
 */
#ifndef ITV_STORE_FOLLOWUP_H
#define ITV_STORE_FOLLOWUP_H

#include "store/db.h"

typedef struct {
  const char *id, *status, *kind;
  gint64 patient; /* row of the surviving id */
  gint64 urgency;
  const char *document; /* JSON */
} ItvFollowupRow;

/* Puts these in place of what the family had, in one go, and takes the stale
 * mark off.  valid_until NULL: for good. */
gboolean itv_followup_replace(ItvDb *db, gint64 family, const char *derived_for,
                              const char *valid_until, const ItvFollowupRow *rows, gsize n,
                              GError **error);
/* Marks every family stale unless the cache was derived under these rules. */
gboolean itv_followup_set_rules(ItvDb *db, const char *hash, GError **error);
/* Documents, most urgent first.  `family` 0: all; `statuses` NULL: all; limit < 0: all. */
GPtrArray *itv_followup_documents(ItvDb *db, gint64 family, const char *const *statuses,
                                  gint64 limit, GError **error);
/* Families with an item whose id begins so; gint64, owned. */
GArray *itv_followup_families(ItvDb *db, const char *id_prefix, GError **error);

#endif
