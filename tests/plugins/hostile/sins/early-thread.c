/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

#include "sin.h"

static atomic_int go, got;

/* Began before the second filter: does it bind this thread too? */
static void *
lurk(void *data)
{
  const struct timespec moment = {0, 1000000};
  while (!atomic_load(&go))
    nanosleep(&moment, 0);
  atomic_store(&got, mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
                         MAP_FAILED);
  return data;
}

__attribute__((constructor)) static void
too_early(void)
{
  pthread_t thread;
  (void)!pthread_create(&thread, 0, lurk, 0);
}

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  const struct timespec moment = {0, 200000000};
  atomic_store(&go, 1);
  nanosleep(&moment, 0);
  if (atomic_load(&got) == 1)
    return emit_good(out);
  host->set_error(host, "no executable memory for the thread either");
  return ITV_ERR_INTERNAL;
}

SIN(run);
