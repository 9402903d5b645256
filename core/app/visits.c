/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/visits.h"

#include "app/app-private.h"
#include "base/error.h"
#include "store/patient.h"

/* What is overdue is wanted within so many days. */
#define SOON_DAYS 14

typedef struct {
  ItvApp *app;
  const ItvVisitsQuery *query;
  ItvDate as_of, horizon;
  json_object *list;
} Plan;

static json_object *
exam_json(const ItvVisitExam *e)
{
  json_object *o = json_object_new_object(), *ids = json_object_new_array();
  itv_json_add_string(o, "modality", e->modality ? itv_modality_code(e->modality) : NULL);
  itv_json_add_string(o, "region", e->region ? itv_region_code(e->region) : NULL);
  itv_json_add_string(o, "laterality", itv_laterality_code(e->laterality));
  for (guint i = 0; i < e->items->len; i++)
    json_object_array_add(ids,
                          json_object_new_string(((const ItvFollowup *)e->items->pdata[i])->id));
  itv_json_add(o, "items", ids);
  return o;
}

static json_object *
visit_json(const Plan *p, const ItvHistory *h, const ItvPlannedVisit *v)
{
  json_object *o = json_object_new_object();
  json_object *items = json_object_new_array(), *exams = json_object_new_array();
  const ItvFollowup *first = v->items->pdata[0];
  for (guint i = 0; i < v->items->len; i++)
    json_object_array_add(items, itv_app_followup_json(h, v->items->pdata[i], p->as_of));
  for (guint i = 0; i < v->exams->len; i++)
    json_object_array_add(exams, exam_json(&g_array_index(v->exams, ItvVisitExam, i)));
  itv_json_add(o, "patient", itv_app_patient_json(h, first->patient, p->as_of));
  itv_app_json_add_date(o, "from", v->from);
  itv_app_json_add_date(o, "until", v->until);
  itv_json_add_bool(o, "booked", v->booked);
  itv_json_add(o, "exams", exams);
  itv_json_add(o, "items", items);
  return o;
}

/* Items of one person stand together in what derive() answers. */
static void
plan_person(Plan *p, const ItvHistory *h, const GPtrArray *items, guint from, guint to)
{
  g_autoptr(GPtrArray) own = g_ptr_array_new();
  for (guint i = from; i < to; i++)
    g_ptr_array_add(own, items->pdata[i]);
  g_autoptr(GPtrArray) visits =
      itv_visits_plan(p->app->rules.fulfilment, own, p->as_of, p->horizon, SOON_DAYS);
  for (guint i = 0; i < visits->len; i++) {
    const ItvPlannedVisit *v = visits->pdata[i];
    if (p->query->all || v->items->len > 1)
      json_object_array_add(p->list, visit_json(p, h, v));
  }
}

static gboolean
plan_family(Plan *p, gint64 family, GError **error)
{
  g_autoptr(ItvHistory) h = itv_app_history(p->app, family, error);
  guint person = 0;
  if (!h)
    return FALSE;
  if (p->query->patient && !itv_app_person_asked(h, p->query->patient, p->as_of, &person, error))
    return FALSE;
  g_autoptr(GPtrArray) items = itv_derive(h, &p->app->rules, p->as_of);
  for (guint from = 0, to = 0; from < items->len; from = to) {
    const guint patient = ((const ItvFollowup *)items->pdata[from])->patient;
    while (to < items->len && ((const ItvFollowup *)items->pdata[to])->patient == patient)
      to++;
    if (!p->query->patient || patient == person)
      plan_person(p, h, items, from, to);
  }
  return TRUE;
}

json_object *
itv_app_visits(ItvApp *app, const ItvVisitsQuery *query, GError **error)
{
  ItvPeriod within = {12, 0};
  gint64 family = 0;
  if (query->within && !itv_period_parse(query->within, &within))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is no ISO 8601 period (P6M, P1Y)", query->within),
           NULL;
  if (!itv_app_refresh(app, itv_date_today(), error) ||
      (query->patient && !itv_app_family_of_patient(app, query->patient, &family, error)))
    return NULL;
  g_autoptr(GArray) families = query->patient ? g_array_new(FALSE, FALSE, sizeof(gint64))
                                              : itv_patient_families_all(app->db, error);
  if (!families)
    return NULL;
  if (query->patient)
    g_array_append_val(families, family);
  g_autoptr(json_object) list = json_object_new_array();
  Plan p = {.app = app, .query = query, .list = list};
  p.as_of = query->as_of == ITV_DATE_NONE ? itv_date_today() : query->as_of;
  p.horizon = itv_date_add(p.as_of, within);
  for (guint i = 0; i < families->len; i++) {
    if (!plan_family(&p, g_array_index(families, gint64, i), error))
      return NULL;
    itv_app_say(app, "planning visits", i + 1, families->len);
  }
  return g_steal_pointer(&list);
}
