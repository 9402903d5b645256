/* SPDX-License-Identifier: Apache-2.0
 *
 * render/pen.h - what a drawing is made of, so that one piece of drawing code
 * serves SVG and cairo.  Lengths are points (1/72 inch) or pixels, y downwards.
 */
#ifndef ITV_RENDER_PEN_H
#define ITV_RENDER_PEN_H

#include <glib.h>

typedef struct {
  guint32 stroke; /* 0xRRGGBB */
  double width;   /* 0: no stroke */
  double dash;    /* 0: solid, else length of dash and gap */
  gboolean filled;
  guint32 fill;
  double fill_opacity;
} ItvPenStyle;

typedef enum { ITV_PEN_START, ITV_PEN_MIDDLE, ITV_PEN_END } ItvPenAnchor;

typedef struct ItvPen ItvPen;
struct ItvPen {
  /* xy: n pairs; closed makes it a polygon */
  void (*path)(ItvPen *pen, const double *xy, gsize n, gboolean closed, const ItvPenStyle *style);
  void (*circle)(ItvPen *pen, double x, double y, double radius, const ItvPenStyle *style);
  /* y is the baseline; turned: rotated by 90 degrees counter-clockwise */
  void (*text)(ItvPen *pen, double x, double y, const char *text, double size, gboolean bold,
               ItvPenAnchor anchor, gboolean turned, guint32 colour);
  /* what lies between is one thing with a name, for who reads with the ears */
  void (*begin)(ItvPen *pen, const char *title, const char *description);
  void (*end)(ItvPen *pen);
};

/* Writes into `out`, which stays the caller's. */
typedef struct {
  ItvPen pen;
  GString *out;
} ItvSvgPen;
void itv_svg_pen_init(ItvSvgPen *pen, GString *out);

#endif
