/* SPDX-License-Identifier: Apache-2.0
 *
 * One job in one worker: inputs go, frames come, and whatever happens becomes
 * an outcome.  Nothing that a worker says is believed without a check.
 */
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "plugin/job-private.h"
#include "plugin/session.h"

#define CANCEL_PATIENCE_MS 2000 /* for a plugin to notice that it shall stop */
#define CANCEL_TICK_MS 50
#define MAX_LOG 100
#define MAX_VOLUMES 64
#define TEXT_PART (1u << 20)

static void
settle(ItvSession *s, ItvOutcomeClass class, const char *text)
{
  itv_outcome_set(s->outcome, class, "%s", text);
  s->over = TRUE;
}

/* ---- sending ----------------------------------------------------------------- */

static gboolean
send_frame(ItvSession *s, const ItvWireFrame *frame, int fd)
{
  const ItvChannelStatus status = itv_process_send(s->process, frame, fd, s->deadline_ms);
  if (status == ITV_CHANNEL_GARBAGE)
    settle(s, ITV_OUTCOME_HOST, "could not be run: an input record is longer than 4 MiB");
  else if (status == ITV_CHANNEL_EMPTY)
    settle(s, ITV_OUTCOME_HANG, "did not take its inputs within the deadline");
  return status == ITV_CHANNEL_OK;
}

static gboolean
send_source(ItvSession *s, const ItvJobSource *source)
{
  g_autoptr(GError) error = NULL;
  ItvWireFrame frame = {.type = ITV_WIRE_SOURCE, .s = {source->name}};
  int fd = -1;
  gboolean owned = FALSE;
  if (!itv_job_source_open(source, &fd, &owned, &frame.i[0], &error)) {
    settle(s, ITV_OUTCOME_HOST, "");
    g_free(s->outcome->message);
    s->outcome->message = g_strdup(error->message);
    return FALSE;
  }
  const gboolean sent = send_frame(s, &frame, fd);
  if (owned)
    close(fd);
  return sent;
}

static gboolean
send_text(ItvSession *s)
{
  gsize at = 0;
  do {
    const ItvWireFrame frame = {.type = ITV_WIRE_TEXT,
                                .bytes = (const guint8 *)s->job->text + at,
                                .n_bytes = MIN(s->job->text_len - at, TEXT_PART)};
    if (!send_frame(s, &frame, -1))
      return FALSE;
    at += TEXT_PART;
  } while (at < s->job->text_len);
  return TRUE;
}

static gboolean
send_inputs(ItvSession *s)
{
  const gsize n = itv_records_length(s->job->records);
  for (gsize i = 0; i < n; i++) {
    const ItvWireFrame frame = {.type = ITV_WIRE_RECORD,
                                .record = *itv_records_get(s->job->records, i)};
    if (!send_frame(s, &frame, -1))
      return FALSE;
  }
  for (guint i = 0; i < s->job->volumes->len; i++) {
    const ItvJobVolume *v = s->job->volumes->pdata[i];
    ItvWireFrame frame = {.type = ITV_WIRE_VOLUME, .shape = *itv_volume_view(v->volume)};
    frame.shape.role = v->role;
    if (!send_frame(s, &frame, itv_volume_fd(v->volume)))
      return FALSE;
  }
  for (guint i = 0; i < s->job->sources->len; i++)
    if (!send_source(s, s->job->sources->pdata[i]))
      return FALSE;
  if (s->job->text && !send_text(s))
    return FALSE;
  const ItvWireFrame run = {.type = ITV_WIRE_RUN, .s = {s->contract.kind}};
  return send_frame(s, &run, -1);
}

/* ---- receiving ---------------------------------------------------------------- */

static void
take_record(ItvSession *s, const ItvWireFrame *frame)
{
  g_autoptr(GError) error = NULL;
  const itv_record *r = &frame->record;
  const guint limit = s->plugin->manifest->records;
  s->n_bytes += (gint64)s->process->channel.body_length;
  /* the worker counts as well, and says so to the plugin; this is for one that
   * writes its own frames */
  if (s->contract.n_records >= limit || s->n_bytes > ITV_MAX_RECORD_BYTES * 2) {
    itv_outcome_set(s->outcome, ITV_OUTCOME_PROTOCOL,
                    "went on emitting beyond its limit of %u records", limit);
    s->over = TRUE;
  } else if (!itv_schema_check(s->plugin->owner->schema, r, s->contract.kind, &error) ||
             !itv_contract_check(&s->contract, r, &error)) {
    itv_outcome_set(s->outcome, ITV_OUTCOME_SCHEMA, "broke the rules for records: %s",
                    error->message);
    s->over = TRUE;
  } else {
    itv_records_add(s->outcome->records, r->name, r->fields, r->n_fields);
  }
}

