/* SPDX-License-Identifier: Apache-2.0
 *
 * Which time and which condition belong to which action of a sentence.
 */
#include "frame.h"

enum { BARE_REACH = 8, PRENOMINAL_REACH = 5 };

static void
give(Action *a, const When *w)
{
  for (int i = 0; i < a->n_whens; i++)
    if (period_equal(a->whens[i].earliest, w->earliest) &&
        period_equal(a->whens[i].latest, w->latest) && period_equal(a->whens[i].repeat, w->repeat))
      return;
  if (a->n_whens < MAX_WHENS)
    a->whens[a->n_whens++] = *w;
}

/* "6-month follow-up CT", "annual MRI", "urgent ENT referral" */
static Action *
prenominal(Frame *f, const When *w)
{
  for (int i = 0; i < f->n_actions; i++) {
    Action *a = &f->actions[i];
    if (a->begin < w->end || a->begin - w->end > PRENOMINAL_REACH)
      continue;
    for (int k = w->end; k < a->begin; k++) {
      char ch = text_token(f->t, k)->ch;
      const Term *word = text_cover(f->t, k, LAYER_WORD, NULL, NULL);
      if ((ch != 0 && ch != '-' && ch != '/') || (word && word->role != ROLE_ADVERB) ||
          frame_cue_role(f, k) == ROLE_MODAL || frame_cue_role(f, k) == ROLE_VERB)
        return NULL;
    }
    return a;
  }
  return NULL;
}

static Action *
last_before(Frame *f, const When *w)
{
  Action *best = NULL;
  for (int i = 0; i < f->n_actions; i++)
    if (f->actions[i].begin < w->begin &&
        frame_clause(f, f->actions[i].begin) == frame_clause(f, w->begin))
      best = &f->actions[i];
  return best;
}

