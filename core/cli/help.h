/* SPDX-License-Identifier: Apache-2.0
 *
 * cli/help.h - everything that explains the commands, made from the table.
 */
#ifndef ITV_CLI_HELP_H
#define ITV_CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

void itv_help_all(FILE *out);
void itv_help_command(FILE *out, const ItvCommand *command);
/* `what`: "man" writes interval.1 and interval-COMMAND.1 into the folder `where`,
 * "bash-completion" writes interval.bash there.  The exit status. */
int itv_help_generate(const char *what, const char *where);

#endif
