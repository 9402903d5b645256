/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts out of reports, and conditions answered from facts.
 */
#include <string.h>

#include "engine/facts.h"
#include "engine/guideline.h"

static ItvFactLexicon *lexicon;

static char *
source_path(const char *below)
{
  const char *source = g_getenv("ITV_SOURCE_DIR");
  return g_build_filename(source ? source : ".", below, NULL);
}

static const char *
value(const GPtrArray *facts, const char *name)
{
  const ItvFactValue *f = itv_facts_find(facts, name);
  return f ? f->value : "-";
}

/* ---- sizes ------------------------------------------------------------------------------ */

static void
test_sizes(void)
{
  static const struct {
    const char *text, *size, *mean;
  } cases[] = {
      {"7 mm solid nodule", "7mm", "7mm"},
      {"7mm nodule", "7mm", "7mm"},
      {"a 7-mm nodule", "7mm", "7mm"},
      {"0.7 cm nodule", "7mm", "7mm"},
      {"nodule measuring 7 x 5 mm", "7mm", "6mm"},
      {"nodule measuring 5 x 7 mm", "7mm", "6mm"},
      {"nodule of 1.2 x 0.9 cm", "12mm", "10.5mm"},
      {"nodule of 12 mm x 9 mm", "12mm", "10.5mm"},
      {"mass of 3.1 x 2.0 x 1.2 cm", "31mm", "25.5mm"},
      {"nodule measuring 8 mm (previously 5 mm)", "8mm", "8mm"},
      {"nodule has increased from 5 mm to 8 mm", "8mm", "8mm"},
      {"nodule is now 8 mm, prior 11 mm", "8mm", "8mm"},
      {"nodules measuring 4 mm and 6 mm", "6mm", "6mm"},
      {"nodules of 4-6 mm", "4..6mm", "4..6mm"},
      {"nodules up to 5 mm", "<=5mm", "<=5mm"},
      {"nodule smaller than 6 mm", "<6mm", "<6mm"},
      {"a subcentimeter nodule", "<10mm", "<10mm"},
      {"9 mm part-solid nodule with a 4 mm solid component", "9mm", "9mm"},
      {"5 mm slice thickness", "-", "-"},
      {"grown by 3 mm", "-", "-"},
      {"a nodule", "-", "-"},
      {"nodule in 6 months", "-", "-"},
      {"if greater than 6 mm", "-", "-"},
      {"report of 2024-01-07 mm", "-", "-"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GPtrArray) facts = itv_facts_new();
    itv_facts_read_size(cases[i].text, facts);
    if (strcmp(value(facts, "size"), cases[i].size) != 0 ||
        strcmp(value(facts, "mean-size"), cases[i].mean) != 0)
      g_error("%s: size %s, mean %s", cases[i].text, value(facts, "size"),
              value(facts, "mean-size"));
  }
  g_autoptr(GPtrArray) facts = itv_facts_new();
  itv_facts_read_size("9 mm part-solid nodule with a 4 mm solid component", facts);
  g_assert_cmpstr(value(facts, "solid-part"), ==, "4mm");
}

/* ---- a whole report ------------------------------------------------------------------------ */

static GPtrArray *
facts_of(const char *report, const char *description, const char *finding, const char *head,
         ItvRegion region, const char *sentence)
{
  GPtrArray *facts = itv_facts_new();
  const char *at = strstr(report, sentence);
  g_assert_nonnull(at);
  const ItvFactText t = {.report = report,
                         .description = description,
                         .finding = finding,
                         .head = head,
                         .region = region,
                         .start = (guint)(at - report),
                         .end = (guint)(at - report + (gssize)strlen(sentence))};
  itv_facts_read(lexicon, &t, facts);
  return facts;
}

