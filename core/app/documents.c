/* SPDX-License-Identifier: Apache-2.0 */
#include "app/documents.h"

#include <string.h>

void
itv_app_json_add_date(json_object *o, const char *key, ItvDate date)
{
  g_autofree char *text = itv_date_format(date);
  itv_json_add_string(o, key, text);
}

json_object *
itv_app_modalities_json(ItvModalitySet set)
{
  json_object *codes = json_object_new_array();
  for (int m = 1; m < ITV_MODALITY_N; m++)
    if (set & ITV_MODALITY_BIT(m))
      json_object_array_add(codes, json_object_new_string(itv_modality_code((ItvModality)m)));
  return codes;
}

/* Name and birth date as the latest message about that person gives them. */
json_object *
itv_app_patient_json(const ItvHistory *h, guint patient, ItvDate as_of)
{
  const ItvPatientId *id = &g_array_index(h->ids, ItvPatientId, patient);
  const ItvPerson *name = NULL, *birth = NULL;
  for (guint i = 0; i < h->persons->len; i++) {
    const ItvPerson *p = &g_array_index(h->persons, ItvPerson, i);
    if (p->ev.patient != patient || (p->ev.known.date > as_of && as_of != ITV_DATE_NONE))
      continue;
    /* The uid decides between two messages of one second, whichever came first. */
    if (p->name && (!name || itv_moment_compare(p->ev.known, name->ev.known) > 0 ||
                    (itv_moment_compare(p->ev.known, name->ev.known) == 0 &&
                     strcmp(p->ev.uid, name->ev.uid) > 0)))
      name = p;
    if (p->birth_date != ITV_DATE_NONE &&
        (!birth || itv_moment_compare(p->ev.known, birth->ev.known) > 0 ||
         (itv_moment_compare(p->ev.known, birth->ev.known) == 0 &&
          strcmp(p->ev.uid, birth->ev.uid) > 0)))
      birth = p;
  }
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "id", id->id);
  itv_json_add_string(o, "issuer", id->issuer);
  itv_json_add_string(o, "name", name ? name->name : NULL);
  itv_app_json_add_date(o, "birth_date", birth ? birth->birth_date : ITV_DATE_NONE);
  return o;
}

static json_object *
interval_json(const ItvFollowup *f)
{
  if (!f->has_interval)
    return NULL;
  g_autofree char *earliest = itv_period_format(f->earliest);
  g_autofree char *latest = f->open_end ? NULL : itv_period_format(f->latest);
  json_object *pair = json_object_new_array();
  json_object_array_add(pair, json_object_new_string(earliest));
  json_object_array_add(pair, latest ? json_object_new_string(latest) : NULL);
  return pair;
}

static json_object *
candidate_json(const ItvCandidate *c)
{
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "study", c->study_uid);
  itv_json_add_string(o, "accession", c->accession);
  itv_app_json_add_date(o, "date", c->date);
  itv_json_add_string(o, "modality", itv_modality_code(c->modality));
  itv_json_add_string(o, "region", itv_region_code(c->region));
  itv_json_add_string(o, "why", c->why);
  itv_json_add_double(o, "score", c->score);
  json_object *reasons = json_object_new_array();
  itv_json_append_strings(reasons, c->reasons);
  itv_json_add(o, "reasons", reasons);
  return o;
}

static json_object *
fulfilled_json(const ItvFollowup *f)
{
  if (!f->is_fulfilled)
    return NULL;
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "study", f->fulfilled_by.study_uid);
  itv_json_add_string(o, "accession", f->fulfilled_by.accession);
  itv_app_json_add_date(o, "date", f->fulfilled_by.date);
  return o;
}

static json_object *
evidence_json(const ItvFollowup *f)
{
  if (!f->report_uid)
    return NULL;
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "report", f->report_accession ? f->report_accession : f->report_uid);
  itv_json_add_int(o, "start", f->start);
  itv_json_add_int(o, "end", f->end);
  itv_json_add_string(o, "text", f->evidence_text);
  return o;
}

static json_object *
contacts_json(const ItvFollowup *f)
{
  json_object *list = json_object_new_array();
  for (guint i = 0; i < f->contacts->len; i++) {
    const ItvContact *c = &g_array_index(f->contacts, ItvContact, i);
    json_object *o = json_object_new_object();
    g_autofree char *at = itv_moment_format(c->at);
    itv_json_add_string(o, "at", at);
    itv_json_add_string(o, "by", c->by);
    itv_json_add_string(o, "whom", itv_whom_code(c->whom));
    itv_json_add_string(o, "how", itv_how_code(c->how));
    itv_json_add_string(o, "outcome", itv_contact_outcome_code(c->outcome));
    itv_json_add_string(o, "note", c->note);
    json_object_array_add(list, o);
  }
  return list;
}

static json_object *
plan_json(const ItvFollowup *f)
{
  if (!f->next)
    return NULL;
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "what", f->next);
  itv_app_json_add_date(o, "on", f->next_on);
  return o;
}

static void
add_dates(json_object *o, const ItvFollowup *f)
{
  g_autofree char *repeat = f->repeats ? itv_period_format(f->repeat) : NULL;
  itv_app_json_add_date(o, "recommended_on", f->recommended_on);
  itv_json_add(o, "interval", interval_json(f));
  itv_json_add_string(o, "repeat", repeat);
  itv_app_json_add_date(o, "due_from", f->due_from);
  itv_app_json_add_date(o, "due_until", f->due_until);
  itv_app_json_add_date(o, "overdue_after", f->overdue_after);
  itv_json_add_int(o, "days_overdue", f->days_overdue);
}

