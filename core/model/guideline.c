/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guideline.h"

#include <string.h>

/* ---- making and freeing ------------------------------------------------------------ */

static void
clear_choice(ItvChoice *c)
{
  g_free(c->code);
  g_free(c->title);
}

static void
clear_variable(ItvVariable *v)
{
  g_free(v->name);
  g_free(v->title);
  g_free(v->question);
  g_free(v->fact);
  g_free(v->unit);
  g_clear_pointer(&v->choices, g_array_unref);
}

static void
clear_source(ItvGuidelineSource *s)
{
  g_free(s->id);
  g_free(s->cite);
}

static void
clear_rule(ItvGuidelineRule *r)
{
  g_free(r->id);
  g_free(r->where);
  g_free(r->extents);
}

static void
clear_restart(ItvGuidelineRestart *r)
{
  g_free(r->on);
  g_free(r->text);
}

static void
clear_end(ItvGuidelineEnd *e)
{
  g_free(e->id);
  g_free(e->text);
  g_free(e->stop_if);
  g_clear_pointer(&e->steps, g_array_unref);
  g_clear_pointer(&e->restarts, g_array_unref);
}

static void
clear_growth_case(ItvGrowthCase *c)
{
  g_free(c->measure);
}

static void
clear_growth(ItvGrowth *growth)
{
  g_free(growth->id);
  g_free(growth->text);
  g_clear_pointer(&growth->cases, g_array_unref);
}

static void
clear_scope(ItvGuidelineScope *s)
{
  g_strfreev(s->heads);
}

static GArray *
array_of(guint size, GDestroyNotify clear)
{
  GArray *array = g_array_new(FALSE, TRUE, size);
  g_array_set_clear_func(array, clear);
  return array;
}

ItvGuideline *
itv_guideline_new(void)
{
  ItvGuideline *g = g_new0(ItvGuideline, 1);
  g->valid_from = g->valid_until = ITV_DATE_NONE;
  g->policy = ITV_POLICY_UNIQUE;
  g->names = g_ptr_array_new_with_free_func(g_free);
  g->scopes = array_of(sizeof(ItvGuidelineScope), (GDestroyNotify)clear_scope);
  g->sources = array_of(sizeof(ItvGuidelineSource), (GDestroyNotify)clear_source);
  g->variables = array_of(sizeof(ItvVariable), (GDestroyNotify)clear_variable);
  g->rules = array_of(sizeof(ItvGuidelineRule), (GDestroyNotify)clear_rule);
  g->ends = array_of(sizeof(ItvGuidelineEnd), (GDestroyNotify)clear_end);
  g->growths = array_of(sizeof(ItvGrowth), (GDestroyNotify)clear_growth);
  return g;
}

void
itv_guideline_free(ItvGuideline *g)
{
  if (!g)
    return;
  g_free(g->file);
  g_free(g->id);
  g_free(g->version);
  g_free(g->title);
  g_free(g->issuer);
  g_free(g->superseded_by);
  g_free(g->signed_by);
  g_ptr_array_unref(g->names);
  g_array_unref(g->scopes);
  g_array_unref(g->sources);
  g_array_unref(g->variables);
  g_array_unref(g->rules);
  g_array_unref(g->ends);
  g_array_unref(g->growths);
  g_free(g);
}

void
itv_variable_init(ItvVariable *v)
{
  *v = (ItvVariable){.choices = array_of(sizeof(ItvChoice), (GDestroyNotify)clear_choice)};
}

void
itv_guideline_end_init(ItvGuidelineEnd *e)
{
  *e = (ItvGuidelineEnd){.steps = g_array_new(FALSE, TRUE, sizeof(ItvGuidelineStep)),
                         .restarts =
                             array_of(sizeof(ItvGuidelineRestart), (GDestroyNotify)clear_restart)};
}

void
itv_growth_init(ItvGrowth *growth)
{
  *growth =
      (ItvGrowth){.source = ITV_NO_INDEX,
                  .cases = array_of(sizeof(ItvGrowthCase), (GDestroyNotify)clear_growth_case)};
}

guint
itv_guideline_find_variable(const ItvGuideline *g, const char *name)
{
  for (guint i = 0; i < g->variables->len; i++)
    if (g_strcmp0(itv_guideline_variable(g, i)->name, name) == 0)
      return i;
  return ITV_NO_INDEX;
}

