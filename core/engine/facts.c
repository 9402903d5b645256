/* SPDX-License-Identifier: Apache-2.0
 *
 * What a report says of one recommendation's finding and of its patient.
 */
#include "engine/facts.h"

#include <string.h>

/* ---- a table of facts -------------------------------------------------------------------- */

static void
free_fact(gpointer data)
{
  ItvFactValue *f = data;
  g_free(f->name);
  g_free(f->value);
  g_free(f->words);
  g_free(f);
}

GPtrArray *
itv_facts_new(void)
{
  return g_ptr_array_new_with_free_func(free_fact);
}

void
itv_facts_put(GPtrArray *facts, const char *name, const char *value, const char *words,
              ItvMoment known, const char *uid, const char *source)
{
  ItvFactValue *f = g_new0(ItvFactValue, 1);
  *f = (ItvFactValue){g_strdup(name), g_strdup(value), g_strdup(words), known, uid, source};
  for (guint i = 0; i < facts->len; i++)
    if (strcmp(((ItvFactValue *)facts->pdata[i])->name, name) == 0) {
      free_fact(facts->pdata[i]);
      facts->pdata[i] = f;
      return;
    }
  g_ptr_array_add(facts, f);
}

const ItvFactValue *
itv_facts_find(const GPtrArray *facts, const char *name)
{
  for (guint i = 0; i < facts->len; i++)
    if (strcmp(((const ItvFactValue *)facts->pdata[i])->name, name) == 0)
      return facts->pdata[i];
  return NULL;
}

/* ---- sentences ----------------------------------------------------------------------------- */

/* "1." or "2)" or "-" that begins an item of a list, or "FINDINGS:". */
static gboolean
begins_item(const char *line)
{
  const gsize blanks = strspn(line, " \t");
  const char *p = line + blanks;
  const gsize digits = strspn(p, "0123456789");
  if (*p == '\0' || *p == '\n' || *p == '\r' || *p == '-' || *p == '*')
    return TRUE;
  if (digits > 0 && digits <= 2 && (p[digits] == '.' || p[digits] == ')') &&
      !g_ascii_isdigit(p[digits + 1]))
    return TRUE;
  const gsize letters = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ /&");
  return letters >= 4 && p[letters] == ':';
}

/* Does a sentence end at this byte? */
static gboolean
ends_at(const char *text, gsize i)
{
  if (text[i] == '\n')
    return begins_item(text + i + 1);
  if (text[i] != '.' && text[i] != ';' && text[i] != '!' && text[i] != '?')
    return FALSE;
  return text[i + 1] == '\0' || g_ascii_isspace(text[i + 1]);
}

void
itv_sentence_around(const char *text, gsize at, gsize *ret_start, gsize *ret_end)
{
  gsize start = at, end = at;
  while (start > 0 && !ends_at(text, start - 1))
    start--;
  while (text[end] && !ends_at(text, end))
    end++;
  *ret_start = start;
  *ret_end = end;
}

/* ---- where to look -----------------------------------------------------------------------------
 */

static const struct {
  ItvRegion region;
  const char *words;
} organs[] = {{ITV_REGION_LUNG, "lung|pulmonary|upper lobe|middle lobe|lower lobe|lingula"},
              {ITV_REGION_CHEST, "lung|pulmonary|upper lobe|middle lobe|lower lobe|lingula"},
              {ITV_REGION_THYROID, "thyroid"},
              {ITV_REGION_ADRENAL, "adrenal"},
              {ITV_REGION_KIDNEY, "kidney|renal"},
              {ITV_REGION_LIVER, "liver|hepatic"},
              {ITV_REGION_PANCREAS, "pancrea"},
              {ITV_REGION_BREAST, "breast"},
              {ITV_REGION_OVARY, "ovar|adnexa"},
              {ITV_REGION_SPLEEN, "spleen|splenic"},
              {ITV_REGION_AORTA, "aort"}};

static gboolean
names(const char *text, const char *words)
{
  g_auto(GStrv) list = g_strsplit(words, "|", -1);
  g_autofree char *lower = g_ascii_strdown(text, -1);
  for (guint i = 0; list[i]; i++)
    if (strstr(lower, list[i]))
      return TRUE;
  return FALSE;
}

/* It names another organ, and not this one. */
static gboolean
is_elsewhere(const char *sentence, ItvRegion region)
{
  gboolean own = FALSE, other = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(organs); i++) {
    const gboolean hit = names(sentence, organs[i].words);
    own |= hit && organs[i].region == region;
    other |= hit && organs[i].region != region;
  }
  return other && !own;
}

/* The one sentence of the report that speaks of such a finding with a size; NULL:
 * there is none, or there are several.  Owned. */
