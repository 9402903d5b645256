/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings with their sizes, contradictions, and the trace.
 */
#include "runner.h"

static void
append_sizes(GString *out, const itv_record *r, const char *key, const char *before)
{
  const itv_field *f = NULL;
  for (size_t i = 0; (f = itv_record_field(r, key, i)) != NULL; i++)
    g_string_append_printf(out, "%s%.4g", i > 0 ? "x" : before, f->v.f64);
}

/* "nodule lung right 8x6 was 6x5 solid increased n=3 <" */
static char *
findings_of(TestHost *host, const char *exam, const char *text)
{
  GString *out = g_string_new(NULL);
  g_assert_cmpint(runner_run(host, exam, text, strlen(text)), ==, ITV_OK);
  for (size_t i = 0; i < test_host_n_records(host); i++) {
    const itv_record *r = test_host_record(host, i);
    if (strcmp(r->name, "interval.finding/1") != 0)
      continue;
    static const char *const words[] = {"region", "laterality"};
    static const char *const after[] = {"density", "stability", "bound"};
    g_string_append(out, out->len ? " | " : "");
    g_string_append(out, runner_str(r, "finding-head") ? runner_str(r, "finding-head") : "part");
    for (size_t k = 0; k < G_N_ELEMENTS(words); k++)
      if (runner_str(r, words[k]))
        g_string_append_printf(out, " %s", runner_str(r, words[k]));
    append_sizes(out, r, "size", " ");
    append_sizes(out, r, "prior", " was ");
    for (size_t k = 0; k < G_N_ELEMENTS(after); k++)
      if (runner_str(r, after[k]))
        g_string_append_printf(out, " %s", runner_str(r, after[k]));
    if (itv_record_i64(r, "count", 0) > 0)
      g_string_append_printf(out, " n=%d", (int)itv_record_i64(r, "count", 0));
    if (runner_str(r, "multiple"))
      g_string_append(out, " many");
  }
  return g_string_free(out, FALSE);
}

static const Row finding_rows[] = {
    {"CT chest", "RUL nodule 8 x 6 mm, previously 6 x 5 mm.", "nodule lung right 8x6 was 6x5"},
    {"CT chest", "There is a 1.2 cm part-solid nodule in the left lower lobe.",
     "nodule lung left 12 part-solid"},
    {"CT chest", "Three ground-glass nodules in the left lower lobe measuring up to 5 mm.",
     "nodule lung left 5 ground-glass at-most n=3"},
    {"CT chest", "Multiple bilateral pulmonary nodules, the largest 7 mm.",
     "nodule lung bilateral 7 many"},
    {"CT chest", "A nodule in the lingula has increased from 6 to 8 mm.",
     "nodule lung left 8 was 6 increased"},
    {"CT chest", "Stable 5 mm nodule in the right middle lobe.", "nodule lung right 5 unchanged"},
    {"CT chest", "There is a solid nodule in the right lower lobe. It measures 9 mm.",
     "nodule lung right 9 solid"},
    {"CT chest", "No nodule larger than 4 mm. No effusion.", ""},
    {"CT chest", "TECHNIQUE: 1 mm slices.\n\nFINDINGS: Clear.", ""},
    {"CT abdomen", "2.3 x 1.9 x 2.1 cm hypodense lesion in segment 7 of the liver.",
     "lesion liver 23x19x21 cystic"},
    {"CT abdomen", "Left adrenal nodule, 2.6 cm, 4 HU.", "nodule adrenal left 26"},
    {"CT abdomen",
     "Infrarenal abdominal aortic aneurysm measures 4.6 cm (previously 4.3 cm in "
     "2022).",
     "aneurysm aorta 46 was 43"},
    {"CT chest", "Ascending aorta 4.2 cm.", "part aorta 42"},
    {"US breast", "Irregular mass in the left breast at 2:00, 4 cm from the nipple, 14 x 11 mm.",
     "mass breast left 14x11"},
    {"US thyroid", "Right thyroid nodule 1.8 cm; left thyroid nodule 0.7 cm.",
     "nodule thyroid right 18 | nodule thyroid left 7"},
    {"CT chest",
     "FINDINGS: 7 mm solid nodule in the right upper lobe.\n\nIMPRESSION: 7 mm nodule, right "
     "upper lobe, new.",
     "nodule lung right 7 solid new"},
    {"CT chest", "4-6 mm nodules in the right lung.", "nodule lung right 6 at-most"},
    {"CT chest", "The 8 mm nodule, formerly 9 mm, is smaller.", "nodule 8 was 9 decreased"},
    {"CT kidney", "Two stones in the left kidney, 3 mm and 5 mm.",
     "stone kidney left 3 n=2 | stone kidney left 5 n=2"},
};

static void
test_findings(void)
{
  g_autoptr(TestHost) host = runner_new();
  for (size_t i = 0; i < G_N_ELEMENTS(finding_rows); i++) {
    const Row *row = &finding_rows[i];
    g_autofree char *got = findings_of(host, row->exam, row->text);
    if (g_strcmp0(got, row->answer) != 0)
      g_test_message("text \"%s\"", row->text);
    g_assert_cmpstr(got, ==, row->answer);
  }
}

