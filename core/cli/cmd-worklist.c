/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/item.h"
#include "cli/text.h"

#define SCREENFUL 50u /* items that a terminal is given unless it asks for more */

/* A number of items; `fallback` where the option was not given. */
static gboolean
number_of(const ItvCli *cli, const char *name, guint64 fallback, guint64 *ret, GError **error)
{
  const char *text = itv_cli_option(cli, name);
  if (text && (!*text || strspn(text, "0123456789") != strlen(text)))
    return itv_fail(error, ITV_ERROR_USAGE, "--%s: %s is no number of items", name, text);
  *ret = text ? g_ascii_strtoull(text, NULL, 10) : fallback;
  return TRUE;
}

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

/* For a person the page is shown with the counts of all: {"counts", "items"}. */
static json_object *
run_worklist(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  const char *status = itv_cli_option(cli, "status");
  g_auto(GStrv) statuses = status ? g_strsplit(status, ",", -1) : NULL;
  ItvWorklistQuery query = {.statuses = (const char *const *)statuses,
                            .patient = itv_cli_option(cli, "patient"),
                            .after = itv_cli_option(cli, "after"),
                            .all = itv_cli_option(cli, "all") != NULL};
  const guint64 most = !cli->json && itv_cli_width() ? SCREENFUL : 0;
  json_object *counts = NULL;
  if (!itv_cli_date(cli, "as-of", &query.as_of, error) ||
      !number_of(cli, "limit", most, &query.limit, error) ||
      !number_of(cli, "offset", 0, &query.offset, error))
    return NULL;
  g_autoptr(json_object) list =
      itv_app_worklist(cli->app, &query, cli->json ? NULL : &counts, error);
  if (!list || !warn_of_unread(cli, error)) {
    json_object_put(counts);
    return NULL;
  }
  if (cli->json)
    return g_steal_pointer(&list);
  json_object *o = json_object_new_object();
  itv_json_add(o, "counts", counts);
  itv_json_add(o, "items", g_steal_pointer(&list));
  return o;
}

/* Nothing is to be done about these today: a line each will do. */
static gboolean
is_quiet(json_object *o)
{
  const char *status = itv_cli_text_of(o, "status");
  return strcmp(status, "not-due") == 0 || strcmp(status, "scheduled") == 0;
}

static gboolean
same_patient(json_object *a, json_object *b)
{
  json_object *x = itv_json_get(a, "patient"), *y = itv_json_get(b, "patient");
  return strcmp(itv_cli_text_of(x, "id"), itv_cli_text_of(y, "id")) == 0 &&
         strcmp(itv_cli_text_of(x, "issuer"), itv_cli_text_of(y, "issuer")) == 0;
}

/* *ret_all: how many there are. */
static void
show_counts(json_object *counts, const ItvCli *cli, gint64 *ret_all)
{
  const char *as_of = itv_cli_option(cli, "as-of");
  g_autofree char *today = itv_date_format(itv_date_today());
  GString *s = g_string_new(NULL);
  *ret_all = 0;
  g_string_append_printf(s, "Follow-ups as of %s: ", as_of ? as_of : today);
  json_object_object_foreach(counts, status, n)
  {
    const gint64 count = json_object_get_int64(n);
    g_string_append_printf(s, "%s%" G_GINT64_FORMAT " %s", *ret_all ? ", " : "", count, status);
    *ret_all += count;
  }
  if (*ret_all == 0)
    g_string_append(s, "none (`interval import PATH...` takes in reports and exams; --all also "
                       "shows what is fulfilled or closed)");
  itv_cli_print(0, s->str);
  printf("\n");
  g_string_free(s, TRUE);
}

