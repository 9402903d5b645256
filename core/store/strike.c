/* SPDX-License-Identifier: Apache-2.0 */
#include "store/strike.h"

gboolean
itv_strike_add(ItvDb *db, const char *plugin, const char *sha256, const char *input, gint64 at,
               gboolean crash, const char *message, GError **error)
{
  return itv_db_exec(db, error,
                     "INSERT INTO strike (plugin, plugin_sha256, input, at, crash, message)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                     "tttiit", plugin, sha256, input, at, (gint64)crash, message);
}

gboolean
itv_strike_count(ItvDb *db, const char *plugin, const char *sha256, const char *input,
                 gint64 *ret_n, GError **error)
{
  return itv_db_int(db, 0, ret_n, error,
                    "SELECT count(*) FROM strike WHERE plugin = ?1 AND plugin_sha256 = ?2"
                    " AND input = ?3",
                    "ttt", plugin, sha256, input);
}

gboolean
itv_strike_crashes(ItvDb *db, const char *plugin, gint64 since, gint64 *ret_n, GError **error)
{
  return itv_db_int(db, 0, ret_n, error,
                    "SELECT count(*) FROM strike WHERE plugin = ?1 AND at >= ?2 AND crash = 1",
                    "ti", plugin, since);
}

gboolean
itv_strike_switch_off(ItvDb *db, const char *plugin, gint64 at, const char *message, GError **error)
{
  return itv_db_exec(db, error,
                     "INSERT OR REPLACE INTO switched_off (plugin, at, message)"
                     " VALUES (?1, ?2, ?3)",
                     "tit", plugin, at, message);
}

gboolean
itv_strike_switch_on(ItvDb *db, const char *plugin, GError **error)
{
  return itv_db_exec(db, error, "DELETE FROM switched_off WHERE plugin = ?1", "t", plugin) &&
         itv_db_exec(db, error, "DELETE FROM strike WHERE plugin = ?1", "t", plugin);
}

gboolean
itv_strike_is_off(ItvDb *db, const char *plugin, char **ret_message, GError **error)
{
  g_autoptr(ItvQuery) q =
      itv_db_query(db, error, "SELECT message FROM switched_off WHERE plugin = ?1", "t", plugin);
  const int status = q ? itv_query_step(q, error) : -1;
  if (status >= 0)
    *ret_message = status == 1 ? g_strdup(itv_query_text(q, 0)) : NULL;
  return status >= 0;
}
