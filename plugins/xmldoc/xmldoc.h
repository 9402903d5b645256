/* SPDX-License-Identifier: Apache-2.0
 *
 * xmldoc.h - an XML document from outside as a tree, and what importers of XML
 * need besides.  Nothing here trusts the bytes; nothing opens a file.
 */
#ifndef INTERVAL_XMLDOC_H
#define INTERVAL_XMLDOC_H

#include <glib.h>

#include "interval/plugin.h"
#include "record.h"

#define XD_MAX_BYTES (64u << 20)
#define XD_MAX_DEPTH 256
#define XD_MAX_TREE (384u << 20) /* bytes of memory */

typedef struct XdNode XdNode;
struct XdNode {
  const char *name; /* local name; NULL: a text */
  const char *uri;  /* namespace, "" without one */
  const char *text; /* of a text */
  /* name, value ... NULL; a name in a namespace bears a prefix: "xsi:type" and
   * "xml:space" for those two namespaces, "*:" for any other */
  const char *const *attrs;
  const XdNode *parent, *first, *next;
  guint line;
};

typedef struct XdDoc XdDoc;

/* Before the worker confines itself: what libxml2 prepares on first use. */
void xd_prepare(void);

/* `utf8` must be valid UTF-8 without NUL.  NULL and *ret_problem (a sentence
 * for a person, g_free) when it cannot be taken; `cancelled` may be NULL. */
XdDoc *xd_parse(const char *utf8, gsize n, const itv_host *cancelled, char **ret_problem);
void xd_free(XdDoc *doc);
const XdNode *xd_root(const XdDoc *doc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(XdDoc, xd_free)

/* ---- charset.c ---- */

/* The bytes of a document as UTF-8.  NULL and *ret_problem when they are of a
 * set that is not read; *ret_note (or NULL): what a person should know. */
char *xd_utf8(const guint8 *bytes, gsize n, gsize *ret_n, char **ret_note, char **ret_problem);

/* ---- probe.c ---- */

/* The root element of the document that begins with these bytes: its local name
 * and namespace ("" when none is seen).  FALSE when they show none. */
gboolean xd_probe_root(const guint8 *head, gsize n, char ret_name[64], char ret_uri[128]);

/* ---- query.c; every node may be NULL, which has nothing ---- */

const XdNode *xd_child(const XdNode *node, const char *name, guint n); /* the n-th so named */
const XdNode *xd_at(const XdNode *node, const char *path); /* "a/b": the first of each */
const XdNode *xd_next(const XdNode *node);                 /* sibling of the same name */
const char *xd_attr(const XdNode *node, const char *name); /* NULL when absent or "" */
const char *xd_attr_at(const XdNode *node, const char *path, const char *name);
gboolean xd_has(const XdNode *node, const char *name, const char *value); /* attribute equals */
const char *xd_type(const XdNode *node); /* xsi:type without its prefix, "" when absent */
/* All text below, runs of white space as one space; NULL when there is none. */
char *xd_words(const XdNode *node);
char *xd_collapse(const char *text); /* the same for a string */

/* ---- moment.c ---- */

/* HL7 TS (20240131173059.1234-0500) or ISO 8601 -> "YYYY[-MM[-DD[THH:MM[:SS]]]]",
 * as local time, without its zone; NULL when it is none. */
char *xd_moment(const char *text);
char *xd_date(const char *text); /* the same without the time of day */
gboolean xd_is_uid(const char *text);

/* ---- job.c ---- */

/* What an importer says of one document: the records behind its document record. */
typedef struct {
  DraftRecord *document;
  GPtrArray *notes;   /* char *, each once */
  GPtrArray *records; /* DraftRecord */
  char *rejected;     /* then nothing else leaves */
  char *utf8;         /* the whole document as text */
  gsize n_utf8;
} XdUnit;

DraftRecord *xd_unit_add(XdUnit *unit, const char *record);
void xd_unit_note(XdUnit *unit, const char *format, ...) G_GNUC_PRINTF(2, 3);
void xd_unit_reject(XdUnit *unit, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Reads one document into the unit; may add records, notes, a rejection.  One that
 * takes long returns early when the host has cancelled. */
typedef void (*XdReader)(const XdNode *root, const itv_host *host, XdUnit *unit);

/* A whole import job: the source, its tree, `read`, the records. */
itv_status xd_import(const itv_host *host, const itv_input *input, const itv_sink *out,
                     const char *format, XdReader read);

#endif
