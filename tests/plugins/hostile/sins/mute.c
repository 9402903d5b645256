/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  emit_good(out);
  return ITV_ERR_INTERNAL;
}

SIN(run);
