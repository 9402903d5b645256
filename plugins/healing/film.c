/* SPDX-License-Identifier: Apache-2.0 */
#include "film.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Work at about 0.25 mm: finer pixels add noise and time, not area. */
static const double work_mm = 0.25, blur_mm = 0.4;
enum { MAX_PIXELS = 2500000, MIN_SIDE = 40, TERMS = 5, MAX_FIT = 60000 };

void
pair_free(Pair *pair)
{
  if (!pair)
    return;
  g_free(pair->baseline);
  g_free(pair->current);
  g_free(pair->gain);
  g_free(pair->matched);
  g_free(pair->rest);
  g_free(pair->slope);
  g_free(pair->valid);
  g_free(pair);
}

static int
compare_floats(const void *a, const void *b)
{
  const float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

float
take_quantile(GArray *floats, double share)
{
  if (!floats->len)
    return 0;
  qsort(floats->data, floats->len, sizeof(float), compare_floats);
  return g_array_index(floats, float, (guint)(share * (floats->len - 1)));
}

static size_t
pixel_bytes(int32_t pixel)
{
  return pixel == ITV_PIX_I16 ? 2 : pixel == ITV_PIX_F32 ? 4 : pixel == ITV_PIX_U8 ? 1 : 0;
}

static double
value_at(const itv_volume *v, size_t i)
{
  const double x = v->pixel == ITV_PIX_I16   ? ((const int16_t *)v->data)[i]
                   : v->pixel == ITV_PIX_F32 ? (double)((const float *)v->data)[i]
                                             : ((const uint8_t *)v->data)[i];
  return v->slope * x + v->intercept;
}

static char *
check_film(const itv_volume *v)
{
  if (v->dim[0] < MIN_SIDE || v->dim[1] < MIN_SIDE || v->dim[0] > 32768 || v->dim[1] > 32768 ||
      v->dim[2] != 1)
    return g_strdup_printf("film \"%s\" has %d x %d x %d pixels", v->role ? v->role : "", v->dim[0],
                           v->dim[1], v->dim[2]);
  const uint64_t need = pixel_bytes(v->pixel) * (uint64_t)v->dim[0] * (uint64_t)v->dim[1];
  if (!need || !v->data || v->data_size < need || !isfinite(v->slope) || !isfinite(v->intercept))
    return g_strdup_printf("film \"%s\" holds %" G_GUINT64_FORMAT " bytes, %" G_GUINT64_FORMAT
                           " are needed",
                           v->role ? v->role : "", v->data_size, need);
  for (int i = 0; i < 2; i++)
    if (!(v->spacing_mm[i] > 0.01) || !(v->spacing_mm[i] < 10))
      return g_strdup_printf("film \"%s\": pixels of %g mm", v->role ? v->role : "",
                             v->spacing_mm[i]);
  return NULL;
}

/* Mean over blocks of f x f; FALSE where a value is no number. */
static void
shrink(const itv_volume *v, int f, int nx, int ny, float *image, guint8 *valid)
{
  for (int y = 0; y < ny; y++)
    for (int x = 0; x < nx; x++) {
      double sum = 0;
      for (int k = 0; k < f * f; k++)
        sum += value_at(v, (size_t)(y * f + k / f) * (size_t)v->dim[0] + (size_t)(x * f + k % f));
      sum /= (double)f * f;
      const gboolean sound = isfinite(sum) && fabs(sum) < 1e9;
      image[(size_t)y * (size_t)nx + (size_t)x] = sound ? (float)sum : 0;
      if (!sound)
        valid[(size_t)y * (size_t)nx + (size_t)x] = 0;
    }
}

/* Takes out what hangs together with the border, or with what is out already,
 * and is within 4 % of the darkest values: collimation, resampling's fill, direct
 * exposure.  Wants a smoothed image: single noisy pixels say nothing. */
static void
drop_background(const float *image, int nx, int ny, guint8 *valid)
{
  const size_t n = (size_t)nx * (size_t)ny;
  g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(float));
  for (size_t i = 0; i < n; i += MAX((size_t)1, n / 50000))
    if (valid[i])
      g_array_append_val(values, image[i]);
  const float low = take_quantile(values, 0.005), high = take_quantile(values, 0.99);
  const float limit = low + 0.04f * (high - low);
  g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(gint32));
  for (int i = 0; i < (int)n; i++) {
    const int x = i % nx, y = i / nx;
    const gboolean edge = x == 0 || y == 0 || x == nx - 1 || y == ny - 1;
    const gboolean near_out =
        !edge && (!valid[i - 1] || !valid[i + 1] || !valid[i - nx] || !valid[i + nx]);
    if (valid[i] && (edge || near_out) && image[i] <= limit)
      g_array_append_val(stack, i);
  }
  while (stack->len) {
    const int i = g_array_index(stack, gint32, stack->len - 1);
    g_array_set_size(stack, stack->len - 1);
    if (!valid[i] || image[i] > limit)
      continue;
    valid[i] = 0;
    const int x = i % nx, y = i / nx;
    const int next[4] = {x > 0 ? i - 1 : -1, x + 1 < nx ? i + 1 : -1, y > 0 ? i - nx : -1,
                         y + 1 < ny ? i + nx : -1};
    for (int k = 0; k < 4; k++)
      if (next[k] >= 0 && valid[next[k]] && image[next[k]] <= limit)
        g_array_append_val(stack, next[k]);
  }
}

