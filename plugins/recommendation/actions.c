/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of the exams, procedures, referrals and tests that a sentence names
 * are asked for, by which rule, and which of them are one action.
 */
#include <stdlib.h>

#include "frame.h"

enum { SECONDARY = 1000 /* a cue on its wrong side counts only when there is no other */ };

static void
collect(Frame *f)
{
  for (int i = f->s->begin; i < f->s->end && f->n_actions < MAX_ACTIONS; i++) {
    int end = 0;
    const Term *term = text_begin(f->t, i, LAYER_ACTION, &end);
    if (term == NULL || end > f->s->end)
      continue;
    f->actions[f->n_actions++] = (Action){.term = term,
                                          .begin = i,
                                          .end = end,
                                          .kind = term->kind,
                                          .modalities = term->modalities,
                                          .region = REGION_NONE};
  }
}

static int
distance(const Frame *f, const Action *a, const Cue *c)
{
  int gap = c->end <= a->begin ? a->begin - c->end : c->begin - a->end;
  gboolean right_side = c->forward ? c->end <= a->begin : c->begin >= a->end;
  if (c->begin >= a->begin && c->begin < a->end)
    return 0; /* the action is its own cue: "follow up" */
  /* a comma weakens the bond */
  int from = MIN(c->begin, a->begin), to = MAX(c->end, a->end);
  for (int k = from; k < to; k++)
    gap += text_token(f->t, k)->ch == ',' ? 2 : 0;
  return gap + (right_side ? 0 : SECONDARY);
}

static const Cue *
nearest_cue(const Frame *f, const Action *a)
{
  const Cue *best = NULL;
  int least = 0;
  for (int i = 0; i < f->n_cues; i++) {
    const Cue *c = &f->cues[i];
    if (frame_clause(f, c->begin) != frame_clause(f, a->begin))
      continue;
    gboolean inside = FALSE;
    for (int k = 0; k < f->n_conditions; k++)
      inside |= c->begin >= f->conditions[k].begin && c->begin < f->conditions[k].end;
    if (inside)
      continue;
    int d = distance(f, a, c);
    if (d >= SECONDARY && (c->past || c->negated || c->term->role == ROLE_DONE))
      continue; /* what is denied or over there says nothing of this action */
    if (best == NULL || d < least) {
      best = c;
      least = d;
    }
  }
  return best;
}

static void
grant(Action *a, Strength strength, const char *rule)
{
  a->licensed = TRUE;
  a->strength = strength;
  a->rule = rule;
}

/* Auxiliaries before an action that is a verb: "should be re-imaged". */
static gboolean
verb_license(Frame *f, Action *a)
{
  gboolean modal = FALSE, weak = FALSE, past = FALSE, to = FALSE;
  for (int k = a->begin - 1; k >= f->s->begin && k >= a->begin - 6; k--) {
    const Term *cue = text_cover(f->t, k, LAYER_CUE, NULL, NULL);
    if (cue && cue->role == ROLE_MODAL) {
      modal = TRUE;
      weak = cue->strength == STRENGTH_CONSIDER;
      break;
    }
    if (cue &&
        (cue->role == ROLE_VERB || cue->role == ROLE_PREDICATE || cue->role == ROLE_PARTICIPLE ||
         cue->role == ROLE_PENDING) &&
        to)
      return FALSE; /* the cue itself will do */
    past |=
        frame_word(f, k, ROLE_BE_PAST) || frame_word(f, k, ROLE_HAD) || frame_word(f, k, ROLE_HAVE);
    to |= frame_word(f, k, ROLE_TO);
    if (cue == NULL && !frame_word(f, k, ROLE_BE) && !frame_word(f, k, ROLE_ADVERB) &&
        !frame_word(f, k, ROLE_TO) && !frame_word(f, k, ROLE_THEN))
      break;
  }
  if (modal)
    grant(a, weak ? STRENGTH_CONSIDER : STRENGTH_RECOMMEND, "modal-verb");
  else if (!past && !to && frame_is_initial(f, a->begin))
    grant(a, STRENGTH_RECOMMEND, "imperative");
  return a->licensed;
}

