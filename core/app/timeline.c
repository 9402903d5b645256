/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/app-private.h"
#include "app/exams.h"
#include "app/images.h"
#include "app/reading.h"

typedef struct {
  ItvMoment at;
  char *key; /* breaks ties the same way every time */
  json_object *event;
} Event;

static void
clear_event(gpointer data)
{
  Event *e = data;
  g_free(e->key);
  json_object_put(e->event);
}

static int
by_time(gconstpointer a, gconstpointer b)
{
  const Event *x = a, *y = b;
  const int order = itv_moment_compare(x->at, y->at);
  return order ? order : strcmp(x->key, y->key);
}

static json_object *
add_event(GArray *events, ItvMoment at, const char *type, const char *key, const char *text)
{
  Event e = {at, g_strdup_printf("%s %s", type, key ? key : ""), json_object_new_object()};
  g_autofree char *when = itv_moment_format(at);
  itv_json_add_string(e.event, "at", when);
  itv_json_add_string(e.event, "type", type);
  itv_json_add_string(e.event, "text", text);
  g_array_append_val(events, e);
  return e.event;
}

static void
add_exams(GArray *events, const GPtrArray *exams, guint person)
{
  for (guint i = 0; i < exams->len; i++) {
    const ItvAppExam *x = exams->pdata[i];
    if (x->person != person)
      continue;
    json_object *o = add_event(events, x->performed, "exam",
                               x->study_uid ? x->study_uid : x->accession, x->description);
    itv_json_add_string(o, "study", x->study_uid);
    itv_json_add_string(o, "accession", x->accession);
    itv_json_add_string(o, "modality", itv_modality_code(x->exam.main_modality));
    itv_json_add_string(o, "region", itv_region_code(x->exam.main_region));
    itv_json_add_string(o, "laterality", itv_laterality_code(x->exam.laterality));
    itv_json_add_int(o, "images", x->n_images);
  }
}

/* What was an exam until whoever told of it took it back. */
static void
add_taken_back(GArray *events, const ItvHistory *h, guint person, ItvDate as_of)
{
  for (guint i = 0; i < h->studies->len; i++) {
    const ItvStudy *s = &g_array_index(h->studies, ItvStudy, i);
    if (s->ev.known.date > as_of || itv_study_stands(s, as_of) ||
        itv_derive_person(h, s->ev.patient, as_of) != person)
      continue;
    json_object *o = add_event(events, s->until, "taken back", s->study_uid, s->description);
    itv_json_add_string(o, "study", s->study_uid);
    itv_json_add_string(o, "note",
                        "its images were rejected, or it was entered in error: it does not count");
    itv_json_add_int(o, "images", s->n_images);
  }
}

static void
add_reports(GArray *events, const ItvHistory *h, guint person, ItvDate as_of)
{
  for (guint i = 0; i < h->reports->len; i++) {
    const ItvReport *r = &g_array_index(h->reports, ItvReport, i);
    if (itv_derive_holder(h, &r->ev, as_of) != person || r->ev.known.date > as_of)
      continue;
    const char status[2] = {r->status, 0};
    json_object *o = add_event(events, r->ev.known, "report", r->ev.uid, r->description);
    itv_json_add_string(o, "accession", r->accession);
    itv_json_add_string(o, "status", status);
    itv_json_add_string(o, "reader", r->reader);
    itv_json_add_int(o, "recommendations", r->recommendations->len);
  }
}

/* What somebody told of the patient, or of one item. */
static void
add_facts(GArray *events, const ItvHistory *h, guint person, ItvDate as_of)
{
  for (guint i = 0; i < h->facts->len; i++) {
    const ItvFact *f = &g_array_index(h->facts, ItvFact, i);
    if (itv_derive_holder(h, &f->ev, as_of) != person || f->ev.known.date > as_of)
      continue;
    g_autofree char *text = g_strdup_printf("%s is %s", f->name, f->value);
    g_autofree char *key = g_strjoin(" ", f->ev.uid, f->name, NULL);
    json_object *o = add_event(events, f->ev.known, "fact", key, text);
    itv_json_add_string(o, "by", f->by);
    itv_json_add_string(o, "item", f->item);
  }
}

