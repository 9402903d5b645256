/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/item.h"
#include "cli/text.h"

static json_object *
run_measures(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  ItvMeasuresQuery query = {.by = itv_cli_option(cli, "by"),
                            .period = itv_cli_option(cli, "period"),
                            .protocols = itv_cli_option(cli, "protocols") != NULL};
  if (!itv_cli_date(cli, "as-of", &query.as_of, error) ||
      !itv_cli_date(cli, "from", &query.from, error) ||
      !itv_cli_date(cli, "until", &query.until, error))
    return NULL;
  return itv_app_measures(cli->app, &query, error);
}

/* "12/15 80 % (55-93)"; owned. */
static char *
rate_text(json_object *group, const char *name)
{
  json_object *r = itv_json_get(group, name), *ci = itv_json_get(r, "ci95");
  const gint64 of = json_object_get_int64(itv_json_get(r, "of"));
  if (of == 0)
    return g_strdup("-");
  return g_strdup_printf("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " %.0f %% (%.0f-%.0f)",
                         json_object_get_int64(itv_json_get(r, "n")), of,
                         100 * json_object_get_double(itv_json_get(r, "rate")),
                         100 * json_object_get_double(json_object_array_get_idx(ci, 0)),
                         100 * json_object_get_double(json_object_array_get_idx(ci, 1)));
}

static char *
group_name(json_object *by, json_object *group)
{
  g_autoptr(GString) s = g_string_new(NULL);
  for (gsize i = 0; i < json_object_array_length(by); i++) {
    const char *value =
        itv_cli_text_of(group, json_object_get_string(json_object_array_get_idx(by, i)));
    g_string_append_printf(s, "%s%s", i ? ", " : "", *value ? value : "(none)");
  }
  return g_string_free(g_steal_pointer(&s), FALSE);
}

static void
add_row(GPtrArray *cells, json_object *group, char *name)
{
  json_object *outcomes = itv_json_get(group, "outcomes");
  g_ptr_array_add(cells, name);
  g_ptr_array_add(cells, g_strdup(json_object_get_string(itv_json_get(group, "items"))));
  g_ptr_array_add(cells, rate_text(group, "in_window"));
  g_ptr_array_add(cells, rate_text(group, "adherence"));
  g_ptr_array_add(cells, rate_text(group, "closed_loop"));
  g_ptr_array_add(cells, g_strdup(json_object_get_string(itv_json_get(outcomes, "missed"))));
  g_ptr_array_add(cells, rate_text(group, "interval_stated"));
}

static void
show_behind(json_object *group)
{
  static const char *const head[] = {"outcome", "patient",   "name", "due",
                                     "until",   "performed", "item"};
  enum { N = G_N_ELEMENTS(head) };
  json_object *items = itv_json_get(group, "behind");
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  for (gsize i = 0; i < json_object_array_length(items); i++) {
    json_object *o = json_object_array_get_idx(items, i), *patient = itv_json_get(o, "patient");
    g_ptr_array_add(cells, g_strdup(itv_cli_text_of(o, "outcome")));
    g_ptr_array_add(cells, g_strdup(itv_cli_text_of(patient, "id")));
    g_ptr_array_add(cells, itv_cli_person_name(itv_json_get_string(patient, "name")));
    g_ptr_array_add(cells, g_strdup(itv_cli_text_of(o, "due_from")));
    g_ptr_array_add(cells, g_strdup(itv_cli_text_of(o, "due_until")));
    g_ptr_array_add(cells, g_strdup(itv_cli_text_of(o, "performed")));
    g_ptr_array_add(cells, g_strndup(itv_cli_text_of(o, "item"), 6));
  }
  if (cells->len)
    itv_cli_table(head, (const char *const *)cells->pdata, N, cells->len / N);
}

static void
show_measures(json_object *o, const ItvCli *cli)
{
  static const char *const head[] = {"group",       "items",  "in window",      "adherence",
                                     "loop closed", "missed", "interval stated"};
  enum { N = G_N_ELEMENTS(head) };
  json_object *groups = itv_json_get(o, "groups"), *by = itv_json_get(o, "by");
  json_object *window = itv_json_get(o, "window");
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  const gsize n = json_object_array_length(groups);
  printf("Imaging follow-ups as of %s; window: %s days before to %s days after the time that was "
         "recommended\n\n",
         itv_cli_text_of(o, "as_of"), json_object_get_string(itv_json_get(window, "before_days")),
         json_object_get_string(itv_json_get(window, "after_days")));
  add_row(cells, itv_json_get(o, "all"), g_strdup("all"));
  for (gsize i = 0; json_object_array_length(by) > 0 && i < n; i++) {
    json_object *group = json_object_array_get_idx(groups, i);
    add_row(cells, group, group_name(by, group));
  }
  itv_cli_table(head, (const char *const *)cells->pdata, N, cells->len / N);
  for (gsize i = 0; itv_cli_option(cli, "patients") && i < n; i++) {
    json_object *group = json_object_array_get_idx(groups, i);
    g_autofree char *name = group_name(by, group);
    printf("\n%s\n", *name ? name : "all");
    show_behind(group);
  }
}

static const ItvCliOption measures_options[] = {
    {"by", "D,D", "group by reader, modality, region, site, period, finding"},
    {"period", "LENGTH", "month, quarter (default) or year, of the recommendation"},
    {"from", "DATE", "only what was recommended on that day or later"},
    {"until", "DATE", "only what was recommended until that day"},
    {"as-of", "DATE", "as it stood at the end of that day; default today"},
    {"patients", NULL, "the patients and items behind every number"},
    {"protocols", NULL, "the visits of follow-up protocols instead of recommendations"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_measures = {
    .name = "measures",
    .args = "[--by D,D] [--period LENGTH] [--from D] [--until D] [--as-of D] [--patients]",
    .summary = "how well the loop is closed: rates by reader, modality, region, site, period",
    .details =
        "in window: of the items whose window (30 days before to 60 days after the recommended "
        "time) is over, those performed within it. adherence: the same share among all whose "
        "window is open or over, or that were performed. loop closed: performed whenever and "
        "wherever, declined by the patient, or with an appointment ahead. interval stated: "
        "recommendations that gave a time. Each with its 95 % confidence interval. What was "
        "superseded, withdrawn or a duplicate, and what was no longer indicated, or ended by "
        "death or an unmet condition, before its window was over, is in no rate; nor, but in "
        "the last one, is what is not due yet, has no interval or awaits a condition.\n\n"
        "--json always lists the items behind each number, with their outcome.",
    .options = measures_options,
    .run = run_measures,
    .show = show_measures};
