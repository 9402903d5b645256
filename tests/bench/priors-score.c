/* SPDX-License-Identifier: Apache-2.0
 *
 * priors-score CASES.jsonl [--errors] [--decisions] [--lexicon FILE] - scores
 * itv_prior_score on labelled cases (a current study and its priors, each
 * relevant or not).  --decisions prints a line "wanted decided" for each prior,
 * for priors_folds.py.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "engine/priors.h"

typedef struct {
  guint tp, fp, fn, tn;
  gboolean errors, decisions;
} Tally;

static ItvPriorExam
exam_of(const ItvExamLexicon *lexicon, json_object *study)
{
  ItvPriorExam exam = {.date = ITV_DATE_NONE};
  exam.description = itv_json_get_string(study, "description");
  itv_date_parse(itv_json_get_string(study, "date"), &exam.date);
  exam.exam =
      itv_exam_read(lexicon, exam.description, NULL, ITV_MODALITY_NONE, NULL, ITV_LATERALITY_NONE);
  return exam;
}

static void
score_case(const ItvExamLexicon *lexicon, json_object *object, Tally *tally)
{
  ItvPriorExam current = exam_of(lexicon, itv_json_get(object, "current"));
  json_object *priors = itv_json_get(object, "priors");
  for (gsize i = 0; i < json_object_array_length(priors); i++) {
    json_object *study = json_object_array_get_idx(priors, i);
    ItvPriorExam prior = exam_of(lexicon, study);
    gboolean want = json_object_get_boolean(itv_json_get(study, "relevant"));
    ItvPriorScore got = itv_prior_score(lexicon, &current, &prior);
    tally->tp += want && got.relevant;
    tally->fp += !want && got.relevant;
    tally->fn += want && !got.relevant;
    tally->tn += !want && !got.relevant;
    if (tally->errors && want != got.relevant)
      printf("want %s | %s | %s | %s\n", want ? "yes" : "no ", current.description,
             prior.description, (char *)got.reasons->pdata[0]);
    if (tally->decisions)
      printf("%d %d\n", want, got.relevant);
    g_ptr_array_unref(got.reasons);
  }
}

int
main(int argc, char **argv)
{
  Tally tally = {0};
  const char *lexicon_path = NULL;
  for (int i = 2; i < argc; i++) {
    tally.errors |= strcmp(argv[i], "--errors") == 0;
    tally.decisions |= strcmp(argv[i], "--decisions") == 0;
    if (strcmp(argv[i], "--lexicon") == 0 && i + 1 < argc)
      lexicon_path = argv[++i];
  }
  const char *root = g_getenv("ITV_SOURCE_DIR");
  g_autofree char *path = g_build_filename(root ? root : ".", "config/lexicon/exams.xml", NULL);
  g_autofree char *xsd = g_build_filename(root ? root : ".", "schemas/exams.xsd", NULL);
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvExamLexicon) lexicon =
      itv_exam_lexicon_load(lexicon_path ? lexicon_path : path, xsd, &error);
  if (!lexicon || argc < 2 || !g_file_get_contents(argv[1], &text, NULL, &error)) {
    fprintf(stderr, "priors-score CASES.jsonl: %s\n", error ? error->message : "which file?");
    return 2;
  }
  g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
  for (int i = 0; lines[i]; i++) {
    if (!lines[i][0])
      continue;
    g_autoptr(json_object) object = itv_json_parse(lines[i], -1, &error);
    if (!object) {
      fprintf(stderr, "%s:%d: %s\n", argv[1], i + 1, error->message);
      return 2;
    }
    score_case(lexicon, object, &tally);
  }
  guint n = tally.tp + tally.fp + tally.fn + tally.tn;
  if (tally.decisions)
    return 0;
  printf("accuracy %.4f precision %.4f recall %.4f n %u\n",
         (tally.tp + tally.tn) / (double)MAX(1u, n),
         tally.tp / (double)MAX(1u, tally.tp + tally.fp),
         tally.tp / (double)MAX(1u, tally.tp + tally.fn), n);
  return 0;
}
