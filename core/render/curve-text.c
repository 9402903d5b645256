/* SPDX-License-Identifier: Apache-2.0
 *
 * A curve in words: titles, the summary, the table and the SVG element around
 * the drawing.
 */
#include <math.h>

#include "render/curve-draw.h"
#include "render/text.h"

static gint
by_date(gconstpointer a, gconstpointer b)
{
  const ItvCurvePoint *x = *(const ItvCurvePoint *const *)a;
  const ItvCurvePoint *y = *(const ItvCurvePoint *const *)b;
  if (x->date != y->date)
    return x->date < y->date ? -1 : 1;
  return x < y ? -1 : x > y;
}

GPtrArray *
itv_curve_points(const ItvCurve *curve)
{
  GPtrArray *points = g_ptr_array_new();
  for (gsize i = 0; i < curve->n_points; i++) {
    const ItvCurvePoint *point = &curve->points[i];
    /* A GPtrArray holds no const; nobody writes through it. */
    union {
      const ItvCurvePoint *point;
      gpointer pointer;
    } borrowed = {point};
    if (point->date != ITV_DATE_NONE && isfinite(point->value))
      g_ptr_array_add(points, borrowed.pointer);
  }
  g_ptr_array_sort(points, by_date);
  return points;
}

char *
itv_curve_point_value(const ItvCurve *curve, const ItvCurvePoint *point)
{
  g_autofree char *value = itv_text_quantity(point->value, curve->unit);
  if (!isfinite(point->ci_low) || !isfinite(point->ci_high))
    return g_steal_pointer(&value);
  g_autofree char *low = itv_text_number(point->ci_low), *high = itv_text_number(point->ci_high);
  return g_strdup_printf("%s (95 %% CI %s to %s)", value, low, high);
}

char *
itv_curve_point_title(const ItvCurve *curve, const ItvCurvePoint *point)
{
  g_autofree char *date = itv_text_date(point->date);
  g_autofree char *value = itv_curve_point_value(curve, point);
  const char *verdict = point->verdict          ? itv_text_verdict(point->verdict)
                        : point->not_resolvable ? "not resolvable"
                                                : NULL;
  return g_strdup_printf("%s: %s%s%s", date, value, verdict ? ", " : "", verdict ? verdict : "");
}

/* A reader's name may come as DICOM writes it. */
static char *
source_text(const ItvCurvePoint *point)
{
  g_autofree char *label = itv_text_person(point->label), *note = itv_text_clean(point->note, 600);
  return g_strdup_printf("%s%s%s", label, label[0] && note[0] ? "; " : "", note);
}

static char *
verdict_text(const ItvCurvePoint *point)
{
  const char *code = point->verdict          ? point->verdict
                     : point->not_resolvable ? "not-resolvable"
                                             : NULL;
  return code ? g_strdup_printf("%s %s", itv_text_verdict_symbol(code), itv_text_verdict(code))
              : g_strdup("");
}

void
itv_curve_point_cells(const ItvCurve *curve, const ItvCurvePoint *point, char *ret_cells[5])
{
  g_autofree char *low = itv_text_number(point->expected_low);
  g_autofree char *high = itv_text_number(point->expected_high);
  ret_cells[0] = itv_text_date(point->date);
  ret_cells[1] = itv_curve_point_value(curve, point);
  ret_cells[2] = low[0] && high[0] ? g_strdup_printf("%s to %s", low, high) : g_strdup("");
  ret_cells[3] = verdict_text(point);
  ret_cells[4] = source_text(point);
}

char *
itv_curve_summary(const ItvCurve *curve)
{
  if (curve->summary)
    return g_strdup(curve->summary);
  g_autoptr(GPtrArray) points = itv_curve_points(curve);
  g_autofree char *measure = itv_text_measure(curve->measure);
  if (!points->len)
    return g_strdup_printf("No measured value of %s.", measure);
  const ItvCurvePoint *first = points->pdata[0], *last = points->pdata[points->len - 1];
  g_autofree char *from = itv_text_date(first->date), *to = itv_text_date(last->date);
  g_autofree char *a = itv_text_quantity(first->value, curve->unit);
  g_autofree char *b = itv_text_quantity(last->value, curve->unit);
  if (points->len == 1)
    return g_strdup_printf("One value of %s: %s on %s.", measure, a, from);
  return g_strdup_printf("%u values of %s, from %s on %s to %s on %s.", points->len, measure, a,
                         from, b, to);
}

