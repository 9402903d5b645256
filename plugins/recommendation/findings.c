/* SPDX-License-Identifier: Apache-2.0 */
#include "findings.h"

#include <string.h>

#include "measures.h"

enum {
  MAX_ANCHORS = 32,
  BEHIND_SIZE = 9, /* tokens between a size and the finding that it stands before */
  AHEAD_OF_SIZE = 40,
  PART_REACH = 9, /* "ascending aorta measures 4.2 cm" */
  WORD_REACH = 14 /* "unchanged" from its finding */
};

/* A finding of a sentence, or a part of the body that was measured. */
typedef struct {
  int begin, end;   /* tokens of the term */
  const Term *term; /* NULL: a part */
  int record;       /* its newest record, -1: none yet */
} Anchor;

typedef struct {
  const Text *t;
  GArray *out; /* Measured */
  int index;   /* sentence */
  int begin, end;
  Anchor anchors[MAX_ANCHORS];
  int n_anchors;
} Scan;

/* ---- anchors -------------------------------------------------------------------- */

static gboolean
is_denied(const Scan *s, int at)
{
  for (int k = at - 1; k >= s->begin && k >= at - 6; k--) {
    char ch = text_token(s->t, k)->ch;
    if (ch == ',' || ch == ';' || ch == ':')
      return FALSE;
    const Term *cue = text_cover(s->t, k, LAYER_CUE, NULL, NULL);
    if (cue && cue->role == ROLE_NEGATION)
      return TRUE;
    /* "no change in the nodule" denies the change */
    if (text_has_role(s->t, k, LAYER_MEASURE, ROLE_STABILITY))
      return FALSE;
  }
  return FALSE;
}

static gboolean
is_supposed(const Scan *s, int at)
{
  for (int k = at - 1; k >= s->begin; k--) {
    if (text_token(s->t, k)->ch == ',')
      return FALSE;
    const Term *cue = text_cover(s->t, k, LAYER_CUE, NULL, NULL);
    if (cue && (cue->role == ROLE_CONDITION || cue->role == ROLE_PURPOSE))
      return TRUE;
  }
  return FALSE;
}

static void
find_anchors(Scan *s)
{
  for (int i = s->begin; i < s->end && s->n_anchors < MAX_ANCHORS; i++) {
    int end = 0;
    const Term *term = text_begin(s->t, i, LAYER_FINDING, &end);
    if (term == NULL || term->role != ROLE_FINDING || end > s->end || is_denied(s, i) ||
        is_supposed(s, i))
      continue;
    /* "cystic lesion nodule": the last word of a compound is the finding */
    Anchor *last = s->n_anchors > 0 ? &s->anchors[s->n_anchors - 1] : NULL;
    if (last != NULL && last->end == i && text_token(s->t, i)->kind == TOKEN_WORD) {
      last->term = term;
      last->end = end;
      continue;
    }
    s->anchors[s->n_anchors++] = (Anchor){i, end, term, -1};
  }
}

/* The site before a size ("left renal pelvis 11 mm"), else just behind it. */
static Anchor *
part_anchor(Scan *s, const Measure *m)
{
  int at = -1;
  for (int k = m->begin - 1; k >= s->begin && k >= m->begin - PART_REACH && at < 0; k--) {
    char ch = text_token(s->t, k)->ch;
    if (ch == ';' || (ch == ',' && k < m->begin - 2))
      break;
    if (text_has_role(s->t, k, LAYER_SITE, ROLE_ANATOMY))
      at = k;
  }
  for (int k = m->end; k < s->end && k < m->end + 3 && at < 0; k++)
    if (text_has_role(s->t, k, LAYER_SITE, ROLE_ANATOMY))
      at = k;
  int begin = 0, end = 0;
  const Term *site = at >= 0 ? text_cover(s->t, at, LAYER_SITE, &begin, &end) : NULL;
  if (site == NULL || site->region < 0)
    return NULL;
  for (int i = 0; i < s->n_anchors; i++)
    if (s->anchors[i].begin == begin && s->anchors[i].term == NULL)
      return &s->anchors[i];
  if (s->n_anchors == MAX_ANCHORS)
    return NULL;
  s->anchors[s->n_anchors] = (Anchor){begin, end, NULL, -1};
  return &s->anchors[s->n_anchors++];
}

