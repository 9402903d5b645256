/* SPDX-License-Identifier: Apache-2.0
 *
 * The comparison as one HTML document: no script, nothing fetched, every text
 * escaped, readable without colour, by ear and on paper.
 */
#include <math.h>

#include "render/page-text.h"
#include "render/page.h"
#include "render/text.h"

static const char style[] =
    ":root{color-scheme:light}"
    "body{font:16px/1.45 \"DejaVu Sans\",Verdana,sans-serif;color:#1a1a1a;background:#fff;"
    "margin:0 auto;padding:1rem 1.5rem;max-width:96rem}p,li,.sum{max-width:70rem}"
    "h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:1.6rem 0 .5rem;"
    "border-bottom:1px solid #999}"
    "header{font-weight:bold;font-size:1.05rem;position:sticky;top:0;background:#fff;"
    "padding:.5rem 0;border-bottom:2px solid "
    "#1a1a1a;z-index:1}.sum{font-size:1.1rem;border-left:5px solid #1f4e9e;"
    "padding:.4rem .8rem;background:#f2f5fa}"
    ".bad{border-left:5px solid #a63603;padding:.4rem .8rem;background:#fdf1ea}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0}"
    "caption{text-align:left;font-style:italic;padding:.2rem 0}"
    "th,td{border:1px solid #999;padding:.3rem .5rem;text-align:left;vertical-align:top}"
    ".curve tbody th{white-space:nowrap}"
    "thead th{background:#ececec}td.n{text-align:right}@media screen and "
    "(min-width:60rem){td.n{white-space:nowrap}}"
    ".verdict{font-weight:bold}.note{font-weight:normal;font-size:.85rem;margin:."
    "2rem 0}"
    ".pics{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,36rem),1fr));gap:"
    "1rem}"
    "figure{margin:0;break-inside:avoid}figure img{width:100%;height:auto;background:#000}"
    "figcaption{font-size:.9rem}svg{max-width:100%;height:auto}"
    "footer{font-size:.85rem;color:#444;margin-top:2rem;border-top:1px solid #999}"
    "code{overflow-wrap:anywhere}"
    "@media print{header{position:static}body{font-size:10.5pt;max-width:none;padding:0}"
    ".pics{display:block}figure{margin-bottom:1rem}"
    "figure img{width:auto;max-width:100%;max-height:12cm}"
    "table{font-size:8.5pt}th,td{padding:.15rem .3rem}.note{font-size:7pt}"
    ".curve tr{break-inside:avoid}h2,caption{break-after:avoid}}";

static void
begin(GString *out, const char *title)
{
  itv_text_append_markup(
      out,
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>%s</title>\n<style>",
      title);
  g_string_append(out, style);
  g_string_append(out, "</style>\n</head>\n<body>\n");
}

/* Whose page it is stays in sight while it is scrolled. */
static void
identity(GString *out, const char *heading, const ItvPagePatient *patient)
{
  g_autofree char *who = itv_page_identity(patient);
  itv_text_append_markup(out, "<header>%s</header>\n<main>\n<h1>%s</h1>\n", who, heading);
}

static void
study_row(GString *out, const char *role, const ItvPageStudy *s)
{
  g_autofree char *date = itv_text_date(s->date);
  const char *modality = s->modality ? itv_modality_code(s->modality) : "";
  itv_text_append_markup(out,
                         "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>%s %s</td>"
                         "<td>%s</td><td>%s</td></tr>\n",
                         role, date, modality, s->description, itv_text_side(s->laterality),
                         s->series_description, s->accession);
}

static void
pair(GString *out, const ItvComparisonPage *page)
{
  g_autofree char *days = itv_text_days_between(page->prior.date, page->current.date);
  g_string_append(out, "<h2>Studies</h2>\n<table><thead><tr><th scope=\"col\"></th>"
                       "<th scope=\"col\">Date</th><th scope=\"col\">Modality</th>"
                       "<th scope=\"col\">Exam</th><th scope=\"col\">Series</th>"
                       "<th scope=\"col\">Accession</th></tr></thead>\n<tbody>\n");
  study_row(out, "Current", &page->current);
  study_row(out, "Prior", &page->prior);
  itv_text_append_markup(out, "</tbody></table>\n<p>The prior is %s older.</p>\n", days);
}

static void
reasons(GString *out, const ItvComparisonPage *page, gboolean info)
{
  gboolean any = FALSE;
  for (gsize i = 0; i < page->n_reasons; i++) {
    if (itv_page_is_info(&page->reasons[i]) != info)
      continue;
    g_string_append(out, any ? "" : "<ul>\n");
    any = TRUE;
    itv_text_append_markup(out, "<li><strong>%s</strong>: %s</li>\n",
                           itv_page_severity(page->reasons[i].severity), page->reasons[i].text);
  }
  g_string_append(out, any ? "</ul>\n" : "");
}

