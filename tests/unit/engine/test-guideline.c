/* SPDX-License-Identifier: Apache-2.0
 *
 * The checker finds each class of fault where it is, and finds none where there
 * is none; answers are three-valued and never take a definite one back.
 */
#include <string.h>

#include "engine/guideline.h"

/* ---- a small guideline to spoil ------------------------------------------------------ */

#define HEAD                                                                                       \
  "<guideline xmlns='urn:interval:guideline:1' id='g' version='1.0.0' title='G' issuer='I'\n"      \
  " year='2020' status='current' sign-off='required' valid-from='2020-01-01'>\n"                   \
  "<source id='s' year='2020' cite='S'/>\n"                                                        \
  "<variable name='density' type='choice'><value code='solid'/><value code='ground-glass'/>"       \
  "</variable>\n"                                                                                  \
  "<variable name='size' type='number' unit='mm' min='0' max='30'/>\n"                             \
  "<variable name='age' type='integer' min='0' max='130'/>\n"                                      \
  "<variable name='smoker' type='boolean'/>\n"                                                     \
  "<growth id='gr' text='2 mm'><by least='2'/></growth>\n"
#define RULES                                                                                      \
  "<rules>\n"                                                                                      \
  "<group><when var='density' is='solid'/>\n"                                                      \
  "<rule id='small' end='none' source='s'><when var='size' below='6'/></rule>\n"                   \
  "<rule id='medium' end='ct' source='s'><when var='size' from='6' to='8'/></rule>\n"              \
  "<rule id='large' end='now' source='s'><when var='size' above='8'/></rule>\n"                    \
  "</group>\n"                                                                                     \
  "<group><when var='density' is='ground-glass'/>\n"                                               \
  "<rule id='glass-young' end='none' source='s'><when var='age' below='35'/></rule>\n"             \
  "<rule id='glass-smoker' end='ct' source='s'><when var='age' from='35'/>"                        \
  "<when var='smoker' is='yes'/></rule>\n"                                                         \
  "<rule id='glass-other' end='none' source='s'><when var='age' from='35'/>"                       \
  "<when var='smoker' not='yes'/></rule>\n"                                                        \
  "</group></rules>\n"
#define ENDS                                                                                       \
  "<end id='none' kind='none' text='none'/>\n"                                                     \
  "<end id='ct' kind='imaging' modality='CT' region='chest' text='CT'><at from='P6M' to='P12M'/>"  \
  "<on event='growth' growth='gr' then='now'/></end>\n"                                            \
  "<end id='now' kind='imaging' modality='CT' region='chest' text='CT'><at from='P0D'/></end>\n"   \
  "</guideline>\n"
#define GOOD HEAD RULES ENDS

static char *
schema(void)
{
  const char *source = g_getenv("ITV_SOURCE_DIR");
  return g_build_filename(source ? source : ".", "schemas", "guideline.xsd", NULL);
}

static ItvGuideline *
read_text(const char *text, GArray *faults)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *xsd = schema();
  g_autoptr(ItvXml) xml = itv_xml_parse(text, strlen(text), "g.xml", xsd, &error);
  g_assert_no_error(error);
  return itv_guideline_read(xml, "g.xml", faults);
}

/* The good file with each `from` replaced by the `to` after it; pairs end with NULL. */
static char *
spoiled(va_list pairs)
{
  char *text = g_strdup(GOOD);
  for (const char *from = NULL; (from = va_arg(pairs, const char *));) {
    const char *to = va_arg(pairs, const char *);
    char *at = strstr(text, from);
    if (!at)
      g_error("the good file has no \"%s\"", from);
    g_autofree char *head = g_strndup(text, (gsize)(at - text));
    char *next = g_strconcat(head, to, at + strlen(from), NULL);
    g_free(text);
    text = next;
  }
  return text;
}