/* "8 mm solid nodule": nothing but words between. */
static gboolean
stands_before(const Scan *s, const Measure *m, const Anchor *a)
{
  if (a->begin < m->end || a->begin - m->end > BEHIND_SIZE)
    return FALSE;
  for (int k = m->end; k < a->begin; k++) {
    const Token *token = text_token(s->t, k);
    const Term *word = text_cover(s->t, k, LAYER_WORD, NULL, NULL);
    if ((token->kind == TOKEN_PUNCT && token->ch != '-' && token->ch != '/' && token->ch != '(' &&
         token->ch != ')') ||
        (token->kind == TOKEN_NUMBER && text_cover(s->t, k, LAYER_SITE, NULL, NULL) == NULL) ||
        (word && word->role != ROLE_ADVERB && word->role != ROLE_OF && word->role != ROLE_DET))
      return FALSE;
  }
  return TRUE;
}

static gboolean
clause_between(const Scan *s, int from, int to)
{
  for (int k = from; k < to; k++)
    if (text_token(s->t, k)->ch == ';' || text_has_role(s->t, k, LAYER_WORD, ROLE_CONTRAST))
      return TRUE;
  return FALSE;
}

static Anchor *
anchor_of(Scan *s, const Measure *m)
{
  Anchor *before = NULL;
  for (int i = 0; i < s->n_anchors; i++) {
    Anchor *a = &s->anchors[i];
    if (a->term == NULL)
      continue;
    if (stands_before(s, m, a))
      return a;
    if (a->end <= m->begin && m->begin - a->end <= AHEAD_OF_SIZE &&
        !clause_between(s, a->end, m->begin))
      before = a;
  }
  if (before != NULL)
    return before;
  return part_anchor(s, m);
}

/* ---- one record -------------------------------------------------------------------- */

static Span
tokens_span(const Text *t, int begin, int end)
{
  return (Span){text_token(t, begin)->start, text_token(t, end - 1)->end};
}

static void
widen(Span *span, Span by)
{
  if (by.end <= by.start)
    return;
  if (span->end <= span->start) {
    *span = by;
    return;
  }
  span->start = MIN(span->start, by.start);
  span->end = MAX(span->end, by.end);
}

/* The next anchor on that side bounds what an anchor may take to itself. */
static void
territory(const Scan *s, const Anchor *a, int *ret_from, int *ret_to)
{
  *ret_from = s->begin;
  *ret_to = s->end;
  for (int i = 0; i < s->n_anchors; i++) {
    const Anchor *o = &s->anchors[i];
    if (o == a || o->term == NULL)
      continue;
    if (o->end <= a->begin)
      *ret_from = MAX(*ret_from, o->end);
    else if (o->begin >= a->end)
      *ret_to = MIN(*ret_to, o->begin);
  }
  for (int k = a->begin - 1; k >= *ret_from; k--)
    if (text_token(s->t, k)->ch == ';')
      *ret_from = k + 1;
  for (int k = a->end; k < *ret_to; k++)
    if (text_token(s->t, k)->ch == ';')
      *ret_to = k;
}

/* Nearest site and side within the territory. */
static void
place(const Scan *s, const Anchor *a, int from, int to, Measured *r)
{
  r->region = a->term ? a->term->region : REGION_NONE;
  for (int d = 0; d <= 2 * WORD_REACH; d++) {
    for (int sign = -1; sign <= 1; sign += 2) {
      int k = sign < 0 ? a->begin - d : a->end + d;
      int begin = 0, end = 0;
      if (k < from || k >= to)
        continue;
      const Term *site = text_cover(s->t, k, LAYER_SITE, &begin, &end);
      if (site == NULL)
        continue;
      if (site->side != SIDE_NONE && r->side == SIDE_NONE)
        r->side = site->side;
      if (site->role != ROLE_ANATOMY || site->region < 0)
        continue;
      if (r->site.end == 0)
        r->site = tokens_span(s->t, begin, end);
      if (r->region < 0)
        r->region = site->region;
    }
  }
}

static const Term *
nearest(const Scan *s, const Anchor *a, int from, int to, Role role)
{
  const Term *best = NULL;
  for (int d = 0; d <= WORD_REACH && best == NULL; d++)
    for (int sign = -1; sign <= 1 && best == NULL; sign += 2) {
      int k = sign < 0 ? a->end - 1 - d : a->end + d;
      if (k < from || k >= to)
        continue;
      const Term *term = text_cover(s->t, k, LAYER_MEASURE, NULL, NULL);
      if (term != NULL && term->role == role)
        best = term;
    }
  return best;
}

