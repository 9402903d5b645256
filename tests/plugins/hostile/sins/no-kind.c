/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  return emit_good(out);
}

static const itv_kind *
get_kind(const char *id)
{
  static const itv_kind kind = {ITV_KIND_HEADER, 0, run};
  return *id == 0 ? &kind : 0;
}
ITV_EXPORT const itv_plugin itv_plugin_entry = {ITV_PLUGIN_HEADER, .id = ITV_SIN_ID,
                                                .version = "1.0.0", .get_kind = get_kind};
