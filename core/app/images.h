/* SPDX-License-Identifier: Apache-2.0
 *
 * app/images.h - from a study to its series, their voxels and what was measured
 * on them.
 */
#ifndef ITV_APP_IMAGES_H
#define ITV_APP_IMAGES_H

#include "app/app-private.h"
#include "model/volume.h"

/* Where an image's pixels lie; a film lies in its own plane (x = column, y = row). */
typedef struct {
  double origin_mm[3], column_mm[3], row_mm[3]; /* step per column and per row */
} ItvAppPlane;

/* One series, or one film: what is compared with another one. */
typedef struct {
  char *study_uid, *series_uid, *accession;
  char *study_description, *series_description, *view, *kernel, *contrast_agent, *contrast_phase;
  char *manufacturer, *body_part;
  ItvModality modality;
  ItvMoment performed;
  ItvExam exam;
  double slice_thickness_mm, spacing_mm, kvp; /* < 0: unknown */
  GPtrArray *paths;                           /* char *: where the objects lie */
  GPtrArray *sop_uids;                        /* char *, the same order */
  GHashTable *index; /* SOP UID, borrowed -> where it stands in the arrays */
  GArray *planes;    /* ItvAppPlane, the same order */
  char *problem;     /* why the pixels cannot be read; NULL: they can */
} ItvAppSeries;
void itv_app_series_free(ItvAppSeries *series);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvAppSeries, itv_app_series_free)

/* ItvAppSeries of that study (its UID), by UID.  Empty when the study is known by its
 * report only. */
GPtrArray *itv_app_series_of(ItvApp *app, gint64 family, const char *study_uid, GError **error);

/* A pixel of the image `sop_uid` in mm; FALSE when the series does not hold it. */
gboolean itv_app_series_pixel_to_mm(const ItvAppSeries *series, const char *sop_uid, double column,
                                    double row, double ret_mm[3]);

/* Which two to lay side by side: modality, view, description, kernel, number of
 * slices.  FALSE when one list is empty. */
gboolean itv_app_series_pair(const GPtrArray *currents, const GPtrArray *priors,
                             const ItvAppSeries **ret_current, const ItvAppSeries **ret_prior);

/* Voxels through the pixels plugins; `notes` gains what they remarked (char *). */
ItvVolume *itv_app_load(ItvApp *app, const GPtrArray *paths, GPtrArray *notes, GError **error);

/* interval.measurement/1 records about the images of a study, with the exam's date
 * and role (NULL: none) filled in; into `job_records`.  `notes` gains a sentence for
 * measurements that are filed under another patient id. */
gboolean itv_app_measurements(ItvApp *app, gint64 family, const GPtrArray *series, const char *role,
                              ItvRecords *job_records, GPtrArray *notes, GError **error);

#endif
