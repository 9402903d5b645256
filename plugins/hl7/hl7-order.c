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
  record_visit(m, r, g->from);
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

/* RP asks to replace this order; by which one, an RO says.  Senders that mean "change
 * this order" send RP alone. */
static bool
is_replaced(const Message *m, const Group *g)
{
  if (strcmp(segment_value(m, g->orc, 1, 1), "RP") != 0)
    return false;
  for (size_t i = 0; i < m->n; i++)
    if (segment_is(&m->segments[i], "ORC") &&
        strcmp(segment_value(m, &m->segments[i], 1, 1), "RO") == 0)
      return true;
  return false;
}

void
unit_orders(const Message *m)
{
  if (!unit_patient(m, message_find(m, "PID", 0, m->n)))
    return;
  size_t at = 0, n = 0;
  Group g;
  for (; next_group(m, &at, m->n, &g); n++)
    unit_order(m, &g, is_replaced(m, &g) ? "discontinued" : NULL);
  if (!n)
    unit_reject(m->unit, "there is neither an ORC nor an OBR segment: no order is named");
}

/* S20, S21, S22: a service of the appointment is cancelled, discontinued, deleted. */
static bool
is_about_one_service(const Message *m)
{
  return strcmp(m->trigger, "S20") == 0 || strcmp(m->trigger, "S21") == 0 ||
         strcmp(m->trigger, "S22") == 0;
}

/* AIS-2 says what becomes of the service; without it the trigger does. */
static bool
is_off(const Message *m, const Segment *ais)
{
  const char *action = segment_value(m, ais, 2, 1);
  return strcmp(action, "D") == 0 || (!action[0] && is_about_one_service(m));
}

/* Whether no service is left of those that the message names. */
static bool
nothing_is_left(const Message *m)
{
  size_t left = 0, off = 0;
  for (size_t i = 0; i < m->n; i++)
    if (segment_is(&m->segments[i], "AIS"))
      *(is_off(m, &m->segments[i]) ? &off : &left) += 1;
  return off > 0 && left == 0;
}

/* The exams that the AIS segments name, joined: one visit may hold several. */
static void
read_services(const Message *m, Exam *exam)
{
  Str names = {.arena = m->unit->arena};
  for (size_t i = 0; i < m->n; i++) {
    const Segment *s = &m->segments[i];
    Exam one = {.code = "", .description = "", .modality_code = ""};
    if (!segment_is(s, "AIS") || is_off(m, s))
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

/* S23, S24, S25: slots of a calendar are blocked, opened, deleted. */
static bool
is_about_slots(const Message *m)
{
  return strcmp(m->trigger, "S23") == 0 || strcmp(m->trigger, "S24") == 0 ||
         strcmp(m->trigger, "S25") == 0;
}

/* The trigger rules where it ends the appointment, else the code or the text of SCH-25.
 * A word that nobody knows may well say that nobody came: it is named. */
static const char *
appointment_status(const Message *m, const Segment *sch)
{
  const char *status = code_ended_appointment(m->trigger);
  const char *said = "";
  for (unsigned i = 1; !status && i <= 5; i++) {
    const char *word = segment_value(m, sch, 25, i);
    said = said[0] ? said : word;
    status = i == 3 ? NULL : code_filler_status(word); /* the third names the code's system */
  }
  if (status && strcmp(status, "booked") != 0)
    return status;
  if (!status && said[0])
    unit_note(m->unit, "SCH-25 \"%.80s\" is no status that is known: the appointment stands", said);
  return strcmp(m->trigger, "S13") == 0 ? "rescheduled" : "booked";
}

static const char *
read_status(const Message *m, const Segment *sch)
{
  const char *status = appointment_status(m, sch);
  if (!nothing_is_left(m) || strcmp(status, "no-show") == 0)
    return status;
  if (strcmp(status, "cancelled") != 0)
    unit_note(m->unit, "every service (AIS) of the appointment is off: it was taken as cancelled");
  return "cancelled";
}

void
unit_appointment(const Message *m)
{
  const Segment *sch = message_find(m, "SCH", 0, m->n);
  if (is_about_slots(m) && !message_find(m, "PID", 0, m->n)) {
    unit_note(m->unit, "SIU^%s is about time slots, not about a patient: nothing to read",
              m->trigger);
    return;
  }
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
  Record *r = unit_add(m->unit, "interval.appointment/1");
  record_numbers(m, r, "number", numbers, sizeof numbers / sizeof numbers[0]);
  record_visit(m, r, m->n);
  record_str(m->unit, r, "accession",
             first_of(segment_value(m, g.obr, 3, 1), segment_value(m, g.orc, 3, 1), ""), 256);
  record_str(m->unit, r, "status", read_status(m, sch), 32);
  const char *start = read_start(m, sch);
  if (!start)
    unit_note(m->unit, "SCH-11 and AIS-4 name no time for the appointment");
  record_str(m->unit, r, "start", start, 32);
  record_str(m->unit, r, "code", exam.code, 1024);
  record_str(m->unit, r, "description", exam.description, 1024);
  record_str(m->unit, r, "modality", exam.modality, 8);
  record_str(m->unit, r, "modality-code", exam.modality_code, 256);
}
