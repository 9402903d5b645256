/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/derive-internal.h - what the rooms of derive() share.
 *
 * The way of one derivation: evidence known by the day, sorted once ->
 * persons (derive-person.c) -> per person a case: performed exams and the
 * current version of each report (derive-report.c) -> asks, one per distinct
 * action (derive-item.c, derive-protocol.c) -> what ends an ask
 * (derive-supersede.c) -> occurrences and the exams that fulfil them
 * (derive-series.c, derive-fulfil.c) -> appointments (derive-schedule.c) ->
 * one status each (derive-status.c), people's decisions (derive-decide.c)
 * included.
 */
#ifndef ITV_ENGINE_DERIVE_INTERNAL_H
#define ITV_ENGINE_DERIVE_INTERNAL_H

#include "engine/derive.h"

/* One performed exam: its reports and its DICOM studies together. */
typedef struct {
  GPtrArray *reports; /* const ItvReport: every known version, by known time */
  GPtrArray *studies; /* const ItvStudy */
  GPtrArray *letters; /* ItvLetter, owned */
  const char *accession, *study_uid, *description;
  const char *key;          /* for ordering: accession, else study UID, else evidence uid */
  const char *uid, *source; /* of the evidence that proves it */
  ItvExam exam;
  ItvMoment performed, known;
  gboolean live;           /* something that was not cancelled proves it */
  gboolean non_diagnostic; /* its own report says so */
  ItvActSet acts;
  GPtrArray *fulfils;     /* ItvOccurrence, borrowed */
  char *made_description; /* of a surgery that was entered; else NULL */
} ItvPerformed;

/* All versions of one report, in the order in which they became known. */
typedef struct {
  ItvPerformed *exam;
  const char *key;          /* accession, else study UID, else report uid; of an addendum its
                               document number, else report uid */
  gboolean addendum;        /* stands beside the report, does not replace it */
  GPtrArray *versions;      /* const ItvReport */
  const ItvReport *current; /* NULL: cancelled */
} ItvLetter;

/* Why an ask ended, other than by being done. */
typedef struct {
  gboolean set;
  ItvCloseReason reason;
  ItvMoment at, known; /* took effect; known since */
  const char *uid, *source;
  char *text; /* a sentence for a person; owned by the ask */
} ItvEnd;

typedef struct {
  ItvActionKind kind;
  ItvModalitySet modalities;
  ItvRegion region;
  ItvLaterality laterality;
  char *head; /* lower case, singular; NULL: unnamed */
  ItvActSet acts;
  ItvRegionSet also; /* sections asked for with the region in one exam */
} ItvAction;

/* One action asked for: by a report (all its versions) or by a protocol. */
typedef struct {
  ItvAction action;
  ItvAction first;    /* as the first version said it: identity */
  char *seed;         /* what the id is made of, but for the occurrence */
  GPtrArray *aliases; /* char*: seeds of later wordings */
  guint ordinal;
  const ItvLetter *letter; /* NULL for protocols */
  const ItvReport *report; /* the last version that holds it */
  const ItvRecommendation *rec;
  const ItvProcedure *procedure; /* NULL for reports */
  const ItvProtocol *protocol;
  const ItvVisit *visit;
  ItvMoment base; /* of the recommending exam, or the surgery */
  ItvMoment base_known;
  ItvMoment since; /* known since: of the version that first held it */
  gboolean has_interval, open_end, repeats;
  ItvPeriod earliest, latest, repeat;
  char *outside;         /* owned; which guideline does not speak of it, and why; NULL: none */
  ItvProposal *proposal; /* owned; NULL: no guideline proposes anything */
  gboolean disagrees;    /* the proposal is not what the report asks for */
  const ItvGuidelineEnd *schedule; /* that a guideline applies by itself; NULL: none */
  ItvConditionAnswer *condition;   /* owned; what the facts say; NULL: not asked */
  GPtrArray *questions;            /* ItvQuestion, owned; NULL: none */
  ItvEnd withdrawn, superseded, not_indicated, deceased;
  GArray *matches;        /* ItvMatch, by performed time */
  GPtrArray *occurrences; /* ItvOccurrence, owned */
} ItvAsk;

