/* SPDX-License-Identifier: Apache-2.0
 *
 * A healing series handed to render/: curves, the latest films, remarks.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/healing.h"
#include "render/page.h"
#include "render/text.h"

#define MAX_CURVES 8

typedef struct {
  ItvCurve curve[MAX_CURVES];
  GArray *points[MAX_CURVES]; /* ItvCurvePoint */
  const char *view[MAX_CURVES];
  guint n;
  ItvCurveEvent surgery;
  GPtrArray *texts; /* char * that the curves borrow */
  gboolean half_band;
} Curves;

static void
clear_curves(Curves *c)
{
  for (guint k = 0; k < c->n; k++)
    g_array_unref(c->points[k]);
  g_ptr_array_unref(c->texts);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Curves, clear_curves)

/* Every note of a point; where the expected band comes from is said once, below. */
static const char *
notes_of(Curves *c, const itv_record *r)
{
  g_autoptr(GString) all = g_string_new(NULL);
  const itv_field *f = NULL;
  for (gsize i = 0; (f = itv_record_field(r, "note", i)); i++) {
    const char *note = f->type == ITV_T_STR ? f->v.str : "";
    if (g_str_has_prefix(note, "expected: from what half")) {
      c->half_band = TRUE;
      continue;
    }
    g_autofree char *sentence = itv_text_sentence(note);
    g_string_append_printf(all, "%s%s", all->len ? ". " : "", sentence);
  }
  if (!all->len)
    return NULL;
  g_ptr_array_add(c->texts, g_string_free(g_steal_pointer(&all), FALSE));
  return c->texts->pdata[c->texts->len - 1];
}

static ItvCurvePoint
curve_point(Curves *c, const itv_record *r)
{
  ItvCurvePoint p = {.date = ITV_DATE_NONE,
                     .value = itv_record_f64(r, "value", NAN),
                     .ci_low = itv_record_f64(r, "ci-low", NAN),
                     .ci_high = itv_record_f64(r, "ci-high", NAN),
                     .expected_low = itv_record_f64(r, "expected-low", NAN),
                     .expected_high = itv_record_f64(r, "expected-high", NAN),
                     .verdict = itv_record_str(r, "verdict", NULL),
                     .note = notes_of(c, r)};
  itv_date_parse(itv_record_str(r, "date", ""), &p.date);
  p.not_resolvable = g_strcmp0(p.verdict, "not-resolvable") == 0;
  return p;
}

static void
open_curve(Curves *c, const ItvHealingSeries *s, const ItvHealingPoint *p)
{
  const itv_record *r = p->record;
  const char *measure = itv_record_str(r, "measure", "");
  const itv_field *value = itv_record_field(r, "value", 0);
  const ItvHealingMeasure *m = itv_protocol_measure(s->protocol, measure);
  g_autofree char *plain = itv_text_measure_title(measure);
  char *title = p->view ? g_strdup_printf("%s (%s film)", plain, p->view) : g_strdup(plain);
  g_ptr_array_add(c->texts, title);
  c->view[c->n] = p->view;
  c->points[c->n] = g_array_new(FALSE, TRUE, sizeof(ItvCurvePoint));
  c->curve[c->n++] = (ItvCurve){.title = title,
                                .measure = measure,
                                .unit = value && value->unit ? value->unit : "",
                                .events = &c->surgery,
                                .n_events = 1,
                                .error = m && m->repeatability > 0 ? m->repeatability : NAN,
                                .target = m && m->union_score >= 0 ? m->union_score : NAN,
                                .target_label = "counted as united"};
}

/* The measures that the protocol names lead, the others follow. */
static void
fill_curves(Curves *c, const ItvHealingSeries *s, const GArray *points)
{
  for (int named = 1; named >= 0; named--)
    for (guint i = 0; i < points->len; i++) {
      const ItvHealingPoint *point = &g_array_index(points, ItvHealingPoint, i);
      const itv_record *r = point->record;
      const char *measure = itv_record_str(r, "measure", "");
      guint k = 0;
      if ((itv_protocol_measure(s->protocol, measure) != NULL) != named)
        continue;
      while (k < c->n &&
             (strcmp(c->curve[k].measure, measure) != 0 || g_strcmp0(c->view[k], point->view) != 0))
        k++;
      if (k == MAX_CURVES)
        continue;
      if (k == c->n)
        open_curve(c, s, point);
      const ItvCurvePoint p = curve_point(c, r);
      g_array_append_val(c->points[k], p);
    }
  for (guint k = 0; k < c->n; k++) {
    c->curve[k].points = (const ItvCurvePoint *)(void *)c->points[k]->data;
    c->curve[k].n_points = c->points[k]->len;
  }
}

/* ---- films --------------------------------------------------------------------------------- */

/* The way back of an affine map of mm; FALSE when it has none. */
static gboolean
invert(const double m[16], double ret[16])
{
  double inverse[16] = {0};
  const double det = m[0] * (m[5] * m[10] - m[6] * m[9]) - m[1] * (m[4] * m[10] - m[6] * m[8]) +
                     m[2] * (m[4] * m[9] - m[5] * m[8]);
  if (!isfinite(det) || fabs(det) < 1e-12)
    return FALSE;
  for (int r = 0; r < 3; r++)
    for (int c = 0; c < 3; c++) {
      const int r1 = (c + 1) % 3, r2 = (c + 2) % 3, c1 = (r + 1) % 3, c2 = (r + 2) % 3;
      inverse[r * 4 + c] =
          (m[r1 * 4 + c1] * m[r2 * 4 + c2] - m[r1 * 4 + c2] * m[r2 * 4 + c1]) / det;
    }
  for (int r = 0; r < 3; r++)
    inverse[r * 4 + 3] =
        -(inverse[r * 4] * m[3] + inverse[r * 4 + 1] * m[7] + inverse[r * 4 + 2] * m[11]);
  inverse[15] = 1;
  memcpy(ret, inverse, sizeof inverse);
  return TRUE;
}

