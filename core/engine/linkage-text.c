/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/linkage-text.h"

#include <string.h>

/* Names are short; what lies beyond says nothing more. */
#define TEXT_MAX 64

/* ---- folding ------------------------------------------------------------------- */

static gboolean
joins_letters(gunichar c)
{
  return c == '\'' || c == '`' || c == 0x2019 || c == 0x2018 || c == 0xB4 || c == 0x2BC;
}

/* One character as ASCII letters where there are such, else folded as it is. */
static void
append_folded(GString *out, gunichar c)
{
  char utf8[8] = {0};
  g_unichar_to_utf8(c, utf8);
  g_autofree char *ascii = g_str_to_ascii(utf8, "C");
  if (*ascii && *ascii != '?') {
    for (const char *p = ascii; *p; p++)
      if (g_ascii_isalnum(*p))
        g_string_append_c(out, g_ascii_toupper(*p));
    return;
  }
  g_string_append_unichar(out, g_unichar_toupper(c));
}

char *
itv_link_fold(const char *text)
{
  GString *out = g_string_new(NULL);
  gboolean gap = FALSE;
  g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
  g_autofree char *composed = g_utf8_normalize(valid, -1, G_NORMALIZE_ALL_COMPOSE);
  for (const char *p = composed ? composed : valid; *p; p = g_utf8_next_char(p)) {
    const gunichar c = g_utf8_get_char(p);
    if (joins_letters(c) || g_unichar_ismark(c))
      continue;
    if (!g_unichar_isalnum(c)) {
      gap = out->len > 0;
      continue;
    }
    if (gap)
      g_string_append_c(out, ' ');
    gap = FALSE;
    if (c < 0x80)
      g_string_append_c(out, g_ascii_toupper((char)c));
    else
      append_folded(out, c);
  }
  return g_string_free(out, FALSE);
}

char *
itv_link_digits(const char *text)
{
  GString *out = g_string_new(NULL);
  for (; text && *text; text++)
    if (g_ascii_isdigit(*text))
      g_string_append_c(out, *text);
  return g_string_free(out, FALSE);
}

char *
itv_link_join(const char *folded)
{
  GString *out = g_string_sized_new(strlen(folded));
  for (; *folded; folded++)
    if (*folded != ' ')
      g_string_append_c(out, *folded);
  return g_string_free(out, FALSE);
}

/* ---- Jaro-Winkler ----------------------------------------------------------------- */

/* Marks the letters of each that have a partner in the other within half the longer
 * length; how many there are. */
static gsize
find_common(const char *a, gsize na, const char *b, gsize nb, gboolean *in_a, gboolean *in_b)
{
  const gsize half = MAX(na, nb) / 2, window = half > 0 ? half - 1 : 0;
  gsize common = 0;
  for (gsize i = 0; i < na; i++) {
    const gsize last = MIN(i + window + 1, nb);
    for (gsize k = i > window ? i - window : 0; k < last; k++) {
      if (in_b[k] || a[i] != b[k])
        continue;
      in_a[i] = in_b[k] = TRUE;
      common++;
      break;
    }
  }
  return common;
}

double
itv_link_jaro_winkler(const char *a, const char *b)
{
  const gsize na = MIN(strlen(a), TEXT_MAX), nb = MIN(strlen(b), TEXT_MAX);
  gboolean in_a[TEXT_MAX] = {FALSE}, in_b[TEXT_MAX] = {FALSE};
  if (na == 0 || nb == 0)
    return na == nb ? 1 : 0;
  const gsize common = find_common(a, na, b, nb, in_a, in_b);
  if (common == 0)
    return 0;
  gsize swapped = 0;
  for (gsize i = 0, k = 0; i < na; i++) {
    if (!in_a[i])
      continue;
    while (!in_b[k])
      k++;
    swapped += a[i] != b[k++];
  }
  const double c = (double)common;
  const double jaro = (c / (double)na + c / (double)nb + (c - (double)(swapped / 2)) / c) / 3;
  gsize prefix = 0;
  while (prefix < MIN(MIN(na, nb), 4) && a[prefix] == b[prefix])
    prefix++;
  return jaro + (double)prefix * 0.1 * (1 - jaro);
}

/* ---- edits -------------------------------------------------------------------------- */

