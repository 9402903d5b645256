/* SPDX-License-Identifier: Apache-2.0
 *
 * The public CARDS modules: each is read and runs, the lint finds exactly the
 * faults that they are known for, and our own guidelines mean as CARDS modules
 * what they mean as guidelines.
 */
#include <string.h>

#include "base/error.h"
#include "engine/cards-export.h"
#include "engine/cards-lint.h"
#include "engine/guideline.h"

/* The faults for which ids and references account, in all modules that are public. */
static const char *const known[] = {
    "ACR_LI-RADS.xml:4268 unreachable-end-point", "ACR_LI-RADS.xml:4296 unreachable-end-point",
    "LungRADS.xml:2907 dangling-reference",       "LungRADS.xml:5169 unreachable-end-point",
    "Ni-RADS.xml:1008 unreachable-end-point",     "Ni-RADS.xml:1113 unreachable-end-point",
    "Ni-RADS.xml:1166 unreachable-end-point",     "Ni-RADS.xml:1189 unreachable-end-point",
    "Ni-RADS.xml:1244 unreachable-end-point",     "Ni-RADS.xml:1270 unreachable-end-point",
    "Ni-RADS.xml:1383 unreachable-end-point",     "O-RADS.xml:2761 unreachable-end-point",
    "O-RADS.xml:2821 unreachable-end-point",      "TI-RADS_2.0.xml:2363 duplicate-id",
    "TI-RADS_2.0.xml:2693 duplicate-id",          "TI-RADS_2.0.xml:3001 duplicate-id",
};

static char *
source_path(const char *below)
{
  return g_build_filename(g_getenv("ITV_SOURCE_DIR"), below, NULL);
}

static int
by_name(gconstpointer a, gconstpointer b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Paths of the *.xml of a folder, sorted; empty when there is no such folder. */
static GPtrArray *
xml_files(const char *below)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *dir = source_path(below);
  g_autoptr(GDir) open = g_dir_open(dir, 0, NULL);
  for (const char *name = open ? g_dir_read_name(open) : NULL; name; name = g_dir_read_name(open))
    if (g_str_has_suffix(name, ".xml"))
      g_ptr_array_add(paths, g_build_filename(dir, name, NULL));
  g_ptr_array_sort(paths, by_name);
  return paths;
}

static GPtrArray *
modules(void)
{
  g_autoptr(GPtrArray) paths = xml_files("../shared/data/cards/modules");
  if (paths->len)
    return g_steal_pointer(&paths);
  g_test_skip("../shared/data/cards/modules is not there");
  return NULL;
}

static ItvCards *
load(const char *path, ItvXml **ret_xml)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvXml) xml = itv_xml_read(path, NULL, &error);
  g_assert_no_error(error);
  ItvCards *cards = itv_cards_read(xml, path, &error);
  g_assert_no_error(error);
  if (ret_xml)
    *ret_xml = g_steal_pointer(&xml);
  return cards;
}

static gboolean
is_of_ids(const char *rule)
{
  return strcmp(rule, "duplicate-id") == 0 || strcmp(rule, "dangling-reference") == 0 ||
         strcmp(rule, "unreachable-end-point") == 0;
}

static void
test_known_faults(void)
{
  g_autoptr(GPtrArray) paths = modules();
  guint n = 0;
  for (guint i = 0; paths && i < paths->len; i++) {
    g_autoptr(ItvXml) xml = NULL;
    g_autoptr(ItvCards) cards = load(paths->pdata[i], &xml);
    g_autofree char *name = g_path_get_basename(paths->pdata[i]);
    g_autoptr(GPtrArray) faults = itv_cards_lint(cards, xml, 0);
    for (guint f = 0; f < faults->len; f++) {
      const ItvCardsFault *fault = faults->pdata[f];
      g_autofree char *found = g_strdup_printf("%s:%d %s", name, fault->line, fault->rule);
      if (!is_of_ids(fault->rule))
        continue;
      g_assert_cmpuint(n, <, G_N_ELEMENTS(known));
      g_assert_cmpstr(found, ==, known[n]);
      n++;
    }
  }
  g_assert_true(!paths || n == G_N_ELEMENTS(known));
}

/* For every complete case an end point, or the decision point where none holds. */
static void
test_runs(void)
{
  g_autoptr(GPtrArray) paths = modules();
  for (guint i = 0; paths && i < paths->len; i++) {
    g_autoptr(ItvCards) cards = load(paths->pdata[i], NULL);
    g_autoptr(ItvCardsDraw) draw = itv_cards_draw_new(cards, 7 + i);
    guint reached = 0;
    for (guint k = 0; k < 300; k++) {
      g_autoptr(GHashTable) given = itv_cards_draw(draw);
      g_autoptr(GError) error = NULL;
      g_assert_nonnull(given);
      g_autoptr(ItvCardsAnswer) answer = itv_cards_run(cards, given, TRUE, &error);
      g_assert_no_error(error);
      g_assert_true(answer->outcomes->len > 0 || answer->gaps->len > 0 || answer->missing->len > 0);
      g_assert_true(answer->outcomes->len > 0 || answer->reasons->len > 0 ||
                    answer->missing->len > 0);
      reached += answer->outcomes->len > 0;
    }
    g_test_message("%s: %u of 300 cases reach an end point", (char *)paths->pdata[i], reached);
    g_assert_cmpuint(reached, >, 30);
  }
}

