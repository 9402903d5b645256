/* SPDX-License-Identifier: Apache-2.0 */
#include "render/letter.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "render/paper.h"
#include "render/text.h"

/* ---- as a page -------------------------------------------------------------------- */

static const char style[] =
    ":root{color-scheme:light}"
    "body{font:17px/1.5 \"DejaVu Sans\",Verdana,sans-serif;color:#1a1a1a;background:#fff;"
    "max-width:42rem;margin:0 auto;padding:1rem 1.5rem}"
    "h1{font-size:1.2rem;margin:1.5rem 0 1rem}"
    ".sender{text-align:right;font-size:.95rem}.recipient{margin:1.5rem 0}"
    "blockquote{margin:.8rem 0;padding:.4rem 1rem;border-left:5px solid #1f4e9e;"
    "background:#f2f5fa;font-weight:bold}"
    ".call{font-size:1.3rem;font-weight:bold;border:2px solid #1a1a1a;padding:.6rem 1rem;"
    "text-align:center}"
    ".signature{margin-top:2rem}footer{font-size:.8rem;color:#444;margin-top:2rem;"
    "border-top:1px solid #999}"
    "@media print{body{font-size:11pt;max-width:none;padding:0}}";

static void
append_lines(GString *out, const char *text)
{
  g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
  for (guint i = 0; lines[i]; i++) {
    g_autofree char *clean = itv_text_clean(lines[i], 4000);
    itv_text_append_markup(out, i ? "<br>%s" : "%s", clean);
  }
}

char *
itv_sheet_html(const ItvSheet *sheet)
{
  static const char *const open[] = {
      "",    "<p class=\"sender\">", "<p class=\"recipient\">", "<h1>",
      "<p>", "<blockquote>",         "<p class=\"call\">",      "<p class=\"signature\">"};
  static const char *const close[] = {"",     "</p>",          "</p>", "</h1>",
                                      "</p>", "</blockquote>", "</p>", "</p>"};
  GString *out = g_string_new(NULL);
  g_autofree char *title = itv_text_clean(sheet->title ? sheet->title : "", 300);
  itv_text_append_markup(
      out,
      "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>%s</title>\n<style>",
      sheet->language ? sheet->language : "en", title);
  g_string_append_printf(out, "%s</style>\n</head>\n<body>\n<main>\n", style);
  for (gsize i = 0; i < sheet->n_parts; i++) {
    g_string_append(out, open[sheet->parts[i].kind]);
    append_lines(out, sheet->parts[i].text);
    g_string_append_printf(out, "%s\n", close[sheet->parts[i].kind]);
  }
  g_autofree char *foot = itv_text_clean(sheet->foot ? sheet->foot : "", 400);
  itv_text_append_markup(out, "</main>\n<footer><p>%s</p></footer>\n</body>\n</html>\n", foot);
  return g_string_free(out, FALSE);
}

/* ---- on paper ------------------------------------------------------------------------- */

#define BODY_PT 11.0

/* The paper's paragraphs know no line ends. */
static void
write_lines(ItvPaper *paper, const char *text, double size)
{
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    itv_paper_text(paper, lines[i], size, FALSE);
}

static void
write_part(ItvPaper *paper, const ItvSheetPart *part)
{
  const char *text = part->text ? part->text : "";
  switch (part->kind) {
  case ITV_SHEET_SENDER:
    write_lines(paper, text, 9.5);
    itv_paper_space(paper, 24);
    break;
  case ITV_SHEET_RECIPIENT:
    write_lines(paper, text, BODY_PT);
    itv_paper_space(paper, 30);
    break;
  case ITV_SHEET_SUBJECT:
    itv_paper_text(paper, text, 13, TRUE);
    itv_paper_space(paper, 8);
    break;
  case ITV_SHEET_QUOTE:
    itv_paper_box(paper, text, 0x1f4e9e);
    itv_paper_space(paper, 4);
    break;
  case ITV_SHEET_CALL:
    itv_paper_text(paper, text, 15, TRUE);
    itv_paper_space(paper, 4);
    break;
  case ITV_SHEET_SIGNATURE:
    itv_paper_space(paper, 16);
    write_lines(paper, text, BODY_PT);
    break;
  default:
    write_lines(paper, text, BODY_PT);
    itv_paper_space(paper, 5);
    break;
  }
}

static void
write_parts(ItvPaper *paper, gconstpointer data)
{
  const ItvSheet *sheet = data;
  for (gsize i = 0; i < sheet->n_parts; i++)
    write_part(paper, &sheet->parts[i]);
}

GBytes *
itv_sheet_pdf(const ItvSheet *sheet, GError **error)
{
  const char *title = sheet->title ? sheet->title : "";
  /* The letter's own first line is its head; the foot says whose it is on every page. */
  return itv_paper_make(title, NULL, sheet->foot ? sheet->foot : "", sheet->made_on, write_parts,
                        sheet, error);
}

static gboolean
write_file(const char *dir, const char *name, const char *suffix, const char *bytes, gsize n,
           GPtrArray *paths, GError **error)
{
  g_autofree char *file = g_strconcat(name, suffix, NULL);
  g_autofree char *path = g_build_filename(dir, file, NULL);
  g_autoptr(GError) why = NULL;
  if (!g_file_set_contents(path, bytes, (gssize)n, &why))
    return itv_fail(error, ITV_ERROR_FAILED, "%s: %s", path, why->message);
  g_ptr_array_add(paths, g_steal_pointer(&path));
  return TRUE;
}

gboolean
itv_sheet_write(const ItvSheet *sheet, const char *dir, const char *name, GPtrArray **ret_paths,
                GError **error)
{
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *html = itv_sheet_html(sheet);
  g_autoptr(GBytes) pdf = itv_sheet_pdf(sheet, error);
  gsize n = 0;
  if (!pdf)
    return FALSE;
  if (g_mkdir_with_parents(dir, 0700) != 0)
    return itv_fail(error, ITV_ERROR_FAILED, "%s: cannot make this directory: %s", dir,
                    g_strerror(errno));
  const char *bytes = g_bytes_get_data(pdf, &n);
  if (!write_file(dir, name, ".html", html, strlen(html), paths, error) ||
      !write_file(dir, name, ".pdf", bytes, n, paths, error))
    return FALSE;
  *ret_paths = g_steal_pointer(&paths);
  return TRUE;
}
