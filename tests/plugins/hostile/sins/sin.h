/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of a hostile plugin that is no sin: SIN(function) makes an importer
 * of it whose id follows from the file's name.
 */
#ifndef ITV_TEST_SIN_H
#define ITV_TEST_SIN_H

#include "interval/plugin.h"

/* One good record, which must not survive what comes after it. */
static inline itv_status
emit_good(const itv_sink *out)
{
  const itv_field fields[] = {ITV_STR("format", "test"), ITV_STR("identifier", "escaped")};
  return out->emit(out, "interval.document/1", fields, 2);
}

#define SIN_PROBE(run_function)                                                                    \
  static int32_t probe(void *self, const uint8_t *head, size_t n, const char *name)                \
  {                                                                                                \
    (void)self, (void)head, (void)n, (void)name;                                                   \
    return 1;                                                                                      \
  }                                                                                                \
  static const itv_kind *get_kind(const char *id)                                                  \
  {                                                                                                \
    static const itv_kind kind = {ITV_KIND_HEADER, probe, run_function};                           \
    (void)id;                                                                                      \
    return &kind;                                                                                  \
  }

#define SIN(run_function)                                                                          \
  SIN_PROBE(run_function)                                                                          \
  ITV_EXPORT const itv_plugin itv_plugin_entry = {ITV_PLUGIN_HEADER, .id = ITV_SIN_ID,             \
                                                  .version = "1.0.0", .get_kind = get_kind}

#define UNUSED_RUN (void)self, (void)host, (void)in, (void)out

#endif
