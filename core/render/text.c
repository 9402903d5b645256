/* SPDX-License-Identifier: Apache-2.0 */
#include "render/text.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

static gboolean
unwanted(gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
         (c >= 0xfff0 && c <= 0xfffb) || (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

char *
itv_text_clean(const char *text, glong max_chars)
{
  if (!text)
    return g_strdup("");
  g_autofree char *valid = g_utf8_make_valid(text, -1);
  g_autoptr(GString) out = g_string_new(NULL);
  glong n = 0;
  for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
    gunichar c = g_utf8_get_char(p);
    if (c == '\t' || c == '\n' || c == '\r')
      c = ' ';
    if (unwanted(c))
      continue;
    if (max_chars > 0 && n == max_chars) {
      g_string_append(out, "…");
      break;
    }
    g_string_append_unichar(out, c);
    n++;
  }
  return g_string_free(g_steal_pointer(&out), FALSE);
}

void
itv_text_append_escaped(GString *out, const char *text)
{
  g_autofree char *clean = itv_text_clean(text, 0);
  for (const char *p = clean; *p; p++)
    switch (*p) {
    case '&':
      g_string_append(out, "&amp;");
      break;
    case '<':
      g_string_append(out, "&lt;");
      break;
    case '>':
      g_string_append(out, "&gt;");
      break;
    case '"':
      g_string_append(out, "&quot;");
      break;
    case '\'':
      g_string_append(out, "&#39;");
      break;
    default:
      g_string_append_c(out, *p);
    }
}

void
itv_text_append_markup(GString *out, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  for (const char *p = format; *p; p++) {
    if (p[0] == '%' && p[1] == 's') {
      itv_text_append_escaped(out, va_arg(args, const char *));
      p++;
    } else if (p[0] == '%' && p[1] == '%') {
      g_string_append_c(out, '%');
      p++;
    } else
      g_string_append_c(out, *p);
  }
  va_end(args);
}

typedef struct {
  const char *code, *text;
} Word;

static const char *
word_for(const Word *words, gsize n, const char *code, const char *fallback)
{
  for (gsize i = 0; code && i < n; i++)
    if (strcmp(words[i].code, code) == 0)
      return words[i].text;
  return fallback;
}

const char *
itv_text_unit(const char *ucum)
{
  static const Word units[] = {{"mm2", "mm²"}, {"mm3", "mm³"},     {"cm3", "cm³"},
                               {"deg", "°"},   {"[hnsf'U]", "HU"}, {"{score}", "points"},
                               {"1", ""},      {"d", "days"}};
  return word_for(units, G_N_ELEMENTS(units), ucum, ucum ? ucum : "");
}

static const char *
fixed(double value, char *buffer, gsize size)
{
  double a = fabs(value);
  const char *format = a >= 100 || a == 0 ? "%.0f" : a >= 1 ? "%.1f" : "%.2f";
  g_ascii_formatd(buffer, (gint)size, format, value);
  char *dot = strchr(buffer, '.');
  if (dot) {
    char *end = buffer + strlen(buffer) - 1;
    while (end > dot && *end == '0')
      *end-- = 0;
    if (end == dot)
      *end = 0;
  }
  return strcmp(buffer, "-0") == 0 ? "0" : buffer;
}

/* A true minus sign, which does not break from its number. */
static char *
with_minus(const char *digits, gboolean plus)
{
  if (digits[0] == '-')
    return g_strconcat("−", digits + 1, NULL);
  return plus && strcmp(digits, "0") != 0 ? g_strconcat("+", digits, NULL) : g_strdup(digits);
}

char *
itv_text_number(double value)
{
  char buffer[64];
  if (!isfinite(value))
    return g_strdup("");
  return with_minus(fixed(CLAMP(value, -1e15, 1e15), buffer, sizeof buffer), FALSE);
}

char *
itv_text_signed(double value)
{
  char buffer[64];
  if (!isfinite(value))
    return g_strdup("");
  return with_minus(fixed(CLAMP(value, -1e15, 1e15), buffer, sizeof buffer), TRUE);
}

char *
itv_text_quantity(double value, const char *ucum)
{
  g_autofree char *number = itv_text_number(value);
  const char *unit = itv_text_unit(ucum);
  if (!number[0] || !unit[0])
    return g_steal_pointer(&number);
  return g_strdup_printf("%s%s%s", number, strcmp(unit, "°") == 0 ? "" : " ", unit);
}

const char *
itv_text_verdict(const char *code)
{
  static const Word words[] = {
      {"not-resolvable", "not resolvable"}, {"too-early", "too early to tell"},
      {"on-course", "on course"},           {"past-median", "slower than half of the patients"},
      {"no-progress", "no progress"},       {"baseline", "baseline"}};
  return word_for(words, G_N_ELEMENTS(words), code, code ? code : "");
}

const char *
itv_text_verdict_symbol(const char *code)
{
  static const Word symbols[] = {{"increased", "▲"},      {"decreased", "▼"},   {"unchanged", "="},
                                 {"not-resolvable", "○"}, {"new", "✚"},         {"resolved", "✓"},
                                 {"united", "✓"},         {"on-course", "✓"},   {"delayed", "!"},
                                 {"no-progress", "!"},    {"past-median", "~"}, {"too-early", "…"},
                                 {"baseline", "|"}};
  return word_for(symbols, G_N_ELEMENTS(symbols), code, "•");
}

char *
itv_text_measure(const char *code)
{
  static const Word names[] = {{"rust", "RUST"},
                               {"mrust", "modified RUST"},
                               {"cobb-angle", "Cobb angle"},
                               {"suv-max", "SUV max"}};
  char *text = itv_text_clean(word_for(names, G_N_ELEMENTS(names), code, code), 60);
  return g_strdelimit(text, "-", ' ');
}

char *
itv_text_measure_title(const char *code)
{
  static const Word titles[] = {{"rust", "RUST, from 4 (no callus) to 12 (remodelled)"},
                                {"mrust", "Modified RUST, from 4 (no callus) to 16 (remodelled)"},
                                {"bridging", "Cortices bridged, of those that the film shows"},
                                {"callus-area", "Callus seen since the first film, area"}};
  const char *title = word_for(titles, G_N_ELEMENTS(titles), code, NULL);
  return title ? g_strdup(title) : itv_text_measure(code);
}

char *
itv_text_sentence(const char *text)
{
  g_autofree char *clean = itv_text_clean(text, 600);
  const gsize n = strcspn(clean, " ");
  g_autofree char *word = g_strndup(clean, n);
  g_autofree char *measure = itv_text_measure(word);
  char *sentence = g_strconcat(measure, clean + n, NULL);
  sentence[0] = g_ascii_toupper(sentence[0]);
  return sentence;
}

char *
itv_text_person(const char *name)
{
  g_autofree char *clean = itv_text_clean(name, 120);
  g_auto(GStrv) parts = g_strsplit(clean, "^", 6);
  guint n = g_strv_length(parts);
  if (n < 2)
    return g_steal_pointer(&clean);
  g_autoptr(GString) out = g_string_new(g_strstrip(parts[0]));
  const char *parted = ", ";
  for (guint i = 1; i < MIN(n, 3u); i++) {
    if (!*g_strstrip(parts[i]))
      continue;
    g_string_append_printf(out, "%s%s", parted, parts[i]);
    parted = " ";
  }
  return g_string_free(g_steal_pointer(&out), FALSE);
}

char *
itv_text_date(ItvDate date)
{
  char *text = itv_date_format(date);
  return text ? text : g_strdup("date unknown");
}

char *
itv_text_days_between(ItvDate earlier, ItvDate later)
{
  if (earlier == ITV_DATE_NONE || later == ITV_DATE_NONE)
    return g_strdup("days between unknown");
  int days = later - earlier, size = ABS(days);
  if (size < 61)
    return g_strdup_printf("%d day%s", days, size == 1 ? "" : "s");
  if (size < 731)
    return g_strdup_printf("%d days (%d months)", days, (int)lround(size / 30.4375));
  return g_strdup_printf("%d days (%.1f years)", days, size / 365.25);
}

const char *
itv_text_side(ItvLaterality side)
{
  static const char *const words[] = {"", "left", "right", "both sides"};
  return words[side <= ITV_LATERALITY_BILATERAL ? side : 0];
}
