/* SPDX-License-Identifier: Apache-2.0 */
#include "healing.h"

itv_status
healing_run_films(const itv_host *host, const itv_input *input, const itv_sink *out)
{
  (void)host;
  (void)input;
  (void)out;
  return ITV_NOT_APPLICABLE;
}
