/* SPDX-License-Identifier: Apache-2.0
 *
 * The fracture line breaks bone along its axis over a few millimetres.  A
 * closing with a line along the axis fills exactly such breaks: not the canal,
 * not the space between two bones, which are long in that direction.  Where the
 * closing adds most, over a patch as wide as a bone, is the fracture.
 */
#include <math.h>
#include <string.h>

#include "callus.h"

static const double break_mm = 8, patch_wide_mm = 24, patch_high_mm = 6, rival_mm = 30;
static const double window_mm = 30, reach_mm = 30;

/* Largest (sign 1) or smallest (sign -1) value within r rows, in place. */
static void
extreme_along(float *image, int nu, int nv, int r, float sign)
{
  g_autofree float *column = g_new(float, nv);
  g_autofree int *queue = g_new(int, nv);
  for (int u = 0; u < nu; u++) {
    for (int v = 0; v < nv; v++)
      column[v] = sign * image[(size_t)v * (size_t)nu + (size_t)u];
    int head = 0, tail = 0, next = 0;
    for (int v = 0; v < nv; v++) {
      for (; next <= MIN(v + r, nv - 1); next++) {
        while (tail > head && column[queue[tail - 1]] <= column[next])
          tail--;
        queue[tail++] = next;
      }
      while (queue[head] < v - r)
        head++;
      image[(size_t)v * (size_t)nu + (size_t)u] = sign * column[queue[head]];
    }
  }
}

static float *
close_along(const Pair *p)
{
  const size_t n = (size_t)p->nu * (size_t)p->nv;
  const int r = MAX(1, (int)(break_mm / 2 / p->mm));
  float *closed = g_memdup2(p->baseline, n * sizeof(float));
  extreme_along(closed, p->nu, p->nv, r, 1);
  extreme_along(closed, p->nu, p->nv, r, -1);
  return closed;
}

/* TRUE where the whole line of the closing lies in the picture. */
static gboolean
column_is_valid(const Pair *p, int u, int v, int r)
{
  return v - r >= 0 && v + r < p->nv && p->valid[(v - r) * p->nu + u] &&
         p->valid[(v + r) * p->nu + u] && p->valid[v * p->nu + u];
}

/* Sliding mean over (2 ru + 1) x (2 rv + 1), in place. */
static void
box(float *image, int nu, int nv, int ru, int rv)
{
  g_autofree double *sum = g_new0(double, (gsize)MAX(nu, nv) + 1);
  for (int v = 0; v < nv; v++) {
    float *row = image + (size_t)v * (size_t)nu;
    for (int u = 0; u < nu; u++)
      sum[u + 1] = sum[u] + (double)row[u];
    for (int u = 0; u < nu; u++)
      row[u] = (float)((sum[MIN(u + ru + 1, nu)] - sum[MAX(u - ru, 0)]) / (2 * ru + 1));
  }
  for (int u = 0; u < nu; u++) {
    for (int v = 0; v < nv; v++)
      sum[v + 1] = sum[v] + (double)image[(size_t)v * (size_t)nu + (size_t)u];
    for (int v = 0; v < nv; v++)
      image[(size_t)v * (size_t)nu + (size_t)u] =
          (float)((sum[MIN(v + rv + 1, nv)] - sum[MAX(v - rv, 0)]) / (2 * rv + 1));
  }
}

/* ---- the break ------------------------------------------------------------------------------ */

enum { MAX_CANDIDATES = 8 };

typedef struct {
  int u, v;
  double depth;
  gboolean shaft;
} Candidate;

/* The places where the closing adds most, each at some distance along the bone
 * from those before; returns their number. */
