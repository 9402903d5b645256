/* SPDX-License-Identifier: Apache-2.0
 *
 * ORU: the report of each exam.  Groups under one accession number are one
 * report; a group without text is a report without text, for it still says
 * that the exam was done.
 */
#include <string.h>

#include "hl7-embedded.h"
#include "hl7-units.h"

enum { MAX_TEXT = 1048576, MAX_DRAFTS = 64, MAX_NAMES = 64 };

typedef struct {
  const char *items[MAX_NAMES];
  size_t n;
} Names;

typedef struct {
  Group group; /* the first one */
  Exam exam;
  const char *accession, *study_uid;
  Str text;
  const char *heading; /* of the section being read, NULL in none */
  const char *label;   /* of the coded observation being read */
  Names sections, categories;
  const char *reader;
  bool corrected, preliminary, final; /* what OBX-11 says */
} Draft;

static void
add_name(Names *names, const char *name)
{
  for (size_t i = 0; i < names->n; i++)
    if (strcmp(names->items[i], name) == 0)
      return;
  if (names->n < MAX_NAMES)
    names->items[names->n++] = name;
}

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

static void
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

/* The text of a plain or a CDA document, base64 or not; false for others. */
static bool
append_document(const Message *m, const char *subtype, const char *encoding, Slice data, Str *out)
{
  const Slice sub = {subtype, strlen(subtype)}, enc = {encoding, strlen(encoding)};
  Str raw = {.arena = m->unit->arena}, bytes = {.arena = m->unit->arena};
  const bool base64 = slice_is_nocase(enc, "base64");
  if (slice_is_nocase(sub, "pdf") || slice_is_nocase(enc, "hex"))
    return false;
  message_append_lines(m, data, &raw);
  if (base64) {
    const Charset utf8 = {true, m->charset.table, "UTF-8"};
    size_t bad = 0;
    if (!base64_decode((Slice){raw.p, raw.n}, &bytes))
      return false;
    raw = (Str){.arena = m->unit->arena};
    charset_decode(&utf8, (Slice){bytes.p, bytes.n}, &raw, &bad);
  }
  if (raw.n && cda_narrative((Slice){raw.p, raw.n}, out))
    return true;
  const bool plain = slice_is_nocase(sub, "plain") || slice_is_nocase(sub, "text/plain") ||
                     slice_is_nocase(sub, "TX") || slice_is_nocase(sub, "FT");
  if (plain && raw.n)
    str_append(out, raw.p, raw.n);
  return plain;
}

static void
append_encapsulated(const Message *m, const Segment *obx, Slice field, Str *out)
{
  const Slice rep = field_repetition(m, field, 1);
  const char *type = message_text(m, repetition_component(m, rep, 2));
  const char *subtype = message_text(m, repetition_component(m, rep, 3));
  const char *encoding = message_text(m, repetition_component(m, rep, 4));
  if (append_document(m, subtype, encoding, after_components(m, field, 4), out))
    return;
  unit_note(m->unit,
            "OBX (byte %lld) holds an encapsulated document (%.40s %.40s, %.40s): it is kept with "
            "the message, but its text was not read",
            (long long)obx->offset, type, subtype, encoding);
}

static bool
is_one_of(const char *s, const char *const *list, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp(s, list[i]) == 0)
      return true;
  return false;
}
#define IS_ONE_OF(s, list) is_one_of((s), (list), sizeof(list) / sizeof((list)[0]))

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

/* The value of one OBX as text; *ret_labelled: it needs its name before it. */
static Str
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
    unit_note(m->unit, "OBX (byte %lld) of type %s is kept with the message, but is no text",
              (long long)obx->offset, type);
  } else if (IS_ONE_OF(type, numbers)) {
    append_number(m, obx, field, &out);
    *ret_labelled = true;
  } else if (IS_ONE_OF(type, coded)) {
    append_coded(m, field, &out);
  } else {
    append_text(m, field, &out);
  }
  return out;
}

static void
end_line(Draft *d)
{
  if (d->text.n && d->text.p[d->text.n - 1] != '\n')
    str_putc(&d->text, '\n');
}

/* The name of an observation that is no section, where a coding system gives
 * it: "Liver Mass".  NULL for what only says "report". */
static const char *
observation_label(const Message *m, const Segment *obx, const Draft *d, bool always)
{
  static const char *const systems[] = {"LN", "SCT", "SNM", "DCM", "RadLex", "RADLEX", "SRT"};
  static const char *const generic[] = {"18748-4", "18726-0", "68604-8", "11502-2", "11525-3"};
  const char *code = segment_value(m, obx, 3, 1), *name = segment_value(m, obx, 3, 2);
  if (!name[0] || (always ? false : !IS_ONE_OF(segment_value(m, obx, 3, 3), systems)))
    return NULL;
  if (IS_ONE_OF(code, generic) || strcmp(name, d->exam.description) == 0)
    return NULL;
  return name;
}

