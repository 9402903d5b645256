/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be measured in the voxels themselves, on up to MAX_SLICES evenly
 * chosen slices.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "quality.h"

enum { MAX_SLICES = 24, THUMB = 32, BLOCK = 7, MAX_SAMPLES = 400000 };

typedef struct {
  int nx, ny;
  double pixel_mm;
  float *v; /* values in the image's unit */
} Slice;

typedef struct {
  float low, high; /* of all chosen slices */
  float body;      /* values above are body */
  float p05, p95;
} Levels;

static size_t
pixel_bytes(int32_t pixel)
{
  return pixel == ITV_PIX_I16 ? 2 : pixel == ITV_PIX_F32 ? 4 : pixel == ITV_PIX_U8 ? 1 : 0;
}

static char *
check_volume(const itv_volume *v)
{
  const size_t bytes = pixel_bytes(v->pixel);
  uint64_t n = bytes;
  for (int i = 0; i < 3; i++) {
    if (v->dim[i] < 1 || v->dim[i] > 65536 || !isfinite(v->spacing_mm[i]) || v->spacing_mm[i] <= 0)
      return g_strdup_printf("volume \"%s\": axis %d has %d voxels of %g mm",
                             v->role ? v->role : "", i, v->dim[i], v->spacing_mm[i]);
    n *= (uint64_t)v->dim[i];
  }
  if (!bytes || !v->data || v->data_size < n || !isfinite(v->slope) || !isfinite(v->intercept))
    return g_strdup_printf("volume \"%s\": %" G_GUINT64_FORMAT " bytes for %" G_GUINT64_FORMAT
                           " needed",
                           v->role ? v->role : "", v->data_size, n);
  return NULL;
}

static void
load_slice(const itv_volume *v, int z, Slice *s)
{
  const size_t n = (size_t)s->nx * (size_t)s->ny, at = n * (size_t)z;
  for (size_t i = 0; i < n; i++) {
    double x = v->pixel == ITV_PIX_I16   ? ((const int16_t *)v->data)[at + i]
               : v->pixel == ITV_PIX_F32 ? (double)((const float *)v->data)[at + i]
                                         : ((const uint8_t *)v->data)[at + i];
    x = v->slope * x + v->intercept;
    s->v[i] = isfinite(x) ? (float)CLAMP(x, -1e9, 1e9) : 0;
  }
}

