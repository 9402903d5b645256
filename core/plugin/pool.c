/* SPDX-License-Identifier: Apache-2.0
 *
 * Warm workers: started, greeted, lent to one job at a time; and the reading of
 * a dead one.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "plugin/plugins-private.h"

#define MAX_IDLE 4 /* warm workers that are kept of one plugin */
/* After so many jobs a worker is replaced: a plugin that leaks a little must not
 * reach its memory limit on some innocent input. */
#define MAX_JOBS 10000
#define LOAD_DEADLINE_MS 20000

/* ---- outcomes -------------------------------------------------------------- */

ItvOutcome *
itv_outcome_new(const ItvPlugin *plugin)
{
  ItvOutcome *o = g_new0(ItvOutcome, 1);
  o->class = ITV_OUTCOME_HOST;
  o->message = g_strdup("");
  o->records = itv_records_new();
  o->volumes = g_ptr_array_new_with_free_func((GDestroyNotify)itv_volume_unref);
  o->volume_ids = g_array_new(FALSE, FALSE, sizeof(gint64));
  o->log = g_ptr_array_new_with_free_func(g_free);
  o->origin.plugin = g_strdup(plugin->manifest->id);
  o->origin.version = g_strdup(plugin->manifest->version);
  o->origin.sha256 = g_strdup("");
  o->origin.config_hash = g_strdup("");
  return o;
}

void
itv_outcome_set(ItvOutcome *o, ItvOutcomeClass class, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  g_free(o->message);
  o->class = class;
  o->message = g_strdup_printf("plugin %s %s %s", o->origin.plugin, o->origin.version, text);
}

char *
itv_clean_text(const char *text)
{
  char *clean = g_utf8_make_valid(text ? text : "", -1);
  for (char *c = clean; *c; c++)
    if (g_ascii_iscntrl(*c))
      *c = ' ';
  return g_strstrip(clean);
}

/* ---- death ----------------------------------------------------------------- */

static const struct {
  long call;
  const char *what;
} forbidden[] = {
    {SYS_socket, "open a socket"},
    {SYS_socketpair, "open a socket"},
    {SYS_connect, "connect to somewhere"},
    {SYS_bind, "offer a service"},
    {SYS_execve, "start a program"},
    {SYS_execveat, "start a program"},
    {SYS_clone, "start a process"},
#ifdef SYS_fork
    {SYS_fork, "start a process"},
    {SYS_vfork, "start a process"},
    {SYS_open, "open a file for writing"},
    {SYS_creat, "create a file"},
    {SYS_unlink, "delete a file"},
    {SYS_rename, "rename a file"},
    {SYS_mkdir, "make a folder"},
#endif
    {SYS_openat, "open a file for writing"},
    {SYS_unlinkat, "delete a file"},
    {SYS_renameat, "rename a file"},
    {SYS_mkdirat, "make a folder"},
    {SYS_kill, "signal a process"},
    {SYS_tgkill, "signal a process"},
    {SYS_tkill, "signal a process"},
    {SYS_ptrace, "trace a process"},
    {SYS_process_vm_readv, "read another process"},
    {SYS_process_vm_writev, "write into another process"},
};

static void
explain_forbidden(const ItvProcess *p, ItvOutcome *o)
{
  const guint32 number = p->page->syscall_plus_1;
  const char *what = NULL;
  for (guint i = 0; i < G_N_ELEMENTS(forbidden); i++)
    if (number && forbidden[i].call == (long)number - 1)
      what = forbidden[i].what;
  if (what)
    itv_outcome_set(o, ITV_OUTCOME_FORBIDDEN, "tried to %s, which no plugin may do", what);
  else if (number)
    itv_outcome_set(o, ITV_OUTCOME_FORBIDDEN, "made system call %u, which no plugin may do",
                    number - 1);
  else
    itv_outcome_set(o, ITV_OUTCOME_FORBIDDEN,
                    "made a system call that no plugin may do, with signals blocked, as system() "
                    "and posix_spawn() do to start a process");
}