/* One line an item, in columns. */
static void
show_short(json_object *list, gsize from, gsize n, gboolean quiet_only)
{
  static const char *const head[] = {"status", "due", "patient", "name", "id", "what"};
  enum { N = G_N_ELEMENTS(head) };
  const guint width = itv_cli_width();
  const glong name_most = width > 0 && width < 100 ? 16 : 24;
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  for (gsize i = from; i < n; i++) {
    json_object *o = json_object_array_get_idx(list, i);
    json_object *patient = itv_json_get(o, "patient");
    if (quiet_only && !is_quiet(o))
      continue;
    g_autofree char *name = itv_cli_person_name(itv_json_get_string(patient, "name"));
    const char *appointment = itv_cli_text_of(o, "scheduled_for");
    g_ptr_array_add(cells, itv_cli_item_state(o));
    g_ptr_array_add(cells, g_strdup(*appointment ? appointment : itv_cli_text_of(o, "due_from")));
    g_ptr_array_add(cells, g_strdup(itv_cli_text_of(patient, "id")));
    g_ptr_array_add(cells, g_utf8_substring(name, 0, MIN(name_most, g_utf8_strlen(name, -1))));
    g_ptr_array_add(cells, g_strndup(itv_cli_text_of(o, "id"), 6));
    g_ptr_array_add(cells, itv_cli_item_action(o));
  }
  itv_cli_clip_last(cells, head, N);
  if (cells->len)
    itv_cli_table(head, (const char *const *)cells->pdata, N, cells->len / N);
}

/* A patient's items stand together, where the most urgent of them stands. */
static void
show_by_patient(json_object *list, gsize n)
{
  g_autofree gboolean *shown = g_new0(gboolean, n + 1);
  for (gsize i = 0; i < n; i++) {
    json_object *first = json_object_array_get_idx(list, i);
    if (shown[i] || is_quiet(first))
      continue;
    itv_cli_item_show_patient(first);
    for (gsize k = i; k < n; k++) {
      json_object *o = json_object_array_get_idx(list, k);
      if (shown[k] || is_quiet(o) || !same_patient(first, o))
        continue;
      itv_cli_item_show(o);
      shown[k] = TRUE;
    }
    printf("\n");
  }
}

static void
show_worklist(json_object *document, const ItvCli *cli)
{
  json_object *list = itv_json_get(document, "items");
  const gsize n = json_object_array_length(list);
  const char *offset = itv_cli_option(cli, "offset");
  gint64 all = 0;
  show_counts(itv_json_get(document, "counts"), cli, &all);
  if (itv_cli_option(cli, "short"))
    show_short(list, 0, n, FALSE);
  else {
    show_by_patient(list, n);
    show_short(list, 0, n, TRUE);
  }
  all -= (gint64)n + (offset ? (gint64)g_ascii_strtoull(offset, NULL, 10) : 0);
  if (all > 0 && n > 0 && !itv_cli_option(cli, "after"))
    printf("\n... and %" G_GINT64_FORMAT " more, less urgent: --after %s shows the next ones, "
           "--limit 0 all, --short one line each, --status overdue,review only those\n",
           all, itv_cli_text_of(json_object_array_get_idx(list, n - 1), "id"));
}

