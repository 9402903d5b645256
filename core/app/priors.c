/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/app-private.h"
#include "app/exams.h"
#include "base/error.h"
#include "engine/priors.h"

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