static void
erode(guint8 *valid, int nx, int ny, int r)
{
  const size_t n = (size_t)nx * (size_t)ny;
  g_autofree guint8 *rows = g_malloc(n);
  for (int y = 0; y < ny; y++)
    for (int x = 0; x < nx; x++) {
      guint8 all = x >= r && x + r < nx;
      for (int k = -r; k <= r && all; k++)
        all = valid[y * nx + x + k];
      rows[y * nx + x] = all;
    }
  for (int y = 0; y < ny; y++)
    for (int x = 0; x < nx; x++) {
      guint8 all = y >= r && y + r < ny;
      for (int k = -r; k <= r && all; k++)
        all = rows[(y + k) * nx + x];
      valid[y * nx + x] = all;
    }
}

static void
blur_lines(float *image, int n, int step, int lines, int line_step, const float *kernel, int r)
{
  g_autofree float *line = g_new(float, n);
  for (int l = 0; l < lines; l++) {
    float *at = image + (size_t)l * (size_t)line_step;
    for (int i = 0; i < n; i++)
      line[i] = at[(size_t)i * (size_t)step];
    for (int i = 0; i < n; i++) {
      float sum = 0;
      for (int k = -r; k <= r; k++)
        sum += kernel[k + r] * line[CLAMP(i + k, 0, n - 1)];
      at[(size_t)i * (size_t)step] = sum;
    }
  }
}

void
blur(float *image, int nx, int ny, double sigma_px)
{
  enum { MAX_R = 32 };
  float kernel[2 * MAX_R + 1];
  const int r = CLAMP((int)ceil(3 * sigma_px), 1, MAX_R);
  float sum = 0;
  for (int k = -r; k <= r; k++)
    sum += kernel[k + r] = (float)exp(-k * k / (2 * sigma_px * sigma_px));
  for (int k = 0; k <= 2 * r; k++)
    kernel[k] /= sum;
  blur_lines(image, nx, 1, ny, nx, kernel, r);
  blur_lines(image, ny, nx, nx, 1, kernel, r);
}

