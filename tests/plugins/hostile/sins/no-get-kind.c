/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  return emit_good(out);
}

const void *not_exported(void);
const void *
not_exported(void)
{
  return (const void *)run;
}
ITV_EXPORT const itv_plugin itv_plugin_entry = {ITV_PLUGIN_HEADER, .id = ITV_SIN_ID,
                                                .version = "1.0.0"};
