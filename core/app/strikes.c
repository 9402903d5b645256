/* SPDX-License-Identifier: Apache-2.0 */
#include "app/strikes.h"

#include "store/strike.h"

/* A strike that cannot be written costs a second try of a bad input, no
 * patient's data: errors of the database are left to the next real write. */

static void
add(void *data, const ItvStrike *s)
{
  itv_strike_add(data, s->plugin, s->build, s->input, s->when_s, itv_quarantine_is_crash(s->class),
                 s->message, NULL);
}

static guint
count(void *data, const char *build, const char *input)
{
  gint64 n = 0;
  itv_strike_count(data, build, input, &n, NULL);
  return (guint)n;
}

static guint
crashes(void *data, const char *plugin, gint64 since_s)
{
  gint64 n = 0;
  itv_strike_crashes(data, plugin, since_s, &n, NULL);
  return (guint)n;
}

static gboolean
is_off(void *data, const char *plugin, char **ret_reason)
{
  char *reason = NULL;
  if (!itv_strike_is_off(data, plugin, &reason, NULL) || !reason)
    return FALSE;
  *ret_reason = reason;
  return TRUE;
}

static void
switch_off(void *data, const char *plugin, gint64 when_s, const char *reason)
{
  itv_strike_switch_off(data, plugin, when_s, reason, NULL);
}

ItvStrikeStore *
itv_app_strikes_new(ItvDb *db)
{
  ItvStrikeStore *store = g_new0(ItvStrikeStore, 1);
  *store = (ItvStrikeStore){db, add, count, crashes, is_off, switch_off};
  return store;
}

void
itv_app_strikes_free(ItvStrikeStore *store)
{
  g_free(store);
}
