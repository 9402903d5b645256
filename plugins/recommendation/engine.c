/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include <string.h>

#include "findings.h"

enum { MAX_RECOMMENDATIONS = 2000 };

typedef struct {
  const Text *t;
  const Context *context;
  Side sides[N_REGIONS];
  Anchors anchors;
  Answer *answer;
  Frame *frame; /* one for all sentences: it is large */
  /* the last action said, for "Then annually." */
  gboolean has_last;
  Recommendation last;
  int last_item;
} Engine;

Span
sentence_span(const Text *t, int begin, int end)
{
  if (begin >= end)
    return (Span){0, 0};
  int last = end - 1;
  if (last > begin && text_token(t, last)->ch == '.')
    last--;
  return (Span){text_token(t, begin)->start, text_token(t, last)->end};
}

/* Behind the time of an action of the same kind that stands before this one in its clause. */
static int
after_neighbour(const Frame *f, const Action *a, int begin)
{
  for (int i = 0; i < f->n_actions; i++) {
    const Action *o = &f->actions[i];
    if (o->kind != a->kind || o->begin >= a->begin ||
        frame_clause(f, o->begin) != frame_clause(f, a->begin))
      continue;
    for (int k = 0; k < o->n_whens; k++)
      if (o->whens[k].end <= a->begin)
        begin = MAX(begin, o->whens[k].end);
  }
  return begin;
}

/* Where the evidence of the k-th time of an action begins: the first takes in
 * the whole clause, those after it begin later, so that each of several dates
 * in one clause has words of its own. */
static int
evidence_begin(const Frame *f, const Action *a, int k, int begin)
{
  begin = after_neighbour(f, a, begin);
  if (a->split >= 0)
    begin = MAX(begin, a->begin);
  if (k == 0 || a->whens[k].end <= a->begin)
    return begin;
  const When *before = &a->whens[k - 1], *w = &a->whens[k];
  if (w->begin >= before->end)
    return before->end;
  return k == 1 ? a->begin : MIN(w->begin + k - 2, w->end - 1);
}

/* The clause of the action from there on, widened over its times. */
static Span
evidence(const Frame *f, const Action *a, int k)
{
  int clause = frame_clause(f, a->begin), begin = a->begin, end = a->end;
  while (begin > f->s->begin && frame_clause(f, begin - 1) == clause)
    begin--;
  while (end < f->s->end && frame_clause(f, end) == clause)
    end++;
  begin = evidence_begin(f, a, k, begin);
  while (begin < end - 1 && text_token(f->t, begin)->kind == TOKEN_PUNCT &&
         text_token(f->t, begin)->ch != '@')
    begin++;
  if (k < a->n_whens) {
    begin = k == 0 ? MIN(begin, a->whens[k].begin) : begin;
    end = MAX(end, a->whens[k].end);
  }
  return sentence_span(f->t, begin, end);
}

static unsigned
own_modalities(const Frame *f, const Action *a)
{
  if (a->modalities != 0 || !(a->term->flags & FLAG_SAME_EXAM))
    return a->modalities;
  return f->context->modalities;
}

static gboolean
same_action(const Recommendation *a, const Recommendation *b)
{
  gboolean named = a->kind != KIND_IMAGING && a->kind != KIND_CLINICAL;
  if (named && a->what != b->what &&
      (a->kind == KIND_LAB || a->term != b->term || a->sentence == b->sentence))
    return FALSE; /* "urology and ENT": two referrals; one term holds many tests */
  return a->kind == b->kind && a->modalities == b->modalities && a->region == b->region &&
         (a->side == b->side || a->side == SIDE_NONE || b->side == SIDE_NONE);
}

/* Findings and impression ask for the same exam of the same finding; the place
 * may be named in one of them only. */
