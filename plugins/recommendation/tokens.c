/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "text.h"

/* Marks that real feeds use for ASCII ones. */
static const struct {
  gunichar c;
  char ascii;
} likeness[] = {{0x2010, '-'}, {0x2011, '-'},  {0x2012, '-'},  {0x2013, '-'}, {0x2014, '-'},
                {0x2212, '-'}, {0x2018, '\''}, {0x2019, '\''}, {0x201c, '"'}, {0x201d, '"'},
                {0x2022, '*'}, {0x25cf, '*'},  {0x25aa, '*'},  {0xb7, '*'},   {0xd7, 'x'},
                {0x2265, '>'}, {0x2264, '<'}};

/* One character; invalid bytes come as U+FFFD of length 1. */
static gunichar
next_char(const char *text, size_t n, size_t *len)
{
  unsigned char b = (unsigned char)*text;
  if (b < 0x80) {
    *len = 1;
    return b;
  }
  gunichar c = g_utf8_get_char_validated(text, (gssize)n);
  if (c == (gunichar)-1 || c == (gunichar)-2) {
    *len = 1;
    return 0xfffd;
  }
  *len = (size_t)g_unichar_to_utf8(c, NULL);
  return c;
}

static char
ascii_of(gunichar c)
{
  if (c < 0x80)
    return (char)c;
  for (size_t i = 0; i < G_N_ELEMENTS(likeness); i++)
    if (likeness[i].c == c)
      return likeness[i].ascii;
  return 0;
}

static gboolean
is_letter(gunichar c)
{
  return c < 0x80 ? g_ascii_isalpha((char)c) : ascii_of(c) == 0 && g_unichar_isalpha(c);
}

static size_t
scan_word(const char *text, size_t n, size_t at, Token *t)
{
  size_t i = at, len = 0;
  gboolean all_upper = TRUE, first_upper = FALSE;
  while (i < n) {
    gunichar c = next_char(text + i, n - i, &len);
    if (is_letter(c)) {
      gboolean upper = g_unichar_isupper(c);
      if (i == at)
        first_upper = upper;
      all_upper = all_upper && upper;
      i += len;
      continue;
    }
    size_t after = 0;
    if (ascii_of(c) != '\'' || i + len >= n ||
        !is_letter(next_char(text + i + len, n - i - len, &after)))
      break;
    i += len;
  }
  t->kind = TOKEN_WORD;
  t->upper = (uint8_t)(all_upper && first_upper ? 2 : first_upper);
  return i;
}

static size_t
scan_number(const char *text, size_t n, size_t at, gboolean comma, Token *t)
{
  size_t i = at;
  double value = 0, scale = 1;
  gboolean fraction = FALSE;
  for (; i < n; i++) {
    if (g_ascii_isdigit(text[i])) {
      scale = fraction ? scale / 10 : scale;
      value = fraction ? value + scale * (text[i] - '0') : MIN(value * 10 + (text[i] - '0'), 1e9);
    } else if ((text[i] == '.' || (comma && text[i] == ',')) && !fraction && i + 1 < n &&
               g_ascii_isdigit(text[i + 1])) {
      fraction = TRUE;
    } else {
      break;
    }
  }
  t->kind = TOKEN_NUMBER;
  t->number = (float)value;
  return i;
}

GArray *
text_tokenize(const char *text, size_t n, size_t max, gboolean comma)
{
  GArray *tokens = g_array_new(FALSE, FALSE, sizeof(Token));
  size_t i = 0;
  unsigned newlines = 0, space = 0;
  while (i < n && tokens->len < max) {
    size_t len = 0;
    gunichar c = next_char(text + i, n - i, &len);
    if (c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029) {
      /* CR LF is one line end */
      newlines += !(c == '\n' && i > 0 && text[i - 1] == '\r');
      space = 1;
      i += len;
      continue;
    }
    if (c < 0x21 || c == 0xa0 || c == 0xfeff || g_unichar_isspace(c)) {
      space = 1;
      i += len;
      continue;
    }
    Token t = {
        .start = (uint32_t)i, .newlines = (uint8_t)MIN(newlines, 255u), .space = (uint8_t)space};
    if (c < 0x80 && g_ascii_isdigit((char)c)) {
      i = scan_number(text, n, i, comma, &t);
    } else if (is_letter(c)) {
      i = scan_word(text, n, i, &t);
    } else {
      t.kind = TOKEN_PUNCT;
      t.ch = ascii_of(c);
      i += len;
    }
    t.end = (uint32_t)i;
    g_array_append_val(tokens, t);
    newlines = space = 0;
  }
  return tokens;
}

gboolean
token_is_skippable(const Token *token)
{
  return token->ch == '-' || token->ch == '/' || token->ch == '\'';
}

