/* SPDX-License-Identifier: Apache-2.0
 *
 * Sections and sentences of a dictated report: headings with and without a
 * colon, wrapped lines, lists, decimal points, abbreviations, all capitals.
 */
#include <string.h>

#include "text.h"

typedef struct {
  Text *t;
  int begin; /* first token of the open sentence, -1: none */
  Role section;
  gboolean inline_head; /* heading and text share a line: a blank line ends it */
  gboolean after_heading;
  int item;
  int list, lists; /* of list items one after the other; how many so far */
  unsigned wrap;   /* longest line of the text, bytes: where lines are wrapped */
} Builder;

static void
close_sentence(Builder *b, int end)
{
  if (b->begin >= 0 && end > b->begin) {
    Sentence s = {b->begin, end, b->section, FALSE, b->item, b->after_heading, b->list};
    g_array_append_val(b->t->sentences, s);
    b->after_heading = FALSE;
  }
  b->begin = -1;
}

static gboolean
is_line_start(const Text *t, int i)
{
  return i == 0 || text_token(t, i)->newlines > 0;
}

static gboolean
is_line_end(const Text *t, int i)
{
  return i + 1 >= (int)t->tokens->len || text_token(t, i + 1)->newlines > 0;
}

/* Tokens of a heading at i, 0 when there is none.  Known headings need a colon
 * or a line of their own; unknown ones a colon and few words. */
static int
heading_at(const Text *t, int i, Role *ret_section)
{
  int n = (int)t->tokens->len, end = 0;
  const Term *term = text_begin(t, i, LAYER_SECTION, &end);
  if (term != NULL) {
    char next = end < n ? text_token(t, end)->ch : 0;
    gboolean dash = next == '-' && text_token(t, end)->space;
    gboolean capital = text_token(t, i)->upper > 0;
    if ((next == ':' || dash || (next == '/' && end + 1 < n)) && capital) {
      *ret_section = term->role;
      if (next != '/')
        return end + 1 - i;
      for (int k = end; k < n && k < end + 5 && !is_line_end(t, k - 1); k++)
        if (text_token(t, k)->ch == ':')
          return k + 1 - i;
      return 0;
    }
    if (is_line_start(t, i) && is_line_end(t, end - 1) && capital) {
      *ret_section = term->role;
      return end - i;
    }
    if (is_line_start(t, i) && text_token(t, i)->upper == 2 && end < n &&
        text_token(t, end)->upper != 2 && term->role != ROLE_TITLE &&
        text_token(t, end)->kind == TOKEN_WORD) {
      *ret_section = term->role;
      return end - i;
    }
  }
  if (!is_line_start(t, i) || text_token(t, i)->kind != TOKEN_WORD || !text_token(t, i)->upper)
    return 0;
  for (int k = i; k < n && k < i + 6; k++) {
    const Token *token = text_token(t, k);
    if (k > i && token->newlines > 0)
      return 0;
    if (token->ch == ':') {
      *ret_section = ROLE_NONE; /* keeps the section it stands in */
      return k + 1 - i;
    }
    if (token->kind == TOKEN_PUNCT && !token_is_skippable(token) && token->ch != '&' &&
        token->ch != '(' && token->ch != ')' && token->ch != ',')
      return 0;
  }
  return 0;
}

/* Tokens of a list marker at a line start: "1.", "2)", "-", "a)". */
static int
marker_at(const Text *t, int i)
{
  int n = (int)t->tokens->len;
  const Token *token = text_token(t, i);
  if (token->ch == '-' || token->ch == '*' || token->ch == '>')
    return 1;
  if (token->ch == '(' && i + 2 < n && text_token(t, i + 2)->ch == ')' &&
      text_token(t, i + 1)->kind == TOKEN_NUMBER)
    return 3;
  gboolean number = token->kind == TOKEN_NUMBER && token->end - token->start <= 2;
  gboolean letter = token->kind == TOKEN_WORD && token->end - token->start == 1;
  if (i + 1 >= n || (!number && !letter))
    return 0;
  const Token *next = text_token(t, i + 1);
  if (next->space)
    return 0;
  if (next->ch == ')' || (number && next->ch == '.' && (i + 2 >= n || text_token(t, i + 2)->space)))
    return 2;
  return 0;
}

/* Does the full stop at i end a sentence? */
static gboolean
stop_ends(const Text *t, int i)
{
  int n = (int)t->tokens->len;
  if (i + 1 >= n)
    return TRUE;
  const Token *next = text_token(t, i + 1), *before = i > 0 ? text_token(t, i - 1) : NULL;
  if (!next->space)
    return FALSE;
  if (before == NULL || next->newlines > 1)
    return TRUE;
  if (text_has_role(t, i - 1, LAYER_WORD, ROLE_ABBREVIATION))
    return FALSE;
  size_t len = before->end - before->start;
  if (before->kind == TOKEN_WORD && len == 1 && before->upper && next->upper != 2 &&
      !before->newlines && i >= 2 && !text_token(t, i - 2)->ch && text_token(t, i - 2)->upper == 1)
    return FALSE; /* an initial: "S. Lindqvist" */
  if (next->kind == TOKEN_WORD && !next->upper)
    return len > 3 || before->kind == TOKEN_NUMBER;
  return TRUE;
}

