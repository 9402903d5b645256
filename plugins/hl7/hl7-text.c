/* SPDX-License-Identifier: Apache-2.0
 *
 * Escape sequences (HL7 v2.5.1 chapter 2.7) and the scalar types.
 */
#include <stdio.h>
#include <string.h>

#include "hl7-message.h"

enum { MAX_ESCAPE = 4096 }; /* bytes between two escape characters */

static int
hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \X0D0A\: appends the bytes; false when these are no hex pairs. */
static bool
append_hex(Slice digits, Str *bytes)
{
  if (digits.n == 0 || digits.n % 2)
    return false;
  for (size_t i = 0; i < digits.n; i++)
    if (hex_digit(digits.p[i]) < 0)
      return false;
  for (size_t i = 0; i < digits.n; i += 2)
    str_putc(bytes, (char)(hex_digit(digits.p[i]) * 16 + hex_digit(digits.p[i + 1])));
  return true;
}

/* Bytes from neighbouring \X..\ are characters only together. */
static void
flush_hex(const Message *m, Str *bytes, Str *out)
{
  size_t bad = 0;
  if (!bytes->n)
    return;
  charset_decode(&m->charset, (Slice){bytes->p, bytes->n}, out, &bad);
  if (bad)
    unit_note(m->unit, "an escape \\X..\\ holds bytes that are no %s", m->charset.name);
  bytes->n = 0;
}

/* The number after \.sp or \.sk, at least 1, at most 50. */
static unsigned
escape_count(Slice s, size_t from)
{
  unsigned n = 0;
  for (size_t i = from; i < s.n && n < 50; i++)
    if (s.p[i] >= '0' && s.p[i] <= '9')
      n = n * 10 + (unsigned)(s.p[i] - '0');
  return n < 1 ? 1 : n > 50 ? 50 : n;
}

/* \.br\ and the other formatting commands; false when it is none. */
static bool
append_format(Slice e, Str *out)
{
  if (slice_is_nocase(e, ".br") || slice_is_nocase(e, ".br/") || slice_is_nocase(e, ".ce")) {
    str_putc(out, '\n');
    return true;
  }
  if (slice_starts_nocase(e, ".sp") || slice_starts_nocase(e, ".sk")) {
    const bool lines = (e.p[2] | 0x20) == 'p';
    for (unsigned n = escape_count(e, 3); n; n--)
      str_putc(out, lines ? '\n' : ' ');
    return true;
  }
  return slice_is_nocase(e, ".fi") || slice_is_nocase(e, ".nf") || slice_starts_nocase(e, ".in") ||
         slice_starts_nocase(e, ".ti");
}

static bool
append_escape(const Message *m, Slice e, Str *out)
{
  if (e.n == 1) {
    const char from[] = "FSTREP";
    const char to[] = {m->d.field, m->d.component, m->d.sub, m->d.repetition, m->d.escape, '#'};
    const char *at = strchr(from, e.p[0]);
    if (at)
      str_putc(out, to[at - from]);
    return at || e.p[0] == 'H' || e.p[0] == 'N';
  }
  if (e.p[0] == '.')
    return append_format(e, out);
  Str sink = {.arena = m->unit->arena};
  const Slice rest = {e.p + 1, e.n - 1};
  if ((e.p[0] == 'C' || e.p[0] == 'M' || e.p[0] == 'Z') && rest.n <= 8 && append_hex(rest, &sink)) {
    unit_note(m->unit, "an escape \\%c..\\ (another character set, or a local one) was left out",
              e.p[0]);
    return true;
  }
  return false;
}

static void
unescape(const Message *m, Slice s, Str *out)
{
  Str hex = {.arena = m->unit->arena};
  const char *p = s.p, *end = s.p + s.n;
  while (p < end) {
    const char *open = memchr(p, m->d.escape, (size_t)(end - p));
    if (open != p) {
      flush_hex(m, &hex, out);
      str_append(out, p, (size_t)((open ? open : end) - p));
      p = open ? open : end;
      continue;
    }
    size_t room = (size_t)(end - p) - 1;
    if (room > MAX_ESCAPE)
      room = MAX_ESCAPE;
    const char *close = room ? memchr(p + 1, m->d.escape, room) : NULL;
    const Slice e = {p + 1, close ? (size_t)(close - p) - 1 : 0};
    const bool is_hex = e.n > 1 && (e.p[0] | 0x20) == 'x';
    if (is_hex && append_hex((Slice){e.p + 1, e.n - 1}, &hex)) {
      p = close + 1;
      continue;
    }
    flush_hex(m, &hex, out);
    if (e.n && append_escape(m, e, out)) {
      p = close + 1;
    } else { /* a lone escape character stands for itself */
      str_putc(out, *p++);
    }
  }
  flush_hex(m, &hex, out);
}

