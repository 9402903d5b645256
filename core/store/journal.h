/* SPDX-License-Identifier: Apache-2.0
 *
 * store/journal.h - the append-only journal of evidence.
 */
#ifndef ITV_STORE_JOURNAL_H
#define ITV_STORE_JOURNAL_H

#include "store/db.h"

/* All strings borrowed; NULL where the comment says so. */
typedef struct {
  const char *kind;   /* message image decision procedure report */
  const char *known;  /* NULL: unknown */
  const char *source; /* path or person */
  const char *label;
  const char *records; /* canonical JSON; with `kind` it makes the uid */
  const char *uid;     /* itv_journal_uid() of both; NULL: it is made here */
  GBytes *raw;         /* NULL: none kept */
  const char *plugin, *plugin_version, *plugin_sha256, *plugin_config; /* NULL: made by the core */
} ItvJournalEntry;

typedef struct {
  gint64 seq;
  gint64 alike; /* images for which this one stands, itself included; 1 for any other row */
  char *uid, *kind, *known, *received, *source, *label, *records;
} ItvJournalRow;
void itv_journal_row_free(ItvJournalRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvJournalRow, itv_journal_row_free)

/* Appends unless the same content is there.  *ret_new FALSE: it was, and only
 * its path was noted.  *ret_uid is owned.  ITV_ERROR_INPUT: records or label are
 * not UTF-8. */
gboolean itv_journal_append(ItvDb *db, const ItvJournalEntry *entry, gboolean *ret_new,
                            gint64 *ret_seq, char **ret_uid, GError **error);

/* By what the same evidence is known again; owned. */
char *itv_journal_uid(const char *kind, const char *records);

/* Rows that concern a family of patients, but for grouped images (store/image.h), in order of
 * arrival; owned. */
GPtrArray *itv_journal_of_family(ItvDb *db, gint64 family, GError **error);
/* Its groups of images: one row of each, or every image; owned. */
GPtrArray *itv_journal_groups(ItvDb *db, gint64 family, gboolean one_by_one, GError **error);

/* Every row of the images of that study, and perhaps others that name it; owned. */
GPtrArray *itv_journal_images(ItvDb *db, gint64 family, const char *study_uid, GError **error);

/* Rows that hold measurements of that image or study; owned. */
GPtrArray *itv_journal_measuring(ItvDb *db, const char *key, GError **error);

/* Calls for each row with seq > after; FALSE from `each` ends it as failure. */
typedef gboolean (*ItvJournalEach)(const ItvJournalRow *row, gpointer data, GError **error);
gboolean itv_journal_foreach(ItvDb *db, gint64 after, ItvJournalEach each, gpointer data,
                             GError **error);

/* Recomputes every uid and the chain, and looks for rows cut off at the end; a message for each
 * fault is added to `faults` (char *).  *ret_rows is how many rows there are. */
gboolean itv_journal_verify(ItvDb *db, GPtrArray *faults, gint64 *ret_rows, GError **error);

/* *ret_row NULL when there is none. */
gboolean itv_journal_get(ItvDb *db, const char *uid, ItvJournalRow **ret_row, GError **error);

/* Every path where the objects of that evidence were seen; owned. */
GPtrArray *itv_journal_paths(ItvDb *db, const char *uid, GError **error);
/* The latest `known` of all; NULL in an empty journal.  Owned. */
char *itv_journal_last_known(ItvDb *db, GError **error);

#endif
