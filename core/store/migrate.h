/* SPDX-License-Identifier: Apache-2.0
 *
 * store/migrate.h - brings a database to the version of this program.  Each
 * file schemas/sql/NNN.sql is one step, built into the program.
 */
#ifndef ITV_STORE_MIGRATE_H
#define ITV_STORE_MIGRATE_H

#include "store/db.h"

/* ITV_ERROR_DATABASE when the file belongs to another program, is newer than
 * this one or a step fails; then nothing was changed. */
gboolean itv_migrate(ItvDb *db, GError **error);

#endif
