/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  emit_good(out);
  for (;;)
    sleep(60);
}

SIN(run);
