/* SPDX-License-Identifier: Apache-2.0 */
#include "render/curve-draw.h"

#include <math.h>

#include "render/axis.h"
#include "render/text.h"

#define INK 0x222222u
#define FAINT 0xd9d9d9u
#define LINE 0x1f4e9eu   /* measured */
#define BAND 0x7fb8a4u   /* expected */
#define ERROR 0xb0b0b0u  /* measurement error */
#define WINDOW 0xf3e3b3u /* protocol visit */
#define EVENT 0xa63603u

#define FONT 11.0
#define LANE 14.0 /* height of one row of labels above the plot */

typedef struct {
  ItvPen *pen;
  const ItvCurve *curve;
  GPtrArray *points;
  double x, y, width, height;      /* of the whole drawing */
  double left, right, top, bottom; /* of the plot */
  ItvScale across, up;
  ItvTicks ticks;
  ItvDateTicks dates;
  double error_middle; /* NAN: no error band */
} Plot;

static const ItvPenStyle nothing = {0, 0, 0, FALSE, 0, 1};

static ItvPenStyle
stroke(guint32 colour, double width, double dash)
{
  ItvPenStyle style = nothing;
  style.stroke = colour;
  style.width = width;
  style.dash = dash;
  return style;
}

static ItvPenStyle
fill(guint32 colour, double opacity)
{
  ItvPenStyle style = nothing;
  style.filled = TRUE;
  style.fill = colour;
  style.fill_opacity = opacity;
  return style;
}

static void
line(Plot *p, double x1, double y1, double x2, double y2, ItvPenStyle style)
{
  const double xy[] = {x1, y1, x2, y2};
  p->pen->path(p->pen, xy, 2, FALSE, &style);
}

static void
box(Plot *p, double x1, double y1, double x2, double y2, ItvPenStyle style)
{
  const double xy[] = {x1, y1, x2, y1, x2, y2, x1, y2};
  p->pen->path(p->pen, xy, 4, TRUE, &style);
}

static double
at_date(const Plot *p, ItvDate date)
{
  return CLAMP(itv_scale_at(&p->across, date), p->left, p->right);
}

static double
at_value(const Plot *p, double value)
{
  return CLAMP(itv_scale_at(&p->up, value), p->top, p->bottom);
}

/* ---- extent ------------------------------------------------------------------ */

typedef struct {
  double low, high;
} Range;

static void
widen(Range *range, double value)
{
  if (!isfinite(value))
    return;
  range->low = MIN(range->low, value);
  range->high = MAX(range->high, value);
}

static void
widen_date(Range *range, ItvDate date)
{
  if (date != ITV_DATE_NONE)
    widen(range, date);
}

static void
extent(const Plot *p, Range *dates, Range *values)
{
  const ItvCurve *c = p->curve;
  *dates = *values = (Range){INFINITY, -INFINITY};
  for (guint i = 0; i < p->points->len; i++) {
    const ItvCurvePoint *point = p->points->pdata[i];
    widen_date(dates, point->date);
    widen(values, point->value);
    widen(values, point->ci_low);
    widen(values, point->ci_high);
    widen(values, point->expected_low);
    widen(values, point->expected_high);
  }
  for (gsize i = 0; i < c->n_events; i++)
    widen_date(dates, c->events[i].date);
  for (gsize i = 0; i < c->n_windows; i++) {
    widen_date(dates, c->windows[i].from);
    widen_date(dates, c->windows[i].until);
  }
  for (gsize i = 0; i < c->n_band; i++) {
    widen_date(dates, c->band[i].date);
    widen(values, c->band[i].low);
    widen(values, c->band[i].high);
  }
  widen(values, c->target);
  if (isfinite(p->error_middle)) {
    widen(values, p->error_middle - c->error);
    widen(values, p->error_middle + c->error);
  }
}

static void
make_scales(Plot *p)
{
  Range dates, values;
  extent(p, &dates, &values);
  if (!(dates.low <= dates.high))
    dates = (Range){0, 0};
  double pad = MAX(1, ceil((dates.high - dates.low) * 0.04));
  dates.low = MAX(dates.low - pad, -1e6);
  dates.high = MIN(dates.high + pad, 1e6);
  if (!(values.low <= values.high))
    values = (Range){0, 1};
  /* A measure near zero is read against zero. */
  if (values.low > 0 && values.low < 0.4 * values.high)
    values.low = 0;
  p->ticks = itv_ticks_for(&values.low, &values.high, (int)((p->bottom - p->top) / 32));
  p->dates =
      itv_date_ticks_for((ItvDate)dates.low, (ItvDate)dates.high, (int)((p->right - p->left) / 84));
  p->across = (ItvScale){dates.low, dates.high, p->left, p->right};
  p->up = (ItvScale){values.low, values.high, p->bottom, p->top};
}

