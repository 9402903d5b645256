/* SPDX-License-Identifier: Apache-2.0
 *
 * Two bones of a leg do not lie twice in the same way: a leg turned by a few
 * degrees moves the fibula against the tibia, and no motion of the whole film
 * takes that out.  But each bone, and the skin, runs along the frame's v, so
 * what moved shows above and below the break in the same columns.  For each
 * column the edges beyond the zone tell how far they were displaced across
 * the bone (Lucas and Kanade 1981, one direction), and by how much the film
 * has become denser there (exposure, a cast, swelling):
 *
 *     gain = -grad_u B (d0 + d1 t) + c0 + c1 t,   t along the bone
 *
 * Carried on through the zone and taken out, new density beside the break is
 * left.
 */
#include <math.h>
#include <string.h>

#include "film.h"

static const double strip_mm = 2, rest_mm = 1.5, along_mm = 48, prior_mm = 0.5, least_mm = 12;
enum { TERMS = 4, N_SUMS = 10 + TERMS + 2, ROUNDS = 4 };

/* Sums of one column: the upper triangle of the normal equations, their right
 * side, then weight and squared residuals. */
typedef double Sums[N_SUMS];

typedef struct {
  Pair *pair;
  int v0, break_v, zone, reach;
  gboolean above, below;
  double (*model)[TERMS]; /* per column; d in pixels */
  Sums *sums;             /* per column */
  float *row;             /* gain as the model leaves it */
} Strips;

static double
along(const Strips *s, int v)
{
  return (double)(v - s->v0) / s->reach;
}

/* Rows that tell: beyond the zone of this place and of the break. */
static gboolean
is_reference(const Strips *s, int v)
{
  const int away = ABS(v - s->v0);
  return away > s->zone && away <= s->reach && ABS(v - s->break_v) > s->zone && v > 0 &&
         v + 1 < s->pair->nv;
}

static double
gradient_u(const Pair *p, int u, int v)
{
  const float *at = p->baseline + (size_t)v * (size_t)p->nu + (size_t)u;
  return ((double)at[1] - (double)at[-1]) / 2;
}

/* What the current film shows at u + d, less the level, against the baseline. */
static double
moved_gain(const Strips *s, int u, int v)
{
  const Pair *p = s->pair;
  const double *m = s->model[u], t = along(s, v);
  const double x = CLAMP(u + m[0] + m[1] * t, 0, p->nu - 1.001);
  const float *row = p->matched + (size_t)v * (size_t)p->nu;
  const int i = (int)x;
  const double f = x - i, now = (1 - f) * (double)row[i] + f * (double)row[i + 1];
  return now - (double)p->baseline[(size_t)v * (size_t)p->nu + (size_t)u] - m[2] - m[3] * t;
}

static void
add_pixel(Sums sums, double g, double t, double r, double w)
{
  const double x[TERMS] = {-g, -g * t, 1, t};
  int k = 0;
  for (int i = 0; i < TERMS; i++)
    for (int j = i; j < TERMS; j++)
      sums[k++] += w * x[i] * x[j];
  for (int i = 0; i < TERMS; i++)
    sums[k++] += w * x[i] * r;
  sums[k++] += w;
  sums[k] += w * r * r;
}

/* Residuals beyond `cut` (a screw, a marker, new bone) count less, as by
 * Huber's weights. */
static void
sum_columns(Strips *s, double cut)
{
  const Pair *p = s->pair;
  memset(s->sums, 0, sizeof(Sums) * (size_t)p->nu);
  for (int v = MAX(1, s->v0 - s->reach); v <= MIN(p->nv - 2, s->v0 + s->reach); v++) {
    if (!is_reference(s, v))
      continue;
    for (int u = 1; u + 1 < p->nu; u++) {
      if (!p->valid[(size_t)v * (size_t)p->nu + (size_t)u])
        continue;
      const double r = moved_gain(s, u, v);
      add_pixel(s->sums[u], gradient_u(p, u, v), along(s, v), r,
                cut > 0 && fabs(r) > cut ? cut / fabs(r) : 1);
    }
  }
}

/* Cholesky's method on the normal equations of one strip, in place. */
static gboolean
solve_strip(const double *sums, const double *prior, double *ret_x)
{
  double a[TERMS][TERMS], x[TERMS];
  int k = 0;
  for (int i = 0; i < TERMS; i++)
    for (int j = i; j < TERMS; j++)
      a[j][i] = a[i][j] = sums[k++];
  for (int i = 0; i < TERMS; i++) {
    a[i][i] += prior[i];
    x[i] = sums[k++];
  }
  for (int i = 0; i < TERMS; i++) {
    for (int j = 0; j <= i; j++) {
      double sum = a[i][j];
      for (int m = 0; m < j; m++)
        sum -= a[i][m] * a[j][m];
      if (i == j && !(sum > 0))
        return FALSE;
      a[i][j] = i == j ? sqrt(sum) : sum / a[j][j];
    }
    for (int m = 0; m < i; m++)
      x[i] -= a[i][m] * x[m];
    x[i] /= a[i][i];
  }
  for (int i = TERMS - 1; i >= 0; i--) {
    for (int m = i + 1; m < TERMS; m++)
      x[i] -= a[m][i] * x[m];
    x[i] /= a[i][i];
  }
  memcpy(ret_x, x, sizeof x);
  return TRUE;
}

