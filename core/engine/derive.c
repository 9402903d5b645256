/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/derive-internal.h"

#include <string.h>

ItvRules
itv_rules_default(void)
{
  return (ItvRules){.grace_long_days = 30,
                    .grace_short_days = 7,
                    .long_from = {.months = 3},
                    .early_max_days = itv_fulfilment_early_days(NULL),
                    .early_divisor = itv_fulfilment_early_divisor(NULL)};
}

/* --- evidence of the day ---------------------------------------------------------- */

int
itv_evidence_compare(const ItvEvidence *a, const ItvEvidence *b)
{
  const int known = itv_moment_compare(a->known, b->known);
  return known ? known : g_strcmp0(a->uid, b->uid);
}

/* Every piece begins with its ItvEvidence. */
static int
compare_pointers(gconstpointer a, gconstpointer b)
{
  return itv_evidence_compare(*(const ItvEvidence *const *)a, *(const ItvEvidence *const *)b);
}

/* What of an array was known by the day, in order. */
static GPtrArray *
known_by(const GArray *array, gsize size, ItvDate as_of)
{
  GPtrArray *known = g_ptr_array_sized_new(array->len);
  for (guint i = 0; i < array->len; i++) {
    ItvEvidence *ev = (ItvEvidence *)(gpointer)(array->data + i * size);
    if (ev->known.date <= as_of)
      g_ptr_array_add(known, ev);
  }
  g_ptr_array_sort(known, compare_pointers);
  return known;
}

/* Each uid once.  Not for kinds of which one message may hold several. */
static void
drop_copies(GPtrArray *known)
{
  guint kept = 0;
  for (guint i = 0; i < known->len; i++) {
    const ItvEvidence *ev = known->pdata[i], *last = kept ? known->pdata[kept - 1] : NULL;
    if (!last || !ev->uid || itv_evidence_compare(ev, last) != 0)
      known->pdata[kept++] = known->pdata[i];
  }
  g_ptr_array_set_size(known, (int)kept);
}

/* A study that was taken back by the day proves nothing on it. */
static void
drop_taken_back(GPtrArray *studies, ItvDate as_of)
{
  guint kept = 0;
  for (guint i = 0; i < studies->len; i++)
    if (itv_study_stands(studies->pdata[i], as_of))
      studies->pdata[kept++] = studies->pdata[i];
  g_ptr_array_set_size(studies, (int)kept);
}

typedef struct {
  GPtrArray *reports, *studies, *orders, *appointments, *procedures, *persons, *facts;
} Evidence;

static void
add_evidence(const ItvHistory *h, GPtrArray *all, const GPtrArray *links, const guint *root,
             Evidence *of, gsize offset)
{
  for (guint i = 0; i < all->len; i++) {
    const ItvEvidence *ev = g_ptr_array_index(all, i);
    const guint holder = itv_holder_of_day(h, ev, links);
    if (holder >= h->ids->len)
      continue;
    GPtrArray **list = (GPtrArray **)(gpointer)((char *)&of[root[holder]] + offset);
    g_ptr_array_add(*list, g_ptr_array_index(all, i));
  }
}

static Evidence *
evidence_by_person(const ItvHistory *h, const GPtrArray *links, const guint *root, ItvDate as_of)
{
  const guint n = h->ids->len;
  const struct {
    const GArray *array;
    gsize size, offset;
    gboolean single; /* a uid of its own for every piece */
  } kinds[] = {
      {h->reports, sizeof(ItvReport), G_STRUCT_OFFSET(Evidence, reports), TRUE},
      {h->studies, sizeof(ItvStudy), G_STRUCT_OFFSET(Evidence, studies), TRUE},
      {h->orders, sizeof(ItvOrder), G_STRUCT_OFFSET(Evidence, orders), FALSE},
      {h->appointments, sizeof(ItvAppointment), G_STRUCT_OFFSET(Evidence, appointments), FALSE},
      {h->procedures, sizeof(ItvProcedure), G_STRUCT_OFFSET(Evidence, procedures), FALSE},
      {h->persons, sizeof(ItvPerson), G_STRUCT_OFFSET(Evidence, persons), FALSE},
      {h->facts, sizeof(ItvFact), G_STRUCT_OFFSET(Evidence, facts), FALSE},
  };
  Evidence *of = g_new0(Evidence, n);
  for (guint i = 0; i < n; i++)
    of[i] = (Evidence){g_ptr_array_new(), g_ptr_array_new(), g_ptr_array_new(), g_ptr_array_new(),
                       g_ptr_array_new(), g_ptr_array_new(), g_ptr_array_new()};
  for (guint k = 0; k < G_N_ELEMENTS(kinds); k++) {
    g_autoptr(GPtrArray) known = known_by(kinds[k].array, kinds[k].size, as_of);
    if (kinds[k].single)
      drop_copies(known);
    if (kinds[k].array == h->studies)
      drop_taken_back(known, as_of);
    add_evidence(h, known, links, root, of, kinds[k].offset);
  }
  return of;
}

