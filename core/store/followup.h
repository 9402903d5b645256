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

/* A part of the worklist. */
typedef struct {
  const char *const *statuses; /* of the most urgent class first; an urgency of one is less than
                                  any of the next */
  gboolean clinical;           /* also items of that kind */
  const char *after;           /* begins behind the item of that id; NULL: at the top */
  gint64 offset, limit;        /* passes over so many, takes so many; limit < 0: all */
} ItvFollowupPage;
/* Documents, most urgent first; owned.  By index: what it takes does not depend on how
 * many items there are, but `offset` is counted off one by one.  ITV_ERROR_NOT_FOUND:
 * there is no item `after`. */
GPtrArray *itv_followup_page(ItvDb *db, const ItvFollowupPage *page, GError **error);
/* How many items there are of that status. */
gboolean itv_followup_count(ItvDb *db, const char *status, gboolean clinical, gint64 *ret,
                            GError **error);
/* Families with an item whose id begins so; gint64, owned. */
GArray *itv_followup_families(ItvDb *db, const char *id_prefix, GError **error);

#endif
