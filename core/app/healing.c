/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "app/healing.h"
#include "base/error.h"
#include "render/resample.h"

static void
clear_series(ItvHealingSeries *s)
{
  itv_history_free(s->history);
  g_clear_pointer(&s->exams, g_ptr_array_unref);
  itv_records_unref(s->measurements);
  g_clear_pointer(&s->results, g_ptr_array_unref);
  g_clear_pointer(&s->views, g_ptr_array_unref);
  g_clear_pointer(&s->notes, g_ptr_array_unref);
  g_clear_pointer(&s->pairs, g_ptr_array_unref);
  g_clear_pointer(&s->films, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ItvHealingSeries, clear_series)

/* ---- whose, and after what ------------------------------------------------------------------ */

/* `wanted`: protocol name, date or the beginning of the evidence uid. */
static gboolean
is_wanted(const ItvProcedure *p, const char *wanted)
{
  g_autofree char *date = itv_date_format(p->date);
  return !wanted || strcmp(p->protocol, wanted) == 0 || g_strcmp0(date, wanted) == 0 ||
         g_str_has_prefix(p->ev.uid, wanted);
}

static gboolean
find_procedure(ItvHealingSeries *s, const char *patient, const char *wanted, GError **error)
{
  for (guint i = 0; i < s->history->procedures->len; i++) {
    const ItvProcedure *p = &g_array_index(s->history->procedures, ItvProcedure, i);
    if (itv_derive_holder(s->history, &p->ev, itv_date_today()) == s->person &&
        is_wanted(p, wanted) && (!s->procedure || p->date > s->procedure->date))
      s->procedure = p;
  }
  if (!s->procedure)
    return itv_fail(error, ITV_ERROR_NOT_FOUND,
                    "no %sprocedure of %s is known; `interval procedure add` records one",
                    wanted ? "such " : "", patient);
  s->protocol = itv_protocols_find(s->app->protocols, s->procedure->protocol);
  if (!s->protocol)
    return itv_fail(error, ITV_ERROR_CONFIG, "no protocol %s in the configuration",
                    s->procedure->protocol);
  return TRUE;
}

/* Exams of the operated part, since the day of surgery. */
static gboolean
is_follow_up(const ItvHealingSeries *s, const ItvAppExam *x)
{
  const ItvLaterality side = s->procedure->laterality;
  return x->person == s->person && x->study_uid && x->n_images > 0 &&
         x->performed.date != ITV_DATE_NONE && x->performed.date >= s->procedure->date &&
         itv_fulfilment_covers(s->app->fulfilment, x->exam.regions, s->protocol->region,
                               x->exam.modalities) &&
         (side == ITV_LATERALITY_NONE || x->exam.laterality == ITV_LATERALITY_NONE ||
          x->exam.laterality == ITV_LATERALITY_BILATERAL || x->exam.laterality == side);
}

/* ---- measures from reports ----------------------------------------------------------------------
 */

static gboolean
collect_measurements(ItvHealingSeries *s, GError **error)
{
  for (guint i = 0; i < s->exams->len; i++) {
    const ItvAppExam *x = s->exams->pdata[i];
    if (!is_follow_up(s, x))
      continue;
    g_autoptr(GPtrArray) series = itv_app_series_of(s->app, s->family, x->study_uid, error);
    if (!series ||
        !itv_app_measurements(s->app, s->family, series, NULL, s->measurements, s->notes, error))
      return FALSE;
  }
  return TRUE;
}

static void
add_procedure_record(const ItvHealingSeries *s, ItvJob *job)
{
  g_autofree char *date = itv_date_format(s->procedure->date);
  g_autofree char *today = itv_date_format(itv_date_today());
  itv_field fields[4] = {ITV_STR("protocol", s->procedure->protocol), ITV_STR("date", date),
                         ITV_STR("as-of", today)};
  const char *side = itv_laterality_code(s->procedure->laterality);
  if (side)
    fields[3] = (itv_field)ITV_STR("laterality", side);
  itv_job_add_record(job, "interval.procedure/1", fields, side ? 4 : 3);
}

static void
add_expectation(ItvJob *job, const ItvHealingMeasure *m, const ItvExpectedPoint *p)
{
  itv_field f[8] = {ITV_STR("measure", m->measure), ITV_F64("score", p->score, m->unit)};
  gsize n = 2;
  const struct {
    const char *key, *unit;
    double value;
  } optional[] = {{"early-days", "d", p->early_days},
                  {"median-days", "d", p->median_days},
                  {"late-days", "d", p->late_days},
                  {"union-score", m->unit, m->union_score},
                  {"repeatability", m->unit, m->repeatability}};
  for (gsize k = 0; k < G_N_ELEMENTS(optional); k++)
    if (optional[k].value >= 0)
      f[n++] = (itv_field)ITV_F64(optional[k].key, optional[k].value, optional[k].unit);
  if (m->source)
    f[n++] = (itv_field)ITV_STR("source", m->source);
  itv_job_add_record(job, "interval.expectation/1", f, n);
}

static void
add_expectations(const ItvHealingSeries *s, ItvJob *job)
{
  for (guint i = 0; i < s->protocol->healing->len; i++) {
    const ItvHealingMeasure *m = &g_array_index(s->protocol->healing, ItvHealingMeasure, i);
    for (guint k = 0; k < m->expected->len; k++)
      add_expectation(job, m, &g_array_index(m->expected, ItvExpectedPoint, k));
    /* No curve is published: the plugin still has to know what counts as united. */
    const ItvExpectedPoint united = {m->union_score, -1, -1, -1};
    if (m->expected->len == 0 && m->union_score >= 0)
      add_expectation(job, m, &united);
  }
}

static void
add_result(ItvHealingSeries *s, ItvAppResult *result, const char *view)
{
  g_ptr_array_add(s->results, result);
  g_ptr_array_add(s->views, g_strdup(view));
}

static gboolean
evaluate_records(ItvHealingSeries *s, GError **error)
{
  g_autoptr(ItvJob) job = itv_job_new();
  add_procedure_record(s, job);
  itv_job_add_records(job, s->measurements);
  add_expectations(s, job);
  g_autofree char *subject = g_strdup_printf("records|%s", s->procedure->ev.uid);
  ItvAppResult *r = itv_app_result(s->app, ITV_KIND_HEALING, subject, job, error);
  if (r)
    add_result(s, r, NULL);
  return r != NULL;
}

/* ---- measures from the films themselves
 * ----------------------------------------------------------- */

static void
clear_film(gpointer data)
{
  itv_app_series_free(((ItvHealingFilm *)data)->film);
}

static void
free_pair(gpointer data)
{
  ItvHealingPair *p = data;
  itv_app_pair_free(p->pair);
  g_free(p);
}

static gboolean
same_view(const ItvHealingFilm *a, const ItvHealingFilm *b)
{
  return g_strcmp0(a->film->view, b->film->view) == 0;
}

/* Of each view only the latest film is shown; those before it are let go. */
static void
keep_pair(ItvHealingSeries *s, const ItvHealingFilm *first, const ItvHealingFilm *latest,
          ItvAppPair *pair)
{
  for (guint i = 0; i < s->pairs->len; i++)
    if (same_view(((ItvHealingPair *)s->pairs->pdata[i])->latest, latest)) {
      g_ptr_array_remove_index(s->pairs, i);
      break;
    }
  ItvHealingPair *p = g_new0(ItvHealingPair, 1);
  *p = (ItvHealingPair){first, latest, pair};
  g_ptr_array_add(s->pairs, p);
}

static gboolean
collect_films(ItvHealingSeries *s, GError **error)
{
  for (guint i = 0; i < s->exams->len; i++) {
    const ItvAppExam *x = s->exams->pdata[i];
    if (!is_follow_up(s, x) || !(x->exam.modalities & ITV_MODALITY_BIT(ITV_MODALITY_XR)))
      continue;
    g_autoptr(GPtrArray) series = itv_app_series_of(s->app, s->family, x->study_uid, error);
    if (!series)
      return FALSE;
    while (series->len > 0) {
      const ItvHealingFilm film = {x, g_ptr_array_steal_index(series, 0)};
      g_array_append_val(s->films, film);
    }
  }
  return TRUE;
}

/* The later film on the first one's grid; NULL when memory or shape forbids it. */
static ItvVolume *
on_baseline_grid(const ItvAppPair *pair)
{
  const itv_volume *fixed = itv_volume_view(pair->current_volume);
  const gsize n = (gsize)fixed->dim[0] * (gsize)fixed->dim[1] * (gsize)fixed->dim[2];
  g_autofree float *value = g_try_new(float, n);
  g_autofree guint8 *inside = g_try_malloc(n);
  if (!value || !inside ||
      !itv_resample_volume(fixed, itv_volume_view(pair->prior_volume), &pair->map, value, inside))
    return NULL;
  for (gsize i = 0; i < n; i++)
    if (!inside[i])
      value[i] = NAN; /* no data there */
  itv_volume shape = *fixed;
  shape.pixel = ITV_PIX_F32;
  shape.slope = 1;
  shape.intercept = 0;
  return itv_volume_new(&shape, value, NULL);
}

/* Why a film gave no point, beside the points of the others. */
static void
note_unmeasured(GPtrArray *notes, const ItvHealingFilm *film, const ItvAppResult *r)
{
  const itv_record *overall = itv_records_find(r->records, "interval.healing/1", 0);
  if (!overall || itv_records_find(r->records, "interval.healing-point/1", 0))
    return;
  g_autofree char *date = itv_date_format(film->exam->performed.date);
  g_ptr_array_add(notes, g_strdup_printf("Film of %s (%s): nothing was measured. %s", date,
                                         film->film->view ? film->film->view : "?",
                                         itv_record_str(overall, "reason", "")));
}

/* What grew between the two, which lie upon each other. */
static void
measure_film(ItvHealingSeries *s, const ItvHealingFilm *baseline, const ItvHealingFilm *film,
             const ItvAppPair *pair)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *date = itv_date_format(film->exam->performed.date);
  g_autoptr(ItvVolume) moved = on_baseline_grid(pair);
  if (!moved)
    return;
  g_autoptr(ItvJob) job = itv_job_new();
  add_procedure_record(s, job);
  itv_app_add_image_set(job, baseline->film, "baseline", NULL,
                        baseline->exam->performed.date - s->procedure->date);
  itv_app_add_image_set(job, film->film, "current", NULL,
                        film->exam->performed.date - s->procedure->date);
  itv_job_add_volume(job, pair->current_volume, "baseline");
  itv_job_add_volume(job, moved, "current");
  g_autofree char *subject = g_strjoin("|", "film", baseline->film->sop_uids->pdata[0],
                                       film->film->sop_uids->pdata[0], NULL);
  ItvAppResult *r = itv_app_result(s->app, ITV_KIND_HEALING, subject, job, &error);
  if (r) {
    note_unmeasured(s->notes, film, r);
    add_result(s, r, film->film->view);
  } else {
    g_ptr_array_add(s->notes, g_strdup_printf("Film of %s: %s", date, error->message));
  }
}