/* What keeps an exam of the right region and side from fulfilling. */
enum {
  ITV_DEFECT_MODALITY = 1 << 0,
  ITV_DEFECT_SIDE_UNKNOWN = 1 << 1,
  ITV_DEFECT_SIDE_PARTIAL = 1 << 2,
  ITV_DEFECT_NON_DIAGNOSTIC = 1 << 3,
  ITV_DEFECT_NO_MODALITY = 1 << 4,
  ITV_DEFECT_REGION_UNKNOWN = 1 << 5,
  ITV_DEFECT_REGION_PARTIAL = 1 << 6, /* some parts of a composed region */
  ITV_DEFECT_SECTIONS = 1 << 8,       /* not all sections that were asked for in one exam */
  ITV_DEFECT_SETTLED = 1 << 7,        /* no imaging, but an act that may settle the finding */
};
typedef struct {
  ItvPerformed *exam;
  guint defects;
} ItvMatch;

/* People's decisions about one occurrence, summed up. */
typedef struct {
  GPtrArray *all;              /* const ItvDecision in order; NULL: none */
  const ItvDecision *ruling;   /* the latest close or confirm in force */
  ItvPerformed *confirmed;     /* the exam of a confirm, if it is known */
  const ItvDecision *reopened; /* of what evidence had closed by then; else NULL */
  const ItvDecision *interval;
  const ItvDecision *condition; /* the latest answer */
  GPtrArray *rejected;          /* ItvPerformed; NULL: none */
} ItvRulings;

/* One item of the output. */
typedef struct {
  ItvAsk *ask;
  ItvFollowup *item;
  ItvRulings rulings;
  ItvDate anchor;       /* the date that the interval counts from */
  ItvDate earliest_day; /* due_from minus the early tolerance */
  ItvPerformed *fulfilled;
  ItvEnd unmet; /* the condition was answered "unmet" */
} ItvOccurrence;

/* One person on one day. */
typedef struct {
  const ItvHistory *history;
  const ItvRules *rules;
  ItvDate as_of;
  guint patient;  /* the surviving id */
  GPtrArray *ids; /* "0048213 (NORTHCLINIC)": when the person has several */
  GPtrArray *reports, *studies, *orders, *appointments, *procedures, *persons; /* borrowed */
  GPtrArray *facts;      /* const ItvFact; borrowed */
  GHashTable *decisions; /* item id -> GPtrArray of const ItvDecision; borrowed */
  GPtrArray *exams;      /* ItvPerformed, by performed time */
  GPtrArray *asks;       /* ItvAsk */
} ItvCase;

/* derive-person.c: root[i] is the id that stands for id i; links as sorted. */
/* The id under which evidence counts after the moves of its visit; links as sorted. */
guint itv_holder_of_day(const ItvHistory *h, const ItvEvidence *ev, const GPtrArray *links);
guint *itv_persons_of_day(const ItvHistory *history, GPtrArray *links);
/* Sets `deceased` of every ask. */
void itv_case_deaths(ItvCase *c);

/* derive.c: evidence order: known, then uid. */
int itv_evidence_compare(const ItvEvidence *a, const ItvEvidence *b);

/* derive-report.c */
void itv_case_exams(ItvCase *c);
void itv_case_sort_exams(ItvCase *c);
ItvPerformed *itv_performed_new(void);
void itv_performed_free(ItvPerformed *exam);
int itv_performed_compare(const ItvPerformed *a, const ItvPerformed *b);
ItvPerformed *itv_case_find_exam(const ItvCase *c, const char *study);

