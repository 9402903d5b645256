/* SPDX-License-Identifier: Apache-2.0
 *
 * What ends an ask without doing it: the same action restated by a later
 * report, a finding that has resolved or needs no further follow-up.  Whether
 * it was done before is for derive-series.c to say.
 */
#include "engine/derive-internal.h"
#include "engine/exam.h"

#include <string.h>

static const ItvPerformed *
exam_of(const ItvAsk *ask)
{
  return ask->letter ? ask->letter->exam : NULL;
}

/* --- restated ------------------------------------------------------------------------ */

static void
supersede(ItvAsk *earlier, const ItvAsk *later)
{
  g_autofree char *words = itv_performed_words(exam_of(later));
  g_autofree char *action = itv_action_words(&later->action);
  earlier->superseded =
      (ItvEnd){.set = TRUE,
               .reason = ITV_REASON_SUPERSEDED,
               .at = exam_of(later)->performed,
               .known = later->since,
               .uid = later->report->ev.uid,
               .source = later->report->ev.source,
               .text = g_strdup_printf("restated by the later report of %s: %s", words, action)};
}

/* Asks stand in the order of their exams, so the first that fits is the earliest. */
static void
find_restatement(const ItvCase *c, guint i)
{
  ItvAsk *ask = g_ptr_array_index(c->asks, i);
  for (guint k = i + 1; k < c->asks->len; k++) {
    const ItvAsk *later = g_ptr_array_index(c->asks, k);
    if (!later->letter || later->withdrawn.set || later->letter == ask->letter ||
        !itv_same_action(c->rules->fulfilment, &ask->action, &later->action))
      continue;
    supersede(ask, later);
    return;
  }
}

/* A second operation of the same kind and side starts the protocol anew. */
static void
find_restart(const ItvCase *c, guint i)
{
  ItvAsk *ask = g_ptr_array_index(c->asks, i);
  for (guint k = 0; k < c->asks->len; k++) {
    const ItvAsk *later = g_ptr_array_index(c->asks, k);
    if (later->protocol != ask->protocol || later->base.date <= ask->base.date ||
        later->visit != ask->visit ||
        itv_sides_contradict(later->procedure->laterality, ask->procedure->laterality) ||
        (ask->superseded.set && itv_moment_compare(later->base, ask->superseded.at) >= 0))
      continue;
    g_free(ask->superseded.text);
    ask->superseded = (ItvEnd){.set = TRUE,
                               .reason = ITV_REASON_SUPERSEDED,
                               .at = later->base,
                               .known = later->since,
                               .uid = later->procedure->ev.uid,
                               .source = later->procedure->ev.source,
                               .text = g_strdup("a later operation starts the protocol anew")};
  }
}

/* --- resolved, or no further follow-up -------------------------------------------------- */

typedef struct {
  const ItvPerformed *exam;
  const ItvReport *report;
  const ItvStatement *statement;
  char *head;
} Closing;

static void
closing_clear(gpointer data)
{
  g_free(((Closing *)data)->head);
}

static GArray *
closings_of(const ItvCase *c)
{
  GArray *closings = g_array_new(FALSE, TRUE, sizeof(Closing));
  g_array_set_clear_func(closings, closing_clear);
  for (guint i = 0; i < c->exams->len; i++) {
    const ItvPerformed *e = g_ptr_array_index(c->exams, i);
    for (guint k = 0; k < e->letters->len; k++) {
      const ItvReport *r = ((ItvLetter *)g_ptr_array_index(e->letters, k))->current;
      for (guint s = 0; r && r->statements && s < r->statements->len; s++) {
        const ItvStatement *st = &g_array_index(r->statements, ItvStatement, s);
        if (st->kind == ITV_STATEMENT_NON_DIAGNOSTIC)
          continue;
        const Closing closing = {e, r, st, itv_head_normal(st->finding_head)};
        g_array_append_val(closings, closing);
      }
    }
  }
  return closings;
}