Pair *
pair_load(const itv_volume *baseline, const itv_volume *current, gboolean drop, char **ret_error,
          itv_status *ret_status)
{
  *ret_status = ITV_ERR_INPUT;
  *ret_error = check_film(baseline);
  if (!*ret_error)
    *ret_error = check_film(current);
  if (*ret_error)
    return NULL;
  for (int i = 0; i < 2; i++)
    if (baseline->dim[i] != current->dim[i] ||
        fabs(baseline->spacing_mm[i] - current->spacing_mm[i]) > 1e-3 * baseline->spacing_mm[i]) {
      *ret_error = g_strdup(
          "the two films are not on one grid: register the current one to the baseline first");
      return NULL;
    }
  const double sx = baseline->spacing_mm[0], sy = baseline->spacing_mm[1];
  *ret_status = ITV_ERR_UNSUPPORTED;
  if (fabs(sx - sy) > 0.02 * sx) {
    *ret_error = g_strdup_printf("pixels of %g x %g mm are not square", sx, sy);
    return NULL;
  }
  int f = MAX(1, (int)(work_mm / sx + 1e-6));
  while ((double)(baseline->dim[0] / f) * (baseline->dim[1] / f) > MAX_PIXELS)
    f++;
  g_autoptr(Pair) p = g_new0(Pair, 1);
  p->nu = baseline->dim[0] / f;
  p->nv = baseline->dim[1] / f;
  p->mm = f * sqrt(sx * sy);
  const size_t n = (size_t)p->nu * (size_t)p->nv;
  if (p->nu < MIN_SIDE || p->nv < MIN_SIDE) {
    *ret_error = g_strdup_printf("the films are only %.0f x %.0f mm", p->nu * p->mm, p->nv * p->mm);
    return NULL;
  }
  p->baseline = g_new(float, n);
  p->current = g_new(float, n);
  p->valid = g_malloc(n);
  memset(p->valid, 1, n);
  shrink(baseline, f, p->nu, p->nv, p->baseline, p->valid);
  shrink(current, f, p->nu, p->nv, p->current, p->valid);
  blur(p->baseline, p->nu, p->nv, blur_mm / p->mm);
  blur(p->current, p->nu, p->nv, blur_mm / p->mm);
  for (int pass = 0; drop && pass < 2; pass++) {
    drop_background(p->baseline, p->nu, p->nv, p->valid);
    drop_background(p->current, p->nu, p->nv, p->valid);
  }
  erode(p->valid, p->nu, p->nv, MAX(2, (int)(1 / p->mm)));
  return g_steal_pointer(&p);
}

/* ---- exposure -------------------------------------------------------------- */

/* Gaussian elimination with pivoting of a[TERMS][TERMS + 1]; FALSE if singular. */
static gboolean
solve(double a[TERMS][TERMS + 1], double *ret_x)
{
  for (int c = 0; c < TERMS; c++) {
    int pivot = c;
    for (int r = c + 1; r < TERMS; r++)
      if (fabs(a[r][c]) > fabs(a[pivot][c]))
        pivot = r;
    if (fabs(a[pivot][c]) < 1e-12)
      return FALSE;
    for (int k = 0; k <= TERMS; k++) {
      const double t = a[c][k];
      a[c][k] = a[pivot][k];
      a[pivot][k] = t;
    }
    for (int r = 0; r < TERMS; r++)
      for (int k = TERMS; r != c && k >= c; k--)
        a[r][k] -= a[r][c] / a[c][c] * a[c][k];
  }
  for (int i = 0; i < TERMS; i++)
    ret_x[i] = a[i][TERMS] / a[i][i];
  return TRUE;
}

typedef struct {
  double low, range; /* of the current film, to scale it to 0..1 */
  double k[TERMS];   /* 1, c, c^2, x, y */
} Exposure;

static void
terms_at(const Pair *p, const Exposure *e, size_t i, double *ret_t)
{
  const double c = ((double)p->current[i] - e->low) / e->range;
  ret_t[0] = 1;
  ret_t[1] = c;
  ret_t[2] = c * c;
  ret_t[3] = (double)(i % (size_t)p->nu) / p->nu - 0.5;
  ret_t[4] = (double)(i / (size_t)p->nu) / p->nv - 0.5;
}

static double
residual_at(const Pair *p, const Exposure *e, size_t i)
{
  double t[TERMS], fit = 0;
  terms_at(p, e, i, t);
  for (int k = 0; k < TERMS; k++)
    fit += e->k[k] * t[k];
  return fit - (double)p->baseline[i];
}

/* One step of iteratively reweighted least squares with Tukey's biweight:
 * new callus, a cast or a changed implant do not pull the fit. */
