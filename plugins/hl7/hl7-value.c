/* SPDX-License-Identifier: Apache-2.0
 *
 * OBX-5: the value of an observation as text.
 */
#include <string.h>

#include "hl7-draft.h"
#include "hl7-embedded.h"

/* A tilde parts repetitions, but "measures ~ 3 mm" and " ~3 mm" mean "about". */
static bool
tilde_means_about(Slice s, size_t at)
{
  if (at == 0 || s.p[at - 1] != ' ')
    return false;
  size_t i = at + 1;
  while (i < s.n && s.p[i] == ' ')
    i++;
  const size_t digits = i;
  while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
    i++;
  const bool enumerates = i + 1 < s.n && (s.p[i] == '.' || s.p[i] == ')') && s.p[i + 1] == ' ';
  return i > digits && !enumerates;
}

void
append_text(const Message *m, Slice field, Str *out)
{
  size_t from = 0;
  for (size_t i = 0; i < field.n; i++) {
    if (field.p[i] != m->d.repetition || (m->d.repetition == '~' && tilde_means_about(field, i)))
      continue;
    message_append_lines(m, (Slice){field.p + from, i - from}, out);
    str_putc(out, '\n');
    from = i + 1;
  }
  message_append_lines(m, (Slice){field.p + from, field.n - from}, out);
}

/* What follows the n-th component separator, to the end of the field: the data
 * of an ED, which senders do not always escape. */
static Slice
after_components(const Message *m, Slice s, unsigned n)
{
  while (n--) {
    const char *next = s.n ? memchr(s.p, m->d.component, s.n) : NULL;
    if (!next)
      return (Slice){NULL, 0};
    s.n -= (size_t)(next + 1 - s.p);
    s.p = next + 1;
  }
  return s;
}

/* HL7's own subtypes (table 0291) and media types by their last part: "text/html". */
static Slice
bare_subtype(const char *subtype)
{
  const char *slash = strrchr(subtype, '/');
  const char *name = slash ? slash + 1 : subtype;
  return (Slice){name, strlen(name)};
}

/* The text of a document whose bytes these are; false when they hold none. */
static bool
append_document(const Message *m, Slice subtype, Slice bytes, Str *out)
{
  const Charset utf8 = {true, false, m->charset.table, "UTF-8"};
  Str text = {.arena = m->unit->arena};
  size_t bad = 0;
  if (marked_up_text(bytes, true, out))
    return true;
  charset_decode(&utf8, bytes, &text, &bad);
  if (text.n && cda_narrative((Slice){text.p, text.n}, out))
    return true;
  const bool plain = slice_is_nocase(subtype, "plain") || slice_is_nocase(subtype, "TX") ||
                     slice_is_nocase(subtype, "FT") || slice_is_nocase(subtype, "text") ||
                     slice_is_nocase(subtype, "markdown");
  if (plain && text.n)
    str_append(out, text.p, text.n);
  return plain;
}

/* RFC 4648 base64, or hex digits; false when it is none. */
static bool
decode_data(const char *encoding, Slice text, Str *out)
{
  const Slice e = {encoding, strlen(encoding)};
  if (slice_is_nocase(e, "base64"))
    return base64_decode(text, out);
  if (slice_is_nocase(e, "hex"))
    return hex_decode(text, out);
  if (text.n)
    str_append(out, text.p, text.n);
  return text.n > 0;
}

