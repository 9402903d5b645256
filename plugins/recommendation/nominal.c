/* SPDX-License-Identifier: Apache-2.0
 *
 * Actions that nothing asks for in words and that are asked for all the same:
 * "US in 5 years.", "Endocrinology consultation."
 */
#include "frame.h"

/* A time ahead in the clause, close to the action. */
gboolean
frame_time_near(const Frame *f, const Action *a)
{
  for (unsigned i = 0; i < f->whens->len; i++) {
    const When *w = &g_array_index(f->whens, When, i);
    if (w->sense == WHEN_PAST || w->sense == WHEN_DURATION ||
        frame_clause(f, w->begin) != frame_clause(f, a->begin) || (w->now && w->begin >= a->end))
      continue;
    /* "urgent MRI", but not "limited on today's ultrasound the views" */
    const Term *between =
        a->begin > w->end ? text_cover(f->t, w->end, LAYER_ACTION, NULL, NULL) : NULL;
    if (w->now && between != NULL && between->kind == KIND_IMAGING && a->kind == KIND_IMAGING)
      continue;
    if (w->quantity >= a->end ? w->quantity - a->end <= 11
                              : a->begin - w->end >= 0 && a->begin - w->end <= 4)
      return TRUE;
  }
  return FALSE;
}

static gboolean
in_condition(const Frame *f, int i)
{
  for (int k = 0; k < f->n_conditions; k++)
    if (i >= f->conditions[k].begin && i < f->conditions[k].end)
      return TRUE;
  return FALSE;
}

static gboolean
has_finite_verb(const Frame *f, int clause)
{
  for (int k = f->s->begin; k < f->s->end; k++) {
    if (frame_clause(f, k) != clause || in_condition(f, k))
      continue;
    if (frame_word(f, k, ROLE_BE) || frame_cue_role(f, k) == ROLE_MODAL ||
        frame_word(f, k, ROLE_BE_PAST) || frame_word(f, k, ROLE_HAVE) ||
        frame_word(f, k, ROLE_HAD) || frame_word(f, k, ROLE_OTHER_VERB) ||
        frame_cue_role(f, k) == ROLE_RESULT || frame_cue_role(f, k) == ROLE_DONE)
      return TRUE;
  }
  return FALSE;
}

/* An abbreviation that the lexicon does not know: "ILD MDT discussion". */
static gboolean
is_initials(const Frame *f, int k)
{
  const Token *token = text_token(f->t, k);
  return token->kind == TOKEN_WORD && token->upper == 2 && token->end - token->start <= 5 &&
         text_cover(f->t, k, LAYER_WORD, NULL, NULL) == NULL &&
         text_cover(f->t, k, LAYER_CUE, NULL, NULL) == NULL &&
         text_cover(f->t, k, LAYER_FINDING, NULL, NULL) == NULL &&
         text_cover(f->t, k, LAYER_ACTION, NULL, NULL) == NULL;
}

static gboolean
heads_clause(const Frame *f, const Action *a)
{
  for (int k = a->begin; k >= f->s->begin; k--) {
    if (frame_is_initial(f, k))
      return TRUE;
    /* "For ultrasound." */
    if (frame_word(f, k - 1, ROLE_FOR) && k - 1 == f->s->begin && f->s->concluding)
      return TRUE;
    const Term *word = text_cover(f->t, k - 1, LAYER_WORD, NULL, NULL);
    const Term *cue = text_cover(f->t, k - 1, LAYER_CUE, NULL, NULL);
    gboolean plain = text_cover(f->t, k - 1, LAYER_SITE, NULL, NULL) != NULL ||
                     text_cover(f->t, k - 1, LAYER_TIME, NULL, NULL) != NULL ||
                     text_token(f->t, k - 1)->kind == TOKEN_NUMBER ||
                     text_token(f->t, k - 1)->ch == '-' ||
                     (a->kind != KIND_IMAGING && is_initials(f, k - 1)) ||
                     (word && (word->role == ROLE_DET || word->role == ROLE_ADVERB)) ||
                     (cue && cue->role == ROLE_DO);
    if (!plain)
      return FALSE;
  }
  return TRUE;
}