/* Lays one later film upon the first of its view. */
static void
evaluate_film(ItvHealingSeries *s, const ItvHealingFilm *baseline, const ItvHealingFilm *film)
{
  ItvAppPair *pair = itv_app_pair(s->app, baseline->film, film->film);
  g_autofree char *date = itv_date_format(film->exam->performed.date);
  if (pair->accepted)
    measure_film(s, baseline, film, pair);
  else
    g_ptr_array_add(s->notes, g_strdup_printf("Film of %s (%s): not laid upon the first film: %s",
                                              date, film->film->view ? film->film->view : "?",
                                              pair->refusal ? pair->refusal : "not comparable"));
  keep_pair(s, baseline, film, pair);
}

static gboolean
evaluate_films(ItvHealingSeries *s, GError **error)
{
  g_array_set_clear_func(s->films, clear_film);
  if (!collect_films(s, error))
    return FALSE;
  for (guint i = 0; i < s->films->len; i++) {
    const ItvHealingFilm *film = &g_array_index(s->films, ItvHealingFilm, i);
    const ItvHealingFilm *baseline = NULL;
    for (guint k = 0; k < i && !baseline; k++)
      if (same_view(&g_array_index(s->films, ItvHealingFilm, k), film))
        baseline = &g_array_index(s->films, ItvHealingFilm, k);
    if (baseline && baseline->exam != film->exam)
      evaluate_film(s, baseline, film);
    itv_app_say(s->app, "laying films upon each other", i + 1, s->films->len);
  }
  return TRUE;
}