static void
test_report(void)
{
  static const char report[] =
      "EXAM: CT CHEST\n"
      "HISTORY: 67-year-old woman, former smoker, history of breast cancer.\n"
      "TECHNIQUE: 1 mm slices.\n"
      "FINDINGS: A 7 x 5 mm part-solid nodule lies in the right upper lobe. The left adrenal "
      "nodule "
      "measures 18 mm.\n"
      "IMPRESSION:\n"
      "1. Part-solid nodule of the right upper lobe. CT is recommended.\n"
      "2. Adrenal nodule. Adrenal CT is recommended.\n";
  g_autoptr(GPtrArray) lung = facts_of(report, "CT CHEST", "Part-solid nodule", "nodule",
                                       ITV_REGION_LUNG, "CT is recommended");
  g_assert_cmpstr(value(lung, "age"), ==, "67");
  g_assert_cmpstr(value(lung, "sex"), ==, "female");
  g_assert_cmpstr(value(lung, "smoking"), ==, "former");
  g_assert_cmpstr(value(lung, "cancer-history"), ==, "yes");
  g_assert_cmpstr(value(lung, "density"), ==, "part-solid");
  g_assert_cmpstr(value(lung, "mean-size"), ==, "6mm");
  g_assert_cmpstr(value(lung, "screening"), ==, "-");
  g_autoptr(GPtrArray) adrenal = facts_of(report, "CT CHEST", "Adrenal nodule", "nodule",
                                          ITV_REGION_ADRENAL, "Adrenal CT is recommended");
  g_assert_cmpstr(value(adrenal, "size"), ==, "18mm");
  g_assert_cmpstr(value(adrenal, "density"), ==, "-");
}

/* What a report denies, doubts or makes a condition of is no fact. */
static void
test_denied(void)
{
  static const struct {
    const char *report, *fact, *value;
  } cases[] = {
      {"HISTORY: No history of cancer. Follow-up CT.", "cancer-history", "no"},
      {"HISTORY: Family history of lung cancer. Follow-up CT.", "cancer-history", "-"},
      {"HISTORY: Rule out known malignancy. Follow-up CT.", "cancer-history", "-"},
      {"HISTORY: Cough. IMPRESSION: If known malignancy: Follow-up CT.", "cancer-history", "-"},
      {"INDICATION: never smoker. Follow-up CT.", "smoking", "never"},
      {"INDICATION: non-smoker. Follow-up CT.", "smoking", "never"},
      {"INDICATION: current smoker. Follow-up CT.", "smoking", "current"},
      {"INDICATION: cough. Follow-up CT if the patient is a smoker.", "smoking", "-"},
      {"INDICATION: lung cancer screening. Follow-up CT.", "screening", "yes"},
      {"FINDINGS: Lung-RADS category 4A. Follow-up CT.", "lung-rads", "4a"},
      {"FINDINGS: Lung-RADS 0. Follow-up CT.", "lung-rads", "0-prior|0-inflammatory"},
      {"FINDINGS: BI-RADS 3. Follow-up CT.", "bi-rads", "3"},
      {"FINDINGS: Bosniak IIF cyst, Follow-up CT.", "bosniak", "iif"},
      {"FINDINGS: Bosniak 2 cyst, Follow-up CT.", "bosniak", "ii"},
      {"FINDINGS: TI-RADS 4 nodule, Follow-up CT.", "ti-rads", "tr4"},
      {"FINDINGS: cyst without mural nodule, Follow-up CT.", "high-risk-feature", "-"},
      {"FINDINGS: cyst with no mural nodule, Follow-up CT.", "high-risk-feature", "no"},
      {"FINDINGS: nodule, not solid, Follow-up CT.", "density", "-"},
      {"FINDINGS: subsolid nodule, Follow-up CT.", "density", "part-solid|ground-glass"},
      {"FINDINGS: solid and ground-glass nodules, Follow-up CT.", "density", "ground-glass|solid"},
      {"FINDINGS: multiple nodules, Follow-up CT.", "count", "multiple"},
      {"FINDINGS: nodule, Follow-up CT.", "count", "single"},
      {"FINDINGS: nodule. Other nodules are calcified.\nFollow-up CT.", "count", "-"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GPtrArray) facts =
        facts_of(cases[i].report, NULL, NULL, "nodule", ITV_REGION_LUNG, "Follow-up CT");
    if (strcmp(value(facts, cases[i].fact), cases[i].value) != 0)
      g_error("%s: %s is %s", cases[i].report, cases[i].fact, value(facts, cases[i].fact));
  }
}

