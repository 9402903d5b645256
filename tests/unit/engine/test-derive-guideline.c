/* SPDX-License-Identifier: Apache-2.0
 *
 * What guidelines propose, when they apply, when they disagree; conditions
 * answered from facts.
 */
#include "engine/guideline.h"
#include "story.h"

static GPtrArray *guidelines;
static ItvFactLexicon *lexicon;

static Story *
guided(void)
{
  Story *s = story_new();
  s->rules.guidelines = guidelines;
  s->rules.facts = lexicon;
  return s;
}

static void
fact(Story *s, const char *name, const char *value, const char *item, const char *at)
{
  const ItvFact f = {.ev = evidence(s, NULL, NULL, at),
                     .name = g_strdup(name),
                     .value = g_strdup(value),
                     .item = g_strdup(item),
                     .by = g_strdup("coordinator")};
  g_array_append_val(s->h->facts, f);
}

static void
born(Story *s, const char *date, const char *sex)
{
  const ItvPerson p = {.ev = evidence(s, NULL, NULL, "2000-01-01"),
                       .birth_date = day(date),
                       .death_date = ITV_DATE_NONE,
                       .sex = g_strdup(sex),
                       .deceased = -1};
  g_array_append_val(s->h->persons, p);
}

#define NODULE(size)                                                                               \
  {                                                                                                \
    EXAM(CT, LUNG), .finding = size " solid solitary nodule", .head = "nodule",                    \
                    .words = "Solitary nodule: CT is recommended."                                 \
  }

/* "proposes P6M..P1Y fleischner-2017 solid-single-medium-high", "P6M..P12M disagrees ...";
 * "?risk count" the questions; "-" neither. Owned. */
static char *
said(const Story *s, const char *as_of, guint n)
{
  g_autoptr(GPtrArray) items = story_items(s, as_of);
  g_assert_cmpuint(n, <, items->len);
  const ItvFollowup *f = items->pdata[n];
  const ItvProposal *p = f->proposal;
  GString *line = g_string_new(NULL);
  if (p) {
    g_autofree char *a = itv_period_format(p->earliest);
    g_autofree char *b = itv_period_format(p->latest);
    g_string_append_printf(line, "%s %s%s%s %s %s", f->disagrees ? "disagrees" : "proposes",
                           p->has_interval ? a : "nothing", p->has_interval ? ".." : "",
                           p->has_interval ? b : "", p->guideline, p->rule);
  }
  for (guint i = 0; i < f->questions->len; i++)
    g_string_append_printf(line, "%s%s",
                           i           ? " "
                           : line->len ? " ?"
                                       : "?",
                           ((const ItvQuestion *)f->questions->pdata[i])->fact);
  return g_string_free(line->len ? line : g_string_append(line, "-"), FALSE);
}

#define SAYS(s, as_of, expected)                                                                   \
  do {                                                                                             \
    g_autofree char *said_ = said(s, as_of, 0);                                                    \
    g_assert_cmpstr(said_, ==, expected);                                                          \
  } while (0)

static void
test_proposes(void)
{
  g_autoptr(Story) s = guided();
  REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST), .asks = {NODULE("7 mm")});
  expect(s, "2023-08-01", "needs-interval CT lung", NULL);
  SAYS(s, "2023-08-01", "?age risk");
  born(s, "1960-07-15", "F");
  SAYS(s, "2023-08-01",
       "proposes P6M..P1Y fleischner-2017 solid-single-medium-low or solid-single-medium-high "
       "?risk");
  fact(s, "risk", "high", NULL, "2023-08-10");
  SAYS(s, "2023-08-11", "proposes P6M..P1Y fleischner-2017 solid-single-medium-high");
  SAYS(s, "2023-08-09",
       "proposes P6M..P1Y fleischner-2017 solid-single-medium-low or solid-single-medium-high "
       "?risk");                                           /* before anybody told it */
  expect(s, "2023-09-01", "needs-interval CT lung", NULL); /* it only proposes */
}

