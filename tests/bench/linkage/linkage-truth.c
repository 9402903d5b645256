/* SPDX-License-Identifier: Apache-2.0
 *
 * How well linkage does where the truth is known:
 *   linkage-truth miis FILE [--wrong | --levels]
 *   linkage-truth febrl FILE [FILE] [--wrong | --levels | --random]
 * --wrong lists what lands in the wrong zone; --levels prints each pair's levels, to
 * estimate m from; --random does so for pairs drawn without blocking, to estimate u from.
 */
#include <stdio.h>
#include <string.h>

#include "truth.h"

static const char *const truths[] = {"different", "possible", "match"};

static char *
describe(const ItvLinkVerdict *v)
{
  GString *s = g_string_new(NULL);
  for (guint i = 0; i < v->reasons->len; i++) {
    const ItvLinkReason *r = v->reasons->pdata[i];
    if (r->guard)
      g_string_append_printf(s, " guard=%s", r->level);
    else
      g_string_append_printf(s, " %s=%s(%+.1f)", r->field, r->level, r->weight);
  }
  return g_string_free(s, FALSE);
}

static int
run_miis(const ItvLinkage *linkage, const char *path, const char *option)
{
  g_autoptr(GPtrArray) pairs = truth_read_miis(path, linkage);
  guint table[3][3] = {{0}}, confirmed[3] = {0};
  if (!pairs)
    return fprintf(stderr, "%s: cannot be read\n", path), 1;
  for (guint i = 0; i < pairs->len; i++) {
    const TruthPair *p = pairs->pdata[i];
    g_autoptr(ItvLinkVerdict) v = itv_linkage_compare(linkage, p->a, p->b, NULL, NULL);
    table[p->truth][v->zone]++;
    confirmed[p->truth] += v->zone == ITV_ZONE_CERTAIN && v->corroborated;
    g_autofree char *words = option ? describe(v) : NULL;
    const gboolean wrong = (p->truth == TRUTH_DIFFERENT && v->zone == ITV_ZONE_CERTAIN) ||
                           (p->truth == TRUTH_POSSIBLE && v->zone != ITV_ZONE_UNCERTAIN) ||
                           (p->truth == TRUTH_MATCH && v->zone != ITV_ZONE_CERTAIN);
    if (option && (strcmp(option, "--levels") == 0 || wrong))
      printf("%s\t%s\t%s\t%.1f\t%s\n", truths[p->truth], itv_link_zone_name(v->zone), p->name,
             v->weight, words);
  }
  for (guint t = 0; t < 3; t++)
    fprintf(stderr, "%-10s different %5u  uncertain %5u  certain %5u, of these corroborated %5u\n",
            truths[t], table[t][0], table[t][1], table[t][2], confirmed[t]);
  return 0;
}

typedef struct {
  const ItvLinkage *linkage;
  const GPtrArray *records;
  const char *option;
  guint64 table[2][3];
} Febrl;

static void
each_pair(guint a, guint b, gpointer data)
{
  Febrl *f = data;
  const TruthRecord *x = f->records->pdata[a], *y = f->records->pdata[b];
  const gboolean same = strcmp(x->entity, y->entity) == 0;
  g_autoptr(ItvLinkVerdict) v = itv_linkage_compare(f->linkage, x->persona, y->persona, NULL, NULL);
  f->table[same][v->zone]++;
  if (!f->option)
    return;
  const gboolean wrong = same ? v->zone != ITV_ZONE_CERTAIN : v->zone == ITV_ZONE_CERTAIN;
  if (strcmp(f->option, "--wrong") != 0 || wrong) {
    g_autofree char *words = describe(v);
    printf("%s\t%s\t%s/%s\t%.1f\t%s\n", same ? "match" : "different", itv_link_zone_name(v->zone),
           x->entity, y->entity, v->weight, words);
  }
}

#define STEPS 97 /* partners that each record meets with --random */

static void
meet_at_random(Febrl *f)
{
  const guint n = f->records->len;
  for (guint i = 0; i < n; i++)
    for (guint step = 1; step <= STEPS; step++)
      if ((i + step * 101) % n > i)
        each_pair(i, (i + step * 101) % n, f);
}

static guint64
true_pairs(const GPtrArray *records)
{
  g_autoptr(GHashTable) n = g_hash_table_new(g_str_hash, g_str_equal);
  guint64 pairs = 0;
  for (guint i = 0; i < records->len; i++) {
    const TruthRecord *r = records->pdata[i];
    const guint seen = GPOINTER_TO_UINT(g_hash_table_lookup(n, r->entity));
    pairs += seen;
    g_hash_table_insert(n, r->entity, GUINT_TO_POINTER(seen + 1));
  }
  return pairs;
}

static int
run_febrl(const ItvLinkage *linkage, char **paths, int n, const char *option)
{
  g_autoptr(GPtrArray) records = truth_records_new();
  for (int i = 0; i < n; i++)
    if (!truth_read_febrl(paths[i], linkage, records))
      return fprintf(stderr, "%s: cannot be read\n", paths[i]), 1;
  Febrl f = {linkage, records, option, {{0}}};
  if (g_strcmp0(option, "--random") == 0)
    return meet_at_random(&f), 0;
  const gint64 start = g_get_monotonic_time();
  const guint64 compared = truth_block(records, itv_linkage_max_block(linkage), each_pair, &f);
  const guint64 all = true_pairs(records), n_records = records->len;
  fprintf(stderr,
          "%u records, %" G_GUINT64_FORMAT " true pairs; compared %" G_GUINT64_FORMAT
          " of %" G_GUINT64_FORMAT " pairs in %.2f s\n",
          records->len, all, compared, n_records * (n_records - 1) / 2,
          (double)(g_get_monotonic_time() - start) / 1e6);
  for (guint t = 0; t < 2; t++)
    fprintf(stderr,
            "%-10s different %6" G_GUINT64_FORMAT "  uncertain %6" G_GUINT64_FORMAT
            "  certain %6" G_GUINT64_FORMAT "\n",
            t ? "match" : "different", f.table[t][0], f.table[t][1], f.table[t][2]);
  fprintf(
      stderr, "certain %.4f, certain or uncertain %.4f, met in a block %.4f of the true pairs\n",
      (double)f.table[1][2] / (double)all, (double)(f.table[1][1] + f.table[1][2]) / (double)all,
      (double)(f.table[1][0] + f.table[1][1] + f.table[1][2]) / (double)all);
  return 0;
}

int
main(int argc, char **argv)
{
  const char *option = argc > 3 && g_str_has_prefix(argv[argc - 1], "--") ? argv[--argc] : NULL;
  if (argc < 3)
    return fprintf(stderr, "usage: linkage-truth miis|febrl FILE [FILE] [--wrong|--levels]\n"), 2;
  g_autoptr(ItvLinkage) linkage = truth_linkage();
  return strcmp(argv[1], "miis") == 0 ? run_miis(linkage, argv[2], option)
                                      : run_febrl(linkage, argv + 2, argc - 2, option);
}
