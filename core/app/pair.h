/* SPDX-License-Identifier: Apache-2.0
 *
 * app/pair.h - two series side by side: quality check and registration, and
 * what they found, as values.
 */
#ifndef ITV_APP_PAIR_H
#define ITV_APP_PAIR_H

#include "app/images.h"
#include "app/result.h"
#include "model/spatial.h"

typedef struct {
  const ItvAppSeries *current, *prior;      /* borrowed */
  ItvVolume *current_volume, *prior_volume; /* NULL: not readable, see `reasons` */
  char *current_problem, *prior_problem;
  ItvAppResult *quality, *registration; /* NULL: did not come to it */
  gboolean comparable;                  /* may be laid upon each other */
  gboolean quality_passed;         /* the quality check found nothing that forbids a comparison */
  GPtrArray *severities, *reasons; /* char *, in step */
  gboolean registered;             /* there is a matrix */
  gboolean accepted;
  char *model, *method, *refusal;
  ItvSpatialMap map;
  double similarity_before, similarity_after, overlap;
} ItvAppPair;

void itv_app_pair_free(ItvAppPair *pair);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvAppPair, itv_app_pair_free)

/* Loads, checks and registers.  Pixels that cannot be read or a plugin that fails
 * become reasons, not errors: the measurements may still be compared. */
ItvAppPair *itv_app_pair(ItvApp *app, const ItvAppSeries *current, const ItvAppSeries *prior);
/* The contract's "registration" object; NULL when there is none. */
json_object *itv_app_pair_registration_json(const ItvAppPair *pair);
/* Reads what `registration` holds into the pair. */
gboolean itv_app_pair_read_registration(ItvAppPair *pair);
void itv_app_pair_add_reason(ItvAppPair *pair, const char *severity, const char *text);
/* image-set record of a series, for quality and healing jobs. */
void itv_app_add_image_set(ItvJob *job, const ItvAppSeries *series, const char *role,
                           const GPtrArray *notes, double days);

#endif