static void
take_log(ItvSession *s, const ItvWireFrame *frame)
{
  static const char *const levels[] = {"debug", "info", "warning"};
  if (s->outcome->log->len >= MAX_LOG)
    return;
  g_autofree char *text = itv_clean_text(frame->s[0]);
  const gint64 level = CLAMP(frame->i[0], 0, 2);
  g_ptr_array_add(s->outcome->log, g_strdup_printf("%s: %s", levels[level], text));
}

/* Makes the memory for a volume that the plugin wants to fill. */
static void
grant_volume(ItvSession *s, const itv_volume *shape)
{
  ItvWireFrame answer = {.type = ITV_WIRE_GRANT, .i = {ITV_ERR_LIMIT}};
  ItvMadeVolume made = {-1, *shape};
  made.shape.role = NULL;
  const guint64 size = itv_volume_size(shape);
  const guint64 quota = (guint64)s->plugin->manifest->volume_mib << 20;
  if (size == 0)
    answer.i[0] = ITV_ERR_INPUT;
  else if (s->made->len < MAX_VOLUMES && size <= quota && s->made_bytes <= quota - size)
    made.fd = itv_volume_allocate(shape, NULL);
  if (made.fd >= 0) {
    s->made_bytes += size;
    itv_process_allow_memory(s->process, s->input_bytes + s->made_bytes);
    g_array_append_val(s->made, made);
    s->contract.n_volumes = s->made->len;
    answer.i[0] = ITV_OK;
    answer.i[1] = (gint64)s->made->len;
  }
  send_frame(s, &answer, made.fd);
}

static void
seal_volumes(ItvSession *s)
{
  for (guint i = 0; i < s->made->len && !s->over; i++) {
    ItvMadeVolume *m = &g_array_index(s->made, ItvMadeVolume, i);
    ItvVolume *v = itv_volume_seal(m->fd, &m->shape, NULL);
    const gint64 id = (gint64)i + 1;
    m->fd = -1;
    if (!v) {
      settle(s, ITV_OUTCOME_PROTOCOL, "still held a volume for writing after it had ended its job");
      return;
    }
    g_ptr_array_add(s->outcome->volumes, v);
    g_array_append_val(s->outcome->volume_ids, id);
  }
}

static void
finish_ok(ItvSession *s)
{
  if (itv_records_length(s->outcome->records) == 0 &&
      !itv_contract_may_be_empty(s->contract.kind)) {
    settle(s, ITV_OUTCOME_PROTOCOL,
           "says that it succeeded but emitted no record (ITV_NOT_APPLICABLE is for inputs that "
           "are none of its business)");
    return;
  }
  seal_volumes(s);
  if (s->over)
    return;
  if (s->explanation)
    g_ptr_array_add(s->outcome->log,
                    g_strdup_printf("warning: succeeded, yet set an error: %s", s->explanation));
  s->over = s->worker_is_good = TRUE;
  s->outcome->class = ITV_OUTCOME_OK;
}

static void
finish_failed(ItvSession *s, itv_status status)
{
  if (status == ITV_ERR_CANCELLED && s->cancel_until_ms) {
    settle(s, ITV_OUTCOME_CANCELLED, "was cancelled");
  } else if (status == ITV_ERR_CANCELLED) {
    settle(s, ITV_OUTCOME_PROTOCOL, "says that it was cancelled, but nobody did");
    return;
  } else if (!s->explanation || !*s->explanation) {
    itv_outcome_set(s->outcome, ITV_OUTCOME_PROTOCOL,
                    "failed with status %d without a message (set_error() comes before every "
                    "negative status)",
                    status);
    s->over = TRUE;
    return;
  } else {
    /* the plugin's own sentence is about the input: no prefix */
    settle(s, ITV_OUTCOME_ERROR, "");
    g_free(s->outcome->message);
    s->outcome->message = g_steal_pointer(&s->explanation);
  }
  /* a worker that ran out of something begins anew */
  s->worker_is_good = status != ITV_ERR_LIMIT;
}

