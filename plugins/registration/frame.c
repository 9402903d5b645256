/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include <math.h>
#include <string.h>

/* Index to the volume's own mm: patient LPS when oriented, else x = column *
 * spacing, y = row * spacing, z = slice * spacing. */
static RegAffine
own_grid(const itv_volume *v)
{
  RegAffine a = {0};
  bool oriented = v->flags & ITV_VOL_ORIENTED;
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++)
      a.m[i][j] = (oriented ? v->direction[3 * i + j] : i == j) * v->spacing_mm[j];
    a.m[i][3] = oriented ? v->origin_mm[i] : 0;
  }
  return a;
}

static double
dot(const double a[3], const double b[3])
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void
cross(const double a[3], const double b[3], double ret[3])
{
  for (int i = 0; i < 3; i++)
    ret[i] = a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3];
}

static void
normalise(double a[3])
{
  double length = sqrt(dot(a, a));
  for (int i = 0; i < 3; i++)
    a[i] /= length;
}

/* The plane's frame from its normal and a direction within it. */
static RegAffine
plane_frame(const double along[3], const double normal[3], const double origin[3])
{
  RegAffine a;
  double y[3];
  cross(normal, along, y);
  for (int i = 0; i < 3; i++) {
    a.m[i][0] = along[i];
    a.m[i][1] = y[i];
    a.m[i][2] = normal[i];
    a.m[i][3] = origin[i];
  }
  return a;
}

static void
plane_of(const itv_volume *v, double ret_row[3], double ret_normal[3])
{
  double column[3];
  for (int i = 0; i < 3; i++) {
    ret_row[i] = v->direction[3 * i];
    column[i] = v->direction[3 * i + 1];
  }
  cross(ret_row, column, ret_normal);
  normalise(ret_row);
  normalise(ret_normal);
}

/* The moving slice's frame lies in its plane but looks the fixed one's way, so
 * that the identity between the frames is the patient's own position. */
static void
slice_frames(const itv_volume *fixed, const itv_volume *moving, RegFrames *f)
{
  double row[3], normal[3], m_row[3], m_normal[3], origin[3], along[3];
  plane_of(fixed, row, normal);
  plane_of(moving, m_row, m_normal);
  double cosine = dot(normal, m_normal);
  f->tilt_deg = acos(fmin(1, fabs(cosine))) * 180 / acos(-1);
  f->fixed_to_lps = plane_frame(row, normal, fixed->origin_mm);
  if (f->tilt_deg > 60) { /* planes across each other have no common position */
    f->shared = false;
    f->moving_to_lps = plane_frame(m_row, m_normal, moving->origin_mm);
    return;
  }
  for (int i = 0; cosine < 0 && i < 3; i++)
    m_normal[i] = -m_normal[i];
  for (int i = 0; i < 3; i++)
    origin[i] = fixed->origin_mm[i] - moving->origin_mm[i];
  double height_mm = dot(origin, m_normal), rise = dot(row, m_normal);
  for (int i = 0; i < 3; i++) {
    origin[i] = fixed->origin_mm[i] - height_mm * m_normal[i];
    along[i] = row[i] - rise * m_normal[i];
  }
  normalise(along);
  f->moving_to_lps = plane_frame(along, m_normal, origin);
}

static itv_status
into_frame(const RegJob *job, const itv_volume *v, const RegAffine *to_lps, RegAffine *ret)
{
  RegAffine own = own_grid(v), from_lps;
  if (!reg_affine_invert(to_lps, &from_lps))
    return reg_job_fail(job, ITV_ERR_INPUT,
                        "registration: %s volume: its direction vectors span no space", v->role);
  *ret = reg_affine_compose(&from_lps, &own);
  return ITV_OK;
}

itv_status
reg_frames_choose(const RegJob *job, const itv_volume *fixed, const itv_volume *moving,
                  RegFrames *ret)
{
  RegFrames f = {.fixed_to_lps = reg_affine_identity(), .moving_to_lps = reg_affine_identity()};
  bool f_plane = fixed->dim[2] == 1, m_plane = moving->dim[2] == 1;
  if (f_plane != m_plane)
    return reg_job_fail(job, ITV_ERR_UNSUPPORTED,
                        "registration: the %s volume is a single slice or film and the other a "
                        "stack of %d slices; both must be of one sort",
                        f_plane ? "fixed" : "moving",
                        (int)(f_plane ? moving->dim[2] : fixed->dim[2]));
  bool f_oriented = fixed->flags & ITV_VOL_ORIENTED, m_oriented = moving->flags & ITV_VOL_ORIENTED;
  f.plane = f_plane;
  f.shared = f_oriented && m_oriented;
  if (f.plane && f.shared)
    slice_frames(fixed, moving, &f);
  else if (f.plane && (f_oriented || m_oriented)) {
    double row[3], normal[3];
    plane_of(f_oriented ? fixed : moving, row, normal);
    RegAffine plane = plane_frame(row, normal, f_oriented ? fixed->origin_mm : moving->origin_mm);
    *(f_oriented ? &f.fixed_to_lps : &f.moving_to_lps) = plane;
  }
  itv_status status = into_frame(job, fixed, &f.fixed_to_lps, &f.fixed_index_to_mm);
  if (status == ITV_OK)
    status = into_frame(job, moving, &f.moving_to_lps, &f.moving_index_to_mm);
  if (status == ITV_OK)
    *ret = f;
  return status;
}

itv_status
reg_frames_lift(const RegJob *job, const RegFrames *frames, const RegAffine *map, RegAffine *ret)
{
  RegAffine from_lps;
  if (!reg_affine_invert(&frames->fixed_to_lps, &from_lps))
    return reg_job_fail(job, ITV_ERR_INTERNAL, "registration: the fixed frame is singular");
  RegAffine to_moving = reg_affine_compose(map, &from_lps);
  *ret = reg_affine_compose(&frames->moving_to_lps, &to_moving);
  return ITV_OK;
}
