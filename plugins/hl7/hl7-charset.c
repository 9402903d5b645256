/* SPDX-License-Identifier: Apache-2.0 */
#include "hl7-charset.h"

#include <string.h>

typedef struct {
  bool ascii, utf8, escapes; /* only ASCII; valid UTF-8; holds ESC (ISO 2022) */
} Look;

static Look
look_at(Slice s)
{
  Look look = {true, true, false};
  for (size_t i = 0; i < s.n;) {
    const unsigned char *p = (const unsigned char *)s.p + i;
    size_t len = 1;
    look.escapes |= *p == 0x1B;
    if (*p >= 0x80) {
      look.ascii = false;
      len = utf8_length(p, s.n - i);
      look.utf8 &= len != 0;
    }
    i += len ? len : 1;
  }
  return look;
}

/* ESC $ B, ESC $ @ (JIS X 0208), ESC ( I (katakana), ESC ( J (JIS X 0201). */
static bool
has_japanese(Slice s)
{
  for (size_t i = 0; i + 2 < s.n; i++)
    if (s.p[i] == 0x1B && ((s.p[i + 1] == '$' && (s.p[i + 2] == 'B' || s.p[i + 2] == '@')) ||
                           (s.p[i + 1] == '(' && (s.p[i + 2] == 'I' || s.p[i + 2] == 'J'))))
      return true;
  return false;
}

/* Letters and digits of a label in upper case: "ISO 8859-1" -> "ISO88591". */
static void
fold_label(Slice label, char *ret, size_t size)
{
  size_t n = 0;
  for (size_t i = 0; i < label.n && n + 1 < size; i++) {
    char c = label.p[i];
    if (c >= 'a' && c <= 'z')
      c = (char)(c - 32);
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
      ret[n++] = c;
  }
  ret[n] = 0;
}

/* HL7 table 0211 and what senders write instead of it. */
static bool
charset_by_label(const char *folded, Charset *ret)
{
  static const char *const japanese[] = {"ISOIR87", "ISOIR14", "ISOIR159", "ISO2022JP"};
  static const char *const unicode[] = {"UNICODE",        "UNICODEUTF8",  "UTF8",
                                        "UNICODEUTF16",   "UNICODEUTF32", "ISO10646",
                                        "UNICODEUTF8UTF8"};
  static const char *const latin1[] = {"",      "ASCII",    "USASCII", "ISOIR6", "ISOIR100",
                                       "88591", "ISO88591", "LATIN1",  "ANSI",   "CP1252"};
  for (size_t i = 0; i < sizeof unicode / sizeof unicode[0]; i++)
    if (strcmp(folded, unicode[i]) == 0) {
      *ret = (Charset){true, false, plain_charset("1252"), "UTF-8"};
      return true;
    }
  for (size_t i = 0; i < sizeof japanese / sizeof japanese[0]; i++)
    if (strcmp(folded, japanese[i]) == 0) {
      *ret = (Charset){false, true, plain_charset("1252"), "ISO-2022-JP"};
      return true;
    }
  for (size_t i = 0; i < sizeof latin1 / sizeof latin1[0]; i++)
    if (strcmp(folded, latin1[i]) == 0) {
      *ret = (Charset){false, false, plain_charset("1252"), "windows-1252"};
      return true;
    }
  char name[16] = "";
  const char *digits = strstr(folded, "8859");
  if (digits && strlen(digits + 4) <= 2) {
    strcpy(name, "8859/");
    strcat(name, digits + 4);
  } else if ((digits = strstr(folded, "125")) && strlen(digits) == 4) {
    strcpy(name, digits);
  }
  const PlainCharset *table = plain_charset(name);
  if (table)
    *ret = (Charset){false, false, table, table->name};
  return table != NULL;
}

bool
charset_named(Slice label, Charset *ret)
{
  char folded[32];
  fold_label(label, folded, sizeof folded);
  return charset_by_label(folded, ret);
}

