/* SPDX-License-Identifier: Apache-2.0
 *
 * From bytes to tokens, sentences and sections.
 */
#ifndef RECOMMENDATION_TEXT_H
#define RECOMMENDATION_TEXT_H

#include <glib.h>
#include <stdint.h>

#include "lexicon.h"

enum { TOKEN_MAX = 64, SENTENCE_MAX_TOKENS = 240 };

typedef enum { TOKEN_WORD, TOKEN_NUMBER, TOKEN_PUNCT } TokenKind;

typedef struct {
  uint32_t start, end; /* bytes */
  uint8_t kind;        /* TokenKind */
  char ch;             /* punctuation: its ASCII likeness, else 0 */
  uint8_t newlines;    /* line ends before it, 255 at most */
  uint8_t space;       /* 1: white space stands before it */
  uint8_t upper;       /* 1: begins with a capital; 2: all capitals */
  float number;        /* value of TOKEN_NUMBER */
  uint32_t word;       /* lexicon_word, 0: unknown */
} Token;

/* Token elements; at most max of them.  With `comma`, "3,5" is one number. */
GArray *text_tokenize(const char *text, size_t n, size_t max, gboolean comma);
/* Lower case, possessive 's gone; cut at TOKEN_MAX. */
void token_norm(const char *text, const Token *token, char ret_word[TOKEN_MAX]);
/* Punctuation that a phrase may hold or not: hyphen, slash, apostrophe. */
gboolean token_is_skippable(const Token *token);

/* What the lexicon sees at a token, by layer. */
typedef struct {
  int32_t term[N_LAYERS]; /* term that begins here, -1: none */
  uint8_t len[N_LAYERS];  /* its length in tokens */
  uint8_t
      back[N_LAYERS]; /* 1 + distance to the begin of the term that covers this token, 0: none */
} Marks;

typedef struct {
  int begin, end;         /* tokens, end excluded */
  Role section;           /* ROLE_HISTORY ...; ROLE_NONE: no heading rules here */
  gboolean concluding;    /* in an impression, or in the last paragraph of a report without one */
  int item;               /* list item or paragraph; sentences of one item belong together */
  gboolean after_heading; /* first sentence behind a heading */
  int list;               /* number of the list that it stands in, 0: none */
} Sentence;

typedef struct {
  const char *text;
  size_t n;
  const Lexicon *lexicon;
  GArray *tokens;    /* Token */
  GArray *marks;     /* Marks, one per token */
  GArray *sentences; /* Sentence */
  gboolean has_impression;
  uint64_t *work; /* look-ups so far: what tests of bounded work count */
} Text;

Text *text_new(const Lexicon *lexicon, const char *text, size_t n);
void text_free(Text *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Text, text_free)

static inline const Token *
text_token(const Text *t, int i)
{
  return &g_array_index(t->tokens, Token, i);
}

/* The term of that layer that covers token i (begin in *ret_begin), or NULL. */
const Term *text_cover(const Text *t, int i, Layer layer, int *ret_begin, int *ret_end);
/* The term that begins at i, or NULL. */
const Term *text_begin(const Text *t, int i, Layer layer, int *ret_end);
gboolean text_has_role(const Text *t, int i, Layer layer, Role role);

/* Cuts tokens into sentences and names their sections. */
void structure_build(Text *text);

#endif
