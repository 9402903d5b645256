/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <unistd.h>

#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  /* with F_SETSIG and O_ASYNC the kernel would then signal the core */
  if (fcntl(3, F_SETOWN, getppid()) == 0)
    return emit_good(out);
  host->set_error(host, "the kernel does not do it for me");
  return ITV_ERR_INTERNAL;
}

SIN(run);
