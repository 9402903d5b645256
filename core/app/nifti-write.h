/* SPDX-License-Identifier: Apache-2.0
 *
 * app/nifti-write.h - volumes that were made here, as NIfTI-1 files (.nii), for any
 * viewer and toolbox.
 */
#ifndef ITV_APP_NIFTI_WRITE_H
#define ITV_APP_NIFTI_WRITE_H

#include <glib.h>

#include "interval/plugin.h"

/* Float voxels on the grid of `shape` (its pixel type, slope and data do not matter).
 * `n_components` images one after the other: 1, or 3 for displacements in mm, LPS, as
 * ITK reads them.  `description` is cut at 79 bytes.  Replaces the file as a whole. */
gboolean itv_app_write_nifti(const char *path, const itv_volume *shape, const float *const *values,
                             int n_components, const char *description, GError **error);

#endif