/* "three nodules", "multiple 4 mm nodules" */
static void
count_of(const Scan *s, const Anchor *a, int from, Measured *r)
{
  for (int k = a->begin - 1; k >= from && k >= a->begin - 7; k--) {
    const Token *token = text_token(s->t, k);
    const Term *term = text_cover(s->t, k, LAYER_MEASURE, NULL, NULL);
    const Term *time = text_cover(s->t, k, LAYER_TIME, NULL, NULL);
    if (term != NULL && term->role == ROLE_COUNT) {
      r->count = term->value;
      r->multiple = term->value == 0;
      return;
    }
    if (term != NULL && term->role == ROLE_LENGTH)
      return;
    if (time != NULL && time->role == ROLE_NUMBER && time->value > 1 && time->value < 100) {
      r->count = time->value;
      return;
    }
    gboolean whole = token->kind == TOKEN_NUMBER && token->number == (float)(int)token->number;
    if (whole && token->number >= 2 && token->number < 30 && k == a->begin - 1 && token->space) {
      r->count = (int)token->number;
      return;
    }
    if (token->kind != TOKEN_WORD)
      return;
  }
}

static Measured *
record_new(Scan *s, Anchor *a)
{
  int from = 0, to = 0;
  territory(s, a, &from, &to);
  const Sentence *sentence = &g_array_index(s->t->sentences, Sentence, s->index);
  Measured r = {.term = a->term,
                .region = REGION_NONE,
                .words = tokens_span(s->t, a->begin, a->end),
                .sentence = s->index,
                .concluding = sentence->concluding,
                .described = !sentence->concluding};
  place(s, a, from, to, &r);
  r.span = r.words;
  const Term *density = nearest(s, a, MAX(from, a->begin - 6), MIN(to, a->end + 6), ROLE_DENSITY);
  const Term *change = nearest(s, a, from, to, ROLE_STABILITY);
  r.density = density ? density->head : NULL;
  r.stability = change ? change->head : NULL;
  if (a->term != NULL)
    count_of(s, a, from, &r);
  for (int k = s->begin; k < s->end; k++)
    r.opposite |= text_has_role(s->t, k, LAYER_MEASURE, ROLE_OPPOSITE);
  g_array_append_val(s->out, r);
  a->record = (int)s->out->len - 1;
  return &g_array_index(s->out, Measured, a->record);
}

static void
set_prior(Scan *s, Measured *r, const Measure *m)
{
  r->n_prior = m->n;
  memcpy(r->prior_mm, m->mm, sizeof r->prior_mm);
  r->prior = tokens_span(s->t, m->begin, m->end);
  widen(&r->span, r->prior);
}

static void
set_size(Scan *s, Measured *r, const Measure *m)
{
  r->n_size = m->n;
  memcpy(r->size_mm, m->mm, sizeof r->size_mm);
  r->size = tokens_span(s->t, m->begin, m->end);
  r->bound = m->bound ? m->bound : m->low_mm > 0 && !m->from ? "at-most" : NULL;
  widen(&r->span, r->size);
  if (m->from && m->low_mm > 0) {
    r->prior_mm[0] = m->low_mm;
    r->n_prior = 1;
    r->prior = r->size;
  }
}

static void
take_measure(Scan *s, const Measure *m, gboolean last)
{
  Anchor *a = anchor_of(s, m);
  if (a == NULL || s->out->len >= MAX_FINDINGS)
    return;
  Measured *r = a->record >= 0 ? &g_array_index(s->out, Measured, a->record) : NULL;
  if (r != NULL && (m->before || (m->from && m->low_mm <= 0)) && r->n_prior == 0) {
    set_prior(s, r, m);
    return;
  }
  if (r == NULL || (r->n_size > 0 && !m->before))
    r = record_new(s, a);
  /* "increased from 6 mm" with nothing behind it is an older size, too */
  if (m->before || (m->from && m->low_mm <= 0 && !last))
    set_prior(s, r, m);
  else
    set_size(s, r, m);
}

/* ---- sentences ------------------------------------------------------------------------ */

static gboolean
describes(const Sentence *s)
{
  return s->section != ROLE_TITLE && s->section != ROLE_HISTORY && s->section != ROLE_TECHNIQUE &&
         s->section != ROLE_COMPARISON && s->section != ROLE_COMMUNICATION;
}

/* "It measures 8 mm": the finding of the sentence before. */
static gboolean
take_reference(Scan *s, const Measure *m)
{
  if (s->out->len == 0 || m->before)
    return FALSE;
  Measured *last = &g_array_index(s->out, Measured, s->out->len - 1);
  if (last->sentence != s->index - 1 || last->n_size > 0)
    return FALSE;
  for (int k = s->begin; k < s->end && k < s->begin + 2; k++)
    if (text_has_role(s->t, k, LAYER_MEASURE, ROLE_REFERS)) {
      const Span span = last->span;
      set_size(s, last, m);
      last->span = span.end > span.start && last->size.start > span.end
                       ? (Span){span.start, last->size.end}
                       : last->span;
      return TRUE;
    }
  return FALSE;
}

