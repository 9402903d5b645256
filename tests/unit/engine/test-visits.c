/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/visits.h"

#define AS_OF 20000
#define SOON 14

static ItvFollowup *
add(GPtrArray *items, ItvDate from, ItvDate until, ItvModalitySet modalities, ItvRegion region)
{
  ItvFollowup *f = itv_followup_new();
  f->id = g_strdup_printf("item%02u", items->len);
  f->kind = ITV_KIND_OF_IMAGING;
  f->status = ITV_STATUS_NOT_DUE;
  f->due_from = f->due_until = from;
  f->overdue_after = until;
  f->modalities = modalities;
  f->region = region;
  g_ptr_array_add(items, f);
  return f;
}

static GPtrArray *
items_new(void)
{
  return g_ptr_array_new_with_free_func((GDestroyNotify)itv_followup_free);
}

#define M(x) ITV_MODALITY_BIT(ITV_MODALITY_##x)

static void
assert_visit(const GPtrArray *visits, guint i, ItvDate from, ItvDate until, guint items,
             guint exams)
{
  const ItvPlannedVisit *v = visits->pdata[i];
  g_assert_cmpint(v->from, ==, from);
  g_assert_cmpint(v->until, ==, until);
  g_assert_cmpuint(v->items->len, ==, items);
  g_assert_cmpuint(v->exams->len, ==, exams);
}

static void
test_overlap(void)
{
  g_autoptr(GPtrArray) items = items_new();
  add(items, AS_OF + 100, AS_OF + 130, M(CT), ITV_REGION_CHEST);
  add(items, AS_OF + 120, AS_OF + 150, M(MR), ITV_REGION_LIVER);
  add(items, AS_OF + 131, AS_OF + 160, M(US), ITV_REGION_THYROID);
  g_autoptr(GPtrArray) visits = itv_visits_plan(NULL, items, AS_OF, AS_OF + 365, SOON);
  g_assert_cmpuint(visits->len, ==, 2);
  assert_visit(visits, 0, AS_OF + 120, AS_OF + 130, 2, 2);
  assert_visit(visits, 1, AS_OF + 131, AS_OF + 160, 1, 1);
}

static void
test_statuses(void)
{
  g_autoptr(GPtrArray) items = items_new();
  add(items, AS_OF - 90, AS_OF - 60, M(CT), ITV_REGION_CHEST)->status = ITV_STATUS_OVERDUE;
  ItvFollowup *booked = add(items, AS_OF - 5, AS_OF + 20, M(MR), ITV_REGION_BRAIN);
  booked->status = ITV_STATUS_SCHEDULED;
  booked->scheduled_for = AS_OF + 10;
  add(items, AS_OF - 3, AS_OF + 20, M(US), ITV_REGION_LIVER)->status = ITV_STATUS_DUE;
  add(items, AS_OF, AS_OF + 20, M(US), ITV_REGION_KIDNEY)->status = ITV_STATUS_REVIEW;
  add(items, AS_OF, AS_OF + 20, M(US), ITV_REGION_KIDNEY)->status = ITV_STATUS_CLOSED;
  add(items, AS_OF, AS_OF + 20, 0, ITV_REGION_KIDNEY)->kind = ITV_KIND_OF_LAB;
  g_autoptr(GPtrArray) visits = itv_visits_plan(NULL, items, AS_OF, AS_OF + 365, SOON);
  g_assert_cmpuint(visits->len, ==, 1);
  assert_visit(visits, 0, AS_OF + 10, AS_OF + 10, 3, 3);
  g_assert_true(((ItvPlannedVisit *)visits->pdata[0])->booked);
}

/* One exam for what it satisfies; of two that serve alike the one without radiation. */
static void
test_exams(void)
{
  g_autoptr(GPtrArray) items = items_new();
  add(items, AS_OF + 10, AS_OF + 40, M(CT), ITV_REGION_CHEST);
  add(items, AS_OF + 20, AS_OF + 50, M(XR), ITV_REGION_CHEST);
  add(items, AS_OF + 20, AS_OF + 50, M(CT), ITV_REGION_LUNG);
  add(items, AS_OF + 20, AS_OF + 50, M(CT) | M(MR), ITV_REGION_LIVER);
  g_autoptr(GPtrArray) visits = itv_visits_plan(NULL, items, AS_OF, AS_OF + 365, SOON);
  g_assert_cmpuint(visits->len, ==, 1);
  assert_visit(visits, 0, AS_OF + 20, AS_OF + 40, 4, 2);
  const ItvPlannedVisit *v = visits->pdata[0];
  for (guint i = 0; i < v->exams->len; i++) {
    const ItvVisitExam *e = &g_array_index(v->exams, ItvVisitExam, i);
    g_assert_cmpint(e->modality, ==,
                    e->region == ITV_REGION_LIVER ? ITV_MODALITY_MR : ITV_MODALITY_CT);
    g_assert_cmpuint(e->items->len, ==, e->region == ITV_REGION_LIVER ? 1 : 3);
  }
}

