/* SPDX-License-Identifier: Apache-2.0
 *
 * base/record.h - a list of plugin records (interval/plugin.h) that owns its
 * strings, and its canonical JSON form, in which the journal keeps it.
 */
#ifndef ITV_BASE_RECORD_H
#define ITV_BASE_RECORD_H

#include <glib.h>

#include "interval/plugin.h"

typedef struct ItvRecords ItvRecords;

ItvRecords *itv_records_new(void);
ItvRecords *itv_records_ref(ItvRecords *records);
void itv_records_unref(ItvRecords *records); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvRecords, itv_records_unref)

/* Copies the record with all its strings. */
void itv_records_add(ItvRecords *records, const char *name, const itv_field *fields,
                     gsize n_fields);
/* Adds the i-th record of `from` without copying it. */
void itv_records_share(ItvRecords *records, ItvRecords *from, gsize i);
gsize itv_records_length(const ItvRecords *records);
/* Borrowed until the list is freed; a pointer survives later additions. */
const itv_record *itv_records_get(const ItvRecords *records, gsize i);
/* The n-th of that name, NULL when there are fewer. */
const itv_record *itv_records_find(const ItvRecords *records, const char *name, gsize n);

/* Canonical JSON: an array of [name, [key, value], [key, value, unit] ...], numbers in
 * their shortest exact form, an f64 always with a point or an exponent.  The same records
 * always give the same bytes.  Owned. */
char *itv_records_to_json(const ItvRecords *records);
/* A number without point and exponent is an i64.  NULL with ITV_ERROR_INPUT when it is no JSON,
 * ITV_ERROR_DATABASE when it holds something else than records. */
ItvRecords *itv_records_from_json(const char *json, gssize length, GError **error);

#endif
