/* SPDX-License-Identifier: Apache-2.0
 *
 * Plane geometry of outlines: what an outline encloses and how long it is.  Pure;
 * all in mm in the plane's own axes.
 */
#ifndef INTERVAL_DICOM_SHAPE_H
#define INTERVAL_DICOM_SHAPE_H

#include <glib.h>

typedef struct {
  double x, y;
} DcmPoint;

/* Largest distance between two of the points (Feret's diameter), with its ends; 0 for
 * fewer than two.  Reorders the points. */
double dcm_shape_diameter(DcmPoint *points, gsize n, DcmPoint ret_ends[2]);

/* What a set of closed outlines encloses under the even-odd rule: holes, islands in
 * holes and keyholes alike.  outlines[i] .. outlines[i + 1] are the points of one,
 * n_outlines + 1 indices.  -1 when there are too many crossings to be a sane outline. */
double dcm_shape_area(const DcmPoint *points, const guint *outlines, guint n_outlines);

#endif
