/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "lexicon.h"

#include <pcre2.h>
#include <string.h>

#include "text.h"

enum { MAX_TERMS = 20000, MAX_NODES = 400000, MAX_WORDS = 12, MAX_PHRASE = 400 };

const char *const modality_codes[N_MODALITIES] = {"XR", "CT", "MR",  "US", "MG",
                                                  "NM", "PT", "DXA", "FL", "XA"};
const char *const region_codes[N_REGIONS] = {
    "head",    "brain",     "orbit",       "sinus",    "face",    "neck",   "thyroid", "cspine",
    "tspine",  "lspine",    "spine",       "chest",    "lung",    "breast", "heart",   "aorta",
    "abdomen", "liver",     "gallbladder", "pancreas", "spleen",  "kidney", "adrenal", "bladder",
    "pelvis",  "uterus",    "ovary",       "prostate", "testis",  "hip",    "femur",   "knee",
    "tibia",   "ankle",     "foot",        "shoulder", "humerus", "elbow",  "forearm", "wrist",
    "hand",    "extremity", "vascular",    "wholebody"};
const char *const kind_codes[N_KINDS] = {"", "imaging", "procedure", "referral", "lab", "clinical"};
const char *const side_codes[N_SIDES] = {"", "left", "right", "bilateral"};
const char *const strength_codes[N_STRENGTHS] = {"recommend", "consider"};

typedef struct {
  const char *name;
  Layer layer;
  Role role;
} RoleName;

