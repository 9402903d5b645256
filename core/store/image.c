/* SPDX-License-Identifier: Apache-2.0 */
#include "store/image.h"

gboolean
itv_image_add_to(ItvDb *db, gint64 group, gint64 seq, const char *uid, GError **error)
{
  return itv_db_exec(db, error, "INSERT OR IGNORE INTO image (grp, seq) VALUES (?1, ?2)", "ii",
                     group, seq) &&
         (!uid ||
          itv_db_exec(db, error,
                      "UPDATE image_group SET seq = ?2, uid = ?3 WHERE id = ?1 AND uid > ?3", "iit",
                      group, seq, uid));
}

gboolean
itv_image_add(ItvDb *db, const ItvImageRow *image, gint64 *ret_group, GError **error)
{
  static const char find[] = "SELECT id FROM image_group WHERE patient = ?1 AND key = ?2";
  if (!itv_db_exec(db, error,
                   "INSERT OR IGNORE INTO image_group (patient, key, study, seq, uid)"
                   " VALUES (?1, ?2, ?3, ?4, ?5)",
                   "ittit", image->patient, image->key, image->study, image->seq, image->uid) ||
      !itv_db_int(db, 0, ret_group, error, find, "it", image->patient, image->key))
    return FALSE;
  return itv_image_add_to(db, *ret_group, image->seq, image->uid, error);
}
