/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/progress.h"
#include "cli/text.h"

const ItvCommand *const itv_commands[] = {&itv_command_import,
                                          &itv_command_report_add,
                                          &itv_command_parse,
                                          &itv_command_worklist,
                                          &itv_command_why,
                                          &itv_command_measures,
                                          &itv_command_close,
                                          &itv_command_reopen,
                                          &itv_command_set_interval,
                                          &itv_command_condition,
                                          &itv_command_confirm,
                                          &itv_command_reject,
                                          &itv_command_note,
                                          &itv_command_assign,
                                          &itv_command_contact,
                                          &itv_command_next,
                                          &itv_command_queue,
                                          &itv_command_letter,
                                          &itv_command_visits,
                                          &itv_command_overuse,
                                          &itv_command_fact,
                                          &itv_command_priors,
                                          &itv_command_compare,
                                          &itv_command_register,
                                          &itv_command_timeline,
                                          &itv_command_procedure_add,
                                          &itv_command_healing,
                                          &itv_command_identity_candidates,
                                          &itv_command_identity_link,
                                          &itv_command_identity_unlink,
                                          &itv_command_plugin_list,
                                          &itv_command_plugin_check,
                                          &itv_command_plugin_run,
                                          &itv_command_plugin_new,
                                          &itv_command_plugin_on,
                                          &itv_command_config_check,
                                          &itv_command_guideline_list,
                                          &itv_command_guideline_check,
                                          &itv_command_guideline_run,
                                          &itv_command_guideline_grown,
                                          &itv_command_guideline_export,
                                          &itv_command_verify,
                                          &itv_command_rebuild,
                                          &itv_command_backup,
                                          &itv_command_restore,
                                          NULL};

const ItvCliOption itv_global_options[] = {
    {"db", "DB", "database file; default $INTERVAL_DB, else $XDG_DATA_HOME/interval/interval.db"},
    {"config", "FILE", "configuration; default: the installed interval.xml"},
    {"json", NULL, "one JSON document on stdout"},
    {"help", NULL, "what the command does"},
    {"version", NULL, "the program's version"},
    {NULL, NULL, NULL}};

const char *
itv_cli_option(const ItvCli *cli, const char *name)
{
  return g_hash_table_lookup(cli->options, name);
}

GPtrArray *
itv_cli_option_all(const ItvCli *cli, const char *name)
{
  GPtrArray *values = g_ptr_array_new();
  for (guint i = 0; i + 1 < cli->given->len; i += 2)
    if (strcmp(cli->given->pdata[i], name) == 0)
      g_ptr_array_add(values, cli->given->pdata[i + 1]);
  g_ptr_array_add(values, NULL);
  return values;
}

gboolean
itv_cli_date(const ItvCli *cli, const char *name, ItvDate *ret_date, GError **error)
{
  const char *text = itv_cli_option(cli, name);
  ItvDate date = ITV_DATE_NONE;
  if (text && !itv_date_parse(text, &date))
    return itv_fail(error, ITV_ERROR_USAGE, "--%s: %s is no date (YYYY-MM-DD)", name, text);
  *ret_date = date;
  return TRUE;
}

/* ---- parsing ---------------------------------------------------------------------------- */

static const ItvCliOption *
find_option(const ItvCliOption *options, const char *name, gsize n)
{
  for (; options && options->name; options++)
    if (strncmp(options->name, name, n) == 0 && options->name[n] == '\0')
      return options;
  return NULL;
}

/* The command whose words stand at the beginning of `words`; *ret_n how many. */
static const ItvCommand *
find_command(char **words, int n_words, int *ret_n)
{
  for (const ItvCommand *const *c = itv_commands; *c; c++) {
    g_auto(GStrv) parts = g_strsplit((*c)->name, " ", -1);
    const int n = (int)g_strv_length(parts);
    gboolean match = n <= n_words;
    for (int i = 0; match && i < n; i++)
      match = strcmp(parts[i], words[i]) == 0;
    if (match) {
      *ret_n = n;
      return *c;
    }
  }
  return NULL;
}