/* The spoiled file has a fault of that kind whose text holds those words. */
static void
expect_fault(const char *kind, const char *words, int line, ...)
{
  va_list pairs;
  va_start(pairs, line);
  g_autofree char *text = spoiled(pairs);
  va_end(pairs);
  g_autoptr(GArray) faults = itv_faults_new();
  g_autoptr(ItvGuideline) g = read_text(text, faults);
  itv_guideline_check(g, faults);
  GString *all = g_string_new(NULL);
  gboolean found = FALSE;
  for (guint i = 0; i < faults->len; i++) {
    const ItvFault *f = &g_array_index(faults, ItvFault, i);
    g_string_append_printf(all, "\n  line %d: %s: %s", f->line, f->kind, f->text);
    found |= strcmp(f->kind, kind) == 0 && strstr(f->text, words) && (line == 0 || f->line == line);
  }
  if (!found)
    g_error("no %s \"%s\" at line %d; got:%s", kind, words, line, all->str);
  g_string_free(all, TRUE);
}

static void
test_good(void)
{
  g_autoptr(GArray) faults = itv_faults_new();
  g_autoptr(ItvGuideline) g = read_text(GOOD, faults);
  const ItvGuidelineProof proof = itv_guideline_check(g, faults);
  for (guint i = 0; i < faults->len; i++)
    g_error("%s", g_array_index(faults, ItvFault, i).text);
  g_assert_cmpuint(proof.ends_reached, ==, 3);
  g_assert_cmpuint(proof.regions, ==, 6);
}

static void
test_gaps(void)
{
  expect_fault("gap", "density solid, size = 6 mm: no rule", 0, "from='6' to='8'",
               "above='6' to='8'", NULL);
  expect_fault("gap", "density solid, 6 <= size < 6.5 mm", 0, "from='6' to='8'",
               "from='6.5' to='8'", NULL);
  expect_fault("gap", "density solid, size = 8 mm", 0, "to='8'", "below='8'", NULL);
  expect_fault("gap", "density ground-glass, age >= 35, smoker: no", 0, "not='yes'", "is='yes'",
               NULL);
  expect_fault("gap", "age = 35", 0, "<when var='age' from='35'/><when var='smoker' not='yes'/>",
               "<when var='age' above='35'/><when var='smoker' not='yes'/>", NULL);
  /* Parts of one gap are told as one. */
  expect_fault("gap", "density solid, size < 8", 0,
               "<rule id='small' end='none' source='s'><when var='size' below='6'/></rule>", "",
               "from='6' to='8'", "from='8' to='8'", NULL);
}

static void
test_overlaps(void)
{
  expect_fault("overlap", "density solid, size = 6 mm: both rule small (line 11) and rule medium",
               12, "below='6'", "to='6'", NULL);
  expect_fault("overlap", "density solid, 8 < size <= 9 mm", 13, "to='8'", "to='9'", NULL);
  expect_fault("overlap", "smoker: no: both rule glass-smoker", 0, "is='yes'", "is='yes no'", NULL);
  expect_fault("overlap", "lead to the same end point", 0, "not='yes'", "not='yes'", "below='35'",
               "below='36'", NULL);
}

static void
test_dangling(void)
{
  expect_fault("dangling", "rule medium leads to \"cta\"", 12, "end='ct'", "end='cta'", NULL);
  expect_fault("dangling", "no variable \"diameter\"", 11, "var='size'", "var='diameter'", NULL);
  expect_fault("dangling", "density has no value \"liquid\"", 0, "is='solid'", "is='liquid'", NULL);
  expect_fault("dangling", "has the source \"t\"", 11, "source='s'", "source='t'", NULL);
  expect_fault("dangling", "\"later\" is no end point", 0, "then='now'", "then='later'", NULL);
  expect_fault("dangling", "\"gx\" is no growth definition", 0, "growth='gr'", "growth='gx'", NULL);
  expect_fault("dangling", "\"thorax\" is no region", 0, "region='chest'", "region='thorax'", NULL);
}

