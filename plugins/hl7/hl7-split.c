/* SPDX-License-Identifier: Apache-2.0 */
#include "hl7-split.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 18, VT = 0x0B, FS = 0x1C };

typedef struct {
  int64_t offset, length;
} Range;

struct Splitter {
  const itv_source *source;
  unsigned char *buf; /* bytes [base, base + n) of the source */
  size_t n, cap;
  int64_t base;
  bool eof, failed, saw_hl7;

  int64_t at; /* where the next line begins */
  /* the piece being gathered */
  PieceKind kind; /* 0: none */
  int64_t start, end;
  Range *ranges;
  size_t n_ranges, cap_ranges;
  /* what the last piece handed out */
  Line *lines;
  size_t cap_lines;
};

Splitter *
splitter_new(const itv_source *source)
{
  Splitter *s = calloc(1, sizeof *s);
  if (s)
    s->source = source;
  return s;
}

void
splitter_free(Splitter *s)
{
  if (!s)
    return;
  free(s->buf);
  free(s->ranges);
  free(s->lines);
  free(s);
}

bool
splitter_saw_hl7(const Splitter *s)
{
  return s->saw_hl7;
}

/* Forgets what lies before `offset`; moves bytes only when that frees a lot. */
static void
discard_before(Splitter *s, int64_t offset)
{
  const size_t gone = (size_t)(offset - s->base);
  if (gone < CHUNK && gone < s->n)
    return;
  if (s->n > gone)
    memmove(s->buf, s->buf + gone, s->n - gone);
  s->n -= gone;
  s->base = offset;
}

static bool
read_more(Splitter *s)
{
  if (s->eof)
    return false;
  if (s->cap - s->n < CHUNK) {
    const size_t cap = (s->cap + CHUNK) * 2;
    unsigned char *bigger = realloc(s->buf, cap);
    if (!bigger) {
      s->failed = s->eof = true;
      return false;
    }
    s->buf = bigger;
    s->cap = cap;
  }
  const int64_t got = s->source->read_at(s->source, s->base + (int64_t)s->n, s->buf + s->n, CHUNK);
  if (got <= 0 || got > CHUNK) {
    s->failed = got != 0;
    s->eof = true;
    return false;
  }
  s->n += (size_t)got;
  return true;
}

/* The byte at that offset, -1 behind the end. */
static int
byte_at(Splitter *s, int64_t offset)
{
  while (offset - s->base >= (int64_t)s->n)
    if (!read_more(s))
      return -1;
  return s->buf[offset - s->base];
}

/* Bytes, not chars: those of a byte order mark are negative where char is signed. */
static bool
begins_with(Splitter *s, int64_t offset, const char *id)
{
  for (int i = 0; i < 3; i++)
    if (byte_at(s, offset + i) != (unsigned char)id[i])
      return false;
  return true;
}

