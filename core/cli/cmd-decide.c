/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"

/* What a person decides is evidence like any other: who said it, and when. */
static json_object *
decide(ItvCli *cli, ItvDecisionInput decision, GError **error)
{
  decision.item = cli->args->pdata[0];
  decision.by = itv_cli_option(cli, "by");
  decision.at = itv_cli_option(cli, "at");
  return itv_app_decide(cli->app, &decision, error);
}

static void
show_item_state(json_object *o, const ItvCli *cli)
{
  (void)cli;
  const char *reason = itv_json_get_string(o, "reason");
  printf("%s is now %s%s%s\n", itv_json_get_string(o, "id"), itv_json_get_string(o, "status"),
         reason ? ": " : "", reason ? reason : "");
}

static json_object *
run_close(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  const char *reason = itv_cli_option(cli, "reason");
  if (!reason)
    return itv_fail(error, ITV_ERROR_USAGE, "--reason is needed"), NULL;
  return decide(
      cli,
      (ItvDecisionInput){.action = "close", .reason = reason, .note = itv_cli_option(cli, "note")},
      error);
}

static json_object *
run_reopen(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return decide(cli, (ItvDecisionInput){.action = "reopen", .note = itv_cli_option(cli, "note")},
                error);
}

static json_object *
run_set_interval(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return decide(cli,
                (ItvDecisionInput){.action = "set-interval",
                                   .interval = cli->args->pdata[1],
                                   .latest = itv_cli_option(cli, "latest")},
                error);
}

static json_object *
run_condition(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  const char *word = cli->args->pdata[1];
  if (strcmp(word, "met") != 0 && strcmp(word, "unmet") != 0)
    return itv_fail(error, ITV_ERROR_USAGE, "%s is neither met nor unmet", word), NULL;
  return decide(
      cli,
      (ItvDecisionInput){.action = strcmp(word, "met") == 0 ? "condition-met" : "condition-unmet"},
      error);
}

static json_object *
run_confirm(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return decide(cli, (ItvDecisionInput){.action = "confirm", .study = cli->args->pdata[1]}, error);
}

static json_object *
run_reject(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return decide(cli, (ItvDecisionInput){.action = "reject", .study = cli->args->pdata[1]}, error);
}

static json_object *
run_note(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return decide(cli, (ItvDecisionInput){.action = "note", .note = cli->args->pdata[1]}, error);
}

#define WHO_AND_WHEN                                                                               \
  {"by", "USER", "who says so; default: the login name"},                                          \
      {"at", "TIME", "when it was decided; default: now"},                                         \
  {                                                                                                \
    NULL, NULL, NULL                                                                               \
  }

static const ItvCliOption close_options[] = {
    {"reason", "R",
     "done-elsewhere declined deceased not-indicated superseded duplicate withdrawn "
     "condition-unmet expired other"},
    {"note", "TEXT", "in your own words"},
    WHO_AND_WHEN};
static const ItvCliOption reopen_options[] = {{"note", "TEXT", "in your own words"}, WHO_AND_WHEN};
static const ItvCliOption interval_options[] = {
    {"latest", "PERIOD", "the end of the window; default: the same"}, WHO_AND_WHEN};
static const ItvCliOption plain_options[] = {WHO_AND_WHEN};

const ItvCommand itv_command_close = {.name = "close",
                                      .args = "ITEM --reason R [--note T]",
                                      .min_args = 1,
                                      .max_args = 1,
                                      .summary = "close an item, and say why",
                                      .options = close_options,
                                      .run = run_close,
                                      .show = show_item_state};
const ItvCommand itv_command_reopen = {.name = "reopen",
                                       .args = "ITEM",
                                       .min_args = 1,
                                       .max_args = 1,
                                       .summary = "take back what closed or confirmed an item",
                                       .options = reopen_options,
                                       .run = run_reopen,
                                       .show = show_item_state};
const ItvCommand itv_command_set_interval = {
    .name = "set-interval",
    .args = "ITEM PERIOD",
    .min_args = 2,
    .max_args = 2,
    .summary = "say when an item is due, counted from its exam",
    .details = "PERIOD is an ISO 8601 duration: P6M, P6W, P1Y.",
    .options = interval_options,
    .run = run_set_interval,
    .show = show_item_state};
const ItvCommand itv_command_condition = {.name = "condition",
                                          .args = "ITEM met|unmet",
                                          .min_args = 2,
                                          .max_args = 2,
                                          .summary = "answer the question an item depends on",
                                          .options = plain_options,
                                          .run = run_condition,
                                          .show = show_item_state};
const ItvCommand itv_command_confirm = {.name = "confirm",
                                        .args = "ITEM STUDY",
                                        .min_args = 2,
                                        .max_args = 2,
                                        .summary = "this study satisfies the item",
                                        .options = plain_options,
                                        .run = run_confirm,
                                        .show = show_item_state};
const ItvCommand itv_command_reject = {.name = "reject",
                                       .args = "ITEM STUDY",
                                       .min_args = 2,
                                       .max_args = 2,
                                       .summary = "this study does not satisfy the item",
                                       .options = plain_options,
                                       .run = run_reject,
                                       .show = show_item_state};
const ItvCommand itv_command_note = {.name = "note",
                                     .args = "ITEM TEXT",
                                     .min_args = 2,
                                     .max_args = 2,
                                     .summary = "write a note to an item; it changes nothing else",
                                     .options = plain_options,
                                     .run = run_note,
                                     .show = show_item_state};
