/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a report contradicts its exam or itself: a side, a size that is a
 * tenth or ten times of what stands elsewhere, a change that its own numbers
 * deny.  Only what is plain: a warning that is often wrong is not read.
 */
#include <math.h>
#include <string.h>

#include "findings.h"

enum { MAX_CONTRADICTIONS = 50, GUARD_WINDOW = 64 };

const char *const contradiction_codes[N_CONTRADICTIONS] = {
    "exam-side", "finding-side", "recommendation-side", "size", "stability"};

static void
clear_contradiction(gpointer data)
{
  g_free(((Contradiction *)data)->text);
}

static void
tell(GArray *out, ContradictionType type, Span span, Span other, char *text)
{
  if (out->len >= MAX_CONTRADICTIONS) {
    g_free(text);
    return;
  }
  const Contradiction c = {type, span, other, text};
  g_array_append_val(out, c);
}

static gboolean
opposite(Side a, Side b)
{
  return (a == SIDE_LEFT && b == SIDE_RIGHT) || (a == SIDE_RIGHT && b == SIDE_LEFT);
}

static char *
words(const Text *t, Span span)
{
  gsize n = MIN(span.end - span.start, 120u);
  g_autofree char *valid = g_utf8_make_valid(t->text + span.start, (gssize)n);
  for (char *p = valid; *p; p++)
    if (*p == '\n' || *p == '\r' || *p == '\t')
      *p = ' ';
  return g_steal_pointer(&valid);
}

static const char *
place_name(int region)
{
  return region >= 0 ? region_codes[region] : "finding";
}

/* ---- the exam ----------------------------------------------------------------------- */

static gboolean
is_other_on_purpose(const Text *t, const Sentence *s)
{
  for (int k = s->begin; k < s->end; k++)
    if (text_has_role(t, k, LAYER_MEASURE, ROLE_OPPOSITE) ||
        text_has_role(t, k, LAYER_WORD, ROLE_PRIOR))
      return TRUE;
  return FALSE;
}

/* An exam of the left knee whose report speaks of the right one. */
static void
check_exam(const Text *t, const Context *context, GArray *out)
{
  Side exam = context->side;
  int region = context->n_regions > 0 ? context->regions[0] : REGION_NONE;
  if ((exam != SIDE_LEFT && exam != SIDE_RIGHT) || !region_is_paired(region))
    return;
  Span other = {0, 0};
  for (guint i = 0; i < t->sentences->len; i++) {
    const Sentence *s = &g_array_index(t->sentences, Sentence, i);
    if (s->section == ROLE_HISTORY || s->section == ROLE_COMPARISON || is_other_on_purpose(t, s))
      continue;
    for (int k = s->begin; k < s->end; k++) {
      int end = 0;
      const Term *side = text_begin(t, k, LAYER_SITE, &end);
      if (side == NULL || side->role != ROLE_SIDE)
        continue;
      const Term *part = end < s->end ? text_begin(t, end, LAYER_SITE, NULL) : NULL;
      gboolean here = part != NULL && part->role == ROLE_ANATOMY && part->region == region;
      /* "right total hip arthroplasty": its own side is spoken of, near or far from its part */
      gboolean same = side->side == exam || side->side == SIDE_BILATERAL;
      if (same && s->section != ROLE_TITLE)
        return; /* nothing is plain */
      gboolean compared = k > s->begin && text_has_role(t, k - 1, LAYER_WORD, ROLE_ON);
      if (here && !same && !compared && other.end == 0)
        other = (Span){text_token(t, k)->start, text_token(t, end)->end};
    }
  }
  if (other.end == 0)
    return;
  g_autofree char *said = words(t, other);
  tell(out, CONTRADICTS_EXAM_SIDE, other, (Span){0, 0},
       g_strdup_printf("the exam is of the %s %s, and the report speaks of the \"%s\" only",
                       side_codes[exam], place_name(region), said));
}

/* ---- findings against each other -------------------------------------------------------- */

static gboolean
alike(const Measured *a, const Measured *b)
{
  gboolean head = a->term && b->term ? g_strcmp0(a->term->head, b->term->head) == 0
                                     : a->term == NULL && b->term == NULL;
  return head && (a->term != NULL || a->region >= 0) &&
         (a->region == b->region || region_covers(a->region, b->region) ||
          region_covers(b->region, a->region));
}

static double
longest(const double *mm, int n)
{
  double most = 0;
  for (int i = 0; i < n; i++)
    most = MAX(most, mm[i]);
  return most;
}

/* The same finding, of one size or of none said, left here and right in the
 * impression, and nowhere on the side that the impression names. */
static void
check_sides(const Text *t, const GArray *findings, GArray *out)
{
  for (guint i = 0; i < findings->len; i++) {
    const Measured *b = &g_array_index(findings, Measured, i);
    if (!b->concluding || b->described || (b->side != SIDE_LEFT && b->side != SIDE_RIGHT) ||
        b->opposite)
      continue;
    const Measured *against = NULL;
    gboolean confirmed = FALSE;
    guint from = i > GUARD_WINDOW ? i - GUARD_WINDOW : 0;
    for (guint k = from; k < i; k++) {
      const Measured *a = &g_array_index(findings, Measured, k);
      if (a->concluding || !alike(a, b))
        continue;
      gboolean size = a->n_size > 0 && b->n_size > 0 &&
                      fabs(longest(a->size_mm, a->n_size) - longest(b->size_mm, b->n_size)) < 0.05;
      confirmed |= a->side == b->side || a->side == SIDE_BILATERAL;
      if (opposite(a->side, b->side) && size)
        against = a;
    }
    if (against == NULL || confirmed)
      continue;
    g_autofree char *said = words(t, b->span);
    g_autofree char *other = words(t, against->span);
    tell(out, CONTRADICTS_FINDING_SIDE, b->span, against->span,
         g_strdup_printf("\"%s\" is %s in the impression, \"%s\" is %s in the findings", said,
                         side_codes[b->side], other, side_codes[against->side]));
  }
}

