/* SPDX-License-Identifier: Apache-2.0
 *
 * Pairs and records of which others have said who is who, as interval.patient/1 records:
 * MIIS pairs (immregistries/patient-matching) and FEBRL records.
 */
#ifndef TRUTH_H
#define TRUTH_H

#include "engine/linkage.h"

typedef enum { TRUTH_DIFFERENT, TRUTH_POSSIBLE, TRUTH_MATCH } Truth;

typedef struct {
  char *name; /* of the test */
  Truth truth;
  ItvPersona *a, *b;
} TruthPair;
/* TruthPair, owned; NULL when the file cannot be read. */
GPtrArray *truth_read_miis(const char *path, const ItvLinkage *linkage);

typedef struct {
  char *entity; /* records of one person share it */
  ItvPersona *persona;
} TruthRecord;
/* Appends TruthRecord; FALSE when the file cannot be read. */
gboolean truth_read_febrl(const char *path, const ItvLinkage *linkage, GPtrArray *records);
GPtrArray *truth_records_new(void);

/* Every pair of records that shares a block of at most `max_block` records. */
typedef void (*TruthEach)(guint a, guint b, gpointer data);
guint64 truth_block(const GPtrArray *records, guint max_block, TruthEach each, gpointer data);

/* $ITV_SOURCE_DIR/../shared/data/linkage/NAME when it is there; owned. */
char *truth_path(const char *name);
ItvLinkage *truth_linkage(void);

#endif
