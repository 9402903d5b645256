/* SPDX-License-Identifier: Apache-2.0
 *
 * Patient: who, under which numbers, and which records are one person.
 *
 * A person is known by the medical record number (identifier type MR, else another
 * that is no passport or the like).  Only where there is none by the logical id,
 * which is unique on its server: the server's address is its issuer.
 */
#include <string.h>

#include "fhir-units.h"

typedef struct {
  char *id, *issuer; /* issuer NULL: none */
} Identity;

static void
clear_identity(Identity *who)
{
  g_free(who->id);
  g_free(who->issuer);
  *who = (Identity){NULL, NULL};
}

/* ---- identifiers --------------------------------------------------------------------- */

/* 0: not to be used; the higher the better. */
static int
identifier_rank(Json *identifier)
{
  static const char *const others[] = {"SS", "SB", "DL",   "PPN", "TAX", "CZ",  "BC",  "DR",
                                       "MC", "MI", "NIIP", "AN",  "VN",  "BCT", "ACSN"};
  const char *use = json_text_at(identifier, "use");
  Json *type = json_get(identifier, "type");
  if (!json_text_at(identifier, "value") || g_strcmp0(use, "old") == 0)
    return 0;
  for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
    if (concept_has(type, others[i]))
      return 0;
  if (g_strcmp0(json_text_at(identifier, "system"), "http://hl7.org/fhir/sid/us-ssn") == 0)
    return 0;
  int rank = concept_has(type, "MR")                              ? 40
             : concept_has(type, "PI") || concept_has(type, "PT") ? 30
                                                                  : 10;
  rank += g_strcmp0(use, "official") == 0 ? 3 : g_strcmp0(use, "usual") == 0 ? 2 : 1;
  return g_strcmp0(use, "temp") == 0 ? 1 : rank;
}

/* What the site says a system is called in HL7 v2 and DICOM; NULL if nothing. */
static char *
mapped_issuer(const Bundle *b, const char *system)
{
  g_auto(GStrv) pairs = g_strsplit_set(b->issuers, " \t\n", -1);
  for (gsize i = 0; pairs[i]; i++) {
    const char *equals = strrchr(pairs[i], '=');
    if (equals && (gsize)(equals - pairs[i]) == strlen(system) &&
        strncmp(pairs[i], system, strlen(system)) == 0)
      return g_strdup(equals + 1);
  }
  return NULL;
}

/* An OID bare, as HL7 v2 has it; else the system as it is; else who assigned it. */
static Identity
identity_of(const Bundle *b, Json *identifier)
{
  Identity who = {g_strdup(json_text_at(identifier, "value")), NULL};
  const char *system = json_text_at(identifier, "system");
  if (system) {
    who.issuer = mapped_issuer(b, system);
    if (!who.issuer)
      who.issuer = g_strdup(g_str_has_prefix(system, "urn:oid:") ? system + 8 : system);
  } else {
    who.issuer = g_strdup(json_text_at(identifier, "assigner.display"));
  }
  return who;
}

static Json *
best_identifier(Json *identifiers)
{
  Json *best = NULL;
  for (gsize i = 0; i < json_count(identifiers); i++) {
    Json *id = json_item(identifiers, i);
    if (identifier_rank(id) > (best ? identifier_rank(best) : 0))
      best = id;
  }
  return best;
}

/* *ret_own: the id is unique, no other server has the same. */
static Identity
logical_identity(const char *id, const char *base, gboolean *ret_own)
{
  const gboolean uuid = is_uuid(id);
  *ret_own = uuid || *base;
  return (Identity){g_strdup(id), g_strdup(uuid ? "urn:uuid" : *base ? base : "FHIR")};
}

static gboolean
identity_of_patient(const Bundle *b, Json *patient, const Entry *entry, Identity *ret)
{
  Json *best = best_identifier(json_get(patient, "identifier"));
  gboolean own = FALSE;
  if (best) {
    *ret = identity_of(b, best);
    return TRUE;
  }
  const char *id = entry && entry->id ? entry->id : NULL;
  g_autofree char *base = base_of(b, entry);
  if (!id)
    return FALSE;
  *ret = logical_identity(id, base, &own);
  return TRUE;
}

