/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/plugins-private.h"

#define SLOT_S (ITV_QUARANTINE_WINDOW_S / ITV_BUCKETS)

static gint64
now_s(void)
{
  return g_get_real_time() / G_USEC_PER_SEC;
}

static char *
build_of(const ItvOutcome *o)
{
  return g_strdup_printf("%s:%s", o->origin.sha256, o->origin.config_hash);
}

static guint
count(const ItvPlugin *plugin, const char *build, const char *input)
{
  ItvPlugins *plugins = plugin->owner;
  g_mutex_lock(&plugins->lock);
  const guint n = plugins->store->count(plugins->store->data, build, input);
  g_mutex_unlock(&plugins->lock);
  return n;
}

gboolean
itv_strikes_may_bar(const ItvPlugin *plugin, const ItvOutcome *o, guint64 bytes)
{
  g_autofree char *build = build_of(o);
  g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, bytes);
  return count(plugin, build, NULL) > 0 && count(plugin, build, size) > 0;
}

gboolean
itv_strikes_gate(ItvPlugin *plugin, ItvJob *job, ItvOutcome *o)
{
  ItvPlugins *plugins = plugin->owner;
  const ItvStrikeStore *store = plugins->store;
  g_autofree char *reason = NULL;
  g_mutex_lock(&plugins->lock);
  const gboolean off = store->is_off(store->data, o->origin.plugin, &reason);
  g_mutex_unlock(&plugins->lock);
  if (off) {
    itv_outcome_set(o, ITV_OUTCOME_OFF, "is switched off: %s", reason);
    return FALSE;
  }
  /* the input is hashed only where this build has failed on one of its size before */
  if (!job || !itv_strikes_may_bar(plugin, o, itv_job_bytes(job)))
    return TRUE;
  g_autofree char *build = build_of(o);
  const char *input = itv_job_strike_key(job);
  const guint strikes = *input ? count(plugin, build, input) : 0;
  if (!itv_quarantine_input_is_barred(strikes))
    return TRUE;
  itv_outcome_set(o, ITV_OUTCOME_QUARANTINED,
                  "is not run on this input any more: it failed on it %u times", strikes);
  return FALSE;
}

static void
count_job(ItvPlugin *plugin, gint64 now)
{
  const gint64 slot = now / SLOT_S;
  const gsize at = (gsize)(slot % ITV_BUCKETS);
  if (plugin->recent[at].slot != slot) {
    plugin->recent[at].slot = slot;
    plugin->recent[at].jobs = 0;
  }
  plugin->recent[at].jobs++;
}

static guint
recent_jobs(const ItvPlugin *plugin, gint64 now)
{
  guint n = 0;
  for (guint i = 0; i < ITV_BUCKETS; i++)
    if (plugin->recent[i].slot > now / SLOT_S - ITV_BUCKETS)
      n += plugin->recent[i].jobs;
  return n;
}

void
itv_strikes_count(ItvPlugin *plugin, const char *input, ItvOutcome *o)
{
  ItvPlugins *plugins = plugin->owner;
  const ItvStrikeStore *store = plugins->store;
  const gint64 now = now_s();
  g_autofree char *build = build_of(o);
  g_mutex_lock(&plugins->lock);
  count_job(plugin, now);
  if (itv_outcome_blames_plugin(o->class)) {
    const ItvStrike strike = {o->origin.plugin, build, input, now, o->class, o->message};
    store->add(store->data, &strike);
  }
  if (itv_quarantine_is_crash(o->class)) {
    const guint crashes =
        store->crashes(store->data, o->origin.plugin, now - ITV_QUARANTINE_WINDOW_S);
    if (itv_quarantine_must_switch_off(crashes, recent_jobs(plugin, now))) {
      g_autofree char *reason = g_strdup_printf("%u crashes within %d minutes, the last one: %s",
                                                crashes, ITV_QUARANTINE_WINDOW_S / 60, o->message);
      store->switch_off(store->data, o->origin.plugin, now, reason);
    }
  }
  g_mutex_unlock(&plugins->lock);
}
