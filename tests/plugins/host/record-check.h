/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks what a plugin emitted against schemas/records.xml, in a test: known
 * record and keys, required and repeated ones, types, units, ranges, codes,
 * lengths, valid UTF-8.  Aborts the test with the record and the key.
 */
#ifndef INTERVAL_RECORD_CHECK_H
#define INTERVAL_RECORD_CHECK_H

#include "test-host.h"

typedef struct RecordCheck RecordCheck;

/* Reads $ITV_SOURCE_DIR/schemas/records.xml. */
RecordCheck *record_check_new(void);
void record_check_free(RecordCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RecordCheck, record_check_free)

/* All records of the host's last job; `from` is who emits: "importer", ... */
void record_check_all(const RecordCheck *check, const TestHost *host, const char *from);

#endif
