/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/escalation.h - what is to be done next about an item, and when: what a
 * person planned, else the next step of the site's ladder of contacts.  Pure.
 */
#ifndef ITV_ENGINE_ESCALATION_H
#define ITV_ENGINE_ESCALATION_H

#include "base/xml.h"
#include "model/followup.h"

typedef struct {
  int after_days; /* from the first overdue day */
  ItvContactWhom whom;
  ItvContactHow how;
} ItvLadderStep;

typedef struct {
  GArray *steps;        /* ItvLadderStep, by after_days */
  int pause_days;       /* at least so long after a contact before the next */
  int book_days_before; /* so long before due_from an appointment is to be made */
  int daily_cap;        /* actions a day and owner; 0: no limit */
} ItvEscalation;

/* From <escalation>; NULL: the default ladder.  ITV_ERROR_CONFIG (file, line, what was
 * expected). */
ItvEscalation *itv_escalation_load(const ItvXml *xml, const char *file, GError **error);
void itv_escalation_free(ItvEscalation *escalation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvEscalation, itv_escalation_free)

typedef enum {
  ITV_NEXT_NOTHING = 0,
  ITV_NEXT_PLANNED,   /* a person said what and when */
  ITV_NEXT_REVIEW,    /* confirm or reject a study */
  ITV_NEXT_INTERVAL,  /* say when it is due */
  ITV_NEXT_CONDITION, /* answer the question */
  ITV_NEXT_BOOK,      /* make an appointment */
  ITV_NEXT_ATTEND,    /* look whether the appointment was kept */
  ITV_NEXT_CONTACT,   /* a step of the ladder */
  ITV_NEXT_DECIDE,    /* the ladder is at its end, or the patient refused: close it or go on */
} ItvNextKind;

typedef struct {
  ItvNextKind kind;
  ItvDate on;          /* the first day on which it is to be done */
  guint step, n_steps; /* of the ladder, from 1; 0: none */
  ItvContactWhom whom; /* of a step */
  ItvContactHow how;
  const char *what; /* what a person planned; borrowed from the item */
} ItvNextAction;

/* As of that day, for which the item was derived. */
ItvNextAction itv_escalation_next(const ItvEscalation *escalation, const ItvFollowup *item,
                                  ItvDate as_of);
/* "phone the patient (step 2 of 4)"; owned. */
char *itv_next_action_words(const ItvNextAction *action);
/* "contact", "book" ... */
const char *itv_next_kind_code(ItvNextKind kind);

#endif