static gboolean
same_finding(const Recommendation *a, const Recommendation *b)
{
  return a->kind == KIND_IMAGING && b->kind == a->kind && a->modalities == b->modalities &&
         !a->concluding && b->concluding && a->head != NULL && b->head != NULL &&
         strcmp(a->head, b->head) == 0 &&
         (region_covers(a->region, b->region) || region_covers(b->region, a->region));
}

static gboolean
same_words(const Text *t, const Recommendation *a, const Recommendation *b)
{
  uint32_t n = a->span.end - a->span.start;
  return n == b->span.end - b->span.start &&
         memcmp(t->text + a->span.start, t->text + b->span.start, n) == 0;
}

/* The same action again: the impression's words win over those of the
 * findings, and a time over none. */
/* The later words, with the place that the earlier ones knew better. */
static void
take_over(const Engine *e, Recommendation *o, const Recommendation *r)
{
  const Recommendation old = *o;
  *o = *r;
  gboolean exam = e->context->n_regions > 0 && r->region == e->context->regions[0];
  if (!r->named && exam && old.region >= 0)
    o->region = old.region;
  if (o->side == SIDE_NONE && region_is_paired(o->region))
    o->side = old.side;
}

static gboolean
restated(Engine *e, const Recommendation *r)
{
  GArray *list = e->answer->recommendations;
  for (unsigned i = 0; i < list->len; i++) {
    Recommendation *o = &g_array_index(list, Recommendation, i);
    if (!same_action(o, r) && !same_finding(o, r))
      continue;
    gboolean equal = o->has_when == r->has_when && period_equal(o->earliest, r->earliest) &&
                     period_equal(o->latest, r->latest) && period_equal(o->repeat, r->repeat) &&
                     o->conditional == r->conditional;
    gboolean vague = o->span.end <= r->span.start && (!o->has_when || !r->has_when);
    if (equal && (o->head == NULL || r->head == NULL || strcmp(o->head, r->head) == 0 ||
                  (r->concluding && !o->concluding))) {
      if (r->concluding && !same_words(e->t, o, r))
        take_over(e, o, r);
      return TRUE;
    }
    if (vague && !o->concluding && r->concluding) {
      if (r->has_when || !o->has_when)
        take_over(e, o, r);
      return TRUE;
    }
  }
  return FALSE;
}

/* "Additional imaging is needed." and, elsewhere, the exam by its name: one action. */
static gboolean
is_vague(const Recommendation *r)
{
  return r->kind == KIND_IMAGING && (r->term->flags & FLAG_GENERIC) && r->modalities == 0 &&
         !r->has_when && !r->conditional &&
         !(r->term->flags & (FLAG_SELF | FLAG_VISIT | FLAG_SAME_EXAM));
}

static gboolean
spelt_out(Engine *e, const Recommendation *r)
{
  GArray *list = e->answer->recommendations;
  for (unsigned i = 0; i < list->len; i++) {
    Recommendation *o = &g_array_index(list, Recommendation, i);
    if (o->kind != KIND_IMAGING || o->region != r->region)
      continue;
    if (is_vague(o) && !is_vague(r) && r->modalities != 0 && !o->named) {
      *o = *r;
      return TRUE;
    }
    if (is_vague(r) && o->modalities != 0 && !is_vague(o) && !r->named &&
        r->sentence - o->sentence <= 2)
      return TRUE;
  }
  return FALSE;
}

static void
add(Engine *e, const Recommendation *r)
{
  e->last = *r;
  e->has_last = TRUE;
  if (!restated(e, r) && !spelt_out(e, r) && e->answer->recommendations->len < MAX_RECOMMENDATIONS)
    g_array_append_val(e->answer->recommendations, *r);
}

static void
set_when(Recommendation *r, const When *w)
{
  r->has_when = TRUE;
  r->earliest = w->earliest;
  r->latest = w->latest;
  r->repeat = w->repeat;
}

static Span
token_span(const Text *t, int begin, int end)
{
  return (Span){text_token(t, begin)->start, text_token(t, end - 1)->end};
}

