/* SPDX-License-Identifier: Apache-2.0
 *
 * One case through a guideline, three-valued: what is not known stays a whole
 * extent, and the answer is definite when every region that is left leads to
 * the same end point.  Knowing more only ever shrinks the box, so an answer,
 * once definite, cannot change.
 */
#include "engine/guideline.h"

#include <string.h>

#include "base/error.h"

/* ---- what is known --------------------------------------------------------------------- */

/* What one `have` is in `want`, over ten thousand; 0: it cannot be said. */
static gint64
unit_factor(const char *have, const char *want)
{
  static const struct {
    const char *unit;
    gint64 factor; /* in units of the smallest of its kind */
    char kind;
  } units[] = {{"mm", 1, 'l'},     {"cm", 10, 'l'},   {"m", 1000, 'l'}, {"mm3", 1, 'v'},
               {"cm3", 1000, 'v'}, {"ml", 1000, 'v'}, {"cc", 1000, 'v'}};
  gint64 from = 0, to = 0;
  char kind = 0;
  if (!*have || g_ascii_strcasecmp(have, want) == 0)
    return ITV_DECIMAL_ONE;
  for (guint i = 0; i < G_N_ELEMENTS(units); i++)
    if (g_ascii_strcasecmp(units[i].unit, have) == 0)
      from = units[i].factor, kind = units[i].kind;
  for (guint i = 0; i < G_N_ELEMENTS(units) && from; i++)
    if (g_ascii_strcasecmp(units[i].unit, want) == 0 && units[i].kind == kind)
      to = units[i].factor;
  return to ? from * ITV_DECIMAL_ONE / to : 0;
}

static gboolean
read_value(const ItvVariable *v, const char *text, ItvDecimal *ret, GError **error)
{
  g_autofree char *copy = g_strstrip(g_strdup(text));
  ItvDate date = ITV_DATE_NONE;
  if (v->type == ITV_VARIABLE_DATE) {
    if (!itv_date_parse(copy, &date))
      return itv_fail(error, ITV_ERROR_USAGE, "%s: \"%s\" is no date (YYYY-MM-DD)", v->name, copy);
    *ret = (ItvDecimal)date * ITV_DECIMAL_ONE;
    return TRUE;
  }
  const gsize digits = strspn(copy, "+-0123456789.");
  g_autofree char *unit = g_strstrip(g_strdup(copy + digits));
  copy[digits] = '\0';
  const gint64 factor = unit_factor(unit, v->unit ? v->unit : "");
  if (!itv_decimal_parse(copy, ret))
    return itv_fail(error, ITV_ERROR_USAGE, "%s: \"%s\" is no number%s%s", v->name, text,
                    v->unit ? " of " : "", v->unit ? v->unit : "");
  if (factor == 0 || (factor < ITV_DECIMAL_ONE && *ret % (ITV_DECIMAL_ONE / factor)))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is given in %s, not in \"%s\"", v->name,
                    v->unit ? v->unit : "plain numbers", unit);
  *ret = factor >= ITV_DECIMAL_ONE ? *ret * (factor / ITV_DECIMAL_ONE)
                                   : *ret / (ITV_DECIMAL_ONE / factor);
  return TRUE;
}

static gboolean
in_range(const ItvVariable *v, ItvDecimal d, GError **error)
{
  if (d >= v->min && d <= v->max)
    return TRUE;
  g_autofree char *min = itv_decimal_format(v->min);
  g_autofree char *max = itv_decimal_format(v->max);
  if (v->type == ITV_VARIABLE_DATE)
    return itv_fail(error, ITV_ERROR_USAGE, "%s: that day is out of all reason", v->name);
  return itv_fail(error, ITV_ERROR_USAGE, "%s lies between %s and %s%s%s", v->name, min, max,
                  v->unit ? " " : "", v->unit ? v->unit : "");
}

/* "<6", "<=8mm", ">8", ">=6": bounds are meant of the rounded value. */
static gboolean
read_bound(const ItvVariable *v, const char *text, ItvExtent *e, GError **error)
{
  const gboolean less = *text == '<', equal = text[1] == '=';
  ItvDecimal d = 0;
  if (!read_value(v, text + 1 + equal, &d, error) || !in_range(v, d, error))
    return FALSE;
  const gint64 cut = itv_variable_cut(v, d, less == equal);
  if (less)
    e->hi = MIN(e->hi, cut);
  else
    e->lo = MAX(e->lo, cut);
  return TRUE;
}

