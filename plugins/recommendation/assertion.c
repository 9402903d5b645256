/* SPDX-License-Identifier: Apache-2.0
 *
 * What is asserted: cues of recommendation with their polarity and tense,
 * conditions, and exams that are named but not asked for.
 */
#include "frame.h"

gboolean
frame_word(const Frame *f, int i, Role role)
{
  return i >= f->s->begin && i < f->s->end && text_has_role(f->t, i, LAYER_WORD, role);
}

/* "in May", "May 2025": no modal. */
static gboolean
names_month(const Frame *f, int i)
{
  if (!text_has_role(f->t, i, LAYER_TIME, ROLE_MONTH) || !text_token(f->t, i)->upper)
    return FALSE;
  const Term *before = i > f->s->begin ? text_cover(f->t, i - 1, LAYER_TIME, NULL, NULL) : NULL;
  return (before != NULL && before->role >= ROLE_AT && before->role <= ROLE_AGO) ||
         (i + 1 < f->s->end && text_token(f->t, i + 1)->kind == TOKEN_NUMBER);
}

Role
frame_cue_role(const Frame *f, int i)
{
  if (i < f->s->begin || i >= f->s->end)
    return ROLE_NONE;
  const Term *term = text_cover(f->t, i, LAYER_CUE, NULL, NULL);
  return term && !names_month(f, i) ? term->role : ROLE_NONE;
}

gboolean
frame_is_initial(const Frame *f, int i)
{
  if (i == f->s->begin || frame_clause(f, i) != frame_clause(f, i - 1))
    return TRUE;
  char ch = text_token(f->t, i - 1)->ch;
  return ch == ',' || ch == ';' || ch == ':' || ch == '(' || ch == '-' || ch == '/' || ch == '+' ||
         frame_word(f, i - 1, ROLE_AND) || frame_word(f, i - 1, ROLE_OR) ||
         frame_word(f, i - 1, ROLE_THEN);
}

static gboolean
asking_word(const Frame *f, int i)
{
  Role role = frame_cue_role(f, i);
  return role == ROLE_VERB || role == ROLE_PARTICIPLE || role == ROLE_PREDICATE;
}

/* A verb that asks, with nothing asked for yet: "I recommend the following:" */
static gboolean
asks_for_more(const Frame *f, int colon)
{
  gboolean verb = FALSE;
  for (int k = f->s->begin; k < colon; k++) {
    const Term *cue = text_begin(f->t, k, LAYER_CUE, NULL);
    verb |= cue && (cue->role == ROLE_VERB || cue->role == ROLE_PARTICIPLE);
    if (verb && text_begin(f->t, k, LAYER_ACTION, NULL) != NULL &&
        text_begin(f->t, k, LAYER_ACTION, NULL)->kind != KIND_NONE)
      return FALSE;
  }
  return verb;
}

/* "Repeat CT: 6 months" */
static gboolean
time_behind(const Frame *f, int colon)
{
  const Token *next = text_token(f->t, colon + 1);
  const Term *unit = colon + 2 < f->s->end ? text_begin(f->t, colon + 2, LAYER_TIME, NULL) : NULL;
  return text_cover(f->t, colon - 1, LAYER_ACTION, NULL, NULL) != NULL &&
         next->kind == TOKEN_NUMBER && unit != NULL && unit->role == ROLE_UNIT;
}

/* ";", ":", a spaced dash and words of contrast part clauses; a colon behind a
 * cue ("recommend: CT") does not. */
