/* SPDX-License-Identifier: Apache-2.0
 *
 * RTF (Microsoft's specification 1.9.1) as lines of text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "writer.h"

enum { MAX_DEPTH = 128, MAX_FONTS = 128, WORD = 32 };

/* What a group inherits from the one around it. */
typedef struct {
  const PlainCharset *charset;
  int after_unicode; /* \uc: how many characters stand in for a \u */
  bool skipped;      /* a destination that is no text */
  bool hidden, deleted, font_table;
} Group;

typedef struct {
  int number;
  const PlainCharset *charset;
} Font;

typedef struct {
  const char *p, *end;
  PlainWriter w;
  Group groups[MAX_DEPTH];
  unsigned depth, too_deep; /* groups open; those beyond MAX_DEPTH */
  Font fonts[MAX_FONTS];
  unsigned n_fonts;
  const PlainCharset *page; /* \ansicpg */
  int to_skip;              /* stand-ins of a \u that are still to come */
  uint32_t high;            /* first half of a surrogate pair */
  bool ignorable;           /* \* was read: an unknown word begins a group that is skipped */
} Reader;

static Group *
top(Reader *r)
{
  return &r->groups[r->depth];
}

static void
put(Reader *r, uint32_t code)
{
  const Group *g = top(r);
  if (!g->skipped && !g->hidden && !g->deleted && !r->too_deep)
    plain_write(&r->w, code);
}

static void
put_unless_stand_in(Reader *r, uint32_t code)
{
  if (r->to_skip > 0)
    r->to_skip--;
  else
    put(r, code);
}

static void
put_byte(Reader *r, unsigned char c)
{
  const uint16_t code = c < 0x80 ? c : top(r)->charset->upper[c - 0x80];
  put_unless_stand_in(r, code ? code : 0xFFFD);
}

static void
end_line(Reader *r)
{
  const Group *g = top(r);
  if (!g->skipped && !g->hidden && !g->deleted && !r->too_deep)
    plain_end_line(&r->w, true);
}

/* The code page says what a byte above 127 is, unless it has become UTF-8 already. */
static void
read_char(Reader *r)
{
  uint32_t code = 0;
  const size_t n = plain_decode(r->p, (size_t)(r->end - r->p), &code);
  if (n > 1)
    put_unless_stand_in(r, code);
  else if (*r->p != '\r' && *r->p != '\n' && *r->p != 0)
    put_byte(r, (unsigned char)*r->p);
  r->p += n > 1 ? n : 1;
}

/* ---- fonts ---- */

/* \fcharset, specification 1.9.1, font table; those of the East have no table here. */
static const PlainCharset *
charset_of_font(const Reader *r, int number)
{
  static const struct {
    int number;
    const char *name;
  } pages[] = {{0, "1252"},     {161, "1253"}, {162, "1254"}, {177, "8859/8"},
               {178, "8859/6"}, {186, "1257"}, {204, "1251"}, {238, "1250"}};
  for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
    if (pages[i].number == number)
      return plain_charset(pages[i].name);
  return r->page;
}

static Font *
find_font(Reader *r, int number)
{
  for (unsigned i = 0; i < r->n_fonts; i++)
    if (r->fonts[i].number == number)
      return &r->fonts[i];
  return NULL;
}

static void
take_font(Reader *r, int number)
{
  Font *font = find_font(r, number);
  if (!top(r)->font_table) {
    top(r)->charset = font ? font->charset : r->page;
    return;
  }
  if (!font && r->n_fonts < MAX_FONTS)
    r->fonts[r->n_fonts++] = (Font){number, r->page};
}

static void
take_font_charset(Reader *r, int number)
{
  if (top(r)->font_table && r->n_fonts)
    r->fonts[r->n_fonts - 1].charset = charset_of_font(r, number);
}

/* ---- control words ---- */

/* \u-10179 is a 16-bit number; two of them may be one character. */
static void
take_unicode(Reader *r, int value)
{
  uint32_t code = (uint32_t)(value < 0 ? value + 65536 : value);
  if (code >= 0xD800 && code < 0xDC00) {
    r->high = code;
  } else {
    if (code >= 0xDC00 && code < 0xE000)
      code = r->high ? 0x10000 + ((r->high - 0xD800) << 10) + (code - 0xDC00) : 0xFFFD;
    r->high = 0;
    put(r, code);
  }
  r->to_skip = top(r)->after_unicode;
}

static bool
is_in(const char *word, const char *const *list)
{
  for (; *list; list++)
    if (strcmp(word, *list) == 0)
      return true;
  return false;
}

/* Words that end a line or stand for a character; false for others. */
static bool
take_sign(Reader *r, const char *word)
{
  static const char *const ends[] = {"par", "line", "sect", "page", "row", "column", NULL};
  static const struct {
    const char *word;
    uint16_t code;
  } signs[] = {{"tab", ' '},         {"cell", ' '},      {"nestcell", ' '},  {"emspace", ' '},
               {"enspace", ' '},     {"qmspace", ' '},   {"emdash", 0x2014}, {"endash", 0x2013},
               {"bullet", 0x2022},   {"lquote", 0x2018}, {"rquote", 0x2019}, {"ldblquote", 0x201C},
               {"rdblquote", 0x201D}};
  if (is_in(word, ends)) {
    end_line(r);
    return true;
  }
  for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
    if (strcmp(word, signs[i].word) == 0) {
      put_unless_stand_in(r, signs[i].code);
      return true;
    }
  return false;
}