static void
test_unreachable(void)
{
  expect_fault("unreachable", "the end point lone", 0, "<end id='none'",
               "<end id='lone' kind='none' text='x'/><end id='none'", NULL);
  expect_fault("unreachable", "no case comes to rule medium", 12, "status='current'",
               "status='current' policy='first'", "below='6'", "below='9'", NULL);
  expect_fault("empty", "rule medium holds for no case", 12, "from='6' to='8'", "from='9' to='8'",
               NULL);
  expect_fault("empty", "rule small holds for no case", 11, "<when var='size' below='6'/>",
               "<when var='density' is='ground-glass'/>", NULL);
  /* An end point that only growth leads to is reached. */
  g_autoptr(GArray) faults = itv_faults_new();
  g_autofree char *only = g_strdup(GOOD);
  char *at = strstr(only, "end='now'");
  memcpy(at, "end='ct' ", 9);
  g_autoptr(ItvGuideline) g = read_text(only, faults);
  itv_guideline_check(g, faults);
  g_assert_null(itv_faults_error(faults));
}

static void
test_others(void)
{
  expect_fault("duplicate", "two rules \"small\"", 12, "id='medium'", "id='small'", NULL);
  expect_fault("duplicate", "two end points \"ct\"", 0, "id='now'", "id='ct'", NULL);
  expect_fault("duplicate", "two variables \"size\"", 0, "name='age'", "name='size'", NULL);
  expect_fault("duplicate", "\"solid\" twice", 0, "code='ground-glass'", "code='solid'", NULL);
  expect_fault("value", "lies outside what size can be", 13, "above='8'", "above='80'", NULL);
  expect_fault("value", "size is a number", 11, "below='6'", "is='small'", NULL);
  expect_fault("value", "density is chosen from a list", 0, "is='solid'", "below='6'", NULL);
  expect_fault("value", "needs min and max", 0, "min='0' max='30'", "min='0'", NULL);
  expect_fault("value", "nothing says how much is growth", 0, "<by least='2'/>",
               "<by prior-from='2'/>", NULL);
  expect_fault("schedule", "a window ends before it begins", 0, "to='P12M'", "to='P3M'", NULL);
  expect_fault("schedule", "must follow one another", 0, "to='P12M'/>",
               "to='P12M'/><at from='P9M'/>", NULL);
  expect_fault("schedule", "never reached", 0, "to='P12M'/>",
               "to='P12M'/><every period='P1Y'/><every period='P2Y'/>", NULL);
  expect_fault("schedule", "repeats after no time", 0, "to='P12M'/>",
               "to='P12M'/><every period='P0D'/>", NULL);
  expect_fault("schedule", "but not when", 0, "<at from='P0D'/>", "", NULL);
  expect_fault("schedule", "asks for nothing", 0, "text='none'/>",
               "text='none'><at from='P1M'/></end>", NULL);
  expect_fault("dates", "valid-until lies before", 0, "valid-from='2020-01-01'",
               "valid-from='2020-01-01' valid-until='2019-01-01'", NULL);
  expect_fault("sign-off", "nobody has signed", 0, "sign-off='required'", "sign-off='given'", NULL);
  expect_fault("unused", "no rule asks for sex", 0, "<growth",
               "<variable name='sex' type='boolean'/><growth", NULL);
  expect_fault("unused", "growth definition gr", 0, " growth='gr'", "", NULL);
}

