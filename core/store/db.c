/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "store/migrate.h"

#define BUSY_MS 60000

struct ItvDb {
  sqlite3 *handle;
  GHashTable *idle; /* SQL text -> sqlite3_stmt, ready for use */
  char *path;
  guint64 transaction; /* counts up */
  char *memo;
};

struct ItvQuery {
  ItvDb *db;
  sqlite3_stmt *stmt;
};

static gboolean
fail(ItvDb *db, const char *what, GError **error)
{
  return itv_fail(error, ITV_ERROR_DATABASE, "%s: %s: %s", db->path, what,
                  sqlite3_errmsg(db->handle));
}

static void
finalize(gpointer stmt)
{
  sqlite3_finalize(stmt);
}

static gboolean
prepare_settings(ItvDb *db, GError **error)
{
  /* FULL: what was acknowledged survives a power cut, too. */
  static const char pragmas[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
                                "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;";
  /* Two that make a new file at once stand in each other's way when they turn to WAL, and
   * SQLite does not wait there by itself: it fears a deadlock. */
  int status = sqlite3_exec(db->handle, pragmas, NULL, NULL, NULL);
  for (int waited_ms = 0; status == SQLITE_BUSY && waited_ms < BUSY_MS; waited_ms += 20) {
    g_usleep(20000);
    status = sqlite3_exec(db->handle, pragmas, NULL, NULL, NULL);
  }
  if (status != SQLITE_OK)
    return fail(db, "cannot be opened", error);
  return TRUE;
}

/* Patients are in it: nobody else may read a new file, not even for the moment
 * before its mode could be set.  What exists keeps the mode that a site gave it.
 * SQLite gives its companions (-wal, -shm) the mode of the file. */
static void
make_private(const char *path)
{
  if (strcmp(path, ":memory:") == 0)
    return;
  const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0)
    close(fd);
}

ItvDb *
itv_db_open(const char *where, GError **error)
{
  if (g_str_has_prefix(where, "postgresql:") || g_str_has_prefix(where, "postgres:")) {
    itv_fail(error, ITV_ERROR_DATABASE,
             "%s: this build stores in SQLite only; give --db a file name", where);
    return NULL;
  }
  g_autofree char *folder = g_path_get_dirname(where);
  if (g_mkdir_with_parents(folder, 0700) != 0) {
    itv_fail(error, ITV_ERROR_DATABASE, "%s: %s", folder, g_strerror(errno));
    return NULL;
  }
  g_autoptr(ItvDb) db = g_new0(ItvDb, 1);
  db->path = g_strdup(where);
  db->idle = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, finalize);
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  make_private(where);
  if (sqlite3_open_v2(where, &db->handle, flags, NULL) != SQLITE_OK) {
    fail(db, "cannot be opened", error);
    return NULL;
  }
  sqlite3_busy_timeout(db->handle, BUSY_MS);
  sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  if (!prepare_settings(db, error) || !itv_migrate(db, error))
    return NULL;
  return g_steal_pointer(&db);
}

void
itv_db_close(ItvDb *db)
{
  if (!db)
    return;
  g_hash_table_unref(db->idle);
  if (db->handle && !sqlite3_get_autocommit(db->handle))
    sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
  sqlite3_close(db->handle);
  g_free(db->memo);
  g_free(db->path);
  g_free(db);
}

gboolean
itv_db_set_durable(ItvDb *db, gboolean durable, GError **error)
{
  return itv_db_exec(db, error,
                     durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", "");
}

gboolean
itv_db_in_transaction(ItvDb *db)
{
  return !sqlite3_get_autocommit(db->handle);
}

gboolean
itv_db_begin(ItvDb *db, GError **error)
{
  db->transaction++;
  g_clear_pointer(&db->memo, g_free);
  return itv_db_exec(db, error, "BEGIN IMMEDIATE", "");
}

guint64
itv_db_transaction(ItvDb *db)
{
  return itv_db_in_transaction(db) ? db->transaction : 0;
}

const char *
itv_db_memo(ItvDb *db)
{
  return itv_db_in_transaction(db) ? db->memo : NULL;
}

void
itv_db_set_memo(ItvDb *db, const char *text)
{
  g_free(db->memo);
  db->memo = itv_db_in_transaction(db) ? g_strdup(text) : NULL;
}

gboolean
itv_db_commit(ItvDb *db, GError **error)
{
  if (itv_db_exec(db, error, "COMMIT", ""))
    return TRUE;
  itv_db_rollback(db);
  return FALSE;
}

void
itv_db_rollback(ItvDb *db)
{
  if (itv_db_in_transaction(db))
    sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

static gboolean
bind(sqlite3_stmt *stmt, const char *types, va_list args)
{
  int status = SQLITE_OK;
  for (int i = 1; *types && status == SQLITE_OK; types++, i++) {
    if (*types == 't') {
      const char *text = va_arg(args, const char *);
      status = sqlite3_bind_text(stmt, i, text, -1, SQLITE_TRANSIENT);
    } else if (*types == 'i') {
      status = sqlite3_bind_int64(stmt, i, va_arg(args, gint64));
    } else if (*types == 'd') {
      status = sqlite3_bind_double(stmt, i, va_arg(args, double));
    } else {
      GBytes *bytes = va_arg(args, GBytes *);
      gsize n = 0;
      const void *data = bytes ? g_bytes_get_data(bytes, &n) : NULL;
      status = bytes ? sqlite3_bind_blob64(stmt, i, data ? data : "", n, SQLITE_TRANSIENT)
                     : sqlite3_bind_null(stmt, i);
    }
  }
  return status == SQLITE_OK;
}

static ItvQuery *
query_valist(ItvDb *db, GError **error, const char *sql, const char *types, va_list args)
{
  gpointer key = NULL, value = NULL;
  sqlite3_stmt *stmt = NULL;
  if (g_hash_table_steal_extended(db->idle, sql, &key, &value)) {
    g_free(key);
    stmt = value;
  } else if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) !=
             SQLITE_OK) {
    fail(db, sql, error);
    return NULL;
  }
  if (!bind(stmt, types, args)) {
    fail(db, sql, error);
    sqlite3_finalize(stmt);
    return NULL;
  }
  ItvQuery *query = g_new0(ItvQuery, 1);
  query->db = db;
  query->stmt = stmt;
  return query;
}

