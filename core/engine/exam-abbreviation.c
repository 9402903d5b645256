/* SPDX-License-Identifier: Apache-2.0
 *
 * Words that stand in no entry: sites abbreviate as they please ("CHST",
 * "SHLDER", "ESOPH", "CERVICL").  Such a word is taken for the one entry that
 * it can be short for, and left alone where it can be short for several.
 */
#include <string.h>

#include "engine/exam-lexicon.h"

/* Of a cut-off word so many letters must stand; of one without vowels so many
 * consonants, its first letter included. */
#define MIN_CUT 4u
#define MIN_BONES 3u
/* A shorter entry is not abbreviated, and its letters fit too much. */
#define MIN_WORD 5u

/* How a word is short for another, the surest first. */
enum { SAME_BONES = 1, CUT_OFF, CUT_BONES, N_WAYS };

struct ItvExamVocabulary {
  GHashTable *exact;   /* words as they stand, without those that end in '*' */
  GPtrArray *prefixes; /* char *, without the '*' */
  GPtrArray *words;    /* char *, all that can be abbreviated, without the '*' */
  GPtrArray *bones;    /* char *, of each */
  GPtrArray *phrases;  /* ItvExamPhrase of one word, or NULL; borrowed */
};

/* The first letter and the consonants after it, doubled ones once. */
static char *
bones_of(const char *word)
{
  GString *bones = g_string_new(NULL);
  for (const char *c = word; *c; c++)
    if (c == word || (!strchr("aeiou", *c) && *c != c[-1]))
      g_string_append_c(bones, *c);
  return g_string_free(bones, FALSE);
}

void
itv_exam_vocabulary_free(ItvExamVocabulary *v)
{
  if (!v)
    return;
  g_hash_table_unref(v->exact);
  g_ptr_array_unref(v->prefixes);
  g_ptr_array_unref(v->words);
  g_ptr_array_unref(v->bones);
  g_ptr_array_unref(v->phrases);
  g_free(v);
}

static gboolean
is_plain(const char *word)
{
  for (; *word; word++)
    if (!g_ascii_islower(*word))
      return FALSE;
  return TRUE;
}

static void
add_word(ItvExamVocabulary *v, const char *word, ItvExamPhrase *alone)
{
  const gsize n = strlen(word);
  g_autofree char *stem = g_strndup(word, word[n - 1] == '*' ? n - 1 : n);
  if (word[n - 1] == '*')
    g_ptr_array_add(v->prefixes, g_strdup(stem));
  else
    g_hash_table_add(v->exact, g_strdup(stem));
  if (strlen(stem) < MIN_WORD || !is_plain(stem))
    return;
  g_ptr_array_add(v->bones, bones_of(stem));
  g_ptr_array_add(v->words, g_steal_pointer(&stem));
  g_ptr_array_add(v->phrases, alone);
}

ItvExamVocabulary *
itv_exam_vocabulary_new(const ItvExamLexicon *lexicon)
{
  ItvExamVocabulary *v = g_new0(ItvExamVocabulary, 1);
  v->exact = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  v->prefixes = g_ptr_array_new_with_free_func(g_free);
  v->words = g_ptr_array_new_with_free_func(g_free);
  v->bones = g_ptr_array_new_with_free_func(g_free);
  v->phrases = g_ptr_array_new();
  for (guint b = 0; b < G_N_ELEMENTS(lexicon->phrases); b++)
    for (guint i = 0; lexicon->phrases[b] && i < lexicon->phrases[b]->len; i++) {
      ItvExamPhrase *phrase = lexicon->phrases[b]->pdata[i];
      for (guint w = 0; w < phrase->words->len; w++)
        add_word(v, phrase->words->pdata[w], phrase->words->len == 1 ? phrase : NULL);
    }
  return v;
}

static gboolean
is_known(const ItvExamVocabulary *v, const char *token)
{
  const gsize n = strlen(token);
  if (g_hash_table_contains(v->exact, token))
    return TRUE;
  if (n > 3 && token[n - 1] == 's') {
    g_autofree char *singular = g_strndup(token, n - 1);
    if (g_hash_table_contains(v->exact, singular))
      return TRUE;
  }
  for (guint i = 0; i < v->prefixes->len; i++)
    if (g_str_has_prefix(token, v->prefixes->pdata[i]))
      return TRUE;
  return FALSE;
}

/* "focal" is a word of its own, not "facial" without vowels: an abbreviation leaves
 * letters out and adds none. */
static gboolean
leaves_out(const char *token, const char *word)
{
  for (; *token; token++, word++) {
    word = strchr(word, *token);
    if (!word)
      return FALSE;
  }
  return TRUE;
}

static gboolean
has_vowel(const char *token)
{
  return token[1 + strcspn(token + 1, "aeiou")] != '\0';
}

static guint
way_of(const char *token, const char *bones, const char *word, const char *word_bones)
{
  const gsize n = strlen(token), b = strlen(bones);
  if (token[0] != word[0])
    return 0;
  if (b >= MIN_BONES && strcmp(bones, word_bones) == 0 && leaves_out(token, word))
    return SAME_BONES;
  if (n >= MIN_CUT && g_str_has_prefix(word, token))
    return CUT_OFF;
  if (b <= MIN_BONES)
    return 0;
  if (g_str_has_prefix(word_bones, bones) && leaves_out(token, word))
    return CUT_BONES;
  /* The entry is a stem: its ending has consonants, too. */
  return strlen(word_bones) > MIN_BONES && g_str_has_prefix(bones, word_bones) && !has_vowel(token)
             ? CUT_BONES
             : 0;
}

/* Several words that say the same are as good as one. */
static gboolean
same_meaning(const ItvExamVocabulary *v, guint a, guint b)
{
  const ItvExamPhrase *x = v->phrases->pdata[a], *y = v->phrases->pdata[b];
  if (strcmp(v->words->pdata[a], v->words->pdata[b]) == 0)
    return TRUE;
  return x && y && x->senses->len == y->senses->len &&
         memcmp(x->senses->data, y->senses->data, x->senses->len * sizeof(ItvExamSense)) == 0;
}

const char *
itv_exam_vocabulary_expand(const ItvExamVocabulary *v, const char *token)
{
  if (strlen(token) < MIN_BONES || !is_plain(token) || is_known(v, token))
    return NULL;
  g_autofree char *bones = bones_of(token);
  guint best_way = N_WAYS, best = 0;
  gboolean several = FALSE;
  for (guint i = 0; i < v->words->len; i++) {
    const guint way = way_of(token, bones, v->words->pdata[i], v->bones->pdata[i]);
    if (!way || way > best_way)
      continue;
    if (way < best_way)
      several = FALSE;
    else if (!same_meaning(v, i, best))
      several = TRUE;
    if (way < best_way || !v->phrases->pdata[best])
      best = i;
    best_way = way;
  }
  return best_way < N_WAYS && !several ? v->words->pdata[best] : NULL;
}
