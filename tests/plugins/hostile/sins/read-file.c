/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>

#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  /* succeeds only where it could read what is none of its business */
  if (open("/etc/passwd", O_RDONLY) >= 0)
    return emit_good(out);
  host->set_error(host, "the file could not be read");
  return ITV_ERR_INTERNAL;
}

SIN(run);
