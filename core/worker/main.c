/* SPDX-License-Identifier: Apache-2.0
 *
 * interval-worker: the only program that maps a plugin.  It is started by the
 * core with a socket on descriptor 3 and an empty environment, gives up its
 * rights, loads one plugin and does one job at a time.  The order in main() is
 * the security argument: nothing of the plugin runs before it is confined.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "worker/worker.h"

static ItvWorker worker;

typedef struct {
  char *object, *id, *version;
  int64_t memory_bytes;
} Start;

__attribute__((noreturn)) static void
die(const char *why)
{
  fprintf(stderr, "interval-worker: %s\n", why);
  _exit(64);
}

static char *
copy(const char *s)
{
  char *c = s ? strdup(s) : NULL;
  if (!c)
    die("a start message is incomplete");
  return c;
}

static ItvPair *
new_pair(ItvPair **list, const char *key)
{
  ItvPair *pair = calloc(1, sizeof *pair);
  if (!pair)
    die("out of memory");
  pair->key = copy(key);
  pair->next = *list;
  *list = pair;
  return pair;
}

static void
map_resource(const ItvWireFrame *frame, int fd)
{
  ItvPair *pair = new_pair(&worker.resources, frame->s[0]);
  pair->size = (size_t)frame->i[0];
  /* an empty file cannot be mapped */
  pair->data = pair->size ? mmap(NULL, pair->size, PROT_READ, MAP_PRIVATE, fd, 0) : "";
  if (pair->data == MAP_FAILED)
    die("a resource cannot be mapped");
  close(fd);
}

static void
map_page(int fd)
{
  worker.page = mmap(NULL, ITV_WIRE_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (worker.page == MAP_FAILED)
    die("the shared page cannot be mapped");
  close(fd);
}

static Start
receive_start(void)
{
  for (;;) {
    ItvWireFrame frame;
    int fd = -1;
    if (itv_channel_receive(&worker.channel, ITV_CHANNEL_FOREVER, &frame, &fd) != ITV_CHANNEL_OK)
      die("started by hand? The program interval starts it");
    switch (frame.type) {
    case ITV_WIRE_CONFIG:
      new_pair(&worker.config, frame.s[0])->value = copy(frame.s[1]);
      break;
    case ITV_WIRE_RESOURCE:
      map_resource(&frame, fd);
      break;
    case ITV_WIRE_PAGE:
      map_page(fd);
      break;
    case ITV_WIRE_START:
      worker.jit = frame.i[0] != 0;
      worker.max_records = frame.i[2];
      worker.max_bytes = frame.i[3];
      return (Start){copy(frame.s[0]), copy(frame.s[1]), copy(frame.s[2]), frame.i[1]};
    default:
      die("unexpected message before the start");
    }
  }
}

static bool
create_plugin(void)
{
  if (!worker.plugin->create)
    return true;
  const itv_status status = worker.plugin->create(&worker.host, &worker.self);
  if (status == ITV_OK)
    return true;
  /* the message of set_error() went ahead of this */
  itv_worker_refuse(&worker, "create() failed with status %d", (int)status);
  return false;
}

int
main(int argc, char **argv)
{
  struct stat st;
  const bool confined = !(argc == 2 && strcmp(argv[1], "--unconfined") == 0);
  if (argc > 2 || (argc == 2 && confined) || fstat(ITV_WIRE_FD, &st) || !S_ISSOCK(st.st_mode))
    die("is started by the program interval, not by hand");
  mallopt(M_ARENA_MAX, 1); /* an arena for each thread would eat the address space */
  worker.out = malloc(ITV_WIRE_MAX_BODY);
  pthread_mutex_init(&worker.send_lock, NULL);
  if (!worker.out || !itv_channel_init(&worker.channel, ITV_WIRE_FD, true))
    die("out of memory");
  const Start start = receive_start();
  if (!worker.page)
    die("the shared page is missing");

  ItvConfinement confinement = {.warning = "This worker runs unconfined, for a debugger. "};
  if (confined) {
    itv_crash_notes(worker.page);
    itv_confine_before_load(start.object, start.memory_bytes, &confinement);
  }
  itv_host_init(&worker);
  /* from here on an early end is the plugin's doing */
  const ItvWireFrame loading = {.type = ITV_WIRE_PROGRESS};
  itv_worker_send(&worker, &loading);
  worker.plugin = itv_worker_load(&worker, start.object, start.id, start.version);
  if (!worker.plugin || !create_plugin())
    return 0;
  if (confined)
    itv_confine_before_jobs(worker.jit);

  const ItvWireFrame ready = {.type = ITV_WIRE_READY,
                              .s = {*confinement.warning ? confinement.warning : NULL},
                              .i = {confinement.landlock_abi, confinement.seccomp}};
  itv_worker_send(&worker, &ready);
  itv_worker_serve(&worker);
  if (worker.plugin->destroy)
    worker.plugin->destroy(worker.self);
  return 0;
}
