/* SPDX-License-Identifier: Apache-2.0
 *
 * model/protocol.h - a post-operative follow-up protocol (config/protocols):
 * visits counted from the day of surgery, and what a measure is expected to be
 * by then.
 */
#ifndef ITV_MODEL_PROTOCOL_H
#define ITV_MODEL_PROTOCOL_H

#include "base/date.h"
#include "model/exam.h"

typedef struct {
  char *id;                           /* "week-6" */
  char *title;                        /* "6 weeks" */
  ItvPeriod target, earliest, latest; /* from the day of surgery */
  ItvModalitySet modalities;          /* of this visit; 0: the protocol's */
} ItvVisit;

/* From a published source: reached by early_days in 5 % of patients, by
 * median_days in half; late_days < 0 where no source gives it. */
typedef struct {
  double score;
  double early_days, median_days, late_days;
} ItvExpectedPoint;

/* What a measure says of healing after this procedure. */
typedef struct {
  char *measure; /* code of schemas/records.xml, "rust" */
  char *unit;    /* UCUM, "{score}" */
  char *source;
  double union_score, repeatability; /* < 0: not given */
  GArray *expected;                  /* ItvExpectedPoint */
} ItvHealingMeasure;

typedef struct {
  char *name; /* the file's name without suffix */
  char *version, *title, *source;
  ItvRegion region;
  ItvModalitySet modalities;
  gboolean sided;  /* films must be of the operated side */
  GArray *visits;  /* ItvVisit */
  GArray *healing; /* ItvHealingMeasure */
} ItvProtocol;

ItvProtocol *itv_protocol_new(void);
/* The measure of that code, NULL when the protocol does not speak of it. */
const ItvHealingMeasure *itv_protocol_measure(const ItvProtocol *protocol, const char *measure);
void itv_protocol_free(ItvProtocol *protocol);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvProtocol, itv_protocol_free)

#endif
