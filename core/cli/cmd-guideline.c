/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/cards.h"
#include "cli/command.h"
#include "cli/item.h"
#include "cli/text.h"

#define INVALID 3 /* exit code: a configuration, guideline or protocol file */

/* ---- check ----------------------------------------------------------------------------- */

static json_object *
run_check(ItvCli *cli, int *ret_exit, GError **error)
{
  gboolean faulty = FALSE;
  g_autoptr(GPtrArray) files = g_ptr_array_copy(cli->args, NULL, NULL);
  g_ptr_array_add(files, NULL);
  json_object *o =
      itv_app_guideline_check(cli->app, (const char *const *)files->pdata, &faulty, error);
  if (o && faulty)
    *ret_exit = INVALID;
  return o;
}

static void
show_faults(json_object *o)
{
  json_object *faults = itv_json_get(o, "faults");
  for (gsize i = 0; faults && i < json_object_array_length(faults); i++) {
    json_object *f = json_object_array_get_idx(faults, i);
    g_autofree char *line = itv_cli_member(f, "line");
    printf("%s:%s: %s: %s: %s\n", itv_cli_text_of(o, "file"), line, itv_cli_text_of(f, "severity"),
           itv_cli_text_of(f, "kind"), itv_cli_text_of(f, "text"));
  }
}

static void
show_check(json_object *list, const ItvCli *cli)
{
  (void)cli;
  const gsize n = json_object_array_length(list);
  if (n == 0)
    printf("no guideline is installed\n");
  for (gsize i = 0; i < n; i++) {
    json_object *o = json_object_array_get_idx(list, i);
    show_faults(o);
    if (itv_cli_is_cards(o)) {
      itv_cli_show_cards_check(o);
      continue;
    }
    if (!json_object_get_boolean(itv_json_get(o, "complete"))) {
      printf("FAULTY %s\n", itv_cli_text_of(o, "file"));
      continue;
    }
    g_autofree char *rules = itv_cli_member(o, "rules");
    g_autofree char *regions = itv_cli_member(o, "regions");
    g_autofree char *ends = itv_cli_member(o, "ends");
    printf(
        "ok     %s: %s rules part every case into %s regions, each with one of %s end points%s\n",
        itv_cli_text_of(o, "guideline"), rules, regions, ends,
        strcmp(itv_cli_text_of(o, "sign_off"), "given") == 0 ? ""
                                                             : "; needs a clinician's sign-off");
  }
}

const ItvCommand itv_command_guideline_check = {
    .name = "guideline check",
    .args = "[FILE...]",
    .max_args = -1,
    .app = ITV_CLI_NO_DATABASE,
    .summary = "prove that a guideline decides every case, and only once",
    .details =
        "FILE is a rule file, the name of an installed one, or a reporting module of ACR Assist "
        "CARDS "
        "2.0; without FILE all that are installed. "
        "Every case falls into a region that is decided alike, no case is sampled: gaps, overlaps, "
        "names that lead nowhere and end points that no case reaches are named with their line. "
        "Of a CARDS module that is checked against its grammar (RELAX NG), too, gaps are looked "
        "for "
        "with drawn cases, and are warnings. Exit code 3 when there is an error.",
    .run = run_check,
    .show = show_check};

/* ---- run ---------------------------------------------------------------------------------- */

static json_object *
run_run(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  ItvDate on = ITV_DATE_NONE;
  g_autoptr(GPtrArray) values = itv_cli_option_all(cli, "set");
  if (!itv_cli_date(cli, "on", &on, error))
    return NULL;
  return itv_app_guideline_run(cli->app, cli->args->pdata[0], (const char *const *)values->pdata,
                               on, error);
}

static void
show_source(json_object *o)
{
  json_object *rule = itv_json_get(o, "rule");
  const char *where = itv_cli_text_of(rule, "where"), *mark = itv_cli_text_of(rule, "mark");
  g_autofree char *line = g_strdup_printf("rule %s: %s%s%s%s", itv_cli_text_of(rule, "id"),
                                          itv_cli_text_of(rule, "source"), *where ? ", " : "",
                                          where, *mark ? " [CHECK: awaits a second source]" : "");
  itv_cli_print(2, line);
}

