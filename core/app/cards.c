/* SPDX-License-Identifier: Apache-2.0 */
#include "app/cards.h"

#include <string.h>

#include "app/app-private.h"
#include "base/error.h"
#include "engine/cards.h"

#define MAX_COMPLAINTS 20 /* of the grammar; one mistake often draws several */
#define GAP_CASES 4000

static json_object *
head_json(const ItvCards *cards)
{
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "file", cards->file);
  itv_json_add_string(o, "format", "CARDS");
  itv_json_add_string(o, "module", cards->id);
  itv_json_add_string(o, "title", cards->label);
  itv_json_add_string(o, "version", cards->version);
  itv_json_add_string(o, "schema_version", cards->schema_version);
  return o;
}

/* ---- check ------------------------------------------------------------------------------- */

static void
add_fault(json_object *list, gboolean error, const char *kind, int line, const char *text)
{
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "severity", error ? "error" : "warning");
  itv_json_add_string(o, "kind", kind);
  itv_json_add_int(o, "line", line);
  itv_json_add_string(o, "text", text);
  json_object_array_add(list, o);
}

/* "FILE:LINE: text" of the grammar. */
static void
add_complaint(json_object *list, const char *path, const char *complaint)
{
  const char *rest = complaint + strlen(path) + 1;
  char *text = NULL;
  const gint64 line = g_ascii_strtoll(rest, &text, 10);
  add_fault(list, TRUE, "schema", (int)line, g_str_has_prefix(text, ": ") ? text + 2 : text);
}

json_object *
itv_app_cards_check(ItvApp *app, const char *path, gboolean *ret_faulty, GError **error)
{
  g_autofree char *bytes = NULL;
  gsize n = 0;
  g_autoptr(GError) local = NULL;
  if (!g_file_get_contents(path, &bytes, &n, &local))
    return itv_fail(error, ITV_ERROR_CONFIG, "%s", local->message), NULL;
  g_autofree char *rng = g_build_filename(app->paths.schema_dir, "cards.rng", NULL);
  g_autoptr(GPtrArray) complaints = itv_xml_relaxng(bytes, n, path, rng, MAX_COMPLAINTS, error);
  g_autoptr(ItvXml) xml = complaints ? itv_xml_parse(bytes, n, path, NULL, error) : NULL;
  g_autoptr(ItvCards) cards = xml ? itv_cards_read(xml, path, error) : NULL;
  if (!cards)
    return NULL;
  g_autoptr(GPtrArray) faults = itv_cards_lint(cards, xml, GAP_CASES);
  json_object *o = head_json(cards), *list = json_object_new_array();
  *ret_faulty = complaints->len > 0;
  for (guint i = 0; i < complaints->len; i++)
    add_complaint(list, path, complaints->pdata[i]);
  for (guint i = 0; i < faults->len; i++) {
    const ItvCardsFault *f = faults->pdata[i];
    add_fault(list, f->error, f->rule, f->line, f->text);
    *ret_faulty |= f->error;
  }
  itv_json_add_bool(o, "valid", complaints->len == 0);
  itv_json_add_bool(o, "complete", !*ret_faulty);
  itv_json_add_int(o, "elements", cards->elements->len);
  itv_json_add_int(o, "decisions", cards->decisions->len);
  itv_json_add_int(o, "ends", cards->end_points->len);
  itv_json_add(o, "faults", list);
  return o;
}

/* ---- follow-up ------------------------------------------------------------------------------ */

static json_object *
exam_json(const ItvCardsExam *exam)
{
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "code", exam->code);
  itv_json_add_string(o, "code_system", exam->system);
  itv_json_add_string(o, "modality", exam->modality);
  itv_json_add_string(o, "body_region", exam->region);
  itv_json_add_string(o, "text", exam->text);
  return o;
}

/* What the exam is in our vocabulary: its codes where they are ours, else its words. */
static void
add_exam(const ItvApp *app, const ItvCardsExam *exam, ItvModalitySet *modalities, ItvRegion *region)
{
  const ItvModality coded = exam->modality ? itv_modality_parse(exam->modality) : 0;
  const ItvRegion named = exam->region ? itv_region_parse(exam->region) : 0;
  g_autofree char *words =
      g_strdup_printf("%s %s %s", exam->modality ? exam->modality : "",
                      exam->region ? exam->region : "", exam->text ? exam->text : "");
  const ItvExam read = itv_exam_read(app->exams, words, NULL, coded, exam->region, 0);
  *modalities |= read.modalities;
  if (!*region)
    *region = named ? named : read.main_region;
}

/* In the shortest form; what is no period stays as it stands. */
static json_object *
period_json(const char *text)
{
  ItvPeriod period = {0, 0};
  if (!text || !itv_period_parse(text, &period))
    return text ? json_object_new_string(text) : NULL;
  g_autofree char *shortest = itv_period_format(period);
  return json_object_new_string(shortest);
}