/* The birthday: 35 on the day of the exam or a day later. */
static void
test_age(void)
{
  static const struct {
    const char *birth, *says;
  } cases[] = {{"1988-07-14", "proposes nothing fleischner-2017 solid-single-small-low"},
               {"1988-07-15", "-"}};
  for (guint i = 0; i < 2; i++) {
    g_autoptr(Story) s = guided();
    REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST), .asks = {NODULE("4 mm")});
    born(s, cases[i].birth, "M");
    fact(s, "risk", "low", NULL, "2023-07-15");
    SAYS(s, "2023-08-01", cases[i].says);
  }
}

static void
test_outside(void)
{
  g_autoptr(Story) s = guided();
  REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST), .asks = {NODULE("7 mm")});
  born(s, "1960-07-15", "F");
  fact(s, "cancer-history", "yes", NULL, "2023-07-15");
  SAYS(s, "2023-08-01", "-");
  fact(s, "cancer-history", "no", NULL, "2023-07-16"); /* the later word counts */
  SAYS(s, "2023-08-01",
       "proposes P6M..P1Y fleischner-2017 solid-single-medium-low or solid-single-medium-high "
       "?risk");
}

static void
test_validity(void)
{
  static const struct {
    const char *on, *says;
  } cases[] = {{"2021-03-01", "proposes P8W..P12W o-rads-us-2020 pre-simple"},
               {"2022-10-31", "proposes P8W..P12W o-rads-us-2020 pre-simple"},
               {"2022-11-01", "proposes P1Y..P1Y o-rads-us-2022 pre-simple"},
               {"2019-12-31", "-"}};
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(Story) s = guided();
    REPORT(s, .acc = "A1", .on = cases[i].on, EXAM(US, PELVIS),
           .asks = {{EXAM(US, OVARY), .finding = "6 cm simple cyst", .head = "cyst",
                     .words = "A premenopausal patient: US is recommended."}});
    SAYS(s, "2023-08-01", cases[i].says);
  }
}

/* A guideline that the report names, and only that. */
static void
test_named(void)
{
  static const struct {
    const char *guideline, *says;
  } cases[] = {{"BTS", "proposes P3M..P3M bts-2015 diameter-6"},
               {"British Thoracic Society guidelines", "proposes P3M..P3M bts-2015 diameter-6"},
               {"NCCN", "-"}};
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(Story) s = guided();
    REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST), .asks = {NODULE("7 mm")});
    g_array_index(g_array_index(s->h->reports, ItvReport, 0).recommendations, ItvRecommendation, 0)
        .guideline = g_strdup(cases[i].guideline);
    fact(s, "volumetry", "no", NULL, "2023-07-15");
    SAYS(s, "2023-08-01", cases[i].says);
  }
}

static void
test_disagrees(void)
{
  static const struct {
    const char *in, *says;
  } cases[] = {
      {"P3M", "disagrees P6M..P1Y fleischner-2017 solid-single-medium-high"},
      {"P6M", "-"},
      {"P1Y", "-"},
      {"P26W", "-"},
      {"P18M/P24M", "-"},
      {"P3M/", "-"},
      {"P4Y", "disagrees P6M..P1Y fleischner-2017 solid-single-medium-high"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(Story) s = guided();
    Ask ask = NODULE("7 mm");
    ask.in = cases[i].in;
    REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST), .asks = {ask});
    born(s, "1960-07-15", "F");
    fact(s, "risk", "high", NULL, "2023-07-15");
    SAYS(s, "2023-08-01", cases[i].says);
    g_autoptr(GPtrArray) items = story_items(s, "2023-08-01");
    g_assert_cmpint(((ItvFollowup *)items->pdata[0])->source, ==, ITV_SOURCE_REPORT);
  }
}

/* Applied by the configuration: a schedule of its own, and only where nothing
 * was taken for granted. */
