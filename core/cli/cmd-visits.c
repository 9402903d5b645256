/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/item.h"
#include "cli/text.h"

/* ---- visits -------------------------------------------------------------------------------------
 */

static json_object *
run_visits(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  ItvVisitsQuery query = {.patient = itv_cli_option(cli, "patient"),
                          .within = itv_cli_option(cli, "within"),
                          .all = itv_cli_option(cli, "all") != NULL};
  if (!itv_cli_date(cli, "as-of", &query.as_of, error))
    return NULL;
  return itv_app_visits(cli->app, &query, error);
}

static void
show_exam(json_object *exam, json_object *visit)
{
  json_object *ids = itv_json_get(exam, "items"), *items = itv_json_get(visit, "items");
  const char *modality = itv_cli_text_of(exam, "modality");
  const char *side = itv_cli_text_of(exam, "laterality");
  g_autofree char *line = g_strdup_printf("%s %s%s%s, for:", *modality ? modality : "imaging",
                                          itv_cli_text_of(exam, "region"), *side ? ", " : "", side);
  itv_cli_print(2, line);
  for (gsize i = 0; i < json_object_array_length(ids); i++)
    for (gsize k = 0; k < json_object_array_length(items); k++) {
      json_object *item = json_object_array_get_idx(items, k);
      const char *id = json_object_get_string(json_object_array_get_idx(ids, i));
      if (strcmp(itv_cli_text_of(item, "id"), id) != 0)
        continue;
      g_autofree char *action = itv_cli_item_action(item);
      g_autofree char *state = itv_cli_item_state(item);
      g_autofree char *text = g_strdup_printf("%s: %s, due %s, overdue after %s  id %.6s", state,
                                              action, itv_cli_text_of(item, "due_from"),
                                              itv_cli_text_of(item, "overdue_after"), id);
      itv_cli_print(4, text);
    }
}

static void
show_visits(json_object *list, const ItvCli *cli)
{
  const gsize n = json_object_array_length(list);
  if (n == 0)
    printf("%s\n", itv_cli_option(cli, "all")
                       ? "no imaging follow-up is due in that time"
                       : "no two follow-ups of a patient can share a visit (--all shows single "
                         "ones)");
  for (gsize i = 0; i < n; i++) {
    json_object *visit = json_object_array_get_idx(list, i);
    json_object *patient = itv_json_get(visit, "patient"), *exams = itv_json_get(visit, "exams");
    g_autofree char *name = itv_cli_person_name(itv_json_get_string(patient, "name"));
    const char *from = itv_cli_text_of(visit, "from"), *until = itv_cli_text_of(visit, "until");
    const gboolean day = strcmp(from, until) == 0;
    printf("%s  %s: one visit %s %s%s%s%s\n", itv_cli_text_of(patient, "id"), name,
           day ? "on" : "from", from, day ? "" : " until ", day ? "" : until,
           json_object_get_boolean(itv_json_get(visit, "booked")) ? " (an appointment stands)"
                                                                  : "");
    for (gsize k = 0; k < json_object_array_length(exams); k++)
      show_exam(json_object_array_get_idx(exams, k), visit);
    printf("\n");
  }
}

static const ItvCliOption visits_options[] = {
    {"patient", "ID", "only this patient (after merges); ID or ID^^^ISSUER"},
    {"within", "PERIOD", "what is due within that time; default P1Y"},
    {"all", NULL, "also visits that serve one follow-up only"},
    {"as-of", "DATE", "as it stood at the end of that day; default today"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_visits = {
    .name = "visits",
    .args = "[--patient ID] [--within PERIOD] [--all] [--as-of D]",
    .summary = "follow-ups of a patient that can share a visit",
    .details = "Follow-ups whose times overlap (from the day they are due until they count as "
               "overdue; what is overdue: within two weeks; what has an appointment: on its day) "
               "are proposed as one visit, in the fewest visits that there can be. In a visit one "
               "exam serves all that it satisfies, and of exams that serve alike the one with the "
               "least radiation is proposed. A proposal books nothing.",
    .options = visits_options,
    .run = run_visits,
    .show = show_visits};

/* ---- overuse ------------------------------------------------------------------------------------
 */

static json_object *
run_overuse(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  ItvDate as_of = ITV_DATE_NONE;
  if (!itv_cli_date(cli, "as-of", &as_of, error))
    return NULL;
  return itv_app_overuse(cli->app, itv_cli_option(cli, "patient"), as_of, error);
}

static void
show_overuse(json_object *list, const ItvCli *cli)
{
  (void)cli;
  const gsize n = json_object_array_length(list);
  if (n == 0)
    printf("no appointment is known that a follow-up once wanted and none wants now\n");
  for (gsize i = 0; i < n; i++) {
    json_object *o = json_object_array_get_idx(list, i), *patient = itv_json_get(o, "patient");
    g_autofree char *name = itv_cli_person_name(itv_json_get_string(patient, "name"));
    const char *what = itv_cli_text_of(o, "description");
    g_autofree char *head =
        g_strdup_printf("%s  %s: %s on %s", itv_cli_text_of(patient, "id"), name,
                        *what ? what : "an exam", itv_cli_text_of(o, "on"));
    g_autofree char *why = g_strdup_printf("%s  (interval why %.6s)", itv_cli_text_of(o, "text"),
                                           itv_cli_text_of(o, "item"));
    itv_cli_print(0, head);
    itv_cli_print(4, why);
  }
}

static const ItvCliOption overuse_options[] = {
    {"patient", "ID", "only this patient (after merges); ID or ID^^^ISSUER"},
    {"as-of", "DATE", "as it stood at the end of that day; default today"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_overuse = {
    .name = "overuse",
    .args = "[--patient ID] [--as-of D]",
    .summary = "booked exams that no follow-up asks for any more",
    .details = "An appointment ahead for which a follow-up was done already or closed (not "
               "indicated, declined, condition not met ...), a film after a protocol's last visit, "
               "or an exam so early that it would not count for what is due. Exams that no "
               "follow-up ever asked for are not listed: there may be another reason for them.",
    .options = overuse_options,
    .run = run_overuse,
    .show = show_overuse};
