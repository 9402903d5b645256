/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/quarantine.h"

#include <string.h>

gboolean
itv_quarantine_is_crash(ItvOutcomeClass class)
{
  return class >= ITV_OUTCOME_CRASH && class <= ITV_OUTCOME_PROTOCOL;
}

gboolean
itv_quarantine_input_is_barred(guint strikes_on_input)
{
  return strikes_on_input >= ITV_QUARANTINE_STRIKES;
}

gboolean
itv_quarantine_must_switch_off(guint crashes, guint jobs)
{
  return crashes >= ITV_QUARANTINE_CRASHES && 2 * crashes >= jobs;
}

/* ---- a store that forgets ------------------------------------------------ */

typedef struct {
  char *plugin, *build, *input;
  gint64 when_s;
  ItvOutcomeClass class;
} Kept;

typedef struct {
  GPtrArray *strikes;    /* Kept */
  GHashTable *off;       /* plugin -> reason */
  GHashTable *turned_on; /* plugin -> gint64 */
} Memory;

static void
free_kept(gpointer data)
{
  Kept *k = data;
  g_free(k->plugin);
  g_free(k->build);
  g_free(k->input);
  g_free(k);
}

static void
add(void *data, const ItvStrike *strike)
{
  Kept *k = g_new0(Kept, 1);
  k->plugin = g_strdup(strike->plugin);
  k->build = g_strdup(strike->build);
  k->input = g_strdup(strike->input);
  k->when_s = strike->when_s;
  k->class = strike->class;
  g_ptr_array_add(((Memory *)data)->strikes, k);
}

/* "BYTES:SHA256" is on the input of that name and on "BYTES". */
static gboolean
is_input(const char *struck, const char *asked)
{
  const gsize n = strlen(asked);
  return strncmp(struck, asked, n) == 0 && (struck[n] == 0 || struck[n] == ':');
}

static guint
count(void *data, const char *build, const char *input)
{
  const GPtrArray *strikes = ((const Memory *)data)->strikes;
  guint n = 0;
  for (guint i = 0; i < strikes->len; i++) {
    const Kept *k = strikes->pdata[i];
    n += strcmp(k->build, build) == 0 && (!input || is_input(k->input, input));
  }
  return n;
}

static guint
crashes(void *data, const char *plugin, gint64 since_s)
{
  const Memory *m = data;
  const gint64 *on = g_hash_table_lookup(m->turned_on, plugin);
  guint n = 0;
  for (guint i = 0; i < m->strikes->len; i++) {
    const Kept *k = m->strikes->pdata[i];
    n += strcmp(k->plugin, plugin) == 0 && k->when_s >= since_s && (!on || k->when_s > *on) &&
         itv_quarantine_is_crash(k->class);
  }
  return n;
}

static gboolean
is_off(void *data, const char *plugin, char **ret_reason)
{
  const char *reason = g_hash_table_lookup(((const Memory *)data)->off, plugin);
  if (reason)
    *ret_reason = g_strdup(reason);
  return reason != NULL;
}

static void
switch_off(void *data, const char *plugin, gint64 when_s, const char *reason)
{
  (void)when_s;
  g_hash_table_insert(((Memory *)data)->off, g_strdup(plugin), g_strdup(reason));
}

ItvStrikeStore *
itv_strike_memory_new(void)
{
  Memory *m = g_new0(Memory, 1);
  m->strikes = g_ptr_array_new_with_free_func(free_kept);
  m->off = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  m->turned_on = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  ItvStrikeStore *store = g_new0(ItvStrikeStore, 1);
  *store = (ItvStrikeStore){m, add, count, crashes, is_off, switch_off};
  return store;
}

void
itv_strike_memory_switch_on(ItvStrikeStore *store, const char *plugin, gint64 when_s)
{
  Memory *m = store->data;
  g_hash_table_remove(m->off, plugin);
  gint64 *when = g_new(gint64, 1);
  *when = when_s;
  g_hash_table_insert(m->turned_on, g_strdup(plugin), when);
}

void
itv_strike_memory_free(ItvStrikeStore *store)
{
  if (!store)
    return;
  Memory *m = store->data;
  g_ptr_array_unref(m->strikes);
  g_hash_table_unref(m->off);
  g_hash_table_unref(m->turned_on);
  g_free(m);
  g_free(store);
}
