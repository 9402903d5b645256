/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "sin.h"

__attribute__((constructor)) static void
too_early(void)
{
  raise(SIGSEGV);
}

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  return emit_good(out);
}

SIN(run);
