/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "render/axis.h"
#include "render/pen-cairo.h"
#include "render/picture.h"
#include "render/text.h"

#define MARGIN 14.0
#define GAP 12.0
#define TITLE 19.0
#define SMALL 15.0
#define CAPTION 24.0
#define CHANGE_SCALE 68.0
#define RULER 34.0
#define PANEL_HEIGHT 680.0
#define ALL_WIDTH 1140.0
#define MIN_WIDTH 820.0

#define INK 0xf2f2f2u
#define DIM 0xb8b8b8u
#define MARK 0xffe14du
#define ALARM 0xffb000u

typedef struct {
  const ItvCanvas *canvas;
  const ItvPanel *panels;
  int n;
  double scale; /* canvas pixels per mm, one for all panels */
  double width, height;
  double x[3], y[3]; /* top left corners of the panels */
  cairo_t *scratch;  /* to measure text */
  double warning_height;
  double foot_x, foot_y, foot_width; /* where legends and ruler stand */
} Sheet;

static double
panel_mm(const ItvPanel *panel, gboolean across)
{
  int n = across ? cairo_image_surface_get_width(panel->surface)
                 : cairo_image_surface_get_height(panel->surface);
  return n * panel->view->pixel_mm;
}

static guint
lines_of(const char *const *lines, guint most)
{
  guint n = 0;
  while (n < most && lines[n])
    n++;
  return n;
}

/* Wrapped, never cut: the identity stands here. */
static double
head_lines(cairo_t *cr, const Sheet *s, double y, gboolean measure_only)
{
  double begin = y;
  itv_cairo_colour(cr, INK, 1);
  for (guint i = 0; i < lines_of(s->canvas->lines, 5); i++)
    y += 3 + itv_cairo_paragraph(cr, MARGIN, y, s->width - 2 * MARGIN, s->canvas->lines[i], SMALL,
                                 i == 0, measure_only);
  return y - begin;
}

static double
head_height(const Sheet *s)
{
  double bar = s->warning_height > 0 ? s->warning_height + 8 : 0;
  return MARGIN + TITLE + 6 + head_lines(s->scratch, s, 0, TRUE) + 8 + bar;
}

/* Draws, or only measures, what stands below the panels; returns its height. */
static double
footer_lines(cairo_t *cr, const Sheet *s, double y, gboolean measure_only)
{
  double begin = y;
  itv_cairo_colour(cr, DIM, 1);
  for (guint i = 0; i < lines_of(s->canvas->footer, 4); i++)
    y += 3 + itv_cairo_paragraph(cr, s->foot_x, y, s->foot_width, s->canvas->footer[i], SMALL,
                                 FALSE, measure_only);
  return y - begin;
}

static double
foot_height(const Sheet *s)
{
  return footer_lines(s->scratch, s, 0, TRUE) + (s->canvas->change_range > 0 ? CHANGE_SCALE : 0) +
         (s->canvas->has_mm ? RULER : 0);
}

/* One row, or with three panels two by two (unless a row is asked for), the legends in the
 * fourth place. */
static void
lay_out(Sheet *s)
{
  const gboolean square = s->n == 3 && !s->canvas->in_a_row;
  int columns = square ? 2 : s->n, rows = square ? 2 : 1;
  double column_mm[3] = {0}, row_mm[2] = {0}, wide = 0, tall = 0;
  for (int i = 0; i < s->n; i++) {
    column_mm[i % columns] = MAX(column_mm[i % columns], panel_mm(&s->panels[i], TRUE));
    row_mm[i / columns] = MAX(row_mm[i / columns], panel_mm(&s->panels[i], FALSE));
  }
  for (int c = 0; c < columns; c++)
    wide += column_mm[c];
  for (int r = 0; r < rows; r++)
    tall = MAX(tall, row_mm[r]);
  s->scale =
      MIN((ALL_WIDTH - (columns - 1) * GAP) / MAX(wide, 1e-6), PANEL_HEIGHT / MAX(tall, 1e-6));
  double content = wide * s->scale + (columns - 1) * GAP;
  s->width = ceil(MAX(content, MIN_WIDTH) + 2 * MARGIN);
  if (s->canvas->warning)
    s->warning_height = 12 + itv_cairo_paragraph(s->scratch, 0, 0, s->width - 2 * MARGIN - 16,
                                                 s->canvas->warning, SMALL + 1, TRUE, TRUE);
  double y = head_height(s);
  for (int r = 0; r < rows; r++) {
    double x = MARGIN;
    for (int i = r * columns; i < MIN((r + 1) * columns, s->n); i++) {
      s->x[i] = x;
      s->y[i] = y;
      x += column_mm[i % columns] * s->scale + GAP;
    }
    y += ceil(row_mm[r] * s->scale) + CAPTION;
  }
  s->foot_x = MARGIN;
  s->foot_y = y + 4;
  if (square && s->width - 2 * MARGIN - column_mm[0] * s->scale - GAP > 480) {
    s->foot_x = s->x[1];
    s->foot_y = s->y[2] + 8;
  }
  s->foot_width = s->width - s->foot_x - MARGIN;
  s->height = ceil(MAX(y, s->foot_y + foot_height(s)) + MARGIN);
}

