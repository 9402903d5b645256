/* SPDX-License-Identifier: Apache-2.0
 *
 * render/curve.h - one measure over time: points with their 95 % intervals,
 * the measurement error, what was expected, events and protocol visits.  The
 * same drawing code serves SVG and paper.
 */
#ifndef ITV_RENDER_CURVE_H
#define ITV_RENDER_CURVE_H

#include "base/date.h"

/* Every number may be NAN: not known. */
typedef struct {
  ItvDate date;
  double value;
  double ci_low, ci_high;
  double expected_low, expected_high;
  gboolean not_resolvable; /* drawn hollow: no change beyond the measurement error */
  const char *verdict;     /* code or words; may be NULL */
  const char *label;       /* "CT, accession 123"; may be NULL */
  const char *note;        /* may be NULL */
} ItvCurvePoint;

typedef struct {
  ItvDate date;
  const char *label; /* "Surgery" */
} ItvCurveEvent;

/* When a protocol wants the next visit. */
typedef struct {
  ItvDate from, until;
  const char *label; /* "6 weeks" */
} ItvCurveWindow;

/* One edge point of the expected band; the band is drawn between neighbours
 * whose both edges are finite.  Sorted by date. */
typedef struct {
  ItvDate date;
  double low, high;
} ItvCurveBand;

/* All borrowed; texts are UTF-8 and hostile until escaped here. */
typedef struct {
  const char *title;   /* "Nodule, right upper lobe: long axis" */
  const char *measure; /* axis label: "long axis" */
  const char *unit;    /* UCUM: "mm", "{score}", "" */
  const char *summary; /* one sentence for who cannot see it; NULL: made here */
  const ItvCurvePoint *points;
  gsize n_points; /* in any order; those without a date or a finite value are left out */
  const ItvCurveEvent *events;
  gsize n_events;
  const ItvCurveWindow *windows;
  gsize n_windows;
  const ItvCurveBand *band;
  gsize n_band;
  double error;  /* half width of the measurement error, in the measure's own unit; a change
                       from the first point that stays inside is none; NAN: not known */
  double target; /* "united from here on"; NAN: none */
  const char *target_label;
} ItvCurve;

/* A complete <svg> element (no XML declaration), usable as a file and inline.
 * `id` makes the ids inside unique on a page: letters and digits. */
char *itv_curve_svg(const ItvCurve *curve, const char *id, double width, double height);
/* The same as a <table> with caption: the curve for who cannot see it. */
char *itv_curve_table(const ItvCurve *curve);

#endif
