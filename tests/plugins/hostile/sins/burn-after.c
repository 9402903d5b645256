/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

#include "sin.h"

static void *
burn(void *data)
{
  for (volatile unsigned i = 0;; i++)
    ;
  return data;
}

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  pthread_t thread;
  if (pthread_create(&thread, 0, burn, 0))
    return ITV_NOT_APPLICABLE;
  return emit_good(out);
}

SIN(run);