static void
test_applied(void)
{
  static const char *const applied[] = {"fleischner-2017", "aaa-svs-2018", NULL};
  g_autoptr(Story) s = guided();
  s->rules.applied = applied;
  REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST), .asks = {NODULE("7 mm")});
  born(s, "1960-07-15", "F");
  fact(s, "risk", "high", NULL, "2023-07-15");
  expect(s, "2023-08-01", "needs-interval CT lung", NULL);
  fact(s, "cancer-history", "no", NULL, "2023-07-15");
  fact(s, "immunosuppressed", "no", NULL, "2023-07-15");
  fact(s, "screening", "no", NULL, "2023-07-15");
  expect(s, "2023-08-01", "not-due CT lung 2024-01-14..2024-07-14", NULL);
  g_autoptr(GPtrArray) items = story_items(s, "2023-08-01");
  g_assert_cmpint(((ItvFollowup *)items->pdata[0])->source, ==, ITV_SOURCE_GUIDELINE);
  /* The second window counts from the first exam, wherever the first visit fell. */
  STUDY(s, .acc = "B1", .uid = "1.2.3", .on = "2024-03-01", EXAM(CT, CHEST));
  expect(s, "2024-04-01", "fulfilled CT lung by B1", "not-due CT lung 2025-01-14..2025-07-14",
         NULL);
  STUDY(s, .acc = "B2", .uid = "1.2.4", .on = "2025-02-01", EXAM(CT, CHEST));
  expect(s, "2027-01-01", "fulfilled CT lung by B1", "fulfilled CT lung by B2", NULL);
}

/* Every 12 months for an aneurysm of 42 mm, counted from the exam before, without end. */
static void
test_applied_series(void)
{
  static const char *const applied[] = {"aaa-svs-2018", NULL};
  g_autoptr(Story) s = guided();
  s->rules.applied = applied;
  REPORT(s, .acc = "A1", .on = "2023-01-31", EXAM(CT, ABDOMEN),
         .asks = {{EXAM(US, AORTA), .finding = "4.2 cm aneurysm", .head = "aneurysm"}});
  expect(s, "2023-08-01", "needs-interval US aorta", NULL);
  s->rules.apply_assumed = TRUE;
  expect(s, "2023-08-01", "not-due US aorta 2024-01-31..2024-01-31", NULL);
  STUDY(s, .acc = "B1", .uid = "1.2.3", .on = "2024-02-10", EXAM(US, AORTA));
  expect(s, "2024-04-01", "fulfilled US aorta by B1", "not-due US aorta 2025-02-10..2025-02-10",
         NULL);
}

static void
test_conditions(void)
{
  g_autoptr(Story) s = guided();
  REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P6M", .cond = "if the patient is a smoker"}});
  expect(s, "2023-08-01", "awaiting-condition CT chest", NULL);
  expect(s, "2026-08-01", "awaiting-condition CT chest", NULL); /* never an alarm */
  SAYS(s, "2023-08-01", "?smoking");
  fact(s, "smoking", "current", NULL, "2023-09-01");
  expect(s, "2023-08-31", "awaiting-condition CT chest", NULL);
  expect(s, "2023-09-02", "not-due CT chest 2024-01-14", NULL);
  expect(s, "2025-01-01", "overdue CT chest 2024-01-14", NULL);
  fact(s, "smoking", "never", NULL, "2024-09-01");
  expect(s, "2025-01-01", "closed:condition-unmet CT chest", NULL);
  /* A person's answer about the item itself weighs more than any fact. */
  g_autofree char *item = item_id(s, 0);
  DECIDE(s, CONDITION_MET, item, .at = "2024-10-01");
  expect(s, "2025-01-01", "overdue CT chest 2024-01-14", NULL);
}

/* The findings that the report describes fill in what stands nowhere near the
 * recommendation; two that differ say nothing. */
