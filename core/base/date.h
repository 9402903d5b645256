/* SPDX-License-Identifier: Apache-2.0
 *
 * base/date.h - calendar dates, moments and ISO 8601 periods.
 *
 * A date is a day of the proleptic Gregorian calendar as the message gave it:
 * no time zone is ever converted.  A moment is a date and, where known, a
 * second of that day.
 */
#ifndef ITV_BASE_DATE_H
#define ITV_BASE_DATE_H

#include <glib.h>

typedef gint32 ItvDate; /* days since 1970-01-01 */
#define ITV_DATE_NONE G_MININT32

typedef struct {
  ItvDate date;  /* ITV_DATE_NONE: unknown */
  gint32 second; /* of the day, 0..86399; -1: only the day is known */
} ItvMoment;
#define ITV_MOMENT_NONE ((ItvMoment){ITV_DATE_NONE, -1})

/* Years, months, weeks, days as ISO 8601 writes them (P1Y, P6M, P2W, P10D,
 * P1Y6M), kept in two parts since a month has no fixed number of days. */
typedef struct {
  gint32 months; /* years count twelve */
  gint32 days;   /* weeks count seven */
} ItvPeriod;

gboolean itv_date_valid(int year, int month, int day);
/* ITV_DATE_NONE when the three are no date between 1000 and 2999. */
ItvDate itv_date_new(int year, int month, int day);
void itv_date_split(ItvDate date, int *ret_year, int *ret_month, int *ret_day);
/* "2024-02-29"; also "2024-02" and "2024", which mean their first day. */
gboolean itv_date_parse(const char *text, ItvDate *ret_date);
/* Owned; NULL for ITV_DATE_NONE. */
char *itv_date_format(ItvDate date);
/* Today on this machine's calendar. */
ItvDate itv_date_today(void);
/* Adds months, clamping the day to the month's end, then days:
 * 2024-01-31 + P1M = 2024-02-29. */
ItvDate itv_date_add(ItvDate date, ItvPeriod period);

/* A date, or date and time: "2024-02-29T23:10", "2024-02-29T23:10:05". */
gboolean itv_moment_parse(const char *text, ItvMoment *ret_moment);
char *itv_moment_format(ItvMoment moment); /* owned; NULL for none */
/* Order by day, then second; an unknown second counts as 0.  None is first. */
int itv_moment_compare(ItvMoment a, ItvMoment b);

/* "P6M", "P1Y6M", "P2W", "P0D".  No times, no fractions, no sign. */
gboolean itv_period_parse(const char *text, ItvPeriod *ret_period);
/* Shortest form: P12M -> "P1Y", P14D -> "P2W", zero -> "P0D".  Owned. */
char *itv_period_format(ItvPeriod period);
/* Length in days for thresholds only: a month counts 365.25 / 12 days, rounded down. */
int itv_period_days(ItvPeriod period);

#endif