/* ---- the document ---------------------------------------------------------------------- */

static int
by_day(gconstpointer a, gconstpointer b)
{
  const ItvHealingPoint *x = a, *y = b;
  const double dx = itv_record_f64(x->record, "days", 0), dy = itv_record_f64(y->record, "days", 0);
  if (dx != dy)
    return dx < dy ? -1 : 1;
  const int order =
      strcmp(itv_record_str(x->record, "measure", ""), itv_record_str(y->record, "measure", ""));
  return order ? order : g_strcmp0(x->view, y->view);
}

static GArray *
all_points(const ItvHealingSeries *s)
{
  GArray *points = g_array_new(FALSE, TRUE, sizeof(ItvHealingPoint));
  for (guint i = 0; i < s->results->len; i++) {
    const ItvAppResult *result = s->results->pdata[i];
    const itv_record *r = NULL;
    for (gsize k = 0; (r = itv_records_find(result->records, "interval.healing-point/1", k)); k++) {
      const ItvHealingPoint point = {r, s->views->pdata[i]};
      g_array_append_val(points, point);
    }
  }
  g_array_sort(points, by_day);
  return points;
}

static json_object *
range_json(const itv_record *r, const char *low, const char *high)
{
  const itv_field *a = itv_record_field(r, low, 0), *b = itv_record_field(r, high, 0);
  if (!a || !b)
    return NULL;
  json_object *pair = json_object_new_array();
  json_object_array_add(pair, json_object_new_double(a->v.f64));
  json_object_array_add(pair, json_object_new_double(b->v.f64));
  return pair;
}

