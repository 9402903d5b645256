/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "worker/worker.h"

#define TOO_BIG "the inputs of this job do not fit into the plugin's memory limit"

/* The inputs of the job that is being sent.  Grown arrays, and memory for strings
 * that lives as long as the job. */
typedef struct Chunk {
  struct Chunk *next;
} Chunk;
typedef struct {
  itv_record *records;
  itv_volume *volumes;
  itv_source *sources;
  size_t n_records, n_volumes, n_sources;
  char *text;
  uint64_t text_len;
  Chunk *chunks;
  bool failed; /* out of memory: the rest of the inputs is only taken in */
} Inputs;

static void *
keep(Inputs *in, size_t n)
{
  Chunk *chunk = malloc(sizeof *chunk + n);
  if (!chunk) {
    in->failed = true;
    return NULL;
  }
  chunk->next = in->chunks;
  in->chunks = chunk;
  return chunk + 1;
}

static char *
keep_string(Inputs *in, const char *s)
{
  if (!s)
    return NULL;
  const size_t n = strlen(s) + 1;
  char *copy = keep(in, n);
  return copy ? memcpy(copy, s, n) : NULL;
}

/* Room for one more element: capacities are powers of two. */
static bool
grow(Inputs *in, void **array, size_t n, size_t element)
{
  if (n > 0 && (n & (n - 1)) != 0)
    return true;
  void *bigger = realloc(*array, (n ? 2 * n : 1) * element);
  if (!bigger) {
    in->failed = true;
    return false;
  }
  *array = bigger;
  return true;
}

static void
take_record(Inputs *in, const itv_record *record)
{
  if (!grow(in, (void **)&in->records, in->n_records, sizeof *in->records))
    return;
  itv_field *fields = keep(in, (record->n_fields + 1) * sizeof *fields);
  for (size_t k = 0; fields && k < record->n_fields; k++) {
    fields[k] = record->fields[k];
    fields[k].key = keep_string(in, fields[k].key);
    fields[k].unit = keep_string(in, fields[k].unit);
    if (fields[k].type == ITV_T_STR)
      fields[k].v.str = keep_string(in, fields[k].v.str);
  }
  in->records[in->n_records++] =
      (itv_record){keep_string(in, record->name), fields, fields ? record->n_fields : 0};
}

