/* SPDX-License-Identifier: Apache-2.0
 *
 * ORU: the report of each exam.  Groups under one accession number are one
 * report; a group without text is a report without text, for it still says
 * that the exam was done.
 */
#include <string.h>

#include "hl7-draft.h"
#include "hl7-embedded.h"

static void
add_name(Names *names, const char *name)
{
  for (size_t i = 0; i < names->n; i++)
    if (strcmp(names->items[i], name) == 0)
      return;
  if (names->n < MAX_NAMES)
    names->items[names->n++] = name;
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
  d->unnamed |= heading == NULL;
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

void
draft_read(const Message *m, const Group *g, Draft *d)
{
  d->heading = d->label = NULL;
  for (size_t i = g->from; i < g->to; i++) {
    const Segment *s = &m->segments[i];
    if (segment_is(s, "OBX")) {
      read_obx(m, s, d);
    } else if (segment_is(s, "NTE") && segment_field(m, s, 3).n) {
      end_line(d);
      append_text(m, segment_field(m, s, 3), &d->text);
      d->unnamed |= d->heading == NULL;
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

/* Blank lines at both ends are the sender's padding.  A document in RTF may come in
 * several OBX: only all of them are one. */
static const char *
whole_text(const Message *m, const Draft *d)
{
  Str text = {.arena = m->unit->arena};
  rtf_within((Slice){d->text.p, d->text.n}, &text);
  size_t from = 0, to = text.n;
  while (to > 0 && (text.p[to - 1] == '\n' || text.p[to - 1] == ' '))
    to--;
  while (from < to && text.p[from] == '\n')
    from++;
  if (!to)
    return "";
  return arena_strndup(m->unit->arena, text.p + from, to - from);
}

bool
draft_is_addendum(const Draft *d)
{
  return !d->unnamed && d->sections.n == 1 && strcmp(d->sections.items[0], "ADDENDUM") == 0;
}

static const char *
read_performed(const Message *m, const Segment *obr)
{
  const char *when = message_datetime(m, segment_value(m, obr, 7, 1), "OBR-7");
  if (!when)
    when = message_datetime(m, segment_value(m, obr, 22, 1), "OBR-22");
  return when ? when : message_datetime(m, segment_value(m, &m->segments[0], 7, 1), "MSH-7");
}

void
draft_emit(const Message *m, const Draft *d, const Told *told)
{
  Unit *u = m->unit;
  Record *r = unit_add(u, "interval.report/1");
  record_visit(m, r, d->group.from);
  record_str(u, r, "accession", d->accession, 256);
  for (size_t i = 0; i < 3; i++)
    record_str(u, r, "document", told->documents[i], 256);
  record_str(u, r, "addendum", told->addendum ? "Y" : NULL, 1);
  record_str(u, r, "study-uid", d->study_uid, 64);
  record_str(u, r, "code", d->exam.code, 1024);
  record_str(u, r, "description", d->exam.description, 1024);
  record_str(u, r, "modality", d->exam.modality, 8);
  record_str(u, r, "modality-code", d->exam.modality_code, 256);
  record_str(u, r, "laterality", d->exam.laterality, 16);
  record_str(u, r, "performed", told->performed, 32);
  record_str(u, r, "status", told->status, 1);
  record_str(u, r, "reader", told->reader, 1024);
  record_str(u, r, "ordering", told->ordering, 1024);
  for (size_t i = 0; i < d->categories.n; i++)
    record_str(u, r, "category", d->categories.items[i], 1024);
  for (size_t i = 0; i < d->sections.n; i++)
    record_str(u, r, "section", d->sections.items[i], 1024);
  record_text(u, r, "text", whole_text(m, d), MAX_TEXT);
}

static void
emit_report(const Message *m, const Draft *d)
{
  const Segment *obr = d->group.obr;
  const char *ordering = first_of(read_person(m, obr, 16), read_person(m, d->group.orc, 12), "");
  if (!d->accession[0])
    unit_note(m->unit, "OBR-3 and ORC-3 (byte %lld) are empty: the report has no accession number",
              (long long)obr->offset);
  const Told told = {.status = report_status(m, d),
                     .performed = read_performed(m, obr),
                     .reader = first_of(read_person(m, obr, 32), d->reader, ""),
                     .ordering = ordering,
                     .addendum = draft_is_addendum(d)};
  draft_emit(m, d, &told);
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
      draft_read(m, &g, d);
    else
      unit_reject(m->unit, "more than %d exams in one message", MAX_DRAFTS);
  }
  if (!n_groups)
    unit_reject(m->unit, "there is no OBR segment: the result names no exam");
  for (size_t i = 0; i < n; i++)
    emit_report(m, &drafts[i]);
}