guint
itv_guideline_find_end(const ItvGuideline *g, const char *id)
{
  for (guint i = 0; i < g->ends->len; i++)
    if (g_strcmp0(itv_guideline_end(g, i)->id, id) == 0)
      return i;
  return ITV_NO_INDEX;
}

/* ---- decimals ------------------------------------------------------------------------ */

#define MAX_DIGITS 9 /* before the point: no sum of cuts can overflow */

gboolean
itv_decimal_parse(const char *text, ItvDecimal *ret)
{
  const char *p = text;
  const gboolean negative = *p == '-';
  p += *p == '-' || *p == '+';
  const gsize whole = strspn(p, "0123456789");
  ItvDecimal value = 0;
  if (whole == 0 || whole > MAX_DIGITS)
    return FALSE;
  for (gsize i = 0; i < whole; i++)
    value = value * 10 + (p[i] - '0');
  p += whole;
  gsize places = 0;
  if (*p == '.') {
    p++;
    places = strspn(p, "0123456789");
    if (places == 0 || places > 4)
      return FALSE;
  }
  for (gsize i = 0; i < 4; i++)
    value = value * 10 + (i < places ? p[i] - '0' : 0);
  if (p[places] != '\0')
    return FALSE;
  *ret = negative ? -value : value;
  return TRUE;
}

char *
itv_decimal_format(ItvDecimal d)
{
  const gint64 whole = ABS(d) / ITV_DECIMAL_ONE, rest = ABS(d) % ITV_DECIMAL_ONE;
  GString *s = g_string_new(d < 0 ? "-" : "");
  g_string_append_printf(s, "%" G_GINT64_FORMAT, whole);
  if (rest) {
    g_string_append_printf(s, ".%04d", (int)rest);
    while (s->str[s->len - 1] == '0')
      g_string_truncate(s, s->len - 1);
  }
  return g_string_free(s, FALSE);
}

/* ---- extents --------------------------------------------------------------------------- */

gboolean
itv_variable_is_number(const ItvVariable *v)
{
  return v->type != ITV_VARIABLE_CHOICE && v->type != ITV_VARIABLE_BOOLEAN;
}

static gint64
floor_div(gint64 a, gint64 b)
{
  return a / b - (a % b != 0 && a < 0);
}

ItvDecimal
itv_variable_round(const ItvVariable *v, ItvDecimal value)
{
  if (v->step <= 0)
    return value;
  const ItvDecimal half = v->round_down ? 0 : v->step / 2 + v->step % 2;
  return floor_div(value + half, v->step) * v->step;
}

gint64
itv_variable_cut(const ItvVariable *v, ItvDecimal decimal, gboolean after)
{
  if (v->step <= 0)
    return decimal * 2 + (after ? 1 : 0);
  const gint64 below = floor_div(decimal, v->step); /* the last multiple not above it */
  const gboolean exact = below * v->step == decimal;
  return (exact && !after ? below : below + 1) * v->step * 2;
}

ItvExtent
itv_variable_extent(const ItvVariable *v)
{
  if (!itv_variable_is_number(v))
    return (ItvExtent){.mask = v->choices->len >= 32 ? G_MAXUINT32 : (1u << v->choices->len) - 1};
  return (ItvExtent){.lo = itv_variable_cut(v, v->min, FALSE),
                     .hi = itv_variable_cut(v, v->max, TRUE)};
}

gboolean
itv_extent_empty(const ItvVariable *v, ItvExtent e)
{
  return itv_variable_is_number(v) ? e.lo >= e.hi : e.mask == 0;
}

ItvExtent
itv_extent_meet(const ItvVariable *v, ItvExtent a, ItvExtent b)
{
  if (!itv_variable_is_number(v))
    return (ItvExtent){.mask = a.mask & b.mask};
  return (ItvExtent){.lo = MAX(a.lo, b.lo), .hi = MIN(a.hi, b.hi)};
}

gboolean
itv_extent_covers(const ItvVariable *v, ItvExtent outer, ItvExtent inner)
{
  if (!itv_variable_is_number(v))
    return (inner.mask & ~outer.mask) == 0;
  return outer.lo <= inner.lo && inner.hi <= outer.hi;
}

gboolean
itv_extent_equal(const ItvVariable *v, ItvExtent a, ItvExtent b)
{
  return itv_variable_is_number(v) ? a.lo == b.lo && a.hi == b.hi : a.mask == b.mask;
}