void
frame_find_clauses(Frame *f)
{
  uint8_t clause = 0;
  for (int i = f->s->begin; i < f->s->end; i++) {
    const Token *token = text_token(f->t, i);
    gboolean colon = token->ch == ':' && i > f->s->begin && !asking_word(f, i - 1) &&
                     i + 1 < f->s->end && text_token(f->t, i + 1)->space && !asks_for_more(f, i) &&
                     !time_behind(f, i);
    gboolean dash =
        token->ch == '-' && token->space && i + 1 < f->s->end && text_token(f->t, i + 1)->space;
    /* "is, however, recommended" goes on */
    gboolean aside = i > f->s->begin + 1 && i + 1 < f->s->end &&
                     text_token(f->t, i - 1)->ch == ',' && text_token(f->t, i + 1)->ch == ',' &&
                     (frame_word(f, i - 2, ROLE_BE) || frame_cue_role(f, i - 2) == ROLE_MODAL);
    gboolean contrast = frame_word(f, i, ROLE_CONTRAST) && !aside;
    if ((colon || dash || contrast || token->ch == ';') && clause < 255)
      clause++;
    f->clause[i - f->s->begin] = clause;
  }
}

/* ---- cues ------------------------------------------------------------------ */

typedef struct {
  gboolean modal, weak, negated, be, base, be_past, have, had, we, to, past;
} Lead;

/* The auxiliaries before a verb: "would not have been", "is to be". */
static Lead
lead_of(const Frame *f, int i)
{
  Lead lead = {0};
  int clause = frame_clause(f, i);
  for (int k = i - 1; k >= f->s->begin && k >= i - 7 && frame_clause(f, k) == clause; k--) {
    const Term *cue = text_cover(f->t, k, LAYER_CUE, NULL, NULL);
    const Term *word = text_cover(f->t, k, LAYER_WORD, NULL, NULL);
    Role role = cue ? cue->role : word ? word->role : ROLE_NONE;
    if (role == ROLE_MODAL) {
      lead.modal = TRUE;
      lead.weak = cue->strength == STRENGTH_CONSIDER;
    } else if (role == ROLE_NEGATION) {
      lead.negated = lead.negated || !(cue->flags & FLAG_WEAK);
    } else if (role == ROLE_PAST) {
      lead.past = TRUE;
    } else if (role == ROLE_BE) {
      lead.be = TRUE;
    } else if (role == ROLE_BE_BASE) {
      lead.be = lead.base = TRUE;
    } else if (role == ROLE_BE_PAST) {
      lead.be_past = TRUE;
    } else if (role == ROLE_HAVE) {
      lead.have = TRUE;
    } else if (role == ROLE_HAD) {
      lead.had = TRUE;
    } else if (role == ROLE_WE) {
      lead.we = TRUE;
    } else if (role == ROLE_TO) {
      lead.to = TRUE;
    } else if (role != ROLE_ADVERB && role != ROLE_THEN && role != ROLE_DET &&
               text_token(f->t, k)->ch != '-') {
      break;
    }
  }
  return lead;
}

/* An action that begins within a few words behind i, nothing but modifiers between. */
static gboolean
object_follows(const Frame *f, int i)
{
  for (int k = i; k < f->s->end && k < i + 5 && frame_clause(f, k) == frame_clause(f, i - 1); k++) {
    if (text_begin(f->t, k, LAYER_ACTION, NULL) != NULL)
      return TRUE;
    char ch = text_token(f->t, k)->ch;
    if ((ch != 0 && ch != '-') || frame_word(f, k, ROLE_FOR) || frame_word(f, k, ROLE_PREP) ||
        frame_word(f, k, ROLE_TO) || frame_word(f, k, ROLE_AND) || frame_word(f, k, ROLE_ON) ||
        frame_word(f, k, ROLE_WITH) || frame_word(f, k, ROLE_OR))
      return FALSE;
  }
  return FALSE;
}

static gboolean
action_precedes(const Frame *f, int i)
{
  for (int k = i - 1; k >= f->s->begin && frame_clause(f, k) == frame_clause(f, i); k--)
    if (text_begin(f->t, k, LAYER_ACTION, NULL) != NULL)
      return TRUE;
  return FALSE;
}

