/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/item.h"
#include "cli/text.h"
#include "render/text.h"

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

/* OBX-11 and OBR-25 as people say them. */
static const char *
report_status(const char *code)
{
  static const char *const words[][2] = {
      {"F", "final"}, {"P", "preliminary"}, {"C", "corrected"}, {"X", "cancelled"}};
  for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
    if (strcmp(code, words[i][0]) == 0)
      return words[i][1];
  return code;
}

/* What a person decided: "closed: declined, item 0vertd". */
static void
append_decision(GString *line, json_object *e)
{
  const char *reason = itv_cli_text_of(e, "reason");
  g_string_append_printf(line, "  %s%s%s, item %.6s", itv_cli_text_of(e, "action"),
                         *reason ? ": " : "", reason, itv_cli_text_of(e, "item"));
}

static void
show_event(json_object *e)
{
  static const char *const extras[] = {"accession", "images", "recommendations", "note"};
  g_autofree char *at = g_strndup(itv_cli_text_of(e, "at"), 16);
  const char *status = itv_cli_text_of(e, "status");
  GString *line = g_string_new(NULL);
  g_string_append_printf(line, "%-16s  %-11s %s", at, itv_cli_text_of(e, "type"),
                         itv_cli_text_of(e, "text"));
  if (*itv_cli_text_of(e, "action"))
    append_decision(line, e);
  if (*status)
    g_string_append_printf(line, "  %s", report_status(status));
  for (gsize k = 0; k < G_N_ELEMENTS(extras); k++) {
    g_autofree char *value = itv_cli_member(e, extras[k]);
    if (*value && strcmp(value, "0") != 0)
      g_string_append_printf(line, "  %s %s", extras[k], value);
  }
  itv_cli_print(0, line->str);
  g_string_free(line, TRUE);
}

static void
show_timeline(json_object *o, const ItvCli *cli)
{
  (void)cli;
  static const char *const head[] = {"status", "due", "id", "what"};
  enum { N = G_N_ELEMENTS(head) };
  json_object *events = itv_json_get(o, "events"), *followups = itv_json_get(o, "followups");
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  itv_cli_item_show_patient(o);
  printf("\n");
  if (json_object_array_length(events) == 0)
    printf("No exam, report or decision is known.\n");
  for (gsize i = 0; i < json_object_array_length(events); i++)
    show_event(json_object_array_get_idx(events, i));
  printf("\nFollow-ups:%s\n", json_object_array_length(followups) ? "" : " none");
  for (gsize i = 0; i < json_object_array_length(followups); i++) {
    json_object *f = json_object_array_get_idx(followups, i);
    g_ptr_array_add(cells, itv_cli_item_state(f));
    g_ptr_array_add(cells, g_strdup(itv_cli_text_of(f, "due_from")));
    g_ptr_array_add(cells, g_strdup(itv_cli_text_of(f, "id")));
    g_ptr_array_add(cells, itv_cli_item_action(f));
  }
  if (cells->len)
    itv_cli_table(head, (const char *const *)cells->pdata, N, cells->len / N);
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
  printf("%s of %s on %s: %s visits are tracked now\n", itv_cli_text_of(o, "protocol"),
         itv_cli_text_of(o, "patient"), itv_cli_text_of(o, "date"),
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

/* "4.7 to 6"; "" when there is no pair.  Owned. */
static char *
range_of(json_object *pair)
{
  if (!pair)
    return g_strdup("");
  g_autofree char *low =
      itv_text_number(json_object_get_double(json_object_array_get_idx(pair, 0)));
  g_autofree char *high =
      itv_text_number(json_object_get_double(json_object_array_get_idx(pair, 1)));
  return g_strdup_printf("%s to %s", low, high);
}

static void
add_measure(GPtrArray *cells, json_object *point, json_object *m)
{
  /* A UCUM annotation such as {score} is no unit to a reader. */
  const char *unit = itv_cli_text_of(m, "unit");
  const double days = json_object_get_double(itv_json_get(point, "days"));
  g_ptr_array_add(cells, g_strdup(itv_cli_text_of(point, "date")));
  g_ptr_array_add(cells, g_strdup_printf("%.0f", days));
  g_ptr_array_add(cells, g_strdup_printf("%.0f", floor(days / 7)));
  const char *view = itv_cli_text_of(m, "view");
  g_autofree char *name = itv_text_measure(itv_cli_text_of(m, "name"));
  g_ptr_array_add(cells, *view ? g_strdup_printf("%s (%s)", name, view) : g_strdup(name));
  g_ptr_array_add(cells, itv_text_quantity(json_object_get_double(itv_json_get(m, "value")),
                                           *unit == '{' ? "" : unit));
  g_ptr_array_add(cells, range_of(itv_json_get(m, "ci95")));
  g_ptr_array_add(cells, range_of(itv_json_get(m, "expected")));
  g_ptr_array_add(cells, g_strdup(itv_text_verdict(itv_cli_text_of(m, "verdict"))));
}

static void
show_points(json_object *points)
{
  static const char *const head[] = {"date",  "day",     "week",     "measure",
                                     "value", "95 % CI", "expected", "verdict"};
  enum { N = G_N_ELEMENTS(head) };
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  for (gsize i = 0; i < json_object_array_length(points); i++) {
    json_object *point = json_object_array_get_idx(points, i);
    json_object *measures = itv_json_get(point, "measures");
    for (gsize k = 0; k < json_object_array_length(measures); k++)
      add_measure(cells, point, json_object_array_get_idx(measures, k));
  }
  if (cells->len)
    itv_cli_table(head, (const char *const *)cells->pdata, N, cells->len / N);
}

/* The answer first, then what it rests upon. */
static void
show_healing(json_object *o, const ItvCli *cli)
{
  (void)cli;
  json_object *procedure = itv_json_get(o, "procedure"),
              *lists[] = {itv_json_get(o, "notes"), itv_json_get(o, "pictures")};
  const char *side = itv_cli_text_of(procedure, "laterality");
  g_autofree char *verdict = itv_text_sentence(itv_text_verdict(itv_cli_text_of(o, "verdict")));
  g_autofree char *reason = itv_text_sentence(itv_cli_text_of(o, "reason"));
  g_autofree char *whose = g_strdup_printf(
      "%s: %s on %s%s%s", itv_cli_text_of(o, "patient"), itv_cli_text_of(procedure, "title"),
      itv_cli_text_of(procedure, "date"), *side ? ", " : "", side);
  g_autofree char *answer = g_strdup_printf("%s. %s", verdict, reason);
  itv_cli_print(0, whose);
  itv_cli_print(0, answer);
  printf("\n");
  show_points(itv_json_get(o, "points"));
  for (gsize k = 0; k < G_N_ELEMENTS(lists); k++)
    for (gsize i = 0; lists[k] && i < json_object_array_length(lists[k]); i++)
      itv_cli_print(0, json_object_get_string(json_object_array_get_idx(lists[k], i)));
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