/* Ends, values and texts of TI-RADS, counted by hand: solid 2, hypoechoic 2, punctate 3,
 * taller than wide 3 points. */
static void
test_thyroid(void)
{
  g_autoptr(GPtrArray) paths = modules();
  g_autoptr(GHashTable) given = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GError) error = NULL;
  if (!paths)
    return;
  g_autofree char *path = source_path("../shared/data/cards/modules/TI-RADS-OPER.xml");
  g_autoptr(ItvCards) cards = load(path, NULL);
  g_hash_table_insert(given, (char[]){"composition_1"}, (char[]){"solid"});
  g_hash_table_insert(given, (char[]){"echogenicity_1"}, (char[]){"Hypoechoic"});
  g_hash_table_insert(given, (char[]){"other_1"}, (char[]){"Punctate|Taller"});
  g_hash_table_insert(given, (char[]){"diameter_1"}, (char[]){"1.2"});
  g_autoptr(ItvCardsAnswer) answer = itv_cards_run(cards, given, TRUE, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(answer->outcomes->len, ==, 1);
  const ItvCardsOutcome *outcome = answer->outcomes->pdata[0];
  g_assert_cmpstr(outcome->end->id, ==, "ReporttextTR12_1");
  const ItvCardsText *text = outcome->sections->pdata[0];
  g_assert_nonnull(strstr(text->text, "total points: 10\n"));
  g_assert_nonnull(strstr(text->text, "Punctate echogenic foci (3 points), Taller-than-wide"));
}

/* ---- export
 * --------------------------------------------------------------------------------------- */

static void
expect_same(const ItvGuideline *g, const ItvCards *cards, GHashTable *given)
{
  g_autoptr(GError) error = NULL;
  g_autofree ItvExtent *box = itv_guideline_box(g);
  for (guint i = 0; i < g->variables->len; i++) {
    const ItvVariable *v = itv_guideline_variable(g, i);
    g_autofree char *id = g_strconcat(g_ascii_isalpha(*v->name) ? "" : "v-", v->name, NULL);
    g_assert_true(itv_guideline_set(g, box, v->name, g_hash_table_lookup(given, id), &error));
    g_assert_no_error(error);
  }
  g_autoptr(ItvGuidelineAnswer) ours = itv_guideline_run(g, box);
  g_autoptr(ItvCardsAnswer) theirs = itv_cards_run(cards, given, TRUE, &error);
  g_assert_no_error(error);
  if (!ours->end) {
    g_assert_cmpuint(theirs->outcomes->len, ==, 0);
    return;
  }
  g_autofree char *id = g_strconcat("_end-", ours->end->id, NULL);
  g_assert_cmpuint(theirs->outcomes->len, ==, 1);
  g_assert_cmpstr(((ItvCardsOutcome *)theirs->outcomes->pdata[0])->end->id, ==, id);
}

/* The same end point for many cases, of which many lie on and beside the bounds. */
static void
expect_same_module(const ItvGuideline *g, guint32 seed)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *rng = source_path("schemas/cards.rng");
  g_autofree char *text = itv_cards_export(g);
  g_autoptr(GPtrArray) complaints = itv_xml_relaxng(text, strlen(text), g->id, rng, 5, &error);
  g_assert_no_error(error);
  if (complaints->len)
    g_error("%s", (char *)complaints->pdata[0]);
  g_autoptr(ItvXml) xml = itv_xml_parse(text, strlen(text), g->id, NULL, &error);
  g_assert_no_error(error);
  g_autoptr(ItvCards) cards = itv_cards_read(xml, g->id, &error);
  g_assert_no_error(error);
  g_autoptr(ItvCardsDraw) draw = itv_cards_draw_new(cards, seed);
  for (guint k = 0; k < 1000; k++) {
    g_autoptr(GHashTable) given = itv_cards_draw(draw);
    g_assert_nonnull(given);
    expect_same(g, cards, given);
  }
}

static ItvGuideline *
load_guideline(const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *xsd = source_path("schemas/guideline.xsd");
  g_autoptr(GArray) faults = itv_faults_new();
  ItvGuideline *g = itv_guideline_load(path, xsd, faults, &error);
  g_assert_no_error(error);
  return g;
}

static void
test_export(void)
{
  g_autoptr(GPtrArray) paths = xml_files("config/guidelines");
  g_assert_cmpuint(paths->len, >, 0);
  for (guint i = 0; i < paths->len; i++) {
    g_autoptr(ItvGuideline) g = load_guideline(paths->pdata[i]);
    expect_same_module(g, 3 + i);
  }
}

/* Of overlapping rules the first counts: CARDS would take them all. */
static void
test_export_first(void)
{
  g_autofree char *path = source_path("config/guidelines/fleischner-2017.xml");
  g_autoptr(ItvGuideline) g = load_guideline(path);
  g->policy = ITV_POLICY_FIRST;
  for (guint i = 1; i < g->rules->len; i++)
    itv_guideline_rule(g, i)->extents[i % g->variables->len] =
        itv_variable_extent(itv_guideline_variable(g, i % g->variables->len));
  expect_same_module(g, 11);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/cards-modules/known-faults", test_known_faults);
  g_test_add_func("/cards-modules/runs", test_runs);
  g_test_add_func("/cards-modules/thyroid", test_thyroid);
  g_test_add_func("/cards-modules/export", test_export);
  g_test_add_func("/cards-modules/export-first", test_export_first);
  return g_test_run();
}
