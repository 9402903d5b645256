/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "app/exams.h"
#include "app/pages.h"
#include "app/pair.h"
#include "base/error.h"

/* ---- documents ------------------------------------------------------------------------------ */

static json_object *
exam_json(const ItvAppExam *x)
{
  json_object *o = json_object_new_object();
  g_autofree char *date = itv_date_format(x->performed.date);
  itv_json_add_string(o, "study", x->study_uid);
  itv_json_add_string(o, "accession", x->accession);
  itv_json_add_string(o, "date", date);
  itv_json_add_string(o, "modality", itv_modality_code(x->exam.main_modality));
  itv_json_add_string(o, "region", itv_region_code(x->exam.main_region));
  itv_json_add_string(o, "description", x->description);
  return o;
}

static void
add_number(json_object *o, const char *key, const itv_record *r, const char *field)
{
  const itv_field *f = itv_record_field(r, field, 0);
  itv_json_add_double(o, key, f ? f->v.f64 : NAN);
}

static json_object *
change_json(const itv_record *r)
{
  json_object *o = json_object_new_object();
  const itv_field *any = itv_record_field(r, "current", 0);
  const itv_field *low = itv_record_field(r, "ci-low", 0),
                  *high = itv_record_field(r, "ci-high", 0);
  if (!any)
    any = itv_record_field(r, "prior", 0);
  itv_json_add_string(o, "finding", itv_record_str(r, "finding", ""));
  itv_json_add_string(o, "measure", itv_record_str(r, "measure", ""));
  itv_json_add_string(o, "unit", any ? any->unit : NULL);
  add_number(o, "prior", r, "prior");
  add_number(o, "current", r, "current");
  add_number(o, "change", r, "change");
  add_number(o, "change_percent", r, "change-percent");
  json_object *ci = low && high ? json_object_new_array() : NULL;
  if (ci) {
    json_object_array_add(ci, json_object_new_double(low->v.f64));
    json_object_array_add(ci, json_object_new_double(high->v.f64));
  }
  itv_json_add(o, "ci95", ci);
  itv_json_add_string(o, "verdict", itv_record_str(r, "verdict", ""));
  add_number(o, "interval_days", r, "interval");
  add_number(o, "doubling_days", r, "doubling-time");
  itv_json_add_string(o, "method", itv_record_str(r, "method", NULL));
  itv_json_add_string(o, "observer", itv_record_str(r, "observer", NULL));
  json_object *notes = json_object_new_array();
  const itv_field *note = NULL;
  for (gsize i = 0; (note = itv_record_field(r, "note", i)); i++)
    json_object_array_add(notes, json_object_new_string(note->v.str));
  itv_json_add(o, "notes", notes);
  return o;
}

static json_object *
changes_json(const ItvAppResult *measured)
{
  json_object *list = json_object_new_array();
  const itv_record *r = NULL;
  for (gsize i = 0; measured && (r = itv_records_find(measured->records, "interval.change/1", i));
       i++)
    json_object_array_add(list, change_json(r));
  return list;
}

static json_object *
reasons_json(const ItvAppPair *pair, const GPtrArray *notes)
{
  json_object *list = json_object_new_array();
  for (guint i = 0; pair && i < pair->reasons->len; i++) {
    g_autofree char *text = g_strdup_printf("%s: %s", (const char *)pair->severities->pdata[i],
                                            (const char *)pair->reasons->pdata[i]);
    json_object_array_add(list, json_object_new_string(text));
  }
  itv_json_append_strings(list, notes);
  return list;
}

/* ---- the comparison ---------------------------------------------------------------------------
 */

void
itv_app_comparison_free(ItvAppComparison *c)
{
  if (!c)
    return;
  itv_app_pair_free(c->pair);
  itv_app_result_free(c->measured);
  g_clear_pointer(&c->current_series, g_ptr_array_unref);
  g_clear_pointer(&c->prior_series, g_ptr_array_unref);
  g_clear_pointer(&c->exams, g_ptr_array_unref);
  itv_history_free(c->history);
  g_ptr_array_unref(c->notes);
  g_free(c);
}

static gboolean
find_exams(ItvApp *app, const char *current, const char *prior, ItvAppComparison *c, GError **error)
{
  if (!itv_app_family_of_study(app, current, &c->family, error) ||
      !(c->history = itv_app_history(app, c->family, error)))
    return FALSE;
  c->exams = itv_app_exams(c->history, itv_date_today());
  c->current = itv_app_exam_find(c->exams, current);
  if (!c->current)
    return itv_fail(error, ITV_ERROR_NOT_FOUND, "study %s is no imaging exam", current);
  const gboolean oldest = g_strcmp0(prior, "oldest") == 0;
  g_autofree char *best =
      prior && !oldest ? g_strdup(prior) : itv_app_best_prior(app, c->exams, c->current, oldest);
  if (!best)
    return itv_fail(error, ITV_ERROR_NOT_FOUND,
                    "no earlier exam of this patient with images is relevant for %s; "
                    "`interval priors %s` lists what there is",
                    current, current);
  c->prior = itv_app_exam_find(c->exams, best);
  if (!c->prior)
    return itv_fail(error, ITV_ERROR_NOT_FOUND, "study %s is not one of this patient's exams",
                    best);
  if (c->prior == c->current)
    return itv_fail(error, ITV_ERROR_USAGE, "both are the same exam");
  if (itv_moment_compare(c->prior->performed, c->current->performed) > 0)
    g_ptr_array_add(c->notes, g_strdup("The prior was made after the current exam, so no change is "
                                       "stated: give the later exam first."));
  return TRUE;
}

