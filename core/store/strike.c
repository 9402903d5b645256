/* SPDX-License-Identifier: Apache-2.0 */
#include "store/strike.h"

gboolean
itv_strike_add(ItvDb *db, const char *plugin, const char *build, const char *input, gint64 at,
               gboolean crash, const char *message, GError **error)
{
  return itv_db_exec(db, error,
                     "INSERT INTO strike (plugin, build, input, at, crash, message)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                     "tttiit", plugin, build, input, at, (gint64)crash, message);
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
