/* SPDX-License-Identifier: Apache-2.0
 *
 * The lexicon: every word that the engine knows, read from XML.  The code
 * knows roles (a modal, a unit of time, an exam), never words, so that another
 * language is another file.
 */
#ifndef RECOMMENDATION_LEXICON_H
#define RECOMMENDATION_LEXICON_H

#include <glib.h>
#include <stdint.h>

/* Terms of different layers may lie over the same words: "chest x-ray" is an
 * action, "chest" in it a site.  Within a layer the longest term wins. */
typedef enum {
  LAYER_ACTION,
  LAYER_SITE,
  LAYER_FINDING,
  LAYER_CUE,
  LAYER_TIME,
  LAYER_WORD,
  LAYER_SECTION,
  LAYER_MEASURE,
  N_LAYERS
} Layer;

typedef enum {
  ROLE_NONE,
  /* site */
  ROLE_ANATOMY,
  ROLE_SIDE,
  /* finding */
  ROLE_FINDING,
  ROLE_GUIDELINE,
  /* cue */
  ROLE_VERB,        /* "recommend": what follows is asked for */
  ROLE_PARTICIPLE,  /* "recommended": what stands before it is */
  ROLE_PREDICATE,   /* "would be helpful", "warranted" */
  ROLE_MODAL,       /* "should", "may": nothing without a verb of doing */
  ROLE_DO,          /* "obtain", base form: imperative, or after a modal */
  ROLE_DONE,        /* "obtained": done, unless a modal stands before it */
  ROLE_PENDING,     /* "ordered", "scheduled": asked for and not yet done */
  ROLE_RESULT,      /* "showed": an exam before it has been performed */
  ROLE_NEGATION,    /* "no", "not" */
  ROLE_NEGATIVE,    /* "unnecessary": a predicate that denies */
  ROLE_PAST,        /* "previously": what is said was said before */
  ROLE_CONDITION,   /* "if": opens a condition */
  ROLE_CONDITIONAL, /* "as clinically indicated": a condition by itself */
  ROLE_SOONER,      /* "sooner": the condition behind it moves a date only */
  ROLE_OCCUR,       /* "persist": after "should" and a subject, a condition */
  ROLE_PURPOSE,     /* "to exclude": what follows is the question, not the action */
  /* time */
  ROLE_NUMBER,
  ROLE_UNIT,
  ROLE_MONTH,
  ROLE_FREQUENCY, /* "annually" */
  ROLE_NOW,       /* "today", with a value also "tomorrow" */
  ROLE_SPAN,      /* "half a year" */
  ROLE_AT,        /* "in", "at", "after" */
  ROLE_WITHIN,
  ROLE_AT_LEAST,
  ROLE_EVERY,
  ROLE_BETWEEN,
  ROLE_DURATION, /* "for", "x": how long, not when */
  ROLE_AGO,
  ROLE_LATER,
  ROLE_OR_MORE,
  ROLE_INTERVALS, /* "intervals": makes a period of the quantity before it */
  ROLE_RANGE,     /* "to" between numbers */
  ROLE_WEEK_OF,   /* "first week of" + month; the value is its number */
  ROLE_END_OF,
  ROLE_AGE,       /* "of age", "old": of a child */
  ROLE_GESTATION, /* "gestation", "EGA" */
  /* word */
  ROLE_AND,
  ROLE_OR,
  ROLE_OF,
  ROLE_DET,
  ROLE_WITH,
  ROLE_FOR,
  ROLE_TO,
  ROLE_BE,
  ROLE_BE_BASE, /* "be": after a modal, or "that CT be performed" */
  ROLE_BE_PAST,
  ROLE_HAVE,
  ROLE_HAD,
  ROLE_WE,
  ROLE_PATIENT,
  ROLE_THEN,
  ROLE_CONTRAST, /* "but": ends the reach of cues */
  ROLE_ON,       /* "on", "from": an exam after it is a source */
  ROLE_PRIOR,    /* "prior", "outside": an exam after it exists already */
  ROLE_THIS,     /* "this", "current": the exam reported on */
  ROLE_ADVERB,
  ROLE_PREP,
  ROLE_GUIDED, /* "CT-guided biopsy": the exam is a means */
  ROLE_PREFER, /* "preferably": names the exam that a general word meant */
  ROLE_ABBREVIATION,
  ROLE_OTHER_VERB,
  /* section */
  ROLE_TITLE,
  ROLE_HISTORY,
  ROLE_TECHNIQUE,
  ROLE_COMPARISON,
  ROLE_FINDINGS,
  ROLE_IMPRESSION,
  ROLE_RECOMMENDATION,
  ROLE_COMMUNICATION,
  ROLE_OTHER_SECTION,
  /* measure */
  ROLE_LENGTH,    /* "cm"; the value is its length in mm */
  ROLE_BY,        /* "x" between two lengths */
  ROLE_BEFORE,    /* "previously": the length beside it is an older one */
  ROLE_CURRENT,   /* "now": the length behind it is the new one */
  ROLE_FROM,      /* "from 6 to 8 mm" */
  ROLE_BOUND,     /* "up to"; head at-most, at-least */
  ROLE_APART,     /* "from the nipple": a distance, no size */
  ROLE_STABILITY, /* "unchanged"; head is the code of records.xml */
  ROLE_DENSITY,   /* "part-solid"; head likewise */
  ROLE_COUNT,     /* "multiple" (value 0), "solitary" (1) */
  ROLE_REFERS,    /* "it": the finding of the sentence before */
  ROLE_OPPOSITE,  /* "contralateral": another side is meant on purpose */
  N_ROLES
} Role;

