/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/schema.h - schemas/records.xml as code: is this record one that may
 * cross the plugin boundary?
 */
#ifndef ITV_PLUGIN_SCHEMA_H
#define ITV_PLUGIN_SCHEMA_H

#include <glib.h>

#include "interval/plugin.h"

typedef struct ItvSchema ItvSchema;

/* NULL with ITV_ERROR_CONFIG: file, line, what was expected. */
ItvSchema *itv_schema_load(const char *path, const char *xsd_path, GError **error);
void itv_schema_free(ItvSchema *schema);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvSchema, itv_schema_free)

/* Checks name, keys, types, units, ranges, codes, lengths, syntax of dates,
 * periods and UIDs, UTF-8, required and repeated fields.  `from_kind`
 * ("interval.importer/1"): a plugin of that kind must be allowed to emit the
 * record; NULL: no direction is checked.  FALSE with a sentence that names
 * record, key, value and what was expected. */
gboolean itv_schema_check(const ItvSchema *schema, const itv_record *record, const char *from_kind,
                          GError **error);

/* Is this a key of this record, and of type f64? */
gboolean itv_schema_is_f64(const ItvSchema *schema, const char *record, const char *key);

#endif
