/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

/* What it does is in the file: good unless the first byte says otherwise. */
static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  char text[8] = "";
  (void)self;
  if (in->n_sources != 1 || in->sources[0].size != 4 ||
      in->sources[0].read_at(&in->sources[0], 0, text, 4) != 4)
    return ITV_NOT_APPLICABLE;
  const itv_field fields[] = {ITV_STR("format", "test"), ITV_STR("identifier", text)};
  const itv_field lie[] = {ITV_STR("diagnosis", "none")};
  volatile int *nowhere = 0;
  out->emit(out, "interval.document/1", fields, 2);
  switch (text[0]) {
  case 'C':
    *nowhere = 1;
    return ITV_OK;
  case 'S':
    out->emit(out, "interval.document/1", lie, 1);
    return ITV_OK;
  case 'E':
    host->set_error(host, "malformed at byte 0");
    return ITV_ERR_INPUT;
  case 'L':
    host->set_error(host, "too much of it");
    return ITV_ERR_LIMIT;
  default:
    return ITV_OK;
  }
}

SIN(run);
