/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "sin.h"

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  /* a well-formed frame (schemas/wire.md) of another job */
  const uint32_t header[4] = {8, 19, 7, 0x31767469u};
  const int64_t status = ITV_OK;
  uint8_t frame[24];
  memcpy(frame, header, 16);
  memcpy(frame + 16, &status, 8);
  emit_good(out);
  return write(3, frame, sizeof frame) < 0 ? ITV_NOT_APPLICABLE : ITV_OK;
}

SIN(run);
