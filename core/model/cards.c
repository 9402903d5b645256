/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cards.h"

#include <math.h>
#include <string.h>

ItvCardsCondition *
itv_cards_condition_new(ItvCardsTest test, int line)
{
  ItvCardsCondition *c = g_new0(ItvCardsCondition, 1);
  c->test = test;
  c->line = line;
  c->parts = g_ptr_array_new_with_free_func((GDestroyNotify)itv_cards_condition_free);
  return c;
}

void
itv_cards_condition_free(ItvCardsCondition *condition)
{
  if (!condition)
    return;
  g_free(condition->element);
  g_free(condition->value);
  g_ptr_array_unref(condition->parts);
  g_free(condition);
}

static void
piece_free(ItvCardsPiece *piece)
{
  if (!piece)
    return;
  g_free(piece->text);
  itv_cards_condition_free(piece->when);
  g_ptr_array_unref(piece->pieces);
  g_free(piece);
}

ItvCardsPiece *
itv_cards_piece_new(ItvCardsPieceKind kind, const char *text, int line)
{
  ItvCardsPiece *p = g_new0(ItvCardsPiece, 1);
  p->kind = kind;
  p->text = g_strdup(text);
  p->line = line;
  p->pieces = g_ptr_array_new_with_free_func((GDestroyNotify)piece_free);
  return p;
}

ItvCardsExpression *
itv_cards_expression_new(void)
{
  ItvCardsExpression *e = g_new0(ItvCardsExpression, 1);
  e->pieces = g_ptr_array_new_with_free_func((GDestroyNotify)piece_free);
  return e;
}

static void
expression_free(ItvCardsExpression *expression)
{
  if (!expression)
    return;
  g_free(expression->text);
  g_ptr_array_unref(expression->pieces);
  g_free(expression);
}

ItvCardsBranch *
itv_cards_branch_new(void)
{
  ItvCardsBranch *b = g_new0(ItvCardsBranch, 1);
  b->pieces = g_ptr_array_new_with_free_func((GDestroyNotify)piece_free);
  b->branches = g_ptr_array_new_with_free_func((GDestroyNotify)itv_cards_branch_free);
  return b;
}

void
itv_cards_branch_free(ItvCardsBranch *branch)
{
  if (!branch)
    return;
  g_free(branch->label);
  g_free(branch->end_point);
  g_free(branch->diagram);
  itv_cards_condition_free(branch->condition);
  itv_cards_decision_free(branch->decision);
  expression_free(branch->expression);
  g_ptr_array_unref(branch->pieces);
  g_ptr_array_unref(branch->branches);
  g_free(branch);
}

ItvCardsDecision *
itv_cards_decision_new(void)
{
  ItvCardsDecision *d = g_new0(ItvCardsDecision, 1);
  d->branches = g_ptr_array_new_with_free_func((GDestroyNotify)itv_cards_branch_free);
  return d;
}

void
itv_cards_decision_free(ItvCardsDecision *decision)
{
  if (!decision)
    return;
  g_free(decision->id);
  g_free(decision->label);
  g_ptr_array_unref(decision->branches);
  itv_cards_branch_free(decision->otherwise);
  g_free(decision);
}

static void
choice_free(ItvCardsChoice *choice)
{
  g_free(choice->value);
  g_free(choice->label);
  g_free(choice->report);
  g_free(choice);
}

ItvCardsProperty *
itv_cards_property_new(void)
{
  ItvCardsProperty *p = g_new0(ItvCardsProperty, 1);
  p->relevant = p->required = -1;
  p->minimum = p->maximum = NAN;
  p->choices_hidden = g_ptr_array_new_with_free_func(g_free);
  return p;
}

static void
property_free(ItvCardsProperty *property)
{
  itv_cards_condition_free(property->condition);
  g_ptr_array_unref(property->choices_hidden);
  g_free(property);
}

ItvCardsElement *
itv_cards_element_new(void)
{
  ItvCardsElement *e = g_new0(ItvCardsElement, 1);
  e->minimum = e->maximum = NAN;
  e->choices = g_ptr_array_new_with_free_func((GDestroyNotify)choice_free);
  e->properties = g_ptr_array_new_with_free_func((GDestroyNotify)property_free);
  return e;
}

static void
element_free(ItvCardsElement *element)
{
  g_free(element->id);
  g_free(element->label);
  g_free(element->unit);
  g_free(element->constant);
  g_ptr_array_unref(element->choices);
  g_ptr_array_unref(element->properties);
  itv_cards_branch_free(element->computed);
  g_free(element);
}

ItvCardsSection *
itv_cards_section_new(void)
{
  ItvCardsSection *s = g_new0(ItvCardsSection, 1);
  s->branches = g_ptr_array_new_with_free_func((GDestroyNotify)itv_cards_branch_free);
  return s;
}

