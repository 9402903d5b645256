/* SPDX-License-Identifier: Apache-2.0 */
#include "app/strikes.h"

#include <string.h>

#include "store/strike.h"

typedef struct {
  char *plugin, *build, *input, *message;
  gint64 when_s;
  gboolean crash;
} Strike;

typedef struct {
  char *reason;
  gint64 when_s;
  gboolean written;
} Off;

struct ItvStrikes {
  ItvDb *db;
  GMutex lock;
  GPtrArray *strikes; /* Strike */
  GHashTable *counts; /* build, with an input or its size, as key_of() writes them -> how many */
  guint n_written;    /* the first of `strikes` that stand in the database */
  GHashTable *off;    /* plugin id -> Off */
  ItvStrikeStore store;
};

static void
free_strike(gpointer data)
{
  Strike *s = data;
  g_free(s->plugin);
  g_free(s->build);
  g_free(s->input);
  g_free(s->message);
  g_free(s);
}

static void
free_off(gpointer data)
{
  Off *off = data;
  g_free(off->reason);
  g_free(off);
}

static char *
key_of(const char *build, const char *input)
{
  return g_strjoin("\n", build, input, NULL);
}

static guint
count_locked(ItvStrikes *self, const char *build, const char *input)
{
  g_autofree char *key = key_of(build, input);
  return GPOINTER_TO_UINT(g_hash_table_lookup(self->counts, key));
}

static void
add_locked(ItvStrikes *self, const char *plugin, const char *build, const char *input,
           gint64 when_s, gboolean crash, const char *message)
{
  Strike *s = g_new0(Strike, 1);
  *s = (Strike){g_strdup(plugin),  g_strdup(build), g_strdup(input),
                g_strdup(message), when_s,          crash};
  g_ptr_array_add(self->strikes, s);
  g_autofree char *size = g_strndup(input, strcspn(input, ":"));
  const char *const inputs[] = {NULL, input, size};
  const gsize n = strcmp(size, input) == 0 ? 2 : 3;
  for (gsize i = 0; i < n; i++)
    g_hash_table_replace(self->counts, key_of(build, inputs[i]),
                         GUINT_TO_POINTER(count_locked(self, build, inputs[i]) + 1));
}

static void
add(void *data, const ItvStrike *s)
{
  ItvStrikes *self = data;
  g_mutex_lock(&self->lock);
  add_locked(self, s->plugin, s->build, s->input, s->when_s, itv_quarantine_is_crash(s->class),
             s->message);
  g_mutex_unlock(&self->lock);
}

static guint
count(void *data, const char *build, const char *input)
{
  ItvStrikes *self = data;
  g_mutex_lock(&self->lock);
  const guint n = count_locked(self, build, input);
  g_mutex_unlock(&self->lock);
  return n;
}

static guint
crashes(void *data, const char *plugin, gint64 since_s)
{
  ItvStrikes *self = data;
  guint n = 0;
  g_mutex_lock(&self->lock);
  for (guint i = 0; i < self->strikes->len; i++) {
    const Strike *s = self->strikes->pdata[i];
    n += s->crash && s->when_s >= since_s && g_str_equal(s->plugin, plugin);
  }
  g_mutex_unlock(&self->lock);
  return n;
}

static gboolean
is_off(void *data, const char *plugin, char **ret_reason)
{
  ItvStrikes *self = data;
  g_mutex_lock(&self->lock);
  const Off *off = g_hash_table_lookup(self->off, plugin);
  if (off)
    *ret_reason = g_strdup(off->reason);
  g_mutex_unlock(&self->lock);
  return off != NULL;
}

static void
switch_off_locked(ItvStrikes *self, const char *plugin, gint64 when_s, const char *reason,
                  gboolean written)
{
  Off *off = g_new0(Off, 1);
  *off = (Off){g_strdup(reason), when_s, written};
  g_hash_table_replace(self->off, g_strdup(plugin), off);
}

