/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/text.h"

/* ---- two descriptions ------------------------------------------------------------------------ */

static json_object *
answer_pair(ItvCli *cli, json_object *in, GError **error)
{
  json_object *current = itv_json_get(in, "current"), *prior = itv_json_get(in, "prior");
  const ItvPriorDescription now = {.description = itv_json_get_string(current, "description"),
                                   .code = itv_json_get_string(current, "code"),
                                   .modality = itv_json_get_string(current, "modality"),
                                   .date = itv_json_get_string(current, "date")};
  const ItvPriorDescription then = {.description = itv_json_get_string(prior, "description"),
                                    .code = itv_json_get_string(prior, "code"),
                                    .modality = itv_json_get_string(prior, "modality"),
                                    .date = itv_json_get_string(prior, "date")};
  if ((!now.description && !now.code) || (!then.description && !then.code))
    return itv_fail(error, ITV_ERROR_INPUT,
                    "\"current\" and \"prior\" are needed, each with a \"description\" or a "
                    "\"code\""),
           NULL;
  return itv_app_priors_pair(cli->app, &now, &then, error);
}

/* A bad line is answered with "error" and does not stop the rest. */
static json_object *
answer_line(gpointer data, json_object *in, GError **error)
{
  return answer_pair(data, in, error);
}

static json_object *
run_pair(ItvCli *cli, GError **error)
{
  const ItvPriorDescription now = {.description = itv_cli_option(cli, "description"),
                                   .code = itv_cli_option(cli, "code"),
                                   .modality = itv_cli_option(cli, "modality"),
                                   .date = itv_cli_option(cli, "date")};
  const ItvPriorDescription then = {.description = itv_cli_option(cli, "prior-description"),
                                    .code = itv_cli_option(cli, "prior-code"),
                                    .modality = itv_cli_option(cli, "prior-modality"),
                                    .date = itv_cli_option(cli, "prior-date")};
  if (!then.description && !then.code)
    return itv_fail(error, ITV_ERROR_USAGE,
                    "--prior-description (or --prior-code) is needed beside --description"),
           NULL;
  return itv_app_priors_pair(cli->app, &now, &then, error);
}

static json_object *
run_priors(ItvCli *cli, int *ret_exit, GError **error)
{
  const gboolean pair = itv_cli_option(cli, "description") || itv_cli_option(cli, "code");
  if (itv_cli_option(cli, "jsonl"))
    return itv_cli_json_lines(cli->args->len ? cli->args->pdata[0] : "-", NULL, answer_line, cli,
                              ret_exit, error);
  if (pair && cli->args->len == 0)
    return run_pair(cli, error);
  if (pair || cli->args->len == 0)
    return itv_fail(error, ITV_ERROR_USAGE,
                    "either STUDY, or --description and --prior-description"),
           NULL;
  return itv_app_priors(cli->app, cli->args->pdata[0], error);
}

static void
show_reasons(json_object *o)
{
  json_object *reasons = itv_json_get(o, "reasons");
  for (gsize i = 0; i < json_object_array_length(reasons); i++)
    printf("    %s\n", json_object_get_string(json_object_array_get_idx(reasons, i)));
}

static const char *
relevance(json_object *o)
{
  return json_object_get_boolean(itv_json_get(o, "relevant")) ? "relevant" : "not relevant";
}

static void
show_reading(json_object *o, const char *key)
{
  static const char *const shown[] = {"modality", "region",      "laterality", "contrast",
                                      "views",    "projections", "protocols"};
  json_object *exam = itv_json_get(o, key);
  g_autofree char *description = itv_cli_member(exam, "description");
  g_autofree char *code = itv_cli_member(exam, "code");
  printf("%s: %s\n", key, *description ? description : code);
  for (gsize i = 0; i < G_N_ELEMENTS(shown); i++) {
    g_autofree char *value = itv_cli_member(exam, shown[i]);
    if (*value)
      printf("    %-12s %s\n", shown[i], value);
  }
}

static void
show_prior(json_object *o)
{
  g_autofree char *date = itv_cli_member(o, "date");
  g_autofree char *modality = itv_cli_member(o, "modality");
  g_autofree char *region = itv_cli_member(o, "region");
  g_autofree char *description = itv_cli_member(o, "description");
  g_autofree char *role = itv_cli_member(o, "role");
  g_autofree char *accession = itv_cli_member(o, "accession");
  g_autofree char *study = itv_cli_member(o, "study");
  printf("%-12s %.2f  %-6s  %s  %s %s  %s  %s\n", relevance(o),
         json_object_get_double(itv_json_get(o, "score")), role, date, modality, region,
         description, *accession ? accession : study);
  show_reasons(o);
}

static void
show_priors(json_object *document, const ItvCli *cli)
{
  (void)cli;
  if (!json_object_is_type(document, json_type_array)) {
    printf("%s %.2f\n", relevance(document),
           json_object_get_double(itv_json_get(document, "score")));
    show_reasons(document);
    show_reading(document, "current");
    show_reading(document, "prior");
    return;
  }
  const gsize n = json_object_array_length(document);
  if (n == 0)
    printf("no other exam of this patient is known\n");
  for (gsize i = 0; i < n; i++)
    show_prior(json_object_array_get_idx(document, i));
}

static const ItvCliOption priors_options[] = {
    {"description", "TEXT", "of the current exam, instead of STUDY"},
    {"prior-description", "TEXT", "of the other exam"},
    {"code", "RPID", "RadLex Playbook code of the current exam"},
    {"prior-code", "RPID", "of the other exam"},
    {"modality", "CODE", "of the current exam, where it is coded"},
    {"prior-modality", "CODE", "of the other exam"},
    {"date", "DATE", "of the current exam"},
    {"prior-date", "DATE", "of the other exam"},
    {"jsonl", NULL,
     "read {\"id\",\"current\":{\"description\",\"code\",\"modality\",\"date\"},\"prior\":{...}} a "
     "line from STUDY (a file, - or nothing: standard input), answer a line each"},
    {NULL, NULL, NULL}};

static const char *const descriptions_only[] = {"description", "code", "jsonl", NULL};

const ItvCommand itv_command_priors = {
    .name = "priors",
    .args = "[STUDY]",
    .max_args = 1,
    .no_database_with = descriptions_only,
    .summary = "the patient's other exams, ranked for comparison with this one",
    .details =
        "STUDY is a Study Instance UID or an accession number. Of the comparable exams before it "
        "one is marked latest and, where there are several, one oldest: against the latest one "
        "sees what is new, against the oldest what changes slowly.\n\n"
        "With --description and --prior-description two descriptions are judged without any study: "
        "what is understood of each (modality, region, side, contrast, views, protocol), whether "
        "the prior is relevant, and why.",
    .options = priors_options,
    .run = run_priors,
    .show = show_priors};
