/* SPDX-License-Identifier: Apache-2.0 */
#include "store/migrate.h"

#include <string.h>

#include "base/error.h"
#include "sql-steps.h" /* generated from schemas/sql: sql_steps[], N_SQL_STEPS */

#define APPLICATION_ID 1230264918 /* "ITV" and 0x56 */

/* Runs a script statement by statement.  A statement ends with ";" at the end
 * of a line; a trigger's inner ";" is followed by " END". */
static gboolean
run_script(ItvDb *db, const char *script, GError **error)
{
  const char *start = script;
  for (const char *end = strstr(start, ";\n"); end; end = strstr(start, ";\n")) {
    g_autofree char *sql = g_strndup(start, (gsize)(end - start));
    if (!itv_db_exec(db, error, sql, ""))
      return FALSE;
    start = end + 2;
  }
  return TRUE;
}

static gboolean
run_steps(ItvDb *db, gint64 version, GError **error)
{
  for (gint64 i = version; i < N_SQL_STEPS; i++) {
    g_autofree char *mark = g_strdup_printf("PRAGMA user_version = %d", (int)i + 1);
    if (!run_script(db, (const char *)sql_steps[i], error) || !itv_db_exec(db, error, mark, ""))
      return FALSE;
  }
  return TRUE;
}

gboolean
itv_migrate(ItvDb *db, GError **error)
{
  gint64 version = 0, application = 0, tables = 0;
  /* Tables first: another process may be making them, and their mark comes into
   * sight with them. */
  if (!itv_db_int(db, 0, &tables, error, "SELECT count(*) FROM sqlite_master", "") ||
      !itv_db_int(db, 0, &application, error, "PRAGMA application_id", "") ||
      !itv_db_int(db, 0, &version, error, "PRAGMA user_version", ""))
    return FALSE;
  if (application != APPLICATION_ID && tables > 0)
    return itv_fail(error, ITV_ERROR_DATABASE, "this file is a database of another program");
  if (version > N_SQL_STEPS)
    return itv_fail(error, ITV_ERROR_DATABASE,
                    "the database has version %d, this program knows %d: install a newer interval",
                    (int)version, (int)N_SQL_STEPS);
  if (version == N_SQL_STEPS)
    return TRUE;
  if (!itv_db_begin(db, error))
    return FALSE;
  /* Another process may have done it while this one waited. */
  g_autofree char *mark = g_strdup_printf("PRAGMA application_id = %d", APPLICATION_ID);
  if (!itv_db_int(db, 0, &version, error, "PRAGMA user_version", "") ||
      !run_steps(db, version, error) || !itv_db_exec(db, error, mark, "")) {
    itv_db_rollback(db);
    return FALSE;
  }
  return itv_db_commit(db, error);
}
