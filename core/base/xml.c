/* SPDX-License-Identifier: Apache-2.0 */
#include "base/xml.h"

#include <glib/gstdio.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/tree.h>
#include <libxml/xmlschemas.h>
#include <string.h>

#include "base/error.h"

#define MAX_BYTES (32u << 20)
#define MAX_DEPTH 64

/* What libxml2 said first; it calls back while it parses. */
typedef struct {
  const char *name;
  char *message;
} Complaint;

static void
complain(void *data, const xmlError *e)
{
  Complaint *c = data;
  if (c->message)
    return;
  g_autofree char *text = g_strstrip(g_strdup(e->message ? e->message : "malformed"));
  c->message = g_strdup_printf("%s:%d: %s", c->name, e->line, text);
}

static void
complain_structured(void *data, xmlErrorPtr e)
{
  complain(data, e);
}

/* The schema that was used last: the files of a folder mostly have one, and to compile it
 * takes longer than to check a file.  Known by path, time and size. */
static struct {
  GMutex lock;
  char *key;
  xmlSchemaPtr schema;
} last_schema;

static char *
key_of(const char *path)
{
  GStatBuf s;
  if (g_stat(path, &s) != 0)
    return g_strdup(path);
  return g_strdup_printf("%s %" G_GINT64_FORMAT ".%09ld %" G_GINT64_FORMAT, path,
                         (gint64)s.st_mtim.tv_sec, s.st_mtim.tv_nsec, (gint64)s.st_size);
}

/* Within the lock. */
static xmlSchemaPtr
compiled(const char *xsd_path, GError **error)
{
  g_autofree char *key = key_of(xsd_path);
  if (g_strcmp0(key, last_schema.key) == 0)
    return last_schema.schema;
  Complaint own = {xsd_path, NULL};
  xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(xsd_path);
  xmlSchemaSetParserStructuredErrors(parser, complain_structured, &own);
  xmlSchemaPtr schema = xmlSchemaParse(parser);
  xmlSchemaFreeParserCtxt(parser);
  if (!schema) {
    itv_fail(error, ITV_ERROR_CONFIG, "%s", own.message ? own.message : "schema cannot be read");
  } else {
    xmlSchemaFree(last_schema.schema);
    g_free(last_schema.key);
    last_schema.schema = schema;
    last_schema.key = g_steal_pointer(&key);
  }
  g_free(own.message);
  return schema;
}

static gboolean
validate(xmlDocPtr doc, const char *xsd_path, Complaint *complaint, GError **error)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&last_schema.lock);
  xmlSchemaPtr schema = compiled(xsd_path, error);
  if (!schema)
    return FALSE;
  xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
  xmlSchemaSetValidStructuredErrors(valid, complain_structured, complaint);
  const int status = xmlSchemaValidateDoc(valid, doc);
  xmlSchemaFreeValidCtxt(valid);
  if (status != 0)
    return itv_fail(error, ITV_ERROR_CONFIG, "%s",
                    complaint->message ? complaint->message : "does not fit its schema");
  return TRUE;
}

/* Are there elements below that depth? */
static gboolean
is_deeper(xmlNodePtr node, int depth)
{
  for (xmlNodePtr c = node->children; c; c = c->next)
    if (c->type == XML_ELEMENT_NODE && (depth == 0 || is_deeper(c, depth - 1)))
      return TRUE;
  return FALSE;
}

static ItvXml *
convert(xmlNodePtr node)
{
  ItvXml *xml = g_new0(ItvXml, 1);
  GString *text = g_string_new(NULL);
  xml->name = g_strdup((const char *)node->name);
  xml->line = (int)xmlGetLineNo(node);
  xml->attrs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  xml->children = g_ptr_array_new_with_free_func((GDestroyNotify)itv_xml_free);
  for (xmlAttrPtr a = node->properties; a; a = a->next) {
    xmlChar *value = xmlNodeListGetString(node->doc, a->children, 1);
    g_hash_table_insert(xml->attrs, g_strdup((const char *)a->name),
                        g_strdup(value ? (const char *)value : ""));
    xmlFree(value);
  }
  for (xmlNodePtr c = node->children; c; c = c->next) {
    if (c->type == XML_ELEMENT_NODE) {
      ItvXml *child = convert(c);
      child->at = text->len;
      g_ptr_array_add(xml->children, child);
    } else if ((c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE) && c->content)
      g_string_append(text, (const char *)c->content);
  }
  xml->text = g_string_free(text, FALSE);
  return xml;
}