/* Hostile text costs no time to speak of and no memory. */
static void
test_hostile(void)
{
  g_autoptr(GString) s = g_string_new("HISTORY: ");
  for (int i = 0; i < 60000; i++)
    g_string_append(s, i % 3 ? "7 x " : "history of history of ");
  g_string_append(s, "\xc3\x97 Follow-up CT");
  const gint64 before = g_get_monotonic_time();
  g_autoptr(GPtrArray) facts = facts_of(s->str, "CT", "7", "7", ITV_REGION_LUNG, "Follow-up CT");
  g_assert_cmpint(g_get_monotonic_time() - before, <, 20 * G_USEC_PER_SEC);
}

/* ---- conditions -------------------------------------------------------------------------------
 */

/* "smoking=current age=40" */
static GPtrArray *
told(const char *text)
{
  GPtrArray *facts = itv_facts_new();
  g_auto(GStrv) parts = g_strsplit(text, " ", -1);
  for (guint i = 0; parts[i]; i++) {
    char *equals = strchr(parts[i], '=');
    if (!equals)
      continue;
    *equals = '\0';
    itv_facts_put(facts, parts[i], equals + 1, "told", ITV_MOMENT_NONE, NULL, NULL);
  }
  return facts;
}

static void
test_conditions(void)
{
  static const struct {
    const char *condition, *facts;
    ItvTruth truth;
  } cases[] = {
      {"if the patient is a smoker", "smoking=current", 1},
      {"if the patient is a smoker", "smoking=never", -1},
      {"if the patient is a smoker", "smoking=former", 1},
      {"if the patient is a smoker", "smoking=current|former", 1},
      {"if the patient is a smoker", "smoking=never|former", 0},
      {"if the patient is a smoker", "", 0},
      {"if current smoker", "smoking=former", -1},
      {"if never smoker", "smoking=never", 1},
      {"if high risk", "risk=high", 1},
      {"in a high-risk patient", "risk=high", 1},
      {"If the patient is at high risk for lung cancer", "risk=low", -1},
      {"if there are risk factors for malignancy", "risk=high", 1},
      {"if low risk", "risk=high", -1},
      {"if history of malignancy", "cancer-history=yes", 1},
      {"if the patient has a known primary malignancy", "cancer-history=no", -1},
      {"if no history of cancer", "cancer-history=no", 1},
      {"if the patient has no known malignancy", "cancer-history=yes", -1},
      {"if immunocompromised", "immunosuppressed=yes", 1},
      {"if age > 35", "age=36", 1},
      {"if age > 35", "age=35", -1},
      {"if older than 35 years", "age=40", 1},
      {"if the patient is over the age of 50", "age=50", -1},
      {"if 35 years of age or older", "age=35", 1},
      {"if younger than 40 years", "age=39", 1},
      {"if under 40 years old", "age=40", -1},
      {"if age > 35", "", 0},
      {"if larger than 35 mm", "age=40", 0},
      {"if postmenopausal", "menopause=post", 1},
      {"if female", "sex=male", -1},
      {"if high risk or smoker", "risk=low smoking=current", 1},
      {"if high risk or smoker", "risk=low smoking=never", -1},
      {"if high risk or smoker", "risk=low", 0},
      {"if high risk or smoker", "smoking=current", 1},
      {"if smoker and age > 50", "smoking=current age=60", 1},
      {"if smoker and age > 50", "age=40", -1},
      {"if smoker and age > 50", "age=60", 0},
      {"if smoker with emphysema", "smoking=current", 0},
      {"if clinically indicated", "smoking=current risk=high age=50", 0},
      {"if symptoms persist", "risk=high", 0},
      {"if there is concern in this high risk patient", "risk=high", 0},
      {"", "risk=high", 0},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GPtrArray) facts = told(cases[i].facts);
    g_autoptr(ItvConditionAnswer) a = itv_condition_answer(lexicon, cases[i].condition, facts);
    if (a->truth != cases[i].truth)
      g_error("%s, %s: %d", cases[i].condition, cases[i].facts, a->truth);
    g_assert_true((a->truth == ITV_TRUTH_UNKNOWN) == (a->words == NULL));
  }
  g_autoptr(GPtrArray) none = itv_facts_new();
  g_autoptr(ItvConditionAnswer) a = itv_condition_answer(lexicon, "if high risk and smoker", none);
  g_assert_cmpuint(a->asks->len, ==, 2);
  g_assert_cmpstr(a->asks->pdata[0], ==, "risk");
  g_assert_cmpstr(a->asks->pdata[1], ==, "smoking");
}

