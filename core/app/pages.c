/* SPDX-License-Identifier: Apache-2.0 */
#include "app/pages.h"

#include <math.h>
#include <string.h>

#include "render/page.h"
#include "render/text.h"

#define MAX_CURVES 6

static double
number(const itv_record *r, const char *key)
{
  return itv_record_f64(r, key, NAN);
}

static const char *
unit_of(const itv_record *r)
{
  static const char *const keys[] = {"current", "prior", "value"};
  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
    const itv_field *f = itv_record_field(r, keys[i], 0);
    if (f && f->unit)
      return f->unit;
  }
  return "";
}

/* ---- pieces of the page ------------------------------------------------------------------ */

static ItvPageStudy
page_study(const ItvAppExam *exam, const ItvAppSeries *series, ItvVolume *volume,
           const char *problem)
{
  return (ItvPageStudy){.volume = volume ? itv_volume_view(volume) : NULL,
                        .problem = problem,
                        .study_uid = exam->study_uid,
                        .accession = exam->accession,
                        .description = exam->description,
                        .series_description = series->series_description,
                        .date = exam->performed.date,
                        .modality = series->modality,
                        .laterality = series->exam.laterality};
}

static GArray *
page_changes(const ItvAppResult *measured)
{
  GArray *list = g_array_new(FALSE, TRUE, sizeof(ItvPageChange));
  const itv_record *r = NULL;
  for (gsize i = 0; measured && (r = itv_records_find(measured->records, "interval.change/1", i));
       i++) {
    const ItvPageChange change = {.finding = itv_record_str(r, "finding", ""),
                                  .measure = itv_record_str(r, "measure", ""),
                                  .unit = unit_of(r),
                                  .prior = number(r, "prior"),
                                  .current = number(r, "current"),
                                  .change = number(r, "change"),
                                  .change_percent = number(r, "change-percent"),
                                  .ci_low = number(r, "ci-low"),
                                  .ci_high = number(r, "ci-high"),
                                  .doubling_days = number(r, "doubling-time"),
                                  .verdict = itv_record_str(r, "verdict", ""),
                                  .note = itv_record_str(r, "note", NULL),
                                  .reader = itv_record_str(r, "observer", NULL)};
    g_array_append_val(list, change);
  }
  return list;
}

static GArray *
page_reasons(const ItvAppComparison *c)
{
  GArray *list = g_array_new(FALSE, TRUE, sizeof(ItvPageReason));
  for (guint i = 0; i < c->pair->reasons->len; i++) {
    const ItvPageReason reason = {c->pair->severities->pdata[i], c->pair->reasons->pdata[i]};
    g_array_append_val(list, reason);
  }
  for (guint i = 0; i < c->notes->len; i++) {
    const ItvPageReason reason = {"warning", c->notes->pdata[i]};
    g_array_append_val(list, reason);
  }
  return list;
}

static GArray *
page_sources(const ItvAppComparison *c)
{
  GArray *list = g_array_new(FALSE, TRUE, sizeof(ItvPageSource));
  const ItvAppResult *results[] = {c->pair->quality, c->pair->registration, c->measured};
  static const char *const what[] = {"quality check", "registration", "measurement"};
  for (gsize i = 0; i < G_N_ELEMENTS(results); i++)
    if (results[i]) {
      const ItvPageSource source = {what[i], results[i]->plugin, results[i]->version,
                                    results[i]->sha256};
      g_array_append_val(list, source);
    }
  return list;
}

static ItvPageRegistration
page_registration(const ItvAppPair *p)
{
  ItvPageRegistration r = {.model = p->registered ? p->model : NULL,
                           .accepted = p->accepted,
                           .similarity_before = p->similarity_before,
                           .similarity_after = p->similarity_after,
                           .overlap = p->overlap,
                           .method = p->method,
                           .refusal = p->refusal};
  r.map = p->map;
  return r;
}

/* ---- curves: the same finding over every exam ------------------------------------------------ */

typedef struct {
  ItvCurve curve;
  GArray *points; /* ItvCurvePoint */
  char *title;
} Curve;

static void
clear_curve(gpointer data)
{
  Curve *c = data;
  g_array_unref(c->points);
  g_free(c->title);
}

static gboolean
same_text(const itv_record *a, const itv_record *b, const char *key)
{
  return g_strcmp0(itv_record_str(a, key, NULL), itv_record_str(b, key, NULL)) == 0;
}