/* Of a guideline: never the radiologist's words. */
static json_object *
proposal_json(const ItvProposal *p)
{
  json_object *o = json_object_new_object();
  json_object *interval = NULL;
  g_autofree char *earliest = itv_period_format(p->earliest);
  g_autofree char *latest = itv_period_format(p->latest);
  g_autofree char *repeat = p->repeats ? itv_period_format(p->repeat) : NULL;
  if (p->has_interval) {
    interval = json_object_new_array();
    json_object_array_add(interval, json_object_new_string(earliest));
    json_object_array_add(interval, json_object_new_string(latest));
  }
  itv_json_add(o, "interval", interval);
  itv_json_add_string(o, "repeat", repeat);
  itv_json_add(o, "times", p->times ? json_object_new_int((int)p->times) : NULL);
  itv_json_add_string(o, "text", p->words);
  itv_json_add_string(o, "strength", p->consider ? "consider" : "recommend");
  itv_json_add_string(o, "guideline", p->guideline);
  itv_json_add_string(o, "title", p->title);
  itv_json_add_string(o, "version", p->version);
  itv_json_add_string(o, "rule", p->rule);
  itv_json_add_string(o, "end", p->end);
  itv_json_add_string(o, "source", p->source);
  itv_json_add_string(o, "where", p->where);
  itv_json_add_int(o, "year", p->year);
  itv_json_add_string(o, "mark", p->unsure ? "CHECK" : NULL);
  itv_json_add_string(o, "sign_off", p->signed_off ? "given" : "required");
  itv_json_add_bool(o, "definite", p->definite);
  itv_json_add(o, "facts", itv_json_strings(p->facts));
  itv_json_add(o, "assumed", itv_json_strings(p->assumed));
  return o;
}

static json_object *
questions_json(const GPtrArray *questions)
{
  json_object *list = json_object_new_array();
  for (guint i = 0; i < questions->len; i++) {
    const ItvQuestion *q = questions->pdata[i];
    json_object *o = json_object_new_object();
    json_object *values = json_object_new_array();
    for (guint k = 0; q->values && q->values[k]; k++)
      json_object_array_add(values, json_object_new_string(q->values[k]));
    itv_json_add_string(o, "fact", q->fact);
    itv_json_add_string(o, "question", q->text);
    itv_json_add(o, "values", values);
    itv_json_add_string(o, "unit", q->unit);
    itv_json_add_string(o, "of", q->of_patient ? "patient" : "item");
    json_object_array_add(list, o);
  }
  return list;
}

static json_object *
regions_json(ItvRegionSet set)
{
  json_object *list = json_object_new_array();
  for (int r = 1; r < ITV_REGION_N; r++)
    if (set & ITV_REGION_BIT(r))
      json_object_array_add(list, json_object_new_string(itv_region_code((ItvRegion)r)));
  return list;
}

json_object *
itv_app_followup_json(const ItvHistory *h, const ItvFollowup *f, ItvDate as_of)
{
  json_object *o = json_object_new_object();
  json_object *candidates = json_object_new_array();
  json_object *notes = json_object_new_array();
  for (guint i = 0; i < f->candidates->len; i++)
    json_object_array_add(candidates,
                          candidate_json(&g_array_index(f->candidates, ItvCandidate, i)));
  itv_json_append_strings(notes, f->notes);
  itv_json_add_string(o, "id", f->id);
  itv_json_add(o, "patient", itv_app_patient_json(h, f->patient, as_of));
  itv_json_add_string(o, "status", itv_status_code(f->status));
  itv_json_add_string(o, "reason", itv_close_reason_code(f->reason));
  itv_json_add_string(o, "kind", itv_action_kind_code(f->kind));
  itv_json_add(o, "modality", itv_app_modalities_json(f->modalities));
  itv_json_add_string(o, "region", itv_region_code(f->region));
  itv_json_add(o, "also", regions_json(f->also));
  itv_json_add_string(o, "laterality", itv_laterality_code(f->laterality));
  itv_json_add_string(o, "finding", f->finding);
  itv_json_add_string(o, "source", itv_item_source_code(f->source));
  itv_json_add_string(o, "protocol", f->protocol);
  itv_json_add_string(o, "visit", f->visit);
  add_dates(o, f);
  itv_json_add_bool(o, "conditional", f->conditional);
  itv_json_add_string(o, "condition", f->condition);
  itv_json_add_string(o, "strength", f->consider ? "consider" : "recommend");
  itv_json_add_string(o, "guideline", f->guideline);
  itv_json_add(o, "proposed_interval",
               f->proposal && !f->disagrees ? proposal_json(f->proposal) : NULL);
  itv_json_add(o, "disagreement", f->disagrees ? proposal_json(f->proposal) : NULL);
  itv_json_add(o, "questions", questions_json(f->questions));
  itv_json_add(o, "evidence", evidence_json(f));
  itv_app_json_add_date(o, "scheduled_for", f->scheduled_for);
  itv_json_add(o, "fulfilled_by", fulfilled_json(f));
  itv_app_json_add_date(o, "closed_on", f->closed_on);
  itv_json_add(o, "candidates", candidates);
  itv_json_add(o, "notes", notes);
  itv_json_add_string(o, "owner", f->owner);
  itv_json_add(o, "contacts", contacts_json(f));
  itv_json_add(o, "plan", plan_json(f));
  return o;
}

/* The cached document was made on an earlier day of the same state. */
void
itv_app_set_days_overdue(json_object *o, ItvDate as_of)
{
  ItvDate after = ITV_DATE_NONE;
  const char *text = itv_json_get_string(o, "overdue_after");
  if (g_strcmp0(itv_json_get_string(o, "status"), "overdue") == 0 && text &&
      itv_date_parse(text, &after))
    itv_json_add_int(o, "days_overdue", as_of - after);
}