static int
list_candidates(const Pair *p, const float *depth, double least, Candidate *ret)
{
  const int apart = (int)(rival_mm / p->mm);
  int n = 0;
  for (; n < MAX_CANDIDATES; n++) {
    int best = -1;
    for (int v = 0; v < p->nv; v++) {
      gboolean taken = FALSE;
      for (int k = 0; k < n; k++)
        taken |= ABS(v - ret[k].v) <= apart;
      for (int u = 0; !taken && u < p->nu; u++)
        if (best < 0 || depth[v * p->nu + u] > depth[best])
          best = v * p->nu + u;
    }
    if (best < 0 || !((double)depth[best] > least))
      break;
    ret[n] = (Candidate){best % p->nu, best / p->nu, (double)depth[best], FALSE};
  }
  return n;
}

/* The two likeliest places: a break of the shaft before any joint space. */
static void
choose(const Candidate *list, int n, const Candidate **ret_best, double *ret_rival)
{
  gboolean any_shaft = FALSE;
  *ret_best = NULL;
  *ret_rival = 0;
  for (int k = 0; k < n; k++)
    any_shaft |= list[k].shaft;
  for (int k = 0; k < n; k++) {
    if (any_shaft && !list[k].shaft)
      continue;
    if (!*ret_best)
      *ret_best = &list[k];
    else
      *ret_rival = fmax(*ret_rival, list[k].depth);
  }
}

const char *
fracture_find(const Pair *p, Fracture *ret)
{
  const int n = p->nu * p->nv, r = MAX(1, (int)(break_mm / p->mm));
  g_autofree float *depth = close_along(p);
  for (int i = 0; i < n; i++)
    depth[i] = column_is_valid(p, i % p->nu, i / p->nu, r) ? depth[i] - p->baseline[i] : 0;
  box(depth, p->nu, p->nv, (int)(patch_wide_mm / 2 / p->mm), (int)(patch_high_mm / 2 / p->mm));
  g_autoptr(GArray) usual = g_array_new(FALSE, FALSE, sizeof(float));
  for (int i = 0; i < n; i += 7)
    if (p->valid[i])
      g_array_append_val(usual, depth[i]);
  Candidate list[MAX_CANDIDATES];
  const Candidate *best;
  double rival;
  const int n_list = list_candidates(p, depth, 3 * (double)take_quantile(usual, 0.5), list);
  for (int k = 0; k < n_list; k++) {
    g_autoptr(Outline) o = outline_find(p, list[k].u, list[k].v);
    list[k].shaft = o && outline_is_shaft(o, p->mm);
  }
  choose(list, n_list, &best, &rival);
  if (!best)
    return "no break across the bone stands out on the baseline film";
  *ret = (Fracture){best->u, best->v, rival > 0 ? best->depth / rival : 1e3};
  if (ret->strength < 1.3)
    return "two places on the baseline film look alike as a break across the bone (joint spaces?)";
  return NULL;
}

/* ---- outline -------------------------------------------------------------- */

void
outline_free(Outline *o)
{
  if (!o)
    return;
  g_free(o->left);
  g_free(o->right);
  g_free(o);
}

/* Thresholds that part a histogram best in three (Otsu 1979). */
static void
otsu3(const double *hist, int bins, int *ret_first, int *ret_second)
{
  g_autofree double *n = g_new0(double, (gsize)bins + 1), *s = g_new0(double, (gsize)bins + 1);
  for (int i = 0; i < bins; i++) {
    n[i + 1] = n[i] + hist[i];
    s[i + 1] = s[i] + hist[i] * i;
  }
  double best = -1;
  *ret_first = bins / 3;
  *ret_second = 2 * bins / 3;
  for (int a = 1; a < bins - 1; a++)
    for (int b = a + 1; b < bins; b++) {
      const double n0 = n[a], n1 = n[b] - n[a], n2 = n[bins] - n[b];
      if (n0 < 1 || n1 < 1 || n2 < 1)
        continue;
      const double s1 = s[b] - s[a], s2 = s[bins] - s[b];
      const double between = s[a] * s[a] / n0 + s1 * s1 / n1 + s2 * s2 / n2;
      if (between > best) {
        best = between;
        *ret_first = a;
        *ret_second = b;
      }
    }
}

