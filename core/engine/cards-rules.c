/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "engine/cards-load.h"

static const struct {
  const char *name;
  ItvCardsTest test;
} tests[] = {
    {"AndCondition", ITV_CARDS_AND},
    {"OrCondition", ITV_CARDS_OR},
    {"NotCondition", ITV_CARDS_NOT},
    {"EqualCondition", ITV_CARDS_EQUAL},
    {"NotEqualCondition", ITV_CARDS_NOT_EQUAL},
    {"GreaterThanCondition", ITV_CARDS_GREATER},
    {"LessThanCondition", ITV_CARDS_LESS},
    {"GreaterThanOrEqualsCondition", ITV_CARDS_GREATER_EQUAL},
    {"LessThanOrEqualsCondition", ITV_CARDS_LESS_EQUAL},
    {"ContainsCondition", ITV_CARDS_CONTAINS},
    {"HasAnyNChoicesCondition", ITV_CARDS_ANY_N},
    {"SectionIf", ITV_CARDS_IF},
    {"SectionIfNot", ITV_CARDS_IF_NOT},
    {"SectionIfValue", ITV_CARDS_EQUAL},
    {"SectionIfValueNot", ITV_CARDS_NOT_EQUAL},
};

static ItvCardsTest
test_of(const ItvXml *xml)
{
  for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
    if (strcmp(xml->name, tests[i].name) == 0)
      return tests[i].test;
  return 0;
}

gboolean
itv_cards_is_condition(const ItvXml *xml)
{
  return test_of(xml) != 0;
}

static char *
stripped(const char *text)
{
  return g_strstrip(g_strdup(text));
}

static void
read_comparison(ItvCardsReader *reader, const ItvXml *xml, ItvCardsCondition *c)
{
  const char *element = itv_xml_attr(xml, "DataElementId", NULL);
  const char *value = itv_xml_attr(xml, "ComparisonValue", NULL);
  double n = 1;
  if (!element)
    itv_cards_refuse(reader, xml, "%s names no DataElementId", xml->name);
  else
    c->element = stripped(element);
  if (c->test == ITV_CARDS_IF || c->test == ITV_CARDS_IF_NOT)
    return;
  if (c->test == ITV_CARDS_ANY_N) {
    if (!itv_cards_number(itv_xml_attr(xml, "MinimumChoices", ""), &n) || n < 1 || n > 1e6)
      itv_cards_refuse(reader, xml, "MinimumChoices is no number from 1");
    c->n = (guint)CLAMP(n, 1, 1e6);
  } else if (!value) {
    itv_cards_refuse(reader, xml, "%s names no ComparisonValue", xml->name);
  } else {
    c->value = stripped(value);
  }
}

ItvCardsCondition *
itv_cards_read_condition(ItvCardsReader *reader, const ItvXml *xml)
{
  const ItvCardsTest test = test_of(xml);
  ItvCardsCondition *c = itv_cards_condition_new(test, xml->line);
  if (test > ITV_CARDS_NOT) {
    read_comparison(reader, xml, c);
    return c;
  }
  for (guint i = 0; i < xml->children->len; i++) {
    const ItvXml *child = xml->children->pdata[i];
    if (itv_cards_is_condition(child))
      g_ptr_array_add(c->parts, itv_cards_read_condition(reader, child));
    else
      itv_cards_refuse(reader, child, "%s is no condition", child->name);
  }
  if (c->parts->len == 0)
    itv_cards_refuse(reader, xml, "%s holds no condition", xml->name);
  return c;
}

ItvCardsCondition *
itv_cards_read_conditions(ItvCardsReader *reader, const ItvXml *xml)
{
  ItvCardsCondition *all = NULL;
  for (guint i = 0; i < xml->children->len; i++) {
    const ItvXml *child = xml->children->pdata[i];
    if (!itv_cards_is_condition(child))
      continue;
    ItvCardsCondition *one = itv_cards_read_condition(reader, child);
    if (!all) {
      all = one;
    } else if (all->test == ITV_CARDS_AND && all->line == xml->line) {
      g_ptr_array_add(all->parts, one);
    } else {
      ItvCardsCondition *both = itv_cards_condition_new(ITV_CARDS_AND, xml->line);
      g_ptr_array_add(both->parts, all);
      g_ptr_array_add(both->parts, one);
      all = both;
    }
  }
  return all;
}

