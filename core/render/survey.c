/* SPDX-License-Identifier: Apache-2.0
 *
 * The place of greatest change, and the pairs of values from which exposure is
 * matched, both from one pass over a coarse grid of the current study.
 */
#include <math.h>

#include "render/tone.h"

/* About what a pass may cost; more voxels are skipped evenly. */
#define MAX_SAMPLES 3000000.0
#define MAX_PAIRS 200000u
#define BLOCK_MM 8.0
#define BLOCK_PIXELS 8 /* where the pixel size is not known */

typedef struct {
  const itv_volume *current;
  ItvSampler now, then;
  double to_mm[12];
  gboolean ct;
  int step[3], block[3]; /* voxels */
  guint64 seen, inside;
} Survey;

static double
clamp_hu(const Survey *s, double value)
{
  /* Metal and air beyond the scale would outweigh everything else. */
  return s->ct ? CLAMP(value, -1000, 1000) : value;
}

static gboolean
pair_at(const Survey *s, const double index[3], double *was, double *is)
{
  double at[3];
  for (int c = 0; c < 3; c++)
    at[c] = s->to_mm[c * 4] * index[0] + s->to_mm[c * 4 + 1] * index[1] +
            s->to_mm[c * 4 + 2] * index[2] + s->to_mm[c * 4 + 3];
  if (!itv_sampler_at(&s->now, at, is) || !itv_sampler_at(&s->then, at, was))
    return FALSE;
  *was = clamp_hu(s, *was);
  *is = clamp_hu(s, *is);
  return TRUE;
}

static void
plan(Survey *s)
{
  double total = 1;
  for (int c = 0; c < 3; c++) {
    s->step[c] = 1;
    s->block[c] = s->current->flags & ITV_VOL_SPACING_UNKNOWN
                      ? BLOCK_PIXELS
                      : (int)lround(MIN(BLOCK_MM / s->current->spacing_mm[c], 1e6));
    s->block[c] = CLAMP(s->block[c], 1, s->current->dim[c]);
    total *= s->current->dim[c];
  }
  /* Thin out the axis that is sampled most finely within a block. */
  while (total > MAX_SAMPLES) {
    int finest = 0;
    for (int c = 1; c < 3; c++)
      if (s->block[c] / s->step[c] > s->block[finest] / s->step[finest])
        finest = c;
    if (s->block[finest] / s->step[finest] <= 1)
      break;
    total *= s->step[finest] / (s->step[finest] + 1.0);
    s->step[finest]++;
  }
}

typedef struct {
  double was, is;
  guint n, missing;
} Block;

static Block
read_block(Survey *s, const int first[3])
{
  Block b = {0, 0, 0, 0};
  int end[3];
  for (int c = 0; c < 3; c++)
    end[c] = MIN(first[c] + s->block[c], s->current->dim[c]);
  for (int k = first[2]; k < end[2]; k += s->step[2])
    for (int j = first[1]; j < end[1]; j += s->step[1])
      for (int i = first[0]; i < end[0]; i += s->step[0]) {
        const double index[3] = {i, j, k};
        double was = 0, is = 0;
        s->seen++;
        if (!pair_at(s, index, &was, &is)) {
          b.missing++;
          continue;
        }
        b.was += was;
        b.is += is;
        b.n++;
      }
  s->inside += b.n;
  return b;
}

/* Within 85 % of the half axes of the slice. */
static gboolean
off_the_rim(const Survey *s, const int first[3])
{
  double r = 0;
  for (int c = 0; c < 2; c++) {
    double half = s->current->dim[c] / 2.0;
    double d = (first[c] + s->block[c] / 2.0 - half) / half;
    r += d * d;
  }
  return r <= 0.85 * 0.85;
}

typedef struct {
  float was, is;
  int first[3];
  gboolean candidate;
} Cell;

