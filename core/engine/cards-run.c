/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "engine/cards-case.h"
#include "engine/cards-lint.h"

#define MAX_DEPTH                                                                                  \
  1500 /* calls; each takes less than a kilobyte of stack, a few under sanitizers                  \
        */

gboolean
itv_cards_enter(ItvCardsCase *c)
{
  if (c->failed)
    return FALSE;
  if (c->depth >= MAX_DEPTH) {
    itv_cards_abandon(c, "its rules refer to each other too deeply");
    return FALSE;
  }
  c->depth++;
  return TRUE;
}

void
itv_cards_leave(ItvCardsCase *c)
{
  c->depth--;
}

void
itv_cards_abandon(ItvCardsCase *c, const char *format, ...)
{
  va_list args;
  if (c->failed)
    return;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  c->failed = TRUE;
  itv_fail(c->error, ITV_ERROR_CONFIG, "%s: %s", c->cards->file, text);
}

void
itv_cards_reason(ItvCardsCase *c, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  for (guint i = 0; i < c->answer->reasons->len; i++)
    if (strcmp(c->answer->reasons->pdata[i], text) == 0)
      return;
  if (c->answer->reasons->len < 100)
    g_ptr_array_add(c->answer->reasons, g_steal_pointer(&text));
}

static void
text_free(ItvCardsText *text)
{
  g_free(text->id);
  g_free(text->text);
  g_free(text);
}

static void
outcome_free(ItvCardsOutcome *outcome)
{
  g_ptr_array_unref(outcome->sections);
  g_free(outcome);
}

static ItvCardsAnswer *
answer_new(void)
{
  ItvCardsAnswer *a = g_new0(ItvCardsAnswer, 1);
  a->outcomes = g_ptr_array_new_with_free_func((GDestroyNotify)outcome_free);
  a->missing = g_ptr_array_new_with_free_func(g_free);
  a->reasons = g_ptr_array_new_with_free_func(g_free);
  a->gaps = g_ptr_array_new();
  a->ignored = g_ptr_array_new();
  a->values = g_ptr_array_new_with_free_func((GDestroyNotify)text_free);
  return a;
}

void
itv_cards_answer_free(ItvCardsAnswer *answer)
{
  if (!answer)
    return;
  g_ptr_array_unref(answer->outcomes);
  g_ptr_array_unref(answer->missing);
  g_ptr_array_unref(answer->reasons);
  g_ptr_array_unref(answer->gaps);
  g_ptr_array_unref(answer->ignored);
  g_ptr_array_unref(answer->values);
  g_free(answer);
}

/* ---- rules -------------------------------------------------------------------------------------
 */

static void walk(ItvCardsCase *c, const ItvCardsDecision *decision);

/* ---- what leaves a branch open ---- */

static void note_open(ItvCardsCase *c, const char *id);

static void
note_open_condition(const ItvCardsCondition *condition, gpointer data)
{
  if (condition->element)
    note_open(data, condition->element);
}

static void
note_open_piece(const ItvCardsPiece *piece, gpointer data)
{
  if (piece->kind == ITV_CARDS_VALUE)
    note_open(data, piece->text);
}

/* The element, or what it is computed of. */
static void
note_open(ItvCardsCase *c, const char *id)
{
  const ItvCardsVisitor visitor = {
      .condition = note_open_condition, .piece = note_open_piece, .data = c};
  const ItvCardsValue *value = itv_cards_value(c, id);
  if (!value || value->has != ITV_CARDS_OPEN || !g_hash_table_add(c->unknown, value->element->id) ||
      !itv_cards_enter(c))
    return;
  if (value->element->kind == ITV_CARDS_COMPUTED)
    itv_cards_visit_element(value->element, &visitor);
  itv_cards_leave(c);
}

static void
note_open_parts(ItvCardsCase *c, const ItvCardsCondition *condition)
{
  if (itv_cards_holds(c, condition) != ITV_CARDS_OPEN)
    return;
  if (condition->element)
    note_open(c, condition->element);
  for (guint i = 0; i < condition->parts->len; i++)
    note_open_parts(c, condition->parts->pdata[i]);
}

/* ---- the walk ---- */

static void
reach(ItvCardsCase *c, const ItvCardsBranch *branch)
{
  const ItvCardsEndPoint *end = g_hash_table_lookup(c->cards->end_point_of, branch->end_point);
  if (!end) {
    itv_cards_reason(c, "line %d leads to the end point %s, which does not exist", branch->line,
                     branch->end_point);
    return;
  }
  for (guint i = 0; i < c->answer->outcomes->len; i++)
    if (((ItvCardsOutcome *)c->answer->outcomes->pdata[i])->end == end)
      return;
  ItvCardsOutcome *outcome = g_new0(ItvCardsOutcome, 1);
  outcome->end = end;
  outcome->sections = g_ptr_array_new_with_free_func((GDestroyNotify)text_free);
  g_ptr_array_add(c->answer->outcomes, outcome);
}

static ItvCardsTruth take_all(ItvCardsCase *c, const GPtrArray *branches);

static void
take(ItvCardsCase *c, const ItvCardsBranch *branch)
{
  if (branch->end_point)
    reach(c, branch);
  if (branch->decision)
    walk(c, branch->decision);
  take_all(c, branch->branches);
}

