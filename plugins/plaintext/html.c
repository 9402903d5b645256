/* SPDX-License-Identifier: Apache-2.0
 *
 * HTML as lines of text.  No tree is made: this looks for words and trusts no
 * structure.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "writer.h"

typedef struct {
  const char *p, *end;
  PlainWriter w;
  int pre; /* depth of elements in which a line break is one */
} Reader;

enum { NAME = 16 };

static bool
is_alpha(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_alnum(char c)
{
  return is_alpha(c) || (c >= '0' && c <= '9');
}

static bool
is_in(const char *name, const char *const *list)
{
  for (; *list; list++)
    if (strcasecmp(name, *list) == 0)
      return true;
  return false;
}

/* ---- entities ---- */

typedef struct {
  const char *name;
  uint16_t code;
} Entity;

/* HTML 4.01, chapter 24: those that texts of people hold. */
static const Entity entities[] = {
    {"lt", '<'},       {"gt", '>'},       {"amp", '&'},      {"quot", '"'},      {"apos", '\''},
    {"nbsp", 0xA0},    {"shy", 0xAD},     {"deg", 0xB0},     {"plusmn", 0xB1},   {"sup2", 0xB2},
    {"sup3", 0xB3},    {"micro", 0xB5},   {"para", 0xB6},    {"middot", 0xB7},   {"frac14", 0xBC},
    {"frac12", 0xBD},  {"frac34", 0xBE},  {"times", 0xD7},   {"divide", 0xF7},   {"laquo", 0xAB},
    {"raquo", 0xBB},   {"sect", 0xA7},    {"copy", 0xA9},    {"reg", 0xAE},      {"Agrave", 0xC0},
    {"Aacute", 0xC1},  {"Acirc", 0xC2},   {"Atilde", 0xC3},  {"Auml", 0xC4},     {"Aring", 0xC5},
    {"AElig", 0xC6},   {"Ccedil", 0xC7},  {"Egrave", 0xC8},  {"Eacute", 0xC9},   {"Ecirc", 0xCA},
    {"Euml", 0xCB},    {"Iacute", 0xCD},  {"Icirc", 0xCE},   {"Ntilde", 0xD1},   {"Oacute", 0xD3},
    {"Ocirc", 0xD4},   {"Otilde", 0xD5},  {"Ouml", 0xD6},    {"Oslash", 0xD8},   {"Uacute", 0xDA},
    {"Uuml", 0xDC},    {"szlig", 0xDF},   {"agrave", 0xE0},  {"aacute", 0xE1},   {"acirc", 0xE2},
    {"atilde", 0xE3},  {"auml", 0xE4},    {"aring", 0xE5},   {"aelig", 0xE6},    {"ccedil", 0xE7},
    {"egrave", 0xE8},  {"eacute", 0xE9},  {"ecirc", 0xEA},   {"euml", 0xEB},     {"igrave", 0xEC},
    {"iacute", 0xED},  {"icirc", 0xEE},   {"iuml", 0xEF},    {"ntilde", 0xF1},   {"ograve", 0xF2},
    {"oacute", 0xF3},  {"ocirc", 0xF4},   {"otilde", 0xF5},  {"ouml", 0xF6},     {"oslash", 0xF8},
    {"ugrave", 0xF9},  {"uacute", 0xFA},  {"ucirc", 0xFB},   {"uuml", 0xFC},     {"oelig", 0x153},
    {"alpha", 0x3B1},  {"beta", 0x3B2},   {"gamma", 0x3B3},  {"mu", 0x3BC},      {"ensp", 0x2002},
    {"emsp", 0x2003},  {"ndash", 0x2013}, {"mdash", 0x2014}, {"lsquo", 0x2018},  {"rsquo", 0x2019},
    {"ldquo", 0x201C}, {"rdquo", 0x201D}, {"bull", 0x2022},  {"hellip", 0x2026}, {"euro", 0x20AC},
    {"trade", 0x2122}, {"rarr", 0x2192},  {"le", 0x2264},    {"ge", 0x2265},     {"ne", 0x2260},
    {"asymp", 0x2248},
};

/* &#176; &#xB0;.  Numbers from 128 to 159 mean windows-1252, as browsers have it. */
static uint32_t
numbered(const char *digits)
{
  const bool hex = (digits[0] | 0x20) == 'x';
  const unsigned long code = strtoul(digits + hex, NULL, hex ? 16 : 10);
  if (code >= 0x80 && code < 0xA0)
    return plain_charset("1252")->upper[code - 0x80];
  return code >= 0x20 && code <= 0x10FFFF ? (uint32_t)code : ' ';
}

/* An unknown one stays as it is. */
static void
read_entity(Reader *r)
{
  char name[12] = "";
  const char *p = r->p + 1;
  size_t n = 0;
  while (p < r->end && n + 1 < sizeof name && (is_alnum(*p) || *p == '#'))
    name[n++] = *p++;
  uint32_t code = 0;
  if (p < r->end && *p == ';') {
    if (name[0] == '#')
      code = numbered(name + 1);
    for (size_t i = 0; !code && i < sizeof entities / sizeof entities[0]; i++)
      if (strcmp(entities[i].name, name) == 0)
        code = entities[i].code;
  }
  plain_write(&r->w, code ? code : '&');
  r->p = code ? p + 1 : r->p + 1;
}

/* ---- elements ---- */

/* Behind the next `mark`, letters without case; to the end when there is none. */
static void
skip_past(Reader *r, const char *mark)
{
  const size_t n = strlen(mark);
  while ((size_t)(r->end - r->p) >= n) {
    const char *at = memchr(r->p, mark[0], (size_t)(r->end - r->p) - n + 1);
    if (!at)
      break;
    r->p = at + n;
    if (strncasecmp(at, mark, n) == 0)
      return;
    r->p = at + 1;
  }
  r->p = r->end;
}

/* Behind the '>' of a tag; one within a quoted value is none. */
static void
skip_tag(Reader *r)
{
  char quote = 0;
  const char *start = r->p;
  for (; r->p < r->end; r->p++) {
    if (quote ? *r->p == quote : *r->p == '>') {
      if (!quote) {
        r->p++;
        return;
      }
      quote = 0;
    } else if (!quote && (*r->p == '"' || *r->p == '\'') && r->p > start && r->p[-1] == '=') {
      quote = *r->p;
    }
  }
  if (quote) { /* it never ends: the first '>' then */
    r->p = start;
    skip_past(r, ">");
  }
}

static void
take_tag(Reader *r, const char *name, bool closing)
{
  static const char *const blocks[] = {
      "p",      "div",    "br",      "li",    "tr",    "h1",      "h2",      "h3",
      "h4",     "h5",     "h6",      "table", "ul",    "ol",      "dl",      "dt",
      "dd",     "pre",    "hr",      "thead", "tbody", "body",    "caption", "blockquote",
      "header", "footer", "section", "title", "html",  "article", "center",  NULL};
  static const char *const hidden[] = {"style", "script", "head", NULL};
  static const char *const cells[] = {"td", "th", NULL};
  if (!closing && is_in(name, hidden)) {
    char mark[NAME + 2] = "</";
    strcat(mark, name);
    skip_past(r, mark);
    skip_past(r, ">");
  } else if (strcasecmp(name, "br") == 0) {
    plain_end_line(&r->w, true);
  } else if (is_in(name, blocks)) {
    plain_end_line(&r->w, false);
  } else if (is_in(name, cells)) {
    plain_write(&r->w, ' ');
  }
  if (strcasecmp(name, "pre") == 0)
    r->pre += closing ? -(r->pre > 0) : 1;
}

/* From '<' to behind '>'. */
static void
read_tag(Reader *r)
{
  const size_t left = (size_t)(r->end - r->p);
  if (left >= 4 && memcmp(r->p, "<!--", 4) == 0) {
    skip_past(r, "-->");
    return;
  }
  const char *p = r->p + 1;
  const bool closing = p < r->end && *p == '/';
  p += closing;
  char name[NAME] = "";
  for (size_t n = 0; p < r->end && is_alnum(*p) && n + 1 < sizeof name; p++)
    name[n++] = *p;
  const bool declaration = p < r->end && (*p == '!' || *p == '?');
  if (!is_alpha(name[0]) && !closing && !declaration) {
    plain_write(&r->w, '<');
    r->p++;
    return;
  }
  r->p = p;
  skip_tag(r);
  take_tag(r, name, closing);
}

/* One character; damaged bytes are left out one by one. */
static void
read_char(Reader *r)
{
  uint32_t code = 0;
  const size_t n = plain_decode(r->p, (size_t)(r->end - r->p), &code);
  r->p += n ? n : 1;
  if (n && r->pre > 0 && code == '\n')
    plain_end_line(&r->w, true);
  else if (n)
    plain_write(&r->w, code);
}

void
plain_from_html(const char *utf8, size_t n, const PlainSink *out)
{
  Reader r = {.p = utf8, .end = utf8 + n, .w = {.sink = out}};
  while (r.p < r.end) {
    if (*r.p == '<')
      read_tag(&r);
    else if (*r.p == '&')
      read_entity(&r);
    else
      read_char(&r);
  }
}

bool
plain_is_html(const char *bytes, size_t n)
{
  static const char *const first[] = {"html",  "head", "body", "div", "p",      "br",   "span",
                                      "table", "h1",   "h2",   "h3",  "font",   "b",    "strong",
                                      "ul",    "ol",   "pre",  "u",   "center", "meta", NULL};
  const char *p = bytes, *end = bytes + n;
  for (;;) {
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
      p++;
    const bool comment = end - p > 2 && (p[1] == '!' || p[1] == '?') && p[0] == '<';
    if (!comment)
      break;
    if (end - p >= 14 && strncasecmp(p, "<!DOCTYPE html", 14) == 0)
      return true;
    p = memchr(p, '>', (size_t)(end - p));
    if (!p)
      return false;
    p++;
  }
  char name[NAME] = "";
  if (p >= end || *p++ != '<')
    return false;
  for (size_t k = 0; p < end && is_alnum(*p) && k + 1 < sizeof name; p++)
    name[k++] = *p;
  return p < end && (*p == '>' || *p == ' ' || *p == '/' || *p == '\n' || *p == '\r') &&
         is_in(name, first);
}