/* A plain word behind a form that could be a past tense. */
static gboolean
takes_object(const Frame *f, int i)
{
  if (i >= f->s->end || text_token(f->t, i)->kind == TOKEN_PUNCT ||
      frame_cue_role(f, i) != ROLE_NONE)
    return FALSE;
  const Term *word = text_cover(f->t, i, LAYER_WORD, NULL, NULL);
  const Term *time = text_cover(f->t, i, LAYER_TIME, NULL, NULL);
  return (word == NULL || word->role == ROLE_DET) && (time == NULL || word != NULL) &&
         text_token(f->t, i)->kind == TOKEN_WORD;
}

/* First word of its clause, or behind a comma. */
static gboolean
starts_clause(const Frame *f, int i)
{
  while (i > f->s->begin && frame_clause(f, i) == frame_clause(f, i - 1) &&
         text_token(f->t, i - 1)->kind == TOKEN_PUNCT) {
    if (text_token(f->t, i - 1)->ch == ',')
      return TRUE;
    i--;
  }
  return i == f->s->begin || frame_clause(f, i) != frame_clause(f, i - 1);
}

static void
judge_participle(const Frame *f, Cue *c, const Lead *lead)
{
  c->valid = TRUE;
  c->past = (lead->be_past || lead->had || (lead->have && !lead->we)) && !lead->modal;
  if (lead->we)
    c->forward = TRUE;
  /* "this is considered the normal test" */
  if (lead->be && !lead->modal && !lead->base && c->term->role == ROLE_PARTICIPLE &&
      frame_word(f, c->end, ROLE_DET))
    c->valid = FALSE;
  gboolean bare = !lead->be && !lead->modal && !lead->we && !lead->be_past;
  /* "the follow-up recommended in January was not done" */
  for (int k = c->end; bare && k < f->s->end && k < c->end + 5; k++) {
    if (text_token(f->t, k)->ch != 0 || frame_word(f, k, ROLE_ON) || frame_word(f, k, ROLE_TO))
      break;
    c->past = c->past || frame_word(f, k, ROLE_BE_PAST);
  }
  if (bare && c->term->role == ROLE_PARTICIPLE && object_follows(f, c->end)) {
    /* "that report recommended MRI" against "Recommended: MRI" */
    c->forward = TRUE;
    c->past = !starts_clause(f, c->begin);
  }
}

static gboolean
asked_before(const Frame *f, int i)
{
  for (int k = 0; k < f->n_cues; k++)
    if (f->cues[k].term->role == ROLE_VERB && !f->cues[k].negated &&
        frame_clause(f, f->cues[k].begin) == frame_clause(f, i))
      return TRUE;
  return FALSE;
}

/* "sollte eine Bronchoskopie erfolgen": languages that put the verb last have what is asked for
 * between the modal and the verb. */
static const Term *
modal_around(const Frame *f, int i)
{
  gboolean action = FALSE;
  int clause = frame_clause(f, i);
  for (int k = i - 1; k >= f->s->begin && k >= i - 14 && frame_clause(f, k) == clause; k--) {
    const Term *cue = text_begin(f->t, k, LAYER_CUE, NULL);
    if (cue != NULL && cue->role == ROLE_MODAL)
      return action ? cue : NULL;
    if (cue != NULL && cue->role != ROLE_CONDITIONAL)
      return NULL;
    action = action || text_begin(f->t, k, LAYER_ACTION, NULL) != NULL;
  }
  return NULL;
}

