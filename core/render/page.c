/* SPDX-License-Identifier: Apache-2.0 */
#include "render/page.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "render/page-text.h"

static gboolean
make_directory(const char *dir, GError **error)
{
  if (g_mkdir_with_parents(dir, 0700) == 0)
    return TRUE;
  return itv_fail(error, ITV_ERROR_FAILED, "%s: cannot make this directory: %s", dir,
                  g_strerror(errno));
}

/* g_file_set_contents writes a temporary file beside it and renames. */
static gboolean
write_file(const char *dir, const char *name, const char *bytes, gsize n, GPtrArray *paths,
           GError **error)
{
  g_autofree char *path = g_build_filename(dir, name, NULL);
  g_autoptr(GError) why = NULL;
  if (!g_file_set_contents(path, bytes, (gssize)n, &why))
    return itv_fail(error, ITV_ERROR_FAILED, "%s: %s", path, why->message);
  g_ptr_array_add(paths, g_steal_pointer(&path));
  return TRUE;
}

/* A picture of an earlier run must not stand beside a page that withdraws it. */
static void
remove_stale(const char *dir, const GPtrArray *pictures)
{
  static const char *const names[] = {"current.png",        "prior-registered.png",
                                      "prior-as-taken.png", "difference.png",
                                      "checkerboard.png",   "side-by-side.png"};
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    gboolean wanted = FALSE;
    for (guint k = 0; k < pictures->len; k++)
      wanted |= strcmp(((const ItvPicture *)pictures->pdata[k])->name, names[i]) == 0;
    g_autofree char *path = g_build_filename(dir, names[i], NULL);
    if (!wanted)
      g_unlink(path);
  }
}

static gboolean
write_bytes(const char *dir, const char *name, GBytes *bytes, GPtrArray *paths, GError **error)
{
  gsize n = 0;
  const char *data = g_bytes_get_data(bytes, &n);
  return write_file(dir, name, data, n, paths, error);
}

static gboolean
write_curves(const char *dir, const ItvCurve *curves, gsize n, GPtrArray *paths, GError **error)
{
  for (gsize i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf("curve-%" G_GSIZE_FORMAT ".svg", i + 1);
    g_autofree char *svg = itv_curve_svg(&curves[i], "curve", 860, 340);
    if (!write_file(dir, name, svg, strlen(svg), paths, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
itv_comparison_write(const ItvComparisonPage *page, const char *dir, GPtrArray **ret_paths,
                     GError **error)
{
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) pictures = itv_comparison_pictures(page, error);
  if (!pictures || !make_directory(dir, error))
    return FALSE;
  remove_stale(dir, pictures);
  for (guint i = 0; i < pictures->len; i++) {
    const ItvPicture *picture = pictures->pdata[i];
    if (!write_bytes(dir, picture->name, picture->png, paths, error))
      return FALSE;
  }
  if (!write_curves(dir, page->curves, page->n_curves, paths, error))
    return FALSE;
  g_autofree char *html = itv_comparison_html(page, pictures);
  if (!write_file(dir, "comparison.html", html, strlen(html), paths, error))
    return FALSE;
  g_autoptr(GBytes) pdf = itv_comparison_pdf(page, pictures, error);
  if (!pdf || !write_bytes(dir, "comparison.pdf", pdf, paths, error))
    return FALSE;
  *ret_paths = g_steal_pointer(&paths);
  return TRUE;
}

static void
free_picture(gpointer picture)
{
  itv_picture_free(picture);
}

static GPtrArray *
healing_films(const ItvHealingPage *page, GError **error)
{
  g_autoptr(GPtrArray) films = g_ptr_array_new_with_free_func(free_picture);
  for (gsize i = 0; i < page->n_films; i++) {
    const ItvHealingFilms *f = &page->films[i];
    if (!f->pair.current.volume && !f->pair.prior.volume)
      continue;
    ItvPicture *picture = itv_films_picture(&f->pair, f->view, page->procedure_date, error);
    if (!picture)
      return NULL;
    g_free(picture->name);
    picture->name = g_strdup_printf("films-%u.png", films->len + 1);
    g_ptr_array_add(films, picture);
  }
  return g_steal_pointer(&films);
}

/* Of an earlier run, which had more of them. */
static void
remove_more_films(const char *dir, guint n)
{
  gboolean gone = TRUE;
  while (gone) {
    g_autofree char *name = g_strdup_printf("films-%u.png", ++n);
    g_autofree char *path = g_build_filename(dir, name, NULL);
    gone = g_unlink(path) == 0;
  }
}

gboolean
itv_healing_write(const ItvHealingPage *page, const char *dir, GPtrArray **ret_paths,
                  GError **error)
{
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) films = healing_films(page, error);
  if (!films || !make_directory(dir, error))
    return FALSE;
  for (guint i = 0; i < films->len; i++) {
    const ItvPicture *picture = films->pdata[i];
    if (!write_bytes(dir, picture->name, picture->png, paths, error))
      return FALSE;
  }
  remove_more_films(dir, films->len);
  if (!write_curves(dir, page->curves, page->n_curves, paths, error))
    return FALSE;
  g_autofree char *html = itv_healing_html(page, films);
  if (!write_file(dir, "healing.html", html, strlen(html), paths, error))
    return FALSE;
  g_autoptr(GBytes) pdf = itv_healing_pdf(page, films, error);
  if (!pdf || !write_bytes(dir, "healing.pdf", pdf, paths, error))
    return FALSE;
  *ret_paths = g_steal_pointer(&paths);
  return TRUE;
}
