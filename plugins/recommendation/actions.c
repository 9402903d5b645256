/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of the exams, procedures, referrals and tests that a sentence names
 * are asked for, by which rule, and which of them are one action.
 */
#include <stdlib.h>

#include "frame.h"

enum { SECONDARY = 1000 /* a cue on its wrong side counts only when there is no other */ };

/* "urology and ENT consultation": the service behind a specialty, over other
 * specialties; 0 when there is none. */
static int
service_behind(const Frame *f, int from)
{
  for (int k = from; k < f->s->end && k < from + 6; k++) {
    int begin = 0, end = 0;
    const Term *term = text_cover(f->t, k, LAYER_ACTION, &begin, &end);
    if (term != NULL && ((term->flags & FLAG_SERVICE) ||
                         ((term->flags & FLAG_VISIT) && f->context->modalities != 0)))
      return end <= f->s->end ? end : 0;
    gboolean link = frame_word(f, k, ROLE_AND) || frame_word(f, k, ROLE_OR) ||
                    text_token(f->t, k)->ch == '/' || text_token(f->t, k)->ch == '-';
    if (!link && !(term != NULL && term->kind == KIND_REFERRAL))
      return 0;
  }
  return 0;
}

/* "review by vascular surgery", "referral to an orthopedic surgeon": where the
 * service begins, -1 when there is none. */
static int
service_before(const Frame *f, int at)
{
  gboolean link = FALSE;
  for (int k = at - 1; k >= f->s->begin && k >= at - 5; k--) {
    int begin = 0;
    const Term *term = text_cover(f->t, k, LAYER_ACTION, &begin, NULL);
    if (term != NULL && (term->flags & (FLAG_SERVICE | FLAG_VISIT)))
      return link && ((term->flags & FLAG_SERVICE) || f->context->modalities != 0) ? begin : -1;
    if (frame_word(f, k, ROLE_TO) || frame_word(f, k, ROLE_WITH))
      link = TRUE;
    else if ((!frame_word(f, k, ROLE_DET) && text_cover(f->t, k, LAYER_WORD, NULL, NULL) != NULL) ||
             text_token(f->t, k)->ch != 0)
      return -1;
  }
  return -1;
}

static void
push(Frame *f, const Term *term, int begin, int end)
{
  gboolean in_note = f->context->modalities == 0;
  f->actions[f->n_actions++] =
      (Action){.term = term,
               .begin = begin,
               .end = end,
               .tail = end,
               .kind = in_note && (term->flags & FLAG_VISIT) ? KIND_CLINICAL : term->kind,
               .modalities = term->modalities,
               .region = REGION_NONE,
               .split = REGION_NONE};
}

/* A specialty at i and its service make one action; returns its end, 0: none. */
static int
take_specialty(Frame *f, const Term *term, int i, int end)
{
  int stop = service_behind(f, end);
  if (stop > 0) {
    gboolean slash = i > f->s->begin && text_token(f->t, i - 1)->ch == '/';
    /* "cardiology/primary care evaluation" is one */
    if (!slash || f->n_actions == 0 || f->actions[f->n_actions - 1].end < i - 1)
      push(f, term, i, end);
    else
      f->actions[f->n_actions - 1].end = end;
    return end;
  }
  int service = service_before(f, i);
  if (service >= f->s->begin) {
    Action *last = f->n_actions > 0 ? &f->actions[f->n_actions - 1] : NULL;
    if (last != NULL && (last->term->flags & (FLAG_SERVICE | FLAG_VISIT)) && i - last->end <= 5)
      f->n_actions--; /* the bare "referral" that it belongs to */
    push(f, term, service, end);
    return end;
  }
  return 0;
}

static void
collect(Frame *f)
{
  for (int i = f->s->begin; i < f->s->end && f->n_actions < MAX_ACTIONS; i++) {
    int end = 0;
    const Term *term = text_begin(f->t, i, LAYER_ACTION, &end);
    if (term == NULL || end > f->s->end || term->kind == KIND_NONE)
      continue;
    if (term->flags & FLAG_SPECIALTY) {
      take_specialty(f, term, i, end);
      continue;
    }
    if (term->flags & FLAG_VISIT) {
      const Action *last = f->n_actions > 0 ? &f->actions[f->n_actions - 1] : NULL;
      if (last != NULL && (last->term->flags & FLAG_SPECIALTY) && i - last->end <= 1)
        continue; /* "urology follow-up" */
    }
    if (term->flags & FLAG_SERVICE) {
      const Action *last = f->n_actions > 0 ? &f->actions[f->n_actions - 1] : NULL;
      gboolean taken = last != NULL && (last->term->flags & FLAG_SPECIALTY) && i - last->end <= 5;
      if (taken || !(term->flags & FLAG_WEAK))
        continue;
    }
    push(f, term, i, end);
  }
}

