/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/resource.h>

#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
  if (setrlimit(RLIMIT_AS, &all) == 0)
    return emit_good(out);
  host->set_error(host, "the limit could not be raised");
  return ITV_ERR_INTERNAL;
}

SIN(run);
