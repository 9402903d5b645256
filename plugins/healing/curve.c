/* SPDX-License-Identifier: Apache-2.0 */
#include "curve.h"

#include <math.h>

enum { MAX_POINTS = 256 };

void
curve_free(Curve *curve)
{
  if (!curve)
    return;
  g_array_unref(curve->points);
  g_free(curve);
}

double
curve_floor(const char *measure)
{
  return g_str_equal(measure, "rust") || g_str_equal(measure, "mrust") ? 4 : NAN;
}

double
curve_ceiling(const char *measure)
{
  return g_str_equal(measure, "rust") ? 12 : g_str_equal(measure, "mrust") ? 16 : NAN;
}

static gint
by_score(gconstpointer a, gconstpointer b)
{
  const double x = ((const CurvePoint *)a)->score, y = ((const CurvePoint *)b)->score;
  return x < y ? -1 : x > y;
}

static Curve *
curve_for(GPtrArray *curves, const char *measure)
{
  for (guint i = 0; i < curves->len; i++) {
    Curve *c = g_ptr_array_index(curves, i);
    if (g_str_equal(c->measure, measure))
      return c;
  }
  Curve *c = g_new0(Curve, 1);
  c->measure = measure;
  c->source = "";
  c->union_score = NAN;
  c->points = g_array_new(FALSE, FALSE, sizeof(CurvePoint));
  g_ptr_array_add(curves, c);
  return c;
}

static const char *
add_record(GPtrArray *curves, const itv_record *r)
{
  const char *measure = itv_record_str(r, "measure", NULL);
  if (!measure)
    return "it names no measure";
  const CurvePoint p = {itv_record_f64(r, "score", NAN), itv_record_f64(r, "early-days", -1),
                        itv_record_f64(r, "median-days", -1), itv_record_f64(r, "late-days", -1)};
  if (!isfinite(p.score) || !isfinite(p.early_days) || !isfinite(p.median_days) ||
      !isfinite(p.late_days))
    return "a number is missing or not finite";
  Curve *c = curve_for(curves, measure);
  c->source = itv_record_str(r, "source", c->source);
  c->union_score = itv_record_f64(r, "union-score", c->union_score);
  c->repeatability = itv_record_f64(r, "repeatability", c->repeatability);
  /* A record without any day only carries the union score and the reader error. */
  if (p.early_days < 0 && p.median_days < 0 && p.late_days < 0)
    return NULL;
  if ((p.median_days >= 0 && p.early_days > p.median_days) ||
      (p.late_days >= 0 && p.median_days > p.late_days))
    return "its days do not rise from early to median to late";
  if (c->points->len >= MAX_POINTS)
    return "the curve has too many points";
  g_array_append_val(c->points, p);
  return NULL;
}

GPtrArray *
curve_read_all(const itv_input *input, char **ret_error)
{
  g_autoptr(GPtrArray) curves = g_ptr_array_new_with_free_func((GDestroyNotify)curve_free);
  for (guint i = 0; i < input->n_records; i++) {
    const itv_record *r = &input->records[i];
    if (!g_str_equal(r->name, "interval.expectation/1"))
      continue;
    const char *why = add_record(curves, r);
    if (why) {
      *ret_error = g_strdup_printf("expectation (record %u): %s", i + 1, why);
      return NULL;
    }
  }
  for (guint i = 0; i < curves->len; i++)
    g_array_sort(((Curve *)g_ptr_array_index(curves, i))->points, by_score);
  return g_steal_pointer(&curves);
}

const Curve *
curve_find(GPtrArray *curves, const char *measure)
{
  for (guint i = 0; i < curves->len; i++)
    if (g_str_equal(((Curve *)g_ptr_array_index(curves, i))->measure, measure))
      return g_ptr_array_index(curves, i);
  return NULL;
}

/* Straight lines through (day, score), from the measure's floor on the day of
 * surgery; flat after the last point. */
static double
interpolate(const Curve *curve, double days, size_t member)
{
  double day0 = 0, score0 = curve_floor(curve->measure);
  gboolean any = FALSE;
  for (guint i = 0; i < curve->points->len; i++) {
    const CurvePoint *p = &g_array_index(curve->points, CurvePoint, i);
    const double day = *(const double *)(gconstpointer)((const char *)p + member);
    if (day < 0)
      continue;
    any = TRUE;
    if (days < day) {
      const double share = day > day0 ? (days - day0) / (day - day0) : 0;
      return score0 + share * (p->score - score0);
    }
    day0 = day;
    score0 = p->score;
  }
  return any ? score0 : NAN;
}

double
curve_early(const Curve *curve, double days)
{
  return interpolate(curve, days, G_STRUCT_OFFSET(CurvePoint, early_days));
}

double
curve_median(const Curve *curve, double days)
{
  return interpolate(curve, days, G_STRUCT_OFFSET(CurvePoint, median_days));
}

double
curve_late(const Curve *curve, double days)
{
  return interpolate(curve, days, G_STRUCT_OFFSET(CurvePoint, late_days));
}

const CurvePoint *
curve_next(const Curve *curve, double value)
{
  for (guint i = 0; i < curve->points->len; i++)
    if (g_array_index(curve->points, CurvePoint, i).score > value)
      return &g_array_index(curve->points, CurvePoint, i);
  return NULL;
}

const CurvePoint *
curve_reached(const Curve *curve, double value)
{
  const CurvePoint *reached = NULL;
  for (guint i = 0; i < curve->points->len; i++)
    if (g_array_index(curve->points, CurvePoint, i).score <= value)
      reached = &g_array_index(curve->points, CurvePoint, i);
  return reached;
}
