/* SPDX-License-Identifier: Apache-2.0
 *
 * base/xml.h - XML files read into plain elements: no network, no entities, no
 * DTD, bounded size and depth; checked against an XSD where one is given.
 */
#ifndef ITV_BASE_XML_H
#define ITV_BASE_XML_H

#include <glib.h>

typedef struct ItvXml ItvXml;
struct ItvXml {
  char *name;          /* local name */
  char *text;          /* all text directly inside, "" if none */
  int line;            /* in the file */
  gsize at;            /* so many bytes of the parent's text stand before it */
  GHashTable *attrs;   /* local name -> value */
  GPtrArray *children; /* ItvXml, in order */
};

/* The root element; owned.  `xsd_path` may be NULL.  ITV_ERROR_CONFIG with
 * file, line and what was expected. */
ItvXml *itv_xml_read(const char *path, const char *xsd_path, GError **error);
/* From memory; `name` stands for the file in messages. */
ItvXml *itv_xml_parse(const char *bytes, gsize n, const char *name, const char *xsd_path,
                      GError **error);
/* Against a RELAX NG grammar in XML syntax: "FILE:LINE: reason" (char *, owned) for
 * each complaint, at most `most`; empty when it fits.  NULL with ITV_ERROR_CONFIG when
 * `bytes` are no XML or the grammar cannot be read. */
GPtrArray *itv_xml_relaxng(const char *bytes, gsize n, const char *name, const char *rng_path,
                           guint most, GError **error);
void itv_xml_free(ItvXml *xml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvXml, itv_xml_free)

/* Attribute, or `fallback`. */
const char *itv_xml_attr(const ItvXml *xml, const char *name, const char *fallback);
/* The n-th child of that name, NULL when there are fewer. */
const ItvXml *itv_xml_child(const ItvXml *xml, const char *name, gsize n);

#endif
