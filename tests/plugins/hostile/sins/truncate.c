/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>

#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  emit_good(out);
  /* reading only, and yet it would empty the file */
  return open("/tmp/interval-no-such-file", O_RDONLY | O_TRUNC) < 0 ? ITV_NOT_APPLICABLE : ITV_OK;
}

SIN(run);
