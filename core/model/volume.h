/* SPDX-License-Identifier: Apache-2.0
 *
 * model/volume.h - voxels in memory that nobody can change any more: a sealed
 * memfd, mapped read-only here.  A job hands the descriptor to a worker without
 * copying a byte.
 */
#ifndef ITV_MODEL_VOLUME_H
#define ITV_MODEL_VOLUME_H

#include <glib.h>

#include "interval/plugin.h"

typedef struct ItvVolume ItvVolume;

/* Bytes of data that a shape needs; 0 when the shape is malformed: an unknown
 * pixel type, a dimension below 1 or beyond 65536, more than 64 GiB, a spacing
 * that is not positive and finite, origin, direction, slope or intercept not
 * finite. */
guint64 itv_volume_size(const itv_volume *shape);

/* A copy of `data` (itv_volume_size(shape) bytes).  `shape->role` and
 * `shape->data` are ignored.  NULL with ITV_ERROR_FAILED. */
ItvVolume *itv_volume_new(const itv_volume *shape, const void *data, GError **error);
/* Makes unsealed, zero-filled memory of that shape and gives its descriptor to
 * the caller; what is written there becomes a volume through _seal().  -1 with an
 * error. */
int itv_volume_allocate(const itv_volume *shape, GError **error);
/* Takes `fd` (closed also on failure), forbids every further write and maps it.
 * Fails when somebody still has it mapped for writing. */
ItvVolume *itv_volume_seal(int fd, const itv_volume *shape, GError **error);

ItvVolume *itv_volume_ref(ItvVolume *volume);
void itv_volume_unref(ItvVolume *volume); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvVolume, itv_volume_unref)

/* Shape with `data` and `data_size` set, `role` NULL; borrowed. */
const itv_volume *itv_volume_view(const ItvVolume *volume);
/* The sealed memfd; borrowed. */
int itv_volume_fd(const ItvVolume *volume);
/* One voxel as a physical value (slope and intercept applied).  The index must
 * lie inside. */
double itv_volume_value(const ItvVolume *volume, int i, int j, int k);

#endif
