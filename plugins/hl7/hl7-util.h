/* SPDX-License-Identifier: Apache-2.0
 *
 * hl7-util.h - memory, text and records of one message.
 *
 * Everything that belongs to a message lives in its arena and goes at once.
 * When memory runs out, or a message would take more than ARENA_LIMIT, control
 * returns to the setjmp in hl7.c: no caller has to check an allocation.
 */
#ifndef HL7_UTIL_H
#define HL7_UTIL_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "interval/plugin.h"

typedef struct ArenaBlock ArenaBlock;
typedef struct {
  ArenaBlock *blocks;
  size_t total; /* bytes handed out since the last clear */
  jmp_buf *out_of_memory;
} Arena;

#define ARENA_LIMIT ((size_t)320 << 20)

void *arena_alloc(Arena *arena, size_t n); /* zero-filled, aligned for any type */
void arena_clear(Arena *arena);

/* Text that lies somewhere else, not NUL-terminated.  p == NULL: absent. */
typedef struct {
  const char *p;
  size_t n;
} Slice;

bool slice_is(Slice s, const char *text);        /* the same bytes */
bool slice_is_nocase(Slice s, const char *text); /* ASCII letters without case */
bool slice_starts_nocase(Slice s, const char *prefix);
/* Length of the UTF-8 character at p, of at most n > 0 bytes; 0: none. */
size_t utf8_length(const unsigned char *p, size_t n);
Slice slice_trim(Slice s); /* spaces, tabs, line ends off both ends */

/* A string that grows in an arena; always NUL-terminated once appended to. */
typedef struct {
  Arena *arena;
  char *p;
  size_t n, cap;
} Str;

void str_append(Str *s, const char *p, size_t n);
void str_puts(Str *s, const char *text);
void str_putc(Str *s, char c);
void str_put_codepoint(Str *s, uint32_t codepoint);

/* A copy; with printf. */
char *arena_strndup(Arena *arena, const char *p, size_t n);
char *arena_printf(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A record under construction, and the list of those of one message. */
typedef struct Record Record;
struct Record {
  const char *name;
  itv_field *fields;
  size_t n, cap;
  Record *next;
};

typedef struct {
  Arena *arena;
  Record *first, *last;
  const char *notes[32];
  size_t n_notes, n_more_notes;
  const char *rejected; /* first reason; then no record leaves */
} Unit;

Record *unit_add(Unit *unit, const char *name);
/* Said once per message, however often it happens. */
void unit_note(Unit *unit, const char *format, ...) __attribute__((format(printf, 2, 3)));
void unit_reject(Unit *unit, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Leaves out NULL and "".  Longer than `max` bytes: cut at a character, noted. */
void record_str(Unit *unit, Record *record, const char *key, const char *value, size_t max);
/* The same for a field that may be empty but must be there. */
void record_text(Unit *unit, Record *record, const char *key, const char *value, size_t max);
void record_i64(Unit *unit, Record *record, const char *key, int64_t value, const char *unit_code);

#endif