static json_object *
measure_json(const ItvHealingPoint *p)
{
  const itv_record *r = p->record;
  json_object *m = json_object_new_object();
  const itv_field *value = itv_record_field(r, "value", 0);
  itv_json_add_string(m, "name", itv_record_str(r, "measure", ""));
  itv_json_add_double(m, "value", value ? value->v.f64 : NAN);
  itv_json_add_string(m, "unit", value ? value->unit : NULL);
  itv_json_add(m, "ci95", range_json(r, "ci-low", "ci-high"));
  itv_json_add(m, "expected", range_json(r, "expected-low", "expected-high"));
  itv_json_add_string(m, "verdict", itv_record_str(r, "verdict", ""));
  itv_json_add_string(m, "note", itv_record_str(r, "note", NULL));
  itv_json_add_string(m, "view", p->view);
  return m;
}

/* One point per exam; its verdict is that of the score where there is one. */
static json_object *
points_json(const GArray *points)
{
  json_object *list = json_object_new_array();
  json_object *point = NULL;
  const char *date = NULL;
  for (guint i = 0; i < points->len; i++) {
    const itv_record *r = g_array_index(points, ItvHealingPoint, i).record;
    if (g_strcmp0(date, itv_record_str(r, "date", "")) != 0) {
      date = itv_record_str(r, "date", "");
      point = json_object_new_object();
      itv_json_add_string(point, "date", date);
      itv_json_add_double(point, "days", itv_record_f64(r, "days", NAN));
      itv_json_add_string(point, "study", itv_record_str(r, "study-uid", NULL));
      itv_json_add(point, "measures", json_object_new_array());
      itv_json_add_string(point, "verdict", itv_record_str(r, "verdict", ""));
      json_object_array_add(list, point);
    }
    json_object_array_add(itv_json_get(point, "measures"),
                          measure_json(&g_array_index(points, ItvHealingPoint, i)));
    const char *measure = itv_record_str(r, "measure", "");
    if (strcmp(measure, "rust") == 0 || strcmp(measure, "mrust") == 0)
      itv_json_add_string(point, "verdict", itv_record_str(r, "verdict", ""));
  }
  return list;
}