/* ---- parts ------------------------------------------------------------------- */

static void
draw_axes(Plot *p)
{
  for (int i = 0; i < p->ticks.n; i++) {
    double y = itv_scale_at(&p->up, p->ticks.at[i]);
    g_autofree char *label = itv_tick_label(&p->ticks, i);
    line(p, p->left, y, p->right, y, stroke(FAINT, 0.7, 0));
    p->pen->text(p->pen, p->left - 6, y + FONT * 0.35, label, FONT, FALSE, ITV_PEN_END, FALSE, INK);
  }
  for (int i = 0; i < p->dates.n; i++) {
    double x = at_date(p, p->dates.at[i]);
    g_autofree char *label = itv_date_format(p->dates.at[i]);
    line(p, x, p->bottom, x, p->bottom + 4, stroke(INK, 1, 0));
    ItvPenAnchor anchor = x > p->right - 30 ? ITV_PEN_END : ITV_PEN_MIDDLE;
    p->pen->text(p->pen, x, p->bottom + 16, label, FONT, FALSE, anchor, FALSE, INK);
  }
  line(p, p->left, p->top, p->left, p->bottom, stroke(INK, 1, 0));
  line(p, p->left, p->bottom, p->right, p->bottom, stroke(INK, 1, 0));
  const char *unit = itv_text_unit(p->curve->unit);
  g_autofree char *measure = itv_text_measure(p->curve->measure);
  g_autofree char *label = unit[0] ? g_strdup_printf("%s (%s)", measure, unit) : g_strdup(measure);
  p->pen->text(p->pen, p->x + FONT, (p->top + p->bottom) / 2, label, FONT, FALSE, ITV_PEN_MIDDLE,
               TRUE, INK);
}

static void
draw_windows(Plot *p)
{
  for (gsize i = 0; i < p->curve->n_windows; i++) {
    const ItvCurveWindow *w = &p->curve->windows[i];
    if (w->from == ITV_DATE_NONE || w->until == ITV_DATE_NONE)
      continue;
    double x1 = at_date(p, w->from), x2 = MAX(at_date(p, w->until), x1 + 2);
    g_autofree char *from = itv_text_date(w->from), *until = itv_text_date(w->until);
    g_autofree char *title =
        g_strdup_printf("Planned visit %s: %s to %s", w->label ? w->label : "", from, until);
    p->pen->begin(p->pen, title, NULL);
    box(p, x1, p->top, x2, p->bottom, fill(WINDOW, 0.8));
    if (w->label)
      p->pen->text(p->pen, (x1 + x2) / 2, p->bottom - 4, w->label, FONT - 2, FALSE, ITV_PEN_MIDDLE,
                   FALSE, 0x6b5200);
    p->pen->end(p->pen);
  }
}

static void
band_piece(Plot *p, ItvDate d1, double low1, double high1, ItvDate d2, double low2, double high2)
{
  if (d1 == ITV_DATE_NONE || d2 == ITV_DATE_NONE || !isfinite(low1) || !isfinite(high1) ||
      !isfinite(low2) || !isfinite(high2))
    return;
  double x1 = at_date(p, d1), x2 = at_date(p, d2);
  const double xy[] = {x1, at_value(p, low1),  x2, at_value(p, low2),
                       x2, at_value(p, high2), x1, at_value(p, high1)};
  ItvPenStyle area = fill(BAND, 0.35), edge = stroke(BAND, 1, 4);
  p->pen->path(p->pen, xy, 4, TRUE, &area);
  p->pen->path(p->pen, xy, 2, FALSE, &edge);
  p->pen->path(p->pen, xy + 4, 2, FALSE, &edge);
}

static void
draw_expected(Plot *p)
{
  const ItvCurve *c = p->curve;
  p->pen->begin(p->pen, "Expected range", NULL);
  for (gsize i = 1; i < c->n_band; i++)
    band_piece(p, c->band[i - 1].date, c->band[i - 1].low, c->band[i - 1].high, c->band[i].date,
               c->band[i].low, c->band[i].high);
  for (guint i = 1; c->n_band == 0 && i < p->points->len; i++) {
    const ItvCurvePoint *a = p->points->pdata[i - 1], *b = p->points->pdata[i];
    band_piece(p, a->date, a->expected_low, a->expected_high, b->date, b->expected_low,
               b->expected_high);
  }
  p->pen->end(p->pen);
}

