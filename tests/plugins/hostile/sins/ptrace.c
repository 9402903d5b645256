/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/ptrace.h>
#include <unistd.h>

#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  emit_good(out);
  return ptrace(PTRACE_SEIZE, getppid(), 0, 0) < 0 ? ITV_NOT_APPLICABLE : ITV_OK;
}

SIN(run);
