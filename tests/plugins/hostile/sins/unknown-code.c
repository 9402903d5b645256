/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  emit_good(out);
  const itv_field fields[] = {ITV_STR("measure", "girth"), ITV_F64("value", 12.5, "mm")};
  return out->emit(out, "interval.measurement/1", fields, 2);
}

SIN(run);
