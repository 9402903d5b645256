/* SPDX-License-Identifier: Apache-2.0
 *
 * The proof that every case lands in exactly one end point, or where it does
 * not: gaps and overlaps as regions in words, rules and end points that no case
 * reaches, schedules that run backwards.
 */
#include "engine/guideline.h"

#include <string.h>

#define error_at(faults, kind, line, ...)                                                          \
  itv_fault_add(faults, ITV_FAULT_ERROR, kind, line, __VA_ARGS__)
#define MAX_TOLD 20 /* gaps; whoever has more mends these first */

/* Two rules for the same cases, and the first region where they meet. */
typedef struct {
  guint a, b;
  gboolean same_end;
  ItvExtent *box;
} Clash;

typedef struct {
  GPtrArray *gaps; /* ItvExtent[] */
  GArray *clashes; /* Clash */
  gboolean *rule_reached, *end_reached;
  guint regions;
} Survey;

static void
clear_clash(gpointer data)
{
  g_free(((Clash *)data)->box);
}

static ItvExtent *
copy_box(const ItvGuideline *g, const ItvExtent *box)
{
  return g_memdup2(box, (g->variables->len + 1) * sizeof(ItvExtent));
}

static void
note_clash(Survey *s, const ItvGuideline *g, const ItvExtent *box, guint a, guint b)
{
  for (guint i = 0; i < s->clashes->len; i++) {
    const Clash *c = &g_array_index(s->clashes, Clash, i);
    if (c->a == a && c->b == b)
      return;
  }
  const Clash c = {a, b, itv_guideline_rule(g, a)->end == itv_guideline_rule(g, b)->end,
                   copy_box(g, box)};
  g_array_append_val(s->clashes, c);
}

#define MAX_GAPS 4096u /* kept for joining */

static gboolean
survey(const ItvGuideline *g, const ItvExtent *box, const guint *rules, guint n, gpointer data)
{
  Survey *s = data;
  s->regions++;
  if (n == 0 && s->gaps->len < MAX_GAPS)
    g_ptr_array_add(s->gaps, copy_box(g, box));
  for (guint i = 0; i < n; i++) {
    const guint end = itv_guideline_rule(g, rules[i])->end;
    s->rule_reached[rules[i]] = TRUE;
    if (end != ITV_NO_INDEX)
      s->end_reached[end] = TRUE;
    for (guint k = 0; k < i && s->clashes->len < MAX_TOLD; k++)
      note_clash(s, g, box, rules[k], rules[i]);
  }
  return TRUE;
}

/* ---- gaps: neighbours that differ in one variable are one gap ------------------------- */

/* Makes `a` the union of both when that is a box. */
static gboolean
join(const ItvGuideline *g, ItvExtent *a, const ItvExtent *b)
{
  guint differs = ITV_NO_INDEX;
  for (guint i = 0; i < g->variables->len; i++) {
    if (itv_extent_equal(itv_guideline_variable(g, i), a[i], b[i]))
      continue;
    if (differs != ITV_NO_INDEX)
      return FALSE;
    differs = i;
  }
  if (differs == ITV_NO_INDEX)
    return TRUE;
  if (!itv_variable_is_number(itv_guideline_variable(g, differs))) {
    a[differs].mask |= b[differs].mask;
    return TRUE;
  }
  if (a[differs].hi != b[differs].lo && b[differs].hi != a[differs].lo)
    return FALSE;
  a[differs].lo = MIN(a[differs].lo, b[differs].lo);
  a[differs].hi = MAX(a[differs].hi, b[differs].hi);
  return TRUE;
}

static gboolean
join_once(const ItvGuideline *g, GPtrArray *gaps)
{
  for (guint i = 0; i < gaps->len; i++)
    for (guint k = i + 1; k < gaps->len; k++)
      if (join(g, gaps->pdata[i], gaps->pdata[k])) {
        g_ptr_array_remove_index(gaps, k);
        return TRUE;
      }
  return FALSE;
}

