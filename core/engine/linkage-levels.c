/* SPDX-License-Identifier: Apache-2.0
 *
 * From two personas to a level of agreement for each field.
 */
#include <string.h>

#include "engine/linkage-internal.h"
#include "engine/linkage-text.h"

#define CLOSE_FROM 4 /* letters: in shorter words one letter makes another word */
#define LONG_FROM 8  /* letters: two slips are as likely as one in a word of half the length */
#define PART_FROM 3  /* letters of a part that counts */
/* Jaro-Winkler: names below are others (Winkler 1990 has agreement from 0.88 on), and
 * below the second even where they sound alike. */
#define NEAR_SIMILARITY 0.88
#define NEAR_BY_SOUND 0.78

/* ---- words ---------------------------------------------------------------------------- */

static ItvLinkLevel
missing(gboolean in_a, gboolean in_b)
{
  return in_a || in_b ? ITV_LL_ONE : ITV_LL_NONE;
}

/* In a pseudonym each digit makes another person. */
static gboolean
is_code(const char *a, const char *b)
{
  static const char digits[] = "0123456789";
  return strpbrk(a, digits) || strpbrk(b, digits);
}

static gboolean
is_close(const char *a, const char *b)
{
  const gsize shorter = MIN(strlen(a), strlen(b));
  const guint allowed = shorter >= LONG_FROM ? 2 : shorter >= CLOSE_FROM ? 1 : 0;
  return itv_link_edits(a, b, allowed) <= allowed;
}

static gboolean
is_near(const char *a, const char *b)
{
  char x[5], y[5];
  itv_link_soundex(a, x);
  itv_link_soundex(b, y);
  const double similarity = itv_link_jaro_winkler(a, b);
  return similarity >= NEAR_SIMILARITY || (similarity >= NEAR_BY_SOUND && strcmp(x, y) == 0);
}

