/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/text.h"
#include "render/text.h"

/* ---- candidates ----------------------------------------------------------------------- */

static json_object *
run_candidates(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  const char *weight = itv_cli_option(cli, "min-weight");
  ItvCandidateQuery query = {itv_cli_option(cli, "patient"), itv_cli_option(cli, "zone"), -1e9};
  char *end = NULL;
  if (weight) {
    query.min_weight = g_ascii_strtod(weight, &end);
    if (end == weight || *end || !isfinite(query.min_weight))
      return itv_fail(error, ITV_ERROR_USAGE, "--min-weight %s: no number of bits", weight), NULL;
  }
  if (query.zone && strcmp(query.zone, "certain") != 0 && strcmp(query.zone, "uncertain") != 0)
    return itv_fail(error, ITV_ERROR_USAGE, "--zone %s: certain or uncertain", query.zone), NULL;
  return itv_app_identity_candidates(cli->app, &query, error);
}

static void
show_patient(json_object *patient)
{
  static const char *const keys[] = {"name", "birth_date", "sex", "address", "phone"};
  const char *issuer = itv_json_get_string(patient, "issuer");
  printf("  %s%s%s", itv_json_get_string(patient, "id"), *issuer ? "^^^" : "", issuer);
  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
    const char *text = itv_json_get_string(patient, keys[i]);
    g_autofree char *clean = text ? itv_text_clean(text, 0) : NULL;
    if (clean && *clean)
      printf("  %s", clean);
  }
  printf("\n");
}

static void
show_reasons(json_object *list, const char *before)
{
  for (gsize i = 0; i < json_object_array_length(list); i++) {
    json_object *r = json_object_array_get_idx(list, i), *weight = itv_json_get(r, "weight");
    g_autofree char *clean = itv_text_clean(itv_json_get_string(r, "text"), 0);
    printf("%s%s", i ? "; " : before, clean);
    if (weight)
      printf(" %+.1f", json_object_get_double(weight));
  }
  if (json_object_array_length(list) > 0)
    printf("\n");
}

static void
show_candidates(json_object *list, const ItvCli *cli)
{
  (void)cli;
  const gsize n = json_object_array_length(list);
  for (gsize i = 0; i < n; i++) {
    json_object *c = json_object_array_get_idx(list, i);
    printf("%s, %.1f bits\n", itv_json_get_string(c, "zone"),
           json_object_get_double(itv_json_get(c, "weight")));
    show_patient(itv_json_get(c, "patient"));
    show_patient(itv_json_get(c, "other"));
    show_reasons(itv_json_get(c, "reasons"), "  because ");
    show_reasons(itv_json_get(c, "guards"), "  not certain: ");
    printf("  same person: %s\n  two persons: %s\n\n", itv_json_get_string(c, "if_same"),
           itv_json_get_string(c, "if_different"));
  }
  printf(n == 0   ? "no two ids look like one person that nobody has decided about\n"
         : n == 1 ? "1 pair to decide\n"
                  : "%zu pairs to decide\n",
         n);
}

static const ItvCliOption candidate_options[] = {
    {"patient", "ID", "only pairs with that patient (ID or ID^^^ISSUER)"},
    {"min-weight", "BITS", "only pairs of at least that weight"},
    {"zone", "ZONE", "only `certain` or only `uncertain` pairs"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_identity_candidates = {
    .name = "identity candidates",
    .args = "",
    .summary = "patient ids that may be one person",
    .details =
        "Lists pairs that nobody has decided about, the likeliest first, with what speaks for and "
        "against them: bits of evidence by field (config/linkage.xml). Beside names, dates, "
        "addresses and numbers, measurements or reports under one id that are about images of "
        "another count. Nothing is linked by itself unless the configuration says so, and never "
        "in the uncertain zone. `identity link` and `identity unlink` decide; a decided pair does "
        "not come up again.",
    .options = candidate_options,
    .run = run_candidates,
    .show = show_candidates};

/* ---- decisions -------------------------------------------------------------------------- */

static json_object *
identity(ItvCli *cli, const char *action, GError **error)
{
  return itv_app_identity(cli->app, action, cli->args->pdata[0], cli->args->pdata[1],
                          itv_cli_option(cli, "by"), itv_cli_option(cli, "at"), error);
}

static json_object *
run_link(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return identity(cli, "link", error);
}

static json_object *
run_unlink(ItvCli *cli, int *ret_exit, GError **error)
{
  (void)ret_exit;
  return identity(cli, "unlink", error);
}

static void
show_link(json_object *o, const ItvCli *cli)
{
  (void)cli;
  printf("%s and %s are one person from now on\n", itv_json_get_string(o, "patient"),
         itv_json_get_string(o, "other"));
}

static void
show_unlink(json_object *o, const ItvCli *cli)
{
  (void)cli;
  printf("%s and %s are two persons from now on\n", itv_json_get_string(o, "patient"),
         itv_json_get_string(o, "other"));
}

static const ItvCliOption options[] = {{"by", "USER", "who says so; default: the login name"},
                                       {"at", "TIME", "when it was decided; default: now"},
                                       {NULL, NULL, NULL}};

const ItvCommand itv_command_identity_link = {
    .name = "identity link",
    .args = "ID OTHER",
    .min_args = 2,
    .max_args = 2,
    .summary = "two patient ids are one person",
    .details = "ID and OTHER as ID or ID^^^ISSUER. It is evidence like a merge message, and "
               "`identity unlink` takes it back; nothing is lost either way.",
    .options = options,
    .run = run_link,
    .show = show_link};

const ItvCommand itv_command_identity_unlink = {.name = "identity unlink",
                                                .args = "ID OTHER",
                                                .min_args = 2,
                                                .max_args = 2,
                                                .summary = "two patient ids are two persons",
                                                .details =
                                                    "Takes a link back, or says of two ids that "
                                                    "look alike that they are not one person: "
                                                    "`identity candidates` then lists them no "
                                                    "more.",
                                                .options = options,
                                                .run = run_unlink,
                                                .show = show_unlink};