/* Names the option of either table that is nearest to the word, where one is near. */
static gboolean
no_option(const ItvCommand *command, const char *word, gsize n, GError **error)
{
  const ItvCliOption *tables[] = {command ? command->options : NULL, itv_global_options};
  g_autofree char *name = g_strndup(word, n);
  const char *nearest = NULL;
  guint least = itv_cli_tolerance(name);
  for (gsize t = 0; t < G_N_ELEMENTS(tables); t++)
    for (const ItvCliOption *o = tables[t]; o && o->name; o++) {
      const guint d = g_str_has_prefix(o->name, name) ? 0 : itv_cli_distance(name, o->name);
      if (d < least) {
        least = d;
        nearest = o->name;
      }
    }
  return itv_fail(error, ITV_ERROR_USAGE, "no option --%s%s%s%s%s%s", name, command ? " of " : "",
                  command ? command->name : "", nearest ? "; did you mean --" : "",
                  nearest ? nearest : "", nearest ? "?" : "");
}

static gboolean
take_option(ItvCli *cli, const ItvCommand *command, char **argv, int argc, int *at, GError **error)
{
  const char *word = argv[*at] + 2;
  const char *equals = strchr(word, '=');
  const gsize n = equals ? (gsize)(equals - word) : strlen(word);
  const ItvCliOption *o = find_option(itv_global_options, word, n);
  if (!o && command)
    o = find_option(command->options, word, n);
  if (!o)
    return no_option(command, word, n, error);
  if (!o->arg && equals)
    return itv_fail(error, ITV_ERROR_USAGE, "--%s takes no value", o->name);
  const char *value = "";
  if (o->arg && equals)
    value = equals + 1;
  else if (o->arg) {
    if (*at + 1 >= argc)
      return itv_fail(error, ITV_ERROR_USAGE, "--%s needs a value: %s", o->name, o->arg);
    value = argv[++*at];
  }
  g_hash_table_replace(cli->options, (gpointer)(guintptr)o->name, (gpointer)(guintptr)value);
  g_ptr_array_add(cli->given, (gpointer)(guintptr)o->name);
  g_ptr_array_add(cli->given, (gpointer)(guintptr)value);
  return TRUE;
}

/* Options that stand before the command are the global ones; *ret_rest is where
 * the command's words begin. */
static gboolean
take_leading(ItvCli *cli, char **argv, int argc, int *ret_rest, GError **error)
{
  int at = 1;
  for (; at < argc && g_str_has_prefix(argv[at], "--"); at++)
    if (!take_option(cli, NULL, argv, argc, &at, error))
      return FALSE;
  *ret_rest = at;
  return TRUE;
}

static gboolean
take_rest(ItvCli *cli, const ItvCommand *command, char **argv, int argc, int at, GError **error)
{
  gboolean only_args = FALSE;
  for (; at < argc; at++) {
    if (!only_args && strcmp(argv[at], "--") == 0)
      only_args = TRUE;
    else if (!only_args && g_str_has_prefix(argv[at], "--")) {
      if (!take_option(cli, command, argv, argc, &at, error))
        return FALSE;
    } else
      g_ptr_array_add(cli->args, argv[at]);
  }
  cli->json = itv_cli_option(cli, "json") != NULL;
  if (itv_cli_option(cli, "help"))
    return TRUE;
  const int n = (int)cli->args->len;
  if (n < command->min_args || (command->max_args >= 0 && n > command->max_args))
    return itv_fail(error, ITV_ERROR_USAGE, "usage: interval %s %s", command->name, command->args);
  return TRUE;
}

/* ---- running ------------------------------------------------------------------------------ */

static int
exit_of(const GError *error)
{
  if (error->domain != ITV_ERROR)
    return 1;
  switch ((ItvErrorCode)error->code) {
  case ITV_ERROR_USAGE:
  case ITV_ERROR_NOT_FOUND:
    return 2;
  case ITV_ERROR_CONFIG:
    return 3;
  case ITV_ERROR_DATABASE:
    return 4;
  case ITV_ERROR_PLUGIN:
    return 5;
  case ITV_ERROR_FAILED:
  case ITV_ERROR_INPUT:
  case ITV_ERROR_CANCELLED:
    break;
  }
  return 1;
}

static int
complain(const GError *error)
{
  fprintf(stderr, "interval: %s\n", error->message);
  return exit_of(error);
}

