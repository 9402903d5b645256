/* SPDX-License-Identifier: Apache-2.0
 *
 * model/history.h - all evidence about the people that one family of patient
 * ids stands for: the whole input of derive().  Plain values; whoever fills a
 * history owns nothing of it afterwards.
 *
 * A family is every id that any link, merge or unmerge ever tied together.
 * Which of them are one person on a given day is for derive() to say.
 *
 * Every piece bears `uid` (hex digest of its content: identity, and the last
 * tie-break, so that no order of arrival can matter), `known` (since when) and
 * `source` (a few words for why-traces: "ORU^R01 RB0170001 of POWERSCRIBE").
 */
#ifndef ITV_MODEL_HISTORY_H
#define ITV_MODEL_HISTORY_H

#include "base/date.h"
#include "model/exam.h"

typedef struct {
  char *uid;
  char *source;
  ItvMoment known;
  guint patient; /* index into ItvHistory.ids: under which id it came */
  char **visits; /* numbers of the visit and the account that it belongs to; NULL: none */
} ItvEvidence;   /* first member of each piece below */

typedef struct {
  char *id, *issuer; /* issuer "" when none was given: another id than the same with one */
} ItvPatientId;

/* Demographics as one message gave them; later ones win field by field. */
typedef struct {
  ItvEvidence ev;
  char *name, *sex; /* NULL: not in this message */
  ItvDate birth_date;
  int deceased; /* -1 not said, 0 PID-30 N, 1 PID-30 Y or a date of death */
  ItvDate death_date;
} ItvPerson;

typedef enum {
  ITV_LINK_MERGE, /* ev.patient survives, other is retired */
  ITV_LINK_LINK,  /* same person, both ids live */
  ITV_LINK_PART,  /* unmerge, unlink */
  ITV_LINK_MOVE,  /* other leaves whoever it was tied to; then as a merge */
  ITV_LINK_VISIT, /* what came under `other` for one visit is ev.patient's */
} ItvLinkKind;
typedef struct {
  ItvEvidence ev;
  ItvLinkKind kind;
  guint other; /* index into ids */
  char *visit; /* of ITV_LINK_VISIT; else NULL */
} ItvLink;

/* Byte spans are into the report's text.  Strings may be NULL. */
typedef struct {
  guint start, end;
  ItvActionKind kind;
  ItvModalitySet modalities;
  ItvRegion region;
  ItvRegionSet also; /* body sections asked for with it in one exam */
  ItvLaterality laterality;
  gboolean has_interval; /* else earliest and latest mean nothing */
  gboolean open_end;     /* "at least 3 months" */
  ItvPeriod earliest, latest;
  gboolean repeats;
  ItvPeriod repeat;
  gboolean conditional;
  guint condition_start, condition_end; /* 0,0: none marked */
  char *condition, *finding, *finding_head, *guideline, *rule;
  gboolean consider; /* strength: consider; else recommend */
} ItvRecommendation;

typedef enum {
  ITV_STATEMENT_RESOLVED = 1,   /* the finding is gone */
  ITV_STATEMENT_NO_FOLLOW_UP,   /* it needs none any more */
  ITV_STATEMENT_NON_DIAGNOSTIC, /* of the report's own exam */
} ItvStatementKind;
typedef struct {
  guint start, end;
  ItvStatementKind kind;
  ItvRegion region;
  char *finding, *finding_head;
} ItvStatement;

/* A finding that the report measures or describes. */
typedef struct {
  char *head; /* normalised: "nodule" */
  ItvRegion region;
  ItvLaterality laterality;
  double size_mm[3]; /* longest first */
  guint n_sizes;
  gboolean at_most;          /* "up to 7 mm" */
  gboolean multiple;         /* several of them */
  char *density, *stability; /* codes of schemas/records.xml; may be NULL */
} ItvFinding;

typedef struct {
  ItvEvidence ev;
  char *accession; /* NULL when the message had none */
  char *study_uid;
  GPtrArray *documents; /* char*: its own document number, then those that it replaces or adds
                           to; NULL: none is known */
  gboolean addendum;    /* adds to the report of its exam, replaces nothing */
  char *code, *description;
  ItvExam exam;
  ItvMoment performed;
  char status; /* P F C X */
  char *reader, *ordering;
  char *sender; /* APPLICATION^FACILITY of its message; may be NULL */
  char *text;
  gboolean unread;         /* no text (a PDF only), or nobody could parse it: it says nothing */
  GArray *recommendations; /* ItvRecommendation, in text order */
  GArray *statements;      /* ItvStatement */
  GArray *findings;        /* ItvFinding; NULL: none */
} ItvReport;

/* One imaging study as its objects show it (all known instances together). */
typedef struct {
  ItvEvidence ev;
  char *study_uid, *accession;
  char *description;
  ItvExam exam;
  ItvMoment performed;
  guint n_images;
  ItvMoment until; /* whoever told of it took it back then (all its images were rejected, or the
                      study was entered in error); ITV_MOMENT_NONE: it stands */
} ItvStudy;

/* Does it stand by the end of that day? */
static inline gboolean
itv_study_stands(const ItvStudy *study, ItvDate as_of)
{
  return study->ev.known.date <= as_of &&
         (study->until.date == ITV_DATE_NONE || study->until.date > as_of);
}

