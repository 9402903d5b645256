/* SPDX-License-Identifier: Apache-2.0
 *
 * Gauss-Newton finds the top of the hill it starts on.  The coarsest level is
 * cheap enough to start on many: several guesses of the shift, each with
 * several rotations; a few steps for each, and the best are followed on.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "align.h"

enum {
  MAX_STARTS = 512,
  QUICK_SAMPLES = 3000,
  QUICK_ITERATIONS = 8,
  FULL_SAMPLES = 10000,
  FULL_ITERATIONS = 30,
  FOLLOWED = 4
};

/* Below these scores the starts so far are taken to have missed.  Half a head can be
 * laid upon the wrong half of another so that it scores 0.86. */
static const double CONTENT = 0.85, SURE = 0.92;

typedef struct {
  RegAffine transform;
  double score;
} Start;

typedef struct {
  int n;
  Start start[MAX_STARTS];
} Starts;

static void
centre_of(const RegImage *image, double ret_mm[3])
{
  double index[3];
  for (int i = 0; i < 3; i++)
    index[i] = (image->dim[i] - 1) * 0.5;
  reg_affine_apply(&image->index_to_mm, index, ret_mm);
}

/* The extent along one axis of the frame, over the image's eight corners. */
static void
extent_of(const RegImage *image, int axis, double *ret_low_mm, double *ret_high_mm)
{
  *ret_low_mm = INFINITY;
  *ret_high_mm = -INFINITY;
  for (int corner = 0; corner < 8; corner++) {
    double index[3], at_mm[3];
    for (int i = 0; i < 3; i++)
      index[i] = (corner >> i & 1) * (image->dim[i] - 1);
    reg_affine_apply(&image->index_to_mm, index, at_mm);
    *ret_low_mm = fmin(*ret_low_mm, at_mm[axis]);
    *ret_high_mm = fmax(*ret_high_mm, at_mm[axis]);
  }
}

RegAffine
reg_pair_unregistered(const RegPair *pair)
{
  double f[3], m[3];
  if (pair->shared_frame)
    return reg_affine_identity();
  centre_of(&pair->fixed.level[0], f);
  centre_of(&pair->moving.level[0], m);
  return reg_affine_translation((const double[]){m[0] - f[0], m[1] - f[1], m[2] - f[2]});
}

static void
add_shift(double shift[][3], int *n, double x, double y, double z)
{
  for (int i = 0; i < *n; i++)
    if (hypot(hypot(shift[i][0] - x, shift[i][1] - y), shift[i][2] - z) < 5)
      return;
  shift[*n][0] = x;
  shift[*n][1] = y;
  shift[*n][2] = z;
  ++*n;
}

enum { MAX_SHIFTS = 10 };

/* The longer study may begin or end where the other does. */
static void
add_end_shifts(const RegImage *fixed, const RegImage *moving, const double between[3], int axis,
               double shift[][3], int *n)
{
  double f_low, f_high, m_low, m_high;
  extent_of(fixed, axis, &f_low, &f_high);
  extent_of(moving, axis, &m_low, &m_high);
  for (int end = 0; end < 2; end++) {
    double s[3] = {between[0], between[1], between[2]};
    s[axis] = end ? m_low - f_low : m_high - f_high;
    add_shift(shift, n, s[0], s[1], s[2]);
  }
}

/* The centre of half a field of view lies a quarter of it from the whole one's. */
static void
add_quarter_shifts(const RegImage *fixed, const RegImage *moving, const double between[3], int axis,
                   double shift[][3], int *n)
{
  const RegImage *of[2] = {fixed, moving};
  double longest = 0;
  for (int i = 0; i < 2; i++)
    longest = fmax(longest, of[i]->spacing_mm[axis] * of[i]->dim[axis]);
  for (int sign = -1; sign <= 1; sign += 2) {
    double s[3] = {between[0], between[1], between[2]};
    s[axis] += sign * longest / 4;
    add_shift(shift, n, s[0], s[1], s[2]);
  }
}

