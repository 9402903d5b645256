/* SPDX-License-Identifier: Apache-2.0
 *
 * model/followup.h - a follow-up item as it stands on one day: the whole
 * output of derive().
 */
#ifndef ITV_MODEL_FOLLOWUP_H
#define ITV_MODEL_FOLLOWUP_H

#include "model/history.h"

typedef enum {
  ITV_STATUS_AWAITING_CONDITION = 1,
  ITV_STATUS_NEEDS_INTERVAL,
  ITV_STATUS_NOT_DUE,
  ITV_STATUS_DUE,
  ITV_STATUS_SCHEDULED,
  ITV_STATUS_OVERDUE,
  ITV_STATUS_REVIEW,
  ITV_STATUS_FULFILLED,
  ITV_STATUS_CLOSED,
} ItvStatus;

typedef enum {
  ITV_REASON_NONE = 0,
  ITV_REASON_DONE_ELSEWHERE,
  ITV_REASON_DECLINED,
  ITV_REASON_DECEASED,
  ITV_REASON_NOT_INDICATED,
  ITV_REASON_SUPERSEDED,
  ITV_REASON_DUPLICATE,
  ITV_REASON_WITHDRAWN,
  ITV_REASON_CONDITION_UNMET,
  ITV_REASON_EXPIRED,
  ITV_REASON_OTHER,
} ItvCloseReason;

typedef enum {
  ITV_SOURCE_REPORT = 1,
  ITV_SOURCE_GUIDELINE,
  ITV_SOURCE_PROTOCOL,
  ITV_SOURCE_MANUAL,
} ItvItemSource;

/* A performed study that may satisfy an item. */
typedef struct {
  char *study_uid, *accession; /* either may be NULL */
  ItvDate date;
  ItvModality modality;
  ItvRegion region;
  double score;       /* 1: nothing speaks against it; orders candidates, decides nothing */
  GPtrArray *reasons; /* char*: region, side, modality, time ...; NULL: none */
  char *why;          /* what keeps it from fulfilling by itself: "earlier than the tolerance" */
} ItvCandidate;

/* One step that led to the state, in order: for `why`. */
typedef struct {
  ItvMoment at;   /* when it took effect; none for standing rules */
  char *rule;     /* "contract-3/fulfilment.modality", a lexicon or guideline rule */
  char *text;     /* one sentence for a person */
  char *evidence; /* uid of the evidence, NULL for the clock */
  char *source;   /* its words, NULL for the clock */
} ItvStep;

/* An attempt to reach somebody about an item. */
typedef struct {
  ItvMoment at;
  ItvContactWhom whom;
  ItvContactHow how;
  ItvContactOutcome outcome;
  char *by, *note; /* either may be NULL */
} ItvContact;

/* What a guideline would have asked for: never the radiologist's words. */
typedef struct {
  char *guideline, *title, *version, *end, *rule; /* ids; several rules that agree: "a or b" */
  char *source, *where;                           /* citation; table or page */
  int year;
  char *words;           /* "CT of chest in 6 to 12 months, then at 18 to 24 months" */
  gboolean has_interval; /* else no follow-up, or an act that is no imaging */
  ItvPeriod earliest, latest;
  gboolean repeats;
  ItvPeriod repeat;
  guint times; /* 0: until it is stopped */
  gboolean consider, signed_off, unsure, definite;
  GPtrArray *facts;   /* char*: what it rests on, in words */
  GPtrArray *assumed; /* char*: what was taken for granted */
} ItvProposal;

void itv_proposal_free(ItvProposal *proposal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvProposal, itv_proposal_free)
ItvProposal *itv_proposal_copy(const ItvProposal *proposal); /* NULL of NULL */

/* A fact that is not known and would decide. */
typedef struct {
  char *fact, *text, *unit; /* unit: NULL for none */
  GStrv values;             /* NULL: a number */
  gboolean of_patient;      /* else of the item only */
} ItvQuestion;

void itv_question_free(ItvQuestion *question);

typedef struct {
  char *id;      /* 12 characters, the same for every order of arrival */
  guint patient; /* index into the history's ids: the surviving one on that day */
  ItvStatus status;
  ItvCloseReason reason;
  ItvActionKind kind;
  ItvModalitySet modalities;
  ItvRegion region;
  ItvRegionSet also; /* sections asked for with it in one exam */
  ItvLaterality laterality;
  char *finding, *finding_head;
  ItvItemSource source;
  ItvDate recommended_on;
  gboolean has_interval, open_end;
  ItvPeriod earliest, latest;
  gboolean repeats;
  ItvPeriod repeat;
  guint occurrence; /* 0 for the first */
  ItvDate due_from, due_until, overdue_after;
  gint32 days_overdue;
  gboolean conditional;
  char *condition;
  gboolean consider;
  char *guideline, *rule;
  /* evidence: the report and the bytes of its sentence; NULL for protocols */
  char *report_uid, *report_accession, *evidence_text;
  guint start, end;
  char *protocol, *visit; /* of protocol items */
  ItvDate scheduled_for;
  gboolean is_fulfilled; /* fulfilled_by is set */
  ItvCandidate fulfilled_by;
  ItvDate closed_on;  /* when fulfilled or closed took effect */
  GArray *candidates; /* ItvCandidate */
  GArray *steps;      /* ItvStep */
  GPtrArray *notes;   /* char*: what people wrote */
  char *owner;        /* who cares for it; NULL: nobody */
  GArray *contacts;   /* ItvContact, by time */
  char *next;         /* what a person planned to do; NULL: nothing */
  ItvDate next_on;
  ItvMoment next_said;
  ItvProposal *proposal; /* of a guideline; NULL: none */
  gboolean disagrees;    /* the proposal is another than the report's interval */
  GPtrArray *questions;  /* ItvQuestion: what the condition or the guideline waits for */
} ItvFollowup;

/* All dates none, arrays empty. */
ItvFollowup *itv_followup_new(void);
void itv_followup_free(ItvFollowup *item);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvFollowup, itv_followup_free)

const char *itv_status_code(ItvStatus status);
ItvStatus itv_status_parse(const char *code);             /* 0 when it is none */
const char *itv_close_reason_code(ItvCloseReason reason); /* NULL for NONE */
ItvCloseReason itv_close_reason_parse(const char *code);  /* NONE when it is none */
const char *itv_item_source_code(ItvItemSource source);

#endif
