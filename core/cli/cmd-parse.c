/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/text.h"

/* One line of JSON Lines in, one out; a bad line is named and does not stop the
 * rest. */
static gboolean
parse_line(ItvCli *cli, const char *line, gsize n, guint number, GError **error)
{
  g_autoptr(json_object) in = itv_json_parse(line, (gssize)n, error);
  const char *text = in ? itv_json_get_string(in, "text") : NULL;
  if (!in)
    return FALSE;
  if (!text)
    return itv_fail(error, ITV_ERROR_INPUT, "line %u: no \"text\"", number);
  const ItvParseContext context = {.date = itv_json_get_string(in, "date"),
                                   .modality = itv_json_get_string(in, "modality"),
                                   .region = itv_json_get_string(in, "region"),
                                   .laterality = itv_json_get_string(in, "laterality"),
                                   .description = itv_json_get_string(in, "description")};
  g_autoptr(json_object) out = itv_app_parse(cli->app, text, -1, &context, error);
  if (!out)
    return FALSE;
  g_autoptr(json_object) answer = json_object_new_object();
  itv_json_add(answer, "id", json_object_get(itv_json_get(in, "id")));
  itv_json_add(answer, "recommendations", json_object_get(itv_json_get(out, "recommendations")));
  g_autofree char *json = itv_json_text(answer, FALSE);
  printf("%s\n", json);
  return TRUE;
}

static json_object *
run_jsonl(ItvCli *cli, int *ret_exit, GError **error)
{
  gsize length = 0;
  guint number = 0;
  const char *path = cli->args->len ? cli->args->pdata[0] : "-";
  g_autofree char *text = itv_cli_read_text(path, &length, error);
  if (!text)
    return NULL;
  for (char *at = text; at < text + length;) {
    char *end = memchr(at, '\n', (gsize)(text + length - at));
    const gsize n = end ? (gsize)(end - at) : (gsize)(text + length - at);
    g_autoptr(GError) local = NULL;
    number++;
    if (n > 0 && !parse_line(cli, at, n, number, &local)) {
      fprintf(stderr, "interval: %s: line %u: %s\n", path, number, local->message);
      *ret_exit = 1;
    }
    at += n + 1;
  }
  return NULL;
}

static json_object *
run_parse(ItvCli *cli, int *ret_exit, GError **error)
{
  if (itv_cli_option(cli, "jsonl"))
    return run_jsonl(cli, ret_exit, error);
  gsize length = 0;
  const char *path = cli->args->len ? cli->args->pdata[0] : "-";
  g_autofree char *text = itv_cli_read_text(path, &length, error);
  if (!text)
    return NULL;
  if (!g_utf8_validate_len(text, length, NULL))
    return itv_fail(error, ITV_ERROR_INPUT, "%s: not UTF-8 text", path), NULL;
  const ItvParseContext context = {.date = itv_cli_option(cli, "date"),
                                   .modality = itv_cli_option(cli, "modality"),
                                   .region = itv_cli_option(cli, "region"),
                                   .laterality = itv_cli_option(cli, "laterality"),
                                   .description = itv_cli_option(cli, "description")};
  return itv_app_parse(cli->app, text, (gssize)length, &context, error);
}

static void
show_parse(json_object *document, const ItvCli *cli)
{
  (void)cli;
  json_object *list = itv_json_get(document, "recommendations");
  const gsize n = json_object_array_length(list);
  if (n == 0)
    printf("no recommendation found\n");
  for (gsize i = 0; i < n; i++) {
    json_object *o = json_object_array_get_idx(list, i);
    static const char *const shown[] = {"kind",     "modality", "region",    "laterality",
                                        "interval", "repeat",   "condition", "finding",
                                        "strength", "guideline"};
    printf("bytes %s-%s: \"%s\"\n", json_object_get_string(itv_json_get(o, "start")),
           json_object_get_string(itv_json_get(o, "end")), itv_json_get_string(o, "text"));
    for (gsize k = 0; k < G_N_ELEMENTS(shown); k++) {
      g_autofree char *value = itv_cli_member(o, shown[k]);
      if (*value)
        printf("  %-11s %s\n", shown[k], value);
    }
  }
}

static const ItvCliOption parse_options[] = {
    {"date", "DATE", "of the exam: dates in words are counted from it"},
    {"modality", "CODE", "of the exam"},
    {"region", "CODE", "of the exam"},
    {"laterality", "SIDE", "of the exam"},
    {"description", "TEXT", "the exam's name"},
    {"jsonl", NULL,
     "read {\"id\",\"text\",\"date\",\"modality\",\"region\"} a line, answer a line each"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_parse = {
    .name = "parse",
    .args = "[FILE]",
    .max_args = 1,
    .app = ITV_CLI_NO_DATABASE,
    .summary = "find the recommendations in a report text, without storing anything",
    .details = "Every answer bears the bytes of the text that it rests on. Without FILE the text "
               "comes from standard input.",
    .options = parse_options,
    .run = run_parse,
    .show = show_parse};
