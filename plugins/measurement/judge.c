/* SPDX-License-Identifier: Apache-2.0
 *
 * What may be said about a pair of measurements, and what forbids it.
 */
#include <math.h>
#include <string.h>

#include "change.h"

static void note(Match *m, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
note(Match *m, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_ptr_array_add(m->notes, g_strdup_vprintf(format, args));
  va_end(args);
}

/* ---- what makes a pair unusable ----------------------------------------- */

/* The factor between a unit and the one ten times larger, in this dimension:
 * cm for mm, cm2 for mm2, ml for mm3. */
static double
unit_slip(const Sample *s)
{
  switch (sample_dimension(s)) {
  case CLASS_LENGTH:
    return 10;
  case CLASS_AREA:
    return 100;
  case CLASS_VOLUME:
    return 1000;
  default:
    return 0;
  }
}

/* A length that its own line contradicts by ten is in centimetres. */
static gboolean
line_contradicts(Match *m, const Sample *s)
{
  const double line = sample_line_mm(s);
  if (sample_dimension(s) != CLASS_LENGTH || line <= 0 || s->value <= 0)
    return FALSE;
  const double ratio = line / s->value;
  const char *role = s->current ? "current" : "prior";
  if (fabs(log(ratio / 10)) < 0.1 || fabs(log(ratio * 10)) < 0.1) {
    note(m,
         "%s value %.4g mm, but its line is %.4g mm long: written in another unit (cm for mm), not "
         "used",
         role, s->value, line);
    return TRUE;
  }
  if (sample_line_ratio(s) != 1)
    note(m, "%s value %.4g mm, but its line is %.4g mm long with this image's pixels: in the error",
         role, s->value, line);
  return FALSE;
}

static gboolean
is_unit_slip(Match *m)
{
  const double a = m->prior->value, b = m->current->value, slip = unit_slip(m->prior);
  const gboolean bad_prior = line_contradicts(m, m->prior);
  if (line_contradicts(m, m->current) || bad_prior)
    return TRUE;
  /* A line that agrees with its value has already vouched for it. */
  if (slip == 0 || a <= 0 || b <= 0 ||
      (sample_line_mm(m->prior) > 0 && sample_line_mm(m->current) > 0))
    return FALSE;
  const double ratio = b > a ? b / a : a / b;
  if (fabs(log(ratio / slip)) > log(1.25))
    return FALSE;
  note(m, "%.4g and %.4g %s differ by about %.0f: most likely one is in %s, not used", a, b,
       m->prior->unit, slip,
       slip == 10    ? "cm"
       : slip == 100 ? "cm2"
                     : "ml");
  return TRUE;
}

static gboolean
is_copied(Match *m)
{
  const Sample *p = m->prior, *c = m->current;
  if (*p->sop_uid && g_str_equal(p->sop_uid, c->sop_uid)) {
    note(m, "both values were measured in the same image (%s)", p->sop_uid);
    return TRUE;
  }
  const gboolean fine = fabs(p->value * 100 - round(p->value * 100)) > 1e-6;
  if (p->value == c->value && fine && sample_dimension(p) != CLASS_SCORE) {
    note(m, "the two values are identical to the last digit (%.8g): looks copied from the prior",
         p->value);
    return TRUE;
  }
  const guint n = p->points->len;
  if (n && n == c->points->len &&
      memcmp(p->points->data, c->points->data, n * sizeof(double)) == 0) {
    note(m, "the two were measured at exactly the same points: looks copied from the prior");
    return TRUE;
  }
  return FALSE;
}

static gboolean
is_unusable(Match *m, Judgement *j)
{
  if (!g_str_equal(m->prior->unit, m->current->unit)) {
    note(m, "units differ: %s and %s", m->prior->unit, m->current->unit);
    return TRUE;
  }
  if (m->prior->day && m->current->day) {
    j->interval = m->current->day - m->prior->day;
    if (j->interval < 0) {
      note(m, "the prior exam is %d days later than the current one: the roles look swapped",
           -j->interval);
      return TRUE;
    }
  }
  return is_copied(m) || is_unit_slip(m);
}

/* ---- verdict ------------------------------------------------------------- */

static void
note_small(Match *m, const Model *model)
{
  const double change = m->current->value - m->prior->value;
  if (model->ci_low > 0 || model->ci_high < 0)
    note(m, "the change of %.3g %s can be measured, but is below what matters (%.3g to %.3g)",
         change, m->prior->unit, model->relevant_low, model->relevant_high);
}

/* not-resolvable: neither no change nor one that matters is excluded. */
static const char *
verdict_of(Match *m, const Model *model)
{
  if (!model->known) {
    note(m, "no source says how far two such measurements of an unchanged finding lie apart");
    return "not-resolvable";
  }
  if (model->ci_low >= model->relevant_low && model->ci_high <= model->relevant_high) {
    note_small(m, model);
    return "unchanged";
  }
  if (model->ci_low > 0)
    return "increased";
  if (model->ci_high < 0)
    return "decreased";
  note(m,
       "the interval holds both no change and one that matters (limits %.3g to %.3g %s); an "
       "increase "
       "shows from %.3g %s on",
       model->relevant_low, model->relevant_high, m->prior->unit, model->least_resolvable,
       m->prior->unit);
  return "not-resolvable";
}

/* A zero is a reader's statement that the finding is gone, or was not there. */
static const char *
verdict_of_zero(Match *m)
{
  const Sample *p = m->prior, *c = m->current;
  const gboolean sized = sample_dimension(p) == CLASS_LENGTH || sample_dimension(p) == CLASS_AREA ||
                         sample_dimension(p) == CLASS_VOLUME;
  if (!sized || !model_is_lesion_size(p))
    return NULL;
  if (p->value > 0 && c->value == 0)
    return "resolved";
  if (p->value == 0 && c->value > 0)
    return "new";
  return NULL;
}

static void
note_node(Match *m)
{
  if (!g_str_equal(m->prior->measure, "short-axis") || !model_is_node(m->prior))
    return;
  static const char *const names[] = {"normal (< 10 mm)", "pathological (10 to < 15 mm)",
                                      "measurable (>= 15 mm)"};
  const double a = m->prior->value, b = m->current->value;
  const int from = (a >= 10) + (a >= 15), to = (b >= 10) + (b >= 15);
  if (from != to)
    note(m, "node short axis: %s, was %s (RECIST 1.1)", names[to], names[from]);
}

/* Growth shows after dt > T ln(1 + least) / ln 2 for a doubling time T of the
 * volume; 400 d is where suspicion begins (NELSON, BTS 2015). */
static void
note_next_scan(Match *m, const Model *model)
{
  if (!model->known || !model_is_lung(m->prior) || !model_is_lesion_size(m->prior) ||
      m->prior->value <= 0)
    return;
  const double power = sample_dimension(m->prior) == CLASS_VOLUME ? 1 : 3;
  const double days = 400 * power * log1p(model->least_resolvable / m->prior->value) / G_LN2;
  if (days < 3650)
    note(m, "with this error, a volume that doubles in 400 d shows after %.0f d", ceil(days));
}

static void
judge_pair(Match *m, Judgement *j)
{
  if (is_unusable(m, j)) {
    j->verdict = "not-resolvable";
    return;
  }
  j->measured = TRUE;
  j->verdict = verdict_of_zero(m);
  if (j->verdict)
    return;
  model_apply(m, &j->model);
  if (j->model.known && unit_slip(m->prior) > 0)
    j->model.ci_low = fmax(j->model.ci_low, -m->prior->value);
  j->verdict = verdict_of(m, &j->model);
  note_node(m);
  if (g_str_equal(j->verdict, "not-resolvable"))
    note_next_scan(m, &j->model);
}

static const char *
judge_single(Match *m, const Context *context)
{
  if (m->ambiguous)
    return "not-resolvable";
  if (m->current) {
    if (!context->prior_measured) {
      note(m, "the prior exam holds no measurement to compare with");
      return "not-resolvable";
    }
    if (m->current->value == 0) {
      note(m, "not measured on the prior, 0 on the current exam");
      return "not-resolvable";
    }
    note(m, "not measured on the prior exam: check there whether it was visible");
    return "new";
  }
  const gboolean followed =
      g_hash_table_contains(context->followed, m->prior->words[WORDS_OBSERVER]);
  if (context->unmeasured_is_resolved && followed) {
    note(m, "not measured on the current exam, where the same reader measured other findings");
    return "resolved";
  }
  note(m, "not measured on the current exam: neither resolved nor unchanged follows from that");
  return "not-resolvable";
}

static void
note_repeats(Match *m)
{
  const Sample *both[] = {m->prior, m->current};
  for (int i = 0; i < 2; i++)
    if (both[i] && both[i]->replicates > 1)
      note(m, "%s value: mean of %u measurements that span %.3g %s", i ? "current" : "prior",
           both[i]->replicates, both[i]->spread, both[i]->unit);
}

void
change_judge(Match *m, const Context *context, Judgement *ret)
{
  *ret = (Judgement){.verdict = NULL};
  if (m->prior && m->current)
    judge_pair(m, ret);
  else
    ret->verdict = judge_single(m, context);
  note_repeats(m);
}

/* The same finding, by what names it. */
static gboolean
same_identity(const Sample *a, const Sample *b)
{
  if (!g_str_equal(a->measure, b->measure))
    return FALSE;
  if (*a->tracking_uid && g_str_equal(a->tracking_uid, b->tracking_uid))
    return TRUE;
  for (int i = WORDS_FINDING; i <= WORDS_ID; i++)
    if (!g_str_equal(a->words[i], b->words[i]))
      return FALSE;
  return TRUE;
}

static int
direction(const Judgement *j)
{
  return g_str_equal(j->verdict, "increased") ? 1 : g_str_equal(j->verdict, "decreased") ? -1 : 0;
}

void
change_cross_check(GPtrArray *matches, const Judgement *judgements)
{
  for (guint i = 0; i < matches->len; i++)
    for (guint k = 0; k < matches->len; k++) {
      Match *m = g_ptr_array_index(matches, i);
      const Match *o = g_ptr_array_index(matches, k);
      if (direction(&judgements[i]) * direction(&judgements[k]) >= 0 ||
          !same_identity(m->current, o->current))
        continue;
      g_ptr_array_insert(
          m->notes, 0,
          g_strdup_printf("readers contradict each other: %s found %.4g to %.4g %s, the opposite "
                          "direction; have it read again",
                          *o->current->observer ? o->current->observer : "another reader",
                          o->prior->value, o->current->value, o->current->unit));
    }
}