static void
append_encapsulated(const Message *m, const Segment *obx, Slice field, Str *out)
{
  Unit *u = m->unit;
  const Slice rep = field_repetition(m, field, 1);
  const char *type = message_text(m, repetition_component(m, rep, 2));
  const char *subtype = message_text(m, repetition_component(m, rep, 3));
  const char *encoding = message_text(m, repetition_component(m, rep, 4));
  Str raw = {.arena = u->arena}, data = {.arena = u->arena};
  message_append_lines(m, after_components(m, field, 4), &raw);
  if (!decode_data(encoding, (Slice){raw.p, raw.n}, &data)) {
    unit_note(
        u,
        "OBX (byte %lld): the encapsulated document (%.40s %.40s) is empty or no %.40s: it is "
        "kept with the message, but could not be read",
        (long long)obx->offset, type, subtype, encoding[0] ? encoding : "text");
    return;
  }
  const Slice bytes = {data.p, data.n};
  const char *dicom = dicom_name(u->arena, bytes);
  if (!dicom && append_document(m, bare_subtype(subtype), bytes, out))
    return;
  if (dicom)
    unit_note(u,
              "OBX (byte %lld) holds a %s: it is kept with the message; import it as a file to "
              "have it read",
              (long long)obx->offset, dicom);
  else
    unit_note(
        u,
        "OBX (byte %lld) holds an encapsulated document (%.40s %.40s, %.40s): it is kept with "
        "the message, but its text was not read",
        (long long)obx->offset, type, subtype, encoding);
}

bool
is_one_of(const char *s, const char *const *list, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp(s, list[i]) == 0)
      return true;
  return false;
}

/* A coded value by its words. */
static void
append_coded(const Message *m, Slice field, Str *out)
{
  for (unsigned i = 1; i <= 50; i++) {
    const Slice rep = field_repetition(m, field, i);
    if (!rep.p)
      return;
    const char *words = first_of(message_text(m, repetition_component(m, rep, 2)),
                                 message_text(m, repetition_component(m, rep, 9)),
                                 message_text(m, repetition_component(m, rep, 1)));
    if (i > 1)
      str_putc(out, '\n');
    str_puts(out, words);
  }
}

/* SN: comparator^number^separator^number. */
static void
append_number(const Message *m, const Segment *obx, Slice field, Str *out)
{
  const char *unit = first_of(segment_value(m, obx, 6, 1), segment_value(m, obx, 6, 2), "");
  const Slice rep = field_repetition(m, field, 1);
  for (unsigned i = 1; i <= 4; i++)
    str_puts(out, message_text(m, repetition_component(m, rep, i)));
  if (out->n && unit[0]) {
    str_putc(out, ' ');
    str_puts(out, unit);
  }
}

/* RTF and HTML in place of what they show; RTF that goes on in the next OBX is left
 * to whoever has it all. */
static void
show_marked_up(Str *text)
{
  Str plain = {.arena = text->arena};
  if (text->n && marked_up_text((Slice){text->p, text->n}, false, &plain)) {
    str_puts(&plain, "");
    *text = plain;
  }
}

Str
read_value(const Message *m, const Segment *obx, bool *ret_labelled)
{
  static const char *const coded[] = {"CE", "CWE", "CF", "CNE", "IS", "ID"};
  static const char *const numbers[] = {"NM", "SN", "DT", "TM", "TS", "DTM", "SI"};
  static const char *const pointers[] = {"RP", "MA", "NA"};
  const char *type = segment_value(m, obx, 2, 1);
  const Slice field = segment_field(m, obx, 5);
  Str out = {.arena = m->unit->arena};
  *ret_labelled = false;
  str_puts(&out, "");
  if (!field.n || slice_is(field, "\"\""))
    return out;
  if (strcmp(type, "ED") == 0) {
    append_encapsulated(m, obx, field, &out);
  } else if (IS_ONE_OF(type, pointers)) {
    unit_note(m->unit,
              "OBX (byte %lld) of type %s (%.60s) is kept with the message, but is no text",
              (long long)obx->offset, type, message_text(m, repetition_component(m, field, 1)));
  } else if (IS_ONE_OF(type, numbers)) {
    append_number(m, obx, field, &out);
    *ret_labelled = true;
  } else if (IS_ONE_OF(type, coded)) {
    append_coded(m, field, &out);
  } else {
    append_text(m, field, &out);
    show_marked_up(&out);
  }
  return out;
}
