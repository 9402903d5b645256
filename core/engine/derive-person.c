/* SPDX-License-Identifier: Apache-2.0
 *
 * Which ids are one person on a day, and who of them has died.
 *
 * Ties between two ids form a graph; a person is a connected part of it.  A
 * later merge of the same two ids in the other direction turns the tie round.
 * Parting two ids removes their tie; where they hang together through others,
 * the tie nearest to the second one (the id that leaves) is cut.  A visit that is
 * moved takes along only the evidence that bears its number.
 */
#include "engine/derive-internal.h"

typedef struct {
  guint survivor, retired; /* of a link: the first, the second */
  gboolean merge;
} Tie;

static guint
find_root(guint *parent, guint i)
{
  while (parent[i] != i)
    i = parent[i] = parent[parent[i]];
  return i;
}

static gboolean
joins(const Tie *t, guint a, guint b)
{
  return (t->survivor == a && t->retired == b) || (t->survivor == b && t->retired == a);
}

static void
drop_direct(GArray *ties, guint a, guint b)
{
  for (guint i = ties->len; i-- > 0;)
    if (joins(&g_array_index(ties, Tie, i), a, b))
      g_array_remove_index(ties, i);
}

/* The id leaves those whom it was merged into or linked with; what was merged into it
 * goes along. */
static void
drop_upward(GArray *ties, guint id)
{
  for (guint i = ties->len; i-- > 0;) {
    const Tie *t = &g_array_index(ties, Tie, i);
    if (t->retired == id || (t->survivor == id && !t->merge))
      g_array_remove_index(ties, i);
  }
}

/* Breadth first from `from`: the tie by which `to` was reached; -1: never. */
static int
last_tie(const GArray *ties, guint n_ids, guint from, guint to)
{
  g_autofree gboolean *seen = g_new0(gboolean, n_ids);
  g_autoptr(GArray) queue = g_array_new(FALSE, FALSE, sizeof(guint));
  g_array_append_val(queue, from);
  seen[from] = TRUE;
  for (guint at = 0; at < queue->len; at++) {
    const guint here = g_array_index(queue, guint, at);
    for (guint i = 0; i < ties->len; i++) {
      const Tie *t = &g_array_index(ties, Tie, i);
      if (t->survivor != here && t->retired != here)
        continue;
      const guint next = t->survivor == here ? t->retired : t->survivor;
      if (next == to)
        return (int)i;
      if (seen[next])
        continue;
      seen[next] = TRUE;
      g_array_append_val(queue, next);
    }
  }
  return -1;
}

/* After the first n links. */
static GArray *
ties_after(const GPtrArray *links, guint n_links, guint n_ids)
{
  GArray *ties = g_array_new(FALSE, FALSE, sizeof(Tie));
  for (guint i = 0; i < n_links; i++) {
    const ItvLink *l = g_ptr_array_index(links, i);
    if (l->ev.patient == l->other || l->ev.patient >= n_ids || l->other >= n_ids ||
        l->kind == ITV_LINK_VISIT)
      continue;
    if (l->kind == ITV_LINK_MOVE)
      drop_upward(ties, l->other);
    if (l->kind != ITV_LINK_LINK)
      drop_direct(ties, l->ev.patient, l->other);
    if (l->kind != ITV_LINK_PART) {
      const Tie t = {l->ev.patient, l->other, l->kind != ITV_LINK_LINK};
      g_array_append_val(ties, t);
      continue;
    }
    for (int cut = 0; (cut = last_tie(ties, n_ids, l->ev.patient, l->other)) >= 0;)
      g_array_remove_index(ties, (guint)cut);
  }
  return ties;
}

/* Whether a visit of `holder` was one of `other` when link `at` came: the same id, or one
 * that was tied to it by then.  Visits are numbered by their issuer. */
