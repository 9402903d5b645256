/* SPDX-License-Identifier: Apache-2.0
 *
 * A recommendation's condition, three-valued.  "Or" binds weaker than "and".
 * Each part must be understood as a whole: what is left over beside the words
 * of a fact ("smoker with emphysema") leaves the part not known.
 */
#include <string.h>

#include "engine/facts.h"

void
itv_condition_answer_free(ItvConditionAnswer *a)
{
  if (!a)
    return;
  g_free(a->words);
  g_ptr_array_unref(a->asks);
  g_free(a);
}

/* ---- words that say nothing ------------------------------------------------------------- */

static const char *const fillers[] = {
    "if",         "the",       "patient",    "patients",    "is",     "are",       "was",
    "has",        "have",      "a",          "an",          "any",    "there",     "in",
    "for",        "with",      "of",         "this",        "that",   "who",       "when",
    "provided",   "s",         "years",      "year",        "old",    "age",       "aged",
    "be",         "known",     "to",         "had",         "deemed", "also",      "considered",
    "clinically", "patient's", "given",      "assuming",    "since",  "he",        "she",
    "they",       "yrs",       "population", "individuals", "only",   "otherwise", "and",
    "or",         "should",    "does"};

static gboolean
only_fillers(const char *text)
{
  g_auto(GStrv) words = g_strsplit_set(text, " \t\n\r,.;:()/-", -1);
  for (guint i = 0; words[i]; i++) {
    gboolean known = *words[i] == '\0';
    for (guint k = 0; k < G_N_ELEMENTS(fillers) && !known; k++)
      known = strcmp(words[i], fillers[k]) == 0;
    if (!known)
      return FALSE;
  }
  return TRUE;
}

/* ---- one part ---------------------------------------------------------------------------------
 */

static ItvTruth
of_known(ItvConditionAnswer *a, const ItvFactValue *f, ItvTruth truth)
{
  if (truth == ITV_TRUTH_UNKNOWN)
    return truth;
  if (!a->words || itv_moment_compare(f->known, a->known) > 0) {
    a->known = f->known;
    a->uid = f->uid;
    a->source = f->source;
  }
  g_autofree char *before = a->words;
  a->words = before ? g_strdup_printf("%s; %s is %s (%s)", before, f->name, f->value, f->words)
                    : g_strdup_printf("%s is %s (%s)", f->name, f->value, f->words);
  return truth;
}

static void
ask_for(ItvConditionAnswer *a, const char *fact)
{
  for (guint i = 0; i < a->asks->len; i++)
    if (strcmp(a->asks->pdata[i], fact) == 0)
      return;
  g_ptr_array_add(a->asks, g_strdup(fact));
}

/* The fact is one of the values: all that it may be lie inside, or outside. */
static ItvTruth
is_among(ItvConditionAnswer *a, const GPtrArray *facts, const char *name, const char *const *values)
{
  const ItvFactValue *f = itv_facts_find(facts, name);
  if (!f) {
    ask_for(a, name);
    return ITV_TRUTH_UNKNOWN;
  }
  g_auto(GStrv) may_be = g_strsplit(f->value, "|", -1);
  guint in = 0, n = 0;
  for (; may_be[n]; n++)
    in += g_strv_contains(values, may_be[n]) ? 1 : 0;
  if (in > 0 && in < n)
    ask_for(a, name);
  return of_known(a, f, in == n ? ITV_TRUTH_TRUE : in == 0 ? ITV_TRUTH_FALSE : ITV_TRUTH_UNKNOWN);
}

