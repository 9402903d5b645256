/* SPDX-License-Identifier: Apache-2.0
 *
 * PID: who.
 */
#include <string.h>

#include "hl7-units.h"

PatientId
read_patient_id(const Message *m, Slice rep)
{
  const Slice authority = repetition_component(m, rep, 4);
  const char *name = message_text(m, component_sub(m, authority, 1));
  return (PatientId){
      message_text(m, component_sub(m, repetition_component(m, rep, 1), 1)),
      name[0] ? name : message_text(m, component_sub(m, authority, 2)),
  };
}

PatientId
first_id(const Message *m, const Segment *s, unsigned field)
{
  const Slice all = segment_field(m, s, field);
  for (unsigned i = 1;; i++) {
    const Slice rep = field_repetition(m, all, i);
    if (!rep.p)
      return (PatientId){"", ""};
    const PatientId id = read_patient_id(m, rep);
    if (id.id[0])
      return id;
  }
}

PatientId
pid_id(const Message *m, const Segment *pid)
{
  PatientId id = first_id(m, pid, 3);
  if (id.id[0])
    return id;
  id = first_id(m, pid, 2);
  if (id.id[0])
    unit_note(m->unit, "PID-3 is empty: the identifier is from PID-2");
  return id;
}

/* XPN family^given^middle^suffix^prefix in the order of a DICOM PN, without
 * the empty ones at the end. */
static const char *
read_name(const Message *m, Slice rep)
{
  static const unsigned order[] = {1, 2, 3, 5, 4};
  Str name = {.arena = m->unit->arena};
  size_t keep = 0;
  str_puts(&name, "");
  for (size_t i = 0; i < 5; i++) {
    const Slice c = repetition_component(m, rep, order[i]);
    const char *text = message_text(m, component_sub(m, c, 1));
    if (i)
      str_putc(&name, '^');
    str_puts(&name, text);
    if (text[0])
      keep = name.n;
  }
  return arena_strndup(m->unit->arena, name.p, keep);
}

/* One `key` per repetition from `first` on, five at most. */
static void
add_names(const Message *m, Record *r, const char *key, const Segment *s, unsigned field,
          unsigned first)
{
  const Slice all = segment_field(m, s, field);
  for (unsigned i = first; i < first + 5; i++) {
    const Slice rep = field_repetition(m, all, i);
    if (!rep.p)
      return;
    record_str(m->unit, r, key, read_name(m, rep), 512);
  }
}

static const char *
read_address(const Message *m, const Segment *pid)
{
  Str out = {.arena = m->unit->arena};
  const Slice rep = field_repetition(m, segment_field(m, pid, 11), 1);
  str_puts(&out, "");
  for (unsigned i = 1; i <= 6; i++) {
    const Slice c = repetition_component(m, rep, i);
    const char *text = message_text(m, component_sub(m, c, 1));
    if (text[0] && out.n)
      str_puts(&out, ", ");
    str_puts(&out, text);
  }
  return out.p;
}

/* XTN: the number as one text, put together from country, area and local, or
 * the unformatted one of v2.7. */
static const char *
read_phone(const Message *m, Slice rep)
{
  const char *number = message_text(m, repetition_component(m, rep, 1));
  Str parts = {.arena = m->unit->arena};
  str_puts(&parts, "");
  for (unsigned c = 5; c <= 7; c++) {
    const char *part = message_text(m, repetition_component(m, rep, c));
    if (part[0] && parts.n)
      str_putc(&parts, ' ');
    str_puts(&parts, part);
  }
  return first_of(number, parts.p, message_text(m, repetition_component(m, rep, 12)));
}

static void
add_phones(const Message *m, Record *r, const Segment *pid, unsigned field)
{
  const Slice all = segment_field(m, pid, field);
  for (unsigned i = 1; i <= 8; i++) {
    const Slice rep = field_repetition(m, all, i);
    if (!rep.p)
      return;
    record_str(m->unit, r, "phone", read_phone(m, rep), 1024);
  }
}

static void
add_number(const Message *m, Record *r, const char *key, const char *type, const char *number)
{
  Str text = {.arena = m->unit->arena};
  if (!number[0] || strcmp(number, "\"\"") == 0)
    return;
  str_puts(&text, type);
  str_putc(&text, ':');
  str_puts(&text, number);
  record_str(m->unit, r, key, text.p, 256);
}

/* Types of identifier (HL7 table 0203) that are no hospital's number. */
static const char *
number_key(const char *type)
{
  static const char *const insurance[] = {"MA", "MC", "MCD", "MCR", "HC", "MB", "JHN", "SN"};
  if (strcmp(type, "SS") == 0 || strcmp(type, "NI") == 0 || strcmp(type, "PPN") == 0 ||
      (strlen(type) == 5 && strncmp(type, "NN", 2) == 0))
    return "national-id";
  for (size_t i = 0; i < sizeof insurance / sizeof *insurance; i++)
    if (strcmp(type, insurance[i]) == 0)
      return "insurance-id";
  return NULL;
}