static gboolean
fit_step(const Pair *p, Exposure *e, const GArray *where, double scale)
{
  double a[TERMS][TERMS + 1] = {{0}};
  for (guint s = 0; s < where->len; s++) {
    const size_t i = g_array_index(where, guint32, s);
    double t[TERMS], w = 1;
    terms_at(p, e, i, t);
    if (scale > 0) {
      const double r = residual_at(p, e, i) / (4.685 * scale);
      w = fabs(r) < 1 ? (1 - r * r) * (1 - r * r) : 0;
    }
    for (int m = 0; m < TERMS; m++) {
      for (int k = 0; k < TERMS; k++)
        a[m][k] += w * t[m] * t[k];
      a[m][TERMS] += w * t[m] * (double)p->baseline[i];
    }
  }
  for (int m = 0; m < TERMS; m++)
    a[m][m] += 1e-9 * where->len;
  return solve(a, e->k);
}

static double
spread(const Pair *p, const Exposure *e, const GArray *where)
{
  g_autoptr(GArray) r = g_array_sized_new(FALSE, FALSE, sizeof(float), where->len);
  for (guint s = 0; s < where->len; s++) {
    const float x = (float)fabs(residual_at(p, e, g_array_index(where, guint32, s)));
    g_array_append_val(r, x);
  }
  return 1.4826 * (double)take_quantile(r, 0.5);
}

gboolean
pair_match_exposure(Pair *p)
{
  const size_t n = (size_t)p->nu * (size_t)p->nv, step = MAX((size_t)1, n / MAX_FIT);
  g_autoptr(GArray) where = g_array_new(FALSE, FALSE, sizeof(guint32));
  g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(float));
  for (size_t i = 0; i < n; i += step) {
    const guint32 at = (guint32)i;
    if (!p->valid[i])
      continue;
    g_array_append_val(where, at);
    g_array_append_val(values, p->current[i]);
  }
  Exposure e = {.low = (double)take_quantile(values, 0.01)};
  e.range = (double)take_quantile(values, 0.99) - e.low;
  if (where->len < 1000 || !(e.range > 0))
    return FALSE;
  double scale = 0;
  for (int i = 0; i < 12; i++) {
    if (!fit_step(p, &e, where, scale))
      return FALSE;
    scale = fmax(spread(p, &e, where), 1e-6 * e.range);
  }
  /* A falling or flat curve means that the two have nothing in common. */
  if (e.k[1] + e.k[2] <= 0)
    return FALSE;
  p->gain = g_new0(float, n);
  for (size_t i = 0; i < n; i++)
    p->gain[i] = (float)residual_at(p, &e, i);
  return TRUE;
}

/* ---- direction --------------------------------------------------------------- */

static void
gradient_at(const float *image, int nx, int i, double *ret_x, double *ret_y)
{
  *ret_x = ((double)image[i + 1] - (double)image[i - 1]) / 2;
  *ret_y = ((double)image[i + nx] - (double)image[i - nx]) / 2;
}

static gboolean
inside(const Pair *p, int i)
{
  const int x = i % p->nu, y = i / p->nu;
  return x > 0 && y > 0 && x + 1 < p->nu && y + 1 < p->nv && p->valid[i];
}

/* The structure tensor of the steepest tenth of the pixels: shaft, cortices and
 * skin all run along the bone.  FALSE when they have no common direction. */
static gboolean
find_axis(const Pair *p, double *ret_angle)
{
  const int n = p->nu * p->nv;
  g_autoptr(GArray) steep = g_array_new(FALSE, FALSE, sizeof(float));
  double gx, gy, xx = 0, yy = 0, xy = 0;
  for (int i = 0; i < n; i++) {
    if (!inside(p, i))
      continue;
    gradient_at(p->baseline, p->nu, i, &gx, &gy);
    const float g = (float)(gx * gx + gy * gy);
    g_array_append_val(steep, g);
  }
  const double limit = (double)take_quantile(steep, 0.9);
  for (int i = 0; i < n; i++) {
    if (!inside(p, i))
      continue;
    gradient_at(p->baseline, p->nu, i, &gx, &gy);
    if (gx * gx + gy * gy < limit)
      continue;
    xx += gx * gx;
    yy += gy * gy;
    xy += gx * gy;
  }
  /* Direction of the steepest change, which is across the bone. */
  *ret_angle = 0.5 * atan2(2 * xy, xx - yy);
  return hypot(xx - yy, 2 * xy) > 0.3 * (xx + yy) && xx + yy > 0;
}

