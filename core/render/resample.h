/* SPDX-License-Identifier: Apache-2.0
 *
 * render/resample.h - values of one volume at places given in the space of
 * another.  Lengths are mm.  An unoriented volume (a film) lies in its own plane:
 * x = column * spacing, y = row * spacing, z = 0.
 */
#ifndef ITV_RENDER_RESAMPLE_H
#define ITV_RENDER_RESAMPLE_H

#include <glib.h>

#include "interval/plugin.h"
#include "model/spatial.h"

/* Pixel (i, j) of the plane has its centre at origin + i * u + j * v. */
typedef struct {
  double origin_mm[3], u_mm[3], v_mm[3];
  int width, height;
} ItvPlaneGrid;

typedef struct {
  int width, height;
  float *value;   /* physical values (slope and intercept applied); 0 where outside */
  guint8 *inside; /* 1 where the volume has data */
} ItvPlane;

void itv_plane_free(ItvPlane *plane);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvPlane, itv_plane_free)

/* Index (voxel units) to mm and back: 3x4 affine, row-major. */
void itv_volume_index_to_mm(const itv_volume *volume, double ret_matrix[12]);
/* FALSE when the direction is singular. */
gboolean itv_volume_mm_to_index(const itv_volume *volume, double ret_matrix[12]);

/* Trilinear; bilinear where the volume is one slice thick.  `map` leads from the
 * grid's mm to the volume's; NULL: identity.
 * A place counts as inside up to half a voxel beyond the outermost centres. */
ItvPlane *itv_resample_plane(const itv_volume *volume, const ItvPlaneGrid *grid,
                             const ItvSpatialMap *map);

/* The whole moving volume on the fixed one's grid: dim[0]*dim[1]*dim[2] values
 * and marks into the caller's arrays. */
gboolean itv_resample_volume(const itv_volume *fixed, const itv_volume *moving,
                             const ItvSpatialMap *map, float *ret_value, guint8 *ret_inside);

/* Many single places: checks and inversions are done once. */
typedef struct {
  const itv_volume *volume;
  gint64 stride_y, stride_z;
  const ItvSpatialMap *map; /* NULL unless it holds a displacement; borrowed */
  double affine[12];        /* mm to index */
} ItvSampler;

/* `map` as above, borrowed by the sampler; FALSE when the volume is malformed. */
gboolean itv_sampler_init(ItvSampler *ret_sampler, const itv_volume *volume,
                          const ItvSpatialMap *map);
/* FALSE outside. */
gboolean itv_sampler_at(const ItvSampler *sampler, const double at_mm[3], double *ret_value);

/* One value at a place in the volume's own mm; FALSE outside. */
gboolean itv_volume_sample(const itv_volume *volume, const double at_mm[3], double *ret_value);

#endif
