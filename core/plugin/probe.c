/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose file is this?  Every importer looks at its head, all at the same time.
 */
#include <string.h>

#include "plugin/plugins-private.h"

/* Of processor time an honest look takes milliseconds.  The clock on the wall
 * gives more: on a busy machine a file must not pass for one of unknown kind. */
#define PROBE_CPU_S 2
#define PROBE_DEADLINE_MS 10000

typedef struct {
  ItvPlugin *plugin;
  ItvProcess *process;
  ItvOutcome *outcome;
  gint64 score;
} Probe;

static void
ask(Probe *p, const guint8 *head, gsize n, const char *name, gint64 deadline_ms)
{
  const ItvWireFrame frame = {.type = ITV_WIRE_PROBE,
                              .bytes = head,
                              .n_bytes = MIN(n, ITV_WIRE_PROBE_BYTES),
                              .s = {name ? name : ""}};
  p->process->job++;
  itv_process_allow_cpu(p->process, PROBE_CPU_S);
  itv_process_send(p->process, &frame, -1, deadline_ms);
}

static void
hear(Probe *p, gint64 deadline_ms)
{
  ItvOutcome *o = p->outcome;
  ItvWireType type = ITV_WIRE_LOG;
  while (type == ITV_WIRE_LOG || type == ITV_WIRE_PROGRESS || type == ITV_WIRE_ERROR) {
    ItvWireFrame frame;
    const ItvChannelStatus status =
        itv_channel_receive(&p->process->channel, deadline_ms, &frame, NULL);
    if (status == ITV_CHANNEL_CLOSED)
      itv_pool_explain_death(p->plugin, p->process, "while it looked at the head of a file", o);
    else if (status == ITV_CHANNEL_EMPTY)
      itv_outcome_set(o, ITV_OUTCOME_HANG, "took longer than %d s to look at the head of a file",
                      PROBE_DEADLINE_MS / 1000);
    else if (status == ITV_CHANNEL_GARBAGE)
      itv_outcome_set(o, ITV_OUTCOME_PROTOCOL, "sent a malformed message: %s",
                      p->process->channel.problem);
    if (status != ITV_CHANNEL_OK)
      return;
    type = frame.type;
    if (type == ITV_WIRE_PROBED && frame.job == p->process->job) {
      o->class = ITV_OUTCOME_OK;
      p->score = CLAMP(frame.i[0], 0, 100);
    } else if (type == ITV_WIRE_REFUSED) {
      g_autofree char *why = itv_clean_text(frame.s[0]);
      itv_outcome_set(o, ITV_OUTCOME_REFUSED, "%s", why);
    } else if (type != ITV_WIRE_LOG && type != ITV_WIRE_PROGRESS && type != ITV_WIRE_ERROR) {
      itv_outcome_set(o, ITV_OUTCOME_PROTOCOL, "answered a probe with something else");
    }
    itv_wire_clear(&frame);
  }
}

static Probe
begin_probe(ItvPlugin *plugin, const guint8 *head, gsize n, const char *name, gint64 deadline_ms)
{
  Probe p = {plugin, NULL, itv_outcome_new(plugin), 0};
  if (itv_outcome_identify(plugin, p.outcome) && itv_strikes_gate(plugin, NULL, p.outcome)) {
    p.process = itv_pool_acquire(plugin, p.outcome);
    if (p.process)
      ask(&p, head, n, name, deadline_ms);
    else
      itv_strikes_count(plugin, "", p.outcome);
  }
  return p;
}

static void
end_probe(Probe *p, gint64 deadline_ms, char **ret_problem)
{
  if (p->process) {
    hear(p, deadline_ms);
    itv_strikes_count(p->plugin, "", p->outcome);
    if (p->outcome->class == ITV_OUTCOME_OK)
      itv_pool_release(p->plugin, p->process);
    else
      itv_process_kill(p->process);
  }
  if (ret_problem && p->outcome->class != ITV_OUTCOME_OK)
    *ret_problem = g_strdup(p->outcome->message);
  itv_outcome_free(p->outcome);
}

gint64
itv_plugin_probe(ItvPlugin *plugin, const guint8 *head, gsize n, const char *name,
                 char **ret_problem)
{
  const gint64 deadline_ms = itv_channel_now_ms() + PROBE_DEADLINE_MS;
  Probe p = begin_probe(plugin, head, n, name, deadline_ms);
  end_probe(&p, itv_channel_now_ms() + PROBE_DEADLINE_MS, ret_problem);
  return p.score;
}

/* The importer whose signature the file bears; of several the one that comes first. */
static ItvPlugin *
find_signature(const ItvPlugins *plugins, const guint8 *head, gsize n, int *ret_priority)
{
  ItvPlugin *best = NULL;
  for (guint i = 0; i < plugins->list->len; i++) {
    ItvPlugin *p = plugins->list->pdata[i];
    const ItvManifestKind *k = itv_manifest_kind(p->manifest, ITV_KIND_IMPORTER);
    const gsize length = k && k->signature ? strlen(k->signature) : 0;
    if (length == 0 || k->at + length > n || memcmp(head + k->at, k->signature, length) != 0 ||
        (best && k->priority >= *ret_priority))
      continue;
    best = p;
    *ret_priority = k->priority;
  }
  return best;
}

ItvPlugin *
itv_plugins_probe(ItvPlugins *plugins, const guint8 *head, gsize n, const char *name)
{
  const guint n_plugins = plugins->list->len;
  g_autofree Probe *probes = g_new0(Probe, n_plugins + 1);
  guint n_probes = 0;
  int best_priority = 0;
  ItvPlugin *best = find_signature(plugins, head, n, &best_priority);
  gint64 best_score = best ? 100 : 0;
  /* all are asked before any is heard: they think at the same time */
  for (guint i = 0; i < n_plugins; i++) {
    ItvPlugin *p = plugins->list->pdata[i];
    const ItvManifestKind *k = itv_manifest_kind(p->manifest, ITV_KIND_IMPORTER);
    if (k && (!best || k->priority < best_priority))
      probes[n_probes++] = begin_probe(p, head, n, name, itv_channel_now_ms() + PROBE_DEADLINE_MS);
  }
  const gint64 deadline_ms = itv_channel_now_ms() + PROBE_DEADLINE_MS;
  for (guint i = 0; i < n_probes; i++) {
    end_probe(&probes[i], deadline_ms, NULL);
    const int priority = itv_manifest_kind(probes[i].plugin->manifest, ITV_KIND_IMPORTER)->priority;
    if (probes[i].score > best_score ||
        (best && probes[i].score == best_score && priority < best_priority)) {
      best = probes[i].plugin;
      best_score = probes[i].score;
      best_priority = priority;
    }
  }
  return best;
}
