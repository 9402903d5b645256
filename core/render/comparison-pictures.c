/* SPDX-License-Identifier: Apache-2.0
 *
 * Which pictures a comparison has, and what is written on them.
 */
#include <math.h>

#include "base/error.h"
#include "render/page.h"
#include "render/picture.h"
#include "render/text.h"

void
itv_picture_free(ItvPicture *picture)
{
  if (!picture)
    return;
  g_free(picture->name);
  g_free(picture->title);
  g_free(picture->alt);
  if (picture->png)
    g_bytes_unref(picture->png);
  g_free(picture);
}

static void
picture_free(gpointer picture)
{
  itv_picture_free(picture);
}

/* ---- what is written ------------------------------------------------------------- */

static char *
identity_line(const ItvPagePatient *p)
{
  g_autofree char *name = itv_text_person(p->name);
  g_autofree char *id = itv_text_clean(p->id, 64), *issuer = itv_text_clean(p->issuer, 64);
  g_autofree char *born = itv_text_date(p->birth_date);
  return g_strdup_printf("%s   ID %s%s%s%s   born %s%s%s", name[0] ? name : "name unknown",
                         id[0] ? id : "unknown", issuer[0] ? " (" : "", issuer,
                         issuer[0] ? ")" : "", born, p->sex ? "   " : "", p->sex ? p->sex : "");
}

static char *
study_line(const ItvPageStudy *s)
{
  g_autofree char *date = itv_text_date(s->date);
  g_autofree char *description = itv_text_clean(s->description, 80);
  g_autofree char *series = itv_text_clean(s->series_description, 80);
  g_autofree char *accession = itv_text_clean(s->accession, 40);
  const char *modality = s->modality ? itv_modality_code(s->modality) : "";
  const char *side = itv_text_side(s->laterality);
  g_autoptr(GString) line = g_string_new(date);
  const char *const parts[] = {modality, description, side, series};
  for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
    if (parts[i] && parts[i][0] && !(i == 3 && g_strcmp0(series, description) == 0))
      g_string_append_printf(line, "   %s", parts[i]);
  if (accession[0])
    g_string_append_printf(line, "   accession %s", accession);
  return g_string_free(g_steal_pointer(&line), FALSE);
}

static char *
registration_line(const ItvPageRegistration *r)
{
  if (!r->model)
    return g_strdup("not registered");
  g_autoptr(GString) line = g_string_new(NULL);
  g_string_append_printf(line, "registration: %s, %s", r->model,
                         r->accepted ? "accepted" : "REFUSED");
  if (isfinite(r->similarity_before) && isfinite(r->similarity_after))
    g_string_append_printf(line, ", similarity %.2f before, %.2f after", r->similarity_before,
                           r->similarity_after);
  if (isfinite(r->overlap))
    g_string_append_printf(line, ", prior covers %.0f %%", 100 * CLAMP(r->overlap, 0, 1));
  return g_string_free(g_steal_pointer(&line), FALSE);
}

/* ---- one set of pictures ----------------------------------------------------------- */

typedef struct {
  const ItvComparisonPage *page;
  int n;
  ItvView views[ITV_VIEWS_MAX];
  ItvPlane *current[ITV_VIEWS_MAX], *prior[ITV_VIEWS_MAX];
  cairo_surface_t *grey_current[ITV_VIEWS_MAX], *grey_prior[ITV_VIEWS_MAX];
  char *captions[ITV_VIEWS_MAX];
  ItvWindow window;
  ItvMatch match;
  gboolean has_mm;
  char *identity, *now, *then, *between, *compared, *window_line, *key_line;
  double key[3]; /* mm of the current study */
} Set;

static void
set_clear(Set *s)
{
  for (int i = 0; i < ITV_VIEWS_MAX; i++) {
    itv_plane_free(s->current[i]);
    itv_plane_free(s->prior[i]);
    if (s->grey_current[i])
      cairo_surface_destroy(s->grey_current[i]);
    if (s->grey_prior[i])
      cairo_surface_destroy(s->grey_prior[i]);
    g_free(s->captions[i]);
  }
  g_free(s->identity);
  g_free(s->now);
  g_free(s->then);
  g_free(s->between);
  g_free(s->compared);
  g_free(s->window_line);
  g_free(s->key_line);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Set, set_clear)

