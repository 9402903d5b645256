/* SPDX-License-Identifier: Apache-2.0
 *
 * The cases of a guideline, split into regions that are decided alike.
 *
 * A box of cases is split at the borders of the rules that cut through it,
 * until every rule either holds for the whole box or for none of it.  No case
 * is sampled: the regions are disjoint and together they are the box, so what
 * holds for each region holds for every case.
 */
#include "engine/guideline.h"

#include <string.h>

#define MAX_REGIONS 1000000u
#define MAX_DEPTH 2048u
#define MAX_WORK 50000000u /* extents looked at: less than a second */

typedef struct {
  const ItvGuideline *g;
  ItvRegionVisit visit;
  gpointer data;
  guint regions, depth;
  guint64 work;
  gboolean stopped, overrun;
} Walk;

ItvExtent *
itv_guideline_box(const ItvGuideline *g)
{
  ItvExtent *box = g_new0(ItvExtent, g->variables->len + 1);
  for (guint i = 0; i < g->variables->len; i++)
    box[i] = itv_variable_extent(itv_guideline_variable(g, i));
  return box;
}

static gboolean
meets(const ItvGuideline *g, const ItvGuidelineRule *rule, const ItvExtent *box)
{
  for (guint i = 0; i < g->variables->len; i++) {
    const ItvVariable *v = itv_guideline_variable(g, i);
    if (itv_extent_empty(v, itv_extent_meet(v, rule->extents[i], box[i])))
      return FALSE;
  }
  return TRUE;
}

/* The first variable in which the rule holds for a part of the box only;
 * ITV_NO_INDEX: it holds for all of it. */
static guint
cut_variable(const ItvGuideline *g, const ItvGuidelineRule *rule, const ItvExtent *box)
{
  for (guint i = 0; i < g->variables->len; i++)
    if (!itv_extent_covers(itv_guideline_variable(g, i), rule->extents[i], box[i]))
      return i;
  return ITV_NO_INDEX;
}

static void walk(Walk *w, ItvExtent *box, const guint *rules, guint n_rules);

static void
take(Walk *w, const ItvExtent *box, const guint *rules, guint n_rules)
{
  if (++w->regions > MAX_REGIONS)
    w->overrun = TRUE;
  else if (!w->visit(w->g, box, rules, n_rules, w->data))
    w->stopped = TRUE;
}

/* Below, inside and above the rule's extent; the choices in it and out of it. */
static void
split(Walk *w, ItvExtent *box, const guint *rules, guint n_rules, guint variable,
      const ItvExtent *by)
{
  const ItvVariable *v = itv_guideline_variable(w->g, variable);
  const ItvExtent whole = box[variable];
  const ItvExtent inside = itv_extent_meet(v, whole, *by);
  ItvExtent parts[3];
  if (itv_variable_is_number(v)) {
    parts[0] = (ItvExtent){.lo = whole.lo, .hi = inside.lo};
    parts[1] = inside;
    parts[2] = (ItvExtent){.lo = inside.hi, .hi = whole.hi};
  } else {
    parts[0] = inside;
    parts[1] = (ItvExtent){.mask = whole.mask & ~inside.mask};
    parts[2] = (ItvExtent){0};
  }
  for (guint i = 0; i < G_N_ELEMENTS(parts) && !w->stopped && !w->overrun; i++) {
    if (itv_extent_empty(v, parts[i]))
      continue;
    box[variable] = parts[i];
    walk(w, box, rules, n_rules);
  }
  box[variable] = whole;
}

static void
walk(Walk *w, ItvExtent *box, const guint *rules, guint n_rules)
{
  g_autofree guint *live = g_new(guint, n_rules + 1);
  guint n = 0;
  w->work += (guint64)(n_rules + 1) * w->g->variables->len;
  if (++w->depth > MAX_DEPTH || w->work > MAX_WORK)
    w->overrun = TRUE;
  for (guint i = 0; i < n_rules && !w->overrun; i++)
    if (meets(w->g, itv_guideline_rule(w->g, rules[i]), box))
      live[n++] = rules[i];
  if (w->g->policy == ITV_POLICY_FIRST && n > 0 &&
      cut_variable(w->g, itv_guideline_rule(w->g, live[0]), box) == ITV_NO_INDEX)
    n = 1; /* the others do not matter any more */
  for (guint i = 0; i < n && !w->overrun; i++) {
    const ItvGuidelineRule *rule = itv_guideline_rule(w->g, live[i]);
    const guint variable = cut_variable(w->g, rule, box);
    if (variable == ITV_NO_INDEX)
      continue;
    split(w, box, live, n, variable, &rule->extents[variable]);
    w->depth--;
    return;
  }
  if (!w->overrun)
    take(w, box, live, n);
  w->depth--;
}

gboolean
itv_guideline_regions(const ItvGuideline *g, const ItvExtent *box, ItvRegionVisit visit,
                      gpointer data)
{
  Walk w = {.g = g, .visit = visit, .data = data};
  g_autofree ItvExtent *own = g_memdup2(box, (g->variables->len + 1) * sizeof(ItvExtent));
  g_autofree guint *rules = g_new(guint, g->rules->len + 1);
  for (guint i = 0; i < g->rules->len; i++)
    rules[i] = i;
  for (guint i = 0; i < g->variables->len; i++)
    if (itv_extent_empty(itv_guideline_variable(g, i), own[i]))
      return TRUE; /* no case at all */
  walk(&w, own, rules, g->rules->len);
  return !w.overrun;
}

char *
itv_guideline_box_words(const ItvGuideline *g, const ItvExtent *box)
{
  GString *s = g_string_new(NULL);
  for (guint i = 0; i < g->variables->len; i++) {
    const ItvVariable *v = itv_guideline_variable(g, i);
    if (itv_extent_equal(v, box[i], itv_variable_extent(v)))
      continue;
    g_autofree char *words = itv_extent_words(v, box[i]);
    g_string_append_printf(s, "%s%s", s->len ? ", " : "", words);
  }
  if (!s->len)
    g_string_append(s, "every case");
  return g_string_free(s, FALSE);
}
