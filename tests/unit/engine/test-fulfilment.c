/* SPDX-License-Identifier: Apache-2.0
 *
 * config/fulfilment.xml: what the shipped file says is what the contract says, and files
 * that contradict themselves are refused by file and line.
 */
#include <string.h>

#include "base/error.h"
#include "engine/fulfilment.h"
#include "story.h"

#define HEAD "<fulfilment version=\"1\">\n"
#define TAIL "<early divisor=\"3\" max-days=\"30\"/></fulfilment>"

static char *
source_file(const char *name)
{
  return g_build_filename(g_getenv("ITV_SOURCE_DIR"), name, NULL);
}

static ItvFulfilment *
parse(const char *text, GError **error)
{
  g_autofree char *xsd = source_file("schemas/fulfilment.xsd");
  return itv_fulfilment_parse(text, strlen(text), "site.xml", xsd, error);
}

/* The contract, section 3, written down once more. */
static gboolean
contract_covers(ItvRegion have, ItvRegion want, ItvModality by)
{
  static const struct {
    ItvRegion have;
    ItvRegionSet shows;
  } rows[] = {
      {ITV_REGION_HEAD, REG(BRAIN) | REG(ORBIT) | REG(SINUS) | REG(FACE)},
      {ITV_REGION_NECK, REG(THYROID)},
      {ITV_REGION_SPINE, REG(CSPINE) | REG(TSPINE) | REG(LSPINE)},
      {ITV_REGION_CHEST, REG(LUNG) | REG(HEART) | REG(AORTA)},
      {ITV_REGION_ABDOMEN, REG(LIVER) | REG(KIDNEY) | REG(ADRENAL) | REG(PANCREAS) | REG(SPLEEN) |
                               REG(GALLBLADDER) | REG(AORTA)},
      {ITV_REGION_PELVIS, REG(UTERUS) | REG(OVARY) | REG(BLADDER) | REG(PROSTATE)},
  };
  const gboolean film = by == ITV_MODALITY_XR, ct = by == ITV_MODALITY_CT,
                 mr = by == ITV_MODALITY_MR;
  if (have == want || have == ITV_REGION_WHOLEBODY)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
    if (rows[i].have == have && (rows[i].shows & ITV_REGION_BIT(want)))
      return TRUE;
  return (have == ITV_REGION_PELVIS && want == ITV_REGION_HIP && (ct || mr || film)) ||
         (have == ITV_REGION_BRAIN && want == ITV_REGION_HEAD && (ct || mr)) ||
         (have == ITV_REGION_LUNG && want == ITV_REGION_CHEST && (ct || film));
}

static void
test_shipped_covers(void)
{
  for (int have = 1; have < ITV_REGION_N; have++)
    for (int want = 1; want < ITV_REGION_N; want++)
      for (int by = 1; by < ITV_MODALITY_N; by++)
        if (itv_fulfilment_covers(NULL, ITV_REGION_BIT(have), (ItvRegion)want,
                                  ITV_MODALITY_BIT(by)) !=
            contract_covers((ItvRegion)have, (ItvRegion)want, (ItvModality)by))
          g_error("%s by %s for %s is not as the contract says", itv_region_code((ItvRegion)have),
                  itv_modality_code((ItvModality)by), itv_region_code((ItvRegion)want));
  g_assert_false(itv_fulfilment_covers(NULL, REG(CHEST), ITV_REGION_NONE, MOD(CT)));
}

static void
test_shipped_rest(void)
{
  g_assert_true(itv_fulfilment_serves(NULL, MOD(XR), ITV_REGION_CHEST, MOD(CT)));
  g_assert_true(itv_fulfilment_serves(NULL, MOD(CT), ITV_REGION_LIVER, MOD(MR)));
  g_assert_false(itv_fulfilment_serves(NULL, MOD(CT), ITV_REGION_CHEST, MOD(MR)));
  g_assert_false(itv_fulfilment_serves(NULL, MOD(MR), ITV_REGION_LIVER, MOD(CT)));
  g_assert_true(itv_fulfilment_serves(NULL, 0, ITV_REGION_LIVER, MOD(US)));
  g_assert_cmpint(itv_fulfilment_early_divisor(NULL), ==, 3);
  g_assert_cmpint(itv_fulfilment_early_days(NULL), ==, 30);
  g_assert_true(itv_fulfilment_paired(NULL) & REG(KNEE));
  g_assert_true(itv_fulfilment_both_sides(NULL) & REG(ABDOMEN));
  const ItvActSet biopsy = itv_fulfilment_acts(NULL, "CT-guided BIOPSY of the lung", -1);
  g_assert_cmpstr(itv_fulfilment_act_name(NULL, biopsy), ==, "biopsy");
  g_assert_true(itv_fulfilment_acts_of_place(NULL, biopsy));
  g_assert_cmpuint(itv_fulfilment_acts(NULL, "autobiopsyx", -1), ==, 0);
  g_assert_cmpuint(itv_fulfilment_settles(NULL, biopsy, "nodule"), ==, biopsy);
  g_assert_cmpuint(itv_fulfilment_settles(NULL, biopsy, "fracture"), ==, 0);
}