/* What decides whether to trust the rest; the numbers behind it come at the end. */
static void
comparability(GString *out, const ItvComparisonPage *page)
{
  const ItvPageRegistration *r = &page->registration;
  g_autofree char *alignment = itv_page_alignment(r);
  g_string_append(out, "<h2>Can they be compared?</h2>\n");
  g_string_append(out, page->comparable ? "<p>✓ These two studies may be compared.</p>\n"
                                        : "<p class=\"bad\">✗ These two studies may not be "
                                          "compared by measurement.</p>\n");
  itv_text_append_markup(out, r->accepted ? "<p>✓ %s</p>\n" : "<p class=\"bad\">✗ %s</p>\n",
                         alignment);
  reasons(out, page, FALSE);
}

static void
matrix(GString *out, const ItvPageRegistration *r)
{
  g_string_append(out, "<details><summary>Matrix, current LPS mm to prior LPS mm</summary>\n"
                       "<table><tbody>\n");
  for (int row = 0; row < 4; row++) {
    g_string_append(out, "<tr>");
    for (int c = 0; c < 4; c++) {
      char buffer[40];
      g_ascii_formatd(buffer, sizeof buffer, "%.6g", r->map.matrix[row * 4 + c]);
      itv_text_append_markup(out, "<td class=\"n\">%s</td>", buffer);
    }
    g_string_append(out, "</tr>\n");
  }
  g_string_append(out, "</tbody></table></details>\n");
}

static void
details(GString *out, const ItvComparisonPage *page)
{
  const ItvPageRegistration *r = &page->registration;
  g_autofree char *text = itv_page_registration(r);
  g_string_append(out, "<h2>Details of the checks</h2>\n");
  itv_text_append_markup(out, "<p>%s</p>\n", text);
  reasons(out, page, TRUE);
  if (r->accepted && r->model)
    matrix(out, r);
}

static void
pictures_section(GString *out, const char *heading, const GPtrArray *pictures)
{
  if (!pictures->len)
    return;
  itv_text_append_markup(out, "<h2>%s</h2>\n<div class=\"pics\">\n", heading);
  for (guint i = 0; i < pictures->len; i++) {
    const ItvPicture *p = pictures->pdata[i];
    gsize n = 0;
    const guchar *bytes = g_bytes_get_data(p->png, &n);
    g_autofree char *base64 = g_base64_encode(bytes, n);
    itv_text_append_markup(out, "<figure><img alt=\"%s\"", p->alt);
    g_string_append_printf(out, " width=\"%d\" height=\"%d\" src=\"data:image/png;base64,%s\">",
                           p->width, p->height, base64);
    itv_text_append_markup(out, "<figcaption>%s</figcaption></figure>\n", p->title);
  }
  g_string_append(out, "</div>\n");
}

static void
change_cells(GString *out, const ItvPageChange *c)
{
  g_auto(ItvChangeText) t = itv_change_text(c);
  itv_text_append_markup(out,
                         "<td>%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td>"
                         "<td class=\"n\">%s</td><td class=\"n\">%s</td>",
                         t.measure, t.prior, t.current, t.change, t.percent);
  itv_text_append_markup(out, "<td class=\"n\">%s</td><td class=\"verdict\">%s %s", t.ci,
                         itv_text_verdict_symbol(c->verdict), itv_text_verdict(c->verdict));
  itv_text_append_markup(out, t.note[0] ? "<p class=\"note\">%s</p></td></tr>\n" : "</td></tr>\n",
                         t.note);
}

/* One body of the table for each finding; returns how many rows it has. */
static guint
change_group(GString *out, const GPtrArray *sorted, guint first)
{
  guint n = 1;
  g_autofree char *finding = itv_page_finding(sorted->pdata[first]);
  while (first + n < sorted->len &&
         itv_page_same_finding(sorted->pdata[first], sorted->pdata[first + n]))
    n++;
  g_string_append_printf(out, "<tbody>\n<tr><th scope=\"rowgroup\" rowspan=\"%u\">", n);
  itv_text_append_markup(out, "%s</th>", finding);
  for (guint i = 0; i < n; i++) {
    g_string_append(out, i ? "<tr>" : "");
    change_cells(out, sorted->pdata[first + i]);
  }
  g_string_append(out, "</tbody>\n");
  return n;
}

static void
changes(GString *out, const ItvComparisonPage *page)
{
  g_string_append(out, "<h2>Changes</h2>\n");
  if (!page->n_changes) {
    g_string_append(out, "<p>No finding was measured in both studies.</p>\n");
    return;
  }
  g_string_append(out,
                  "<table><caption>▲ increased, ▼ decreased, = unchanged, ○ not resolvable: the "
                  "difference is smaller than what two measurements of the same thing differ by, "
                  "so neither change nor stability is shown</caption><thead><tr>"
                  "<th scope=\"col\">Finding</th><th scope=\"col\">Measure</th>"
                  "<th scope=\"col\">Prior</th><th scope=\"col\">Current</th>"
                  "<th scope=\"col\">Change</th><th scope=\"col\">Change, %</th>"
                  "<th scope=\"col\">95 % CI of the change</th><th scope=\"col\">Verdict</th>"
                  "</tr></thead>\n");
  g_autoptr(GPtrArray) sorted = itv_page_sorted_changes(page);
  for (guint i = 0; i < sorted->len;)
    i += change_group(out, sorted, i);
  g_string_append(out, "</table>\n");
}

