/* SPDX-License-Identifier: Apache-2.0
 *
 * render/curve-draw.h - a curve through a pen, and what its parts are called.
 */
#ifndef ITV_RENDER_CURVE_DRAW_H
#define ITV_RENDER_CURVE_DRAW_H

#include "render/curve.h"
#include "render/pen.h"

/* Into the rectangle (x, y, width, height); at least 200 x 120. */
void itv_curve_draw(ItvPen *pen, const ItvCurve *curve, double x, double y, double width,
                    double height);

/* The points that can be drawn, in order of date, then of their place in the
 * array: const ItvCurvePoint *, borrowed.  Owned array. */
GPtrArray *itv_curve_points(const ItvCurve *curve);
/* "12 mm (95 % CI 11 to 13)".  Owned. */
char *itv_curve_point_value(const ItvCurve *curve, const ItvCurvePoint *point);
/* "2024-05-01: 12 mm (95 % CI 11 to 13), not resolvable".  Owned. */
char *itv_curve_point_title(const ItvCurve *curve, const ItvCurvePoint *point);
/* Date, value, expected, verdict, source ("" where not known); each owned. */
void itv_curve_point_cells(const ItvCurve *curve, const ItvCurvePoint *point, char *ret_cells[5]);
/* One sentence for who cannot see the drawing.  Owned. */
char *itv_curve_summary(const ItvCurve *curve);

#endif
