/* SPDX-License-Identifier: Apache-2.0
 *
 * Two films on one grid, made comparable: same exposure, the bone upright.
 */
#ifndef HEALING_FILM_H
#define HEALING_FILM_H

#include <glib.h>

#include "interval/plugin.h"

/* Square pixels; u runs across the bone, v along it. */
typedef struct {
  int nu, nv;
  double mm; /* size of a pixel */
  float *baseline, *current;
  float *gain;    /* current minus baseline, in the baseline's exposure */
  float *matched; /* the current film as refined, in the baseline's exposure */
  float *rest;    /* per column: usual size of `gain`, beyond noise, where nothing grew */
  float *slope;   /* gradient of the baseline, per mm */
  guint8 *valid;
  double tilt;            /* degrees by which the bone was turned upright */
  double noise, shift_mm; /* of `gain`: white part; misregistration */
} Pair;

void pair_free(Pair *pair);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pair, pair_free)

/* NULL with *ret_error (to be freed) and *ret_status when the volumes cannot be
 * used as a pair of films.  `drop_background`: take out what is as dark as the
 * darkest and reaches the border (collimation, air); wrong for a film whose soft
 * tissue is that dark. */
Pair *pair_load(const itv_volume *baseline, const itv_volume *current, gboolean drop_background,
                char **ret_error, itv_status *ret_status);

/* Fits the current film's exposure to the baseline's and fills `gain`; FALSE
 * when too little of the two overlaps. */
gboolean pair_match_exposure(Pair *pair);

/* Turns the frame so that the bone stands upright and fills `slope`; FALSE when
 * the edges have no common direction. */
gboolean pair_turn_upright(Pair *pair);

/* Takes the rest of a shift and a turn out of `gain`, as the edges beyond
 * `zone_mm` along the bone of row v0 show it; returns the shift in mm. */
double pair_refine(Pair *pair, int v0, double zone_mm);

/* Carries on through the zone about row v0 what moved or became denser in the
 * same columns above and below it, apart from the zone about break_v; sets
 * `gain` there and `rest`. */
void pair_follow_strips(Pair *pair, int v0, int break_v, double zone_mm);

/* Standard deviation of `gain` where nothing should have changed: everywhere
 * but within `zone_mm` along the bone of row v0. */
void pair_measure_noise(Pair *pair, int v0, double zone_mm);

/* Gaussian blur, in place; `valid` is not looked at. */
void blur(float *image, int nx, int ny, double sigma_px);

/* Value below which that share lies; sorts the array. */
float take_quantile(GArray *floats, double share);

#endif