static void
begin_section(Draft *d, const char *heading, Slice text)
{
  d->heading = heading;
  if (!heading)
    return;
  add_name(&d->sections, heading);
  if (section_begins(heading, text))
    return;
  end_line(d);
  str_puts(&d->text, heading);
  str_puts(&d->text, ":\n");
}

static void
add_observation(const Message *m, const Segment *obx, Draft *d)
{
  const Slice code3 = repetition_component(m, field_repetition(m, segment_field(m, obx, 3), 1), 1);
  const char *heading = section_heading(segment_value(m, obx, 3, 1), segment_value(m, obx, 3, 2),
                                        message_text(m, component_sub(m, code3, 2)));
  bool labelled = false;
  const Str value = read_value(m, obx, &labelled);
  const Slice text = {value.p, value.n};
  const Slice field = segment_field(m, obx, 5);
  if (!slice_trim(text).n) {
    if (!field.n && d->text.n)
      str_putc(&d->text, '\n'); /* an empty OBX is an empty line */
    return;
  }
  if (heading != d->heading)
    begin_section(d, heading, text);
  end_line(d);
  const char *label = heading ? NULL : observation_label(m, obx, d, labelled);
  if (label && (labelled || !d->label || strcmp(label, d->label) != 0)) {
    str_puts(&d->text, label);
    str_puts(&d->text, ": ");
  }
  d->label = label;
  str_append(&d->text, text.p, text.n);
  str_putc(&d->text, '\n');
}

/* OBX-15 says how actionable a finding is, where it bears a RadLex id. */
static void
add_categories(const Message *m, const Segment *obx, Draft *d)
{
  const Slice all = segment_field(m, obx, 15);
  for (unsigned i = 1; i <= 8; i++) {
    const Slice rep = field_repetition(m, all, i);
    if (!rep.p)
      return;
    const char *code = message_text(m, repetition_component(m, rep, 1));
    if (slice_starts_nocase((Slice){code, strlen(code)}, "RID"))
      add_name(&d->categories, code);
  }
}

static bool
is_identifier(const Message *m, const Segment *obx)
{
  static const char *const codes[] = {"113014", "113015", "110180", "112002"};
  const char *name = segment_value(m, obx, 3, 2);
  const size_t n = strlen(name);
  return IS_ONE_OF(segment_value(m, obx, 3, 1), codes) ||
         (n >= 12 && slice_is_nocase((Slice){name + n - 12, 12}, "instance UID"));
}

static void
read_obx(const Message *m, const Segment *obx, Draft *d)
{
  const char *status = segment_value(m, obx, 11, 1);
  if (strcmp(status, "D") == 0 || strcmp(status, "W") == 0) {
    unit_note(m->unit, "OBX (byte %lld) is marked as deleted or wrong and was left out",
              (long long)obx->offset);
    return;
  }
  if (is_identifier(m, obx))
    return;
  d->corrected |= strcmp(status, "C") == 0;
  d->preliminary |= strcmp(status, "P") == 0 || strcmp(status, "R") == 0;
  d->final |= strcmp(status, "F") == 0;
  if (!d->reader[0])
    d->reader = read_person(m, obx, 16);
  add_categories(m, obx, d);
  add_observation(m, obx, d);
}

static void
read_group(const Message *m, const Group *g, Draft *d)
{
  d->heading = d->label = NULL;
  for (size_t i = g->from; i < g->to; i++) {
    const Segment *s = &m->segments[i];
    if (segment_is(s, "OBX")) {
      read_obx(m, s, d);
    } else if (segment_is(s, "NTE") && segment_field(m, s, 3).n) {
      end_line(d);
      append_text(m, segment_field(m, s, 3), &d->text);
      str_putc(&d->text, '\n');
    }
  }
  const char *uid = read_study_uid(m, g);
  if (!d->study_uid)
    d->study_uid = uid;
}

static const char *
report_status(const Message *m, const Draft *d)
{
  const char *obr25 = segment_value(m, d->group.obr, 25, 1);
  const char *status = code_report_status(obr25);
  if (status)
    return status;
  status = d->corrected ? "C" : d->preliminary ? "P" : "F";
  if (obr25[0] || !(d->corrected || d->preliminary || d->final))
    unit_note(m->unit, "OBR-25 (byte %lld) is \"%.20s\": the report was taken as %s",
              (long long)d->group.obr->offset, obr25, status);
  return status;
}

