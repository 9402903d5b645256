/* SPDX-License-Identifier: Apache-2.0
 *
 * NIfTI on any bytes: import, then the voxels.
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
  g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
  const itv_source source = test_source_bytes(bytes, "fuzz");
  const itv_input input = {.struct_size = sizeof input, .n_sources = 1, .sources = &source};
  test_host_run(host, ITV_KIND_PIXELS, &input);
  return 0;
}
