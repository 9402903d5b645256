/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/visits.h"

#include <string.h>

#include "engine/derive-internal.h"

typedef struct {
  const ItvFollowup *item;
  ItvDate from, until;
} Window;

void
itv_planned_visit_free(ItvPlannedVisit *v)
{
  if (!v)
    return;
  g_ptr_array_unref(v->items);
  g_array_unref(v->exams);
  g_free(v);
}

static void
clear_exam(gpointer data)
{
  g_ptr_array_unref(((ItvVisitExam *)data)->items);
}

/* ---- when --------------------------------------------------------------------------- */

/* FALSE: it has no place in a plan. */
static gboolean
window_of(const ItvFollowup *f, ItvDate as_of, int soon_days, Window *ret)
{
  *ret = (Window){f, f->due_from, f->overdue_after};
  if (f->kind != ITV_KIND_OF_IMAGING)
    return FALSE;
  switch (f->status) {
  case ITV_STATUS_SCHEDULED:
    ret->from = ret->until = f->scheduled_for;
    break;
  case ITV_STATUS_OVERDUE:
    ret->from = as_of;
    ret->until = as_of + soon_days;
    break;
  case ITV_STATUS_DUE:
  case ITV_STATUS_NOT_DUE:
    ret->from = MAX(ret->from, as_of);
    break;
  default:
    return FALSE;
  }
  return f->due_from != ITV_DATE_NONE && ret->from <= ret->until;
}

static int
by_end(gconstpointer a, gconstpointer b)
{
  const Window *x = a, *y = b;
  if (x->until != y->until)
    return x->until < y->until ? -1 : 1;
  return x->from != y->from ? (x->from < y->from ? -1 : 1) : strcmp(x->item->id, y->item->id);
}

static ItvPlannedVisit *
visit_new(void)
{
  ItvPlannedVisit *v = g_new0(ItvPlannedVisit, 1);
  v->items = g_ptr_array_new();
  v->exams = g_array_new(FALSE, TRUE, sizeof(ItvVisitExam));
  g_array_set_clear_func(v->exams, clear_exam);
  return v;
}

/* Each window must hold a visit's day.  Taking, again and again, the earliest end
 * among the windows that hold none, and with it all windows that hold that day, needs
 * the fewest days there can be: no two of the windows that were first share a day
 * (Gavril 1972, the fewest points that stab intervals). */
static GPtrArray *
stab(GArray *windows)
{
  GPtrArray *visits = g_ptr_array_new_with_free_func((GDestroyNotify)itv_planned_visit_free);
  g_array_sort(windows, by_end);
  g_autofree gboolean *placed = g_new0(gboolean, windows->len + 1);
  for (guint i = 0; i < windows->len; i++) {
    const Window *first = &g_array_index(windows, Window, i);
    if (placed[i])
      continue;
    ItvPlannedVisit *v = visit_new();
    v->from = first->from;
    v->until = first->until;
    for (guint k = i; k < windows->len; k++) {
      const Window *w = &g_array_index(windows, Window, k);
      if (placed[k] || w->from > first->until)
        continue;
      placed[k] = TRUE;
      v->from = MAX(v->from, w->from);
      v->booked |= w->item->status == ITV_STATUS_SCHEDULED;
      g_ptr_array_add(v->items, (gpointer)(guintptr)w->item);
    }
    g_ptr_array_add(visits, v);
  }
  return visits;
}

/* ---- what ---------------------------------------------------------------------------- */

/* Relative burden, for choosing between exams that serve alike; orders of magnitude of
 * effective dose (Mettler 2008, Radiology 248:254): nothing for MR and ultrasound, 0.1 mSv
 * and less for films, several mSv for CT, more for PET and scintigraphy. */
static guint
burden(ItvModality m)
{
  static const guint worth[ITV_MODALITY_N] = {
      [ITV_MODALITY_NONE] = 1, [ITV_MODALITY_XR] = 2,   [ITV_MODALITY_CT] = 70,
      [ITV_MODALITY_MR] = 1,   [ITV_MODALITY_US] = 0,   [ITV_MODALITY_MG] = 4,
      [ITV_MODALITY_NM] = 60,  [ITV_MODALITY_PT] = 140, [ITV_MODALITY_DXA] = 1,
      [ITV_MODALITY_FL] = 50,  [ITV_MODALITY_XA] = 100};
  return worth[m];
}

static gboolean
serves(const ItvFulfilment *fulfilment, const ItvVisitExam *exam, const ItvFollowup *f)
{
  if (!f->region)
    return !exam->region && (!f->modalities || (f->modalities & ITV_MODALITY_BIT(exam->modality)));
  if (!exam->modality)
    return !f->modalities && exam->region == f->region && exam->laterality == f->laterality;
  const ItvExam done = {.modalities = ITV_MODALITY_BIT(exam->modality),
                        .regions = exam->region ? ITV_REGION_BIT(exam->region) : 0,
                        .laterality = exam->laterality,
                        .main_region = exam->region,
                        .main_modality = exam->modality};
  const ItvAction action = {f->kind, f->modalities, f->region, f->laterality, NULL, 0, 0};
  return itv_match_defects(fulfilment, &action, &done, 0) == 0;
}

