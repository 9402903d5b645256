/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/item.h"
#include "cli/text.h"

/* ---- who cares for an item, who was reached, what comes next ------------------------------------
 */

static json_object *
decide(ItvCli *cli, ItvDecisionInput decision, GError **error)
{
  decision.item = cli->args->pdata[0];
  decision.by = itv_cli_option(cli, "by");
  decision.at = itv_cli_option(cli, "at");
  decision.note = itv_cli_option(cli, "note");
  return itv_app_decide(cli->app, &decision, error);
}

static json_object *
run_assign(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  const gboolean nobody = itv_cli_option(cli, "nobody") != NULL;
  if (nobody == (cli->args->len > 1))
    return itv_fail(error, ITV_ERROR_USAGE, "either OWNER or --nobody is needed"), NULL;
  return decide(
      cli, (ItvDecisionInput){.action = "assign", .owner = nobody ? NULL : cli->args->pdata[1]},
      error);
}

static json_object *
run_contact(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return decide(cli,
                (ItvDecisionInput){.action = "contact",
                                   .whom = itv_cli_option(cli, "whom"),
                                   .how = itv_cli_option(cli, "how"),
                                   .outcome = itv_cli_option(cli, "outcome")},
                error);
}

static json_object *
run_next(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  const gboolean nothing = itv_cli_option(cli, "nothing") != NULL;
  if (nothing == (cli->args->len > 1))
    return itv_fail(error, ITV_ERROR_USAGE, "either TEXT and --on, or --nothing is needed"), NULL;
  return decide(cli,
                (ItvDecisionInput){.action = "next",
                                   .next = nothing ? NULL : cli->args->pdata[1],
                                   .on = nothing ? NULL : itv_cli_option(cli, "on")},
                error);
}

static void
show_care(json_object *o, const ItvCli *cli)
{
  (void)cli;
  itv_cli_item_show_patient(o);
  itv_cli_item_show(o);
}

#define WHO_AND_WHEN                                                                               \
  {"note", "TEXT", "in your own words"}, {"by", "USER", "who says so; default: the login name"},   \
      {"at", "TIME", "when it was; default: now"},                                                 \
  {                                                                                                \
    NULL, NULL, NULL                                                                               \
  }

static const ItvCliOption assign_options[] = {{"nobody", NULL, "nobody cares for it any more"},
                                              WHO_AND_WHEN};
static const ItvCliOption contact_options[] = {
    {"whom", "WHO", "patient, referrer or other"},
    {"how", "MEANS", "phone, letter, mail, sms, portal, fax or in-person"},
    {"outcome", "WHAT",
     "sent, reached, left-message, no-answer, wrong-number, undeliverable or refused"},
    WHO_AND_WHEN};
static const ItvCliOption next_options[] = {
    {"on", "DATE", "when it is to be done"}, {"nothing", NULL, "take the plan back"}, WHO_AND_WHEN};

const ItvCommand itv_command_assign = {
    .name = "assign",
    .args = "ITEM OWNER",
    .min_args = 1,
    .max_args = 2,
    .summary = "say who cares for an item",
    .details = "The next exam of a series stays with the same owner. `interval queue --unowned` "
               "shows what nobody cares for.",
    .options = assign_options,
    .run = run_assign,
    .show = show_care};

const ItvCommand itv_command_contact = {
    .name = "contact",
    .args = "ITEM --whom WHO --how MEANS --outcome WHAT [--note T]",
    .min_args = 1,
    .max_args = 1,
    .summary = "record an attempt to reach the patient or the referrer",
    .details = "Each attempt is evidence. For an overdue item it is a step of the ladder that the "
               "configuration plans; the next one comes no sooner than its pause allows.",
    .options = contact_options,
    .run = run_contact,
    .show = show_care};

const ItvCommand itv_command_next = {
    .name = "next",
    .args = "ITEM TEXT --on DATE",
    .min_args = 1,
    .max_args = 2,
    .summary = "plan what is to be done about an item, and when",
    .details = "The plan stands before the ladder's steps until a contact is recorded after it, "
               "another plan is made, or the item is closed.",
    .options = next_options,
    .run = run_next,
    .show = show_care};

/* ---- the day's work
 * --------------------------------------------------------------------------------
 */

static json_object *
run_queue(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  ItvQueueQuery query = {.owner = itv_cli_option(cli, "owner"),
                         .unowned = itv_cli_option(cli, "unowned") != NULL,
                         .no_cap = itv_cli_option(cli, "all") != NULL};
  if (!itv_cli_date(cli, "as-of", &query.as_of, error))
    return NULL;
  return itv_app_queue(cli->app, &query, error);
}

static void
add_row(GPtrArray *cells, json_object *o)
{
  json_object *patient = itv_json_get(o, "patient"), *next = itv_json_get(o, "next_action");
  json_object *contacts = itv_json_get(o, "contacts");
  const gsize n = json_object_array_length(contacts);
  g_autofree char *last =
      n ? g_strndup(itv_cli_text_of(json_object_array_get_idx(contacts, n - 1), "at"), 10) : NULL;
  g_ptr_array_add(cells, g_strdup(itv_cli_text_of(next, "on")));
  g_ptr_array_add(cells, itv_cli_item_state(o));
  g_ptr_array_add(cells, g_strdup(itv_cli_text_of(patient, "id")));
  g_ptr_array_add(cells, itv_cli_person_name(itv_json_get_string(patient, "name")));
  g_ptr_array_add(cells, itv_cli_item_action(o));
  g_ptr_array_add(cells, last ? g_strdup_printf("%zu, %s", n, last) : g_strdup("none"));
  g_ptr_array_add(cells, g_strndup(itv_cli_text_of(o, "id"), 6));
  g_ptr_array_add(cells, g_strdup(itv_cli_text_of(next, "what")));
}