static int
distance(const Frame *f, const Action *a, const Cue *c)
{
  if (c->begin >= a->begin && c->begin < a->end)
    return 0; /* "repeat films at" */
  int gap = c->end <= a->begin ? a->begin - c->end : c->begin - a->end;
  gboolean right_side = c->forward ? c->end <= a->begin : c->begin >= a->end;
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
    /* a cue within the words of the action says nothing of it: "re-imaged" */
    gboolean inside =
        c->begin >= a->begin && c->begin < a->end && !(c->imperative && c->begin == a->begin);
    for (int k = 0; k < f->n_conditions; k++)
      inside |= c->begin >= f->conditions[k].begin && c->begin < f->conditions[k].end;
    if (inside)
      continue;
    int d = distance(f, a, c);
    /* what is denied, over or ordered there says nothing of this action */
    if (d >= SECONDARY && (c->past || c->negated || c->imperative || c->term->role == ROLE_DONE ||
                           (a->term->flags & FLAG_WEAK)))
      continue;
    if (best == NULL || d < least) {
      best = c;
      least = d;
    }
  }
  return best;
}

static void
drop(Action *a, const char *why)
{
  a->dropped = TRUE;
  a->why = why;
}

static void
grant(Action *a, Strength strength, const char *rule)
{
  a->licensed = TRUE;
  a->strength = strength;
  a->rule = rule;
}

/* A time ahead in the clause, close to the action. */
static gboolean
time_near(const Frame *f, const Action *a)
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

/* Auxiliaries before an action that is a verb: "should be re-imaged". */
static gboolean
modal_license(Frame *f, Action *a)
{
  for (int k = a->begin - 1; k >= f->s->begin && k >= a->begin - 6; k--) {
    const Term *cue = text_cover(f->t, k, LAYER_CUE, NULL, NULL);
    if (cue && cue->role == ROLE_MODAL) {
      grant(a, cue->strength, "modal-verb");
      return TRUE;
    }
    /* "nodule to be reassessed" */
    if (frame_word(f, k, ROLE_TO) && frame_word(f, k + 1, ROLE_BE_BASE) && k > f->s->begin &&
        frame_cue_role(f, k - 1) == ROLE_NONE && f->context->modalities != 0) {
      grant(a, STRENGTH_RECOMMEND, "infinitive");
      return TRUE;
    }
    if (cue != NULL || (!frame_word(f, k, ROLE_BE) && !frame_word(f, k, ROLE_BE_BASE) &&
                        !frame_word(f, k, ROLE_ADVERB) && !frame_word(f, k, ROLE_TO) &&
                        !frame_word(f, k, ROLE_THEN)))
      return FALSE;
  }
  return FALSE;
}

