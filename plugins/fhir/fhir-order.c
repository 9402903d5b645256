/* SPDX-License-Identifier: Apache-2.0
 *
 * ServiceRequest, Task and Appointment: what is asked for, how far it is, and when it
 * will be.
 */
#include <string.h>

#include "fhir-units.h"

typedef struct {
  const char *from, *to;
} Pair;

static const char *
look_up(const Pair *pairs, gsize n, const char *from)
{
  for (gsize i = 0; from && i < n; i++)
    if (strcmp(pairs[i].from, from) == 0)
      return pairs[i].to;
  return NULL;
}

/* The exam in words, with the part of the body where the words do not name it. */
static char *
order_words(Json *order)
{
  const char *words = concept_words(json_get(order, "code"));
  const char *site = concept_words(json_item(json_get(order, "bodySite"), 0));
  if (!words || !site)
    return g_strdup(words ? words : site);
  return text_holds(words, site) ? g_strdup(words) : g_strconcat(words, " ", site, NULL);
}

/* Only what codes it: a DICOM modality among the codings. */
static const char *
order_modality(Json *order)
{
  static const char dcm[] = "http://dicom.nema.org/resources/ontology/DCM";
  Json *details = json_get(order, "orderDetail");
  const char *found = code_modality(concept_code(json_get(order, "code"), dcm));
  for (gsize i = 0; !found && i < json_count(details); i++)
    found = code_modality(concept_code(json_item(details, i), dcm));
  return found;
}

void
unit_order(const Resource *r)
{
  static const Pair statuses[] = {{"active", "ordered"},
                                  {"on-hold", "ordered"},
                                  {"completed", "completed"},
                                  {"revoked", "cancelled"},
                                  {"entered-in-error", "cancelled"},
                                  {"ended", "discontinued"}};
  static const char *const intents[] = {"proposal", "plan", "directive", "option"};
  static const char *const authored[] = {"authoredOn", NULL};
  static const char *const times[] = {"occurrenceDateTime", "occurrencePeriod", "occurrenceTiming",
                                      NULL};
  Unit *u = r->unit;
  const char *status = json_text_at(r->json, "status"), *intent = json_text_at(r->json, "intent");
  const char *mapped = look_up(statuses, G_N_ELEMENTS(statuses), status);
  if (mapped && strcmp(mapped, "ordered") == 0)
    unit_known(r, authored);
  else
    unit_known_latest(r, authored);
  if (!unit_subject(r, subject_of(r->json)))
    return;
  for (gsize i = 0; intent && i < G_N_ELEMENTS(intents); i++)
    if (strcmp(intent, intents[i]) == 0) {
      unit_note(u, "its intent is \"%s\": it recommends, but orders nothing", intent);
      return;
    }
  if (g_strcmp0(status, "draft") == 0) {
    unit_note(u, "it is a draft: nothing is ordered yet");
    return;
  }
  if (!mapped)
    unit_note(u, "its status is \"%.40s\": it was taken as ordered", status ? status : "");
  g_autofree char *description = order_words(r->json);
  g_autofree char *requested = value_first_datetime(r->json, authored);
  g_autofree char *scheduled = value_first_datetime(r->json, times);
  Record *rec = unit_add(u, "interval.order/1");
  record_str(u, rec, "accession", accession_of(json_get(r->json, "identifier")), 256);
  record_numbers(r, rec, "order-number", r->json);
  record_str(u, rec, "status", mapped ? mapped : "ordered", 16);
  record_str(u, rec, "code", concept_code(json_get(r->json, "code"), NULL), 1024);
  record_str(u, rec, "description", description, 1024);
  record_str(u, rec, "modality", order_modality(r->json), 8);
  record_str(u, rec, "requested", requested, 32);
  record_str(u, rec, "scheduled", scheduled, 32);
}

/* ---- Task -------------------------------------------------------------------------------- */

/* Somebody works on the order: its own status, not that of a reminder or a call about it. */
static gboolean
is_fulfilment(const Resource *r)
{
  Json *code = json_get(r->json, "code");
  return !code || concept_has(code, "fulfill");
}

