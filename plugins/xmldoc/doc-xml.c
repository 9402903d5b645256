/* SPDX-License-Identifier: Apache-2.0
 *
 * The only file that calls libxml2.  Its SAX interface gives events; the tree is
 * ours, in an arena of bounded size.  A DOCTYPE ends the parse before anything
 * in it is read: there are no entities but XML's own five.
 */
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "xmldoc.h"

#define BLOCK_BYTES (256u << 10)
#define POLL_EVENTS 4096

typedef struct Block Block;
struct Block {
  Block *next;
  gsize used, size;
  guint64 data[];
};

struct XdDoc {
  Block *blocks;
  gsize total;
  GHashTable *names; /* interned: names, namespaces, attribute names */
  XdNode *root;
};

/* While it is parsed. */
typedef struct {
  XdDoc *doc;
  xmlParserCtxtPtr ctxt;
  const itv_host *host;
  XdNode *open[XD_MAX_DEPTH]; /* the path to here ... */
  XdNode *last[XD_MAX_DEPTH]; /* ... and the last child of each */
  guint depth;
  GString *text; /* gathered, not yet a node */
  guint events;
  char *problem;
} Parse;

static void *
take(XdDoc *doc, gsize n)
{
  n = (n + 7) & ~(gsize)7;
  if (!doc->blocks || doc->blocks->size - doc->blocks->used < n) {
    const gsize size = MAX(n, BLOCK_BYTES);
    Block *b = g_malloc(sizeof *b + size);
    *b = (Block){doc->blocks, 0, size};
    doc->blocks = b;
    doc->total += size;
  }
  void *p = (char *)doc->blocks->data + doc->blocks->used;
  doc->blocks->used += n;
  return memset(p, 0, n);
}

static const char *
keep_text(XdDoc *doc, const char *text, gsize n)
{
  char *copy = take(doc, n + 1);
  memcpy(copy, text, n);
  return copy;
}

/* An attribute's value without the white space that some writers put around it. */
static const char *
keep_value(XdDoc *doc, const char *from, const char *to)
{
  while (from < to && g_ascii_isspace(*from))
    from++;
  while (to > from && g_ascii_isspace(to[-1]))
    to--;
  return keep_text(doc, from, (gsize)(to - from));
}

static const char *
intern(XdDoc *doc, const char *text)
{
  const char *known = g_hash_table_lookup(doc->names, text);
  if (!known) {
    known = keep_text(doc, text, strlen(text));
    g_hash_table_add(doc->names, (gpointer)(guintptr)known);
  }
  return known;
}

/* ---- events ---- */

static void stop(Parse *p, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
stop(Parse *p, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  if (!p->problem)
    p->problem = g_strdup_vprintf(format, args);
  va_end(args);
  xmlStopParser(p->ctxt);
}

static gboolean
go_on(Parse *p)
{
  if (p->problem)
    return FALSE;
  if (p->doc->total > XD_MAX_TREE) {
    stop(p, "line %d: it needs more than %u MiB of memory: too many elements for one document",
         xmlSAX2GetLineNumber(p->ctxt), XD_MAX_TREE >> 20);
    return FALSE;
  }
  if (++p->events % POLL_EVENTS == 0 && p->host && p->host->cancelled(p->host)) {
    stop(p, "cancelled");
    return FALSE;
  }
  return TRUE;
}

static XdNode *
add_node(Parse *p)
{
  XdNode *node = take(p->doc, sizeof *node);
  XdNode *parent = p->depth ? p->open[p->depth - 1] : NULL;
  node->parent = parent;
  node->line = (guint)MAX(xmlSAX2GetLineNumber(p->ctxt), 0);
  if (parent) {
    XdNode *before = p->last[p->depth - 1];
    if (before)
      before->next = node;
    else
      parent->first = node;
    p->last[p->depth - 1] = node;
  }
  return node;
}

/* What was gathered since the last tag; white space alone is one space. */
static void
end_text(Parse *p)
{
  if (p->text->len && p->depth) {
    XdNode *node = add_node(p);
    const gboolean blank = strspn(p->text->str, " \t\r\n") == p->text->len;
    node->text = blank ? " " : keep_text(p->doc, p->text->str, p->text->len);
  }
  g_string_truncate(p->text, 0);
}

static const char *
attribute_name(XdDoc *doc, const char *name, const char *uri)
{
  const char *prefix = !uri                                                            ? ""
                       : strcmp(uri, "http://www.w3.org/2001/XMLSchema-instance") == 0 ? "xsi:"
                       : strcmp(uri, "http://www.w3.org/XML/1998/namespace") == 0      ? "xml:"
                                                                                       : "*:";
  g_autofree char *full = g_strconcat(prefix, name, NULL);
  return intern(doc, full);
}

static void
start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
              int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
              const xmlChar **attributes)
{
  Parse *p = data;
  (void)prefix;
  (void)n_namespaces;
  (void)namespaces;
  (void)n_defaulted;
  if (!go_on(p))
    return;
  if (p->depth == XD_MAX_DEPTH) {
    stop(p, "line %d: elements are nested more than %d deep", xmlSAX2GetLineNumber(p->ctxt),
         XD_MAX_DEPTH);
    return;
  }
  end_text(p);
  XdNode *node = add_node(p);
  const char **attrs = take(p->doc, (2 * (gsize)n_attributes + 1) * sizeof *attrs);
  node->name = intern(p->doc, (const char *)name);
  node->uri = uri ? intern(p->doc, (const char *)uri) : "";
  for (int i = 0; i < n_attributes; i++) {
    const char *const *a = (const char *const *)attributes + 5 * (gsize)i;
    attrs[2 * i] = attribute_name(p->doc, a[0], a[2]);
    attrs[2 * i + 1] = keep_value(p->doc, a[3], a[4]);
  }
  node->attrs = attrs;
  if (!p->doc->root)
    p->doc->root = node;
  p->last[p->depth] = NULL;
  p->open[p->depth++] = node;
}