/* "Rescan in a week", but not "Follow-up of a haematoma." */
static gboolean
imperative_license(Frame *f, Action *a)
{
  gboolean visit = (a->term->flags & FLAG_VISIT) != 0;
  if (!(a->term->flags & FLAG_WEAK) && frame_is_initial(f, a->begin) &&
      !frame_word(f, a->end, ROLE_OF) &&
      (!visit || (f->context->modalities != 0 && time_near(f, a))))
    grant(a, STRENGTH_RECOMMEND, "imperative");
  return a->licensed;
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

/* Nothing but sites, times and articles between the head of the clause and the
 * action: "Repeat CT", "Urgent left hip MRI", but not "Normal barium enema". */
static gboolean
heads_clause(const Frame *f, const Action *a)
{
  for (int k = a->begin; k >= f->s->begin; k--) {
    if (frame_is_initial(f, k))
      return TRUE;
    const Term *word = text_cover(f->t, k - 1, LAYER_WORD, NULL, NULL);
    const Term *cue = text_cover(f->t, k - 1, LAYER_CUE, NULL, NULL);
    gboolean plain = text_cover(f->t, k - 1, LAYER_SITE, NULL, NULL) != NULL ||
                     text_cover(f->t, k - 1, LAYER_TIME, NULL, NULL) != NULL ||
                     text_token(f->t, k - 1)->kind == TOKEN_NUMBER ||
                     text_token(f->t, k - 1)->ch == '-' || is_initials(f, k - 1) ||
                     (word && (word->role == ROLE_DET || word->role == ROLE_ADVERB)) ||
                     (cue && cue->role == ROLE_DO);
    if (!plain)
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
  return heading && (a->modalities & f->context->modalities) != 0 && a->begin == f->s->begin &&
         f->s->section != ROLE_RECOMMENDATION;
}

/* "PSA 7.2": a result, no request. */
static gboolean
number_behind(const Frame *f, const Action *a)
{
  for (int k = a->end; k < f->s->end && k < a->end + 4; k++)
    if (text_token(f->t, k)->kind == TOKEN_NUMBER &&
        text_cover(f->t, k, LAYER_TIME, NULL, NULL) == NULL)
      return TRUE;
  return FALSE;
}

/* Telegraphic ones without a cue: "US in 5 years", "Endocrinology consultation." */
static void
nominal_license(Frame *f, Action *a)
{
  const Sentence *s = f->s;
  if (is_aside(s) || ((a->term->flags & FLAG_WEAK) && s->section != ROLE_RECOMMENDATION))
    return;
  int clause = frame_clause(f, a->begin);
  for (int k = a->end; k < s->end && k < a->end + 3; k++)
    if (text_token(f->t, k)->ch == ':')
      return; /* "Mammography information:" is a heading */
  if (s->section == ROLE_RECOMMENDATION &&
      (f->context->modalities != 0 || !has_finite_verb(f, clause))) {
    grant(a, STRENGTH_RECOMMEND, "section");
    return;
  }
  gboolean condition = FALSE;
  for (int i = 0; i < f->n_conditions; i++) {
    int at = f->conditions[i].begin;
    condition |= frame_clause(f, at) == clause;
    /* "VCUG is at the discretion of the clinician" */
    if (s->concluding && at > a->end && at - a->end <= 3 && frame_word(f, at - 1, ROLE_BE))
      grant(a, STRENGTH_CONSIDER, "nominal-condition");
  }
  if (a->licensed || has_finite_verb(f, clause) || f->context->modalities == 0)
    return;
  if (a->term->flags & FLAG_SELF)
    grant(a, STRENGTH_RECOMMEND, "attention");
  else if (a->kind == KIND_LAB && !condition &&
           !(s->concluding && heads_clause(f, a) && !number_behind(f, a)))
    return;
  else if (time_near(f, a) && (s->concluding || heads_clause(f, a)))
    grant(a, STRENGTH_RECOMMEND, "nominal-time");
  else if (condition && s->concluding && heads_clause(f, a))
    grant(a, STRENGTH_RECOMMEND, "nominal-condition");
  else if (s->concluding && heads_clause(f, a) && !(a->term->flags & FLAG_GENERIC) &&
           !contrast_follows(f, clause) && !is_own_exam(f, a))
    grant(a, STRENGTH_RECOMMEND, "nominal");
}

static void
license(Frame *f, Action *a)
{
  a->why = frame_background_reason(f, a);
  if (a->why != NULL) {
    a->background = TRUE;
    return;
  }
  const Cue *cue = nearest_cue(f, a);
  if (cue != NULL && distance(f, a, cue) < SECONDARY && (cue->negated || cue->past)) {
    a->why = cue->negated ? "its cue is denied" : "its cue speaks of the past";
    return;
  }
  if (frame_is_denied(f, a)) {
    a->why = "it is denied";
    return;
  }
  gboolean report = f->context->modalities != 0;
  gboolean aside = f->s->section == ROLE_HISTORY || f->s->section == ROLE_TECHNIQUE ||
                   f->s->section == ROLE_COMPARISON || f->s->section == ROLE_OTHER_SECTION;
  if ((report && aside) || (f->s->section == ROLE_TITLE && (cue == NULL || cue->imperative))) {
    a->why = "it stands in a section that asks for nothing";
    return;
  }
  a->why = "no cue asks for it";
  gboolean verb = (a->term->flags & FLAG_VERB) != 0;
  if (verb && modal_license(f, a))
    return;
  if (cue != NULL && distance(f, a, cue) < SECONDARY)
    grant(a, cue->strength, cue->imperative ? "imperative" : cue->term->name);
  else if (verb && imperative_license(f, a))
    return;
  else if (cue != NULL)
    grant(a, cue->strength, cue->term->name);
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

/* The same, but "for consideration of biopsy" asks for nothing itself. */
static gboolean
asks_between(const Frame *f, int from, int to)
{
  for (int i = 0; i < f->n_cues; i++)
    if (f->cues[i].begin > from && f->cues[i].end <= to &&
        !frame_word(f, f->cues[i].begin - 1, ROLE_FOR))
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
      /* "MRI or follow-up PET": the general word belongs to the name behind it */
      if ((b->term->flags & FLAG_GENERIC) && k + 1 < f->n_actions &&
          f->actions[k + 1].begin - b->end <= 1 && !(f->actions[k + 1].term->flags & FLAG_GENERIC))
        continue;
      if (b->kind != KIND_IMAGING || (b->term->flags & FLAG_GENERIC) || b->begin - a->end > 9 ||
          (!slash && !between_has(f, a->end, b->begin, ROLE_OR)) ||
          cue_between(f, a->end, b->begin) || when_between(f, a->end, b->begin) ||
          frame_clause(f, a->begin) != frame_clause(f, b->begin))
        break;
      a->modalities |= b->modalities;
      a->end = b->end;
      drop(b, "one of two choices: part of the exam before");
    }
  }
}

/* "Follow-up with CT", "imaging ... preferably MRI", "correlation with AFP":
 * the general word gives way to the named action. */
static gboolean
gives_way(const Frame *f, const Action *g, const Action *s)
{
  if (!s->licensed || s->dropped || s == g || (s->term->flags & FLAG_GENERIC))
    return FALSE;
  /* "Follow-up per guideline: CT in 3 months" */
  int apart = frame_clause(f, s->begin) - frame_clause(f, g->begin);
  if (apart == 1 && g->kind == s->kind && !when_between(f, g->end, s->begin))
    for (int k = g->end; k < s->begin; k++)
      if (text_token(f->t, k)->ch == ':')
        return TRUE;
  if (apart != 0)
    return FALSE;
  if (s->end <= g->begin && g->begin - s->end <= 1)
    return TRUE; /* "ultrasound correlation" */
  for (int i = 0; i < f->n_actions; i++)
    if (f->actions[i].begin >= g->end && f->actions[i].end <= s->begin &&
        f->actions[i].kind != s->kind && f->actions[i].licensed && g->kind == KIND_IMAGING &&
        s->kind != KIND_IMAGING)
      return FALSE; /* "follow-up in correlation with hCG": the correlation does */
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
      if (gives_way(f, g, &f->actions[k]))
        drop(g, "a general word: gives way to the named exam");
    /* "follow-up imaging surveillance" is one */
    for (int k = 0; k < i && !g->dropped; k++) {
      const Action *o = &f->actions[k];
      if (o->licensed && !o->dropped && o->kind == g->kind && (o->term->flags & FLAG_GENERIC) &&
          frame_clause(f, o->begin) == frame_clause(f, g->begin))
        drop(g, "a general word: said already");
    }
  }
}

