/* SPDX-License-Identifier: Apache-2.0
 *
 * ORC and OBR: which exam, under which numbers, by whom.
 */
#include <string.h>

#include "hl7-units.h"
#include "side-terms.h"

bool
next_group(const Message *m, size_t *at, size_t to, Group *ret)
{
  size_t i = *at;
  while (i < to && !segment_is(&m->segments[i], "ORC") && !segment_is(&m->segments[i], "OBR"))
    i++;
  if (i >= to)
    return false;
  Group g = {.from = i + 1};
  if (segment_is(&m->segments[i], "OBR"))
    g.obr = &m->segments[i];
  else
    g.orc = &m->segments[i];
  for (i++; i < to; i++) {
    const bool obr = segment_is(&m->segments[i], "OBR");
    if (segment_is(&m->segments[i], "ORC") || (obr && g.obr))
      break;
    if (obr)
      g.obr = &m->segments[i];
  }
  g.to = *at = i;
  *ret = g;
  return true;
}

/* A RadLex Playbook code: it says what was examined where a local code needs a
 * site's table. */
static bool
is_playbook_code(const char *code)
{
  return slice_starts_nocase((Slice){code, strlen(code)}, "RPID") && code[4] >= '0' &&
         code[4] <= '9';
}

void
read_exam_code(const Message *m, const Segment *s, unsigned field, Exam *exam)
{
  const char *code = segment_value(m, s, field, 1);
  const char *text = first_of(segment_value(m, s, field, 2), segment_value(m, s, field, 5),
                              segment_value(m, s, field, 9));
  const char *alternate = segment_value(m, s, field, 4);
  if (!code[0] && !text[0] && !is_playbook_code(alternate))
    return;
  if (is_playbook_code(alternate))
    code = alternate;
  else if (exam->code && is_playbook_code(exam->code))
    code = exam->code;
  exam->code = code;
  exam->description = first_of(text, code, "");
}

/* CPT modifiers LT, RT and 50 in OBR-45. */
static const char *
read_laterality(const Message *m, const Segment *obr)
{
  const Slice all = segment_field(m, obr, 45);
  for (unsigned i = 1; i <= 8; i++) {
    const Slice rep = field_repetition(m, all, i);
    if (!rep.p)
      return NULL;
    const char *code = message_text(m, repetition_component(m, rep, 1));
    const char *side = strcmp(code, "50") == 0 ? "bilateral" : terms_side(code);
    if (side)
      return side;
  }
  return NULL;
}

void
read_modality(const Message *m, const Group *g, Exam *exam)
{
  const char *obr24 = segment_value(m, g->obr, 24, 1);
  const char *ipc5 = segment_value(m, message_find(m, "IPC", g->from, g->to), 5, 1);
  exam->modality = code_modality(obr24);
  if (!exam->modality)
    exam->modality = code_modality(ipc5);
  if (!exam->modality)
    exam->modality_code = first_of(obr24, ipc5, "");
}

Exam
read_exam(const Message *m, const Group *g)
{
  Exam exam = {.code = "", .description = "", .modality_code = ""};
  read_exam_code(m, g->obr, 44, &exam);
  read_exam_code(m, g->obr, 4, &exam);
  read_modality(m, g, &exam);
  exam.laterality = read_laterality(m, g->obr);
  return exam;
}

const char *
read_filler_number(const Message *m, const Group *g)
{
  const char *ipc = segment_value(m, message_find(m, "IPC", g->from, g->to), 1, 1);
  return first_of(ipc, segment_value(m, g->obr, 3, 1), segment_value(m, g->orc, 3, 1));
}

const char *
read_accession(const Message *m, const Group *g)
{
  return first_of(read_filler_number(m, g), segment_value(m, g->obr, 2, 1),
                  segment_value(m, g->orc, 2, 1));
}

static bool
contains_nocase(const char *text, const char *word)
{
  for (; *text; text++)
    if (slice_starts_nocase((Slice){text, strlen(text)}, word))
      return true;
  return false;
}

const char *
read_study_uid(const Message *m, const Group *g)
{
  const char *found = NULL;
  for (size_t i = g->from; i < g->to; i++) {
    const Segment *s = &m->segments[i];
    const char *value = "", *place = s->id;
    if (segment_is(s, "ZDS"))
      value = segment_value(m, s, 1, 1);
    else if (segment_is(s, "IPC"))
      value = segment_value(m, s, 3, 1);
    else if (segment_is(s, "OBX") &&
             (strcmp(segment_value(m, s, 3, 1), "113014") == 0 ||
              contains_nocase(segment_value(m, s, 3, 2), "study instance uid")))
      value = segment_value(m, s, 5, 1);
    const char *uid = message_uid(m, value, place);
    if (uid && found && strcmp(uid, found) != 0)
      unit_note(m->unit, "a second Study Instance UID, %s, was left out", uid);
    found = found ? found : uid;
  }
  return found;
}

/* XCN: id^family^given^middle; NDL: the same as subcomponents of the first
 * component.  Without a name the id is all there is. */
const char *
read_person(const Message *m, const Segment *s, unsigned field)
{
  const Slice rep = field_repetition(m, segment_field(m, s, field), 1);
  const Slice whole = repetition_component(m, rep, 1);
  const bool as_subs = component_sub(m, whole, 2).p && !repetition_component(m, rep, 2).n;
  Str name = {.arena = m->unit->arena};
  size_t keep = 0;
  str_puts(&name, "");
  for (unsigned i = 2; i <= 4; i++) {
    const Slice part =
        as_subs ? component_sub(m, whole, i) : component_sub(m, repetition_component(m, rep, i), 1);
    const char *text = message_text(m, part);
    if (i > 2)
      str_putc(&name, '^');
    str_puts(&name, text);
    if (text[0])
      keep = name.n;
  }
  if (keep)
    return arena_strndup(m->unit->arena, name.p, keep);
  return message_text(m, component_sub(m, whole, 1));
}

/* The nearest segment of that id before `at`, else the first one. */
static const Segment *
segment_before(const Message *m, const char *id, size_t at)
{
  for (size_t i = at; i-- > 0;)
    if (segment_is(&m->segments[i], id))
      return &m->segments[i];
  return message_find(m, id, 0, m->n);
}

void
record_visit(const Message *m, Record *r, size_t at)
{
  const FieldRef numbers[] = {{segment_before(m, "PV1", at), 19},
                              {segment_before(m, "PID", at), 18}};
  record_numbers(m, r, "visit", numbers, sizeof numbers / sizeof numbers[0]);
}

void
record_numbers(const Message *m, Record *r, const char *key, const FieldRef *refs, size_t n)
{
  const char *seen[16];
  size_t n_seen = 0;
  for (size_t i = 0; i < n && n_seen < 16; i++) {
    const char *number = segment_value(m, refs[i].segment, refs[i].field, 1);
    bool known = !number[0];
    for (size_t k = 0; k < n_seen; k++)
      known |= strcmp(seen[k], number) == 0;
    if (known)
      continue;
    seen[n_seen++] = number;
    record_str(m->unit, r, key, number, 256);
  }
}
