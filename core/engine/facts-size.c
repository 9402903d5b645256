/* SPDX-License-Identifier: Apache-2.0
 *
 * Sizes in words: "7 mm", "1.2 x 0.8 cm", "4-5 mm", "less than 6 mm", "up to
 * 8 mm", "subcentimeter"; not what it was before, not slices, margins or
 * distances.
 */
#include "engine/facts.h"

#include <string.h>

typedef struct {
  ItvDecimal lo, hi, mean; /* mm; lo < hi: a range */
  gboolean below, up_to;   /* less than hi; at most hi */
  gboolean solid_part;
  char *words;
} Size;

static void
clear_size(gpointer data)
{
  g_free(((Size *)data)->words);
}

/* What stands before a number and says that it is no size of today. */
static const char *const not_sizes[] = {
    "previously", "prior",        "formerly",     "was ",      "from ",    "compared to",
    "slice",      "thick",        "margin",       "within ",   "distance", "away",
    "grown by",   "growth of",    "increased by", "larger by", "every ",   "apart",
    "if ",        "greater than", "more than",    ">",         "at least", "threshold",
    "interval",   "criteria"};
static const char *const not_after[] = {
    "slice",    "thick",    "from the", "away",        "collimation",  "interval", "axial",
    "reconstr", "increase", "growth",   "previously)", "on the prior", "on prior"};

static gboolean
any_of(const char *text, const char *const *words, guint n)
{
  for (guint i = 0; i < n; i++)
    if (strstr(text, words[i]))
      return TRUE;
  return FALSE;
}

/* The words shortly before, back to the last stop; lower case; owned. */
static char *
before(const char *text, gsize at)
{
  const gsize reach = MIN(at, 24);
  g_autofree char *raw = g_utf8_make_valid(text + at - reach, (gssize)reach);
  char *lower = g_ascii_strdown(raw, -1);
  char *from = lower;
  for (char *p = lower; *p; p++)
    if (*p == ';' || *p == ',' || (*p == '.' && !g_ascii_isdigit(p[1])) || *p == ')')
      from = p + 1;
  /* "from 5 mm to 8 mm": what follows the other size's unit is not about that one */
  const char *units[] = {" mm ", " cm ", "mm ", "cm "};
  for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
    char *unit = g_strrstr(from, units[i]);
    if (unit)
      from = unit + strlen(units[i]);
  }
  memmove(lower, from, strlen(from) + 1);
  return lower;
}

static char *
after(const char *text, gsize at)
{
  g_autofree char *raw = g_utf8_make_valid(text + at, (gssize)strnlen(text + at, 24));
  char *lower = g_ascii_strdown(raw, -1);
  char *stop = strpbrk(lower, ";,.");
  if (stop)
    *stop = '\0';
  return lower;
}

static GRegex *
pattern(void)
{
  static GRegex *regex = NULL;
#define NUM "(\\d{1,3}(?:\\.\\d{1,2})?)"
#define UNIT "(?:\\s*-?\\s*(mm|cm|millimet\\w+|centimet\\w+))"
#define TIMES "(?:\\s*(?:x|by|\\*|\xc3\x97)\\s*"
  if (g_once_init_enter(&regex))
    g_once_init_leave(&regex,
                      g_regex_new("(?<![\\d./])(?<!\\d-)" NUM "(?:\\s*(?:-|to|\xe2\x80\x93)\\s*" NUM
                                  ")?" UNIT "?" TIMES NUM UNIT "?"
                                  ")?" TIMES NUM UNIT "?"
                                  ")?"
                                  "(?![\\d])",
                                  G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL));
  return regex;
}

/* In mm; FALSE for no number. */
static gboolean
group(const GMatchInfo *match, int number, gboolean cm, ItvDecimal *ret)
{
  g_autofree char *text = g_match_info_fetch(match, number);
  if (!text || !*text || !itv_decimal_parse(text, ret))
    return FALSE;
  *ret *= cm ? 10 : 1;
  return TRUE;
}