static const RoleName role_names[] = {
    {"anatomy", LAYER_SITE, ROLE_ANATOMY},
    {"side", LAYER_SITE, ROLE_SIDE},
    {"finding", LAYER_FINDING, ROLE_FINDING},
    {"guideline", LAYER_FINDING, ROLE_GUIDELINE},
    {"verb", LAYER_CUE, ROLE_VERB},
    {"participle", LAYER_CUE, ROLE_PARTICIPLE},
    {"predicate", LAYER_CUE, ROLE_PREDICATE},
    {"modal", LAYER_CUE, ROLE_MODAL},
    {"do", LAYER_CUE, ROLE_DO},
    {"done", LAYER_CUE, ROLE_DONE},
    {"pending", LAYER_CUE, ROLE_PENDING},
    {"result", LAYER_CUE, ROLE_RESULT},
    {"negation", LAYER_CUE, ROLE_NEGATION},
    {"negative", LAYER_CUE, ROLE_NEGATIVE},
    {"past", LAYER_CUE, ROLE_PAST},
    {"condition", LAYER_CUE, ROLE_CONDITION},
    {"conditional", LAYER_CUE, ROLE_CONDITIONAL},
    {"sooner", LAYER_CUE, ROLE_SOONER},
    {"purpose", LAYER_CUE, ROLE_PURPOSE},
    {"occur", LAYER_CUE, ROLE_OCCUR},
    {"number", LAYER_TIME, ROLE_NUMBER},
    {"unit", LAYER_TIME, ROLE_UNIT},
    {"month", LAYER_TIME, ROLE_MONTH},
    {"frequency", LAYER_TIME, ROLE_FREQUENCY},
    {"now", LAYER_TIME, ROLE_NOW},
    {"span", LAYER_TIME, ROLE_SPAN},
    {"at", LAYER_TIME, ROLE_AT},
    {"within", LAYER_TIME, ROLE_WITHIN},
    {"at-least", LAYER_TIME, ROLE_AT_LEAST},
    {"every", LAYER_TIME, ROLE_EVERY},
    {"between", LAYER_TIME, ROLE_BETWEEN},
    {"duration", LAYER_TIME, ROLE_DURATION},
    {"ago", LAYER_TIME, ROLE_AGO},
    {"later", LAYER_TIME, ROLE_LATER},
    {"or-more", LAYER_TIME, ROLE_OR_MORE},
    {"intervals", LAYER_TIME, ROLE_INTERVALS},
    {"range", LAYER_TIME, ROLE_RANGE},
    {"week-of", LAYER_TIME, ROLE_WEEK_OF},
    {"end-of", LAYER_TIME, ROLE_END_OF},
    {"age", LAYER_TIME, ROLE_AGE},
    {"gestation", LAYER_TIME, ROLE_GESTATION},
    {"and", LAYER_WORD, ROLE_AND},
    {"or", LAYER_WORD, ROLE_OR},
    {"of", LAYER_WORD, ROLE_OF},
    {"det", LAYER_WORD, ROLE_DET},
    {"with", LAYER_WORD, ROLE_WITH},
    {"for", LAYER_WORD, ROLE_FOR},
    {"to", LAYER_WORD, ROLE_TO},
    {"be", LAYER_WORD, ROLE_BE},
    {"be-base", LAYER_WORD, ROLE_BE_BASE},
    {"be-past", LAYER_WORD, ROLE_BE_PAST},
    {"have", LAYER_WORD, ROLE_HAVE},
    {"had", LAYER_WORD, ROLE_HAD},
    {"we", LAYER_WORD, ROLE_WE},
    {"patient", LAYER_WORD, ROLE_PATIENT},
    {"then", LAYER_WORD, ROLE_THEN},
    {"contrast", LAYER_WORD, ROLE_CONTRAST},
    {"on", LAYER_WORD, ROLE_ON},
    {"prior", LAYER_WORD, ROLE_PRIOR},
    {"this", LAYER_WORD, ROLE_THIS},
    {"adverb", LAYER_WORD, ROLE_ADVERB},
    {"prep", LAYER_WORD, ROLE_PREP},
    {"prefer", LAYER_WORD, ROLE_PREFER},
    {"guided", LAYER_WORD, ROLE_GUIDED},
    {"abbreviation", LAYER_WORD, ROLE_ABBREVIATION},
    {"verb", LAYER_WORD, ROLE_OTHER_VERB},
    {"title", LAYER_SECTION, ROLE_TITLE},
    {"history", LAYER_SECTION, ROLE_HISTORY},
    {"technique", LAYER_SECTION, ROLE_TECHNIQUE},
    {"comparison", LAYER_SECTION, ROLE_COMPARISON},
    {"findings", LAYER_SECTION, ROLE_FINDINGS},
    {"impression", LAYER_SECTION, ROLE_IMPRESSION},
    {"recommendation", LAYER_SECTION, ROLE_RECOMMENDATION},
    {"communication", LAYER_SECTION, ROLE_COMMUNICATION},
    {"other", LAYER_SECTION, ROLE_OTHER_SECTION},
    {"length", LAYER_MEASURE, ROLE_LENGTH},
    {"by", LAYER_MEASURE, ROLE_BY},
    {"before", LAYER_MEASURE, ROLE_BEFORE},
    {"current", LAYER_MEASURE, ROLE_CURRENT},
    {"from", LAYER_MEASURE, ROLE_FROM},
    {"bound", LAYER_MEASURE, ROLE_BOUND},
    {"apart", LAYER_MEASURE, ROLE_APART},
    {"stability", LAYER_MEASURE, ROLE_STABILITY},
    {"density", LAYER_MEASURE, ROLE_DENSITY},
    {"count", LAYER_MEASURE, ROLE_COUNT},
    {"refers", LAYER_MEASURE, ROLE_REFERS},
    {"opposite", LAYER_MEASURE, ROLE_OPPOSITE},
};

typedef struct {
  int term[N_LAYERS];
  gboolean ends; /* some term ends here */
} Node;

/* Open addressing, a power of two, at most half full; key 0 is never used, since words
 * count from 1. */
typedef struct {
  guint64 *keys;
  guint32 *values;
  size_t mask, n;
} EdgeTable;

typedef struct {
  const char *word; /* the hash table's */
  guint32 n, id;
} WordSlot;

struct Lexicon {
  GPtrArray *terms;    /* Term */
  GPtrArray *patterns; /* Pattern */
  GHashTable *words;   /* normalised word -> number from 1 */
  EdgeTable edges;     /* node << 32 | word -> child */
  GArray *nodes;       /* Node */
  int n_base;          /* terms of the first file: a second one may take their phrases */
  gboolean decimal_comma;
  WordSlot *slots; /* of index_words */
  size_t slot_mask;
};

