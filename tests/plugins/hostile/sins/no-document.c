/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  const itv_field fields[] = {ITV_STR("id", "SYNTH-1")};
  return out->emit(out, "interval.patient/1", fields, 1);
}

SIN(run);
