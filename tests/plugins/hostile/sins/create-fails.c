/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  return emit_good(out);
}

SIN_PROBE(run)
static itv_status
create(const itv_host *host, void **ret_self)
{
  (void)ret_self;
  host->set_error(host, "the lexicon is missing");
  return ITV_ERR_INTERNAL;
}
ITV_EXPORT const itv_plugin itv_plugin_entry = {ITV_PLUGIN_HEADER, .id = ITV_SIN_ID,
                                                .version = "1.0.0", .create = create,
                                                .get_kind = get_kind};