static ItvCardsExpression *
read_expression(ItvCardsReader *reader, const ItvXml *xml)
{
  ItvCardsExpression *e = itv_cards_expression_new();
  e->arithmetic = strcmp(xml->name, "ArithmeticExpression") == 0;
  e->line = xml->line;
  e->text = stripped(xml->text);
  if (!e->arithmetic)
    itv_cards_read_mixed(reader, xml, TRUE, e->pieces);
  else
    itv_cards_read_braces(e->text, xml->line, e->pieces);
  return e;
}

ItvCardsExpression *
itv_cards_read_expression(ItvCardsReader *reader, const ItvXml *xml)
{
  const ItvXml *arithmetic = itv_xml_child(xml, "ArithmeticExpression", 0);
  const ItvXml *text = itv_xml_child(xml, "TextExpression", 0);
  if (!arithmetic && !text) {
    itv_cards_refuse(reader, xml, "%s has neither decision nor expression", xml->name);
    return NULL;
  }
  return read_expression(reader, arithmetic ? arithmetic : text);
}

/* One child of a branch that is no condition. */
static void
read_content(ItvCardsReader *reader, const ItvXml *child, ItvCardsBranch *branch)
{
  if (strcmp(child->name, "Label") == 0 || strcmp(child->name, "Description") == 0) {
    if (!branch->label)
      branch->label = stripped(child->text);
  } else if (strcmp(child->name, "EndPointRef") == 0) {
    const char *diagram = itv_xml_attr(child, "DiagramId", NULL);
    if (branch->end_point)
      itv_cards_refuse(reader, child, "a branch leads to one end point only");
    else
      branch->end_point = stripped(itv_xml_attr(child, "EndPointId", ""));
    if (!branch->diagram)
      branch->diagram = g_strdup(diagram);
  } else if (strcmp(child->name, "DecisionPoint") == 0) {
    if (branch->decision)
      itv_cards_refuse(reader, child, "a branch leads to one decision point only");
    else
      branch->decision = itv_cards_read_decision(reader, child);
  } else if (g_str_has_suffix(child->name, "Expression")) {
    if (branch->expression)
      itv_cards_refuse(reader, child, "a branch has one expression only");
    else
      branch->expression = read_expression(reader, child);
  } else if (strcmp(child->name, "ReportText") == 0) {
    itv_cards_read_report_text(reader, child, branch->pieces);
  } else if (strcmp(child->name, "Branch") == 0) {
    g_ptr_array_add(branch->branches, itv_cards_read_branch(reader, child));
  } else if (strcmp(child->name, "NotRelevantDataElements") != 0) {
    itv_cards_refuse(reader, child, "%s is not understood in a branch", child->name);
  }
}

ItvCardsBranch *
itv_cards_read_branch(ItvCardsReader *reader, const ItvXml *xml)
{
  ItvCardsBranch *branch = itv_cards_branch_new();
  branch->line = xml->line;
  branch->condition = itv_cards_read_conditions(reader, xml);
  for (guint i = 0; i < xml->children->len; i++) {
    const ItvXml *child = xml->children->pdata[i];
    if (!itv_cards_is_condition(child))
      read_content(reader, child, branch);
  }
  return branch;
}

ItvCardsDecision *
itv_cards_read_decision(ItvCardsReader *reader, const ItvXml *xml)
{
  ItvCardsDecision *d = itv_cards_decision_new();
  const ItvXml *label = itv_xml_child(xml, "Label", 0);
  d->line = xml->line;
  d->id = g_strdup(itv_xml_attr(xml, "Id", NULL));
  d->label = label ? stripped(label->text) : NULL;
  for (guint i = 0; i < xml->children->len; i++) {
    const ItvXml *child = xml->children->pdata[i];
    if (strcmp(child->name, "Branch") == 0)
      g_ptr_array_add(d->branches, itv_cards_read_branch(reader, child));
    else if (strcmp(child->name, "DefaultBranch") == 0 && !d->otherwise)
      d->otherwise = itv_cards_read_branch(reader, child);
    else if (strcmp(child->name, "Label") != 0 && strcmp(child->name, "Description") != 0)
      itv_cards_refuse(reader, child, "%s is not understood in a decision point", child->name);
  }
  return d;
}
