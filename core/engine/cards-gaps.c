/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "engine/cards-case.h"
#include "engine/cards-lint.h"

/* ---- what the rules look at ---------------------------------------------------------------------
 */

typedef struct {
  const ItvCards *cards;
  GHashTable *found;
  GPtrArray *queue;
} Consulted;

static void
consult(Consulted *s, const char *id)
{
  ItvCardsElement *e = id ? g_hash_table_lookup(s->cards->element_of, id) : NULL;
  if (e && g_hash_table_add(s->found, e))
    g_ptr_array_add(s->queue, e);
}

static void
consult_condition(const ItvCardsCondition *condition, gpointer data)
{
  consult(data, condition->element);
}

static void
consult_piece(const ItvCardsPiece *piece, gpointer data)
{
  if (piece->kind == ITV_CARDS_VALUE)
    consult(data, piece->text);
}

GHashTable *
itv_cards_consulted(const ItvCards *cards)
{
  Consulted s = {cards, g_hash_table_new(NULL, NULL), g_ptr_array_new()};
  const ItvCardsVisitor visitor = {
      .condition = consult_condition, .piece = consult_piece, .data = &s};
  for (guint i = 0; i < cards->decisions->len; i++)
    itv_cards_visit_decision(cards->decisions->pdata[i], &visitor);
  for (guint i = 0; i < s.queue->len; i++)
    itv_cards_visit_element(s.queue->pdata[i], &visitor);
  g_ptr_array_unref(s.queue);
  return s.found;
}

/* ---- drawing cases
 * --------------------------------------------------------------------------------- */

struct ItvCardsDraw {
  const ItvCards *cards;
  GRand *rand;
  GHashTable *marks; /* element -> GArray of double: what it is compared with */
};

static GArray *
marks_of(ItvCardsDraw *draw, const ItvCardsElement *e)
{
  GArray *marks = g_hash_table_lookup(draw->marks, e);
  if (!marks) {
    marks = g_array_new(FALSE, FALSE, sizeof(double));
    g_hash_table_insert(draw->marks, itv_cards_key(e), marks);
  }
  return marks;
}

static void
mark(const ItvCardsCondition *k, gpointer data)
{
  ItvCardsDraw *draw = data;
  const ItvCardsElement *e =
      k->element ? g_hash_table_lookup(draw->cards->element_of, k->element) : NULL;
  if (!e || !k->value || e->choices->len > 0)
    return;
  const double number = itv_cards_number_of(draw->cards, e->kind, k->value);
  if (!isnan(number))
    g_array_append_val(marks_of(draw, e), number);
}

static void
mark_bounds(ItvCardsDraw *draw, const ItvCardsElement *e, double minimum, double maximum)
{
  if (!isnan(minimum))
    g_array_append_val(marks_of(draw, e), minimum);
  if (!isnan(maximum))
    g_array_append_val(marks_of(draw, e), maximum);
}

ItvCardsDraw *
itv_cards_draw_new(const ItvCards *cards, guint32 seed)
{
  ItvCardsDraw *draw = g_new0(ItvCardsDraw, 1);
  const ItvCardsVisitor visitor = {.condition = mark, .data = draw};
  draw->cards = cards;
  draw->rand = g_rand_new_with_seed(seed);
  draw->marks = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
  itv_cards_visit(cards, &visitor);
  for (guint i = 0; i < cards->elements->len; i++) {
    const ItvCardsElement *e = cards->elements->pdata[i];
    mark_bounds(draw, e, e->minimum, e->maximum);
    for (guint p = 0; p < e->properties->len; p++) {
      const ItvCardsProperty *property = e->properties->pdata[p];
      mark_bounds(draw, e, property->minimum, property->maximum);
    }
  }
  return draw;
}

void
itv_cards_draw_free(ItvCardsDraw *draw)
{
  if (!draw)
    return;
  g_rand_free(draw->rand);
  g_hash_table_unref(draw->marks);
  g_free(draw);
}

static char *
draw_choice(ItvCardsDraw *draw, const ItvCardsElement *e)
{
  if (e->choices->len == 0)
    return g_strdup("");
  const guint n = e->kind == ITV_CARDS_MULTI_CHOICE ? (guint)g_rand_int_range(draw->rand, 1, 4) : 1;
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < n; i++) {
    const ItvCardsChoice *choice =
        e->choices->pdata[g_rand_int_range(draw->rand, 0, (gint32)e->choices->len)];
    if (!strstr(text->str, choice->value))
      g_string_append_printf(text, "%s%s", text->len ? "|" : "", choice->value);
  }
  return g_string_free(text, FALSE);
}