/* The unit of any of the numbers stands for all: "1.2 x 0.8 cm". */
static gboolean
unit_of(const GMatchInfo *match, gboolean *ret_cm)
{
  static const int groups[] = {7, 5, 3};
  for (guint i = 0; i < G_N_ELEMENTS(groups); i++) {
    g_autofree char *unit = g_match_info_fetch(match, groups[i]);
    if (unit && *unit) {
      *ret_cm = g_ascii_tolower(*unit) == 'c';
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
read_one(const char *text, const GMatchInfo *match, Size *ret)
{
  gint from = 0, to = 0;
  gboolean cm = FALSE;
  ItvDecimal a = 0, b = 0, c = 0;
  g_match_info_fetch_pos(match, 0, &from, &to);
  if (!unit_of(match, &cm) || !group(match, 1, cm, &a))
    return FALSE;
  g_autofree char *lead = before(text, (gsize)from);
  g_autofree char *tail = after(text, (gsize)to);
  if (any_of(lead, not_sizes, G_N_ELEMENTS(not_sizes)) ||
      any_of(tail, not_after, G_N_ELEMENTS(not_after)))
    return FALSE;
  *ret = (Size){.lo = a, .hi = a, .mean = a};
  if (group(match, 2, cm, &b) && b >= a) { /* "4-5 mm" */
    ret->hi = b;
    ret->mean = b;
  } else if (group(match, 4, cm, &b)) { /* the two longest of what is measured */
    const gboolean third = group(match, 6, cm, &c);
    const ItvDecimal longest = MAX(MAX(a, b), third ? c : 0);
    const ItvDecimal shortest = MIN(MIN(a, b), third ? c : G_MAXINT64);
    const ItvDecimal middle = third ? a + b + c - longest - shortest : MIN(a, b);
    ret->lo = ret->hi = longest;
    ret->mean = (longest + middle) / 2;
  }
  ret->below = strstr(lead, "less than") || strstr(lead, "below") || strstr(lead, "smaller than") ||
               strchr(lead, '<');
  ret->up_to = strstr(lead, "up to") || strstr(lead, "at most");
  ret->solid_part = strstr(tail, "solid component") || strstr(tail, "solid part") ||
                    strstr(tail, "solid portion") || strstr(lead, "solid component") ||
                    strstr(lead, "solid part ") || strstr(lead, "solid portion");
  ret->words = g_match_info_fetch(match, 0);
  return TRUE;
}

static char *
value_of(const Size *s, gboolean mean)
{
  g_autofree char *lo = itv_decimal_format(s->lo);
  g_autofree char *hi = itv_decimal_format(mean ? s->mean : s->hi);
  if (s->below)
    return g_strdup_printf("<%smm", hi);
  if (s->up_to)
    return g_strdup_printf("<=%smm", hi);
  if (s->lo < s->hi)
    return g_strdup_printf("%s..%smm", lo, hi);
  return g_strdup_printf("%smm", hi);
}

static void
put(GPtrArray *facts, const char *name, const Size *s, gboolean mean)
{
  g_autofree char *value = value_of(s, mean);
  g_autofree char *words = g_strdup_printf("report: \"%s\"", s->words);
  itv_facts_put(facts, name, value, words, ITV_MOMENT_NONE, NULL, NULL);
}

gboolean
itv_facts_read_size(const char *text, GPtrArray *facts)
{
  g_autoptr(GMatchInfo) match = NULL;
  g_autoptr(GArray) sizes = g_array_new(FALSE, TRUE, sizeof(Size));
  const Size *largest = NULL;
  g_array_set_clear_func(sizes, clear_size);
  g_regex_match(pattern(), text, 0, &match);
  for (guint n = 0; g_match_info_matches(match) && n < 64; n++) {
    Size s;
    if (read_one(text, match, &s))
      g_array_append_val(sizes, s);
    if (!g_match_info_next(match, NULL))
      break;
  }
  for (guint i = 0; i < sizes->len; i++) {
    const Size *s = &g_array_index(sizes, Size, i);
    if (s->solid_part)
      put(facts, "solid-part", s, TRUE);
    else if (!largest || s->hi > largest->hi)
      largest = s;
  }
  g_autofree char *lower = g_ascii_strdown(text, -1);
  if (!largest && (strstr(lower, "subcentimet") || strstr(lower, "sub-centimet"))) {
    const Size s = {.hi = 10 * ITV_DECIMAL_ONE,
                    .mean = 10 * ITV_DECIMAL_ONE,
                    .below = TRUE,
                    .words = (char *)(guintptr) "subcentimeter"};
    put(facts, "size", &s, FALSE);
    put(facts, "mean-size", &s, TRUE);
    return TRUE;
  }
  if (!largest)
    return FALSE;
  put(facts, "size", largest, FALSE);
  put(facts, "mean-size", largest, TRUE);
  return TRUE;
}