/* A hyphenated or doubled name shares one of its parts, written apart or not. */
static gboolean
shares_part(const char *a, const char *b)
{
  g_auto(GStrv) x = g_strsplit(a, " ", -1), y = g_strsplit(b, " ", -1);
  if (!x[0] || !y[0] || (!x[1] && !y[1]))
    return FALSE;
  for (guint i = 0; x[i]; i++)
    if (strlen(x[i]) >= PART_FROM && g_strv_contains((const char *const *)y, x[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_run_together(const char *a, const char *b)
{
  const char *longer = strlen(a) > strlen(b) ? a : b, *shorter = longer == a ? b : a;
  return strlen(shorter) >= CLOSE_FROM && strlen(longer) >= strlen(shorter) + PART_FROM &&
         (g_str_has_prefix(longer, shorter) || g_str_has_suffix(longer, shorter));
}

static gboolean
is_initial(const char *a, const char *b)
{
  return a[0] == b[0] && (!a[1] || !b[1]);
}

static ItvLinkLevel
word_level(const char *a, const char *b)
{
  if (!*a || !*b)
    return missing(*a, *b);
  if (strcmp(a, b) == 0)
    return ITV_LL_SAME;
  return is_close(a, b) ? ITV_LL_CLOSE : ITV_LL_DIFFERS;
}

/* ---- names ------------------------------------------------------------------------------ */

static ItvLinkLevel
family_level(const ItvPersonaName *a, const ItvPersonaName *b)
{
  const ItvLinkLevel level = word_level(a->family_joined, b->family_joined);
  if (level > ITV_LL_SAME && is_code(a->family_joined, b->family_joined))
    return ITV_LL_DIFFERS;
  if (level != ITV_LL_DIFFERS)
    return level;
  if (shares_part(a->family, b->family) || is_run_together(a->family_joined, b->family_joined))
    return ITV_LL_PART;
  return is_near(a->family_joined, b->family_joined) ? ITV_LL_NEAR : ITV_LL_DIFFERS;
}

static gboolean
is_middle(const ItvPersonaName *a, const ItvPersonaName *b)
{
  return strlen(a->given) >= PART_FROM && strcmp(a->given, b->middle) == 0;
}

static ItvLinkLevel
given_level(const ItvLinkage *linkage, const ItvPersonaName *a, const ItvPersonaName *b)
{
  const ItvLinkLevel level = word_level(a->given_joined, b->given_joined);
  if (level == ITV_LL_ONE && (is_middle(a, b) || is_middle(b, a)))
    return ITV_LL_MIDDLE;
  if (level != ITV_LL_DIFFERS)
    return level;
  if (itv_link_nicknames(linkage, a->given_joined, b->given_joined))
    return ITV_LL_NICKNAME;
  if (is_initial(a->given_joined, b->given_joined))
    return ITV_LL_INITIAL;
  if (shares_part(a->given, b->given))
    return ITV_LL_PART;
  if (is_middle(a, b) || is_middle(b, a))
    return ITV_LL_MIDDLE;
  return is_near(a->given_joined, b->given_joined) ? ITV_LL_NEAR : ITV_LL_DIFFERS;
}

static ItvLinkLevel
middle_level(const char *a, const char *b)
{
  const ItvLinkLevel level = word_level(a, b);
  if (level != ITV_LL_DIFFERS)
    return level;
  return is_initial(a, b) ? ITV_LL_INITIAL : is_near(a, b) ? ITV_LL_CLOSE : ITV_LL_DIFFERS;
}

static gboolean
is_swapped(const ItvPersonaName *a, const ItvPersonaName *b)
{
  const ItvLinkLevel x = word_level(a->family_joined, b->given_joined);
  const ItvLinkLevel y = word_level(a->given_joined, b->family_joined);
  return (x == ITV_LL_SAME && y >= ITV_LL_SAME && y <= ITV_LL_CLOSE) ||
         (y == ITV_LL_SAME && x >= ITV_LL_SAME && x <= ITV_LL_CLOSE);
}

typedef struct {
  ItvLinkLevel family, given, middle, suffix;
  double weight;
} NameLevels;

static NameLevels
compare_names(const ItvLinkage *linkage, const ItvPersonaName *a, const ItvPersonaName *b)
{
  NameLevels n = {.family = family_level(a, b),
                  .given = given_level(linkage, a, b),
                  .middle = middle_level(a->middle, b->middle),
                  .suffix = word_level(a->suffix, b->suffix)};
  if (n.given == ITV_LL_MIDDLE)
    n.middle = ITV_LL_NONE; /* it has been counted */
  if (n.family == ITV_LL_DIFFERS && n.given >= ITV_LL_NEAR && is_swapped(a, b))
    n.family = n.given = ITV_LL_SWAPPED;
  n.weight = linkage->weight[ITV_LF_FAMILY][n.family] + linkage->weight[ITV_LF_GIVEN][n.given] +
             linkage->weight[ITV_LF_MIDDLE][n.middle] + linkage->weight[ITV_LF_SUFFIX][n.suffix];
  return n;
}

/* The pairing of their names that speaks most for one person. */
static void
best_names(const ItvLinkage *linkage, const ItvPersona *a, const ItvPersona *b, ItvLinkLevels *l)
{
  NameLevels best = {missing(a->names->len, b->names->len), missing(a->names->len, b->names->len),
                     ITV_LL_NONE, ITV_LL_NONE, -G_MAXDOUBLE};
  for (guint i = 0; i < a->names->len; i++)
    for (guint k = 0; k < b->names->len; k++) {
      const ItvPersonaName *x = a->names->pdata[i], *y = b->names->pdata[k];
      const NameLevels n = compare_names(linkage, x, y);
      if (n.weight <= best.weight)
        continue;
      best = n;
      l->family = n.family == ITV_LL_SAME ? x->family_joined : NULL;
    }
  l->level[ITV_LF_FAMILY] = best.family;
  l->level[ITV_LF_GIVEN] = best.given;
  l->level[ITV_LF_MIDDLE] = best.middle;
  l->level[ITV_LF_SUFFIX] = best.suffix;
}

static ItvLinkLevel
best_contact(const ItvLinkage *linkage, const ItvPersona *a, const ItvPersona *b)
{
  const GPtrArray *x = a->contacts, *y = b->contacts;
  ItvLinkLevel best = missing(x->len, y->len);
  for (guint i = 0; i < x->len; i++)
    for (guint k = 0; k < y->len; k++) {
      const ItvLinkLevel family = family_level(x->pdata[i], y->pdata[k]);
      const ItvLinkLevel given = given_level(linkage, x->pdata[i], y->pdata[k]);
      const gboolean differs = family == ITV_LL_DIFFERS || given == ITV_LL_DIFFERS;
      const gboolean alike = given == ITV_LL_SAME && family <= ITV_LL_SAME;
      const ItvLinkLevel level = differs ? ITV_LL_DIFFERS : alike ? ITV_LL_SAME : ITV_LL_CLOSE;
      best = best < ITV_LL_SAME ? level : MIN(best, level);
    }
  return best;
}

/* ---- addresses ---------------------------------------------------------------------------- */

static ItvLinkLevel
street_level(const ItvPersonaAddress *a, const ItvPersonaAddress *b)
{
  if (!*a->street || !*b->street)
    return missing(*a->street, *b->street);
  const gboolean same_street = strcmp(a->street, b->street) == 0;
  const gboolean like_street = same_street || is_close(a->street, b->street) ||
                               itv_link_jaro_winkler(a->street, b->street) >= 0.9;
  const ItvLinkLevel number = word_level(a->number, b->number);
  if (number == ITV_LL_SAME || number == ITV_LL_NONE)
    return same_street ? ITV_LL_SAME : like_street ? ITV_LL_CLOSE : ITV_LL_DIFFERS;
  const gboolean like_number = number == ITV_LL_ONE || itv_link_edits(a->number, b->number, 1) <= 1;
  return like_street && like_number ? ITV_LL_CLOSE : ITV_LL_DIFFERS;
}

static ItvLinkLevel
area_level(const ItvPersonaAddress *a, const ItvPersonaAddress *b)
{
  const ItvLinkLevel zip = word_level(a->zip, b->zip), city = word_level(a->city, b->city);
  if (zip == ITV_LL_SAME || city == ITV_LL_SAME)
    return ITV_LL_SAME;
  if (zip == ITV_LL_CLOSE || city == ITV_LL_CLOSE)
    return ITV_LL_CLOSE;
  return MAX(zip, city);
}

static void
best_address(const ItvLinkage *linkage, const ItvPersona *a, const ItvPersona *b, ItvLinkLevels *l)
{
  const ItvLinkLevel none = missing(a->addresses->len, b->addresses->len);
  double best = -G_MAXDOUBLE;
  l->level[ITV_LF_STREET] = l->level[ITV_LF_AREA] = none;
  for (guint i = 0; i < a->addresses->len; i++)
    for (guint k = 0; k < b->addresses->len; k++) {
      const ItvLinkLevel street = street_level(a->addresses->pdata[i], b->addresses->pdata[k]);
      const ItvLinkLevel area = area_level(a->addresses->pdata[i], b->addresses->pdata[k]);
      const double weight =
          linkage->weight[ITV_LF_STREET][street] + linkage->weight[ITV_LF_AREA][area];
      if (weight <= best)
        continue;
      best = weight;
      l->level[ITV_LF_STREET] = street;
      l->level[ITV_LF_AREA] = area;
    }
}

/* ---- sets of numbers ---------------------------------------------------------------------------
 */

typedef ItvLinkLevel (*LevelOf)(const char *a, const char *b);

/* The best level of all pairings; a pairing that cannot be compared counts NONE. */
static ItvLinkLevel
best_of(const GPtrArray *a, const GPtrArray *b, LevelOf level_of)
{
  ItvLinkLevel best = missing(a->len, b->len);
  for (guint i = 0; i < a->len; i++)
    for (guint k = 0; k < b->len; k++) {
      const ItvLinkLevel level = level_of(a->pdata[i], b->pdata[k]);
      if (level >= ITV_LL_SAME)
        best = best < ITV_LL_SAME ? level : MIN(best, level);
    }
  return best;
}

/* A new area code in front of the same seven digits is often an old number. */
static ItvLinkLevel
phone_level(const char *a, const char *b)
{
  const gsize na = strlen(a), nb = strlen(b);
  if (strcmp(a, b) == 0)
    return ITV_LL_SAME;
  if (strcmp(a + na - 7, b + nb - 7) == 0)
    return na == nb ? ITV_LL_PART : ITV_LL_SAME;
  return na == nb && itv_link_edits(a, b, 1) <= 1 ? ITV_LL_CLOSE : ITV_LL_DIFFERS;
}

/* "TYPE:NUMBER": numbers of two types say nothing of each other. */
static ItvLinkLevel
number_level(const char *a, const char *b)
{
  const char *x = strchr(a, ':'), *y = strchr(b, ':');
  if (x > a && y > b && (x - a != y - b || strncmp(a, b, (gsize)(x - a)) != 0))
    return ITV_LL_NONE;
  if (strcmp(x, y) == 0)
    return ITV_LL_SAME;
  return itv_link_edits(x, y, 1) <= 1 ? ITV_LL_CLOSE : ITV_LL_DIFFERS;
}

static ItvLinkLevel
birth_level(const char *a, const char *b)
{
  static const ItvLinkLevel levels[] = {[ITV_DATES_DIFFER] = ITV_LL_DIFFERS,
                                        [ITV_DATES_PART] = ITV_LL_PART,
                                        [ITV_DATES_CLOSE] = ITV_LL_CLOSE,
                                        [ITV_DATES_TURNED] = ITV_LL_TURNED,
                                        [ITV_DATES_SAME] = ITV_LL_SAME};
  return levels[itv_link_dates(a, b)];
}

static ItvLinkLevel
sex_level(const char *a, const char *b)
{
  const gboolean comparable = strchr("MF", a[0]) && strchr("MF", b[0]);
  return strcmp(a, b) == 0 ? ITV_LL_SAME : comparable ? ITV_LL_DIFFERS : ITV_LL_NONE;
}

static ItvLinkLevel
mother_level(const char *a, const char *b)
{
  const ItvLinkLevel level = word_level(a, b);
  const gboolean alike = level == ITV_LL_DIFFERS && (is_near(a, b) || is_run_together(a, b));
  return alike ? ITV_LL_CLOSE : level;
}

static ItvLinkLevel
order_level(const char *a, const char *b)
{
  return strcmp(a, b) == 0 ? ITV_LL_SAME : ITV_LL_DIFFERS;
}

ItvLinkLevels
itv_link_levels(const ItvLinkage *linkage, const ItvPersona *a, const ItvPersona *b)
{
  ItvLinkLevels l = {.family = NULL};
  best_names(linkage, a, b, &l);
  best_address(linkage, a, b, &l);
  l.level[ITV_LF_BIRTH] = best_of(a->births, b->births, birth_level);
  l.level[ITV_LF_SEX] = best_of(a->sexes, b->sexes, sex_level);
  l.level[ITV_LF_PHONE] = best_of(a->phones, b->phones, phone_level);
  l.level[ITV_LF_NATIONAL] = best_of(a->national, b->national, number_level);
  l.level[ITV_LF_INSURANCE] = best_of(a->insurance, b->insurance, number_level);
  l.level[ITV_LF_MOTHER] = best_of(a->mothers, b->mothers, mother_level);
  l.level[ITV_LF_CONTACT] = best_contact(linkage, a, b);
  l.orders_differ = best_of(a->orders, b->orders, order_level) == ITV_LL_DIFFERS;
  return l;
}

/* ---- one id ------------------------------------------------------------------------------------
 */

static gboolean
some_differ(const GPtrArray *set, LevelOf level_of)
{
  for (guint i = 0; i < set->len; i++)
    for (guint k = i + 1; k < set->len; k++)
      if (level_of(set->pdata[i], set->pdata[k]) == ITV_LL_DIFFERS)
        return TRUE;
  return FALSE;
}

gboolean
itv_link_contradicts_itself(const ItvLinkage *linkage, const ItvPersona *p)
{
  if (some_differ(p->births, birth_level) || some_differ(p->sexes, sex_level))
    return TRUE;
  for (guint i = 0; i < p->names->len; i++)
    for (guint k = i + 1; k < p->names->len; k++) {
      const NameLevels n = compare_names(linkage, p->names->pdata[i], p->names->pdata[k]);
      if (n.family == ITV_LL_DIFFERS && n.given == ITV_LL_DIFFERS)
        return TRUE;
    }
  return FALSE;
}
