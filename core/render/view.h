/* SPDX-License-Identifier: Apache-2.0
 *
 * render/view.h - which planes of a volume are shown and how they lie on the
 * screen: patient's right at the viewer's left, anterior and head upwards.
 */
#ifndef ITV_RENDER_VIEW_H
#define ITV_RENDER_VIEW_H

#include "render/resample.h"

typedef struct {
  const char *name;  /* "axial", "coronal", "sagittal", "film", "image" */
  ItvPlaneGrid grid; /* square pixels of pixel_mm, on the volume's own index planes */
  double pixel_mm;
  double key[2];          /* the key point in pixels of the grid */
  char left[4], right[4]; /* side markers: "R", "LP"; "" for a film */
  char top[4], bottom[4];
  char position[48]; /* "slice 34 of 120, 12.3 mm F"; "" for a film */
} ItvView;

#define ITV_VIEWS_MAX 3

/* The plane the images were taken in first; the two across it only where there
 * are slices enough to show something.  `key_mm` in the volume's mm is brought
 * to the nearest slice and into the volume.  Returns how many (0: malformed). */
int itv_views_for(const itv_volume *volume, const double key_mm[3],
                  ItvView ret_views[ITV_VIEWS_MAX]);

/* Middle of the volume, mm. */
void itv_volume_centre(const itv_volume *volume, double ret_mm[3]);

#endif