/* A change and a measurement of the same finding, measure and reader. */
static gboolean
belongs(const itv_record *change, const itv_record *m)
{
  const char *uid = itv_record_str(change, "tracking-uid", NULL);
  if (!same_text(change, m, "measure"))
    return FALSE;
  if (itv_record_str(change, "observer", NULL) && !same_text(change, m, "observer"))
    return FALSE;
  if (uid)
    return same_text(change, m, "tracking-uid");
  const char *finding = itv_record_str(change, "finding", "");
  const char *id = itv_record_str(m, "tracking-id", NULL);
  return (id && strstr(finding, id)) || g_strcmp0(itv_record_str(m, "finding", NULL), finding) == 0;
}

static void
add_point(GArray *points, const itv_record *m, double error)
{
  ItvMoment at = ITV_MOMENT_NONE;
  itv_moment_parse(itv_record_str(m, "date", ""), &at);
  const double value = number(m, "value");
  for (guint i = 0; i < points->len; i++)
    if (g_array_index(points, ItvCurvePoint, i).date == at.date)
      return;
  /* `error` is of a difference of two measurements; one has it over sqrt 2. */
  const double half = error / sqrt(2);
  const ItvCurvePoint p = {.date = at.date,
                           .value = value,
                           .ci_low = value - half,
                           .ci_high = value + half,
                           .expected_low = NAN,
                           .expected_high = NAN,
                           .label = itv_record_str(m, "observer", NULL)};
  g_array_append_val(points, p);
}

static Curve
curve_of(const itv_record *change, const ItvRecords *all)
{
  Curve c = {.points = g_array_new(FALSE, TRUE, sizeof(ItvCurvePoint))};
  const double error = (number(change, "ci-high") - number(change, "ci-low")) / 2;
  const itv_record *m = NULL;
  for (gsize i = 0; (m = itv_records_find(all, "interval.measurement/1", i)); i++)
    if (belongs(change, m))
      add_point(c.points, m, error);
  g_autofree char *measure =
      g_strdelimit(g_strdup(itv_record_str(change, "measure", "")), "-", ' ');
  g_autofree char *reader = itv_text_person(itv_record_str(change, "observer", NULL));
  c.title = g_strdup_printf("%s: %s%s%s%s", itv_record_str(change, "finding", ""), measure,
                            *reader ? " (read by " : "", reader, *reader ? ")" : "");
  c.curve = (ItvCurve){.title = c.title,
                       .measure = itv_record_str(change, "measure", ""),
                       .unit = unit_of(change),
                       .error = error,
                       .target = NAN};
  return c;
}

