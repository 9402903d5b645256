/* SPDX-License-Identifier: Apache-2.0
 *
 * cli/cards.h - the documents of CARDS modules, printed.
 */
#ifndef ITV_CLI_CARDS_H
#define ITV_CLI_CARDS_H

#include "base/json.h"

/* Is it a document of app/cards.c? */
gboolean itv_cli_is_cards(json_object *document);
/* The line that sums a check up; its faults are shown as those of our own files. */
void itv_cli_show_cards_check(json_object *document);
void itv_cli_show_cards_run(json_object *document);

#endif