static void
switch_off(void *data, const char *plugin, gint64 when_s, const char *reason)
{
  ItvStrikes *self = data;
  g_mutex_lock(&self->lock);
  switch_off_locked(self, plugin, when_s, reason, FALSE);
  g_mutex_unlock(&self->lock);
}

static gboolean
load(ItvStrikes *self, GError **error)
{
  g_autoptr(ItvQuery) q = itv_db_query(
      self->db, error, "SELECT plugin, build, input, at, crash, message FROM strike", "");
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1)
    add_locked(self, itv_query_text(q, 0), itv_query_text(q, 1), itv_query_text(q, 2),
               itv_query_int(q, 3), itv_query_int(q, 4) != 0, itv_query_text(q, 5));
  if (status < 0)
    return FALSE;
  self->n_written = self->strikes->len;
  g_autoptr(ItvQuery) o =
      itv_db_query(self->db, error, "SELECT plugin, at, message FROM switched_off", "");
  status = o ? 1 : -1;
  while (status == 1 && (status = itv_query_step(o, error)) == 1)
    switch_off_locked(self, itv_query_text(o, 0), itv_query_int(o, 1), itv_query_text(o, 2), TRUE);
  return status == 0;
}

ItvStrikes *
itv_strikes_load(ItvDb *db, GError **error)
{
  ItvStrikes *self = g_new0(ItvStrikes, 1);
  self->db = db;
  g_mutex_init(&self->lock);
  self->strikes = g_ptr_array_new_with_free_func(free_strike);
  self->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  self->off = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_off);
  self->store = (ItvStrikeStore){self, add, count, crashes, is_off, switch_off};
  if (load(self, error))
    return self;
  itv_strikes_free(self);
  return NULL;
}

void
itv_strikes_free(ItvStrikes *self)
{
  if (!self)
    return;
  g_ptr_array_unref(self->strikes);
  g_hash_table_unref(self->counts);
  g_hash_table_unref(self->off);
  g_mutex_clear(&self->lock);
  g_free(self);
}

const ItvStrikeStore *
itv_strikes_store(ItvStrikes *self)
{
  return &self->store;
}

static gboolean
flush_locked(ItvStrikes *self, GError **error)
{
  for (; self->n_written < self->strikes->len; self->n_written++) {
    const Strike *s = self->strikes->pdata[self->n_written];
    if (!itv_strike_add(self->db, s->plugin, s->build, s->input, s->when_s, s->crash, s->message,
                        error))
      return FALSE;
  }
  GHashTableIter iter;
  gpointer plugin = NULL, value = NULL;
  g_hash_table_iter_init(&iter, self->off);
  while (g_hash_table_iter_next(&iter, &plugin, &value)) {
    Off *off = value;
    if (!off->written && !itv_strike_switch_off(self->db, plugin, off->when_s, off->reason, error))
      return FALSE;
    off->written = TRUE;
  }
  return TRUE;
}

static gboolean
is_clean_locked(ItvStrikes *self)
{
  GHashTableIter iter;
  gpointer off = NULL;
  gboolean clean = self->n_written == self->strikes->len;
  g_hash_table_iter_init(&iter, self->off);
  while (clean && g_hash_table_iter_next(&iter, NULL, &off))
    clean = ((const Off *)off)->written;
  return clean;
}

gboolean
itv_strikes_flush(ItvStrikes *self, GError **error)
{
  const gboolean own = !itv_db_in_transaction(self->db);
  g_mutex_lock(&self->lock);
  gboolean ok = TRUE;
  if (!is_clean_locked(self))
    ok = (!own || itv_db_begin(self->db, error)) && flush_locked(self, error) &&
         (!own || itv_db_commit(self->db, error));
  g_mutex_unlock(&self->lock);
  if (!ok && own)
    itv_db_rollback(self->db);
  return ok;
}