/* The value that parts soft tissue from bone in a window: the lower of two
 * thresholds, since metal, where there is any, takes the class above. */
static double
bone_threshold(const Pair *p, const float *filled, int u0, int v0)
{
  enum { BINS = 96 };
  double hist[BINS] = {0};
  g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(float));
  const int ru = (int)(reach_mm / p->mm), rv = (int)(window_mm / p->mm);
  for (int v = MAX(0, v0 - rv); v < MIN(p->nv, v0 + rv); v++)
    for (int u = MAX(0, u0 - ru); u < MIN(p->nu, u0 + ru); u++)
      if (p->valid[v * p->nu + u])
        g_array_append_val(values, filled[v * p->nu + u]);
  if (values->len < 500)
    return NAN;
  const double low = (double)take_quantile(values, 0.01),
               high = (double)take_quantile(values, 0.99);
  if (!(high > low))
    return NAN;
  for (guint i = 0; i < values->len; i++) {
    const double x = ((double)g_array_index(values, float, i) - low) / (high - low);
    hist[(int)CLAMP(x * BINS, 0, BINS - 1)]++;
  }
  int first, second;
  otsu3(hist, BINS, &first, &second);
  return low + (high - low) * first / BINS;
}

static double
mean_between(const Pair *p, const float *row, int v, double from, double to)
{
  double sum = 0;
  int n = 0;
  for (int u = MAX(0, (int)ceil(from)); u <= MIN(p->nu - 1, (int)to); u++)
    if (p->valid[v * p->nu + u]) {
      sum += (double)row[u];
      n++;
    }
  return n ? sum / n : NAN;
}

/* Moves a coarse edge to where the profile is half way between the soft tissue
 * 2-4 mm outside and the densest cortex within 4 mm inside. */
static float
refine_edge(const Pair *p, const float *row, int v, int edge, int outward)
{
  const double a = edge + outward * 2 / p->mm, b = edge + outward * 4 / p->mm;
  const double soft = mean_between(p, row, v, fmin(a, b), fmax(a, b));
  const int deep = (int)(4 / p->mm);
  double peak = -1e30;
  int at = edge;
  for (int k = -2; k <= deep; k++) {
    const int u = CLAMP(edge - outward * k, 0, p->nu - 1);
    if ((double)row[u] > peak) {
      peak = (double)row[u];
      at = u;
    }
  }
  if (!isfinite(soft) || peak <= soft)
    return -1;
  const double half = (soft + peak) / 2;
  for (int u = at; u > 0 && u + 1 < p->nu && abs(u - at) <= 3 * deep; u += outward) {
    const double here = (double)row[u], next = (double)row[u + outward];
    if (here >= half && next < half)
      return (float)(u + outward * (here - half) / (here - next));
  }
  return -1;
}

/* From the middle of the bone outwards to the last pixel above the threshold;
 * a canal darker than it is crossed when bone follows within 12 mm. */
static int
coarse_edge(const Pair *p, const float *row, int v, int from, int outward, double threshold)
{
  const int reach = (int)(reach_mm / p->mm), hole = (int)(12 / p->mm);
  int last = -1;
  gboolean bright = FALSE;
  for (int k = 0; k <= reach; k++) {
    const int u = from + outward * k;
    if (u < 1 || u + 1 >= p->nu || !p->valid[v * p->nu + u])
      break;
    if ((double)row[u] > threshold) {
      last = u;
      bright = TRUE;
    } else if (bright && abs(u - last) > 2 &&
               (abs(last - from) > hole / 2 || abs(u - last) > hole)) {
      break;
    } else if (!bright && k > hole) {
      break;
    }
  }
  return last;
}

