/* SPDX-License-Identifier: Apache-2.0
 *
 * store/linkage.h - what is kept to find patient ids that may be one person.
 * Derived: `rebuild` empties it.
 */
#ifndef ITV_STORE_LINKAGE_H
#define ITV_STORE_LINKAGE_H

#include "store/db.h"

/* A patient id as a row. */
typedef struct {
  gint64 pk, family;
  char *id, *issuer;
} ItvLinkId;
void itv_link_id_free(ItvLinkId *id);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvLinkId, itv_link_id_free)
/* NULL without an error: there is no such row. */
ItvLinkId *itv_linkage_id(ItvDb *db, gint64 pk, GError **error);
/* The rows of "ID" or "ID^^^ISSUER"; gint64, owned, maybe empty. */
GArray *itv_linkage_pks(ItvDb *db, const char *id, GError **error);

/* Keeps what a message said of that patient; nothing happens when it is known. */
gboolean itv_linkage_note(ItvDb *db, gint64 pk, gint64 digest, const char *record, GError **error);
/* What is kept of that patient (char *), in an order that does not depend
 * on the order of arrival; at most `limit`.  Owned. */
GPtrArray *itv_linkage_records(ItvDb *db, gint64 pk, guint limit, GError **error);
/* How many ids have demographics. */
gboolean itv_linkage_count(ItvDb *db, gint64 *ret_n, GError **error);

/* Ids to look for partners of; gint64, owned. */
GArray *itv_linkage_stale(ItvDb *db, GError **error);
/* That one is stale no more. */
gboolean itv_linkage_settle(ItvDb *db, gint64 pk, GError **error);

gboolean itv_linkage_add_key(ItvDb *db, gint64 key, gint64 pk, GError **error);
/* Ids with that key, in order of pk, at most `limit`; gint64, owned. */
GArray *itv_linkage_block(ItvDb *db, gint64 key, guint limit, GError **error);
gboolean itv_linkage_block_size(ItvDb *db, gint64 key, gint64 *ret_n, GError **error);

typedef struct {
  gint64 a, b; /* a < b */
} ItvLinkPair;
gboolean itv_linkage_add_pair(ItvDb *db, gint64 a, gint64 b, GError **error);
/* ItvLinkPair, owned. */
GArray *itv_linkage_pairs(ItvDb *db, GError **error);

/* Evidence filed under `a` that is about a study of `b`; or a study that both have. */
typedef struct {
  gint64 a, b;
  gboolean both;
  char *key; /* UID of the study or image */
} ItvLinkReference;
/* Measurements of studies that belong to others, and studies that two ids claim by UID.
 * ItvLinkReference, owned. */
GPtrArray *itv_linkage_references(ItvDb *db, GError **error);

/* Since when the first evidence about that id is known; NULL: unknown.  Owned. */
char *itv_linkage_first_known(ItvDb *db, gint64 pk, GError **error);

/* FALSE: the journal's demographics are still to be read. */
gboolean itv_linkage_is_indexed(ItvDb *db, gboolean *ret, GError **error);
gboolean itv_linkage_set_indexed(ItvDb *db, GError **error);
gboolean itv_linkage_forget_all(ItvDb *db, GError **error);

#endif
