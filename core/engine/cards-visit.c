/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cards-lint.h"

static void
visit_condition(const ItvCardsCondition *condition, const ItvCardsVisitor *v)
{
  if (!condition)
    return;
  if (v->condition)
    v->condition(condition, v->data);
  for (guint i = 0; i < condition->parts->len; i++)
    visit_condition(condition->parts->pdata[i], v);
}

static void
visit_pieces(const GPtrArray *pieces, const ItvCardsVisitor *v)
{
  for (guint i = 0; i < pieces->len; i++) {
    const ItvCardsPiece *piece = pieces->pdata[i];
    if (v->piece)
      v->piece(piece, v->data);
    visit_condition(piece->when, v);
    visit_pieces(piece->pieces, v);
  }
}

static void
visit_branch(const ItvCardsBranch *branch, const ItvCardsVisitor *v)
{
  if (!branch)
    return;
  if (v->branch)
    v->branch(branch, v->data);
  visit_condition(branch->condition, v);
  if (branch->decision)
    itv_cards_visit_decision(branch->decision, v);
  if (branch->expression)
    visit_pieces(branch->expression->pieces, v);
  visit_pieces(branch->pieces, v);
  for (guint i = 0; i < branch->branches->len; i++)
    visit_branch(branch->branches->pdata[i], v);
}

void
itv_cards_visit_decision(const ItvCardsDecision *decision, const ItvCardsVisitor *v)
{
  for (guint i = 0; i < decision->branches->len; i++)
    visit_branch(decision->branches->pdata[i], v);
  visit_branch(decision->otherwise, v);
}

void
itv_cards_visit_element(const ItvCardsElement *element, const ItvCardsVisitor *v)
{
  for (guint i = 0; i < element->properties->len; i++)
    visit_condition(((ItvCardsProperty *)element->properties->pdata[i])->condition, v);
  visit_branch(element->computed, v);
}

void
itv_cards_visit(const ItvCards *cards, const ItvCardsVisitor *v)
{
  for (guint i = 0; i < cards->elements->len; i++)
    itv_cards_visit_element(cards->elements->pdata[i], v);
  for (guint i = 0; i < cards->decisions->len; i++)
    itv_cards_visit_decision(cards->decisions->pdata[i], v);
  for (guint i = 0; i < cards->partials->len; i++) {
    const ItvCardsPartial *partial = cards->partials->pdata[i];
    for (guint b = 0; b < partial->branches->len; b++)
      visit_branch(partial->branches->pdata[b], v);
  }
  for (guint i = 0; i < cards->end_points->len; i++) {
    const ItvCardsEndPoint *end = cards->end_points->pdata[i];
    for (guint s = 0; s < end->sections->len; s++) {
      const ItvCardsSection *section = end->sections->pdata[s];
      for (guint b = 0; b < section->branches->len; b++)
        visit_branch(section->branches->pdata[b], v);
    }
  }
}
