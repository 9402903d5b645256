/* SPDX-License-Identifier: Apache-2.0
 *
 * Time expressions: "in 3-6 months", "at 6 and 12 months", "q6mo", "6/52",
 * "by the end of June", "annually" as ISO 8601 periods.
 */
#ifndef RECOMMENDATION_WHEN_H
#define RECOMMENDATION_WHEN_H

#include "text.h"

typedef enum {
  WHEN_FUTURE,   /* a time after this report */
  WHEN_BARE,     /* a quantity without a word that says so */
  WHEN_DURATION, /* "for 2 years" */
  WHEN_PAST
} WhenSense;

typedef struct {
  int begin, end; /* tokens with prefix and suffix */
  int quantity;   /* first token of the quantity itself */
  WhenSense sense;
  gboolean now;
  gboolean absolute;       /* from a date */
  Period earliest, latest; /* unit 0: open */
  Period repeat;           /* unit 0: none */
  int condition;           /* 1 + index of a condition of this time alone, 0: none */
} When;

/* What a report says of how far a pregnancy is and how old a child is. */
typedef struct {
  int gestation_days; /* 0: not said */
  Period age;         /* unit 0: not said; W or M */
} Anchors;

/* anchors.c */
Anchors anchors_find(const Text *text);

/* All time expressions of tokens [begin, end); `date` is the exam's, or NULL. */
GArray *when_find(const Text *text, int begin, int end, const GDate *date, const Anchors *anchors);

/* "P6M" into buf; hours become whole days, rounded down (6 hours = P0D). */
const char *period_format(Period period, char buf[16]);
gboolean period_equal(Period a, Period b);
/* YYYY-MM-DD */
gboolean date_parse(const char *text, GDate *ret_date);

#endif
