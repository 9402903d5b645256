/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/text.h"
#include "render/text.h"

static const char *
text_of(json_object *o, const char *key)
{
  const char *text = o ? itv_json_get_string(o, key) : NULL;
  return text ? text : "";
}

static void
show_strings(json_object *list, const char *indent)
{
  for (gsize i = 0; list && i < json_object_array_length(list); i++)
    printf("%s%s\n", indent, json_object_get_string(json_object_array_get_idx(list, i)));
}

/* ---- compare -----------------------------------------------------------------------------------
 */

static json_object *
run_compare(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return itv_app_compare(cli->app, cli->args->pdata[0],
                         cli->args->len > 1 ? cli->args->pdata[1] : NULL,
                         itv_cli_option(cli, "out"), error);
}

static void
show_registration(json_object *r)
{
  if (!r) {
    printf("registration: none\n");
    return;
  }
  printf("registration: %s, similarity %.3f -> %.3f, %s\n", text_of(r, "model"),
         json_object_get_double(itv_json_get(r, "similarity_before")),
         json_object_get_double(itv_json_get(r, "similarity_after")),
         json_object_get_boolean(itv_json_get(r, "accepted"))
             ? "accepted"
             : "NOT accepted: no difference is shown");
  show_strings(itv_json_get(r, "reasons"), "  ");
}

static char *
number(json_object *o, const char *key, const char *unit)
{
  json_object *value = itv_json_get(o, key);
  return value ? itv_text_quantity(json_object_get_double(value), unit) : g_strdup("");
}

static char *
range_of(json_object *pair)
{
  if (!pair)
    return g_strdup("");
  g_autofree char *low =
      itv_text_signed(json_object_get_double(json_object_array_get_idx(pair, 0)));
  g_autofree char *high =
      itv_text_signed(json_object_get_double(json_object_array_get_idx(pair, 1)));
  return g_strdup_printf("%s to %s", low, high);
}

static void
show_changes(json_object *changes)
{
  static const char *const head[] = {"finding", "measure", "prior",   "current",
                                     "change",  "%",       "95 % CI", "verdict"};
  enum { N = G_N_ELEMENTS(head) };
  const gsize n = json_object_array_length(changes);
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  gboolean unresolved = FALSE;
  for (gsize i = 0; i < n; i++) {
    json_object *o = json_object_array_get_idx(changes, i);
    const char *unit = text_of(o, "unit");
    const char *finding = text_of(o, "finding");
    const gboolean again =
        i > 0 &&
        strcmp(finding, text_of(json_object_array_get_idx(changes, i - 1), "finding")) == 0;
    unresolved |= strcmp(text_of(o, "verdict"), "not-resolvable") == 0;
    g_ptr_array_add(cells, g_strdup(again ? "\"" : finding));
    g_ptr_array_add(cells, itv_text_measure(text_of(o, "measure")));
    g_ptr_array_add(cells, number(o, "prior", unit));
    g_ptr_array_add(cells, number(o, "current", unit));
    g_ptr_array_add(cells, number(o, "change", unit));
    g_ptr_array_add(cells, number(o, "change_percent", "%"));
    g_ptr_array_add(cells, range_of(itv_json_get(o, "ci95")));
    g_ptr_array_add(cells, g_strdup(itv_text_verdict(text_of(o, "verdict"))));
  }
  if (n == 0)
    printf("no measurement of both exams to compare\n");
  else
    itv_cli_table(head, (const char *const *)cells->pdata, N, n);
  if (unresolved)
    itv_cli_print(0, "not resolvable: the difference is smaller than what two measurements of the "
                     "same thing differ by; it shows neither change nor stability");
}

static void
show_compare(json_object *o, const ItvCli *cli)
{
  (void)cli;
  json_object *current = itv_json_get(o, "current_exam"), *prior = itv_json_get(o, "prior_exam");
  printf("%s of %s against %s of %s, %s days\n", text_of(current, "description"),
         text_of(current, "date"), text_of(prior, "description"), text_of(prior, "date"),
         json_object_get_string(itv_json_get(o, "days")));
  printf("%s\n",
         json_object_get_boolean(itv_json_get(o, "comparable")) ? "comparable" : "NOT comparable");
  show_strings(itv_json_get(o, "reasons"), "  ");
  show_registration(itv_json_get(o, "registration"));
  show_changes(itv_json_get(o, "changes"));
  show_strings(itv_json_get(o, "pictures"), "");
}

static const ItvCliOption compare_options[] = {
    {"out", "DIR", "write the pictures, the page (HTML) and the report (PDF) there"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_compare = {
    .name = "compare",
    .args = "CURRENT [PRIOR] [--out DIR]",
    .min_args = 1,
    .max_args = 2,
    .summary = "quality check, registration and measurement diff of two exams",
    .details = "CURRENT and PRIOR are Study Instance UIDs or accession numbers; without PRIOR the "
               "best one is taken, with the word oldest for PRIOR the oldest comparable one: "
               "against it one sees what grows slowly. `interval priors CURRENT` lists both.",
    .options = compare_options,
    .run = run_compare,
    .show = show_compare};

/* ---- register
 * ------------------------------------------------------------------------------------ */

static json_object *
run_register(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  const char *threads = itv_cli_option(cli, "threads");
  const char *model = itv_cli_option(cli, "model");
  const ItvRegisterInput input = {
      .fixed = itv_cli_option(cli, "fixed"),
      .moving = itv_cli_option(cli, "moving"),
      .model = model ? model : "rigid",
      .points = itv_cli_option(cli, "points"),
      .points_out = itv_cli_option(cli, "points-out"),
      .out_dir = itv_cli_option(cli, "out"),
      .threads = threads ? (guint)CLAMP(g_ascii_strtoll(threads, NULL, 10), 1, 256) : 0};
  if (!input.fixed || !input.moving)
    return itv_fail(error, ITV_ERROR_USAGE, "--fixed and --moving are needed"), NULL;
  if ((input.points == NULL) != (input.points_out == NULL))
    return itv_fail(error, ITV_ERROR_USAGE, "--points and --points-out go together"), NULL;
  return itv_app_register(cli->app, &input, error);
}

static void
show_register(json_object *o, const ItvCli *cli)
{
  (void)cli;
  json_object *matrix = itv_json_get(o, "matrix");
  show_registration(o);
  for (gsize i = 0; i < 16; i++)
    printf("%12.6f%s", json_object_get_double(json_object_array_get_idx(matrix, i)),
           i % 4 == 3 ? "\n" : " ");
  printf("%.2f s\n", json_object_get_double(itv_json_get(o, "seconds")));
  show_strings(itv_json_get(o, "pictures"), "");
  show_strings(itv_json_get(o, "volumes"), "");
}

static const ItvCliOption register_options[] = {
    {"fixed", "PATH", "DICOM folder or file, or NIfTI: the image that stays"},
    {"moving", "PATH", "the one that is laid upon it"},
    {"model", "MODEL", "rigid (default), affine or deformable"},
    {"points", "CSV", "x,y,z lines in fixed-image LPS mm"},
    {"points-out", "CSV", "where they lie in the moving image"},
    {"out", "DIR",
     "write pictures there, and as NIfTI the registered image, difference, displacement"},
    {"threads", "N", "default: one per core"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_register = {
    .name = "register",
    .args = "--fixed PATH --moving PATH [--model MODEL] [--points CSV --points-out CSV]",
    .max_args = 0,
    .app = ITV_CLI_NO_DATABASE,
    .summary = "registration alone, on DICOM folders or files, or NIfTI",
    .options = register_options,
    .run = run_register,
    .show = show_register};