/* Rules that cut the cases into more pieces than anybody can look at end in words. */
static void
test_limit(void)
{
  GString *s = g_string_new("<guideline xmlns='urn:interval:guideline:1' id='g' version='1.0.0' "
                            "title='G' issuer='I' year='2020' status='current' "
                            "sign-off='required' valid-from='2020-01-01'>"
                            "<source id='s' year='2020' cite='S'/>");
  for (int i = 0; i < 30; i++)
    g_string_append_printf(s, "<variable name='v%d' type='number' min='0' max='100'/>", i);
  g_string_append(s, "<rules>");
  for (int i = 0; i < 400; i++)
    g_string_append_printf(s,
                           "<rule id='r%d' end='e' source='s'><when var='v%d' from='%d.5' "
                           "to='%d.5'/><when var='v%d' from='%d'/></rule>",
                           i, i % 30, i % 90, i % 90 + 3, (i + 7) % 30, i % 50);
  g_string_append(s, "</rules><end id='e' kind='none' text='x'/></guideline>");
  g_autoptr(GArray) faults = itv_faults_new();
  g_autoptr(ItvGuideline) g = read_text(s->str, faults);
  const gint64 before = g_get_monotonic_time();
  itv_guideline_check(g, faults);
  g_assert_cmpint(g_get_monotonic_time() - before, <, 60 * G_USEC_PER_SEC);
  g_assert_nonnull(itv_faults_error(faults));
  g_assert_cmpstr(itv_faults_error(faults)->kind, ==, "limit");
  g_string_free(s, TRUE);
}

/* ---- running ---------------------------------------------------------------------------- */

/* "end" or "? density size"; owned. */
static char *
run(const ItvGuideline *g, const char *facts)
{
  g_autofree ItvExtent *box = itv_guideline_box(g);
  g_auto(GStrv) parts = g_strsplit(facts, " ", -1);
  for (guint i = 0; parts[i]; i++) {
    g_autoptr(GError) error = NULL;
    char *equals = strchr(parts[i], '=');
    if (!equals)
      continue;
    *equals = '\0';
    itv_guideline_set(g, box, parts[i], equals + 1, &error);
    g_assert_no_error(error);
  }
  g_autoptr(ItvGuidelineAnswer) a = itv_guideline_run(g, box);
  if (a->end)
    return g_strdup(a->end->id);
  GString *s = g_string_new("?");
  for (guint i = 0; i < a->questions->len; i++)
    g_string_append_printf(s, " %s",
                           itv_guideline_variable(g, g_array_index(a->questions, guint, i))->name);
  return g_string_free(s, FALSE);
}

static void
test_run(void)
{
  static const char *const cases[][2] = {
      {"density=solid size=5.9999mm", "none"},
      {"density=solid size=6mm", "ct"},
      {"density=solid size=0.6cm", "ct"},
      {"density=solid size=8", "ct"},
      {"density=solid size=8.0001", "now"},
      {"density=SOLID size=<6", "none"},
      {"density=solid size=>8mm", "now"},
      {"density=solid size=6..8", "ct"},
      {"density=solid size=>=6 ", "? size"},
      {"density=solid size=5..7", "? size"},
      {"density=solid", "? size"},
      {"size=7", "? density age smoker"},
      {"", "? density size age smoker"},
      {"density=ground-glass", "? age smoker"},
      {"density=ground-glass age=34", "none"},
      {"density=ground-glass smoker=no", "none"},
      {"density=ground-glass smoker=yes", "? age"},
      {"density=ground-glass age=40 smoker=yes", "ct"},
      {"size=3 smoker=no", "none"},
      {"size=7 age=35 smoker=yes", "ct"},
      {"density=solid|ground-glass size=3 age=12", "none"},
      {"age=>=35 smoker=yes size=6.5", "ct"},
  };
  g_autoptr(GArray) faults = itv_faults_new();
  g_autoptr(ItvGuideline) g = read_text(GOOD, faults);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *got = run(g, cases[i][0]);
    if (strcmp(got, cases[i][1]) != 0)
      g_error("%s: %s, expected %s", cases[i][0], got, cases[i][1]);
  }
}

