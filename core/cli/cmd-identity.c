/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/command.h"

static json_object *
identity(ItvCli *cli, const char *action, GError **error)
{
  return itv_app_identity(cli->app, action, cli->args->pdata[0], cli->args->pdata[1],
                          itv_cli_option(cli, "by"), itv_cli_option(cli, "at"), error);
}

static json_object *
run_link(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return identity(cli, "link", error);
}

static json_object *
run_unlink(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return identity(cli, "unlink", error);
}

static void
show_link(json_object *o, const ItvCli *cli)
{
  (void)cli;
  printf("%s and %s are one person from now on\n", itv_json_get_string(o, "patient"),
         itv_json_get_string(o, "other"));
}

static void
show_unlink(json_object *o, const ItvCli *cli)
{
  (void)cli;
  printf("%s and %s are two persons from now on\n", itv_json_get_string(o, "patient"),
         itv_json_get_string(o, "other"));
}

static const ItvCliOption options[] = {{"by", "USER", "who says so; default: the login name"},
                                       {"at", "TIME", "when it was decided; default: now"},
                                       {NULL, NULL, NULL}};

const ItvCommand itv_command_identity_link = {
    .name = "identity link",
    .args = "ID OTHER",
    .min_args = 2,
    .max_args = 2,
    .summary = "two patient ids are one person",
    .details = "ID and OTHER as ID or ID^^^ISSUER. It is evidence like a merge message, and "
               "`identity unlink` takes it back; nothing is lost either way.",
    .options = options,
    .run = run_link,
    .show = show_link};

const ItvCommand itv_command_identity_unlink = {.name = "identity unlink",
                                                .args = "ID OTHER",
                                                .min_args = 2,
                                                .max_args = 2,
                                                .summary = "two patient ids are two persons",
                                                .options = options,
                                                .run = run_unlink,
                                                .show = show_unlink};