static gboolean
read_number(const ItvVariable *v, const char *text, ItvExtent *e, GError **error)
{
  const char *dots = strstr(text, "..");
  ItvDecimal lo = 0, hi = 0;
  if (*text == '<' || *text == '>')
    return read_bound(v, text, e, error);
  if (dots) {
    g_autofree char *first = g_strndup(text, (gsize)(dots - text));
    if (!read_value(v, first, &lo, error) || !read_value(v, dots + 2, &hi, error))
      return FALSE;
  } else {
    if (!read_value(v, text, &lo, error))
      return FALSE;
    hi = lo;
  }
  if (!in_range(v, lo, error) || !in_range(v, hi, error))
    return FALSE;
  const ItvExtent full = *e;
  e->lo = MAX(full.lo, itv_variable_cut(v, itv_variable_round(v, lo), FALSE));
  e->hi = MIN(full.hi, itv_variable_cut(v, itv_variable_round(v, hi), TRUE));
  return TRUE;
}

static gboolean
read_choice(const ItvVariable *v, const char *text, ItvExtent *e, GError **error)
{
  g_auto(GStrv) codes = g_strsplit(text, "|", -1);
  guint32 mask = 0;
  for (guint i = 0; codes[i]; i++) {
    guint k = 0;
    g_strstrip(codes[i]);
    while (k < v->choices->len &&
           g_ascii_strcasecmp(g_array_index(v->choices, ItvChoice, k).code, codes[i]) != 0)
      k++;
    if (k == v->choices->len) {
      g_autoptr(GString) all = g_string_new(NULL);
      for (guint n = 0; n < v->choices->len; n++)
        g_string_append_printf(all, " %s", g_array_index(v->choices, ItvChoice, n).code);
      return itv_fail(error, ITV_ERROR_USAGE, "%s: \"%s\" is none of:%s", v->name, codes[i],
                      all->str);
    }
    mask |= 1u << k;
  }
  e->mask &= mask;
  return TRUE;
}

static guint
variable_meant(const ItvGuideline *g, const char *name)
{
  const guint by_name = itv_guideline_find_variable(g, name);
  if (by_name != ITV_NO_INDEX)
    return by_name;
  for (guint i = 0; i < g->variables->len; i++)
    if (strcmp(itv_guideline_variable(g, i)->fact, name) == 0)
      return i;
  return ITV_NO_INDEX;
}

gboolean
itv_guideline_set(const ItvGuideline *g, ItvExtent *box, const char *variable, const char *value,
                  GError **error)
{
  const guint i = variable_meant(g, variable);
  if (i == ITV_NO_INDEX) {
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint n = 0; n < g->variables->len; n++)
      g_string_append_printf(all, " %s", itv_guideline_variable(g, n)->name);
    return itv_fail(error, ITV_ERROR_USAGE, "%s does not ask for %s; it asks for:%s", g->id,
                    variable, all->str);
  }
  const ItvVariable *v = itv_guideline_variable(g, i);
  ItvExtent e = box[i];
  g_autofree char *text = g_strstrip(g_strdup(value));
  if (!(itv_variable_is_number(v) ? read_number : read_choice)(v, text, &e, error))
    return FALSE;
  if (itv_extent_empty(v, e))
    return itv_fail(error, ITV_ERROR_USAGE, "%s cannot be \"%s\" as well as what was said before",
                    v->name, value);
  box[i] = e;
  return TRUE;
}

/* ---- the answer -------------------------------------------------------------------------- */

typedef struct {
  ItvExtent *box;
  guint rule, end; /* ITV_NO_INDEX: a gap */
} Region;

static void
clear_region(gpointer data)
{
  g_free(((Region *)data)->box);
}

static gboolean
collect(const ItvGuideline *g, const ItvExtent *box, const guint *rules, guint n, gpointer data)
{
  GArray *regions = data;
  const Region region = {.box = g_memdup2(box, (g->variables->len + 1) * sizeof(ItvExtent)),
                         .rule = n ? rules[0] : ITV_NO_INDEX,
                         .end = n ? itv_guideline_rule(g, rules[0])->end : ITV_NO_INDEX};
  g_array_append_val(regions, region);
  return regions->len < 20000;
}