static const ItvCliOption worklist_options[] = {
    {"as-of", "DATE", "as it stood at the end of that day; default today"},
    {"status", "S,S", "only these statuses"},
    {"patient", "ID", "only this patient (after merges); ID or ID^^^ISSUER"},
    {"all", NULL, "also fulfilled and closed ones, and clinical advice"},
    {"short", NULL, "one line an item"},
    {"limit", "N", "the N most urgent; 0: all; default: all, on a terminal 50"},
    {"after", "ITEM", "those that come after the item of that id: the next page, in the same time"},
    {"offset", "N", "without the N most urgent"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_worklist = {
    .name = "worklist",
    .args = "[--as-of D] [--status S,S] [--patient ID] [--all] [--short] [--limit N] [--after "
            "ITEM|--offset N]",
    .summary = "the follow-ups, most urgent first",
    .details = "Statuses: overdue, review (a study may satisfy it; confirm or reject), due, "
               "needs-interval, awaiting-condition, scheduled, not-due; with --all also fulfilled "
               "and closed. The items of one patient stand together; what is scheduled or not due "
               "yet has one line each at the end.",
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

/* What a rule means, for who does not know its name. */
static const char *
rule_in_words(const char *rule)
{
  static const char *const words[][2] = {
      {"contract-3/item", "a recommendation in a report opens an item"},
      {"contract-3/protocol", "the protocol plans this visit from the day of surgery"},
      {"contract-3/dates", "dates are counted from the recommending exam or the surgery"},
      {"contract-3/interval", "without a time, no due date: a person or a guideline sets it"},
      {"contract-3/condition", "a condition is met, not met, or a question for a person"},
      {"contract-3/scheduled", "an appointment lies ahead"},
      {"contract-3/fulfilment", "an exam of the right kind, part, side and time was performed"},
      {"contract-3/fulfilment.modality", "a stronger exam of the same question counts"},
      {"contract-3/review", "an exam that may be the one: a person must say so"},
      {"contract-3/no-candidate", "this exam cannot be the one"},
      {"contract-3/ended", "something ended it"},
      {"contract-3/withdrawn", "the report no longer asks for it"},
      {"contract-3/report-version", "a later version of a report replaces the earlier one"},
      {"contract-3/merge", "two patient numbers are one person"},
      {"contract-3/person", "a person decided"}};
  for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
    if (strcmp(rule, words[i][0]) == 0)
      return words[i][1];
  return NULL;
}

static void
show_step(json_object *step, gsize number)
{
  const char *rule = itv_cli_text_of(step, "rule"), *words = rule_in_words(rule);
  g_autofree char *at = g_strndup(itv_cli_text_of(step, "at"), 16);
  g_autofree char *what =
      g_strdup_printf("%2zu. %-16s %s", number, *at ? at : "-", itv_cli_text_of(step, "text"));
  itv_cli_print(0, what);
  g_autofree char *why = g_strdup_printf("rule: %s%s%s%s", words ? words : rule, words ? " [" : "",
                                         words ? rule : "", words ? "]" : "");
  itv_cli_print(4, why);
  if (!*itv_cli_text_of(step, "source"))
    return;
  g_autofree char *source =
      g_strdup_printf("from: %s (evidence %.12s)", itv_cli_text_of(step, "source"),
                      itv_cli_text_of(step, "evidence"));
  itv_cli_print(4, source);
}

static void
show_why(json_object *document, const ItvCli *cli)
{
  (void)cli;
  json_object *steps = itv_json_get(document, "steps");
  printf("As of %s\n", itv_cli_text_of(document, "as_of"));
  itv_cli_item_show_patient(itv_json_get(document, "item"));
  itv_cli_item_show(itv_json_get(document, "item"));
  printf("\nHow it came to this:\n");
  for (gsize i = 0; i < json_object_array_length(steps); i++)
    show_step(json_object_array_get_idx(steps, i), i + 1);
  json_object *doubts = itv_json_get(document, "contradictions");
  for (gsize i = 0; i < json_object_array_length(doubts); i++) {
    g_autofree char *line = g_strdup_printf(
        "Look again: %s.", itv_cli_text_of(json_object_array_get_idx(doubts, i), "text"));
    printf("\n");
    itv_cli_print(0, line);
  }
  json_object *by = itv_json_get(document, "found_by");
  if (!by)
    return;
  printf("\n");
  g_autofree char *found = g_strdup_printf(
      "The sentence was found by %s %s, rule \"%s\" (program %.12s, configuration %.12s).",
      itv_cli_text_of(by, "plugin"), itv_cli_text_of(by, "version"), itv_cli_text_of(by, "rule"),
      itv_cli_text_of(by, "sha256"), itv_cli_text_of(by, "config"));
  itv_cli_print(0, found);
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
