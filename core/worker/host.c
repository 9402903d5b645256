/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "worker/worker.h"

#define PROGRESS_EVERY_MS 20
#define HELD_MS 20 /* the longest that a finished job waits in a batch to be told */

struct ItvMade {
  struct ItvMade *next;
  void *data;
  size_t size;
};

void
itv_worker_send(ItvWorker *worker, const ItvWireFrame *frame)
{
  pthread_mutex_lock(&worker->send_lock);
  const size_t n = itv_wire_encode(frame, worker->out, ITV_WIRE_MAX_BODY);
  const ItvChannelStatus status =
      itv_channel_send(&worker->channel, (uint16_t)frame->type, worker->job, worker->out, n, -1,
                       ITV_CHANNEL_FOREVER);
  pthread_mutex_unlock(&worker->send_lock);
  if (status != ITV_CHANNEL_OK)
    _exit(0); /* nobody is left to work for */
}

static void
flush_locked(ItvWorker *worker)
{
  worker->last_flush_ms = itv_channel_now_ms();
  if (itv_channel_flush(&worker->channel, ITV_CHANNEL_FOREVER) != ITV_CHANNEL_OK)
    _exit(0);
}

void
itv_worker_hold(ItvWorker *worker, bool hold)
{
  pthread_mutex_lock(&worker->send_lock);
  flush_locked(worker);
  worker->channel.holds = worker->in_batch = hold;
  pthread_mutex_unlock(&worker->send_lock);
}

void
itv_worker_send_old(ItvWorker *worker)
{
  pthread_mutex_lock(&worker->send_lock);
  if (itv_channel_now_ms() - worker->last_flush_ms >= HELD_MS)
    flush_locked(worker);
  pthread_mutex_unlock(&worker->send_lock);
}

void
itv_worker_refuse(ItvWorker *worker, const char *format, ...)
{
  char why[ITV_WORKER_MESSAGE];
  va_list args;
  va_start(args, format);
  vsnprintf(why, sizeof why, format, args);
  va_end(args);
  const ItvWireFrame frame = {.type = ITV_WIRE_REFUSED, .s = {why}};
  itv_worker_send(worker, &frame);
}

/* Messages are cut rather than refused: an explanation must not fail. */
static void
send_message(ItvWorker *worker, ItvWireType type, int64_t level, const char *message)
{
  char cut[ITV_WORKER_MESSAGE];
  snprintf(cut, sizeof cut, "%s", message ? message : "");
  const ItvWireFrame frame = {.type = type, .s = {cut}, .i = {level}};
  itv_worker_send(worker, &frame);
}

static void
log_message(const itv_host *host, int32_t level, const char *message)
{
  send_message(host->ctx, ITV_WIRE_LOG, level, message);
}

static void
set_error(const itv_host *host, const char *message)
{
  ItvWorker *worker = host->ctx;
  worker->has_error = message && *message;
  send_message(worker, ITV_WIRE_ERROR, 0, message);
}

static int32_t
is_cancelled(const itv_host *host)
{
  const ItvWorker *worker = host->ctx;
  return worker->page->cancel == worker->job && worker->job != 0;
}

static void
progress(const itv_host *host, double fraction)
{
  ItvWorker *worker = host->ctx;
  pthread_mutex_lock(&worker->send_lock);
  const int64_t now = itv_channel_now_ms();
  const bool due = now - worker->last_progress_ms >= PROGRESS_EVERY_MS;
  if (due)
    worker->last_progress_ms = now;
  pthread_mutex_unlock(&worker->send_lock);
  const ItvWireFrame frame = {.type = ITV_WIRE_PROGRESS, .f = fraction};
  if (due)
    itv_worker_send(worker, &frame);
}

static const ItvPair *
find(const ItvPair *pair, const char *key)
{
  while (pair && (!key || strcmp(pair->key, key) != 0))
    pair = pair->next;
  return pair;
}

static const char *
config(const itv_host *host, const char *key)
{
  const ItvPair *pair = find(((const ItvWorker *)host->ctx)->config, key);
  return pair ? pair->value : NULL;
}

static const void *
resource(const itv_host *host, const char *name, size_t *ret_size)
{
  const ItvPair *pair = find(((const ItvWorker *)host->ctx)->resources, name);
  if (pair && ret_size)
    *ret_size = pair->size;
  return pair ? pair->data : NULL;
}