static gboolean
find_series(ItvApp *app, ItvAppComparison *c, GError **error)
{
  const char *uids[] = {c->current->study_uid, c->prior->study_uid};
  GPtrArray **lists[] = {&c->current_series, &c->prior_series};
  for (int i = 0; i < 2; i++) {
    *lists[i] = uids[i] ? itv_app_series_of(app, c->family, uids[i], error)
                        : g_ptr_array_new_with_free_func((GDestroyNotify)itv_app_series_free);
    if (!*lists[i])
      return FALSE;
    if ((*lists[i])->len == 0)
      return itv_fail(error, ITV_ERROR_NOT_FOUND, "no images of the %s exam of %s are known",
                      i == 0 ? "current" : "prior", uids[i] ? uids[i] : "(no study UID)");
  }
  return TRUE;
}

static gboolean
measure(ItvApp *app, ItvAppComparison *c, GError **error)
{
  g_autoptr(ItvRecords) inputs = itv_records_new();
  if (!itv_app_measurements(app, c->family, c->current_series, "current", inputs, c->notes,
                            error) ||
      !itv_app_measurements(app, c->family, c->prior_series, "prior", inputs, c->notes, error))
    return FALSE;
  if (itv_records_length(inputs) == 0)
    return TRUE;
  g_autoptr(ItvJob) job = itv_job_new();
  itv_job_add_records(job, inputs);
  g_autofree char *subject = g_strjoin("|", c->current->study_uid, c->prior->study_uid, NULL);
  c->measured = itv_app_result(app, ITV_KIND_MEASUREMENT, subject, job, error);
  return c->measured != NULL;
}

/* Values of exams that may not be compared stand side by side; no difference is
 * stated, since it would say more of the exams than of the finding. */
static void
refuse_changes(ItvAppResult *measured)
{
  static const char *const facts[] = {"finding", "tracking-uid", "measure",  "prior",
                                      "current", "interval",     "observer", NULL};
  g_autoptr(ItvRecords) refused = itv_records_new();
  const itv_record *r = NULL;
  for (gsize i = 0; (r = itv_records_find(measured->records, "interval.change/1", i)); i++) {
    g_autofree itv_field *fields = g_new0(itv_field, r->n_fields + 2);
    gsize n = 0;
    for (gsize k = 0; k < r->n_fields; k++)
      if (g_strv_contains(facts, r->fields[k].key))
        fields[n++] = r->fields[k];
    fields[n++] = (itv_field)ITV_STR("verdict", "not-resolvable");
    fields[n++] = (itv_field)ITV_STR("note", "the exams are not comparable: no change is stated");
    itv_records_add(refused, r->name, fields, n);
  }
  itv_records_unref(measured->records);
  measured->records = g_steal_pointer(&refused);
}

static json_object *
document(const ItvAppComparison *c, const GPtrArray *pictures)
{
  json_object *o = json_object_new_object();
  json_object *paths = json_object_new_array();
  itv_json_append_strings(paths, pictures);
  itv_json_add(o, "patient",
               itv_app_patient_json(c->history, c->current->person, itv_date_today()));
  itv_json_add_string(o, "current", c->current->study_uid);
  itv_json_add_string(o, "prior", c->prior->study_uid);
  itv_json_add(o, "current_exam", exam_json(c->current));
  itv_json_add(o, "prior_exam", exam_json(c->prior));
  itv_json_add_int(o, "days", c->current->performed.date - c->prior->performed.date);
  itv_json_add_bool(o, "comparable", c->pair->comparable);
  itv_json_add(o, "reasons", reasons_json(c->pair, c->notes));
  itv_json_add(o, "registration", itv_app_pair_registration_json(c->pair));
  itv_json_add(o, "changes", changes_json(c->measured));
  itv_json_add(o, "pictures", paths);
  return o;
}

json_object *
itv_app_compare(ItvApp *app, const char *current, const char *prior, const char *out_dir,
                GError **error)
{
  g_autoptr(ItvAppComparison) c = g_new0(ItvAppComparison, 1);
  const ItvAppSeries *current_series = NULL, *prior_series = NULL;
  c->notes = g_ptr_array_new_with_free_func(g_free);
  if (!find_exams(app, current, prior, c, error) || !find_series(app, c, error))
    return NULL;
  itv_app_series_pair(c->current_series, c->prior_series, &current_series, &prior_series);
  c->pair = itv_app_pair(app, current_series, prior_series);
  if (!measure(app, c, error))
    return NULL;
  if (c->measured && !c->pair->quality_passed)
    refuse_changes(c->measured);
  g_autoptr(GPtrArray) pictures = NULL;
  if (out_dir && !itv_app_comparison_page(app, c, out_dir, &pictures, error))
    return NULL;
  return document(c, pictures);
}