static void
tell_gaps(const ItvGuideline *g, GPtrArray *gaps, int line, GArray *faults)
{
  if (gaps->len <= 256) /* more are told as they are */
    while (join_once(g, gaps))
      continue;
  for (guint i = 0; i < gaps->len && i < MAX_TOLD; i++) {
    g_autofree char *words = itv_guideline_box_words(g, gaps->pdata[i]);
    error_at(faults, "gap", line, "%s: no rule, so no end point", words);
  }
  if (gaps->len > MAX_TOLD)
    error_at(faults, "gap", line, "... and %u gaps more", gaps->len - MAX_TOLD);
}

/* ---- overlaps ----------------------------------------------------------------------------- */

static void
tell_clashes(const ItvGuideline *g, const GArray *clashes, GArray *faults)
{
  for (guint i = 0; i < clashes->len; i++) {
    const Clash *c = &g_array_index(clashes, Clash, i);
    const ItvGuidelineRule *a = itv_guideline_rule(g, c->a), *b = itv_guideline_rule(g, c->b);
    g_autofree char *words = itv_guideline_box_words(g, c->box);
    itv_fault_add(faults, c->same_end ? ITV_FAULT_WARNING : ITV_FAULT_ERROR, "overlap", b->line,
                  "%s: both rule %s (line %d) and rule %s hold%s", words, a->id, a->line, b->id,
                  c->same_end ? ", though they lead to the same end point"
                              : ", and they lead to different end points");
  }
}

/* ---- what nobody reaches --------------------------------------------------------------------- */

/* What an end point that is reached leads to when something happens is reached too. */
static void
follow_restarts(const ItvGuideline *g, gboolean *reached)
{
  gboolean again = TRUE;
  while (again) {
    again = FALSE;
    for (guint i = 0; i < g->ends->len; i++) {
      const GArray *restarts = itv_guideline_end(g, i)->restarts;
      for (guint k = 0; reached[i] && k < restarts->len; k++) {
        const guint then = g_array_index(restarts, ItvGuidelineRestart, k).then;
        if (then != ITV_NO_INDEX && !reached[then])
          reached[then] = again = TRUE;
      }
    }
  }
}

static void
tell_unreached(const ItvGuideline *g, const Survey *s, GArray *faults)
{
  for (guint i = 0; i < g->rules->len; i++) {
    const ItvGuidelineRule *rule = itv_guideline_rule(g, i);
    gboolean empty = FALSE;
    for (guint k = 0; k < g->variables->len; k++)
      empty |= itv_extent_empty(itv_guideline_variable(g, k), rule->extents[k]);
    if (!s->rule_reached[i] && !empty) /* an empty one was told when it was read */
      error_at(faults, "unreachable", rule->line,
               "no case comes to rule %s: the rules before it take them all", rule->id);
  }
  for (guint i = 0; i < g->ends->len; i++)
    if (!s->end_reached[i])
      error_at(faults, "unreachable", itv_guideline_end(g, i)->line,
               "no case comes to the end point %s", itv_guideline_end(g, i)->id);
}

static void
tell_unused(const ItvGuideline *g, GArray *faults)
{
  for (guint i = 0; i < g->variables->len; i++) {
    const ItvVariable *v = itv_guideline_variable(g, i);
    gboolean used = FALSE;
    for (guint k = 0; k < g->rules->len && !used; k++)
      used = !itv_extent_equal(v, itv_guideline_rule(g, k)->extents[i], itv_variable_extent(v));
    if (!used)
      itv_fault_add(faults, ITV_FAULT_WARNING, "unused", v->line, "no rule asks for %s", v->name);
  }
  for (guint i = 0; i < g->growths->len; i++) {
    gboolean used = FALSE;
    for (guint k = 0; k < g->ends->len; k++) {
      const GArray *restarts = itv_guideline_end(g, k)->restarts;
      for (guint n = 0; n < restarts->len; n++)
        used |= g_array_index(restarts, ItvGuidelineRestart, n).growth == i;
    }
    if (!used)
      itv_fault_add(faults, ITV_FAULT_WARNING, "unused", itv_guideline_growth(g, i)->line,
                    "no end point uses the growth definition %s", itv_guideline_growth(g, i)->id);
  }
}

