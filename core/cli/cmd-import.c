/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/text.h"

static ItvImportHints
hints_of(const ItvCli *cli)
{
  return (ItvImportHints){.patient = itv_cli_option(cli, "patient"),
                          .date = itv_cli_option(cli, "date"),
                          .modality = itv_cli_option(cli, "modality"),
                          .region = itv_cli_option(cli, "region"),
                          .description = itv_cli_option(cli, "description"),
                          .accession = itv_cli_option(cli, "accession")};
}

static json_object *
run_import(ItvCli *cli, int *ret_exit, GError **error)
{
  const ItvImportHints hints = hints_of(cli);
  gboolean partial = FALSE;
  if (!hints.patient && (hints.date || hints.modality || hints.description || hints.accession))
    return itv_fail(error, ITV_ERROR_USAGE,
                    "--date, --modality, --description and --accession go with --patient"),
           NULL;
  json_object *document =
      itv_app_import(cli->app, (const char *const *)cli->args->pdata, cli->args->len,
                     hints.patient ? &hints : NULL, &partial, error);
  itv_cli_name_problems(document, "rejected", "rejected");
  itv_cli_name_problems(document, "failed", "failed");
  itv_cli_name_problems(document, "notes", "note");
  *ret_exit = partial ? 1 : 0;
  return document;
}

static void
show_import(json_object *o, const ItvCli *cli)
{
  (void)cli;
  static const char *const counts[][2] = {{"patients", "patient"},
                                          {"studies", "study"},
                                          {"reports", "report"},
                                          {"messages", "message"},
                                          {"recommendations", "recommendation"}};
  printf("%s new, %s already known, %zu rejected",
         json_object_get_string(itv_json_get(o, "accepted")),
         json_object_get_string(itv_json_get(o, "duplicates")),
         json_object_array_length(itv_json_get(o, "rejected")));
  const gsize failed = json_object_array_length(itv_json_get(o, "failed"));
  if (failed)
    printf(", %zu reports not read", failed);
  printf("\nnew:");
  for (gsize i = 0; i < G_N_ELEMENTS(counts); i++) {
    const gint64 n = json_object_get_int64(itv_json_get(o, counts[i][0]));
    printf("%s %" G_GINT64_FORMAT " %s", i ? "," : "", n, counts[i][n == 1]);
  }
  printf("\n");
  if (json_object_get_int64(itv_json_get(o, "recommendations")) > 0)
    printf("`interval worklist` shows what is due\n");
}

static const ItvCliOption import_options[] = {
    {"patient", "ID", "whose files these are, where they do not say (NIfTI); ID or ID^^^ISSUER"},
    {"date", "DATE", "when they were acquired, where they do not say"},
    {"modality", "CODE", "CT MR XR US ..., with --patient"},
    {"description", "TEXT", "the exam's name, with --patient"},
    {"accession", "NUMBER", "the exam's accession number, with --patient"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_import = {
    .name = "import",
    .args = "PATH...",
    .min_args = 1,
    .max_args = -1,
    .summary = "take in files and folders, by content and not by suffix",
    .details = "DICOM (also media), HL7 v2 (one or many messages a file), NIfTI with --patient and "
               "--date. The same content comes in once. Images stay where they are: the database "
               "keeps references. Every rejected input is named with the reason.",
    .options = import_options,
    .run = run_import,
    .show = show_import};

/* ---- report add ------------------------------------------------------------------------- */

static json_object *
run_report_add(ItvCli *cli, int *ret_exit, GError **error)
{
  const ItvImportHints hints = hints_of(cli);
  gboolean partial = FALSE;
  gsize length = 0;
  if (!hints.patient || !hints.date)
    return itv_fail(error, ITV_ERROR_USAGE, "--patient and --date are needed"), NULL;
  g_autofree char *text = itv_cli_read_text(cli->args->pdata[0], &length, error);
  if (!text)
    return NULL;
  if (!g_utf8_validate_len(text, length, NULL))
    return itv_fail(error, ITV_ERROR_INPUT, "%s: not UTF-8 text", (char *)cli->args->pdata[0]),
           NULL;
  json_object *document =
      itv_app_report_add(cli->app, &hints, text, cli->args->pdata[0], &partial, error);
  itv_cli_name_problems(document, "failed", "failed");
  *ret_exit = partial ? 1 : 0;
  return document;
}

static const ItvCliOption report_options[] = {
    {"patient", "ID", "ID or ID^^^ISSUER"},
    {"date", "DATE", "of the exam"},
    {"modality", "CODE", "CT MR XR US ..."},
    {"region", "CODE", "chest abdomen knee ..."},
    {"description", "TEXT", "the exam's name"},
    {"accession", "NUMBER", "the exam's accession number"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_report_add = {.name = "report add",
                                           .args =
                                               "--patient ID --date D --modality M --region R FILE",
                                           .min_args = 1,
                                           .max_args = 1,
                                           .summary = "add a plain-text report",
                                           .details = "FILE is UTF-8 text; - reads standard input.",
                                           .options = report_options,
                                           .run = run_report_add,
                                           .show = show_import};