static void
add_others(GArray *events, const ItvHistory *h, guint person, ItvDate as_of)
{
  for (guint i = 0; i < h->procedures->len; i++) {
    const ItvProcedure *p = &g_array_index(h->procedures, ItvProcedure, i);
    if (itv_derive_holder(h, &p->ev, as_of) == person && p->date <= as_of)
      itv_json_add_string(
          add_event(events, (ItvMoment){p->date, -1}, "procedure", p->ev.uid, p->protocol),
          "laterality", itv_laterality_code(p->laterality));
  }
  for (guint i = 0; i < h->appointments->len; i++) {
    static const char *const words[] = {"booked",  "rescheduled", "cancelled",
                                        "no-show", "arrived",     "completed"};
    const ItvAppointment *a = &g_array_index(h->appointments, ItvAppointment, i);
    if (itv_derive_holder(h, &a->ev, as_of) == person && a->ev.known.date <= as_of)
      itv_json_add_string(add_event(events, a->start, "appointment", a->ev.uid, a->description),
                          "status", words[a->status]);
  }
  static const char *const acts[] = {[ITV_DECISION_CLOSE] = "closed",
                                     [ITV_DECISION_REOPEN] = "reopened",
                                     [ITV_DECISION_SET_INTERVAL] = "interval set",
                                     [ITV_DECISION_CONDITION_MET] = "condition met",
                                     [ITV_DECISION_CONDITION_UNMET] = "condition not met",
                                     [ITV_DECISION_CONFIRM] = "exam confirmed",
                                     [ITV_DECISION_REJECT] = "exam rejected",
                                     [ITV_DECISION_NOTE] = "noted",
                                     [ITV_DECISION_ASSIGN] = "assigned",
                                     [ITV_DECISION_CONTACT] = "contacted",
                                     [ITV_DECISION_NEXT] = "planned"};
  for (guint i = 0; i < h->decisions->len; i++) {
    const ItvDecision *d = &g_array_index(h->decisions, ItvDecision, i);
    if (itv_derive_holder(h, &d->ev, as_of) != person || d->ev.known.date > as_of)
      continue;
    json_object *o = add_event(events, d->ev.known, "decision", d->ev.uid, d->ev.source);
    itv_json_add_string(o, "action", acts[d->kind]);
    itv_json_add_string(o, "reason", d->reason);
    itv_json_add_string(o, "item", d->item);
    itv_json_add_string(o, "note", d->note);
  }
  add_facts(events, h, person, as_of);
}

/* ---- what was measured on the exams --------------------------------------------------------- */

static void
add_measurement(GArray *events, const itv_record *r, const ItvAppExam *exam)
{
  const itv_field *value = itv_record_field(r, "value", 0);
  ItvMoment at = exam->performed;
  itv_moment_parse(itv_record_str(r, "date", ""), &at);
  const char *finding = itv_record_str(r, "finding", itv_record_str(r, "tracking-id", "finding"));
  const char *site = itv_record_str(r, "site", NULL);
  g_autofree char *text = g_strjoin(site ? ", " : "", finding, site ? site : "", NULL);
  g_autofree char *key = g_strjoin(" ", exam->study_uid, text, itv_record_str(r, "measure", ""),
                                   itv_record_str(r, "observer", ""), NULL);
  json_object *o = add_event(events, at, "measurement", key, text);
  itv_json_add_string(o, "measure", itv_record_str(r, "measure", ""));
  itv_json_add_double(o, "value", value ? value->v.f64 : 0);
  itv_json_add_string(o, "unit", value ? value->unit : NULL);
  itv_json_add_string(o, "observer", itv_record_str(r, "observer", NULL));
  itv_json_add_string(o, "study", exam->study_uid);
}

static gboolean
add_measurements(ItvApp *app, gint64 family, GArray *events, const GPtrArray *exams, guint person,
                 GError **error)
{
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < exams->len; i++) {
    const ItvAppExam *x = exams->pdata[i];
    if (x->person != person || !x->study_uid || x->n_images == 0)
      continue;
    g_autoptr(ItvRecords) measured = itv_records_new();
    g_autoptr(GPtrArray) series = itv_app_series_of(app, family, x->study_uid, error);
    if (!series || !itv_app_measurements(app, family, series, NULL, measured, notes, error))
      return FALSE;
    const itv_record *r = NULL;
    for (gsize k = 0; (r = itv_records_get(measured, k)); k++)
      add_measurement(events, r, x);
  }
  return TRUE;
}

