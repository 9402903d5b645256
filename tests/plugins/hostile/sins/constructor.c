/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>

#include "sin.h"

__attribute__((constructor)) static void
too_early(void)
{
  (void)open("/tmp/interval-escaped", O_CREAT | O_WRONLY, 0600);
}

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  return emit_good(out);
}

SIN(run);
