/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

/* ---- starting ------------------------------------------------------------ */

typedef struct {
  char **argv;
  int socket, null_fd, stderr_fd; /* the last two -1: keep ours */
  pid_t pid;
  int problem; /* errno, 0 when it runs */
  gboolean done;
  GMutex lock;
  GCond cond;
} Request;

struct ItvSpawner {
  GThread *thread;
  GAsyncQueue *requests; /* Request, or a Request without argv: the end */
};

/* The socket last: descriptor 3 may be one of the others until then. */
static int
set_up_files(posix_spawn_file_actions_t *actions, const Request *r)
{
  int e = 0;
  if (r->null_fd >= 0) {
    e = posix_spawn_file_actions_adddup2(actions, r->null_fd, 0);
    e = e ? e : posix_spawn_file_actions_adddup2(actions, r->null_fd, 1);
    e = e ? e : posix_spawn_file_actions_adddup2(actions, r->stderr_fd, 2);
  }
  e = e ? e : posix_spawn_file_actions_adddup2(actions, r->socket, ITV_WIRE_FD);
  return e ? e : posix_spawn_file_actions_addclosefrom_np(actions, ITV_WIRE_FD + 1);
}

/* posix_spawn shares memory until exec: its price does not depend on the size of
 * this process. */
static void
spawn(Request *r)
{
  static char *const no_environment[] = {NULL};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attr;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attr);
  posix_spawnattr_setsigmask(&attr, &none);
  posix_spawnattr_setsigdefault(&attr, &all);
  posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  r->problem = set_up_files(&actions, r);
  if (!r->problem && r->null_fd >= 0)
    r->problem = posix_spawn(&r->pid, r->argv[0], &actions, &attr, r->argv, no_environment);
  else if (!r->problem) /* a debugger is looked up in PATH and needs its environment */
    r->problem = posix_spawnp(&r->pid, r->argv[0], &actions, &attr, r->argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attr);
}

static gpointer
spawner_main(gpointer data)
{
  ItvSpawner *spawner = data;
  for (;;) {
    Request *r = g_async_queue_pop(spawner->requests);
    const gboolean last = r->argv == NULL;
    if (!last)
      spawn(r);
    g_mutex_lock(&r->lock);
    r->done = TRUE;
    g_cond_signal(&r->cond);
    g_mutex_unlock(&r->lock);
    if (last)
      return NULL;
  }
}

ItvSpawner *
itv_spawner_new(void)
{
  ItvSpawner *spawner = g_new0(ItvSpawner, 1);
  spawner->requests = g_async_queue_new();
  spawner->thread = g_thread_new("spawner", spawner_main, spawner);
  return spawner;
}

static void
ask(ItvSpawner *spawner, Request *r)
{
  g_mutex_init(&r->lock);
  g_cond_init(&r->cond);
  g_async_queue_push(spawner->requests, r);
  g_mutex_lock(&r->lock);
  while (!r->done)
    g_cond_wait(&r->cond, &r->lock);
  g_mutex_unlock(&r->lock);
  g_mutex_clear(&r->lock);
  g_cond_clear(&r->cond);
}

void
itv_spawner_free(ItvSpawner *spawner)
{
  if (!spawner)
    return;
  Request last = {.argv = NULL};
  ask(spawner, &last);
  g_thread_join(spawner->thread);
  g_async_queue_unref(spawner->requests);
  g_free(spawner);
}

static char **
make_argv(const char *worker, const char *const *wrapper)
{
  GPtrArray *argv = g_ptr_array_new();
  for (guint i = 0; wrapper && wrapper[i]; i++)
    g_ptr_array_add(argv, g_strdup(wrapper[i]));
  g_ptr_array_add(argv, g_strdup(worker));
  if (wrapper)
    g_ptr_array_add(argv, g_strdup("--unconfined"));
  g_ptr_array_add(argv, NULL);
  return (char **)g_ptr_array_free(argv, FALSE);
}

