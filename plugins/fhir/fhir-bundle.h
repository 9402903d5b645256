/* SPDX-License-Identifier: Apache-2.0
 *
 * fhir-bundle.h - the resources of one source, and what refers to what.
 */
#ifndef FHIR_BUNDLE_H
#define FHIR_BUNDLE_H

#include "fhir-json.h"
#include "fhir-pair.h"
#include "fhir-record.h"

/* What is known of a piece after the first look. */
typedef struct {
  char *type, *id; /* NULL: none */
  char *url;       /* fullUrl of the entry */
  char *problem;   /* why it cannot be read */
  gboolean absent; /* an entry without resource: a deletion, a bare response */
} Entry;

typedef struct {
  Scan scan;
  const char *base;    /* address of the server of relative references; "" if not known */
  const char *issuers; /* SYSTEM=ISSUER pairs */
  GArray *entries;     /* Entry, one a piece */
  GHashTable *by_url;  /* fullUrl -> piece + 1 */
  GHashTable *by_name; /* Type/id -> piece + 1; AMBIGUOUS: two servers have one */
  Pairs pairs;
  GPtrArray *shells; /* Json: each Bundle without its entries, NULL where malformed */
  GPtrArray *shell_problems;
  struct {
    guint piece; /* + 1 */
    Json *json;
  } cache[64];
} Bundle;

/* Looks at every piece once.  The text must live as long; config texts too. */
gboolean bundle_open(Bundle *ret, const char *text, gsize length, const char *base,
                     const char *issuers, char **ret_problem);
void bundle_close(Bundle *bundle);

/* One resource under work. */
typedef struct {
  Bundle *bundle;
  guint piece;
  const Entry *entry;
  Json *json; /* the resource */
  Unit *unit;
  const char *stamp; /* Bundle.timestamp; NULL if there is none */
} Resource;

/* The resource of a piece.  Owned; NULL with a reason. */
Json *bundle_resource(Bundle *bundle, guint piece, char **ret_problem);
/* "Bundle.entry[12].resource", "Patient".  Owned. */
char *bundle_path(const Bundle *bundle, guint piece);

/* What a Reference points to, within its Bundle or resource.  Owned; NULL when it
 * lies elsewhere.  ret_entry (may be NULL): its entry, NULL for a contained one. */
Json *resource_resolve(const Resource *from, Json *reference, const Entry **ret_entry);
/* The type that a Reference names, resolved or not; NULL if it does not say. */
const char *reference_type(const Resource *from, Json *reference, char **ret_owned);
/* Address of the server that a resource comes from; "" if it is not known.  Owned. */
char *base_of(const Bundle *bundle, const Entry *entry);
/* A UUID is unique whatever the server. */
gboolean is_uuid(const char *text);

#endif
