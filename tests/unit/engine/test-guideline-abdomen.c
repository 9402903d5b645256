/* SPDX-License-Identifier: Apache-2.0
 *
 * Abdomen, neck and pelvis: every case of a full grid, the file against the table.
 */
#include "oracle.h"

static const char *
adrenal(const Point *p)
{
  const int mm = whole(p, "size");
  const gboolean cancer = yes(p, "cancer-history");
  if (mm < 10 || yes(p, "benign-features") || is(p, "prior", "stable-1-year"))
    return "none";
  if (is(p, "prior", "new-or-enlarging"))
    return cancer ? "procedure" : "imaging CT: at P6M..P1Y";
  if (mm >= 40)
    return cancer ? "procedure" : "consider referral";
  if (is(p, "washout", "benign"))
    return "none";
  if (is(p, "washout", "low"))
    return "consider imaging CT/MR: at P1Y";
  if (cancer)
    return "outside";
  return mm <= 20 ? "consider imaging CT/MR: at P1Y" : "imaging CT: at P0D";
}

static void
test_adrenal(void)
{
  COMPARE("acr-adrenal-2017", adrenal, {"size", NULL, 0, 1000, 1}, {"benign-features", NO_YES},
          {"prior", "none stable-1-year new-or-enlarging", 0, 0, 0}, {"cancer-history", NO_YES},
          {"washout", "not-done benign low", 0, 0, 0});
}

static const char *
renal(const Point *p)
{
  const int mm = whole(p, "size"), hu = whole(p, "attenuation");
  if (is(p, "mass", "solid"))
    return mm < 10 ? "imaging CT/MR: at P6M, at P1Y, every P1Y x4, stop P5Y" : "referral";
  if (is(p, "mass", "too-small")) {
    if (mm >= 15)
      return "outside";
    return yes(p, "looks-benign") ? "none" : "imaging CT/MR: at P6M..P1Y";
  }
  if (is(p, "mass", "fat"))
    return mm >= 40 || num(p, "aneurysm") >= 50 || yes(p, "growth-or-symptoms") ? "referral"
                                                                                : "none";
  if (is(p, "mass", "homogeneous") && ((hu >= -10 && hu <= 20) || hu >= 70))
    return "none";
  return mm >= 10 ? "imaging CT/MR: at P0D" : "outside";
}

#define MASSES "homogeneous solid too-small indeterminate fat"

static void
test_renal(void)
{
  COMPARE("acr-renal-2018", renal, {"mass", MASSES, 0, 0, 0}, {"size", NULL, 0, 500, 1},
          {"attenuation", NULL, -200, 800, 250}, {"looks-benign", NO_YES},
          {"growth-or-symptoms", NO_YES}, {"aneurysm", NULL, 0, 60, 30});
  COMPARE("acr-renal-2018", renal, {"mass", MASSES, 0, 0, 0}, {"size", NULL, 80, 420, 20},
          {"attenuation", NULL, -110, 710, 5}, {"looks-benign", "no", 0, 0, 0},
          {"growth-or-symptoms", "no", 0, 0, 0}, {"aneurysm", NULL, 48, 51, 1});
}

static const char *
bosniak(const Point *p)
{
  if (is(p, "class", "i") || is(p, "class", "ii"))
    return "none";
  return is(p, "class", "iif") ? "imaging CT/MR: at P6M, at P1Y, every P1Y x4, stop P5Y"
                               : "referral";
}

static void
test_bosniak(void)
{
  COMPARE("bosniak-2019", bosniak, {"class", "i ii iif iii iv", 0, 0, 0});
}

#define MOST_OFTEN "every P6M x4, every P1Y x2, every P2Y x3, stop P10Y, stop at age 80"

static const char *
pancreas(const Point *p)
{
  const int mm = whole(p, "size"), years = num(p, "age") / 10;
  if (yes(p, "high-risk-feature"))
    return "outside";
  if (mm < 5) /* the white dot */
    return years < 75 ? "imaging CT/MR: at P2Y" : "consider imaging CT/MR: at P2Y";
  if (years >= 80)
    return "imaging CT/MR: every P2Y x2, stop P4Y";
  if (mm < 15)
    return years < 65 ? "imaging CT/MR: every P1Y x5, every P2Y x2, stop P9Y, stop at age 80"
                      : "imaging CT/MR: every P2Y x5, stop P10Y, stop at age 80";
  if (mm > 25)
    return "procedure: " MOST_OFTEN;
  if (yes(p, "communicates") && mm <= 19)
    return "imaging CT/MR: every P1Y x5, every P2Y x2, stop P9Y, stop at age 80";
  return "imaging CT/MR: " MOST_OFTEN;
}