/* A line end that ends a sentence although no full stop stands there. */
static gboolean
line_ends(const Builder *b, int i)
{
  const Text *t = b->t;
  const Token *token = text_token(t, i), *before = text_token(t, i - 1);
  if (token->newlines == 0)
    return FALSE;
  if (token->newlines > 1)
    return TRUE;
  if (!token->upper && token->kind == TOKEN_WORD)
    return FALSE;
  if (before->ch == ',' || before->ch == '-' || before->ch == '/' || before->ch == '(')
    return FALSE;
  if (text_cover(t, i - 1, LAYER_WORD, NULL, NULL) != NULL)
    return FALSE; /* "... of the", "... with": the sentence goes on */
  int k = i - 1;
  while (k > 0 && text_token(t, k)->newlines == 0)
    k--;
  unsigned width = before->end - text_token(t, k)->start;
  /* a word that would still have fitted on the line above was not wrapped */
  return width + (token->end - token->start) + 1 < b->wrap * 3 / 4;
}

static void
find_wrap(Builder *b)
{
  unsigned start = 0, longest = 0;
  for (unsigned i = 0; i < b->t->tokens->len; i++) {
    const Token *token = text_token(b->t, (int)i);
    if (token->newlines > 0)
      start = token->start;
    longest = MAX(longest, token->end - start);
  }
  b->wrap = MIN(longest, 160u);
}

enum { HEADING_SEARCH = 160 };

/* Does a heading of the exam's circumstances or findings follow before a blank line?  Then the
 * lines up to it belong to the section that is open. */
static gboolean
heading_ahead(const Text *t, int i)
{
  int n = (int)t->tokens->len;
  for (int k = i; k < n && k < i + HEADING_SEARCH; k++) {
    Role section = ROLE_NONE;
    if (k > i && text_token(t, k)->newlines > 1)
      return FALSE;
    if (!is_line_start(t, k) || heading_at(t, k, &section) == 0 || section == ROLE_NONE)
      continue;
    return section == ROLE_HISTORY || section == ROLE_TECHNIQUE || section == ROLE_COMPARISON ||
           section == ROLE_FINDINGS;
  }
  return FALSE;
}

static gboolean
is_preamble(Role section)
{
  return section == ROLE_TITLE || section == ROLE_HISTORY || section == ROLE_TECHNIQUE ||
         section == ROLE_COMPARISON;
}

/* "Indication: cough.\nThe lungs are clear.": what stands behind a heading on its own line
 * ends with the line; so does a title. */
static void
end_of_line(Builder *b, int i)
{
  if (b->section == ROLE_TITLE ||
      (b->inline_head && is_preamble(b->section) && !heading_ahead(b->t, i)))
    b->section = ROLE_NONE;
}

/* Text without a heading above it: back to the body after a blank line. */
static void
paragraph(Builder *b)
{
  b->item++;
  b->list = 0;
  if (b->section == ROLE_TITLE ||
      (b->inline_head && b->section != ROLE_IMPRESSION && b->section != ROLE_RECOMMENDATION &&
       b->section != ROLE_FINDINGS))
    b->section = ROLE_NONE;
}

static int
take_heading(Builder *b, int i)
{
  Role section = ROLE_NONE;
  int len = heading_at(b->t, i, &section);
  if (len == 0)
    return 0;
  close_sentence(b, i);
  b->item++;
  if (section != ROLE_NONE) {
    b->list = 0;
    b->section = section;
    b->inline_head = !is_line_end(b->t, i + len - 1);
    b->t->has_impression |= section == ROLE_IMPRESSION || section == ROLE_RECOMMENDATION;
  } else if (b->section == ROLE_TITLE) {
    b->section = ROLE_NONE;
  }
  b->after_heading = TRUE;
  /* "Kidneys: 2 cm cyst": a heading of the report's own says where, and stays */
  if (section == ROLE_NONE)
    b->begin = i;
  return len;
}

static gboolean
ended_before(const Text *t, int i)
{
  char ch = i > 0 ? text_token(t, i - 1)->ch : '.';
  return ch == '.' || ch == ':' || ch == ';';
}