guint
itv_link_edits(const char *a, const char *b, guint limit)
{
  const guint na = (guint)MIN(strlen(a), TEXT_MAX), nb = (guint)MIN(strlen(b), TEXT_MAX);
  guint rows[3][TEXT_MAX + 1];
  if ((na > nb ? na - nb : nb - na) > limit)
    return limit + 1;
  for (guint k = 0; k <= nb; k++)
    rows[0][k] = k;
  for (guint i = 1; i <= na; i++) {
    guint *now = rows[i % 3];
    const guint *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
    guint least = now[0] = i;
    for (guint k = 1; k <= nb; k++) {
      const guint replaced = above[k - 1] + (a[i - 1] != b[k - 1]);
      now[k] = MIN(replaced, MIN(above[k], now[k - 1]) + 1);
      if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
        now[k] = MIN(now[k], before[k - 2] + 1);
      least = MIN(least, now[k]);
    }
    if (least > limit)
      return limit + 1;
  }
  return MIN(rows[na % 3][nb], limit + 1);
}

/* ---- sound ---------------------------------------------------------------------------- */

void
itv_link_soundex(const char *folded, char ret[5])
{
  /*                            ABCDEFGHIJKLMNOPQRSTUVWXYZ; 0 a vowel, - is not heard */
  static const char codes[] = "0123012-022455012623010202";
  gsize n = 0;
  char before = 0;
  for (; *folded && n < 4; folded++) {
    if (*folded < 'A' || *folded > 'Z')
      continue;
    const char code = *folded == 'W' ? '-' : codes[*folded - 'A'];
    if (n == 0)
      ret[n++] = *folded;
    else if (code != '0' && code != '-' && code != before)
      ret[n++] = code;
    if (code != '-')
      before = code;
  }
  while (n > 0 && n < 4)
    ret[n++] = '0';
  ret[n] = 0;
}

/* ---- dates ------------------------------------------------------------------------------ */

static gboolean
same_at(const char *a, const char *b, gsize from, gsize n)
{
  return strncmp(a + from, b + from, n) == 0;
}

static int
number_at(const char *text, gsize from, gsize n)
{
  int value = 0;
  for (gsize i = from; i < from + n; i++)
    value = value * 10 + (text[i] - '0');
  return value;
}

/* Nobody's typo reaches over months; the last of one and the first of the next do. */
static gboolean
a_day_apart(const char *a, const char *b)
{
  GDate x, y;
  g_date_clear(&x, 1);
  g_date_clear(&y, 1);
  const int ya = number_at(a, 0, 4), ma = number_at(a, 4, 2), da = number_at(a, 6, 2);
  const int yb = number_at(b, 0, 4), mb = number_at(b, 4, 2), db = number_at(b, 6, 2);
  if (!g_date_valid_dmy((GDateDay)da, (GDateMonth)ma, (GDateYear)ya) ||
      !g_date_valid_dmy((GDateDay)db, (GDateMonth)mb, (GDateYear)yb))
    return FALSE;
  g_date_set_dmy(&x, (GDateDay)da, (GDateMonth)ma, (GDateYear)ya);
  g_date_set_dmy(&y, (GDateDay)db, (GDateMonth)mb, (GDateYear)yb);
  return ABS(g_date_days_between(&x, &y)) == 1;
}

ItvDatesAgree
itv_link_dates(const char *a, const char *b)
{
  const gsize n = MIN(strlen(a), strlen(b));
  if (n < 4)
    return ITV_DATES_DIFFER;
  if (n < 8) {
    const gboolean agree = same_at(a, b, 0, n);
    return !agree ? ITV_DATES_DIFFER : n < 6 ? ITV_DATES_PART : ITV_DATES_SAME;
  }
  if (same_at(a, b, 0, 8))
    return ITV_DATES_SAME;
  const gboolean year = same_at(a, b, 0, 4), month = same_at(a, b, 4, 2), day = same_at(a, b, 6, 2);
  if (year && strncmp(a + 4, b + 6, 2) == 0 && strncmp(a + 6, b + 4, 2) == 0)
    return ITV_DATES_TURNED;
  if (itv_link_edits(a, b, 1) == 1 || a_day_apart(a, b))
    return ITV_DATES_CLOSE;
  return year + month + day == 2 ? ITV_DATES_PART : ITV_DATES_DIFFER;
}