typedef enum {
  KIND_NONE,
  KIND_IMAGING,
  KIND_PROCEDURE,
  KIND_REFERRAL,
  KIND_LAB,
  KIND_CLINICAL,
  N_KINDS
} Kind;

typedef enum { SIDE_NONE, SIDE_LEFT, SIDE_RIGHT, SIDE_BILATERAL, N_SIDES } Side;
typedef enum { STRENGTH_RECOMMEND, STRENGTH_CONSIDER, N_STRENGTHS } Strength;

enum {
  FLAG_GENERIC = 1,      /* "imaging": gives way to a named exam near it */
  FLAG_SAME_EXAM = 2,    /* "rescan": the modality of the exam reported on */
  FLAG_VERB = 4,         /* "re-image": an action by itself where a verb may stand */
  FLAG_WHOLE = 8,        /* a region that is an exam of both sides ("chest") */
  FLAG_EVERY = 16,       /* unit "monthly" */
  FLAG_WEAK = 32,        /* counts only where a cue names it */
  FLAG_IMPLIED = 64,     /* its region gives way to any other evidence */
  FLAG_SELF = 512,       /* asks by itself, without a cue: "attention on follow-up" */
  FLAG_SPECIALTY = 1024, /* "cardiology": an action together with a service */
  FLAG_SERVICE = 2048,   /* "consultation" */
  FLAG_VISIT = 4096,     /* imaging in a radiology report, a visit in a clinic note */
  FLAG_POINT = 8192,     /* "at": a point on a scale, which may be a pregnancy's or a child's */
  FLAG_SLASH = 256,      /* unit that stands behind a slash: "6/52" */
  FLAG_NEEDS_BE = 128    /* predicate that means nothing without "is" or "would be" before it */
};

#define N_MODALITIES 10
#define N_REGIONS 44
extern const char *const modality_codes[N_MODALITIES];
extern const char *const region_codes[N_REGIONS];
extern const char *const kind_codes[N_KINDS];
extern const char *const side_codes[N_SIDES];
extern const char *const strength_codes[N_STRENGTHS];
#define REGION_NONE (-1)

typedef struct {
  int32_t n;
  char unit; /* D W M Y; 0: none */
} Period;

typedef struct {
  char *name;
  Layer layer;
  Role role;
  Kind kind;
  Side side;
  Strength strength;
  unsigned modalities; /* bit i: modality_codes[i] */
  int region;          /* REGION_NONE or index into region_codes */
  unsigned flags;
  int32_t value; /* numbers, months */
  Period period;
  char *head; /* normalised head noun of a finding; name of a guideline */
} Term;

typedef enum {
  PATTERN_RESOLVED,
  PATTERN_NO_FOLLOW_UP,
  PATTERN_NON_DIAGNOSTIC,
  PATTERN_VETO
} PatternType;

/* A regular expression over one sentence, tried only where its gate word occurs. */
typedef struct {
  char *name;
  PatternType type;
  int priority;
  char *gate;   /* lower case, words separated by "|"; NULL: always tried */
  char **gates; /* its words */
  char *regex;
  void *code; /* pcre2_code */
} Pattern;

typedef struct Lexicon Lexicon;

/* NULL and *ret_error (g_free) when the bytes are no valid lexicon. */
Lexicon *lexicon_parse(const void *bytes, size_t n, char **ret_error);
/* Adds a second file, a clinic's own words, to a parsed one: a phrase that stands
 * in both means what the second says.  FALSE and *ret_error (g_free) as above. */
gboolean lexicon_extend(Lexicon *lexicon, const void *bytes, size_t n, char **ret_error);
void lexicon_free(Lexicon *lexicon);

/* Do numbers of this language have a decimal comma? */
gboolean lexicon_decimal_comma(const Lexicon *lexicon);
void lexicon_set_decimal_comma(Lexicon *lexicon);

/* How the reader fills it.  Phrases are separated by commas; "(s)" is
 * optional, "(y|ies)" a choice.  FALSE when a phrase is empty or too long. */
Lexicon *lexicon_new(void);
gboolean lexicon_add(Lexicon *lexicon, const Term *term, const char *phrases, char **ret_error);
gboolean lexicon_add_pattern(Lexicon *lexicon, const Pattern *pattern, char **ret_error);
gboolean lexicon_freeze(Lexicon *lexicon, char **ret_error);

/* The number of a normalised word, 0 when no term uses it. */
unsigned lexicon_word(const Lexicon *lexicon, const char *word, size_t n);
const Term *lexicon_term(const Lexicon *lexicon, int index);
int lexicon_n_terms(const Lexicon *lexicon);

/* The trie: node 0 is the root; 0 when there is no such child. */
unsigned lexicon_step(const Lexicon *lexicon, unsigned node, unsigned word);
/* By layer, the terms that end at node (-1: none); NULL when none of any layer does. */
const int *lexicon_ends(const Lexicon *lexicon, unsigned node);

int lexicon_n_patterns(const Lexicon *lexicon);
const Pattern *lexicon_pattern(const Lexicon *lexicon, int index); /* by priority */

/* Index into codes, -1 when absent. */
int code_index(const char *const *codes, int n, const char *code);
gboolean role_from_name(Layer layer, const char *name, Role *ret_role);

#endif