typedef enum {
  ITV_ORDER_ORDERED,
  ITV_ORDER_SCHEDULED,
  ITV_ORDER_IN_PROGRESS,
  ITV_ORDER_COMPLETED,
  ITV_ORDER_CANCELLED,
  ITV_ORDER_DISCONTINUED,
} ItvOrderStatus;
typedef struct {
  ItvEvidence ev;
  char *accession;
  GPtrArray *numbers; /* placer and filler numbers, char* */
  ItvOrderStatus status;
  char *code, *description;
  ItvExam exam;
  ItvMoment requested, scheduled;
} ItvOrder;

typedef enum {
  ITV_APPOINTMENT_BOOKED,
  ITV_APPOINTMENT_RESCHEDULED,
  ITV_APPOINTMENT_CANCELLED,
  ITV_APPOINTMENT_NO_SHOW,
  ITV_APPOINTMENT_ARRIVED,
  ITV_APPOINTMENT_COMPLETED,
} ItvAppointmentStatus;
typedef struct {
  ItvEvidence ev;
  GPtrArray *numbers; /* any of them identifies the appointment */
  char *accession;
  ItvAppointmentStatus status;
  ItvMoment start;
  char *description; /* NULL: names no exam */
  ItvExam exam;
} ItvAppointment;

/* A surgery that starts a follow-up protocol. */
typedef struct {
  ItvEvidence ev;
  char *protocol;
  ItvDate date;
  ItvLaterality laterality;
} ItvProcedure;

/* What a person decided about an item (ITV_DECISION_*), or a note. */
typedef enum {
  ITV_DECISION_CLOSE,
  ITV_DECISION_REOPEN,
  ITV_DECISION_SET_INTERVAL,
  ITV_DECISION_CONDITION_MET,
  ITV_DECISION_CONDITION_UNMET,
  ITV_DECISION_CONFIRM,
  ITV_DECISION_REJECT,
  ITV_DECISION_NOTE,
  ITV_DECISION_ASSIGN,
  ITV_DECISION_CONTACT,
  ITV_DECISION_NEXT,
} ItvDecisionKind;

typedef enum {
  ITV_WHOM_NONE = 0,
  ITV_WHOM_PATIENT,
  ITV_WHOM_REFERRER,
  ITV_WHOM_OTHER,
  ITV_WHOM_N,
} ItvContactWhom;

typedef enum {
  ITV_HOW_NONE = 0,
  ITV_HOW_PHONE,
  ITV_HOW_LETTER,
  ITV_HOW_MAIL,
  ITV_HOW_SMS,
  ITV_HOW_PORTAL,
  ITV_HOW_FAX,
  ITV_HOW_IN_PERSON,
  ITV_HOW_N,
} ItvContactHow;

typedef enum {
  ITV_CONTACT_NONE = 0,
  ITV_CONTACT_SENT,
  ITV_CONTACT_REACHED,
  ITV_CONTACT_LEFT_MESSAGE,
  ITV_CONTACT_NO_ANSWER,
  ITV_CONTACT_WRONG_NUMBER,
  ITV_CONTACT_UNDELIVERABLE,
  ITV_CONTACT_REFUSED,
  ITV_CONTACT_N,
} ItvContactOutcome;

/* Codes as schemas/records.xml writes them; NULL for NONE, NONE for what is no code. */
const char *itv_whom_code(ItvContactWhom whom);
ItvContactWhom itv_whom_parse(const char *code);
const char *itv_how_code(ItvContactHow how);
ItvContactHow itv_how_parse(const char *code);
const char *itv_contact_outcome_code(ItvContactOutcome outcome);
ItvContactOutcome itv_contact_outcome_parse(const char *code);

typedef struct {
  ItvEvidence ev; /* known = --at */
  ItvDecisionKind kind;
  char *item;   /* full item id */
  char *reason; /* of close */
  char *note;
  char *study; /* of confirm, reject: study UID or accession as the person gave it */
  ItvPeriod period;
  gboolean has_latest;
  ItvPeriod latest;
  char *owner; /* of assign; NULL: nobody any more */
  ItvContactWhom whom;
  ItvContactHow how;
  ItvContactOutcome outcome;
  char *next; /* of next: what to do; NULL: no plan any more */
  ItvDate on;
  char *by;
} ItvDecision;

/* What a person told of a patient, or of one item of theirs: "smoking" "current". */
typedef struct {
  ItvEvidence ev;
  char *name, *value;
  char *item; /* full item id; NULL: of the patient */
  char *by;
} ItvFact;

typedef struct {
  GArray *ids;          /* ItvPatientId */
  GArray *persons;      /* ItvPerson */
  GArray *links;        /* ItvLink */
  GArray *reports;      /* ItvReport: every version of every report */
  GArray *studies;      /* ItvStudy */
  GArray *orders;       /* ItvOrder */
  GArray *appointments; /* ItvAppointment */
  GArray *procedures;   /* ItvProcedure */
  GArray *decisions;    /* ItvDecision */
  GArray *facts;        /* ItvFact */
} ItvHistory;

ItvHistory *itv_history_new(void);
void itv_history_free(ItvHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvHistory, itv_history_free)

/* Empty arrays of ItvRecommendation and ItvStatement that free what they hold. */
GArray *itv_recommendations_new(void);
GArray *itv_statements_new(void);
GArray *itv_findings_new(void);

/* Index of that id, added when it is new.  NULL issuer means "". */
guint itv_history_patient(ItvHistory *history, const char *id, const char *issuer);

#endif