/* A film bears no direction: its side is what the study says. */
static char *
caption_for(const ItvView *view, const ItvPageStudy *study)
{
  const char *side = itv_text_side(study->laterality);
  gboolean flat = !view->left[0];
  return g_strdup_printf("%s%s%s%s%s", view->name, view->position[0] ? ", " : "", view->position,
                         flat ? ", side as recorded: " : "",
                         !flat     ? ""
                         : side[0] ? side
                                   : "none");
}

static void
set_lines(Set *s)
{
  const ItvComparisonPage *page = s->page;
  g_autofree char *days = itv_text_days_between(page->prior.date, page->current.date);
  g_autofree char *now = study_line(&page->current), *then = study_line(&page->prior);
  s->identity = identity_line(&page->patient);
  s->now = g_strdup_printf("CURRENT  %s", now);
  s->then = g_strdup_printf("PRIOR  %s", then);
  g_autofree char *registered = registration_line(&page->registration);
  g_autofree char *prior_date = itv_text_date(page->prior.date);
  s->compared = g_strdup_printf("compared with the prior study of %s, %s older", prior_date, days);
  s->between = g_strdup_printf("prior is %s older; %s", days, registered);
}

static gboolean
set_init(Set *s, GError **error)
{
  const ItvComparisonPage *page = s->page;
  const itv_volume *now = page->current.volume, *then = page->prior.volume;
  const ItvSpatialMap *map = &page->registration.map;
  double *key = s->key;
  ItvChangeSurvey survey = itv_change_survey(now, then, map, page->current.modality);
  itv_volume_centre(now, key);
  for (int c = 0; c < 3; c++)
    key[c] = page->has_key_point ? page->key_point_mm[c] : survey.found ? survey.key_mm[c] : key[c];
  s->match = survey.match;
  s->n = itv_views_for(now, key, s->views);
  if (s->n == 0)
    return itv_fail(error, ITV_ERROR_INPUT, "the current study's volume is malformed");
  for (int i = 0; i < s->n; i++) {
    s->current[i] = itv_resample_plane(now, &s->views[i].grid, NULL);
    s->prior[i] = itv_resample_plane(then, &s->views[i].grid, map);
    s->captions[i] = caption_for(&s->views[i], &page->current);
  }
  s->window = itv_window_for(page->current.modality, page->region, now, key, s->current[0]);
  for (int i = 0; i < s->n; i++) {
    s->grey_current[i] = itv_paint_grey(s->current[i], &s->window, 1, 0);
    s->grey_prior[i] = itv_paint_grey(s->prior[i], &s->window, s->match.gain, s->match.offset);
  }
  s->has_mm = !(now->flags & ITV_VOL_SPACING_UNKNOWN);
  s->window_line = g_strdup_printf("window %s%s", s->window.name,
                                   s->has_mm ? "" : "; pixel size unknown, no ruler");
  s->key_line = g_strdup(page->has_key_point ? "place shown: the finding"
                         : survey.found      ? "place shown: the greatest change"
                                             : "place shown: the middle");
  set_lines(s);
  return TRUE;
}

static gboolean
add_picture(Set *s, GPtrArray *pictures, ItvPictureKind kind, const char *name, const char *alt,
            const ItvCanvas *canvas, cairo_surface_t *const *surfaces, GError **error)
{
  ItvPanel panels[ITV_VIEWS_MAX];
  for (int i = 0; i < s->n; i++)
    panels[i] = (ItvPanel){surfaces[i], &s->views[i], s->captions[i], TRUE};
  ItvPicture *picture = g_new0(ItvPicture, 1);
  picture->kind = kind;
  picture->name = g_strdup(name);
  picture->title = g_strdup(canvas->title);
  picture->alt = g_strdup(alt);
  picture->png = itv_canvas_png(canvas, panels, s->n, &picture->width, &picture->height, error);
  if (!picture->png) {
    itv_picture_free(picture);
    return FALSE;
  }
  g_ptr_array_add(pictures, picture);
  return TRUE;
}

