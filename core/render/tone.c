/* SPDX-License-Identifier: Apache-2.0 */
#include "render/tone.h"

#include <math.h>
#include <string.h>

/* ---- order statistics ---------------------------------------------------------- */

static void
swap(float *a, float *b)
{
  float t = *a;
  *a = *b;
  *b = t;
}

/* Hoare's selection with the median of three: no worst case on sorted or
 * constant input. */
float
itv_quantile(float *values, gsize n, double q)
{
  if (!n)
    return 0;
  gssize k = (gssize)lround(CLAMP(q, 0, 1) * (double)(n - 1));
  gssize low = 0, high = (gssize)n - 1;
  while (low < high) {
    gssize middle = low + (high - low) / 2, i = low, j = high;
    if (values[middle] < values[low])
      swap(&values[middle], &values[low]);
    if (values[high] < values[low])
      swap(&values[high], &values[low]);
    if (values[high] < values[middle])
      swap(&values[high], &values[middle]);
    float pivot = values[middle];
    while (i <= j) {
      while (values[i] < pivot)
        i++;
      while (values[j] > pivot)
        j--;
      if (i <= j)
        swap(&values[i++], &values[j--]);
    }
    if (k <= j)
      high = j;
    else if (k >= i)
      low = i;
    else
      break;
  }
  return values[k];
}

/* ---- windows --------------------------------------------------------------------- */

static ItvWindow
ct_window(const char *name, double width, double level)
{
  ItvWindow w = {.low = level - width / 2, .high = level + width / 2};
  g_snprintf(w.name, sizeof w.name, "%s: W %g L %g", name, width, level);
  return w;
}

/* Median HU within 15 mm of the key point. */
static double
surroundings(const itv_volume *volume, const double key_mm[3])
{
  float values[7 * 7 * 7];
  gsize n = 0;
  for (int i = 0; i < 343; i++) {
    const double at[3] = {key_mm[0] + (i % 7 - 3) * 5.0, key_mm[1] + (i / 7 % 7 - 3) * 5.0,
                          key_mm[2] + (i / 49 - 3) * 5.0};
    double value;
    if (itv_volume_sample(volume, at, &value))
      values[n++] = (float)value;
  }
  return n ? itv_quantile(values, n, 0.5) : 0;
}

static gboolean
is_bone(ItvRegion region)
{
  return (region >= ITV_REGION_CSPINE && region <= ITV_REGION_SPINE) ||
         (region >= ITV_REGION_HIP && region <= ITV_REGION_EXTREMITY);
}

static ItvWindow
percentile_window(const ItvPlane *plane)
{
  gsize n = 0, size = (gsize)plane->width * (gsize)plane->height;
  g_autofree float *values = g_new(float, size + 1);
  for (gsize i = 0; i < size; i++)
    if (plane->inside[i] && plane->value[i] != 0) /* zero is padding in most films and MR */
      values[n++] = plane->value[i];
  ItvWindow w = {.low = 0, .high = 1};
  if (n) {
    w.low = itv_quantile(values, n, 0.01);
    w.high = itv_quantile(values, n, 0.995);
  }
  if (!(w.high > w.low))
    w.high = w.low + 1;
  g_snprintf(w.name, sizeof w.name, "grey levels %.0f to %.0f", w.low, w.high);
  return w;
}

ItvWindow
itv_window_for(ItvModality modality, ItvRegion region, const itv_volume *volume,
               const double key_mm[3], const ItvPlane *plane)
{
  if (modality != ITV_MODALITY_CT)
    return percentile_window(plane);
  if (is_bone(region))
    return ct_window("bone", 2000, 400);
  if (region == ITV_REGION_HEAD || region == ITV_REGION_BRAIN)
    return ct_window("brain", 80, 40);
  if (region == ITV_REGION_SINUS || region == ITV_REGION_FACE)
    return ct_window("bone", 2000, 400);
  double around = surroundings(volume, key_mm);
  if (region == ITV_REGION_LUNG || around < -350)
    return ct_window("lung", 1500, -600);
  if (around > 250)
    return ct_window("bone", 2000, 400);
  return ct_window("soft tissue", 400, 40);
}

/* ---- exposure -------------------------------------------------------------------- */

