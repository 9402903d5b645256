/* SPDX-License-Identifier: Apache-2.0 */
#include "hl7-embedded.h"

#include <stdlib.h>
#include <string.h>

static int
base64_digit(char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
base64_decode(Slice s, Str *out)
{
  uint32_t bits = 0;
  int n_bits = 0;
  bool ended = false;
  for (size_t i = 0; i < s.n; i++) {
    const char c = s.p[i];
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
      continue;
    const int digit = base64_digit(c);
    ended |= c == '=';
    if (c != '=' && (digit < 0 || ended))
      return false;
    if (ended)
      continue;
    bits = bits << 6 | (uint32_t)digit;
    n_bits += 6;
    if (n_bits >= 8) {
      n_bits -= 8;
      str_putc(out, (char)(bits >> n_bits & 0xFF));
    }
  }
  return out->n > 0;
}

/* ---- CDA ---- */

typedef struct {
  const char *p, *end;
  Str *out;
  int sections; /* how many are open */
  bool in_text, in_title;
  bool blank; /* the line so far is empty */
} Reader;

static void
new_line(Reader *r)
{
  if (!r->blank)
    str_putc(r->out, '\n');
  r->blank = true;
}

static void
put_word_char(Reader *r, char c)
{
  const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
  if (!space) {
    str_putc(r->out, c);
    r->blank = false;
  } else if (!r->blank && r->out->p[r->out->n - 1] != ' ') {
    str_putc(r->out, ' ');
  }
}

/* &lt; &#176; ...; an unknown one stays as it is. */
static void
read_entity(Reader *r)
{
  static const struct {
    const char *name;
    char c;
  } named[] = {{"lt;", '<'}, {"gt;", '>'}, {"amp;", '&'}, {"quot;", '"'}, {"apos;", '\''}};
  const Slice rest = {r->p + 1, (size_t)(r->end - r->p) - 1};
  for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
    if (slice_starts_nocase(rest, named[i].name)) {
      put_word_char(r, named[i].c);
      r->p += 1 + strlen(named[i].name);
      return;
    }
  const char *semicolon = memchr(rest.p, ';', rest.n < 12 ? rest.n : 12);
  if (rest.n > 2 && rest.p[0] == '#' && semicolon) {
    char digits[16] = "";
    const bool hex = (rest.p[1] | 0x20) == 'x';
    const char *from = rest.p + (hex ? 2 : 1);
    memcpy(digits, from, (size_t)(semicolon > from ? semicolon - from : 0));
    const unsigned long code = strtoul(digits, NULL, hex ? 16 : 10);
    if (code > 0x20) {
      str_put_codepoint(r->out, code > 0x10FFFF ? 0xFFFD : (uint32_t)code);
      r->blank = false;
    } else {
      put_word_char(r, ' ');
    }
    r->p = semicolon + 1;
    return;
  }
  put_word_char(r, '&');
  r->p++;
}

static bool
is_block(Slice name)
{
  static const char *const blocks[] = {"br",    "paragraph", "item",    "list", "tr",
                                       "table", "caption",   "content", "text", "title"};
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
    if (slice_is(name, blocks[i]))
      return i != 7; /* content runs on in its line */
  return false;
}

static void
end_title(Reader *r)
{
  Str *out = r->out;
  while (out->n && out->p[out->n - 1] == ' ')
    out->p[--out->n] = 0;
  if (!r->blank && out->n && out->p[out->n - 1] != ':')
    str_putc(out, ':');
  new_line(r);
}

static void
take_tag(Reader *r, Slice name, bool closing, bool empty)
{
  if (slice_is(name, "section") && !empty)
    r->sections += closing ? -1 : 1;
  if (r->sections <= 0)
    return;
  if (slice_is(name, "title") && !empty) {
    if (closing)
      end_title(r);
    else
      new_line(r);
    r->in_title = !closing;
    return;
  }
  if (slice_is(name, "text") && !empty)
    r->in_text = !closing;
  if (is_block(name))
    new_line(r);
  else if (slice_is(name, "td") || slice_is(name, "th"))
    put_word_char(r, ' ');
}

/* From '<' to behind '>'; comments and declarations are skipped. */
static void
read_tag(Reader *r)
{
  const size_t left = (size_t)(r->end - r->p);
  if (left >= 4 && memcmp(r->p, "<!--", 4) == 0) {
    const char *end = memmem(r->p + 4, left - 4, "-->", 3);
    r->p = end ? end + 3 : r->end;
    return;
  }
  const char *close = memchr(r->p, '>', left);
  if (!close) {
    r->p = r->end;
    return;
  }
  const char *p = r->p + 1;
  const bool closing = *p == '/', empty = close[-1] == '/';
  p += closing;
  const char *name = p;
  while (p < close && *p != ' ' && *p != '/' && *p != '\t' && *p != '\n' && *p != '\r') {
    if (*p == ':') /* without its prefix */
      name = p + 1;
    p++;
  }
  take_tag(r, (Slice){name, (size_t)(p - name)}, closing, empty);
  r->p = close + 1;
}

bool
cda_narrative(Slice xml, Str *out)
{
  Reader r = {.p = xml.p, .end = xml.p + xml.n, .out = out, .blank = true};
  const size_t before = out->n;
  if (!memmem(xml.p, xml.n, "ClinicalDocument", 16))
    return false;
  while (r.p < r.end) {
    if (*r.p == '<')
      read_tag(&r);
    else if (!(r.sections > 0 && (r.in_text || r.in_title)))
      r.p++;
    else if (*r.p == '&')
      read_entity(&r);
    else
      put_word_char(&r, *r.p++);
  }
  return out->n > before;
}
