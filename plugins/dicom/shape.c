/* SPDX-License-Identifier: Apache-2.0 */
#include "shape.h"

#include <math.h>
#include <stdlib.h>

#define MAX_CROSSINGS 4e6 /* of one plane: 64 MB and about a second */

/* ---- diameter ---- */

static int
compare_points(const void *a, const void *b)
{
  const DcmPoint *p = a, *q = b;
  if (p->x != q->x)
    return p->x < q->x ? -1 : 1;
  return p->y < q->y ? -1 : p->y > q->y;
}

static double
turn(const DcmPoint *a, const DcmPoint *b, const DcmPoint *c)
{
  return (b->x - a->x) * (c->y - a->y) - (b->y - a->y) * (c->x - a->x);
}

/* Andrew's monotone chain; hull has room for n + 1. */
static gsize
convex_hull(DcmPoint *points, gsize n, DcmPoint *hull)
{
  gsize k = 0;
  qsort(points, n, sizeof *points, compare_points);
  for (gsize i = 0; i < n; i++) {
    while (k >= 2 && turn(&hull[k - 2], &hull[k - 1], &points[i]) <= 0)
      k--;
    hull[k++] = points[i];
  }
  for (gsize i = n - 1, lower = k + 1; i-- > 0;) {
    while (k >= lower && turn(&hull[k - 2], &hull[k - 1], &points[i]) <= 0)
      k--;
    hull[k++] = points[i];
  }
  return MAX(k, 2) - 1;
}

double
dcm_shape_diameter(DcmPoint *points, gsize n, DcmPoint ret_ends[2])
{
  double best = 0;
  if (n < 2)
    return 0;
  g_autofree DcmPoint *hull = g_new(DcmPoint, 2 * n + 1);
  gsize h = convex_hull(points, n, hull), k = 1;
  /* Antipodal pairs: while the hull turns, the farthest point only moves on. */
  for (gsize i = 0; i < h; i++) {
    const DcmPoint *a = &hull[i], *b = &hull[(i + 1) % h];
    while (h > 2 && fabs(turn(a, b, &hull[(k + 1) % h])) > fabs(turn(a, b, &hull[k])))
      k = (k + 1) % h;
    const DcmPoint *from[2] = {a, b};
    for (int e = 0; e < 2; e++) {
      const double d = hypot(from[e]->x - hull[k].x, from[e]->y - hull[k].y);
      if (d > best) {
        best = d;
        ret_ends[0] = *from[e];
        ret_ends[1] = hull[k];
      }
    }
  }
  return best;
}

/* ---- area ---- */

typedef struct {
  guint strip;
  double x;
} Crossing;

static int
compare_doubles(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static int
compare_crossings(const void *a, const void *b)
{
  const Crossing *p = a, *q = b;
  if (p->strip != q->strip)
    return p->strip < q->strip ? -1 : 1;
  return p->x < q->x ? -1 : p->x > q->x;
}

/* Heights at which some outline has a corner; between two of them all edges are
 * straight. */
static guint
corner_heights(const DcmPoint *points, guint n, double *heights)
{
  guint kept = 0;
  for (guint i = 0; i < n; i++)
    heights[i] = points[i].y;
  qsort(heights, n, sizeof *heights, compare_doubles);
  for (guint i = 0; i < n; i++)
    if (kept == 0 || heights[i] > heights[kept - 1])
      heights[kept++] = heights[i];
  return kept;
}

static guint
height_index(const double *heights, guint n, double y)
{
  guint low = 0, high = n - 1;
  while (low < high) {
    const guint middle = (low + high) / 2;
    if (heights[middle] < y)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Where an edge crosses the middle of each strip that it spans. */
static void
cross(GArray *crossings, const double *heights, guint n, DcmPoint a, DcmPoint b)
{
  const DcmPoint low = a.y < b.y ? a : b, high = a.y < b.y ? b : a;
  const guint from = height_index(heights, n, low.y), to = height_index(heights, n, high.y);
  for (guint s = from; s < to; s++) {
    const double y = (heights[s] + heights[s + 1]) / 2;
    const Crossing c = {s, low.x + (high.x - low.x) * (y - low.y) / (high.y - low.y)};
    g_array_append_val(crossings, c);
  }
}

static double
spanned(const double *heights, guint n, DcmPoint a, DcmPoint b)
{
  return fabs((double)height_index(heights, n, a.y) - (double)height_index(heights, n, b.y));
}

double
dcm_shape_area(const DcmPoint *points, const guint *outlines, guint n_outlines)
{
  const guint n = outlines[n_outlines];
  if (n == 0)
    return 0;
  g_autofree double *heights = g_new(double, n);
  const guint h = corner_heights(points, n, heights);
  g_autoptr(GArray) crossings = g_array_new(FALSE, FALSE, sizeof(Crossing));
  double total = 0, area = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (guint o = 0; o < n_outlines; o++)
      for (guint i = outlines[o]; i < outlines[o + 1]; i++) {
        const DcmPoint next = points[i + 1 < outlines[o + 1] ? i + 1 : outlines[o]];
        if (pass == 0)
          total += spanned(heights, h, points[i], next);
        else
          cross(crossings, heights, h, points[i], next);
      }
    if (total > MAX_CROSSINGS)
      return -1;
  }
  qsort(crossings->data, crossings->len, sizeof(Crossing), compare_crossings);
  /* Closed outlines cross a line an even number of times. */
  for (guint i = 0; i + 1 < crossings->len; i += 2) {
    const Crossing *c = &g_array_index(crossings, Crossing, i);
    area += (c[1].x - c[0].x) * (heights[c->strip + 1] - heights[c->strip]);
  }
  return area;
}
