/* SPDX-License-Identifier: Apache-2.0
 *
 * Records as text, for comparison with what a test expects: a line each, fields in
 * order, without format, places and keep-raw.
 */
#ifndef FHIR_DUMP_H
#define FHIR_DUMP_H

#include <string.h>

#include "test-host.h"

static inline void
dump_field(GString *out, const itv_field *f)
{
  g_string_append_printf(out, " %s=", f->key);
  if (f->type == ITV_T_I64) {
    g_string_append_printf(out, "%" G_GINT64_FORMAT, (gint64)f->v.i64);
  } else if (f->type == ITV_T_F64) {
    g_string_append_printf(out, "%.6g%s", f->v.f64, f->unit ? f->unit : "");
  } else {
    g_autofree char *escaped = g_strescape(f->v.str, NULL);
    g_string_append_printf(out, strchr(escaped, ' ') ? "\"%s\"" : "%s", escaped);
  }
}

static inline char *
dump_records(const TestHost *host)
{
  static const char *const hidden[] = {"format", "offset", "length", "keep-raw", NULL};
  GString *out = g_string_new(NULL);
  for (size_t i = 0; i < test_host_n_records(host); i++) {
    const itv_record *r = test_host_record(host, i);
    const char *name = r->name + strlen("interval.");
    g_string_append_len(out, name, (gssize)strcspn(name, "/"));
    for (size_t k = 0; k < r->n_fields; k++)
      if (!g_strv_contains(hidden, r->fields[k].key))
        dump_field(out, &r->fields[k]);
    g_string_append_c(out, '\n');
  }
  return g_string_free(out, FALSE);
}

#endif
