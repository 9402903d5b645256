/* SPDX-License-Identifier: Apache-2.0
 *
 * app/strikes.h - the supervisor's memory of strikes, kept in the database.
 */
#ifndef ITV_APP_STRIKES_H
#define ITV_APP_STRIKES_H

#include "plugin/quarantine.h"
#include "store/db.h"

ItvStrikeStore *itv_app_strikes_new(ItvDb *db);
void itv_app_strikes_free(ItvStrikeStore *store); /* NULL is fine */

#endif
