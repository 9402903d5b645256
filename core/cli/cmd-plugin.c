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

/* ---- list ------------------------------------------------------------------------------------ */

static json_object *
run_list(ItvCli *cli, int *ret_exit, GError **error)
{
  json_object *o = itv_app_plugin_list(cli->app, error);
  json_object *problems = o ? itv_json_get(o, "problems") : NULL;
  for (gsize i = 0; problems && i < json_object_array_length(problems); i++)
    fprintf(stderr, "interval: %s\n",
            json_object_get_string(json_object_array_get_idx(problems, i)));
  *ret_exit = problems && json_object_array_length(problems) > 0 ? 5 : 0;
  return o;
}

static void
show_list(json_object *document, const ItvCli *cli)
{
  (void)cli;
  static const char *const head[] = {"id", "version", "state", "kinds"};
  json_object *list = itv_json_get(document, "plugins");
  const gsize n = json_object_array_length(list);
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  for (gsize i = 0; i < n; i++) {
    json_object *o = json_object_array_get_idx(list, i);
    const char *off = itv_json_get_string(o, "off");
    g_ptr_array_add(cells, g_strdup(text_of(o, "id")));
    g_ptr_array_add(cells, g_strdup(text_of(o, "version")));
    g_ptr_array_add(cells, off ? g_strdup_printf("OFF: %s", off) : g_strdup("on"));
    g_ptr_array_add(cells, itv_cli_member(o, "kinds"));
  }
  itv_cli_table(head, (const char *const *)cells->pdata, G_N_ELEMENTS(head), n);
}

const ItvCommand itv_command_plugin_list = {
    .name = "plugin list",
    .args = "",
    .max_args = 0,
    .summary = "the plugins that are installed, without loading any",
    .run = run_list,
    .show = show_list};

/* ---- check -------------------------------------------------------------------------------------
 */

static json_object *
run_check(ItvCli *cli, int *ret_exit, GError **error)
{
  gboolean failed = FALSE;
  json_object *o = itv_app_plugin_check(cli->app, cli->args->pdata[0], &failed, error);
  *ret_exit = failed ? 5 : 0;
  return o;
}

static void
show_check(json_object *document, const ItvCli *cli)
{
  (void)cli;
  json_object *checks = itv_json_get(document, "checks");
  for (gsize i = 0; i < json_object_array_length(checks); i++) {
    json_object *o = json_object_array_get_idx(checks, i);
    printf("%-5s %s%s%s\n", text_of(o, "grade"), text_of(o, "what"),
           *text_of(o, "detail") ? ": " : "", text_of(o, "detail"));
  }
  printf("%s\n", json_object_get_boolean(itv_json_get(document, "passed")) ? "passed" : "FAILED");
}

const ItvCommand itv_command_plugin_check = {
    .name = "plugin check",
    .args = "SO",
    .min_args = 1,
    .max_args = 1,
    .app = ITV_CLI_NO_DATABASE,
    .summary = "grade a plugin with the conformance kit",
    .details =
        "SO is the shared object; its plugin.xml stands beside it. It is given odd inputs, "
        "and those of the folder samples beside it: files for an importer, "
        "samples/measurement/NAME.json (records), samples/recommendation/NAME.txt for others.",
    .run = run_check,
    .show = show_check};

/* ---- run ----------------------------------------------------------------------------------------
 */

static json_object *
run_run(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  g_autofree char *records = NULL;
  g_autofree char *text = NULL;
  const char *records_file = itv_cli_option(cli, "records"),
             *text_file = itv_cli_option(cli, "text");
  if (records_file && !(records = itv_cli_read_text(records_file, NULL, error)))
    return NULL;
  if (text_file && !(text = itv_cli_read_text(text_file, NULL, error)))
    return NULL;
  const char *below = itv_cli_option(cli, "below");
  const ItvPluginRun run = {.object = cli->args->pdata[0],
                            .kind = itv_cli_option(cli, "kind"),
                            .files = (const char *const *)cli->args->pdata + 1,
                            .n_files = cli->args->len - 1,
                            .text = text,
                            .records_json = records,
                            .debugger = below ? below : itv_cli_option(cli, "in-process")};
  return itv_app_plugin_run(cli->app, &run, error);
}

static const ItvCliOption run_options[] = {
    {"kind", "ID", "interval.importer/1 ...; default: the plugin's only one"},
    {"text", "FILE", "the text of the job"},
    {"in-process", NULL,
     "unconfined and without a deadline; never on a file that you do not trust"},
    {"below", "COMMAND", "the same, below that program: \"gdb --args\", \"valgrind\""},
    {"records", "FILE",
     "input records: [[\"interval.measurement/1\",[\"measure\",\"volume\"],"
     "[\"value\",400,\"mm3\"]], ...]"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_plugin_run = {
    .name = "plugin run",
    .args = "SO [FILE...]",
    .min_args = 1,
    .max_args = -1,
    .app = ITV_CLI_NO_DATABASE,
    .summary = "run one job in a plugin and print its records",
    .details = "Each FILE is handed over as a source. The plugin runs confined, as always, "
               "but for --in-process and --below.",
    .options = run_options,
    .run = run_run};

/* ---- new, on
 * -------------------------------------------------------------------------------------- */

static json_object *
run_new(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  const char *dir = itv_cli_option(cli, "dir");
  return itv_app_plugin_new(cli->args->pdata[0], dir ? dir : ".", error);
}

static void
show_new(json_object *o, const ItvCli *cli)
{
  (void)cli;
  printf("%s is written; its README.md says how to build and check it\n", text_of(o, "folder"));
}

static const ItvCliOption new_options[] = {{"dir", "DIR", "where; default: here"},
                                           {NULL, NULL, NULL}};

const ItvCommand itv_command_plugin_new = {.name = "plugin new",
                                           .args = "NAME",
                                           .min_args = 1,
                                           .max_args = 1,
                                           .app = ITV_CLI_NO_APP,
                                           .summary = "write a plugin to begin with",
                                           .options = new_options,
                                           .run = run_new,
                                           .show = show_new};

static json_object *
run_on(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return itv_app_plugin_on(cli->app, cli->args->pdata[0], error);
}

static void
show_on(json_object *o, const ItvCli *cli)
{
  (void)cli;
  printf("%s is on, its strikes are forgotten\n", text_of(o, "plugin"));
}

const ItvCommand itv_command_plugin_on = {
    .name = "plugin on",
    .args = "ID",
    .min_args = 1,
    .max_args = 1,
    .summary = "switch a plugin on again that was switched off after crashes",
    .run = run_on,
    .show = show_on};

/* ---- config check
 * ------------------------------------------------------------------------------------ */

static json_object *
run_config_check(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return itv_app_config_check(cli->app, error);
}

static void
show_config_check(json_object *o, const ItvCli *cli)
{
  (void)cli;
  json_object *files = itv_json_get(o, "files");
  for (gsize i = 0; i < json_object_array_length(files); i++)
    printf("ok  %s\n", json_object_get_string(json_object_array_get_idx(files, i)));
}

const ItvCommand itv_command_config_check = {
    .name = "config check",
    .args = "",
    .max_args = 0,
    .app = ITV_CLI_NO_DATABASE,
    .summary = "check the configuration and every file that it names",
    .run = run_config_check,
    .show = show_config_check};
