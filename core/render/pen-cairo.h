/* SPDX-License-Identifier: Apache-2.0
 *
 * render/pen-cairo.h - the pen for paper and pictures, and text through Pango.
 */
#ifndef ITV_RENDER_PEN_CAIRO_H
#define ITV_RENDER_PEN_CAIRO_H

#include <cairo.h>

#include "render/pen.h"

typedef struct {
  ItvPen pen;
  cairo_t *cr;
} ItvCairoPen;
void itv_cairo_pen_init(ItvCairoPen *pen, cairo_t *cr);

void itv_cairo_colour(cairo_t *cr, guint32 rgb, double opacity);
/* Cleans the text and draws it; y is the baseline.  Returns its width. */
double itv_cairo_text(cairo_t *cr, double x, double y, const char *text, double size, gboolean bold,
                      ItvPenAnchor anchor);
/* Width without drawing. */
double itv_cairo_text_width(cairo_t *cr, const char *text, double size, gboolean bold);
/* Wrapped into `width`, y is the top edge; draws unless `measure_only`.
 * Returns the height used. */
double itv_cairo_paragraph(cairo_t *cr, double x, double y, double width, const char *text,
                           double size, gboolean bold, gboolean measure_only);
/* As long as needed to fit into `width`, ended by an ellipsis; y is the baseline. */
void itv_cairo_text_fit(cairo_t *cr, double x, double y, double width, const char *text,
                        double size, gboolean bold);

#endif
