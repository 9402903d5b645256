/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host's registration left over: a shift and a turn of under a
 * millimetre, read off the edges of the baseline away from the fracture.  If
 * M(x) = B(x - d) then M - B = -grad B . d (Lucas and Kanade 1981), with
 * d = (a - t v, b + t u) for a shift (a, b) and a small turn t.
 */
#include <math.h>
#include <string.h>

#include "film.h"

enum { UNKNOWNS = 3, STEPS = 6 };

typedef struct {
  double a, b, turn; /* pixels, pixels, radians */
} Motion;

static void
design_at(const Pair *p, int i, double *ret_row)
{
  const double gu = ((double)p->baseline[i + 1] - (double)p->baseline[i - 1]) / 2;
  const double gv = ((double)p->baseline[i + p->nu] - (double)p->baseline[i - p->nu]) / 2;
  const double u = i % p->nu - p->nu / 2.0, v = i / p->nu - p->nv / 2.0;
  ret_row[0] = -gu;
  ret_row[1] = -gv;
  ret_row[2] = gu * v - gv * u;
}

/* Cramer's rule on the normal equations of three unknowns. */
static gboolean
solve3(const double a[UNKNOWNS][UNKNOWNS], const double b[UNKNOWNS], Motion *ret)
{
  double x[UNKNOWNS];
  const double det = a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
                     a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
                     a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
  if (!(fabs(det) > 1e-9 * a[0][0] * fmax(a[1][1], 1e-12) * fmax(a[2][2], 1e-12)))
    return FALSE;
  for (int c = 0; c < UNKNOWNS; c++) {
    double m[UNKNOWNS][UNKNOWNS];
    memcpy(m, a, sizeof m);
    for (int r = 0; r < UNKNOWNS; r++)
      m[r][c] = b[r];
    x[c] = (m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
            m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
            m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])) /
           det;
  }
  *ret = (Motion){x[0], x[1], x[2]};
  return TRUE;
}

/* Least squares over edges outside the zone; a residual beyond three times
 * their usual size (new callus, a moved implant) does not count. */
static gboolean
estimate(const Pair *p, const GArray *where, Motion *ret)
{
  g_autoptr(GArray) sizes = g_array_sized_new(FALSE, FALSE, sizeof(float), where->len);
  for (guint k = 0; k < where->len; k++) {
    const float r = fabsf(p->gain[g_array_index(where, gint32, k)]);
    g_array_append_val(sizes, r);
  }
  const float cut = 3 * 1.4826f * take_quantile(sizes, 0.5);
  double a[UNKNOWNS][UNKNOWNS] = {{0}}, b[UNKNOWNS] = {0};
  for (guint k = 0; k < where->len; k++) {
    const int i = g_array_index(where, gint32, k);
    double row[UNKNOWNS];
    if (fabsf(p->gain[i]) > cut)
      continue;
    design_at(p, i, row);
    for (int m = 0; m < UNKNOWNS; m++) {
      for (int c = 0; c < UNKNOWNS; c++)
        a[m][c] += row[m] * row[c];
      b[m] += row[m] * (double)p->gain[i];
    }
  }
  /* Along a straight bone nothing tells the shift: held at none. */
  for (int m = 0; m < UNKNOWNS; m++)
    a[m][m] *= 1 + 1e-6;
  a[1][1] += 1e-3 * a[0][0];
  return solve3((const double(*)[UNKNOWNS])a, b, ret);
}

/* Moves what the current film shows (baseline + gain) back by the motion. */
static void
apply(Pair *p, const float *matched, const Motion *m)
{
  for (int v = 0; v < p->nv; v++)
    for (int u = 0; u < p->nu; u++) {
      const double du = u - p->nu / 2.0, dv = v - p->nv / 2.0;
      const double x = u + m->a - m->turn * dv, y = v + m->b + m->turn * du;
      const size_t at = (size_t)v * (size_t)p->nu + (size_t)u;
      if (x < 0 || y < 0 || x >= p->nu - 1 || y >= p->nv - 1) {
        p->gain[at] = 0;
        continue;
      }
      const int i = (int)x, k = (int)y;
      const float fx = (float)(x - i), fy = (float)(y - k);
      const float *q = matched + (size_t)k * (size_t)p->nu + (size_t)i;
      p->gain[at] = (1 - fy) * ((1 - fx) * q[0] + fx * q[1]) +
                    fy * ((1 - fx) * q[p->nu] + fx * q[p->nu + 1]) - p->baseline[at];
    }
}

static GArray *
find_edges(const Pair *p, int v0, int zone)
{
  GArray *where = g_array_new(FALSE, FALSE, sizeof(gint32));
  g_autoptr(GArray) slopes = g_array_new(FALSE, FALSE, sizeof(float));
  for (int i = 0; i < p->nu * p->nv; i++)
    if (p->valid[i])
      g_array_append_val(slopes, p->slope[i]);
  const float steep = take_quantile(slopes, 0.85);
  for (int i = 0; i < p->nu * p->nv; i++)
    if (p->valid[i] && p->slope[i] > 0 && p->slope[i] >= steep && ABS(i / p->nu - v0) > zone)
      g_array_append_val(where, i);
  return where;
}

double
pair_refine(Pair *p, int v0, double zone_mm)
{
  const size_t n = (size_t)p->nu * (size_t)p->nv;
  g_autoptr(GArray) where = find_edges(p, v0, (int)(zone_mm / p->mm));
  p->matched = g_new(float, n);
  p->rest = g_new0(float, p->nu);
  g_autofree float *matched = g_new(float, n);
  for (size_t i = 0; i < n; i++)
    matched[i] = p->baseline[i] + p->gain[i];
  Motion sum = {0, 0, 0};
  for (int k = 0; k < STEPS && where->len >= 500; k++) {
    Motion step;
    if (!estimate(p, where, &step))
      break;
    sum.a += step.a;
    sum.b += step.b;
    sum.turn += step.turn;
    apply(p, matched, &sum);
    if (hypot(step.a, step.b) < 0.005 && fabs(step.turn) * p->nv < 0.005)
      break;
  }
  for (size_t i = 0; i < n; i++)
    p->matched[i] = p->baseline[i] + p->gain[i];
  return hypot(sum.a, sum.b) * p->mm;
}