static size_t
edge_slot(const EdgeTable *t, guint64 key)
{
  size_t i = (size_t)((key * 0x9e3779b97f4a7c15u) >> 32) & t->mask; /* Fibonacci hashing */
  while (t->keys[i] != 0 && t->keys[i] != key)
    i = (i + 1) & t->mask;
  return i;
}

static void
edge_insert(EdgeTable *t, guint64 key, guint32 value)
{
  if (t->keys == NULL || 2 * (t->n + 1) > t->mask + 1) {
    EdgeTable larger = {.mask = t->keys ? 2 * t->mask + 1 : 4095};
    larger.keys = g_new0(guint64, larger.mask + 1);
    larger.values = g_new0(guint32, larger.mask + 1);
    for (size_t i = 0; t->keys != NULL && i <= t->mask; i++)
      if (t->keys[i] != 0) {
        size_t at = edge_slot(&larger, t->keys[i]);
        larger.keys[at] = t->keys[i];
        larger.values[at] = t->values[i];
        larger.n++;
      }
    g_free(t->keys);
    g_free(t->values);
    *t = larger;
  }
  size_t at = edge_slot(t, key);
  t->n += t->keys[at] == 0;
  t->keys[at] = key;
  t->values[at] = value;
}

int
code_index(const char *const *codes, int n, const char *code)
{
  for (int i = 0; i < n; i++)
    if (strcmp(codes[i], code) == 0)
      return i;
  return -1;
}

gboolean
role_from_name(Layer layer, const char *name, Role *ret_role)
{
  for (size_t i = 0; i < G_N_ELEMENTS(role_names); i++)
    if (role_names[i].layer == layer && strcmp(role_names[i].name, name) == 0) {
      *ret_role = role_names[i].role;
      return TRUE;
    }
  return FALSE;
}

static void
term_free(gpointer data)
{
  Term *t = data;
  g_free(t->name);
  g_free(t->head);
  g_free(t);
}

static void
pattern_free(gpointer data)
{
  Pattern *p = data;
  g_free(p->name);
  g_free(p->gate);
  g_strfreev(p->gates);
  g_free(p->regex);
  pcre2_code_free(p->code);
  g_free(p);
}

static unsigned
node_new(Lexicon *lexicon)
{
  Node node = {.ends = FALSE};
  for (int i = 0; i < N_LAYERS; i++)
    node.term[i] = -1;
  g_array_append_val(lexicon->nodes, node);
  return lexicon->nodes->len - 1;
}

Lexicon *
lexicon_new(void)
{
  Lexicon *lexicon = g_new0(Lexicon, 1);
  lexicon->terms = g_ptr_array_new_with_free_func(term_free);
  lexicon->patterns = g_ptr_array_new_with_free_func(pattern_free);
  lexicon->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  lexicon->nodes = g_array_new(FALSE, FALSE, sizeof(Node));
  node_new(lexicon);
  return lexicon;
}

void
lexicon_free(Lexicon *lexicon)
{
  if (lexicon == NULL)
    return;
  g_ptr_array_unref(lexicon->terms);
  g_ptr_array_unref(lexicon->patterns);
  g_free(lexicon->slots);
  g_hash_table_unref(lexicon->words);
  g_free(lexicon->edges.keys);
  g_free(lexicon->edges.values);
  g_array_unref(lexicon->nodes);
  g_free(lexicon);
}

static unsigned
word_intern(Lexicon *lexicon, const char *word)
{
  gpointer found = g_hash_table_lookup(lexicon->words, word);
  if (found == NULL) {
    found = GUINT_TO_POINTER(g_hash_table_size(lexicon->words) + 1);
    g_hash_table_insert(lexicon->words, g_strdup(word), found);
  }
  return GPOINTER_TO_UINT(found);
}

/* FNV-1a */
static guint64
word_hash(const char *word, size_t n)
{
  guint64 h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < n; i++)
    h = (h ^ (unsigned char)word[i]) * 0x100000001b3u;
  return h;
}

