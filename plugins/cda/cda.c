/* SPDX-License-Identifier: Apache-2.0
 *
 * The CDA importer: an imaging report becomes a patient and a report, any other
 * clinical document a patient and a note.
 */
#include <string.h>

#include "cda.h"

#define NAMESPACE "urn:hl7-org:v3"

/* Samples and exports of single sections, often without the namespace: known by
 * HL7's OIDs, so that they can be refused with a reason. */
static gboolean
is_fragment(const char *root, const uint8_t *head, size_t n)
{
  static const char *const roots[] = {
      "section",   "entry",     "component",   "observation",    "organizer", "act",
      "procedure", "encounter", "participant", "structuredBody", NULL};
  static const char oid[] = "\"2.16.840.1.113883.";
  return g_strv_contains(roots, root) && memmem(head, n, oid, sizeof oid - 1);
}

static int32_t
probe(void *self, const uint8_t *head, size_t n, const char *name)
{
  char root[64], uri[128];
  (void)self;
  (void)name;
  if (!xd_probe_root(head, n, root, uri))
    return 0;
  const gboolean clinical = strcmp(root, "ClinicalDocument") == 0;
  if (strcmp(uri, NAMESPACE) == 0)
    return clinical ? 90 : 20;
  if (*uri)
    return 0;
  return clinical ? 50 : is_fragment(root, head, n) ? 15 : 0;
}

/* root^extension of an id; NULL when it has neither. */
static char *
instance_identifier(const XdNode *id)
{
  const char *root = xd_attr(id, "root"), *extension = xd_attr(id, "extension");
  if (root && extension)
    return g_strdup_printf("%s^%s", root, extension);
  return g_strdup(root ? root : extension);
}

static void
add_document_fields(const XdNode *d, XdUnit *unit)
{
  const XdNode *code = xd_child(d, "code", 0);
  const char *type = xd_attr(code, "code"), *when = xd_attr_at(d, "effectiveTime", "value");
  const XdNode *custodian =
      xd_at(d, "custodian/assignedCustodian/representedCustodianOrganization/name");
  char *known = xd_moment(when);
  draft_record_text(unit->document, "type", type, DRAFT_TEXT_MAX);
  draft_record_take(unit->document, "identifier", instance_identifier(xd_child(d, "id", 0)));
  draft_record_take(unit->document, "sender", xd_words(custodian));
  if (!known)
    xd_unit_note(unit, "effectiveTime \"%.40s\" says not when this was written", when ? when : "");
  draft_record_take(unit->document, "known", known);
}

static void
note_other(const XdNode *d, XdUnit *unit)
{
  const XdNode *code = xd_child(d, "code", 0);
  g_autofree char *title = xd_words(xd_child(d, "title", 0));
  const char *name = xd_attr(code, "displayName");
  xd_unit_note(unit,
               "a clinical document that is no imaging report (%.200s, %.40s): only its "
               "patient was read",
               name    ? name
               : title ? title
                       : "without a name",
               xd_attr(code, "code") ? xd_attr(code, "code") : "without a code");
}

static void
read_document(const XdNode *root, const itv_host *host, XdUnit *unit)
{
  if (strcmp(root->name, "ClinicalDocument") != 0) {
    xd_unit_reject(unit,
                   "its root element is <%.60s>, not <ClinicalDocument>: a part of a CDA document "
                   "or an HL7 v3 message names no report",
                   root->name);
    return;
  }
  if (strcmp(root->uri, NAMESPACE) != 0)
    xd_unit_note(unit, "<ClinicalDocument> does not stand in the namespace " NAMESPACE);
  add_document_fields(root, unit);
  if (!cda_add_patient(root, host->config(host, "issuers"), unit))
    return;
  if (!cda_is_imaging(root)) {
    note_other(root, unit);
    return;
  }
  g_auto(CdaBody) body = {0};
  cda_body_read(root, &body, unit);
  cda_add_report(root, &body, unit);
}

static itv_status
run(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  (void)self;
  return xd_import(host, input, out, "cda", read_document);
}

static const itv_kind importer = {ITV_KIND_HEADER, probe, run};

static itv_status
create(const itv_host *host, void **ret_self)
{
  (void)host;
  (void)ret_self;
  xd_prepare();
  return ITV_OK;
}

static const itv_kind *
get_kind(const char *id)
{
  return strcmp(id, ITV_KIND_IMPORTER) == 0 ? &importer : NULL;
}

const itv_plugin itv_plugin_entry = {
    ITV_PLUGIN_HEADER, "org.interval.cda", "0.1.0", create, NULL, get_kind,
};