/* Guesses of where the fixed centre lies in the moving frame, as shifts. */
static int
guess_shifts(const RegPair *pair, double shift[MAX_SHIFTS][3])
{
  const RegImage *fixed = reg_pair_coarsest(pair, false), *moving = reg_pair_coarsest(pair, true);
  double f[3], m[3];
  int n = 0;
  RegAffine unregistered = reg_pair_unregistered(pair);
  add_shift(shift, &n, unregistered.m[0][3], unregistered.m[1][3], unregistered.m[2][3]);
  centre_of(fixed, f);
  centre_of(moving, m);
  double x = m[0] - f[0], y = m[1] - f[1], z = m[2] - f[2];
  add_shift(shift, &n, x, y, z);
  reg_image_mass_centre(fixed, f);
  reg_image_mass_centre(moving, m);
  add_shift(shift, &n, m[0] - f[0], m[1] - f[1], m[2] - f[2]);
  if (!pair->plane)
    add_end_shifts(fixed, moving, (const double[]){x, y, z}, 2, shift, &n);
  return n;
}

/* Where half of the field of view is missing in front, behind or at a side. */
static int
guess_far_shifts(const RegPair *pair, double shift[MAX_SHIFTS][3])
{
  const RegImage *fixed = reg_pair_coarsest(pair, false), *moving = reg_pair_coarsest(pair, true);
  double f[3], m[3], between[3];
  int n = 0;
  centre_of(fixed, f);
  centre_of(moving, m);
  for (int i = 0; i < 3; i++)
    between[i] = m[i] - f[i];
  for (int axis = 0; axis < (pair->plane ? 2 : 3); axis++)
    add_quarter_shifts(fixed, moving, between, axis, shift, &n);
  return n;
}

/* Rotations about the fixed image's centre, then the shift. */
static void
add_start(const RegImage *fixed, const double shift[3], const double rotation[3], Starts *starts)
{
  double c[3];
  if (starts->n == MAX_STARTS)
    return;
  centre_of(fixed, c);
  RegAffine r = reg_affine_rotation(rotation);
  RegAffine back = reg_affine_translation((const double[]){-c[0], -c[1], -c[2]});
  RegAffine forth =
      reg_affine_translation((const double[]){c[0] + shift[0], c[1] + shift[1], c[2] + shift[2]});
  r = reg_affine_compose(&r, &back);
  starts->start[starts->n++] = (Start){reg_affine_compose(&forth, &r), -1};
}

/* About each axis, by each angle to either side. */
static void
add_rotations(const RegPair *pair, const double shift[3], const double *angle_rad, int n_angles,
              Starts *starts)
{
  const RegImage *fixed = reg_pair_coarsest(pair, false);
  for (int axis = pair->plane ? 2 : 0; axis < 3; axis++)
    for (int i = 0; i < n_angles; i++)
      for (int sign = -1; sign <= 1; sign += 2) {
        double rotation[3] = {0};
        rotation[axis] = sign * angle_rad[i];
        add_start(fixed, shift, rotation, starts);
      }
}

/* About two or three axes at once. */
static void
add_oblique_rotations(const RegPair *pair, const double shift[3], double angle_rad, Starts *starts)
{
  const RegImage *fixed = reg_pair_coarsest(pair, false);
  for (int code = 0; code < 27; code++) {
    const int sign[3] = {code % 3 - 1, code / 3 % 3 - 1, code / 9 - 1};
    double rotation[3];
    for (int i = 0; i < 3; i++)
      rotation[i] = sign[i] * angle_rad;
    if (abs(sign[0]) + abs(sign[1]) + abs(sign[2]) >= 2)
      add_start(fixed, shift, rotation, starts);
  }
}

static int
compare_starts(const void *a, const void *b)
{
  const Start *x = a, *y = b;
  return (x->score < y->score) - (x->score > y->score);
}

typedef struct {
  const RegJob *job;
  const RegPair *pair;
  RegIntensity intensity;
  RegStatistics range; /* of the moving image */
  RegSamples quick, full;
} Search;

/* A start that overlaps little proves little. */
static double
score_of(const RegFit *fit)
{
  return fit->similarity > 0 ? fit->similarity * fmin(1, fit->valid / 0.4) : -1;
}

static itv_status
follow(const Search *s, const RegSamples *samples, int iterations, Start *starts, int n)
{
  const RegImage *moving = reg_pair_coarsest(s->pair, true);
  RegFitOptions options = {.freedom = s->pair->plane ? REG_RIGID_PLANE : REG_RIGID_SPACE,
                           .intensity = s->intensity,
                           .max_iterations = iterations,
                           .rms_share = 1,
                           .cutoff = 3,
                           .tolerance = 0.01};
  for (int i = 0; i < n; i++) {
    RegFit fit;
    itv_status status =
        reg_fit_run(s->job, samples, moving, &s->range, &options, &starts[i].transform, &fit);
    if (status != ITV_OK)
      return status;
    starts[i].score = score_of(&fit);
  }
  return ITV_OK;
}

