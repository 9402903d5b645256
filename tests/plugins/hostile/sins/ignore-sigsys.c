/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <sys/socket.h>

#include "sin.h"

__attribute__((constructor)) static void
too_early(void)
{
  signal(SIGSYS, SIG_IGN);
}

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  emit_good(out);
  signal(SIGSYS, SIG_IGN);
  return socket(AF_INET, SOCK_STREAM, 0) < 0 ? ITV_NOT_APPLICABLE : ITV_OK;
}

SIN(run);