static json_object *
followup_json(const ItvApp *app, const ItvCards *cards, const ItvCardsFollowup *f)
{
  json_object *o = json_object_new_object();
  json_object *interval = json_object_new_array(), *exams = json_object_new_array();
  json_object *references = json_object_new_array();
  ItvModalitySet modalities = 0;
  ItvRegion region = 0;
  add_exam(app, &f->preferred, &modalities, &region);
  for (guint i = 0; i < f->exams->len; i++) {
    add_exam(app, f->exams->pdata[i], &modalities, &region);
    json_object_array_add(exams, exam_json(f->exams->pdata[i]));
  }
  itv_json_append_strings(references, f->citations);
  json_object_array_add(interval, period_json(f->earliest));
  json_object_array_add(interval, period_json(f->latest));
  itv_json_add_string(o, "kind", itv_action_kind_code(ITV_KIND_OF_IMAGING));
  itv_json_add(o, "modality", itv_app_modalities_json(modalities));
  itv_json_add_string(o, "region", itv_region_code(region));
  itv_json_add(o, "interval", interval);
  itv_json_add_string(o, "finding", f->indication);
  itv_json_add_string(o, "finding_code", f->indication_code);
  itv_json_add_string(o, "condition", f->condition);
  itv_json_add_string(o, "strength", "recommend");
  itv_json_add_string(o, "guideline", cards->id);
  itv_json_add(o, "preferred", exam_json(&f->preferred));
  itv_json_add(o, "exams", exams);
  itv_json_add_string(o, "evidence_level", f->evidence_level);
  itv_json_add(o, "references", references);
  return o;
}

/* ---- run --------------------------------------------------------------------------------------
 */

static json_object *
texts_json(const GPtrArray *texts, const char *id)
{
  json_object *list = json_object_new_array();
  for (guint i = 0; i < texts->len; i++) {
    const ItvCardsText *text = texts->pdata[i];
    json_object *o = json_object_new_object();
    itv_json_add_string(o, id, text->id);
    itv_json_add_string(o, "text", text->text);
    json_object_array_add(list, o);
  }
  return list;
}

static json_object *
outcome_json(const ItvApp *app, const ItvCards *cards, const ItvCardsOutcome *outcome)
{
  const ItvCardsEndPoint *end = outcome->end;
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "id", end->id);
  itv_json_add_string(o, "label", end->label);
  itv_json_add_int(o, "line", end->line);
  itv_json_add_string(o, "diagnosis", end->diagnosis);
  itv_json_add_string(o, "actionable", end->category);
  itv_json_add(o, "followup", end->followup ? followup_json(app, cards, end->followup) : NULL);
  itv_json_add(o, "sections", texts_json(outcome->sections, "section"));
  return o;
}

static json_object *
question_json(const ItvCards *cards, const char *id)
{
  const ItvCardsElement *e = g_hash_table_lookup(cards->element_of, id);
  json_object *o = json_object_new_object(), *values = json_object_new_array();
  itv_json_add_string(o, "variable", id);
  itv_json_add_string(o, "question", e->label);
  itv_json_add_string(o, "type", itv_cards_kind_name(e->kind));
  itv_json_add_string(o, "unit", e->unit);
  for (guint i = 0; i < e->choices->len; i++)
    json_object_array_add(values,
                          json_object_new_string(((ItvCardsChoice *)e->choices->pdata[i])->value));
  itv_json_add(o, "values", values);
  return o;
}

static json_object *
answer_json(const ItvApp *app, const ItvCards *cards, const ItvCardsAnswer *answer)
{
  json_object *o = head_json(cards);
  json_object *ends = json_object_new_array(), *questions = json_object_new_array();
  json_object *reasons = json_object_new_array();
  for (guint i = 0; i < answer->outcomes->len; i++)
    json_object_array_add(ends, outcome_json(app, cards, answer->outcomes->pdata[i]));
  for (guint i = 0; i < answer->missing->len; i++)
    json_object_array_add(questions, question_json(cards, answer->missing->pdata[i]));
  itv_json_append_strings(reasons, answer->reasons);
  itv_json_add(o, "ends", ends);
  itv_json_add_bool(o, "decided", answer->missing->len == 0);
  itv_json_add(o, "questions", questions);
  itv_json_add(o, "reasons", reasons);
  itv_json_add(o, "computed", texts_json(answer->values, "id"));
  return o;
}

/* "Id=VALUE" lines as a table; NULL with an error. */
static GHashTable *
given_of(const char *const *values, GError **error)
{
  g_autoptr(GHashTable) given = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; values && values[i]; i++) {
    const char *equals = strchr(values[i], '=');
    if (!equals || equals == values[i])
      return itv_fail(error, ITV_ERROR_USAGE, "%s: write ID=VALUE, as in diameter=12", values[i]),
             NULL;
    char *id = g_strndup(values[i], (gsize)(equals - values[i]));
    const char *before = g_hash_table_lookup(given, id);
    char *value = before ? g_strdup_printf("%s|%s", before, equals + 1) : g_strdup(equals + 1);
    g_hash_table_replace(given, id, value);
  }
  return g_steal_pointer(&given);
}

json_object *
itv_app_cards_run(ItvApp *app, const char *path, const char *const *values, ItvDate on,
                  GError **error)
{
  (void)on;
  g_autoptr(ItvXml) xml = itv_xml_read(path, NULL, error);
  g_autoptr(ItvCards) cards = xml ? itv_cards_read(xml, path, error) : NULL;
  g_autoptr(GHashTable) given = cards ? given_of(values, error) : NULL;
  g_autoptr(ItvCardsAnswer) answer = given ? itv_cards_run(cards, given, TRUE, error) : NULL;
  return answer ? answer_json(app, cards, answer) : NULL;
}
