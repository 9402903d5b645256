/* SPDX-License-Identifier: Apache-2.0 */
#include "film.h"

#include <math.h>
#include <stdlib.h>

/* A line is empty when its values, but for a twentieth at either end (noise,
 * a lead letter), spread over less than this share of the film's range. */
static const double EMPTY_SPREAD = 0.08;
/* Cut off beyond the last empty line, share of the film: the penumbra. */
static const double PENUMBRA = 0.015;
/* A film of which less than this would remain is left as it is. */
static const double LEAST_SHARE = 0.2;

/* The remaining part: rows and columns first <= i < end. */
typedef struct {
  int first[2], end[2];
} Part;

typedef struct {
  const RegImage *film;
  double range; /* of the film's values */
  float *line;  /* scratch */
} Trimming;

/* Column (axis 0) or row (axis 1) number i, within the part. */
static bool
line_is_empty(const Trimming *t, const Part *part, int axis, int i)
{
  int other = 1 - axis, n = 0;
  size_t nx = (size_t)t->film->dim[0];
  for (int j = part->first[other]; j < part->end[other]; j++) {
    float v = t->film->voxel[axis == 1 ? (size_t)i * nx + (size_t)j : (size_t)j * nx + (size_t)i];
    if (!isnan(v))
      t->line[n++] = v;
  }
  if (n < 20)
    return true;
  float low = reg_select(t->line, n, n / 20), high = reg_select(t->line, n, n - 1 - n / 20);
  return (double)(high - low) < EMPTY_SPREAD * t->range;
}

static void
trim_axis(const Trimming *t, int axis, Part *part)
{
  int n = t->film->dim[axis], penumbra = (int)ceil(PENUMBRA * n);
  int first = part->first[axis], end = part->end[axis];
  while (first < end && line_is_empty(t, part, axis, first))
    first++;
  while (end > first && line_is_empty(t, part, axis, end - 1))
    end--;
  if (first > 0)
    part->first[axis] = first + penumbra;
  if (end < n)
    part->end[axis] = end - penumbra;
}

static void
mask_outside(RegImage *film, const Part *part)
{
  float *p = film->voxel;
  for (int y = 0; y < film->dim[1]; y++)
    for (int x = 0; x < film->dim[0]; x++, p++)
      if (x < part->first[0] || x >= part->end[0] || y < part->first[1] || y >= part->end[1])
        *p = NAN;
}

void
reg_film_mask_collimation(RegImage *film)
{
  RegStatistics s;
  int longest = film->dim[0] > film->dim[1] ? film->dim[0] : film->dim[1];
  Trimming t = {.film = film, .line = malloc(sizeof *t.line * (size_t)longest)};
  Part part = {{0, 0}, {film->dim[0], film->dim[1]}};
  if (t.line && reg_image_statistics(film, &s)) {
    t.range = s.high - s.low;
    trim_axis(&t, 1, &part);
    trim_axis(&t, 0, &part);
    double share = fmax(0, part.end[0] - part.first[0]) * fmax(0, part.end[1] - part.first[1]) /
                   ((double)film->dim[0] * film->dim[1]);
    if (share >= LEAST_SHARE)
      mask_outside(film, &part);
  }
  free(t.line);
}