/* The words once more by open addressing: every token of every text is looked up. */
static void
index_words(Lexicon *lexicon)
{
  GHashTableIter iter;
  gpointer key = NULL, value = NULL;
  g_free(lexicon->slots);
  lexicon->slot_mask = 1;
  while (lexicon->slot_mask < 3 * (size_t)g_hash_table_size(lexicon->words))
    lexicon->slot_mask = 2 * lexicon->slot_mask + 1;
  lexicon->slots = g_new0(WordSlot, lexicon->slot_mask + 1);
  g_hash_table_iter_init(&iter, lexicon->words);
  while (g_hash_table_iter_next(&iter, &key, &value)) {
    size_t n = strlen(key), at = (size_t)word_hash(key, n) & lexicon->slot_mask;
    while (lexicon->slots[at].word != NULL)
      at = (at + 1) & lexicon->slot_mask;
    lexicon->slots[at] = (WordSlot){key, (guint32)n, GPOINTER_TO_UINT(value)};
  }
}

unsigned
lexicon_word(const Lexicon *lexicon, const char *word, size_t n)
{
  if (lexicon->slots == NULL)
    return 0;
  size_t at = (size_t)word_hash(word, n) & lexicon->slot_mask;
  for (; lexicon->slots[at].word != NULL; at = (at + 1) & lexicon->slot_mask)
    if (lexicon->slots[at].n == n && memcmp(lexicon->slots[at].word, word, n) == 0)
      return lexicon->slots[at].id;
  return 0;
}

unsigned
lexicon_step(const Lexicon *lexicon, unsigned node, unsigned word)
{
  const EdgeTable *t = &lexicon->edges;
  if (t->keys == NULL || word == 0)
    return 0;
  size_t at = edge_slot(t, (guint64)node << 32 | word);
  return t->keys[at] != 0 ? t->values[at] : 0;
}

const int *
lexicon_ends(const Lexicon *lexicon, unsigned node)
{
  const Node *n = &g_array_index(lexicon->nodes, Node, node);
  return n->ends ? n->term : NULL;
}

const Term *
lexicon_term(const Lexicon *lexicon, int index)
{
  return g_ptr_array_index(lexicon->terms, index);
}

int
lexicon_n_terms(const Lexicon *lexicon)
{
  return (int)lexicon->terms->len;
}

/* The words of one plain phrase go into the trie, cut as the text will be. */
static gboolean
add_phrase(Lexicon *lexicon, int index, Layer layer, const char *phrase, char **ret_error)
{
  g_autoptr(GArray) tokens = text_tokenize(phrase, strlen(phrase), 64, lexicon->decimal_comma);
  unsigned node = 0;
  unsigned n = 0;
  for (unsigned i = 0; i < tokens->len; i++) {
    const Token *t = &g_array_index(tokens, Token, i);
    char word[TOKEN_MAX];
    if (t->kind == TOKEN_PUNCT && token_is_skippable(t))
      continue;
    token_norm(phrase, t, word);
    unsigned id = word_intern(lexicon, word);
    unsigned child = lexicon_step(lexicon, node, id);
    if (child == 0) {
      guint64 key = (guint64)node << 32 | id;
      child = node_new(lexicon);
      edge_insert(&lexicon->edges, key, child);
    }
    node = child;
    n++;
  }
  if (n == 0 || n > MAX_WORDS || lexicon->nodes->len > MAX_NODES) {
    *ret_error = g_strdup_printf("phrase \"%s\" holds %u words; expected 1 to %d", phrase, n,
                                 (int)MAX_WORDS);
    return FALSE;
  }
  int *slot = &g_array_index(lexicon->nodes, Node, node).term[layer];
  if (*slot >= lexicon->n_base && *slot != index) {
    *ret_error =
        g_strdup_printf("phrase \"%s\" stands in two terms, \"%s\" and \"%s\"", phrase,
                        lexicon_term(lexicon, *slot)->name, lexicon_term(lexicon, index)->name);
    return FALSE;
  }
  *slot = index;
  g_array_index(lexicon->nodes, Node, node).ends = TRUE;
  return TRUE;
}

