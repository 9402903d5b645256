/* SPDX-License-Identifier: Apache-2.0
 *
 * base/record-read.h - the canonical JSON of records, read without a JSON tree: most of
 * what a rebuild does is this.  For record.c.
 */
#ifndef ITV_BASE_RECORD_READ_H
#define ITV_BASE_RECORD_READ_H

#include "base/record.h"

/* NULL: it is not as itv_records_to_json() writes it, and a real JSON reader must look at
 * it and say what is wrong. */
ItvRecords *itv_records_read_canonical(const char *json, gsize length);

#endif
