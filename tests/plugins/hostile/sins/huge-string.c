/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  const size_t n = 64u << 20;
  char *huge = malloc(n + 1);
  memset(huge, 'x', n);
  huge[n] = 0;
  const itv_field fields[] = {ITV_STR("format", huge)};
  emit_good(out);
  (void)out->emit(out, "interval.document/1", fields, 1);
  return ITV_OK;
}

SIN(run);
