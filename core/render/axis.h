/* SPDX-License-Identifier: Apache-2.0
 *
 * render/axis.h - scales and ticks: the only place that decides where a value
 * or a date lies on a drawing and which of them are labelled.
 */
#ifndef ITV_RENDER_AXIS_H
#define ITV_RENDER_AXIS_H

#include "base/date.h"

/* value in [low, high] to position in [start, end] (end may lie before start). */
typedef struct {
  double low, high, start, end;
} ItvScale;

double itv_scale_at(const ItvScale *scale, double value);

#define ITV_TICKS_MAX 16
typedef struct {
  double at[ITV_TICKS_MAX];
  int n;
  double step;
  int decimals; /* that a label needs */
} ItvTicks;

/* Widens *low..*high to whole steps of 1, 2 or 5 times a power of ten, at most
 * `wanted` steps (3..12), and gives the ticks.  Equal or non-finite ends are
 * widened around the value first. */
ItvTicks itv_ticks_for(double *low, double *high, int wanted);
/* "12.5", "-3"; never "-0".  Owned. */
char *itv_tick_label(const ItvTicks *ticks, int i);

typedef struct {
  ItvDate at[ITV_TICKS_MAX];
  int n;
  ItvPeriod step;
} ItvDateTicks;

/* Calendar ticks (days, weeks, months, quarters, years) inside from..until, at
 * most `wanted` (2..12).  Labels are ISO dates. */
ItvDateTicks itv_date_ticks_for(ItvDate from, ItvDate until, int wanted);

/* A length of 1, 2 or 5 times a power of ten that is at most `longest`. */
double itv_scale_bar_length(double longest);

#endif