/* "over 35", "older than 35", "35 years or older", "age >= 35", "under 40". */
static gboolean
age_part(ItvConditionAnswer *a, const GPtrArray *facts, const char *text, ItvTruth *ret)
{
  static const struct {
    const char *pattern;
    int sign; /* 1: above, -1: below */
    gboolean equal;
  } forms[] = {
      {"(?:older than|over(?: the age of)?|above(?: the age of)?|(?:age|aged)? ?>|greater than) ?"
       "(\\d{1,3})",
       1, FALSE},
      {"(?:(?:age|aged)? ?(?:>=|\xe2\x89\xa5)|at least) ?(\\d{1,3})", 1, TRUE},
      {"(\\d{1,3})(?: years?| yrs?)?(?: of age| old)? ?(?:or|and) "
       "(?:older|above|over)|\\b(\\d{1,3}) ?\\+",
       1, TRUE},
      {"(?:younger than|under(?: the age of)?|below(?: the age of)?|(?:age|aged)? ?<|less than) ?"
       "(\\d{1,3})",
       -1, FALSE},
      {"(?:age|aged)? ?(?:<=|\xe2\x89\xa4) ?(\\d{1,3})", -1, TRUE},
      {"(\\d{1,3})(?: years?| yrs?)?(?: of age| old)? ?(?:or|and) (?:younger|below|under)", -1,
       TRUE},
  };
  const gboolean speaks_of_age = strstr(text, "age") || strstr(text, "year") ||
                                 strstr(text, "old") || strstr(text, "young") ||
                                 strstr(text, "yrs");
  for (guint i = 0; i < G_N_ELEMENTS(forms) && speaks_of_age; i++) {
    g_autoptr(GRegex) regex = g_regex_new(forms[i].pattern, G_REGEX_CASELESS, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    gint from = 0, to = 0;
    if (!g_regex_match(regex, text, 0, &match) || !g_match_info_fetch_pos(match, 0, &from, &to))
      continue;
    g_autofree char *one = g_match_info_fetch(match, 1);
    g_autofree char *two = g_match_info_fetch(match, 2);
    g_autofree char *rest = g_strdup_printf("%.*s %s", from, text, text + to);
    const gint64 limit = g_ascii_strtoll(one && *one ? one : two ? two : "0", NULL, 10);
    if (!only_fillers(rest) || strstr(text, " mm") || strstr(text, " cm"))
      return FALSE;
    const ItvFactValue *f = itv_facts_find(facts, "age");
    if (!f) {
      ask_for(a, "age");
      *ret = ITV_TRUTH_UNKNOWN;
      return TRUE;
    }
    const gint64 age = g_ascii_strtoll(f->value, NULL, 10);
    const gboolean met = (age - limit) * forms[i].sign > 0 || (forms[i].equal && age == limit);
    *ret = of_known(a, f, met ? ITV_TRUTH_TRUE : ITV_TRUTH_FALSE);
    return TRUE;
  }
  return FALSE;
}

static ItvTruth
part(const ItvFactLexicon *lexicon, ItvConditionAnswer *a, const char *text, const GPtrArray *facts)
{
  const ItvFactKind *kind = NULL;
  const char *const *values = NULL;
  gsize start = 0, end = 0;
  ItvTruth truth = ITV_TRUTH_UNKNOWN;
  if (age_part(a, facts, text, &truth))
    return truth;
  if (!itv_fact_lexicon_condition(lexicon, text, &kind, &values, &start, &end))
    return ITV_TRUTH_UNKNOWN;
  g_autofree char *head = g_strndup(text, start);
  if (!only_fillers(head) || !only_fillers(text + end))
    return ITV_TRUTH_UNKNOWN;
  return is_among(a, facts, kind->name, values);
}

/* ---- the whole
 * ------------------------------------------------------------------------------------ */

/* "35 or older" and "history of cancer or malignancy" hold no alternative. */
static char *
guarded(const char *text)
{
  static const char *const pairs[][2] = {
      {" or older", " or_older"},   {" or younger", " or_younger"},
      {" or above", " or_above"},   {" or over", " or_over"},
      {" or below", " or_below"},   {" or under", " or_under"},
      {" and older", " and_older"}, {" and over", " and_over"},
      {" and above", " and_above"}, {"current or former", "current or_former"}};
  g_autoptr(GString) s = g_string_new(text);
  for (guint i = 0; i < G_N_ELEMENTS(pairs); i++)
    g_string_replace(s, pairs[i][0], pairs[i][1], 0);
  return g_strdup(s->str);
}

static ItvTruth
all_of(const ItvFactLexicon *lexicon, ItvConditionAnswer *a, const char *text,
       const GPtrArray *facts)
{
  g_auto(GStrv) parts = g_strsplit(text, " and ", -1);
  ItvTruth truth = ITV_TRUTH_TRUE;
  for (guint i = 0; parts[i]; i++) {
    g_autoptr(GString) one = g_string_new(parts[i]);
    g_string_replace(one, "_", " ", 0);
    const ItvTruth this_one = part(lexicon, a, one->str, facts);
    truth = MIN(truth, this_one);
  }
  return parts[0] ? truth : ITV_TRUTH_UNKNOWN;
}

ItvConditionAnswer *
itv_condition_answer(const ItvFactLexicon *lexicon, const char *condition, const GPtrArray *facts)
{
  ItvConditionAnswer *a = g_new0(ItvConditionAnswer, 1);
  a->known = ITV_MOMENT_NONE;
  a->asks = g_ptr_array_new_with_free_func(g_free);
  if (!condition || strlen(condition) > 512)
    return a;
  g_autofree char *lower = g_ascii_strdown(condition, -1);
  for (char *p = lower; *p; p++)
    if (g_ascii_isspace(*p))
      *p = ' ';
  g_autofree char *text = guarded(lower);
  g_auto(GStrv) parts = g_strsplit(text, " or ", -1);
  ItvTruth truth = ITV_TRUTH_FALSE;
  for (guint i = 0; parts[i]; i++) {
    const ItvTruth this_one = all_of(lexicon, a, parts[i], facts);
    truth = MAX(truth, this_one);
  }
  a->truth = parts[0] ? truth : ITV_TRUTH_UNKNOWN;
  if (a->truth == ITV_TRUTH_UNKNOWN)
    g_clear_pointer(&a->words, g_free);
  else
    g_ptr_array_set_size(a->asks, 0);
  return a;
}