static void
curves_section(GString *out, const char *heading, const ItvCurve *curves, gsize n, gsize first)
{
  if (!n)
    return;
  itv_text_append_markup(out, "<h2>%s</h2>\n", heading);
  for (gsize i = 0; i < n; i++) {
    g_autofree char *id = g_strdup_printf("curve%" G_GSIZE_FORMAT, first + i);
    g_autofree char *table = itv_curve_table(&curves[i]);
    if (itv_page_curve_is_drawn(&curves[i])) {
      g_autofree char *svg = itv_curve_svg(&curves[i], id, 860, 340);
      g_string_append_printf(out, "<figure>\n%s</figure>\n", svg);
    } else
      itv_text_append_markup(out, "<h3>%s</h3>\n", curves[i].title);
    g_string_append(out, table);
  }
}

static void
provenance(GString *out, const ItvPageSource *sources, gsize n, const char *program,
           ItvDate made_on)
{
  g_string_append(out, "<footer>\n<h2>Provenance</h2>\n");
  if (n) {
    g_string_append(out, "<table><thead><tr><th scope=\"col\">Step</th><th scope=\"col\">Made by"
                         "</th><th scope=\"col\">Version</th><th scope=\"col\">Hash</th></tr>"
                         "</thead>\n<tbody>\n");
    for (gsize i = 0; i < n; i++)
      itv_text_append_markup(out,
                             "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td>"
                             "<td><code>%s</code></td></tr>\n",
                             sources[i].what, sources[i].id, sources[i].version, sources[i].hash);
    g_string_append(out, "</tbody></table>\n");
  }
  g_autofree char *made = itv_page_made_by(program, made_on);
  itv_text_append_markup(out, "<p>%s</p>\n</footer>\n</body>\n</html>\n", made);
}

char *
itv_comparison_html(const ItvComparisonPage *page, const GPtrArray *pictures)
{
  g_autoptr(GString) out = g_string_new(NULL);
  g_autofree char *title = itv_page_title(page);
  g_autofree char *summary = itv_page_summary(page), *heading = itv_page_heading(page);
  begin(out, title);
  identity(out, heading, &page->patient);
  itv_text_append_markup(out,
                         page->comparable && page->registration.accepted
                             ? "<p class=\"sum\">%s</p>\n"
                             : "<p class=\"sum bad\">%s</p>\n",
                         summary);
  pair(out, page);
  comparability(out, page);
  changes(out, page);
  pictures_section(out, "Pictures", pictures);
  curves_section(out, "Course over time", page->curves, page->n_curves, 1);
  details(out, page);
  g_string_append(out, "</main>\n");
  provenance(out, page->sources, page->n_sources, page->program, page->made_on);
  return g_string_free(g_steal_pointer(&out), FALSE);
}

static void
remarks(GString *out, const char *const *notes, gsize n)
{
  if (!n)
    return;
  g_string_append(out, "<h2>Remarks</h2>\n<ul>\n");
  for (gsize i = 0; i < n; i++)
    itv_text_append_markup(out, "<li>%s</li>\n", notes[i]);
  g_string_append(out, "</ul>\n");
}

char *
itv_healing_html(const ItvHealingPage *page, const GPtrArray *films)
{
  g_autoptr(GString) out = g_string_new(NULL);
  g_autofree char *who = itv_page_identity(&page->patient);
  g_autofree char *title = g_strdup_printf("Healing: %s", who);
  g_autofree char *procedure = itv_page_procedure(page);
  g_autofree char *verdict = itv_page_healing(page);
  const gsize leading = MIN(page->n_curves, 1);
  begin(out, title);
  identity(out, "Healing after surgery", &page->patient);
  itv_text_append_markup(out, "<p>%s</p>\n<p class=\"%s\">%s</p>\n", procedure,
                         itv_page_healing_alarms(page) ? "sum bad" : "sum", verdict);
  curves_section(out, "Course over time", page->curves, leading, 1);
  pictures_section(out, "Films", films);
  curves_section(out, "Other measures", page->curves + leading, page->n_curves - leading, 2);
  remarks(out, page->notes, page->n_notes);
  g_string_append(out, "</main>\n");
  provenance(out, page->sources, page->n_sources, page->program, page->made_on);
  return g_string_free(g_steal_pointer(&out), FALSE);
}