static void
explain_signal(const ItvPlugin *plugin, const ItvProcess *p, const ItvProcessEnd *end,
               const char *when, ItvOutcome *o)
{
  const guint32 why = p->page->crash;
  o->signal = end->signal;
  if (end->signal == SIGSYS)
    explain_forbidden(p, o);
  else if (end->signal == SIGXCPU)
    itv_outcome_set(o, ITV_OUTCOME_HANG, "used up its processor time %s", when);
  else if (why & ITV_WIRE_CRASH_MEMORY)
    itv_outcome_set(o, ITV_OUTCOME_MEMORY,
                    "ran out of memory %s and crashed: its limit is %u MiB (plugin.xml)", when,
                    plugin->manifest->memory_mib);
  else if (why & ITV_WIRE_CRASH_STACK)
    itv_outcome_set(o, ITV_OUTCOME_CRASH, "overflowed its stack %s (recursion without end?)", when);
  else if (why & ITV_WIRE_CRASH_READ_ONLY)
    itv_outcome_set(o, ITV_OUTCOME_CRASH, "wrote to an input volume %s: inputs are read-only",
                    when);
  else
    itv_outcome_set(o, ITV_OUTCOME_CRASH, "crashed %s: %s%s%s", when, g_strsignal(end->signal),
                    end->last_words ? "; its last words: " : "",
                    end->last_words ? end->last_words : "");
}

void
itv_pool_explain_death(ItvPlugin *plugin, ItvProcess *process, const char *when,
                       ItvOutcome *outcome)
{
  ItvProcessEnd end = itv_process_finish(process, 500);
  const gboolean own_words =
      end.last_words && g_str_has_prefix(end.last_words, "interval-worker: ");
  if (!end.known)
    itv_outcome_set(outcome, ITV_OUTCOME_CRASH, "lost its worker process %s", when);
  else if (end.killed)
    itv_outcome_set(outcome, ITV_OUTCOME_PROTOCOL, "closed its connection to the core %s", when);
  else if (end.signal)
    explain_signal(plugin, process, &end, when, outcome);
  else if (own_words && !process->has_loaded) /* the worker itself gave up */
    itv_outcome_set(outcome, ITV_OUTCOME_HOST, "could not be run: %s", end.last_words);
  else if (own_words && end.exit_code == 70)
    itv_outcome_set(outcome, ITV_OUTCOME_FORBIDDEN, "tampered with its confinement %s", when);
  else
    itv_outcome_set(outcome, ITV_OUTCOME_CRASH, "ended its process itself %s (exit %d)%s%s", when,
                    end.exit_code, end.last_words ? "; its last words: " : "",
                    end.last_words ? end.last_words : "");
  itv_process_end_clear(&end);
}

/* ---- birth ------------------------------------------------------------------ */

static gboolean
send_resource(ItvProcess *p, const ItvPlugin *plugin, guint i, gint64 deadline_ms, ItvOutcome *o)
{
  const ItvManifestResource *r = plugin->manifest->resources->pdata[i];
  g_autofree char *path = itv_plugin_resource_path(plugin, i);
  struct stat st;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &st)) {
    itv_outcome_set(o, ITV_OUTCOME_HOST, "could not be run: %s: %s", path, g_strerror(errno));
    if (fd >= 0)
      close(fd);
    return FALSE;
  }
  const ItvWireFrame frame = {.type = ITV_WIRE_RESOURCE, .s = {r->name}, .i = {st.st_size}};
  itv_process_send(p, &frame, fd, deadline_ms);
  close(fd);
  return TRUE;
}

/* A worker that is gone already shows when its answer is awaited. */
static gboolean
greet(ItvProcess *p, const ItvPlugin *plugin, gint64 deadline_ms, ItvOutcome *o)
{
  const ItvManifest *m = plugin->manifest;
  for (guint i = 0; i < m->config->len; i++) {
    const ItvManifestConfig *c = m->config->pdata[i];
    const ItvWireFrame frame = {.type = ITV_WIRE_CONFIG,
                                .s = {c->key, itv_plugin_config(plugin, c)}};
    if (frame.s[1])
      itv_process_send(p, &frame, -1, deadline_ms);
  }
  for (guint i = 0; i < m->resources->len; i++)
    if (!itv_plugin_resource_absent(plugin, i) && !send_resource(p, plugin, i, deadline_ms, o))
      return FALSE;
  p->memory_bytes = (gint64)m->memory_mib << 20;
  const ItvWireFrame start = {.type = ITV_WIRE_START,
                              .s = {plugin->object, m->id, m->version},
                              .i = {m->jit, p->memory_bytes, m->records, ITV_MAX_RECORD_BYTES}};
  itv_process_send(p, &start, -1, deadline_ms);
  return TRUE;
}

static void
keep_warning(ItvPlugins *plugins, const char *warning)
{
  if (!warning)
    return;
  g_mutex_lock(&plugins->lock);
  g_free(plugins->warning);
  plugins->warning = itv_clean_text(warning);
  g_mutex_unlock(&plugins->lock);
}

