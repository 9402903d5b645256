/* SPDX-License-Identifier: Apache-2.0
 *
 * Healing from scores over time.
 *
 * A curve's early edge says when a score may be hoped for at all, its median
 * when half of the patients have it: neither is an alarm.  Alarms are `delayed`,
 * only where a source gives the slow edge, and `no-progress` by the FDA's
 * definition of nonunion: nine months, and three months without progress.
 */
#include <math.h>
#include <string.h>

#include "curve.h"
#include "healing.h"

/* No score up to here is an alarm: at 6 weeks 84 % of nailed tibiae still score
 * 6 or less, and no implant failed in the first 8 weeks (Wojahn 2021). */
static const double silent_days = 56;
static const double baseline_days = 14;
enum { NONUNION_MONTHS = 9, FLAT_MONTHS = 3, MAX_FILMS = 2000 };
static const double z95 = 1.959964;

typedef struct {
  const char *measure, *unit, *study;
  double value, sd; /* sd < 0: not known */
  gint32 day;       /* days since 1 January 1 */
  double days;      /* since surgery */
  const char *verdict;
  char *reason; /* owned */
} Film;

typedef struct {
  gint32 surgery, as_of; /* as_of 0: no limit */
  GArray *films;         /* by measure, then by day */
  GPtrArray *curves;
} Series;

static void
clear_film(gpointer film)
{
  g_free(((Film *)film)->reason);
}

static gint
by_day(gconstpointer a, gconstpointer b)
{
  const Film *f = a, *g = b;
  const int c = strcmp(f->measure, g->measure);
  return c ? c : f->days < g->days ? -1 : f->days > g->days;
}

static char *
read_procedure(const itv_input *input, Series *s)
{
  guint n = 0;
  for (guint i = 0; i < input->n_records; i++) {
    const itv_record *r = &input->records[i];
    if (!g_str_equal(r->name, "interval.procedure/1"))
      continue;
    n++;
    s->surgery = healing_day(itv_record_str(r, "date", NULL));
    s->as_of = healing_day(itv_record_str(r, "as-of", NULL));
  }
  if (n > 1)
    return g_strdup_printf("%u procedures in one job: one is judged at a time", n);
  if (n == 1 && !s->surgery)
    return g_strdup(
        "the procedure's date is not known to the day: healing cannot be counted from it");
  return NULL;
}

static char *
read_films(const itv_input *input, Series *s)
{
  for (guint i = 0; i < input->n_records; i++) {
    const itv_record *r = &input->records[i];
    const itv_field *value = itv_record_field(r, "value", 0);
    if (!g_str_equal(r->name, "interval.measurement/1"))
      continue;
    if (!value || !value->unit || !itv_record_str(r, "measure", NULL))
      return g_strdup_printf("measurement (record %u) has no measure, value or unit", i + 1);
    Film f = {.measure = itv_record_str(r, "measure", NULL), .unit = value->unit};
    f.value = itv_record_f64(r, "value", NAN);
    f.sd = itv_record_f64(r, "uncertainty", -1);
    f.study = itv_record_str(r, "study-uid", NULL);
    f.day = healing_day(itv_record_str(r, "date", NULL));
    f.days = itv_record_f64(r, "days", f.day ? f.day - s->surgery : NAN);
    if (!isfinite(f.value) || !isfinite(f.sd) || (isfinite(f.days) && fabs(f.days) > 36525))
      return g_strdup_printf("measurement (record %u): a number is out of range", i + 1);
    if (!f.day && isfinite(f.days))
      f.day = s->surgery + (gint32)floor(f.days);
    /* Before the surgery, or not yet known on the day that is asked for. */
    if (!isfinite(f.days) || f.days < 0 || f.day < 1 || (s->as_of && f.day > s->as_of))
      continue;
    if (s->films->len >= MAX_FILMS)
      return g_strdup_printf("more than %d measurements in one series", MAX_FILMS);
    g_array_append_val(s->films, f);
  }
  g_array_sort(s->films, by_day);
  return NULL;
}

static const Film *
film_at(const Series *s, guint i)
{
  return &g_array_index(s->films, Film, i);
}

static double
reader_error(const Curve *curve, const char *measure)
{
  if (curve && curve->repeatability > 0)
    return curve->repeatability;
  /* One point is reader error for both scores (Whelan 2010, Litrenta 2015). */
  return isfinite(curve_floor(measure)) ? 1 : 0;
}

static gboolean
is_united(const Curve *curve, const Film *f)
{
  return curve && isfinite(curve->union_score) && f->value >= curve->union_score;
}

/* Is this film the end of three months without progress, nine months on?  The
 * films of those months, the one at their start included, are at least two. */