/* Every exam that an item names, once. */
static GArray *
exams_named(const GPtrArray *items, guint n)
{
  GArray *named = g_array_new(FALSE, TRUE, sizeof(ItvVisitExam));
  for (guint i = 0; i < n; i++) {
    const ItvFollowup *f = items->pdata[i];
    for (int m = f->modalities ? 1 : 0; m < ITV_MODALITY_N; m++) {
      const ItvVisitExam e = {(ItvModality)m, f->region, f->laterality, NULL};
      gboolean known =
          (m > 0) != (f->modalities != 0) || (m > 0 && !(f->modalities & ITV_MODALITY_BIT(m)));
      for (guint k = 0; k < named->len && !known; k++) {
        const ItvVisitExam *x = &g_array_index(named, ItvVisitExam, k);
        known = x->modality == e.modality && x->region == e.region && x->laterality == e.laterality;
      }
      if (!known)
        g_array_append_val(named, e);
    }
  }
  return named;
}

#define MAX_ITEMS 16u /* of a visit, for the exact search */
#define MAX_STEPS 200000u
#define EACH 10000u /* one exam less is worth more than any burden */

typedef struct {
  const GArray *named;
  guint32 *sets; /* the items that each named exam serves */
  guint32 all;
  guint64 chosen, best_chosen; /* bits: named exams */
  guint best, steps;
} Search;

/* The cheapest set of exams that serves all: the first item left over is served by one
 * of them, each is tried. */
static void
search(Search *s, guint32 served, guint cost)
{
  if (cost >= s->best || ++s->steps > MAX_STEPS)
    return;
  if (served == s->all) {
    s->best = cost;
    s->best_chosen = s->chosen;
    return;
  }
  const guint32 next = ~served & (served + 1); /* the lowest that is not served */
  for (guint i = 0; i < s->named->len; i++) {
    if (!(s->sets[i] & next))
      continue;
    s->chosen |= (guint64)1 << i;
    search(s, served | s->sets[i],
           cost + EACH + burden(g_array_index(s->named, ItvVisitExam, i).modality));
    s->chosen &= ~((guint64)1 << i);
  }
}

static void
add_exam(ItvPlannedVisit *v, const ItvVisitExam *named, guint32 *served, guint32 set)
{
  ItvVisitExam exam = *named;
  exam.items = g_ptr_array_new();
  for (guint i = 0; i < v->items->len && i < MAX_ITEMS; i++)
    if (set & ~*served & ((guint32)1 << i))
      g_ptr_array_add(exam.items, v->items->pdata[i]);
  *served |= set;
  if (exam.items->len)
    g_array_append_val(v->exams, exam);
  else
    g_ptr_array_unref(exam.items);
}

/* What the search has no room for is examined by itself. */
static void
add_rest(ItvPlannedVisit *v, guint first)
{
  for (guint i = first; i < v->items->len; i++) {
    const ItvFollowup *f = v->items->pdata[i];
    ItvVisitExam exam = {ITV_MODALITY_NONE, f->region, f->laterality, g_ptr_array_new()};
    for (int m = 1; m < ITV_MODALITY_N && !exam.modality; m++)
      if (f->modalities & ITV_MODALITY_BIT(m))
        exam.modality = (ItvModality)m;
    g_ptr_array_add(exam.items, v->items->pdata[i]);
    g_array_append_val(v->exams, exam);
  }
}

static void
choose_exams(const ItvFulfilment *fulfilment, ItvPlannedVisit *v)
{
  const guint n = MIN(v->items->len, MAX_ITEMS);
  g_autoptr(GArray) named = exams_named(v->items, n);
  g_array_set_size(named, MIN(named->len, 64u));
  g_autofree guint32 *sets = g_new0(guint32, named->len + 1);
  Search s = {.named = named, .sets = sets, .all = ((guint32)1 << n) - 1, .best = G_MAXUINT};
  for (guint i = 0; i < named->len; i++)
    for (guint k = 0; k < n; k++)
      if (serves(fulfilment, &g_array_index(named, ItvVisitExam, i), v->items->pdata[k]))
        sets[i] |= (guint32)1 << k;
  search(&s, 0, 0);
  guint32 served = 0;
  for (guint i = 0; i < named->len; i++)
    if (s.best_chosen & ((guint64)1 << i))
      add_exam(v, &g_array_index(named, ItvVisitExam, i), &served, sets[i]);
  add_rest(v, s.best == G_MAXUINT ? 0 : n);
}

static int
by_day(gconstpointer a, gconstpointer b)
{
  const ItvPlannedVisit *x = *(ItvPlannedVisit *const *)a, *y = *(ItvPlannedVisit *const *)b;
  return x->from != y->from ? (x->from < y->from ? -1 : 1)
                            : (x->until > y->until) - (x->until < y->until);
}

GPtrArray *
itv_visits_plan(const ItvFulfilment *fulfilment, const GPtrArray *items, ItvDate as_of,
                ItvDate horizon, int soon_days)
{
  g_autoptr(GArray) windows = g_array_new(FALSE, FALSE, sizeof(Window));
  for (guint i = 0; i < items->len; i++) {
    Window w;
    if (window_of(items->pdata[i], as_of, soon_days, &w) && w.from <= horizon)
      g_array_append_val(windows, w);
  }
  GPtrArray *visits = stab(windows);
  for (guint i = 0; i < visits->len; i++)
    choose_exams(fulfilment, visits->pdata[i]);
  g_ptr_array_sort(visits, by_day);
  return visits;
}