/* Takes each branch that holds.  NO: none did; OPEN: none did, but one may. */
static ItvCardsTruth
take_all(ItvCardsCase *c, const GPtrArray *branches)
{
  ItvCardsTruth any = ITV_CARDS_NO;
  if (!itv_cards_enter(c))
    return ITV_CARDS_OPEN;
  for (guint i = 0; i < branches->len && !c->failed; i++) {
    const ItvCardsBranch *branch = branches->pdata[i];
    const ItvCardsTruth holds = itv_cards_holds(c, branch->condition);
    if (holds == ITV_CARDS_YES)
      take(c, branch);
    else if (holds == ITV_CARDS_OPEN)
      note_open_parts(c, branch->condition);
    if (holds == ITV_CARDS_YES || (holds == ITV_CARDS_OPEN && any == ITV_CARDS_NO))
      any = holds;
  }
  itv_cards_leave(c);
  return any;
}

static void
walk(ItvCardsCase *c, const ItvCardsDecision *decision)
{
  const ItvCardsTruth any = take_all(c, decision->branches);
  if (any == ITV_CARDS_NO && decision->otherwise) {
    take(c, decision->otherwise);
  } else if (any == ITV_CARDS_NO && !c->failed) {
    g_ptr_array_add(c->answer->gaps, itv_cards_key(decision));
    itv_cards_reason(c, "decision point %s (line %d): no branch holds for this case",
                     decision->id ? decision->id : "without a name", decision->line);
  }
}

/* ---- answer
 * --------------------------------------------------------------------------------------- */

static void
write_outcome(ItvCardsCase *c, ItvCardsOutcome *outcome)
{
  for (guint i = 0; i < outcome->end->sections->len; i++) {
    const ItvCardsSection *section = outcome->end->sections->pdata[i];
    GString *out = g_string_new(NULL);
    itv_cards_write(c, section->branches, out);
    ItvCardsText *text = g_new0(ItvCardsText, 1);
    text->id = g_strdup(section->id);
    text->text = g_strstrip(g_string_free(out, FALSE));
    g_ptr_array_add(outcome->sections, text);
  }
}

static int
compare_text(gconstpointer a, gconstpointer b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
note_missing(ItvCardsCase *c)
{
  GHashTableIter iter;
  gpointer id;
  g_hash_table_iter_init(&iter, c->unknown);
  while (g_hash_table_iter_next(&iter, &id, NULL)) {
    const ItvCardsElement *e = g_hash_table_lookup(c->cards->element_of, id);
    if (e->kind != ITV_CARDS_COMPUTED)
      g_ptr_array_add(c->answer->missing, g_strdup(id));
  }
  g_ptr_array_sort(c->answer->missing, compare_text);
}

static void
write_texts(ItvCardsCase *c)
{
  for (guint i = 0; i < c->answer->outcomes->len; i++)
    write_outcome(c, c->answer->outcomes->pdata[i]);
  for (guint i = 0; i < c->cards->elements->len; i++) {
    const ItvCardsElement *e = c->cards->elements->pdata[i];
    const ItvCardsValue *value = e->kind == ITV_CARDS_COMPUTED ? itv_cards_value(c, e->id) : NULL;
    if (!value || value->has != ITV_CARDS_YES || value->element != e)
      continue;
    ItvCardsText *text = g_new0(ItvCardsText, 1);
    text->id = g_strdup(e->id);
    text->text = g_strdup(value->text);
    g_ptr_array_add(c->answer->values, text);
  }
}

/* Values that are given must be values of elements that are asked for. */
static void
check_given(ItvCardsCase *c)
{
  GHashTableIter iter;
  gpointer id;
  g_hash_table_iter_init(&iter, c->given);
  while (!c->failed && g_hash_table_iter_next(&iter, &id, NULL)) {
    const ItvCardsElement *e = g_hash_table_lookup(c->cards->element_of, id);
    if (!e || e->kind == ITV_CARDS_COMPUTED || e->kind == ITV_CARDS_GLOBAL) {
      c->failed = TRUE;
      itv_fail(c->error, ITV_ERROR_USAGE, "%s: %s", (char *)id,
               e ? "its value is computed and cannot be given"
                 : "the module has no such data element");
    } else {
      itv_cards_value(c, id);
    }
  }
}

ItvCardsAnswer *
itv_cards_run_case(const ItvCards *cards, GHashTable *given, gboolean texts,
                   const ItvCardsElement **ret_wrong, GError **error)
{
  g_autoptr(ItvCardsAnswer) answer = answer_new();
  ItvCardsCase c = {.cards = cards, .given = given, .answer = answer, .error = error};
  c.values = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)itv_cards_value_free);
  c.partials = g_hash_table_new(g_str_hash, g_str_equal);
  c.unknown = g_hash_table_new(g_str_hash, g_str_equal);
  check_given(&c);
  if (!c.failed) {
    /* The rules begin anew: what was ignored is what they ask for. */
    g_hash_table_remove_all(c.values);
    g_ptr_array_set_size(answer->ignored, 0);
  }
  for (guint i = 0; i < cards->decisions->len && !c.failed; i++)
    walk(&c, cards->decisions->pdata[i]);
  note_missing(&c);
  if (texts && !c.failed)
    write_texts(&c);
  g_hash_table_unref(c.values);
  g_hash_table_unref(c.partials);
  g_hash_table_unref(c.unknown);
  if (c.failed && ret_wrong)
    *ret_wrong = c.wrong;
  return c.failed ? NULL : g_steal_pointer(&answer);
}

ItvCardsAnswer *
itv_cards_run(const ItvCards *cards, GHashTable *given, gboolean texts, GError **error)
{
  return itv_cards_run_case(cards, given, texts, NULL, error);
}
