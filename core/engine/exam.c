/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/exam.h"

#include <string.h>

#include "engine/exam-lexicon.h"

/* More than any real description; what follows is not read. */
#define MAX_TOKENS 96u
#define MAX_BYTES 4096u

/* Lower-case words.  Everything but letters and digits parts words, except
 * "w/o" (without), which is one. */
static GPtrArray *
tokens_of(const char *text)
{
  GPtrArray *tokens = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GString) word = g_string_new(NULL);
  g_autofree char *lower = NULL;
  gsize n = strnlen(text, MAX_BYTES);
  if (g_utf8_validate(text, (gssize)n, NULL)) { /* capital umlauts have small ones */
    lower = g_utf8_strdown(text, (gssize)n);
    text = lower;
    n = strnlen(text, MAX_BYTES);
  }
  for (gsize i = 0; i <= n && tokens->len < MAX_TOKENS; i++) {
    guchar c = i < n ? (guchar)text[i] : ' ';
    gboolean letter = g_ascii_isalnum(c) || c >= 0x80;
    gboolean joins = (c == '/' || c == '_') && word->len == 1 && word->str[0] == 'w' && i + 1 < n &&
                     g_ascii_tolower(text[i + 1]) == 'o' &&
                     (i + 2 >= n || !g_ascii_isalnum(text[i + 2]));
    if (letter)
      g_string_append_c(word, (char)g_ascii_tolower((char)c));
    else if (!joins && word->len) {
      g_ptr_array_add(tokens, g_strdup(word->str));
      g_string_truncate(word, 0);
    }
  }
  return tokens;
}

static void
expand(const ItvExamLexicon *lexicon, GPtrArray *tokens)
{
  for (guint i = 0; i < tokens->len; i++) {
    const char *word = itv_exam_vocabulary_expand(lexicon->vocabulary, tokens->pdata[i]);
    if (word) {
      g_free(tokens->pdata[i]);
      tokens->pdata[i] = g_strdup(word);
    }
  }
}

/* How well a token is the word: 0 not at all, more for an exact one than for a
 * prefix, and for a long prefix more than for a short one. */
static guint
word_match(const char *word, const char *token)
{
  gsize n = strlen(word), t = strlen(token);
  if (word[n - 1] == '*')
    return strncmp(word, token, n - 1) == 0 ? (guint)MIN(n, 100) : 0;
  if (strcmp(word, token) == 0)
    return 200;
  return t == n + 1 && n >= 3 && token[n] == 's' && strncmp(word, token, n) == 0 ? 150 : 0;
}

static guint
phrase_match(const ItvExamPhrase *phrase, const GPtrArray *tokens, guint at)
{
  if (at + phrase->words->len > tokens->len)
    return 0;
  guint sum = 0;
  for (guint i = 0; i < phrase->words->len; i++) {
    guint match = word_match(phrase->words->pdata[i], tokens->pdata[at + i]);
    if (!match)
      return 0;
    sum += match;
  }
  return phrase->words->len * 10000u + sum;
}

/* The phrases that the text is made of, longest first at every place. */
static GPtrArray *
cut(const ItvExamLexicon *lexicon, const GPtrArray *tokens)
{
  GPtrArray *found = g_ptr_array_new();
  for (guint at = 0; at < tokens->len;) {
    ItvExamPhrase *best = NULL;
    guint best_match = 0;
    const GPtrArray *bucket = lexicon->phrases[((const guchar *)tokens->pdata[at])[0]];
    for (guint i = 0; bucket && i < bucket->len; i++) {
      guint match = phrase_match(bucket->pdata[i], tokens, at);
      if (match > best_match) {
        best_match = match;
        best = bucket->pdata[i];
      }
    }
    if (best)
      g_ptr_array_add(found, best);
    at += best ? best->words->len : 1;
  }
  return found;
}

static gboolean
unconditional(const ItvExamSense *sense)
{
  return !sense->when && !sense->unless && !sense->beside;
}

