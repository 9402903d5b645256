/* SPDX-License-Identifier: Apache-2.0
 *
 * Orders (ORM^O01, OMI^O23, OMG^O19) and appointments (SIU^S12..S26).
 */
#include <string.h>

#include "hl7-units.h"

/* OBR-36, else the start of the order's timing: ORC-7, OBR-27, TQ1-7. */
static const char *
read_scheduled(const Message *m, const Group *g)
{
  const char *timing = first_of(segment_value(m, g->orc, 7, 4), segment_value(m, g->obr, 27, 4),
                                segment_value(m, message_find(m, "TQ1", g->from, g->to), 7, 1));
  return message_datetime(m, first_of(segment_value(m, g->obr, 36, 1), timing, ""),
                          "the scheduled time");
}

void
unit_order(const Message *m, const Group *g, const char *status)
{
  const FieldRef numbers[] = {{g->orc, 2}, {g->orc, 3}, {g->obr, 2}, {g->obr, 3}};
  const Exam exam = read_exam(m, g);
  const char *control = segment_value(m, g->orc, 1, 1);
  Record *r = unit_add(m->unit, "interval.order/1");
  record_str(m->unit, r, "accession", read_filler_number(m, g), 256);
  record_numbers(m, r, "order-number", numbers, sizeof numbers / sizeof numbers[0]);
  if (!status)
    status =
        code_order_status(control, segment_value(m, g->orc, 5, 1), segment_value(m, g->obr, 25, 1));
  record_str(m->unit, r, "status", status, 32);
  record_str(m->unit, r, "code", exam.code, 1024);
  record_str(m->unit, r, "description", exam.description, 1024);
  record_str(m->unit, r, "modality", exam.modality, 8);
  record_str(m->unit, r, "modality-code", exam.modality_code, 256);
  const char *requested =
      first_of(segment_value(m, g->orc, 9, 1), segment_value(m, g->obr, 6, 1), "");
  record_str(m->unit, r, "requested", message_datetime(m, requested, "ORC-9"), 32);
  record_str(m->unit, r, "scheduled", read_scheduled(m, g), 32);
  record_str(m->unit, r, "study-uid", read_study_uid(m, g), 64);
}

void
unit_orders(const Message *m)
{
  if (!unit_patient(m, message_find(m, "PID", 0, m->n)))
    return;
  size_t at = 0, n = 0;
  Group g;
  for (; next_group(m, &at, m->n, &g); n++)
    unit_order(m, &g, NULL);
  if (!n)
    unit_reject(m->unit, "there is neither an ORC nor an OBR segment: no order is named");
}

/* The exams that the AIS segments name, joined: one visit may hold several. */
static void
read_services(const Message *m, Exam *exam)
{
  Str names = {.arena = m->unit->arena};
  for (size_t i = 0; i < m->n; i++) {
    const Segment *s = &m->segments[i];
    Exam one = {.code = "", .description = "", .modality_code = ""};
    if (!segment_is(s, "AIS") || strcmp(segment_value(m, s, 2, 1), "D") == 0)
      continue;
    read_exam_code(m, s, 3, &one);
    if (!one.description[0] || (names.n && strstr(names.p, one.description)))
      continue;
    if (!names.n)
      exam->code = one.code;
    if (names.n)
      str_puts(&names, " + ");
    str_puts(&names, one.description);
  }
  if (names.n)
    exam->description = names.p;
}

/* AIS-3, SCH-7 or OBR-4; nothing when none of them names one. */
static Exam
read_appointment_exam(const Message *m, const Segment *sch, const Group *g)
{
  Exam exam = {.code = "", .description = "", .modality_code = ""};
  read_services(m, &exam);
  if (!exam.description[0])
    read_exam_code(m, sch, 7, &exam);
  if (!exam.description[0])
    read_exam_code(m, g->obr, 4, &exam);
  read_modality(m, g, &exam);
  return exam;
}

static const char *
read_start(const Message *m, const Segment *sch)
{
  const char *start = message_datetime(m, segment_value(m, sch, 11, 4), "SCH-11");
  static const struct {
    const char *id;
    unsigned field;
  } others[] = {{"TQ1", 7}, {"AIS", 4}, {"AIG", 8}, {"AIL", 6}, {"AIP", 6}};
  for (size_t i = 0; !start && i < sizeof others / sizeof others[0]; i++) {
    const Segment *s = message_find(m, others[i].id, 0, m->n);
    start = message_datetime(m, segment_value(m, s, others[i].field, 1), others[i].id);
  }
  return start;
}

void
unit_appointment(const Message *m)
{
  const Segment *sch = message_find(m, "SCH", 0, m->n);
  if (!unit_patient(m, message_find(m, "PID", 0, m->n)))
    return;
  if (!sch && !message_find(m, "AIS", 0, m->n)) {
    unit_reject(m->unit, "there is neither an SCH nor an AIS segment: nothing is scheduled");
    return;
  }
  if (!sch)
    unit_note(m->unit, "there is no SCH segment: the appointment has no number");
  size_t at = 0;
  Group g = {0};
  next_group(m, &at, m->n, &g);
  const FieldRef numbers[] = {{sch, 1},   {sch, 2},   {sch, 26},  {sch, 27},
                              {g.orc, 2}, {g.orc, 3}, {g.obr, 2}, {g.obr, 3}};
  const Exam exam = read_appointment_exam(m, sch, &g);
  const char *said = first_of(segment_value(m, sch, 25, 1), segment_value(m, sch, 25, 2), "");
  Record *r = unit_add(m->unit, "interval.appointment/1");
  record_numbers(m, r, "number", numbers, sizeof numbers / sizeof numbers[0]);
  record_str(m->unit, r, "accession",
             first_of(segment_value(m, g.obr, 3, 1), segment_value(m, g.orc, 3, 1), ""), 256);
  record_str(m->unit, r, "status", code_appointment_status(m->trigger, said), 32);
  const char *start = read_start(m, sch);
  if (!start)
    unit_note(m->unit, "SCH-11 and AIS-4 name no time for the appointment");
  record_str(m->unit, r, "start", start, 32);
  record_str(m->unit, r, "code", exam.code, 1024);
  record_str(m->unit, r, "description", exam.description, 1024);
  record_str(m->unit, r, "modality", exam.modality, 8);
  record_str(m->unit, r, "modality-code", exam.modality_code, 256);
}