/* ---- what the reports describe ----------------------------------------------------------------
 */

/* Another text of the same accession stands in its place, or it was cancelled. */
static gboolean
is_replaced(const ItvHistory *h, const ItvReport *r, ItvDate as_of)
{
  if (r->status == 'X')
    return TRUE;
  for (guint i = 0; r->accession && i < h->reports->len; i++) {
    const ItvReport *o = &g_array_index(h->reports, ItvReport, i);
    if (o == r || o->ev.patient != r->ev.patient || g_strcmp0(o->accession, r->accession) != 0 ||
        o->ev.known.date > as_of)
      continue;
    const int later = itv_moment_compare(o->ev.known, r->ev.known);
    if (later > 0 || (later == 0 && o > r))
      return TRUE;
  }
  return FALSE;
}

static void
add_finding(GArray *events, const ItvReport *r, json_object *finding, gsize n)
{
  g_autofree char *words = itv_app_finding_words(finding);
  g_autofree char *key = g_strdup_printf("%s %06zu", r->ev.uid, n);
  json_object *o = add_event(events, r->performed, "finding", key, words);
  itv_json_add_string(o, "accession", r->accession);
  itv_json_add(o, "finding", json_object_get(finding));
}

/* Of every report that counts on that day: a cancelled one or one that a later text
 * replaced describes nothing. */
static gboolean
add_findings(ItvApp *app, GArray *events, const ItvHistory *h, guint person, ItvDate as_of,
             GError **error)
{
  for (guint i = 0; i < h->reports->len; i++) {
    const ItvReport *r = &g_array_index(h->reports, ItvReport, i);
    g_autoptr(ItvRecords) records = NULL;
    if (itv_derive_person(h, r->ev.patient, as_of) != person || r->ev.known.date > as_of ||
        is_replaced(h, r, as_of))
      continue;
    if (!itv_reading_of_report(app, r->ev.uid, &records, error))
      return FALSE;
    g_autoptr(json_object) list = records ? itv_reading_findings(records, r->text) : NULL;
    for (gsize k = 0; list && k < json_object_array_length(list); k++)
      add_finding(events, r, json_object_array_get_idx(list, k), k);
  }
  return TRUE;
}

json_object *
itv_app_timeline(ItvApp *app, const char *patient, ItvDate as_of, GError **error)
{
  gint64 family = 0;
  const ItvDate day = as_of == ITV_DATE_NONE ? itv_date_today() : as_of;
  if (!itv_app_family_of_patient(app, patient, &family, error))
    return NULL;
  g_autoptr(ItvHistory) h = itv_app_history(app, family, error);
  if (!h)
    return NULL;
  guint person = 0;
  if (!itv_app_person_asked(h, patient, day, &person, error))
    return NULL;
  g_autoptr(GPtrArray) exams = itv_app_exams(h, day);
  g_autoptr(GPtrArray) items = itv_derive(h, &app->rules, day);
  g_autoptr(GArray) events = g_array_new(FALSE, TRUE, sizeof(Event));
  g_array_set_clear_func(events, clear_event);
  add_exams(events, exams, person);
  add_taken_back(events, h, person, day);
  add_reports(events, h, person, day);
  add_others(events, h, person, day);
  if (!add_findings(app, events, h, person, day, error) ||
      !add_measurements(app, family, events, exams, person, error))
    return NULL;
  g_array_sort(events, by_time);
  json_object *list = json_object_new_array();
  for (guint i = 0; i < events->len; i++)
    json_object_array_add(list, json_object_get(g_array_index(events, Event, i).event));
  json_object *followups = json_object_new_array();
  for (guint i = 0; i < items->len; i++) {
    const ItvFollowup *f = items->pdata[i];
    if (f->patient == person)
      json_object_array_add(followups, itv_app_followup_json(h, f, day));
  }
  json_object *o = json_object_new_object();
  itv_json_add(o, "patient", itv_app_patient_json(h, person, day));
  itv_json_add(o, "events", list);
  itv_json_add(o, "followups", followups);
  return o;
}
