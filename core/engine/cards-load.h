/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/cards-load.h - the parts of the reader of CARDS modules.
 */
#ifndef ITV_ENGINE_CARDS_LOAD_H
#define ITV_ENGINE_CARDS_LOAD_H

#include "engine/cards.h"

typedef struct {
  const char *file;
  GError **error;
  gboolean failed; /* `error` is set */
} ItvCardsReader;

/* Sets the error unless one is set. */
void itv_cards_refuse(ItvCardsReader *reader, const ItvXml *xml, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* All of `text` but white space is that number. */
gboolean itv_cards_number(const char *text, double *ret);

/* ---- cards-text.c ---------------------------------------------------------------------- */

/* Text with "{Id}" insertions. */
void itv_cards_read_braces(const char *text, int line, GPtrArray *pieces);
/* The mixed content of an element: text, InsertValue, InsertPartial, PlainText, NewLine,
 * SectionIfValue, SectionIfValueNot, SectionIf, SectionIfNot. */
void itv_cards_read_mixed(ItvCardsReader *reader, const ItvXml *xml, gboolean braces,
                          GPtrArray *pieces);
/* One ReportText. */
void itv_cards_read_report_text(ItvCardsReader *reader, const ItvXml *xml, GPtrArray *pieces);

/* ---- cards-rules.c ------------------------------------------------------------------------ */

gboolean itv_cards_is_condition(const ItvXml *xml);
ItvCardsCondition *itv_cards_read_condition(ItvCardsReader *reader, const ItvXml *xml);
/* All conditions among the children, joined by AND; NULL when there are none. */
ItvCardsCondition *itv_cards_read_conditions(ItvCardsReader *reader, const ItvXml *xml);
ItvCardsBranch *itv_cards_read_branch(ItvCardsReader *reader, const ItvXml *xml);
/* The ArithmeticExpression or TextExpression among the children; refuses where there is
 * none. */
ItvCardsExpression *itv_cards_read_expression(ItvCardsReader *reader, const ItvXml *xml);
ItvCardsDecision *itv_cards_read_decision(ItvCardsReader *reader, const ItvXml *xml);

#endif
