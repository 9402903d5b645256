/* SPDX-License-Identifier: Apache-2.0
 *
 * render/tone.h - from values to grey and colour: windows, exposure matching,
 * the change map and the place of greatest change.
 */
#ifndef ITV_RENDER_TONE_H
#define ITV_RENDER_TONE_H

#include "model/vocabulary.h"
#include "render/resample.h"

typedef struct {
  double low, high; /* black, white */
  char name[64];    /* "lung: W 1500 L -600"; "grey: 1st to 99th percentile" */
} ItvWindow;

/* CT: by region and by what surrounds the key point; else robust percentiles
 * of the plane. */
ItvWindow itv_window_for(ItvModality modality, ItvRegion region, const itv_volume *volume,
                         const double key_mm[3], const ItvPlane *plane);

/* matched = gain * value + offset brings the prior to the current's exposure. */
typedef struct {
  double gain, offset;
  double correlation; /* of the pairs; NAN when there are too few */
  gsize n;            /* pairs used */
} ItvMatch;

/* Robust straight line through pairs (Huber's M-estimator by iterated
 * reweighting, started from the 10th and 90th percentiles); needs 32 pairs,
 * else the identity. */
ItvMatch itv_match_exposure(const float *prior, const float *current, gsize n);

/* Values of both studies at the same places of the current's grid. */
typedef struct {
  ItvMatch match;   /* identity for CT, whose values are absolute */
  gboolean found;   /* a place of change was found */
  double key_mm[3]; /* of greatest change, in the current's mm */
  double overlap;   /* share of the current that the prior covers */
} ItvChangeSurvey;

/* Looks at cubes of about 8 mm (films: squares) and finds the one whose mean
 * differs most; cubes that the prior covers only in part do not count, nor
 * does the rim of the field, where the table and the collimator lie. */
ItvChangeSurvey itv_change_survey(const itv_volume *current, const itv_volume *prior,
                                  const ItvSpatialMap *map, ItvModality modality);

/* -1 .. 1 to 0xRRGGBB: blue below, grey at zero, orange above; its lightness
 * rises evenly, so that it survives colour blindness and a grey printer. */
guint32 itv_change_colour(double t);

/* The value at quantile q (0..1) of n values, which are reordered. */
float itv_quantile(float *values, gsize n, double q);

#endif