static void
end_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
  Parse *p = data;
  (void)name;
  (void)prefix;
  (void)uri;
  if (!go_on(p) || p->depth == 0)
    return;
  end_text(p);
  p->depth--;
}

static void
add_text(void *data, const xmlChar *text, int n)
{
  Parse *p = data;
  if (n > 0 && go_on(p))
    g_string_append_len(p->text, (const char *)text, n);
}

static void
refuse_doctype(void *data, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
  Parse *p = data;
  (void)name;
  (void)id;
  (void)system;
  stop(p, "line %d: it has a DOCTYPE, which could define entities or load files; remove it",
       xmlSAX2GetLineNumber(p->ctxt));
}

/* libxml2 would print otherwise, and go on behind a fatal error without saying
 * what it reads there.  What is wrong is asked for afterwards. */
static void G_GNUC_PRINTF(2, 3) end_at_error(void *data, const char *format, ...)
{
  Parse *p = data;
  const xmlError *e = xmlCtxtGetLastError(p->ctxt);
  (void)format;
  if (e && e->level == XML_ERR_FATAL)
    xmlStopParser(p->ctxt);
}

/* ---- the document ---- */

void
xd_prepare(void)
{
  xmlInitParser();
}

static char *
what_is_wrong(xmlParserCtxtPtr ctxt)
{
  const xmlError *e = xmlCtxtGetLastError(ctxt);
  if (!e || !e->message)
    return g_strdup("it is not well-formed XML");
  g_autofree char *text = xd_collapse(e->message);
  g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
  return g_strdup_printf("line %d: it is not well-formed XML: %.500s", e->line, valid);
}

XdDoc *
xd_parse(const char *utf8, gsize n, const itv_host *cancelled, char **ret_problem)
{
  if (n == 0 || n > (gsize)2 * XD_MAX_BYTES) {
    *ret_problem = g_strdup(n ? "it is too long" : "it is empty");
    return NULL;
  }
  Parse *p = g_new0(Parse, 1);
  p->ctxt = xmlCreateMemoryParserCtxt(utf8, (int)n);
  p->host = cancelled;
  p->text = g_string_new(NULL);
  p->doc = g_new0(XdDoc, 1);
  p->doc->names = g_hash_table_new(g_str_hash, g_str_equal);
  xmlSAXHandler sax = {
      .initialized = XML_SAX2_MAGIC,
      .startElementNs = start_element,
      .endElementNs = end_element,
      .characters = add_text,
      .ignorableWhitespace = add_text,
      .cdataBlock = add_text,
      .internalSubset = refuse_doctype,
      .warning = end_at_error,
      .error = end_at_error,
  };
  xmlSAXHandler *own = p->ctxt->sax;
  p->ctxt->sax = &sax;
  p->ctxt->userData = p;
  /* The text is UTF-8 already, whatever it declares; HUGE, because depth and
   * size are bounded here and there are no entities to multiply. */
  xmlCtxtUseOptions(p->ctxt, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_IGNORE_ENC);
  xmlParseDocument(p->ctxt);
  XdDoc *doc = p->doc;
  *ret_problem = g_steal_pointer(&p->problem);
  const xmlError *e = xmlCtxtGetLastError(p->ctxt);
  const gboolean fatal = e && e->level == XML_ERR_FATAL;
  if (!*ret_problem && (fatal || !p->ctxt->wellFormed || !doc->root))
    *ret_problem = what_is_wrong(p->ctxt);
  p->ctxt->sax = own;
  if (p->ctxt->myDoc) /* made on the way by some declarations */
    xmlFreeDoc(p->ctxt->myDoc);
  p->ctxt->myDoc = NULL;
  xmlFreeParserCtxt(p->ctxt);
  g_string_free(p->text, TRUE);
  g_free(p);
  if (*ret_problem)
    g_clear_pointer(&doc, xd_free);
  return doc;
}

void
xd_free(XdDoc *doc)
{
  if (!doc)
    return;
  while (doc->blocks) {
    Block *next = doc->blocks->next;
    g_free(doc->blocks);
    doc->blocks = next;
  }
  g_hash_table_unref(doc->names);
  g_free(doc);
}

const XdNode *
xd_root(const XdDoc *doc)
{
  return doc->root;
}