/* On a mark, beside it, or between two. */
static double
draw_number(ItvCardsDraw *draw, const ItvCardsElement *e)
{
  const GArray *marks = g_hash_table_lookup(draw->marks, e);
  const double step = e->kind == ITV_CARDS_NUMBER ? 0.1 : e->kind == ITV_CARDS_INTEGER ? 1 : 86400;
  if (!marks || marks->len == 0)
    return step * g_rand_int_range(draw->rand, 0, 50);
  const double a =
      g_array_index(marks, double, (guint)g_rand_int_range(draw->rand, 0, (gint32)marks->len));
  const double b =
      g_array_index(marks, double, (guint)g_rand_int_range(draw->rand, 0, (gint32)marks->len));
  switch (g_rand_int_range(draw->rand, 0, 4)) {
  case 0:
    return a;
  case 1:
    return a + step;
  case 2:
    return a - step;
  default:
    return floor((a + b) / 2 / step) * step;
  }
}

static char *
draw_value(ItvCardsDraw *draw, const ItvCardsElement *e)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  if (e->kind == ITV_CARDS_CHOICE || e->kind == ITV_CARDS_MULTI_CHOICE)
    return draw_choice(draw, e);
  const double number = draw_number(draw, e);
  if (e->kind == ITV_CARDS_DATE_TIME)
    return itv_date_format((ItvDate)CLAMP(number / 86400 + 18262, 0, 40000));
  g_ascii_formatd(text, sizeof text, "%.12g", number);
  return e->kind == ITV_CARDS_TIME_SPAN ? g_strdup_printf("PT%.0fS", fabs(number)) : g_strdup(text);
}

GHashTable *
itv_cards_draw(ItvCardsDraw *draw)
{
  GHashTable *given = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
  for (guint i = 0; i < draw->cards->elements->len; i++) {
    ItvCardsElement *e = draw->cards->elements->pdata[i];
    if (e->kind < ITV_CARDS_COMPUTED && g_hash_table_lookup(draw->cards->element_of, e->id) == e &&
        (e->required || g_rand_boolean(draw->rand)))
      g_hash_table_insert(given, e->id, draw_value(draw, e));
  }
  /* What the module refuses is drawn anew. */
  for (guint tries = 0; tries < 200; tries++) {
    const ItvCardsElement *wrong = NULL;
    g_autoptr(ItvCardsAnswer) answer = itv_cards_run_case(draw->cards, given, FALSE, &wrong, NULL);
    if (answer)
      return given;
    if (!wrong)
      break;
    g_hash_table_insert(given, wrong->id, draw_value(draw, wrong));
  }
  g_hash_table_unref(given);
  return NULL;
}

/* ---- gaps
 * -------------------------------------------------------------------------------------------- */

/* What the decision point itself asks for, and what that is computed of. */
static GHashTable *
asked_by(const ItvCards *cards, const ItvCardsDecision *decision)
{
  Consulted s = {cards, g_hash_table_new(NULL, NULL), g_ptr_array_new()};
  const ItvCardsVisitor visitor = {
      .condition = consult_condition, .piece = consult_piece, .data = &s};
  itv_cards_visit_decision(decision, &visitor);
  for (guint i = 0; i < s.queue->len; i++) {
    const ItvCardsElement *e = s.queue->pdata[i];
    if (e->computed && e->computed->decision)
      itv_cards_visit_decision(e->computed->decision, &visitor);
  }
  g_ptr_array_unref(s.queue);
  return s.found;
}

/* "size=5, margin=smooth": what the decision point looks at and is relevant; "" where
 * nothing of it is, which is no gap (the second nodule of a patient with one). */
static char *
case_words(const ItvCards *cards, const ItvCardsDecision *decision, GHashTable *given,
           GPtrArray *ignored)
{
  g_autoptr(GHashTable) asked = asked_by(cards, decision);
  GString *words = g_string_new(NULL);
  for (guint i = 0; i < cards->elements->len && words->len < 400; i++) {
    ItvCardsElement *e = cards->elements->pdata[i];
    const char *value = g_hash_table_lookup(given, e->id);
    if (value && g_hash_table_contains(asked, e) && !g_ptr_array_find(ignored, e->id, NULL))
      g_string_append_printf(words, "%s%s=%s", words->len ? ", " : "", e->id, value);
  }
  return g_string_free(words, FALSE);
}

void
itv_cards_find_gaps(const ItvCards *cards, guint cases, GPtrArray *faults)
{
  g_autoptr(ItvCardsDraw) draw = itv_cards_draw_new(cards, 1);
  g_autoptr(GHashTable) told = g_hash_table_new(NULL, NULL);
  for (guint i = 0; i < cases; i++) {
    g_autoptr(GHashTable) given = itv_cards_draw(draw);
    g_autoptr(ItvCardsAnswer) answer = given ? itv_cards_run(cards, given, FALSE, NULL) : NULL;
    for (guint g = 0; answer && g < answer->gaps->len; g++) {
      const ItvCardsDecision *d = answer->gaps->pdata[g];
      g_autofree char *words = g_hash_table_contains(told, d)
                                   ? g_strdup("")
                                   : case_words(cards, d, given, answer->ignored);
      if (!*words)
        continue;
      g_hash_table_add(told, itv_cards_key(d));
      itv_cards_fault(faults, FALSE, "gap", d->line,
                      "decision point %s: no branch holds, for instance for %s",
                      d->id ? d->id : "without a name", words);
    }
  }
}
