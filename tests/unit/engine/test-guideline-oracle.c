/* SPDX-License-Identifier: Apache-2.0
 *
 * Chest, breast and aorta: every case of a full grid, the file against the table.
 */
#include "oracle.h"

/* Fleischner 2017, Table 1: mean of long and short axis to the nearest mm. */
static const char *
fleischner(const Point *p)
{
  const int mm = whole(p, "size");
  const gboolean high = is(p, "risk", "high"), single = is(p, "count", "single");
  if (num(p, "age") < 350 || yes(p, "cancer-history") || yes(p, "immunosuppressed") ||
      yes(p, "screening"))
    return "outside";
  if (is(p, "density", "solid")) {
    if (mm < 6)
      return high ? "consider imaging CT: at P1Y" : "none";
    if (!single)
      return high ? "imaging CT: at P3M..P6M, at P1Y6M..P2Y"
                  : "imaging CT: at P3M..P6M, consider at P1Y6M..P2Y";
    if (mm > 8)
      return "consider imaging CT/PT: at P3M";
    return high ? "imaging CT: at P6M..P1Y, at P1Y6M..P2Y"
                : "imaging CT: at P6M..P1Y, consider at P1Y6M..P2Y";
  }
  if (!single)
    return mm < 6 ? "imaging CT: at P3M..P6M, consider at P2Y, consider at P4Y"
                  : "imaging CT: at P3M..P6M";
  if (mm < 6)
    return "none";
  return is(p, "density", "ground-glass") ? "imaging CT: at P6M..P1Y, every P2Y, stop P5Y"
                                          : "imaging CT: at P3M..P6M, every P1Y x5, stop P6Y";
}

static void
test_fleischner(void)
{
  COMPARE("fleischner-2017", fleischner, {"age", NULL, 330, 370, 10}, {"cancer-history", NO_YES},
          {"immunosuppressed", NO_YES}, {"screening", NO_YES},
          {"density", "solid part-solid ground-glass", 0, 0, 0},
          {"count", "single multiple", 0, 0, 0}, {"size", NULL, 0, 150, 1},
          {"risk", "low high", 0, 0, 0});
  COMPARE("fleischner-2017", fleischner, {"age", NULL, 0, 1300, 10},
          {"cancer-history", "no", 0, 0, 0}, {"immunosuppressed", "no", 0, 0, 0},
          {"screening", "no", 0, 0, 0}, {"density", "solid part-solid ground-glass", 0, 0, 0},
          {"count", "single multiple", 0, 0, 0}, {"size", NULL, 0, 300, 25},
          {"risk", "low high", 0, 0, 0});
}

/* Lung-RADS v2022: the category of a solid, part-solid or ground-glass nodule. */
static int
solid_category(const Point *p, int mm10)
{
  if (is(p, "timing", "stable"))
    return is(p, "previous", "4b") ? -1 : is(p, "previous", "4a") ? 3 : 2;
  if (is(p, "timing", "slow-growth"))
    return 5;
  if (is(p, "timing", "baseline"))
    return mm10 < 60 ? 2 : mm10 < 80 ? 3 : mm10 < 150 ? 4 : 5;
  if (is(p, "timing", "new"))
    return mm10 < 40 ? 2 : mm10 < 60 ? 3 : mm10 < 80 ? 4 : 5;
  return mm10 < 80 ? 4 : 5;
}

static int
part_solid_category(const Point *p)
{
  const int total = num(p, "size"), solid = num(p, "solid-part");
  if (is(p, "timing", "stable"))
    return is(p, "previous", "4b") ? -1 : is(p, "previous", "4a") ? 3 : 2;
  if (is(p, "timing", "slow-growth"))
    return 5;
  if (is(p, "timing", "baseline"))
    return total < 60 ? 2 : solid < 60 ? 3 : solid < 80 ? 4 : 5;
  if (is(p, "timing", "new") && total < 60)
    return 3;
  return solid < 40 ? 4 : 5;
}

