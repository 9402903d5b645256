/* SPDX-License-Identifier: Apache-2.0
 *
 * app/strikes.h - the supervisor's memory of strikes: read from the database at
 * the start, kept in memory (jobs run in several threads, the database belongs
 * to one) and written back by flush().
 */
#ifndef ITV_APP_STRIKES_H
#define ITV_APP_STRIKES_H

#include "plugin/quarantine.h"
#include "store/db.h"

typedef struct ItvStrikes ItvStrikes;

ItvStrikes *itv_strikes_load(ItvDb *db, GError **error);
void itv_strikes_free(ItvStrikes *strikes); /* NULL is fine; unflushed ones are lost */
/* For itv_plugins_set_strike_store(); borrowed. */
const ItvStrikeStore *itv_strikes_store(ItvStrikes *strikes);
/* Writes what is new; call it between transactions.  [database thread] */
gboolean itv_strikes_flush(ItvStrikes *strikes, GError **error);

#endif
