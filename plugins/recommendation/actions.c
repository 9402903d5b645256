/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of the exams, procedures, referrals and tests that a sentence names
 * are asked for, by which rule, and which of them are one action.
 */
#include <stdlib.h>
#include <string.h>

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
                    frame_word(f, k, ROLE_ADVERB) || text_token(f->t, k)->ch == '/' ||
                    text_token(f->t, k)->ch == '-';
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
  for (int k = at - 1; k >= f->s->begin && k >= at - 7; k--) {
    int begin = 0;
    const Term *term = text_cover(f->t, k, LAYER_ACTION, &begin, NULL);
    if (term != NULL && (term->flags & (FLAG_SERVICE | FLAG_VISIT)))
      return link && ((term->flags & FLAG_SERVICE) || f->context->modalities != 0) ? begin : -1;
    /* "referral to spinal surgeons and clinical oncology" */
    if ((term != NULL && (term->flags & FLAG_SPECIALTY)) || frame_word(f, k, ROLE_AND))
      continue;
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
    gboolean second =
        last != NULL && (last->term->flags & FLAG_SPECIALTY) && last->begin == service;
    push(f, term, second ? i : service, end);
    return end;
  }
  return 0;
}

/* "CT-guided disc aspiration": where the procedure of a guided name begins, 0: none. */
static int
guided_at(const Frame *f, int end)
{
  int k = end;
  while (k < f->s->end && text_token(f->t, k)->ch == '-')
    k++;
  if (!frame_word(f, k, ROLE_GUIDED))
    return 0;
  for (int i = k + 1; i < f->s->end && i < k + 6; i++) {
    const Term *term = text_begin(f->t, i, LAYER_ACTION, NULL);
    if (term != NULL && term->kind != KIND_NONE)
      return term->kind == KIND_PROCEDURE ? i : 0;
    if (text_token(f->t, i)->kind == TOKEN_PUNCT && text_token(f->t, i)->ch != '-')
      return 0;
  }
  return 0;
}

static void
collect(Frame *f)
{
  int guided = 0, guide = 0;
  unsigned modalities = 0;
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
    int procedure = term->kind == KIND_IMAGING ? guided_at(f, end) : 0;
    if (procedure > 0) {
      guided = procedure;
      guide = i;
      modalities = term->modalities;
      continue;
    }
    push(f, term, i, end);
    if (guided == i && guided > 0) {
      f->actions[f->n_actions - 1].begin = guide;
      f->actions[f->n_actions - 1].modalities |= modalities;
    }
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

/* Auxiliaries before an action that is a verb: "should be re-imaged". */
static gboolean
modal_license(Frame *f, Action *a)
{
  for (int k = a->begin - 1; k >= f->s->begin && k >= a->begin - 6; k--) {
    const Term *cue = text_cover(f->t, k, LAYER_CUE, NULL, NULL);
    if (cue && cue->role == ROLE_MODAL) {
      action_grant(a, cue->strength, "modal-verb");
      return TRUE;
    }
    /* "nodule to be reassessed" */
    if (frame_word(f, k, ROLE_TO) && frame_word(f, k + 1, ROLE_BE_BASE) &&
        frame_cue_role(f, k - 1) == ROLE_NONE && f->context->modalities != 0) {
      action_grant(a, STRENGTH_RECOMMEND, "infinitive");
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
      (!visit || (f->context->modalities != 0 && frame_time_near(f, a))))
    action_grant(a, STRENGTH_RECOMMEND, "imperative");
  return a->licensed;
}

/* Nothing but sites, times and articles between the head of the clause and the
 * action: "Repeat CT", "Urgent left hip MRI", but not "Normal barium enema". */
/* The same with words that the lexicon does not know at all: "variceal screening by upper
 * endoscopy if not up to date". */
/* "can be reassessed on CT": the exam that the verb before it is to be done with. */
static const Action *
verb_before(const Frame *f, const Action *a)
{
  if (a == f->actions)
    return NULL;
  const Action *v = a - 1;
  gboolean verb = v->licensed && (v->term->flags & FLAG_VERB) && (v->term->flags & FLAG_GENERIC);
  return verb && frame_word(f, v->end, ROLE_ON) && a->begin - v->end <= 2 &&
                 strcmp(v->rule, "modal-verb") == 0
             ? v
             : NULL;
}

static void
license(Frame *f, Action *a)
{
  const Action *before = verb_before(f, a);
  if (before != NULL) {
    action_grant(a, before->strength, before->rule);
    return;
  }
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
  /* earlier illnesses, the family, drugs: never, in a note neither */
  aside = aside && (report || f->s->section == ROLE_OTHER_SECTION);
  if (aside || (f->s->section == ROLE_TITLE && (cue == NULL || cue->imperative))) {
    a->why = "it stands in a section that asks for nothing";
    return;
  }
  a->why = "no cue asks for it";
  gboolean verb = (a->term->flags & FLAG_VERB) != 0;
  if (verb && modal_license(f, a))
    return;
  if (cue != NULL && distance(f, a, cue) < SECONDARY)
    action_grant(a, cue->strength, cue->imperative ? "imperative" : cue->term->name);
  else if (verb && imperative_license(f, a))
    return;
  else if (cue != NULL)
    action_grant(a, cue->strength, cue->term->name);
  else
    frame_nominal_license(f, a);
}

void
frame_find_actions(Frame *f)
{
  collect(f);
  for (int i = 0; i < f->n_actions; i++)
    license(f, &f->actions[i]);
  frame_join_actions(f);
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
