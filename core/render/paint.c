/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "render/picture.h"

/* Dark diagonal stripes: nobody takes them for tissue. */
static guint32
hatch(int x, int y)
{
  return (x + y) % 12 < 2 ? 0x4a4a4a : 0x1c1c1c;
}

static cairo_surface_t *
surface_for(int width, int height, guint32 **ret_row, int *ret_stride)
{
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  cairo_surface_flush(surface);
  /* Image rows are 32-bit aligned by cairo's own rule. */
  *ret_row = (guint32 *)(void *)cairo_image_surface_get_data(surface);
  *ret_stride = cairo_image_surface_get_stride(surface) / 4;
  return surface;
}

static guint32
grey(double part)
{
  guint32 g = (guint32)lround(255 * CLAMP(part, 0, 1));
  return g << 16 | g << 8 | g;
}

cairo_surface_t *
itv_paint_grey(const ItvPlane *plane, const ItvWindow *window, double gain, double offset)
{
  guint32 *row = NULL;
  int stride = 0;
  cairo_surface_t *surface = surface_for(plane->width, plane->height, &row, &stride);
  double span = window->high - window->low;
  for (int y = 0; row && y < plane->height; y++, row += stride)
    for (int x = 0; x < plane->width; x++) {
      gsize o = (gsize)y * (gsize)plane->width + (gsize)x;
      double value = gain * plane->value[o] + offset;
      row[x] = plane->inside[o] ? grey((value - window->low) / span) : hatch(x, y);
    }
  cairo_surface_mark_dirty(surface);
  return surface;
}

cairo_surface_t *
itv_paint_change(const ItvPlane *current, const ItvPlane *prior, double gain, double offset,
                 double range)
{
  guint32 *row = NULL;
  int stride = 0;
  int width = MIN(current->width, prior->width), height = MIN(current->height, prior->height);
  cairo_surface_t *surface = surface_for(width, height, &row, &stride);
  for (int y = 0; row && y < height; y++, row += stride)
    for (int x = 0; x < width; x++) {
      gsize a = (gsize)y * (gsize)current->width + (gsize)x;
      gsize b = (gsize)y * (gsize)prior->width + (gsize)x;
      if (!current->inside[a] || !prior->inside[b])
        row[x] = hatch(x, y);
      else
        row[x] = itv_change_colour((current->value[a] - gain * prior->value[b] - offset) / range);
    }
  cairo_surface_mark_dirty(surface);
  return surface;
}

cairo_surface_t *
itv_paint_checkerboard(cairo_surface_t *a, cairo_surface_t *b, int tile)
{
  int width = MIN(cairo_image_surface_get_width(a), cairo_image_surface_get_width(b));
  int height = MIN(cairo_image_surface_get_height(a), cairo_image_surface_get_height(b));
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  cairo_t *cr = cairo_create(surface);
  tile = MAX(tile, 4);
  for (int y = 0; y < height; y += tile)
    for (int x = 0; x < width; x += tile) {
      cairo_set_source_surface(cr, (x / tile + y / tile) % 2 ? b : a, 0, 0);
      cairo_rectangle(cr, x, y, tile, tile);
      cairo_fill(cr);
    }
  cairo_destroy(cr);
  return surface;
}
