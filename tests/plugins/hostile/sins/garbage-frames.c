/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  char garbage[64];
  memset(garbage, 0xff, sizeof garbage);
  emit_good(out);
  if (write(3, garbage, sizeof garbage) < 0)
    return ITV_NOT_APPLICABLE;
  return ITV_OK;
}

SIN(run);
