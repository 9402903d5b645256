/* SPDX-License-Identifier: Apache-2.0
 *
 * store/image.h - images that say the same of patient, study and series stand in one
 * group: a history reads one row of each group, not each slice.  Derived.
 */
#ifndef ITV_STORE_IMAGE_H
#define ITV_STORE_IMAGE_H

#include "store/db.h"

/* `key`: what its images say alike, hashed. */
typedef struct {
  gint64 patient;
  const char *key, *study;
  gint64 seq;      /* of the image */
  const char *uid; /* of its evidence: the least of a group stands for it */
} ItvImageRow;

/* Puts the image into its group.  *ret_group is the group's id. */
gboolean itv_image_add(ItvDb *db, const ItvImageRow *image, gint64 *ret_group, GError **error);
/* The same when the group is known already; `uid` NULL when it is known not to be the least. */
gboolean itv_image_add_to(ItvDb *db, gint64 group, gint64 seq, const char *uid, GError **error);

#endif
