/* SPDX-License-Identifier: Apache-2.0
 *
 * What a report says that asks for nothing and yet moves a follow-up: the
 * finding has resolved, needs no further follow-up, or the exam was not
 * diagnostic.  Patterns of the lexicon, tried on one sentence at a time and
 * only where their gate word occurs.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "engine.h"

enum { MAX_SENTENCE_BYTES = 4096, MATCH_LIMIT = 20000, DEPTH_LIMIT = 200 };

/* Lower case, white space as one blank, so that a wrapped line matches; the
 * result is as long as the sentence or shorter and always valid UTF-8. */
char *
statements_flatten(const Text *t, const Sentence *s)
{
  Span span = sentence_span(t, s->begin, s->end);
  size_t n = MIN(span.end - span.start, (uint32_t)MAX_SENTENCE_BYTES);
  g_autofree char *valid = g_utf8_make_valid(t->text + span.start, (gssize)n);
  char *out = valid;
  gboolean blank = FALSE;
  for (const char *p = valid; *p; p++) {
    gboolean space = g_ascii_isspace(*p);
    if (!space)
      *out++ = g_ascii_tolower(*p);
    else if (!blank)
      *out++ = ' ';
    blank = space;
  }
  *out = '\0';
  return g_steal_pointer(&valid);
}

static gboolean
gate_open(const char *flat, char *const *gates)
{
  for (int i = 0; gates != NULL && gates[i] != NULL; i++)
    if (strstr(flat, gates[i]) != NULL)
      return TRUE;
  return gates == NULL;
}

static gboolean
matches(const Pattern *p, const char *flat)
{
  if (!gate_open(flat, p->gates))
    return FALSE;
  pcre2_match_data *data = pcre2_match_data_create(1, NULL);
  pcre2_match_context *limits = pcre2_match_context_create(NULL);
  int found = PCRE2_ERROR_NOMEMORY;
  if (data != NULL && limits != NULL) {
    pcre2_set_match_limit(limits, MATCH_LIMIT);
    pcre2_set_depth_limit(limits, DEPTH_LIMIT);
    found = pcre2_match(p->code, (PCRE2_SPTR)flat, strlen(flat), 0, 0, data, limits);
  }
  pcre2_match_data_free(data);
  pcre2_match_context_free(limits);
  return found >= 0;
}

const Pattern *
statements_veto(const Lexicon *lexicon, const char *flat)
{
  for (int i = 0; i < lexicon_n_patterns(lexicon); i++) {
    const Pattern *p = lexicon_pattern(lexicon, i);
    if (p->type == PATTERN_VETO && matches(p, flat))
      return p;
  }
  return NULL;
}

static gboolean
is_conditional(const Text *t, const Sentence *s)
{
  for (int k = s->begin; k < s->end; k++)
    if (text_has_role(t, k, LAYER_CUE, ROLE_CONDITION))
      return TRUE;
  return FALSE;
}

static gboolean
speaks_of_past(Role section)
{
  return section == ROLE_HISTORY || section == ROLE_COMPARISON || section == ROLE_TECHNIQUE ||
         section == ROLE_TITLE;
}

void
statements_find(const Text *t, const Context *context, int index, const char *flat,
                GArray *statements, GArray *trace)
{
  const Sentence *s = &g_array_index(t->sentences, Sentence, index);
  if (speaks_of_past(s->section))
    return;
  for (int i = 0; i < lexicon_n_patterns(t->lexicon); i++) {
    const Pattern *p = lexicon_pattern(t->lexicon, i);
    /* "no follow-up if low risk" closes nothing: who is at low risk is not known */
    if (p->type == PATTERN_VETO || (p->type == PATTERN_NO_FOLLOW_UP && is_conditional(t, s)) ||
        !matches(p, flat))
      continue;
    Finding f = attribute_finding_in(t, s->begin, s->end);
    if (!f.found)
      f = attribute_finding(t, index, s->begin, s->end);
    if (p->type == PATTERN_NON_DIAGNOSTIC)
      f = (Finding){.region = REGION_NONE};
    int region = f.region;
    if (region < 0 && context->n_regions > 0)
      region = context->regions[0];
    Statement st = {.span = sentence_span(t, s->begin, s->end),
                    .type = p->type,
                    .finding = f.span,
                    .head = f.head,
                    .region = region,
                    .rule = p->name};
    g_array_append_val(statements, st);
    trace_add(trace, t, s->begin, s->end, TRACE_PATTERN, TRACE_FIRED, p->name, NULL);
    return;
  }
}
