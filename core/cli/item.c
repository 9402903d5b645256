/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/item.h"

#include <stdio.h>
#include <string.h>

#include "cli/text.h"

const char *
itv_cli_text_of(json_object *o, const char *key)
{
  const char *text = o ? itv_json_get_string(o, key) : NULL;
  return text ? text : "";
}

char *
itv_cli_item_action(json_object *o)
{
  g_autofree char *modality = itv_cli_member(o, "modality");
  GString *s = g_string_new(NULL);
  const char *kind = itv_cli_text_of(o, "kind");
  if (strcmp(kind, "imaging") != 0)
    g_string_append_printf(s, "%s ", kind);
  for (char *p = modality; *p; p++)
    if (strncmp(p, ", ", 2) == 0)
      g_string_append(s, " or "), p++;
    else
      g_string_append_c(s, *p);
  if (*modality)
    g_string_append_c(s, ' ');
  else if (strcmp(kind, "imaging") == 0)
    g_string_append(s, "imaging ");
  g_string_append(s, itv_cli_text_of(o, "region"));
  if (itv_json_get(o, "also") && json_object_array_length(itv_json_get(o, "also"))) {
    g_autofree char *also = itv_cli_member(o, "also");
    g_string_append_printf(s, " with %s", also);
  }
  if (*itv_cli_text_of(o, "laterality"))
    g_string_append_printf(s, ", %s", itv_cli_text_of(o, "laterality"));
  if (*itv_cli_text_of(o, "finding"))
    g_string_append_printf(s, " (%s)", itv_cli_text_of(o, "finding"));
  if (*itv_cli_text_of(o, "visit"))
    g_string_append_printf(s, " [%s, %s]", itv_cli_text_of(o, "protocol"),
                           itv_cli_text_of(o, "visit"));
  return g_string_free(s, FALSE);
}

char *
itv_cli_item_state(json_object *o)
{
  const char *status = itv_cli_text_of(o, "status");
  if (strcmp(status, "overdue") == 0)
    return g_strdup_printf("OVERDUE %s d", json_object_get_string(itv_json_get(o, "days_overdue")));
  if (strcmp(status, "closed") == 0)
    return g_strdup_printf("closed: %s", itv_cli_text_of(o, "reason"));
  return g_strdup(status);
}

/* One line that says what to do now. */
static char *
next_step(json_object *o)
{
  const char *status = itv_cli_text_of(o, "status");
  g_autofree char *id = g_strndup(itv_cli_text_of(o, "id"), 6);
  if (strcmp(status, "overdue") == 0 || strcmp(status, "due") == 0)
    return g_strdup_printf("book it, or: interval close %s --reason done-elsewhere|declined|...",
                           id);
  if (strcmp(status, "review") == 0) {
    json_object *candidates = itv_json_get(o, "candidates");
    json_object *first = candidates && json_object_array_length(candidates) > 0
                             ? json_object_array_get_idx(candidates, 0)
                             : NULL;
    const char *study = first ? itv_cli_text_of(first, "accession") : "";
    if (first && !*study)
      study = itv_cli_text_of(first, "study");
    return g_strdup_printf("is %s of %s it (%s)? interval confirm|reject %s %s",
                           first ? study : "the study",
                           first ? itv_cli_text_of(first, "date") : "?",
                           first ? itv_cli_text_of(first, "why") : "", id, study);
  }
  if (strcmp(status, "needs-interval") == 0 && itv_json_get(o, "proposed_interval") &&
      itv_json_get(itv_json_get(o, "proposed_interval"), "interval"))
    return g_strdup_printf("accept it: interval set-interval %s proposed", id);
  if (strcmp(status, "needs-interval") == 0)
    return g_strdup_printf("the report names no time: interval set-interval %s P6M", id);
  if (strcmp(status, "awaiting-condition") == 0)
    return g_strdup_printf("\"%s\": interval condition %s met|unmet",
                           itv_cli_text_of(o, "condition"), id);
  if (strcmp(status, "scheduled") == 0)
    return g_strdup_printf("appointment on %s", itv_cli_text_of(o, "scheduled_for"));
  return NULL;
}

static char *
one_line(const char *text)
{
  g_autofree char *copy = g_strdup(text);
  g_auto(GStrv) words = g_strsplit_set(copy, " \n\t\r", -1);
  GString *s = g_string_new(NULL);
  for (char **w = words; *w; w++)
    if (**w)
      g_string_append_printf(s, "%s%s", s->len ? " " : "", *w);
  return g_string_free(s, FALSE);
}

static void
show_dates(json_object *o)
{
  if (!*itv_cli_text_of(o, "due_from"))
    return;
  GString *s = g_string_new("due ");
  g_string_append(s, itv_cli_text_of(o, "due_from"));
  if (strcmp(itv_cli_text_of(o, "due_from"), itv_cli_text_of(o, "due_until")) != 0)
    g_string_append_printf(s, " to %s", itv_cli_text_of(o, "due_until"));
  g_string_append_printf(s, ", overdue after %s", itv_cli_text_of(o, "overdue_after"));
  json_object *done = itv_json_get(o, "fulfilled_by");
  if (done)
    g_string_append_printf(s, "; done %s (%s)", itv_cli_text_of(done, "date"),
                           *itv_cli_text_of(done, "accession") ? itv_cli_text_of(done, "accession")
                                                               : itv_cli_text_of(done, "study"));
  itv_cli_print(4, s->str);
  g_string_free(s, TRUE);
}

