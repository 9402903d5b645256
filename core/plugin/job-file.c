/* SPDX-License-Identifier: Apache-2.0
 *
 * Inputs of a job that a person has written, for `plugin run` and `plugin check`.
 */
#include "base/error.h"
#include "plugin/plugins-private.h"

gboolean
itv_plugins_add_json(const ItvPlugins *plugins, ItvJob *job, const char *json, GError **error)
{
  g_autoptr(GError) local = NULL;
  g_autoptr(ItvRecords) records = itv_records_from_json(json, -1, &local);
  if (!records)
    return itv_fail(error, ITV_ERROR_INPUT, "%s", local->message);
  const itv_record *r = NULL;
  for (gsize i = 0; (r = itv_records_get(records, i)); i++) {
    g_autofree itv_field *fields = g_memdup2(r->fields, r->n_fields * sizeof *fields);
    const itv_record own = {r->name, fields, r->n_fields};
    for (gsize k = 0; k < r->n_fields; k++)
      if (fields[k].type == ITV_T_I64 && itv_schema_is_f64(plugins->schema, r->name, fields[k].key))
        fields[k] = (itv_field)ITV_F64(fields[k].key, (double)fields[k].v.i64, fields[k].unit);
    if (!itv_schema_check(plugins->schema, &own, NULL, &local))
      return itv_fail(error, ITV_ERROR_INPUT, "record %zu: %s", i + 1, local->message);
    itv_job_add_record(job, own.name, own.fields, own.n_fields);
  }
  return TRUE;
}