/* Scores speak before films: films only where nobody scored anything. */
const itv_record *
itv_app_healing_overall(const ItvHealingSeries *s)
{
  const itv_record *verdict = NULL;
  for (guint i = 0; i < s->results->len; i++) {
    const ItvAppResult *result = s->results->pdata[i];
    const itv_record *r = itv_records_find(result->records, "interval.healing/1", 0);
    const gboolean measured =
        itv_records_find(result->records, "interval.healing-point/1", 0) != NULL;
    if (i == 0 && r && measured)
      return r;
    if (r && (measured || !verdict))
      verdict = r; /* of the latest film */
  }
  return verdict;
}

static json_object *
procedure_json(const ItvHealingSeries *s)
{
  json_object *o = json_object_new_object();
  g_autofree char *date = itv_date_format(s->procedure->date);
  g_autofree char *id = g_strndup(s->procedure->ev.uid, 12);
  itv_json_add_string(o, "id", id);
  itv_json_add_string(o, "protocol", s->procedure->protocol);
  itv_json_add_string(o, "title", s->protocol->title);
  itv_json_add_string(o, "date", date);
  itv_json_add_string(o, "laterality", itv_laterality_code(s->procedure->laterality));
  return o;
}

static json_object *
document(const ItvHealingSeries *s, const GArray *points, const GPtrArray *pictures)
{
  json_object *o = json_object_new_object();
  json_object *notes = json_object_new_array();
  json_object *paths = json_object_new_array();
  const itv_record *verdict = itv_app_healing_overall(s);
  itv_json_append_strings(notes, s->notes);
  itv_json_append_strings(paths, pictures);
  itv_json_add_string(o, "patient", g_array_index(s->history->ids, ItvPatientId, s->person).id);
  itv_json_add(o, "procedure", procedure_json(s));
  itv_json_add(o, "points", points_json(points));
  itv_json_add_string(o, "verdict",
                      verdict ? itv_record_str(verdict, "verdict", "") : "not-resolvable");
  itv_json_add_string(o, "reason",
                      verdict ? itv_record_str(verdict, "reason", "")
                              : "nothing was measured after this procedure");
  itv_json_add_string(o, "source", verdict ? itv_record_str(verdict, "source", NULL) : NULL);
  itv_json_add(o, "notes", notes);
  itv_json_add(o, "pictures", paths);
  return o;
}

json_object *
itv_app_healing(ItvApp *app, const char *patient, const char *procedure, const char *out_dir,
                GError **error)
{
  g_auto(ItvHealingSeries) s = {.app = app};
  s.measurements = itv_records_new();
  s.results = g_ptr_array_new_with_free_func((GDestroyNotify)itv_app_result_free);
  s.views = g_ptr_array_new_with_free_func(g_free);
  s.notes = g_ptr_array_new_with_free_func(g_free);
  s.films = g_array_new(FALSE, TRUE, sizeof(ItvHealingFilm));
  s.pairs = g_ptr_array_new_with_free_func(free_pair);
  if (!itv_app_family_of_patient(app, patient, &s.family, error) ||
      !(s.history = itv_app_history(app, s.family, error)) ||
      !itv_app_person_asked(s.history, patient, itv_date_today(), &s.person, error) ||
      !find_procedure(&s, patient, procedure, error))
    return NULL;
  s.exams = itv_app_exams(s.history, itv_date_today());
  if (!collect_measurements(&s, error) || !evaluate_records(&s, error) ||
      !evaluate_films(&s, error))
    return NULL;
  g_autoptr(GArray) points = all_points(&s);
  g_autoptr(GPtrArray) pictures = NULL;
  if (out_dir && !itv_app_healing_page(&s, points, out_dir, &pictures, error))
    return NULL;
  return document(&s, points, pictures);
}
