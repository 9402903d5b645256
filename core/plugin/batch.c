/* SPDX-License-Identifier: Apache-2.0
 *
 * Many small files, one job each, in one exchange with a worker: starting a job costs
 * more than reading the header of an image.  A batch never has a culprit of its own:
 * whatever goes wrong in it, the files that it leaves are run one by one.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/session.h"

/* Can this file be in a batch?  One that an earlier strike might be about is weighed alone. */
static gboolean
is_harmless(const ItvPlugin *plugin, const ItvOutcome *o, const ItvBatchFile *file,
            guint64 *ret_size)
{
  struct stat st;
  if (fstat(file->fd, &st) != 0 || !S_ISREG(st.st_mode))
    return FALSE;
  *ret_size = (guint64)st.st_size;
  return !itv_strikes_may_bar(plugin, o, (guint64)st.st_size);
}

/* Sends the files; their jobs have the numbers from `process->job` on. */
static gboolean
send_batch(ItvProcess *process, const char *kind, const ItvBatchFile *files, const guint64 *sizes,
           gsize n, gint64 deadline_ms)
{
  itv_field fields[ITV_WIRE_MAX_BATCH];
  int fds[ITV_WIRE_MAX_BATCH];
  for (gsize i = 0; i < n; i++) {
    fields[i] = (itv_field)ITV_I64(files[i].name, (gint64)sizes[i], NULL);
    fds[i] = files[i].fd;
  }
  const ItvWireFrame frame = {.type = ITV_WIRE_BATCH, .record = {kind, fields, n}};
  const gsize length = itv_wire_encode(&frame, process->out, ITV_WIRE_MAX_BODY);
  return length > 0 &&
         itv_channel_send_fds(&process->channel, ITV_WIRE_BATCH, process->job, process->out, length,
                              fds, (guint)n, deadline_ms) == ITV_CHANNEL_OK;
}

static ItvOutcome *
new_outcome(const ItvPlugin *plugin, const ItvOutcome *like)
{
  ItvOutcome *o = itv_outcome_new(plugin);
  g_free(o->origin.sha256);
  g_free(o->origin.config_hash);
  o->origin.sha256 = g_strdup(like->origin.sha256);
  o->origin.config_hash = g_strdup(like->origin.config_hash);
  return o;
}

/* Hears the results of one job after the other; returns how many stand. */
static gsize
hear_batch(ItvPlugin *plugin, ItvProcess *process, const char *kind, const ItvOutcome *like,
           gsize n, ItvOutcome **ret, gboolean *ret_good)
{
  const guint32 first = process->job;
  for (gsize i = 0; i < n; i++) {
    const gint64 begin = g_get_monotonic_time();
    ItvOutcome *o = new_outcome(plugin, like);
    ItvSession s = {.plugin = plugin, .process = process, .outcome = o, .contract = {.kind = kind}};
    process->job = first + (guint32)i;
    itv_session_begin(&s, plugin->manifest->deadline_s);
    itv_session_converse(&s);
    itv_session_end(&s);
    if (!s.worker_is_good) {
      itv_outcome_free(o);
      *ret_good = FALSE;
      return i;
    }
    o->seconds = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
    itv_strikes_count(plugin, "", o);
    ret[i] = o;
  }
  *ret_good = TRUE;
  return n;
}

/* Runs the first of `n` files together; returns for how many there is an outcome. */
static gsize
run_together(ItvPlugin *plugin, const char *kind, const ItvBatchFile *files, gsize n,
             ItvOutcome **ret)
{
  g_autoptr(ItvOutcome) like = itv_outcome_new(plugin);
  guint64 sizes[ITV_WIRE_MAX_BATCH];
  gsize together = 0;
  gboolean good = FALSE;
  if (plugin->owner->wrapper || !itv_manifest_kind(plugin->manifest, kind) ||
      !itv_outcome_identify(plugin, like) || !itv_strikes_gate(plugin, NULL, like))
    return 0;
  while (together < n && is_harmless(plugin, like, &files[together], &sizes[together]))
    together++;
  ItvProcess *process = together > 1 ? itv_pool_acquire(plugin, like) : NULL;
  if (!process)
    return 0;
  const double deadline_s = plugin->manifest->deadline_s;
  process->job++;
  itv_process_allow_memory(process, 0);
  itv_process_allow_cpu(process, deadline_s * plugin->manifest->threads);
  gsize done = 0;
  if (send_batch(process, kind, files, sizes, together,
                 itv_channel_now_ms() + (gint64)(deadline_s * 1000)))
    done = hear_batch(plugin, process, kind, like, together, ret, &good);
  if (good)
    itv_pool_release(plugin, process);
  else
    itv_process_kill(process);
  return done;
}

void
itv_plugins_run_files(ItvPlugins *plugins, ItvPlugin *plugin, const char *kind,
                      const ItvBatchFile *files, gsize n, ItvOutcome **ret_outcomes)
{
  gsize done = run_together(plugin, kind, files, MIN(n, ITV_WIRE_MAX_BATCH), ret_outcomes);
  for (; done < n; done++) {
    g_autoptr(ItvJob) job = itv_job_new();
    itv_job_add_source_fd(job, dup(files[done].fd), files[done].name);
    ret_outcomes[done] = itv_plugins_run(plugins, plugin, kind, job, NULL, NULL, NULL);
  }
}