static void
outlined(cairo_t *cr, double x, double y, const char *text, double size, ItvPenAnchor anchor)
{
  if (!text[0])
    return;
  for (int i = 0; i < 8; i++) {
    itv_cairo_colour(cr, 0, 0.85);
    itv_cairo_text(cr, x + 1.5 * cos(i * G_PI / 4), y + 1.5 * sin(i * G_PI / 4), text, size, TRUE,
                   anchor);
  }
  itv_cairo_colour(cr, MARK, 1);
  itv_cairo_text(cr, x, y, text, size, TRUE, anchor);
}

/* Ticks at the rim point at the place; nothing covers it. */
static void
mark_key(cairo_t *cr, double x, double y, double width, double height, double kx, double ky)
{
  const double length = 14;
  itv_cairo_colour(cr, MARK, 1);
  cairo_set_line_width(cr, 2);
  cairo_move_to(cr, x + kx, y);
  cairo_line_to(cr, x + kx, y + length);
  cairo_move_to(cr, x + kx, y + height);
  cairo_line_to(cr, x + kx, y + height - length);
  cairo_move_to(cr, x, y + ky);
  cairo_line_to(cr, x + length, y + ky);
  cairo_move_to(cr, x + width, y + ky);
  cairo_line_to(cr, x + width - length, y + ky);
  cairo_stroke(cr);
}

/* A side marker's place, moved off the tick that points to the key. */
static double
clear_of(double place, double tick)
{
  if (fabs(place - tick) >= 28)
    return place;
  return place < tick ? tick - 28 : tick + 28;
}

static void
draw_panel(cairo_t *cr, const Sheet *s, int index)
{
  const ItvPanel *panel = &s->panels[index];
  double width = panel_mm(panel, TRUE) * s->scale, height = panel_mm(panel, FALSE) * s->scale;
  double x = s->x[index], y = s->y[index];
  double factor = panel->view->pixel_mm * s->scale;
  cairo_save(cr);
  cairo_rectangle(cr, x, y, width, height);
  cairo_clip(cr);
  cairo_translate(cr, x, y);
  cairo_scale(cr, factor, factor);
  cairo_set_source_surface(cr, panel->surface, 0, 0);
  cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
  cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
  cairo_paint(cr);
  cairo_restore(cr);
  const ItvView *v = panel->view;
  if (panel->mark_key)
    mark_key(cr, x, y, width, height, (v->key[0] + 0.5) * factor, (v->key[1] + 0.5) * factor);
  double across = clear_of(width / 2, (v->key[0] + 0.5) * factor);
  double down = clear_of(height / 2, (v->key[1] + 0.5) * factor) + 6;
  outlined(cr, x + 6, y + down, v->left, 17, ITV_PEN_START);
  outlined(cr, x + width - 6, y + down, v->right, 17, ITV_PEN_END);
  outlined(cr, x + across, y + 20, v->top, 17, ITV_PEN_MIDDLE);
  outlined(cr, x + across, y + height - 8, v->bottom, 17, ITV_PEN_MIDDLE);
  itv_cairo_colour(cr, DIM, 1);
  itv_cairo_text_fit(cr, x, y + height + 17, MAX(width, 200), panel->caption, SMALL, FALSE);
}

static void
draw_head(cairo_t *cr, const Sheet *s)
{
  double y = MARGIN + TITLE - 3;
  itv_cairo_colour(cr, INK, 1);
  itv_cairo_text_fit(cr, MARGIN, y, s->width - 2 * MARGIN, s->canvas->title, TITLE, TRUE);
  y += 6;
  y += head_lines(cr, s, y, FALSE);
  if (!s->canvas->warning)
    return;
  y += 6;
  itv_cairo_colour(cr, ALARM, 1);
  cairo_rectangle(cr, MARGIN, y, s->width - 2 * MARGIN, s->warning_height);
  cairo_fill(cr);
  itv_cairo_colour(cr, 0, 1);
  itv_cairo_paragraph(cr, MARGIN + 8, y + 6, s->width - 2 * MARGIN - 16, s->canvas->warning,
                      SMALL + 1, TRUE, FALSE);
}

