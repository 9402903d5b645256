/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/text.h"

/* A list that lacks something must not look complete. */
static gboolean
warn_of_unread(const ItvCli *cli, GError **error)
{
  gint64 waiting = 0, failed = 0;
  if (!itv_app_unread(cli->app, &waiting, &failed, error))
    return FALSE;
  if (waiting)
    fprintf(stderr,
            "interval: %" G_GINT64_FORMAT " reports are not read yet and not in this list: an "
            "import is running\n",
            waiting);
  if (failed)
    fprintf(stderr,
            "interval: %" G_GINT64_FORMAT " reports could not be read and are not in this list; "
            "`interval verify` names them\n",
            failed);
  return TRUE;
}

static json_object *
run_worklist(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  const char *status = itv_cli_option(cli, "status");
  g_auto(GStrv) statuses = status ? g_strsplit(status, ",", -1) : NULL;
  ItvWorklistQuery query = {.statuses = (const char *const *)statuses,
                            .patient = itv_cli_option(cli, "patient"),
                            .all = itv_cli_option(cli, "all") != NULL};
  if (!itv_cli_date(cli, "as-of", &query.as_of, error))
    return NULL;
  json_object *list = itv_app_worklist(cli->app, &query, error);
  if (list && !warn_of_unread(cli, error)) {
    json_object_put(list);
    return NULL;
  }
  return list;
}

/* ---- one item for a person ---------------------------------------------------------------- */

static const char *
text_of(json_object *o, const char *key)
{
  const char *text = itv_json_get_string(o, key);
  return text ? text : "";
}

/* What is asked for: "CT chest, left (8 mm nodule)". */
static char *
action_of(json_object *o)
{
  g_autofree char *modality = itv_cli_member(o, "modality");
  GString *s = g_string_new(NULL);
  const char *kind = text_of(o, "kind");
  if (strcmp(kind, "imaging") != 0)
    g_string_append_printf(s, "%s ", kind);
  for (char *p = modality; *p; p++)
    if (strncmp(p, ", ", 2) == 0)
      g_string_append(s, " or "), p++;
    else
      g_string_append_c(s, *p);
  if (*modality)
    g_string_append_c(s, ' ');
  else if (strcmp(kind, "imaging") == 0)
    g_string_append(s, "imaging ");
  g_string_append(s, text_of(o, "region"));
  if (*text_of(o, "laterality"))
    g_string_append_printf(s, ", %s", text_of(o, "laterality"));
  if (*text_of(o, "finding"))
    g_string_append_printf(s, " (%s)", text_of(o, "finding"));
  if (*text_of(o, "visit"))
    g_string_append_printf(s, " [%s, %s]", text_of(o, "protocol"), text_of(o, "visit"));
  return g_string_free(s, FALSE);
}

static char *
headline(json_object *o)
{
  const char *status = text_of(o, "status");
  if (strcmp(status, "overdue") == 0)
    return g_strdup_printf("OVERDUE %s d", json_object_get_string(itv_json_get(o, "days_overdue")));
  if (strcmp(status, "closed") == 0)
    return g_strdup_printf("closed: %s", text_of(o, "reason"));
  return g_strdup(status);
}

/* One line that says what to do now. */
static char *
next_step(json_object *o)
{
  const char *status = text_of(o, "status");
  g_autofree char *id = g_strndup(text_of(o, "id"), 6);
  if (strcmp(status, "overdue") == 0 || strcmp(status, "due") == 0)
    return g_strdup_printf("book it, or: interval close %s --reason done-elsewhere|declined|...",
                           id);
  if (strcmp(status, "review") == 0) {
    json_object *candidates = itv_json_get(o, "candidates");
    json_object *first = candidates && json_object_array_length(candidates) > 0
                             ? json_object_array_get_idx(candidates, 0)
                             : NULL;
    const char *study = first ? text_of(first, "accession") : "";
    if (first && !*study)
      study = text_of(first, "study");
    return g_strdup_printf("is %s of %s it (%s)? interval confirm|reject %s %s",
                           first ? study : "the study", first ? text_of(first, "date") : "?",
                           first ? text_of(first, "why") : "", id, study);
  }
  if (strcmp(status, "needs-interval") == 0)
    return g_strdup_printf("the report names no time: interval set-interval %s P6M", id);
  if (strcmp(status, "awaiting-condition") == 0)
    return g_strdup_printf("\"%s\": interval condition %s met|unmet", text_of(o, "condition"), id);
  if (strcmp(status, "scheduled") == 0)
    return g_strdup_printf("appointment on %s", text_of(o, "scheduled_for"));
  return NULL;
}

static char *
one_line(const char *text)
{
  g_autofree char *copy = g_strdup(text);
  g_auto(GStrv) words = g_strsplit_set(copy, " \n\t\r", -1);
  GString *s = g_string_new(NULL);
  for (char **w = words; *w; w++)
    if (**w)
      g_string_append_printf(s, "%s%s", s->len ? " " : "", *w);
  return g_string_free(s, FALSE);
}

