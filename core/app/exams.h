/* SPDX-License-Identifier: Apache-2.0
 *
 * app/exams.h - performed exams: what reports and images say of the same exam,
 * put together.
 */
#ifndef ITV_APP_EXAMS_H
#define ITV_APP_EXAMS_H

#include "app/app-private.h"

typedef struct {
  guint person;                      /* whose it is on that day: index into the history's ids */
  const char *study_uid, *accession; /* borrowed from the history; either may be NULL */
  const char *description, *code;
  ItvExam exam;
  ItvMoment performed;
  guint n_images; /* 0: known by its report only */
} ItvAppExam;

/* ItvAppExam, by time, as known at the end of that day; must not outlive the history. */
GPtrArray *itv_app_exams(const ItvHistory *history, ItvDate as_of);
/* By Study Instance UID or accession number; NULL when there is none. */
const ItvAppExam *itv_app_exam_find(const GPtrArray *exams, const char *study);

/* Study UID of the best relevant earlier exam that has images, or of the oldest comparable
 * one; NULL when there is none.  Owned. */
char *itv_app_best_prior(ItvApp *app, const GPtrArray *exams, const ItvAppExam *current,
                         gboolean oldest);

#endif
