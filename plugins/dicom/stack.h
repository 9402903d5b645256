/* SPDX-License-Identifier: Apache-2.0
 *
 * From planes in any order to a regular grid: which planes are used, where
 * they lie, and what a person should know about them.  Pure geometry.
 */
#ifndef INTERVAL_DICOM_STACK_H
#define INTERVAL_DICOM_STACK_H

#include <glib.h>

#include "image.h"

typedef struct {
  guint source, frame; /* where its pixels are */
  DcmPlane plane;
  gint64 rows, columns;
  gint64 number;          /* instance number, or frame number of a multi-frame object */
  gboolean projection;    /* an X-ray film: has no place in space */
  gboolean whole_numbers; /* no floating point pixels */
  double low, high;       /* what stored values can be */
  double suv_factor;      /* PET: rescaled value times this is SUV (body weight); 0: not told */
  char *uid;              /* SOP instance */
  double along_mm;        /* position along the normal: filled by dcm_stack_build */
  double shift_mm[2];     /* in-plane offset against the first plane, along rows and down columns */
} DcmSlice;

void dcm_slice_clear(DcmSlice *slice);

typedef struct {
  GArray *slices; /* DcmSlice, those used, sorted along the normal */
  double origin_mm[3], normal[3];
  double step_mm;   /* between planes of the grid */
  guint n_planes;   /* of the grid: equals slices->len when it is regular */
  gboolean regular; /* every plane of the grid is a slice */
  gboolean sheared; /* shift_mm must be undone */
  GPtrArray *notes; /* char * */
} DcmStack;

void dcm_stack_free(DcmStack *stack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DcmStack, dcm_stack_free)

/* Takes the slices (at least one, all with position and orientation). */
DcmStack *dcm_stack_build(GArray *slices);

#endif