static void
test_bad_values(void)
{
  static const char *const bad[][2] = {
      {"size", "7kg"},         {"size", "seven"},  {"size", "31"},        {"size", "-1"},
      {"size", "7.00001"},     {"size", "8..6"},   {"size", ""},          {"size", "<"},
      {"size", "99999999999"}, {"density", "wet"}, {"density", "solid|"}, {"age", "131"},
      {"smoker", "maybe"},     {"colour", "red"},  {"size", "1e3"},       {"size", ".."},
  };
  g_autoptr(GArray) faults = itv_faults_new();
  g_autoptr(ItvGuideline) g = read_text(GOOD, faults);
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree ItvExtent *box = itv_guideline_box(g);
    if (itv_guideline_set(g, box, bad[i][0], bad[i][1], &error))
      g_error("%s=%s was taken", bad[i][0], bad[i][1]);
    g_assert_nonnull(error);
  }
}

static void
test_rounding(void)
{
  static const struct {
    const char *step, *rounding, *value, *rounded;
  } cases[] = {
      {"1", "nearest", "5.4999", "5"},   {"1", "nearest", "5.5", "6"},
      {"1", "down", "5.9999", "5"},      {"0.1", "nearest", "5.95", "6"},
      {"0.1", "nearest", "5.94", "5.9"}, {"5", "nearest", "7.5", "10"},
      {"1", "nearest", "-0.5", "0"},     {"1", "nearest", "-0.6", "-1"},
      {"0.25", "down", "1.3", "1.25"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    ItvVariable v = {.type = ITV_VARIABLE_NUMBER,
                     .round_down = strcmp(cases[i].rounding, "down") == 0};
    ItvDecimal value = 0;
    g_assert_true(itv_decimal_parse(cases[i].step, &v.step));
    g_assert_true(itv_decimal_parse(cases[i].value, &value));
    g_autofree char *got = itv_decimal_format(itv_variable_round(&v, value));
    g_assert_cmpstr(got, ==, cases[i].rounded);
  }
}

/* ---- properties over all that ships ---------------------------------------------------------- */

static ItvGuideline *
shipped(const char *name)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) faults = itv_faults_new();
  const char *source = g_getenv("ITV_SOURCE_DIR");
  g_autofree char *path =
      g_build_filename(source ? source : ".", "config", "guidelines", name, NULL);
  g_autofree char *xsd = schema();
  ItvGuideline *g = itv_guideline_load(path, xsd, faults, &error);
  g_assert_no_error(error);
  return g;
}

/* Some random part of what the variable may be; never empty. */
static ItvExtent
narrower(const ItvVariable *v, ItvExtent e)
{
  if (!itv_variable_is_number(v)) {
    const guint32 mask = e.mask & g_test_rand_int();
    return mask ? (ItvExtent){.mask = mask} : e;
  }
  const gint64 unit = v->step > 0 ? v->step * 2 : 1;
  const gint64 n = (e.hi - e.lo) / unit;
  if (n <= 1)
    return e;
  const gint64 from = g_test_rand_int_range(0, (gint32)MIN(n, G_MAXINT32 - 1));
  const gint64 to = from + 1 + g_test_rand_int_range(0, (gint32)MIN(n - from, G_MAXINT32 - 1));
  return (ItvExtent){.lo = e.lo + from * unit, .hi = e.lo + MIN(to, n) * unit};
}

/* Learning more never contradicts a definite answer, and never opens a question
 * that was not open; an answer that is not definite has a question. */
