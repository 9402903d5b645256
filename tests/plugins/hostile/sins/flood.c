/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  for (int i = 0; i < 1000000; i++)
    (void)emit_good(out);
  return ITV_OK;
}

SIN(run);
