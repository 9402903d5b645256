/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/app-private.h"
#include "app/exams.h"
#include "base/error.h"
#include "engine/priors.h"

/* ---- priors --------------------------------------------------------------------------------- */

typedef struct {
  const ItvAppExam *exam;
  ItvPriorScore score;
} Ranked;

static void
clear_ranked(gpointer data)
{
  Ranked *r = data;
  g_ptr_array_unref(r->score.reasons);
}

/* Best first; the later one of equals, then by what never changes. */
static int
by_score(gconstpointer a, gconstpointer b)
{
  const Ranked *x = a, *y = b;
  if (x->score.relevant != y->score.relevant)
    return x->score.relevant ? -1 : 1;
  if (x->score.score != y->score.score)
    return x->score.score > y->score.score ? -1 : 1;
  if (x->exam->performed.date != y->exam->performed.date)
    return x->exam->performed.date > y->exam->performed.date ? -1 : 1;
  return g_strcmp0(x->exam->accession, y->exam->accession);
}

static json_object *
prior_json(const Ranked *r)
{
  json_object *o = json_object_new_object();
  json_object *reasons = json_object_new_array();
  g_autofree char *date = itv_date_format(r->exam->performed.date);
  for (guint i = 0; i < r->score.reasons->len; i++)
    json_object_array_add(reasons, json_object_new_string(r->score.reasons->pdata[i]));
  itv_json_add_string(o, "study", r->exam->study_uid);
  itv_json_add_string(o, "accession", r->exam->accession);
  itv_json_add_string(o, "date", date);
  itv_json_add_string(o, "modality", itv_modality_code(r->exam->exam.main_modality));
  itv_json_add_string(o, "region", itv_region_code(r->exam->exam.main_region));
  itv_json_add_string(o, "laterality", itv_laterality_code(r->exam->exam.laterality));
  itv_json_add_string(o, "description", r->exam->description);
  itv_json_add_double(o, "score", r->score.score);
  itv_json_add_bool(o, "relevant", r->score.relevant);
  itv_json_add_bool(o, "images", r->exam->n_images > 0);
  itv_json_add(o, "reasons", reasons);
  return o;
}

static GArray *
rank_priors(ItvApp *app, const GPtrArray *exams, const ItvAppExam *current)
{
  GArray *ranked = g_array_new(FALSE, TRUE, sizeof(Ranked));
  g_array_set_clear_func(ranked, clear_ranked);
  const ItvPriorExam now = {current->exam, current->performed.date, current->description};
  for (guint i = 0; i < exams->len; i++) {
    const ItvAppExam *exam = exams->pdata[i];
    if (exam == current || exam->person != current->person)
      continue;
    const ItvPriorExam then = {exam->exam, exam->performed.date, exam->description};
    const Ranked r = {exam, itv_prior_score(app->exams, &now, &then)};
    g_array_append_val(ranked, r);
  }
  g_array_sort(ranked, by_score);
  return ranked;
}

json_object *
itv_app_priors(ItvApp *app, const char *study, GError **error)
{
  gint64 family = 0;
  if (!itv_app_family_of_study(app, study, &family, error))
    return NULL;
  g_autoptr(ItvHistory) h = itv_app_history(app, family, error);
  if (!h)
    return NULL;
  g_autoptr(GPtrArray) exams = itv_app_exams(h, itv_date_today());
  const ItvAppExam *current = itv_app_exam_find(exams, study);
  if (!current)
    return itv_fail(error, ITV_ERROR_NOT_FOUND, "study %s is no imaging exam", study), NULL;
  g_autoptr(GArray) ranked = rank_priors(app, exams, current);
  json_object *list = json_object_new_array();
  for (guint i = 0; i < ranked->len; i++)
    json_object_array_add(list, prior_json(&g_array_index(ranked, Ranked, i)));
  return list;
}

char *
itv_app_best_prior(ItvApp *app, const GPtrArray *exams, const ItvAppExam *current)
{
  g_autoptr(GArray) ranked = rank_priors(app, exams, current);
  for (guint i = 0; i < ranked->len; i++) {
    const Ranked *r = &g_array_index(ranked, Ranked, i);
    if (r->score.relevant && r->exam->n_images > 0 &&
        itv_moment_compare(r->exam->performed, current->performed) < 0)
      return g_strdup(r->exam->study_uid);
  }
  return NULL;
}

/* ---- timeline ---------------------------------------------------------------------------------
 */

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

static void
add_reports(GArray *events, const ItvHistory *h, guint person, ItvDate as_of)
{
  for (guint i = 0; i < h->reports->len; i++) {
    const ItvReport *r = &g_array_index(h->reports, ItvReport, i);
    if (itv_derive_person(h, r->ev.patient, as_of) != person || r->ev.known.date > as_of)
      continue;
    const char status[2] = {r->status, 0};
    json_object *o = add_event(events, r->ev.known, "report", r->ev.uid, r->description);
    itv_json_add_string(o, "accession", r->accession);
    itv_json_add_string(o, "status", status);
    itv_json_add_string(o, "reader", r->reader);
    itv_json_add_int(o, "recommendations", r->recommendations->len);
  }
}

static void
add_others(GArray *events, const ItvHistory *h, guint person, ItvDate as_of)
{
  for (guint i = 0; i < h->procedures->len; i++) {
    const ItvProcedure *p = &g_array_index(h->procedures, ItvProcedure, i);
    if (itv_derive_person(h, p->ev.patient, as_of) == person && p->date <= as_of)
      itv_json_add_string(
          add_event(events, (ItvMoment){p->date, -1}, "procedure", p->ev.uid, p->protocol),
          "laterality", itv_laterality_code(p->laterality));
  }
  for (guint i = 0; i < h->appointments->len; i++) {
    static const char *const words[] = {"booked",  "rescheduled", "cancelled",
                                        "no-show", "arrived",     "completed"};
    const ItvAppointment *a = &g_array_index(h->appointments, ItvAppointment, i);
    if (itv_derive_person(h, a->ev.patient, as_of) == person && a->ev.known.date <= as_of)
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
                                     [ITV_DECISION_NOTE] = "noted"};
  for (guint i = 0; i < h->decisions->len; i++) {
    const ItvDecision *d = &g_array_index(h->decisions, ItvDecision, i);
    if (itv_derive_person(h, d->ev.patient, as_of) != person || d->ev.known.date > as_of)
      continue;
    json_object *o = add_event(events, d->ev.known, "decision", d->ev.uid, d->ev.source);
    itv_json_add_string(o, "action", acts[d->kind]);
    itv_json_add_string(o, "reason", d->reason);
    itv_json_add_string(o, "item", d->item);
    itv_json_add_string(o, "note", d->note);
  }
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
  add_reports(events, h, person, day);
  add_others(events, h, person, day);
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