static int
nodule_category(const Point *p)
{
  const int size = num(p, "size");
  if (is(p, "nodule", "inflammatory"))
    return 0;
  if (is(p, "nodule", "none") || is(p, "nodule", "benign"))
    return 1;
  if (is(p, "nodule", "juxtapleural"))
    return size < 100 && !is(p, "timing", "growing") && !is(p, "timing", "slow-growth")
               ? 2
               : solid_category(p, size);
  if (is(p, "nodule", "solid"))
    return solid_category(p, size);
  if (is(p, "nodule", "part-solid"))
    return part_solid_category(p);
  if (is(p, "nodule", "ground-glass"))
    return size < 300 || is(p, "timing", "stable") || is(p, "timing", "slow-growth") ? 2 : 3;
  if (is(p, "nodule", "airway-subsegmental"))
    return 2;
  if (is(p, "nodule", "airway-proximal"))
    return is(p, "timing", "baseline") || is(p, "timing", "new") ? 4 : 5;
  return is(p, "nodule", "cyst") ? 4 : is(p, "nodule", "cyst-cystic-growth") ? 3 : 5;
}

static const char *
lung_rads(const Point *p)
{
  static const char *const action[] = {"imaging CT: at P1M..P3M", "imaging CT: at P1Y",
                                       "imaging CT: at P1Y",      "imaging CT: at P6M",
                                       "imaging CT: at P3M",      "referral"};
  static const char *const stated[] = {"0-inflammatory", "1", "2", "3", "4a", "4b"};
  if (!yes(p, "screening"))
    return "outside";
  if (is(p, "category", "0-prior"))
    return "clinical";
  if (is(p, "category", "4x"))
    return "referral";
  for (guint i = 0; i < G_N_ELEMENTS(stated); i++)
    if (is(p, "category", stated[i]))
      return action[i];
  const int category = nodule_category(p);
  if (category < 0)
    return "outside";
  return category >= 3 && yes(p, "suspicion") ? "referral" : action[category];
}

#define NODULES                                                                                    \
  "none benign juxtapleural solid part-solid ground-glass airway-subsegmental airway-proximal "    \
  "cyst cyst-cystic-growth cyst-wall-growth inflammatory"
#define TIMINGS "baseline new growing slow-growth stable"

static void
test_lung_rads(void)
{
  COMPARE("lung-rads-2022", lung_rads, {"screening", NO_YES},
          {"category", "not-stated 0-prior 0-inflammatory 1 2 3 4a 4b 4x", 0, 0, 0},
          {"nodule", NODULES, 0, 0, 0}, {"timing", TIMINGS, 0, 0, 0}, {"size", NULL, 0, 320, 40},
          {"solid-part", NULL, 0, 40, 40}, {"previous", "2 3 4a 4b", 0, 0, 0},
          {"suspicion", NO_YES});
  COMPARE("lung-rads-2022", lung_rads, {"screening", "yes", 0, 0, 0},
          {"category", "not-stated", 0, 0, 0}, {"nodule", NODULES, 0, 0, 0},
          {"timing", TIMINGS, 0, 0, 0}, {"size", NULL, 0, 310, 1}, {"solid-part", NULL, 50, 50, 1},
          {"previous", "3", 0, 0, 0}, {"suspicion", NO_YES});
  COMPARE("lung-rads-2022", lung_rads, {"screening", "yes", 0, 0, 0},
          {"category", "not-stated", 0, 0, 0}, {"nodule", "part-solid", 0, 0, 0},
          {"timing", TIMINGS, 0, 0, 0}, {"size", NULL, 55, 65, 1}, {"solid-part", NULL, 0, 100, 1},
          {"previous", "2 3 4a 4b", 0, 0, 0}, {"suspicion", NO_YES});
}