static void
learn(const ItvGuideline *g)
{
  g_autofree ItvExtent *box = itv_guideline_box(g);
  g_autofree gboolean *asked = g_new0(gboolean, g->variables->len);
  const ItvGuidelineEnd *definite = NULL;
  for (guint i = 0; i < g->variables->len; i++)
    asked[i] = TRUE;
  for (int round = 0; round < 12; round++) {
    g_autoptr(ItvGuidelineAnswer) a = itv_guideline_run(g, box);
    g_assert_false(a->gap);
    if (definite)
      g_assert_true(a->end == definite);
    g_assert_true(a->end || a->questions->len);
    definite = a->end;
    for (guint i = 0; i < a->questions->len; i++)
      g_assert_true(asked[g_array_index(a->questions, guint, i)]);
    memset(asked, 0, g->variables->len * sizeof(gboolean));
    for (guint i = 0; i < a->questions->len; i++)
      asked[g_array_index(a->questions, guint, i)] = TRUE;
    const guint i = (guint)g_test_rand_int_range(0, (gint32)g->variables->len);
    box[i] = narrower(itv_guideline_variable(g, i), box[i]);
  }
}

/* A random point lies in one region, and that region's rule is the one that
 * holds there when each rule is asked by itself. */
typedef struct {
  const ItvExtent *point;
  guint hits, rule;
} Hit;

static gboolean
holds_point(const ItvGuideline *g, const ItvExtent *box, const guint *rules, guint n, gpointer data)
{
  Hit *hit = data;
  gboolean in = TRUE;
  for (guint i = 0; i < g->variables->len && in; i++)
    in = itv_extent_covers(itv_guideline_variable(g, i), box[i], hit->point[i]);
  if (in) {
    hit->hits++;
    hit->rule = n ? rules[0] : ITV_NO_INDEX;
  }
  return TRUE;
}

static ItvExtent
one_value(const ItvVariable *v)
{
  const ItvExtent e = itv_variable_extent(v);
  if (!itv_variable_is_number(v))
    return (ItvExtent){.mask = 1u << g_test_rand_int_range(0, (gint32)v->choices->len)};
  const gint64 unit = v->step > 0 ? v->step * 2 : 1;
  const gint64 lo = e.lo + g_test_rand_int_range(0, (gint32)((e.hi - e.lo) / unit)) * unit;
  return (ItvExtent){.lo = lo, .hi = lo + unit};
}

static void
partition(const ItvGuideline *g)
{
  g_autofree ItvExtent *all = itv_guideline_box(g);
  g_autofree ItvExtent *point = itv_guideline_box(g);
  guint first = ITV_NO_INDEX, holding = 0;
  for (guint i = 0; i < g->variables->len; i++)
    point[i] = one_value(itv_guideline_variable(g, i));
  for (guint r = 0; r < g->rules->len; r++) {
    const ItvGuidelineRule *rule = itv_guideline_rule(g, r);
    gboolean in = TRUE;
    for (guint i = 0; i < g->variables->len && in; i++)
      in = itv_extent_covers(itv_guideline_variable(g, i), rule->extents[i], point[i]);
    if (in) {
      holding++;
      first = first == ITV_NO_INDEX ? r : first;
    }
  }
  Hit hit = {point, 0, ITV_NO_INDEX};
  g_assert_true(itv_guideline_regions(g, all, holds_point, &hit));
  g_assert_cmpuint(hit.hits, ==, 1);
  g_assert_cmpuint(hit.rule, ==, first);
  g_assert_true(g->policy == ITV_POLICY_FIRST ? holding >= 1 : holding == 1);
}

static void
for_all_shipped(void (*check)(const ItvGuideline *), int rounds)
{
  const char *source = g_getenv("ITV_SOURCE_DIR");
  g_autofree char *dir = g_build_filename(source ? source : ".", "config", "guidelines", NULL);
  g_autoptr(GDir) folder = g_dir_open(dir, 0, NULL);
  guint files = 0;
  for (const char *name = NULL; folder && (name = g_dir_read_name(folder));) {
    g_autoptr(ItvGuideline) g = shipped(name);
    for (int i = 0; i < rounds; i++)
      check(g);
    files++;
  }
  g_assert_cmpuint(files, >=, 12);
}

static void
test_learning(void)
{
  for_all_shipped(learn, 40);
}

static void
test_partition(void)
{
  for_all_shipped(partition, 300);
}

/* ---- growth --------------------------------------------------------------------------------- */

