/* SPDX-License-Identifier: Apache-2.0
 *
 * fhir-units.h - what a resource means: one function per type.  Each adds records
 * to the resource's unit, notes what a person should know, or rejects it.
 */
#ifndef FHIR_UNITS_H
#define FHIR_UNITS_H

#include "fhir-bundle.h"
#include "fhir-values.h"

void unit_patient(const Resource *r);
void unit_study(const Resource *r);       /* ImagingStudy */
void unit_report(const Resource *r);      /* DiagnosticReport */
void unit_composition(const Resource *r); /* Composition */
void unit_procedure(const Resource *r);   /* Procedure */
void unit_observation(const Resource *r); /* Observation */
void unit_order(const Resource *r);       /* ServiceRequest */
void unit_task(const Resource *r);        /* Task */
void unit_appointment(const Resource *r); /* Appointment */

/* ---- who ---- */

/* Adds the interval.patient/1 that a Reference points to, without what is only
 * known later (a death); FALSE (and rejected) when it names no patient. */
gboolean unit_subject(const Resource *r, Json *reference);
/* `subject`, or `patient` as earlier releases name it. */
Json *subject_of(Json *resource);
/* FAMILY^GIVEN of the Practitioner (or PractitionerRole, Organization) behind a
 * Reference, else its display.  Owned; NULL if none. */
char *person_name(const Resource *r, Json *reference);

/* The resource takes back what it said earlier of a study or an image. */
void record_withdrawal(const Resource *r, const char *study_uid, const char *sop_uid);

/* ---- which exam ---- */

/* What identifies the exam of a report or order beside itself. */
typedef struct {
  char *study_uid, *accession, *performed, *description;
  const char *modality, *laterality;
} Exam;
void exam_clear(Exam *exam);
/* Of a resolved ImagingStudy. */
void exam_read_study(Exam *exam, Json *study);
/* Study UID of a Reference to an ImagingStudy, resolved or logical.  Owned. */
char *referred_study_uid(const Resource *r, Json *reference);
/* The accession number among identifiers: type ACSN, else FILL.  Borrowed. */
const char *accession_of(Json *identifiers);
/* Adds `key` for each distinct number: identifiers, then TYPE/id of the resource. */
void record_numbers(const Resource *r, Record *record, const char *key, Json *json);
/* The same for a Reference to a ServiceRequest. */
void record_referred_numbers(const Resource *r, Record *record, const char *key, Json *reference);

/* For want of a number, the id: a UUID by itself, else Type/id.  Owned. */
char *own_number(const Resource *r);
/* Of a DiagnosticReport or Composition; NULL when its status says nothing. */
const char *report_status(const Resource *r);

/* known: the first of these times that is there, then meta.lastUpdated, then the
 * Bundle's. */
void unit_known(const Resource *r, const char *const *names);
/* The same, but meta.lastUpdated and the Bundle's first: for what changes its
 * status without saying when. */
void unit_known_latest(const Resource *r, const char *const *names);

/* ---- text ---- */

/* Appends the text of an XHTML narrative or HTML page. */
void append_html(GString *out, const char *html);
/* Appends an Attachment; FALSE with a reason (owned) when its text cannot be read. */
gboolean append_attachment(GString *out, Json *attachment, char **ret_problem);
/* Whether `text` holds all the words of `part` in that order, whatever the blanks. */
gboolean text_holds(const char *text, const char *part);

/* A report's text, put together of parts that often repeat one another. */
typedef struct {
  GString *text;
  GString *words; /* the same in lower case, one blank between words */
  guint parts;
} Body;
void body_init(Body *body);
void body_clear(Body *body);
/* A paragraph, under a heading unless NULL; FALSE when it is empty, is there already,
 * or is too much. */
gboolean body_add(Body *body, const char *heading, const char *part);

/* The same; the heading is recorded as a section, too. */
void body_section(const Resource *r, Record *rec, Body *out, const char *heading, const char *text);
/* Ends the body: it becomes the text of the report. */
void record_body(const Resource *r, Record *rec, Body *body);
/* The heading that a LOINC or DICOM code stands for; NULL if none. */
const char *section_heading(Json *code);
/* The sections of the document that a DiagnosticReport is the first one of. */
void append_document(const Resource *report, Record *rec, Body *out);

/* "Quantity 12.5 mm", a string, a concept ... of value[x]; NULL if none.  Owned. */
char *value_as_text(Json *observation);

#endif