/* A ruler of a round length with its ends marked. */
static void
draw_scale_bar(cairo_t *cr, const Sheet *s, double y)
{
  double length = itv_scale_bar_length(0.4 * s->foot_width / s->scale);
  double pixels = length * s->scale;
  g_autofree char *label =
      length >= 10 ? g_strdup_printf("%g cm", length / 10) : g_strdup_printf("%g mm", length);
  itv_cairo_colour(cr, INK, 1);
  cairo_set_line_width(cr, 2);
  cairo_move_to(cr, s->foot_x, y - 6);
  cairo_line_to(cr, s->foot_x, y + 6);
  cairo_move_to(cr, s->foot_x, y);
  cairo_line_to(cr, s->foot_x + pixels, y);
  cairo_move_to(cr, s->foot_x + pixels, y - 6);
  cairo_line_to(cr, s->foot_x + pixels, y + 6);
  for (int i = 1; i < 10 && pixels > 100; i++) {
    cairo_move_to(cr, s->foot_x + pixels * i / 10, y);
    cairo_line_to(cr, s->foot_x + pixels * i / 10, y - (i == 5 ? 5 : 3));
  }
  cairo_stroke(cr);
  itv_cairo_text(cr, s->foot_x + pixels + 8, y + 5, label, SMALL, TRUE, ITV_PEN_START);
}

static void
draw_change_scale(cairo_t *cr, const Sheet *s, double y)
{
  const double width = MIN(340, s->foot_width * 0.6), height = 14;
  for (int i = 0; i < (int)width; i++) {
    itv_cairo_colour(cr, itv_change_colour(2 * i / (width - 1) - 1), 1);
    cairo_rectangle(cr, s->foot_x + i, y, 1.5, height);
    cairo_fill(cr);
  }
  const char *unit = s->canvas->change_unit;
  g_autofree char *range = itv_text_number(s->canvas->change_range);
  g_autofree char *low = g_strdup_printf("≤ −%s", range);
  g_autofree char *high = g_strdup_printf("≥ +%s", range);
  itv_cairo_colour(cr, INK, 1);
  itv_cairo_text(cr, s->foot_x, y + height + 16, low, SMALL - 1, FALSE, ITV_PEN_START);
  itv_cairo_text(cr, s->foot_x + width / 2, y + height + 16, "0", SMALL - 1, TRUE, ITV_PEN_MIDDLE);
  itv_cairo_text(cr, s->foot_x + width, y + height + 16, high, SMALL - 1, FALSE, ITV_PEN_END);
  itv_cairo_text(cr, s->foot_x + width + 12, y + height - 2, unit, SMALL - 1, FALSE, ITV_PEN_START);
  double below = y + height + 24;
  for (int x = 0; x < 18; x++) /* the pattern of what is not known */
    for (int row = 0; row < (int)height; row++) {
      itv_cairo_colour(cr, (x + row) % 12 < 2 ? 0x4a4a4a : 0x1c1c1c, 1);
      cairo_rectangle(cr, s->foot_x + x, below + row, 1, 1);
      cairo_fill(cr);
    }
  itv_cairo_colour(cr, INK, 1);
  itv_cairo_text(cr, s->foot_x + 26, below + 12, "no data in one of the two", SMALL - 1, FALSE,
                 ITV_PEN_START);
}

static void
draw_foot(cairo_t *cr, const Sheet *s)
{
  double y = s->foot_y;
  if (s->canvas->change_range > 0) {
    draw_change_scale(cr, s, y);
    y += CHANGE_SCALE;
  }
  if (s->canvas->has_mm) {
    draw_scale_bar(cr, s, y + 10);
    y += RULER;
  }
  footer_lines(cr, s, y, FALSE);
}

static cairo_status_t
append_png(void *data, const unsigned char *bytes, unsigned int n)
{
  g_byte_array_append(data, bytes, n);
  return CAIRO_STATUS_SUCCESS;
}

GBytes *
itv_canvas_png(const ItvCanvas *canvas, const ItvPanel *panels, int n, int *ret_width,
               int *ret_height, GError **error)
{
  cairo_surface_t *nowhere = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
  Sheet s = {.canvas = canvas, .panels = panels, .n = n, .scratch = cairo_create(nowhere)};
  lay_out(&s);
  cairo_destroy(s.scratch);
  cairo_surface_destroy(nowhere);
  cairo_surface_t *surface =
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)s.width, (int)s.height);
  cairo_t *cr = cairo_create(surface);
  itv_cairo_colour(cr, 0x000000, 1);
  cairo_paint(cr);
  draw_head(cr, &s);
  for (int i = 0; i < n; i++)
    draw_panel(cr, &s, i);
  draw_foot(cr, &s);
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  cairo_status_t status = cairo_status(cr);
  cairo_destroy(cr);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_write_to_png_stream(surface, append_png, bytes);
  cairo_surface_destroy(surface);
  if (status != CAIRO_STATUS_SUCCESS) {
    itv_fail(error, ITV_ERROR_FAILED, "picture \"%s\": %s", canvas->title,
             cairo_status_to_string(status));
    return NULL;
  }
  *ret_width = (int)s.width;
  *ret_height = (int)s.height;
  return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}
