/* SPDX-License-Identifier: Apache-2.0 */
#include "gate.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "overlay.h"

enum { GRID_POINTS = 50000 };

/* An agreement of detail that a mirror image never reaches. */
static const double BEYOND_DOUBT = 0.97;

/* The finest level that is coarse enough to be free of most noise. */
static int
gate_level(const RegPair *pair)
{
  return pair->fixed.n_levels > 2 ? 1 : 0;
}

/* ---- the whole overlap --------------------------------------------------------- */

static itv_status
measure_similarity(const RegJob *job, const RegPair *pair, const RegAffine *transform, bool mapped,
                   double *ret_ncc, double *ret_overlap)
{
  int level = gate_level(pair);
  RegOverlay o;
  itv_status status = reg_overlay_new(job, &pair->fixed.level[level], &pair->moving.level[level],
                                      transform, GRID_POINTS, &o);
  if (status != ITV_OK)
    return status;
  if (mapped && o.n > 1)
    reg_overlay_map(&o);
  *ret_ncc = reg_overlay_ncc(&o);
  *ret_overlap = reg_overlay_share(&o);
  reg_overlay_clear(&o);
  return ITV_OK;
}

static itv_status
measure_moving_overlap(const RegJob *job, const RegPair *pair, const RegAffine *transform,
                       double *ret)
{
  int level = gate_level(pair);
  RegAffine inverse;
  RegOverlay o;
  *ret = 0;
  if (!reg_affine_invert(transform, &inverse))
    return ITV_OK;
  itv_status status = reg_overlay_new(job, &pair->moving.level[level], &pair->fixed.level[level],
                                      &inverse, GRID_POINTS, &o);
  if (status != ITV_OK)
    return status;
  *ret = reg_overlay_share(&o);
  reg_overlay_clear(&o);
  return ITV_OK;
}

/* The best that the moving image's mirror image could do.  Patients are nearly
 * symmetric: of two heads, one with left and right exchanged, all but the folds
 * agree, and only the mirror image shows that it fits better. */
static itv_status
measure_mirrored(const RegJob *job, const RegPair *pair, const RegAlignment *a, bool affine,
                 double *ret)
{
  double centre_mm[3], ignored;
  RegFit fit;
  reg_image_mass_centre(reg_pair_coarsest(pair, false), centre_mm);
  RegAffine mirror = reg_affine_identity();
  mirror.m[0][0] = -1;
  mirror.m[0][3] = 2 * centre_mm[0];
  mirror = reg_affine_compose(&a->transform, &mirror);
  itv_status status = reg_refine(job, pair, a->intensity, affine, gate_level(pair), &mirror, &fit);
  if (status != ITV_OK)
    return status;
  return measure_similarity(job, pair, &mirror, a->intensity == REG_MAPPED, ret, &ignored);
}

itv_status
reg_gate_measure(const RegJob *job, const RegPair *pair, const RegAlignment *a, bool affine,
                 RegEvidence *ret)
{
  RegEvidence e = {.similarity_mirrored = -1};
  double ignored;
  bool mapped = a->intensity == REG_MAPPED;
  RegAffine unregistered = reg_pair_unregistered(pair);
  itv_status status =
      measure_similarity(job, pair, &unregistered, mapped, &e.similarity_before, &ignored);
  if (status == ITV_OK)
    status = measure_similarity(job, pair, &a->transform, mapped, &e.similarity_after, &e.overlap);
  if (status == ITV_OK)
    status = measure_moving_overlap(job, pair, &a->transform, &e.moving_overlap);
  if (status == ITV_OK)
    status =
        reg_detail_measure(job, &pair->fixed.level[gate_level(pair)],
                           &pair->moving.level[gate_level(pair)], &a->transform, mapped, &e.detail);
  bool doubt = e.detail.agreement < BEYOND_DOUBT || e.detail.in_place < 0.9;
  if (status == ITV_OK && doubt)
    status = reg_measure_inconsistency(job, pair, affine, a, &e.inconsistency_mm);
  if (status == ITV_OK && doubt)
    status = measure_mirrored(job, pair, a, affine, &e.similarity_mirrored);
  e.scale = pow(fabs(reg_affine_determinant(&a->transform)), pair->plane ? 0.5 : 1.0 / 3);
  if (status == ITV_OK)
    *ret = e;
  return status;
}

/* ---- the verdict ----------------------------------------------------------------- */

void
reg_verdict_add(RegVerdict *v, const char *code, const char *severity, const char *format, ...)
{
  if (v->n == REG_MAX_REASONS)
    return;
  RegReason *r = &v->reason[v->n++];
  r->code = code;
  r->severity = severity;
  va_list args;
  va_start(args, format);
  vsnprintf(r->text, sizeof r->text, format, args);
  va_end(args);
  if (!strcmp(severity, "blocking"))
    v->accepted = false;
}