/* After these three letters a separator, no letter, digit or line end. */
static bool
begins_segment(Splitter *s, int64_t offset, const char *id)
{
  if (!begins_with(s, offset, id))
    return false;
  const int c = byte_at(s, offset + 3);
  const bool alnum =
      (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  return c > 0x20 && c < 0x7F && !alnum;
}

static bool
begins_batch(Splitter *s, int64_t offset)
{
  static const char *const ids[] = {"FHS", "BHS", "BTS", "FTS"};
  for (size_t i = 0; i < 4; i++) {
    const int c = begins_with(s, offset, ids[i]) ? byte_at(s, offset + 3) : 0;
    if (c == '\r' || c == '\n' || c == -1 || begins_segment(s, offset, ids[i]))
      return true;
  }
  return false;
}

/* Whether the byte at `offset` ends a line.  VT and FS do so as MLLP framing;
 * elsewhere they are line breaks that word processors put into texts, which
 * end a line as well: what follows then continues the segment. */
static bool
ends_line(int c)
{
  return c == '\r' || c == '\n' || c == VT || c == FS || c == -1;
}

static int64_t
line_end(Splitter *s, int64_t from)
{
  for (;;) {
    const size_t at = (size_t)(from - s->base);
    for (size_t i = at; i < s->n; i++)
      if (ends_line(s->buf[i]))
        return s->base + (int64_t)i;
    from = s->base + (int64_t)s->n;
    if (s->kind == PIECE_MESSAGE && from - s->start > MAX_MESSAGE)
      s->kind = PIECE_TOO_LONG;
    if (s->kind != PIECE_MESSAGE)
      discard_before(s, from);
    if (!read_more(s))
      return from;
  }
}

static bool
is_blank(const Splitter *s, int64_t from, int64_t to)
{
  if (from < s->base)
    return false;
  for (int64_t i = from; i < to; i++) {
    const unsigned char c = s->buf[i - s->base];
    if (c != ' ' && c != '\t' && c != 0)
      return false;
  }
  return true;
}

static bool
add_range(Splitter *s, int64_t from, int64_t to)
{
  if (s->kind != PIECE_MESSAGE)
    return true;
  if (s->n_ranges == s->cap_ranges) {
    const size_t cap = s->cap_ranges ? s->cap_ranges * 2 : 64;
    Range *bigger = realloc(s->ranges, cap * sizeof *bigger);
    if (!bigger)
      return false;
    s->ranges = bigger;
    s->cap_ranges = cap;
  }
  s->ranges[s->n_ranges++] = (Range){from, to - from};
  return true;
}

/* Hands out what was gathered.  Its bytes stay in the buffer until the next call. */
static Piece
finish(Splitter *s)
{
  Piece p = {.kind = s->kind, .offset = s->start, .length = s->end - s->start};
  s->kind = 0;
  if (p.kind != PIECE_MESSAGE)
    return p;
  if (s->cap_lines < s->n_ranges) {
    Line *bigger = realloc(s->lines, s->cap_ranges * sizeof *bigger);
    if (!bigger)
      return (Piece){.kind = PIECE_ERROR};
    s->lines = bigger;
    s->cap_lines = s->cap_ranges;
  }
  const char *bytes = (const char *)s->buf;
  for (size_t i = 0; i < s->n_ranges; i++) {
    const Range r = s->ranges[i];
    s->lines[i] = (Line){{bytes + (r.offset - s->base), (size_t)r.length}, r.offset};
  }
  p.whole = (Slice){bytes + (p.offset - s->base), (size_t)p.length};
  p.lines = s->lines;
  p.n_lines = s->n_ranges;
  return p;
}

static void
begin(Splitter *s, PieceKind kind, int64_t at)
{
  s->kind = kind;
  s->start = s->end = at;
  s->n_ranges = 0;
}

/* Takes the line [s->at, end) into the piece being gathered, or into garbage. */
static bool
take_line(Splitter *s, int64_t end)
{
  if (!s->kind)
    begin(s, PIECE_GARBAGE, s->at);
  s->end = end;
  if (s->kind == PIECE_MESSAGE && end - s->start > MAX_MESSAGE)
    s->kind = PIECE_TOO_LONG;
  return add_range(s, s->at, end);
}

Piece
splitter_next(Splitter *s)
{
  for (;;) {
    discard_before(s, s->kind == PIECE_MESSAGE ? s->start : s->at);
    while (begins_with(s, s->at, "\xEF\xBB\xBF"))
      s->at += 3;
    const int c = byte_at(s, s->at);
    if (c == -1)
      break;
    const bool message = begins_segment(s, s->at, "MSH"), batch = begins_batch(s, s->at);
    if ((message || batch) && s->kind)
      return finish(s);
    if (message)
      begin(s, PIECE_MESSAGE, s->at);
    s->saw_hl7 |= message || batch;
    const int64_t from = s->at, end = line_end(s, from);
    if (!batch && !is_blank(s, from, end) && !take_line(s, end))
      return (Piece){.kind = PIECE_ERROR};
    const int stop = byte_at(s, end);
    s->at = stop == -1 ? end : end + 1;
    const int next = stop == FS ? byte_at(s, s->at) : 0;
    const bool framed = next == '\r' || next == '\n' || next == VT || next == -1;
    if (stop == FS && framed && s->kind)
      return finish(s);
  }
  if (s->failed)
    return (Piece){.kind = PIECE_ERROR};
  return s->kind ? finish(s) : (Piece){.kind = PIECE_END};
}
