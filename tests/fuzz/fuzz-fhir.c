/* SPDX-License-Identifier: Apache-2.0
 *
 * The FHIR importer on any bytes: no crash, no hang, what it emits is UTF-8, and what it
 * refuses it explains.
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
  const itv_status status = test_host_import(host, data, size, "fuzz");
  g_assert_true(status == ITV_OK || *test_host_error(host));
  for (size_t i = 0; i < test_host_n_records(host); i++) {
    const itv_record *r = test_host_record(host, i);
    for (size_t k = 0; k < r->n_fields; k++)
      if (r->fields[k].type == ITV_T_STR)
        g_assert_true(g_utf8_validate(r->fields[k].v.str, -1, NULL));
  }
  return 0;
}
