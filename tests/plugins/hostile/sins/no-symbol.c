/* SPDX-License-Identifier: Apache-2.0 */
#include "sin.h"

/* A shared object like any other, but no plugin. */
int32_t interval_answer(void);
int32_t
interval_answer(void)
{
  return 42;
}
