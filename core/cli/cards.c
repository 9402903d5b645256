/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cards.h"

#include <stdio.h>
#include <string.h>

#include "cli/item.h"
#include "cli/text.h"

gboolean
itv_cli_is_cards(json_object *document)
{
  return strcmp(itv_cli_text_of(document, "format"), "CARDS") == 0;
}

void
itv_cli_show_cards_check(json_object *document)
{
  g_autofree char *elements = itv_cli_member(document, "elements");
  g_autofree char *ends = itv_cli_member(document, "ends");
  const gboolean sound = json_object_get_boolean(itv_json_get(document, "complete"));
  const gboolean valid = json_object_get_boolean(itv_json_get(document, "valid"));
  printf("%s %s: %s %s, %s data elements, %s end points%s\n", sound ? "ok    " : "FAULTY",
         itv_cli_text_of(document, "file"), itv_cli_text_of(document, "title"),
         itv_cli_text_of(document, "version"), elements, ends,
         valid ? "" : "; does not fit the CARDS 2.0 grammar");
}

static void
show_followup(json_object *followup)
{
  json_object *interval = itv_json_get(followup, "interval");
  g_autofree char *modality = itv_cli_member(followup, "modality");
  const char *earliest = json_object_get_string(json_object_array_get_idx(interval, 0));
  const char *latest = json_object_get_string(json_object_array_get_idx(interval, 1));
  const char *condition = itv_cli_text_of(followup, "condition");
  g_autofree char *line = g_strdup_printf(
      "follow-up: %s of %s in %s%s%s%s%s%s%s", *modality ? modality : "imaging",
      itv_cli_text_of(followup, "region"), earliest ? earliest : "?", latest ? " to " : "",
      latest ? latest : "", *itv_cli_text_of(followup, "finding") ? ", for " : "",
      itv_cli_text_of(followup, "finding"), *condition ? ", where " : "", condition);
  itv_cli_print(2, line);
}

/* Every line of its own, as the template has it. */
static void
show_section(json_object *section)
{
  const char *text = itv_cli_text_of(section, "text");
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  if (!*text)
    return;
  printf("  %s:\n", itv_cli_text_of(section, "section"));
  for (char **line = lines; *line; line++)
    if (**line)
      itv_cli_print(4, *line);
}

static void
show_end(json_object *end)
{
  json_object *sections = itv_json_get(end, "sections");
  json_object *followup = itv_json_get(end, "followup");
  const char *actionable = itv_cli_text_of(end, "actionable");
  const char *diagnosis = itv_cli_text_of(end, "diagnosis");
  printf("%s  (%s)\n", itv_cli_text_of(end, "label"), itv_cli_text_of(end, "id"));
  if (*diagnosis)
    printf("  diagnosis: %s\n", diagnosis);
  if (*actionable)
    printf("  actionable: %s\n", actionable);
  if (followup)
    show_followup(followup);
  for (gsize i = 0; i < json_object_array_length(sections); i++)
    show_section(json_object_array_get_idx(sections, i));
}

static void
show_question(json_object *question)
{
  g_autofree char *values = itv_cli_member(question, "values");
  g_autofree char *line = g_strdup_printf(
      "? %s  --set %s=%s", itv_cli_text_of(question, "question"),
      itv_cli_text_of(question, "variable"), *values ? values : itv_cli_text_of(question, "type"));
  itv_cli_print(2, line);
}

void
itv_cli_show_cards_run(json_object *document)
{
  json_object *ends = itv_json_get(document, "ends"),
              *questions = itv_json_get(document, "questions"),
              *reasons = itv_json_get(document, "reasons");
  printf("%s (CARDS module %s, version %s)\n", itv_cli_text_of(document, "title"),
         itv_cli_text_of(document, "module"), itv_cli_text_of(document, "version"));
  for (gsize i = 0; i < json_object_array_length(ends); i++)
    show_end(json_object_array_get_idx(ends, i));
  if (json_object_array_length(ends) == 0)
    printf("no end point is reached%s\n",
           json_object_array_length(questions) ? " yet: it depends on" : "");
  else if (json_object_array_length(questions))
    printf("whether there is more depends on\n");
  for (gsize i = 0; i < json_object_array_length(questions); i++)
    show_question(json_object_array_get_idx(questions, i));
  for (gsize i = 0; i < json_object_array_length(reasons); i++)
    itv_cli_print(2, json_object_get_string(json_object_array_get_idx(reasons, i)));
}