void
message_append_lines(const Message *m, Slice raw, Str *out)
{
  Str text = {.arena = m->unit->arena};
  unescape(m, raw, &text);
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    if (c == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')
      continue;
    if (c == '\r' || c == '\v' || c == '\f')
      c = '\n';
    if (((unsigned char)c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
      c = ' ';
    str_putc(out, c);
  }
}

const char *
message_text(const Message *m, Slice raw)
{
  raw = slice_trim(raw);
  if (!raw.n || slice_is(raw, "\"\""))
    return "";
  Str text = {.arena = m->unit->arena};
  unescape(m, raw, &text);
  for (size_t i = 0; i < text.n; i++)
    if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7F)
      text.p[i] = ' ';
  const Slice trimmed = slice_trim((Slice){text.p, text.n});
  return arena_strndup(m->unit->arena, trimmed.p, trimmed.n);
}

static int
days_of_month(int year, int month)
{
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[month - 1];
}

static int
number_at(const char *digits, int at, int n)
{
  int value = 0;
  for (int i = 0; i < n; i++)
    value = value * 10 + (digits[at + i] - '0');
  return value;
}

/* The digits of YYYYMMDDHHMMSS, also when written the ISO way; their count. */
static int
collect_digits(const char *s, char ret[15])
{
  const bool iso = strlen(s) >= 10 && s[4] == '-' && s[7] == '-';
  int n = 0;
  for (; *s && n < 14; s++) {
    if (*s >= '0' && *s <= '9')
      ret[n++] = *s;
    else if (!iso || !strchr("-: T", *s) || (n >= 12 && *s == '-'))
      break;
  }
  ret[n] = 0;
  return *s == 0 || *s == '.' || *s == '+' || *s == '-' || *s == 'Z' ? n : -1;
}

/* 0: no date; else as many of year (1), month (2), day (3) as are known. */
static int
check_date(const char *digits, int n)
{
  const int year = n >= 4 ? number_at(digits, 0, 4) : 0;
  if (year < 1800 || year > 2500)
    return 0;
  const int month = n >= 6 ? number_at(digits, 4, 2) : 0;
  if (month > 12 || n == 5 || n == 7)
    return 0;
  const int day = n >= 8 && month ? number_at(digits, 6, 2) : 0;
  if (month && day > days_of_month(year, month))
    return 0;
  return month == 0 ? 1 : day == 0 ? 2 : 3;
}

static const char *
format_moment(const Message *m, const char *digits, int n, int known, bool date_only, bool *ret_odd)
{
  Arena *a = m->unit->arena;
  const int year = number_at(digits, 0, 4);
  if (known == 1)
    return arena_printf(a, "%04d", year);
  const int month = number_at(digits, 4, 2);
  if (known == 2)
    return arena_printf(a, "%04d-%02d", year, month);
  const int day = number_at(digits, 6, 2);
  const char *date = arena_printf(a, "%04d-%02d-%02d", year, month, day);
  if (date_only || n == 8)
    return date;
  const int hour = n >= 10 ? number_at(digits, 8, 2) : 99;
  const int minute = n >= 12 ? number_at(digits, 10, 2) : 0;
  const int second = n >= 14 ? number_at(digits, 12, 2) : 0;
  if (hour > 23 || minute > 59 || second > 60 || n % 2) {
    *ret_odd = true;
    return date;
  }
  if (n < 14)
    return arena_printf(a, "%sT%02d:%02d", date, hour, minute);
  return arena_printf(a, "%sT%02d:%02d:%02d", date, hour, minute, second > 59 ? 59 : second);
}

static const char *
read_moment(const Message *m, const char *value, const char *place, bool date_only)
{
  char digits[15];
  if (!value[0] || strspn(value, "0") == strlen(value))
    return NULL;
  const int n = collect_digits(value, digits);
  const int known = n > 0 ? check_date(digits, n) : 0;
  if (!known) {
    unit_note(m->unit, "%s: \"%.40s\" is no date and was left out", place, value);
    return NULL;
  }
  bool odd = false;
  const char *s = format_moment(m, digits, n, known, date_only, &odd);
  if (odd)
    unit_note(m->unit, "%s: \"%.40s\" has no valid time of day; the date was taken", place, value);
  return s;
}

const char *
message_datetime(const Message *m, const char *value, const char *place)
{
  return read_moment(m, value, place, false);
}

const char *
message_date(const Message *m, const char *value, const char *place)
{
  return read_moment(m, value, place, true);
}

const char *
message_uid(const Message *m, const char *value, const char *place)
{
  const size_t n = strlen(value);
  if (!n)
    return NULL;
  const bool bad = n > 64 || strspn(value, "0123456789.") != n || value[0] == '.' ||
                   value[n - 1] == '.' || strstr(value, "..") || !strchr(value, '.');
  if (bad)
    unit_note(m->unit, "%s: \"%.80s\" is no DICOM UID and was left out", place, value);
  return bad ? NULL : value;
}
