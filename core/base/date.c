/* SPDX-License-Identifier: Apache-2.0 */
#include "base/date.h"

#include <string.h>

#define MIN_YEAR 1000
#define MAX_YEAR 2999

static gboolean
leap(int year)
{
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
month_length(int year, int month)
{
  static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && leap(year) ? 29 : length[month - 1];
}

gboolean
itv_date_valid(int year, int month, int day)
{
  return year >= MIN_YEAR && year <= MAX_YEAR && month >= 1 && month <= 12 && day >= 1 &&
         day <= month_length(year, month);
}

/* Days from civil and back: H. Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms" (public domain), eras of 400 years beginning on 1 March. */
static ItvDate
days_from_civil(int y, int m, int d)
{
  y -= m <= 2;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int yoe = y - era * 400;
  const int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  const int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + doe - 719468;
}

ItvDate
itv_date_new(int year, int month, int day)
{
  return itv_date_valid(year, month, day) ? days_from_civil(year, month, day) : ITV_DATE_NONE;
}

void
itv_date_split(ItvDate date, int *ret_year, int *ret_month, int *ret_day)
{
  const gint64 z = (gint64)date + 719468;
  const gint64 era = (z >= 0 ? z : z - 146096) / 146097;
  const int doe = (int)(z - era * 146097);
  const int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int mp = (5 * doy + 2) / 153;
  *ret_day = doy - (153 * mp + 2) / 5 + 1;
  *ret_month = mp + (mp < 10 ? 3 : -9);
  *ret_year = (int)(yoe + era * 400) + (*ret_month <= 2);
}

/* Exactly n digits at *at; advances. */
static gboolean
take_digits(const char **at, int n, int *ret)
{
  int v = 0;
  for (int i = 0; i < n; i++) {
    if (!g_ascii_isdigit((*at)[i]))
      return FALSE;
    v = v * 10 + ((*at)[i] - '0');
  }
  *at += n;
  *ret = v;
  return TRUE;
}

/* The date at the start of the text; *ret_rest is what follows. */
static gboolean
take_date(const char *at, ItvDate *ret_date, const char **ret_rest)
{
  int year = 0, month = 1, day = 1;
  if (!take_digits(&at, 4, &year))
    return FALSE;
  if (*at == '-') {
    at++;
    if (!take_digits(&at, 2, &month))
      return FALSE;
    if (*at == '-') {
      at++;
      if (!take_digits(&at, 2, &day))
        return FALSE;
    }
  }
  if (!itv_date_valid(year, month, day))
    return FALSE;
  *ret_date = days_from_civil(year, month, day);
  *ret_rest = at;
  return TRUE;
}

gboolean
itv_date_parse(const char *text, ItvDate *ret_date)
{
  ItvDate date = ITV_DATE_NONE;
  const char *rest = NULL;
  if (!take_date(text, &date, &rest) || *rest)
    return FALSE;
  *ret_date = date;
  return TRUE;
}

char *
itv_date_format(ItvDate date)
{
  if (date == ITV_DATE_NONE)
    return NULL;
  int y = 0, m = 0, d = 0;
  itv_date_split(date, &y, &m, &d);
  return g_strdup_printf("%04d-%02d-%02d", y, m, d);
}

ItvDate
itv_date_today(void)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_local();
  return itv_date_new(g_date_time_get_year(now), g_date_time_get_month(now),
                      g_date_time_get_day_of_month(now));
}

ItvDate
itv_date_add(ItvDate date, ItvPeriod period)
{
  if (date == ITV_DATE_NONE)
    return ITV_DATE_NONE;
  int y = 0, m = 0, d = 0;
  itv_date_split(date, &y, &m, &d);
  const gint64 months = (gint64)y * 12 + (m - 1) + period.months;
  y = (int)(months / 12);
  m = (int)(months % 12) + 1;
  return days_from_civil(y, m, MIN(d, month_length(y, m))) + period.days;
}

gboolean
itv_moment_parse(const char *text, ItvMoment *ret_moment)
{
  ItvMoment moment = ITV_MOMENT_NONE;
  const char *at = NULL;
  int h = 0, m = 0, s = 0;
  if (!take_date(text, &moment.date, &at))
    return FALSE;
  if (*at == 'T') {
    at++;
    if (!take_digits(&at, 2, &h) || *at++ != ':' || !take_digits(&at, 2, &m))
      return FALSE;
    if (*at == ':') {
      at++;
      if (!take_digits(&at, 2, &s))
        return FALSE;
    }
    if (h > 23 || m > 59 || s > 59)
      return FALSE;
    moment.second = h * 3600 + m * 60 + s;
  }
  if (*at)
    return FALSE;
  *ret_moment = moment;
  return TRUE;
}

char *
itv_moment_format(ItvMoment moment)
{
  g_autofree char *date = itv_date_format(moment.date);
  if (!date || moment.second < 0)
    return g_steal_pointer(&date);
  return g_strdup_printf("%sT%02d:%02d:%02d", date, moment.second / 3600, moment.second / 60 % 60,
                         moment.second % 60);
}

int
itv_moment_compare(ItvMoment a, ItvMoment b)
{
  if (a.date != b.date)
    return a.date < b.date ? -1 : 1;
  const int sa = MAX(a.second, 0), sb = MAX(b.second, 0);
  return (sa > sb) - (sa < sb);
}

gboolean
itv_period_parse(const char *text, ItvPeriod *ret_period)
{
  static const char units[] = "YMWD";
  static const int per_unit[] = {12, 1, 7, 1};
  ItvPeriod p = {0, 0};
  const char *at = text;
  int last = -1;
  if (*at++ != 'P' || !*at)
    return FALSE;
  while (*at) {
    gint64 n = 0;
    const char *start = at;
    for (; g_ascii_isdigit(*at) && at - start < 5; at++)
      n = n * 10 + (*at - '0');
    const char *unit = at == start || !*at ? NULL : strchr(units, *at);
    if (!unit || unit - units <= last)
      return FALSE;
    last = (int)(unit - units);
    gint32 *part = last < 2 ? &p.months : &p.days;
    *part += (gint32)n * per_unit[last];
    at++;
  }
  *ret_period = p;
  return TRUE;
}

char *
itv_period_format(ItvPeriod p)
{
  GString *s = g_string_new("P");
  if (p.months / 12)
    g_string_append_printf(s, "%dY", p.months / 12);
  if (p.months % 12)
    g_string_append_printf(s, "%dM", p.months % 12);
  if (p.days && p.days % 7 == 0)
    g_string_append_printf(s, "%dW", p.days / 7);
  else if (p.days || !p.months)
    g_string_append_printf(s, "%dD", p.days);
  return g_string_free(s, FALSE);
}

int
itv_period_days(ItvPeriod p)
{
  return (int)((gint64)p.months * 36525 / 1200) + p.days;
}