/* "left mammogram with spot views": one visit to the same machine. */
static void
merge_same(Frame *f)
{
  for (int i = 0; i + 1 < f->n_actions; i++) {
    Action *a = &f->actions[i], *b = &f->actions[i + 1];
    gboolean imaging =
        a->kind == KIND_IMAGING && a->modalities != 0 && a->modalities == b->modalities;
    if (a->kind != b->kind || !(imaging || a->kind == KIND_PROCEDURE) || !a->licensed ||
        !b->licensed || a->dropped || b->dropped || b->begin - a->end > 5 ||
        !(between_has(f, a->end, b->begin, ROLE_WITH) || b->begin == a->end) ||
        when_between(f, a->end, b->begin) || cue_between(f, a->end, b->begin))
      continue;
    a->modalities |= b->modalities;
    drop(b, "part of the exam before");
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
        drop(b, "one list of tests");
    }
  }
}

/* First word of the noun phrase of b, not before `from`: "a chest CT". */
static int
phrase_begin(const Frame *f, const Action *b, int from)
{
  int k = b->begin;
  while (k > from && (text_cover(f->t, k - 1, LAYER_SITE, NULL, NULL) != NULL ||
                      frame_word(f, k - 1, ROLE_DET) || frame_word(f, k - 1, ROLE_ADVERB) ||
                      text_token(f->t, k - 1)->ch == '-'))
    k--;
  return k;
}