/* What is built in is the file that is installed. */
static void
test_file_loads(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = source_file("config/fulfilment.xml");
  g_autofree char *xsd = source_file("schemas/fulfilment.xsd");
  g_autoptr(ItvFulfilment) f = itv_fulfilment_load(path, xsd, &error);
  g_assert_no_error(error);
  g_assert_nonnull(f);
}

static void
test_refused(void)
{
  static const struct {
    const char *text, *complaint;
  } rows[] = {
      {HEAD "<covers region=\"chest\" shows=\"lung\"/>\n<covers region=\"lung\" "
            "shows=\"heart\"/>\n<covers region=\"heart\" shows=\"chest\"/>" TAIL,
       "site.xml:4: heart cannot show chest"},
      {HEAD "<covers region=\"chest\" shows=\"chest\"/>" TAIL, "site.xml:2: chest cannot show"},
      {HEAD "<covers region=\"chest\" shows=\"toe\"/>" TAIL, "\"toe\" is no region"},
      {HEAD "<covers region=\"chst\" shows=\"lung\"/>" TAIL, "\"chst\" is no region"},
      {HEAD "<covers region=\"chest\" shows=\"lung\" modality=\"XX\"/>" TAIL, "site.xml:2"},
      {HEAD "<composed region=\"spine\" parts=\"spine lspine\"/>" TAIL, "a part of itself"},
      {HEAD "<composed region=\"spine\" parts=\"lspine\"/>" TAIL, "one part only"},
      {HEAD "<paired regions=\"knee\"/><both-sides regions=\"knee\"/>" TAIL, "<both-sides>"},
      {HEAD "<serves modality=\"MR\" for=\"CT\" regions=\"brain\"/>\n<serves modality=\"CT\" "
            "for=\"MR\"/>" TAIL,
       "site.xml:3: \"CT\" for MR goes in a circle in brain"},
      {HEAD TAIL "x", "site.xml"},
      {HEAD "</fulfilment>", "early"},
      {HEAD "<early divisor=\"0\" max-days=\"30\"/></fulfilment>", "divisor"},
      {HEAD "<early divisor=\"3\" max-days=\"30\"/><act id=\"a\" words=\"x|\"/></fulfilment>",
       "empty word"},
      {HEAD "<early divisor=\"3\" max-days=\"30\"/><act id=\"a\" words=\"x\"/><act id=\"a\" "
            "words=\"y\"/></fulfilment>",
       "given twice"},
      {HEAD "<early divisor=\"3\" max-days=\"30\"/><settles acts=\"b\"/></fulfilment>",
       "no act is called \"b\""},
  };
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(ItvFulfilment) f = parse(rows[i].text, &error);
    g_assert_null(f);
    g_assert_error(error, ITV_ERROR, ITV_ERROR_CONFIG);
    if (!strstr(error->message, rows[i].complaint))
      g_error("row %u: \"%s\" does not say \"%s\"", i, error->message, rows[i].complaint);
  }
}

/* What covers one another under a condition only is no circle; nor is MR for CT of one
 * part and CT for MR of another. */
static void
test_accepted(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvFulfilment) f =
      parse(HEAD "<covers region=\"chest\" shows=\"lung\"/><covers region=\"lung\" "
                 "shows=\"chest\" modality=\"CT\"/>"
                 "<serves modality=\"MR\" for=\"CT\" regions=\"brain\"/>"
                 "<serves modality=\"CT\" for=\"MR\" regions=\"lung\"/>" TAIL,
            &error);
  g_assert_no_error(error);
  g_assert_true(itv_fulfilment_covers(f, REG(LUNG), ITV_REGION_CHEST, MOD(CT)));
  g_assert_false(itv_fulfilment_covers(f, REG(LUNG), ITV_REGION_CHEST, MOD(MR)));
  g_assert_false(itv_fulfilment_covers(f, REG(WHOLEBODY), ITV_REGION_CHEST, MOD(CT)));
}

/* ---- what comes of it ------------------------------------------------------------------ */

static const ItvCandidate *
candidate_of(GPtrArray *items, guint n)
{
  g_assert_cmpuint(items->len, ==, 1);
  const ItvFollowup *f = g_ptr_array_index(items, 0);
  g_assert_cmpint(f->status, ==, ITV_STATUS_REVIEW);
  g_assert_cmpuint(f->candidates->len, >, n);
  return &g_array_index(f->candidates, ItvCandidate, n);
}