/* Patient?identifier=SYSTEM|VALUE, as transactions refer to one. */
static gboolean
conditional_identity(const Bundle *b, const char *url, Identity *ret)
{
  static const char query[] = "Patient?identifier=";
  if (!g_str_has_prefix(url, query))
    return FALSE;
  g_autofree char *rest = g_uri_unescape_string(url + strlen(query), NULL);
  char *bar = rest ? strchr(rest, '|') : NULL;
  if (!bar || !bar[1] || strchr(bar, '&'))
    return FALSE;
  *bar = 0;
  ret->id = g_strdup(bar + 1);
  ret->issuer = *rest ? mapped_issuer(b, rest) : NULL;
  if (!ret->issuer && *rest)
    ret->issuer = g_strdup(g_str_has_prefix(rest, "urn:oid:") ? rest + 8 : rest);
  return TRUE;
}

/* The logical id that a reference ends in, with its server.  A urn: names a resource
 * of the same Bundle only. */
static gboolean
referred_identity(const Resource *r, const char *url, Identity *ret)
{
  gboolean own = FALSE;
  g_autofree char *plain =
      g_strndup(url, (gsize)(strstr(url, "/_history/") ? strstr(url, "/_history/") - url
                                                       : (gssize)strlen(url)));
  const char *at = g_strrstr(plain, "Patient/");
  if (!at || !at[8] || strchr(at + 8, '/') || (at > plain && at[-1] != '/'))
    return FALSE;
  g_autofree char *base =
      at > plain ? g_strndup(plain, (gsize)(at - plain - 1)) : base_of(r->bundle, r->entry);
  *ret = logical_identity(at + 8, base, &own);
  if (!own)
    unit_note(r->unit,
              "the patient is known only as \"%.100s\", the id on a server that is not named: "
              "import the Patient with it, or set \"base\" of this plugin",
              plain);
  return TRUE;
}

/* *ret_patient: the Patient, where it is there.  Owned. */
static gboolean
identity_of_reference(const Resource *r, Json *reference, Identity *ret, Json **ret_patient)
{
  const Entry *entry = NULL;
  *ret_patient = NULL;
  g_autoptr(Json) target = resource_resolve(r, reference, &entry);
  if (target && g_strcmp0(json_text_at(target, "resourceType"), "Patient") == 0 &&
      identity_of_patient(r->bundle, target, entry, ret)) {
    *ret_patient = json_ref(target);
    return TRUE;
  }
  if (target)
    return FALSE;
  Json *identifier = json_get(reference, "identifier");
  if (json_text_at(identifier, "value")) {
    *ret = identity_of(r->bundle, identifier);
    return TRUE;
  }
  const char *url = json_text_at(reference, "reference");
  return url && (conditional_identity(r->bundle, url, ret) || referred_identity(r, url, ret));
}

/* ---- the record ------------------------------------------------------------------------- */

static Record *
add_identity(Unit *u, const char *name, const Identity *who)
{
  Record *rec = unit_add(u, name);
  record_str(u, rec, "id", who->id, 256);
  record_str(u, rec, "issuer", who->issuer, 256);
  return rec;
}

static void
add_person(Unit *u, Record *rec, Json *patient)
{
  static const char *const genders[] = {"male", "female", "other", "unknown"};
  static const char *const sexes[] = {"M", "F", "O", "U"};
  const char *gender = json_text_at(patient, "gender");
  g_autofree char *name = value_name(json_get(patient, "name"));
  g_autofree char *birth = value_datetime(json_text_at(patient, "birthDate"));
  record_str(u, rec, "name", name, 512);
  if (birth)
    birth[MIN(strlen(birth), 10)] = 0;
  else if (json_text_at(patient, "birthDate"))
    unit_note(u, "birthDate \"%.40s\" is no date and was left out",
              json_text_at(patient, "birthDate"));
  record_str(u, rec, "birth-date", birth, 10);
  for (gsize i = 0; gender && i < G_N_ELEMENTS(genders); i++)
    if (strcmp(gender, genders[i]) == 0)
      record_str(u, rec, "sex", sexes[i], 1);
}

Json *
subject_of(Json *resource)
{
  Json *subject = json_get(resource, "subject");
  return subject ? subject : json_get(resource, "patient");
}

