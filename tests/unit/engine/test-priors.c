/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/priors.h"

#include <string.h>

#include "base/json.h"

static ItvExamLexicon *lexicon;

static ItvPriorExam
exam_of(const char *description, const char *date)
{
  ItvPriorExam exam = {.description = description, .date = ITV_DATE_NONE};
  itv_date_parse(date, &exam.date);
  exam.exam =
      itv_exam_read(lexicon, description, NULL, ITV_MODALITY_NONE, NULL, ITV_LATERALITY_NONE);
  return exam;
}

static ItvPriorScore
score(const char *current, const char *prior, const char *prior_date)
{
  ItvPriorExam now = exam_of(current, "2024-06-01"), then = exam_of(prior, prior_date);
  return itv_prior_score(lexicon, &now, &then);
}

static void
assert_relevant(const char *current, const char *prior, gboolean expected)
{
  ItvPriorScore got = score(current, prior, "2023-06-01");
  if (got.relevant != expected)
    g_test_fail_printf("%s with %s: %s", current, prior, (char *)got.reasons->pdata[0]);
  g_assert_cmpfloat(got.score, >=, 0);
  g_assert_cmpfloat(got.score, <=, 1);
  g_assert_cmpuint(got.reasons->len, >, 0);
  for (guint i = 0; i < got.reasons->len; i++)
    g_assert_true(g_str_has_suffix(got.reasons->pdata[i], "."));
  g_ptr_array_unref(got.reasons);
}

static void
test_relevance(void)
{
  assert_relevant("CT CHEST W CONTRAST", "XR CHEST 2 VIEWS", TRUE);
  assert_relevant("CXR", "CT THORAX W/O", TRUE);
  assert_relevant("CT CHEST", "PET/CT SKULL BASE TO MID-THIGH", TRUE);
  assert_relevant("PET/CT SKULL BASE TO MID-THIGH", "CXR", FALSE);
  assert_relevant("MAM DIGITAL SCREENING BILAT", "US BREAST LT LIMITED", TRUE);
  assert_relevant("US BREAST RT", "US BREAST LT LIMITED", FALSE);
  assert_relevant("XR KNEE LT 3V", "MRI KNEE LEFT WO", TRUE);
  assert_relevant("XR KNEE LT 3V", "XR KNEE RIGHT 3V", FALSE);
  assert_relevant("MRI BRAIN W WO", "CT HEAD WO", TRUE);
  assert_relevant("MRI BRAIN W WO", "MRI LUMBAR SPINE", FALSE);
  assert_relevant("DEXA HIP SPINE", "XR HIP LT", FALSE);
  assert_relevant("XR HAND RT 3V", "XR WRIST RT", TRUE);
  assert_relevant("CT ABD/PELVIS W", "MAM SCREENING BILAT", FALSE);
  assert_relevant("CT ABD/PELVIS W", "OUTSIDE FILMS", FALSE);
  assert_relevant("", "", FALSE);
  /* as other sites and other languages write */
  assert_relevant("MRT LWS nativ", "Rö LWS 2 Ebenen", TRUE);
  assert_relevant("MRT LWS nativ", "Sono Abdomen", FALSE);
  assert_relevant("MRT Knie links", "XR KNEE RT", FALSE);
  assert_relevant("CT TAP C+", "CT C/A/P W", TRUE);
  assert_relevant("CTPA", "CHST 1V PORT", TRUE);
  assert_relevant("XR SHLDR RT", "MR SHOULDER ARTHROGRAM RT", TRUE);
  assert_relevant("VAS LE DUP BIL", "US DVT LEG LT", TRUE);
  assert_relevant("NM BONE 3 PHASE", "BONE SCAN WHOLE BODY", TRUE);
  assert_relevant("IVP", "US RENAL", TRUE);
}