static void
draw_levels(Plot *p)
{
  const ItvCurve *c = p->curve;
  if (isfinite(p->error_middle)) {
    g_autofree char *size = itv_text_quantity(c->error, c->unit);
    g_autofree char *title = g_strdup_printf("Measurement error around the first value: ±%s", size);
    p->pen->begin(p->pen, title, NULL);
    box(p, p->left, at_value(p, p->error_middle + c->error), p->right,
        at_value(p, p->error_middle - c->error), fill(ERROR, 0.3));
    p->pen->end(p->pen);
  }
}

static void
draw_target(Plot *p)
{
  const ItvCurve *c = p->curve;
  if (isfinite(c->target)) {
    double y = at_value(p, c->target);
    g_autofree char *size = itv_text_quantity(c->target, c->unit);
    g_autofree char *label =
        g_strdup_printf("%s %s", c->target_label ? c->target_label : "target", size);
    p->pen->begin(p->pen, label, NULL);
    line(p, p->left, y, p->right, y, stroke(INK, 1, 6));
    p->pen->text(p->pen, p->left + 6, y - 4, label, FONT - 1, FALSE, ITV_PEN_START, FALSE, INK);
    p->pen->end(p->pen);
  }
}

/* Labels above the plot, in as many lanes as they need. */
static void
draw_events(Plot *p)
{
  double lane_end[3] = {-INFINITY, -INFINITY, -INFINITY};
  for (gsize i = 0; i < p->curve->n_events; i++) {
    const ItvCurveEvent *e = &p->curve->events[i];
    if (e->date == ITV_DATE_NONE)
      continue;
    double x = at_date(p, e->date);
    g_autofree char *label = itv_text_clean(e->label, 28);
    g_autofree char *date = itv_text_date(e->date);
    g_autofree char *title = g_strdup_printf("%s: %s", date, e->label ? e->label : "event");
    double length = (double)g_utf8_strlen(label, -1) * FONT * 0.62;
    gboolean turn = x + length > p->right;
    double begin = turn ? x - length : x;
    guint lane = 0;
    while (lane < 2 && begin < lane_end[lane] + 8)
      lane++;
    lane_end[lane] = begin + length;
    double y = p->top - 5 - lane * LANE;
    p->pen->begin(p->pen, title, NULL);
    line(p, x, y, x, p->bottom, stroke(EVENT, 1.2, 3));
    const double mark[] = {x - 5, p->bottom + 1, x + 5, p->bottom + 1, x, p->bottom - 8};
    ItvPenStyle style = fill(EVENT, 1);
    p->pen->path(p->pen, mark, 3, TRUE, &style);
    p->pen->text(p->pen, turn ? x - 4 : x + 4, y, label, FONT - 1, TRUE,
                 turn ? ITV_PEN_END : ITV_PEN_START, FALSE, EVENT);
    p->pen->end(p->pen);
  }
}

static void
draw_point(Plot *p, const ItvCurvePoint *point)
{
  double x = at_date(p, point->date), y = at_value(p, point->value);
  g_autofree char *title = itv_curve_point_title(p->curve, point);
  char *cells[5];
  itv_curve_point_cells(p->curve, point, cells);
  p->pen->begin(p->pen, title, cells[4]);
  for (guint i = 0; i < G_N_ELEMENTS(cells); i++)
    g_free(cells[i]);
  if (isfinite(point->ci_low) && isfinite(point->ci_high)) {
    double low = at_value(p, point->ci_low), high = at_value(p, point->ci_high);
    line(p, x, low, x, high, stroke(LINE, 1.3, 0));
    line(p, x - 4, low, x + 4, low, stroke(LINE, 1.3, 0));
    line(p, x - 4, high, x + 4, high, stroke(LINE, 1.3, 0));
  }
  ItvPenStyle style = fill(point->not_resolvable ? 0xffffff : LINE, 1);
  style.stroke = LINE;
  style.width = 1.6;
  p->pen->circle(p->pen, x, y, 4, &style);
  p->pen->end(p->pen);
}

static void
draw_points(Plot *p)
{
  g_autofree double *xy = g_new0(double, 2 * (gsize)p->points->len + 2);
  for (guint i = 0; i < p->points->len; i++) {
    const ItvCurvePoint *point = p->points->pdata[i];
    xy[2 * i] = at_date(p, point->date);
    xy[2 * i + 1] = at_value(p, point->value);
  }
  ItvPenStyle style = stroke(LINE, 1.6, 0);
  if (p->points->len > 1)
    p->pen->path(p->pen, xy, p->points->len, FALSE, &style);
  for (guint i = 0; i < p->points->len; i++)
    draw_point(p, p->points->pdata[i]);
  if (!p->points->len)
    p->pen->text(p->pen, (p->left + p->right) / 2, (p->top + p->bottom) / 2, "no measured value",
                 FONT + 1, FALSE, ITV_PEN_MIDDLE, FALSE, INK);
}

