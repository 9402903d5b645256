/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin that behaves, and does what the content of its file says: the jobs
 * of test-jobs.c.
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "interval/plugin.h"

static const char *greeting;
static const char *book;
static size_t book_size;
static int64_t n_runs; /* of this process */

static itv_status
create(const itv_host *host, void **ret_self)
{
  greeting = host->config(host, "greeting");
  book = host->resource(host, "book", &book_size);
  *ret_self = &n_runs;
  if (host->config(host, "absent") || host->resource(host, "absent", &book_size))
    return ITV_ERR_INTERNAL;
  return ITV_OK;
}

static int32_t
probe(void *self, const uint8_t *head, size_t n, const char *name)
{
  (void)self, (void)name;
  return n >= 4 && memcmp(head, "help", 4) == 0 ? 60 : 0;
}

static void
pause_ms(long ms)
{
  const struct timespec t = {0, ms * 1000000};
  nanosleep(&t, NULL);
}

/* Polls as the contract asks, for at most 20 s. */
static itv_status
wait_for_cancel(const itv_host *host)
{
  for (int i = 0; i < 1000; i++) {
    host->progress(host, i / 1000.0);
    if (host->cancelled(host))
      return ITV_ERR_CANCELLED;
    pause_ms(20);
  }
  host->set_error(host, "nobody cancelled");
  return ITV_ERR_INTERNAL;
}

static void *
log_from_a_thread(void *host)
{
  for (int i = 0; i < 20; i++)
    ((const itv_host *)host)->log(host, ITV_LOG_INFO, "from a thread");
  return NULL;
}

static itv_status
use_threads(const itv_host *host)
{
  pthread_t threads[4];
  for (int i = 0; i < 4; i++)
    if (pthread_create(&threads[i], NULL, log_from_a_thread, (void *)(uintptr_t)host))
      return ITV_ERR_LIMIT;
  for (int i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  return ITV_OK;
}

static int64_t
total_size(const itv_input *in)
{
  int64_t total = 0;
  char byte;
  for (uint32_t i = 0; i < in->n_sources; i++) {
    const itv_source *s = &in->sources[i];
    total += s->size;
    if (s->read_at(s, s->size, &byte, 1) != 0 || s->read_at(s, -1, &byte, 1) >= 0)
      return -1;
  }
  return total;
}

static itv_status
import(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  char order[64] = "";
  (void)self;
  n_runs++;
  if (in->n_sources > 0)
    in->sources[0].read_at(&in->sources[0], 0, order, sizeof order - 1);
  if (strcmp(order, "help wait") == 0)
    return wait_for_cancel(host);
  if (strcmp(order, "help chat") == 0)
    for (int i = 0; i < 2000; i++)
      fprintf(stderr, "a library that says a lot about nothing, line %d\n", i);
  if (strcmp(order, "help crash") == 0) {
    fprintf(stderr, "the last words\n");
    abort();
  }
  if (strcmp(order, "help threads") == 0 && use_threads(host) != ITV_OK)
    return ITV_ERR_INTERNAL;
  const itv_field fields[] = {ITV_STR("format", "help"), ITV_STR("identifier", greeting),
                              ITV_STR("type", book), ITV_I64("offset", n_runs, "By"),
                              ITV_I64("length", total_size(in), "By")};
  return out->emit(out, "interval.document/1", fields, 5);
}

/* The voxels of the input plus one, as a new volume. */
static itv_status
add_one(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  const itv_host_volume *service = host->get_interface(host, ITV_IFACE_HOST_VOLUME);
  void *data = NULL;
  int64_t id = 0;
  (void)self;
  if (in->n_volumes != 1 || strcmp(in->volumes[0].role, "current") != 0)
    return ITV_NOT_APPLICABLE;
  const itv_status status = service->create(host, &in->volumes[0], &data, &id);
  if (status != ITV_OK) {
    host->set_error(host, "no room for a volume");
    return status;
  }
  const uint64_t n = in->volumes[0].data_size / sizeof(int16_t);
  for (uint64_t i = 0; i < n; i++)
    ((int16_t *)data)[i] = (int16_t)(((const int16_t *)in->volumes[0].data)[i] + 1);
  const itv_field fields[] = {ITV_I64("volume", id, NULL)};
  return out->emit(out, "interval.pixels/1", fields, 1);
}

/* A recommendation on the bytes that the record tells it, true or not. */
static itv_status
recommend(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  (void)self, (void)host;
  if (in->text_len == 0)
    return ITV_OK; /* a report that recommends nothing */
  const int64_t end = in->text[0] - '0';
  const itv_field fields[] = {ITV_I64("start", 0, "By"),       ITV_I64("end", end, "By"),
                              ITV_STR("kind", "imaging"),      ITV_STR("conditional", "N"),
                              ITV_STR("strength", "consider"), ITV_STR("rule", "helper")};
  return out->emit(out, "interval.recommendation/1", fields, 6);
}

static const itv_kind *
get_kind(const char *id)
{
  static const itv_kind importer = {ITV_KIND_HEADER, probe, import};
  static const itv_kind pixels = {ITV_KIND_HEADER, NULL, add_one};
  static const itv_kind recommendation = {ITV_KIND_HEADER, NULL, recommend};
  if (strcmp(id, ITV_KIND_IMPORTER) == 0)
    return &importer;
  if (strcmp(id, ITV_KIND_RECOMMENDATION) == 0)
    return &recommendation;
  return strcmp(id, ITV_KIND_PIXELS) == 0 ? &pixels : NULL;
}

ITV_EXPORT const itv_plugin itv_plugin_entry = {ITV_PLUGIN_HEADER, .id = "org.interval.test.helper",
                                                .version = "1.0.0", .create = create,
                                                .get_kind = get_kind};