static void
show_owner(json_object *actions, gsize from, gsize to)
{
  static const char *const head[] = {"since", "status",   "patient", "name",
                                     "what",  "contacts", "id",      "now"};
  enum { N = G_N_ELEMENTS(head) };
  const char *owner = itv_cli_text_of(json_object_array_get_idx(actions, from), "owner");
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  for (gsize i = from; i < to; i++)
    add_row(cells, json_object_array_get_idx(actions, i));
  printf("\n%s\n", *owner ? owner : "Nobody's");
  itv_cli_clip_last(cells, head, N);
  itv_cli_table(head, (const char *const *)cells->pdata, N, cells->len / N);
}

static void
show_queue(json_object *o, const ItvCli *cli)
{
  (void)cli;
  json_object *actions = itv_json_get(o, "actions");
  const gsize n = json_object_array_length(actions);
  printf("To be done by %s: %zu; %s open items are nobody's (interval assign ITEM OWNER)\n",
         itv_cli_text_of(o, "as_of"), n, json_object_get_string(itv_json_get(o, "unowned")));
  for (gsize from = 0, to = 0; from < n; from = to) {
    const char *owner = itv_cli_text_of(json_object_array_get_idx(actions, from), "owner");
    while (to < n &&
           strcmp(itv_cli_text_of(json_object_array_get_idx(actions, to), "owner"), owner) == 0)
      to++;
    show_owner(actions, from, to);
  }
  if (json_object_get_int64(itv_json_get(o, "held_back")) > 0)
    printf("\n%s more wait for another day: no more than %s a day and owner are shown (--all shows "
           "them)\n",
           json_object_get_string(itv_json_get(o, "held_back")),
           json_object_get_string(itv_json_get(o, "cap")));
}

static const ItvCliOption queue_options[] = {
    {"owner", "NAME", "only what this person cares for"},
    {"unowned", NULL, "only what nobody cares for"},
    {"all", NULL, "without the daily cap"},
    {"as-of", "DATE", "as it stood at the end of that day; default today"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_queue = {
    .name = "queue",
    .args = "[--owner NAME] [--unowned] [--all] [--as-of D]",
    .summary = "what is to be done today, by owner, most urgent first",
    .details = "For every open item its next action and the day from which it is to be done: what "
               "a person planned (`interval next`), else to confirm a study, to say when it is "
               "due, to answer a condition, to make an appointment, or the next step of the ladder "
               "of contacts for what is overdue. The configuration names the ladder and how many "
               "actions a day an owner is given; what was done today counts.",
    .options = queue_options,
    .run = run_queue,
    .show = show_queue};

/* ---- letters ------------------------------------------------------------------------------------
 */

static json_object *
run_letter(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  ItvLetterInput in = {.item = cli->args->pdata[0],
                       .to = itv_cli_option(cli, "to"),
                       .language = itv_cli_option(cli, "language"),
                       .out_dir = itv_cli_option(cli, "out"),
                       .sent = itv_cli_option(cli, "sent") != NULL,
                       .by = itv_cli_option(cli, "by"),
                       .at = itv_cli_option(cli, "at")};
  if (!itv_cli_date(cli, "as-of", &in.as_of, error))
    return NULL;
  return itv_app_letter(cli->app, &in, error);
}

static void
show_letter(json_object *o, const ItvCli *cli)
{
  json_object *parts = itv_json_get(o, "parts"), *files = itv_json_get(o, "files");
  for (gsize i = 0; i < json_object_array_length(parts); i++) {
    json_object *part = json_object_array_get_idx(parts, i);
    g_auto(GStrv) lines = g_strsplit(itv_cli_text_of(part, "text"), "\n", -1);
    for (guint k = 0; lines[k]; k++)
      itv_cli_print(strcmp(itv_cli_text_of(part, "kind"), "quote") == 0 ? 4 : 0, lines[k]);
    printf("\n");
  }
  for (gsize i = 0; i < json_object_array_length(files); i++)
    printf("%s\n", json_object_get_string(json_object_array_get_idx(files, i)));
  if (!itv_cli_option(cli, "sent"))
    printf("not recorded as sent; with --sent it is\n");
}

static const ItvCliOption letter_options[] = {
    {"to", "WHO", "patient (default), in plain words; or referrer"},
    {"language", "CODE", "en, de or another that config/letters has; default: the configuration's"},
    {"out", "DIR", "write the page (HTML) and the paper (PDF) there; default: here"},
    {"sent", NULL, "record that it was sent, with its SHA-256: an attempt like any other"},
    {"as-of", "DATE", "as the item stood at the end of that day; default today"},
    {"by", "USER", "who sends it; default: the login name"},
    {"at", "TIME", "when it was sent; default: now"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_letter = {
    .name = "letter",
    .args = "ITEM [--to WHO] [--language CODE] [--out DIR] [--sent]",
    .min_args = 1,
    .max_args = 1,
    .summary = "a letter about an item, to the patient or the referrer",
    .details =
        "To the patient it says in plain words which exam is due, when, and whom to call; it "
        "names no finding and no diagnosis. To the referrer it quotes the report. The "
        "templates stand in config/letters; the configuration's <site> says who writes.",
    .options = letter_options,
    .run = run_letter,
    .show = show_letter};