typedef struct {
  double gain, offset;
} Line;

static Line
quantile_line(const float *prior, const float *current, gsize n)
{
  g_autofree float *p = g_new(float, n), *c = g_new(float, n);
  memcpy(p, prior, n * sizeof *p);
  memcpy(c, current, n * sizeof *c);
  double p10 = itv_quantile(p, n, 0.1), p90 = itv_quantile(p, n, 0.9);
  double c10 = itv_quantile(c, n, 0.1), c90 = itv_quantile(c, n, 0.9);
  double gain = p90 > p10 && c90 > c10 ? (c90 - c10) / (p90 - p10) : 1;
  return (Line){gain, c10 - gain * p10};
}

/* Median absolute residual: the scale of the noise, blind to true change. */
static double
residual_scale(const float *prior, const float *current, gsize n, Line line, float *scratch)
{
  for (gsize i = 0; i < n; i++)
    scratch[i] = (float)fabs(current[i] - line.gain * prior[i] - line.offset);
  return 1.4826 * itv_quantile(scratch, n, 0.5);
}

/* Weighted least squares with Huber's weights; FALSE when it has no solution. */
static gboolean
refine(const float *prior, const float *current, gsize n, double limit, Line *line)
{
  double sw = 0, sp = 0, sc = 0, spp = 0, spc = 0;
  for (gsize i = 0; i < n; i++) {
    double r = fabs(current[i] - line->gain * prior[i] - line->offset);
    double w = r <= limit ? 1 : limit / r;
    sw += w;
    sp += w * prior[i];
    sc += w * current[i];
    spp += w * prior[i] * prior[i];
    spc += w * prior[i] * current[i];
  }
  double spread = spp - sp * sp / sw;
  if (!(spread > 1e-12 * (1 + spp)))
    return FALSE;
  double gain = (spc - sp * sc / sw) / spread;
  if (!(gain > 0))
    return FALSE;
  *line = (Line){gain, (sc - gain * sp) / sw};
  return TRUE;
}

static double
correlation_of(const float *a, const float *b, gsize n)
{
  double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (gsize i = 0; i < n; i++) {
    sa += a[i];
    sb += b[i];
  }
  double ma = sa / (double)n, mb = sb / (double)n;
  for (gsize i = 0; i < n; i++) {
    saa += (a[i] - ma) * (a[i] - ma);
    sbb += (b[i] - mb) * (b[i] - mb);
    sab += (a[i] - ma) * (b[i] - mb);
  }
  return saa > 0 && sbb > 0 ? sab / sqrt(saa * sbb) : NAN;
}

ItvMatch
itv_match_exposure(const float *prior, const float *current, gsize n)
{
  ItvMatch match = {1, 0, NAN, n};
  if (n < 32)
    return match;
  Line line = quantile_line(prior, current, n);
  match.correlation = correlation_of(prior, current, n);
  /* Without common structure a fitted line would flatten the prior. */
  if (match.correlation > 0.3) {
    g_autofree float *scratch = g_new(float, n);
    for (int round = 0; round < 20; round++) {
      Line before = line;
      double scale = residual_scale(prior, current, n, line, scratch);
      if (!(scale > 0) || !refine(prior, current, n, 1.345 * scale, &line))
        break;
      if (fabs(line.gain - before.gain) < 1e-6 * line.gain)
        break;
    }
  }
  match.gain = line.gain;
  match.offset = line.offset;
  return match;
}

/* ---- colour ---------------------------------------------------------------------- */

guint32
itv_change_colour(double t)
{
  /* Anchors from dark blue over mid grey to pale orange; sRGB. */
  static const double anchors[5][3] = {
      {20, 38, 140}, {62, 92, 170}, {119, 119, 119}, {224, 142, 60}, {255, 214, 150}};
  if (!isfinite(t))
    t = 0;
  double at = (CLAMP(t, -1, 1) + 1) * 2;
  int i = MIN((int)at, 3);
  double w = at - i;
  guint32 rgb = 0;
  for (int c = 0; c < 3; c++)
    rgb = rgb << 8 | (guint32)lround(anchors[i][c] + w * (anchors[i + 1][c] - anchors[i][c]));
  return rgb;
}