static void
test_order(void)
{
  ItvPriorScore near = score("CT CHEST", "CT CHEST", "2024-03-01");
  ItvPriorScore far = score("CT CHEST", "CT CHEST", "2014-03-01");
  ItvPriorScore film = score("CT CHEST", "CXR", "2024-03-01");
  ItvPriorScore none = score("CT CHEST", "CT HEAD", "2024-05-31");
  g_assert_cmpfloat(near.score, >, far.score);
  g_assert_cmpfloat(near.score, >, film.score);
  g_assert_cmpfloat(film.score, >, none.score);
  g_assert_cmpfloat(none.score, <, 0.5);
  ItvPriorScore same = score("CT CHEST W CONTRAST", "CT CHEST W CONTRAST", "2024-03-01");
  ItvPriorScore plain = score("CT CHEST W CONTRAST", "CT CHEST WO CONTRAST", "2024-03-01");
  g_assert_cmpfloat(same.score, >, plain.score);
  g_assert_true(plain.relevant);
  g_assert_cmpstr(plain.reasons->pdata[2], ==,
                  "It is without contrast medium, the current exam with contrast medium.");
  g_ptr_array_unref(same.reasons);
  g_ptr_array_unref(plain.reasons);
  g_ptr_array_unref(near.reasons);
  g_ptr_array_unref(far.reasons);
  g_ptr_array_unref(film.reasons);
  g_ptr_array_unref(none.reasons);
}

static void
test_reasons(void)
{
  ItvPriorScore got = score("XR KNEE LT", "MRI KNEE RT", "2024-05-31");
  g_autoptr(GString) all = g_string_new(NULL);
  for (guint i = 0; i < got.reasons->len; i++)
    g_string_append_printf(all, "%s ", (char *)got.reasons->pdata[i]);
  g_assert_cmpstr(all->str, ==,
                  "Both exams show the knee. They are of opposite sides. It is of another "
                  "modality (MR, not XR). It is 1 day older. ");
  g_ptr_array_unref(got.reasons);
}

/* What was labelled in a clinic, where it is present. */
static void
test_labelled(void)
{
  g_autofree char *path =
      g_build_filename(g_getenv("ITV_SOURCE_DIR"), "../shared/data/truth/priors/dev.jsonl", NULL);
  g_autofree char *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, NULL)) {
    g_test_skip("no labelled priors beside the source tree");
    return;
  }
  guint tally[2][2] = {{0}}; /* wanted, decided */
  g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
  for (guint l = 0; lines[l]; l++) {
    if (!lines[l][0])
      continue;
    g_autoptr(json_object) object = itv_json_parse(lines[l], -1, NULL);
    json_object *now = itv_json_get(object, "current"), *priors = itv_json_get(object, "priors");
    ItvPriorExam current =
        exam_of(itv_json_get_string(now, "description"), itv_json_get_string(now, "date"));
    for (gsize i = 0; i < json_object_array_length(priors); i++) {
      json_object *then = json_object_array_get_idx(priors, i);
      ItvPriorExam prior =
          exam_of(itv_json_get_string(then, "description"), itv_json_get_string(then, "date"));
      ItvPriorScore got = itv_prior_score(lexicon, &current, &prior);
      tally[json_object_get_boolean(itv_json_get(then, "relevant")) != 0][got.relevant != 0]++;
      g_ptr_array_unref(got.reasons);
    }
  }
  const guint hits = tally[1][1], misses = tally[1][0], false_ones = tally[0][1];
  const guint n = hits + misses + false_ones + tally[0][0];
  g_assert_cmpuint(n, >, 0);
  g_assert_cmpfloat(hits + tally[0][0], >=, 0.97 * n);
  g_assert_cmpfloat(hits, >=, 0.94 * (hits + false_ones));
  g_assert_cmpfloat(hits, >=, 0.94 * (hits + misses));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  const char *root = g_getenv("ITV_SOURCE_DIR");
  g_assert_nonnull(root);
  g_autofree char *path = g_build_filename(root, "config/lexicon/exams.xml", NULL);
  g_autoptr(GError) error = NULL;
  lexicon = itv_exam_lexicon_load(path, NULL, &error);
  g_assert_no_error(error);
  g_test_add_func("/priors/relevance", test_relevance);
  g_test_add_func("/priors/order", test_order);
  g_test_add_func("/priors/reasons", test_reasons);
  g_test_add_func("/priors/labelled", test_labelled);
  int status = g_test_run();
  itv_exam_lexicon_free(lexicon);
  return status;
}
