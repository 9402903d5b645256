/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "engine/cards-case.h"
#include "engine/cards-load.h"

/* sum := product (('+'|'-') product)*   product := factor (('*'|'/') factor)*
 * factor := number | '{' Id '}' | '(' sum ')' | '-' factor */
typedef struct {
  ItvCardsCase *c;
  const ItvCardsExpression *expression;
  const char *at;
  gboolean open, wrong;
} Arithmetic;

static double sum(Arithmetic *a);

static char
peek(Arithmetic *a)
{
  while (g_ascii_isspace(*a->at))
    a->at++;
  return *a->at;
}

static gboolean
take(Arithmetic *a, char wanted)
{
  if (peek(a) != wanted)
    return FALSE;
  a->at++;
  return TRUE;
}

/* Nothing counts as 0, as the public modules mean it ("points" of features that
 * are not there); several choices count together. */
static double
element_number(Arithmetic *a, const char *id)
{
  const ItvCardsValue *value = itv_cards_value(a->c, id);
  double total = 0;
  if (!value || value->has != ITV_CARDS_YES) {
    a->open |= value && value->has == ITV_CARDS_OPEN;
    return 0;
  }
  if (value->chosen->len == 0 && isnan(value->number)) {
    itv_cards_reason(a->c, "line %d: %s is \"%s\", no number", a->expression->line, id,
                     value->text);
    a->wrong = TRUE;
  }
  if (value->chosen->len == 0)
    return value->number;
  for (guint i = 0; i < value->chosen->len; i++) {
    double one = 0;
    if (!itv_cards_number(value->chosen->pdata[i], &one))
      a->wrong = TRUE;
    total += one;
  }
  return total;
}

static double
factor(Arithmetic *a)
{
  char *end = NULL;
  double value = 0;
  if (a->wrong || !itv_cards_enter(a->c)) {
    a->wrong = TRUE;
    return 0;
  }
  if (take(a, '-')) {
    value = -factor(a);
  } else if (take(a, '(')) {
    value = sum(a);
    a->wrong |= !take(a, ')');
  } else if (take(a, '{')) {
    const char *close = strchr(a->at, '}');
    g_autofree char *id = close ? g_strstrip(g_strndup(a->at, (gsize)(close - a->at))) : NULL;
    value = id ? element_number(a, id) : 0;
    a->wrong |= !id;
    a->at = close ? close + 1 : a->at;
  } else if (g_ascii_isdigit(peek(a)) || peek(a) == '.') {
    value = g_ascii_strtod(a->at, &end);
    a->wrong |= end == a->at;
    a->at = end;
  } else {
    a->wrong = TRUE;
  }
  itv_cards_leave(a->c);
  return value;
}

static double
product(Arithmetic *a)
{
  double value = factor(a);
  while (!a->wrong) {
    if (take(a, '*'))
      value *= factor(a);
    else if (take(a, '/'))
      value /= factor(a);
    else
      break;
  }
  return value;
}

static double
sum(Arithmetic *a)
{
  double value = product(a);
  while (!a->wrong) {
    if (take(a, '+'))
      value += product(a);
    else if (take(a, '-'))
      value -= product(a);
    else
      break;
  }
  return value;
}

static ItvCardsTruth
arithmetic(ItvCardsCase *c, const ItvCardsExpression *expression, char **ret_text)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  Arithmetic a = {c, expression, expression->text, FALSE, FALSE};
  const double value = sum(&a);
  if (a.open)
    return ITV_CARDS_OPEN;
  if (a.wrong || peek(&a) != 0 || !isfinite(value)) {
    itv_cards_reason(c, "line %d: \"%s\" cannot be computed", expression->line, expression->text);
    return ITV_CARDS_NO;
  }
  *ret_text = g_strdup(g_ascii_formatd(text, sizeof text, "%.12g", value));
  return ITV_CARDS_YES;
}

ItvCardsTruth
itv_cards_compute(ItvCardsCase *c, const ItvCardsExpression *expression, char **ret_text)
{
  if (expression->arithmetic)
    return arithmetic(c, expression, ret_text);
  g_autoptr(GString) out = g_string_new(NULL);
  for (guint i = 0; i < expression->pieces->len; i++) {
    const ItvCardsPiece *piece = expression->pieces->pdata[i];
    if (piece->kind == ITV_CARDS_PLAIN) {
      g_string_append(out, piece->text);
      continue;
    }
    if (piece->kind != ITV_CARDS_VALUE)
      continue;
    const ItvCardsValue *value = itv_cards_value(c, piece->text);
    if (value && value->has == ITV_CARDS_OPEN)
      return ITV_CARDS_OPEN;
    g_autofree char *words =
        value && value->has == ITV_CARDS_YES ? itv_cards_value_words(value, piece->digits) : NULL;
    if (words)
      g_string_append(out, words);
  }
  if (out->len > 65536) {
    itv_cards_abandon(c, "line %d: the text of a computed element grows without end",
                      expression->line);
    return ITV_CARDS_NO;
  }
  *ret_text = g_strstrip(g_strdup(out->str));
  return ITV_CARDS_YES;
}