static void
show_restarts(json_object *end)
{
  json_object *list = itv_json_get(end, "restarts");
  for (gsize i = 0; list && i < json_object_array_length(list); i++) {
    json_object *r = json_object_array_get_idx(list, i);
    const char *how = itv_cli_text_of(r, "definition");
    g_autofree char *line =
        g_strdup_printf("on %s%s%s%s: %s", itv_cli_text_of(r, "event"), *how ? " (" : "", how,
                        *how ? ")" : "", itv_cli_text_of(r, "text"));
    itv_cli_print(2, line);
  }
}

static void
show_calendar(json_object *o)
{
  json_object *list = itv_json_get(o, "calendar");
  for (gsize i = 0; list && i < json_object_array_length(list); i++) {
    json_object *v = json_object_array_get_idx(list, i);
    const char *from = itv_cli_text_of(v, "from"), *until = itv_cli_text_of(v, "until");
    const gboolean window = strcmp(from, until) != 0;
    printf("  %s%s%s%s\n", from, window ? " to " : "", window ? until : "",
           json_object_get_boolean(itv_json_get(v, "consider")) ? "  (to be considered)" : "");
  }
}

static void
show_open(json_object *o)
{
  json_object *questions = itv_json_get(o, "questions"), *ends = itv_json_get(o, "possible");
  printf("not decided yet%s\n", json_object_get_boolean(itv_json_get(o, "gap"))
                                    ? "; some of these cases no rule decides"
                                    : "");
  for (gsize i = 0; i < json_object_array_length(questions); i++) {
    json_object *q = json_object_array_get_idx(questions, i);
    g_autofree char *values = itv_cli_member(q, "values");
    const char *unit = itv_cli_text_of(q, "unit");
    g_autofree char *line = g_strdup_printf("? %s (%s=%s%s)", itv_cli_text_of(q, "question"),
                                            itv_cli_text_of(q, "variable"),
                                            *values ? values
                                            : *unit ? "... "
                                                    : "...",
                                            unit);
    itv_cli_print(2, line);
  }
  printf("  it may come to:\n");
  for (gsize i = 0; i < json_object_array_length(ends); i++)
    itv_cli_print(4, itv_cli_text_of(json_object_array_get_idx(ends, i), "words"));
}

static void
show_run(json_object *o, const ItvCli *cli)
{
  (void)cli;
  if (itv_cli_is_cards(o)) {
    itv_cli_show_cards_run(o);
    return;
  }
  json_object *end = itv_json_get(o, "end"), *known = itv_json_get(o, "known");
  g_autofree char *facts = itv_cli_member(o, "known");
  printf("%s (%s, version %s)%s\n", itv_cli_text_of(o, "title"), itv_cli_text_of(o, "guideline"),
         itv_cli_text_of(o, "version"),
         strcmp(itv_cli_text_of(o, "sign_off"), "given") == 0 ? ""
                                                              : ", needs a clinician's sign-off");
  if (!json_object_get_boolean(itv_json_get(o, "valid")))
    printf("  not in force on that day\n");
  if (json_object_array_length(known))
    itv_cli_print(2, facts);
  if (!end) {
    show_open(o);
    return;
  }
  printf("%s\n", itv_cli_text_of(end, "words"));
  itv_cli_print(2, itv_cli_text_of(end, "text"));
  show_source(o);
  show_restarts(end);
  show_calendar(o);
}

