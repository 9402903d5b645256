/* SPDX-License-Identifier: Apache-2.0 */
#include "hl7-dump.h"
int
main(void)
{
  return 0;
}