gboolean
unit_subject(const Resource *r, Json *reference)
{
  Identity who = {NULL, NULL};
  Json *patient = NULL;
  if (!identity_of_reference(r, reference, &who, &patient) || strlen(who.id) > 256) {
    const char *said = json_text_at(reference, "reference");
    g_autofree char *owned = NULL;
    const char *type = reference_type(r, reference, &owned);
    if (type && strcmp(type, "Patient") != 0)
      unit_reject(r->unit, "its subject is a %.60s, no Patient", type);
    else
      unit_reject(r->unit, "it names no patient that can be told: %s%.200s",
                  said ? "this file does not hold " : "no subject or participant is a Patient",
                  said ? said : "");
    json_unref(patient);
    clear_identity(&who);
    return FALSE;
  }
  Record *rec = add_identity(r->unit, "interval.patient/1", &who);
  if (patient)
    add_person(r->unit, rec, patient);
  json_unref(patient);
  clear_identity(&who);
  return TRUE;
}

static void
add_death(Unit *u, Record *rec, Json *patient)
{
  gboolean flag = FALSE;
  const char *text = json_text_at(patient, "deceasedDateTime");
  g_autofree char *date = value_datetime(text);
  if (text) {
    record_str(u, rec, "death", "Y", 1);
    record_str(u, rec, "death-date", date, 32);
    if (!date)
      unit_note(u, "deceasedDateTime \"%.40s\" is no time: the day of death is not known", text);
  } else if (json_boolean(json_get(patient, "deceasedBoolean"), &flag)) {
    record_str(u, rec, "death", flag ? "Y" : "N", 1);
  }
}

/* What helps to tell whether two numbers are one person: US Core's number and extension,
 * further names, next of kin, a multiple birth. */
static void
add_kin(Unit *u, Record *rec, Json *patient)
{
  Json *identifiers = json_get(patient, "identifier"), *extensions = json_get(patient, "extension");
  Json *contacts = json_get(patient, "contact"), *names = json_get(patient, "name");
  gboolean multiple = FALSE;
  double order = 0;
  for (gsize i = 0; i < MIN(json_count(identifiers), 32); i++) {
    const char *system = json_text_at(json_item(identifiers, i), "system");
    const char *number = json_text_at(json_item(identifiers, i), "value");
    g_autofree char *text = number ? g_strconcat("SSN:", number, NULL) : NULL;
    if (g_strcmp0(system, "http://hl7.org/fhir/sid/us-ssn") == 0)
      record_str(u, rec, "national-id", text, 256);
  }
  for (gsize i = 0; i < MIN(json_count(extensions), 32); i++)
    if (g_strcmp0(json_text_at(json_item(extensions, i), "url"),
                  "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName") == 0) {
      const char *mother = json_text_at(json_item(extensions, i), "valueString");
      const char *last = mother ? strrchr(mother, ' ') : NULL;
      record_str(u, rec, "mother", last ? last + 1 : mother, 512);
      break;
    }
  g_autofree char *name = value_name(names);
  for (gsize i = 0; i < MIN(json_count(names), 6); i++) {
    g_autofree char *alias = value_name(json_item(names, i));
    if (g_strcmp0(alias, name) != 0)
      record_str(u, rec, "alias", alias, 512);
  }
  for (gsize i = 0; i < MIN(json_count(contacts), 5); i++) {
    g_autofree char *kin = value_name(json_get(json_item(contacts, i), "name"));
    record_str(u, rec, "contact", kin, 512);
  }
  if (json_number(json_get(patient, "multipleBirthInteger"), &order) && order >= 0 && order <= 99)
    record_i64(rec, "birth-order", (gint64)order, NULL);
  else if (json_boolean(json_get(patient, "multipleBirthBoolean"), &multiple) && multiple)
    record_i64(rec, "birth-order", 0, NULL);
}

static void
add_contacts(Unit *u, Record *rec, Json *patient)
{
  Json *telecom = json_get(patient, "telecom");
  g_autofree char *address = value_address(json_get(patient, "address"));
  record_str(u, rec, "address", address, 1024);
  for (gsize i = 0; i < MIN(json_count(telecom), 16); i++) {
    const char *system = json_text_at(json_item(telecom, i), "system");
    if (g_strcmp0(system, "phone") == 0 || g_strcmp0(system, "sms") == 0)
      record_str(u, rec, "phone", json_text_at(json_item(telecom, i), "value"), 1024);
  }
  add_kin(u, rec, patient);
}

/* ---- who is the same ---------------------------------------------------------------------- */

static gboolean
same_identity(const Identity *a, const Identity *b)
{
  return strcmp(a->id, b->id) == 0 && g_strcmp0(a->issuer, b->issuer) == 0;
}

