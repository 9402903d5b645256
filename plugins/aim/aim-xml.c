/* SPDX-License-Identifier: Apache-2.0
 *
 * Validity by the public XML schemas of AIM, where the site has them in config/aim.
 * The document has been parsed strictly by then (no DOCTYPE, bounded depth and size);
 * a schema may import only the one beside it that the host hands over.
 */
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <string.h>

#include "aim.h"

#define MAX_VALIDATED (16u << 20) /* bytes: a validator's tree takes ten times as much */
#define MAX_FAULTS 3              /* named; the rest is counted */

static const char types[] = "ISO_datatypes_Narrative.xsd";

struct AimSchemas {
  xmlSchemaPtr v3, v4;
};

/* The host of the schema that is being read: libxml2's loader knows no context. */
static const itv_host *loading;

static xmlParserInputPtr
load(const char *url, const char *id, xmlParserCtxtPtr ctxt)
{
  size_t n = 0;
  const void *bytes = NULL;
  (void)id;
  if (loading && url && g_str_has_suffix(url, types))
    bytes = loading->resource(loading, types, &n);
  xmlParserInputBufferPtr buffer =
      bytes && n < XD_MAX_BYTES
          ? xmlParserInputBufferCreateMem(bytes, (int)n, XML_CHAR_ENCODING_NONE)
          : NULL;
  xmlParserInputPtr input =
      buffer ? xmlNewIOInputStream(ctxt, buffer, XML_CHAR_ENCODING_NONE) : NULL;
  if (buffer && !input)
    xmlFreeParserInputBuffer(buffer);
  return input;
}

static void
hear_nothing(void *data, const xmlError *error)
{
  (void)data;
  (void)error;
}

static void
say_broken(const itv_host *host, const char *name)
{
  g_autofree char *text = g_strdup_printf("config/aim/%s cannot be used as a schema (v4 needs %s "
                                          "beside it): nothing is validated by it",
                                          name, types);
  host->log(host, ITV_LOG_WARNING, text);
}

/* NULL without the file, and (with a warning) when it is no schema. */
static xmlSchemaPtr
read_schema(const itv_host *host, const char *name)
{
  size_t n = 0;
  const void *bytes = host->resource(host, name, &n);
  if (!bytes || n == 0 || n > XD_MAX_BYTES)
    return NULL;
  xmlExternalEntityLoader before = xmlGetExternalEntityLoader();
  loading = host;
  xmlSetExternalEntityLoader(load);
  xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)hear_nothing);
  xmlSchemaParserCtxtPtr ctxt = xmlSchemaNewMemParserCtxt(bytes, (int)n);
  if (ctxt)
    xmlSchemaSetParserStructuredErrors(ctxt, (xmlStructuredErrorFunc)hear_nothing, NULL);
  xmlSchemaPtr schema = ctxt ? xmlSchemaParse(ctxt) : NULL;
  xmlSchemaFreeParserCtxt(ctxt);
  xmlSetExternalEntityLoader(before);
  xmlSetStructuredErrorFunc(NULL, NULL);
  loading = NULL;
  if (!schema)
    say_broken(host, name);
  return schema;
}

AimSchemas *
aim_schemas_read(const itv_host *host)
{
  AimSchemas *s = g_new0(AimSchemas, 1);
  s->v3 = read_schema(host, "AIM_v3_rv11_XML.xsd");
  s->v4 = read_schema(host, "AIM_v4_rv44_XML.xsd");
  return s;
}

void
aim_schemas_free(AimSchemas *s)
{
  if (!s)
    return;
  xmlSchemaFree(s->v3);
  xmlSchemaFree(s->v4);
  g_free(s);
}

typedef struct {
  GString *text;
  guint n;
} Faults;

static void
hear(void *data, const xmlError *error)
{
  Faults *f = data;
  if (f->n++ >= MAX_FAULTS)
    return;
  g_autofree char *message = g_strstrip(g_strdup(error->message ? error->message : "not valid"));
  g_autofree char *valid = g_utf8_make_valid(message, -1);
  g_string_append_printf(f->text, "%sline %d: %.300s", f->text->len ? "; " : "", error->line,
                         valid);
}

char *
aim_schemas_check(const AimSchemas *s, const XdNode *root, const char *utf8, gsize n)
{
  const gboolean is_v4 = strcmp(root->name, "ImageAnnotationCollection") == 0;
  xmlSchemaPtr schema = is_v4 ? s->v4 : s->v3;
  if (!schema)
    return NULL;
  if (n > MAX_VALIDATED)
    return g_strdup("it is too long to be validated");
  xmlDocPtr doc = xmlReadMemory(utf8, (int)n, NULL, "UTF-8",
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  xmlSchemaValidCtxtPtr ctxt = doc ? xmlSchemaNewValidCtxt(schema) : NULL;
  Faults faults = {g_string_new(NULL), 0};
  if (ctxt) {
    xmlSchemaSetValidStructuredErrors(ctxt, (xmlStructuredErrorFunc)hear, &faults);
    xmlSchemaValidateDoc(ctxt, doc);
  }
  xmlSchemaFreeValidCtxt(ctxt);
  xmlFreeDoc(doc);
  if (faults.n > MAX_FAULTS)
    g_string_append_printf(faults.text, "; and %u more", faults.n - MAX_FAULTS);
  return g_string_free(faults.text, faults.n == 0);
}