/* One entry of the legend; returns where the next may begin. */
/* Place for the next entry, on a further line when it would not fit. */
typedef struct {
  double x, y;
} Cursor;

static void
legend_place(const Plot *p, Cursor *at, const char *text)
{
  double width = 20 + (double)g_utf8_strlen(text, -1) * (FONT - 1) * 0.6;
  if (at->x + width > p->x + p->width && at->x > p->x + 10) {
    at->x = p->x + 8;
    at->y += LANE;
  }
}

static void
legend_text(Plot *p, Cursor *at, const char *text)
{
  p->pen->text(p->pen, at->x + 20, at->y, text, FONT - 1, FALSE, ITV_PEN_START, FALSE, INK);
  at->x += 20 + (double)g_utf8_strlen(text, -1) * (FONT - 1) * 0.6 + 12;
}

static void
legend_dot(Plot *p, Cursor *at, gboolean hollow, const char *text)
{
  ItvPenStyle style = fill(hollow ? 0xffffff : LINE, 1);
  style.stroke = LINE;
  style.width = 1.6;
  legend_place(p, at, text);
  p->pen->circle(p->pen, at->x + 8, at->y - 3.5, 3.5, &style);
  legend_text(p, at, text);
}

static void
legend_box(Plot *p, Cursor *at, ItvPenStyle style, const char *text)
{
  legend_place(p, at, text);
  box(p, at->x, at->y - 8, at->x + 16, at->y + 1, style);
  legend_text(p, at, text);
}

static gboolean
has_expected(const Plot *p)
{
  if (p->curve->n_band > 1)
    return TRUE;
  guint n = 0;
  for (guint i = 0; i < p->points->len; i++) {
    const ItvCurvePoint *point = p->points->pdata[i];
    n += isfinite(point->expected_low) && isfinite(point->expected_high);
  }
  return n > 1;
}

static void
draw_legend(Plot *p)
{
  Cursor at = {p->x + 8, p->bottom + 36};
  gboolean hollow = FALSE, bars = FALSE;
  for (guint i = 0; i < p->points->len; i++) {
    const ItvCurvePoint *point = p->points->pdata[i];
    hollow |= point->not_resolvable;
    bars |= isfinite(point->ci_low) && isfinite(point->ci_high);
  }
  legend_dot(p, &at, FALSE, bars ? "measured, 95 % CI" : "measured");
  if (hollow)
    legend_dot(p, &at, TRUE, "change not resolvable");
  if (isfinite(p->error_middle))
    legend_box(p, &at, fill(ERROR, 0.45), "measurement error");
  if (has_expected(p))
    legend_box(p, &at, fill(BAND, 0.5), "expected");
  if (p->curve->n_windows)
    legend_box(p, &at, fill(WINDOW, 1), "planned visit");
}

void
itv_curve_draw(ItvPen *pen, const ItvCurve *curve, double x, double y, double width, double height)
{
  width = MAX(width, 200);
  height = MAX(height, 120);
  g_autoptr(GPtrArray) points = itv_curve_points(curve);
  Plot p = {.pen = pen, .curve = curve, .points = points, .x = x, .y = y};
  p.width = width;
  p.height = height;
  p.left = x + 66;
  p.right = x + width - 14;
  p.top = y + 24 + (curve->n_events ? MIN(curve->n_events, 3u) * LANE : 0);
  p.bottom = y + height - (width < 700 ? 56 : 42);
  p.error_middle = NAN;
  if (isfinite(curve->error) && curve->error > 0 && points->len)
    p.error_middle = ((const ItvCurvePoint *)points->pdata[0])->value;
  make_scales(&p);
  if (curve->title) {
    g_autofree char *title = itv_text_clean(curve->title, (glong)(width / (FONT * 0.68)));
    pen->text(pen, x + 2, y + 14, title, FONT + 2, TRUE, ITV_PEN_START, FALSE, INK);
  }
  draw_windows(&p);
  draw_levels(&p);
  draw_axes(&p);
  draw_expected(&p);
  draw_target(&p);
  draw_events(&p);
  draw_points(&p);
  draw_legend(&p);
}