/* Tense and polarity of one cue from its form and the words before it. */
static void
judge(const Frame *f, Cue *c)
{
  Lead lead = lead_of(f, c->begin);
  gboolean initial = frame_is_initial(f, c->begin);
  c->negated = lead.negated;
  c->modal = lead.modal && !lead.have;
  c->strength = lead.modal && lead.weak ? STRENGTH_CONSIDER : c->term->strength;
  switch (c->term->role) {
  case ROLE_VERB:
    c->valid = c->forward = TRUE;
    c->past = lead.be_past; /* "she was considering surgery" */
    break;
  case ROLE_PARTICIPLE:
    judge_participle(f, c, &lead);
    break;
  case ROLE_PREDICATE:
    judge_participle(f, c, &lead);
    c->valid = !(c->term->flags & FLAG_NEEDS_BE) || lead.be || lead.modal || lead.be_past;
    /* "he required feeding": a past tense */
    if (!lead.be && !lead.modal && !lead.be_past && takes_object(f, c->end))
      c->valid = FALSE;
    if (!action_precedes(f, c->begin))
      c->forward = TRUE; /* "it would be helpful to obtain", "needed: CT" */
    break;
  case ROLE_DO: {
    c->forward = !lead.be || lead.to;
    c->imperative = initial && !lead.modal;
    c->valid = lead.modal || c->imperative || (lead.to && (lead.be || lead.have));
    gboolean last = c->end >= f->s->end || text_token(f->t, c->end)->kind == TOKEN_PUNCT;
    if (!c->valid && last) {
      const Term *modal = modal_around(f, c->begin);
      c->valid = modal != NULL;
      c->forward = c->forward && modal == NULL;
      c->strength = modal != NULL ? modal->strength : c->strength;
    }
    if (lead.modal && lead.weak && !lead.we && action_precedes(f, c->begin) &&
        !object_follows(f, c->end))
      c->forward = FALSE; /* "CT could better define the margins" */
    break;
  }
  case ROLE_DONE:
    /* "will need an echo done in a month" */
    c->valid = lead.modal || lead.be || lead.be_past || lead.have || lead.had ||
               !asked_before(f, c->begin);
    c->past = !(lead.modal || lead.base || (lead.to && lead.be)) || lead.had;
    if (lead.modal && lead.have)
      c->past = TRUE; /* "would have added" */
    else if (lead.modal && !action_precedes(f, c->begin))
      c->forward = TRUE; /* "could be assessed with CT" */
    break;
  case ROLE_PENDING:
    c->valid = TRUE;
    c->past = lead.had || lead.past;
    c->forward = !action_precedes(f, c->begin);
    /* "a film was ordered" is pending, "she was scheduled for it" a story */
    c->past = c->past || (c->forward && lead.be_past);
    break;
  case ROLE_NEGATIVE:
    c->valid = c->negated = TRUE;
    c->forward = !action_precedes(f, c->begin);
    break;
  default:
    break;
  }
  c->past = c->past || lead.past;
}

/* "recommended previously", "on the prior report": the words around the cue
 * put it into the past. */
static gboolean
past_nearby(const Frame *f, const Cue *c)
{
  int clause = frame_clause(f, c->begin);
  for (int k = c->end; k < f->s->end && k < c->end + 6 && frame_clause(f, k) == clause; k++) {
    if (text_token(f->t, k)->ch == ',' || text_begin(f->t, k, LAYER_ACTION, NULL) != NULL)
      return FALSE;
    if (frame_cue_role(f, k) == ROLE_CONDITION || frame_cue_role(f, k) == ROLE_CONDITIONAL)
      return FALSE;
    if (frame_cue_role(f, k) == ROLE_PAST)
      return TRUE;
  }
  return FALSE;
}

/* "Repeat study not necessary": the predicate denies what looked like an order. */
static void
deny_imperatives(Frame *f)
{
  for (int i = 0; i < f->n_cues; i++) {
    Cue *c = &f->cues[i];
    for (int k = i + 1; k < f->n_cues && c->imperative && c->term->role == ROLE_DO; k++) {
      const Cue *p = &f->cues[k];
      if (frame_clause(f, p->begin) != frame_clause(f, c->begin) || p->begin - c->end > 8)
        break;
      gboolean predicate = p->term->role == ROLE_PARTICIPLE || p->term->role == ROLE_PREDICATE ||
                           p->term->role == ROLE_NEGATIVE;
      if (predicate && !p->forward && (p->negated || p->past))
        c->negated = TRUE;
    }
  }
}