static void
collect_levels(const Pair *p, const float *filled, Outline *o)
{
  g_autoptr(GArray) soft = g_array_new(FALSE, FALSE, sizeof(float));
  g_autoptr(GArray) bone = g_array_new(FALSE, FALSE, sizeof(float));
  for (int r = 0; r < o->n; r++) {
    const int v = o->first + r;
    if (o->left[r] < 0 || o->right[r] < 0)
      continue;
    for (int side = 0; side < 2; side++) {
      const int out = side ? 1 : -1;
      const int a = (int)((side ? o->right[r] : o->left[r]) + (float)(out * 3 / p->mm));
      const int b = (int)((side ? o->right[r] : o->left[r]) - (float)(out * 1.5 / p->mm));
      if (a > 0 && a < p->nu && p->valid[v * p->nu + a])
        g_array_append_val(soft, filled[v * p->nu + a]);
      if (b > 0 && b < p->nu)
        g_array_append_val(bone, filled[v * p->nu + b]);
    }
  }
  o->soft = take_quantile(soft, 0.5);
  o->bone = take_quantile(bone, 0.5);
}

Outline *
outline_find(const Pair *p, int u0, int v0)
{
  const int rows = (int)(window_mm / p->mm);
  g_autofree float *filled = close_along(p);
  box(filled, p->nu, p->nv, 0, (int)(1.5 / p->mm));
  const double threshold = bone_threshold(p, filled, u0, v0);
  if (!isfinite(threshold))
    return NULL;
  g_autoptr(Outline) o = g_new0(Outline, 1);
  o->v0 = v0;
  o->first = MAX(1, v0 - rows);
  o->n = MIN(p->nv - 2, v0 + rows) - o->first + 1;
  if (o->n < rows / 2)
    return NULL;
  o->left = g_new(float, o->n);
  o->right = g_new(float, o->n);
  int found = 0, middle = u0;
  for (int r = 0; r < o->n; r++) {
    const int v = o->first + r;
    const float *row = filled + (size_t)v * (size_t)p->nu;
    const int left = coarse_edge(p, row, v, middle, -1, threshold);
    const int right = coarse_edge(p, row, v, middle, 1, threshold);
    o->left[r] = left < 0 ? -1 : refine_edge(p, row, v, left, -1);
    o->right[r] = right < 0 ? -1 : refine_edge(p, row, v, right, 1);
    if (o->left[r] < 0 || o->right[r] < 0 || o->right[r] - o->left[r] < (float)(4 / p->mm)) {
      o->left[r] = o->right[r] = -1;
      continue;
    }
    found++;
  }
  if (found < o->n / 2)
    return NULL;
  collect_levels(p, filled, o);
  return g_steal_pointer(&o);
}

/* Median width of the rows `from` to `to` mm beyond the break on one side, and how
 * far its quartiles lie apart; -1 when too few rows have an outline. */
static double
band_width(const Outline *o, double mm, int sign, double *ret_spread)
{
  static const double from_mm = 8, to_mm = 28;
  g_autoptr(GArray) widths = g_array_new(FALSE, FALSE, sizeof(float));
  int rows = 0;
  for (int k = (int)(from_mm / mm); k <= (int)(to_mm / mm); k++) {
    const int r = o->v0 + sign * k - o->first;
    if (r < 0 || r >= o->n)
      continue;
    rows++;
    const float width = o->right[r] - o->left[r];
    if (o->left[r] >= 0)
      g_array_append_val(widths, width);
  }
  if (rows * mm < 8 || widths->len < 0.7 * rows)
    return -1;
  *ret_spread = (double)(take_quantile(widths, 0.75) - take_quantile(widths, 0.25));
  return (double)take_quantile(widths, 0.5);
}

gboolean
outline_is_shaft(const Outline *o, double mm)
{
  double spread_up = 0, spread_down = 0;
  const double up = band_width(o, mm, -1, &spread_up), down = band_width(o, mm, 1, &spread_down);
  if (up < 0 || down < 0)
    return FALSE;
  const double wide = fmax(up, down), narrow = fmin(up, down);
  return wide < 1.25 * narrow && fmax(spread_up, spread_down) < 0.15 * narrow;
}