static void
refused(ItvOutcome *o, const char *why, const char *explanation)
{
  g_autofree char *clean = itv_clean_text(why);
  itv_outcome_set(o, ITV_OUTCOME_REFUSED, "%s%s%s", clean, *explanation ? ": " : "", explanation);
}

/* TRUE when the plugin is loaded; else the outcome says why not. */
static gboolean
await_ready(ItvProcess *p, ItvPlugin *plugin, gint64 deadline_ms, ItvOutcome *o)
{
  g_autofree char *explanation = g_strdup("");
  for (;;) {
    ItvWireFrame frame;
    const ItvChannelStatus status = itv_channel_receive(&p->channel, deadline_ms, &frame, NULL);
    if (status == ITV_CHANNEL_CLOSED)
      itv_pool_explain_death(plugin, p, "while it was loaded", o);
    else if (status == ITV_CHANNEL_EMPTY)
      itv_outcome_set(o, ITV_OUTCOME_HANG, "did not finish loading within %d s",
                      LOAD_DEADLINE_MS / 1000);
    else if (status == ITV_CHANNEL_GARBAGE)
      itv_outcome_set(o, ITV_OUTCOME_PROTOCOL, "sent a malformed message: %s", p->channel.problem);
    if (status != ITV_CHANNEL_OK)
      return FALSE;
    const ItvWireType type = frame.type;
    p->has_loaded = TRUE; /* the first frame comes just before the plugin's code runs */
    if (type == ITV_WIRE_READY) {
      keep_warning(plugin->owner, frame.s[0]);
    } else if (type == ITV_WIRE_ERROR) {
      g_free(explanation);
      explanation = itv_clean_text(frame.s[0]);
    } else if (type == ITV_WIRE_REFUSED) {
      refused(o, frame.s[0], explanation);
    } else if (type != ITV_WIRE_LOG && type != ITV_WIRE_PROGRESS) {
      itv_outcome_set(o, ITV_OUTCOME_PROTOCOL, "sent results before it had a job");
    }
    itv_wire_clear(&frame);
    if (type == ITV_WIRE_READY)
      return TRUE;
    if (type != ITV_WIRE_ERROR && type != ITV_WIRE_LOG && type != ITV_WIRE_PROGRESS)
      return FALSE;
  }
}

static ItvProcess *
start(ItvPlugin *plugin, ItvOutcome *o)
{
  ItvPlugins *plugins = plugin->owner;
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvProcess) p = itv_process_spawn(plugins->spawner, plugins->worker,
                                              (const char *const *)plugins->wrapper, &error);
  if (!p) {
    itv_outcome_set(o, ITV_OUTCOME_HOST, "could not be run: %s", error->message);
    return NULL;
  }
  const gint64 deadline_ms =
      plugins->wrapper ? ITV_CHANNEL_FOREVER : itv_channel_now_ms() + LOAD_DEADLINE_MS;
  if (!greet(p, plugin, deadline_ms, o) || !await_ready(p, plugin, deadline_ms, o))
    return NULL;
  p->sha256 = g_strdup(o->origin.sha256);
  p->config_hash = g_strdup(o->origin.config_hash);
  return g_steal_pointer(&p);
}

/* ---- lending ----------------------------------------------------------------- */

static gboolean
is_current(const ItvProcess *p, const ItvOutcome *o)
{
  return strcmp(p->sha256, o->origin.sha256) == 0 &&
         strcmp(p->config_hash, o->origin.config_hash) == 0;
}

ItvProcess *
itv_pool_acquire(ItvPlugin *plugin, ItvOutcome *o)
{
  for (;;) {
    ItvProcess *p = NULL;
    g_mutex_lock(&plugin->owner->lock);
    if (plugin->idle->len > 0)
      p = g_ptr_array_steal_index(plugin->idle, plugin->idle->len - 1);
    g_mutex_unlock(&plugin->owner->lock);
    if (!p)
      return start(plugin, o);
    if (!itv_process_is_stale(p) && is_current(p, o))
      return p;
    itv_process_free(p); /* it died or spoke while it was idle, or its file has changed */
  }
}

void
itv_pool_release(ItvPlugin *plugin, ItvProcess *process)
{
  itv_process_drain(process);
  itv_process_allow_memory(process, 0);
  itv_process_allow_cpu(process, 0);
  g_mutex_lock(&plugin->owner->lock);
  const gboolean keep = plugin->idle->len < MAX_IDLE && process->job < MAX_JOBS;
  if (keep)
    g_ptr_array_add(plugin->idle, process);
  g_mutex_unlock(&plugin->owner->lock);
  if (!keep)
    itv_process_free(process);
}
