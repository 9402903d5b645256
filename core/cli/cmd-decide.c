/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/item.h"
#include "cli/text.h"

#define REASONS                                                                                    \
  "done-elsewhere declined deceased not-indicated superseded duplicate withdrawn "                 \
  "condition-unmet expired other"

/* What a person decides is evidence like any other: who said it, and when. */
static json_object *
decide(ItvCli *cli, ItvDecisionInput decision, GError **error)
{
  decision.item = cli->args->pdata[0];
  decision.by = itv_cli_option(cli, "by");
  decision.at = itv_cli_option(cli, "at");
  return itv_app_decide(cli->app, &decision, error);
}

/* Names the patient and the action: a wrong id must be seen at once. */
static void
show(json_object *o, const char *how)
{
  json_object *patient = itv_json_get(o, "patient");
  g_autofree char *name = itv_cli_person_name(itv_json_get_string(patient, "name"));
  g_autofree char *action = itv_cli_item_action(o);
  g_autofree char *state = itv_cli_item_state(o);
  g_autofree char *line = g_strdup_printf("%s (%s of %s, %s) %s %s", itv_cli_text_of(o, "id"),
                                          action, name, itv_cli_text_of(patient, "id"), how, state);
  itv_cli_print(0, line);
  if (*itv_cli_text_of(o, "due_from") && strcmp(itv_cli_text_of(o, "status"), "closed") != 0)
    printf("    due %s, overdue after %s\n", itv_cli_text_of(o, "due_from"),
           itv_cli_text_of(o, "overdue_after"));
}

static void
show_item_state(json_object *o, const ItvCli *cli)
{
  (void)cli;
  show(o, "is now");
}

static void
show_closed(json_object *o, const ItvCli *cli)
{
  (void)cli;
  show(o, "is now");
  printf("    `interval reopen %.6s` takes it back\n", itv_cli_text_of(o, "id"));
}

static void
show_noted(json_object *o, const ItvCli *cli)
{
  (void)cli;
  show(o, "has a new note and stays");
}

static json_object *
run_close(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  const char *reason = itv_cli_option(cli, "reason");
  if (!reason)
    return itv_fail(error, ITV_ERROR_USAGE, "--reason is needed: %s", REASONS), NULL;
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

/* "6M" and "6m" are what people write for P6M. */
static char *
period_of(const char *text)
{
  const gsize digits = text ? strspn(text, "0123456789") : 0;
  if (digits == 0 || strlen(text) != digits + 1 || !strchr("dwmyDWMY", text[digits]))
    return g_strdup(text);
  return g_strdup_printf("P%.*s%c", (int)digits, text, g_ascii_toupper(text[digits]));
}

static json_object *
run_set_interval(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  g_autofree char *interval = period_of(cli->args->pdata[1]);
  g_autofree char *latest = period_of(itv_cli_option(cli, "latest"));
  return decide(
      cli, (ItvDecisionInput){.action = "set-interval", .interval = interval, .latest = latest},
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
    {"reason", "R", REASONS}, {"note", "TEXT", "in your own words"}, WHO_AND_WHEN};
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
                                      .show = show_closed};
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
    .details = "PERIOD is an ISO 8601 duration: P6M, P6W, P1Y; 6M, 6W, 1Y will do; \"proposed\" "
               "takes what the guideline proposes.",
    .options = interval_options,
    .run = run_set_interval,
    .show = show_item_state};
static json_object *
run_fact(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  g_autoptr(GPtrArray) facts = g_ptr_array_new();
  for (guint i = 1; i < cli->args->len; i++)
    g_ptr_array_add(facts, cli->args->pdata[i]);
  g_ptr_array_add(facts, NULL);
  return itv_app_fact(cli->app, cli->args->pdata[0], (const char *const *)facts->pdata,
                      itv_cli_option(cli, "item"), itv_cli_option(cli, "by"),
                      itv_cli_option(cli, "at"), error);
}

static void
show_fact(json_object *o, const ItvCli *cli)
{
  (void)cli;
  json_object *items = itv_json_get(o, "items");
  g_autofree char *facts = itv_cli_member(o, "facts");
  printf("noted of %s%s%s: %s\n", itv_cli_text_of(o, "patient"),
         *itv_cli_text_of(o, "item") ? ", item " : "", itv_cli_text_of(o, "item"), facts);
  for (gsize i = 0; i < json_object_array_length(items); i++)
    itv_cli_item_show(json_object_array_get_idx(items, i));
}

static const ItvCliOption fact_options[] = {
    {"item", "ITEM", "of this item only: its size, density ..."}, WHO_AND_WHEN};

const ItvCommand itv_command_fact = {
    .name = "fact",
    .args = "PATIENT NAME=VALUE... [--item ITEM]",
    .min_args = 2,
    .max_args = -1,
    .summary = "say what you know of a patient: what conditions and guidelines ask for",
    .details = "smoking=current, risk=high, cancer-history=no, menopause=post; with --item also "
               "size=7mm, density=solid, count=single. The latest word counts, and a person's word "
               "counts more than a report's. What is asked for stands in the worklist.",
    .options = fact_options,
    .run = run_fact,
    .show = show_fact};

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
                                     .show = show_noted};
