/* SPDX-License-Identifier: Apache-2.0 */
#include "measures.h"

enum { MAX_LENGTH_MM = 2000, LOOK_BACK = 4, LOOK_AHEAD = 3 };

static Role
measure_role(const Text *t, int i, int end, int *ret_end)
{
  if (i >= end)
    return ROLE_NONE;
  const Term *term = text_begin(t, i, LAYER_MEASURE, ret_end);
  return term != NULL && *ret_end <= end ? term->role : ROLE_NONE;
}

/* A unit of length behind a number: "mm", "-mm"; not "mm2", not "cm/s". */
static const Term *
unit_at(const Text *t, int i, int end, int *ret_end)
{
  if (i + 1 < end && text_token(t, i)->ch == '-' && !text_token(t, i + 1)->space)
    i++;
  if (measure_role(t, i, end, ret_end) != ROLE_LENGTH)
    return NULL;
  if (*ret_end < end && !text_token(t, *ret_end)->space &&
      (text_token(t, *ret_end)->kind == TOKEN_NUMBER || text_token(t, *ret_end)->ch == '/' ||
       text_token(t, *ret_end)->ch == '^'))
    return NULL;
  return text_begin(t, i, LAYER_MEASURE, NULL);
}

typedef struct {
  double n[MAX_AXES];
  double low;
  const Term *unit[MAX_AXES];
  int count, end;
} Axes;

static gboolean
is_by(const Text *t, int i, int end, int *ret_end)
{
  *ret_end = i + 1;
  if (i >= end)
    return FALSE;
  return text_token(t, i)->ch == 'x' || measure_role(t, i, end, ret_end) == ROLE_BY;
}

static gboolean
is_range(const Text *t, int i, int end)
{
  if (i + 1 >= end || text_token(t, i + 1)->kind != TOKEN_NUMBER)
    return FALSE;
  return text_token(t, i)->ch == '-' || text_has_role(t, i, LAYER_TIME, ROLE_RANGE);
}

/* Numbers joined by "x" and their units; a range keeps its lower end apart. */
static gboolean
axes_at(const Text *t, int i, int end, Axes *a)
{
  *a = (Axes){.count = 0};
  int at = i, next = 0;
  while (at < end && a->count < MAX_AXES && text_token(t, at)->kind == TOKEN_NUMBER) {
    int stop = at + 1;
    const Term *unit = unit_at(t, stop, end, &stop);
    a->unit[a->count] = unit;
    a->n[a->count++] = text_token(t, at)->number;
    a->end = unit ? stop : at + 1;
    if (a->count == 1 && is_range(t, a->end, end)) {
      a->low = a->n[0];
      a->count = 0;
      at = a->end + 1;
      continue;
    }
    if (!is_by(t, a->end, end, &next))
      break;
    at = next;
  }
  const Term *unit = NULL;
  for (int k = a->count - 1; k >= 0; k--) {
    unit = a->unit[k] ? a->unit[k] : unit;
    a->unit[k] = unit;
  }
  return a->count > 0 && a->unit[a->count - 1] != NULL && a->unit[0] != NULL;
}

/* "4 cm from the nipple", "2 mm deep to": a place, no size. */
static gboolean
is_distance(const Text *t, int i, int end)
{
  int stop = 0;
  return measure_role(t, i, end, &stop) == ROLE_APART;
}

static void
look_back(const Text *t, int begin, Measure *m)
{
  for (int k = m->begin - 1; k >= begin && k >= m->begin - LOOK_BACK; k--) {
    const Term *term = text_cover(t, k, LAYER_MEASURE, NULL, NULL);
    const Term *word = text_cover(t, k, LAYER_WORD, NULL, NULL);
    Role role = term ? term->role : ROLE_NONE;
    if (role == ROLE_BOUND && m->bound == NULL)
      m->bound = term->head;
    else if (role == ROLE_BEFORE)
      m->before = TRUE;
    else if (role == ROLE_FROM)
      m->from = TRUE;
    else if (role == ROLE_CURRENT || role == ROLE_LENGTH || role == ROLE_STABILITY ||
             text_token(t, k)->kind == TOKEN_NUMBER || text_token(t, k)->ch == ';' ||
             text_token(t, k)->ch == ',' || text_has_role(t, k, LAYER_FINDING, ROLE_FINDING) ||
             (word && (word->role == ROLE_AND || word->role == ROLE_CONTRAST)))
      break;
  }
}

/* "6 mm previously", "6 mm on the prior exam". */
static void
look_ahead(const Text *t, int end, Measure *m)
{
  for (int k = m->end; k < end && k < m->end + LOOK_AHEAD; k++) {
    const Term *term = text_cover(t, k, LAYER_MEASURE, NULL, NULL);
    if (term && term->role == ROLE_BEFORE) {
      /* "8 mm, previously 6 mm": the word speaks of what follows it */
      for (int j = k + 1; j < end && j <= k + 4; j++)
        if (text_token(t, j)->kind == TOKEN_NUMBER)
          return;
      m->before = TRUE;
      return;
    }
    if (text_token(t, k)->kind == TOKEN_PUNCT || (term && term->role != ROLE_APART) ||
        text_token(t, k)->kind == TOKEN_NUMBER)
      return;
  }
}

/* Nobody dictates less than a hundredth of a millimetre; a token's number is a float. */
static double
hundredths(double mm)
{
  return (double)(int64_t)(mm * 100 + 0.5) / 100;
}

int
measures_find(const Text *t, int begin, int end, Measure ret[MAX_MEASURES])
{
  int n = 0;
  for (int i = begin; i < end && n < MAX_MEASURES;) {
    const Token *token = text_token(t, i);
    Axes a;
    gboolean glued = i > begin && !token->space && text_token(t, i - 1)->kind == TOKEN_WORD;
    if (token->kind != TOKEN_NUMBER || glued || !axes_at(t, i, end, &a)) {
      i++;
      continue;
    }
    Measure m = {.begin = i, .end = a.end, .n = a.count};
    gboolean sane = TRUE;
    for (int k = 0; k < a.count; k++) {
      m.mm[k] = hundredths(a.n[k] * a.unit[k]->value);
      sane = sane && m.mm[k] > 0 && m.mm[k] <= MAX_LENGTH_MM;
    }
    m.low_mm = hundredths(a.low * a.unit[0]->value);
    if (sane && !is_distance(t, a.end, end)) {
      look_back(t, begin, &m);
      look_ahead(t, end, &m);
      ret[n++] = m;
    }
    i = a.end;
  }
  return n;
}
