/* SPDX-License-Identifier: Apache-2.0
 *
 * model/exam.h - what an examination covers, as far as its order, description
 * and objects say: the common key of reports, studies, appointments and items.
 */
#ifndef ITV_MODEL_EXAM_H
#define ITV_MODEL_EXAM_H

#include "model/vocabulary.h"

typedef enum {
  ITV_CONTRAST_UNKNOWN = 0,
  ITV_CONTRAST_WITHOUT = 1,
  ITV_CONTRAST_WITH = 2,
  ITV_CONTRAST_BOTH = 3, /* before and after: WITHOUT | WITH */
} ItvContrast;

typedef struct {
  ItvModalitySet modalities; /* PET/CT: PT and CT */
  ItvRegionSet regions;      /* as named, not yet widened by coverage */
  ItvLaterality laterality;  /* NONE: not said */
  ItvRegion main_region;     /* the one a worklist shows */
  ItvModality main_modality;
  ItvContrast contrast; /* UNKNOWN: not said */
  guint64
      acts; /* acts that are no imaging (engine/derive-act.c), where the site's codes name them */
} ItvExam;

#endif
