/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/cards.h - ACR Assist CARDS 2.0 modules: read, linted and run.  Pure: no
 * clock, no database, no files but the one that is read.
 *
 * The grammar (schemas/cards.rng) leaves open how rules run.  Here, as in the
 * public modules' own simulator: of a rule's decision point every branch that
 * holds is taken, so one run may reach several end points (one for each
 * nodule); a computed element takes the first branch that holds; of an
 * element's conditional properties the first that holds counts.
 */
#ifndef ITV_ENGINE_CARDS_H
#define ITV_ENGINE_CARDS_H

#include "base/xml.h"
#include "model/cards.h"

#define ITV_CARDS_ROOT "ReportingModule"

/* ---- reading (cards-load.c, cards-text.c) ------------------------------------------------- */

/* From the root element.  Also modules that the published grammar would refuse are
 * read where their meaning is plain, those of schema 1 with their mixed text
 * among them.  NULL with ITV_ERROR_CONFIG (file, line, reason) where it is not. */
ItvCards *itv_cards_read(const ItvXml *xml, const char *file, GError **error);

/* ---- lint (cards-lint.c, cards-gaps.c) ------------------------------------------------------ */

typedef struct {
  gboolean error;   /* else a warning: it runs, but look at it */
  const char *rule; /* static: "duplicate-id" ... */
  int line;
  char *text;
} ItvCardsFault;

void itv_cards_fault_free(ItvCardsFault *fault);

/* All faults, by line (ItvCardsFault, owned).  Rules: `duplicate-id`,
 * `dangling-reference` (an attribute names what is not there, or not of that
 * kind), `dangling-text` (a text or an expression does), `unreachable-end-point`,
 * `unknown-choice`, `missing-default`, `cycle`, `followup`, `gap`.  Gaps are looked for with
 * up to `cases` complete cases. */
GPtrArray *itv_cards_lint(const ItvCards *cards, const ItvXml *xml, guint cases);

/* ---- running (cards-run.c, cards-value.c, cards-template.c) -------------------------------------
 */

typedef struct {
  char *id, *text;
} ItvCardsText;

typedef struct {
  const ItvCardsEndPoint *end;
  GPtrArray *sections; /* ItvCardsText */
} ItvCardsOutcome;

typedef struct {
  GPtrArray *outcomes; /* ItvCardsOutcome, in the order in which they were reached */
  GPtrArray *missing;  /* char *: required elements on which it depends and that were not given */
  GPtrArray *reasons;  /* char *: decision points where nothing held, what was ignored and why */
  GPtrArray *gaps;     /* const ItvCardsDecision *: where nothing held */
  GPtrArray *ignored;  /* const char *: elements whose value was given but is not relevant */
  GPtrArray *values;   /* ItvCardsText: computed elements with a value */
} ItvCardsAnswer;

/* `given`: element id -> value; several choices are divided by '|'.  A number may not
 * bear a unit.  A date is ISO 8601, a time span an ISO 8601 duration (PT36H).
 * `texts`: make the report sections, too.  NULL with ITV_ERROR_USAGE where a value
 * is none of that element's. */
ItvCardsAnswer *itv_cards_run(const ItvCards *cards, GHashTable *given, gboolean texts,
                              GError **error);
void itv_cards_answer_free(ItvCardsAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvCardsAnswer, itv_cards_answer_free)

/* "P1DT2H3M4S" as seconds; a year is 365.25 days, a month a twelfth of it. */
gboolean itv_cards_duration(const char *text, double *ret_seconds);

#endif