/* derive-item.c */
void itv_case_asks(ItvCase *c);
ItvAsk *itv_ask_new(void);
void itv_ask_free(ItvAsk *ask);
void itv_action_clear(ItvAction *action);
ItvAction itv_action_copy(const ItvAction *action);
/* Contract section 3, "Where cases meet" 10. */
gboolean itv_same_action(const ItvFulfilment *f, const ItvAction *a, const ItvAction *b);
char *itv_item_id(const char *seed, guint occurrence);
char *itv_head_normal(const char *head);
gboolean itv_sides_contradict(ItvLaterality a, ItvLaterality b);

/* derive-protocol.c: surgeries among the exams, since they may be what was
 * asked for; and the visits that their protocols ask for. */
void itv_case_surgeries(ItvCase *c);
void itv_case_protocols(ItvCase *c);

/* derive-guideline.c: what guidelines propose, and what facts say of conditions. */
void itv_case_guidelines(ItvCase *c);
/* The step of an applied schedule for its n-th visit; NULL: the schedule ends before. */
const ItvGuidelineStep *itv_schedule_step(const ItvAsk *ask, guint visit);
/* Puts proposal and questions on the item, with a step each. */
void itv_tell_guideline(ItvOccurrence *o);

/* derive-supersede.c */
void itv_case_ends(ItvCase *c);

/* derive-fulfil.c */
void itv_case_matches(ItvCase *c);
/* What keeps an exam of this coverage from serving; G_MAXUINT: not at all. */
guint itv_match_defects(const ItvFulfilment *f, const ItvAction *action, const ItvExam *exam,
                        ItvActSet acts);
/* Of the region and the sections asked for with it those that the exam does not show. */
ItvRegionSet itv_sections_missing(const ItvFulfilment *f, const ItvAction *action,
                                  const ItvExam *exam);
gboolean itv_after_anchor(const ItvOccurrence *o, const ItvPerformed *exam);

/* derive-candidate.c */
void itv_case_candidates(ItvCase *c);

/* derive-series.c */
void itv_ask_occurrences(ItvCase *c, ItvAsk *ask);
void itv_occurrence_free(ItvOccurrence *o);
/* The end that counts for this occurrence (the earliest), NULL: none. */
const ItvEnd *itv_occurrence_end(const ItvOccurrence *o);
gboolean itv_occurrence_withdrawn(const ItvOccurrence *o);

/* derive-decide.c */
void itv_rulings_read(ItvCase *c, ItvOccurrence *o, char *const *ids);
void itv_rulings_clear(ItvRulings *r);
/* Who cares for an item cares for the one that restates it. */
void itv_case_owners(ItvCase *c);
gboolean itv_rulings_reject(const ItvRulings *r, const ItvPerformed *exam);
gboolean itv_occurrence_awaits(const ItvOccurrence *o);
gboolean itv_occurrence_unmet(const ItvOccurrence *o);
/* Did a person reopen the item knowing of this? */
gboolean itv_rulings_overrule(const ItvRulings *r, ItvMoment known);

/* derive-schedule.c: sets scheduled_for. */
void itv_case_schedule(ItvCase *c);
/* An appointment that stands and lies on or after the day; borrowed. */
typedef struct {
  const ItvExam *exam;
  const char *description, *accession, *uid;
  ItvDate on;
} ItvBooked;
GArray *itv_case_booked(const ItvCase *c);

/* derive-overuse.c */
void itv_case_overuse(const ItvCase *c, GPtrArray *found);

/* derive-status.c */
void itv_case_status(ItvCase *c);

/* derive-why.c: steps that change nothing but explain. */
void itv_tell_misses(const ItvCase *c, ItvOccurrence *o);
void itv_tell_versions(ItvOccurrence *o);

/* derive-step.c: one sentence of the why-trace. */
void itv_step(ItvFollowup *item, const char *rule, ItvMoment at, const char *uid,
              const char *source, const char *format, ...) G_GNUC_PRINTF(6, 7);
/* "CT CHEST 2024-07-12 (acc 123)"; owned. */
char *itv_performed_words(const ItvPerformed *exam);
/* "CT or MR of chest, left"; owned. */
char *itv_action_words(const ItvAction *action);

#endif