static void
finish(ItvSession *s, gint64 status)
{
  if (status == ITV_OK) {
    finish_ok(s);
  } else if (status == ITV_NOT_APPLICABLE && itv_records_length(s->outcome->records) > 0) {
    settle(s, ITV_OUTCOME_PROTOCOL, "says that the input is not for it, yet emitted records");
  } else if (status == ITV_NOT_APPLICABLE) {
    settle(s, ITV_OUTCOME_NOT_APPLICABLE, "says that this input is not for it");
    s->worker_is_good = TRUE;
  } else if (status < ITV_ERR_INTERNAL || status > ITV_NOT_APPLICABLE) {
    itv_outcome_set(s->outcome, ITV_OUTCOME_PROTOCOL,
                    "returned status %" G_GINT64_FORMAT ", which does not exist", status);
    s->over = TRUE;
  } else {
    finish_failed(s, (itv_status)status);
  }
  s->outcome->status = (itv_status)CLAMP(status, G_MININT32, G_MAXINT32);
}

static void
take_frame(ItvSession *s, const ItvWireFrame *frame)
{
  const gboolean stale = frame->job != s->process->job;
  switch (frame->type) {
  case ITV_WIRE_LOG:
    if (!stale)
      take_log(s, frame);
    return;
  case ITV_WIRE_PROGRESS:
    if (!stale && s->progress && isfinite(frame->f))
      s->progress(s->data, CLAMP(frame->f, 0.0, 1.0));
    return;
  case ITV_WIRE_ERROR:
    g_free(s->explanation);
    s->explanation = itv_clean_text(frame->s[0]);
    return;
  case ITV_WIRE_REFUSED: {
    g_autofree char *why = itv_clean_text(frame->s[0]);
    settle(s, ITV_OUTCOME_REFUSED, why);
    return;
  }
  default:
    break;
  }
  if (stale)
    settle(s, ITV_OUTCOME_PROTOCOL, "sent a result for another job");
  else if (frame->type == ITV_WIRE_RECORD)
    take_record(s, frame);
  else if (frame->type == ITV_WIRE_CREATE)
    grant_volume(s, &frame->shape);
  else if (frame->type == ITV_WIRE_DONE)
    finish(s, frame->i[0]);
  else
    settle(s, ITV_OUTCOME_PROTOCOL, "sent a message that has no meaning here");
}

/* ---- time ----------------------------------------------------------------------- */

static void
check_time(ItvSession *s)
{
  const gint64 now = itv_channel_now_ms();
  if (!s->cancel_until_ms && s->cancellable && g_cancellable_is_cancelled(s->cancellable)) {
    __atomic_store_n(&s->process->page->cancel, s->process->job, __ATOMIC_RELAXED);
    s->cancel_until_ms = now + CANCEL_PATIENCE_MS;
  }
  if (s->cancel_until_ms && now >= s->cancel_until_ms) {
    settle(s, ITV_OUTCOME_CANCELLED, "was cancelled and, since it did not stop, ended");
  } else if (now >= s->deadline_ms) {
    itv_outcome_set(s->outcome, ITV_OUTCOME_HANG, "did not finish within %g s", s->deadline_s);
    s->over = TRUE;
  }
}

void
itv_session_converse(ItvSession *s)
{
  while (!s->over) {
    ItvWireFrame frame;
    gint64 until = s->deadline_ms;
    if (s->cancellable)
      until = MIN(until, itv_channel_now_ms() + CANCEL_TICK_MS);
    const ItvChannelStatus status = itv_channel_receive(&s->process->channel, until, &frame, NULL);
    if (status == ITV_CHANNEL_OK) {
      take_frame(s, &frame);
      itv_wire_clear(&frame);
    } else if (status == ITV_CHANNEL_GARBAGE) {
      itv_outcome_set(s->outcome, ITV_OUTCOME_PROTOCOL, "sent a malformed message: %s",
                      s->process->channel.problem);
      s->over = TRUE;
    } else if (status == ITV_CHANNEL_CLOSED) {
      itv_pool_explain_death(s->plugin, s->process, "in the middle of a job", s->outcome);
      s->over = TRUE;
    }
    if (!s->over)
      check_time(s);
  }
}

/* ---- the whole -------------------------------------------------------------------- */

/* A worker holds all files of a job open, within the limit that it inherits. */
static guint
max_sources(void)
{
  const guint spare = 64; /* libraries, volumes, the socket */
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_max == RLIM_INFINITY ||
      limit.rlim_max >= ITV_WIRE_MAX_SOURCES + spare)
    return ITV_WIRE_MAX_SOURCES;
  return limit.rlim_max > spare ? (guint)limit.rlim_max - spare : 0;
}