static void
test_sides(void)
{
  g_autoptr(GPtrArray) items = items_new();
  add(items, AS_OF + 10, AS_OF + 40, M(XR), ITV_REGION_KNEE)->laterality = ITV_LATERALITY_LEFT;
  add(items, AS_OF + 10, AS_OF + 40, M(XR), ITV_REGION_KNEE)->laterality = ITV_LATERALITY_RIGHT;
  add(items, AS_OF + 10, AS_OF + 40, M(MR), ITV_REGION_NONE);
  add(items, AS_OF + 10, AS_OF + 40, 0, ITV_REGION_NONE);
  add(items, AS_OF + 10, AS_OF + 40, 0, ITV_REGION_HAND);
  g_autoptr(GPtrArray) visits = itv_visits_plan(NULL, items, AS_OF, AS_OF + 365, SOON);
  guint served = 0;
  const ItvPlannedVisit *v = visits->pdata[0];
  for (guint i = 0; i < v->exams->len; i++)
    served += g_array_index(v->exams, ItvVisitExam, i).items->len;
  g_assert_cmpuint(served, ==, 5);
  g_assert_cmpuint(v->exams->len, >=, 4);
}

/* ---- the fewest, by trying all ------------------------------------------------------ */

static gboolean
covered(const GPtrArray *items, guint days)
{
  for (guint i = 0; i < items->len; i++) {
    const ItvFollowup *f = items->pdata[i];
    gboolean any = FALSE;
    for (int d = f->due_from; d <= f->overdue_after; d++)
      any |= (days >> (d - AS_OF)) & 1;
    if (!any)
      return FALSE;
  }
  return TRUE;
}

static void
test_fewest(void)
{
  for (int round = 0; round < 400; round++) {
    g_autoptr(GPtrArray) items = items_new();
    const int n = g_test_rand_int_range(1, 8);
    for (int i = 0; i < n; i++) {
      const int from = g_test_rand_int_range(0, 12);
      add(items, AS_OF + from, AS_OF + MIN(11, from + g_test_rand_int_range(0, 6)), M(CT),
          ITV_REGION_CHEST);
    }
    guint fewest = G_MAXUINT;
    for (guint days = 0; days < 1u << 12; days++)
      if (covered(items, days))
        fewest = MIN(fewest, (guint)__builtin_popcount(days));
    g_autoptr(GPtrArray) visits = itv_visits_plan(NULL, items, AS_OF, AS_OF + 365, SOON);
    g_assert_cmpuint(visits->len, ==, fewest);
    guint all = 0;
    for (guint i = 0; i < visits->len; i++) {
      const ItvPlannedVisit *v = visits->pdata[i];
      all += v->items->len;
      g_assert_cmpint(v->from, <=, v->until);
      for (guint k = 0; k < v->items->len; k++) {
        const ItvFollowup *f = v->items->pdata[k];
        g_assert_true(f->due_from <= v->from && v->until <= f->overdue_after);
      }
    }
    g_assert_cmpuint(all, ==, items->len);
  }
}

/* More than the exact search has room for: each still gets its exam. */
static void
test_many(void)
{
  g_autoptr(GPtrArray) items = items_new();
  for (int r = ITV_REGION_HIP; r < ITV_REGION_HIP + 14; r++)
    for (int side = ITV_LATERALITY_LEFT; side <= ITV_LATERALITY_RIGHT; side++)
      add(items, AS_OF + 1, AS_OF + 9, M(XR) | M(CT) | M(MR) | M(US), (ItvRegion)r)->laterality =
          (ItvLaterality)side;
  g_autoptr(GPtrArray) visits = itv_visits_plan(NULL, items, AS_OF, AS_OF + 365, SOON);
  g_assert_cmpuint(visits->len, ==, 1);
  guint served = 0;
  const ItvPlannedVisit *v = visits->pdata[0];
  for (guint i = 0; i < v->exams->len; i++)
    served += g_array_index(v->exams, ItvVisitExam, i).items->len;
  g_assert_cmpuint(served, ==, items->len);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/visits/overlap", test_overlap);
  g_test_add_func("/visits/statuses", test_statuses);
  g_test_add_func("/visits/exams", test_exams);
  g_test_add_func("/visits/sides", test_sides);
  g_test_add_func("/visits/fewest", test_fewest);
  g_test_add_func("/visits/many", test_many);
  return g_test_run();
}
