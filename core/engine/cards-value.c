/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "engine/cards-case.h"
#include "engine/cards-load.h"

void
itv_cards_value_free(ItvCardsValue *value)
{
  if (!value)
    return;
  g_free(value->text);
  g_ptr_array_unref(value->chosen);
  g_free(value);
}

static void
wrong_value(ItvCardsCase *c, const ItvCardsElement *e, const char *text, const char *expected)
{
  if (c->failed)
    return;
  c->failed = TRUE;
  c->wrong = e;
  itv_fail(c->error, ITV_ERROR_USAGE, "%s=%s: %s", e->id, text, expected);
}

static gboolean
is_hidden(const ItvCardsProperty *property, const char *choice)
{
  for (guint i = 0; property && i < property->choices_hidden->len; i++)
    if (strcmp(property->choices_hidden->pdata[i], choice) == 0)
      return TRUE;
  return FALSE;
}

static char *
choice_list(const ItvCardsElement *e, const ItvCardsProperty *property)
{
  GString *list = g_string_new(NULL);
  for (guint i = 0; i < e->choices->len; i++) {
    const ItvCardsChoice *choice = e->choices->pdata[i];
    if (!is_hidden(property, choice->value))
      g_string_append_printf(list, "%s%s", list->len ? ", " : "", choice->value);
  }
  return g_string_free(list, FALSE);
}

static void
set_choices(ItvCardsCase *c, ItvCardsValue *value, const ItvCardsProperty *property,
            const char *given)
{
  const ItvCardsElement *e = value->element;
  /* A single choice may hold the sign that divides several. */
  g_auto(GStrv) parts = g_strsplit(given, "|", e->kind == ITV_CARDS_MULTI_CHOICE ? -1 : 1);
  for (char **part = parts; *part; part++) {
    g_strstrip(*part);
    if (!**part)
      continue;
    if ((!itv_cards_choice(e, *part) && !e->free_text) || is_hidden(property, *part)) {
      g_autofree char *list = choice_list(e, property);
      g_autofree char *expected = g_strdup_printf("expected one of %s", list);
      wrong_value(c, e, *part, expected);
      return;
    }
    g_ptr_array_add(value->chosen, g_strdup(*part));
  }
  value->has = value->chosen->len > 0 ? ITV_CARDS_YES : ITV_CARDS_NO;
  if (value->chosen->len == 1 && !itv_cards_number(value->chosen->pdata[0], &value->number))
    value->number = NAN;
}

static void
set_number(ItvCardsCase *c, ItvCardsValue *value, const ItvCardsProperty *property,
           const char *given)
{
  static const char *const expected[] = {"",
                                         "",
                                         "",
                                         "expected a number",
                                         "expected a whole number",
                                         "expected a date (2024-02-29 or 2024-02-29T14:05)",
                                         "expected an ISO 8601 duration (PT36H, P2D)"};
  const ItvCardsElement *e = value->element;
  const double low = property && !isnan(property->minimum) ? property->minimum : e->minimum,
               high = property && !isnan(property->maximum) ? property->maximum : e->maximum;
  const double number = itv_cards_number_of(c->cards, e->kind, given);
  if (isnan(number) || (e->kind == ITV_CARDS_INTEGER && number != floor(number))) {
    wrong_value(c, e, given, expected[e->kind]);
  } else if (number < low || number > high) {
    g_autofree char *range = number < low ? g_strdup_printf("below the minimum of %g", low)
                                          : g_strdup_printf("above the maximum of %g", high);
    wrong_value(c, e, given, range);
  }
  value->number = number;
  value->has = ITV_CARDS_YES;
}

/* The conditional property that counts, NULL when none does. */
static const ItvCardsProperty *
property_of(ItvCardsCase *c, const ItvCardsElement *e)
{
  for (guint i = 0; i < e->properties->len; i++) {
    const ItvCardsProperty *property = e->properties->pdata[i];
    if (itv_cards_holds(c, property->condition) == ITV_CARDS_YES)
      return property;
  }
  return NULL;
}

