/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

#pragma GCC diagnostic ignored "-Winfinite-recursion"
static int
deeper(volatile int *p)
{
  volatile int room[4096];
  room[0] = *p + 1;
  return deeper(room) + room[1];
}

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  volatile int start = 1;
  emit_good(out);
  return deeper(&start) > 0 ? ITV_OK : ITV_NOT_APPLICABLE;
}

SIN(run);