static gboolean
is_flat(const Series *s, guint i, guint *ret_first)
{
  const Film *f = film_at(s, i);
  const Curve *curve = curve_find(s->curves, f->measure);
  const double error = reader_error(curve, f->measure);
  if (error <= 0 || is_united(curve, f) || f->day < healing_add_months(s->surgery, NONUNION_MONTHS))
    return FALSE;
  const gint32 start = healing_add_months(f->day, -FLAT_MONTHS);
  guint first = i;
  while (first > 0 && g_str_equal(film_at(s, first - 1)->measure, f->measure)) {
    first--;
    if (film_at(s, first)->day <= start)
      break;
  }
  if (first == i || film_at(s, first)->day > start)
    return FALSE;
  for (guint k = first + 1; k <= i; k++)
    if (film_at(s, k)->value - film_at(s, first)->value > error)
      return FALSE;
  *ret_first = first;
  return TRUE;
}

static void
say(Film *f, const char *verdict, char *reason)
{
  g_free(f->reason);
  f->verdict = verdict;
  f->reason = reason;
}

static void
judge_by_curve(Film *f, const Curve *curve)
{
  const CurvePoint *next = curve_next(curve, f->value);
  const double error = reader_error(curve, f->measure);
  if (!next) {
    say(f, "on-course",
        g_strdup_printf("%s %.4g on day %.0f: every score of the curve is reached", f->measure,
                        f->value, f->days));
  } else if (next->early_days >= 0 && f->days < next->early_days &&
             !curve_reached(curve, f->value)) {
    say(f, "too-early",
        g_strdup_printf("%s %.4g on day %.0f: too early to expect %.4g, which only 5 %% "
                        "reach before day %.0f",
                        f->measure, f->value, f->days, next->score, next->early_days));
  } else if (next->late_days >= 0 && f->days > next->late_days && f->days > silent_days &&
             f->value + error < next->score) {
    say(f, "delayed",
        g_strdup_printf("%s %.4g on day %.0f: 95 %% reach %.4g by day %.0f", f->measure, f->value,
                        f->days, next->score, next->late_days));
  } else if (next->median_days >= 0 && f->days > next->median_days && f->days > silent_days) {
    say(f, "past-median",
        g_strdup_printf(
            "%s %.4g on day %.0f: half reach %.4g by day %.0f; no alarm%s", f->measure, f->value,
            f->days, next->score, next->median_days,
            f->value + error >= next->score ? ", and the difference is within reader error" : ""));
  } else {
    say(f, "on-course",
        next->median_days >= 0
            ? g_strdup_printf("%s %.4g on day %.0f: half reach %.4g by day %.0f", f->measure,
                              f->value, f->days, next->score, next->median_days)
            : g_strdup_printf("%s %.4g on day %.0f, before %.4g is expected", f->measure, f->value,
                              f->days, next->score));
  }
}

static void
judge(Series *s, guint i)
{
  Film *f = &g_array_index(s->films, Film, i);
  const Curve *curve = curve_find(s->curves, f->measure);
  const gboolean first = i == 0 || !g_str_equal(film_at(s, i - 1)->measure, f->measure);
  guint flat = 0;
  if (is_united(curve, f))
    say(f, "united",
        g_strdup_printf("%s %.4g on day %.0f: united from %.4g on%s", f->measure, f->value, f->days,
                        curve->union_score,
                        f->value - reader_error(curve, f->measure) < curve->union_score
                            ? ", within reader error of it"
                            : ""));
  else if (is_flat(s, i, &flat))
    say(f, "no-progress",
        g_strdup_printf(
            "%s %.4g on day %.0f, %.4g on day %.0f: %d months after surgery no progress "
            "beyond reader error (%.3g) in %d months, over %u films",
            f->measure, f->value, f->days, film_at(s, flat)->value, film_at(s, flat)->days,
            NONUNION_MONTHS, reader_error(curve, f->measure), FLAT_MONTHS, i - flat + 1));
  else if (first && f->days <= baseline_days)
    say(f, "baseline",
        g_strdup_printf("%s %.4g on day %.0f: the first film after surgery", f->measure, f->value,
                        f->days));
  else if (curve && curve->points->len)
    judge_by_curve(f, curve);
  else
    say(f, "not-resolvable",
        g_strdup_printf("%s %.4g on day %.0f: no healing curve is known for it here", f->measure,
                        f->value, f->days));
}

static double
clip(double x, double low, double high)
{
  if (isfinite(low) && x < low)
    return low;
  return isfinite(high) && x > high ? high : x;
}

static void
put_expected(Draft *d, const Curve *curve, const Film *f)
{
  const double high = curve_early(curve, f->days), median = curve_median(curve, f->days);
  const double late = curve_late(curve, f->days), low = isfinite(late) ? late : median;
  if (!isfinite(high) || !isfinite(low))
    return;
  draft_number(d, "expected-low", low, f->unit);
  draft_number(d, "expected-high", high, f->unit);
  if (!isfinite(late))
    draft_note(d,
               "expected: from what half of the patients have (%.3g) to what the fastest 5 %% have "
               "(%.3g); no source gives the slow edge",
               median, high);
  if (f->value > high && f->days > 0)
    draft_note(d, "higher than the fastest 5 %% on that day: check the reading");
}