ItvQuery *
itv_db_query(ItvDb *db, GError **error, const char *sql, const char *types, ...)
{
  va_list args;
  va_start(args, types);
  ItvQuery *query = query_valist(db, error, sql, types, args);
  va_end(args);
  return query;
}

void
itv_query_free(ItvQuery *query)
{
  if (!query)
    return;
  sqlite3_reset(query->stmt);
  sqlite3_clear_bindings(query->stmt);
  const char *sql = sqlite3_sql(query->stmt);
  if (g_hash_table_contains(query->db->idle, sql))
    sqlite3_finalize(query->stmt);
  else
    g_hash_table_insert(query->db->idle, g_strdup(sql), query->stmt);
  g_free(query);
}

int
itv_query_step(ItvQuery *query, GError **error)
{
  const int status = sqlite3_step(query->stmt);
  if (status == SQLITE_ROW)
    return 1;
  if (status == SQLITE_DONE)
    return 0;
  fail(query->db, sqlite3_sql(query->stmt), error);
  return -1;
}

const char *
itv_query_text(ItvQuery *query, int column)
{
  return (const char *)sqlite3_column_text(query->stmt, column);
}

gint64
itv_query_int(ItvQuery *query, int column)
{
  return sqlite3_column_int64(query->stmt, column);
}

GBytes *
itv_query_bytes(ItvQuery *query, int column)
{
  const void *data = sqlite3_column_blob(query->stmt, column);
  return g_bytes_new(data, (gsize)sqlite3_column_bytes(query->stmt, column));
}

gboolean
itv_db_exec(ItvDb *db, GError **error, const char *sql, const char *types, ...)
{
  va_list args;
  va_start(args, types);
  g_autoptr(ItvQuery) query = query_valist(db, error, sql, types, args);
  va_end(args);
  int status = query ? 1 : -1;
  while (status == 1)
    status = itv_query_step(query, error);
  return status == 0;
}

gboolean
itv_db_int(ItvDb *db, gint64 fallback, gint64 *ret, GError **error, const char *sql,
           const char *types, ...)
{
  va_list args;
  va_start(args, types);
  g_autoptr(ItvQuery) query = query_valist(db, error, sql, types, args);
  va_end(args);
  const int status = query ? itv_query_step(query, error) : -1;
  if (status >= 0)
    *ret = status == 1 ? itv_query_int(query, 0) : fallback;
  return status >= 0;
}

gint64
itv_db_changes(ItvDb *db)
{
  return sqlite3_changes64(db->handle);
}

gint64
itv_db_last_key(ItvDb *db)
{
  return sqlite3_last_insert_rowid(db->handle);
}

char *
itv_db_check(ItvDb *db)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvQuery) query = itv_db_query(db, &error, "PRAGMA integrity_check(20)", "");
  GString *faults = g_string_new(NULL);
  int status = query ? 1 : -1;
  while (query && (status = itv_query_step(query, &error)) == 1)
    if (g_strcmp0(itv_query_text(query, 0), "ok") != 0)
      g_string_append_printf(faults, "%s\n", itv_query_text(query, 0));
  if (status < 0)
    g_string_append_printf(faults, "%s\n", error->message);
  if (faults->len == 0)
    return g_string_free(faults, TRUE), NULL;
  return g_string_free(faults, FALSE);
}

gboolean
itv_db_backup(ItvDb *db, const char *path, GError **error)
{
  if (g_file_test(path, G_FILE_TEST_EXISTS))
    return itv_fail(error, ITV_ERROR_USAGE, "%s: exists already; give a new file name", path);
  g_autofree char *partial = g_strconcat(path, ".partial", NULL);
  g_unlink(partial);
  make_private(partial);
  sqlite3 *copy = NULL;
  int status = sqlite3_open(partial, &copy);
  if (status == SQLITE_OK) {
    sqlite3_backup *backup = sqlite3_backup_init(copy, "main", db->handle, "main");
    status = backup ? sqlite3_backup_step(backup, -1) : sqlite3_errcode(copy);
    sqlite3_backup_finish(backup);
  }
  sqlite3_exec(copy, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
  sqlite3_close(copy);
  if (status != SQLITE_DONE || g_rename(partial, path) != 0) {
    g_unlink(partial);
    return itv_fail(error, ITV_ERROR_FAILED, "%s: cannot be written: %s", path,
                    status == SQLITE_DONE ? g_strerror(errno) : sqlite3_errstr(status));
  }
  return TRUE;
}