bool
charset_choose(Unit *unit, Slice label, Slice bytes, bool has_bom, Charset *ret)
{
  char folded[32];
  fold_label(label, folded, sizeof folded);
  const Look look = look_at(bytes);
  Charset named = {0};
  const bool known = charset_by_label(folded, &named);
  if (look.ascii && has_japanese(bytes)) {
    *ret = (Charset){false, true, plain_charset("1252"), "ISO-2022-JP"};
    return true;
  }
  if (known && named.japanese && !look.ascii && !look.utf8)
    return false; /* another encoding of Japanese than the label says */
  if (!known && (look.escapes || !(look.ascii || look.utf8)))
    return false;
  const Charset utf8 = {true, false, plain_charset("1252"), "UTF-8"};
  if (look.ascii) { /* only escapes \\X..\\ can still hold other bytes */
    *ret = known && folded[0] ? named : utf8;
  } else if (look.utf8 || has_bom) {
    if (folded[0] && !named.utf8 && !has_bom)
      unit_note(unit, "MSH-18 says \"%.*s\", but the text is UTF-8 and was read so",
                (int)(label.n < 60 ? label.n : 60), label.n ? label.p : "");
    *ret = utf8;
  } else {
    if (folded[0] == 0 || strstr(folded, "ASCII") || strcmp(folded, "ISOIR6") == 0)
      unit_note(unit, "MSH-18 names no character set for bytes above 127: read as windows-1252");
    *ret = named;
  }
  return true;
}

static void
put_single(const PlainCharset *table, unsigned char c, Str *out, size_t *ret_bad)
{
  const PlainCharset *western = plain_charset("1252");
  uint32_t code = table->upper[c - 0x80];
  if (!code) {
    (*ret_bad)++;
    code = western->upper[c - 0x80];
  }
  str_put_codepoint(out, code ? code : 0xFFFD);
}

/* The set that an escape sequence at p chooses: '@' JIS X 0208, 'I' katakana, 'B' ASCII;
 * 0: none that is known here. */
static char
escape_to(const char *p, size_t n)
{
  if (n < 3 || p[0] != 0x1B)
    return 0;
  if (p[1] == '$' && (p[2] == 'B' || p[2] == '@'))
    return '@';
  if (p[1] == '(' && (p[2] == 'B' || p[2] == 'J' || p[2] == 'I'))
    return p[2] == 'I' ? 'I' : 'B';
  return 0;
}

static bool
is_graphic(char c)
{
  return c >= 0x21 && c <= 0x7E;
}

/* A run of text with its escape sequences; every run begins in ASCII. */
static void
decode_japanese(Slice s, Str *out, size_t *ret_bad)
{
  char set = 'B';
  for (size_t i = 0; i < s.n;) {
    const char to = escape_to(s.p + i, s.n - i);
    if (to) {
      set = to;
      i += 3;
    } else if (set == '@' && i + 1 < s.n && is_graphic(s.p[i]) && is_graphic(s.p[i + 1])) {
      const uint16_t code = plain_jis0208_table[(s.p[i] - 0x21) * 94 + (s.p[i + 1] - 0x21)];
      *ret_bad += code == 0;
      str_put_codepoint(out, code ? code : 0xFFFD);
      i += 2;
    } else if (set == 'I' && s.p[i] >= 0x21 && s.p[i] <= 0x5F) {
      str_put_codepoint(out, 0xFF61u + (uint32_t)(s.p[i++] - 0x21));
    } else if ((unsigned char)s.p[i] >= 0x80) { /* of an escape \\X..\\: 7-bit text has none */
      (*ret_bad)++;
      str_put_codepoint(out, 0xFFFD);
      i++;
    } else {
      str_putc(out, s.p[i] ? s.p[i] : ' ');
      i++;
    }
  }
}

void
charset_decode(const Charset *cs, Slice s, Str *out, size_t *ret_bad)
{
  if (cs->japanese) {
    decode_japanese(s, out, ret_bad);
    return;
  }
  for (size_t i = 0; i < s.n;) {
    const unsigned char *p = (const unsigned char *)s.p + i;
    size_t run = 0;
    while (i + run < s.n && p[run] < 0x80 && p[run])
      run++;
    if (run) {
      str_append(out, (const char *)p, run);
      i += run;
      continue;
    }
    if (*p == 0) {
      str_putc(out, ' ');
      i++;
      continue;
    }
    const size_t len = cs->utf8 ? utf8_length(p, s.n - i) : 0;
    if (len) {
      str_append(out, (const char *)p, len);
      i += len;
      continue;
    }
    if (cs->utf8)
      (*ret_bad)++;
    put_single(cs->table, *p, out, ret_bad);
    i++;
  }
}