static float
interpolate(const float *image, int nx, double x, double y)
{
  const int i = (int)x, k = (int)y;
  const float fx = (float)(x - i), fy = (float)(y - k);
  const float *at = image + (size_t)k * (size_t)nx + (size_t)i;
  return (1 - fy) * ((1 - fx) * at[0] + fx * at[1]) + fy * ((1 - fx) * at[nx] + fx * at[nx + 1]);
}

/* Samples the pair on a frame whose u axis is at `angle` to x. */
static void
turn(Pair *p, double angle)
{
  const double c = cos(angle), s = sin(angle), hx = p->nu / 2.0, hy = p->nv / 2.0;
  const int nu = (int)(fabs(c) * p->nu + fabs(s) * p->nv) + 1,
            nv = (int)(fabs(s) * p->nu + fabs(c) * p->nv) + 1;
  const size_t n = (size_t)nu * (size_t)nv;
  float *images[3] = {p->baseline, p->current, p->gain}, *turned[3];
  guint8 *valid = g_malloc0(n);
  for (int k = 0; k < 3; k++)
    turned[k] = g_new0(float, n);
  for (int v = 0; v < nv; v++)
    for (int u = 0; u < nu; u++) {
      const double du = u - nu / 2.0, dv = v - nv / 2.0;
      const double x = c * du - s * dv + hx, y = s * du + c * dv + hy;
      if (x < 0 || y < 0 || x >= p->nu - 1 || y >= p->nv - 1)
        continue;
      const size_t at = (size_t)v * (size_t)nu + (size_t)u;
      valid[at] = p->valid[(size_t)(y + 0.5) * (size_t)p->nu + (size_t)(x + 0.5)];
      for (int k = 0; k < 3; k++)
        turned[k][at] = interpolate(images[k], p->nu, x, y);
    }
  for (int k = 0; k < 3; k++)
    g_free(images[k]);
  g_free(p->valid);
  p->baseline = turned[0];
  p->current = turned[1];
  p->gain = turned[2];
  p->valid = valid;
  p->nu = nu;
  p->nv = nv;
}

gboolean
pair_turn_upright(Pair *p)
{
  double angle;
  if (!find_axis(p, &angle))
    return FALSE;
  turn(p, angle);
  p->tilt = angle * 180 / G_PI;
  const int n = p->nu * p->nv;
  p->slope = g_new0(float, (size_t)n);
  for (int i = 0; i < n; i++) {
    double gx, gy;
    if (!inside(p, i))
      continue;
    gradient_at(p->baseline, p->nu, i, &gx, &gy);
    p->slope[i] = (float)(hypot(gx, gy) / p->mm);
  }
  return TRUE;
}

/* gain = noise + misregistration times slope: the first is read off where the
 * baseline is even, the second where it is steepest. */
void
pair_measure_noise(Pair *p, int v0, double zone_mm)
{
  g_autoptr(GArray) slopes = g_array_new(FALSE, FALSE, sizeof(float));
  const int n = p->nu * p->nv, zone = (int)(zone_mm / p->mm);
  for (int i = 0; i < n; i++)
    if (p->valid[i] && ABS(i / p->nu - v0) > zone)
      g_array_append_val(slopes, p->slope[i]);
  const float even = take_quantile(slopes, 0.5), steep = take_quantile(slopes, 0.95);
  g_autoptr(GArray) quiet = g_array_new(FALSE, FALSE, sizeof(float));
  g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(float));
  double slope2 = 0;
  for (int i = 0; i < n; i++) {
    if (!p->valid[i] || ABS(i / p->nu - v0) <= zone)
      continue;
    const float d = fabsf(p->gain[i]);
    if (p->slope[i] <= even) {
      g_array_append_val(quiet, d);
    } else if (p->slope[i] >= steep) {
      g_array_append_val(edges, d);
      slope2 += (double)p->slope[i] * (double)p->slope[i];
    }
  }
  p->noise = 1.4826 * (double)take_quantile(quiet, 0.5);
  const double at_edges = 1.4826 * (double)take_quantile(edges, 0.5);
  const double excess = at_edges * at_edges - p->noise * p->noise;
  p->shift_mm = edges->len && slope2 > 0 && excess > 0 ? sqrt(excess / (slope2 / edges->len)) : 0;
}
