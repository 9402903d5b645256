/* SPDX-License-Identifier: Apache-2.0
 *
 * The AIM importer on any bytes.
 */
#include <stdint.h>

#include "test-host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static TestHost *host;
  if (!host)
    host = test_host_new(&itv_plugin_entry);
  test_host_probe(host, data, size < 4096 ? size : 4096, "fuzz");
  test_host_import(host, data, size, "fuzz");
  return 0;
}