static void
tell(Engine *e, Frame *f, int index, Action *a)
{
  Finding finding = attribute_finding(f->t, index, a->begin, a->end);
  attribute_place(f, a, &finding);
  Recommendation r = {.span = evidence(f, a, 0),
                      .kind = a->kind,
                      .term = a->term,
                      .what = text_token(f->t, a->begin)->word,
                      .sentence = index,
                      .modalities = own_modalities(f, a),
                      .region = a->region,
                      .named = a->region_named,
                      .side = a->side,
                      .side_named = a->side_named,
                      .finding = finding.span,
                      .head = finding.head,
                      .strength = a->strength,
                      .guideline = attribute_guideline(f->t, f->s),
                      .rule = a->rule,
                      .concluding = f->s->concluding};
  if (a->condition != NULL) {
    r.conditional = TRUE;
    r.condition = token_span(f->t, a->condition->begin, a->condition->end);
  }
  if (a->n_whens == 0)
    add(e, &r);
  for (int i = 0; i < a->n_whens; i++) {
    Recommendation one = r;
    set_when(&one, &a->whens[i]);
    one.span = evidence(f, a, i);
    if (a->whens[i].condition > 0) {
      const Condition *c = &f->conditions[a->whens[i].condition - 1];
      one.conditional = TRUE;
      one.condition = token_span(f->t, c->begin, c->end);
    }
    add(e, &one);
  }
}

/* "Then annually." names no exam: the one before is meant. */
static void
tell_carried(Engine *e, Frame *f)
{
  if (!e->has_last || e->last_item != f->s->item || f->s->begin >= f->s->end ||
      !frame_word(f, f->s->begin, ROLE_THEN))
    return;
  /* "Then bilateral at 12 months." */
  Side side = SIDE_NONE;
  gboolean told = FALSE;
  for (int k = f->s->begin; k < f->s->end; k++) {
    const Term *site = text_begin(f->t, k, LAYER_SITE, NULL);
    if (site != NULL && site->role == ROLE_SIDE)
      side = site->side;
  }
  for (unsigned i = 0; i < f->whens->len; i++) {
    const When *w = &g_array_index(f->whens, When, i);
    if (w->sense != WHEN_FUTURE)
      continue;
    Recommendation r = e->last;
    r.span = sentence_span(f->t, told ? w->begin : f->s->begin, f->s->end);
    r.rule = "carried";
    r.side = side != SIDE_NONE ? side : r.side;
    told = TRUE;
    set_when(&r, w);
    add(e, &r);
  }
}

static gboolean
worth_reading(const Text *t, const Sentence *s)
{
  for (int k = s->begin; k < s->end; k++)
    if (text_begin(t, k, LAYER_ACTION, NULL) != NULL || text_has_role(t, k, LAYER_WORD, ROLE_THEN))
      return TRUE;
  return FALSE;
}

static void
read_sentence(Engine *e, int index)
{
  const Sentence *s = &g_array_index(e->t->sentences, Sentence, index);
  g_autofree char *flat = statements_flatten(e->t, s);
  statements_find(e->t, e->context, index, flat, e->answer->statements, e->answer->trace);
  if (!worth_reading(e->t, s))
    return;
  const Pattern *veto = statements_veto(e->t->lexicon, flat);
  if (veto != NULL) {
    trace_add(e->answer->trace, e->t, s->begin, s->end, TRACE_PATTERN, TRACE_SUPPRESSED, veto->name,
              "nothing is asked for in this sentence");
    return;
  }
  Frame *f = e->frame;
  f->n_cues = f->n_actions = f->n_conditions = 0;
  f->t = e->t;
  f->s = s;
  f->context = e->context;
  f->sides = e->sides;
  f->trace = e->answer->trace;
  frame_find_clauses(f);
  frame_find_cues(f);
  frame_find_conditions(f);
  f->whens = when_find(e->t, s->begin, s->end, e->context->has_date ? &e->context->date : NULL,
                       &e->anchors);
  frame_find_actions(f);
  frame_assign_times(f);
  frame_assign_conditions(f);
  if (f->trace != NULL)
    frame_trace(f);
  for (int i = 0; i < f->n_actions; i++)
    tell(e, f, index, &f->actions[i]);
  if (f->n_actions == 0)
    tell_carried(e, f);
  else
    e->last_item = s->item;
  g_clear_pointer(&f->whens, g_array_unref);
}