/* What is said outright, before conditions are looked at. */
static void
survey(const GPtrArray *phrases, ItvModalitySet *modalities, ItvRegionSet *regions)
{
  ItvModalitySet implied = 0;
  for (guint i = 0; i < phrases->len; i++) {
    const ItvExamPhrase *phrase = phrases->pdata[i];
    for (guint s = 0; s < phrase->senses->len; s++) {
      const ItvExamSense *sense = &g_array_index(phrase->senses, ItvExamSense, s);
      if (!unconditional(sense))
        continue;
      *modalities |= sense->modality;
      implied |= sense->implied_modality;
      *regions |= sense->region;
    }
  }
  if (!*modalities)
    *modalities = implied;
}

/* The first conditional sense that holds, else the first without condition. */
static const ItvExamSense *
choose(const ItvExamPhrase *phrase, ItvModalitySet modalities, ItvRegionSet regions)
{
  const ItvExamSense *plain = NULL;
  for (guint s = 0; s < phrase->senses->len; s++) {
    const ItvExamSense *sense = &g_array_index(phrase->senses, ItvExamSense, s);
    if (unconditional(sense))
      plain = plain ? plain : sense;
    else if ((!sense->when || (sense->when & modalities)) && !(sense->unless & modalities) &&
             (!sense->beside || (sense->beside & regions)))
      return sense;
  }
  return plain;
}

static void
add_sense(ItvExamWords *words, const ItvExamSense *sense)
{
  words->modality |= sense->modality;
  words->implied_modality |= sense->implied_modality;
  words->region |= sense->region;
  words->implied_region |= sense->implied_region;
  words->topics |= sense->topics;
  words->contrast |= sense->contrast;
  words->projections |= sense->projections;
  words->protocols |= sense->protocols;
  if (!words->views)
    words->views = sense->views;
  words->left |= sense->side == ITV_LATERALITY_LEFT || sense->side == ITV_LATERALITY_BILATERAL;
  words->right |= sense->side == ITV_LATERALITY_RIGHT || sense->side == ITV_LATERALITY_BILATERAL;
  if (sense->region && !words->first)
    words->first = sense->main;
  else if (sense->implied_region && !words->implied_first)
    words->implied_first = sense->main;
}

ItvExamWords
itv_exam_words(const ItvExamLexicon *lexicon, const char *text, ItvModalitySet coded)
{
  ItvExamWords words = {0};
  if (!text)
    return words;
  g_autoptr(GPtrArray) tokens = tokens_of(text);
  expand(lexicon, tokens);
  g_autoptr(GPtrArray) phrases = cut(lexicon, tokens);
  ItvModalitySet modalities = coded;
  ItvRegionSet regions = 0;
  survey(phrases, &modalities, &regions);
  for (guint i = 0; i < phrases->len; i++) {
    const ItvExamSense *sense = choose(phrases->pdata[i], modalities, regions);
    if (sense)
      add_sense(&words, sense);
  }
  return words;
}

static const ItvRegionSet spine_parts = ITV_REGION_BIT(ITV_REGION_CSPINE) |
                                        ITV_REGION_BIT(ITV_REGION_TSPINE) |
                                        ITV_REGION_BIT(ITV_REGION_LSPINE);

/* "SPINE, LUMBAR" is an exam of the lumbar spine, not of the whole. */
static ItvRegionSet
without_umbrella(ItvRegionSet regions)
{
  if (regions & spine_parts)
    regions &= ~ITV_REGION_BIT(ITV_REGION_SPINE);
  return regions;
}

static ItvRegion
lowest(ItvRegionSet regions)
{
  for (int r = 1; r < ITV_REGION_N; r++)
    if (regions & ITV_REGION_BIT(r))
      return (ItvRegion)r;
  return ITV_REGION_NONE;
}