static gboolean
add_current(Set *s, GPtrArray *pictures, GError **error)
{
  ItvCanvas canvas = {.title = "CURRENT STUDY",
                      .lines = {s->identity, s->now, s->compared},
                      .footer = {s->window_line, s->key_line},
                      .has_mm = s->has_mm};
  g_autofree char *alt = g_strdup_printf("Current study: %s", s->now);
  return add_picture(s, pictures, ITV_PICTURE_CURRENT, "current.png", alt, &canvas, s->grey_current,
                     error);
}

static gboolean
add_prior(Set *s, GPtrArray *pictures, GError **error)
{
  g_autofree char *line = g_strdup(s->window_line);
  if (s->page->current.modality != ITV_MODALITY_CT) {
    g_free(line);
    line = g_strdup_printf("%s; exposure matched to the current study: × %.3g %+.3g",
                           s->window_line, s->match.gain, s->match.offset);
  }
  ItvCanvas canvas = {.title = "PRIOR STUDY, RESAMPLED to the current study's grid",
                      .lines = {s->identity, s->then, s->between},
                      .footer = {line, s->key_line},
                      .has_mm = s->has_mm};
  g_autofree char *alt =
      g_strdup_printf("Prior study, resampled to the current study's grid: %s", s->then);
  return add_picture(s, pictures, ITV_PICTURE_PRIOR, "prior-registered.png", alt, &canvas,
                     s->grey_prior, error);
}

/* The prior on its own grid, at the place that the registration leads to. */
static gboolean
add_prior_as_taken(const Set *now, GPtrArray *pictures, GError **error)
{
  const ItvComparisonPage *page = now->page;
  g_auto(Set) s = {.page = page};
  itv_spatial_map_point(&page->registration.map, now->key, s.key);
  s.n = itv_views_for(page->prior.volume, s.key, s.views);
  if (s.n == 0)
    return itv_fail(error, ITV_ERROR_INPUT, "the prior study's volume is malformed");
  for (int i = 0; i < s.n; i++) {
    s.prior[i] = itv_resample_plane(page->prior.volume, &s.views[i].grid, NULL);
    s.captions[i] = caption_for(&s.views[i], &page->prior);
  }
  s.window =
      itv_window_for(page->prior.modality, page->region, page->prior.volume, s.key, s.prior[0]);
  for (int i = 0; i < s.n; i++)
    s.grey_prior[i] = itv_paint_grey(s.prior[i], &s.window, 1, 0);
  s.window_line = g_strdup_printf("window %s", s.window.name);
  ItvCanvas canvas = {.title = "PRIOR STUDY, AS TAKEN (its own slices)",
                      .lines = {now->identity, now->then, now->between},
                      .footer = {s.window_line, "place shown: where the place shown in the current "
                                                "study lies by the registration"},
                      .has_mm = !(page->prior.volume->flags & ITV_VOL_SPACING_UNKNOWN)};
  g_autofree char *alt = g_strdup_printf("Prior study on its own slices: %s", now->then);
  return add_picture(&s, pictures, ITV_PICTURE_PRIOR_AS_TAKEN, "prior-as-taken.png", alt, &canvas,
                     s.grey_prior, error);
}