void
itv_cli_item_show_patient(json_object *o)
{
  json_object *patient = itv_json_get(o, "patient");
  const char *born = itv_cli_text_of(patient, "birth_date");
  g_autofree char *name = itv_cli_person_name(itv_json_get_string(patient, "name"));
  g_autofree char *line =
      g_strdup_printf("%s  %s, born %s", itv_cli_text_of(patient, "id"), name, *born ? born : "?");
  itv_cli_print(0, line);
}

/* Who cares for it, the last attempt to reach somebody, what is planned. */
static void
show_care(json_object *o)
{
  json_object *contacts = itv_json_get(o, "contacts"), *plan = itv_json_get(o, "plan");
  const gsize n = contacts ? json_object_array_length(contacts) : 0;
  const char *owner = itv_cli_text_of(o, "owner");
  GString *s = g_string_new(NULL);
  if (*owner)
    g_string_append_printf(s, "owner %s", owner);
  if (n) {
    json_object *last = json_object_array_get_idx(contacts, n - 1);
    g_string_append_printf(s, "%s%zu contact%s, the last on %.10s (%s by %s: %s)",
                           s->len ? "; " : "", n, n == 1 ? "" : "s", itv_cli_text_of(last, "at"),
                           itv_cli_text_of(last, "whom"), itv_cli_text_of(last, "how"),
                           itv_cli_text_of(last, "outcome"));
  }
  if (plan)
    g_string_append_printf(s, "%splanned for %s: %s", s->len ? "; " : "",
                           itv_cli_text_of(plan, "on"), itv_cli_text_of(plan, "what"));
  if (s->len)
    itv_cli_print(4, s->str);
  g_string_free(s, TRUE);
}

/* What a guideline says: named, so that nobody takes it for the report's words. */
static void
show_proposal(json_object *o, const char *key, const char *verb)
{
  json_object *p = itv_json_get(o, key);
  if (!p)
    return;
  g_autofree char *facts = itv_cli_member(p, "facts");
  g_autofree char *assumed = itv_cli_member(p, "assumed");
  const char *mark = itv_cli_text_of(p, "mark");
  g_autofree char *line = g_strdup_printf(
      "%s %s: %s [%s; %s%s%s]%s%s", itv_cli_text_of(p, "title"), verb, itv_cli_text_of(p, "text"),
      itv_cli_text_of(p, "guideline"), *facts ? facts : "whatever the case",
      *assumed ? "; taken for granted: " : "", assumed,
      strcmp(itv_cli_text_of(p, "sign_off"), "given") == 0 ? "" : " needs a clinician's sign-off",
      *mark ? ", CHECK" : "");
  itv_cli_print(4, line);
}

/* The facts that would decide, and how to tell them. */
static void
show_questions(json_object *o)
{
  json_object *questions = itv_json_get(o, "questions");
  const char *patient = itv_cli_text_of(itv_json_get(o, "patient"), "id");
  for (gsize i = 0; questions && i < json_object_array_length(questions); i++) {
    json_object *q = json_object_array_get_idx(questions, i);
    g_autofree char *values = itv_cli_member(q, "values");
    const gboolean of_item = strcmp(itv_cli_text_of(q, "of"), "patient") != 0;
    g_autofree char *line =
        g_strdup_printf("? %s interval fact %s %s=%s%s%.6s", itv_cli_text_of(q, "question"),
                        patient, itv_cli_text_of(q, "fact"), *values ? values : "...",
                        of_item ? " --item " : "", of_item ? itv_cli_text_of(o, "id") : "");
    itv_cli_print(4, line);
  }
}

/* Exams that a person must judge, best first, and what speaks for and against each. */
static void
show_candidates(json_object *o)
{
  json_object *list = itv_json_get(o, "candidates");
  for (gsize i = 0; list && i < json_object_array_length(list); i++) {
    json_object *c = json_object_array_get_idx(list, i);
    const char *accession = itv_cli_text_of(c, "accession");
    json_object *reasons = itv_json_get(c, "reasons");
    GString *s = g_string_new(NULL);
    g_string_printf(s, "candidate %s of %s, score %.2f",
                    *accession ? accession : itv_cli_text_of(c, "study"),
                    itv_cli_text_of(c, "date"), json_object_get_double(itv_json_get(c, "score")));
    for (gsize k = 0; reasons && k < json_object_array_length(reasons); k++)
      g_string_append_printf(s, "; %s",
                             json_object_get_string(json_object_array_get_idx(reasons, k)));
    itv_cli_print(4, s->str);
    g_string_free(s, TRUE);
  }
}

void
itv_cli_item_show(json_object *o)
{
  json_object *evidence = itv_json_get(o, "evidence");
  g_autofree char *action = itv_cli_item_action(o);
  g_autofree char *state = itv_cli_item_state(o);
  g_autofree char *next = next_step(o);
  g_autofree char *head = g_strdup_printf(
      "%-16s %s%s  id %s", state, action,
      strcmp(itv_cli_text_of(o, "strength"), "consider") == 0 ? "  (to be considered)" : "",
      itv_cli_text_of(o, "id"));
  itv_cli_print(2, head);
  show_dates(o);
  if (evidence) {
    g_autofree char *quote = one_line(itv_cli_text_of(evidence, "text"));
    g_autofree char *line =
        g_strdup_printf("\"%s\" (report %s, exam of %s)", quote,
                        itv_cli_text_of(evidence, "report"), itv_cli_text_of(o, "recommended_on"));
    itv_cli_print(4, line);
  }
  show_care(o);
  show_proposal(o, "proposed_interval", "proposes");
  show_proposal(o, "disagreement", "says otherwise");
  show_questions(o);
  show_candidates(o);
  if (next) {
    g_autofree char *line = g_strdup_printf("-> %s", next);
    itv_cli_print(4, line);
  }
}
