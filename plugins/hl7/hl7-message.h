/* SPDX-License-Identifier: Apache-2.0
 *
 * hl7-message.h - one message: its segments and how to get at what is in them.
 * Fields, repetitions, components and subcomponents count from 1, as in the
 * standard; MSH-1 is the separator itself.
 */
#ifndef HL7_MESSAGE_H
#define HL7_MESSAGE_H

#include "hl7-charset.h"
#include "hl7-util.h"

/* One line of the source; `offset` counts from the source's first byte. */
typedef struct {
  Slice bytes;
  int64_t offset;
} Line;

typedef struct {
  char field, component, repetition, escape, sub;
} Delimiters;

typedef struct {
  char id[4];
  Slice text; /* UTF-8; a field that held raw line breaks has \n there */
  int64_t offset;
} Segment;

typedef struct {
  Unit *unit;
  Delimiters d;
  Charset charset;
  Segment *segments;
  size_t n;
  const char *code, *trigger; /* MSH-9: "ORU", "R01"; never NULL */
} Message;

/* False when this is no HL7 message; the reason is in unit->rejected. */
bool message_parse(Unit *unit, const Line *lines, size_t n_lines, Slice whole, Message *ret);

/* The first segment of that id at or after `from`, before `to`; NULL if none. */
const Segment *message_find(const Message *m, const char *id, size_t from, size_t to);
bool segment_is(const Segment *s, const char *id);

/* Raw pieces; p == NULL where there is none. */
Slice segment_field(const Message *m, const Segment *s, unsigned field);
Slice field_repetition(const Message *m, Slice field, unsigned repetition);
Slice repetition_component(const Message *m, Slice repetition, unsigned component);
Slice component_sub(const Message *m, Slice component, unsigned sub);

/* Unescaped, trimmed, on one line; "" when absent or the HL7 null ("").
 * Never NULL. */
const char *message_text(const Message *m, Slice raw);
/* First repetition, that component, its first subcomponent. */
const char *segment_value(const Message *m, const Segment *s, unsigned field, unsigned component);
/* The same over several lines, from a whole field: \.br\ and raw breaks are \n. */
void message_append_lines(const Message *m, Slice raw, Str *out);

/* A time stamp as records.xml wants it ("2024-02-29T23:10:05", "2024-02",
 * without the fraction and zone), NULL when there is none; a malformed one is
 * noted under `place`. */
const char *message_datetime(const Message *m, const char *value, const char *place);
const char *message_date(const Message *m, const char *value, const char *place);
/* A valid DICOM UID or NULL; an invalid one is noted. */
const char *message_uid(const Message *m, const char *value, const char *place);

/* The first of the strings that is not empty, else "". */
const char *first_of(const char *a, const char *b, const char *c);

#endif