static GArray *
read_cells(Survey *s)
{
  GArray *cells = g_array_new(FALSE, FALSE, sizeof(Cell));
  int f[3];
  for (f[2] = 0; f[2] < s->current->dim[2]; f[2] += s->block[2])
    for (f[1] = 0; f[1] < s->current->dim[1]; f[1] += s->block[1])
      for (f[0] = 0; f[0] < s->current->dim[0]; f[0] += s->block[0]) {
        Block b = read_block(s, f);
        if (!b.n)
          continue;
        Cell cell = {(float)(b.was / b.n),
                     (float)(b.is / b.n),
                     {f[0], f[1], f[2]},
                     b.missing == 0 && off_the_rim(s, f)};
        g_array_append_val(cells, cell);
      }
  return cells;
}

static ItvMatch
match_cells(const GArray *cells)
{
  guint stride = cells->len / MAX_PAIRS + 1;
  g_autofree float *was = g_new(float, cells->len + 1), *is = g_new(float, cells->len + 1);
  gsize n = 0;
  for (guint i = 0; i < cells->len; i += stride) {
    const Cell *cell = &g_array_index(cells, Cell, i);
    was[n] = cell->was;
    is[n++] = cell->is;
  }
  return itv_match_exposure(was, is, n);
}

static double
change_of(const Cell *cell, const ItvMatch *match)
{
  return cell->is - match->gain * cell->was - match->offset;
}

static void
centre_mm(const Survey *s, const Cell *cell, double ret_mm[3])
{
  for (int c = 0; c < 3; c++) {
    ret_mm[c] = s->to_mm[c * 4 + 3];
    for (int a = 0; a < 3; a++) {
      int last = MIN(cell->first[a] + s->block[a], s->current->dim[a]) - 1;
      ret_mm[c] += s->to_mm[c * 4 + a] * (cell->first[a] + last) / 2.0;
    }
  }
}

/* The middle of what changed together with the peak: cells within 25 mm that
 * changed the same way by half as much or more. */
static void
refine(const Survey *s, const GArray *cells, double peak, ItvChangeSurvey *result)
{
  double sum[3] = {0}, weight = 0, at[3];
  for (guint i = 0; i < cells->len; i++) {
    const Cell *cell = &g_array_index(cells, Cell, i);
    double part = change_of(cell, &result->match) / peak, distance = 0;
    if (!(part >= 0.5))
      continue;
    centre_mm(s, cell, at);
    for (int c = 0; c < 3; c++)
      distance += (at[c] - result->key_mm[c]) * (at[c] - result->key_mm[c]);
    if (distance > 25 * 25)
      continue;
    for (int c = 0; c < 3; c++)
      sum[c] += part * at[c];
    weight += part;
  }
  for (int c = 0; weight > 0 && c < 3; c++)
    result->key_mm[c] = sum[c] / weight;
}

static void
locate(const Survey *s, const GArray *cells, ItvChangeSurvey *result)
{
  double best = 0;
  for (guint i = 0; i < cells->len; i++) {
    const Cell *cell = &g_array_index(cells, Cell, i);
    double change = change_of(cell, &result->match);
    if (!cell->candidate || !(fabs(change) > fabs(best)))
      continue;
    best = change;
    result->found = TRUE;
    centre_mm(s, cell, result->key_mm);
  }
  if (result->found)
    refine(s, cells, best, result);
}

ItvChangeSurvey
itv_change_survey(const itv_volume *current, const itv_volume *prior, const ItvSpatialMap *map,
                  ItvModality modality)
{
  ItvChangeSurvey result = {.match = {1, 0, NAN, 0}};
  Survey s = {.current = current};
  if (!itv_sampler_init(&s.now, current, NULL) || !itv_sampler_init(&s.then, prior, map))
    return result;
  s.ct = modality == ITV_MODALITY_CT;
  itv_volume_index_to_mm(current, s.to_mm);
  plan(&s);
  g_autoptr(GArray) cells = read_cells(&s);
  if (!s.ct)
    result.match = match_cells(cells);
  result.overlap = s.seen ? (double)s.inside / (double)s.seen : 0;
  locate(&s, cells, &result);
  return result;
}