static void
evidence_free(Evidence *of, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_ptr_array_unref(of[i].reports);
    g_ptr_array_unref(of[i].studies);
    g_ptr_array_unref(of[i].orders);
    g_ptr_array_unref(of[i].appointments);
    g_ptr_array_unref(of[i].procedures);
    g_ptr_array_unref(of[i].persons);
    g_ptr_array_unref(of[i].facts);
  }
  g_free(of);
}

static GHashTable *
decisions_by_item(const ItvHistory *h, ItvDate as_of)
{
  GHashTable *by_item =
      g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
  g_autoptr(GPtrArray) known = known_by(h->decisions, sizeof(ItvDecision), as_of);
  drop_copies(known);
  for (guint i = 0; i < known->len; i++) {
    ItvDecision *d = g_ptr_array_index(known, i);
    if (!d->item)
      continue;
    GPtrArray *list = g_hash_table_lookup(by_item, d->item);
    if (!list) {
      list = g_ptr_array_new();
      g_hash_table_insert(by_item, d->item, list);
    }
    g_ptr_array_add(list, d);
  }
  return by_item;
}

/* --- one person ---------------------------------------------------------------------- */

static void
derive_person(const ItvHistory *h, const ItvRules *rules, ItvDate as_of, guint patient,
              const Evidence *of, GHashTable *decisions, GPtrArray *items, GPtrArray *overuse)
{
  ItvCase c = {.history = h,
               .rules = rules,
               .as_of = as_of,
               .patient = patient,
               .reports = of->reports,
               .studies = of->studies,
               .orders = of->orders,
               .appointments = of->appointments,
               .procedures = of->procedures,
               .persons = of->persons,
               .facts = of->facts,
               .decisions = decisions};
  if (!of->reports->len && !of->procedures->len)
    return;
  c.exams = g_ptr_array_new_with_free_func((GDestroyNotify)itv_performed_free);
  c.asks = g_ptr_array_new_with_free_func((GDestroyNotify)itv_ask_free);
  itv_case_exams(&c);
  itv_case_surgeries(&c);
  itv_case_sort_exams(&c);
  itv_case_asks(&c);
  itv_case_guidelines(&c);
  itv_case_protocols(&c);
  itv_case_ends(&c);
  itv_case_matches(&c);
  for (guint i = 0; i < c.asks->len; i++)
    itv_ask_occurrences(&c, g_ptr_array_index(c.asks, i));
  itv_case_candidates(&c);
  itv_case_schedule(&c);
  itv_case_status(&c);
  itv_case_owners(&c);
  if (overuse)
    itv_case_overuse(&c, overuse);
  for (guint i = 0; i < c.asks->len; i++) {
    const ItvAsk *ask = g_ptr_array_index(c.asks, i);
    for (guint k = 0; k < ask->occurrences->len; k++) {
      ItvOccurrence *o = g_ptr_array_index(ask->occurrences, k);
      g_ptr_array_add(items, g_steal_pointer(&o->item));
    }
  }
  g_ptr_array_unref(c.asks);
  g_ptr_array_unref(c.exams);
}

/* A none date is last. */
static int
compare_dates(ItvDate a, ItvDate b)
{
  const gint64 x = a == ITV_DATE_NONE ? G_MAXINT64 : a, y = b == ITV_DATE_NONE ? G_MAXINT64 : b;
  return (x > y) - (x < y);
}

static int
compare_items(gconstpointer a, gconstpointer b, gpointer data)
{
  const ItvFollowup *x = *(ItvFollowup *const *)a, *y = *(ItvFollowup *const *)b;
  const ItvHistory *h = data;
  const ItvPatientId *px = &g_array_index(h->ids, ItvPatientId, x->patient);
  const ItvPatientId *py = &g_array_index(h->ids, ItvPatientId, y->patient);
  int order = g_strcmp0(px->id, py->id);
  order = order ? order : g_strcmp0(px->issuer, py->issuer);
  order = order ? order : compare_dates(x->recommended_on, y->recommended_on);
  order = order ? order : compare_dates(x->due_from, y->due_from);
  return order ? order : strcmp(x->id, y->id);
}