/* The shared page; its descriptor goes to the worker. */
static int
make_page(ItvProcess *p)
{
  const int fd = memfd_create("interval-page", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0)
    return -1;
  void *page = MAP_FAILED;
  if (ftruncate(fd, ITV_WIRE_PAGE_SIZE) == 0 &&
      fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
    page = mmap(NULL, ITV_WIRE_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) {
    close(fd);
    return -1;
  }
  p->page = page;
  return fd;
}

static gboolean
close_and_fail(int a, int b, GError **error, const char *what)
{
  const int e = errno;
  if (a >= 0)
    close(a);
  if (b >= 0)
    close(b);
  return itv_fail(error, ITV_ERROR_PLUGIN, "a worker cannot be started: %s: %s", what,
                  g_strerror(e));
}

static gboolean
start(ItvProcess *p, ItvSpawner *spawner, char **argv, gboolean keeps_stdio, GError **error)
{
  int pair[2], errors[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
    return close_and_fail(-1, -1, error, "socketpair");
  p->socket = pair[0];
  Request r = {.argv = argv, .socket = pair[1], .null_fd = -1, .stderr_fd = -1};
  if (!keeps_stdio) {
    r.null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    /* not blocking: a plugin that talks too much loses words, not time */
    if (r.null_fd < 0 || pipe2(errors, O_CLOEXEC | O_NONBLOCK))
      return close_and_fail(pair[1], r.null_fd, error, "/dev/null or pipe");
    p->stderr_pipe = errors[0];
    r.stderr_fd = errors[1];
  }
  if (r.socket < ITV_WIRE_FD) { /* our own stdin or stdout was closed */
    r.socket = fcntl(pair[1], F_DUPFD_CLOEXEC, ITV_WIRE_FD);
    close(pair[1]);
  }
  ask(spawner, &r);
  close(r.socket);
  if (r.null_fd >= 0)
    close(r.null_fd);
  if (r.stderr_fd >= 0)
    close(r.stderr_fd);
  if (r.problem)
    return itv_fail(error, ITV_ERROR_PLUGIN, "%s cannot be started: %s", argv[0],
                    g_strerror(r.problem));
  p->pid = r.pid;
  return TRUE;
}

ItvProcess *
itv_process_spawn(ItvSpawner *spawner, const char *worker, const char *const *wrapper,
                  GError **error)
{
  g_autoptr(ItvProcess) p = g_new0(ItvProcess, 1);
  p->pid = -1;
  p->socket = p->stderr_pipe = -1;
  p->out = g_malloc(ITV_WIRE_MAX_BODY);
  p->unlimited = wrapper != NULL;
  g_auto(GStrv) argv = make_argv(worker, wrapper);
  if (!start(p, spawner, argv, wrapper != NULL, error))
    return NULL;
  const int page = make_page(p);
  if (page < 0 || !itv_channel_init(&p->channel, p->socket, FALSE)) {
    if (page >= 0)
      close(page);
    itv_fail(error, ITV_ERROR_PLUGIN, "no memory for a worker's channel");
    return NULL;
  }
  const ItvWireFrame frame = {.type = ITV_WIRE_PAGE};
  itv_process_send(p, &frame, page, itv_channel_now_ms() + 5000);
  close(page);
  return g_steal_pointer(&p);
}

/* ---- ending -------------------------------------------------------------- */

static char *
last_words(ItvProcess *p)
{
  char buf[65536];
  gsize n = 0;
  gssize k = 1;
  while (p->stderr_pipe >= 0 && n < sizeof buf && k > 0) {
    k = read(p->stderr_pipe, buf + n, sizeof buf - n);
    n += k > 0 ? (gsize)k : 0;
  }
  g_autofree char *text = g_utf8_make_valid(buf, (gssize)n);
  g_auto(GStrv) lines = g_strsplit_set(text, "\r\n", -1);
  char *last = NULL;
  for (guint i = 0; lines[i]; i++)
    if (*g_strstrip(lines[i]))
      last = lines[i];
  if (!last)
    return NULL;
  if (g_utf8_strlen(last, -1) > 300)
    *g_utf8_offset_to_pointer(last, 300) = 0;
  for (char *c = last; *c; c++)
    if (g_ascii_iscntrl(*c))
      *c = ' ';
  return g_strdup(last);
}

ItvProcessEnd
itv_process_finish(ItvProcess *p, int patience_ms)
{
  ItvProcessEnd end = {0};
  int status = 0;
  pid_t r = 0;
  const gint64 until = itv_channel_now_ms() + patience_ms;
  while (p->pid > 0 && (r = waitpid(p->pid, &status, WNOHANG)) == 0 && itv_channel_now_ms() < until)
    g_usleep(500);
  if (p->pid > 0 && r == 0) {
    kill(p->pid, SIGKILL);
    end.killed = TRUE;
    do
      r = waitpid(p->pid, &status, 0);
    while (r < 0 && errno == EINTR);
  }
  end.known = r > 0;
  p->pid = -1;
  if (end.known && WIFSIGNALED(status))
    end.signal = WTERMSIG(status);
  else if (end.known)
    end.exit_code = WEXITSTATUS(status);
  end.last_words = last_words(p);
  return end;
}

void
itv_process_end_clear(ItvProcessEnd *end)
{
  g_clear_pointer(&end->last_words, g_free);
}

void
itv_process_kill(ItvProcess *p)
{
  ItvProcessEnd end = itv_process_finish(p, 0);
  itv_process_end_clear(&end);
  itv_process_free(p);
}

void
itv_process_free(ItvProcess *p)
{
  if (!p)
    return;
  /* the closed socket tells a healthy worker to end and lets destroy() run */
  if (p->socket >= 0)
    close(p->socket);
  if (p->pid > 0) {
    ItvProcessEnd end = itv_process_finish(p, 100);
    itv_process_end_clear(&end);
  }
  if (p->stderr_pipe >= 0)
    close(p->stderr_pipe);
  if (p->page)
    munmap(p->page, ITV_WIRE_PAGE_SIZE);
  itv_channel_clear(&p->channel);
  g_free(p->out);
  g_free(p->sha256);
  g_free(p->config_hash);
  g_free(p);
}

/* ---- while it runs -------------------------------------------------------- */

gboolean
itv_process_is_stale(const ItvProcess *p)
{
  struct pollfd fd = {p->socket, POLLIN, 0};
  return p->channel.in_end - p->channel.in_start > p->channel.body_length || poll(&fd, 1, 0) != 0;
}

void
itv_process_drain(ItvProcess *p)
{
  char words[4096];
  for (int i = 0; i < 64 && p->stderr_pipe >= 0; i++)
    if (read(p->stderr_pipe, words, sizeof words) < (gssize)sizeof words)
      return;
}

void
itv_process_allow_memory(ItvProcess *p, guint64 extra)
{
  struct rlimit limit;
  /* only the soft limit moves: the filter keeps the plugin from moving it back */
  if (p->unlimited || p->memory_bytes == 0 || prlimit(p->pid, RLIMIT_AS, NULL, &limit))
    return;
  limit.rlim_cur = (rlim_t)p->memory_bytes + extra;
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_cur > limit.rlim_max)
    limit.rlim_cur = limit.rlim_max;
  (void)prlimit(p->pid, RLIMIT_AS, &limit, NULL);
}

void
itv_process_allow_cpu(ItvProcess *p, double seconds)
{
  clockid_t clock;
  struct timespec used;
  struct rlimit limit;
  if (p->unlimited || clock_getcpuclockid(p->pid, &clock) || clock_gettime(clock, &used) ||
      prlimit(p->pid, RLIMIT_CPU, NULL, &limit))
    return;
  limit.rlim_cur = (rlim_t)((double)used.tv_sec + 2 + seconds);
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_cur > limit.rlim_max)
    limit.rlim_cur = limit.rlim_max;
  (void)prlimit(p->pid, RLIMIT_CPU, &limit, NULL);
}

ItvChannelStatus
itv_process_send(ItvProcess *p, const ItvWireFrame *frame, int fd, gint64 deadline_ms)
{
  const gsize n = itv_wire_encode(frame, p->out, ITV_WIRE_MAX_BODY);
  if (n == 0 && frame->type != ITV_WIRE_PAGE) {
    p->channel.problem = "an input is longer than a frame may be";
    return ITV_CHANNEL_GARBAGE;
  }
  return itv_channel_send(&p->channel, (guint16)frame->type, p->job, p->out, n, fd, deadline_ms);
}
