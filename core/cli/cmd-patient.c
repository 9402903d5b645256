/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/text.h"

static const char *
text_of(json_object *o, const char *key)
{
  const char *text = itv_json_get_string(o, key);
  return text ? text : "";
}

/* ---- timeline ------------------------------------------------------------------------------ */

static json_object *
run_timeline(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  ItvDate as_of = ITV_DATE_NONE;
  if (!itv_cli_date(cli, "as-of", &as_of, error))
    return NULL;
  return itv_app_timeline(cli->app, cli->args->pdata[0], as_of, error);
}

static void
show_timeline(json_object *o, const ItvCli *cli)
{
  (void)cli;
  json_object *patient = itv_json_get(o, "patient"), *events = itv_json_get(o, "events");
  json_object *followups = itv_json_get(o, "followups");
  g_autofree char *name = itv_cli_person_name(itv_json_get_string(patient, "name"));
  printf("%s  %s, born %s\n\n", text_of(patient, "id"), name, text_of(patient, "birth_date"));
  for (gsize i = 0; i < json_object_array_length(events); i++) {
    json_object *e = json_object_array_get_idx(events, i);
    g_autofree char *at = g_strndup(text_of(e, "at"), 16);
    printf("%-16s  %-11s %s", at, text_of(e, "type"), text_of(e, "text"));
    static const char *const extras[] = {"accession", "status", "images", "recommendations",
                                         "note"};
    for (gsize k = 0; k < G_N_ELEMENTS(extras); k++) {
      g_autofree char *value = itv_cli_member(e, extras[k]);
      if (*value && strcmp(value, "0") != 0)
        printf("  %s %s", extras[k], value);
    }
    printf("\n");
  }
  printf("\nFollow-ups:\n");
  for (gsize i = 0; i < json_object_array_length(followups); i++) {
    json_object *f = json_object_array_get_idx(followups, i);
    g_autofree char *modality = itv_cli_member(f, "modality");
    printf("  %-18s %s %s %s  due %s  id %s\n", text_of(f, "status"), text_of(f, "kind"), modality,
           text_of(f, "region"), *text_of(f, "due_from") ? text_of(f, "due_from") : "-",
           text_of(f, "id"));
  }
}

static const ItvCliOption timeline_options[] = {
    {"as-of", "DATE", "what was known at the end of that day; default today"}, {NULL, NULL, NULL}};

const ItvCommand itv_command_timeline = {
    .name = "timeline",
    .args = "PATIENT",
    .min_args = 1,
    .max_args = 1,
    .summary = "a patient's exams, reports, procedures, decisions and follow-ups, in time order",
    .options = timeline_options,
    .run = run_timeline,
    .show = show_timeline};

/* ---- procedure add --------------------------------------------------------------------------- */

static json_object *
run_procedure_add(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  const char *patient = itv_cli_option(cli, "patient"), *protocol = itv_cli_option(cli, "protocol");
  const char *date = itv_cli_option(cli, "date");
  if (!patient || !protocol || !date)
    return itv_fail(error, ITV_ERROR_USAGE, "--patient, --protocol and --date are needed"), NULL;
  return itv_app_procedure_add(cli->app, patient, protocol, date, itv_cli_option(cli, "laterality"),
                               itv_cli_option(cli, "by"), itv_cli_option(cli, "at"), error);
}

static void
show_procedure(json_object *o, const ItvCli *cli)
{
  (void)cli;
  printf("%s of %s on %s: %s visits are tracked now\n", text_of(o, "protocol"),
         text_of(o, "patient"), text_of(o, "date"),
         json_object_get_string(itv_json_get(o, "visits")));
}