void
frame_find_cues(Frame *f)
{
  for (int i = f->s->begin; i < f->s->end && f->n_cues < MAX_CUES; i++) {
    int end = 0;
    const Term *term = text_begin(f->t, i, LAYER_CUE, &end);
    if (term == NULL || end > f->s->end || names_month(f, i))
      continue;
    Cue c = {.term = term, .begin = i, .end = end, .strength = term->strength};
    judge(f, &c);
    c.past = c.past || (c.valid && !c.modal && term->role != ROLE_VERB && past_nearby(f, &c));
    if (c.valid)
      f->cues[f->n_cues++] = c;
  }
  deny_imperatives(f);
}

/* ---- exams that are named but not asked for ----------------------------------- */

static gboolean
prior_before(const Frame *f, const Action *a)
{
  int clause = frame_clause(f, a->begin);
  for (int k = a->begin - 1; k >= f->s->begin && k >= a->begin - 7 && frame_clause(f, k) == clause;
       k--) {
    if (frame_cue_role(f, k) == ROLE_VERB)
      return FALSE; /* "plan on" */
    if (frame_word(f, k, ROLE_PRIOR) || frame_word(f, k, ROLE_THIS) || frame_word(f, k, ROLE_ON) ||
        frame_word(f, k, ROLE_HAD))
      return TRUE;
    const Token *token = text_token(f->t, k);
    const Term *word = text_cover(f->t, k, LAYER_WORD, NULL, NULL);
    if (text_cover(f->t, k, LAYER_SITE, NULL, NULL) != NULL || token->ch == '-' ||
        (word &&
         (word->role == ROLE_DET || word->role == ROLE_ADVERB || word->role == ROLE_PATIENT)) ||
        (word && word->role == ROLE_AND && k > f->s->begin &&
         text_cover(f->t, k - 1, LAYER_SITE, NULL, NULL) != NULL))
      continue;
    if (token->ch != 0 || word != NULL || frame_cue_role(f, k) != ROLE_NONE ||
        text_cover(f->t, k, LAYER_TIME, NULL, NULL) ||
        text_cover(f->t, k, LAYER_ACTION, NULL, NULL) ||
        text_cover(f->t, k, LAYER_FINDING, NULL, NULL))
      return FALSE;
    if (k < a->begin - 3)
      return FALSE;
  }
  return FALSE;
}

/* "was ordered and read as normal" */
static gboolean
read_since(const Frame *f, int i)
{
  for (int k = i + 1; k < f->s->end && k < i + 6 && frame_clause(f, k) == frame_clause(f, i); k++)
    if (frame_cue_role(f, k) == ROLE_RESULT)
      return TRUE;
  return FALSE;
}

static gboolean
result_after(const Frame *f, const Action *a)
{
  int clause = frame_clause(f, a->begin);
  /* "..., as now performed" says so of the whole clause */
  for (int k = a->end; k < f->s->end && frame_clause(f, k) == clause; k++) {
    const Term *cue = text_begin(f->t, k, LAYER_CUE, NULL);
    if (cue && cue->role == ROLE_RESULT && (cue->flags & FLAG_SELF))
      return TRUE;
  }
  for (int k = a->end; k < f->s->end && k < a->end + 8 && frame_clause(f, k) == clause; k++) {
    Role role = frame_cue_role(f, k);
    if (role == ROLE_RESULT)
      return TRUE;
    if (frame_word(f, k, ROLE_BE_PAST)) {
      /* "MRI was normal", but "was recommended" is the cue's matter */
      for (int j = k + 1; j < f->s->end && j < k + 4; j++) {
        Role next = frame_cue_role(f, j);
        if (next == ROLE_PENDING || next == ROLE_PARTICIPLE || next == ROLE_PREDICATE)
          return next == ROLE_PENDING && read_since(f, j);
      }
      return TRUE;
    }
    const Token *token = text_token(f->t, k);
    if ((token->ch != 0 && token->ch != '-' && token->ch != '/') || role != ROLE_NONE ||
        frame_word(f, k, ROLE_BE) || frame_word(f, k, ROLE_FOR) || frame_word(f, k, ROLE_TO) ||
        text_begin(f->t, k, LAYER_ACTION, NULL) != NULL)
      return FALSE;
  }
  return FALSE;
}

