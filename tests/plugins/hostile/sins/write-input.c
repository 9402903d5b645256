/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  if (in->n_volumes == 0)
    return ITV_NOT_APPLICABLE;
  *(volatile uint8_t *)(uintptr_t)in->volumes[0].data = 1;
  return emit_good(out);
}

SIN(run);
