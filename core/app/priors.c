/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/app-private.h"
#include "app/exams.h"
#include "base/error.h"
#include "engine/priors.h"

typedef struct {
  const ItvAppExam *exam;
  ItvPriorScore score;
  const char *role; /* "latest", "oldest" or NULL */
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

/* A relevant exam before this one. */
static gboolean
is_earlier(const Ranked *r, const ItvAppExam *current)
{
  return r->score.relevant && r->exam->performed.date != ITV_DATE_NONE &&
         itv_moment_compare(r->exam->performed, current->performed) < 0;
}

/* Against the latest prior one sees what is new, against the oldest what slowly
 * grows.  Pictures of the same kind are laid side by side; only where there are
 * none does another modality serve.  Where some have pictures here, one of those. */
static void
set_roles(GArray *ranked, const ItvAppExam *current)
{
  Ranked *latest = NULL, *oldest = NULL;
  guint best_class = 0;
  for (guint i = 0; i < ranked->len; i++) {
    Ranked *r = &g_array_index(ranked, Ranked, i);
    if (!is_earlier(r, current))
      continue;
    const guint class =
        1 + (r->exam->n_images > 0) + (r->exam->exam.modalities & current->exam.modalities ? 2 : 0);
    if (class < best_class)
      continue;
    if (class > best_class)
      latest = oldest = NULL;
    best_class = class;
    if (!latest || itv_moment_compare(r->exam->performed, latest->exam->performed) > 0)
      latest = r;
    if (!oldest || itv_moment_compare(r->exam->performed, oldest->exam->performed) < 0)
      oldest = r;
  }
  if (oldest && oldest != latest)
    oldest->role = "oldest";
  if (latest)
    latest->role = "latest";
}

static json_object *
prior_json(const Ranked *r)
{
  json_object *o = json_object_new_object();
  g_autofree char *date = itv_date_format(r->exam->performed.date);
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
  itv_json_add_string(o, "role", r->role);
  itv_json_add(o, "reasons", itv_json_strings(r->score.reasons));
  return o;
}

/* ---- two descriptions, without a database ------------------------------------------ */

static gboolean
read_description(ItvApp *app, const ItvPriorDescription *in, ItvPriorExam *ret_exam, GError **error)
{
  ItvDate date = ITV_DATE_NONE;
  ItvModality modality = itv_modality_parse(in->modality);
  if (in->date && !itv_date_parse(in->date, &date))
    return itv_fail(error, ITV_ERROR_USAGE, "\"%s\" is no date (expected YYYY-MM-DD)", in->date);
  if (in->modality && !modality)
    return itv_fail(error, ITV_ERROR_USAGE,
                    "\"%s\" is no modality (XR CT MR US MG NM PT DXA FL XA)", in->modality);
  *ret_exam = (ItvPriorExam){
      itv_exam_read(app->exams, in->description, in->code, modality, NULL, ITV_LATERALITY_NONE),
      date, in->description, in->code};
  return TRUE;
}

static json_object *
reading_json(ItvApp *app, const ItvPriorExam *exam)
{
  const ItvExamDetail detail =
      itv_exam_detail(app->exams, exam->description, exam->code, exam->exam.modalities);
  g_autoptr(GPtrArray) projections = detail.projections, protocols = detail.protocols;
  json_object *modalities = json_object_new_array(), *regions = json_object_new_array();
  for (int m = 1; m < ITV_MODALITY_N; m++)
    if (exam->exam.modalities & ITV_MODALITY_BIT(m))
      json_object_array_add(modalities, json_object_new_string(itv_modality_code((ItvModality)m)));
  for (int r = 1; r < ITV_REGION_N; r++)
    if (exam->exam.regions & ITV_REGION_BIT(r))
      json_object_array_add(regions, json_object_new_string(itv_region_code((ItvRegion)r)));
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "description", exam->description);
  itv_json_add_string(o, "code", exam->code);
  itv_json_add(o, "modality", modalities);
  itv_json_add(o, "region", regions);
  itv_json_add_string(o, "laterality", itv_laterality_code(exam->exam.laterality));
  itv_json_add_string(o, "contrast", itv_contrast_code(exam->exam.contrast));
  itv_json_add(o, "views", detail.views ? json_object_new_int((int)detail.views) : NULL);
  itv_json_add(o, "projections", itv_json_strings(projections));
  itv_json_add(o, "protocols", itv_json_strings(protocols));
  return o;
}

json_object *
itv_app_priors_pair(ItvApp *app, const ItvPriorDescription *current,
                    const ItvPriorDescription *prior, GError **error)
{
  ItvPriorExam now, then;
  if (!read_description(app, current, &now, error) || !read_description(app, prior, &then, error))
    return NULL;
  const ItvPriorScore score = itv_prior_score(app->exams, &now, &then);
  g_autoptr(GPtrArray) reasons = score.reasons;
  json_object *o = json_object_new_object();
  itv_json_add_bool(o, "relevant", score.relevant);
  itv_json_add_double(o, "score", score.score);
  itv_json_add(o, "reasons", itv_json_strings(reasons));
  itv_json_add(o, "current", reading_json(app, &now));
  itv_json_add(o, "prior", reading_json(app, &then));
  return o;
}

static GArray *
rank_priors(ItvApp *app, const GPtrArray *exams, const ItvAppExam *current)
{
  GArray *ranked = g_array_new(FALSE, TRUE, sizeof(Ranked));
  g_array_set_clear_func(ranked, clear_ranked);
  const ItvPriorExam now = {current->exam, current->performed.date, current->description,
                            current->code};
  for (guint i = 0; i < exams->len; i++) {
    const ItvAppExam *exam = exams->pdata[i];
    if (exam == current || exam->person != current->person)
      continue;
    const ItvPriorExam then = {exam->exam, exam->performed.date, exam->description, exam->code};
    const Ranked r = {exam, itv_prior_score(app->exams, &now, &then), NULL};
    g_array_append_val(ranked, r);
  }
  g_array_sort(ranked, by_score);
  set_roles(ranked, current);
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

/* One that is both the oldest and the latest bears the role "latest". */
static gboolean
is_oldest(const GArray *ranked, guint i)
{
  gboolean other = FALSE;
  for (guint k = 0; k < ranked->len; k++)
    other |= g_strcmp0(g_array_index(ranked, Ranked, k).role, "oldest") == 0;
  return g_strcmp0(g_array_index(ranked, Ranked, i).role, other ? "oldest" : "latest") == 0;
}

char *
itv_app_best_prior(ItvApp *app, const GPtrArray *exams, const ItvAppExam *current, gboolean oldest)
{
  g_autoptr(GArray) ranked = rank_priors(app, exams, current);
  for (guint i = 0; i < ranked->len; i++) {
    const Ranked *r = &g_array_index(ranked, Ranked, i);
    if (is_earlier(r, current) && r->exam->n_images > 0 && (!oldest || is_oldest(ranked, i)))
      return g_strdup(r->exam->study_uid);
  }
  return NULL;
}