/* Words that say how a finding looks, not where it is: they identify none. */
static const char *const vague[] = {
    "small",        "large",        "tiny",       "known",     "prior",         "previous",
    "previously",   "seen",         "noted",      "described", "solid",         "left",
    "right",        "bilateral",    "benign",     "probable",  "probably",      "indeterminate",
    "focal",        "multiple",     "several",    "simple",    "complex",       "solitary",
    "calcified",    "noncalcified", "unchanged",  "stable",    "enlarged",      "mild",
    "moderate",     "subtle",       "suspected",  "possible",  "questionable",  "nonspecific",
    "incidental",   "this",         "that",       "these",     "those",         "with",
    "enhancing",    "cystic",       "dominant",   "residual",  "suspicious",    "measuring",
    "hypodense",    "hyperdense",   "hypoechoic", "echogenic", "low-density",   "attenuation",
    "sclerotic",    "lucent",       "single",     "size",      "mentioned",     "above",
    "ground-glass", "part-solid",   "spiculated", "rounded",   "heterogeneous", "density",
};

static gboolean
is_vague(const char *word, const char *head)
{
  if (strlen(word) < 4 || g_ascii_isdigit(*word))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS(vague); i++)
    if (strcmp(word, vague[i]) == 0)
      return TRUE;
  g_autofree char *normal = itv_head_normal(word);
  return g_strcmp0(normal, head) == 0;
}

/* "the lingular opacity" and "lingular opacity": a word that says which one. */
static gboolean
share_a_telling_word(const char *a, const char *b, const char *head)
{
  if (!a || !b)
    return FALSE;
  g_autofree char *la = g_utf8_strdown(a, -1);
  g_autofree char *lb = g_utf8_strdown(b, -1);
  g_auto(GStrv) wa = g_strsplit_set(la, " ,.;:()/", -1);
  g_auto(GStrv) wb = g_strsplit_set(lb, " ,.;:()/", -1);
  for (guint i = 0; wa[i]; i++)
    if (g_strv_contains((const char *const *)wb, wa[i]) && !is_vague(wa[i], head))
      return TRUE;
  return FALSE;
}

static gboolean
concerns(const ItvFulfilment *f, const Closing *closing, const ItvAsk *ask)
{
  const ItvStatement *st = closing->statement;
  const ItvAction *action = &ask->action;
  const ItvExam *exam = &closing->exam->exam;
  const gboolean both_named = closing->head && action->head;
  if (both_named && strcmp(closing->head, action->head) != 0)
    return FALSE;
  if (both_named && share_a_telling_word(st->finding, ask->rec->finding, action->head))
    return TRUE;
  if (st->region)
    return itv_fulfilment_related(f, st->region, action->region);
  return itv_fulfilment_covers(f, exam->regions, action->region, exam->modalities);
}

static void
find_closing(const ItvFulfilment *f, ItvAsk *ask, GArray *closings)
{
  for (guint i = 0; i < closings->len; i++) {
    const Closing *cl = &g_array_index(closings, Closing, i);
    if (cl->exam == exam_of(ask) || itv_performed_compare(cl->exam, exam_of(ask)) <= 0 ||
        !concerns(f, cl, ask))
      continue;
    g_autofree char *words = itv_performed_words(cl->exam);
    g_autofree char *finding =
        g_strdup(cl->statement->finding ? cl->statement->finding : "the finding");
    ask->not_indicated =
        (ItvEnd){.set = TRUE,
                 .reason = ITV_REASON_NOT_INDICATED,
                 .at = cl->exam->performed,
                 .known = cl->exam->known,
                 .uid = cl->report->ev.uid,
                 .source = cl->report->ev.source,
                 .text = g_strdup_printf(cl->statement->kind == ITV_STATEMENT_RESOLVED
                                             ? "%s says that %s has resolved"
                                             : "%s says that %s needs no further follow-up",
                                         words, finding)};
    return;
  }
}

void
itv_case_ends(ItvCase *c)
{
  g_autoptr(GArray) closings = closings_of(c);
  for (guint i = 0; i < c->asks->len; i++) {
    ItvAsk *ask = g_ptr_array_index(c->asks, i);
    if (ask->letter) {
      find_restatement(c, i);
      find_closing(c->rules->fulfilment, ask, closings);
    } else {
      find_restart(c, i);
    }
  }
  itv_case_deaths(c);
}