static ItvPageStudy
page_film(const ItvHealingFilm *f, ItvVolume *volume, const char *problem)
{
  return (ItvPageStudy){.volume = volume ? itv_volume_view(volume) : NULL,
                        .problem = problem,
                        .study_uid = f->exam->study_uid,
                        .accession = f->exam->accession,
                        .description = f->exam->description,
                        .series_description = f->film->series_description,
                        .date = f->exam->performed.date,
                        .modality = f->film->modality,
                        .laterality = f->film->exam.laterality};
}

/* The projection that is read first stands first: AP, then by name. */
static gint
by_view(gconstpointer a, gconstpointer b)
{
  const char *x = ((const ItvHealingFilms *)a)->view, *y = ((const ItvHealingFilms *)b)->view;
  const gboolean x_ap = g_strcmp0(x, "AP") == 0, y_ap = g_strcmp0(y, "AP") == 0;
  return x_ap != y_ap ? y_ap - x_ap : g_strcmp0(x, y);
}

static ItvHealingFilms
page_films(const ItvHealingPair *kept, const ItvHealingPage *page)
{
  const ItvAppPair *p = kept->pair;
  ItvHealingFilms f = {
      .view = kept->latest->film->view,
      .pair = {.patient = page->patient,
               .current = page_film(kept->latest, p->prior_volume, p->prior_problem),
               .prior = page_film(kept->first, p->current_volume, p->current_problem),
               .region = kept->latest->exam->exam.main_region,
               .comparable = p->comparable,
               .registration = {.model = p->registered ? p->model : NULL,
                                .accepted = p->accepted,
                                .similarity_before = p->similarity_before,
                                .similarity_after = p->similarity_after,
                                .overlap = NAN, /* it was counted on the first film */
                                .method = p->method,
                                .refusal = p->refusal},
               .program = page->program,
               .made_on = page->made_on}};
  if (p->registered && !invert(p->map.matrix, f.pair.registration.map.matrix))
    f.pair.registration.accepted = FALSE;
  return f;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static GPtrArray *
page_notes(const ItvHealingSeries *s, const Curves *c)
{
  GPtrArray *notes = g_ptr_array_new();
  static char band[] = "The expected band runs from what half of the patients have on that day to "
                       "what the fastest 5 % have; no source gives the slow edge.";
  if (c->half_band)
    g_ptr_array_add(notes, band);
  for (guint i = 0; i < s->notes->len; i++)
    g_ptr_array_add(notes, s->notes->pdata[i]);
  return notes;
}

static void
set_patient(ItvHealingPage *page, json_object *patient)
{
  const char *birth = itv_json_get_string(patient, "birth_date");
  page->patient = (ItvPagePatient){.id = itv_json_get_string(patient, "id"),
                                   .issuer = itv_json_get_string(patient, "issuer"),
                                   .name = itv_json_get_string(patient, "name"),
                                   .birth_date = ITV_DATE_NONE};
  if (birth)
    itv_date_parse(birth, &page->patient.birth_date);
}

gboolean
itv_app_healing_page(const ItvHealingSeries *s, const GArray *points, const char *dir,
                     GPtrArray **ret_paths, GError **error)
{
  g_auto(Curves) c = {.surgery = {s->procedure->date, "Surgery"},
                      .texts = g_ptr_array_new_with_free_func(g_free)};
  fill_curves(&c, s, points);
  g_autoptr(json_object) patient = itv_app_patient_json(s->history, s->person, itv_date_today());
  g_autoptr(GPtrArray) notes = page_notes(s, &c);
  const itv_record *verdict = itv_app_healing_overall(s);
  const ItvAppResult *first = s->results->pdata[0];
  const ItvPageSource source = {"healing", first->plugin, first->version, first->sha256};
  ItvHealingPage page = {.procedure = s->protocol->title ? s->protocol->title : s->protocol->name,
                         .procedure_date = s->procedure->date,
                         .laterality = s->procedure->laterality,
                         .verdict = verdict ? itv_record_str(verdict, "verdict", NULL) : NULL,
                         .reason = verdict ? itv_record_str(verdict, "reason", NULL) : NULL,
                         .curves = c.curve,
                         .n_curves = c.n,
                         .notes = (const char *const *)notes->pdata,
                         .n_notes = notes->len,
                         .sources = &source,
                         .n_sources = 1,
                         .program = "interval " ITV_VERSION,
                         .made_on = itv_date_today()};
  set_patient(&page, patient);
  g_autofree ItvHealingFilms *films = g_new0(ItvHealingFilms, s->pairs->len + 1);
  for (guint i = 0; i < s->pairs->len; i++)
    films[i] = page_films(s->pairs->pdata[i], &page);
  qsort(films, s->pairs->len, sizeof *films, by_view);
  page.films = films;
  page.n_films = s->pairs->len;
  return itv_healing_write(&page, dir, ret_paths, error);
}
