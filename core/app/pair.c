/* SPDX-License-Identifier: Apache-2.0 */
#include "app/pair.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

void
itv_app_pair_free(ItvAppPair *p)
{
  if (!p)
    return;
  itv_volume_unref(p->current_volume);
  itv_volume_unref(p->prior_volume);
  g_free(p->current_problem);
  g_free(p->prior_problem);
  itv_app_result_free(p->quality);
  itv_app_result_free(p->registration);
  g_ptr_array_unref(p->severities);
  g_ptr_array_unref(p->reasons);
  g_free(p->model);
  g_free(p->method);
  g_free(p->refusal);
  itv_spatial_map_clear(&p->map);
  g_free(p);
}

void
itv_app_pair_add_reason(ItvAppPair *p, const char *severity, const char *text)
{
  g_ptr_array_add(p->severities, g_strdup(severity));
  g_ptr_array_add(p->reasons, g_strdup(text));
}

static void
add_reasons(ItvAppPair *p, const ItvRecords *records)
{
  const itv_record *r = NULL;
  for (gsize i = 0; (r = itv_records_find(records, "interval.reason/1", i)); i++)
    itv_app_pair_add_reason(p, itv_record_str(r, "severity", "info"),
                            itv_record_str(r, "text", ""));
}

void
itv_app_add_image_set(ItvJob *job, const ItvAppSeries *s, const char *role, const GPtrArray *notes,
                      double days)
{
  g_autoptr(GArray) f = g_array_new(FALSE, TRUE, sizeof(itv_field));
  g_autofree char *date = itv_moment_format(s->performed);
  const struct {
    const char *key, *value;
  } texts[] = {{"role", role},
               {"study-uid", s->study_uid},
               {"series-uid", s->series_uid},
               {"modality", itv_modality_code(s->modality)},
               {"laterality", itv_laterality_code(s->exam.laterality)},
               {"view", s->view},
               {"date", date},
               {"series-description", s->series_description},
               {"kernel", s->kernel},
               {"contrast-agent", s->contrast_agent},
               {"contrast-phase", s->contrast_phase},
               {"manufacturer", s->manufacturer}};
  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
    if (texts[i].value && *texts[i].value) {
      const itv_field field = ITV_STR(texts[i].key, texts[i].value);
      g_array_append_val(f, field);
    }
  for (int r = 1; r < ITV_REGION_N; r++)
    if (s->exam.regions & ITV_REGION_BIT(r)) {
      const itv_field field = ITV_STR("region", itv_region_code((ItvRegion)r));
      g_array_append_val(f, field);
    }
  const struct {
    const char *key, *unit;
    double value;
  } numbers[] = {{"kvp", "kV", s->kvp},
                 {"slice-thickness", "mm", s->slice_thickness_mm},
                 {"days", "d", isnan(days) ? -1 : days}};
  for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
    if (numbers[i].value >= 0) {
      const itv_field field = ITV_F64(numbers[i].key, numbers[i].value, numbers[i].unit);
      g_array_append_val(f, field);
    }
  const itv_field images = ITV_I64("images", s->paths->len, "{image}");
  g_array_append_val(f, images);
  for (guint i = 0; notes && i < notes->len; i++) {
    const itv_field note = ITV_STR("note", notes->pdata[i]);
    g_array_append_val(f, note);
  }
  itv_job_add_record(job, "interval.image-set/1", (const itv_field *)(void *)f->data, f->len);
}

/* ---- steps -------------------------------------------------------------------------------- */

static ItvVolume *
load(ItvApp *app, const ItvAppSeries *s, GPtrArray *notes, char **ret_problem)
{
  g_autoptr(GError) error = NULL;
  ItvVolume *volume = NULL;
  if (s->problem)
    *ret_problem = g_strdup(s->problem);
  else if (!(volume = itv_app_load(app, s->paths, notes, &error)))
    *ret_problem = g_strdup(error->message);
  return volume;
}

static void
check_quality(ItvApp *app, ItvAppPair *p, const char *subject, const GPtrArray *current_notes,
              const GPtrArray *prior_notes)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvJob) job = itv_job_new();
  itv_app_add_image_set(job, p->current, "current", current_notes, NAN);
  itv_app_add_image_set(job, p->prior, "prior", prior_notes, NAN);
  if (p->current_volume && p->prior_volume) {
    itv_job_add_volume(job, p->current_volume, "current");
    itv_job_add_volume(job, p->prior_volume, "prior");
  }
  p->quality = itv_app_result(app, ITV_KIND_QUALITY, subject, job, &error);
  const itv_record *r =
      p->quality ? itv_records_find(p->quality->records, "interval.quality/1", 0) : NULL;
  if (!r) {
    g_autofree char *text = g_strdup_printf("The quality check failed: %s",
                                            error ? error->message : "it gave no answer");
    itv_app_pair_add_reason(p, "blocking", text);
    return;
  }
  p->quality_passed = strcmp(itv_record_str(r, "comparable", "N"), "Y") == 0;
  p->comparable = p->quality_passed;
  add_reasons(p, p->quality->records);
}

/* A displacement field is not kept in the database: what is read from there is the
 * linear part. */
