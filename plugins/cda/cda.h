/* SPDX-License-Identifier: Apache-2.0
 *
 * cda.h - the parts of the CDA importer.
 */
#ifndef INTERVAL_CDA_H
#define INTERVAL_CDA_H

#include "xmldoc.h"

#define CDA_LOINC "2.16.840.1.113883.6.1"
#define CDA_DCM "1.2.840.10008.2.16.4"

/* ---- cda-text.c ---- */

/* The narrative of a <text> as lines ended by \n, behind what is there. */
void cda_flatten(const XdNode *text, GString *out);

/* ---- cda-body.c ---- */

typedef struct {
  GString *text;
  GPtrArray *sections;   /* const char *: headings that codes name, in text order */
  const char *heading;   /* under which the text stands just now; NULL: none */
  gboolean has_addendum; /* such a section has text */
  gboolean has_result;   /* findings, impression, conclusion */
} CdaBody;

void cda_body_read(const XdNode *document, CdaBody *ret, XdUnit *unit);
void cda_body_clear(CdaBody *body);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CdaBody, cda_body_clear)

/* ---- cda-person.c ---- */

/* recordTarget as interval.patient/1; FALSE (and the unit rejected) when it
 * names no patient.  `issuers`: "OID=NAME OID=NAME", may be NULL. */
gboolean cda_add_patient(const XdNode *document, const char *issuers, XdUnit *unit);
/* FAMILY^GIVEN^MIDDLE of a <name>'s parent (assignedPerson ...); NULL when it
 * names none. */
char *cda_person(const XdNode *person);

/* ---- cda-exam.c ---- */

gboolean cda_is_imaging(const XdNode *document);
/* interval.report/1 of an imaging report. */
void cda_add_report(const XdNode *document, const CdaBody *body, XdUnit *unit);

#endif
