/* SPDX-License-Identifier: Apache-2.0
 *
 * Reasons for and against comparing two image sets, each with its numbers.
 */
#ifndef QUALITY_H
#define QUALITY_H

#include <glib.h>

#include "interval/plugin.h"

typedef enum { INFO, WARNING, BLOCKING } Severity;

typedef struct {
  const char *code, *role; /* role NULL: both */
  Severity severity;
  char *text;
} Reason;

typedef struct {
  GPtrArray *reasons; /* Reason * */
} Reasons;

void reasons_add(Reasons *reasons, Severity severity, const char *role, const char *code,
                 const char *format, ...) G_GNUC_PRINTF(5, 6);

/* What was measured in the voxels of one set; NAN: could not be measured. */
typedef struct {
  gboolean present, spacing_known, flat; /* flat: one film, no slices */
  double pixel_mm, slice_mm, extent_mm;  /* extent across the slices */
  double noise;                          /* standard deviation, in the image's unit */
  double edge_mm;                        /* standard deviation of the blur of the sharpest edges */
  double truncated;                      /* share of the border that is body */
  double enhanced;                       /* CT: share of the body in even 130-350 HU tissue */
  double clipped_high, clipped_low;      /* share of pixels at the extreme values */
  double range_used;                     /* middle 90 % of the values over their whole range */
  float thumb[32 * 32];                  /* a small picture, for the sign of the correlation */
} Voxels;

/* FALSE with *ret_error (to be freed) when the volume's fields contradict. */
gboolean voxels_measure(const itv_host *host, const itv_volume *volume, gboolean ct,
                        Voxels *ret_voxels, char **ret_error);

/* Correlation of the two small pictures, -1..1. */
double voxels_correlation(const Voxels *a, const Voxels *b);

/* Reasons from the records alone. */
void metadata_compare(const itv_record *prior, const itv_record *current, Reasons *reasons);
/* Reasons from voxels; records for what they should be. */
void voxels_compare(const itv_record *prior, const itv_record *current, const Voxels *a,
                    const Voxels *b, Reasons *reasons);

/* A kernel's class by its name: 1 sharp, -1 soft, 0 not known. */
int kernel_class(const char *name);
gboolean is_radiograph(const itv_record *set);

#endif
