/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/item.h"
#include "cli/text.h"

/* The answer to one line; NULL with an error. */
static json_object *
parse_line(gpointer data, json_object *in, GError **error)
{
  ItvCli *cli = data;
  const char *text = itv_json_get_string(in, "text");
  if (!text)
    return itv_fail(error, ITV_ERROR_INPUT, "no \"text\""), NULL;
  if (strlen(text) != (gsize)json_object_get_string_len(itv_json_get(in, "text")))
    return itv_fail(error, ITV_ERROR_INPUT, "\"text\" holds a NUL character"), NULL;
  const ItvParseContext context = {.date = itv_json_get_string(in, "date"),
                                   .modality = itv_json_get_string(in, "modality"),
                                   .region = itv_json_get_string(in, "region"),
                                   .laterality = itv_json_get_string(in, "laterality"),
                                   .description = itv_json_get_string(in, "description")};
  return itv_app_parse(cli->app, text, -1, &context, error);
}

static json_object *
run_parse(ItvCli *cli, int *ret_exit, GError **error)
{
  if (itv_cli_option(cli, "jsonl"))
    return itv_cli_json_lines(cli->args->len ? cli->args->pdata[0] : "-", "recommendations",
                              parse_line, cli, ret_exit, error);
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
                                   .description = itv_cli_option(cli, "description"),
                                   .explain = itv_cli_option(cli, "explain") != NULL};
  return itv_app_parse(cli->app, text, (gssize)length, &context, error);
}

/* "12-40" */
static char *
bytes_of(json_object *o)
{
  g_autofree char *start = itv_cli_member(o, "start"), *end = itv_cli_member(o, "end");
  return g_strdup_printf("%s-%s", start, end);
}

static void
show_findings(json_object *document)
{
  json_object *list = itv_json_get(document, "findings");
  const gsize n = json_object_array_length(list);
  if (n)
    printf("\nfindings:\n");
  for (gsize i = 0; i < n; i++) {
    json_object *o = json_object_array_get_idx(list, i);
    g_autofree char *words = itv_app_finding_words(o);
    g_autofree char *bytes = bytes_of(o);
    g_autofree char *line = g_strdup_printf("bytes %s: %s", bytes, words);
    itv_cli_print(2, line);
  }
}

static void
show_contradictions(json_object *document)
{
  json_object *list = itv_json_get(document, "contradictions");
  for (gsize i = 0; i < json_object_array_length(list); i++) {
    json_object *o = json_object_array_get_idx(list, i);
    g_autofree char *bytes = bytes_of(o);
    g_autofree char *line =
        g_strdup_printf("look again, bytes %s: %s", bytes, itv_cli_text_of(o, "text"));
    printf("\n");
    itv_cli_print(0, line);
  }
}

/* One line for each thing seen: bytes, what, verdict, rule, reason, words. */
static void
show_trace(json_object *document)
{
  json_object *list = itv_json_get(document, "trace");
  if (!list)
    return;
  printf("\nhow it was read:\n");
  for (gsize i = 0; i < json_object_array_length(list); i++) {
    json_object *o = json_object_array_get_idx(list, i);
    const char *reason = itv_cli_text_of(o, "reason");
    g_autofree char *bytes = bytes_of(o);
    g_autofree char *words = g_strdup(itv_cli_text_of(o, "text"));
    for (char *p = words; *p; p++)
      if (g_ascii_isspace(*p))
        *p = ' ';
    printf("%-11s %-10s %-9s %s%s%s%s \"%s\"\n", bytes, itv_cli_text_of(o, "verdict"),
           itv_cli_text_of(o, "step"), itv_cli_text_of(o, "rule"), *reason ? " (" : "", reason,
           *reason ? ")" : "", words);
  }
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
    static const char *const shown[] = {"kind",     "modality",  "region",    "laterality",
                                        "interval", "repeat",    "condition", "finding",
                                        "strength", "guideline", "rule"};
    printf("bytes %s-%s: \"%s\"\n", json_object_get_string(itv_json_get(o, "start")),
           json_object_get_string(itv_json_get(o, "end")), itv_json_get_string(o, "text"));
    for (gsize k = 0; k < G_N_ELEMENTS(shown); k++) {
      g_autofree char *value = itv_cli_member(o, shown[k]);
      if (*value)
        printf("  %-11s %s\n", shown[k], value);
    }
  }
  show_findings(document);
  show_contradictions(document);
  show_trace(document);
}

static const ItvCliOption parse_options[] = {
    {"date", "DATE", "of the exam: dates in words are counted from it"},
    {"modality", "CODE", "of the exam"},
    {"region", "CODE", "of the exam"},
    {"laterality", "SIDE", "of the exam"},
    {"description", "TEXT", "the exam's name"},
    {"explain", NULL, "also say which rule fired on which bytes, what was suppressed and why"},
    {"jsonl", NULL,
     "read {\"id\",\"text\",\"date\",\"modality\",\"region\"} a line, answer a line each"},
    {NULL, NULL, NULL}};

const ItvCommand itv_command_parse = {
    .name = "parse",
    .args = "[FILE]",
    .max_args = 1,
    .app = ITV_CLI_NO_DATABASE,
    .summary = "find the recommendations in a report text, without storing anything",
    .details =
        "Also the findings with their sizes, and where the report contradicts itself or its exam. "
        "Every answer bears the bytes of the text that it rests on. Without FILE the text comes "
        "from standard input. With --explain a clinic can test words that it added to "
        "lexicon/local.xml.",
    .options = parse_options,
    .run = run_parse,
    .show = show_parse};
