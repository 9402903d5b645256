/* SPDX-License-Identifier: Apache-2.0
 *
 * cli/item.h - a follow-up item in words.
 */
#ifndef ITV_CLI_ITEM_H
#define ITV_CLI_ITEM_H

#include "base/json.h"

/* A string member, "" when it is absent. */
const char *itv_cli_text_of(json_object *object, const char *key);

/* What is asked for: "CT chest, left (8 mm nodule)".  Owned. */
char *itv_cli_item_action(json_object *item);
/* "OVERDUE 12 d", "closed: declined", else the status.  Owned. */
char *itv_cli_item_state(json_object *item);
/* One line: whose item it is. */
void itv_cli_item_show_patient(json_object *item);
/* State, action, dates, the sentence it comes from, and what to do now. */
void itv_cli_item_show(json_object *item);

#endif
