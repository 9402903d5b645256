/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "xmldoc.h"

/* The next n digits as a number; FALSE leaves *p where it is. */
static gboolean
digits(const char **p, int n, int *ret)
{
  int value = 0;
  for (int i = 0; i < n; i++) {
    const char c = (*p)[i];
    if (!g_ascii_isdigit(c))
      return FALSE;
    value = value * 10 + (c - '0');
  }
  *ret = value;
  *p += n;
  return TRUE;
}

/* Behind YYYY, "-05" is a month when no further digit follows it, else a zone. */
static gboolean
is_iso_month(const char *p)
{
  return p[0] == '-' && g_ascii_isdigit(p[1]) && g_ascii_isdigit(p[2]) && !g_ascii_isdigit(p[3]);
}

static void
skip(const char **p, const char *set)
{
  if (**p && strchr(set, **p))
    (*p)++;
}

char *
xd_moment(const char *text)
{
  int year, month, day, hour, minute, second;
  const char *p = text;
  while (p && g_ascii_isspace(*p))
    p++;
  if (!p || !digits(&p, 4, &year) || year < 1)
    return NULL;
  const gboolean iso = is_iso_month(p);
  if (iso)
    p++;
  if (!digits(&p, 2, &month))
    return g_strdup_printf("%04d", year);
  if (month < 1 || month > 12)
    return NULL;
  if (iso)
    skip(&p, "-");
  if (!digits(&p, 2, &day))
    return g_strdup_printf("%04d-%02d", year, month);
  if (!g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
    return NULL;
  skip(&p, "T ");
  if (!digits(&p, 2, &hour) || hour > 23)
    return g_strdup_printf("%04d-%02d-%02d", year, month, day);
  skip(&p, ":");
  if (!digits(&p, 2, &minute) || minute > 59)
    return g_strdup_printf("%04d-%02d-%02d", year, month, day);
  skip(&p, ":");
  if (!digits(&p, 2, &second) || second > 59)
    return g_strdup_printf("%04d-%02d-%02dT%02d:%02d", year, month, day, hour, minute);
  return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, hour, minute, second);
}

char *
xd_date(const char *text)
{
  char *moment = xd_moment(text);
  if (moment && strlen(moment) > 10)
    moment[10] = '\0';
  return moment;
}

gboolean
xd_is_uid(const char *text)
{
  gsize n = 0, dots = 0;
  for (; text && text[n]; n++) {
    const gboolean dot = text[n] == '.';
    if (!dot && !g_ascii_isdigit(text[n]))
      return FALSE;
    if (dot && (n == 0 || text[n - 1] == '.'))
      return FALSE;
    dots += dot;
  }
  return dots > 0 && n <= 64 && text[n - 1] != '.';
}
