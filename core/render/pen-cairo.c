/* SPDX-License-Identifier: Apache-2.0 */
#include "render/pen-cairo.h"

#include <math.h>
#include <pango/pangocairo.h>

#include "render/text.h"

void
itv_cairo_colour(cairo_t *cr, guint32 rgb, double opacity)
{
  cairo_set_source_rgba(cr, ((rgb >> 16) & 255) / 255.0, ((rgb >> 8) & 255) / 255.0,
                        (rgb & 255) / 255.0, opacity);
}

static PangoLayout *
layout_for(cairo_t *cr, const char *text, double size, gboolean bold)
{
  PangoLayout *layout = pango_cairo_create_layout(cr);
  PangoFontDescription *font = pango_font_description_from_string("DejaVu Sans, sans-serif");
  pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
  pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description(layout, font);
  pango_font_description_free(font);
  g_autofree char *clean = itv_text_clean(text, 4000);
  pango_layout_set_text(layout, clean, -1);
  return layout;
}

static double
layout_width(PangoLayout *layout)
{
  int width = 0;
  pango_layout_get_size(layout, &width, NULL);
  return width / (double)PANGO_SCALE;
}

static void
show(cairo_t *cr, PangoLayout *layout, double x, double y)
{
  cairo_move_to(cr, x, y - pango_layout_get_baseline(layout) / (double)PANGO_SCALE);
  pango_cairo_show_layout(cr, layout);
}

double
itv_cairo_text_width(cairo_t *cr, const char *text, double size, gboolean bold)
{
  PangoLayout *layout = layout_for(cr, text, size, bold);
  double width = layout_width(layout);
  g_object_unref(layout);
  return width;
}

double
itv_cairo_text(cairo_t *cr, double x, double y, const char *text, double size, gboolean bold,
               ItvPenAnchor anchor)
{
  PangoLayout *layout = layout_for(cr, text, size, bold);
  double width = layout_width(layout);
  show(cr, layout,
       x - (anchor == ITV_PEN_MIDDLE ? width / 2
            : anchor == ITV_PEN_END  ? width
                                     : 0),
       y);
  g_object_unref(layout);
  return width;
}

double
itv_cairo_paragraph(cairo_t *cr, double x, double y, double width, const char *text, double size,
                    gboolean bold, gboolean measure_only)
{
  PangoLayout *layout = layout_for(cr, text, size, bold);
  pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  int height = 0;
  pango_layout_get_size(layout, NULL, &height);
  if (!measure_only) {
    cairo_move_to(cr, x, y);
    pango_cairo_show_layout(cr, layout);
  }
  g_object_unref(layout);
  return height / (double)PANGO_SCALE;
}

void
itv_cairo_text_fit(cairo_t *cr, double x, double y, double width, const char *text, double size,
                   gboolean bold)
{
  PangoLayout *layout = layout_for(cr, text, size, bold);
  pango_layout_set_width(layout, (int)(MAX(width, 1) * PANGO_SCALE));
  pango_layout_set_height(layout, -1);
  pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
  show(cr, layout, x, y);
  g_object_unref(layout);
}

static void
finish(cairo_t *cr, const ItvPenStyle *style)
{
  if (style->filled) {
    itv_cairo_colour(cr, style->fill, style->fill_opacity);
    cairo_fill_preserve(cr);
  }
  if (style->width > 0) {
    itv_cairo_colour(cr, style->stroke, 1);
    cairo_set_line_width(cr, style->width);
    cairo_set_dash(cr, &style->dash, style->dash > 0 ? 1 : 0, 0);
    cairo_stroke_preserve(cr);
    cairo_set_dash(cr, NULL, 0, 0);
  }
  cairo_new_path(cr);
}

static cairo_t *
cr_of(ItvPen *pen)
{
  return ((ItvCairoPen *)pen)->cr;
}

static void
draw_path(ItvPen *pen, const double *xy, gsize n, gboolean closed, const ItvPenStyle *style)
{
  cairo_t *cr = cr_of(pen);
  cairo_new_path(cr);
  for (gsize i = 0; i < n; i++)
    cairo_line_to(cr, xy[2 * i], xy[2 * i + 1]);
  if (closed)
    cairo_close_path(cr);
  finish(cr, style);
}

static void
draw_circle(ItvPen *pen, double x, double y, double radius, const ItvPenStyle *style)
{
  cairo_t *cr = cr_of(pen);
  cairo_new_path(cr);
  cairo_arc(cr, x, y, radius, 0, 2 * G_PI);
  finish(cr, style);
}

static void
draw_text(ItvPen *pen, double x, double y, const char *text, double size, gboolean bold,
          ItvPenAnchor anchor, gboolean turned, guint32 colour)
{
  cairo_t *cr = cr_of(pen);
  cairo_save(cr);
  itv_cairo_colour(cr, colour, 1);
  cairo_translate(cr, x, y);
  if (turned)
    cairo_rotate(cr, -G_PI / 2);
  itv_cairo_text(cr, 0, 0, text, size, bold, anchor);
  cairo_restore(cr);
}

static void
nothing_begin(ItvPen *pen G_GNUC_UNUSED, const char *title G_GNUC_UNUSED,
              const char *description G_GNUC_UNUSED)
{
}

static void
nothing_end(ItvPen *pen G_GNUC_UNUSED)
{
}

void
itv_cairo_pen_init(ItvCairoPen *pen, cairo_t *cr)
{
  *pen = (ItvCairoPen){{draw_path, draw_circle, draw_text, nothing_begin, nothing_end}, cr};
}