static void
trace_sections(const Text *t, GArray *trace)
{
  static const char *const names[] = {[ROLE_TITLE - ROLE_TITLE] = "title",
                                      [ROLE_HISTORY - ROLE_TITLE] = "history",
                                      [ROLE_TECHNIQUE - ROLE_TITLE] = "technique",
                                      [ROLE_COMPARISON - ROLE_TITLE] = "comparison",
                                      [ROLE_FINDINGS - ROLE_TITLE] = "findings",
                                      [ROLE_IMPRESSION - ROLE_TITLE] = "impression",
                                      [ROLE_RECOMMENDATION - ROLE_TITLE] = "recommendation",
                                      [ROLE_COMMUNICATION - ROLE_TITLE] = "communication",
                                      [ROLE_OTHER_SECTION - ROLE_TITLE] = "other"};
  for (unsigned i = 0; i < t->sentences->len; i++) {
    const Sentence *s = &g_array_index(t->sentences, Sentence, i);
    const char *name = s->section >= ROLE_TITLE && s->section <= ROLE_OTHER_SECTION
                           ? names[s->section - ROLE_TITLE]
                           : "body";
    trace_add(trace, t, s->begin, s->end, TRACE_SECTION, TRACE_SEEN, name,
              s->concluding ? "concluding" : NULL);
  }
}

static void
trace_findings(const GArray *findings, GArray *trace)
{
  for (unsigned i = 0; trace != NULL && i < findings->len && trace->len < MAX_TRACE; i++) {
    const Measured *m = &g_array_index(findings, Measured, i);
    Trace one = {
        .start = m->span.start, .end = m->span.end, .step = TRACE_FINDING, .verdict = TRACE_FIRED};
    g_strlcpy(one.rule, m->term ? m->term->name : "part", sizeof one.rule);
    g_array_append_val(trace, one);
  }
}

gboolean
engine_run(const Lexicon *lexicon, const Context *context, const char *text, size_t n,
           gboolean (*cancelled)(void *), void *data, Answer *ret_answer)
{
  g_autoptr(Text) t = text_new(lexicon, text, n);
  ret_answer->recommendations = g_array_new(FALSE, TRUE, sizeof(Recommendation));
  ret_answer->statements = g_array_new(FALSE, TRUE, sizeof(Statement));
  g_autofree Frame *frame = g_new0(Frame, 1);
  Engine e = {.t = t, .context = context, .answer = ret_answer, .frame = frame};
  attribute_document_sides(t, e.sides);
  e.anchors = anchors_find(t);
  if (ret_answer->trace != NULL)
    trace_sections(t, ret_answer->trace);
  for (unsigned i = 0; i < t->sentences->len; i++) {
    if ((i & 63) == 0 && cancelled != NULL && cancelled(data))
      return FALSE;
    read_sentence(&e, (int)i);
  }
  ret_answer->findings = findings_find(t);
  ret_answer->contradictions =
      guard_check(t, context, ret_answer->findings, ret_answer->recommendations);
  trace_findings(ret_answer->findings, ret_answer->trace);
  ret_answer->work = *t->work;
  return TRUE;
}

void
answer_clear(Answer *answer)
{
  g_clear_pointer(&answer->recommendations, g_array_unref);
  g_clear_pointer(&answer->statements, g_array_unref);
  g_clear_pointer(&answer->findings, g_array_unref);
  g_clear_pointer(&answer->contradictions, g_array_unref);
  g_clear_pointer(&answer->trace, g_array_unref);
}