/* "reassessed at next staging CT": nothing but a preposition of time and modifiers. */
static gboolean
leads_on(const Frame *f, int from, int to)
{
  if (to - from > 3)
    return FALSE;
  for (int k = from; k < to; k++) {
    const Term *time = text_cover(f->t, k, LAYER_TIME, NULL, NULL);
    gboolean word = frame_word(f, k, ROLE_ADVERB) || frame_word(f, k, ROLE_DET);
    if (!word && !(time && (time->role == ROLE_AT || time->role == ROLE_WITHIN)))
      return FALSE;
  }
  return TRUE;
}

/* "ultrasound surveillance with AFP", "reimage, preferably MRI": joined to an
 * action that is asked for. */
static void
join_neighbours(Frame *f)
{
  for (int i = 1; i < f->n_actions; i++) {
    Action *b = &f->actions[i];
    const Action *a = &f->actions[i - 1];
    if (b->licensed || b->background || !a->licensed || b->begin - a->end > 9 ||
        frame_clause(f, a->begin) != frame_clause(f, b->begin) ||
        cue_between(f, a->end, b->begin) || frame_is_denied(f, b))
      continue;
    int first = phrase_begin(f, b, a->end);
    char ch = text_token(f->t, first - 1)->ch;
    gboolean near =
        ch == '+' || ch == '/' || frame_word(f, first - 1, ROLE_AND) ||
        frame_word(f, first - 1, ROLE_WITH) || frame_word(f, first - 1, ROLE_OR) ||
        ((a->term->flags & FLAG_GENERIC) && (first == a->end || leads_on(f, a->end, first))) ||
        (a->kind == KIND_CLINICAL && frame_word(f, first - 1, ROLE_FOR));
    if (near || between_has(f, a->end, b->begin, ROLE_PREFER))
      grant(b, a->strength, a->rule);
  }
}

/* "ENT referral for biopsy": what the other doctor is to do is the referral's matter. */
static void
drop_purposes(Frame *f)
{
  for (int i = 1; i < f->n_actions; i++) {
    Action *b = &f->actions[i];
    const Action *a = NULL;
    for (int k = i - 1; k >= 0 && a == NULL; k--)
      if (f->actions[k].licensed && (f->actions[k].kind == KIND_REFERRAL ||
                                     (f->actions[k].kind == KIND_PROCEDURE && b->kind == KIND_LAB)))
        a = &f->actions[k];
    if (a == NULL || !b->licensed || frame_clause(f, a->begin) != frame_clause(f, b->begin))
      continue;
    gboolean same = b->kind == KIND_REFERRAL && b->begin - a->end <= 4 &&
                    !between_has(f, a->end, b->begin, ROLE_AND);
    gboolean with = (a->kind == KIND_PROCEDURE || b->kind == KIND_PROCEDURE) &&
                    between_has(f, a->end, b->begin, ROLE_WITH) &&
                    !between_has(f, a->end, b->begin, ROLE_AND);
    if (same || ((between_has(f, a->end, b->begin, ROLE_FOR) || with) &&
                 !asks_between(f, a->end, b->begin) && b->begin - a->end <= 8))
      drop(b, "what the referral or procedure is for");
  }
}

/* A site at k, behind articles, sides and modifiers; its region, REGION_NONE: none. */
static int
site_from(const Frame *f, int k, int *ret_begin, int *ret_end)
{
  for (int i = k; i < f->s->end && i < k + 5; i++) {
    const Term *site = text_begin(f->t, i, LAYER_SITE, ret_end);
    if (site != NULL && site->role == ROLE_ANATOMY && site->region >= 0) {
      *ret_begin = i;
      return site->region;
    }
    if (site == NULL && !frame_word(f, i, ROLE_OF) && !frame_word(f, i, ROLE_DET) &&
        !frame_word(f, i, ROLE_ADVERB) && !frame_word(f, i, ROLE_AND) &&
        text_token(f->t, i)->ch != '+')
      return REGION_NONE;
  }
  return REGION_NONE;
}