static const ItvCliOption procedure_options[] = {
    {"patient", "ID", "ID or ID^^^ISSUER"},
    {"protocol", "NAME", "a file of config/protocols, without suffix"},
    {"date", "DATE", "day of surgery"},
    {"laterality", "L", "left, right or bilateral"},
    {"by", "USER", "who says so; default: the login name"},
    {"at", "TIME", "since when it is known; default: the day of surgery"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_procedure_add = {
    .name = "procedure add",
    .args = "--patient ID --protocol NAME --date D [--laterality L]",
    .max_args = 0,
    .summary = "a surgery: starts its follow-up protocol",
    .options = procedure_options,
    .run = run_procedure_add,
    .show = show_procedure};

/* ---- healing ------------------------------------------------------------------------------------
 */

static json_object *
run_healing(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return itv_app_healing(cli->app, cli->args->pdata[0], itv_cli_option(cli, "procedure"),
                         itv_cli_option(cli, "out"), error);
}

static void
print_range(json_object *pair, const char *before, const char *after)
{
  if (pair)
    printf("  %s%.4g to %.4g%s", before, json_object_get_double(json_object_array_get_idx(pair, 0)),
           json_object_get_double(json_object_array_get_idx(pair, 1)), after);
}

static void
show_measure(json_object *point, json_object *m)
{
  /* A UCUM annotation such as {score} is no unit to a reader; a bare 1 neither. */
  const char *unit = text_of(m, "unit");
  const gboolean plain = *unit == '{' || strcmp(unit, "1") == 0;
  g_autofree char *name =
      g_strjoin(*text_of(m, "view") ? " " : "", text_of(m, "name"), text_of(m, "view"), NULL);
  printf("  %s  day %-5.0f %-20s %.4g%s%s", text_of(point, "date"),
         json_object_get_double(itv_json_get(point, "days")), name,
         json_object_get_double(itv_json_get(m, "value")), plain ? "" : " ", plain ? "" : unit);
  print_range(itv_json_get(m, "ci95"), "(95 %: ", ")");
  print_range(itv_json_get(m, "expected"), "expected ", "");
  printf("  %s", text_of(m, "verdict"));
  /* Why nothing can be said: the note up to what explains it. */
  const char *note = text_of(m, "note");
  if (strcmp(text_of(m, "verdict"), "not-resolvable") == 0 && *note)
    printf(" (%.*s)", (int)strcspn(note, ":"), note);
  putchar('\n');
}

static void
show_healing(json_object *o, const ItvCli *cli)
{
  (void)cli;
  json_object *procedure = itv_json_get(o, "procedure"), *points = itv_json_get(o, "points");
  printf("%s on %s%s%s\n", text_of(procedure, "protocol"), text_of(procedure, "date"),
         *text_of(procedure, "laterality") ? ", " : "", text_of(procedure, "laterality"));
  for (gsize i = 0; i < json_object_array_length(points); i++) {
    json_object *point = json_object_array_get_idx(points, i);
    json_object *measures = itv_json_get(point, "measures");
    for (gsize k = 0; k < json_object_array_length(measures); k++)
      show_measure(point, json_object_array_get_idx(measures, k));
  }
  json_object *notes = itv_json_get(o, "notes");
  for (gsize i = 0; notes && i < json_object_array_length(notes); i++)
    printf("  %s\n", json_object_get_string(json_object_array_get_idx(notes, i)));
  printf("verdict: %s. %s\n", text_of(o, "verdict"), text_of(o, "reason"));
  json_object *pictures = itv_json_get(o, "pictures");
  for (gsize i = 0; pictures && i < json_object_array_length(pictures); i++)
    printf("%s\n", json_object_get_string(json_object_array_get_idx(pictures, i)));
}

static const ItvCliOption healing_options[] = {
    {"procedure", "ID", "protocol name or date of one of several procedures; default: the latest"},
    {"out", "DIR", "write the curve and the films there"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_healing = {
    .name = "healing",
    .args = "PATIENT [--procedure ID]",
    .min_args = 1,
    .max_args = 1,
    .summary = "the healing series after a procedure: every measure, expectation and verdict",
    .options = healing_options,
    .run = run_healing,
    .show = show_healing};
