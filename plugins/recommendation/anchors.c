/* SPDX-License-Identifier: Apache-2.0
 *
 * What times in a report may be counted from instead of its date: how far a
 * pregnancy is, how old a child is.  "at 32 weeks" in a report that says
 * "20 weeks 3 days" is in 81 days.
 */
#include "when.h"

enum { NEAR = 5, MAX_GESTATION_WEEKS = 44, SEARCH_TOKENS = 3000 };

static const Term *
unit_behind(const Text *t, int i, int n, int *ret_end)
{
  if (i < n && text_token(t, i)->ch == '-')
    i++;
  const Term *term = i < n ? text_begin(t, i, LAYER_TIME, ret_end) : NULL;
  return term != NULL && term->role == ROLE_UNIT && !(term->flags & (FLAG_SLASH | FLAG_EVERY))
             ? term
             : NULL;
}

static gboolean
role_among(const Text *t, int begin, int end, Role role)
{
  for (int k = MAX(0, begin); k < end; k++)
    if (text_has_role(t, k, LAYER_TIME, role))
      return TRUE;
  return FALSE;
}

/* "20 weeks 3 days", "20w3d", "20w 3d" */
static gboolean
gestation_at(const Text *t, int i, int n, int *ret_days, gboolean *ret_strong, gboolean *ret_exact)
{
  int end = 0, end2 = 0;
  const Term *unit = unit_behind(t, i + 1, n, &end);
  if (unit == NULL || unit->period.unit != 'W' || text_token(t, i)->number > MAX_GESTATION_WEEKS ||
      text_token(t, i)->number < 3)
    return FALSE;
  int days = 7 * (int)text_token(t, i)->number;
  int at = end;
  while (at < n && (text_token(t, at)->ch == ',' || text_has_role(t, at, LAYER_WORD, ROLE_AND)))
    at++;
  const Term *more =
      at < n && text_token(t, at)->kind == TOKEN_NUMBER ? unit_behind(t, at + 1, n, &end2) : NULL;
  gboolean exact = more != NULL && more->period.unit == 'D' && text_token(t, at)->number < 7;
  if (exact)
    days += (int)text_token(t, at)->number;
  int stop = exact ? end2 : end;
  *ret_strong = role_among(t, i - NEAR, i, ROLE_GESTATION);
  /* weeks and days together are said of nothing else */
  if (!*ret_strong && !exact && !role_among(t, stop, MIN(n, stop + NEAR), ROLE_GESTATION))
    return FALSE;
  *ret_days = days;
  *ret_exact = exact;
  return TRUE;
}

/* "5 weeks old", "6-week-old" */
static gboolean
age_at(const Text *t, int i, int n, Period *ret_age)
{
  int end = 0;
  const Term *unit = unit_behind(t, i + 1, n, &end);
  if (unit == NULL || (unit->period.unit != 'W' && unit->period.unit != 'M'))
    return FALSE;
  if (end < n && text_token(t, end)->ch == '-')
    end++;
  if (end >= n || !text_has_role(t, end, LAYER_TIME, ROLE_AGE))
    return FALSE;
  *ret_age = (Period){(int32_t)text_token(t, i)->number, unit->period.unit};
  return TRUE;
}

static gboolean
asked_for(const Text *t, int i)
{
  int begin = 0;
  const Term *term = i > 0 ? text_cover(t, i - 1, LAYER_TIME, &begin, NULL) : NULL;
  return term != NULL && (term->flags & FLAG_POINT) != 0;
}

Anchors
anchors_find(const Text *t)
{
  Anchors a = {0, {0, 0}};
  int n = MIN((int)t->tokens->len, SEARCH_TOKENS);
  gboolean strong = FALSE;
  for (int i = 0; i + 1 < n; i++) {
    if (text_token(t, i)->kind != TOKEN_NUMBER)
      continue;
    /* "EGA 20 weeks" is the exam's own, "BPD 3.5 cm, 16 weeks gestation" one of its measures */
    gboolean is_strong = FALSE;
    int days = 0;
    gboolean exact = FALSE;
    if ((a.gestation_days == 0 || !strong) && gestation_at(t, i, n, &days, &is_strong, &exact) &&
        (exact || !asked_for(t, i)) && (a.gestation_days == 0 || is_strong)) {
      a.gestation_days = days;
      strong = is_strong;
    }
    if (a.age.unit == 0 && !asked_for(t, i))
      age_at(t, i, n, &a.age);
  }
  return a;
}