static void
test_findings(void)
{
  g_autoptr(Story) s = guided();
  REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, LUNG), .finding = "nodule", .head = "nodule"}});
  born(s, "1960-07-15", "F");
  fact(s, "risk", "low", NULL, "2023-07-15");
  SAYS(s, "2023-08-01", "?density count mean-size");
  ItvReport *r = &g_array_index(s->h->reports, ItvReport, 0);
  r->findings = itv_findings_new();
  const ItvFinding nodule = {.head = g_strdup("nodules"),
                             .region = ITV_REGION_LUNG,
                             .size_mm = {9, 5},
                             .n_sizes = 2,
                             .multiple = TRUE,
                             .density = g_strdup("solid")};
  const ItvFinding elsewhere = {.head = g_strdup("nodule"),
                                .region = ITV_REGION_THYROID,
                                .size_mm = {30},
                                .n_sizes = 1,
                                .density = g_strdup("cystic")};
  g_array_append_val(r->findings, nodule);
  g_array_append_val(r->findings, elsewhere);
  SAYS(s, "2023-08-01", "proposes P3M..P6M fleischner-2017 solid-multiple-low");
  const ItvFinding other = {.head = g_strdup("nodule"),
                            .region = ITV_REGION_LUNG,
                            .size_mm = {4},
                            .n_sizes = 1,
                            .density = g_strdup("ground-glass")};
  g_array_append_val(r->findings, other);
  SAYS(s, "2023-08-01", "?density mean-size");
}

/* Whatever the condition and however late: not known is never an alarm; and each
 * becomes due on the day on which it is known to be met. */
static void
test_never_an_alarm(void)
{
  static const struct {
    const char *condition, *fact, *value;
  } cases[] = {{"if smoker", "smoking", "former"},
               {"if high risk", "risk", "high"},
               {"if at high risk for lung cancer", "risk", "high"},
               {"if history of malignancy", "cancer-history", "yes"},
               {"if no known malignancy", "cancer-history", "no"},
               {"if postmenopausal", "menopause", "post"},
               {"if immunocompromised", "immunosuppressed", "yes"},
               {"if older than 35", "age", "70"},
               {"if 65 years or older", "age", "65"},
               {"if symptoms persist", NULL, NULL},
               {"if clinically indicated", NULL, NULL},
               {"if it grows", NULL, NULL}};
  static const char *const intervals[] = {"P0D", "P2W", "P3M", "P6M", "P1Y"};
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    for (guint k = 0; k < G_N_ELEMENTS(intervals); k++) {
      g_autoptr(Story) s = guided();
      REPORT(s, .acc = "A1", .on = "2020-07-14", EXAM(CT, CHEST),
             .asks = {{EXAM(CT, CHEST), .in = intervals[k], .cond = cases[i].condition}});
      for (int year = 2020; year < 2040; year += 3) {
        g_autofree char *as_of = g_strdup_printf("%d-12-31", year);
        expect(s, as_of, "awaiting-condition CT chest", NULL);
      }
      if (!cases[i].fact)
        continue;
      fact(s, cases[i].fact, cases[i].value, NULL, "2025-01-01");
      expect(s, "2024-12-31", "awaiting-condition CT chest", NULL);
      expect(s, "2025-01-01", "overdue CT chest", NULL);
    }
}

static void
test_condition_age(void)
{
  for (int old = 0; old < 2; old++) {
    g_autoptr(Story) s = guided();
    REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST),
           .asks = {{EXAM(CT, CHEST), .in = "P6M", .cond = "if older than 35 years"}});
    born(s, old ? "1970-01-01" : "2000-01-01", "F");
    expect(s, "2023-08-01", old ? "not-due CT chest" : "closed:condition-unmet CT chest", NULL);
  }
}

