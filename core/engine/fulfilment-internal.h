/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/fulfilment-internal.h - what loading and asking share.
 */
#ifndef ITV_ENGINE_FULFILMENT_INTERNAL_H
#define ITV_ENGINE_FULFILMENT_INTERNAL_H

#include "engine/fulfilment.h"

/* One reason for which a region is shown. */
typedef struct {
  ItvRegionSet by;           /* any of these */
  ItvModalitySet modalities; /* 0: by whatever modality */
} ItvCover;

typedef struct {
  ItvRegionSet parts; /* 0: not composed */
  gboolean partial;   /* some of them are worth a question */
} ItvComposed;

typedef struct {
  ItvModalitySet modalities, instead_of;
  ItvRegionSet regions; /* 0: all */
} ItvServes;

typedef struct {
  char *word; /* lower case */
  gboolean open;
} ItvActWord;

typedef struct {
  char *id;
  GArray *words; /* ItvActWord */
} ItvAct;

typedef struct {
  ItvActSet acts;
  char **findings; /* NULL: whatever */
} ItvSettles;

struct ItvFulfilment {
  ItvRegionSet always[ITV_REGION_N]; /* each of these shows the region, itself included */
  GArray *covers[ITV_REGION_N];      /* ItvCover under a condition; NULL: none */
  ItvComposed composed[ITV_REGION_N];
  ItvRegionSet paired, both_sides;
  GArray *serves; /* ItvServes */
  int early_divisor, early_days;
  double keeps[ITV_DOUBT_N];
  GPtrArray *acts; /* ItvAct */
  ItvActSet of_place;
  GArray *settles; /* ItvSettles */
};

#endif