static gboolean
add_difference(Set *s, GPtrArray *pictures, GError **error)
{
  gboolean ct = s->page->current.modality == ITV_MODALITY_CT;
  double width = s->window.high - s->window.low;
  /* CT: half the window, but never so narrow that noise fills the scale. */
  double range = ct ? CLAMP(width / 2, 40, 500) : width / 2;
  cairo_surface_t *surfaces[ITV_VIEWS_MAX] = {NULL};
  for (int i = 0; i < s->n; i++)
    surfaces[i] =
        itv_paint_change(s->current[i], s->prior[i], s->match.gain, s->match.offset, range);
  ItvCanvas canvas = {
      .title = "DIFFERENCE: current minus prior, RESAMPLED",
      .lines = {s->identity, s->now, s->then, s->between},
      .footer = {ct ? "orange: denser now; blue: less dense now; grey: no difference"
                    : "orange: brighter now; blue: darker now; grey: no difference",
                 s->key_line,
                 "motion, breathing and residual misregistration also make differences"},
      .change_range = ct ? range : 50,
      .change_unit = ct ? "HU" : "% of the window",
      .has_mm = s->has_mm};
  g_autofree char *alt = g_strdup_printf(
      "Signed difference between the current study and the resampled prior; orange is %s now, "
      "blue is %s now, grey is no difference",
      ct ? "denser" : "brighter", ct ? "less dense" : "darker");
  gboolean ok = add_picture(s, pictures, ITV_PICTURE_DIFFERENCE, "difference.png", alt, &canvas,
                            surfaces, error);
  for (int i = 0; i < s->n; i++)
    cairo_surface_destroy(surfaces[i]);
  return ok;
}

static gboolean
add_checkerboard(Set *s, GPtrArray *pictures, GError **error)
{
  cairo_surface_t *surfaces[ITV_VIEWS_MAX] = {NULL};
  for (int i = 0; i < s->n; i++)
    surfaces[i] =
        itv_paint_checkerboard(s->grey_current[i], s->grey_prior[i],
                               MAX(s->views[i].grid.width, s->views[i].grid.height) / 9 + 1);
  ItvCanvas canvas = {.title = "CHECKERBOARD: current and prior by turns, prior RESAMPLED",
                      .lines = {s->identity, s->now, s->then, s->between},
                      .footer = {"the tile at the top left is the current study; edges that run on "
                                 "across tiles are well registered",
                                 s->window_line},
                      .has_mm = s->has_mm};
  gboolean ok = add_picture(s, pictures, ITV_PICTURE_CHECKERBOARD, "checkerboard.png",
                            "Checkerboard of the current study and the resampled prior, to judge "
                            "the registration by edges that run on across tiles",
                            &canvas, surfaces, error);
  for (int i = 0; i < s->n; i++)
    cairo_surface_destroy(surfaces[i]);
  return ok;
}

/* ---- unregistered ------------------------------------------------------------------ */

static cairo_surface_t *
own_view(const ItvPageStudy *study, const ItvComparisonPage *page, const double *key_mm,
         ItvView *view)
{
  double key[3];
  ItvView views[ITV_VIEWS_MAX];
  if (!study->volume)
    return NULL;
  itv_volume_centre(study->volume, key);
  if (!itv_views_for(study->volume, key_mm ? key_mm : key, views))
    return NULL;
  *view = views[0];
  ItvPlane *plane = itv_resample_plane(study->volume, &view->grid, NULL);
  ItvWindow window =
      itv_window_for(study->modality, page->region, study->volume, key_mm ? key_mm : key, plane);
  cairo_surface_t *surface = itv_paint_grey(plane, &window, 1, 0);
  itv_plane_free(plane);
  return surface;
}

/* Why there is no difference picture, in one sentence. */
static char *
refusal_of(const ItvComparisonPage *page)
{
  if (!page->current.volume || !page->prior.volume) {
    const ItvPageStudy *study = page->current.volume ? &page->prior : &page->current;
    g_autofree char *problem = itv_text_clean(study->problem, 200);
    return g_strdup_printf("the %s study has no pixels here%s%s",
                           study == &page->prior ? "prior" : "current", problem[0] ? ": " : "",
                           problem);
  }
  if (page->registration.refusal)
    return itv_text_clean(page->registration.refusal, 240);
  for (gsize i = 0; i < page->n_reasons; i++)
    if (g_strcmp0(page->reasons[i].severity, "blocking") == 0)
      return itv_text_clean(page->reasons[i].text, 240);
  return g_strdup(page->registration.model ? "the registration was not accepted"
                                           : "no registration was made");
}

typedef struct {
  cairo_surface_t *surfaces[2];
  ItvView views[2];
  char *captions[2];
  int n;
} Pair;