/* Measurements on every exam of this person that has images. */
static gboolean
all_measurements(ItvApp *app, const ItvAppComparison *c, ItvRecords *all, GError **error)
{
  g_autoptr(GPtrArray) ignored = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < c->exams->len; i++) {
    const ItvAppExam *x = c->exams->pdata[i];
    if (x->person != c->current->person || !x->study_uid || x->n_images == 0)
      continue;
    g_autoptr(GPtrArray) series = itv_app_series_of(app, c->family, x->study_uid, error);
    if (!series || !itv_app_measurements(app, c->family, series, NULL, all, ignored, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_real(const itv_record *change)
{
  const char *verdict = itv_record_str(change, "verdict", "");
  return strcmp(verdict, "increased") == 0 || strcmp(verdict, "decreased") == 0;
}

/* The first measure of its finding and reader that the comparison names. */
static gboolean
is_leading(const ItvRecords *changes, const itv_record *change)
{
  const itv_record *r = NULL;
  for (gsize i = 0; (r = itv_records_find(changes, "interval.change/1", i)) && r != change; i++)
    if (same_text(r, change, "finding") && same_text(r, change, "observer"))
      return FALSE;
  return TRUE;
}

/* Those that changed first, then the leading measure of every other finding: four
 * curves of one nodule say the same four times. */
static GArray *
page_curves(const ItvAppComparison *c, const ItvRecords *all)
{
  GArray *curves = g_array_new(FALSE, TRUE, sizeof(Curve));
  g_array_set_clear_func(curves, clear_curve);
  const itv_record *r = NULL;
  const ItvRecords *changes = c->measured ? c->measured->records : NULL;
  for (int real = 1; changes && real >= 0; real--)
    for (gsize i = 0;
         curves->len < MAX_CURVES && (r = itv_records_find(changes, "interval.change/1", i)); i++) {
      if (is_real(r) != real || (!real && !is_leading(changes, r)))
        continue;
      Curve curve = curve_of(r, all);
      if (curve.points->len >= 2)
        g_array_append_val(curves, curve);
      else
        clear_curve(&curve);
    }
  return curves;
}

/* ---- the whole ----------------------------------------------------------------------------------
 */

/* The n numbers of "point", all in one unit. */
static gboolean
read_points(const itv_record *m, const char *unit, gsize n, double *ret)
{
  for (gsize k = 0; k < n; k++) {
    const itv_field *f = itv_record_field(m, "point", k);
    if (!f || f->type != ITV_T_F64 || g_strcmp0(f->unit, unit) != 0)
      return FALSE;
    ret[k] = f->v.f64;
  }
  return TRUE;
}

/* The middle of a measured line, in mm of the current images. */
static gboolean
middle_mm(const ItvAppComparison *c, const itv_record *m, double ret_mm[3])
{
  double p[6];
  const char *sop = itv_record_str(m, "sop-uid", NULL);
  if (read_points(m, "mm", 6, p)) {
    for (gsize k = 0; k < 3; k++)
      ret_mm[k] = (p[k] + p[k + 3]) / 2;
    return TRUE;
  }
  return sop && read_points(m, "{pixel}", 4, p) &&
         itv_app_series_pixel_to_mm(c->pair->current, sop, (p[0] + p[2]) / 2, (p[1] + p[3]) / 2,
                                    ret_mm);
}

/* How much the finding of this measurement has changed; < 0: not compared. */
static double
weight_of(const ItvAppComparison *c, const itv_record *m)
{
  const itv_record *r = NULL;
  for (gsize i = 0;
       c->measured && (r = itv_records_find(c->measured->records, "interval.change/1", i)); i++) {
    if (!belongs(r, m))
      continue;
    const char *verdict = itv_record_str(r, "verdict", "");
    const gboolean real = strcmp(verdict, "increased") == 0 || strcmp(verdict, "decreased") == 0;
    return fabs(itv_record_f64(r, "change-percent", 0)) + (real ? 1000 : 0);
  }
  return -1;
}

/* Where to look: the finding that has changed most, on the current images. */
static gboolean
key_point(const ItvAppComparison *c, const ItvRecords *all, double ret_mm[3])
{
  const itv_record *m = NULL;
  double best = -2, at[3];
  for (gsize i = 0; (m = itv_records_find(all, "interval.measurement/1", i)); i++) {
    if (g_strcmp0(itv_record_str(m, "study-uid", NULL), c->current->study_uid) != 0)
      continue;
    const double weight = weight_of(c, m);
    if (weight > best && middle_mm(c, m, at)) {
      best = weight;
      memcpy(ret_mm, at, sizeof at);
    }
  }
  return best > -2;
}

static ItvPagePatient
page_patient(json_object *patient)
{
  ItvPagePatient p = {.id = itv_json_get_string(patient, "id"),
                      .issuer = itv_json_get_string(patient, "issuer"),
                      .name = itv_json_get_string(patient, "name"),
                      .birth_date = ITV_DATE_NONE};
  const char *birth = itv_json_get_string(patient, "birth_date");
  if (birth)
    itv_date_parse(birth, &p.birth_date);
  return p;
}

gboolean
itv_app_comparison_page(ItvApp *app, const ItvAppComparison *c, const char *dir,
                        GPtrArray **ret_paths, GError **error)
{
  g_autoptr(ItvRecords) all = itv_records_new();
  if (!all_measurements(app, c, all, error))
    return FALSE;
  g_autoptr(json_object) patient =
      itv_app_patient_json(c->history, c->current->person, itv_date_today());
  g_autoptr(GArray) reasons = page_reasons(c);
  g_autoptr(GArray) changes = page_changes(c->measured);
  g_autoptr(GArray) sources = page_sources(c);
  g_autoptr(GArray) curves = page_curves(c, all);
  g_autofree ItvCurve *plain = g_new0(ItvCurve, curves->len + 1);
  for (guint i = 0; i < curves->len; i++) {
    const Curve *curve = &g_array_index(curves, Curve, i);
    plain[i] = curve->curve;
    plain[i].points = (const ItvCurvePoint *)(void *)curve->points->data;
    plain[i].n_points = curve->points->len;
  }
  ItvComparisonPage page = {
      .patient = page_patient(patient),
      .current = page_study(c->current, c->pair->current, c->pair->current_volume,
                            c->pair->current_problem),
      .prior = page_study(c->prior, c->pair->prior, c->pair->prior_volume, c->pair->prior_problem),
      .region = c->current->exam.main_region,
      .comparable = c->pair->comparable,
      .reasons = (const ItvPageReason *)(void *)reasons->data,
      .n_reasons = reasons->len,
      .registration = page_registration(c->pair),
      .changes = (const ItvPageChange *)(void *)changes->data,
      .n_changes = changes->len,
      .curves = plain,
      .n_curves = curves->len,
      .sources = (const ItvPageSource *)(void *)sources->data,
      .n_sources = sources->len,
      .program = "interval " ITV_VERSION,
      .made_on = itv_date_today()};
  page.has_key_point = key_point(c, all, page.key_point_mm);
  itv_app_say(app, "drawing", 0, 0);
  return itv_comparison_write(&page, dir, ret_paths, error);
}