static void
add_merge(Unit *u, const char *action, const Identity *who, const Identity *other)
{
  if (same_identity(who, other) || strlen(who->id) > 256 || strlen(other->id) > 256)
    return;
  Record *rec = unit_add(u, "interval.merge/1");
  record_str(u, rec, "action", action, 16);
  record_str(u, rec, "id", who->id, 256);
  record_str(u, rec, "issuer", who->issuer, 256);
  record_str(u, rec, "other-id", other->id, 256);
  record_str(u, rec, "other-issuer", other->issuer, 256);
}

/* Other medical record numbers of the same Patient, and the logical id by which
 * resources outside of this file refer to it. */
static void
add_own_numbers(const Resource *r, const Identity *who)
{
  Json *identifiers = json_get(r->json, "identifier");
  for (gsize i = 0; i < MIN(json_count(identifiers), 32); i++) {
    Json *identifier = json_item(identifiers, i);
    if (identifier_rank(identifier) < 30 || !json_text_at(identifier, "system"))
      continue;
    Identity other = identity_of(r->bundle, identifier);
    add_merge(r->unit, "link", who, &other);
    clear_identity(&other);
  }
  gboolean own = FALSE;
  g_autofree char *base = base_of(r->bundle, r->entry);
  /* A urn: is the name within its Bundle only; the server will give another. */
  if (!r->entry->id || (r->entry->url && g_str_has_prefix(r->entry->url, "urn:")))
    return;
  Identity logical = logical_identity(r->entry->id, base, &own);
  if (own)
    add_merge(r->unit, "link", who, &logical);
  clear_identity(&logical);
}

static void
add_links(const Resource *r, const Identity *who)
{
  Json *links = json_get(r->json, "link");
  for (gsize i = 0; i < MIN(json_count(links), 256); i++) {
    Json *link = json_item(links, i), *patient = NULL;
    const char *type = json_text_at(link, "type");
    Identity other = {NULL, NULL};
    g_autofree char *owned = NULL;
    const char *target = reference_type(r, json_get(link, "other"), &owned);
    if (g_strcmp0(target, "RelatedPerson") == 0 || !type)
      continue;
    if (!identity_of_reference(r, json_get(link, "other"), &other, &patient))
      unit_note(r->unit, "link[%zu] (%.20s) names a patient that this file does not hold", i, type);
    else if (strcmp(type, "replaced-by") == 0)
      add_merge(r->unit, "merge", &other, who);
    else if (strcmp(type, "replaces") == 0)
      add_merge(r->unit, "merge", who, &other);
    else
      add_merge(r->unit, "link", who, &other);
    json_unref(patient);
    clear_identity(&other);
  }
}

void
unit_patient(const Resource *r)
{
  static const char *const times[] = {"deceasedDateTime", NULL};
  Identity who = {NULL, NULL};
  if (!identity_of_patient(r->bundle, r->json, r->entry, &who)) {
    unit_reject(r->unit, "it bears neither a patient identifier nor an id");
    return;
  }
  if (strlen(who.id) > 256) {
    unit_reject(r->unit, "its identifier is longer than 256 bytes");
    clear_identity(&who);
    return;
  }
  Record *rec = add_identity(r->unit, "interval.patient/1", &who);
  add_person(r->unit, rec, r->json);
  add_death(r->unit, rec, r->json);
  add_contacts(r->unit, rec, r->json);
  add_own_numbers(r, &who);
  add_links(r, &who);
  unit_known_latest(r, times);
  clear_identity(&who);
}

/* ---- other people ---------------------------------------------------------------------------- */

char *
person_name(const Resource *r, Json *reference)
{
  g_autoptr(Json) target = resource_resolve(r, reference, NULL);
  const char *type = json_text_at(target, "resourceType");
  if (g_strcmp0(type, "PractitionerRole") == 0) {
    g_autoptr(Json) person = resource_resolve(r, json_get(target, "practitioner"), NULL);
    char *name = value_name(json_get(person, "name"));
    return name ? name : g_strdup(json_text_at(target, "practitioner.display"));
  }
  if (g_strcmp0(type, "Organization") == 0)
    return g_strdup(json_text_at(target, "name"));
  char *name = value_name(json_get(target, "name"));
  if (!name)
    name = g_strdup(json_text_at(reference, "display"));
  return name;
}
