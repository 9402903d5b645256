/* SPDX-License-Identifier: Apache-2.0
 *
 * Conditions: where they begin and end, and which are questions.
 */
#include "frame.h"

static int
first_action(const Frame *f, int from, int to)
{
  for (int k = from; k < to; k++) {
    const Term *cue = text_begin(f->t, k, LAYER_CUE, NULL);
    if (text_begin(f->t, k, LAYER_ACTION, NULL) != NULL ||
        (cue && (cue->role == ROLE_DO || cue->role == ROLE_VERB) && k > from + 1))
      return k;
  }
  return to;
}

/* A condition at the head of its clause ends at the last comma before the
 * action; without a comma, at the action; any other at the next comma. */
static int
condition_end(const Frame *f, int begin, int opener_end, gboolean leading)
{
  int clause = frame_clause(f, begin), stop = opener_end;
  while (stop < f->s->end && frame_clause(f, stop) == clause)
    stop++;
  int comma = opener_end;
  while (comma < stop && text_token(f->t, comma)->ch != ',' && text_token(f->t, comma)->ch != ')' &&
         !(comma > opener_end && frame_word(f, comma, ROLE_THEN)))
    comma++;
  if (comma < stop && frame_word(f, comma, ROLE_THEN))
    return comma;
  if (!leading || text_begin(f->t, begin, LAYER_CUE, NULL)->flags & FLAG_WEAK)
    return comma < stop || text_token(f->t, stop - 1)->ch != '.' ? comma : stop - 1;
  if (comma < stop) {
    int action = first_action(f, comma, stop);
    int last = comma;
    for (int k = comma; k < action && action < stop; k++)
      if (text_token(f->t, k)->ch == ',')
        last = k;
    return last;
  }
  return first_action(f, MIN(opener_end + 2, stop), stop);
}

static gboolean
sooner_before(const Frame *f, int i)
{
  for (int k = i - 1; k >= f->s->begin && k >= i - 3; k--)
    if (frame_cue_role(f, k) == ROLE_SOONER)
      return TRUE;
  return FALSE;
}

/* "should PSA rise": a subject and a verb of change, nothing that asks between. */
static gboolean
occurs_behind(const Frame *f, int i)
{
  for (int k = i; k < f->s->end && k < i + 5 && frame_clause(f, k) == frame_clause(f, i); k++) {
    const Term *cue = text_begin(f->t, k, LAYER_CUE, NULL);
    if (cue != NULL)
      return cue->role == ROLE_OCCUR && k > i;
    if (text_token(f->t, k)->kind == TOKEN_PUNCT)
      return FALSE;
  }
  return FALSE;
}

/* "MRI would establish acuity should vertebroplasty be contemplated": a verb stands before it
 * already, and its own behind its subject. */
static gboolean
is_inverted(const Frame *f, int i, int end)
{
  gboolean verb = FALSE, passive = FALSE;
  for (int k = f->s->begin; k < i; k++) {
    if (frame_clause(f, k) != frame_clause(f, i))
      continue;
    verb |= frame_cue_role(f, k) == ROLE_MODAL || frame_word(f, k, ROLE_BE);
    if (frame_word(f, k, ROLE_AND) || text_token(f->t, k)->ch == ',')
      verb = FALSE;
  }
  for (int k = end + 1; k < f->s->end && k < end + 5 && verb; k++)
    passive |= frame_word(f, k, ROLE_BE_BASE);
  return passive;
}

void
frame_find_conditions(Frame *f)
{
  for (int i = f->s->begin; i < f->s->end && f->n_conditions < MAX_CONDITIONS; i++) {
    int end = 0;
    const Term *term = text_begin(f->t, i, LAYER_CUE, &end);
    if (term == NULL || end > f->s->end || sooner_before(f, i))
      continue;
    gboolean head = i == f->s->begin || frame_clause(f, i) != frame_clause(f, i - 1) ||
                    text_token(f->t, i - 1)->ch == ',' || text_token(f->t, i - 1)->ch == '(' ||
                    text_token(f->t, i - 1)->ch == ';' || text_token(f->t, i - 1)->ch == ':' ||
                    (frame_is_initial(f, i) && text_token(f->t, i - 1)->kind == TOKEN_WORD);
    /* "should symptoms persist,", "... should they persist" */
    gboolean subject =
        end < f->s->end && (text_has_role(f->t, end, LAYER_MEASURE, ROLE_REFERS) ||
                            frame_word(f, end, ROLE_PATIENT) || frame_word(f, end, ROLE_THIS));
    gboolean inverted = term->role == ROLE_MODAL && (term->flags & FLAG_WEAK) &&
                        (head || subject || occurs_behind(f, end) || is_inverted(f, i, end)) &&
                        end < f->s->end && !frame_word(f, end, ROLE_BE_BASE) &&
                        frame_cue_role(f, end) == ROLE_NONE;
    Condition c = {.begin = i,
                   .end = end,
                   .leading = head,
                   .question = term->role == ROLE_CONDITION && (term->flags & FLAG_WEAK)};
    if (term->role == ROLE_CONDITION || inverted)
      c.end = condition_end(f, i, end, head);
    else if (term->role != ROLE_CONDITIONAL)
      continue;
    if (c.end <= c.begin)
      c.end = end;
    f->conditions[f->n_conditions++] = c;
    i = c.end - 1;
  }
}