static void
section_free(ItvCardsSection *section)
{
  g_free(section->id);
  g_ptr_array_unref(section->branches);
  g_free(section);
}

static void
exam_clear(ItvCardsExam *exam)
{
  g_free(exam->code);
  g_free(exam->system);
  g_free(exam->modality);
  g_free(exam->region);
  g_free(exam->text);
}

void
itv_cards_exam_free(ItvCardsExam *exam)
{
  exam_clear(exam);
  g_free(exam);
}

ItvCardsFollowup *
itv_cards_followup_new(void)
{
  ItvCardsFollowup *f = g_new0(ItvCardsFollowup, 1);
  f->citations = g_ptr_array_new_with_free_func(g_free);
  f->exams = g_ptr_array_new_with_free_func((GDestroyNotify)itv_cards_exam_free);
  return f;
}

static void
followup_free(ItvCardsFollowup *followup)
{
  if (!followup)
    return;
  g_free(followup->condition);
  g_free(followup->evidence_level);
  g_free(followup->indication);
  g_free(followup->indication_code);
  g_free(followup->earliest);
  g_free(followup->latest);
  exam_clear(&followup->preferred);
  g_ptr_array_unref(followup->citations);
  g_ptr_array_unref(followup->exams);
  g_free(followup);
}

ItvCardsEndPoint *
itv_cards_end_point_new(void)
{
  ItvCardsEndPoint *e = g_new0(ItvCardsEndPoint, 1);
  e->sections = g_ptr_array_new_with_free_func((GDestroyNotify)section_free);
  return e;
}

static void
end_point_free(ItvCardsEndPoint *end)
{
  g_free(end->id);
  g_free(end->label);
  g_free(end->diagnosis);
  g_free(end->category);
  g_ptr_array_unref(end->sections);
  followup_free(end->followup);
  g_free(end);
}

ItvCardsPartial *
itv_cards_partial_new(void)
{
  ItvCardsPartial *p = g_new0(ItvCardsPartial, 1);
  p->branches = g_ptr_array_new_with_free_func((GDestroyNotify)itv_cards_branch_free);
  return p;
}

static void
partial_free(ItvCardsPartial *partial)
{
  g_free(partial->id);
  g_ptr_array_unref(partial->branches);
  g_free(partial);
}

ItvCards *
itv_cards_new(void)
{
  ItvCards *c = g_new0(ItvCards, 1);
  c->modalities = g_ptr_array_new_with_free_func(g_free);
  c->anatomy = g_ptr_array_new_with_free_func(g_free);
  c->elements = g_ptr_array_new_with_free_func((GDestroyNotify)element_free);
  c->decisions = g_ptr_array_new_with_free_func((GDestroyNotify)itv_cards_decision_free);
  c->partials = g_ptr_array_new_with_free_func((GDestroyNotify)partial_free);
  c->end_points = g_ptr_array_new_with_free_func((GDestroyNotify)end_point_free);
  c->element_of = g_hash_table_new(g_str_hash, g_str_equal);
  c->partial_of = g_hash_table_new(g_str_hash, g_str_equal);
  c->end_point_of = g_hash_table_new(g_str_hash, g_str_equal);
  return c;
}

void
itv_cards_free(ItvCards *cards)
{
  if (!cards)
    return;
  g_free(cards->file);
  g_free(cards->id);
  g_free(cards->label);
  g_free(cards->version);
  g_free(cards->schema_version);
  g_free(cards->citation);
  g_hash_table_unref(cards->element_of);
  g_hash_table_unref(cards->partial_of);
  g_hash_table_unref(cards->end_point_of);
  g_ptr_array_unref(cards->modalities);
  g_ptr_array_unref(cards->anatomy);
  g_ptr_array_unref(cards->elements);
  g_ptr_array_unref(cards->decisions);
  g_ptr_array_unref(cards->partials);
  g_ptr_array_unref(cards->end_points);
  g_free(cards);
}

const ItvCardsChoice *
itv_cards_choice(const ItvCardsElement *element, const char *value)
{
  for (guint i = 0; i < element->choices->len; i++) {
    const ItvCardsChoice *choice = element->choices->pdata[i];
    if (strcmp(choice->value, value) == 0)
      return choice;
  }
  return NULL;
}

const char *
itv_cards_kind_name(ItvCardsKind kind)
{
  static const char *const names[] = {"",
                                      "ChoiceDataElement",
                                      "MultiChoiceDataElement",
                                      "NumericDataElement",
                                      "IntegerDataElement",
                                      "DateTimeDataElement",
                                      "TimeSpanDataElement",
                                      "ComputedDataElement",
                                      "GlobalValue"};
  return names[kind];
}
