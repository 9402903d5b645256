/* SPDX-License-Identifier: Apache-2.0
 *
 * Affine maps of space in mm, and the small linear algebra around them.
 */
#ifndef REGISTRATION_AFFINE_H
#define REGISTRATION_AFFINE_H

#include <stdbool.h>

/* y = L x + t, where L is the left 3x3 part of m and t its last column. */
typedef struct {
  double m[3][4];
} RegAffine;

RegAffine reg_affine_identity(void);
RegAffine reg_affine_translation(const double t[3]);
/* Rotation by |w| rad about the axis w through the origin (Rodrigues). */
RegAffine reg_affine_rotation(const double w[3]);
/* x -> a(b(x)) */
RegAffine reg_affine_compose(const RegAffine *a, const RegAffine *b);
/* false when the map is not invertible in double precision */
bool reg_affine_invert(const RegAffine *a, RegAffine *ret);
double reg_affine_determinant(const RegAffine *a);
void reg_affine_apply(const RegAffine *a, const double x[3], double ret[3]);

/* Solves the symmetric positive definite n x n system h x = b in place
 * (Cholesky); h is row-major, its lower half is used and overwritten, b
 * becomes x.  false when h is not positive definite. */
bool reg_solve_spd(int n, double *h, double *b);

#endif