/* "MRI brain and whole spine", "films of the chest and left knee": two exams, one name. */
static void
split_regions(Frame *f)
{
  unsigned split = 1u << code_index(modality_codes, N_MODALITIES, "MR") |
                   1u << code_index(modality_codes, N_MODALITIES, "XR");
  int n = f->n_actions;
  for (int i = 0; i < n && f->n_actions < MAX_ACTIONS; i++) {
    const Action *a = &f->actions[i];
    int begin = 0, end = 0, begin2 = 0, end2 = 0;
    if (!a->licensed || a->dropped || a->kind != KIND_IMAGING || !(a->modalities & split))
      continue;
    int first = site_from(f, a->end, &begin, &end);
    gboolean joined = first >= 0 && end < f->s->end &&
                      (frame_word(f, end, ROLE_AND) || text_token(f->t, end)->ch == '+');
    int second = joined ? site_from(f, end, &begin2, &end2) : REGION_NONE;
    if (second < 0 || !regions_apart(first, second))
      continue;
    Action b = *a;
    b.begin = begin2;
    b.end = b.tail = end2;
    b.split = second;
    for (int k = f->n_actions; k > i + 1; k--)
      f->actions[k] = f->actions[k - 1];
    f->actions[i + 1] = b;
    f->n_actions++;
    n++;
    i++;
  }
}

/* "Follow-up CT shows resolution": the general word goes with the exam behind it. */
static void
drop_with_background(Frame *f)
{
  for (int i = 0; i + 1 < f->n_actions; i++) {
    Action *g = &f->actions[i];
    const Action *s = &f->actions[i + 1];
    if ((g->term->flags & FLAG_GENERIC) && s->background && s->begin - g->end <= 2 &&
        g->end <= s->begin)
      drop(g, "goes with an exam that exists");
  }
}

void
frame_find_actions(Frame *f)
{
  collect(f);
  for (int i = 0; i < f->n_actions; i++)
    license(f, &f->actions[i]);
  drop_with_background(f);
  join_neighbours(f);
  drop_purposes(f);
  merge_choices(f);
  merge_same(f);
  absorb_generics(f);
  merge_lists(f);
  split_regions(f);
  int kept = 0;
  for (int i = 0; i < f->n_actions; i++) {
    const Action *a = &f->actions[i];
    if (a->licensed && !a->dropped)
      f->actions[kept++] = f->actions[i];
    else
      trace_add(f->trace, f->t, a->begin, a->end, TRACE_ACTION, TRACE_SUPPRESSED, a->term->name,
                a->why);
  }
  f->n_actions = kept;
}

static void
trace_cues(const Frame *f)
{
  for (int i = 0; i < f->n_cues; i++) {
    const Cue *c = &f->cues[i];
    trace_add(f->trace, f->t, c->begin, c->end, TRACE_CUE, TRACE_SEEN, c->term->name,
              c->negated      ? "denied"
              : c->past       ? "of the past"
              : c->imperative ? "imperative"
                              : "");
  }
}

static const char *
sense_name(const When *w)
{
  static const char *const names[] = {[WHEN_FUTURE] = "ahead",
                                      [WHEN_BARE] = "bare",
                                      [WHEN_DURATION] = "how long",
                                      [WHEN_PAST] = "past"};
  return names[w->sense];
}

void
frame_trace(const Frame *f)
{
  trace_cues(f);
  for (int i = 0; i < f->n_conditions; i++)
    trace_add(f->trace, f->t, f->conditions[i].begin, f->conditions[i].end, TRACE_CONDITION,
              TRACE_SEEN, text_begin(f->t, f->conditions[i].begin, LAYER_CUE, NULL)->name,
              f->conditions[i].question ? "a question" : NULL);
  for (unsigned i = 0; i < f->whens->len; i++) {
    const When *w = &g_array_index(f->whens, When, i);
    char earliest[16] = "", latest[16] = "";
    if (w->earliest.unit)
      period_format(w->earliest, earliest);
    if (w->latest.unit)
      period_format(w->latest, latest);
    g_autofree char *rule = g_strdup_printf("%s..%s", earliest, latest);
    trace_add(f->trace, f->t, w->begin, w->end, TRACE_TIME, TRACE_SEEN, rule, sense_name(w));
  }
  for (int i = 0; i < f->n_actions; i++)
    trace_add(f->trace, f->t, f->actions[i].begin, f->actions[i].end, TRACE_ACTION, TRACE_FIRED,
              f->actions[i].term->name, f->actions[i].rule);
}