static int
compare_floats(const void *a, const void *b)
{
  const float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

/* Value below which that share of the sorted samples lies. */
static double
quantile(GArray *sorted, double share)
{
  if (!sorted->len)
    return NAN;
  return (double)g_array_index(sorted, float, (guint)(share * (sorted->len - 1)));
}

static void
sort_samples(GArray *samples)
{
  if (samples->len)
    qsort(samples->data, samples->len, sizeof(float), compare_floats);
}

/* Otsu 1979: the threshold that parts the histogram best in two. */
static float
otsu(const GArray *sorted, float low, float high)
{
  guint hist[256] = {0};
  if (!(high > low))
    return low;
  for (guint i = 0; i < sorted->len; i++) {
    const float x = (g_array_index(sorted, float, i) - low) / (high - low);
    hist[(int)CLAMP(x * 255, 0, 255)]++;
  }
  double total = 0, sum0 = 0, n0 = 0, best = -1;
  int at = 0;
  for (int i = 0; i < 256; i++)
    total += (double)i * hist[i];
  for (int i = 0; i < 255; i++) {
    n0 += hist[i];
    sum0 += (double)i * hist[i];
    const double n1 = sorted->len - n0;
    if (n0 == 0 || n1 == 0)
      continue;
    const double d = sum0 / n0 - (total - sum0) / n1, between = n0 * n1 * d * d;
    if (between > best) {
      best = between;
      at = i;
    }
  }
  return low + (high - low) * ((float)at + 1) / 256;
}

static void
find_levels(GArray *samples, gboolean ct, Levels *l)
{
  sort_samples(samples);
  l->low = (float)quantile(samples, 0);
  l->high = (float)quantile(samples, 1);
  l->p05 = (float)quantile(samples, 0.05);
  l->p95 = (float)quantile(samples, 0.95);
  /* Body is denser than -500 HU, half way from air to water. */
  l->body =
      ct ? -500 : otsu(samples, (float)quantile(samples, 0.005), (float)quantile(samples, 0.995));
}

/* Standard deviation of blocks of body; the quietest quarter stands for noise,
 * the rest holds anatomy.  Of 49 samples the lower quartile of the standard
 * deviation lies 7 % low. */
static void
add_noise(const Slice *s, const Levels *l, GArray *sds)
{
  for (int y = 0; y + BLOCK <= s->ny; y += BLOCK)
    for (int x = 0; x + BLOCK <= s->nx; x += BLOCK) {
      double sum = 0, sum2 = 0;
      gboolean inside = TRUE;
      for (int k = 0; k < BLOCK * BLOCK && inside; k++) {
        const float v = s->v[(y + k / BLOCK) * s->nx + x + k % BLOCK];
        inside = v > l->body && v < l->high;
        sum += (double)v;
        sum2 += (double)v * (double)v;
      }
      if (!inside || sds->len >= MAX_SAMPLES)
        continue;
      const double n = BLOCK * BLOCK, var = (sum2 - sum * sum / n) / (n - 1);
      const float sd = (float)sqrt(fmax(var, 0));
      g_array_append_val(sds, sd);
    }
}

/* One line of pixels: at each steep edge, the blur that its height over its
 * steepest slope gives: for a Gaussian blur, height/slope = sigma sqrt(2 pi).
 * The slope is taken over two pixels, a blur of its own of variance p^2/3. */
static void
add_edges(const float *v, int n, int step, double pixel_mm, double least, GArray *edges)
{
  const int reach = CLAMP((int)(6 / pixel_mm), 4, 16);
  for (int i = reach; i + reach < n; i++) {
    const double g = fabs((double)v[(i + 1) * step] - (double)v[(i - 1) * step]) / 2;
    const double before = fabs((double)v[i * step] - (double)v[(i - 2) * step]) / 2;
    const double after = fabs((double)v[(i + 2) * step] - (double)v[i * step]) / 2;
    if (g < before || g <= after || g <= 0)
      continue;
    const double height = fabs((double)v[(i + reach) * step] - (double)v[(i - reach) * step]);
    if (height < least || g < height / (2 * reach) * 1.5 || edges->len >= MAX_SAMPLES)
      continue;
    const double seen = height / g / sqrt(2 * G_PI) * pixel_mm;
    const float sigma =
        (float)sqrt(fmax(seen * seen - pixel_mm * pixel_mm / 3, 0.09 * pixel_mm * pixel_mm));
    g_array_append_val(edges, sigma);
  }
}

/* A round field of view shows by four corners of one and the lowest value: then
 * what touches the circle is cut off. */
static void
add_circle(const Slice *s, const Levels *l, gint64 *body, gint64 *all)
{
  const size_t nx = (size_t)s->nx, ny = (size_t)s->ny;
  const float c = s->v[0];
  if (s->v[nx - 1] != c || s->v[(ny - 1) * nx] != c || s->v[ny * nx - 1] != c || c > l->low)
    return;
  for (int k = 0; k < 720; k++) {
    const double a = k * G_PI / 360, r = 0.485 * MIN(s->nx, s->ny);
    const int x = (int)(s->nx / 2.0 + r * cos(a)), y = (int)(s->ny / 2.0 + r * sin(a));
    *body += s->v[(size_t)y * nx + (size_t)x] > l->body;
    (*all)++;
  }
}

static void
add_truncation(const Slice *s, const Levels *l, gint64 *body, gint64 *all)
{
  for (int x = 0; x < s->nx; x++) {
    *body +=
        (s->v[x] > l->body) + (s->v[(size_t)(s->ny - 1) * (size_t)s->nx + (size_t)x] > l->body);
    *all += 2;
  }
  for (int y = 1; y + 1 < s->ny; y++) {
    *body += (s->v[(size_t)y * (size_t)s->nx] > l->body) +
             (s->v[(size_t)y * (size_t)s->nx + (size_t)s->nx - 1] > l->body);
    *all += 2;
  }
}

/* Means of 5x5 blocks: even tissue of 130-350 HU is a filled vessel or an
 * enhancing organ; bone of that density is uneven. */
static void
add_enhancement(const Slice *s, gint64 *bright, gint64 *body)
{
  for (int y = 0; y + 5 <= s->ny; y += 5)
    for (int x = 0; x + 5 <= s->nx; x += 5) {
      double sum = 0, sum2 = 0;
      for (int k = 0; k < 25; k++) {
        const double v = (double)s->v[(y + k / 5) * s->nx + x + k % 5];
        sum += v;
        sum2 += v * v;
      }
      const double mean = sum / 25, sd = sqrt(fmax(0, sum2 / 25 - mean * mean));
      *body += mean > -200;
      *bright += mean > 130 && mean < 350 && sd < 30;
    }
}

static void
make_thumb(const Slice *s, float *thumb)
{
  for (int ty = 0; ty < THUMB; ty++)
    for (int tx = 0; tx < THUMB; tx++) {
      const int x0 = tx * s->nx / THUMB, x1 = MAX((tx + 1) * s->nx / THUMB, x0 + 1);
      const int y0 = ty * s->ny / THUMB, y1 = MAX((ty + 1) * s->ny / THUMB, y0 + 1);
      double sum = 0;
      for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
          sum += (double)s->v[y * s->nx + x];
      thumb[ty * THUMB + tx] = (float)(sum / ((double)(x1 - x0) * (y1 - y0)));
    }
}

double
voxels_correlation(const Voxels *a, const Voxels *b)
{
  double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
  for (int i = 0; i < THUMB * THUMB; i++) {
    ma += (double)a->thumb[i] / (THUMB * THUMB);
    mb += (double)b->thumb[i] / (THUMB * THUMB);
  }
  for (int i = 0; i < THUMB * THUMB; i++) {
    const double x = (double)a->thumb[i] - ma, y = (double)b->thumb[i] - mb;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

static void
sample_values(const Slice *s, size_t step, GArray *samples)
{
  const size_t n = (size_t)s->nx * (size_t)s->ny;
  for (size_t i = 0; i < n; i += step)
    g_array_append_val(samples, s->v[i]);
}

/* A clipped image piles up at its extreme value. */
static void
find_clipping(GArray *sorted, Voxels *r)
{
  const float low = g_array_index(sorted, float, 0),
              high = g_array_index(sorted, float, sorted->len - 1);
  guint at_low = 0, at_high = 0;
  while (at_low < sorted->len && !(g_array_index(sorted, float, at_low) > low))
    at_low++;
  while (at_high < sorted->len && !(g_array_index(sorted, float, sorted->len - 1 - at_high) < high))
    at_high++;
  r->clipped_low = (double)at_low / sorted->len;
  r->clipped_high = (double)at_high / sorted->len;
}

typedef struct {
  const itv_volume *volume;
  Slice slice;
  int n_slices;
} Walk;

static void
walk_to(Walk *w, int i)
{
  const int nz = w->volume->dim[2];
  load_slice(w->volume, w->n_slices == 1 ? nz / 2 : (int)((gint64)i * (nz - 1) / (w->n_slices - 1)),
             &w->slice);
}

static gboolean
measure_slices(const itv_host *host, Walk *w, gboolean ct, const Levels *l, Voxels *r)
{
  g_autoptr(GArray) sds = g_array_new(FALSE, FALSE, sizeof(float));
  g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(float));
  const Slice *s = &w->slice;
  const double least = ct ? 300 : 0.3 * (double)(l->p95 - l->p05);
  gint64 border = 0, perimeter = 0, round = 0, circle = 0, bright = 0, body = 0;
  for (int i = 0; i < w->n_slices; i++) {
    if (host->cancelled(host))
      return FALSE;
    walk_to(w, i);
    add_noise(s, l, sds);
    for (int y = 0; y < s->ny && least > 0; y += 2)
      add_edges(s->v + (size_t)y * (size_t)s->nx, s->nx, 1, s->pixel_mm, least, edges);
    for (int x = 0; x < s->nx && least > 0; x += 2)
      add_edges(s->v + x, s->ny, s->nx, s->pixel_mm, least, edges);
    add_truncation(s, l, &border, &perimeter);
    add_circle(s, l, &round, &circle);
    if (ct)
      add_enhancement(s, &bright, &body);
    if (i == w->n_slices / 2)
      make_thumb(s, r->thumb);
  }
  sort_samples(sds);
  sort_samples(edges);
  r->noise = sds->len >= 20 ? quantile(sds, 0.25) / 0.93 : NAN;
  r->edge_mm = edges->len >= 20 ? quantile(edges, 0.25) : NAN;
  r->truncated = perimeter ? (double)border / (double)perimeter : NAN;
  if (circle)
    r->truncated = fmax(r->truncated, (double)round / (double)circle);
  r->enhanced = body > 100 ? (double)bright / (double)body : NAN;
  return TRUE;
}

gboolean
voxels_measure(const itv_host *host, const itv_volume *volume, gboolean ct, Voxels *ret_voxels,
               char **ret_error)
{
  *ret_error = check_volume(volume);
  if (*ret_error)
    return FALSE;
  Voxels r = {.present = TRUE};
  r.spacing_known = !(volume->flags & ITV_VOL_SPACING_UNKNOWN);
  r.flat = volume->dim[2] == 1;
  r.pixel_mm = fmax(volume->spacing_mm[0], volume->spacing_mm[1]);
  r.slice_mm = volume->spacing_mm[2];
  r.extent_mm = volume->spacing_mm[2] * volume->dim[2];
  Walk w = {.volume = volume, .n_slices = MIN(volume->dim[2], MAX_SLICES)};
  w.slice = (Slice){volume->dim[0], volume->dim[1], r.pixel_mm, NULL};
  const size_t n = (size_t)volume->dim[0] * (size_t)volume->dim[1];
  w.slice.v = n < 8 ? NULL : g_try_new(float, n);
  if (!w.slice.v) {
    *ret_error = g_strdup_printf("volume of %d x %d pixels is too small or too large to measure",
                                 volume->dim[0], volume->dim[1]);
    return FALSE;
  }
  g_autoptr(GArray) samples = g_array_new(FALSE, FALSE, sizeof(float));
  const size_t step = MAX((size_t)1, n * (size_t)w.n_slices / MAX_SAMPLES);
  for (int i = 0; i < w.n_slices; i++) {
    walk_to(&w, i);
    sample_values(&w.slice, step, samples);
  }
  Levels l;
  find_levels(samples, ct, &l);
  find_clipping(samples, &r);
  r.range_used = l.high > l.low ? (double)((l.p95 - l.p05) / (l.high - l.low)) : 0;
  const gboolean done = measure_slices(host, &w, ct, &l, &r);
  g_free(w.slice.v);
  if (!done)
    *ret_error = g_strdup("cancelled");
  else
    *ret_voxels = r;
  return done;
}