static void
expect_reason(const ItvCandidate *c, const char *reason)
{
  for (guint i = 0; i < c->reasons->len; i++)
    if (strcmp(c->reasons->pdata[i], reason) == 0)
      return;
  g_error("no reason \"%s\"", reason);
}

/* A site's rules take the place of the built-in ones. */
static void
test_site_rules(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvFulfilment) f =
      parse(HEAD "<serves modality=\"MR\" for=\"CT\" regions=\"chest\"/>" TAIL, &error);
  g_assert_no_error(error);
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P6M"}});
  REPORT(s, .acc = "B2", .on = "2024-08-01", EXAM(MR, CHEST));
  expect(s, "2024-08-01", "review CT chest B2: another modality", NULL);
  s->rules.fulfilment = f;
  expect(s, "2024-08-01", "fulfilled CT chest by B2", NULL);
}

static void
test_scores(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{EXAM(CT, CHEST), .in = "P6M"}});
  REPORT(s, .acc = "B2", .on = "2024-02-01", EXAM(CT, CHEST));
  REPORT(s, .acc = "C3", .on = "2024-08-01", EXAM(US, CHEST));
  REPORT(s, .acc = "D4", .on = "2024-05-20", EXAM(CT, CHEST));
  g_autoptr(GPtrArray) items = itv_derive(s->h, &s->rules, day("2024-08-02"));
  const ItvCandidate *best = candidate_of(items, 0), *next = candidate_of(items, 1),
                     *last = candidate_of(items, 2);
  g_assert_cmpstr(best->accession, ==, "D4");
  g_assert_cmpstr(next->accession, ==, "C3");
  g_assert_cmpstr(last->accession, ==, "B2");
  g_assert_cmpfloat(best->score, >, next->score);
  g_assert_cmpfloat_with_epsilon(next->score, 0.4, 1e-9);
  g_assert_cmpfloat(last->score, >, 0);
  expect_reason(best, "time: early, 21 days before the first day that counts");
  expect_reason(next, "modality: US, not CT");
  expect_reason(next, "region: chest, as asked");
  expect_reason(next, "time: within the window");
}

static void
test_part_of_the_spine(void)
{
  g_autoptr(Story) s = story_new();
  REPORT(s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
         .asks = {{EXAM(MR, SPINE), .in = "P3M"}});
  REPORT(s, .acc = "B2", .on = "2024-04-12", EXAM(MR, LSPINE), .more = REG(TSPINE));
  g_autoptr(GPtrArray) items = itv_derive(s->h, &s->rules, day("2024-04-12"));
  const ItvCandidate *c = candidate_of(items, 0);
  g_assert_cmpfloat_with_epsilon(c->score, 0.67, 1e-9);
  expect_reason(c, "region: covers tspine, lspine of spine (cspine, tspine, lspine): partial");
}

/* A biopsy of what was to be watched is for a person; of another place, of another finding
 * or of none that is named, it is nothing. */
static void
test_settles(void)
{
  static const struct {
    ItvRegion region;
    const char *head, *description, *line;
  } rows[] = {
      {ITV_REGION_LUNG, "nodule", "SURGICAL PATHOLOGY LUNG BIOPSY", "review CT chest B2: it may"},
      {ITV_REGION_LUNG, "nodule", "WEDGE RESECTION LUNG", "review CT chest B2: it may"},
      {ITV_REGION_LIVER, "nodule", "BIOPSY LIVER", "not-due CT chest"},
      {ITV_REGION_LUNG, "fibrosis", "BIOPSY LUNG", "not-due CT chest"},
      {ITV_REGION_LUNG, NULL, "BIOPSY LUNG", "not-due CT chest"},
      {ITV_REGION_NONE, "nodule", "BIOPSY", "not-due CT chest"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Story) s = story_new();
    REPORT(
        s, .acc = "A1", .on = "2024-01-10", EXAM(CT, CHEST),
        .asks = {{EXAM(CT, CHEST), .in = "P12M", .finding = rows[i].head, .head = rows[i].head}});
    REPORT(s, .acc = "B2", .on = "2024-02-01", .region = rows[i].region,
           .desc = rows[i].description);
    expect(s, "2024-03-01", rows[i].line, NULL);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/fulfilment/shipped-covers", test_shipped_covers);
  g_test_add_func("/fulfilment/shipped-rest", test_shipped_rest);
  g_test_add_func("/fulfilment/file-loads", test_file_loads);
  g_test_add_func("/fulfilment/refused", test_refused);
  g_test_add_func("/fulfilment/accepted", test_accepted);
  g_test_add_func("/fulfilment/site-rules", test_site_rules);
  g_test_add_func("/fulfilment/scores", test_scores);
  g_test_add_func("/fulfilment/part-of-the-spine", test_part_of_the_spine);
  g_test_add_func("/fulfilment/settles", test_settles);
  return g_test_run();
}