static void
pair_add(Pair *pair, const ItvPageStudy *study, const ItvComparisonPage *page, const char *who,
         const double *key_mm)
{
  cairo_surface_t *surface = own_view(study, page, key_mm, &pair->views[pair->n]);
  if (!surface)
    return;
  g_autofree char *caption = caption_for(&pair->views[pair->n], study);
  g_autofree char *date = itv_text_date(study->date);
  pair->surfaces[pair->n] = surface;
  pair->captions[pair->n++] = g_strdup_printf("%s %s, as taken: %s", who, date, caption);
}

static gboolean
spacing_known(const ItvPageStudy *study)
{
  return !study->volume || !(study->volume->flags & ITV_VOL_SPACING_UNKNOWN);
}

static gboolean
add_side_by_side(const ItvComparisonPage *page, GPtrArray *pictures, GError **error)
{
  Pair pair = {.n = 0};
  pair_add(&pair, &page->current, page, "CURRENT", page->has_key_point ? page->key_point_mm : NULL);
  pair_add(&pair, &page->prior, page, "PRIOR", NULL);
  gboolean has_mm = spacing_known(&page->current) && spacing_known(&page->prior);
  if (pair.n == 2 && !has_mm) /* no common ruler: the same height instead */
    pair.views[1].pixel_mm =
        pair.views[0].pixel_mm * pair.views[0].grid.height / MAX(pair.views[1].grid.height, 1);
  ItvPanel panels[2];
  for (int i = 0; i < pair.n; i++)
    panels[i] = (ItvPanel){pair.surfaces[i], &pair.views[i], pair.captions[i], FALSE};
  g_autofree char *identity = identity_line(&page->patient);
  g_autofree char *now_text = study_line(&page->current), *then_text = study_line(&page->prior);
  g_autofree char *now = g_strdup_printf("CURRENT  %s", now_text);
  g_autofree char *then = g_strdup_printf("PRIOR  %s", then_text);
  g_autofree char *days = itv_text_days_between(page->prior.date, page->current.date);
  g_autofree char *between = g_strdup_printf("prior is %s older", days);
  g_autofree char *refusal = refusal_of(page);
  g_autofree char *warning = g_strdup_printf("NOT REGISTERED: %s", refusal);
  g_autofree char *alt =
      g_strdup_printf("Current and prior study side by side, not registered, since %s", refusal);
  ItvCanvas canvas = {
      .title = "SIDE BY SIDE, NOT REGISTERED: slices do not correspond",
      .lines = {identity, now, then, between},
      .warning = warning,
      .footer = {"each study on its own grid and with its own window; no difference is computed"},
      .has_mm = has_mm};
  ItvPicture *picture = g_new0(ItvPicture, 1);
  picture->kind = ITV_PICTURE_SIDE_BY_SIDE;
  picture->name = g_strdup("side-by-side.png");
  picture->title = g_strdup(canvas.title);
  picture->alt = g_steal_pointer(&alt);
  if (pair.n)
    picture->png =
        itv_canvas_png(&canvas, panels, pair.n, &picture->width, &picture->height, error);
  for (int i = 0; i < pair.n; i++) {
    cairo_surface_destroy(pair.surfaces[i]);
    g_free(pair.captions[i]);
  }
  if (picture->png) {
    g_ptr_array_add(pictures, picture);
    return TRUE;
  }
  itv_picture_free(picture);
  return pair.n ? FALSE : itv_fail(error, ITV_ERROR_INPUT, "neither study's volume is well-formed");
}

static gboolean
matrix_finite(const double matrix[16])
{
  for (int i = 0; i < 16; i++)
    if (!isfinite(matrix[i]))
      return FALSE;
  return TRUE;
}