/* Both answers of one derivation; `overuse` may be NULL. */
static GPtrArray *
derive(const ItvHistory *h, const ItvRules *rules, ItvDate as_of, GPtrArray *overuse)
{
  const guint n = h->ids->len;
  GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)itv_followup_free);
  g_autoptr(GPtrArray) links = known_by(h->links, sizeof(ItvLink), as_of);
  g_autofree guint *root = itv_persons_of_day(h, links);
  g_autoptr(GHashTable) decisions = decisions_by_item(h, as_of);
  Evidence *of = evidence_by_person(h, links, root, as_of);
  for (guint i = 0; i < n; i++)
    if (root[i] == i)
      derive_person(h, rules, as_of, i, &of[i], decisions, items, overuse);
  evidence_free(of, n);
  g_ptr_array_sort_with_data(items, compare_items, (gpointer)(guintptr)h);
  return items;
}

GPtrArray *
itv_derive(const ItvHistory *h, const ItvRules *rules, ItvDate as_of)
{
  return derive(h, rules, as_of, NULL);
}

GPtrArray *
itv_derive_overuse(const ItvHistory *h, const ItvRules *rules, ItvDate as_of)
{
  GPtrArray *overuse = g_ptr_array_new_with_free_func((GDestroyNotify)itv_overuse_free);
  g_ptr_array_unref(derive(h, rules, as_of, overuse));
  return overuse;
}

guint
itv_derive_person(const ItvHistory *h, guint patient, ItvDate as_of)
{
  if (patient >= h->ids->len)
    return patient;
  g_autoptr(GPtrArray) links = known_by(h->links, sizeof(ItvLink), as_of);
  g_autofree guint *root = itv_persons_of_day(h, links);
  return root[patient];
}

guint
itv_derive_holder(const ItvHistory *h, const ItvEvidence *ev, ItvDate as_of)
{
  if (ev->patient >= h->ids->len)
    return ev->patient;
  g_autoptr(GPtrArray) links = known_by(h->links, sizeof(ItvLink), as_of);
  g_autofree guint *root = itv_persons_of_day(h, links);
  return root[itv_holder_of_day(h, ev, links)];
}

/* --- how long the answer holds ---------------------------------------------------------- */

static void
earlier(ItvDate *next, ItvDate as_of, ItvDate date)
{
  if (date > as_of && (*next == ITV_DATE_NONE || date < *next))
    *next = date;
}

static void
next_known(const GArray *array, gsize size, ItvDate as_of, ItvDate *next)
{
  for (guint i = 0; i < array->len; i++)
    earlier(next, as_of, ((const ItvEvidence *)(gpointer)(array->data + i * size))->known.date);
}

/* Only dates move an item without new evidence; a series also opens its next
 * occurrence whatever became of this one. */
static gboolean
moves_by_itself(const ItvFollowup *f)
{
  switch (f->status) {
  case ITV_STATUS_NOT_DUE:
  case ITV_STATUS_DUE:
  case ITV_STATUS_SCHEDULED:
  case ITV_STATUS_OVERDUE:
    return TRUE;
  default:
    return f->repeats;
  }
}

ItvDate
itv_derive_valid_until(const ItvHistory *h, const GPtrArray *items, ItvDate as_of)
{
  ItvDate next = ITV_DATE_NONE;
  for (guint i = 0; i < items->len; i++) {
    const ItvFollowup *f = g_ptr_array_index(items, i);
    if (!moves_by_itself(f))
      continue;
    earlier(&next, as_of, f->due_from);
    if (f->overdue_after != ITV_DATE_NONE)
      earlier(&next, as_of, f->overdue_after + 1);
    if (f->scheduled_for != ITV_DATE_NONE)
      earlier(&next, as_of, f->scheduled_for + 1);
  }
  for (guint i = 0; i < h->persons->len; i++)
    earlier(&next, as_of, g_array_index(h->persons, ItvPerson, i).death_date);
  for (guint i = 0; i < h->studies->len; i++) {
    const ItvStudy *s = &g_array_index(h->studies, ItvStudy, i);
    if (s->until.date != ITV_DATE_NONE)
      earlier(&next, as_of, s->until.date);
  }
  next_known(h->persons, sizeof(ItvPerson), as_of, &next);
  next_known(h->links, sizeof(ItvLink), as_of, &next);
  next_known(h->reports, sizeof(ItvReport), as_of, &next);
  next_known(h->studies, sizeof(ItvStudy), as_of, &next);
  next_known(h->orders, sizeof(ItvOrder), as_of, &next);
  next_known(h->appointments, sizeof(ItvAppointment), as_of, &next);
  next_known(h->procedures, sizeof(ItvProcedure), as_of, &next);
  next_known(h->decisions, sizeof(ItvDecision), as_of, &next);
  next_known(h->facts, sizeof(ItvFact), as_of, &next);
  return next;
}