static void
set_regions(ItvExam *exam, const ItvExamWords *words)
{
  ItvRegionSet regions = words->region ? words->region : words->implied_region;
  ItvRegion first = words->region ? words->first : words->implied_first;
  exam->regions = without_umbrella(regions);
  exam->main_region = exam->regions & ITV_REGION_BIT(first) ? first : lowest(exam->regions);
}

static ItvModality
main_modality(ItvModalitySet set)
{
  /* The part that the exam is asked for first: PET before the CT that locates it. */
  static const ItvModality order[] = {ITV_MODALITY_PT,  ITV_MODALITY_NM, ITV_MODALITY_MG,
                                      ITV_MODALITY_MR,  ITV_MODALITY_CT, ITV_MODALITY_US,
                                      ITV_MODALITY_DXA, ITV_MODALITY_XA, ITV_MODALITY_FL,
                                      ITV_MODALITY_XR,  ITV_MODALITY_SR, ITV_MODALITY_OT};
  for (guint i = 0; i < G_N_ELEMENTS(order); i++)
    if (set & ITV_MODALITY_BIT(order[i]))
      return order[i];
  return ITV_MODALITY_NONE;
}

static void
set_modalities(ItvExam *exam, const ItvExamWords *words, ItvModality coded)
{
  ItvModalitySet said = words->modality ? words->modality : words->implied_modality;
  gboolean vague = coded == ITV_MODALITY_OT || coded == ITV_MODALITY_SR;
  if (coded == ITV_MODALITY_NONE || (vague && said)) {
    exam->modalities = said;
    exam->main_modality = main_modality(said);
    return;
  }
  exam->modalities =
      said & ITV_MODALITY_BIT(coded) ? said : (ItvModalitySet)ITV_MODALITY_BIT(coded);
  exam->main_modality = coded;
}

/* What a Playbook name says takes the place of what the description says of the same. */
static void
prefer(ItvExamWords *words, const ItvExamWords *named)
{
  if (named->modality | named->implied_modality) {
    words->modality = named->modality;
    words->implied_modality = named->implied_modality;
  }
  if (named->region | named->implied_region) {
    words->region = named->region;
    words->implied_region = named->implied_region;
    words->first = named->first;
    words->implied_first = named->implied_first;
  }
  if (named->left || named->right) {
    words->left = named->left;
    words->right = named->right;
  }
  if (named->contrast)
    words->contrast = named->contrast;
}

static ItvExam
read_exam(const ItvExamLexicon *lexicon, const char *description, const char *code,
          ItvModality modality, const char *body_part, ItvLaterality laterality)
{
  ItvModalitySet coded = modality ? ITV_MODALITY_BIT(modality) : 0;
  ItvExamWords words = itv_exam_words(lexicon, description, coded);
  const char *named = itv_playbook_name(lexicon->playbook, code);
  ItvExamWords from_code =
      itv_exam_words(lexicon, named ? named : code, named ? coded : coded | words.modality);
  if (named)
    prefer(&words, &from_code);
  if (!words.modality && !words.implied_modality) {
    words.modality = from_code.modality;
    words.implied_modality = from_code.implied_modality;
  }
  ItvExam exam = {.laterality = laterality, .contrast = words.contrast};
  set_modalities(&exam, &words, modality);
  set_regions(&exam, &words);
  if (!words.region && body_part) {
    ItvExamWords part = itv_exam_words(lexicon, body_part, exam.modalities);
    if (part.region | part.implied_region)
      set_regions(&exam, &part);
    words.left |= part.left;
    words.right |= part.right;
  }
  if (!exam.regions)
    set_regions(&exam, &from_code);
  if (exam.laterality == ITV_LATERALITY_NONE) {
    gboolean left = words.left, right = words.right;
    exam.laterality = left && right ? ITV_LATERALITY_BILATERAL
                      : left        ? ITV_LATERALITY_LEFT
                      : right       ? ITV_LATERALITY_RIGHT
                                    : ITV_LATERALITY_NONE;
  }
  return exam;
}