static gboolean
has_finite_verb(const Frame *f, int clause)
{
  for (int k = f->s->begin; k < f->s->end; k++) {
    if (frame_clause(f, k) != clause)
      continue;
    if (frame_word(f, k, ROLE_BE) || frame_word(f, k, ROLE_BE_PAST) ||
        frame_word(f, k, ROLE_HAVE) || frame_word(f, k, ROLE_HAD) ||
        frame_word(f, k, ROLE_OTHER_VERB) || frame_cue_role(f, k) == ROLE_RESULT ||
        frame_cue_role(f, k) == ROLE_DONE)
      return TRUE;
  }
  return FALSE;
}

/* A time ahead in the clause, close to the action. */
static gboolean
time_near(const Frame *f, const Action *a)
{
  for (unsigned i = 0; i < f->whens->len; i++) {
    const When *w = &g_array_index(f->whens, When, i);
    if (w->sense == WHEN_PAST || w->sense == WHEN_DURATION ||
        frame_clause(f, w->begin) != frame_clause(f, a->begin))
      continue;
    if (w->begin >= a->end ? w->begin - a->end <= 10
                           : a->begin - w->end >= 0 && a->begin - w->end <= 4)
      return TRUE;
  }
  return FALSE;
}

/* First words of a clause up to the action are modifiers only. */
static gboolean
heads_clause(const Frame *f, const Action *a)
{
  int k = a->begin;
  while (k > f->s->begin && !frame_is_initial(f, k)) {
    k--;
    if (a->begin - k > 5 || frame_word(f, k, ROLE_PREP) || frame_word(f, k, ROLE_FOR) ||
        frame_word(f, k, ROLE_WITH) || frame_word(f, k, ROLE_OF) ||
        text_has_role(f->t, k, LAYER_FINDING, ROLE_FINDING))
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

/* Telegraphic ones without a cue: "US in 5 years", "Endocrinology consultation." */
static void
nominal_license(Frame *f, Action *a)
{
  const Sentence *s = f->s;
  if (is_aside(s) || (a->term->flags & FLAG_WEAK))
    return;
  int clause = frame_clause(f, a->begin);
  if (s->section == ROLE_RECOMMENDATION) {
    grant(a, STRENGTH_RECOMMEND, "section");
    return;
  }
  if (has_finite_verb(f, clause))
    return;
  gboolean condition = FALSE;
  for (int i = 0; i < f->n_conditions; i++)
    condition |= frame_clause(f, f->conditions[i].begin) == clause;
  if (time_near(f, a) && (s->concluding || heads_clause(f, a)))
    grant(a, STRENGTH_RECOMMEND, "nominal-time");
  else if (condition && s->concluding)
    grant(a, STRENGTH_RECOMMEND, "nominal-condition");
  else if (s->concluding && heads_clause(f, a) && !(a->term->flags & FLAG_GENERIC))
    grant(a, STRENGTH_RECOMMEND, "nominal");
}

static void
license(Frame *f, Action *a)
{
  if (frame_is_background(f, a)) {
    a->background = TRUE;
    return;
  }
  const Cue *cue = nearest_cue(f, a);
  if (cue != NULL && distance(f, a, cue) < SECONDARY && (cue->negated || cue->past))
    return;
  if (frame_is_denied(f, a))
    return;
  if ((f->s->section == ROLE_HISTORY && f->context->modalities != 0) ||
      f->s->section == ROLE_TECHNIQUE || f->s->section == ROLE_COMPARISON ||
      f->s->section == ROLE_TITLE || f->s->section == ROLE_OTHER_SECTION)
    if (cue == NULL || cue->imperative || f->s->section != ROLE_TITLE)
      return;
  if ((a->term->flags & FLAG_VERB) && verb_license(f, a))
    return;
  if (cue != NULL)
    grant(a, cue->strength, cue->imperative ? "imperative" : cue->term->name);
  else
    nominal_license(f, a);
}

/* ---- one action named twice, or two in one ------------------------------------- */

static gboolean
between_has(const Frame *f, int from, int to, Role role)
{
  for (int k = from; k < to; k++)
    if (frame_word(f, k, role))
      return TRUE;
  return FALSE;
}

static gboolean
cue_between(const Frame *f, int from, int to)
{
  for (int i = 0; i < f->n_cues; i++)
    if (f->cues[i].begin >= from && f->cues[i].end <= to)
      return TRUE;
  return FALSE;
}

static gboolean
when_between(const Frame *f, int from, int to)
{
  for (unsigned i = 0; i < f->whens->len; i++) {
    const When *w = &g_array_index(f->whens, When, i);
    if (w->begin >= from && w->end <= to)
      return TRUE;
  }
  return FALSE;
}

/* "CT or MRI", "CT/MRI", "CTA versus MRA": one exam, either way. */
static void
merge_choices(Frame *f)
{
  for (int i = 0; i + 1 < f->n_actions; i++) {
    Action *a = &f->actions[i];
    for (int k = i + 1; k < f->n_actions; k++) {
      Action *b = &f->actions[k];
      if (!a->licensed || a->dropped || a->kind != KIND_IMAGING || (a->term->flags & FLAG_GENERIC))
        break;
      if (b->dropped)
        continue;
      gboolean slash = b->begin == a->end + 1 && text_token(f->t, a->end)->ch == '/';
      if (b->kind != KIND_IMAGING || (b->term->flags & FLAG_GENERIC) || b->begin - a->end > 9 ||
          (!slash && !between_has(f, a->end, b->begin, ROLE_OR)) ||
          cue_between(f, a->end, b->begin) || when_between(f, a->end, b->begin) ||
          frame_clause(f, a->begin) != frame_clause(f, b->begin))
        break;
      a->modalities |= b->modalities;
      a->end = b->end;
      b->dropped = TRUE;
    }
  }
}

/* "Follow-up with CT", "imaging ... preferably MRI", "correlation with AFP":
 * the general word gives way to the named action. */
static gboolean
gives_way(const Frame *f, const Action *g, const Action *s)
{
  if (!s->licensed || s->dropped || s == g || (s->term->flags & FLAG_GENERIC) ||
      frame_clause(f, g->begin) != frame_clause(f, s->begin))
    return FALSE;
  gboolean joined = s->begin >= g->end && s->begin - g->end <= 7 &&
                    (between_has(f, g->end, s->begin, ROLE_WITH) || s->begin - g->end <= 2) &&
                    !between_has(f, g->end, s->begin, ROLE_OR) &&
                    !between_has(f, g->end, s->begin, ROLE_AND);
  if (joined)
    return TRUE;
  if (g->kind == KIND_IMAGING && s->kind == KIND_IMAGING)
    return !between_has(f, g->end, s->begin, ROLE_OR) || s->begin - g->end > 7;
  return FALSE;
}

static void
absorb_generics(Frame *f)
{
  for (int i = 0; i < f->n_actions; i++) {
    Action *g = &f->actions[i];
    if (!g->licensed || g->dropped || !(g->term->flags & FLAG_GENERIC))
      continue;
    for (int k = 0; k < f->n_actions && !g->dropped; k++)
      g->dropped = gives_way(f, g, &f->actions[k]);
    /* "follow-up imaging surveillance" is one */
    for (int k = 0; k < i && !g->dropped; k++) {
      const Action *o = &f->actions[k];
      g->dropped = o->licensed && !o->dropped && o->kind == g->kind &&
                   (o->term->flags & FLAG_GENERIC) &&
                   frame_clause(f, o->begin) == frame_clause(f, g->begin);
    }
  }
}

/* "CBC, CMP and LDH", "GI or surgery consult": the same kind in one list. */
static void
merge_lists(Frame *f)
{
  for (int i = 0; i + 1 < f->n_actions; i++) {
    Action *a = &f->actions[i];
    for (int k = i + 1; k < f->n_actions && a->licensed && !a->dropped && a->kind == KIND_LAB;
         k++) {
      Action *b = &f->actions[k];
      if (b->dropped || b->kind != KIND_LAB || !b->licensed)
        continue;
      if (frame_clause(f, a->begin) == frame_clause(f, b->begin) &&
          !when_between(f, a->end, b->begin))
        b->dropped = TRUE;
    }
  }
}

void
frame_find_actions(Frame *f)
{
  collect(f);
  for (int i = 0; i < f->n_actions; i++)
    license(f, &f->actions[i]);
  merge_choices(f);
  absorb_generics(f);
  merge_lists(f);
  int kept = 0;
  for (int i = 0; i < f->n_actions; i++)
    if (f->actions[i].licensed && !f->actions[i].dropped)
      f->actions[kept++] = f->actions[i];
  f->n_actions = kept;
}