static void
test_growth(void)
{
  static const struct {
    const char *guideline, *prior, *current;
    gint32 days;
    int grown;
  } cases[] = {
      {"fleischner-2017.xml", "6mm", "8mm", 0, 1},
      {"fleischner-2017.xml", "6mm", "7.9999mm", 0, 0},
      {"fleischner-2017.xml", "0.6cm", "0.8cm", 0, 1},
      {"fleischner-2017.xml", "100mm3", "400mm3", 0, -1},
      {"lung-rads-2022.xml", "6mm", "7.5mm", 300, 0}, /* more than 1.5, not 1.5 */
      {"lung-rads-2022.xml", "6mm", "7.6mm", 300, 1},
      {"lung-rads-2022.xml", "6mm", "7.6mm", 400, 0}, /* within 12 months */
      {"lung-rads-2022.xml", "6mm", "7.6mm", 0, -1},
      {"bts-2015.xml", "100mm3", "125mm3", 0, 1},
      {"bts-2015.xml", "100mm3", "124.9mm3", 0, 0},
      {"bts-2015.xml", "0.1ml", "0.125ml", 0, 1},
      {"acr-pancreas-2017.xml", "4.9mm", "9.8mm", 0, 1},
      {"acr-pancreas-2017.xml", "4.9mm", "9.7mm", 0, 0},
      {"acr-pancreas-2017.xml", "5mm", "7.5mm", 0, 1},
      {"acr-pancreas-2017.xml", "5mm", "7.4mm", 0, 0},
      {"acr-pancreas-2017.xml", "14.9mm", "22mm", 0, 0},
      {"acr-pancreas-2017.xml", "15mm", "18mm", 0, 1},
      {"acr-pancreas-2017.xml", "15mm", "17.9mm", 0, 0},
      {"acr-renal-2018.xml", "8mm", "11mm", 365, 1}, /* 3.002 mm a year of 365.25 days */
      {"acr-renal-2018.xml", "8mm", "11mm", 366, 0},
      {"acr-renal-2018.xml", "8mm", "11mm", 0, -1},
      {"ti-rads-2017.xml", "10x10x10mm", "12x12x10mm", 0, 1},
      {"ti-rads-2017.xml", "10x10x10mm", "12x11x10mm", 0, -1}, /* its volume may have */
      {"ti-rads-2017.xml", "10mm", "13mm", 0, -1},             /* one dimension is not enough */
      {"ti-rads-2017.xml", "5x5mm", "6x6mm", 0, -1},           /* 20 %, but 1 mm */
      {"ti-rads-2017.xml", "1000mm3", "1500mm3", 0, 1},
      {"aaa-svs-2018.xml", "40mm", "45.1mm", 180, 1},
      {"aaa-svs-2018.xml", "40mm", "45mm", 180, 1}, /* 10.1 mm a year */
      {"aaa-svs-2018.xml", "40mm", "45mm", 200, 0},
      {"aaa-svs-2018.xml", "40mm", "50mm", 365, 1},
      {"evar-svs-2018.xml", "50mm", "55mm", 0, 1},
      {"evar-svs-2018.xml", "50mm", "54.9mm", 0, 0},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(ItvGuideline) g = shipped(cases[i].guideline);
    ItvGrowthInput in = {.days = cases[i].days};
    itv_growth_input_read(&in, cases[i].prior, cases[i].current, &error);
    g_assert_no_error(error);
    const int got = itv_guideline_grown(itv_guideline_growth(g, 0), &in);
    if (got != cases[i].grown)
      g_error("%s: %s to %s in %d days: %d", cases[i].guideline, cases[i].prior, cases[i].current,
              cases[i].days, got);
  }
  static const char *const bad[][2] = {{"6", "x"},     {"6mm", "6x6mm"}, {"6mm", "6mm3"},
                                       {"", "6"},      {"6x6x6x6", "6"}, {"-6", "6"},
                                       {"6kg", "6kg"}, {"x", "x"}};
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    ItvGrowthInput in = {.days = 0};
    g_assert_false(itv_growth_input_read(&in, bad[i][0], bad[i][1], NULL));
  }
}

