/* SPDX-License-Identifier: Apache-2.0 */
#include "render/axis.h"

#include <math.h>

double
itv_scale_at(const ItvScale *scale, double value)
{
  double span = scale->high - scale->low;
  double part = span > 0 ? (value - scale->low) / span : 0.5;
  return scale->start + part * (scale->end - scale->start);
}

/* The smallest of 1, 2, 5 x 10^n that is not below `raw`. */
static double
nice_step(double raw)
{
  double power = pow(10, floor(log10(raw)));
  static const double steps[] = {1, 2, 5};
  for (guint i = 0; i < G_N_ELEMENTS(steps); i++)
    if (steps[i] * power >= raw * (1 - 1e-9))
      return steps[i] * power;
  return 10 * power;
}

ItvTicks
itv_ticks_for(double *low, double *high, int wanted)
{
  double a = isfinite(*low) ? CLAMP(*low, -1e12, 1e12) : 0;
  double b = isfinite(*high) ? CLAMP(*high, -1e12, 1e12) : a;
  if (b < a) {
    double t = a;
    a = b;
    b = t;
  }
  if (b - a < 1e-9 * MAX(1.0, fabs(a))) {
    double pad = a != 0 ? fabs(a) * 0.1 : 1;
    a -= pad;
    b += pad;
  }
  wanted = CLAMP(wanted, 3, 12);
  ItvTicks ticks = {.step = nice_step((b - a) / wanted)};
  double first = floor(a / ticks.step + 1e-9), last = ceil(b / ticks.step - 1e-9);
  if (last - first + 1 > ITV_TICKS_MAX) {
    ticks.step = nice_step(ticks.step * 1.5);
    first = floor(a / ticks.step + 1e-9);
    last = ceil(b / ticks.step - 1e-9);
  }
  for (double t = first; t <= last && ticks.n < ITV_TICKS_MAX; t++)
    ticks.at[ticks.n++] = t * ticks.step;
  ticks.decimals = MAX(0, (int)ceil(-log10(ticks.step) - 1e-9));
  *low = first * ticks.step;
  *high = last * ticks.step;
  return ticks;
}

char *
itv_tick_label(const ItvTicks *ticks, int i)
{
  double value = ticks->at[i];
  if (fabs(value) < ticks->step * 1e-6)
    value = 0;
  char buffer[64], format[16];
  g_snprintf(format, sizeof format, "%%.%df", MIN(ticks->decimals, 9));
  return g_strdup(g_ascii_formatd(buffer, sizeof buffer, format, value));
}

/* The first multiple of the step at or after `from`: days count from Monday
 * 1970-01-05, months from January. */
static ItvDate
first_tick(ItvDate from, ItvPeriod step)
{
  if (step.months == 0) {
    const ItvDate monday = 4;
    ItvDate gone = (from - monday) % step.days;
    if (gone < 0)
      gone += step.days;
    return gone ? from + step.days - gone : from;
  }
  int year = 0, month = 0, day = 0;
  itv_date_split(from, &year, &month, &day);
  int index = year * 12 + month - 1;
  if (day > 1)
    index++;
  int rest = index % step.months;
  if (rest)
    index += step.months - rest;
  return itv_date_new(index / 12, index % 12 + 1, 1);
}

ItvDateTicks
itv_date_ticks_for(ItvDate from, ItvDate until, int wanted)
{
  static const ItvPeriod steps[] = {{0, 1},  {0, 2},   {0, 7},   {0, 14}, {1, 0},
                                    {2, 0},  {3, 0},   {6, 0},   {12, 0}, {24, 0},
                                    {60, 0}, {120, 0}, {240, 0}, {600, 0}};
  ItvDateTicks ticks = {.n = 0};
  if (from == ITV_DATE_NONE || until == ITV_DATE_NONE || until < from)
    return ticks;
  wanted = CLAMP(wanted, 2, 12);
  for (guint s = 0; s < G_N_ELEMENTS(steps); s++) {
    int days = MAX(1, itv_period_days(steps[s]));
    if ((until - from) / days > wanted)
      continue;
    ticks.n = 0;
    ticks.step = steps[s];
    ItvDate at = first_tick(from, steps[s]);
    while (at != ITV_DATE_NONE && at <= until && ticks.n < ITV_TICKS_MAX) {
      ticks.at[ticks.n++] = at;
      at = itv_date_add(at, steps[s]);
    }
    if (ticks.n <= wanted)
      return ticks;
  }
  return ticks;
}

double
itv_scale_bar_length(double longest)
{
  if (!(longest > 0) || !isfinite(longest))
    return 0;
  double power = pow(10, floor(log10(longest)));
  return longest >= 5 * power ? 5 * power : longest >= 2 * power ? 2 * power : power;
}