static void
find_given(ItvCardsCase *c, ItvCardsValue *value, const ItvCardsProperty *property)
{
  const ItvCardsElement *e = value->element;
  const char *given = g_hash_table_lookup(c->given, e->id);
  const gboolean choices = e->kind == ITV_CARDS_CHOICE || e->kind == ITV_CARDS_MULTI_CHOICE;
  const gboolean required =
      property && property->required >= 0 ? property->required == 1 : e->required;
  value->text = g_strdup(given ? given : "");
  if (given && *given) {
    if (choices)
      set_choices(c, value, property, given);
    else
      set_number(c, value, property, given);
    return;
  }
  for (guint i = 0; i < e->choices->len; i++) {
    const ItvCardsChoice *choice = e->choices->pdata[i];
    if (choice->is_default && !is_hidden(property, choice->value) &&
        (value->chosen->len == 0 || e->kind == ITV_CARDS_MULTI_CHOICE))
      set_choices(c, value, property, choice->value);
  }
  if (value->has != ITV_CARDS_YES && required)
    value->has = ITV_CARDS_OPEN;
}

static ItvCardsTruth
compute_branch(ItvCardsCase *c, const ItvCardsBranch *branch, char **ret_text)
{
  if (branch->expression)
    return itv_cards_compute(c, branch->expression, ret_text);
  if (!branch->decision || !itv_cards_enter(c))
    return ITV_CARDS_NO;
  const ItvCardsDecision *d = branch->decision;
  ItvCardsTruth truth = ITV_CARDS_NO;
  gboolean done = FALSE;
  for (guint i = 0; i < d->branches->len && !done; i++) {
    const ItvCardsBranch *b = d->branches->pdata[i];
    const ItvCardsTruth holds = itv_cards_holds(c, b->condition);
    if (holds == ITV_CARDS_YES)
      truth = compute_branch(c, b, ret_text);
    else if (holds == ITV_CARDS_OPEN)
      truth = ITV_CARDS_OPEN;
    done = holds != ITV_CARDS_NO;
  }
  if (!done && d->otherwise)
    truth = compute_branch(c, d->otherwise, ret_text);
  itv_cards_leave(c);
  return truth;
}

static void
find_computed(ItvCardsCase *c, ItvCardsValue *value)
{
  g_autofree char *text = NULL;
  value->has = compute_branch(c, value->element->computed, &text);
  value->text = text ? g_steal_pointer(&text) : g_strdup("");
  if (value->has != ITV_CARDS_YES || !itv_cards_number(value->text, &value->number))
    value->number = NAN;
}

static ItvCardsValue *
find_value(ItvCardsCase *c, const ItvCardsElement *e)
{
  ItvCardsValue *value = g_new0(ItvCardsValue, 1);
  value->element = e;
  value->number = NAN;
  value->chosen = g_ptr_array_new_with_free_func(g_free);
  const ItvCardsProperty *property = property_of(c, e);
  value->irrelevant = property && property->relevant == 0;
  if (value->irrelevant) {
    value->text = g_strdup("");
    if (g_hash_table_contains(c->given, e->id)) {
      g_ptr_array_add(c->answer->ignored, e->id);
      itv_cards_reason(c, "%s is not relevant in this case: its value is ignored", e->id);
    }
  } else if (e->kind == ITV_CARDS_GLOBAL) {
    value->text = g_strdup(e->constant);
    value->number = itv_cards_number_of(c->cards, e->kind, e->constant);
    value->has = ITV_CARDS_YES;
  } else if (e->kind == ITV_CARDS_COMPUTED) {
    find_computed(c, value);
  } else {
    find_given(c, value, property);
  }
  return value;
}

const ItvCardsValue *
itv_cards_value(ItvCardsCase *c, const char *id)
{
  gpointer found = NULL;
  ItvCardsElement *e = g_hash_table_lookup(c->cards->element_of, id);
  if (!e)
    return NULL;
  if (g_hash_table_lookup_extended(c->values, e, NULL, &found)) {
    if (!found)
      itv_cards_reason(c, "%s depends on itself: there it counts as without a value", id);
    return found;
  }
  if (!itv_cards_enter(c))
    return NULL;
  g_hash_table_insert(c->values, e, NULL);
  ItvCardsValue *value = find_value(c, e);
  g_hash_table_insert(c->values, e, value);
  itv_cards_leave(c);
  return value;
}