void
unit_task(const Resource *r)
{
  static const Pair statuses[] = {
      {"requested", "ordered"},   {"received", "ordered"},          {"accepted", "ordered"},
      {"ready", "ordered"},       {"on-hold", "ordered"},           {"in-progress", "in-progress"},
      {"completed", "completed"}, {"cancelled", "cancelled"},       {"rejected", "cancelled"},
      {"failed", "discontinued"}, {"entered-in-error", "cancelled"}};
  static const char *const authored[] = {"authoredOn", NULL};
  static const char *const times[] = {"executionPeriod", NULL};
  Unit *u = r->unit;
  Json *focus = json_get(r->json, "focus");
  focus = focus ? focus : json_item(json_get(r->json, "basedOn"), 0);
  const char *said = json_text_at(r->json, "status");
  const char *status = look_up(statuses, G_N_ELEMENTS(statuses), said);
  g_autoptr(Json) order = resource_resolve(r, focus, NULL);
  g_autofree char *type = NULL;
  if (g_strcmp0(reference_type(r, focus, &type), "ServiceRequest") != 0 || !is_fulfilment(r)) {
    u->empty = TRUE;
    return;
  }
  unit_known_latest(r, authored);
  Json *patient = json_get(r->json, "for") ? json_get(r->json, "for") : subject_of(order);
  if (!unit_subject(r, patient))
    return;
  if (!status) {
    unit_note(u, "its status is \"%.40s\": it says nothing of the order", said ? said : "");
    return;
  }
  g_autofree char *description = order_words(order);
  g_autofree char *when = value_first_datetime(r->json, times);
  const gboolean ahead = when && strcmp(status, "ordered") == 0 && g_strcmp0(said, "on-hold") != 0;
  Record *rec = unit_add(u, "interval.order/1");
  record_str(u, rec, "accession", accession_of(json_get(order, "identifier")), 256);
  record_referred_numbers(r, rec, "order-number", focus);
  record_str(u, rec, "status", ahead ? "scheduled" : status, 16);
  record_str(u, rec, "code", concept_code(json_get(order, "code"), NULL), 1024);
  record_str(u, rec, "description", description, 1024);
  record_str(u, rec, "modality", order_modality(order), 8);
  record_str(u, rec, "scheduled", when, 32);
}

/* ---- Appointment ------------------------------------------------------------------------- */

/* R5 subject, else the participant that is a Patient. */
static Json *
appointment_patient(const Resource *r)
{
  Json *participants = json_get(r->json, "participant");
  if (json_get(r->json, "subject"))
    return json_get(r->json, "subject");
  for (gsize i = 0; i < MIN(json_count(participants), 64); i++) {
    Json *actor = json_get(json_item(participants, i), "actor");
    g_autofree char *owned = NULL;
    if (g_strcmp0(reference_type(r, actor, &owned), "Patient") == 0)
      return actor;
  }
  return NULL;
}

/* What the order asks for; else what the appointment says of itself. */
static char *
appointment_words(const Resource *r, Json *order)
{
  Json *services = json_get(r->json, "serviceType");
  char *ordered = order_words(order);
  if (ordered)
    return ordered;
  g_autoptr(GString) out = g_string_new(json_text_at(r->json, "description"));
  for (gsize i = 0; i < MIN(json_count(services), 8); i++) {
    const char *words = concept_words(json_item(services, i));
    if (words && !text_holds(out->str, words))
      g_string_append_printf(out, "%s%s", out->len ? " + " : "", words);
  }
  return out->len ? g_strdup(out->str) : NULL;
}

void
unit_appointment(const Resource *r)
{
  static const Pair statuses[] = {{"booked", "booked"},       {"arrived", "arrived"},
                                  {"checked-in", "arrived"},  {"fulfilled", "completed"},
                                  {"cancelled", "cancelled"}, {"entered-in-error", "cancelled"},
                                  {"waitlist", "cancelled"},  {"noshow", "no-show"}};
  static const char *const created[] = {"created", NULL};
  static const char *const times[] = {"start", "requestedPeriod", NULL};
  Unit *u = r->unit;
  Json *orders = json_get(r->json, "basedOn");
  const char *status = look_up(statuses, G_N_ELEMENTS(statuses), json_text_at(r->json, "status"));
  unit_known_latest(r, created);
  if (!u->known)
    unit_note(u, "it does not say since when it is known");
  if (!unit_subject(r, appointment_patient(r)))
    return;
  if (!status) {
    const char *said = json_text_at(r->json, "status");
    unit_note(u, "its status is \"%.40s\": no slot is firm yet", said ? said : "");
    return;
  }
  g_autoptr(Json) order = resource_resolve(r, json_item(orders, 0), NULL);
  g_autofree char *start = value_first_datetime(r->json, times);
  g_autofree char *words = appointment_words(r, order);
  Json *coded = order ? json_get(order, "code") : json_item(json_get(r->json, "serviceType"), 0);
  Record *rec = unit_add(u, "interval.appointment/1");
  record_numbers(r, rec, "number", r->json);
  for (gsize i = 0; i < MIN(json_count(orders), 8); i++)
    record_referred_numbers(r, rec, "number", json_item(orders, i));
  record_str(u, rec, "accession", accession_of(json_get(order, "identifier")), 256);
  record_str(u, rec, "status", status, 16);
  record_str(u, rec, "start", start, 32);
  if (!start && strcmp(status, "booked") == 0)
    unit_note(u, "it is booked, but names no time");
  record_str(u, rec, "code", concept_code(coded, NULL), 1024);
  record_str(u, rec, "description", words, 1024);
  record_str(u, rec, "modality", order_modality(order), 8);
}