/* Knowing more never takes an answer back. */
static void
test_monotone(void)
{
  static const char *const words[] = {"smoker",   "high risk", "history of cancer",
                                      "age > 50", "female",    "symptomatic"};
  static const char *const facts[] = {"smoking=current", "smoking=never",     "risk=high",
                                      "risk=low",        "cancer-history=no", "age=40",
                                      "age=60",          "sex=female"};
  for (int round = 0; round < 400; round++) {
    g_autoptr(GString) condition = g_string_new("if ");
    for (int i = 0; i < 3; i++)
      g_string_append_printf(condition, "%s%s", i ? (g_test_rand_bit() ? " or " : " and ") : "",
                             words[g_test_rand_int_range(0, G_N_ELEMENTS(words))]);
    g_autoptr(GPtrArray) known = itv_facts_new();
    ItvTruth definite = ITV_TRUTH_UNKNOWN;
    for (int i = 0; i < 8; i++) {
      g_autoptr(ItvConditionAnswer) a = itv_condition_answer(lexicon, condition->str, known);
      g_assert_true(definite == ITV_TRUTH_UNKNOWN || a->truth == definite);
      definite = a->truth;
      g_auto(GStrv) more = g_strsplit(facts[g_test_rand_int_range(0, G_N_ELEMENTS(facts))], "=", 2);
      if (!itv_facts_find(known, more[0]))
        itv_facts_put(known, more[0], more[1], "told", ITV_MOMENT_NONE, NULL, NULL);
    }
  }
}

/* ---- the lexicon against the guidelines
 * ---------------------------------------------------------- */

/* Every question of a guideline that ships can be answered with `interval fact`. */
static void
test_all_askable(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *dir = source_path("config/guidelines");
  g_autofree char *xsd = source_path("schemas/guideline.xsd");
  g_autoptr(GPtrArray) all = itv_guidelines_load(dir, xsd, &error);
  g_assert_no_error(error);
  for (guint i = 0; i < all->len; i++) {
    const ItvGuideline *g = all->pdata[i];
    for (guint k = 0; k < g->variables->len; k++) {
      const ItvVariable *v = itv_guideline_variable(g, k);
      const ItvFactKind *kind = itv_fact_kind(lexicon, v->fact);
      if (!kind)
        g_error("%s asks for %s, which config/lexicon/facts.xml does not know", g->id, v->fact);
      for (guint n = 0; n < v->choices->len; n++) {
        const char *code = g_array_index(v->choices, ItvChoice, n).code;
        if (!kind->values || !g_strv_contains((const char *const *)kind->values, code))
          g_error("%s: the fact %s has no value %s", g->id, v->fact, code);
      }
    }
  }
}

static void
test_check(void)
{
  g_autoptr(GError) error = NULL;
  g_assert_true(itv_fact_check(lexicon, "smoking", "current", NULL));
  g_assert_true(itv_fact_check(lexicon, "smoking", "current|former", NULL));
  g_assert_true(itv_fact_check(lexicon, "size", "7mm", NULL));
  g_assert_true(itv_fact_check(lexicon, "age", "70", NULL));
  g_assert_false(itv_fact_check(lexicon, "smoking", "maybe", &error));
  g_assert_nonnull(strstr(error->message, "current former never"));
  g_assert_false(itv_fact_check(lexicon, "size", "7kg", NULL));
  g_assert_false(itv_fact_check(lexicon, "size", "", NULL));
  g_assert_false(itv_fact_check(lexicon, "colour", "red", NULL));
}

int
main(int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_test_init(&argc, &argv, NULL);
  g_autofree char *path = source_path("config/lexicon/facts.xml");
  g_autofree char *xsd = source_path("schemas/facts.xsd");
  lexicon = itv_fact_lexicon_load(path, xsd, &error);
  g_assert_no_error(error);
  g_test_add_func("/facts/sizes", test_sizes);
  g_test_add_func("/facts/report", test_report);
  g_test_add_func("/facts/denied", test_denied);
  g_test_add_func("/facts/hostile", test_hostile);
  g_test_add_func("/facts/conditions", test_conditions);
  g_test_add_func("/facts/monotone", test_monotone);
  g_test_add_func("/facts/all-askable", test_all_askable);
  g_test_add_func("/facts/check", test_check);
  const int rc = g_test_run();
  itv_fact_lexicon_free(lexicon);
  return rc;
}
