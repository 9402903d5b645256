/* SPDX-License-Identifier: Apache-2.0
 *
 * store/strike.h - which plugin build failed on which input, and which plugins
 * are switched off.  The policy is plugin/quarantine.h's.
 */
#ifndef ITV_STORE_STRIKE_H
#define ITV_STORE_STRIKE_H

#include "store/db.h"

gboolean itv_strike_add(ItvDb *db, const char *plugin, const char *build, const char *input,
                        gint64 at, gboolean crash, const char *message, GError **error);
gboolean itv_strike_switch_off(ItvDb *db, const char *plugin, gint64 at, const char *message,
                               GError **error);
/* Also forgets its strikes. */
gboolean itv_strike_switch_on(ItvDb *db, const char *plugin, GError **error);
#endif
