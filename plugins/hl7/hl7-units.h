/* SPDX-License-Identifier: Apache-2.0
 *
 * hl7-units.h - what a message means: one function per family of messages.
 * Each adds records to the message's unit, notes what a person should know, or
 * rejects the message with its reason.
 */
#ifndef HL7_UNITS_H
#define HL7_UNITS_H

#include "hl7-message.h"

/* PID -> interval.patient/1; false (and rejected) when it bears no identifier. */
bool unit_patient(const Message *m, const Segment *pid);
/* ADT: the patient, and for merges, links and moves the pairs. */
void unit_adt(const Message *m);
/* ORU, segments [from, to): the reports (or, where nothing was done yet, orders). */
void unit_reports(const Message *m, size_t from, size_t to);
/* MDM. */
void unit_document(const Message *m);
/* ORM, OMI, OMG. */
void unit_orders(const Message *m);
/* SIU^S12..S26. */
void unit_appointment(const Message *m);

/* An identifier and its namespace; id is "" when the field is empty. */
typedef struct {
  const char *id, *issuer;
} PatientId;
PatientId read_patient_id(const Message *m, Slice repetition);
/* The first repetition of a field that bears an identifier. */
PatientId first_id(const Message *m, const Segment *s, unsigned field);
/* PID-3, or in feeds of before v2.3 PID-2. */
PatientId pid_id(const Message *m, const Segment *pid);
/* Adds `visit`: the PV1-19 and PID-18 that stand before segment `at`. */
void record_visit(const Message *m, Record *r, size_t at);

/* One order group: an ORC and OBR, either may be NULL, and the segments up to
 * the next group. */
typedef struct {
  const Segment *orc, *obr;
  size_t from, to; /* of what follows the OBR (or the ORC) */
} Group;
/* The group that begins at or after *at; false when there is none before `to`.
 * Moves *at behind it. */
bool next_group(const Message *m, size_t *at, size_t to, Group *ret);

/* The exam of a group. */
typedef struct {
  const char *code, *description; /* "" when not named */
  const char *modality;           /* a records.xml code or NULL */
  const char *modality_code;      /* as it stands, where it is no known one; else "" */
  const char *laterality;         /* the same */
} Exam;
Exam read_exam(const Message *m, const Group *g);
/* OBR-24, IPC-5. */
void read_modality(const Message *m, const Group *g, Exam *exam);
/* A coded element CE/CWE that names an exam (OBR-4, AIS-3, SCH-7). */
void read_exam_code(const Message *m, const Segment *s, unsigned field, Exam *exam);
/* The accession number: IPC-1, OBR-3 or ORC-3; "" if none. */
const char *read_filler_number(const Message *m, const Group *g);
/* The same, else the placer's number: a report needs one to be told by. */
const char *read_accession(const Message *m, const Group *g);
/* ZDS, IPC or OBX 113014; NULL if none. */
const char *read_study_uid(const Message *m, const Group *g);
/* "FAMILY^GIVEN^MIDDLE" of an XCN or of the CNN within an NDL; "" if none. */
const char *read_person(const Message *m, const Segment *s, unsigned field);
/* Adds `key` once per distinct number of these fields. */
typedef struct {
  const Segment *segment;
  unsigned field;
} FieldRef;
void record_numbers(const Message *m, Record *r, const char *key, const FieldRef *refs, size_t n);

/* An order from a group; status overrides when not NULL. */
void unit_order(const Message *m, const Group *g, const char *status);

/* Codes of other tables -> those of records.xml; NULL when they say nothing. */
const char *code_modality(const char *obr24);
const char *code_sex(const char *pid8);
const char *code_order_status(const char *orc1, const char *orc5, const char *obr25);
const char *code_report_status(const char *obr25);
const char *code_filler_status(const char *said);
const char *code_ended_appointment(const char *trigger);
const char *code_merge_action(const char *trigger);

/* The heading that an OBX-3 stands for, NULL when it names no section. */
const char *section_heading(const char *code, const char *name, const char *suffix);
/* Whether a text begins with that heading or a synonym of it. */
bool section_begins(const char *heading, Slice text);

#endif
