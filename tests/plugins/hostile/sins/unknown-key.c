/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  emit_good(out);
  const itv_field fields[] = {ITV_STR("format", "test"), ITV_STR("diagnosis", "none")};
  return out->emit(out, "interval.document/1", fields, 2);
}

SIN(run);
