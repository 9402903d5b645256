/* SPDX-License-Identifier: Apache-2.0
 *
 * model/spatial.h - where a point of one study lies in another: what a
 * registration found, as in DICOM's (Deformable) Spatial Registration.
 *
 *   moving = matrix * (fixed + displacement(fixed))      all in mm, LPS
 *
 * A linear map has no displacement.
 */
#ifndef ITV_MODEL_SPATIAL_H
#define ITV_MODEL_SPATIAL_H

#include "model/volume.h"

typedef struct {
  double matrix[16];          /* row-major */
  ItvVolume *displacement[3]; /* x, y, z in mm on one grid, owned; NULL: linear */
} ItvSpatialMap;

void itv_spatial_map_clear(ItvSpatialMap *map);

/* FALSE unless the three have one shape, of float voxels. */
gboolean itv_spatial_map_set_displacement(ItvSpatialMap *map, ItvVolume *const volume[3]);

/* Adds the displacement at a point to it; nothing without one.  Beyond its grid it goes
 * on as at the edge. */
void itv_spatial_map_displace(const ItvSpatialMap *map, double at[3]);

void itv_spatial_map_point(const ItvSpatialMap *map, const double fixed[3], double ret_moving[3]);

#endif
