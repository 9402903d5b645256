/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/measures.h - how well the loop is closed: what became of each imaging
 * item, and the rates that follow.  Pure.
 *
 * The window is that of the ACR's closing-the-loop measures: performed from 30
 * days before until 60 days after the recommended time.  Adherence and the
 * share of closed loops are the fractions that trackers report (the sites'
 * documentation of Within Health describes them best): adherent / (adherent,
 * coming due, overdue, not done), without what is not due yet.
 */
#ifndef ITV_ENGINE_MEASURES_H
#define ITV_ENGINE_MEASURES_H

#include "model/followup.h"

/* What became of an item by a day. */
typedef enum {
  ITV_FATE_IN_WINDOW,
  ITV_FATE_EARLY,     /* performed before the window */
  ITV_FATE_LATE,      /* performed after it */
  ITV_FATE_ELSEWHERE, /* done elsewhere, on a day not known here */
  ITV_FATE_DECLINED,
  ITV_FATE_SCHEDULED, /* an appointment lies ahead */
  ITV_FATE_REVIEW,    /* a person must say whether a study satisfies it */
  ITV_FATE_OPEN,      /* its window is open, nothing performed */
  ITV_FATE_MISSED,    /* its window is over, nothing performed */
  ITV_FATE_GIVEN_UP,  /* closed as expired or other */
  /* Not counted in any rate but that of stated intervals: */
  ITV_FATE_NOT_YET, /* its window opens later */
  ITV_FATE_NO_INTERVAL,
  ITV_FATE_CONDITIONAL, /* awaits a fact */
  /* Not counted at all: */
  ITV_FATE_NOT_APPLICABLE, /* died, not indicated, condition unmet before the window was over */
  ITV_FATE_REPLACED,       /* superseded, duplicate, withdrawn */
  ITV_FATE_N,
} ItvFate;

typedef struct {
  int before_days, after_days; /* 30, 60 */
} ItvMeasureRules;

typedef struct {
  ItvFate fate;
  gboolean mature; /* the window is over: nothing can change the verdict any more */
  ItvDate window_from, window_until;
} ItvMeasureFact;

/* "in-window", "early" ... */
const char *itv_fate_code(ItvFate fate);
ItvMeasureFact itv_measure_fact(const ItvMeasureRules *rules, const ItvFollowup *item,
                                ItvDate as_of);

typedef struct {
  guint n[ITV_FATE_N];      /* all */
  guint mature[ITV_FATE_N]; /* of these, those whose window is over */
} ItvMeasureTally;

void itv_measure_add(ItvMeasureTally *tally, const ItvMeasureFact *fact);

/* A share with its 95 % confidence interval (Wilson's score interval, 1927); `of`
 * 0: there is none, and the others are 0. */
typedef struct {
  guint n, of;
  double rate, low, high;
} ItvRate;

ItvRate itv_rate(guint n, guint of);
/* Of the items whose window is over: performed within it.  What was done elsewhere on
 * an unknown day is in neither number. */
ItvRate itv_measure_window(const ItvMeasureTally *tally);
/* Of the items whose window is open or over, or that were performed: within it. */
ItvRate itv_measure_adherence(const ItvMeasureTally *tally);
/* Of the same and those done elsewhere: performed whenever and wherever, declined, or
 * with an appointment ahead. */
ItvRate itv_measure_closed_loop(const ItvMeasureTally *tally);
/* Of all that apply: a time was stated. */
ItvRate itv_measure_interval_stated(const ItvMeasureTally *tally);

#endif
