/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <unistd.h>

#include "sin.h"

static int early = -1;
__attribute__((constructor)) static void
too_early(void)
{
  early = open("/etc/passwd", O_RDONLY);
}

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  char byte;
  if (early >= 0 && read(early, &byte, 1) == 1)
    return emit_good(out);
  host->set_error(host, "the file could not be read");
  return ITV_ERR_INTERNAL;
}

SIN(run);