/* Expands the first "(a|b)" of the phrase and goes on with each result. */
static gboolean
expand(Lexicon *lexicon, int index, Layer layer, const char *phrase, int depth, char **ret_error)
{
  const char *open = strchr(phrase, '(');
  const char *close = open ? strchr(open, ')') : NULL;
  if (close == NULL)
    return add_phrase(lexicon, index, layer, phrase, ret_error);
  if (depth == 0) {
    *ret_error = g_strdup_printf("phrase \"%s\" holds more than 4 choices", phrase);
    return FALSE;
  }
  g_autofree char *inside = g_strndup(open + 1, (gsize)(close - open - 1));
  g_auto(GStrv) choices = g_strsplit(inside, "|", 16);
  gboolean optional = choices[0] == NULL || choices[1] == NULL;
  for (int i = 0; choices[i] != NULL || (optional && i == 1); i++) {
    g_autofree char *one = g_strdup_printf("%.*s%s%s", (int)(open - phrase), phrase,
                                           choices[i] ? choices[i] : "", close + 1);
    if (!expand(lexicon, index, layer, one, depth - 1, ret_error))
      return FALSE;
    if (choices[i] == NULL)
      break;
  }
  return TRUE;
}

gboolean
lexicon_add(Lexicon *lexicon, const Term *term, const char *phrases, char **ret_error)
{
  if (lexicon->terms->len >= MAX_TERMS) {
    *ret_error = g_strdup_printf("more than %d terms", (int)MAX_TERMS);
    return FALSE;
  }
  Term *copy = g_new(Term, 1);
  *copy = *term;
  copy->name = g_strdup(term->name);
  copy->head = g_strdup(term->head);
  g_ptr_array_add(lexicon->terms, copy);
  int index = (int)lexicon->terms->len - 1;

  g_auto(GStrv) list = g_strsplit(phrases, ",", -1);
  for (int i = 0; list[i] != NULL; i++) {
    g_strstrip(list[i]);
    if (strlen(list[i]) > MAX_PHRASE) {
      *ret_error = g_strdup_printf("a phrase of \"%s\" is longer than %d bytes", term->name,
                                   (int)MAX_PHRASE);
      return FALSE;
    }
    if (!expand(lexicon, index, term->layer, list[i], 4, ret_error))
      return FALSE;
  }
  return TRUE;
}

gboolean
lexicon_add_pattern(Lexicon *lexicon, const Pattern *pattern, char **ret_error)
{
  int code = 0;
  PCRE2_SIZE at = 0;
  pcre2_code *re = pcre2_compile((PCRE2_SPTR)pattern->regex, PCRE2_ZERO_TERMINATED,
                                 PCRE2_UTF | PCRE2_CASELESS | PCRE2_EXTENDED, &code, &at, NULL);
  if (re == NULL) {
    PCRE2_UCHAR message[120];
    pcre2_get_error_message(code, message, sizeof message);
    *ret_error = g_strdup_printf("pattern \"%s\", position %zu: %s", pattern->name, (size_t)at,
                                 (const char *)message);
    return FALSE;
  }
  Pattern *copy = g_new(Pattern, 1);
  *copy = *pattern;
  copy->name = g_strdup(pattern->name);
  copy->gate = g_strdup(pattern->gate);
  copy->gates = pattern->gate ? g_strsplit(pattern->gate, "|", 64) : NULL;
  copy->regex = g_strdup(pattern->regex);
  copy->code = re;
  g_ptr_array_add(lexicon->patterns, copy);
  return TRUE;
}

static gint
by_priority(gconstpointer a, gconstpointer b)
{
  const Pattern *const *p = a, *const *q = b;
  return (*p)->priority - (*q)->priority;
}

gboolean
lexicon_freeze(Lexicon *lexicon, char **ret_error)
{
  if (lexicon->terms->len == 0) {
    *ret_error = g_strdup("the lexicon holds no term");
    return FALSE;
  }
  g_ptr_array_sort(lexicon->patterns, by_priority);
  lexicon->n_base = (int)lexicon->terms->len;
  index_words(lexicon);
  return TRUE;
}

gboolean
lexicon_decimal_comma(const Lexicon *lexicon)
{
  return lexicon->decimal_comma;
}

void
lexicon_set_decimal_comma(Lexicon *lexicon)
{
  lexicon->decimal_comma = TRUE;
}

int
lexicon_n_patterns(const Lexicon *lexicon)
{
  return (int)lexicon->patterns->len;
}

const Pattern *
lexicon_pattern(const Lexicon *lexicon, int index)
{
  return g_ptr_array_index(lexicon->patterns, index);
}
