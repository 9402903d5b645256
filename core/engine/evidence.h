/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/evidence.h - journal rows into a history.  Pure: the same rows in any
 * order give the same history but for the order of its arrays.
 */
#ifndef ITV_ENGINE_EVIDENCE_H
#define ITV_ENGINE_EVIDENCE_H

#include "base/record.h"
#include "engine/exam.h"
#include "model/history.h"

/* One row of the journal; all borrowed. */
typedef struct {
  const char *uid, *kind;
  const char *known; /* NULL: unknown, which counts as always known */
  const char *label;
  const ItvRecords *records;
  guint alike; /* images for which this one stands (itv_evidence_image_key), itself included;
                  0 counts as 1 */
} ItvEvidenceRow;

/* What the recommendation plugin made of a report; NULL when there is no
 * result (yet).  Borrowed for the duration of the call. */
typedef const ItvRecords *(*ItvParseLookup)(const char *report_uid, gpointer data);

typedef struct ItvEvidenceReader ItvEvidenceReader;

ItvEvidenceReader *itv_evidence_reader_new(const ItvExamLexicon *lexicon, ItvParseLookup lookup,
                                           gpointer data);
void itv_evidence_reader_free(ItvEvidenceReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvEvidenceReader, itv_evidence_reader_free)

void itv_evidence_add(ItvEvidenceReader *reader, const ItvEvidenceRow *row);
/* What was added, images grouped into studies.  Owned; the reader is empty then. */
ItvHistory *itv_evidence_finish(ItvEvidenceReader *reader);

/* Whether that interval.image/1 shows something of its own.  Reports, segmentations
 * and notes lie in the study that they are about, at times under another patient id:
 * they must not claim the study for that id. */
gboolean itv_evidence_shows_anatomy(const itv_record *image);

/* What an image row says but for what may differ from slice to slice: rows of equal keys add the
 * same to a history, so that one of them can stand for all.  Owned; NULL for a row that
 * holds more than one image of one patient. */
char *itv_evidence_image_key(const ItvRecords *records, const char *known);

/* The uid by which the n-th report of an evidence row is known, and its parse
 * job: "UID" for the first, "UID:1" for the next.  Owned. */
char *itv_report_uid(const char *evidence_uid, guint n);

/* Recommendations and statements of a parse result, in the order of the text. */
void itv_evidence_read_parse(const ItvRecords *parsed, const char *text, GArray *recommendations,
                             GArray *statements);
/* What the context record of a parse job should say of a report's exam; `row` holds the
 * report and the document that names its sender. */
ItvExam itv_evidence_report_exam(const ItvExamLexicon *lexicon, const ItvRecords *row,
                                 const itv_record *report);
/* The exam that an interval.image/1 belongs to, as far as this image says. */
ItvExam itv_evidence_image_exam(const ItvExamLexicon *lexicon, const itv_record *image);

#endif
