/* SPDX-License-Identifier: Apache-2.0
 *
 * app/cards.h - CARDS modules for those who write rule files: one of the formats
 * of app/guidelines.c.
 */
#ifndef ITV_APP_CARDS_H
#define ITV_APP_CARDS_H

#include "app/app.h"

/* *ret_faulty: it has an error. */
json_object *itv_app_cards_check(ItvApp *app, const char *path, gboolean *ret_faulty,
                                 GError **error);
/* `values` are "Id=VALUE", choices of one element divided by '|'; an element named
 * several times takes all of them.  `on` is of no meaning. */
json_object *itv_app_cards_run(ItvApp *app, const char *path, const char *const *values, ItvDate on,
                               GError **error);

#endif
