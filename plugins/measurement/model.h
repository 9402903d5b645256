/* SPDX-License-Identifier: Apache-2.0
 *
 * How far two measurements of an unchanged finding lie apart, and how large a
 * change matters.  Every number has its source beside it in model.c.
 */
#ifndef MEASUREMENT_MODEL_H
#define MEASUREMENT_MODEL_H

#include "match.h"

typedef struct {
  gboolean known;                     /* FALSE: no source says how far apart two of these lie */
  double ci_low, ci_high;             /* 95 % interval of the change, in the measure's unit */
  double relevant_low, relevant_high; /* changes up to here do not matter: <= 0 and >= 0 */
  double least_resolvable;            /* smallest increase that would be told from none */
  GString *source;
} Model;

/* Adds to match->notes what it had to assume.  `source` is to be freed. */
void model_apply(Match *match, Model *ret_model);

/* Is it a lung nodule, by its words? */
gboolean model_is_lung(const Sample *sample);
gboolean model_is_node(const Sample *sample);
/* Is it a measure for which growth in all directions may be assumed? */
gboolean model_is_lesion_size(const Sample *sample);

#endif
