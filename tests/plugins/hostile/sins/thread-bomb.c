/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <unistd.h>

#include "sin.h"

static void *
sleeper(void *data)
{
  pause();
  return data;
}

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  pthread_t thread;
  int n = 0;
  while (n < 1000 && pthread_create(&thread, 0, sleeper, 0) == 0)
    n++;
  emit_good(out);
  host->set_error(host, n < 1000 ? "no more threads" : "a thousand threads and more");
  return ITV_ERR_INTERNAL;
}

SIN(run);