static void
add_numbers(const Message *m, Record *r, const Segment *pid)
{
  const Slice all = segment_field(m, pid, 3);
  for (unsigned i = 1; i <= 16; i++) {
    const Slice rep = field_repetition(m, all, i);
    if (!rep.p)
      break;
    const char *type = message_text(m, component_sub(m, repetition_component(m, rep, 5), 1));
    if (number_key(type))
      add_number(m, r, number_key(type), strcmp(type, "SS") == 0 ? "SSN" : type,
                 read_patient_id(m, rep).id);
  }
  add_number(m, r, "national-id", "SSN", segment_value(m, pid, 19, 1));
}

/* What helps to tell whether two numbers are one person: PID-6, 9, 24, 25, NK1-2. */
static void
add_kin(const Message *m, Record *r, const Segment *pid)
{
  const Slice mother = repetition_component(m, field_repetition(m, segment_field(m, pid, 6), 1), 1);
  const char *multiple = segment_value(m, pid, 24, 1), *order = segment_value(m, pid, 25, 1);
  add_names(m, r, "alias", pid, 5, 2);
  add_names(m, r, "alias", pid, 9, 1);
  record_str(m->unit, r, "mother", message_text(m, component_sub(m, mother, 1)), 512);
  for (size_t i = (size_t)(pid - m->segments) + 1; i < m->n; i++) {
    const Segment *s = &m->segments[i];
    if (segment_is(s, "NK1"))
      add_names(m, r, "contact", s, 2, 1);
    else if (segment_is(s, "PID"))
      break;
  }
  /* An order of 1 is given to single births, too, unless PID-24 says otherwise. */
  if (multiple[0] == 'Y')
    record_i64(m->unit, r, "birth-order",
               strlen(order) == 1 && order[0] > '0' && order[0] <= '9' ? order[0] - '0' : 0, NULL);
}

/* PID-29/30.  A null ("") in PID-30 takes an earlier death back. */
static void
add_death(const Message *m, Record *r, const Segment *pid)
{
  const char *date = message_datetime(m, segment_value(m, pid, 29, 1), "PID-29");
  const char *flag = segment_value(m, pid, 30, 1);
  const bool null = slice_is(slice_trim(segment_field(m, pid, 30)), "\"\"");
  const bool yes = strchr("YyTt1", flag[0]) && flag[0];
  const bool no = null || (strchr("NnFf0", flag[0]) && flag[0]);
  if (flag[0] && !yes && !no)
    unit_note(m->unit, "PID-30: \"%.20s\" is neither Y nor N and was left out", flag);
  if (no && date)
    unit_note(m->unit, "PID-30 says that the patient lives, PID-29 names a day of death: left out");
  if (yes || (date && !no))
    record_str(m->unit, r, "death", "Y", 1);
  else if (no)
    record_str(m->unit, r, "death", "N", 1);
  if (!no)
    record_str(m->unit, r, "death-date", date, 32);
}

bool
unit_patient(const Message *m, const Segment *pid)
{
  if (!pid) {
    unit_reject(m->unit, "there is no PID segment: the message names no patient");
    return false;
  }
  const PatientId id = pid_id(m, pid);
  if (!id.id[0]) {
    unit_reject(m->unit, "PID-3 (byte %lld) is empty: the message names no patient",
                (long long)pid->offset);
    return false;
  }
  if (strlen(id.id) > 256 || strlen(id.issuer) > 256) {
    unit_reject(m->unit, "PID-3 (byte %lld): the identifier is longer than 256 bytes",
                (long long)pid->offset);
    return false;
  }
  Record *r = unit_add(m->unit, "interval.patient/1");
  record_str(m->unit, r, "id", id.id, 256);
  record_str(m->unit, r, "issuer", id.issuer, 256);
  record_str(m->unit, r, "name", read_name(m, field_repetition(m, segment_field(m, pid, 5), 1)),
             512);
  record_str(m->unit, r, "birth-date", message_date(m, segment_value(m, pid, 7, 1), "PID-7"), 32);
  const char *sex = segment_value(m, pid, 8, 1);
  if (sex[0] && !code_sex(sex))
    unit_note(m->unit, "PID-8: \"%.20s\" is no known sex and was left out", sex);
  record_str(m->unit, r, "sex", code_sex(sex), 1);
  add_death(m, r, pid);
  record_str(m->unit, r, "address", read_address(m, pid), 1024);
  add_phones(m, r, pid, 13);
  add_phones(m, r, pid, 14);
  add_numbers(m, r, pid);
  add_kin(m, r, pid);
  return true;
}