/* Destinations that are no text of the page's body. */
static bool
begins_no_text(const char *word)
{
  static const char *const list[] = {
      "colortbl",   "stylesheet", "info",      "pict",       "object",  "header",
      "headerl",    "headerr",    "headerf",   "footer",     "footerl", "footerr",
      "footerf",    "filetbl",    "revtbl",    "listtable",  "fldinst", "shprslt",
      "nonshppict", "datastore",  "themedata", "xe",         "tc",      "bkmkstart",
      "bkmkend",    "atnid",      "atnauthor", "annotation", NULL};
  return is_in(word, list);
}

static void
take_code_page(Reader *r, int number)
{
  char name[16];
  snprintf(name, sizeof name, "%d", number);
  const PlainCharset *page = plain_charset(name);
  if (!page)
    return;
  r->page = page;
  for (unsigned i = 0; i <= r->depth; i++)
    r->groups[i].charset = page;
}

/* \bin and its bytes, which are no RTF. */
static void
skip_binary(Reader *r, int n)
{
  const size_t left = (size_t)(r->end - r->p);
  if (n > 0)
    r->p += (size_t)n < left ? (size_t)n : left;
}

static void
take_word(Reader *r, const char *word, bool has_value, int value)
{
  Group *g = top(r);
  const bool on = !has_value || value != 0;
  const bool ignorable = r->ignorable;
  r->ignorable = false;
  if (strcmp(word, "bin") == 0)
    skip_binary(r, value);
  else if (r->too_deep || take_sign(r, word))
    return;
  else if (strcmp(word, "u") == 0)
    take_unicode(r, value);
  else if (strcmp(word, "uc") == 0)
    g->after_unicode = value < 0 ? 0 : value > 16 ? 16 : value;
  else if (strcmp(word, "ansicpg") == 0)
    take_code_page(r, value);
  else if (strcmp(word, "fonttbl") == 0)
    g->font_table = g->skipped = true;
  else if (strcmp(word, "f") == 0)
    take_font(r, value);
  else if (strcmp(word, "fcharset") == 0)
    take_font_charset(r, value);
  else if (strcmp(word, "v") == 0)
    g->hidden = on;
  else if (strcmp(word, "deleted") == 0)
    g->deleted = on;
  else if (strcmp(word, "plain") == 0)
    g->hidden = g->deleted = false;
  else if (strcmp(word, "shptxt") == 0)
    g->skipped = false; /* the text of a text box, within a destination that is skipped */
  else if (begins_no_text(word) || ignorable)
    g->skipped = true;
}

/* Behind the backslash of a word: letters, a number, one blank. */
static void
read_word(Reader *r)
{
  char word[WORD] = "";
  size_t n = 0;
  for (; r->p < r->end && *r->p >= 'a' && *r->p <= 'z'; r->p++)
    if (n + 1 < WORD)
      word[n++] = *r->p;
  const bool minus = r->p + 1 < r->end && *r->p == '-' && r->p[1] >= '0' && r->p[1] <= '9';
  r->p += minus;
  bool has_value = false;
  int value = 0;
  for (; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++) {
    has_value = true;
    value = value > 99999999 ? value : value * 10 + (*r->p - '0');
  }
  if (r->p < r->end && *r->p == ' ')
    r->p++;
  take_word(r, word, has_value, minus ? -value : value);
}

static int
hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
read_control(Reader *r)
{
  const char c = ++r->p < r->end ? *r->p : 0;
  if (c >= 'a' && c <= 'z') {
    read_word(r);
    return;
  }
  r->p += r->p < r->end;
  if (c == '\'') {
    const int high = r->end - r->p >= 2 ? hex_digit(r->p[0]) : -1;
    const int low = high >= 0 ? hex_digit(r->p[1]) : -1;
    if (low >= 0) {
      put_byte(r, (unsigned char)(high * 16 + low));
      r->p += 2;
    }
  } else if (c == '\\' || c == '{' || c == '}') {
    put_unless_stand_in(r, (uint32_t)c);
  } else if (c == '~' || c == '_') {
    put_unless_stand_in(r, c == '~' ? ' ' : '-');
  } else if (c == '\n' || c == '\r') {
    end_line(r);
  } else if (c == '*') {
    r->ignorable = true;
  }
}

static void
open_group(Reader *r)
{
  r->to_skip = 0;
  r->ignorable = false;
  if (r->too_deep || r->depth + 1 == MAX_DEPTH) {
    r->too_deep++;
    return;
  }
  r->groups[r->depth + 1] = r->groups[r->depth];
  r->depth++;
}

static void
close_group(Reader *r)
{
  r->to_skip = 0;
  r->ignorable = false;
  if (r->too_deep)
    r->too_deep--;
  else if (r->depth)
    r->depth--;
}

static bool
is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0;
}

bool
plain_is_rtf(const char *bytes, size_t n)
{
  while (n && is_blank(*bytes)) {
    bytes++;
    n--;
  }
  return n > 5 && memcmp(bytes, "{\\rtf", 5) == 0;
}

size_t
plain_from_rtf(const char *bytes, size_t n, const PlainSink *out)
{
  Reader r = {.p = bytes, .end = bytes + n, .w = {.sink = out}, .page = plain_charset("1252")};
  r.groups[0] = (Group){.charset = r.page, .after_unicode = 1};
  while (r.p < r.end) {
    const char c = *r.p;
    if (c == '\\') {
      read_control(&r);
      continue;
    }
    if (c != '{' && c != '}') {
      read_char(&r);
      continue;
    }
    r.p++;
    if (c == '{')
      open_group(&r);
    else
      close_group(&r);
    if (r.depth == 0 && !r.too_deep)
      return (size_t)(r.p - bytes); /* what follows belongs to whoever wrapped it */
  }
  return 0;
}