/* One round: each column's model from the strip about it.  The columns' sums
 * slide along, so a strip of any width costs the same. */
static void
fit_columns(Strips *s)
{
  const Pair *p = s->pair;
  const int half = MAX(2, (int)(strip_mm / p->mm));
  const double noise2 = p->noise * p->noise, held = 1e12, d2 = pow(prior_mm / p->mm, 2);
  const gboolean both = s->above && s->below;
  const double prior[TERMS] = {noise2 / d2, both ? noise2 / d2 : held, 1e-6, both ? 1e-6 : held};
  Sums window = {0};
  for (int u = -half; u < p->nu; u++) {
    for (int k = 0; k < N_SUMS; k++) {
      window[k] += u + half < p->nu ? s->sums[u + half][k] : 0;
      window[k] -= u - half - 1 >= 0 ? s->sums[u - half - 1][k] : 0;
    }
    double step[TERMS];
    if (u < 0 || window[14] < 20 || !solve_strip(window, prior, step))
      continue;
    for (int k = 0; k < TERMS; k++)
      s->model[u][k] += step[k];
    /* A bone that moved further than this was not laid upon itself at all. */
    s->model[u][0] = CLAMP(s->model[u][0], -3 / p->mm, 3 / p->mm);
    s->model[u][1] = CLAMP(s->model[u][1], -2 / p->mm, 2 / p->mm);
  }
}

/* What the model leaves in each column and its neighbours, beyond noise, where
 * nothing new can be: two bones upon each other that moved apart, say. */
static void
measure_rest(Strips *s)
{
  const Pair *p = s->pair;
  const int near = MAX(1, (int)(rest_mm / p->mm));
  sum_columns(s, 0);
  for (int u = 0; u < p->nu; u++) {
    double worst = 0;
    for (int k = MAX(1, u - near); k <= MIN(p->nu - 2, u + near); k++) {
      const double n = s->sums[k - 1][14] + s->sums[k][14] + s->sums[k + 1][14];
      const double r2 = s->sums[k - 1][15] + s->sums[k][15] + s->sums[k + 1][15];
      worst = n > 0 ? fmax(worst, r2 / n) : worst;
    }
    p->rest[u] = (float)sqrt(fmax(0, worst - p->noise * p->noise));
  }
}

static double
usual_residual(const Strips *s)
{
  const Pair *p = s->pair;
  g_autoptr(GArray) sizes = g_array_new(FALSE, FALSE, sizeof(float));
  for (int v = MAX(1, s->v0 - s->reach); v <= MIN(p->nv - 2, s->v0 + s->reach); v += 3)
    for (int u = 1; is_reference(s, v) && u + 1 < p->nu; u += 2)
      if (p->valid[(size_t)v * (size_t)p->nu + (size_t)u]) {
        const float r = (float)fabs(moved_gain(s, u, v));
        g_array_append_val(sizes, r);
      }
  return 1.4826 * (double)take_quantile(sizes, 0.5);
}

void
pair_follow_strips(Pair *p, int v0, int break_v, double zone_mm)
{
  Strips s = {.pair = p,
              .v0 = v0,
              .break_v = break_v,
              .zone = (int)(zone_mm / p->mm),
              .reach = (int)((zone_mm + along_mm) / p->mm)};
  int above = 0, below = 0;
  for (int v = v0 - s.reach; v <= v0 + s.reach; v++)
    *(v < v0 ? &above : &below) += is_reference(&s, v);
  s.above = above * p->mm > least_mm;
  s.below = below * p->mm > least_mm;
  s.model = g_malloc0(sizeof *s.model * (size_t)p->nu);
  s.sums = g_malloc0(sizeof *s.sums * (size_t)p->nu);
  for (int round = 0; round < ROUNDS; round++) {
    sum_columns(&s, round ? 3 * usual_residual(&s) : 0);
    fit_columns(&s);
  }
  measure_rest(&s);
  for (int v = 0; v < p->nv; v++)
    for (int u = 1; u + 1 < p->nu; u++) {
      const size_t at = (size_t)v * (size_t)p->nu + (size_t)u;
      if (ABS(v - v0) <= s.reach)
        p->gain[at] = (float)moved_gain(&s, u, v);
    }
  g_free(s.model);
  g_free(s.sums);
}
