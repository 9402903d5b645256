/* SPDX-License-Identifier: Apache-2.0 */
#include "hl7-message.h"

#include <string.h>

static bool
is_upper_or_digit(char c)
{
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Three capitals or digits, then the separator or the end. */
static bool
starts_segment(Slice line, char separator)
{
  return line.n >= 3 && line.p[0] >= 'A' && line.p[0] <= 'Z' && is_upper_or_digit(line.p[1]) &&
         is_upper_or_digit(line.p[2]) && (line.n == 3 || line.p[3] == separator);
}

/* The n-th piece (from 1) between separators. */
static Slice
piece(Slice s, char separator, unsigned n)
{
  if (!s.p)
    return s;
  while (--n) {
    const char *next = s.n ? memchr(s.p, separator, s.n) : NULL;
    if (!next)
      return (Slice){NULL, 0};
    s.n -= (size_t)(next + 1 - s.p);
    s.p = next + 1;
  }
  const char *end = s.n ? memchr(s.p, separator, s.n) : NULL;
  if (end)
    s.n = (size_t)(end - s.p);
  return s;
}

Slice
segment_field(const Message *m, const Segment *s, unsigned field)
{
  if (!s)
    return (Slice){NULL, 0};
  if (strcmp(s->id, "MSH") == 0)
    return field == 1 ? (Slice){s->text.p + 3, 1} : piece(s->text, m->d.field, field);
  return piece(s->text, m->d.field, field + 1);
}

Slice
field_repetition(const Message *m, Slice field, unsigned n)
{
  return piece(field, m->d.repetition, n);
}

Slice
repetition_component(const Message *m, Slice repetition, unsigned n)
{
  return piece(repetition, m->d.component, n);
}

Slice
component_sub(const Message *m, Slice component, unsigned n)
{
  return piece(component, m->d.sub, n);
}

const char *
segment_value(const Message *m, const Segment *s, unsigned field, unsigned component)
{
  const Slice rep = field_repetition(m, segment_field(m, s, field), 1);
  return message_text(m, component_sub(m, repetition_component(m, rep, component), 1));
}

bool
segment_is(const Segment *s, const char *id)
{
  return strcmp(s->id, id) == 0;
}

const Segment *
message_find(const Message *m, const char *id, size_t from, size_t to)
{
  for (size_t i = from; i < to && i < m->n; i++)
    if (segment_is(&m->segments[i], id))
      return &m->segments[i];
  return NULL;
}

const char *
first_of(const char *a, const char *b, const char *c)
{
  return a[0] ? a : b[0] ? b : c;
}

/* MSH-1 and MSH-2.  What MSH-2 leaves out has the usual character. */
static bool
read_delimiters(Unit *unit, const Line *msh, Delimiters *ret)
{
  Delimiters d = {0, '^', '~', '\\', '&'};
  char *const places[] = {&d.component, &d.repetition, &d.escape, &d.sub};
  const Slice s = msh->bytes;
  if (s.n < 4 || (unsigned char)s.p[3] < 0x21 || (unsigned char)s.p[3] > 0x7E) {
    unit_reject(unit, "MSH-1 (byte %lld): no field separator", (long long)msh->offset + 3);
    return false;
  }
  d.field = s.p[3];
  size_t n = 0;
  while (4 + n < s.n && s.p[4 + n] != d.field)
    n++;
  if (n == 0)
    unit_note(unit, "MSH-2 is empty: the usual ^~\\& was taken");
  for (size_t i = 0; i < n && i < 4; i++)
    if ((unsigned char)s.p[4 + i] > 0x20 && (unsigned char)s.p[4 + i] < 0x7F)
      *places[i] = s.p[4 + i];
  *ret = d;
  return true;
}

static Segment *
add_segment(Message *m, size_t *cap)
{
  if (m->n == *cap) {
    *cap = *cap ? *cap * 2 : 64;
    Segment *bigger = arena_alloc(m->unit->arena, *cap * sizeof *bigger);
    if (m->n)
      memcpy(bigger, m->segments, m->n * sizeof *bigger);
    m->segments = bigger;
  }
  return &m->segments[m->n++];
}

/* A line that begins no segment continues the one before: senders that put raw
 * line breaks into a text are common. */
static void
read_segments(Message *m, const Line *lines, size_t n_lines)
{
  size_t cap = 0, bad = 0;
  for (size_t i = 0; i < n_lines;) {
    Str text = {.arena = m->unit->arena};
    const Line *first = &lines[i];
    charset_decode(&m->charset, first->bytes, &text, &bad);
    for (i++; i < n_lines && !starts_segment(lines[i].bytes, m->d.field); i++) {
      str_putc(&text, '\n');
      charset_decode(&m->charset, lines[i].bytes, &text, &bad);
    }
    Segment *s = add_segment(m, &cap);
    *s = (Segment){{0}, {text.p, text.n}, first->offset};
    memcpy(s->id, first->bytes.p, 3);
    if (memchr(text.p, '\n', text.n))
      unit_note(m->unit, "%s (byte %lld): a field holds raw line breaks, which were kept", s->id,
                (long long)s->offset);
  }
  if (bad)
    unit_note(m->unit, "%zu bytes are no %s and were read as windows-1252", bad, m->charset.name);
}

bool
message_parse(Unit *unit, const Line *lines, size_t n_lines, Slice whole, Message *ret)
{
  static const char bom[] = "\xEF\xBB\xBF";
  Message m = {.unit = unit, .code = "", .trigger = ""};
  if (!read_delimiters(unit, &lines[0], &m.d))
    return false;
  /* the label stands before any character set is known: ASCII by the standard */
  const Slice label = piece(piece(lines[0].bytes, m.d.field, 18), m.d.repetition, 1);
  const bool has_bom = whole.n >= 3 && memcmp(whole.p, bom, 3) == 0;
  if (!charset_choose(unit, label, whole, has_bom, &m.charset)) {
    unit_reject(unit, "MSH-18 (byte %lld): the character set \"%.*s\" is not supported; send UTF-8",
                (long long)lines[0].offset, (int)(label.n < 60 ? label.n : 60), label.p);
    return false;
  }
  read_segments(&m, lines, n_lines);
  m.code = segment_value(&m, &m.segments[0], 9, 1);
  m.trigger = segment_value(&m, &m.segments[0], 9, 2);
  const char *under = m.trigger[0] ? NULL : strchr(m.code, '_');
  if (under && under - m.code == 3) { /* ORU_R01, as some senders write it */
    m.trigger = under + 1;
    m.code = arena_strndup(unit->arena, m.code, 3);
  }
  *ret = m;
  return true;
}
