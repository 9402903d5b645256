/* SPDX-License-Identifier: Apache-2.0
 *
 * The same as html.c, on paper.
 */
#include <math.h>

#include "render/curve-draw.h"
#include "render/page-text.h"
#include "render/paper.h"
#include "render/text.h"

#define GOOD 0x1f4e9eu
#define BAD 0xa63603u

/* Cells of a table, owned until it is drawn. */
static void
cell(GPtrArray *cells, const char *text)
{
  g_ptr_array_add(cells, itv_text_clean(text, 300));
}

static void
table(ItvPaper *paper, int columns, const double *shares, const GPtrArray *cells,
      const char *const *notes)
{
  g_autofree const char **row = g_new0(const char *, cells->len + 1);
  for (guint i = 0; i < cells->len; i++)
    row[i] = cells->pdata[i];
  itv_paper_table(paper, columns, shares, row, notes, cells->len / (guint)columns);
}

static void
study_row(GPtrArray *cells, const char *role, const ItvPageStudy *s)
{
  g_autofree char *date = itv_text_date(s->date);
  g_autofree char *description =
      g_strdup_printf("%s %s", s->description ? s->description : "", itv_text_side(s->laterality));
  cell(cells, role);
  cell(cells, date);
  cell(cells, s->modality ? itv_modality_code(s->modality) : "");
  cell(cells, description);
  cell(cells, s->series_description);
  cell(cells, s->accession);
}

static void
write_pair(ItvPaper *paper, const ItvComparisonPage *page)
{
  static const double shares[] = {10, 12, 9, 30, 22, 17};
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  const char *const heads[] = {"", "Date", "Modality", "Exam", "Series", "Accession"};
  for (guint i = 0; i < G_N_ELEMENTS(heads); i++)
    cell(cells, heads[i]);
  study_row(cells, "Current", &page->current);
  study_row(cells, "Prior", &page->prior);
  itv_paper_heading(paper, "Studies");
  table(paper, 6, shares, cells, NULL);
  g_autofree char *days = itv_text_days_between(page->prior.date, page->current.date);
  g_autofree char *text = g_strdup_printf("The prior is %s older.", days);
  itv_paper_text(paper, text, 9.5, FALSE);
}

static void
write_reasons(ItvPaper *paper, const ItvComparisonPage *page, gboolean info)
{
  for (gsize i = 0; i < page->n_reasons; i++) {
    if (itv_page_is_info(&page->reasons[i]) != info)
      continue;
    g_autofree char *clean = itv_text_clean(page->reasons[i].text, 600);
    g_autofree char *line =
        g_strdup_printf("• %s: %s", itv_page_severity(page->reasons[i].severity), clean);
    itv_paper_text(paper, line, 9, FALSE);
  }
}

static void
write_comparability(ItvPaper *paper, const ItvComparisonPage *page)
{
  itv_paper_heading(paper, "Can they be compared?");
  itv_paper_text(paper,
                 page->comparable ? "✓ These two studies may be compared."
                                  : "✗ These two studies may not be compared by measurement.",
                 9.5, !page->comparable);
  g_autofree char *text = itv_page_alignment(&page->registration);
  g_autofree char *line = g_strdup_printf("%s %s", page->registration.accepted ? "✓" : "✗", text);
  itv_paper_text(paper, line, 9.5, !page->registration.accepted);
  write_reasons(paper, page, FALSE);
}

static void
write_details(ItvPaper *paper, const ItvComparisonPage *page)
{
  g_autofree char *text = itv_page_registration(&page->registration);
  itv_paper_heading(paper, "Details of the checks");
  itv_paper_text(paper, text, 9, FALSE);
  write_reasons(paper, page, TRUE);
}

static void
write_changes(ItvPaper *paper, const ItvComparisonPage *page)
{
  static const double shares[] = {24, 12, 11, 11, 12, 10, 18, 17};
  static const char *const heads[] = {"Finding", "Measure",           "Prior",  "Current", "Change",
                                      "in %",    "95 % CI of change", "Verdict"};
  itv_paper_heading(paper, "Changes");
  if (!page->n_changes) {
    itv_paper_text(paper, "No finding was measured in both studies.", 9.5, FALSE);
    return;
  }
  g_autoptr(GPtrArray) sorted = itv_page_sorted_changes(page);
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < G_N_ELEMENTS(heads); i++)
    cell(cells, heads[i]);
  cell(notes, NULL);
  for (guint i = 0; i < sorted->len; i++) {
    const ItvPageChange *c = sorted->pdata[i];
    const gboolean again = i > 0 && itv_page_same_finding(sorted->pdata[i - 1], c);
    g_auto(ItvChangeText) t = itv_change_text(c);
    g_autofree char *finding = again ? g_strdup("″") : itv_page_finding(c);
    g_autofree char *verdict =
        g_strdup_printf("%s %s", itv_text_verdict_symbol(c->verdict), itv_text_verdict(c->verdict));
    const char *const row[] = {finding,  t.measure, t.prior, t.current,
                               t.change, t.percent, t.ci,    verdict};
    for (guint k = 0; k < G_N_ELEMENTS(row); k++)
      cell(cells, row[k]);
    cell(notes, t.note);
  }
  table(paper, 8, shares, cells, (const char *const *)notes->pdata);
  itv_paper_text(paper,
                 "Not resolvable: the difference is smaller than what two measurements of the same "
                 "thing differ by, so neither change nor stability is shown.",
                 8.5, FALSE);
}