/* ---- schedules
 * ------------------------------------------------------------------------------------ */

static gboolean
is_zero(ItvPeriod p)
{
  return p.months == 0 && p.days == 0;
}

static void
check_steps(const ItvGuidelineEnd *e, GArray *faults)
{
  const ItvDate start = itv_date_new(2023, 1, 1);
  ItvDate before = start - 1;
  for (guint i = 0; i < e->steps->len; i++) {
    const ItvGuidelineStep *s = &g_array_index(e->steps, ItvGuidelineStep, i);
    if (s->every && is_zero(s->earliest))
      error_at(faults, "schedule", e->line, "end point %s repeats after no time at all", e->id);
    if (s->every && s->times == 0 && i + 1 < e->steps->len)
      error_at(faults, "schedule", e->line,
               "end point %s: what follows \"every\" without times is never reached", e->id);
    if (s->every && itv_date_add(start, s->latest) < itv_date_add(start, s->earliest))
      error_at(faults, "schedule", e->line, "end point %s: a window ends before it begins", e->id);
    if (s->every) {
      before = G_MAXINT32; /* windows count from the exam: none may follow */
      continue;
    }
    const ItvDate from = itv_date_add(start, s->earliest), to = itv_date_add(start, s->latest);
    if (to < from)
      error_at(faults, "schedule", e->line, "end point %s: a window ends before it begins", e->id);
    if (from <= before)
      error_at(faults, "schedule", e->line,
               "end point %s: its windows must follow one another, and stand before \"every\"",
               e->id);
    before = to;
  }
}

static void
check_end(const ItvGuidelineEnd *e, GArray *faults)
{
  if (e->kind != ITV_END_ACTION && (e->steps->len || e->modalities))
    error_at(faults, "schedule", e->line, "end point %s asks for nothing, yet has a schedule",
             e->id);
  if (e->kind == ITV_END_ACTION && e->action == ITV_KIND_OF_IMAGING && !e->steps->len)
    error_at(faults, "schedule", e->line, "end point %s asks for imaging, but not when", e->id);
  check_steps(e, faults);
}

/* ---- all of it
 * --------------------------------------------------------------------------------------- */

static int
by_line(gconstpointer a, gconstpointer b)
{
  const ItvFault *x = a, *y = b;
  return x->line != y->line ? (x->line < y->line ? -1 : 1) : g_strcmp0(x->text, y->text);
}

ItvGuidelineProof
itv_guideline_check(const ItvGuideline *g, GArray *faults)
{
  g_autofree ItvExtent *all = itv_guideline_box(g);
  g_autoptr(GPtrArray) gaps = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GArray) clashes = g_array_new(FALSE, TRUE, sizeof(Clash));
  g_autofree gboolean *rules = g_new0(gboolean, g->rules->len + 1);
  g_autofree gboolean *ends = g_new0(gboolean, g->ends->len + 1);
  Survey s = {gaps, clashes, rules, ends, 0};
  ItvGuidelineProof proof = {0, 0};
  const int line = g->rules->len ? itv_guideline_rule(g, 0)->line : 1;
  g_array_set_clear_func(clashes, clear_clash);
  if (itv_guideline_regions(g, all, survey, &s)) {
    tell_gaps(g, gaps, line, faults);
    tell_clashes(g, clashes, faults);
    follow_restarts(g, ends);
    tell_unreached(g, &s, faults);
  } else {
    error_at(faults, "limit", line,
             "the rules cut the cases into too many regions to be proved; part the guideline");
  }
  tell_unused(g, faults);
  for (guint i = 0; i < g->ends->len; i++) {
    check_end(itv_guideline_end(g, i), faults);
    proof.ends_reached += ends[i] ? 1 : 0;
  }
  proof.regions = s.regions;
  g_array_sort(faults, by_line);
  return proof;
}
