/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/cards-case.h - one case on its way through a CARDS module.
 */
#ifndef ITV_ENGINE_CARDS_CASE_H
#define ITV_ENGINE_CARDS_CASE_H

#include "engine/cards.h"

/* GLib's containers take no pointers to const; these are only looked up. */
static inline gpointer
itv_cards_key(gconstpointer key)
{
  return (gpointer)(guintptr)key;
}

/* A required element that was not given leaves open what follows from it. */
typedef enum { ITV_CARDS_NO, ITV_CARDS_YES, ITV_CARDS_OPEN } ItvCardsTruth;

typedef struct {
  const ItvCardsElement *element;
  ItvCardsTruth has; /* has a value; OPEN: it must have one and has not */
  char *text;        /* as given, or computed */
  double number;     /* NAN: none.  Dates and spans in seconds */
  GPtrArray *chosen; /* char *: of choices */
  gboolean irrelevant;
} ItvCardsValue;

typedef struct {
  const ItvCards *cards;
  GHashTable *given;
  GHashTable *values;   /* element -> ItvCardsValue, owned; NULL while it is being found */
  GHashTable *partials; /* template partials that are being written */
  GHashTable *unknown;  /* ids of what was not given and leaves a branch open */
  ItvCardsAnswer *answer;
  guint depth;   /* of the recursion */
  gsize written; /* bytes of text */
  gboolean failed;
  const ItvCardsElement *wrong; /* whose value was refused */
  GError **error;
} ItvCardsCase;

/* As itv_cards_run(); *ret_wrong (may be NULL): the element whose value was refused. */
ItvCardsAnswer *itv_cards_run_case(const ItvCards *cards, GHashTable *given, gboolean texts,
                                   const ItvCardsElement **ret_wrong, GError **error);

/* FALSE, with an error, when rules refer to rules so deeply that the stack would end. */
gboolean itv_cards_enter(ItvCardsCase *c);
void itv_cards_leave(ItvCardsCase *c);
void itv_cards_abandon(ItvCardsCase *c, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Notes a reason, once. */
void itv_cards_reason(ItvCardsCase *c, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* ---- cards-value.c ---- */

/* NULL when there is no such element, or while it is being found. */
const ItvCardsValue *itv_cards_value(ItvCardsCase *c, const char *id);
void itv_cards_value_free(ItvCardsValue *value);

/* ---- cards-condition.c ---- */

/* NULL holds always. */
ItvCardsTruth itv_cards_holds(ItvCardsCase *c, const ItvCardsCondition *condition);
/* What a comparison value means as a number of that element's kind; NAN: nothing. */
double itv_cards_number_of(const ItvCards *cards, ItvCardsKind kind, const char *text);
/* The constant of that name, or the text itself. */
const char *itv_cards_constant(const ItvCards *cards, const char *text);

/* ---- cards-expression.c ---- */

/* Writes to *ret_text (owned); NO: there is none, with a reason. */
ItvCardsTruth itv_cards_compute(ItvCardsCase *c, const ItvCardsExpression *expression,
                                char **ret_text);

/* ---- cards-template.c ---- */

/* What a report writes for the value. */
char *itv_cards_value_words(const ItvCardsValue *value, int digits);
/* Appends all branches that hold. */
void itv_cards_write(ItvCardsCase *c, const GPtrArray *branches, GString *out);

#endif
