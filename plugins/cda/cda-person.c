/* SPDX-License-Identifier: Apache-2.0
 *
 * recordTarget, and the names of people.
 */
#include <string.h>

#include "cda.h"

#define OTHERS_MAX 8                /* further values of a kind that are taken */
#define SSN "2.16.840.1.113883.4.1" /* national numbers, not a hospital's */

typedef struct {
  char *family, *given, *middle, *prefix, *suffix;
} Name;

static void
name_clear(Name *n)
{
  g_free(n->family);
  g_free(n->given);
  g_free(n->middle);
  g_free(n->prefix);
  g_free(n->suffix);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Name, name_clear)

/* Adds a part to those before it; '^' would part them. */
static void
join(char **slot, char *part)
{
  if (!part)
    return;
  g_strdelimit(part, "^", ' ');
  char *both = *slot ? g_strconcat(*slot, " ", part, NULL) : g_strdup(part);
  g_free(*slot);
  g_free(part);
  *slot = both;
}

static void
read_name(const XdNode *name, Name *ret)
{
  for (const XdNode *c = name ? name->first : NULL; c; c = c->next) {
    if (!c->name)
      continue;
    if (strcmp(c->name, "family") == 0)
      join(&ret->family, xd_words(c));
    else if (strcmp(c->name, "given") == 0)
      join(ret->given ? &ret->middle : &ret->given, xd_words(c));
    else if (strcmp(c->name, "prefix") == 0)
      join(&ret->prefix, xd_words(c));
    else if (strcmp(c->name, "suffix") == 0)
      join(&ret->suffix, xd_words(c));
  }
  if (!ret->family && !ret->given)
    join(&ret->family, xd_words(name));
}

static char *
print_name(const Name *n, gboolean with_titles)
{
  const char *parts[] = {n->family, n->given, n->middle, with_titles ? n->prefix : NULL,
                         with_titles ? n->suffix : NULL};
  GString *s = g_string_new(NULL);
  gsize keep = 0;
  for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
    if (i)
      g_string_append_c(s, '^');
    g_string_append(s, parts[i] ? parts[i] : "");
    if (parts[i])
      keep = s->len;
  }
  g_string_truncate(s, keep);
  return g_string_free(s, keep == 0);
}

/* The legal name, else the first. */
static const XdNode *
best_name(const XdNode *person)
{
  for (const XdNode *n = xd_child(person, "name", 0); n; n = xd_next(n)) {
    const char *use = xd_attr(n, "use");
    g_auto(GStrv) uses = g_strsplit(use ? use : "", " ", -1);
    if (g_strv_contains((const char *const *)uses, "L"))
      return n;
  }
  return xd_child(person, "name", 0);
}

char *
cda_person(const XdNode *person)
{
  g_auto(Name) name = {0};
  read_name(best_name(person), &name);
  return print_name(&name, FALSE);
}

/* The first id with an extension that is no national number; else the first with
 * anything. */
static const XdNode *
patient_id(const XdNode *role)
{
  const XdNode *second = NULL;
  for (const XdNode *id = xd_child(role, "id", 0); id; id = xd_next(id)) {
    if (!xd_attr(id, "root") && !xd_attr(id, "extension"))
      continue;
    if (xd_attr(id, "extension") && !xd_has(id, "root", SSN))
      return id;
    if (!second || (!xd_attr(second, "extension") && xd_attr(id, "extension")))
      second = id;
  }
  return second;
}

/* The site's own name of an OID, from "OID=NAME OID=NAME"; may be empty. */
static char *
issuer_name(const char *root, const char *issuers)
{
  g_auto(GStrv) pairs = g_strsplit_set(issuers ? issuers : "", " ,;\n\t", -1);
  for (char **p = pairs; root && *p; p++) {
    const gsize n = strlen(root);
    if (strncmp(*p, root, n) == 0 && (*p)[n] == '=')
      return g_strdup(*p + n + 1);
  }
  return g_strdup(root);
}

static const char *
sex_of(const char *code)
{
  static const char *const codes[][2] = {{"M", "M"}, {"F", "F"},   {"UN", "O"},
                                         {"O", "O"}, {"UNK", "U"}, {"U", "U"}};
  for (gsize i = 0; code && i < G_N_ELEMENTS(codes); i++)
    if (g_ascii_strcasecmp(codes[i][0], code) == 0)
      return codes[i][1];
  return NULL;
}

static char *
address_of(const XdNode *addr)
{
  static const char *const parts[] = {"streetAddressLine", "city", "state", "postalCode",
                                      "country"};
  GString *s = g_string_new(NULL);
  for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
    for (const XdNode *c = xd_child(addr, parts[i], 0); c; c = xd_next(c)) {
      g_autofree char *text = xd_words(c);
      if (text && s->len)
        g_string_append(s, ", ");
      g_string_append(s, text ? text : "");
    }
  if (s->len == 0) {
    g_string_free(s, TRUE);
    return xd_words(addr);
  }
  return g_string_free(s, FALSE);
}

static void
add_phones(const XdNode *role, DraftRecord *r)
{
  guint n = 0;
  for (const XdNode *t = xd_child(role, "telecom", 0); t && n < 8; t = xd_next(t)) {
    const char *value = xd_attr(t, "value");
    if (!value || g_ascii_strncasecmp(value, "mailto:", 7) == 0)
      continue;
    draft_record_text(r, "phone", g_ascii_strncasecmp(value, "tel:", 4) == 0 ? value + 4 : value,
                      DRAFT_TEXT_MAX);
    n++;
  }
}