/* "surgical oncology is already under way" */
static gboolean
already_so(const Frame *f, const Action *a)
{
  for (int k = f->s->begin; k < f->s->end; k++) {
    const Term *cue = text_begin(f->t, k, LAYER_CUE, NULL);
    if (cue && cue->role == ROLE_PAST && (cue->flags & FLAG_SELF) &&
        frame_clause(f, k) == frame_clause(f, a->begin))
      return TRUE;
  }
  return FALSE;
}

/* "was then referred", "had been rescanned": an action that is a verb, in the past. */
static gboolean
verb_in_past(const Frame *f, const Action *a)
{
  if (!(a->term->flags & FLAG_VERB) || text_token(f->t, a->end - 1)->kind != TOKEN_WORD)
    return FALSE;
  for (int k = a->begin - 1; k >= f->s->begin && k >= a->begin - 4; k--) {
    if (frame_word(f, k, ROLE_BE_PAST) || frame_word(f, k, ROLE_HAD))
      return TRUE;
    if (!frame_word(f, k, ROLE_ADVERB) && !frame_word(f, k, ROLE_THEN) &&
        !frame_word(f, k, ROLE_BE))
      return FALSE;
  }
  return FALSE;
}

const char *
frame_background_reason(const Frame *f, const Action *a)
{
  if (verb_in_past(f, a))
    return "done already";
  if (prior_before(f, a))
    return "an exam that exists: \"prior\", \"on\" or \"this\" stands before it";
  if (result_after(f, a))
    return "an exam that exists: its result follows";
  if (already_so(f, a))
    return "already so";
  for (int i = 0; i < f->n_conditions; i++)
    if (a->begin >= f->conditions[i].begin && a->begin < f->conditions[i].end)
      return "it stands within a condition";
  /* "CT of 4/18/05", "MRI 01/2022": dated in the past */
  for (unsigned i = 0; i < f->whens->len; i++) {
    const When *w = &g_array_index(f->whens, When, i);
    if (w->absolute && w->sense == WHEN_PAST && w->begin >= a->end && w->begin <= a->end + 4 &&
        frame_clause(f, w->begin) == frame_clause(f, a->begin))
      return "an exam of a past date";
  }
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

/* "no CT", "no further imaging or biopsy": a negation before it in its own phrase. */
gboolean
frame_is_denied(const Frame *f, const Action *a)
{
  int clause = frame_clause(f, a->begin);
  for (int k = a->begin - 1; k >= f->s->begin && k >= a->begin - 14 && frame_clause(f, k) == clause;
       k--) {
    Role role = frame_cue_role(f, k);
    if (in_condition(f, k))
      continue; /* "if no correlate, biopsy" */
    if (role == ROLE_DO && frame_cue_role(f, k - 1) == ROLE_NEGATION)
      return TRUE; /* "no repeat CT" */
    /* "without" denies findings, never an exam: "MRI without contrast" */
    if (role == ROLE_NEGATION && !(text_cover(f->t, k, LAYER_CUE, NULL, NULL)->flags & FLAG_WEAK))
      return TRUE;
    if (role == ROLE_VERB || role == ROLE_PARTICIPLE || role == ROLE_PREDICATE || role == ROLE_DO ||
        role == ROLE_DONE || role == ROLE_RESULT || role == ROLE_MODAL ||
        role == ROLE_CONDITIONAL || text_token(f->t, k)->ch == '(' ||
        text_has_role(f->t, k, LAYER_FINDING, ROLE_FINDING))
      return FALSE;
    /* "no CT, MRI or biopsy" is one list, "no scans, a CT is advised" is none */
    if (text_token(f->t, k)->ch == ',' && k > f->s->begin &&
        (text_cover(f->t, k - 1, LAYER_ACTION, NULL, NULL) == NULL ||
         frame_word(f, k + 1, ROLE_DET)))
      return FALSE;
  }
  return FALSE;
}
