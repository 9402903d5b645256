/* SPDX-License-Identifier: Apache-2.0
 *
 * hl7-draft.h - a report while it is put together of OBX and NTE segments: by
 * results (ORU) and by documents (MDM).
 */
#ifndef HL7_DRAFT_H
#define HL7_DRAFT_H

#include "hl7-units.h"

enum { MAX_TEXT = 1048576, MAX_DRAFTS = 64, MAX_NAMES = 64 };

typedef struct {
  const char *items[MAX_NAMES];
  size_t n;
} Names;

typedef struct {
  Group group; /* the first one */
  Exam exam;
  const char *accession, *study_uid;
  Str text;
  const char *heading; /* of the section being read, NULL in none */
  const char *label;   /* of the coded observation being read */
  Names sections, categories;
  const char *reader;
  bool unnamed;                       /* some text stands in no section */
  bool corrected, preliminary, final; /* what OBX-11 says */
} Draft;

/* The OBX and NTE segments of a group. */
void draft_read(const Message *m, const Group *g, Draft *d);
/* What is told of a report beside its draft; NULL and "" are left out. */
typedef struct {
  const char *status, *performed, *reader, *ordering;
  const char *documents[3]; /* its own number, then those that it replaces or adds to */
  bool addendum;
} Told;
void draft_emit(const Message *m, const Draft *d, const Told *told);
/* Whether all its text stands in sections named ADDENDUM. */
bool draft_is_addendum(const Draft *d);

/* OBX-5 (or NTE-3) with its repetitions as lines. */
void append_text(const Message *m, Slice field, Str *out);
/* The value of one OBX as text; *ret_labelled: it needs its name before it. */
Str read_value(const Message *m, const Segment *obx, bool *ret_labelled);

bool is_one_of(const char *s, const char *const *list, size_t n);
#define IS_ONE_OF(s, list) is_one_of((s), (list), sizeof(list) / sizeof((list)[0]))

#endif
