/* SPDX-License-Identifier: Apache-2.0
 *
 * fhir-scan.h - where the resources of a JSON text lie, without a tree.
 *
 * A Bundle may hold tens of thousands of resources: each is found by its place
 * and parsed by itself, so that memory follows the largest one and not the file.
 */
#ifndef FHIR_SCAN_H
#define FHIR_SCAN_H

#include <glib.h>

enum {
  MAX_DEPTH = 64,
  MAX_CONTAINERS = 200000, /* objects and arrays of one resource: about 1 KB each in a tree */
  MAX_MEMBERS = 1500000,   /* commas and colons of one resource */
  MAX_PIECES = 250000      /* resources of one source */
};

/* A piece of the text. */
typedef struct {
  gsize start, end;
} Span;

/* One resource, or one entry of a Bundle. */
typedef struct {
  Span span;
  gint document; /* which top-level value of the text, from 0 */
  gint entry;    /* index within Bundle.entry; -1: the value itself */
  gint shell;    /* of an entry: index of its Bundle in `shells`, else -1 */
} Piece;

/* A Bundle but for its entries: members as "name": value. */
typedef struct {
  GArray *values; /* Span: of each member's name and of its value, in turn */
  guint entries;
} Shell;

typedef struct {
  const char *text;
  gsize length;
  GArray *pieces; /* Piece */
  GArray *shells; /* Shell */
  gint documents;
} Scan;

/* Cuts the text.  FALSE with a reason (owned) when its outer structure is no
 * JSON; what lies inside a piece is only checked for balance and depth. */
gboolean scan_text(Scan *ret, const char *text, gsize length, char **ret_problem);
void scan_clear(Scan *scan);

/* Whether the first key of the text's first object is the tag of a DICOM
 * attribute: the DICOM JSON model, no FHIR. */
gboolean scan_is_dicom_json(const char *text, gsize length);

/* How large a span would be as a tree. */
typedef struct {
  gsize containers, members, names; /* names: members of objects */
} Size;
Size scan_size(const char *text, Span span);
/* The first name that one object of the span holds twice; NULL: none was found.
 * Owned. */
char *scan_find_twin(const char *text, Span span);

#endif
