/* SPDX-License-Identifier: Apache-2.0
 *
 * model/guideline.h - a follow-up guideline (config/guidelines): variables, a
 * table of rules over them, and end points that say what is to be done.
 *
 * Numbers are decimals, never floating point: 5.9 is 59,000 ten-thousandths.
 * A boundary on a number line is a cut, twice the decimal, plus one when it
 * lies just after the number: "at least 6" begins at the cut 2*6, "more than
 * 8" at the cut 2*8+1.  Every set of values is thus a half-open run of cuts,
 * and "below 6" and "from 6" meet without a gap and without an overlap.
 */
#ifndef ITV_MODEL_GUIDELINE_H
#define ITV_MODEL_GUIDELINE_H

#include "base/date.h"
#include "model/vocabulary.h"

#define ITV_DECIMAL_ONE 10000 /* four places */
typedef gint64 ItvDecimal;

typedef enum {
  ITV_VARIABLE_NUMBER = 1,
  ITV_VARIABLE_INTEGER,
  ITV_VARIABLE_CHOICE,
  ITV_VARIABLE_BOOLEAN, /* a choice of no and yes */
  ITV_VARIABLE_DATE,    /* whole days since 1970-01-01 */
} ItvVariableType;

typedef struct {
  char *code, *title; /* "ground-glass", "ground glass" */
} ItvChoice;

#define ITV_MAX_CHOICES 32
#define ITV_MAX_VARIABLES 32

typedef struct {
  char *name, *title, *question;
  char *fact; /* where its value comes from; the name where nothing else is said */
  ItvVariableType type;
  char *unit;          /* "mm", NULL for none */
  ItvDecimal min, max; /* both included */
  ItvDecimal step;     /* a value is rounded to multiples of this; 0: it is not */
  gboolean round_down; /* else to the nearest, halves up */
  GArray *choices;     /* ItvChoice */
  guint32 assumed; /* the choice taken for granted where nothing is known, and said so; 0: none */
  int line;
} ItvVariable;

/* The values that one variable may have.  Of numbers and dates: from the cut
 * `lo` up to, not including, the cut `hi`; of choices: bit n for choice n. */
typedef struct {
  gint64 lo, hi;
  guint32 mask;
} ItvExtent;

typedef struct {
  char *id, *cite;
  int year;
  int line;
} ItvGuidelineSource;

/* A rule holds where every variable lies in its extent. */
typedef struct {
  char *id;
  guint end, source;  /* indices; ITV_NO_INDEX: dangling */
  char *where;        /* table, page */
  gboolean unsure;    /* awaits a second source */
  ItvExtent *extents; /* one for each variable */
  int line;
} ItvGuidelineRule;
#define ITV_NO_INDEX G_MAXUINT

/* One step of an end point's schedule.  `at`: a window counted from the end
 * point's anchor.  `every`: a period, `times` times (0: until it is stopped),
 * counted from the step before. */
typedef struct {
  gboolean every;
  ItvPeriod earliest, latest;
  guint times;
  ItvModalitySet modalities; /* 0: the end point's */
  gboolean consider;         /* optional: to be considered */
} ItvGuidelineStep;

typedef struct {
  char *on;     /* "growth", "new-nodule": what happens meanwhile */
  guint then;   /* the end point that follows, ITV_NO_INDEX where only words say it */
  char *text;   /* NULL: the end point's */
  guint growth; /* index of the definition, ITV_NO_INDEX: none */
} ItvGuidelineRestart;

typedef enum {
  ITV_END_NONE = 1, /* no follow-up is needed */
  ITV_END_OUTSIDE,  /* this guideline does not speak of such a case */
  ITV_END_ACTION,
} ItvEndKind;

typedef struct {
  char *id, *text;
  ItvEndKind kind;
  ItvActionKind action; /* of ITV_END_ACTION */
  ItvModalitySet modalities;
  ItvRegion region;
  gboolean consider;
  gboolean from_surgery; /* counted from the day of surgery, else from the exam with the finding */
  GArray *steps;         /* ItvGuidelineStep */
  gboolean stops;
  ItvPeriod stop_after; /* from the exam with the finding */
  char *stop_if;        /* words: "stable" */
  gboolean stops_at_age;
  guint stop_age;
  GArray *restarts; /* ItvGuidelineRestart */
  int line;
} ItvGuidelineEnd;

/* One way in which a finding has grown: all that is given must hold. */
typedef struct {
  char *measure;      /* "diameter" (mm), "volume" (mm3) */
  gboolean has_prior; /* the earlier value lies from the cut prior_lo to prior_hi */
  gint64 prior_lo, prior_hi;
  gboolean has_absolute, has_percent, has_rate;
  gint64 absolute, percent,
      rate; /* cuts: growth of at least, or more than, so much; rate: a year */
  gboolean has_within;
  ItvPeriod within; /* between the two exams at most */
  guint dimensions; /* in so many dimensions; 0: of the one value */
} ItvGrowthCase;