GPtrArray *
itv_comparison_pictures(const ItvComparisonPage *page, GError **error)
{
  g_autoptr(GPtrArray) pictures = g_ptr_array_new_with_free_func(picture_free);
  gboolean both = page->current.volume && page->prior.volume;
  if (!page->current.volume && !page->prior.volume)
    return g_steal_pointer(&pictures);
  if (!both || !page->registration.model || !page->registration.accepted ||
      !matrix_finite(page->registration.map.matrix))
    return add_side_by_side(page, pictures, error) ? g_steal_pointer(&pictures) : NULL;
  g_auto(Set) set = {.page = page};
  if (!set_init(&set, error) || !add_current(&set, pictures, error) ||
      !add_prior(&set, pictures, error) || !add_prior_as_taken(&set, pictures, error) ||
      !add_difference(&set, pictures, error) || !add_checkerboard(&set, pictures, error))
    return NULL;
  return g_steal_pointer(&pictures);
}

/* ---- films in a row ---------------------------------------------------------------- */

static char *
film_caption(const char *which, ItvDate date, ItvDate since)
{
  g_autofree char *day = itv_text_date(date);
  if (date == ITV_DATE_NONE || since == ITV_DATE_NONE)
    return g_strdup_printf("%s  %s", which, day);
  return g_strdup_printf("%s  %s, day %d", which, day, date - since);
}

static gboolean
draw_row(Set *s, const char *title, ItvDate since, ItvPicture *picture, GError **error)
{
  const ItvComparisonPage *page = s->page;
  const double range = (s->window.high - s->window.low) / 2;
  cairo_surface_t *change =
      itv_paint_change(s->current[0], s->prior[0], s->match.gain, s->match.offset, range);
  g_autofree char *first = film_caption("FIRST", page->prior.date, since);
  g_autofree char *last = film_caption("LATEST", page->current.date, since);
  const ItvPanel panels[] = {{s->grey_prior[0], &s->views[0], first, FALSE},
                             {s->grey_current[0], &s->views[0], last, FALSE},
                             {change, &s->views[0], "DIFFERENCE, latest minus first", FALSE}};
  const ItvCanvas canvas = {
      .title = title,
      .lines = {s->identity, s->now, s->then, s->between},
      .footer =
          {"orange: brighter now (more bone or callus); blue: darker now; grey: no difference",
           "position of the limb, exposure and residual misregistration also make differences",
           s->window_line},
      .change_range = 50,
      .change_unit = "% of the window",
      .has_mm = s->has_mm,
      .in_a_row = TRUE};
  picture->png = itv_canvas_png(&canvas, panels, G_N_ELEMENTS(panels), &picture->width,
                                &picture->height, error);
  cairo_surface_destroy(change);
  return picture->png != NULL;
}

static ItvPicture *
registered_row(const ItvComparisonPage *page, const char *title, ItvDate since, GError **error)
{
  g_auto(Set) set = {.page = page};
  if (!set_init(&set, error))
    return NULL;
  ItvPicture *picture = g_new0(ItvPicture, 1);
  picture->kind = ITV_PICTURE_FILMS;
  picture->alt = g_strdup_printf("Three films side by side: the first laid upon the latest, the "
                                 "latest, and their difference. %s; %s",
                                 set.now, set.then);
  if (draw_row(&set, title, since, picture, error))
    return picture;
  itv_picture_free(picture);
  return NULL;
}

ItvPicture *
itv_films_picture(const ItvComparisonPage *page, const char *view, ItvDate since, GError **error)
{
  const ItvPageRegistration *r = &page->registration;
  g_autofree char *clean = itv_text_clean(view, 32);
  g_autofree char *title = g_strdup_printf(
      "%s%sFIRST FILM laid upon the latest, LATEST FILM, DIFFERENCE", clean, clean[0] ? ": " : "");
  ItvPicture *picture = NULL;
  if (page->current.volume && page->prior.volume && r->model && r->accepted &&
      matrix_finite(r->map.matrix))
    picture = registered_row(page, title, since, error);
  else if (page->current.volume || page->prior.volume) {
    g_autoptr(GPtrArray) one = g_ptr_array_new();
    if (add_side_by_side(page, one, error))
      picture = one->pdata[0];
  } else
    itv_fail(error, ITV_ERROR_INPUT, "neither film can be read");
  if (!picture)
    return NULL;
  g_free(picture->title);
  picture->title = g_steal_pointer(&title);
  return picture;
}
