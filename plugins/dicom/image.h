/* SPDX-License-Identifier: Apache-2.0
 *
 * What the header of an image object says about where its pixels lie in the
 * patient and how they are stored, for single-frame and enhanced multi-frame
 * objects alike.
 */
#ifndef INTERVAL_DICOM_IMAGE_H
#define INTERVAL_DICOM_IMAGE_H

#include "dataset.h"

typedef struct {
  gboolean has_position, has_orientation, has_spacing, has_rescale;
  double position_mm[3];      /* LPS, centre of the first pixel */
  double orientation[6];      /* along a row, then down a column */
  double spacing_mm[2];       /* between rows, between columns; 1 when unknown */
  const char *spacing_origin; /* patient detector calibrated; NULL without spacing */
  double thickness_mm;        /* 0 when unknown */
  double slope, intercept;    /* 1, 0 when not given */
} DcmPlane;

typedef struct {
  const DcmObject *object; /* borrowed */
  char *modality;          /* (0008,0060), may be NULL */
  char *photometric;       /* may be NULL */
  gint64 rows, columns, frames, samples, planar;
  gint64 allocated, stored, high_bit;
  gboolean is_signed;
  gboolean is_float;           /* (7FE0,0008) or (7FE0,0009) */
  gboolean has_modality_table; /* grey values are to go through (0028,3000) */
  const DcmElement *pixels;    /* NULL: there are none */
  GPtrArray *shared;           /* functional groups: items of (5200,9229) and (5200,9230); */
  GPtrArray *per_frame;        /* empty for classic objects */
} DcmImage;

DcmImage *dcm_image_new(const DcmObject *object);
void dcm_image_free(DcmImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DcmImage, dcm_image_free)

void dcm_image_plane(const DcmImage *image, guint frame, DcmPlane *ret_plane);

/* The item of a functional group macro for that frame, NULL if there is none. */
DcmDataset *dcm_image_macro(const DcmImage *image, guint frame, guint32 macro);

/* Why the pixels cannot be decoded, as far as the header tells; NULL when they
 * can.  Free with g_free. */
char *dcm_image_problem(const DcmImage *image);

#endif