static const char *
bts(const Point *p)
{
  if (yes(p, "volumetry"))
    return num(p, "volume") < 800 ? "none" : "imaging CT: at P3M";
  const int mm10 = num(p, "size");
  return mm10 < 50 ? "none" : mm10 < 60 ? "imaging CT: at P1Y" : "imaging CT: at P3M";
}

static void
test_bts(void)
{
  COMPARE("bts-2015", bts, {"volumetry", NO_YES}, {"volume", NULL, 700, 900, 1},
          {"size", NULL, 0, 150, 1});
}

static const char *
bi_rads(const Point *p)
{
  if (is(p, "category", "0"))
    return "imaging MR/US/MG: at P0D";
  if (is(p, "category", "1") || is(p, "category", "2"))
    return "none";
  return is(p, "category", "3") ? "imaging MR/US/MG: at P6M, at P1Y, at P2Y, stop P2Y" : "outside";
}

static void
test_bi_rads(void)
{
  COMPARE("bi-rads", bi_rads, {"category", "0 1 2 3 4 5 6", 0, 0, 0});
}

/* Diameters are given in centimetres with one decimal: whole millimetres. */
static const char *
svs(const Point *p)
{
  const int mm = whole(p, "diameter");
  if (yes(p, "evar"))
    return "outside";
  if (mm <= 25)
    return "none";
  if (mm < 30)
    return "imaging CT/US: at P10Y";
  if (mm < 40)
    return "imaging CT/US: every P3Y";
  if (mm < 50)
    return "imaging CT/US: every P1Y";
  if (mm < 55)
    return is(p, "sex", "female") ? "consider referral: every P6M" : "imaging CT/US: every P6M";
  return "referral";
}

static const char *
acc_aha(const Point *p)
{
  const int mm = whole(p, "diameter");
  if (mm < 30)
    return "none";
  if (mm < 40)
    return "imaging CT/US: every P2Y..P3Y";
  if (is(p, "sex", "male"))
    return mm < 50 ? "imaging CT/US: every P6M..P1Y" : "imaging CT/US: every P6M";
  return mm < 45 ? "imaging CT/US: every P1Y" : "imaging CT/US: every P6M";
}

static const char *
naaasp(const Point *p)
{
  const int mm = whole(p, "diameter");
  return mm < 30   ? "none"
         : mm < 45 ? "imaging US: every P1Y"
         : mm < 55 ? "imaging US: every P3M"
                   : "outside";
}

static void
test_aorta(void)
{
  COMPARE("aaa-svs-2018", svs, {"evar", NO_YES}, {"diameter", NULL, 0, 2000, 1},
          {"sex", "female male", 0, 0, 0});
  COMPARE("aaa-acc-aha-2022", acc_aha, {"diameter", NULL, 0, 2000, 1},
          {"sex", "female male", 0, 0, 0});
  COMPARE("aaa-naaasp", naaasp, {"diameter", NULL, 0, 2000, 1});
}

static const char *
evar(const Point *p)
{
  if (!yes(p, "evar"))
    return "outside";
  if (is(p, "endoleak", "type-1-or-3"))
    return "procedure";
  if (is(p, "endoleak", "new") || num(p, "sac-growth") >= 50)
    return "imaging CT: at P0D";
  return "imaging CT/US: at P1M by CT, at P1Y, every P1Y, from surgery";
}

static void
test_evar(void)
{
  COMPARE("evar-svs-2018", evar, {"evar", NO_YES}, {"endoleak", "none type-1-or-3 new", 0, 0, 0},
          {"sac-growth", NULL, 0, 1000, 1});
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/guideline-oracle/fleischner-2017", test_fleischner);
  g_test_add_func("/guideline-oracle/lung-rads-2022", test_lung_rads);
  g_test_add_func("/guideline-oracle/bts-2015", test_bts);
  g_test_add_func("/guideline-oracle/bi-rads", test_bi_rads);
  g_test_add_func("/guideline-oracle/aaa", test_aorta);
  g_test_add_func("/guideline-oracle/evar-svs-2018", test_evar);
  return g_test_run();
}