static gboolean
was_of(const ItvHistory *h, const GPtrArray *links, guint at, guint holder, guint other)
{
  const guint n = h->ids->len;
  if (holder == other || holder >= n || other >= n)
    return holder == other;
  if (g_strcmp0(g_array_index(h->ids, ItvPatientId, holder).issuer,
                g_array_index(h->ids, ItvPatientId, other).issuer) != 0)
    return FALSE;
  g_autoptr(GArray) ties = ties_after(links, at, n);
  return last_tie(ties, n, holder, other) >= 0;
}

guint
itv_holder_of_day(const ItvHistory *h, const ItvEvidence *ev, const GPtrArray *links)
{
  guint holder = ev->patient;
  for (guint i = 0; ev->visits && i < links->len; i++) {
    const ItvLink *l = g_ptr_array_index(links, i);
    if (l->kind == ITV_LINK_VISIT && l->visit &&
        g_strv_contains((const char *const *)ev->visits, l->visit) &&
        was_of(h, links, i, holder, l->other))
      holder = l->ev.patient;
  }
  return holder;
}

static int
compare_ids(const ItvHistory *h, guint a, guint b)
{
  const ItvPatientId *x = &g_array_index(h->ids, ItvPatientId, a);
  const ItvPatientId *y = &g_array_index(h->ids, ItvPatientId, b);
  const int by_id = g_strcmp0(x->id, y->id);
  return by_id ? by_id : g_strcmp0(x->issuer, y->issuer);
}

guint *
itv_persons_of_day(const ItvHistory *h, GPtrArray *links)
{
  const guint n = h->ids->len;
  g_autoptr(GArray) ties = ties_after(links, links->len, n);
  g_autofree guint *parent = g_new(guint, n);
  g_autofree gboolean *retired = g_new0(gboolean, n);
  g_autofree guint *best = g_new(guint, n);
  for (guint i = 0; i < n; i++)
    best[i] = G_MAXUINT, parent[i] = i;
  for (guint i = 0; i < ties->len; i++) {
    const Tie *t = &g_array_index(ties, Tie, i);
    parent[find_root(parent, t->retired)] = find_root(parent, t->survivor);
    if (t->merge)
      retired[t->retired] = TRUE;
  }
  /* Of the ids that live, the first by name; in a ring of merges nobody
   * lives, and the survivor of the latest one stands. */
  for (guint i = 0; i < n; i++) {
    const guint group = find_root(parent, i);
    if (!retired[i] && (best[group] == G_MAXUINT || compare_ids(h, i, best[group]) < 0))
      best[group] = i;
  }
  for (guint i = ties->len; i-- > 0;) {
    const Tie *t = &g_array_index(ties, Tie, i);
    const guint group = find_root(parent, t->survivor);
    if (best[group] == G_MAXUINT && t->merge)
      best[group] = t->survivor;
  }
  guint *root = g_new(guint, n);
  for (guint i = 0; i < n; i++)
    root[i] = best[find_root(parent, i)];
  return root;
}

void
itv_case_deaths(ItvCase *c)
{
  const ItvPerson *first = NULL; /* to say so, since nobody last said the contrary */
  ItvDate date = ITV_DATE_NONE;
  for (guint i = 0; i < c->persons->len; i++) {
    const ItvPerson *p = g_ptr_array_index(c->persons, i);
    if (p->deceased == 0) {
      first = NULL;
      date = ITV_DATE_NONE;
    } else if (p->deceased == 1) {
      first = first ? first : p;
      date = p->death_date != ITV_DATE_NONE ? p->death_date : date;
    }
  }
  if (!first)
    return;
  const ItvDate died = date != ITV_DATE_NONE ? date : first->ev.known.date;
  if (died > c->as_of)
    return;
  g_autofree char *day = itv_date_format(died);
  for (guint i = 0; i < c->asks->len; i++) {
    ItvAsk *ask = g_ptr_array_index(c->asks, i);
    /* What was done on the last day was done alive: the day's last second. */
    ask->deceased = (ItvEnd){.set = TRUE,
                             .reason = ITV_REASON_DECEASED,
                             .at = {died, 86399},
                             .known = first->ev.known,
                             .uid = first->ev.uid,
                             .source = first->ev.source,
                             .text = g_strdup_printf("the patient died on %s", day)};
  }
}