typedef struct {
  char *id, *text;
  guint source;  /* index, ITV_NO_INDEX: none given */
  GArray *cases; /* ItvGrowthCase: any of them */
  int line;
} ItvGrowth;

/* Findings of which the guideline speaks. */
typedef struct {
  GStrv heads;               /* head terms; any of them */
  ItvRegionSet regions;      /* any of them */
  ItvModalitySet modalities; /* of the exam that found it; 0: any */
} ItvGuidelineScope;

typedef enum { ITV_POLICY_UNIQUE = 1, ITV_POLICY_FIRST } ItvGuidelinePolicy;

typedef struct {
  char *file; /* as it was opened */
  char *id, *version, *title, *issuer;
  int year;
  gboolean superseded;
  char *superseded_by;
  ItvDate valid_from, valid_until; /* both included; until ITV_DATE_NONE: open */
  gboolean signed_off;
  char *signed_by;
  gboolean by_default; /* proposes also where the report does not name it */
  ItvGuidelinePolicy policy;
  GPtrArray *names;  /* char*: how reports cite it */
  GArray *scopes;    /* ItvGuidelineScope */
  GArray *sources;   /* ItvGuidelineSource */
  GArray *variables; /* ItvVariable */
  GArray *rules;     /* ItvGuidelineRule */
  GArray *ends;      /* ItvGuidelineEnd */
  GArray *growths;   /* ItvGrowth */
} ItvGuideline;

ItvGuideline *itv_guideline_new(void);
void itv_guideline_free(ItvGuideline *guideline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvGuideline, itv_guideline_free)

/* Empty ones, with their arrays. */
void itv_variable_init(ItvVariable *variable);
void itv_guideline_end_init(ItvGuidelineEnd *end);
void itv_growth_init(ItvGrowth *growth);

#define itv_guideline_variable(g, i) (&g_array_index((g)->variables, ItvVariable, (i)))
#define itv_guideline_rule(g, i) (&g_array_index((g)->rules, ItvGuidelineRule, (i)))
#define itv_guideline_end(g, i) (&g_array_index((g)->ends, ItvGuidelineEnd, (i)))
#define itv_guideline_source(g, i) (&g_array_index((g)->sources, ItvGuidelineSource, (i)))
#define itv_guideline_growth(g, i) (&g_array_index((g)->growths, ItvGrowth, (i)))

/* Index by name; ITV_NO_INDEX when there is none. */
guint itv_guideline_find_variable(const ItvGuideline *guideline, const char *name);
guint itv_guideline_find_end(const ItvGuideline *guideline, const char *id);

/* "5.95", "-10", at most four places, exactly.  Nothing but the number. */
gboolean itv_decimal_parse(const char *text, ItvDecimal *ret);
char *itv_decimal_format(ItvDecimal decimal); /* shortest form; owned */

/* ---- extents ------------------------------------------------------------------- */

gboolean itv_variable_is_number(const ItvVariable *variable); /* cuts, not choices */
/* Everything that the variable can be. */
ItvExtent itv_variable_extent(const ItvVariable *variable);
/* The value as the guideline rounds it. */
ItvDecimal itv_variable_round(const ItvVariable *variable, ItvDecimal value);
/* Where values from `decimal` on begin (after FALSE), or those above it (after
 * TRUE), on the variable's own steps. */
gint64 itv_variable_cut(const ItvVariable *variable, ItvDecimal decimal, gboolean after);
gboolean itv_extent_empty(const ItvVariable *variable, ItvExtent extent);
ItvExtent itv_extent_meet(const ItvVariable *variable, ItvExtent a, ItvExtent b);
/* Is all of `inner` in `outer`? */
gboolean itv_extent_covers(const ItvVariable *variable, ItvExtent outer, ItvExtent inner);
gboolean itv_extent_equal(const ItvVariable *variable, ItvExtent a, ItvExtent b);
/* "size from 6 to 8 mm", "density solid or part-solid"; owned. */
char *itv_extent_words(const ItvVariable *variable, ItvExtent extent);

/* "CT or MR of chest in 6 to 12 months, then at 18 to 24 months (to be
 * considered); stop after 5 years when stable".  Owned. */
char *itv_guideline_end_words(const ItvGuidelineEnd *end);
/* The same as one line that no wording can blur: "imaging CT chest: at P6M..P12M,
 * consider at P18M..P24M, every P1Y x5, stop P5Y"; "none"; "outside".  Owned. */
char *itv_guideline_end_code(const ItvGuidelineEnd *end);

#endif
