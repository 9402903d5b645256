/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "when.h"

const char *
period_format(Period period, char buf[16])
{
  if (period.unit == 'H')
    snprintf(buf, 16, "P%dD", (int)(period.n / 24));
  else
    snprintf(buf, 16, "P%d%c", (int)period.n, period.unit);
  return buf;
}

/* Months and days of a period, as the calendar counts them apart. */
static void
parts(Period p, int *ret_months, int *ret_days)
{
  *ret_months = p.unit == 'Y' ? 12 * p.n : p.unit == 'M' ? p.n : 0;
  *ret_days = p.unit == 'W' ? 7 * p.n : p.unit == 'D' ? p.n : p.unit == 'H' ? p.n / 24 : 0;
}

gboolean
period_equal(Period a, Period b)
{
  int am = 0, ad = 0, bm = 0, bd = 0;
  parts(a, &am, &ad);
  parts(b, &bm, &bd);
  return (a.unit == 0) == (b.unit == 0) && am == bm && ad == bd;
}

gboolean
date_parse(const char *text, GDate *ret_date)
{
  int y = 0, m = 0, d = 0, n = 0;
  g_date_clear(ret_date, 1);
  if (text == NULL || sscanf(text, "%4d-%2d-%2d%n", &y, &m, &d, &n) != 3 || text[n] != '\0')
    return FALSE;
  if (y < 1 || m < 1 || m > 12 || d < 1 ||
      !g_date_valid_dmy((GDateDay)d, (GDateMonth)m, (GDateYear)y))
    return FALSE;
  g_date_set_dmy(ret_date, (GDateDay)d, (GDateMonth)m, (GDateYear)y);
  return TRUE;
}
