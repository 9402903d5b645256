/* SPDX-License-Identifier: Apache-2.0
 *
 * DICOM on any bytes: import, then the pixels unless they are compressed
 * (GDCM's codecs may abort; what keeps them in bounds is the worker).
 */
#include <stdint.h>
#include <string.h>

#include "test-host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gboolean
is_native(const itv_record *image)
{
  static const char *const syntaxes[] = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1",
                                         "1.2.840.10008.1.2.2", NULL};
  for (size_t i = 0; image && i < image->n_fields; i++)
    if (strcmp(image->fields[i].key, "transfer-syntax") == 0)
      return g_strv_contains(syntaxes, image->fields[i].v.str);
  return FALSE;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static TestHost *host;
  if (!host)
    host = test_host_new(&itv_plugin_entry);
  test_host_probe(host, data, size < 4096 ? size : 4096, "fuzz");
  test_host_import(host, data, size, "fuzz");
  if (!is_native(test_host_find(host, "interval.image/1", 0)))
    return 0;
  g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
  const itv_source source = test_source_bytes(bytes, "fuzz");
  const itv_input input = {.struct_size = sizeof input, .n_sources = 1, .sources = &source};
  test_host_run(host, ITV_KIND_PIXELS, &input);
  return 0;
}
