/* SPDX-License-Identifier: Apache-2.0
 *
 * What a hostile worker writes to the core: a stream of frames through the
 * header check and the decoder; what decodes must encode again to the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
encode_again(const ItvWireFrame *frame, const uint8_t *body, size_t n)
{
  uint8_t *again = malloc(n + 1);
  const size_t m = again ? itv_wire_encode(frame, again, n + 1) : n;
  if (again && (m != n || memcmp(again, body, n) != 0))
    abort();
  free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ItvWireHeader header;
  while (size >= sizeof header) {
    const char *problem = NULL;
    ItvWireFrame frame;
    memcpy(&header, data, sizeof header);
    data += sizeof header;
    size -= sizeof header;
    if (!itv_wire_check_header(&header, &problem) || header.length > size)
      break;
    /* a copy of just that length, so that a read beyond it is seen */
    uint8_t *body = malloc(header.length ? header.length : 1);
    if (!body)
      break;
    memcpy(body, data, header.length);
    if (itv_wire_decode(header.type, header.job, body, header.length, &frame, &problem)) {
      encode_again(&frame, body, header.length);
      itv_wire_clear(&frame);
    }
    free(body);
    data += header.length;
    size -= header.length;
  }
  return 0;
}