/* 8 mm in the findings, 8 cm in the impression. */
static void
check_sizes(const Text *t, const GArray *findings, GArray *out)
{
  for (guint i = 0; i < findings->len; i++) {
    const Measured *b = &g_array_index(findings, Measured, i);
    guint from = i > GUARD_WINDOW ? i - GUARD_WINDOW : 0;
    for (guint k = from; k < i && b->concluding && b->n_size > 0; k++) {
      const Measured *a = &g_array_index(findings, Measured, k);
      if (a->concluding || a->n_size != b->n_size || !alike(a, b) || opposite(a->side, b->side))
        continue;
      double ratio = a->size_mm[0] / b->size_mm[0];
      if (fabs(ratio - 10) > 0.01 && fabs(ratio - 0.1) > 0.0001)
        continue;
      g_autofree char *said = words(t, b->size);
      g_autofree char *other = words(t, a->size);
      tell(out, CONTRADICTS_SIZE, b->span, a->span,
           g_strdup_printf("the impression says %s and the findings say %s of the same %s: "
                           "centimetres or millimetres?",
                           said, other, a->term ? a->term->head : place_name(a->region)));
      break;
    }
  }
}

/* "increased, 8 mm, previously 8 mm" */
static void
check_change(const Text *t, const GArray *findings, GArray *out)
{
  for (guint i = 0; i < findings->len; i++) {
    const Measured *f = &g_array_index(findings, Measured, i);
    if (f->n_size == 0 || f->n_size != f->n_prior || f->stability == NULL || f->bound != NULL)
      continue;
    double now = longest(f->size_mm, f->n_size), before = longest(f->prior_mm, f->n_prior);
    gboolean wrong = (strcmp(f->stability, "increased") == 0 && now < before) ||
                     (strcmp(f->stability, "decreased") == 0 && now > before);
    for (int k = 0; wrong && k < f->n_size; k++)
      wrong = strcmp(f->stability, "increased") == 0 ? f->size_mm[k] <= f->prior_mm[k]
                                                     : f->size_mm[k] >= f->prior_mm[k];
    if (!wrong)
      continue;
    g_autofree char *said = words(t, f->size);
    g_autofree char *other = words(t, f->prior);
    tell(out, CONTRADICTS_STABILITY, f->span, f->prior,
         g_strdup_printf("it is called %s, and measures %s after %s", f->stability, said, other));
  }
}

/* ---- recommendations --------------------------------------------------------------------- */

/* "Right mammogram in 6 months, left screening in 12": both sides are thought of. */
static gboolean
other_side_served(const GArray *recommendations, const Recommendation *r)
{
  for (guint i = 0; i < recommendations->len && i < GUARD_WINDOW; i++) {
    const Recommendation *o = &g_array_index(recommendations, Recommendation, i);
    if (o->region == r->region && opposite(o->side, r->side))
      return TRUE;
  }
  return FALSE;
}

/* The side that is asked for against the side of its finding. */
static void
check_recommendations(const Text *t, const GArray *findings, const GArray *recommendations,
                      GArray *out)
{
  for (guint i = 0; i < recommendations->len; i++) {
    const Recommendation *r = &g_array_index(recommendations, Recommendation, i);
    if (!r->side_named || (r->side != SIDE_LEFT && r->side != SIDE_RIGHT) ||
        !region_is_paired(r->region) ||
        is_other_on_purpose(t, &g_array_index(t->sentences, Sentence, r->sentence)))
      continue;
    const Measured *against = NULL;
    gboolean confirmed = other_side_served(recommendations, r);
    for (guint k = 0; k < findings->len && k < GUARD_WINDOW; k++) {
      const Measured *f = &g_array_index(findings, Measured, k);
      if (f->region != r->region || f->side == SIDE_NONE || f->term == NULL)
        continue;
      confirmed |= !opposite(f->side, r->side);
      if (opposite(f->side, r->side) && f->n_size > 0)
        against = f;
    }
    if (against == NULL || confirmed)
      continue;
    g_autofree char *other = words(t, against->span);
    tell(out, CONTRADICTS_RECOMMENDATION_SIDE, r->span, against->span,
         g_strdup_printf("the %s %s is asked for, and the report finds \"%s\" on the %s only",
                         side_codes[r->side], place_name(r->region), other,
                         side_codes[against->side]));
  }
}

GArray *
guard_check(const Text *t, const Context *context, const GArray *findings,
            const GArray *recommendations)
{
  GArray *out = g_array_new(FALSE, TRUE, sizeof(Contradiction));
  g_array_set_clear_func(out, clear_contradiction);
  check_exam(t, context, out);
  check_sides(t, findings, out);
  check_sizes(t, findings, out);
  check_change(t, findings, out);
  check_recommendations(t, findings, recommendations, out);
  return out;
}
