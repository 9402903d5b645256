/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/text.h"

static json_object *
run_verify(ItvCli *cli, int *ret_exit, GError **error)
{
  gboolean sound = TRUE;
  json_object *o = itv_app_verify(cli->app, &sound, error);
  const gboolean failed = o && json_object_array_length(itv_json_get(o, "failed")) > 0;
  *ret_exit = !sound ? 4 : failed ? 1 : 0;
  itv_cli_name_problems(o, "failed", "failed");
  return o;
}

static void
show_verify(json_object *o, const ItvCli *cli)
{
  (void)cli;
  json_object *faults = itv_json_get(o, "faults");
  for (gsize i = 0; i < json_object_array_length(faults); i++)
    printf("DAMAGED: %s\n", json_object_get_string(json_object_array_get_idx(faults, i)));
  printf("%s pieces of evidence, %s open jobs%s\nstate %s\n",
         json_object_get_string(itv_json_get(o, "evidence")),
         json_object_get_string(itv_json_get(o, "open_jobs")),
         json_object_array_length(faults) ? "" : ", sound", itv_json_get_string(o, "state"));
}

const ItvCommand itv_command_verify = {
    .name = "verify",
    .args = "",
    .summary = "check the database: the engine's own checks, every piece of evidence, the chain",
    .details =
        "Prints a hash of the whole state that does not depend on the order in which evidence "
        "arrived.",
    .run = run_verify,
    .show = show_verify};

static json_object *
run_rebuild(ItvCli *cli, int *ret_exit, GError **error)
{
  json_object *o = itv_app_rebuild(cli->app, error);
  *ret_exit = o && json_object_array_length(itv_json_get(o, "failed")) > 0 ? 1 : 0;
  itv_cli_name_problems(o, "failed", "failed");
  return o;
}

static void
show_rebuild(json_object *o, const ItvCli *cli)
{
  (void)cli;
  printf("derived anew from %s pieces of evidence\nstate %s\n",
         json_object_get_string(itv_json_get(o, "evidence")), itv_json_get_string(o, "state"));
}

const ItvCommand itv_command_rebuild = {.name = "rebuild",
                                        .args = "",
                                        .summary = "derive everything anew from the evidence",
                                        .run = run_rebuild,
                                        .show = show_rebuild};

static json_object *
run_backup(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return itv_app_backup(cli->app, cli->args->pdata[0], error);
}

static void
show_backup(json_object *o, const ItvCli *cli)
{
  (void)cli;
  printf("%s is written and was opened again\n", itv_json_get_string(o, "backup"));
}

const ItvCommand itv_command_backup = {.name = "backup",
                                       .args = "FILE",
                                       .min_args = 1,
                                       .max_args = 1,
                                       .summary = "copy the database while others go on working",
                                       .run = run_backup,
                                       .show = show_backup};

static json_object *
run_restore(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  const ItvAppOptions options = itv_cli_app_options(cli);
  return itv_app_restore(&options, cli->args->pdata[0], error);
}

static void
show_restore(json_object *o, const ItvCli *cli)
{
  (void)cli;
  const char *before = itv_json_get_string(o, "before");
  printf("%s is restored", itv_json_get_string(o, "restored"));
  if (before)
    printf("; what was there is kept in %s", before);
  printf("\n");
}

const ItvCommand itv_command_restore = {
    .name = "restore",
    .args = "FILE",
    .min_args = 1,
    .max_args = 1,
    .app = ITV_CLI_NO_APP,
    .summary = "bring a backup back; what is there now is kept beside it",
    .details = "No other interval process may be working on the database meanwhile.",
    .run = run_restore,
    .show = show_restore};
