/* SPDX-License-Identifier: Apache-2.0
 *
 * Lengths in a sentence: "8 x 6 mm", "1.2 cm", "from 6 to 8 mm".
 */
#ifndef RECOMMENDATION_MEASURES_H
#define RECOMMENDATION_MEASURES_H

#include "findings.h"

typedef struct {
  int begin, end; /* tokens */
  double mm[MAX_AXES];
  int n;
  double low_mm;   /* of a range "4-6 mm", else 0 */
  gboolean before; /* an older one: "previously 6 mm" */
  gboolean from;   /* of "from 6 to 8 mm": low_mm is the older one */
  const char *bound;
} Measure;

enum { MAX_MEASURES = 24 };

/* The sizes among tokens [begin, end); distances ("4 cm from the nipple") are left out. */
int measures_find(const Text *t, int begin, int end, Measure ret[MAX_MEASURES]);

#endif
