/* SPDX-License-Identifier: Apache-2.0 */
#include "hl7-embedded.h"

#include <stdlib.h>
#include <string.h>

#include "hl7-charset.h"

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

static int
hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
hex_decode(Slice s, Str *out)
{
  int high = -1;
  for (size_t i = 0; i < s.n; i++) {
    const char c = s.p[i];
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
      continue;
    const int digit = hex_digit(c);
    if (digit < 0)
      return false;
    if (high >= 0)
      str_putc(out, (char)(high * 16 + digit));
    high = high >= 0 ? -1 : digit;
  }
  return out->n > 0 && high < 0;
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

/* ---- RTF and HTML ---- */

static void
put_text(void *out, const char *utf8, size_t n)
{
  str_append(out, utf8, n);
}

/* What <meta charset=...> or an XML declaration says; UTF-8 without one. */
static Charset
declared_charset(Slice html)
{
  Charset found = {true, false, plain_charset("1252"), "UTF-8"};
  const size_t head = html.n < 2048 ? html.n : 2048;
  for (size_t i = 0; i + 8 < head; i++) {
    const Slice rest = {html.p + i, head - i};
    const size_t skip = slice_starts_nocase(rest, "charset=")    ? 8
                        : slice_starts_nocase(rest, "encoding=") ? 9
                                                                 : 0;
    if (!skip)
      continue;
    const char *from = rest.p + skip, *end = html.p + head;
    from += from < end && (*from == '"' || *from == '\'');
    const char *p = from;
    while (p < end && *p != '"' && *p != '\'' && *p != '>' && *p != ' ' && *p != ';')
      p++;
    charset_named((Slice){from, (size_t)(p - from)}, &found);
    break;
  }
  return found;
}

void
rtf_within(Slice s, Str *out)
{
  const PlainSink sink = {put_text, out};
  while (s.n) {
    const char *at = memmem(s.p, s.n, "{\\rtf", 5);
    const size_t before = at ? (size_t)(at - s.p) : s.n;
    str_append(out, s.p, before);
    s = (Slice){s.p + before, s.n - before};
    if (!s.n)
      return;
    const size_t used = plain_from_rtf(s.p, s.n, &sink);
    s.p += used ? used : s.n;
    s.n -= used ? used : s.n;
  }
}

bool
marked_up_text(Slice bytes, bool damaged, Str *out)
{
  const PlainSink sink = {put_text, out};
  if (plain_is_rtf(bytes.p, bytes.n)) {
    const size_t before = out->n;
    const bool whole = plain_from_rtf(bytes.p, bytes.n, &sink) > 0;
    if (!whole && !damaged)
      out->n = before;
    return whole || damaged;
  }
  if (!plain_is_html(bytes.p, bytes.n))
    return false;
  Str utf8 = {.arena = out->arena};
  Charset said = declared_charset(bytes);
  const Charset unicode = {true, false, said.table, "UTF-8"};
  size_t bad = 0;
  charset_decode(&unicode, bytes, &utf8, &bad);
  if (bad && !said.utf8) { /* the bytes are no UTF-8: then what the page says */
    utf8 = (Str){.arena = out->arena};
    charset_decode(&said, bytes, &utf8, &bad);
  }
  plain_from_html(utf8.p, utf8.n, &sink);
  return true;
}

/* ---- DICOM ---- */

/* The value of (0002,element) in the file meta information, which is always explicit
 * little endian with 16-bit lengths for UI (PS3.10, 7.1). */
static const char *
meta_uid(Arena *arena, Slice s, unsigned element)
{
  const unsigned char *p = (const unsigned char *)s.p;
  size_t at = 132;
  while (at + 8 <= s.n && p[at] == 2 && p[at + 1] == 0) {
    const bool is_long = memcmp(s.p + at + 4, "OB", 2) == 0 || memcmp(s.p + at + 4, "UN", 2) == 0;
    const size_t header = is_long ? 12 : 8;
    if (at + header > s.n)
      break;
    const unsigned char *l = p + at + (is_long ? 8 : 6);
    const size_t n =
        is_long ? (size_t)l[0] | (size_t)l[1] << 8 | (size_t)l[2] << 16 | (size_t)l[3] << 24
                : (size_t)l[0] | (size_t)l[1] << 8;
    if (n > s.n - at - header)
      break;
    if ((unsigned)(p[at + 2] | p[at + 3] << 8) == element && n <= 64)
      return arena_strndup(arena, s.p + at + header, strnlen(s.p + at + header, n));
    at += header + n;
  }
  return "";
}

const char *
dicom_name(Arena *arena, Slice s)
{
  static const struct {
    const char *uid, *name;
  } classes[] = {{"1.2.840.10008.5.1.4.1.1.88.11", "Basic Text SR"},
                 {"1.2.840.10008.5.1.4.1.1.88.22", "Enhanced SR"},
                 {"1.2.840.10008.5.1.4.1.1.88.33", "Comprehensive SR"},
                 {"1.2.840.10008.5.1.4.1.1.88.34", "Comprehensive 3D SR"},
                 {"1.2.840.10008.5.1.4.1.1.88.59", "Key Object Selection"},
                 {"1.2.840.10008.5.1.4.1.1.104.1", "Encapsulated PDF"},
                 {"1.2.840.10008.5.1.4.1.1.104.2", "Encapsulated CDA"}};
  if (s.n < 140 || memcmp(s.p + 128, "DICM", 4) != 0)
    return NULL;
  const char *class = meta_uid(arena, s, 2), *name = class;
  for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
    if (strcmp(classes[i].uid, class) == 0)
      name = classes[i].name;
  return arena_printf(arena, "DICOM object %.64s (%.64s)", meta_uid(arena, s, 3), name);
}
