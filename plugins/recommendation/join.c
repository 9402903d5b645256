/* SPDX-License-Identifier: Apache-2.0
 *
 * One action named twice, two in one name, and what goes with another: choices,
 * general words, lists, neighbours, purposes.
 */
#include "frame.h"

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
      action_drop(b, "one of two choices: part of the exam before");
    }
  }
}

/* "The FNA will be repeated in 3 months": the verb is the name's. */
static gboolean
is_predicate(const Frame *f, const Action *s, const Action *g)
{
  if (!(g->term->flags & FLAG_VERB) || s->end > g->begin || g->begin - s->end > 5)
    return FALSE;
  gboolean verb = FALSE;
  for (int k = s->end; k < g->begin; k++) {
    gboolean be = frame_word(f, k, ROLE_BE) || frame_word(f, k, ROLE_BE_BASE);
    gboolean modal = frame_cue_role(f, k) == ROLE_MODAL;
    verb |= be || modal;
    if (!be && !modal && !frame_word(f, k, ROLE_ADVERB))
      return FALSE;
  }
  return verb;
}

/* "Follow-up with CT", "imaging ... preferably MRI", "correlation with AFP":
 * the general word gives way to the named action. */
static gboolean
gives_way(const Frame *f, const Action *g, const Action *s)
{
  if (s->dropped || s == g || (s->term->flags & FLAG_GENERIC))
    return FALSE;
  if (s->licensed && is_predicate(f, s, g))
    return TRUE;
  if (!s->licensed)
    return FALSE;
  /* "repeat scan with thyroglobulin" is a scan and a test */
  if (s->kind == KIND_LAB && (g->term->flags & FLAG_SAME_EXAM))
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

/* "Radiographs are recommended for correlation": what they are for. */
static gboolean
is_purpose(const Frame *f, int i)
{
  const Action *g = &f->actions[i];
  if (g->kind != KIND_CLINICAL || !frame_word(f, g->begin - 1, ROLE_FOR))
    return FALSE;
  for (int k = 0; k < i; k++)
    if (f->actions[k].licensed && !f->actions[k].dropped && f->actions[k].kind != KIND_CLINICAL &&
        frame_clause(f, f->actions[k].begin) == frame_clause(f, g->begin))
      return TRUE;
  return FALSE;
}

static void
absorb_generics(Frame *f)
{
  for (int i = 0; i < f->n_actions; i++) {
    Action *g = &f->actions[i];
    if (!g->licensed || g->dropped || !(g->term->flags & FLAG_GENERIC))
      continue;
    if (is_purpose(f, i))
      action_drop(g, "what the exam before is for");
    for (int k = 0; k < f->n_actions && !g->dropped; k++)
      if (gives_way(f, g, &f->actions[k]))
        action_drop(g, "a general word: gives way to the named exam");
    /* "follow-up imaging surveillance" is one; "followed with a scan" is the exam again */
    for (int k = 0; k < i && !g->dropped; k++) {
      Action *o = &f->actions[k];
      gboolean again = (g->term->flags & FLAG_SAME_EXAM) && !(o->term->flags & FLAG_SAME_EXAM);
      if (again && o->licensed && !o->dropped && o->kind == g->kind &&
          (o->term->flags & FLAG_GENERIC) && !(o->term->flags & FLAG_SELF) &&
          between_has(f, o->end, g->begin, ROLE_WITH) && !when_between(f, o->end, g->begin) &&
          frame_clause(f, o->begin) == frame_clause(f, g->begin)) {
        action_drop(o, "a general word: the exam is named behind it");
        continue;
      }
      if (o->licensed && !o->dropped && o->kind == g->kind && (o->term->flags & FLAG_GENERIC) &&
          frame_clause(f, o->begin) == frame_clause(f, g->begin))
        action_drop(g, "a general word: said already");
    }
  }
}

/* "left mammogram with spot views": one visit to the same machine. */
static void
merge_same(Frame *f)
{
  for (int i = 0; i + 1 < f->n_actions; i++) {
    Action *a = &f->actions[i], *b = &f->actions[i + 1];
    /* "EBUS would be the preferred means of sampling" */
    if (a->kind == KIND_PROCEDURE && b->kind == KIND_PROCEDURE && a->licensed && !a->dropped &&
        b->licensed && frame_word(f, b->begin - 1, ROLE_OF) && cue_between(f, a->end, b->begin) &&
        frame_clause(f, a->begin) == frame_clause(f, b->begin)) {
      action_drop(b, "what the procedure before is for");
      continue;
    }
    gboolean imaging =
        a->kind == KIND_IMAGING && a->modalities != 0 && a->modalities == b->modalities;
    if (a->kind != b->kind || !(imaging || a->kind == KIND_PROCEDURE) || !a->licensed ||
        !b->licensed || a->dropped || b->dropped || b->begin - a->end > 5 ||
        !(between_has(f, a->end, b->begin, ROLE_WITH) || b->begin == a->end) ||
        when_between(f, a->end, b->begin) || cue_between(f, a->end, b->begin))
      continue;
    a->modalities |= b->modalities;
    action_drop(b, "part of the exam before");
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
        action_drop(b, "one list of tests");
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

/* "ultrasound is recommended and, if no correlate, biopsy": over the condition, which has
 * commas of its own, to the "and" before it. */
static int
before_condition(const Frame *f, int first)
{
  for (int i = 0; i < f->n_conditions; i++) {
    const Condition *c = &f->conditions[i];
    if (c->end == first - 1 && text_token(f->t, first - 1)->ch == ',' &&
        c->begin - 2 >= f->s->begin && text_token(f->t, c->begin - 1)->ch == ',')
      return c->begin - 1;
  }
  return first;
}

/* A cue between two actions that does not belong to the first: its own predicate, which stands
 * behind it, does. */
static gboolean
cue_parts(const Frame *f, int from, int to)
{
  gboolean open = FALSE;
  for (int i = 0; i < f->n_cues; i++) {
    const Cue *c = &f->cues[i];
    if (c->begin < from || c->end > to)
      continue;
    if (c->forward || c->negated || c->past)
      return TRUE;
    open = TRUE;
  }
  if (!open)
    return to - from > 9;
  /* only "and" takes the predicate along */
  for (int k = to - 1; k >= from; k--)
    if (frame_word(f, k, ROLE_AND))
      return FALSE;
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
    if (b->licensed || b->background || !a->licensed || b->begin - a->end > 14 ||
        frame_clause(f, a->begin) != frame_clause(f, b->begin) || cue_parts(f, a->end, b->begin) ||
        frame_is_denied(f, b))
      continue;
    int first = before_condition(f, phrase_begin(f, b, a->end));
    char ch = text_token(f->t, first - 1)->ch;
    gboolean near =
        ch == '+' || ch == '/' || frame_word(f, first - 1, ROLE_AND) ||
        frame_word(f, first - 1, ROLE_WITH) || frame_word(f, first - 1, ROLE_OR) ||
        ((a->term->flags & FLAG_GENERIC) && (first == a->end || leads_on(f, a->end, first))) ||
        (a->kind == KIND_CLINICAL && frame_word(f, first - 1, ROLE_FOR));
    if (near || between_has(f, a->end, b->begin, ROLE_PREFER))
      action_grant(b, a->strength, a->rule);
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
                 !asks_between(f, a->end, b->begin) &&
                 (b->begin - a->end <= 8 || frame_word(f, b->begin - 1, ROLE_WITH))))
      action_drop(b, "what the referral or procedure is for");
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

/* "The patient needs to return for spot views": in a report on images the visit is the exam. */
static void
drop_visits(Frame *f)
{
  for (int i = 0; i + 1 < f->n_actions && f->context->modalities != 0; i++) {
    Action *a = &f->actions[i], *b = &f->actions[i + 1];
    gboolean visit = a->kind == KIND_CLINICAL && (a->term->flags & FLAG_VERB);
    gboolean exam = b->kind == KIND_IMAGING || b->kind == KIND_PROCEDURE;
    if (!visit || !a->licensed || !exam || b->background || b->begin - a->end > 5 ||
        frame_clause(f, a->begin) != frame_clause(f, b->begin))
      continue;
    action_grant(b, a->strength, a->rule);
    action_drop(a, "a visit for the exam behind it");
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
      action_drop(g, "goes with an exam that exists");
  }
}

void
frame_join_actions(Frame *f)
{
  drop_with_background(f);
  join_neighbours(f);
  drop_visits(f);
  drop_purposes(f);
  merge_choices(f);
  merge_same(f);
  absorb_generics(f);
  merge_lists(f);
  split_regions(f);
}