static Action *
first_after(Frame *f, const When *w)
{
  for (int i = 0; i < f->n_actions; i++)
    if (f->actions[i].begin >= w->end &&
        frame_clause(f, f->actions[i].begin) == frame_clause(f, w->begin))
      return &f->actions[i];
  return NULL;
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
condition_at(const Frame *f, int i)
{
  for (int k = 0; k < f->n_conditions; k++)
    if (f->conditions[k].begin == i)
      return TRUE;
  return i < f->s->end && frame_cue_role(f, i) == ROLE_MODAL && text_token(f->t, i - 1)->ch != '.';
}

static gboolean
names_finding_between(const Frame *f, int from, int to)
{
  for (int k = from; k < to; k++)
    if (text_has_role(f->t, k, LAYER_FINDING, ROLE_FINDING))
      return TRUE;
  return FALSE;
}

/* "then", "and again" open another clause of the same action: "CT now; then yearly" */
static Action *
carried(Frame *f, const When *w)
{
  int k = w->begin - 1;
  while (k > f->s->begin && frame_word(f, k, ROLE_AND))
    k--;
  if (k < f->s->begin || !frame_word(f, k, ROLE_THEN))
    return NULL;
  Action *best = NULL;
  for (int i = 0; i < f->n_actions; i++)
    if (f->actions[i].begin < w->begin)
      best = &f->actions[i];
  return best;
}

static Action *
owner(Frame *f, const When *w)
{
  Action *a = prenominal(f, w);
  gboolean word = w->sense == WHEN_BARE || w->now || w->repeat.unit != 0;
  if (a != NULL && word)
    return a;
  Action *before = last_before(f, w);
  if (before == NULL)
    before = carried(f, w);
  if (w->sense == WHEN_BARE) {
    if (before == NULL || w->begin - before->end > BARE_REACH ||
        names_finding_between(f, before->end, w->begin))
      return NULL;
    return before;
  }
  if (before != NULL)
    return before;
  return a != NULL ? a : first_after(f, w);
}

/* "MRI brain and spine within 48 h", "yearly ultrasound with AFP": neighbours
 * joined by "and", "+" or "with" share the time of one of them. */
static gboolean
joined(const Frame *f, const Action *a, const Action *b)
{
  if (frame_clause(f, a->begin) != frame_clause(f, b->begin) || b->begin - a->end > 8)
    return FALSE;
  gboolean link = FALSE;
  for (int k = a->end; k < b->begin; k++) {
    const Token *token = text_token(f->t, k);
    Role role = frame_cue_role(f, k);
    if (token->ch == ',' || token->ch == '.' || role == ROLE_MODAL || role == ROLE_VERB ||
        role == ROLE_PARTICIPLE || role == ROLE_PREDICATE || frame_word(f, k, ROLE_THEN))
      return FALSE;
    link |= token->ch == '+' || token->ch == '/' || token->ch == '&' ||
            frame_word(f, k, ROLE_AND) || frame_word(f, k, ROLE_WITH) || frame_word(f, k, ROLE_OR);
  }
  return link;
}

/* "return in three months with a PET CT", "see her back in 3 months for radiographs" */
static gboolean
visit_with(const Frame *f, const Action *a, const Action *b)
{
  if (b->n_whens > 0 || frame_clause(f, a->begin) != frame_clause(f, b->begin))
    return FALSE;
  for (int k = MAX(a->end, b->begin - 5); k < b->begin; k++)
    if (frame_word(f, k, ROLE_WITH) || frame_word(f, k, ROLE_FOR))
      return TRUE;
  return FALSE;
}

/* "radiographs and repeat MRI in 6 months": only what is repeated is put off. */
static gboolean
asks_again(const Frame *f, const Action *a)
{
  for (int k = a->begin; k >= f->s->begin && k >= a->begin - 3; k--) {
    if (frame_cue_role(f, k) == ROLE_DO)
      return TRUE;
    if (k < a->begin && (text_token(f->t, k)->ch == ',' || frame_word(f, k, ROLE_AND)))
      return FALSE;
  }
  return FALSE;
}

static void
share(Frame *f)
{
  for (int i = 0; i + 1 < f->n_actions; i++) {
    Action *a = &f->actions[i], *b = &f->actions[i + 1];
    if ((a->kind == KIND_CLINICAL || a->kind == KIND_REFERRAL) && visit_with(f, a, b)) {
      for (int k = 0; k < a->n_whens; k++)
        give(b, &a->whens[k]);
      continue;
    }
    if (!joined(f, a, b))
      continue;
    /* "neurosurgical evaluation and MRI in 3 months": the consult is not put off */
    gboolean act = a->kind != b->kind && (a->kind == KIND_REFERRAL || a->kind == KIND_PROCEDURE);
    act = act || (asks_again(f, b) && !asks_again(f, a));
    if (!act && a->n_whens == 0 && b->n_whens > 0 && b->whens[0].begin >= b->end)
      for (int k = 0; k < b->n_whens; k++)
        give(a, &b->whens[k]);
    else if (b->n_whens == 0 && a->n_whens > 0 && a->whens[0].end <= a->begin &&
             (a->kind == b->kind || b->kind == KIND_LAB))
      for (int k = 0; k < a->n_whens; k++)
        if (!a->whens[k].now || a->kind == b->kind)
          give(b, &a->whens[k]);
  }
}

/* "urgent CT within 24 hours": the number says more than the word; but "now,
 * then at 1 year" are two dates. */
static void
drop_now(Action *a)
{
  gboolean sooner = FALSE;
  int kept = 0;
  for (int i = 0; i < a->n_whens; i++)
    sooner |=
        !a->whens[i].now && (a->whens[i].earliest.n == 0 || a->whens[i].earliest.unit == 'H' ||
                             a->whens[i].latest.unit == 'H');
  for (int i = 0; i < a->n_whens; i++)
    if (!sooner || !a->whens[i].now)
      a->whens[kept++] = a->whens[i];
  a->n_whens = kept;
}

/* "annual ... in 12 months": a period and its own first date are one. */
static void
fold_repeat(const Frame *f, Action *a)
{
  int kept = 0;
  for (int i = 0; i < a->n_whens; i++) {
    When w = a->whens[i];
    /* "in 6 months (July 2024)" says it twice */
    gboolean folded = w.absolute && kept > 0 && text_token(f->t, w.begin - 1)->ch == '(';
    for (int k = 0; k < kept && !folded; k++) {
      When *o = &a->whens[k];
      /* "annual US up to 5 years": how long the series goes on */
      if (o->repeat.unit != 0 && w.earliest.n == 0 && w.repeat.unit == 0 && !w.now &&
          w.latest.unit == 'Y') {
        folded = TRUE;
        break;
      }
      /* "yearly, in 12 months": the first date of the series */
      if (w.repeat.unit == 0 && period_equal(o->repeat, w.earliest)) {
        folded = TRUE;
        break;
      }
      if (w.absolute && o->repeat.unit != 0 && o->begin > w.begin) {
        w.repeat = o->repeat;
        *o = w;
        folded = TRUE;
      } else if (w.absolute && o->repeat.unit != 0 && w.begin > o->begin) {
        w.repeat = o->repeat;
        *o = w;
        folded = TRUE;
      }
    }
    if (!folded)
      a->whens[kept++] = w;
  }
  a->n_whens = kept;
}

/* "24-hour Holter": the time is part of the name. */
static gboolean
in_name(const Frame *f, int i)
{
  for (int k = 0; k < f->n_actions; k++)
    if (i >= f->actions[k].begin && i < f->actions[k].tail && f->actions[k].tail - i > 1)
      return TRUE;
  return FALSE;
}

void
frame_assign_times(Frame *f)
{
  for (unsigned i = 0; i < f->whens->len; i++) {
    const When *w = &g_array_index(f->whens, When, i);
    if (w->sense == WHEN_PAST || in_condition(f, w->quantity) ||
        (w->sense == WHEN_BARE && in_name(f, w->quantity)) || (w->now && condition_at(f, w->end)))
      continue; /* "urgently should there be signs" */
    /* "for 6-month follow-up" is no duration */
    Action *a = w->sense == WHEN_DURATION ? prenominal(f, w) : owner(f, w);
    if (a != NULL)
      give(a, w);
  }
  for (int i = 0; i < f->n_actions; i++) {
    drop_now(&f->actions[i]);
    fold_repeat(f, &f->actions[i]);
  }
  share(f);
}

static void
bind(Action *a, const Condition *c)
{
  if (a->condition == NULL)
    a->condition = c;
  else
    a->more_condition = c;
}

/* Another subject before the condition has its own verb: "CT today, and he will
 * go home if ..." */
static gboolean
subject_between(const Frame *f, int from, int to)
{
  for (int k = from; k < to; k++)
    if (frame_word(f, k, ROLE_PATIENT) || frame_word(f, k, ROLE_WE))
      return TRUE;
  return FALSE;
}

static gboolean
time_begins(const Frame *f, int i)
{
  for (unsigned k = 0; k < f->whens->len; k++)
    if (g_array_index(f->whens, When, k).begin == i)
      return TRUE;
  return FALSE;
}

/* "CT in a year, and if unchanged every two years", "at 6 months, then yearly if it persists":
 * a condition of the later times only. */
static gboolean
bind_times(const Frame *f, Action *a, const Condition *c)
{
  int from = c->end;
  if (!c->leading) {
    from = -1;
    for (int k = a->end; k < c->begin; k++)
      if (frame_word(f, k, ROLE_THEN) || (frame_word(f, k, ROLE_OR) && time_begins(f, k + 1)))
        from = k;
  }
  gboolean earlier = FALSE, later = FALSE;
  for (int i = 0; i < a->n_whens; i++) {
    earlier |= from >= 0 && a->whens[i].begin < from;
    later |= from >= 0 && a->whens[i].begin >= from;
  }
  if (!later || (!earlier && c->leading))
    return FALSE;
  for (int i = 0; i < a->n_whens && earlier; i++)
    if (a->whens[i].begin >= from)
      a->whens[i].condition = 1 + (int)(c - f->conditions);
  return earlier;
}

void
frame_assign_conditions(Frame *f)
{
  for (int i = 0; i < f->n_conditions; i++) {
    const Condition *c = &f->conditions[i];
    if (c->question)
      continue;
    int clause = frame_clause(f, c->begin);
    Action *before = NULL;
    gboolean after = FALSE;
    for (int k = 0; k < f->n_actions; k++) {
      Action *a = &f->actions[k];
      if (a->begin < c->begin && frame_clause(f, a->begin) == clause)
        before = a;
      after |= a->begin >= c->end && frame_clause(f, a->begin) == clause;
    }
    if (c->leading && after) {
      for (int k = 0; k < f->n_actions; k++)
        if (f->actions[k].begin >= c->end && frame_clause(f, f->actions[k].begin) == clause)
          bind(&f->actions[k], c);
    } else if (before != NULL && !subject_between(f, before->end, c->begin)) {
      if (!bind_times(f, before, c))
        bind(before, c);
    } else if (f->n_actions > 0 && f->actions[0].begin >= c->end) {
      bind(&f->actions[0], c);
    }
  }
}
