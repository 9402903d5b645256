/* SPDX-License-Identifier: Apache-2.0 */
#include "hl7-util.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ArenaBlock {
  ArenaBlock *next;
  size_t used, size;
  max_align_t data[];
};

void *
arena_alloc(Arena *a, size_t n)
{
  const size_t align = sizeof(max_align_t);
  if (n > ARENA_LIMIT || a->total + n > ARENA_LIMIT)
    longjmp(*a->out_of_memory, 1);
  n = (n + align - 1) / align * align;
  if (!a->blocks || a->blocks->size - a->blocks->used < n) {
    const size_t size = n > 65536 ? n : 65536;
    ArenaBlock *b = malloc(sizeof *b + size);
    if (!b)
      longjmp(*a->out_of_memory, 1);
    *b = (ArenaBlock){a->blocks, 0, size};
    a->blocks = b;
  }
  void *p = (char *)a->blocks->data + a->blocks->used;
  a->blocks->used += n;
  a->total += n;
  return memset(p, 0, n);
}

void
arena_clear(Arena *a)
{
  while (a->blocks) {
    ArenaBlock *next = a->blocks->next;
    free(a->blocks);
    a->blocks = next;
  }
  a->total = 0;
}

static char
lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool
slice_is(Slice s, const char *text)
{
  return s.n == strlen(text) && (s.n == 0 || memcmp(s.p, text, s.n) == 0);
}

bool
slice_starts_nocase(Slice s, const char *prefix)
{
  const size_t n = strlen(prefix);
  if (s.n < n)
    return false;
  for (size_t i = 0; i < n; i++)
    if (lower(s.p[i]) != lower(prefix[i]))
      return false;
  return true;
}

bool
slice_is_nocase(Slice s, const char *text)
{
  return s.n == strlen(text) && slice_starts_nocase(s, text);
}

static bool
is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

Slice
slice_trim(Slice s)
{
  while (s.n && is_blank(s.p[0]))
    s = (Slice){s.p + 1, s.n - 1};
  while (s.n && is_blank(s.p[s.n - 1]))
    s.n--;
  return s;
}

size_t
utf8_length(const unsigned char *p, size_t n)
{
  const unsigned c = p[0];
  size_t len = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : 4;
  if ((c >= 0x80 && c < 0xC2) || c > 0xF4 || len > n)
    return 0;
  for (size_t i = 1; i < len; i++)
    if ((p[i] & 0xC0) != 0x80)
      return 0;
  if ((c == 0xE0 && p[1] < 0xA0) || (c == 0xED && p[1] > 0x9F) || (c == 0xF0 && p[1] < 0x90) ||
      (c == 0xF4 && p[1] > 0x8F))
    return 0;
  return len;
}

void
str_append(Str *s, const char *p, size_t n)
{
  if (s->n + n + 1 > s->cap) {
    const size_t cap = (s->n + n + 1) * 2;
    char *bigger = arena_alloc(s->arena, cap);
    if (s->n)
      memcpy(bigger, s->p, s->n);
    s->p = bigger;
    s->cap = cap;
  }
  if (n)
    memcpy(s->p + s->n, p, n);
  s->n += n;
  s->p[s->n] = 0;
}

void
str_puts(Str *s, const char *text)
{
  str_append(s, text, strlen(text));
}

void
str_putc(Str *s, char c)
{
  str_append(s, &c, 1);
}

void
str_put_codepoint(Str *s, uint32_t c)
{
  char b[4];
  size_t n = 0;
  if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
    c = 0xFFFD;
  if (c < 0x80) {
    b[n++] = (char)c;
  } else if (c < 0x800) {
    b[n++] = (char)(0xC0 | c >> 6);
    b[n++] = (char)(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    b[n++] = (char)(0xE0 | c >> 12);
    b[n++] = (char)(0x80 | (c >> 6 & 0x3F));
    b[n++] = (char)(0x80 | (c & 0x3F));
  } else {
    b[n++] = (char)(0xF0 | c >> 18);
    b[n++] = (char)(0x80 | (c >> 12 & 0x3F));
    b[n++] = (char)(0x80 | (c >> 6 & 0x3F));
    b[n++] = (char)(0x80 | (c & 0x3F));
  }
  str_append(s, b, n);
}

char *
arena_strndup(Arena *a, const char *p, size_t n)
{
  char *copy = arena_alloc(a, n + 1);
  if (n)
    memcpy(copy, p, n);
  return copy;
}

/* What stands in a message may be cut in a message for a person, never here
 * in the middle of a character. */
static size_t
cut_at_character(const char *p, size_t n)
{
  while (n > 0 && ((unsigned char)p[n] & 0xC0) == 0x80)
    n--;
  return n;
}

static char *
vprint(Arena *a, const char *format, va_list args)
{
  char buf[2000];
  int n = vsnprintf(buf, sizeof buf, format, args);
  size_t len = n < 0 ? 0 : (size_t)n;
  if (len >= sizeof buf)
    len = sizeof buf - 1;
  for (size_t i = 0, step; i < len; i += step) {
    step = utf8_length((const unsigned char *)buf + i, len - i);
    if (!step || buf[i] == '\n') { /* a quoted piece may end within a character */
      buf[i] = step ? ' ' : '?';
      step = 1;
    }
  }
  return arena_strndup(a, buf, len);
}

char *
arena_printf(Arena *a, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  char *s = vprint(a, format, args);
  va_end(args);
  return s;
}

Record *
unit_add(Unit *u, const char *name)
{
  Record *r = arena_alloc(u->arena, sizeof *r);
  r->name = name;
  if (u->last)
    u->last->next = r;
  else
    u->first = r;
  u->last = r;
  return r;
}

void
unit_note(Unit *u, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  const char *text = vprint(u->arena, format, args);
  va_end(args);
  for (size_t i = 0; i < u->n_notes; i++)
    if (strcmp(u->notes[i], text) == 0)
      return;
  if (u->n_notes < sizeof u->notes / sizeof u->notes[0])
    u->notes[u->n_notes++] = text;
  else
    u->n_more_notes++;
}

void
unit_reject(Unit *u, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  if (!u->rejected)
    u->rejected = vprint(u->arena, format, args);
  va_end(args);
}

static itv_field *
add_field(Unit *u, Record *r)
{
  if (r->n == r->cap) {
    const size_t cap = r->cap ? r->cap * 2 : 16;
    itv_field *bigger = arena_alloc(u->arena, cap * sizeof *bigger);
    if (r->n)
      memcpy(bigger, r->fields, r->n * sizeof *bigger);
    r->fields = bigger;
    r->cap = cap;
  }
  return &r->fields[r->n++];
}

void
record_text(Unit *u, Record *r, const char *key, const char *value, size_t max)
{
  const size_t n = strlen(value);
  if (n > max) {
    unit_note(u, "%s is %zu bytes long and was cut to %zu", key, n, max);
    value = arena_strndup(u->arena, value, cut_at_character(value, max));
  }
  *add_field(u, r) = (itv_field)ITV_STR(key, value);
}

void
record_str(Unit *u, Record *r, const char *key, const char *value, size_t max)
{
  if (value && value[0])
    record_text(u, r, key, value, max);
}

void
record_i64(Unit *u, Record *r, const char *key, int64_t value, const char *unit_code)
{
  *add_field(u, r) = (itv_field)ITV_I64(key, value, unit_code);
}