static void
note_course(Draft *d, const Series *s, guint i)
{
  const Film *f = film_at(s, i), *p = i ? film_at(s, i - 1) : NULL;
  if (!p || !g_str_equal(p->measure, f->measure))
    return;
  const double error = reader_error(curve_find(s->curves, f->measure), f->measure);
  const double change = f->value - p->value;
  if (error > 0 && change < -error)
    draft_note(d, "lower than on day %.0f by %.3g, more than reader error (%.3g)", p->days, -change,
               error);
  else if (error > 0 && change != 0 && fabs(change) <= error)
    draft_note(d, "the change of %+.3g since day %.0f is within reader error", change, p->days);
}

static itv_status
emit_film(const Series *s, guint i, const itv_sink *out)
{
  const Film *f = film_at(s, i);
  const Curve *curve = curve_find(s->curves, f->measure);
  const double half = f->sd >= 0 ? z95 * f->sd : reader_error(curve, f->measure);
  const double floor_value = curve_floor(f->measure), ceiling = curve_ceiling(f->measure);
  g_autofree char *date = healing_date(f->day);
  Draft d;
  draft_init(&d);
  draft_text(&d, "date", date);
  draft_number(&d, "days", f->days, "d");
  draft_text(&d, "study-uid", f->study);
  draft_text(&d, "measure", f->measure);
  draft_number(&d, "value", f->value, f->unit);
  if (half > 0) {
    draft_number(&d, "ci-low", clip(f->value - half, floor_value, ceiling), f->unit);
    draft_number(&d, "ci-high", clip(f->value + half, floor_value, ceiling), f->unit);
  }
  if (curve)
    put_expected(&d, curve, f);
  draft_text(&d, "verdict", f->verdict);
  draft_note(&d, "%s", f->reason);
  note_course(&d, s, i);
  if (isfinite(floor_value) && (f->value < floor_value || f->value > ceiling))
    draft_note(&d, "%s runs from %.0f to %.0f: %.4g is no such score", f->measure, floor_value,
               ceiling, f->value);
  return draft_emit(&d, out, "interval.healing-point/1");
}

/* The measure that speaks for the whole: the first with a curve, then the
 * first with a union score, then any; the latest film of it. */
static const Film *
leading_film(const Series *s)
{
  const Film *best = NULL;
  int best_rank = -1;
  for (guint i = 0; i < s->films->len; i++) {
    const Film *f = film_at(s, i);
    const Curve *curve = curve_find(s->curves, f->measure);
    const int rank = curve && curve->points->len             ? 2
                     : curve && isfinite(curve->union_score) ? 1
                                                             : 0;
    if (rank > best_rank || (best && rank == best_rank && g_str_equal(best->measure, f->measure))) {
      best = f;
      best_rank = rank;
    }
  }
  return best;
}

static itv_status
emit_overall(const Series *s, const itv_sink *out)
{
  const Film *f = leading_film(s);
  Draft d;
  draft_init(&d);
  draft_text(&d, "verdict", f ? f->verdict : "not-resolvable");
  draft_text(&d, "reason", f ? f->reason : "Nothing was measured since the procedure");
  if (f && g_str_equal(f->verdict, "no-progress")) {
    draft_text(&d, "source",
               "FDA definition of nonunion: nine months, and three months without "
               "radiographic progress; counted from surgery, since the day of injury is "
               "not known here");
  } else if (f) {
    const Curve *curve = curve_find(s->curves, f->measure);
    draft_text(&d, "source", curve ? curve->source : "");
  }
  return draft_emit(&d, out, "interval.healing/1");
}

itv_status
healing_run_scores(const itv_host *host, const itv_input *input, const itv_sink *out)
{
  Series s = {.films = g_array_new(FALSE, FALSE, sizeof(Film))};
  g_array_set_clear_func(s.films, clear_film);
  g_autoptr(GArray) films = s.films;
  g_autofree char *error = read_procedure(input, &s);
  if (!error && !s.surgery)
    return ITV_NOT_APPLICABLE;
  if (!error)
    error = read_films(input, &s);
  g_autoptr(GPtrArray) curves = error ? NULL : curve_read_all(input, &error);
  if (error) {
    host->set_error(host, error);
    return ITV_ERR_INPUT;
  }
  s.curves = curves;
  for (guint i = 0; i < films->len; i++)
    judge(&s, i);
  itv_status status = ITV_OK;
  for (guint i = 0; i < films->len && status == ITV_OK; i++)
    status = host->cancelled(host) ? ITV_ERR_CANCELLED : emit_film(&s, i, out);
  if (status == ITV_OK)
    status = emit_overall(&s, out);
  if (status != ITV_OK)
    host->set_error(host, "the series was not taken as a whole");
  return status;
}