static void
take_volume(Inputs *in, const itv_volume *shape, int fd)
{
  void *data = MAP_FAILED;
  if (grow(in, (void **)&in->volumes, in->n_volumes, sizeof *in->volumes))
    data = mmap(NULL, shape->data_size, PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (data == MAP_FAILED) {
    in->failed = true;
    return;
  }
  itv_volume *v = &in->volumes[in->n_volumes++];
  *v = *shape;
  v->struct_size = sizeof *v;
  v->role = keep_string(in, shape->role);
  v->data = data;
  itv_crash_read_only(data, shape->data_size);
}

static int64_t
read_at(const itv_source *src, int64_t offset, void *buf, size_t n)
{
  if (offset < 0)
    return -1;
  return pread((int)(intptr_t)src->ctx, buf, n, (off_t)offset);
}

static void
take_source(Inputs *in, int64_t size, const char *name, int fd)
{
  if (!grow(in, (void **)&in->sources, in->n_sources, sizeof *in->sources)) {
    close(fd);
    return;
  }
  in->sources[in->n_sources++] =
      (itv_source){(void *)(intptr_t)fd, size, read_at, keep_string(in, name)};
}

/* The text may come in parts. */
static void
take_text(Inputs *in, const uint8_t *bytes, size_t n)
{
  char *longer = realloc(in->text, in->text_len + n + 1);
  if (!longer) {
    in->failed = true;
    return;
  }
  if (n)
    memcpy(longer + in->text_len, bytes, n);
  longer[in->text_len + n] = 0;
  in->text = longer;
  in->text_len += n;
}

static void
forget(Inputs *in)
{
  for (size_t i = 0; i < in->n_volumes; i++)
    munmap((void *)(uintptr_t)in->volumes[i].data, in->volumes[i].data_size);
  for (size_t i = 0; i < in->n_sources; i++)
    close((int)(intptr_t)in->sources[i].ctx);
  while (in->chunks) {
    Chunk *chunk = in->chunks;
    in->chunks = chunk->next;
    free(chunk);
  }
  free(in->records);
  free(in->volumes);
  free(in->sources);
  free(in->text);
  *in = (Inputs){0};
  itv_crash_forget_read_only();
}

static void
send_done(ItvWorker *worker, itv_status status)
{
  const ItvWireFrame done = {.type = ITV_WIRE_DONE, .i = {status}};
  itv_worker_send(worker, &done);
}

/* False when the plugin was refused. */
static bool
run_job(ItvWorker *worker, Inputs *in, const char *kind, uint32_t job)
{
  itv_host_begin_job(worker, job);
  const itv_kind *k = itv_worker_kind(worker, kind);
  if (!k)
    return false;
  itv_status status = ITV_ERR_LIMIT;
  if (in->failed) {
    worker->host.set_error(&worker->host, TOO_BIG);
  } else {
    const itv_input input = {.struct_size = sizeof input,
                             .n_records = (uint32_t)in->n_records,
                             .n_volumes = (uint32_t)in->n_volumes,
                             .n_sources = (uint32_t)in->n_sources,
                             .records = in->records,
                             .volumes = in->volumes,
                             .sources = in->sources,
                             .text = in->text,
                             .text_len = in->text_len};
    status = k->run(worker->self, &worker->host, &input, &worker->sink);
  }
  itv_host_end_job(worker);
  forget(in);
  /* who goes on after ITV_ERR_LIMIT has lost a part of the result */
  send_done(worker, worker->over_limit && status == ITV_OK ? ITV_ERR_LIMIT : status);
  return true;
}

static bool
probe(ItvWorker *worker, const ItvWireFrame *frame)
{
  itv_host_begin_job(worker, frame->job);
  const itv_kind *k = itv_worker_kind(worker, ITV_KIND_IMPORTER);
  if (!k)
    return false;
  const char *name = frame->s[0] ? frame->s[0] : "";
  const ItvWireFrame answer = {.type = ITV_WIRE_PROBED,
                               .i = {k->probe(worker->self, frame->bytes, frame->n_bytes, name)}};
  itv_worker_send(worker, &answer);
  return true;
}

/* One job for each file.  Results are told many at a time: where a job ends the process, the
 * core runs each that it has not heard of by itself. */
static bool
run_batch(ItvWorker *worker, const ItvWireFrame *frame)
{
  const itv_record *files = &frame->record;
  int fds[ITV_WIRE_MAX_BATCH];
  memcpy(fds, worker->channel.fds, files->n_fields * sizeof *fds);
  worker->channel.n_fds = 0;
  bool good = true;
  itv_worker_hold(worker, true);
  for (size_t i = 0; i < files->n_fields; i++) {
    Inputs in = {0};
    if (!good) {
      close(fds[i]);
      continue;
    }
    take_source(&in, files->fields[i].v.i64, files->fields[i].key, fds[i]);
    good = run_job(worker, &in, files->name, frame->job + (uint32_t)i);
    itv_worker_send_old(worker);
  }
  itv_worker_hold(worker, false);
  return good;
}

/* False: the worker ends. */
static bool
handle(ItvWorker *worker, Inputs *in, const ItvWireFrame *frame, int fd)
{
  switch (frame->type) {
  case ITV_WIRE_RECORD:
    take_record(in, &frame->record);
    return true;
  case ITV_WIRE_VOLUME:
    take_volume(in, &frame->shape, fd);
    return true;
  case ITV_WIRE_SOURCE:
    take_source(in, frame->i[0], frame->s[0], fd);
    return true;
  case ITV_WIRE_TEXT:
    take_text(in, frame->bytes, frame->n_bytes);
    return true;
  case ITV_WIRE_RUN:
    return run_job(worker, in, frame->s[0], frame->job);
  case ITV_WIRE_BATCH:
    return run_batch(worker, frame);
  case ITV_WIRE_PROBE:
    return probe(worker, frame);
  default:
    return false;
  }
}

void
itv_worker_serve(ItvWorker *worker)
{
  Inputs in = {0};
  bool more = true;
  while (more) {
    ItvWireFrame frame;
    int fd = -1;
    if (itv_channel_receive(&worker->channel, ITV_CHANNEL_FOREVER, &frame, &fd) != ITV_CHANNEL_OK)
      break;
    more = handle(worker, &in, &frame, fd);
    itv_wire_clear(&frame);
  }
  forget(&in);
}