static gboolean
says_much(const Measured *r)
{
  return r->n_size > 0 || r->n_prior > 0 || r->density || r->stability || r->count || r->multiple;
}

static void
read_sentence(Scan *s)
{
  Measure measures[MAX_MEASURES];
  int n = measures_find(s->t, s->begin, s->end, measures);
  s->n_anchors = 0;
  find_anchors(s);
  for (int i = 0; i < n; i++)
    if (s->n_anchors > 0 || !take_reference(s, &measures[i]))
      take_measure(s, &measures[i], i + 1 == n);
  for (int i = 0; i < s->n_anchors && s->out->len < MAX_FINDINGS; i++) {
    if (s->anchors[i].record >= 0)
      continue;
    const Measured *r = record_new(s, &s->anchors[i]);
    if (!says_much(r))
      g_array_set_size(s->out, s->out->len - 1);
  }
}

/* ---- findings and impression say it twice ---------------------------------------------- */

static gboolean
same_head(const Measured *a, const Measured *b)
{
  if (a->term == NULL || b->term == NULL)
    return a->term == b->term;
  return g_strcmp0(a->term->head, b->term->head) == 0;
}

static gboolean
same_sizes(const Measured *a, const Measured *b)
{
  if (a->n_size == 0 || b->n_size == 0)
    return TRUE;
  double p = a->size_mm[0], q = b->size_mm[0];
  for (int i = 1; i < a->n_size; i++)
    p = MAX(p, a->size_mm[i]);
  for (int i = 1; i < b->n_size; i++)
    q = MAX(q, b->size_mm[i]);
  return p - q < 0.05 && q - p < 0.05;
}

static gboolean
same_place(const Measured *a, const Measured *b)
{
  gboolean region = a->region == b->region || region_covers(a->region, b->region) ||
                    region_covers(b->region, a->region);
  gboolean side = a->side == b->side || a->side == SIDE_NONE || b->side == SIDE_NONE;
  return side && (region || a->region < 0 || b->region < 0);
}

/* The earlier words stay; what only the later ones say is added. */
static void
merge(Measured *a, const Measured *b)
{
  if (a->n_size == 0 && b->n_size > 0) {
    memcpy(a->size_mm, b->size_mm, sizeof a->size_mm);
    a->n_size = b->n_size;
    a->size = b->size;
    a->bound = b->bound;
  }
  if (a->n_prior == 0 && b->n_prior > 0) {
    memcpy(a->prior_mm, b->prior_mm, sizeof a->prior_mm);
    a->n_prior = b->n_prior;
    a->prior = b->prior;
  }
  a->density = a->density ? a->density : b->density;
  a->stability = a->stability ? a->stability : b->stability;
  a->count = a->count ? a->count : b->count;
  a->multiple |= b->multiple;
  a->concluding |= b->concluding;
  a->described |= b->described;
  a->side = a->side != SIDE_NONE ? a->side : b->side;
  if (a->region < 0 || region_covers(a->region, b->region))
    a->region = b->region >= 0 ? b->region : a->region;
  if (a->site.end == 0)
    a->site = b->site;
}

enum { MERGE_WINDOW = 64 }; /* how far back a restatement is looked for: keeps the work linear */

static GArray *
fold(GArray *all)
{
  GArray *out = g_array_new(FALSE, TRUE, sizeof(Measured));
  for (guint i = 0; i < all->len; i++) {
    const Measured *b = &g_array_index(all, Measured, i);
    gboolean said = FALSE;
    guint from = out->len > MERGE_WINDOW ? out->len - MERGE_WINDOW : 0;
    for (guint k = from; k < out->len && !said; k++) {
      Measured *a = &g_array_index(out, Measured, k);
      if (a->sentence == b->sentence || !same_head(a, b) || !same_place(a, b) || !same_sizes(a, b))
        continue;
      if (a->n_size == 0 && b->n_size == 0 && a->concluding == b->concluding)
        continue;
      merge(a, b);
      said = TRUE;
    }
    if (!said)
      g_array_append_vals(out, b, 1);
  }
  return out;
}

GArray *
findings_find(const Text *t)
{
  g_autoptr(GArray) all = g_array_new(FALSE, TRUE, sizeof(Measured));
  for (guint i = 0; i < t->sentences->len && all->len < MAX_FINDINGS; i++) {
    const Sentence *sentence = &g_array_index(t->sentences, Sentence, i);
    if (!describes(sentence))
      continue;
    Scan s = {.t = t, .out = all, .index = (int)i, .begin = sentence->begin, .end = sentence->end};
    read_sentence(&s);
  }
  return fold(all);
}
