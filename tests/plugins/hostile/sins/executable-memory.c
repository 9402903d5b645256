/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/mman.h>

#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  void *p =
      mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p != MAP_FAILED)
    return emit_good(out);
  host->set_error(host, "no executable memory");
  return ITV_ERR_INTERNAL;
}

SIN(run);