static void
test_pancreas(void)
{
  COMPARE("acr-pancreas-2017", pancreas, {"high-risk-feature", NO_YES}, {"age", NULL, 600, 820, 10},
          {"size", NULL, 0, 400, 1}, {"communicates", NO_YES});
  COMPARE("acr-pancreas-2017", pancreas, {"high-risk-feature", "no", 0, 0, 0},
          {"age", NULL, 0, 1300, 10}, {"size", NULL, 20, 320, 30}, {"communicates", NO_YES});
}

static const char *
liver(const Point *p)
{
  const int mm = whole(p, "size");
  const gboolean high = is(p, "risk", "high");
  if (yes(p, "new-with-cancer"))
    return "referral";
  if (mm < 10)
    return high ? "imaging MR: at P3M..P6M" : "none";
  if (is(p, "features", "benign"))
    return "none";
  if (mm <= 15)
    return is(p, "features", "suspicious") || high ? "imaging MR: at P0D" : "none";
  return "imaging MR: at P0D";
}

static void
test_liver(void)
{
  COMPARE("acr-liver-2017", liver, {"new-with-cancer", NO_YES}, {"size", NULL, 0, 3000, 1},
          {"risk", "low high", 0, 0, 0}, {"features", "benign suspicious flash-filling", 0, 0, 0});
}

static const char *
thyroid(const Point *p)
{
  const int mm = whole(p, "size");
  if (yes(p, "limited-life-expectancy"))
    return "none";
  if (yes(p, "fdg-focal") || yes(p, "suspicious"))
    return "imaging US: at P0D";
  return mm >= (num(p, "age") < 350 ? 10 : 15) ? "imaging US: at P0D" : "none";
}

static void
test_thyroid(void)
{
  COMPARE("acr-thyroid-2015", thyroid, {"limited-life-expectancy", NO_YES}, {"fdg-focal", NO_YES},
          {"suspicious", NO_YES}, {"age", NULL, 0, 1300, 10}, {"size", NULL, 80, 170, 1});
}

static const char *
ti_rads(const Point *p)
{
  static const struct {
    const char *level;
    int follow, fna;
    const char *times;
  } rows[] = {{"tr3", 15, 25, "imaging US: at P1Y, at P3Y, at P5Y, stop P5Y"},
              {"tr4", 10, 15, "imaging US: at P1Y, at P2Y, at P3Y, at P5Y, stop P5Y"},
              {"tr5", 5, 10, "imaging US: every P1Y x5, stop P5Y"}};
  const int mm = whole(p, "size");
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
    if (is(p, "level", rows[i].level))
      return mm >= rows[i].fna ? "procedure" : mm >= rows[i].follow ? rows[i].times : "none";
  return "none";
}

static void
test_ti_rads(void)
{
  COMPARE("ti-rads-2017", ti_rads, {"level", "tr1 tr2 tr3 tr4 tr5", 0, 0, 0},
          {"size", NULL, 0, 2000, 1});
}

static const char *
adnexal(const Point *p)
{
  const int mm = whole(p, "size");
  const gboolean pre = is(p, "menopause", "pre");
  if (is(p, "finding", "haemorrhagic"))
    return !pre ? "outside" : mm <= 50 ? "none" : "imaging US: at P2M..P3M";
  if (is(p, "finding", "simple-by-mr"))
    return mm <= (pre ? 70 : 50) ? "none" : "imaging US: at P6M..P1Y";
  if (mm <= (pre ? 50 : 30))
    return "none";
  return yes(p, "limited-exam") ? "imaging US: at P0D" : "imaging US: at P6M..P1Y";
}