static void
judge_overlap(const RegEvidence *e, RegVerdict *v)
{
  double overlap = fmax(e->overlap, e->moving_overlap);
  if (overlap < 0.25)
    reg_verdict_add(
        v, "little-overlap", "blocking",
        "The two images share only %.0f %% of the smaller field of view; 25 %% are needed.",
        overlap * 100);
  else if (overlap < 0.5)
    reg_verdict_add(v, "little-overlap", "warning",
                    "The two images share only %.0f %% of the smaller field of view.",
                    overlap * 100);
}

static void
judge_similarity(const RegPair *pair, const RegEvidence *e, bool mapped, RegVerdict *v)
{
  double needed = pair->plane ? 0.7 : mapped ? 0.6 : 0.5;
  if (e->similarity_after < needed)
    reg_verdict_add(v, "low-similarity", "blocking",
                    "After registration the images correlate by only %.2f; %.2f are needed.",
                    e->similarity_after, needed);
  else if (e->similarity_after < e->similarity_before - 0.02)
    reg_verdict_add(v, "no-improvement", "blocking",
                    "Registration made the images less alike: %.2f before, %.2f after.",
                    e->similarity_before, e->similarity_after);
}

/* What the blocks of one patient's two studies reach.  Two single slices never
 * show quite the same section, so less is asked of them. */
static double
needed_agreement(const RegPair *pair, bool mapped)
{
  if (pair->plane && !pair->film)
    return mapped ? 0.66 : 0.5;
  return 0.75;
}

/* Mere outlines fit about as well the other way round. */
static void
judge_mirror(const RegEvidence *e, RegVerdict *v)
{
  double lead = e->similarity_after - e->similarity_mirrored;
  if (lead < -0.005)
    reg_verdict_add(
        v, "mirrored", "blocking",
        "The mirror image fits better (correlation %.3f) than the image itself (%.3f): left "
        "and right may be exchanged in one of the two.",
        e->similarity_mirrored, e->similarity_after);
  else if (lead < 0.01 && e->detail.agreement < 0.9)
    reg_verdict_add(
        v, "outline-only", "blocking",
        "The image fits no better (correlation %.3f) than its mirror image (%.3f): little "
        "but the outline agrees.",
        e->similarity_after, e->similarity_mirrored);
}

static void
judge_detail(const RegPair *pair, const RegEvidence *e, bool mapped, RegVerdict *v)
{
  double needed = needed_agreement(pair, mapped);
  judge_mirror(e, v);
  if (e->detail.agreement < needed)
    reg_verdict_add(
        v, "detail-differs", "blocking",
        "The structures within do not agree (mean local correlation %.2f, %.2f is needed): "
        "another patient, another region, or mirrored.",
        e->detail.agreement, needed);
  else if (!mapped && e->detail.in_place < 0.4)
    reg_verdict_add(
        v, "local-motion", "warning",
        "Only %.0f %% of the structures lie within %.1f mm of their place; the rest moved "
        "(breathing, posture), which this map cannot follow.",
        e->detail.in_place * 100, e->detail.step_mm);
}

static void
judge_residual(double residual, RegVerdict *v)
{
  if (residual > 0.65)
    reg_verdict_add(v, "high-residual", "blocking",
                    "Half of the sampled points differ by more than %.0f %% of the image's spread.",
                    residual / 1.4826 * 100);
}

void
reg_gate_decide(const RegPair *pair, const RegAlignment *a, const RegEvidence *e, RegVerdict *ret)
{
  const RegImage *finest = &pair->fixed.level[0];
  bool mapped = a->intensity == REG_MAPPED;
  double step_mm = fmax(finest->spacing_mm[0], finest->spacing_mm[1]);
  double limit_mm = fmax(pair->plane && !pair->film ? 4 : 2, 3 * step_mm);
  RegVerdict v = {.accepted = true};
  if (a->fit.similarity <= -1)
    reg_verdict_add(&v, "no-convergence", "blocking",
                    "The fit found no solution at full resolution.");
  judge_overlap(e, &v);
  judge_similarity(pair, e, mapped, &v);
  judge_residual(a->fit.residual, &v);
  judge_detail(pair, e, mapped, &v);
  if (!(e->inconsistency_mm < limit_mm))
    reg_verdict_add(
        &v, "inconsistent", "blocking",
        "Registered the other way round, the images come to lie %.1f mm elsewhere; at most "
        "%.1f mm are allowed.",
        fmin(e->inconsistency_mm, 9999), limit_mm);
  if (!(e->scale > 0.75 && e->scale < 1.33))
    reg_verdict_add(
        &v, "scale", "blocking",
        "The map enlarges by a factor of %.2f, which no growth or magnification explains.",
        e->scale);
  *ret = v;
}
