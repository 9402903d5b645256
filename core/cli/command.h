/* SPDX-License-Identifier: Apache-2.0
 *
 * cli/command.h - the one table of commands: parser, --help, man pages and
 * shell completion are made from it.  A command answers with a JSON document of
 * the app; --json prints it, else `show` prints it for a person.
 */
#ifndef ITV_CLI_COMMAND_H
#define ITV_CLI_COMMAND_H

#include "app/app.h"
#include "base/json.h"

typedef struct {
  const char *name; /* without "--" */
  const char *arg;  /* what it takes, "DIR"; NULL: a flag */
  const char *help;
} ItvCliOption;

/* What the parser found. */
typedef struct {
  GHashTable *options; /* name -> value; flags have "" */
  GPtrArray *given;    /* char *: name, value of every option in the order given */
  GPtrArray *args;     /* char *, borrowed from argv */
  gboolean json;
  gboolean terminal; /* stderr is one: progress may be shown */
  ItvApp *app;       /* open unless the command says ITV_CLI_NO_APP */
} ItvCli;

const char *itv_cli_option(const ItvCli *cli, const char *name); /* NULL: not given */
/* Every value of an option that may be given several times, in order.  The array
 * is owned and ends with NULL, the strings are argv's. */
GPtrArray *itv_cli_option_all(const ItvCli *cli, const char *name);
/* --as-of; ITV_DATE_NONE when it was not given. */
gboolean itv_cli_date(const ItvCli *cli, const char *name, ItvDate *ret_date, GError **error);
ItvAppOptions itv_cli_app_options(const ItvCli *cli);

typedef enum { ITV_CLI_DATABASE, ITV_CLI_NO_DATABASE, ITV_CLI_NO_APP } ItvCliNeed;

typedef struct {
  const char *name;       /* "worklist", "report add" */
  const char *args;       /* "PATH...", "[FILE]" */
  int min_args, max_args; /* max < 0: any number */
  ItvCliNeed app;
  const char *const *no_database_with; /* any of these options makes it unneeded; may be NULL */
  const char *summary;                 /* one line */
  const char *details;                 /* paragraphs for the man page; may be NULL */
  const ItvCliOption *options;         /* ends with a NULL name; may be NULL */
  /* The document (owned), or NULL with an error; *ret_exit is 0 beforehand.
   * NULL without an error: everything was printed already. */
  json_object *(*run)(ItvCli *cli, int *ret_exit, GError **error);
  void (*show)(json_object *document, const ItvCli *cli); /* NULL: JSON is shown */
} ItvCommand;

extern const ItvCommand *const itv_commands[]; /* ends with NULL */
extern const ItvCliOption itv_global_options[];

/* One table per file. */
extern const ItvCommand itv_command_import, itv_command_report_add;
extern const ItvCommand itv_command_parse;
extern const ItvCommand itv_command_worklist, itv_command_why;
extern const ItvCommand itv_command_measures;
extern const ItvCommand itv_command_close, itv_command_reopen, itv_command_set_interval,
    itv_command_condition, itv_command_confirm, itv_command_reject, itv_command_note,
    itv_command_fact;
extern const ItvCommand itv_command_assign, itv_command_contact, itv_command_next,
    itv_command_queue, itv_command_letter;
extern const ItvCommand itv_command_visits, itv_command_overuse;
extern const ItvCommand itv_command_priors, itv_command_compare, itv_command_register;
extern const ItvCommand itv_command_timeline, itv_command_procedure_add, itv_command_healing;
extern const ItvCommand itv_command_identity_candidates, itv_command_identity_link,
    itv_command_identity_unlink;
extern const ItvCommand itv_command_plugin_list, itv_command_plugin_check, itv_command_plugin_run,
    itv_command_plugin_new, itv_command_plugin_on;
extern const ItvCommand itv_command_config_check;
extern const ItvCommand itv_command_guideline_check, itv_command_guideline_run,
    itv_command_guideline_export, itv_command_guideline_list, itv_command_guideline_grown;
extern const ItvCommand itv_command_verify, itv_command_rebuild, itv_command_backup,
    itv_command_restore;

#endif