/* Columns that say nothing for any point are left out. */
static void
write_curve_table(ItvPaper *paper, const ItvCurve *curve)
{
  static const double all_shares[] = {12, 22, 13, 15, 40};
  static const char *const heads[] = {"Date", "Value", "Expected", "Verdict", "Source"};
  enum { COLUMNS = G_N_ELEMENTS(heads) };
  g_autoptr(GPtrArray) points = itv_curve_points(curve);
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
  gboolean used[COLUMNS] = {TRUE, TRUE};
  for (guint i = 0; i < points->len; i++) {
    char *cells[COLUMNS];
    itv_curve_point_cells(curve, points->pdata[i], cells);
    for (guint c = 0; c < COLUMNS; c++) {
      used[c] |= cells[c][0] != 0;
      g_ptr_array_add(all, cells[c]);
    }
  }
  double shares[COLUMNS];
  int n = 0;
  g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
  for (guint c = 0; c < COLUMNS; c++)
    if (used[c]) {
      shares[n++] = all_shares[c];
      cell(kept, heads[c]);
    }
  for (guint i = 0; i < all->len; i++)
    if (used[i % COLUMNS])
      cell(kept, all->pdata[i]);
  table(paper, n, shares, kept, NULL);
}

static void
write_curves(ItvPaper *paper, const char *heading, const ItvCurve *curves, gsize n)
{
  for (gsize i = 0; i < n; i++) {
    const char *head = i == 0 ? heading : NULL;
    if (itv_page_curve_is_drawn(&curves[i]))
      itv_paper_curve(paper, &curves[i], head);
    else {
      g_autofree char *title = itv_text_clean(curves[i].title, 200);
      if (head)
        itv_paper_heading(paper, head);
      itv_paper_text(paper, title, 10, TRUE);
    }
    write_curve_table(paper, &curves[i]);
  }
}

static void
write_provenance(ItvPaper *paper, const ItvPageSource *sources, gsize n)
{
  static const double shares[] = {16, 30, 10, 44};
  static const char *const heads[] = {"Step", "Made by", "Version", "Hash"};
  if (!n)
    return;
  itv_paper_heading(paper, "Provenance");
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < G_N_ELEMENTS(heads); i++)
    cell(cells, heads[i]);
  for (gsize i = 0; i < n; i++) {
    const char *const row[] = {sources[i].what, sources[i].id, sources[i].version, sources[i].hash};
    for (guint k = 0; k < G_N_ELEMENTS(row); k++)
      cell(cells, row[k]);
  }
  table(paper, 4, shares, cells, NULL);
}

typedef struct {
  const ItvComparisonPage *page;
  const GPtrArray *pictures;
} Comparison;

static void
write_comparison(ItvPaper *paper, gconstpointer data)
{
  const Comparison *c = data;
  const ItvComparisonPage *page = c->page;
  g_autofree char *summary = itv_page_summary(page), *heading = itv_page_heading(page);
  itv_paper_text(paper, heading, 16, TRUE);
  itv_paper_box(paper, summary, page->comparable && page->registration.accepted ? GOOD : BAD);
  write_pair(paper, page);
  write_comparability(paper, page);
  write_changes(paper, page);
  for (guint i = 0; i < c->pictures->len; i++)
    itv_paper_picture(paper, c->pictures->pdata[i], i == 0 ? "Pictures" : NULL);
  write_curves(paper, "Course over time", page->curves, page->n_curves);
  write_details(paper, page);
  write_provenance(paper, page->sources, page->n_sources);
}

GBytes *
itv_comparison_pdf(const ItvComparisonPage *page, const GPtrArray *pictures, GError **error)
{
  const Comparison comparison = {page, pictures};
  g_autofree char *title = itv_page_title(page);
  g_autofree char *head = itv_page_identity(&page->patient);
  g_autofree char *foot = itv_page_made_by(page->program, page->made_on);
  return itv_paper_make(title, head, foot, page->made_on, write_comparison, &comparison, error);
}

typedef struct {
  const ItvHealingPage *page;
  const GPtrArray *films;
} Healing;

static void
write_healing(ItvPaper *paper, gconstpointer data)
{
  const Healing *h = data;
  const ItvHealingPage *page = h->page;
  const gsize leading = MIN(page->n_curves, 1);
  g_autofree char *procedure = itv_page_procedure(page);
  g_autofree char *verdict = itv_page_healing(page);
  itv_paper_text(paper, "Healing after surgery", 16, TRUE);
  itv_paper_text(paper, procedure, 10.5, FALSE);
  itv_paper_box(paper, verdict, itv_page_healing_alarms(page) ? BAD : GOOD);
  write_curves(paper, "Course over time", page->curves, leading);
  for (guint i = 0; i < h->films->len; i++)
    itv_paper_picture(paper, h->films->pdata[i], i == 0 ? "Films" : NULL);
  write_curves(paper, "Other measures", page->curves + leading, page->n_curves - leading);
  if (page->n_notes)
    itv_paper_heading(paper, "Remarks");
  for (gsize i = 0; i < page->n_notes; i++) {
    g_autofree char *note = itv_text_clean(page->notes[i], 600);
    g_autofree char *line = g_strdup_printf("• %s", note);
    itv_paper_text(paper, line, 9, FALSE);
  }
  write_provenance(paper, page->sources, page->n_sources);
}

GBytes *
itv_healing_pdf(const ItvHealingPage *page, const GPtrArray *films, GError **error)
{
  const Healing healing = {page, films};
  g_autofree char *head = itv_page_identity(&page->patient);
  g_autofree char *title = g_strdup_printf("Healing: %s", head);
  g_autofree char *foot = itv_page_made_by(page->program, page->made_on);
  return itv_paper_make(title, head, foot, page->made_on, write_healing, &healing, error);
}
