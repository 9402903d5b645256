/* SPDX-License-Identifier: Apache-2.0
 *
 * app/healing.h - a healing series while it is put together, and its page.
 */
#ifndef ITV_APP_HEALING_H
#define ITV_APP_HEALING_H

#include "app/exams.h"
#include "app/pair.h"
#include "engine/protocol.h"

typedef struct {
  const ItvAppExam *exam;
  ItvAppSeries *film; /* owned */
} ItvHealingFilm;

typedef struct {
  const ItvHealingFilm *first, *latest;
  ItvAppPair *pair; /* owned; "current" is the first film, "prior" the latest one */
} ItvHealingPair;

typedef struct {
  const itv_record *record; /* interval.healing-point/1 */
  const char *view;         /* of the film it was measured on; NULL: none, or a report's score */
} ItvHealingPoint;

typedef struct {
  ItvApp *app;
  gint64 family;
  ItvHistory *history;
  GPtrArray *exams;
  guint person;
  const ItvProcedure *procedure;
  const ItvProtocol *protocol;
  ItvRecords *measurements;
  GPtrArray *results; /* ItvAppResult: records first, then one per film */
  GPtrArray *views;   /* char *, in step with `results`: the film's projection, or NULL */
  GPtrArray *notes;   /* char * */
  GArray *films;      /* ItvHealingFilm */
  GPtrArray *pairs;   /* ItvHealingPair: of each view the latest film */
} ItvHealingSeries;

/* The record that speaks for the whole; NULL: nothing was measured. */
const itv_record *itv_app_healing_overall(const ItvHealingSeries *series);

/* Films, curves, HTML and PDF into `dir`; `points`: ItvHealingPoint by day. */
gboolean itv_app_healing_page(const ItvHealingSeries *series, const GArray *points, const char *dir,
                              GPtrArray **ret_paths, GError **error);

#endif