/* "exam-side size": the codes of what contradicts, in order */
static char *
contradictions_of(TestHost *host, const char *side, const char *exam, const char *text)
{
  GString *out = g_string_new(NULL);
  g_auto(GStrv) words = g_strsplit(exam, " ", 2);
  itv_field fields[] = {ITV_STR("modality", words[0]), ITV_STR("region", words[1]),
                        ITV_STR("laterality", side)};
  const itv_record context = {"interval.context/1", fields, side ? 3 : 2};
  const itv_input input = {.struct_size = sizeof input,
                           .n_records = 1,
                           .records = &context,
                           .text = text,
                           .text_len = strlen(text)};
  g_assert_cmpint(test_host_run(host, ITV_KIND_RECOMMENDATION, &input), ==, ITV_OK);
  const itv_record *r = NULL;
  for (size_t i = 0; (r = test_host_find(host, "interval.contradiction/1", i)) != NULL; i++) {
    g_string_append_printf(out, "%s%s", i ? " " : "", runner_str(r, "contradiction"));
    g_assert_cmpstr(runner_str(r, "text"), !=, NULL);
    g_assert_cmpint(itv_record_i64(r, "end", 0), <=, (int64_t)strlen(text));
  }
  return g_string_free(out, FALSE);
}

static const struct {
  const char *side, *exam, *text, *codes;
} guard_rows[] = {
    {"left", "XR knee", "FINDINGS: The right knee shows no fracture.", "exam-side"},
    {"left", "XR knee", "FINDINGS: The left knee shows no fracture.", ""},
    {"left", "XR knee", "FINDINGS: The left knee is normal. The right knee has arthritis.", ""},
    {"left", "XR knee", "Prior films of the right knee are not available. Normal.", ""},
    {"left", "XR knee", "Films of the contralateral right knee were taken for comparison.", ""},
    {"left", "XR knee", "HISTORY: right knee pain.\n\nFINDINGS: No fracture.", ""},
    {NULL, "XR knee", "LEFT KNEE, 2 VIEWS\n\nThe right knee shows no fracture.", "exam-side"},
    {NULL, "XR knee", "LEFT KNEE, 2 VIEWS\n\nThe left knee shows no fracture.", ""},
    {NULL, "CT chest",
     "FINDINGS: 8 mm nodule in the right upper lobe.\n\nIMPRESSION: 8 mm nodule in the left upper "
     "lobe.",
     "finding-side"},
    {NULL, "CT chest",
     "FINDINGS: 8 mm nodule in the right upper lobe. 8 mm nodule in the left upper "
     "lobe.\n\nIMPRESSION: 8 mm nodule in the left upper lobe.",
     ""},
    {NULL, "CT chest",
     "FINDINGS: 8 mm nodule in the right upper lobe.\n\nIMPRESSION: 8 cm nodule in the right upper "
     "lobe.",
     "size"},
    {NULL, "CT chest", "The nodule has increased and measures 6 mm, previously 8 mm.", "stability"},
    {NULL, "CT chest", "The nodule has increased and measures 8 mm, previously 6 mm.", ""},
    {NULL, "US breast",
     "FINDINGS: 14 mm mass in the left breast.\n\nIMPRESSION: Suspicious mass. Right breast biopsy "
     "is recommended.",
     "recommendation-side"},
    {NULL, "US breast",
     "FINDINGS: 14 mm mass in the left breast.\n\nIMPRESSION: Suspicious mass. Left breast biopsy "
     "is recommended.",
     ""},
};

static void
test_guard(void)
{
  g_autoptr(TestHost) host = runner_new();
  for (size_t i = 0; i < G_N_ELEMENTS(guard_rows); i++) {
    g_autofree char *got =
        contradictions_of(host, guard_rows[i].side, guard_rows[i].exam, guard_rows[i].text);
    if (g_strcmp0(got, guard_rows[i].codes) != 0)
      g_test_message("text \"%s\"", guard_rows[i].text);
    g_assert_cmpstr(got, ==, guard_rows[i].codes);
  }
}

static gboolean
traced(TestHost *host, const char *verdict, const char *rule, const char *reason)
{
  const itv_record *r = NULL;
  for (size_t i = 0; (r = test_host_find(host, "interval.trace/1", i)) != NULL; i++)
    if (strcmp(runner_str(r, "verdict"), verdict) == 0 &&
        strcmp(runner_str(r, "rule"), rule) == 0 &&
        (reason == NULL || g_strcmp0(runner_str(r, "reason"), reason) == 0))
      return TRUE;
  return FALSE;
}

static void
test_trace(void)
{
  static const char text[] = "IMPRESSION: No CT is needed. MRI of the liver is recommended in 3 "
                             "months if it grows.";
  const itv_field fields[] = {ITV_STR("modality", "CT"), ITV_STR("explain", "Y")};
  const itv_record context = {"interval.context/1", fields, 2};
  const itv_input input = {.struct_size = sizeof input,
                           .n_records = 1,
                           .records = &context,
                           .text = text,
                           .text_len = strlen(text)};
  g_autoptr(TestHost) host = runner_new();
  g_assert_cmpint(test_host_run(host, ITV_KIND_RECOMMENDATION, &input), ==, ITV_OK);
  g_assert_true(traced(host, "suppressed", "ct", NULL));
  g_assert_true(traced(host, "fired", "mri", "recommended"));
  g_assert_true(traced(host, "seen", "if", NULL));
  g_assert_true(traced(host, "seen", "P3M..P3M", "ahead"));
  g_assert_true(traced(host, "seen", "impression", "concluding"));
  /* nobody asked: nothing is said */
  g_assert_cmpint(runner_run(host, "CT liver", text, strlen(text)), ==, ITV_OK);
  g_assert_null(test_host_find(host, "interval.trace/1", 0));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/recommendation/findings", test_findings);
  g_test_add_func("/recommendation/guard", test_guard);
  g_test_add_func("/recommendation/trace", test_trace);
  return g_test_run();
}
