/* SPDX-License-Identifier: Apache-2.0
 *
 * render/picture.h - grey and colour pixels from planes, and the canvas that
 * bears identity, legends and scale around them.
 */
#ifndef ITV_RENDER_PICTURE_H
#define ITV_RENDER_PICTURE_H

#include <cairo.h>

#include "render/page.h"
#include "render/tone.h"
#include "render/view.h"

/* RGB24 surfaces of the plane's size.  Where the plane has no data: hatched. */
cairo_surface_t *itv_paint_grey(const ItvPlane *plane, const ItvWindow *window, double gain,
                                double offset);
/* current - (gain * prior + offset), full colour at +-range. */
cairo_surface_t *itv_paint_change(const ItvPlane *current, const ItvPlane *prior, double gain,
                                  double offset, double range);
/* Tiles of `tile` pixels from the two by turns, the first from `a`. */
cairo_surface_t *itv_paint_checkerboard(cairo_surface_t *a, cairo_surface_t *b, int tile);

/* One image on a canvas. */
typedef struct {
  cairo_surface_t *surface; /* borrowed */
  const ItvView *view;      /* borrowed */
  const char *caption;      /* "axial, slice 3 of 20" */
  gboolean mark_key;
} ItvPanel;

typedef struct {
  const char *title;     /* "CURRENT" */
  const char *lines[5];  /* under the title; NULL ends */
  const char *warning;   /* in a bar that cannot be overlooked; may be NULL */
  const char *footer[4]; /* window, legends; NULL ends */
  double change_range;   /* > 0: a colour scale is drawn */
  const char *change_unit;
  gboolean has_mm;   /* draw a scale bar */
  gboolean in_a_row; /* three panels beside each other, not two by two */
} ItvCanvas;

/* Panels side by side on one scale; PNG bytes.  ITV_ERROR_FAILED when memory or
 * libpng gives out. */
GBytes *itv_canvas_png(const ItvCanvas *canvas, const ItvPanel *panels, int n, int *ret_width,
                       int *ret_height, GError **error);

#endif