static gboolean
inputs_are_good(ItvPlugin *plugin, const char *kind, const ItvJob *job, ItvOutcome *o)
{
  g_autoptr(GError) error = NULL;
  if (!itv_manifest_kind(plugin->manifest, kind)) {
    itv_outcome_set(o, ITV_OUTCOME_HOST, "does not offer kind \"%s\"", kind);
    return FALSE;
  }
  if (job->problem) {
    itv_outcome_set(o, ITV_OUTCOME_HOST, "could not be run: %s", job->problem);
    return FALSE;
  }
  if (job->sources->len > max_sources()) {
    itv_outcome_set(o, ITV_OUTCOME_HOST,
                    "could not be run: %u files are more than the %u that a job may have here",
                    job->sources->len, max_sources());
    return FALSE;
  }
  const gsize n = itv_records_length(job->records);
  for (gsize i = 0; i < n; i++)
    if (!itv_schema_check(plugin->owner->schema, itv_records_get(job->records, i), NULL, &error)) {
      itv_outcome_set(o, ITV_OUTCOME_HOST, "could not be run: input: %s", error->message);
      return FALSE;
    }
  return TRUE;
}

gboolean
itv_outcome_identify(ItvPlugin *plugin, ItvOutcome *o)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *sha = NULL, *config = NULL;
  if (!itv_plugin_identity(plugin, &sha, &config, &error)) {
    itv_outcome_set(o, ITV_OUTCOME_HOST, "could not be run: %s", error->message);
    return FALSE;
  }
  g_free(o->origin.sha256);
  g_free(o->origin.config_hash);
  o->origin.sha256 = g_steal_pointer(&sha);
  o->origin.config_hash = g_steal_pointer(&config);
  return TRUE;
}

void
itv_session_begin(ItvSession *s, double deadline_s)
{
  s->made = g_array_new(FALSE, FALSE, sizeof(ItvMadeVolume));
  s->deadline_s = deadline_s;
  s->deadline_ms = itv_channel_now_ms() + (gint64)(deadline_s * 1000);
  if (s->plugin->owner->wrapper)
    s->deadline_ms = ITV_CHANNEL_FOREVER;
}

static void
run_in(ItvSession *s)
{
  const ItvManifest *m = s->plugin->manifest;
  for (guint i = 0; i < s->job->volumes->len; i++) {
    const ItvJobVolume *v = s->job->volumes->pdata[i];
    s->input_bytes += itv_volume_view(v->volume)->data_size;
  }
  s->input_bytes += 4 * (guint64)s->job->text_len; /* text and records are copied in there */
  itv_session_begin(s, s->job->deadline_s > 0 ? s->job->deadline_s : m->deadline_s);
  s->process->job++;
  itv_process_allow_memory(s->process, s->input_bytes);
  itv_process_allow_cpu(s->process, s->deadline_s * m->threads);
  (void)send_inputs(s); /* a connection that broke shows when the answer is read */
  itv_session_converse(s);
}

static void
drop_results(ItvOutcome *o)
{
  itv_records_unref(o->records);
  o->records = itv_records_new();
  g_ptr_array_set_size(o->volumes, 0);
  g_array_set_size(o->volume_ids, 0);
}

void
itv_session_end(ItvSession *s)
{
  for (guint i = 0; i < s->made->len; i++)
    if (g_array_index(s->made, ItvMadeVolume, i).fd >= 0)
      close(g_array_index(s->made, ItvMadeVolume, i).fd);
  g_array_unref(s->made);
  g_free(s->explanation);
  if (s->outcome->class != ITV_OUTCOME_OK)
    drop_results(s->outcome);
}

ItvOutcome *
itv_plugins_run(ItvPlugins *plugins, ItvPlugin *plugin, const char *kind, ItvJob *job,
                GCancellable *cancellable, ItvProgressFunc progress, void *data)
{
  (void)plugins;
  ItvOutcome *o = itv_outcome_new(plugin);
  const gint64 begin = g_get_monotonic_time();
  if (!inputs_are_good(plugin, kind, job, o) || !itv_outcome_identify(plugin, o) ||
      !itv_strikes_gate(plugin, job, o))
    return o;
  ItvProcess *process = itv_pool_acquire(plugin, o);
  if (!process) {
    itv_strikes_count(plugin, "", o);
    return o;
  }
  ItvSession s = {.plugin = plugin,
                  .process = process,
                  .job = job,
                  .outcome = o,
                  .contract = {.kind = kind, .text = job->text, .text_len = job->text_len},
                  .cancellable = cancellable,
                  .progress = progress,
                  .data = data};
  run_in(&s);
  itv_session_end(&s);
  if (s.worker_is_good)
    itv_pool_release(plugin, process);
  else
    itv_process_kill(process);
  o->seconds = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
  itv_strikes_count(plugin, itv_outcome_blames_plugin(o->class) ? itv_job_strike_key(job) : "", o);
  return o;
}