static char *
own_path(void)
{
  g_autofree char *path = g_file_read_link("/proc/self/exe", NULL);
  return path ? g_steal_pointer(&path) : g_strdup("/usr/bin/interval");
}

ItvAppOptions
itv_cli_app_options(const ItvCli *cli)
{
  static char *program = NULL;
  if (!program)
    program = own_path();
  return (ItvAppOptions){
      .program = program, .db = itv_cli_option(cli, "db"), .config = itv_cli_option(cli, "config")};
}

static void
print_json(json_object *document)
{
  g_autofree char *text = itv_json_text(document, TRUE);
  fputs(text, stdout);
}

static gboolean
needs_database(const ItvCli *cli, const ItvCommand *command)
{
  for (const char *const *name = command->no_database_with; name && *name; name++)
    if (itv_cli_option(cli, *name))
      return FALSE;
  return command->app == ITV_CLI_DATABASE;
}

static int
run(ItvCli *cli, const ItvCommand *command)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvApp) app = NULL;
  int status = 0;
  if (command->app != ITV_CLI_NO_APP) {
    ItvAppOptions options = itv_cli_app_options(cli);
    options.no_database = !needs_database(cli, command);
    app = itv_app_open(&options, &error);
    if (!app)
      return complain(error);
    if (cli->terminal)
      itv_app_set_progress(app, itv_progress_show, NULL);
  }
  cli->app = app;
  g_autoptr(json_object) document = command->run(cli, &status, &error);
  itv_progress_clear();
  if (error)
    return complain(error);
  if (document && (cli->json || !command->show))
    print_json(document);
  else if (document)
    command->show(document, cli);
  /* A full disk must not look like success. */
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fprintf(stderr, "interval: the output cannot be written: %s\n", g_strerror(errno));
    return 1;
  }
  return status;
}

/* Names the commands that begin with the word ("report" -> "report add"), else the nearest. */
static int
no_command(const char *word)
{
  g_autoptr(GString) meant = g_string_new(NULL);
  const char *nearest = NULL;
  guint least = itv_cli_tolerance(word);
  for (const ItvCommand *const *c = itv_commands; *c; c++) {
    const guint d = itv_cli_distance(word, (*c)->name);
    if (g_str_has_prefix((*c)->name, word))
      g_string_append_printf(meant, "%s`interval %s`", meant->len ? ", " : "", (*c)->name);
    else if (d < least) {
      least = d;
      nearest = (*c)->name;
    }
  }
  if (!meant->len && nearest)
    g_string_append_printf(meant, "`interval %s`", nearest);
  fprintf(stderr, "interval: no command %s; %s%s%s`interval --help` lists them\n", word,
          meant->len ? "did you mean " : "", meant->str, meant->len ? "? " : "");
  return 2;
}

static int
dispatch(ItvCli *cli, char **argv, int argc)
{
  g_autoptr(GError) error = NULL;
  int at = 1, words = 0;
  if (!take_leading(cli, argv, argc, &at, &error))
    return complain(error);
  if (itv_cli_option(cli, "version"))
    return printf("interval %s\n", ITV_VERSION) < 0;
  if (at >= argc || strcmp(argv[at], "help") == 0)
    return itv_help_all(at >= argc && !itv_cli_option(cli, "help") ? stderr : stdout),
           at >= argc && !itv_cli_option(cli, "help") ? 2 : 0;
  if (strcmp(argv[at], "generate") == 0)
    return itv_help_generate(at + 1 < argc ? argv[at + 1] : "", at + 2 < argc ? argv[at + 2] : ".");
  const ItvCommand *command = find_command(argv + at, argc - at, &words);
  if (!command)
    return no_command(argv[at]);
  if (!take_rest(cli, command, argv, argc, at + words, &error))
    return complain(error);
  if (itv_cli_option(cli, "help"))
    return itv_help_command(stdout, command), 0;
  return run(cli, command);
}

int
main(int argc, char **argv)
{
  setlocale(LC_CTYPE, "C.UTF-8");
  g_autoptr(GHashTable) options = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) args = g_ptr_array_new();
  g_autoptr(GPtrArray) given = g_ptr_array_new();
  ItvCli cli = {
      .options = options, .given = given, .args = args, .terminal = isatty(STDERR_FILENO) == 1};
  return dispatch(&cli, argv, argc);
}
