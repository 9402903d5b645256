/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cards-lint.h"

#include <math.h>
#include <string.h>

#include "base/date.h"
#include "engine/cards-case.h"

void
itv_cards_fault(GPtrArray *faults, gboolean error, const char *rule, int line, const char *format,
                ...)
{
  va_list args;
  ItvCardsFault *fault = g_new0(ItvCardsFault, 1);
  va_start(args, format);
  fault->text = g_strdup_vprintf(format, args);
  va_end(args);
  fault->error = error;
  fault->rule = rule;
  fault->line = line;
  g_ptr_array_add(faults, fault);
}

void
itv_cards_fault_free(ItvCardsFault *fault)
{
  g_free(fault->text);
  g_free(fault);
}

/* ---- ids and the references of the file -------------------------------------------------------
 */

typedef struct {
  GPtrArray *faults;
  GHashTable *seen;    /* id -> ItvXml, the first that bears it */
  GHashTable *doubled; /* ids that were told */
} Ids;

static void
collect_ids(const ItvXml *xml, Ids *ids)
{
  const char *id = itv_xml_attr(xml, "Id", NULL);
  const ItvXml *first = id ? g_hash_table_lookup(ids->seen, id) : NULL;
  if (first && g_hash_table_add(ids->doubled, itv_cards_key(id)))
    itv_cards_fault(ids->faults, TRUE, "duplicate-id", xml->line,
                    "%s: the id of this %s is that of line %d already", id, xml->name, first->line);
  if (id && !first)
    g_hash_table_insert(ids->seen, itv_cards_key(id), itv_cards_key(xml));
  for (guint i = 0; i < xml->children->len; i++)
    collect_ids(xml->children->pdata[i], ids);
}

static void
check_reference(const ItvXml *xml, const Ids *ids, const char *attribute, const char *kind)
{
  const char *value = itv_xml_attr(xml, attribute, NULL);
  if (!value)
    return;
  g_autofree char *id = g_strstrip(g_strdup(value));
  const ItvXml *target = g_hash_table_lookup(ids->seen, id);
  if (!target)
    itv_cards_fault(ids->faults, TRUE, "dangling-reference", xml->line,
                    "%s %s=\"%s\": the module has no such id", xml->name, attribute, id);
  else if (kind && !g_str_has_suffix(target->name, kind) && strcmp(target->name, "GlobalValue"))
    itv_cards_fault(ids->faults, TRUE, "dangling-reference", xml->line,
                    "%s %s=\"%s\": that is a %s (line %d)", xml->name, attribute, id, target->name,
                    target->line);
}

static void
check_references(const ItvXml *xml, const Ids *ids)
{
  check_reference(xml, ids, "DataElementId", "Element");
  check_reference(xml, ids, "EndPointId", "EndPoint");
  check_reference(xml, ids, "PartialId", "TemplatePartial");
  check_reference(xml, ids, "DiagramId", "Diagram");
  for (guint i = 0; i < xml->children->len; i++)
    check_references(xml->children->pdata[i], ids);
}

/* ---- the references of texts
 * ---------------------------------------------------------------------- */

typedef struct {
  const ItvCards *cards;
  GPtrArray *faults;
  GHashTable *reached; /* ids of end points */
} Lint;

static void
check_piece(const ItvCardsPiece *piece, gpointer data)
{
  Lint *lint = data;
  if (piece->kind == ITV_CARDS_VALUE &&
      !g_hash_table_contains(lint->cards->element_of, piece->text))
    itv_cards_fault(lint->faults, TRUE, "dangling-text", piece->line,
                    "the value of %s is inserted, but the module has no such data element",
                    piece->text);
  if (piece->kind == ITV_CARDS_PARTIAL &&
      !g_hash_table_contains(lint->cards->partial_of, piece->text))
    itv_cards_fault(lint->faults, TRUE, "dangling-text", piece->line,
                    "the template %s is inserted, but the module has none of that name",
                    piece->text);
}

static void
note_end_point(const ItvCardsBranch *branch, gpointer data)
{
  if (branch->end_point)
    g_hash_table_add(((Lint *)data)->reached, branch->end_point);
}

static void
check_end_points(Lint *lint)
{
  const ItvCardsVisitor visitor = {.branch = note_end_point, .data = lint};
  for (guint i = 0; i < lint->cards->decisions->len; i++)
    itv_cards_visit_decision(lint->cards->decisions->pdata[i], &visitor);
  for (guint i = 0; i < lint->cards->end_points->len; i++) {
    const ItvCardsEndPoint *end = lint->cards->end_points->pdata[i];
    if (!g_hash_table_contains(lint->reached, end->id))
      itv_cards_fault(lint->faults, TRUE, "unreachable-end-point", end->line,
                      "%s: no rule leads to this end point", end->id);
  }
}

/* ---- values
 * ------------------------------------------------------------------------------------------ */

