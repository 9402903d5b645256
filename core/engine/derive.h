/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/derive.h - the heart: follow-up items as a pure function of evidence,
 * rules and a date.  No clock, no database, no randomness: the same history in
 * any order of arrival gives the same items, ids included.  The rules are those
 * of the outside contract, section 3.
 */
#ifndef ITV_ENGINE_DERIVE_H
#define ITV_ENGINE_DERIVE_H

#include "engine/facts.h"
#include "engine/fulfilment.h"
#include "model/followup.h"
#include "model/guideline.h"
#include "model/history.h"
#include "model/protocol.h"

typedef struct {
  int grace_long_days;             /* earliest interval of long_from or more: 30 */
  int grace_short_days;            /* less: 7 */
  ItvPeriod long_from;             /* P3M */
  int early_max_days;              /* cap of the early tolerance: 30 */
  int early_divisor;               /* a third of the earliest interval: 3 */
  const ItvFulfilment *fulfilment; /* borrowed; NULL: the one that is built in */
  GPtrArray *protocols;            /* ItvProtocol, borrowed; may be NULL */
  /* What proposes intervals and answers conditions; borrowed, either may be NULL. */
  const GPtrArray *guidelines; /* ItvGuideline */
  const ItvFactLexicon *facts;
  const char *const *applied; /* ids of guidelines that apply without being asked; may be NULL */
  gboolean apply_assumed;     /* also where an exclusion was taken for granted */
} ItvRules;

/* The contract's defaults, no protocols. */
ItvRules itv_rules_default(void);

/* Items of every person in the history as known by the end of `as_of`: all of
 * them, also fulfilled, closed and clinical ones, sorted by patient, then
 * recommended_on, due_from, id.  Owned array of ItvFollowup (owned). */
GPtrArray *itv_derive(const ItvHistory *history, const ItvRules *rules, ItvDate as_of);

/* An exam that is booked although nothing asks for it, or not so soon. */
typedef enum {
  ITV_OVERUSE_ENDED = 1, /* what asked for it is done or closed */
  ITV_OVERUSE_EARLY,     /* what asks for it is due later */
} ItvOveruseKind;

typedef struct {
  ItvOveruseKind kind;
  guint patient;                 /* the surviving id */
  ItvDate on;                    /* the day of the appointment */
  char *description, *accession; /* either may be NULL */
  char *item;                    /* id of what asked for it, or asks for it later */
  char *text;                    /* one sentence for a person */
  char *evidence;                /* uid of the message that books it */
} ItvOveruse;
void itv_overuse_free(ItvOveruse *overuse);

/* Appointments ahead on that day that no item wants, of those that an item once wanted
 * or will: an exam that never was a follow-up is none of our business.  Owned array of
 * ItvOveruse (owned), by patient and day. */
GPtrArray *itv_derive_overuse(const ItvHistory *history, const ItvRules *rules, ItvDate as_of);

/* Which id stands for id `patient` at the end of `as_of` (after merges known by then). */
guint itv_derive_person(const ItvHistory *history, guint patient, ItvDate as_of);

/* The same for whom that evidence is about, moves of its visit included. */
guint itv_derive_holder(const ItvHistory *history, const ItvEvidence *ev, ItvDate as_of);

/* The next date after `as_of` on which derive() may answer differently with
 * no new evidence (due, overdue, appointment passed); ITV_DATE_NONE: never.
 * days_overdue aside, which grows every day and follows from overdue_after.
 * The worklist's cache is valid until the day before. */
ItvDate itv_derive_valid_until(const ItvHistory *history, const GPtrArray *items, ItvDate as_of);

#endif