static const char *
o_rads_2020(const Point *p)
{
  const int mm = whole(p, "size");
  const gboolean pre = is(p, "menopause", "pre");
  if (mm >= 100)
    return "referral";
  if (is(p, "finding", "dermoid") || is(p, "finding", "endometrioma"))
    return "imaging US: consider at P8W..P12W, every P1Y";
  if (is(p, "finding", "simple") && !pre && mm >= 30)
    return "imaging US: every P1Y x5, stop P5Y";
  if (pre && mm >= (is(p, "finding", "unilocular-smooth") ? 30 : 50))
    return "imaging US: at P8W..P12W";
  return "outside";
}

static const char *
o_rads_2022(const Point *p)
{
  const int mm = whole(p, "size");
  const gboolean pre = is(p, "menopause", "pre");
  if (mm >= 100)
    return "referral";
  if (is(p, "finding", "dermoid") || is(p, "finding", "endometrioma"))
    return "imaging US: every P1Y";
  if (is(p, "finding", "simple") && mm > (pre ? 50 : 30))
    return "imaging US: at P1Y";
  if (is(p, "finding", "haemorrhagic") && pre && mm > 50)
    return "imaging US: at P2M..P3M";
  return "outside";
}

static void
test_adnexal(void)
{
  COMPARE("acr-adnexal-2020", adnexal, {"finding", "simple simple-by-mr haemorrhagic", 0, 0, 0},
          {"menopause", "pre post", 0, 0, 0}, {"size", NULL, 0, 1500, 1}, {"limited-exam", NO_YES});
  COMPARE("o-rads-us-2020", o_rads_2020,
          {"finding", "simple unilocular-smooth haemorrhagic dermoid endometrioma", 0, 0, 0},
          {"menopause", "pre post", 0, 0, 0}, {"size", NULL, 0, 1500, 1});
  COMPARE("o-rads-us-2022", o_rads_2022,
          {"finding", "simple haemorrhagic dermoid endometrioma other", 0, 0, 0},
          {"menopause", "pre post", 0, 0, 0}, {"size", NULL, 0, 1500, 1});
}

/* Every guideline that ships must be among those that are compared. */
static void
test_none_left_out(void)
{
  static const char *const compared[] = {"fleischner-2017",
                                         "lung-rads-2022",
                                         "bts-2015",
                                         "bi-rads",
                                         "aaa-svs-2018",
                                         "aaa-naaasp",
                                         "aaa-acc-aha-2022",
                                         "evar-svs-2018",
                                         "acr-adrenal-2017",
                                         "acr-renal-2018",
                                         "bosniak-2019",
                                         "acr-pancreas-2017",
                                         "acr-liver-2017",
                                         "ti-rads-2017",
                                         "acr-thyroid-2015",
                                         "acr-adnexal-2020",
                                         "o-rads-us-2020",
                                         "o-rads-us-2022",
                                         NULL};
  g_autoptr(GError) error = NULL;
  const char *source = g_getenv("ITV_SOURCE_DIR");
  g_autofree char *dir = g_strdup_printf("%s/config/guidelines", source ? source : ".");
  g_autofree char *xsd = g_strdup_printf("%s/schemas/guideline.xsd", source ? source : ".");
  g_autoptr(GPtrArray) all = itv_guidelines_load(dir, xsd, &error);
  g_assert_no_error(error);
  for (guint i = 0; i < all->len; i++) {
    const ItvGuideline *g = all->pdata[i];
    if (!g_strv_contains(compared, g->id))
      g_error("%s has no oracle", g->id);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/guideline-oracle/acr-adrenal-2017", test_adrenal);
  g_test_add_func("/guideline-oracle/acr-renal-2018", test_renal);
  g_test_add_func("/guideline-oracle/bosniak-2019", test_bosniak);
  g_test_add_func("/guideline-oracle/acr-pancreas-2017", test_pancreas);
  g_test_add_func("/guideline-oracle/acr-liver-2017", test_liver);
  g_test_add_func("/guideline-oracle/acr-thyroid-2015", test_thyroid);
  g_test_add_func("/guideline-oracle/ti-rads-2017", test_ti_rads);
  g_test_add_func("/guideline-oracle/adnexal", test_adnexal);
  g_test_add_func("/guideline-oracle/none-left-out", test_none_left_out);
  return g_test_run();
}
