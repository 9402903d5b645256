/* SPDX-License-Identifier: Apache-2.0 */
#include "affine.h"

#include <math.h>
#include <string.h>

RegAffine
reg_affine_identity(void)
{
  return (RegAffine){{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}};
}

RegAffine
reg_affine_translation(const double t[3])
{
  return (RegAffine){{{1, 0, 0, t[0]}, {0, 1, 0, t[1]}, {0, 0, 1, t[2]}}};
}

/* R = I + sin(a)/a K + (1 - cos a)/a^2 K^2, with K the cross-product matrix of
 * w and a = |w| (Rodrigues, 1840). */
RegAffine
reg_affine_rotation(const double w[3])
{
  double angle = sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2]);
  double s = angle > 1e-9 ? sin(angle) / angle : 1;
  double c = angle > 1e-9 ? (1 - cos(angle)) / (angle * angle) : 0.5;
  const double k[3][3] = {{0, -w[2], w[1]}, {w[2], 0, -w[0]}, {-w[1], w[0], 0}};
  RegAffine r = reg_affine_identity();
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      double kk = k[i][0] * k[0][j] + k[i][1] * k[1][j] + k[i][2] * k[2][j];
      r.m[i][j] += s * k[i][j] + c * kk;
    }
  return r;
}

RegAffine
reg_affine_compose(const RegAffine *a, const RegAffine *b)
{
  RegAffine r;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 4; j++) {
      r.m[i][j] = j == 3 ? a->m[i][3] : 0;
      for (int k = 0; k < 3; k++)
        r.m[i][j] += a->m[i][k] * b->m[k][j];
    }
  return r;
}

double
reg_affine_determinant(const RegAffine *a)
{
  const double(*m)[4] = a->m;
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
         m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

bool
reg_affine_invert(const RegAffine *a, RegAffine *ret)
{
  const double(*m)[4] = a->m;
  double det = reg_affine_determinant(a);
  if (!isfinite(det) || fabs(det) < 1e-12)
    return false;
  RegAffine r;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) { /* the cofactor of (j,i), by cyclic indices */
      int j1 = (j + 1) % 3, j2 = (j + 2) % 3, i1 = (i + 1) % 3, i2 = (i + 2) % 3;
      r.m[i][j] = (m[j1][i1] * m[j2][i2] - m[j1][i2] * m[j2][i1]) / det;
    }
  for (int i = 0; i < 3; i++)
    r.m[i][3] = -(r.m[i][0] * m[0][3] + r.m[i][1] * m[1][3] + r.m[i][2] * m[2][3]);
  *ret = r;
  return true;
}

void
reg_affine_apply(const RegAffine *a, const double x[3], double ret[3])
{
  double y[3];
  for (int i = 0; i < 3; i++)
    y[i] = a->m[i][0] * x[0] + a->m[i][1] * x[1] + a->m[i][2] * x[2] + a->m[i][3];
  memcpy(ret, y, sizeof y);
}

static bool
factor_spd(int n, double *h)
{
  for (int i = 0; i < n; i++) {
    double d = h[i * n + i];
    for (int k = 0; k < i; k++)
      d -= h[i * n + k] * h[i * n + k];
    if (!(d > 0) || !isfinite(d))
      return false;
    h[i * n + i] = sqrt(d);
    for (int j = i + 1; j < n; j++) {
      double s = h[j * n + i];
      for (int k = 0; k < i; k++)
        s -= h[j * n + k] * h[i * n + k];
      h[j * n + i] = s / h[i * n + i];
    }
  }
  return true;
}

bool
reg_solve_spd(int n, double *h, double *b)
{
  if (!factor_spd(n, h))
    return false;
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < i; k++)
      b[i] -= h[i * n + k] * b[k];
    b[i] /= h[i * n + i];
  }
  for (int i = n - 1; i >= 0; i--) {
    for (int k = i + 1; k < n; k++)
      b[i] -= h[k * n + i] * b[k];
    b[i] /= h[i * n + i];
  }
  return true;
}