static void
read_displacement(ItvAppPair *p, const itv_record *r)
{
  ItvVolume *volume[3] = {NULL, NULL, NULL};
  for (gsize i = 0; p->registration->outcome && i < 3; i++) {
    const itv_field *f = itv_record_field(r, "displacement", i);
    volume[i] = f ? itv_outcome_volume(p->registration->outcome, f->v.i64) : NULL;
  }
  if (volume[0])
    itv_spatial_map_set_displacement(&p->map, volume);
}

gboolean
itv_app_pair_read_registration(ItvAppPair *p)
{
  const ItvRecords *records = p->registration->records;
  const itv_record *r = itv_records_find(records, "interval.registration/1", 0);
  if (!r)
    return FALSE;
  for (gsize i = 0; i < 16; i++) {
    const itv_field *f = itv_record_field(r, "matrix", i);
    if (!f)
      return FALSE;
    p->map.matrix[i] = f->v.f64;
  }
  read_displacement(p, r);
  p->registered = TRUE;
  p->accepted = strcmp(itv_record_str(r, "accepted", "N"), "Y") == 0;
  p->model = g_strdup(itv_record_str(r, "model", ""));
  p->method = g_strdup(itv_record_str(r, "method", NULL));
  p->similarity_before = itv_record_f64(r, "similarity-before", 0);
  p->similarity_after = itv_record_f64(r, "similarity-after", 0);
  p->overlap = itv_record_f64(r, "overlap", 0);
  const itv_record *why = NULL;
  for (gsize i = 0; (why = itv_records_find(records, "interval.reason/1", i)); i++)
    if (!p->accepted && !p->refusal)
      p->refusal = g_strdup(itv_record_str(why, "text", NULL));
  if (!p->accepted && !p->refusal)
    p->refusal = g_strdup("the registration was not accepted");
  return TRUE;
}

/* How far tube, patient and detector were from each other differs between two
 * radiographs, and with it the magnification, by some percent: no rigid motion
 * lays one upon the other. */
static const char *
model_of(const ItvAppPair *p)
{
  return p->current->modality == ITV_MODALITY_XR && p->prior->modality == ITV_MODALITY_XR ? "affine"
                                                                                          : "rigid";
}

static void
register_pair(ItvApp *app, ItvAppPair *p, const char *subject)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvJob) job = itv_job_new();
  const itv_field request[] = {ITV_STR("model", model_of(p)),
                               ITV_I64("threads", g_get_num_processors(), "1")};
  itv_job_add_volume(job, p->current_volume, "fixed");
  itv_job_add_volume(job, p->prior_volume, "moving");
  itv_job_add_record(job, "interval.registration-request/1", request, G_N_ELEMENTS(request));
  p->registration = itv_app_result(app, ITV_KIND_REGISTRATION, subject, job, &error);
  if (p->registration)
    add_reasons(p, p->registration->records);
  if (p->registration && itv_app_pair_read_registration(p))
    return;
  p->refusal =
      g_strdup_printf("The registration failed: %s", error ? error->message : "it gave no answer");
  itv_app_pair_add_reason(p, "warning", p->refusal);
}

static void
name_problem(ItvAppPair *p, const char *which, const char *problem)
{
  if (!problem)
    return;
  g_autofree char *text = g_strdup_printf("The %s images cannot be read: %s", which, problem);
  itv_app_pair_add_reason(p, "blocking", text);
  p->comparable = FALSE;
}

ItvAppPair *
itv_app_pair(ItvApp *app, const ItvAppSeries *current, const ItvAppSeries *prior)
{
  ItvAppPair *p = g_new0(ItvAppPair, 1);
  g_autoptr(GPtrArray) current_notes = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) prior_notes = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *subject =
      g_strjoin("|", current->sop_uids->pdata[0], prior->sop_uids->pdata[0], NULL);
  p->current = current;
  p->prior = prior;
  p->severities = g_ptr_array_new_with_free_func(g_free);
  p->reasons = g_ptr_array_new_with_free_func(g_free);
  itv_app_say(app, "reading images", 0, 2);
  p->current_volume = load(app, current, current_notes, &p->current_problem);
  itv_app_say(app, "reading images", 1, 2);
  p->prior_volume = load(app, prior, prior_notes, &p->prior_problem);
  check_quality(app, p, subject, current_notes, prior_notes);
  name_problem(p, "current", p->current_problem);
  name_problem(p, "prior", p->prior_problem);
  if (p->current_volume && p->prior_volume && p->comparable)
    register_pair(app, p, subject);
  else if (!p->refusal)
    p->refusal = g_strdup("The two are not comparable, so they were not laid upon each other.");
  return p;
}

json_object *
itv_app_pair_registration_json(const ItvAppPair *p)
{
  if (!p->registered)
    return NULL;
  json_object *o = json_object_new_object();
  json_object *matrix = json_object_new_array();
  for (int i = 0; i < 16; i++)
    json_object_array_add(matrix, json_object_new_double(p->map.matrix[i]));
  itv_json_add_string(o, "model", p->model);
  itv_json_add(o, "matrix", matrix);
  itv_json_add_double(o, "similarity_before", p->similarity_before);
  itv_json_add_double(o, "similarity_after", p->similarity_after);
  itv_json_add_double(o, "overlap", p->overlap);
  itv_json_add_bool(o, "accepted", p->accepted);
  itv_json_add_string(o, "method", p->method);
  itv_json_add_string(o, "refusal", p->refusal);
  return o;
}