ItvExam
itv_exam_read(const ItvExamLexicon *lexicon, const char *description, const char *code,
              ItvModality modality, const char *body_part, ItvLaterality laterality)
{
  char key[512];
  ItvExam exam;
  const int n = g_snprintf(key, sizeof key, "%d %d\x01%s\x01%s\x01%s%s", modality, laterality,
                           description ? description : "", code ? code : "", body_part ? "=" : "",
                           body_part ? body_part : "");
  const gboolean fits = n > 0 && (gsize)n < sizeof key;
  if (fits && itv_exam_memo_get(lexicon->memo, key, &exam))
    return exam;
  exam = read_exam(lexicon, description, code, modality, body_part, laterality);
  if (fits)
    itv_exam_memo_put(lexicon->memo, key, &exam);
  return exam;
}

static GPtrArray *
names_of(const GPtrArray *names, guint64 set)
{
  GPtrArray *list = g_ptr_array_new();
  for (guint i = 0; i < names->len; i++)
    if (set & ((guint64)1 << i))
      g_ptr_array_add(list, names->pdata[i]);
  return list;
}

ItvExamDetail
itv_exam_detail(const ItvExamLexicon *lexicon, const char *description, const char *code,
                ItvModalitySet modalities)
{
  const char *name = itv_playbook_name(lexicon->playbook, code);
  const ItvExamWords words = itv_exam_words(lexicon, description, modalities);
  const ItvExamWords named = itv_exam_words(lexicon, name, modalities);
  return (ItvExamDetail){
      .views = named.views ? named.views : words.views,
      .projections = names_of(lexicon->projections, words.projections | named.projections),
      .protocols = names_of(lexicon->protocols, words.protocols | named.protocols)};
}

const char *
itv_contrast_code(ItvContrast contrast)
{
  static const char *const codes[] = {NULL, "without", "with", "both"};
  return codes[contrast & ITV_CONTRAST_BOTH];
}

/* The side that an entry gives stands for what the words say, not for a coded one. */
static void
apply_meaning(ItvExam *exam, const ItvCodeMeaning *m, ItvLaterality coded)
{
  if (m->modalities) {
    exam->modalities = m->modalities;
    exam->main_modality = main_modality(m->modalities);
  }
  if (m->regions) {
    exam->regions = m->regions;
    exam->main_region = m->main_region;
  }
  if (m->laterality && !coded)
    exam->laterality = m->laterality;
  exam->acts |= m->acts;
}

#define BIT ITV_REGION_BIT

/* What words made of the same part is given up for it ("CT lung" is an exam of the chest
 * only as long as nobody says more); other parts stay. */
static void
apply_region(const ItvFulfilment *f, ItvExam *exam, ItvRegion region)
{
  for (int r = 1; r < ITV_REGION_N; r++)
    if ((exam->regions & BIT(r)) &&
        (itv_fulfilment_covers(f, BIT(r), region, exam->modalities) ||
         itv_fulfilment_covers(f, BIT(region), (ItvRegion)r, exam->modalities)))
      exam->regions &= ~BIT(r);
  exam->regions |= BIT(region);
  exam->main_region = region;
}

ItvExam
itv_exam_of(const ItvExamLexicon *lexicon, const ItvExamTerms *t)
{
  const ItvCodeMap *codes = lexicon->codes;
  ItvModality modality = t->modality;
  if (!modality)
    modality = itv_code_map_modality(codes, t->sender, t->modality_code);
  ItvExam exam =
      itv_exam_read(lexicon, t->description, t->code, modality, t->body_part, t->laterality);
  const ItvCodeMeaning *part = itv_code_map_body_part(codes, t->sender, t->body_part);
  const ItvCodeMeaning *whole = itv_code_map_exam(codes, t->sender, t->code, t->description);
  if (part)
    apply_meaning(&exam, part, t->laterality);
  if (whole)
    apply_meaning(&exam, whole, t->laterality);
  if (t->region)
    apply_region(lexicon->fulfilment, &exam, t->region);
  return exam;
}