static itv_status
over_limit(ItvWorker *worker, const char *what, int64_t limit)
{
  if (!worker->over_limit) {
    char message[200];
    snprintf(message, sizeof message, "more than %lld %s in one job", (long long)limit, what);
    set_error(&worker->host, message);
  }
  worker->over_limit = true;
  return ITV_ERR_LIMIT;
}

static itv_status
emit(const itv_sink *sink, const char *record, const itv_field *fields, size_t n_fields)
{
  ItvWorker *worker = sink->ctx;
  const ItvWireFrame frame = {.type = ITV_WIRE_RECORD, .record = {record, fields, n_fields}};
  if (worker->over_limit)
    return ITV_ERR_LIMIT;
  if (worker->n_records >= worker->max_records)
    return over_limit(worker, "records", worker->max_records);
  pthread_mutex_lock(&worker->send_lock);
  const size_t n = itv_wire_encode(&frame, worker->out, ITV_WIRE_MAX_BODY);
  ItvChannelStatus status = ITV_CHANNEL_OK;
  const bool fits = n > 0 && worker->n_bytes + (int64_t)n <= worker->max_bytes;
  if (fits) {
    worker->n_records++;
    worker->n_bytes += (int64_t)n;
    status = itv_channel_send(&worker->channel, ITV_WIRE_RECORD, worker->job, worker->out, n, -1,
                              ITV_CHANNEL_FOREVER);
  }
  pthread_mutex_unlock(&worker->send_lock);
  if (status != ITV_CHANNEL_OK)
    _exit(0);
  if (n == 0)
    return over_limit(worker, "bytes in one record, or fields beyond 4096,", ITV_WIRE_MAX_BODY);
  return fits ? ITV_OK : over_limit(worker, "bytes of records", worker->max_bytes);
}

/* Maps what the core granted; the core made the memory and will seal it. */
static itv_status
map_volume(ItvWorker *worker, int fd, size_t size, void **ret_data)
{
  struct ItvMade *made = malloc(sizeof *made);
  void *data = made ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
  close(fd);
  if (data == MAP_FAILED) {
    free(made);
    return ITV_ERR_LIMIT;
  }
  *made = (struct ItvMade){worker->made, data, size};
  worker->made = made;
  *ret_data = data;
  return ITV_OK;
}

static itv_status
create_volume(const itv_host *host, const itv_volume *shape, void **ret_data, int64_t *ret_id)
{
  static const uint64_t bytes[] = {0, 2, 4, 1};
  ItvWorker *worker = host->ctx;
  ItvWireFrame ask = {.type = ITV_WIRE_CREATE, .shape = *shape}, answer;
  /* the answer would stand behind the rest of the batch; the core tries the job alone then */
  if (worker->in_batch)
    return over_limit(worker, "volumes", 0);
  ask.shape.role = NULL;
  ask.shape.data_size = 0;
  itv_worker_send(worker, &ask);
  int fd = -1;
  if (itv_channel_receive(&worker->channel, ITV_CHANNEL_FOREVER, &answer, &fd) != ITV_CHANNEL_OK ||
      answer.type != ITV_WIRE_GRANT)
    _exit(0);
  if (answer.i[0] != ITV_OK)
    return (itv_status)answer.i[0];
  uint64_t size = bytes[shape->pixel];
  for (int i = 0; i < 3; i++)
    size *= (uint64_t)shape->dim[i];
  const itv_status status = map_volume(worker, fd, size, ret_data);
  if (status == ITV_OK)
    *ret_id = answer.i[1];
  return status;
}

static const void *
get_interface(const itv_host *host, const char *id)
{
  static const itv_host_volume volumes = {sizeof volumes, create_volume};
  (void)host;
  return id && strcmp(id, ITV_IFACE_HOST_VOLUME) == 0 ? &volumes : NULL;
}

void
itv_host_init(ItvWorker *worker)
{
  worker->host =
      (itv_host){sizeof worker->host, ITV_ABI_MINOR, worker,   get_interface, log_message,
                 set_error,           is_cancelled,  progress, config,        resource};
  worker->sink = (itv_sink){worker, emit};
}

void
itv_host_begin_job(ItvWorker *worker, uint32_t job)
{
  pthread_mutex_lock(&worker->send_lock);
  worker->job = job;
  worker->n_records = worker->n_bytes = 0;
  worker->has_error = worker->over_limit = false;
  worker->last_progress_ms = 0;
  pthread_mutex_unlock(&worker->send_lock);
}

void
itv_host_end_job(ItvWorker *worker)
{
  while (worker->made) {
    struct ItvMade *made = worker->made;
    worker->made = made->next;
    munmap(made->data, made->size);
    free(made);
  }
}