/* Of one item only; another item of the same patient is not touched. */
static void
test_fact_of_item(void)
{
  g_autoptr(Story) s = guided();
  REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST),
         .asks = {{EXAM(US, THYROID), .finding = "nodule", .head = "nodule"},
                  {EXAM(CT, ADRENAL), .finding = "nodule", .head = "nodule"}});
  born(s, "1960-07-15", "F");
  g_autoptr(GPtrArray) items = story_items(s, "2023-08-01");
  const guint thyroid = ((ItvFollowup *)items->pdata[0])->region == ITV_REGION_THYROID ? 0 : 1;
  fact(s, "size", "2cm", ((ItvFollowup *)items->pdata[thyroid])->id, "2023-07-15");
  g_autofree char *one = said(s, "2023-08-01", thyroid);
  g_autofree char *other = said(s, "2023-08-01", 1 - thyroid);
  g_assert_cmpstr(one, ==, "proposes P0D..P0D acr-thyroid-2015 older-large");
  g_assert_true(g_str_has_prefix(other, "?size"));
}

/* Facts in any order of arrival give the same items, words and all. */
static void
test_order(void)
{
  g_autofree char *first = NULL;
  for (int turn = 0; turn < 2; turn++) {
    g_autoptr(Story) s = guided();
    REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST), .asks = {NODULE("7 mm")});
    born(s, "1960-07-15", "F");
    const char *values[] = {"low", "high"}, *at[] = {"2023-08-01", "2023-08-02"};
    const guint n = s->n;
    for (int i = 0; i < 2; i++) {
      const int k = turn ? 1 - i : i;
      s->n = n + (guint)k; /* the same evidence, whichever comes first */
      fact(s, "risk", values[k], NULL, at[k]);
    }
    g_autoptr(GPtrArray) items = story_items(s, "2023-09-01");
    const ItvFollowup *f = items->pdata[0];
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < f->steps->len; i++)
      g_string_append_printf(all, "%s\n", g_array_index(f->steps, ItvStep, i).text);
    g_autofree char *text = g_string_free(all, FALSE);
    g_assert_nonnull(strstr(text, "solid-single-medium-high"));
    if (!first)
      first = g_strdup(text);
    g_assert_cmpstr(text, ==, first);
  }
}

int
main(int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  const char *source = g_getenv("ITV_SOURCE_DIR");
  g_test_init(&argc, &argv, NULL);
  source = source ? source : ".";
  g_autofree char *dir = g_strdup_printf("%s/config/guidelines", source);
  g_autofree char *xsd = g_strdup_printf("%s/schemas/guideline.xsd", source);
  g_autofree char *facts = g_strdup_printf("%s/config/lexicon/facts.xml", source);
  g_autofree char *facts_xsd = g_strdup_printf("%s/schemas/facts.xsd", source);
  guidelines = itv_guidelines_load(dir, xsd, &error);
  g_assert_no_error(error);
  lexicon = itv_fact_lexicon_load(facts, facts_xsd, &error);
  g_assert_no_error(error);
  g_test_add_func("/derive/guideline/proposes", test_proposes);
  g_test_add_func("/derive/guideline/age", test_age);
  g_test_add_func("/derive/guideline/outside", test_outside);
  g_test_add_func("/derive/guideline/validity", test_validity);
  g_test_add_func("/derive/guideline/named", test_named);
  g_test_add_func("/derive/guideline/disagrees", test_disagrees);
  g_test_add_func("/derive/guideline/applied", test_applied);
  g_test_add_func("/derive/guideline/applied-series", test_applied_series);
  g_test_add_func("/derive/guideline/conditions", test_conditions);
  g_test_add_func("/derive/guideline/findings", test_findings);
  g_test_add_func("/derive/guideline/never-an-alarm", test_never_an_alarm);
  g_test_add_func("/derive/guideline/condition-age", test_condition_age);
  g_test_add_func("/derive/guideline/fact-of-item", test_fact_of_item);
  g_test_add_func("/derive/guideline/order", test_order);
  const int rc = g_test_run();
  g_ptr_array_unref(guidelines);
  itv_fact_lexicon_free(lexicon);
  return rc;
}