static void
show_dates(json_object *o)
{
  if (!*text_of(o, "due_from"))
    return;
  printf("    due %s", text_of(o, "due_from"));
  if (strcmp(text_of(o, "due_from"), text_of(o, "due_until")) != 0)
    printf(" to %s", text_of(o, "due_until"));
  printf(", overdue after %s", text_of(o, "overdue_after"));
  json_object *done = itv_json_get(o, "fulfilled_by");
  if (done)
    printf("; done %s (%s)", text_of(done, "date"),
           *text_of(done, "accession") ? text_of(done, "accession") : text_of(done, "study"));
  printf("\n");
}

static void
show_item(json_object *o)
{
  json_object *patient = itv_json_get(o, "patient");
  json_object *evidence = itv_json_get(o, "evidence");
  g_autofree char *name = itv_cli_person_name(itv_json_get_string(patient, "name"));
  g_autofree char *action = action_of(o);
  g_autofree char *head = headline(o);
  g_autofree char *next = next_step(o);
  printf("%-16s %s  %s, born %s  id %s\n", head, text_of(patient, "id"), name,
         *text_of(patient, "birth_date") ? text_of(patient, "birth_date") : "?", text_of(o, "id"));
  printf("    %s%s\n", action,
         strcmp(text_of(o, "strength"), "consider") == 0 ? "  (to be considered)" : "");
  show_dates(o);
  if (evidence) {
    g_autofree char *quote = one_line(text_of(evidence, "text"));
    printf("    \"%s\" (report %s, exam of %s)\n", quote, text_of(evidence, "report"),
           text_of(o, "recommended_on"));
  }
  if (next)
    printf("    -> %s\n", next);
}

static void
show_worklist(json_object *list, const ItvCli *cli)
{
  static const char *const order[] = {
      "overdue",   "review",  "due",       "needs-interval", "awaiting-condition",
      "scheduled", "not-due", "fulfilled", "closed"};
  const gsize n = json_object_array_length(list);
  const char *as_of = itv_cli_option(cli, "as-of");
  g_autofree char *today = itv_date_format(itv_date_today());
  printf("Follow-ups as of %s: ", as_of ? as_of : today);
  gboolean any = FALSE;
  for (gsize k = 0; k < G_N_ELEMENTS(order); k++) {
    guint count = 0;
    for (gsize i = 0; i < n; i++)
      count += strcmp(text_of(json_object_array_get_idx(list, i), "status"), order[k]) == 0;
    if (count)
      printf("%s%u %s", any ? ", " : "", count, order[k]);
    any = any || count;
  }
  printf("%s\n\n", any ? "" : "none");
  for (gsize i = 0; i < n; i++) {
    show_item(json_object_array_get_idx(list, i));
    printf("\n");
  }
}

static const ItvCliOption worklist_options[] = {
    {"as-of", "DATE", "as it stood at the end of that day; default today"},
    {"status", "S,S", "only these statuses"},
    {"patient", "ID", "only this patient (after merges); ID or ID^^^ISSUER"},
    {"all", NULL, "also fulfilled and closed ones, and clinical advice"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_worklist = {
    .name = "worklist",
    .args = "[--as-of D] [--status S,S] [--patient ID] [--all]",
    .summary = "the follow-ups, most urgent first",
    .details = "Statuses: overdue, review (a study may satisfy it; confirm or reject), due, "
               "needs-interval, awaiting-condition, scheduled, not-due; with --all also fulfilled "
               "and closed.",
    .options = worklist_options,
    .run = run_worklist,
    .show = show_worklist};

/* ---- why --------------------------------------------------------------------------------------
 */

static json_object *
run_why(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  ItvDate as_of = ITV_DATE_NONE;
  if (!itv_cli_date(cli, "as-of", &as_of, error))
    return NULL;
  return itv_app_why(cli->app, cli->args->pdata[0], as_of, error);
}

static void
show_why(json_object *document, const ItvCli *cli)
{
  (void)cli;
  json_object *steps = itv_json_get(document, "steps");
  printf("As of %s\n", text_of(document, "as_of"));
  show_item(itv_json_get(document, "item"));
  printf("\nHow it came to this:\n");
  for (gsize i = 0; i < json_object_array_length(steps); i++) {
    json_object *step = json_object_array_get_idx(steps, i);
    g_autofree char *at = g_strndup(text_of(step, "at"), 16);
    printf("%2zu. %-16s %s\n    rule %s", i + 1, *at ? at : "-", text_of(step, "text"),
           text_of(step, "rule"));
    if (*text_of(step, "source"))
      printf(" | %s (evidence %.12s)", text_of(step, "source"), text_of(step, "evidence"));
    printf("\n");
  }
  json_object *by = itv_json_get(document, "found_by");
  if (by)
    printf("\nThe sentence was read by rule %s of %s %s (sha256 %.12s, configuration %.12s).\n",
           text_of(by, "rule"), text_of(by, "plugin"), text_of(by, "version"),
           text_of(by, "sha256"), text_of(by, "config"));
}

static const ItvCliOption why_options[] = {
    {"as-of", "DATE", "as it stood at the end of that day; default today"}, {NULL, NULL, NULL}};

const ItvCommand itv_command_why = {
    .name = "why",
    .args = "ITEM [--as-of D]",
    .min_args = 1,
    .max_args = 1,
    .summary = "every step that led to an item's state",
    .details =
        "Sentence, rule, message, study and person, in order. ITEM is an id or an unambiguous "
        "beginning of it.",
    .options = why_options,
    .run = run_why,
    .show = show_why};
