/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/cards-lint.h - the parts of the lint of CARDS modules.
 */
#ifndef ITV_ENGINE_CARDS_LINT_H
#define ITV_ENGINE_CARDS_LINT_H

#include "engine/cards.h"

void itv_cards_fault(GPtrArray *faults, gboolean error, const char *rule, int line,
                     const char *format, ...) G_GNUC_PRINTF(5, 6);

/* Everything of a module that has conditions, pieces or references, in file order. */
typedef struct {
  void (*condition)(const ItvCardsCondition *condition, gpointer data);
  void (*piece)(const ItvCardsPiece *piece, gpointer data);
  void (*branch)(const ItvCardsBranch *branch, gpointer data);
  gpointer data;
} ItvCardsVisitor;

void itv_cards_visit(const ItvCards *cards, const ItvCardsVisitor *visitor);
void itv_cards_visit_element(const ItvCardsElement *element, const ItvCardsVisitor *visitor);
void itv_cards_visit_decision(const ItvCardsDecision *decision, const ItvCardsVisitor *visitor);

/* ---- cards-gaps.c ---- */

/* Elements whose values the rules look at, directly or through others: element -> itself. */
GHashTable *itv_cards_consulted(const ItvCards *cards);

/* A complete case that the module accepts, drawn by `rand`; NULL when none is
 * found.  Of a number, values at and around those that it is compared with. */
typedef struct ItvCardsDraw ItvCardsDraw;
ItvCardsDraw *itv_cards_draw_new(const ItvCards *cards, guint32 seed);
GHashTable *itv_cards_draw(ItvCardsDraw *draw);
void itv_cards_draw_free(ItvCardsDraw *draw);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvCardsDraw, itv_cards_draw_free)

void itv_cards_find_gaps(const ItvCards *cards, guint cases, GPtrArray *faults);

#endif
