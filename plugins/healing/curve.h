/* SPDX-License-Identifier: Apache-2.0
 *
 * What a measure is expected to be by when: interval.expectation/1 records of
 * one measure, as a curve.
 */
#ifndef HEALING_CURVE_H
#define HEALING_CURVE_H

#include <glib.h>

#include "interval/plugin.h"

typedef struct {
  double score;
  double early_days, median_days, late_days; /* < 0: no source gives it */
} CurvePoint;

typedef struct {
  const char *measure, *source; /* borrowed */
  GArray *points;               /* CurvePoint by rising score */
  double union_score;           /* NAN: none */
  double repeatability;         /* <= 0: not known */
} Curve;

void curve_free(Curve *curve);

/* Curves by measure, in order of first mention; NULL with *ret_error (to be
 * freed) when a record makes no sense. */
GPtrArray *curve_read_all(const itv_input *input, char **ret_error);

const Curve *curve_find(GPtrArray *curves, const char *measure);

/* The value that the fastest 5 % and half of the patients have on that day
 * (and all but 5 %, where known), between the points in a straight line; NAN
 * where the curve says nothing. */
double curve_early(const Curve *curve, double days);
double curve_median(const Curve *curve, double days);
double curve_late(const Curve *curve, double days);

/* The first point above the value; NULL when all are reached. */
const CurvePoint *curve_next(const Curve *curve, double value);
/* The highest point that the value has reached; NULL when none is. */
const CurvePoint *curve_reached(const Curve *curve, double value);

/* The least value a measure can have, where it has one (RUST and mRUST: four
 * cortices of one point); NAN else. */
double curve_floor(const char *measure);
double curve_ceiling(const char *measure);

#endif
