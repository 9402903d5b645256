/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

static const itv_volume *
shape_of(int32_t edge)
{
  static itv_volume v = {.struct_size = sizeof v,
                         .pixel = ITV_PIX_I16,
                         .spacing_mm = {1, 1, 1},
                         .direction = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                         .slope = 1};
  v.dim[0] = v.dim[1] = v.dim[2] = edge;
  return &v;
}

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  const itv_host_volume *volumes = host->get_interface(host, ITV_IFACE_HOST_VOLUME);
  void *data = 0;
  int64_t id = 0;
  if (volumes->create(host, shape_of(-5), &data, &id) == ITV_OK)
    return emit_good(out);
  host->set_error(host, "no volume of a negative size");
  return ITV_ERR_INTERNAL;
}

SIN(run);
