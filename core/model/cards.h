/* SPDX-License-Identifier: Apache-2.0
 *
 * model/cards.h - an ACR Assist CARDS 2.0 reporting module: data elements that
 * are asked for or computed, rules that lead to end points, and the text
 * templates of these.  Plain values, as the file says them; `line` is the line
 * in the file.
 */
#ifndef ITV_MODEL_CARDS_H
#define ITV_MODEL_CARDS_H

#include <glib.h>

typedef enum {
  ITV_CARDS_CHOICE = 1,
  ITV_CARDS_MULTI_CHOICE,
  ITV_CARDS_NUMBER,
  ITV_CARDS_INTEGER,
  ITV_CARDS_DATE_TIME,
  ITV_CARDS_TIME_SPAN,
  ITV_CARDS_COMPUTED,
  ITV_CARDS_GLOBAL, /* a named constant */
} ItvCardsKind;

typedef enum {
  ITV_CARDS_AND = 1,
  ITV_CARDS_OR,
  ITV_CARDS_NOT, /* none of its parts holds */
  ITV_CARDS_EQUAL,
  ITV_CARDS_NOT_EQUAL,
  ITV_CARDS_GREATER,
  ITV_CARDS_LESS,
  ITV_CARDS_GREATER_EQUAL,
  ITV_CARDS_LESS_EQUAL,
  ITV_CARDS_CONTAINS,
  ITV_CARDS_ANY_N, /* at least so many choices are taken */
  ITV_CARDS_IF,    /* the element has a value */
  ITV_CARDS_IF_NOT,
} ItvCardsTest;

typedef struct {
  ItvCardsTest test;
  char *element, *value; /* NULL where the test has none */
  guint n;               /* of ITV_CARDS_ANY_N */
  GPtrArray *parts;      /* ItvCardsCondition; of AND, OR, NOT */
  int line;
} ItvCardsCondition;

typedef enum {
  ITV_CARDS_PLAIN = 1,
  ITV_CARDS_VALUE,   /* of the element `text` */
  ITV_CARDS_PARTIAL, /* the template `text` */
  ITV_CARDS_NEWLINE,
  ITV_CARDS_TAB,
  ITV_CARDS_SPACE,
  ITV_CARDS_WHEN, /* `pieces`, where `when` holds */
} ItvCardsPieceKind;

typedef struct {
  ItvCardsPieceKind kind;
  char *text;
  int digits; /* significant, of ITV_CARDS_VALUE; 0: as it is */
  ItvCardsCondition *when;
  GPtrArray *pieces; /* ItvCardsPiece */
  int line;
} ItvCardsPiece;

typedef struct {
  gboolean arithmetic;
  char *text;        /* "{a} + 2 * ({b} - 1)" */
  GPtrArray *pieces; /* ItvCardsPiece, of a text expression */
  int line;
} ItvCardsExpression;

typedef struct ItvCardsDecision ItvCardsDecision;

/* What follows where a condition holds: one of end point, decision, expression
 * and text, and further branches. */
typedef struct {
  char *label;                  /* NULL: none */
  ItvCardsCondition *condition; /* NULL: always */
  char *end_point, *diagram;
  ItvCardsDecision *decision;
  ItvCardsExpression *expression;
  GPtrArray *pieces;   /* ItvCardsPiece */
  GPtrArray *branches; /* ItvCardsBranch */
  int line;
} ItvCardsBranch;

struct ItvCardsDecision {
  char *id, *label;
  GPtrArray *branches;       /* ItvCardsBranch */
  ItvCardsBranch *otherwise; /* DefaultBranch, NULL: none */
  int line;
};

typedef struct {
  char *value, *label, *report;
  gboolean is_default;
  int line;
} ItvCardsChoice;

/* What changes about an element where the condition holds. */
typedef struct {
  ItvCardsCondition *condition;
  int relevant, required;    /* -1: unchanged */
  double minimum, maximum;   /* NAN: unchanged */
  GPtrArray *choices_hidden; /* char *: values that may not be chosen */
  int line;
} ItvCardsProperty;

typedef struct {
  ItvCardsKind kind;
  char *id, *label, *unit;
  gboolean required, free_text;
  double minimum, maximum;  /* NAN: none; a time span's are seconds */
  GPtrArray *choices;       /* ItvCardsChoice */
  GPtrArray *properties;    /* ItvCardsProperty, the first that holds counts */
  ItvCardsBranch *computed; /* decision or expression */
  char *constant;           /* of ITV_CARDS_GLOBAL */
  int line;
} ItvCardsElement;

typedef struct {
  char *id;            /* "findings", "impression", "recommendation" ... */
  GPtrArray *branches; /* ItvCardsBranch, each that holds */
  int line;
} ItvCardsSection;

typedef struct {
  char *code, *system, *modality, *region, *text;
} ItvCardsExam;

/* ImagingFollowup.  Members NULL where the file has none. */
typedef struct {
  char *condition, *evidence_level;
  GPtrArray *citations; /* char * */
  ItvCardsExam preferred;
  GPtrArray *exams; /* ItvCardsExam: acceptable ones */
  char *indication, *indication_code;
  char *earliest, *latest; /* ISO 8601 durations */
  int line;
} ItvCardsFollowup;

typedef struct {
  char *id, *label, *diagnosis;
  GPtrArray *sections;        /* ItvCardsSection */
  char *category;             /* ActionableFinding */
  ItvCardsFollowup *followup; /* NULL: none */
  int line;
} ItvCardsEndPoint;

typedef struct {
  char *id;
  GPtrArray *branches; /* ItvCardsBranch */
  int line;
} ItvCardsPartial;

typedef struct {
  char *file, *id, *label, *version, *schema_version, *citation;
  GPtrArray *modalities, *anatomy; /* char *: ApplicableExams, as they stand */
  GPtrArray *elements;             /* ItvCardsElement, file order */
  GPtrArray *decisions;            /* ItvCardsDecision */
  GPtrArray *partials;             /* ItvCardsPartial */
  GPtrArray *end_points;           /* ItvCardsEndPoint */
  /* By id, borrowed; of two with one id the first. */
  GHashTable *element_of, *partial_of, *end_point_of;
} ItvCards;

/* Empty, with their arrays. */
ItvCards *itv_cards_new(void);
ItvCardsElement *itv_cards_element_new(void);
ItvCardsBranch *itv_cards_branch_new(void);
ItvCardsExpression *itv_cards_expression_new(void);
ItvCardsDecision *itv_cards_decision_new(void);
ItvCardsPiece *itv_cards_piece_new(ItvCardsPieceKind kind, const char *text, int line);
ItvCardsCondition *itv_cards_condition_new(ItvCardsTest test, int line);
ItvCardsSection *itv_cards_section_new(void);
ItvCardsEndPoint *itv_cards_end_point_new(void);
ItvCardsPartial *itv_cards_partial_new(void);
ItvCardsProperty *itv_cards_property_new(void);
ItvCardsFollowup *itv_cards_followup_new(void);

void itv_cards_free(ItvCards *cards);
void itv_cards_condition_free(ItvCardsCondition *condition);
void itv_cards_branch_free(ItvCardsBranch *branch);
void itv_cards_decision_free(ItvCardsDecision *decision);
void itv_cards_exam_free(ItvCardsExam *exam);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvCards, itv_cards_free)

/* The choice of that value, NULL when there is none. */
const ItvCardsChoice *itv_cards_choice(const ItvCardsElement *element, const char *value);
/* "ChoiceDataElement" ... as the file calls it. */
const char *itv_cards_kind_name(ItvCardsKind kind);

#endif
