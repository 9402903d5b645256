/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/mman.h>

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
  volumes->create(host, shape_of(16), &data, &id);
  /* a second, writable mapping that outlives the job */
  if (mremap(data, 0, 8192, MREMAP_MAYMOVE) == MAP_FAILED)
    return ITV_NOT_APPLICABLE;
  const itv_field fields[] = {ITV_I64("volume", id, NULL)};
  return out->emit(out, "interval.pixels/1", fields, 1);
}

SIN(run);
