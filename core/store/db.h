/* SPDX-License-Identifier: Apache-2.0
 *
 * store/db.h - a connection to the database, and statements on it.  The only
 * files that know which engine it is are db.c (SQLite) and migrate.c.
 *
 * Used by one thread at a time.  Every write happens between begin and commit.
 */
#ifndef ITV_STORE_DB_H
#define ITV_STORE_DB_H

#include <glib.h>

typedef struct ItvDb ItvDb;
typedef struct ItvQuery ItvQuery;

/* Opens, makes on first use (with its folders, readable by its owner only) and migrates.
 * ITV_ERROR_DATABASE: cannot be opened, is newer than the program, is damaged, is no such engine.
 */
ItvDb *itv_db_open(const char *where, GError **error);
void itv_db_close(ItvDb *db); /* NULL is fine; rolls back what is open */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvDb, itv_db_close)

/* Takes the writer's place at once, waiting for others up to 60 s. */
gboolean itv_db_begin(ItvDb *db, GError **error);
gboolean itv_db_commit(ItvDb *db, GError **error); /* rolls back when it fails */
void itv_db_rollback(ItvDb *db);                   /* nothing happens when none is open */
/* FALSE: a commit no longer waits for the disk.  After a power cut the database is whole, but the
 * last such transactions may be missing: for what is derived, together with its mark that
 * it is.  The next durable commit makes them durable, too.  Not within a transaction. */
gboolean itv_db_set_durable(ItvDb *db, gboolean durable, GError **error);
gboolean itv_db_in_transaction(ItvDb *db);
/* A number that no other transaction of this connection has; 0 outside of one.  What was read
 * under it still stands as long as it is the same: nobody else writes. */
guint64 itv_db_transaction(ItvDb *db);
/* A text to remember until the transaction ends; NULL when there is none (any more). */
const char *itv_db_memo(ItvDb *db);
void itv_db_set_memo(ItvDb *db, const char *text);

/* `types` has a letter per parameter ?1, ?2 ...: 't' const char * (NULL is
 * SQL NULL), 'i' gint64, 'd' double, 'b' GBytes *.  Pass gint64 as gint64. */
gboolean itv_db_exec(ItvDb *db, GError **error, const char *sql, const char *types, ...);
/* A statement with its parameters; step through it, then free.  NULL on error. */
ItvQuery *itv_db_query(ItvDb *db, GError **error, const char *sql, const char *types, ...);
void itv_query_free(ItvQuery *query);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvQuery, itv_query_free)

/* 1: a row is there, 0: no more, -1: error. */
int itv_query_step(ItvQuery *query, GError **error);
/* Borrowed until the next step; NULL for SQL NULL. */
const char *itv_query_text(ItvQuery *query, int column);
gint64 itv_query_int(ItvQuery *query, int column);
GBytes *itv_query_bytes(ItvQuery *query, int column); /* owned */

/* One number; `fallback` when there is no row. */
gboolean itv_db_int(ItvDb *db, gint64 fallback, gint64 *ret, GError **error, const char *sql,
                    const char *types, ...);
/* Rows that the last statement changed, and the last key it made. */
gint64 itv_db_changes(ItvDb *db);
gint64 itv_db_last_key(ItvDb *db);

/* The engine's own checks; NULL when sound, else what is wrong (owned). */
char *itv_db_check(ItvDb *db);
/* A consistent copy while others go on writing; the file must not exist. */
gboolean itv_db_backup(ItvDb *db, const char *path, GError **error);

#endif