static void
check_comparison(const ItvCardsCondition *k, gpointer data)
{
  Lint *lint = data;
  const ItvCardsElement *e =
      k->element ? g_hash_table_lookup(lint->cards->element_of, k->element) : NULL;
  if (!e || !k->value)
    return;
  const char *value = itv_cards_constant(lint->cards, k->value);
  const gboolean choices = e->kind == ITV_CARDS_CHOICE || e->kind == ITV_CARDS_MULTI_CHOICE;
  const gboolean ordered = k->test >= ITV_CARDS_GREATER && k->test <= ITV_CARDS_LESS_EQUAL;
  const gboolean numeric = e->kind >= ITV_CARDS_NUMBER && e->kind <= ITV_CARDS_TIME_SPAN;
  if (choices && !ordered && !e->free_text && !itv_cards_choice(e, k->value) &&
      !itv_cards_choice(e, value))
    itv_cards_fault(lint->faults, FALSE, "unknown-choice", k->line,
                    "%s is compared with \"%s\", which is none of its choices (line %d)", e->id,
                    k->value, e->line);
  if ((ordered || numeric) && isnan(itv_cards_number_of(lint->cards, e->kind, k->value)))
    itv_cards_fault(lint->faults, FALSE, "unknown-choice", k->line,
                    "%s (%s) is compared with \"%s\", which no such value can be", e->id,
                    itv_cards_kind_name(e->kind), k->value);
}

static void
check_hidden_choices(Lint *lint, const ItvCardsElement *e)
{
  for (guint i = 0; i < e->properties->len; i++) {
    const ItvCardsProperty *p = e->properties->pdata[i];
    for (guint h = 0; h < p->choices_hidden->len; h++)
      if (!itv_cards_choice(e, p->choices_hidden->pdata[h]))
        itv_cards_fault(lint->faults, FALSE, "unknown-choice", p->line,
                        "ChoiceNotRelevant \"%s\" is none of the choices of %s",
                        (char *)p->choices_hidden->pdata[h], e->id);
  }
}

/* An element that the rules look at, that need not be given and has no default: left
 * alone, it counts as without a value, and rules of it silently do not hold. */
static void
check_defaults(Lint *lint)
{
  g_autoptr(GHashTable) consulted = itv_cards_consulted(lint->cards);
  for (guint i = 0; i < lint->cards->elements->len; i++) {
    const ItvCardsElement *e = lint->cards->elements->pdata[i];
    guint defaults = 0;
    gboolean required = e->required;
    check_hidden_choices(lint, e);
    for (guint p = 0; p < e->properties->len; p++)
      required |= ((ItvCardsProperty *)e->properties->pdata[p])->required == 1;
    for (guint c = 0; c < e->choices->len; c++)
      defaults += ((ItvCardsChoice *)e->choices->pdata[c])->is_default;
    if (e->kind == ITV_CARDS_CHOICE && defaults > 1)
      itv_cards_fault(lint->faults, FALSE, "missing-default", e->line,
                      "%s has %u defaults: the first counts", e->id, defaults);
    if (e->kind < ITV_CARDS_COMPUTED && !required && defaults == 0 &&
        g_hash_table_contains(consulted, e))
      itv_cards_fault(lint->faults, FALSE, "missing-default", e->line,
                      "%s decides, but need not be given and has no default", e->id);
    if (e->minimum > e->maximum)
      itv_cards_fault(lint->faults, TRUE, "empty-range", e->line,
                      "%s: its minimum is above its maximum", e->id);
  }
}

static void
check_followups(Lint *lint)
{
  for (guint i = 0; i < lint->cards->end_points->len; i++) {
    const ItvCardsFollowup *f = ((ItvCardsEndPoint *)lint->cards->end_points->pdata[i])->followup;
    ItvPeriod earliest = {0, 0}, latest = {0, 0};
    if (!f)
      continue;
    if (!f->earliest || !itv_period_parse(f->earliest, &earliest))
      itv_cards_fault(lint->faults, TRUE, "followup", f->line,
                      "Earliest=\"%s\" is no period of years, months, weeks and days",
                      f->earliest ? f->earliest : "");
    else if (f->latest && !itv_period_parse(f->latest, &latest))
      itv_cards_fault(lint->faults, TRUE, "followup", f->line,
                      "Latest=\"%s\" is no period of years, months, weeks and days", f->latest);
    else if (f->latest && itv_period_days(latest) < itv_period_days(earliest))
      itv_cards_fault(lint->faults, TRUE, "followup", f->line, "Latest %s is before Earliest %s",
                      f->latest, f->earliest);
  }
}

static int
by_line(gconstpointer a, gconstpointer b)
{
  const ItvCardsFault *x = *(ItvCardsFault *const *)a, *y = *(ItvCardsFault *const *)b;
  return x->line != y->line ? x->line - y->line : strcmp(x->rule, y->rule);
}

GPtrArray *
itv_cards_lint(const ItvCards *cards, const ItvXml *xml, guint cases)
{
  GPtrArray *faults = g_ptr_array_new_with_free_func((GDestroyNotify)itv_cards_fault_free);
  Ids ids = {faults, g_hash_table_new(g_str_hash, g_str_equal),
             g_hash_table_new(g_str_hash, g_str_equal)};
  Lint lint = {cards, faults, g_hash_table_new(g_str_hash, g_str_equal)};
  const ItvCardsVisitor visitor = {
      .condition = check_comparison, .piece = check_piece, .data = &lint};
  collect_ids(xml, &ids);
  check_references(xml, &ids);
  itv_cards_visit(cards, &visitor);
  check_end_points(&lint);
  check_defaults(&lint);
  check_followups(&lint);
  itv_cards_find_gaps(cards, cases, faults);
  g_ptr_array_sort(faults, by_line);
  g_hash_table_unref(ids.seen);
  g_hash_table_unref(ids.doubled);
  g_hash_table_unref(lint.reached);
  return faults;
}