/* ---- the calendar -------------------------------------------------------------------------------
 */

/* "2024-07-31..2025-01-31 2025-07-31..2026-01-31"; owned. */
static char *
plan(const char *guideline, const char *end, const char *exam)
{
  g_autoptr(ItvGuideline) g = shipped(guideline);
  ItvDate date = ITV_DATE_NONE;
  GString *s = g_string_new(NULL);
  g_assert_true(itv_date_parse(exam, &date));
  g_autoptr(GArray) visits =
      itv_guideline_plan(itv_guideline_end(g, itv_guideline_find_end(g, end)), date, 8);
  for (guint i = 0; i < visits->len; i++) {
    const ItvPlannedVisit *v = &g_array_index(visits, ItvPlannedVisit, i);
    g_autofree char *a = itv_date_format(v->from);
    g_autofree char *b = itv_date_format(v->until);
    g_string_append_printf(s, "%s%s", s->len ? " " : "", a);
    if (v->until != v->from)
      g_string_append_printf(s, "..%s", b);
  }
  return g_string_free(s, FALSE);
}

static void
test_plan(void)
{
  static const char *const cases[][4] = {
      {"fleischner-2017.xml", "6-12-then-18-24", "2024-01-31",
       "2024-07-31..2025-01-31 2025-07-31..2026-01-31"},
      /* every 2 years after the first window, none beyond 5 years */
      {"fleischner-2017.xml", "6-12-then-2-yearly", "2024-02-29",
       "2024-08-29..2025-02-28 2027-02-28 2029-02-28"},
      {"acr-pancreas-2017.xml", "1y-5-2y-2", "2020-02-29",
       "2021-02-28 2022-02-28 2023-02-28 2024-02-29 2025-02-28 2027-02-28 2029-02-28"},
      {"acr-pancreas-2017.xml", "2y-2", "2020-01-01", "2022-01-01 2024-01-01"},
      {"acr-renal-2018.xml", "watch", "2020-08-31",
       "2021-02-28 2021-08-31 2022-08-31 2023-08-31 2024-08-31 2025-08-31"},
      {"aaa-acc-aha-2022.xml", "2-3-yearly", "2020-01-01",
       "2022-01-01..2023-01-01 2025-01-01..2026-01-01 2028-01-01..2029-01-01 "
       "2031-01-01..2032-01-01 2034-01-01..2035-01-01 2037-01-01..2038-01-01 "
       "2040-01-01..2041-01-01 2043-01-01..2044-01-01"},
      {"bi-rads.xml", "short-interval", "2023-08-31", "2024-02-29 2024-08-31 2025-08-31"}};
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *got = plan(cases[i][0], cases[i][1], cases[i][2]);
    g_assert_cmpstr(got, ==, cases[i][3]);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/guideline/good", test_good);
  g_test_add_func("/guideline/gaps", test_gaps);
  g_test_add_func("/guideline/overlaps", test_overlaps);
  g_test_add_func("/guideline/dangling", test_dangling);
  g_test_add_func("/guideline/unreachable", test_unreachable);
  g_test_add_func("/guideline/others", test_others);
  g_test_add_func("/guideline/limit", test_limit);
  g_test_add_func("/guideline/run", test_run);
  g_test_add_func("/guideline/bad-values", test_bad_values);
  g_test_add_func("/guideline/rounding", test_rounding);
  g_test_add_func("/guideline/learning-more", test_learning);
  g_test_add_func("/guideline/partition", test_partition);
  g_test_add_func("/guideline/growth", test_growth);
  g_test_add_func("/guideline/plan", test_plan);
  return g_test_run();
}