static gboolean
heads_loosely(const Frame *f, const Action *a)
{
  int unknown = 0;
  for (int k = a->begin - 1; k >= f->s->begin && !frame_is_initial(f, k + 1); k--) {
    gboolean action = text_cover(f->t, k, LAYER_ACTION, NULL, NULL) != NULL;
    if (text_token(f->t, k)->kind != TOKEN_WORD ||
        text_cover(f->t, k, LAYER_CUE, NULL, NULL) != NULL ||
        text_cover(f->t, k, LAYER_FINDING, NULL, NULL) != NULL)
      return FALSE;
    unknown += text_token(f->t, k)->word == 0;
    if (unknown > 2 ||
        (!action && text_token(f->t, k)->word != 0 && !frame_word(f, k, ROLE_WITH) &&
         !frame_word(f, k, ROLE_ADVERB) && text_cover(f->t, k, LAYER_SITE, NULL, NULL) == NULL))
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_aside(const Sentence *s)
{
  return s->section == ROLE_TITLE || s->section == ROLE_HISTORY || s->section == ROLE_TECHNIQUE ||
         s->section == ROLE_COMPARISON || s->section == ROLE_COMMUNICATION ||
         s->section == ROLE_OTHER_SECTION;
}

/* "MR arthrography, while a better test, ...": the name is no request. */
static gboolean
contrast_follows(const Frame *f, int clause)
{
  for (int k = f->s->begin; k < f->s->end; k++)
    if (frame_clause(f, k) == clause + 1)
      return frame_word(f, k, ROLE_CONTRAST);
  return FALSE;
}

/* "CT CHEST." names the exam reported on, not another. */
static gboolean
is_own_exam(const Frame *f, const Action *a)
{
  /* a procedure is one only where it is a heading: "CT-GUIDED BIOPSY, LEFT KIDNEY" */
  gboolean heading = a->kind == KIND_IMAGING || text_token(f->t, a->end - 1)->upper == 2;
  /* "MRI follow-up per neurosurgery" says more than a name */
  for (int k = a->end; k < f->s->end && heading; k++) {
    const Term *word = text_cover(f->t, k, LAYER_WORD, NULL, NULL);
    heading = word == NULL || word->role != ROLE_PREP;
  }
  return heading && (a->modalities & f->context->modalities) != 0 && a->begin == f->s->begin &&
         f->s->section != ROLE_RECOMMENDATION;
}

static gboolean
unit_follows(const Frame *f, int k)
{
  while (k + 1 < f->s->end && text_token(f->t, k + 1)->ch == '-')
    k++;
  return k + 1 < f->s->end && text_has_role(f->t, k + 1, LAYER_TIME, ROLE_UNIT);
}

/* "PSA 7.2": a result, no request. */
static gboolean
number_behind(const Frame *f, const Action *a)
{
  for (int k = a->end; k < f->s->end && k < a->end + 4 && text_token(f->t, k)->ch != ','; k++)
    if (text_token(f->t, k)->kind == TOKEN_NUMBER &&
        text_cover(f->t, k, LAYER_TIME, NULL, NULL) == NULL && !unit_follows(f, k))
      return TRUE;
  return FALSE;
}

/* "Interim scan after two cycles" */
static gboolean
placed_in_time(const Frame *f, const Action *a)
{
  return (a->term->flags & FLAG_SAME_EXAM) && a->end < f->s->end &&
         text_has_role(f->t, a->end, LAYER_TIME, ROLE_AT);
}

/* "Cervical length 22 mm": it was done. */
static gboolean
size_behind(const Frame *f, const Action *a)
{
  for (int k = a->end; k < f->s->end && k < a->end + 3; k++)
    if (text_has_role(f->t, k, LAYER_MEASURE, ROLE_LENGTH))
      return TRUE;
  return FALSE;
}

/* Telegraphic ones without a cue: "US in 5 years", "Endocrinology consultation." */
/* A note tells of much that was; only a time or a condition makes a name there a plan. */
static void
in_note(const Frame *f, Action *a, gboolean condition)
{
  gboolean result = a->kind == KIND_LAB && (!f->s->concluding || number_behind(f, a));
  if (a->kind == KIND_CLINICAL || a->kind == KIND_REFERRAL || f->s->section == ROLE_FINDINGS ||
      result)
    return;
  if (frame_time_near(f, a) && heads_clause(f, a))
    action_grant(a, STRENGTH_RECOMMEND, "nominal-time");
  else if (condition && heads_clause(f, a))
    action_grant(a, STRENGTH_RECOMMEND, "nominal-condition");
}

void
frame_nominal_license(Frame *f, Action *a)
{
  const Sentence *s = f->s;
  if (is_aside(s) || ((a->term->flags & FLAG_WEAK) && s->section != ROLE_RECOMMENDATION) ||
      size_behind(f, a))
    return;
  int clause = frame_clause(f, a->begin);
  for (int k = a->end; k < s->end && k < a->end + 3; k++)
    if (text_token(f->t, k)->ch == ':')
      return; /* "Mammography information:" is a heading */
  if (s->section == ROLE_RECOMMENDATION &&
      (f->context->modalities != 0 || !has_finite_verb(f, clause))) {
    action_grant(a, STRENGTH_RECOMMEND, "section");
    return;
  }
  gboolean condition = FALSE;
  for (int i = 0; i < f->n_conditions; i++) {
    int at = f->conditions[i].begin;
    condition |= frame_clause(f, at) == clause;
    /* "VCUG is at the discretion of the clinician" */
    if (s->concluding && at > a->end && at - a->end <= 3 && frame_word(f, at - 1, ROLE_BE))
      action_grant(a, STRENGTH_CONSIDER, "nominal-condition");
  }
  if (a->licensed || has_finite_verb(f, clause))
    return;
  if (f->context->modalities == 0) {
    in_note(f, a, condition);
    return;
  }
  if (a->term->flags & FLAG_SELF)
    action_grant(a, STRENGTH_RECOMMEND, "attention");
  else if (a->kind == KIND_LAB && !condition &&
           !(s->concluding && heads_clause(f, a) && !number_behind(f, a)))
    return;
  else if (frame_time_near(f, a) && (s->concluding || heads_clause(f, a)))
    action_grant(a, STRENGTH_RECOMMEND, "nominal-time");
  else if (condition && s->concluding && (heads_clause(f, a) || heads_loosely(f, a)))
    action_grant(a, STRENGTH_RECOMMEND, "nominal-condition");
  else if (s->concluding && heads_clause(f, a) &&
           (!(a->term->flags & FLAG_GENERIC) || placed_in_time(f, a)) &&
           !contrast_follows(f, clause) && !is_own_exam(f, a))
    action_grant(a, STRENGTH_RECOMMEND, "nominal");
}