/* Are there two cases that differ in this variable only, and end differently? */
static gboolean
matters(const ItvGuideline *g, const GArray *regions, guint variable)
{
  for (guint a = 0; a < regions->len; a++)
    for (guint b = a + 1; b < regions->len; b++) {
      const Region *x = &g_array_index(regions, Region, a);
      const Region *y = &g_array_index(regions, Region, b);
      gboolean near = x->end != y->end;
      for (guint i = 0; i < g->variables->len && near; i++) {
        const ItvVariable *v = itv_guideline_variable(g, i);
        near = i == variable || !itv_extent_empty(v, itv_extent_meet(v, x->box[i], y->box[i]));
      }
      if (near)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_known(const ItvVariable *v, ItvExtent e)
{
  if (!itv_variable_is_number(v))
    return (e.mask & (e.mask - 1)) == 0;
  return v->step > 0 ? e.hi - e.lo <= v->step * 2 : e.hi - e.lo <= 1;
}

ItvGuidelineAnswer *
itv_guideline_run(const ItvGuideline *g, const ItvExtent *box)
{
  ItvGuidelineAnswer *answer = g_new0(ItvGuidelineAnswer, 1);
  g_autoptr(GArray) regions = g_array_new(FALSE, TRUE, sizeof(Region));
  g_autofree gboolean *possible = g_new0(gboolean, g->ends->len + 1);
  g_autofree gboolean *holding = g_new0(gboolean, g->rules->len + 1);
  guint n = 0;
  g_array_set_clear_func(regions, clear_region);
  answer->questions = g_array_new(FALSE, FALSE, sizeof(guint));
  answer->ends = g_array_new(FALSE, FALSE, sizeof(guint));
  answer->rules = g_array_new(FALSE, FALSE, sizeof(guint));
  answer->gap = !itv_guideline_regions(g, box, collect, regions);
  for (guint i = 0; i < regions->len; i++) {
    const guint end = g_array_index(regions, Region, i).end;
    answer->gap |= end == ITV_NO_INDEX;
    if (end == ITV_NO_INDEX)
      continue;
    possible[end] = TRUE;
    holding[g_array_index(regions, Region, i).rule] = TRUE;
  }
  for (guint i = 0; i < g->rules->len; i++)
    if (holding[i])
      g_array_append_val(answer->rules, i);
  for (guint i = 0; i < g->ends->len; i++)
    if (possible[i]) {
      g_array_append_val(answer->ends, i);
      n++;
    }
  if (n == 1 && !answer->gap) {
    answer->end = itv_guideline_end(g, g_array_index(answer->ends, guint, 0));
    answer->rule = itv_guideline_rule(g, g_array_index(regions, Region, 0).rule);
    return answer;
  }
  for (guint i = 0; i < g->variables->len; i++)
    if (!is_known(itv_guideline_variable(g, i), box[i]) && matters(g, regions, i))
      g_array_append_val(answer->questions, i);
  return answer;
}

void
itv_guideline_answer_free(ItvGuidelineAnswer *answer)
{
  if (!answer)
    return;
  g_array_unref(answer->questions);
  g_array_unref(answer->ends);
  g_array_unref(answer->rules);
  g_free(answer);
}

/* ---- the calendar ---------------------------------------------------------------------------- */

GArray *
itv_guideline_plan(const ItvGuidelineEnd *end, ItvDate exam, guint most)
{
  GArray *plan = g_array_new(FALSE, TRUE, sizeof(ItvPlannedVisit));
  ItvPeriod at = {
      0, 0}; /* since the exam: months are added up before days, so that no month's end is lost */
  const ItvDate stop = end->stops ? itv_date_add(exam, end->stop_after) : G_MAXINT32;
  for (guint i = 0; i < end->steps->len; i++) {
    const ItvGuidelineStep *s = &g_array_index(end->steps, ItvGuidelineStep, i);
    const guint times = s->every ? (s->times ? s->times : most) : 1;
    for (guint k = 0; k < times && plan->len < most; k++) {
      const ItvPeriod from =
          s->every ? (ItvPeriod){at.months + s->earliest.months, at.days + s->earliest.days}
                   : s->earliest;
      const ItvPeriod until =
          s->every ? (ItvPeriod){at.months + s->latest.months, at.days + s->latest.days}
                   : s->latest;
      const ItvPlannedVisit v = {itv_date_add(exam, from), itv_date_add(exam, until), s->consider};
      if (v.from > stop)
        return plan;
      at = until;
      g_array_append_val(plan, v);
    }
  }
  return plan;
}
