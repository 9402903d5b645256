/* SPDX-License-Identifier: Apache-2.0 */
#include "model/history.h"

#include <string.h>

static void
clear_evidence(ItvEvidence *ev)
{
  g_free(ev->uid);
  g_free(ev->source);
  g_strfreev(ev->visits);
}

static void
clear_id(gpointer data)
{
  ItvPatientId *id = data;
  g_free(id->id);
  g_free(id->issuer);
}

static void
clear_person(gpointer data)
{
  ItvPerson *p = data;
  clear_evidence(&p->ev);
  g_free(p->name);
  g_free(p->sex);
}

static void
clear_link(gpointer data)
{
  ItvLink *l = data;
  clear_evidence(&l->ev);
  g_free(l->visit);
}

static void
clear_recommendation(gpointer data)
{
  ItvRecommendation *r = data;
  g_free(r->condition);
  g_free(r->finding);
  g_free(r->finding_head);
  g_free(r->guideline);
  g_free(r->rule);
}

static void
clear_statement(gpointer data)
{
  ItvStatement *s = data;
  g_free(s->finding);
  g_free(s->finding_head);
}

static void
clear_report(gpointer data)
{
  ItvReport *r = data;
  clear_evidence(&r->ev);
  g_free(r->accession);
  g_free(r->study_uid);
  g_clear_pointer(&r->documents, g_ptr_array_unref);
  g_free(r->code);
  g_free(r->description);
  g_free(r->reader);
  g_free(r->ordering);
  g_free(r->sender);
  g_free(r->text);
  g_clear_pointer(&r->recommendations, g_array_unref);
  g_clear_pointer(&r->statements, g_array_unref);
  g_clear_pointer(&r->findings, g_array_unref);
}

static void
clear_study(gpointer data)
{
  ItvStudy *s = data;
  clear_evidence(&s->ev);
  g_free(s->study_uid);
  g_free(s->accession);
  g_free(s->description);
}

static void
clear_order(gpointer data)
{
  ItvOrder *o = data;
  clear_evidence(&o->ev);
  g_free(o->accession);
  g_clear_pointer(&o->numbers, g_ptr_array_unref);
  g_free(o->code);
  g_free(o->description);
}

static void
clear_appointment(gpointer data)
{
  ItvAppointment *a = data;
  clear_evidence(&a->ev);
  g_clear_pointer(&a->numbers, g_ptr_array_unref);
  g_free(a->accession);
  g_free(a->description);
}

static void
clear_procedure(gpointer data)
{
  ItvProcedure *p = data;
  clear_evidence(&p->ev);
  g_free(p->protocol);
}

static void
clear_decision(gpointer data)
{
  ItvDecision *d = data;
  clear_evidence(&d->ev);
  g_free(d->item);
  g_free(d->reason);
  g_free(d->note);
  g_free(d->study);
  g_free(d->by);
  g_free(d->owner);
  g_free(d->next);
}

static void
clear_fact(gpointer data)
{
  ItvFact *f = data;
  clear_evidence(&f->ev);
  g_free(f->name);
  g_free(f->value);
  g_free(f->item);
  g_free(f->by);
}

static GArray *
array_of(gsize size, GDestroyNotify clear)
{
  GArray *array = g_array_new(FALSE, TRUE, (guint)size);
  g_array_set_clear_func(array, clear);
  return array;
}

ItvHistory *
itv_history_new(void)
{
  ItvHistory *h = g_new0(ItvHistory, 1);
  h->ids = array_of(sizeof(ItvPatientId), clear_id);
  h->persons = array_of(sizeof(ItvPerson), clear_person);
  h->links = array_of(sizeof(ItvLink), clear_link);
  h->reports = array_of(sizeof(ItvReport), clear_report);
  h->studies = array_of(sizeof(ItvStudy), clear_study);
  h->orders = array_of(sizeof(ItvOrder), clear_order);
  h->appointments = array_of(sizeof(ItvAppointment), clear_appointment);
  h->procedures = array_of(sizeof(ItvProcedure), clear_procedure);
  h->decisions = array_of(sizeof(ItvDecision), clear_decision);
  h->facts = array_of(sizeof(ItvFact), clear_fact);
  return h;
}

void
itv_history_free(ItvHistory *h)
{
  if (!h)
    return;
  g_array_unref(h->ids);
  g_array_unref(h->persons);
  g_array_unref(h->links);
  g_array_unref(h->reports);
  g_array_unref(h->studies);
  g_array_unref(h->orders);
  g_array_unref(h->appointments);
  g_array_unref(h->procedures);
  g_array_unref(h->decisions);
  g_array_unref(h->facts);
  g_free(h);
}

guint
itv_history_patient(ItvHistory *h, const char *id, const char *issuer)
{
  issuer = issuer ? issuer : "";
  for (guint i = 0; i < h->ids->len; i++) {
    const ItvPatientId *p = &g_array_index(h->ids, ItvPatientId, i);
    if (strcmp(p->id, id) == 0 && strcmp(p->issuer, issuer) == 0)
      return i;
  }
  const ItvPatientId added = {g_strdup(id), g_strdup(issuer)};
  g_array_append_val(h->ids, added);
  return h->ids->len - 1;
}

GArray *
itv_recommendations_new(void)
{
  return array_of(sizeof(ItvRecommendation), clear_recommendation);
}

GArray *
itv_statements_new(void)
{
  return array_of(sizeof(ItvStatement), clear_statement);
}

/* ---- codes of contacts ---------------------------------------------------------- */

static const char *const whom_codes[ITV_WHOM_N] = {NULL, "patient", "referrer", "other"};
static const char *const how_codes[ITV_HOW_N] = {NULL,  "phone",  "letter", "mail",
                                                 "sms", "portal", "fax",    "in-person"};
static const char *const outcome_codes[ITV_CONTACT_N] = {
    NULL,        "sent",         "reached",       "left-message",
    "no-answer", "wrong-number", "undeliverable", "refused"};

static guint
code_index(const char *const *codes, guint n, const char *code)
{
  for (guint i = 1; code && i < n; i++)
    if (strcmp(codes[i], code) == 0)
      return i;
  return 0;
}

const char *
itv_whom_code(ItvContactWhom whom)
{
  return whom_codes[whom];
}

ItvContactWhom
itv_whom_parse(const char *code)
{
  return (ItvContactWhom)code_index(whom_codes, ITV_WHOM_N, code);
}

const char *
itv_how_code(ItvContactHow how)
{
  return how_codes[how];
}

ItvContactHow
itv_how_parse(const char *code)
{
  return (ItvContactHow)code_index(how_codes, ITV_HOW_N, code);
}

const char *
itv_contact_outcome_code(ItvContactOutcome outcome)
{
  return outcome_codes[outcome];
}

ItvContactOutcome
itv_contact_outcome_parse(const char *code)
{
  return (ItvContactOutcome)code_index(outcome_codes, ITV_CONTACT_N, code);
}

static void
clear_finding(gpointer data)
{
  ItvFinding *f = data;
  g_free(f->head);
  g_free(f->density);
  g_free(f->stability);
}

GArray *
itv_findings_new(void)
{
  return array_of(sizeof(ItvFinding), clear_finding);
}