static const ItvCliOption run_options[] = {
    {"set", "NAME=VALUE",
     "what is known of the case; may be given several times: size=7mm, size=6..8, age=>=65, "
     "density=solid, density=solid|part-solid"},
    {"on", "DATE", "the day of the exam: the schedule with its dates"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_guideline_run = {
    .name = "guideline run",
    .args = "FILE [--set NAME=VALUE]... [--on DATE]",
    .min_args = 1,
    .max_args = 1,
    .app = ITV_CLI_NO_DATABASE,
    .summary = "answer one case by a guideline",
    .details =
        "FILE is a rule file or the name of an installed one. What is not set is not known: "
        "where it does not matter there is an answer all the same, else the questions that "
        "matter are named. Of a CARDS module NAME is the id of a data element; several choices "
        "are divided by a bar.",
    .options = run_options,
    .run = run_run,
    .show = show_run};

/* ---- export --------------------------------------------------------------------------------- */

static json_object *
run_export(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  if (!itv_cli_option(cli, "cards"))
    return itv_fail(error, ITV_ERROR_USAGE, "say in which format: --cards"), NULL;
  return itv_app_guideline_export(cli->app, cli->args->pdata[0], error);
}

static void
show_export(json_object *o, const ItvCli *cli)
{
  (void)cli;
  fputs(itv_cli_text_of(o, "xml"), stdout);
}

static const ItvCliOption export_options[] = {
    {"cards", NULL, "as a reporting module of ACR Assist CARDS 2.0"}, {NULL, NULL, NULL}};

const ItvCommand itv_command_guideline_export = {
    .name = "guideline export",
    .args = "FILE --cards",
    .min_args = 1,
    .max_args = 1,
    .app = ITV_CLI_NO_DATABASE,
    .summary = "a guideline as a CARDS module, on standard output",
    .details =
        "FILE is a rule file or the name of an installed one. The module reaches the same end "
        "point for every complete case. Its ImagingFollowup holds the first time frame; CARDS has "
        "no room for repeats, later steps, stop and restart rules: they stand in the text of the "
        "recommendation.",
    .options = export_options,
    .run = run_export,
    .show = show_export};

/* ---- grown ---------------------------------------------------------------------------- */

static json_object *
run_grown(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  const char *text = itv_cli_option(cli, "days");
  guint64 days = 0;
  if (text && !g_ascii_string_to_unsigned(text, 10, 1, 100000, &days, NULL))
    return itv_fail(error, ITV_ERROR_USAGE, "--days: %s is no number of days", text), NULL;
  return itv_app_guideline_grown(cli->app, cli->args->pdata[0], cli->args->pdata[1],
                                 cli->args->pdata[2], (gint32)days, error);
}

static void
show_grown(json_object *o, const ItvCli *cli)
{
  (void)cli;
  json_object *list = itv_json_get(o, "growth");
  const gsize n = json_object_array_length(list);
  if (n == 0)
    printf("%s defines no growth\n", itv_cli_text_of(o, "guideline"));
  for (gsize i = 0; i < n; i++) {
    json_object *one = json_object_array_get_idx(list, i);
    json_object *grown = itv_json_get(one, "grown");
    printf("%s: %s (%s)\n",
           !grown                           ? "cannot be told from this"
           : json_object_get_boolean(grown) ? "grown"
                                            : "not grown",
           itv_cli_text_of(one, "definition"), itv_cli_text_of(one, "source"));
  }
}

static const ItvCliOption grown_options[] = {
    {"days", "N", "between the two exams: some definitions ask for it"}, {NULL, NULL, NULL}};

const ItvCommand itv_command_guideline_grown = {
    .name = "guideline grown",
    .args = "FILE PRIOR CURRENT [--days N]",
    .min_args = 3,
    .max_args = 3,
    .app = ITV_CLI_NO_DATABASE,
    .summary = "has a finding grown, by the guideline's own definition?",
    .details = "PRIOR and CURRENT are sizes: 6mm, 12x9mm, 340mm3. Exact to the digit given: no "
               "threshold is met by a rounding.",
    .options = grown_options,
    .run = run_grown,
    .show = show_grown};

/* ---- list ------------------------------------------------------------------------------------ */

static json_object *
run_list(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return itv_app_guideline_list(cli->app, error);
}

static void
show_list(json_object *list, const ItvCli *cli)
{
  (void)cli;
  static const char *const head[] = {"guideline", "version",  "in force from",
                                     "until",     "sign-off", "title"};
  static const char *const keys[] = {"guideline",   "version",  "valid_from",
                                     "valid_until", "sign_off", "title"};
  enum { N = G_N_ELEMENTS(head) };
  g_autoptr(GPtrArray) cells = g_ptr_array_new();
  for (gsize i = 0; i < json_object_array_length(list); i++)
    for (guint k = 0; k < N; k++)
      g_ptr_array_add(
          cells, (gpointer)(guintptr)itv_cli_text_of(json_object_array_get_idx(list, i), keys[k]));
  itv_cli_table(head, (const char *const *)cells->pdata, N, cells->len / N);
}

const ItvCommand itv_command_guideline_list = {.name = "guideline list",
                                               .args = "",
                                               .app = ITV_CLI_NO_DATABASE,
                                               .summary = "the guidelines that are installed",
                                               .run = run_list,
                                               .show = show_list};
