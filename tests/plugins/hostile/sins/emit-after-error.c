/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  emit_good(out);
  host->set_error(host, "the input is malformed at byte 7");
  emit_good(out);
  emit_good(out);
  return ITV_ERR_INPUT;
}

SIN(run);
