/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  emit_good(out);
  const itv_field fields[] = {ITV_STR("id", "SYNTH-1"), ITV_STR("birth-date", "2023-02-29")};
  return out->emit(out, "interval.patient/1", fields, 2);
}

SIN(run);
