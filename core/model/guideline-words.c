/* SPDX-License-Identifier: Apache-2.0
 *
 * Extents and end points in words for a person.
 */
#include "model/guideline.h"

#include <string.h>

/* ---- extents ------------------------------------------------------------------------ */

static char *
value_words(const ItvVariable *v, ItvDecimal d)
{
  if (v->type == ITV_VARIABLE_DATE)
    return itv_date_format((ItvDate)(d / ITV_DECIMAL_ONE));
  return itv_decimal_format(d);
}

static char *
choice_words(const ItvVariable *v, guint32 mask)
{
  GString *s = g_string_new(v->title);
  guint n = 0;
  if (v->type == ITV_VARIABLE_BOOLEAN && (mask == 1 || mask == 2)) {
    g_string_append(s, mask == 1 ? ": no" : ": yes");
    return g_string_free(s, FALSE);
  }
  for (guint i = 0; i < v->choices->len; i++)
    if (mask & (1u << i))
      g_string_append_printf(s, "%s%s", n++ ? " or " : " ",
                             g_array_index(v->choices, ItvChoice, i).title);
  return g_string_free(s, FALSE);
}

/* The decimal of a cut. */
static ItvDecimal
floor_half(gint64 cut)
{
  return cut >= 0 || cut % 2 == 0 ? cut / 2 : cut / 2 - 1;
}

/* 6 <= size < 8 mm, with whole steps 6 <= size <= 7 mm. */
static char *
number_words(const ItvVariable *v, ItvExtent e)
{
  const ItvExtent full = itv_variable_extent(v);
  const gint64 last = v->step > 0 ? e.hi - v->step * 2 : e.hi;
  const gboolean open = v->step <= 0 && (e.hi & 1) == 0;
  g_autofree char *lo = value_words(v, floor_half(e.lo));
  g_autofree char *hi = value_words(v, floor_half(last));
  const gboolean left = e.lo > full.lo, right = e.hi < full.hi;
  const char *unit = v->unit && v->type != ITV_VARIABLE_DATE ? v->unit : "";
  const char *space = *unit ? " " : "";
  if ((left || right) && strcmp(lo, hi) == 0)
    return g_strdup_printf("%s = %s%s%s", v->title, lo, space, unit);
  if (left && right)
    return g_strdup_printf("%s %s %s %s %s%s%s", lo, e.lo & 1 ? "<" : "<=", v->title,
                           open ? "<" : "<=", hi, space, unit);
  if (left)
    return g_strdup_printf("%s %s %s%s%s", v->title, e.lo & 1 ? ">" : ">=", lo, space, unit);
  if (right)
    return g_strdup_printf("%s %s %s%s%s", v->title, open ? "<" : "<=", hi, space, unit);
  return g_strdup_printf("any %s", v->title);
}

char *
itv_extent_words(const ItvVariable *v, ItvExtent e)
{
  if (itv_extent_empty(v, e))
    return g_strdup_printf("no %s at all", v->title);
  if (itv_extent_equal(v, e, itv_variable_extent(v)))
    return g_strdup_printf("any %s", v->title);
  return itv_variable_is_number(v) ? number_words(v, e) : choice_words(v, e.mask);
}

/* ---- end points ------------------------------------------------------------------------ */

/* "6 months", "1 year", "6 to 12 months" where both have one unit. */
static void
split_period(ItvPeriod p, int *ret_n, const char **ret_unit)
{
  if (p.days == 0 && p.months && p.months % 12 == 0)
    *ret_n = p.months / 12, *ret_unit = "year";
  else if (p.days == 0 && p.months)
    *ret_n = p.months, *ret_unit = "month";
  else if (p.months == 0 && p.days % 7 == 0)
    *ret_n = p.days / 7, *ret_unit = "week";
  else
    *ret_n = p.days, *ret_unit = "day";
}

static char *
period_words(ItvPeriod a, ItvPeriod b)
{
  int m = 0, n = 0;
  const char *x = NULL, *y = NULL;
  split_period(a, &m, &x);
  split_period(b, &n, &y);
  if (a.months == b.months && a.days == b.days)
    return n == 0 ? g_strdup("now") : g_strdup_printf("%d %s%s", n, y, n == 1 ? "" : "s");
  if (a.days == 0 && b.days == 0 && strcmp(x, y) != 0)
    m = a.months, n = b.months, x = y = "month";
  if (m == 0 || strcmp(x, y) == 0)
    return m == 0 ? g_strdup_printf("within %d %s%s", n, y, n == 1 ? "" : "s")
                  : g_strdup_printf("%d to %d %ss", m, n, y);
  return g_strdup_printf("%d %s%s to %d %s%s", m, x, m == 1 ? "" : "s", n, y, n == 1 ? "" : "s");
}

