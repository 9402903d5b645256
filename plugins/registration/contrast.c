/* SPDX-License-Identifier: Apache-2.0
 *
 * Which model of intensity a pair needs.  The judge is the same for both: how
 * much of the variance is explained on the whole overlap (squared correlation
 * for gain and bias, correlation ratio for the map), and normalised mutual
 * information between the maps that the two models found.
 */
#include <math.h>

#include "align.h"
#include "overlay.h"

enum { GRID_POINTS = 30000 };

/* A correlation from which on no map could do visibly better. */
static const double PLAIN_ENOUGH = 0.93;
/* With a map of this score the roles need not be exchanged to find a better. */
static const double CONTENT = 0.85;
/* A map of this score is worth being tried by the next model. */
static const double HINT_SCORE = 0.4;
/* The map must leave less than this share of the variance that gain and bias
 * leave unexplained: it has 64 unknowns where they have two. */
static const double MAP_REMAINDER = 0.5;
/* Grey values of films mean nothing, so that a lesser gain is believed. */
static const double FILM_REMAINDER = 0.8;

typedef struct {
  RegAffine transform;
  double score, share, ncc, ratio, swapped_ratio, nmi;
} Candidate;

/* All but the correlation only where that leaves a question. */
static itv_status
judge(const RegJob *job, const RegPair *pair, Candidate *c)
{
  RegOverlay o;
  itv_status status =
      reg_overlay_new(job, reg_pair_coarsest(pair, false), reg_pair_coarsest(pair, true),
                      &c->transform, GRID_POINTS, &o);
  if (status != ITV_OK)
    return status;
  c->share = reg_overlay_share(&o);
  c->ncc = reg_overlay_ncc(&o);
  if (c->ncc < PLAIN_ENOUGH || pair->film) {
    c->ratio = reg_overlay_ratio(&o, false);
    c->swapped_ratio = reg_overlay_ratio(&o, true);
  }
  c->nmi = reg_overlay_nmi(&o);
  reg_overlay_clear(&o);
  return ITV_OK;
}

static itv_status
candidate(const RegJob *job, const RegPair *pair, RegIntensity intensity, const Candidate *known,
          Candidate *ret)
{
  const RegAffine *hint = known && known->score > HINT_SCORE ? &known->transform : NULL;
  itv_status status = reg_multistart(job, pair, intensity, hint, &ret->transform, &ret->score);
  if (status != ITV_OK || ret->score < 0)
    return status;
  return judge(job, pair, ret);
}

/* The map found with the roles exchanged, turned round. */
static itv_status
swapped_candidate(const RegJob *job, const RegPair *pair, const Candidate *known, Candidate *ret)
{
  RegPair swapped = *pair;
  RegAffine hint;
  swapped.fixed = pair->moving;
  swapped.moving = pair->fixed;
  bool hinted = known->score > HINT_SCORE && reg_affine_invert(&known->transform, &hint);
  itv_status status = reg_multistart(job, &swapped, REG_MAPPED, hinted ? &hint : NULL,
                                     &ret->transform, &ret->score);
  if (status != ITV_OK || ret->score < 0)
    return status;
  if (!reg_affine_invert(&ret->transform, &ret->transform)) {
    ret->score = -1;
    return ITV_OK;
  }
  return judge(job, pair, ret);
}

static const Candidate *
better(const Candidate *a, const Candidate *b)
{
  double share = fmax(a->share, b->share); /* of little overlap, anything can be said */
  double x = a->score < 0 ? 0 : (a->nmi - 1) * fmin(1, a->share / (0.5 * share + 1e-9));
  double y = b->score < 0 ? 0 : (b->nmi - 1) * fmin(1, b->share / (0.5 * share + 1e-9));
  return y > x ? b : a;
}

itv_status
reg_choose_contrast(const RegJob *job, const RegPair *pair, RegAffine *ret,
                    RegIntensity *ret_intensity, bool *ret_swapped)
{
  Candidate linear = {.score = -1}, mapped = {.score = -1}, swapped = {.score = -1};
  itv_status status = candidate(job, pair, REG_LINEAR, NULL, &linear);
  bool plain = linear.ncc >= PLAIN_ENOUGH;
  if (status == ITV_OK && !plain)
    status = candidate(job, pair, REG_MAPPED, &linear, &mapped);
  if (status == ITV_OK && !plain && !pair->film && mapped.score < CONTENT)
    status = swapped_candidate(job, pair, &mapped, &swapped);
  if (status != ITV_OK)
    return status;
  const Candidate *best = better(better(&linear, &mapped), &swapped);
  if (best->score < 0)
    return reg_job_fail(job, ITV_ERR_UNSUPPORTED,
                        "registration: no start brought the two images to overlap with anything in "
                        "common: too small, or nothing to hold on to");
  double ratio = fmax(best->ratio, best->swapped_ratio);
  double remainder = pair->film ? FILM_REMAINDER : MAP_REMAINDER;
  bool keep_linear = (plain && !pair->film) ||
                     (best->ncc > 0 && 1 - ratio > remainder * (1 - best->ncc * best->ncc));
  *ret = best->transform;
  *ret_intensity = keep_linear ? REG_LINEAR : REG_MAPPED;
  *ret_swapped = *ret_intensity == REG_MAPPED && best->swapped_ratio > best->ratio;
  return ITV_OK;
}
