/* SPDX-License-Identifier: Apache-2.0
 *
 * An item has one region, by which it is known; an exam is often asked for of several.
 * Only an enumeration next to the name of the modality counts ("CT chest/abdomen/pelvis",
 * "abdominal and pelvic CT"): other places that a sentence names say where a finding is.
 */
#include "engine/evidence-sections.h"

#include <string.h>

#define MAX_WORDS 64

static const ItvRegionSet sections =
    ITV_REGION_BIT(ITV_REGION_HEAD) | ITV_REGION_BIT(ITV_REGION_NECK) |
    ITV_REGION_BIT(ITV_REGION_CHEST) | ITV_REGION_BIT(ITV_REGION_ABDOMEN) |
    ITV_REGION_BIT(ITV_REGION_PELVIS);

typedef enum { WORD_OTHER, WORD_MODALITY, WORD_SECTION, WORD_LINK } WordKind;
typedef struct {
  WordKind kind;
  ItvRegionSet section;
} Word;

/* Between the sections, and between them and the modality. */
static gboolean
is_link(const char *word)
{
  static const char *const links[] = {"and", "of",  "the", "scan", "&",   "und",
                                      "von", "des", "der", "vom",  "plus"};
  for (guint i = 0; i < G_N_ELEMENTS(links); i++)
    if (strcmp(links[i], word) == 0)
      return TRUE;
  return FALSE;
}

static Word
word_of(const ItvExamLexicon *lexicon, const char *word, const ItvRecommendation *rec)
{
  if (is_link(word))
    return (Word){WORD_LINK, 0};
  const ItvExam e =
      itv_exam_read(lexicon, word, NULL, ITV_MODALITY_NONE, NULL, ITV_LATERALITY_NONE);
  if (e.modalities && !e.regions)
    return (Word){!rec->modalities || (e.modalities & rec->modalities) ? WORD_MODALITY : WORD_OTHER,
                  0};
  /* one section, and not what implies a modality besides */
  if (e.regions && !(e.regions & ~sections) && !(e.regions & (e.regions - 1)))
    return (Word){WORD_SECTION, e.regions};
  return (Word){WORD_OTHER, 0};
}

/* The span's words, blanks and the signs of an enumeration left out; other punctuation
 * parts like a word. */
static GArray *
words_of(const ItvExamLexicon *lexicon, const char *text, const ItvRecommendation *rec)
{
  GArray *words = g_array_new(FALSE, FALSE, sizeof(Word));
  g_autofree char *span = g_strndup(text + rec->start, rec->end - rec->start);
  g_autofree char *low = g_utf8_strdown(span, -1);
  for (const char *at = low; *at && words->len < MAX_WORDS;) {
    const gsize blank = strspn(at, " \t\r\n/,-+");
    const gsize n = strcspn(at + blank, " \t\r\n/,-+.;:()");
    at += blank;
    g_autofree char *word = g_strndup(at, n ? n : (*at != '\0'));
    const Word w = n ? word_of(lexicon, word, rec) : (Word){WORD_OTHER, 0};
    if (*word)
      g_array_append_val(words, w);
    at += strlen(word);
  }
  return words;
}

/* Is there a modality right before (step -1) or after (step 1), but for links? */
static gboolean
touches_modality(const GArray *words, int at, int step)
{
  for (at += step; at >= 0 && at < (int)words->len; at += step) {
    const WordKind kind = g_array_index(words, Word, at).kind;
    if (kind != WORD_LINK)
      return kind == WORD_MODALITY;
  }
  return FALSE;
}

/* The sections enumerated from there on; `end`: the last word of them. */
static ItvRegionSet
run_from(const GArray *words, int at, int *end)
{
  ItvRegionSet set = 0;
  for (; at < (int)words->len; at++) {
    const Word *w = &g_array_index(words, Word, at);
    if (w->kind == WORD_SECTION) {
      set |= w->section;
      *end = at;
    } else if (w->kind != WORD_LINK) {
      break;
    }
  }
  return set;
}

static ItvRegionSet
sections_of(const ItvExamLexicon *lexicon, const char *text, const ItvRecommendation *rec)
{
  g_autoptr(GArray) words = words_of(lexicon, text, rec);
  for (int at = 0; at < (int)words->len; at++) {
    if (g_array_index(words, Word, at).kind != WORD_SECTION)
      continue;
    int end = at;
    const ItvRegionSet run = run_from(words, at, &end);
    if ((run & ITV_REGION_BIT(rec->region)) &&
        (touches_modality(words, at, -1) || touches_modality(words, end, 1)))
      return run & ~ITV_REGION_BIT(rec->region);
    at = end;
  }
  return 0;
}

void
itv_read_sections(const ItvExamLexicon *lexicon, const char *text, GArray *recommendations)
{
  const gsize length = strlen(text);
  for (guint i = 0; lexicon && i < recommendations->len; i++) {
    ItvRecommendation *rec = &g_array_index(recommendations, ItvRecommendation, i);
    if (rec->kind != ITV_KIND_OF_IMAGING || !(sections & ITV_REGION_BIT(rec->region)) ||
        rec->start >= rec->end || rec->end > length)
      continue;
    rec->also = sections_of(lexicon, text, rec);
    for (guint k = 0; rec->also && k < recommendations->len; k++) {
      const ItvRecommendation *other = &g_array_index(recommendations, ItvRecommendation, k);
      if (k != i && other->kind == rec->kind)
        rec->also &= ~ITV_REGION_BIT(other->region);
    }
  }
}