/* The extension of SDTC; a patient that it calls alive takes a death back. */
static void
add_death(const XdNode *patient, DraftRecord *r)
{
  const char *deceased = xd_attr_at(patient, "deceasedInd", "value");
  char *when = xd_moment(xd_attr_at(patient, "deceasedTime", "value"));
  if (g_strcmp0(deceased, "false") == 0) {
    draft_record_text(r, "death", "N", 1);
    g_free(when);
    return;
  }
  if (when || g_strcmp0(deceased, "true") == 0)
    draft_record_text(r, "death", "Y", 1);
  draft_record_take(r, "death-date", when);
}

/* Maiden and former names, aliases: by them another hospital may know the patient.  One
 * without a family name is a name within the family. */
static void
add_other_names(const XdNode *patient, DraftRecord *r)
{
  const XdNode *best = best_name(patient);
  g_auto(Name) legal = {0};
  guint n = 0;
  read_name(best, &legal);
  for (const XdNode *c = xd_child(patient, "name", 0); c && n < OTHERS_MAX; c = xd_next(c)) {
    g_auto(Name) name = {0};
    if (c == best)
      continue;
    read_name(c, &name);
    if (!name.family)
      name.family = g_strdup(legal.family);
    g_autofree char *full = print_name(&name, TRUE);
    draft_record_text(r, "alias", full, 512);
    n++;
  }
}

static void
add_national_ids(const XdNode *role, DraftRecord *r)
{
  guint n = 0;
  for (const XdNode *id = xd_child(role, "id", 0); id && n < OTHERS_MAX; id = xd_next(id)) {
    const char *extension = xd_attr(id, "extension");
    if (!extension || !xd_has(id, "root", SSN) || strlen(extension) > DRAFT_ID_MAX)
      continue;
    g_autofree char *text = g_strconcat("SSN:", extension, NULL);
    draft_record_text(r, "national-id", text, 256);
    n++;
  }
}

/* Next of kin: the patient's guardians, and whom the header names as kin, guardian or
 * emergency contact. */
static void
add_contacts(const XdNode *document, const XdNode *patient, DraftRecord *r)
{
  static const char *const classes[] = {"NOK", "PRS", "GUARD", "ECON"};
  guint n = 0;
  for (const XdNode *g = xd_child(patient, "guardian", 0); g && n < OTHERS_MAX; g = xd_next(g), n++)
    draft_record_take(r, "contact", cda_person(xd_child(g, "guardianPerson", 0)));
  for (const XdNode *p = xd_child(document, "participant", 0); p && n < OTHERS_MAX;
       p = xd_next(p)) {
    const XdNode *entity = xd_child(p, "associatedEntity", 0);
    gboolean kin = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(classes); i++)
      kin = kin || xd_has(entity, "classCode", classes[i]);
    if (!kin)
      continue;
    draft_record_take(r, "contact", cda_person(xd_child(entity, "associatedPerson", 0)));
    n++;
  }
}

static void
add_demographics(const XdNode *role, DraftRecord *r, XdUnit *unit)
{
  const XdNode *patient = xd_child(role, "patient", 0);
  const char *birth = xd_attr_at(patient, "birthTime", "value");
  const char *sex = xd_attr_at(patient, "administrativeGenderCode", "code");
  g_auto(Name) name = {0};
  read_name(best_name(patient), &name);
  g_autofree char *full = print_name(&name, TRUE), *date = xd_date(birth);
  draft_record_text(r, "name", full, 512);
  draft_record_text(r, "birth-date", date, 10);
  if (birth && !date)
    xd_unit_note(unit, "birthTime \"%.40s\" is no date and was left out", birth);
  draft_record_text(r, "sex", sex_of(sex), 1);
  if (sex && !sex_of(sex))
    xd_unit_note(unit, "administrativeGenderCode \"%.40s\" is no known sex and was left out", sex);
  add_death(patient, r);
  draft_record_take(r, "address", address_of(xd_child(role, "addr", 0)));
  add_phones(role, r);
  add_national_ids(role, r);
  add_other_names(patient, r);
}

gboolean
cda_add_patient(const XdNode *document, const char *issuers, XdUnit *unit)
{
  const XdNode *target = xd_child(document, "recordTarget", 0);
  const XdNode *role = xd_child(target, "patientRole", 0);
  const XdNode *id = patient_id(role);
  const char *extension = xd_attr(id, "extension"), *root = xd_attr(id, "root");
  if (!id) {
    xd_unit_reject(unit, "line %u: recordTarget/patientRole has no id: it names no patient",
                   role     ? role->line
                   : target ? target->line
                            : document->line);
    return FALSE;
  }
  if (xd_next(target)) {
    xd_unit_reject(unit,
                   "line %u: a second recordTarget: a report of several patients is not taken",
                   xd_next(target)->line);
    return FALSE;
  }
  g_autofree char *issuer = extension ? issuer_name(root, issuers) : NULL;
  const char *value = extension ? extension : root;
  if (strlen(value) > DRAFT_ID_MAX || (issuer && strlen(issuer) > DRAFT_ID_MAX)) {
    xd_unit_reject(unit, "line %u: the patient's id is longer than %d bytes", id->line,
                   DRAFT_ID_MAX);
    return FALSE;
  }
  DraftRecord *r = xd_unit_add(unit, "interval.patient/1");
  draft_record_text(r, "id", value, DRAFT_ID_MAX);
  draft_record_text(r, "issuer", issuer, DRAFT_ID_MAX);
  add_demographics(role, r, unit);
  add_contacts(document, xd_child(role, "patient", 0), r);
  return TRUE;
}