/* NULL with an error naming file, line and reason. */
static xmlDocPtr
read_document(const char *bytes, gsize n, const char *name, GError **error)
{
  if (n > MAX_BYTES) {
    itv_fail(error, ITV_ERROR_CONFIG, "%s: %zu bytes are too many for a configuration file", name,
             n);
    return NULL;
  }
  Complaint complaint = {name, NULL};
  xmlParserCtxtPtr ctxt = xmlNewParserCtxt();
  xmlSetStructuredErrorFunc(&complaint, complain_structured);
  xmlDocPtr doc = xmlCtxtReadMemory(ctxt, bytes, (int)n, name, NULL, XML_PARSE_NONET);
  xmlSetStructuredErrorFunc(NULL, NULL);
  gboolean good = FALSE;
  if (!doc)
    itv_fail(error, ITV_ERROR_CONFIG, "%s", complaint.message ? complaint.message : "no XML");
  else if (doc->intSubset)
    itv_fail(error, ITV_ERROR_CONFIG, "%s: a DOCTYPE is not allowed", name);
  else if (is_deeper(xmlDocGetRootElement(doc), MAX_DEPTH))
    itv_fail(error, ITV_ERROR_CONFIG, "%s: elements are nested too deeply", name);
  else
    good = TRUE;
  g_free(complaint.message);
  xmlFreeParserCtxt(ctxt);
  if (!good && doc)
    xmlFreeDoc(doc);
  return good ? doc : NULL;
}

ItvXml *
itv_xml_parse(const char *bytes, gsize n, const char *name, const char *xsd_path, GError **error)
{
  xmlDocPtr doc = read_document(bytes, n, name, error);
  if (!doc)
    return NULL;
  Complaint complaint = {name, NULL};
  ItvXml *xml = NULL;
  if (!xsd_path || validate(doc, xsd_path, &complaint, error))
    xml = convert(xmlDocGetRootElement(doc));
  g_free(complaint.message);
  xmlFreeDoc(doc);
  return xml;
}

/* All that a RELAX NG validator says. */
typedef struct {
  const char *name;
  GPtrArray *texts;
  guint most;
} Complaints;

static void
complain_all(void *data, xmlErrorPtr e)
{
  Complaints *all = data;
  /* What it says of IDREFs is only true where all else fits: it stops collecting ids. */
  if (all->texts->len >= all->most || (e->domain == XML_FROM_VALID && all->texts->len > 0))
    return;
  g_autofree char *text = g_strstrip(g_strdup(e->message ? e->message : "does not fit"));
  g_ptr_array_add(all->texts, g_strdup_printf("%s:%d: %s", all->name, e->line, text));
}

static xmlRelaxNGPtr
read_grammar(const char *rng_path, GError **error)
{
  Complaint own = {rng_path, NULL};
  xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewParserCtxt(rng_path);
  xmlRelaxNGSetParserStructuredErrors(parser, complain_structured, &own);
  xmlRelaxNGPtr grammar = xmlRelaxNGParse(parser);
  xmlRelaxNGFreeParserCtxt(parser);
  if (!grammar)
    itv_fail(error, ITV_ERROR_CONFIG, "%s", own.message ? own.message : "grammar cannot be read");
  g_free(own.message);
  return grammar;
}

GPtrArray *
itv_xml_relaxng(const char *bytes, gsize n, const char *name, const char *rng_path, guint most,
                GError **error)
{
  xmlDocPtr doc = read_document(bytes, n, name, error);
  xmlRelaxNGPtr grammar = doc ? read_grammar(rng_path, error) : NULL;
  if (!grammar) {
    if (doc)
      xmlFreeDoc(doc);
    return NULL;
  }
  Complaints all = {name, g_ptr_array_new_with_free_func(g_free), most};
  xmlRelaxNGValidCtxtPtr valid = xmlRelaxNGNewValidCtxt(grammar);
  xmlRelaxNGSetValidStructuredErrors(valid, complain_all, &all);
  xmlSetStructuredErrorFunc(&all, complain_all);
  const int status = xmlRelaxNGValidateDoc(valid, doc);
  xmlSetStructuredErrorFunc(NULL, NULL);
  if (status != 0 && all.texts->len == 0 && most > 0)
    g_ptr_array_add(all.texts, g_strdup_printf("%s:1: does not fit its grammar", name));
  xmlRelaxNGFreeValidCtxt(valid);
  xmlRelaxNGFree(grammar);
  xmlFreeDoc(doc);
  return all.texts;
}

ItvXml *
itv_xml_read(const char *path, const char *xsd_path, GError **error)
{
  g_autofree char *bytes = NULL;
  g_autoptr(GError) local = NULL;
  gsize n = 0;
  if (!g_file_get_contents(path, &bytes, &n, &local)) {
    itv_fail(error, ITV_ERROR_CONFIG, "%s", local->message);
    return NULL;
  }
  return itv_xml_parse(bytes, n, path, xsd_path, error);
}

void
itv_xml_free(ItvXml *xml)
{
  if (!xml)
    return;
  g_free(xml->name);
  g_free(xml->text);
  g_hash_table_unref(xml->attrs);
  g_ptr_array_unref(xml->children);
  g_free(xml);
}

const char *
itv_xml_attr(const ItvXml *xml, const char *name, const char *fallback)
{
  const char *value = g_hash_table_lookup(xml->attrs, name);
  return value ? value : fallback;
}

const ItvXml *
itv_xml_child(const ItvXml *xml, const char *name, gsize n)
{
  for (guint i = 0; i < xml->children->len; i++) {
    const ItvXml *child = xml->children->pdata[i];
    if (strcmp(child->name, name) == 0 && n-- == 0)
      return child;
  }
  return NULL;
}