/* A few steps from each start, then the best ones to the end; sorted. */
static itv_status
run_round(const Search *s, Starts *starts)
{
  itv_status status = follow(s, &s->quick, QUICK_ITERATIONS, starts->start, starts->n);
  if (status != ITV_OK)
    return status;
  qsort(starts->start, (size_t)starts->n, sizeof *starts->start, compare_starts);
  starts->n = starts->n < FOLLOWED ? starts->n : FOLLOWED;
  status = follow(s, &s->full, FULL_ITERATIONS, starts->start, starts->n);
  qsort(starts->start, (size_t)starts->n, sizeof *starts->start, compare_starts);
  return status;
}

/* Far in shift and rotation at once. */
static itv_status
search_far(const Search *s, Starts *starts)
{
  static const double angles_rad[] = {0.35, 0.8};
  static const double none[3] = {0};
  double shift[MAX_SHIFTS][3];
  const int n = guess_far_shifts(s->pair, shift);
  starts->n = 1;
  for (int i = 0; i < n; i++) {
    add_start(reg_pair_coarsest(s->pair, false), shift[i], none, starts);
    add_rotations(s->pair, shift[i], angles_rad, 2, starts);
    for (int k = 0; k < 2 && !s->pair->plane; k++)
      add_oblique_rotations(s->pair, shift[i], angles_rad[k], starts);
  }
  return run_round(s, starts);
}

static itv_status
search(const Search *s, const RegAffine *hint, Starts *starts, const double shift[][3],
       int n_shifts)
{
  static const double near_rad[] = {0.35}, near_plane_rad[] = {0.25, 0.5};
  static const double far_rad[] = {0.8, 1.3, 1.9, 3.1};
  int n_far =
      s->pair->shared_frame ? 1 : 4; /* a patient does not lie upside down in his own frame */
  static const double none[3] = {0};
  bool plane = s->pair->plane;
  if (hint)
    starts->start[starts->n++] = (Start){*hint, -1};
  for (int i = 0; i < n_shifts; i++) {
    add_start(reg_pair_coarsest(s->pair, false), shift[i], none, starts);
    add_rotations(s->pair, shift[i], plane ? near_plane_rad : near_rad, plane ? 2 : 1, starts);
    if (!plane && !hint && i < 2)
      add_oblique_rotations(s->pair, shift[i], near_rad[0], starts);
  }
  itv_status status = run_round(s, starts);
  if (status == ITV_OK && starts->start[0].score < CONTENT) {
    starts->n = 1; /* the best so far competes */
    for (int i = 0; i < n_shifts && i < 3; i++)
      add_rotations(s->pair, shift[i], far_rad, n_far, starts);
    status = run_round(s, starts);
  }
  if (status == ITV_OK && !hint && starts->start[0].score < SURE)
    status = search_far(s, starts);
  return status;
}

itv_status
reg_multistart(const RegJob *job, const RegPair *pair, RegIntensity intensity,
               const RegAffine *hint, RegAffine *ret, double *ret_score)
{
  Search s = {.job = job, .pair = pair, .intensity = intensity};
  Starts *starts = calloc(1, sizeof *starts);
  const RegImage *fixed = reg_pair_coarsest(pair, false);
  itv_status status = starts ? ITV_OK : reg_job_out_of_memory(job);
  if (status == ITV_OK)
    status = reg_samples_pick(job, fixed, QUICK_SAMPLES, &s.quick);
  if (status == ITV_OK)
    status = reg_samples_pick(job, fixed, FULL_SAMPLES, &s.full);
  *ret_score = -1;
  if (status == ITV_OK && reg_image_statistics(reg_pair_coarsest(pair, true), &s.range)) {
    double shift[MAX_SHIFTS][3];
    int n = guess_shifts(pair, shift);
    status = search(&s, hint, starts, (const double(*)[3])shift, n);
    *ret = starts->start[0].transform;
    *ret_score = starts->start[0].score;
  }
  reg_samples_clear(&s.quick);
  reg_samples_clear(&s.full);
  free(starts);
  return status;
}