char *
itv_curve_svg(const ItvCurve *curve, const char *id, double width, double height)
{
  g_autoptr(GString) out = g_string_new(NULL);
  g_autofree char *summary = itv_curve_summary(curve);
  width = CLAMP(width, 200, 10000);
  height = CLAMP(height, 120, 10000);
  g_string_append_printf(out,
                         "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                         "width=\"%d\" height=\"%d\" font-family=\"DejaVu Sans, Verdana, "
                         "sans-serif\" role=\"group\"",
                         (int)width, (int)height, (int)width, (int)height);
  itv_text_append_markup(out, " aria-labelledby=\"%s-title %s-desc\">\n", id, id);
  itv_text_append_markup(out, "<title id=\"%s-title\">%s</title>\n<desc id=\"%s-desc\">%s</desc>\n",
                         id, curve->title ? curve->title : curve->measure, id, summary);
  ItvSvgPen pen;
  itv_svg_pen_init(&pen, out);
  itv_curve_draw(&pen.pen, curve, 0, 0, width, height);
  g_string_append(out, "</svg>\n");
  return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Which columns say something. */
typedef struct {
  gboolean ci, expected, verdict, source;
} Columns;

static Columns
columns_of(const GPtrArray *points)
{
  Columns used = {FALSE, FALSE, FALSE, FALSE};
  for (guint i = 0; i < points->len; i++) {
    const ItvCurvePoint *p = points->pdata[i];
    used.ci |= isfinite(p->ci_low) && isfinite(p->ci_high);
    used.expected |= isfinite(p->expected_low) && isfinite(p->expected_high);
    used.verdict |= p->verdict || p->not_resolvable;
    used.source |= p->label || p->note;
  }
  return used;
}

static void
append_range(GString *out, double low, double high)
{
  g_autofree char *from = itv_text_number(low), *to = itv_text_number(high);
  itv_text_append_markup(out, "<td class=\"n\">%s%s%s</td>", from, from[0] && to[0] ? " to " : "",
                         to);
}

static void
table_row(GString *out, const ItvCurve *curve, const ItvCurvePoint *point, ItvDate since,
          const Columns *used)
{
  g_autofree char *date = itv_text_date(point->date);
  g_autofree char *days = g_strdup_printf("%d", point->date - since);
  g_autofree char *value = itv_text_quantity(point->value, curve->unit);
  g_autofree char *verdict = verdict_text(point), *source = source_text(point);
  itv_text_append_markup(out,
                         "<tr><th scope=\"row\">%s</th><td class=\"n\">%s</td>"
                         "<td class=\"n\">%s</td>",
                         date, days, value);
  if (used->ci)
    append_range(out, point->ci_low, point->ci_high);
  if (used->expected)
    append_range(out, point->expected_low, point->expected_high);
  if (used->verdict)
    itv_text_append_markup(out, "<td>%s</td>", verdict);
  if (used->source)
    itv_text_append_markup(out, "<td>%s</td>", source);
  g_string_append(out, "</tr>\n");
}

static void
table_head(GString *out, const char *since, const Columns *used)
{
  itv_text_append_markup(out,
                         "<thead><tr><th scope=\"col\">Date</th><th scope=\"col\">Days since "
                         "%s</th><th scope=\"col\">Value</th>",
                         since);
  if (used->ci)
    g_string_append(out, "<th scope=\"col\">95 % CI</th>");
  if (used->expected)
    g_string_append(out, "<th scope=\"col\">Expected</th>");
  if (used->verdict)
    g_string_append(out, "<th scope=\"col\">Verdict</th>");
  if (used->source)
    g_string_append(out, "<th scope=\"col\">Source</th>");
  g_string_append(out, "</tr></thead>\n<tbody>\n");
}

static gint
event_order(gconstpointer a, gconstpointer b)
{
  const ItvCurveEvent *x = a, *y = b;
  return (x->date > y->date) - (x->date < y->date);
}

char *
itv_curve_table(const ItvCurve *curve)
{
  g_autoptr(GString) out = g_string_new("<table class=\"curve\">\n");
  g_autoptr(GPtrArray) points = itv_curve_points(curve);
  g_autofree char *summary = itv_curve_summary(curve);
  ItvDate since = points->len ? ((const ItvCurvePoint *)points->pdata[0])->date : 0;
  const ItvCurveEvent *start = NULL;
  for (gsize i = 0; i < curve->n_events; i++)
    if (curve->events[i].date != ITV_DATE_NONE &&
        (!start || event_order(&curve->events[i], start) < 0))
      start = &curve->events[i];
  if (start)
    since = start->date;
  g_autofree char *day = itv_text_date(since);
  itv_text_append_markup(out, "<caption>%s</caption>\n", summary);
  const Columns used = columns_of(points);
  table_head(out, start && start->label ? start->label : day, &used);
  for (guint i = 0; i < points->len; i++)
    table_row(out, curve, points->pdata[i], since, &used);
  if (!points->len)
    g_string_append(out, "<tr><td colspan=\"3\">no measured value</td></tr>\n");
  g_string_append(out, "</tbody>\n</table>\n");
  return g_string_free(g_steal_pointer(&out), FALSE);
}