static char *
only_sized_sentence(const ItvFactText *t)
{
  g_autofree char *only = NULL;
  const gsize n = strlen(t->report);
  guint found = 0;
  for (gsize at = 0; at < n && t->head;) {
    gsize start = 0, end = 0;
    itv_sentence_around(t->report, at, &start, &end);
    g_autofree char *sentence = g_strndup(t->report + start, end - start);
    g_autoptr(GPtrArray) sizes = itv_facts_new();
    if (names(sentence, t->head) && !is_elsewhere(sentence, t->region) &&
        itv_facts_read_size(sentence, sizes)) {
      g_free(only);
      only = g_steal_pointer(&sentence);
      found++;
    }
    at = MAX(end, at) + 1;
  }
  return found == 1 ? g_steal_pointer(&only) : NULL;
}

/* The sentence of the finding's words nearest before the recommendation's end. Owned. */
static char *
finding_sentence(const ItvFactText *t)
{
  if (!t->finding || !*t->finding)
    return NULL;
  const char *at = g_strrstr_len(t->report, (gssize)MIN(t->end, strlen(t->report)), t->finding);
  at = at ? at : strstr(t->report, t->finding);
  if (!at)
    return g_strdup(t->finding);
  gsize start = 0, end = 0;
  itv_sentence_around(t->report, (gsize)(at - t->report), &start, &end);
  end = MAX(end, (gsize)(at - t->report) + strlen(t->finding));
  return g_strndup(t->report + start, end - start);
}

static char *
own_sentence(const ItvFactText *t)
{
  const gsize n = strlen(t->report);
  gsize start = 0, end = 0;
  itv_sentence_around(t->report, MIN(t->start, n), &start, &end);
  end = CLAMP(t->end, end, n);
  return g_strndup(t->report + start, end - start);
}

/* The text below headings such as HISTORY and INDICATION.  Owned. */
static char *
history_of(const ItvFactText *t)
{
  static GRegex *heading = NULL;
  if (g_once_init_enter(&heading))
    g_once_init_leave(&heading,
                      g_regex_new("(?<![A-Za-z])(?:(?i)(?:CLINICAL |PATIENT |RELEVANT |PERTINENT )?"
                                  "(?:HISTORY|INDICATIONS?|INFORMATION|DATA|REASON FOR "
                                  "(?:EXAM\\w*|STUDY|VISIT)|DIAGNOSIS|EXAM(?:INATION)?|PROCEDURE|"
                                  "TECHNIQUE))\\s*:(.*?)(?=\\n\\s*\\n|\\b[A-Z][A-Z /]{3,}:|\\z)",
                                  G_REGEX_OPTIMIZE | G_REGEX_DOTALL, 0, NULL));
  g_autoptr(GMatchInfo) match = NULL;
  GString *s = g_string_new(t->description ? t->description : "");
  g_regex_match(heading, t->report, 0, &match);
  for (guint n = 0; g_match_info_matches(match) && n < 16; n++) {
    g_autofree char *section = g_match_info_fetch(match, 1);
    g_string_append_printf(s, "\n%s", section);
    if (!g_match_info_next(match, NULL))
      break;
  }
  return g_string_free(s, FALSE);
}

/* One of a kind, as far as the report goes: the finding stands in the singular, and
 * nowhere is there more than one. */
static void
read_single(const ItvFactText *t, GPtrArray *facts)
{
  if (!t->head || itv_facts_find(facts, "count"))
    return;
  g_autofree char *plural =
      g_strdup_printf("%ss|multiple|several|additional|other %s", t->head, t->head);
  if (!names(t->report, plural) && names(t->report, t->head))
    itv_facts_put(facts, "count", "single", "report: no second one is named", ITV_MOMENT_NONE, NULL,
                  NULL);
}

void
itv_facts_read(const ItvFactLexicon *lexicon, const ItvFactText *t, GPtrArray *facts)
{
  g_autofree char *history = history_of(t);
  g_autofree char *finding = finding_sentence(t);
  g_autofree char *own = own_sentence(t);
  g_autofree char *sized = NULL;
  itv_fact_lexicon_read(lexicon, "history", history, facts);
  itv_fact_lexicon_read(lexicon, "report", t->report, facts);
  if (!(t->finding && itv_facts_read_size(t->finding, facts)) &&
      !(finding && itv_facts_read_size(finding, facts)) && !itv_facts_read_size(own, facts)) {
    sized = only_sized_sentence(t);
    if (sized)
      itv_facts_read_size(sized, facts);
  }
  g_autofree char *window =
      g_strdup_printf("%s\n%s\n%s", finding ? finding : "", own, sized ? sized : "");
  itv_fact_lexicon_read(lexicon, "finding", window, facts);
  read_single(t, facts);
}
