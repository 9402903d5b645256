/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "render/pen.h"
#include "render/text.h"

/* At most two decimals, no locale. */
static void
append_number(GString *out, double value)
{
  char buffer[48];
  double rounded = isfinite(value) ? round(CLAMP(value, -1e7, 1e7) * 100) / 100 : 0;
  g_string_append(out, g_ascii_formatd(buffer, sizeof buffer, "%g", rounded == 0 ? 0 : rounded));
}

static void
append_attr(GString *out, const char *name, double value)
{
  g_string_append_printf(out, " %s=\"", name);
  append_number(out, value);
  g_string_append_c(out, '"');
}

static void
append_style(GString *out, const ItvPenStyle *style)
{
  if (style->width > 0) {
    g_string_append_printf(out, " stroke=\"#%06x\"", style->stroke);
    append_attr(out, "stroke-width", style->width);
  }
  if (style->dash > 0)
    append_attr(out, "stroke-dasharray", style->dash);
  if (!style->filled) {
    g_string_append(out, " fill=\"none\"");
    return;
  }
  g_string_append_printf(out, " fill=\"#%06x\"", style->fill);
  if (style->fill_opacity < 1)
    append_attr(out, "fill-opacity", style->fill_opacity);
}

static GString *
out_of(ItvPen *pen)
{
  return ((ItvSvgPen *)pen)->out;
}

static void
svg_path(ItvPen *pen, const double *xy, gsize n, gboolean closed, const ItvPenStyle *style)
{
  GString *out = out_of(pen);
  g_string_append(out, "<path d=\"");
  for (gsize i = 0; i < n; i++) {
    g_string_append_c(out, i ? 'L' : 'M');
    append_number(out, xy[2 * i]);
    g_string_append_c(out, ' ');
    append_number(out, xy[2 * i + 1]);
  }
  g_string_append(out, closed ? "Z\"" : "\"");
  append_style(out, style);
  g_string_append(out, "/>\n");
}

static void
svg_circle(ItvPen *pen, double x, double y, double radius, const ItvPenStyle *style)
{
  GString *out = out_of(pen);
  g_string_append(out, "<circle");
  append_attr(out, "cx", x);
  append_attr(out, "cy", y);
  append_attr(out, "r", radius);
  append_style(out, style);
  g_string_append(out, "/>\n");
}

static void
svg_text(ItvPen *pen, double x, double y, const char *text, double size, gboolean bold,
         ItvPenAnchor anchor, gboolean turned, guint32 colour)
{
  static const char *const anchors[] = {"start", "middle", "end"};
  GString *out = out_of(pen);
  g_string_append(out, "<text");
  append_attr(out, "x", x);
  append_attr(out, "y", y);
  append_attr(out, "font-size", size);
  g_string_append_printf(out, " text-anchor=\"%s\" fill=\"#%06x\"", anchors[anchor], colour);
  if (bold)
    g_string_append(out, " font-weight=\"bold\"");
  if (turned) {
    g_string_append(out, " transform=\"rotate(-90 ");
    append_number(out, x);
    g_string_append_c(out, ' ');
    append_number(out, y);
    g_string_append(out, ")\"");
  }
  g_string_append_c(out, '>');
  itv_text_append_escaped(out, text);
  g_string_append(out, "</text>\n");
}

static void
svg_begin(ItvPen *pen, const char *title, const char *description)
{
  GString *out = out_of(pen);
  itv_text_append_markup(out, "<g role=\"img\" aria-label=\"%s\"><title>%s</title>\n", title,
                         title);
  if (description && description[0])
    itv_text_append_markup(out, "<desc>%s</desc>\n", description);
}

static void
svg_end(ItvPen *pen)
{
  g_string_append(out_of(pen), "</g>\n");
}

void
itv_svg_pen_init(ItvSvgPen *pen, GString *out)
{
  *pen = (ItvSvgPen){{svg_path, svg_circle, svg_text, svg_begin, svg_end}, out};
}