static void
build(Builder *b)
{
  Text *t = b->t;
  int n = (int)t->tokens->len;
  for (int i = 0; i < n;) {
    gboolean line = is_line_start(t, i);
    if (i > 0 && text_token(t, i)->newlines > 1) {
      close_sentence(b, i);
      paragraph(b);
    } else if (i > 0 && line && line_ends(b, i)) {
      close_sentence(b, i);
      end_of_line(b, i);
    }
    int len = line || b->begin < 0 ? take_heading(b, i) : 0;
    if (len == 0 && (line || (b->begin < 0 && ended_before(t, i)))) {
      len = marker_at(t, i);
      if (len > 0) {
        close_sentence(b, i);
        b->item++;
        if (b->list == 0)
          b->list = ++b->lists;
        if (b->section == ROLE_TITLE && line)
          b->section = ROLE_NONE;
      }
    }
    if (len > 0) {
      i += len;
      continue;
    }
    if (b->begin < 0)
      b->begin = i;
    char ch = text_token(t, i)->ch;
    if (ch == '.' && i + 2 < n && !text_token(t, i + 1)->space && text_token(t, i + 2)->space &&
        (text_token(t, i + 1)->ch == '"' || text_token(t, i + 1)->ch == ')')) {
      i++; /* ...pathology." She */
      close_sentence(b, ++i);
      continue;
    }
    /* "? fracture" asks before the word, not behind it */
    gboolean asks = ch == '?' && !text_token(t, i)->space;
    gboolean stop = asks || ch == '!' || (ch == '.' && stop_ends(t, i));
    i++;
    if (stop || i - b->begin >= SENTENCE_MAX_TOKENS)
      close_sentence(b, i);
  }
  close_sentence(b, n);
}

/* The last paragraph of a report without an impression concludes it. */
static void
find_conclusion(Text *t)
{
  int last = -1, list = 0;
  for (int i = (int)t->sentences->len - 1; i >= 0; i--) {
    Sentence *s = &g_array_index(t->sentences, Sentence, i);
    if (s->section == ROLE_IMPRESSION || s->section == ROLE_RECOMMENDATION) {
      s->concluding = TRUE;
      continue;
    }
    if (t->has_impression || s->section == ROLE_COMMUNICATION || s->section == ROLE_OTHER_SECTION ||
        s->section == ROLE_TITLE || s->section == ROLE_HISTORY || s->section == ROLE_TECHNIQUE ||
        s->section == ROLE_COMPARISON)
      continue;
    if (last < 0) {
      last = s->item;
      list = s->list;
    }
    gboolean same = s->item == last || (list > 0 && s->list == list);
    s->concluding = same && (i > 0 || t->sentences->len == 1 || list > 0);
  }
}

/* A first line is no title when it asks for something or is all there is. */
static void
check_title(Text *t)
{
  if (t->sentences->len == 0)
    return;
  Sentence *first = &g_array_index(t->sentences, Sentence, 0);
  const Sentence *last = &g_array_index(t->sentences, Sentence, t->sentences->len - 1);
  gboolean title = last->item != first->item;
  for (int k = first->begin; k < first->end && title; k++) {
    const Term *cue = text_cover(t, k, LAYER_CUE, NULL, NULL);
    title = cue == NULL || cue->role < ROLE_VERB || cue->role > ROLE_MODAL;
  }
  if (title || first->section != ROLE_TITLE)
    return;
  for (unsigned i = 0; i < t->sentences->len; i++) {
    Sentence *s = &g_array_index(t->sentences, Sentence, i);
    if (s->section == ROLE_TITLE && s->item == first->item)
      s->section = ROLE_NONE;
  }
}

static gboolean
says_is(const Text *t, const Sentence *s)
{
  for (int k = s->begin; k < s->end; k++)
    if (text_has_role(t, k, LAYER_WORD, ROLE_BE) ||
        text_has_role(t, k, LAYER_WORD, ROLE_OTHER_VERB))
      return TRUE;
  return FALSE;
}

/* A short first paragraph without a verb, under the title and above the rest,
 * is the indication: "62F f/u pancreatitis 5/2020". */
static void
find_indication(Text *t)
{
  unsigned i = 0, n = t->sentences->len;
  while (i < n && g_array_index(t->sentences, Sentence, i).section == ROLE_TITLE)
    i++;
  if (i == 0 || i >= n || g_array_index(t->sentences, Sentence, i).section != ROLE_NONE)
    return;
  int item = g_array_index(t->sentences, Sentence, i).item;
  unsigned k = i;
  int tokens = 0;
  gboolean verb = FALSE;
  for (; k < n && g_array_index(t->sentences, Sentence, k).item == item; k++) {
    const Sentence *s = &g_array_index(t->sentences, Sentence, k);
    tokens += s->end - s->begin;
    verb |= says_is(t, s);
  }
  if (k >= n || tokens > 40 || verb || k - i > 3)
    return;
  for (unsigned j = i; j < k; j++)
    g_array_index(t->sentences, Sentence, j).section = ROLE_HISTORY;
}

void
structure_build(Text *text)
{
  Builder b = {.t = text, .begin = -1, .section = ROLE_TITLE};
  find_wrap(&b);
  build(&b);
  check_title(text);
  find_indication(text);
  find_conclusion(text);
}
