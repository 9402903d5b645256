/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "engine/cards-case.h"
#include "engine/cards-load.h"

const char *
itv_cards_constant(const ItvCards *cards, const char *text)
{
  const ItvCardsElement *named = g_hash_table_lookup(cards->element_of, text);
  return named && named->kind == ITV_CARDS_GLOBAL ? named->constant : text;
}

gboolean
itv_cards_duration(const char *text, double *ret_seconds)
{
  static const struct {
    char letter;
    gboolean time;
    double seconds;
  } units[] = {{'Y', FALSE, 365.25 * 86400},
               {'M', FALSE, 365.25 / 12 * 86400},
               {'W', FALSE, 7 * 86400},
               {'D', FALSE, 86400},
               {'H', TRUE, 3600},
               {'M', TRUE, 60},
               {'S', TRUE, 1}};
  double sum = 0;
  guint next = 0;
  gboolean time = FALSE, any = FALSE;
  if (*text++ != 'P')
    return FALSE;
  for (; *text; text++) {
    char *end = NULL;
    if (*text == 'T' && !time) {
      time = TRUE;
      continue;
    }
    if (!g_ascii_isdigit(*text))
      return FALSE;
    const double n = g_ascii_strtod(text, &end);
    while (next < G_N_ELEMENTS(units) && (units[next].letter != *end || units[next].time != time))
      next++;
    if (next == G_N_ELEMENTS(units) || !isfinite(n))
      return FALSE;
    sum += n * units[next++].seconds;
    text = end;
    any = TRUE;
  }
  if (!any)
    return FALSE;
  *ret_seconds = sum;
  return TRUE;
}

double
itv_cards_number_of(const ItvCards *cards, ItvCardsKind kind, const char *text)
{
  double number = NAN;
  ItvMoment moment = ITV_MOMENT_NONE;
  text = itv_cards_constant(cards, text);
  if (kind == ITV_CARDS_TIME_SPAN && itv_cards_duration(text, &number))
    return number;
  if (kind == ITV_CARDS_DATE_TIME)
    return itv_moment_parse(text, &moment)
               ? (double)moment.date * 86400 + (moment.second > 0 ? moment.second : 0)
               : NAN;
  return itv_cards_number(text, &number) ? number : NAN;
}

static gboolean
has_chosen(const ItvCardsValue *value, const char *choice)
{
  for (guint i = 0; i < value->chosen->len; i++)
    if (strcmp(value->chosen->pdata[i], choice) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_equal(const ItvCards *cards, const ItvCardsValue *value, const char *text)
{
  const ItvCardsKind kind = value->element->kind;
  if (kind == ITV_CARDS_CHOICE || kind == ITV_CARDS_MULTI_CHOICE) {
    /* A choice of that very name comes before a constant of that name. */
    const char *wanted =
        itv_cards_choice(value->element, text) ? text : itv_cards_constant(cards, text);
    return value->chosen->len == 1 && has_chosen(value, wanted);
  }
  const double number = itv_cards_number_of(cards, kind, text);
  if (!isnan(number) && !isnan(value->number))
    return value->number == number;
  return strcmp(value->text, itv_cards_constant(cards, text)) == 0;
}

/* The test of one element that has a value. */
static gboolean
passes(const ItvCards *cards, const ItvCardsCondition *k, const ItvCardsValue *value)
{
  if (k->test == ITV_CARDS_IF || k->test == ITV_CARDS_IF_NOT)
    return k->test == ITV_CARDS_IF;
  if (k->test == ITV_CARDS_ANY_N)
    return value->chosen->len >= k->n;
  if (k->test == ITV_CARDS_CONTAINS)
    return value->chosen->len ? has_chosen(value, k->value) : is_equal(cards, value, k->value);
  if (k->test == ITV_CARDS_EQUAL || k->test == ITV_CARDS_NOT_EQUAL)
    return is_equal(cards, value, k->value) == (k->test == ITV_CARDS_EQUAL);
  /* A choice whose value is a number is compared as one.  NAN fails every comparison. */
  const double a = value->number, b = itv_cards_number_of(cards, value->element->kind, k->value);
  if (k->test == ITV_CARDS_GREATER)
    return a > b;
  if (k->test == ITV_CARDS_LESS)
    return a < b;
  return k->test == ITV_CARDS_GREATER_EQUAL ? a >= b : a <= b;
}

static ItvCardsTruth
joined(ItvCardsCase *c, const ItvCardsCondition *k)
{
  /* AND ends with the first NO, OR and NOT with the first YES. */
  const ItvCardsTruth ends = k->test == ITV_CARDS_AND ? ITV_CARDS_NO : ITV_CARDS_YES;
  ItvCardsTruth truth = k->test == ITV_CARDS_AND ? ITV_CARDS_YES : ITV_CARDS_NO;
  for (guint i = 0; i < k->parts->len && truth != ends; i++) {
    const ItvCardsTruth part = itv_cards_holds(c, k->parts->pdata[i]);
    if (part == ends || part == ITV_CARDS_OPEN)
      truth = part;
  }
  if (k->test != ITV_CARDS_NOT || truth == ITV_CARDS_OPEN)
    return truth;
  return truth == ITV_CARDS_YES ? ITV_CARDS_NO : ITV_CARDS_YES;
}

ItvCardsTruth
itv_cards_holds(ItvCardsCase *c, const ItvCardsCondition *condition)
{
  if (!condition)
    return ITV_CARDS_YES;
  if (!itv_cards_enter(c))
    return ITV_CARDS_OPEN;
  ItvCardsTruth truth;
  if (condition->test <= ITV_CARDS_NOT) {
    truth = joined(c, condition);
  } else {
    const ItvCardsValue *value = itv_cards_value(c, condition->element);
    const gboolean negative =
        condition->test == ITV_CARDS_NOT_EQUAL || condition->test == ITV_CARDS_IF_NOT;
    if (value && value->has == ITV_CARDS_OPEN)
      truth = ITV_CARDS_OPEN;
    else if (!value || value->has == ITV_CARDS_NO)
      truth = negative ? ITV_CARDS_YES : ITV_CARDS_NO;
    else
      truth = passes(c->cards, condition, value) ? ITV_CARDS_YES : ITV_CARDS_NO;
  }
  itv_cards_leave(c);
  return truth;
}