void
token_norm(const char *text, const Token *token, char ret_word[TOKEN_MAX])
{
  size_t n = MIN(token->end - token->start, (size_t)TOKEN_MAX - 1);
  const char *s = text + token->start;
  size_t o = 0;
  gboolean plain = TRUE;
  for (size_t i = 0; i < n; i++) {
    /* U+2018 and U+2019 become an apostrophe */
    if (i + 2 < n && memcmp(s + i, "\xe2\x80", 2) == 0 &&
        (((unsigned char)s[i + 2] & 0xfeu) == 0x98u)) {
      ret_word[o++] = '\'';
      i += 2;
      continue;
    }
    plain = plain && (unsigned char)s[i] < 0x80;
    ret_word[o++] = g_ascii_tolower(s[i]);
  }
  if (o > 2 && ret_word[o - 1] == 's' && ret_word[o - 2] == '\'')
    o -= 2;
  ret_word[o] = '\0';
  if (plain || !g_utf8_validate(ret_word, (gssize)o, NULL))
    return;
  g_autofree char *low = g_utf8_strdown(ret_word, (gssize)o);
  g_strlcpy(ret_word, low, TOKEN_MAX);
}

/* Longest term of each layer that begins at token i. */
static void
mark_at(Text *t, int i)
{
  Marks *m = &g_array_index(t->marks, Marks, i);
  int n = (int)t->tokens->len;
  unsigned node = 0;
  for (int k = i; k < n && k < i + 24; k++) {
    const Token *token = text_token(t, k);
    if (token->kind == TOKEN_PUNCT && k > i && token_is_skippable(token) && token->newlines < 2)
      continue;
    if (token->word == 0 || (k > i && token->newlines > 1))
      return;
    node = lexicon_step(t->lexicon, node, token->word);
    if (node == 0)
      return;
    const int *ends = lexicon_ends(t->lexicon, node);
    for (int layer = 0; ends != NULL && layer < N_LAYERS; layer++) {
      if (ends[layer] >= 0) {
        m->term[layer] = ends[layer];
        m->len[layer] = (uint8_t)(k - i + 1);
      }
    }
  }
}

/* Leftmost longest: what a term covers begins no other of its layer. */
static void
settle(Text *t)
{
  int n = (int)t->tokens->len;
  for (int layer = 0; layer < N_LAYERS; layer++) {
    for (int i = 0; i < n;) {
      Marks *m = &g_array_index(t->marks, Marks, i);
      int len = m->term[layer] >= 0 ? m->len[layer] : 1;
      for (int k = 0; k < len && m->term[layer] >= 0; k++) {
        Marks *covered = &g_array_index(t->marks, Marks, i + k);
        covered->back[layer] = (uint8_t)(k + 1);
        if (k > 0)
          covered->term[layer] = -1;
      }
      i += len;
    }
  }
}

Text *
text_new(const Lexicon *lexicon, const char *text, size_t n)
{
  Text *t = g_new0(Text, 1);
  t->text = text;
  t->n = n;
  t->lexicon = lexicon;
  t->work = g_new0(uint64_t, 1);
  t->tokens = text_tokenize(text, n, 4u * 1024 * 1024, lexicon_decimal_comma(lexicon));
  t->marks = g_array_sized_new(FALSE, TRUE, sizeof(Marks), t->tokens->len);
  g_array_set_size(t->marks, t->tokens->len);
  t->sentences = g_array_new(FALSE, TRUE, sizeof(Sentence));
  for (unsigned i = 0; i < t->tokens->len; i++) {
    Token *token = &g_array_index(t->tokens, Token, i);
    Marks *m = &g_array_index(t->marks, Marks, i);
    for (int layer = 0; layer < N_LAYERS; layer++)
      m->term[layer] = -1;
    char word[TOKEN_MAX];
    token_norm(text, token, word);
    token->word = lexicon_word(lexicon, word, strlen(word));
  }
  for (unsigned i = 0; i < t->tokens->len; i++)
    mark_at(t, (int)i);
  settle(t);
  structure_build(t);
  return t;
}

void
text_free(Text *t)
{
  if (t == NULL)
    return;
  g_array_unref(t->tokens);
  g_array_unref(t->marks);
  g_array_unref(t->sentences);
  g_free(t->work);
  g_free(t);
}

const Term *
text_cover(const Text *t, int i, Layer layer, int *ret_begin, int *ret_end)
{
  const Marks *m = &g_array_index(t->marks, Marks, i);
  ++*t->work;
  if (m->back[layer] == 0)
    return NULL;
  int begin = i + 1 - m->back[layer];
  const Marks *b = &g_array_index(t->marks, Marks, begin);
  if (ret_begin)
    *ret_begin = begin;
  if (ret_end)
    *ret_end = begin + b->len[layer];
  return lexicon_term(t->lexicon, b->term[layer]);
}

const Term *
text_begin(const Text *t, int i, Layer layer, int *ret_end)
{
  const Marks *m = &g_array_index(t->marks, Marks, i);
  ++*t->work;
  if (m->term[layer] < 0)
    return NULL;
  if (ret_end)
    *ret_end = i + m->len[layer];
  return lexicon_term(t->lexicon, m->term[layer]);
}

gboolean
text_has_role(const Text *t, int i, Layer layer, Role role)
{
  const Term *term = text_cover(t, i, layer, NULL, NULL);
  return term != NULL && term->role == role;
}