static void
add_what(GString *s, ItvModalitySet modalities, const char *or_word)
{
  guint n = 0;
  for (int m = 1; m < ITV_MODALITY_N; m++)
    if (modalities & ITV_MODALITY_BIT(m))
      g_string_append_printf(s, "%s%s", n++ ? or_word : "", itv_modality_code((ItvModality)m));
}

static void
add_step(GString *s, const ItvGuidelineStep *step, gboolean first)
{
  g_autofree char *words = period_words(step->earliest, step->latest);
  g_string_append(s, first ? " " : ", then ");
  if (step->every)
    g_string_append_printf(s, "every %s", g_str_has_prefix(words, "1 ") ? words + 2 : words);
  else if (step->latest.months || step->latest.days)
    g_string_append_printf(s, "%s %s",
                           g_str_has_prefix(words, "within") ? ""
                           : first                           ? "in"
                                                             : "at",
                           words);
  else
    g_string_append(s, "now");
  if (step->every && step->times)
    g_string_append_printf(s, ", %u time%s", step->times, step->times == 1 ? "" : "s");
  if (step->modalities) {
    g_string_append(s, " by ");
    add_what(s, step->modalities, " or ");
  }
  if (step->consider)
    g_string_append(s, " (to be considered)");
}

static void
add_stop(GString *s, const ItvGuidelineEnd *e)
{
  g_autofree char *after = e->stops ? period_words(e->stop_after, e->stop_after) : NULL;
  if (after)
    g_string_append_printf(s, "; stop after %s", after);
  if (e->stops_at_age)
    g_string_append_printf(s, "%s at age %u", after ? ", or" : "; stop", e->stop_age);
  if (e->stop_if)
    g_string_append_printf(s, "%s %s", after || e->stops_at_age ? " when" : "; stop when",
                           e->stop_if);
}

char *
itv_guideline_end_words(const ItvGuidelineEnd *e)
{
  if (e->kind == ITV_END_NONE)
    return g_strdup("no follow-up");
  if (e->kind == ITV_END_OUTSIDE)
    return g_strdup("outside this guideline");
  GString *s = g_string_new(e->consider ? "consider " : "");
  if (e->action != ITV_KIND_OF_IMAGING)
    g_string_append(s, itv_action_kind_code(e->action));
  else if (!e->modalities)
    g_string_append(s, "imaging");
  if (e->modalities && e->action != ITV_KIND_OF_IMAGING)
    g_string_append_c(s, ' ');
  add_what(s, e->modalities, " or ");
  if (e->region)
    g_string_append_printf(s, " of %s", itv_region_code(e->region));
  for (guint i = 0; i < e->steps->len; i++)
    add_step(s, &g_array_index(e->steps, ItvGuidelineStep, i), i == 0);
  if (e->from_surgery)
    g_string_append(s, ", counted from the day of surgery");
  add_stop(s, e);
  return g_string_free(s, FALSE);
}

char *
itv_guideline_end_code(const ItvGuidelineEnd *e)
{
  if (e->kind != ITV_END_ACTION)
    return g_strdup(e->kind == ITV_END_NONE ? "none" : "outside");
  GString *s = g_string_new(e->consider ? "consider " : "");
  g_string_append(s, itv_action_kind_code(e->action));
  if (e->modalities)
    g_string_append_c(s, ' ');
  add_what(s, e->modalities, "/");
  for (guint i = 0; i < e->steps->len; i++) {
    const ItvGuidelineStep *step = &g_array_index(e->steps, ItvGuidelineStep, i);
    g_autofree char *a = itv_period_format(step->earliest);
    g_autofree char *b = itv_period_format(step->latest);
    g_string_append_printf(s, "%s%s%s %s", i ? ", " : ": ", step->consider ? "consider " : "",
                           step->every ? "every" : "at", a);
    if (strcmp(a, b) != 0)
      g_string_append_printf(s, "..%s", b);
    if (step->times)
      g_string_append_printf(s, " x%u", step->times);
    if (step->modalities) {
      g_string_append(s, " by ");
      add_what(s, step->modalities, "/");
    }
  }
  if (e->from_surgery)
    g_string_append(s, ", from surgery");
  g_autofree char *stop = e->stops ? itv_period_format(e->stop_after) : NULL;
  if (stop)
    g_string_append_printf(s, ", stop %s", stop);
  if (e->stops_at_age)
    g_string_append_printf(s, ", stop at age %u", e->stop_age);
  return g_string_free(s, FALSE);
}