/* Blank lines at both ends are the sender's padding. */
static const char *
trimmed_text(const Message *m, const Draft *d)
{
  size_t from = 0, to = d->text.n;
  while (to > 0 && (d->text.p[to - 1] == '\n' || d->text.p[to - 1] == ' '))
    to--;
  while (from < to && d->text.p[from] == '\n')
    from++;
  if (!to)
    return "";
  return arena_strndup(m->unit->arena, d->text.p + from, to - from);
}

static const char *
read_performed(const Message *m, const Segment *obr)
{
  const char *when = message_datetime(m, segment_value(m, obr, 7, 1), "OBR-7");
  if (!when)
    when = message_datetime(m, segment_value(m, obr, 22, 1), "OBR-22");
  return when ? when : message_datetime(m, segment_value(m, &m->segments[0], 7, 1), "MSH-7");
}

static void
emit_report(const Message *m, Draft *d)
{
  Unit *u = m->unit;
  const Segment *obr = d->group.obr;
  const char *reader = read_person(m, obr, 32);
  Record *r = unit_add(u, "interval.report/1");
  record_str(u, r, "accession", d->accession, 256);
  if (!d->accession[0])
    unit_note(u, "OBR-3 and ORC-3 (byte %lld) are empty: the report has no accession number",
              (long long)obr->offset);
  record_str(u, r, "study-uid", d->study_uid, 64);
  record_str(u, r, "code", d->exam.code, 1024);
  record_str(u, r, "description", d->exam.description, 1024);
  record_str(u, r, "modality", d->exam.modality, 8);
  record_str(u, r, "laterality", d->exam.laterality, 16);
  record_str(u, r, "performed", read_performed(m, obr), 32);
  record_str(u, r, "status", report_status(m, d), 1);
  record_str(u, r, "reader", first_of(reader, d->reader, ""), 1024);
  const char *ordering = first_of(read_person(m, obr, 16), read_person(m, d->group.orc, 12), "");
  record_str(u, r, "ordering", ordering, 1024);
  for (size_t i = 0; i < d->categories.n; i++)
    record_str(u, r, "category", d->categories.items[i], 1024);
  for (size_t i = 0; i < d->sections.n; i++)
    record_str(u, r, "section", d->sections.items[i], 1024);
  record_text(u, r, "text", trimmed_text(m, d), MAX_TEXT);
}

/* The draft of the same accession number, or a new one; NULL when full. */
static Draft *
draft_for(const Message *m, const Group *g, Draft *drafts, size_t *n)
{
  const char *accession = read_accession(m, g);
  const Exam exam = read_exam(m, g);
  for (size_t i = 0; i < *n; i++) {
    Draft *d = &drafts[i];
    if (!accession[0] || strcmp(d->accession, accession) != 0)
      continue;
    if (!d->exam.description[0])
      d->exam = exam;
    else if (!strstr(d->exam.description, exam.description))
      d->exam.description =
          arena_printf(m->unit->arena, "%s + %s", d->exam.description, exam.description);
    return d;
  }
  if (*n == MAX_DRAFTS)
    return NULL;
  drafts[*n] = (Draft){.group = *g, .exam = exam, .accession = accession, .reader = ""};
  drafts[*n].text.arena = m->unit->arena;
  return &drafts[(*n)++];
}

/* Ordered, scheduled or begun, but nothing read yet. */
static bool
is_order_still(const Message *m, const Group *g)
{
  static const char *const statuses[] = {"O", "I", "S"};
  return IS_ONE_OF(segment_value(m, g->obr, 25, 1), statuses);
}

void
unit_reports(const Message *m, size_t from, size_t to)
{
  size_t n = 0, at = from, n_groups = 0, n_exams = 0;
  for (size_t i = from; i < to && n_exams < MAX_DRAFTS; i++)
    n_exams += segment_is(&m->segments[i], "OBR");
  Draft *drafts = arena_alloc(m->unit->arena, n_exams * sizeof *drafts);
  Group g;
  for (; next_group(m, &at, to, &g); n_groups += g.obr != NULL) {
    if (!g.obr)
      continue;
    if (is_order_still(m, &g)) {
      unit_order(m, &g, NULL);
      continue;
    }
    Draft *d = draft_for(m, &g, drafts, &n);
    if (d)
      read_group(m, &g, d);
    else
      unit_reject(m->unit, "more than %d exams in one message", MAX_DRAFTS);
  }
  if (!n_groups)
    unit_reject(m->unit, "there is no OBR segment: the result names no exam");
  for (size_t i = 0; i < n; i++)
    emit_report(m, &drafts[i]);
}
