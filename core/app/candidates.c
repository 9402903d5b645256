/* SPDX-License-Identifier: Apache-2.0
 *
 * Which ids may be one person, as of now.  Nothing of this is kept: it follows from the
 * journal, whatever the order in which it came.
 */
#include <string.h>

#include "app/linkage.h"
#include "base/error.h"

typedef struct {
  gint64 a, b;         /* a < b */
  GString *references; /* NULL: met in a block only */
} Pair;

typedef struct {
  ItvApp *app;
  ItvPersonas *personas;
  GHashTable *ids;       /* pk -> ItvLinkId */
  GHashTable *histories; /* family -> ItvHistory; only of families of several ids */
  GHashTable *best;      /* "ROOT ROOT" -> ItvLinkCandidate, borrowed */
  GPtrArray *found;      /* ItvLinkCandidate */
  gint64 n_ids;
  GError *error; /* of a frequency that could not be read */
} Search;

void
itv_link_candidate_free(ItvLinkCandidate *c)
{
  if (!c)
    return;
  itv_link_id_free(c->a);
  itv_link_id_free(c->b);
  itv_link_verdict_free(c->verdict);
  g_free(c);
}

static gpointer
copy_key(gint64 key)
{
  gint64 *copy = g_new(gint64, 1);
  *copy = key;
  return copy;
}

/* ---- pairs ---------------------------------------------------------------------------- */

static void
pair_free(gpointer data)
{
  Pair *p = data;
  if (p->references)
    g_string_free(p->references, TRUE);
  g_free(p);
}

static guint
pair_hash(gconstpointer data)
{
  const Pair *p = data;
  return (guint)(p->a * 31 + p->b);
}

static gboolean
pair_equal(gconstpointer x, gconstpointer y)
{
  const Pair *p = x, *q = y;
  return p->a == q->a && p->b == q->b;
}

static Pair *
add_pair(GHashTable *pairs, gint64 a, gint64 b)
{
  const Pair probe = {MIN(a, b), MAX(a, b), NULL};
  Pair *p = g_hash_table_lookup(pairs, &probe);
  if (p)
    return p;
  p = g_new(Pair, 1);
  *p = probe;
  g_hash_table_add(pairs, p);
  return p;
}

static const ItvLinkId *
id_of(Search *s, gint64 pk, GError **error)
{
  ItvLinkId *id = g_hash_table_lookup(s->ids, &pk);
  if (id)
    return id;
  id = itv_linkage_id(s->app->db, pk, error);
  if (id)
    g_hash_table_insert(s->ids, copy_key(pk), id);
  else if (error && !*error)
    itv_fail(error, ITV_ERROR_DATABASE,
             "patient %" G_GINT64_FORMAT " is missing; `interval rebuild` mends it", pk);
  return id;
}

static char *
full_id(const ItvLinkId *id)
{
  return *id->issuer ? g_strconcat(id->id, "^^^", id->issuer, NULL) : g_strdup(id->id);
}

static gboolean
add_references(Search *s, GHashTable *pairs, GError **error)
{
  g_autoptr(GPtrArray) references = itv_linkage_references(s->app->db, error);
  for (guint i = 0; references && i < references->len; i++) {
    const ItvLinkReference *r = references->pdata[i];
    const ItvLinkId *a = id_of(s, r->a, error), *b = a ? id_of(s, r->b, error) : NULL;
    if (!b)
      return FALSE;
    Pair *p = add_pair(pairs, r->a, r->b);
    g_autofree char *x = full_id(a), *y = full_id(b);
    if (!p->references)
      p->references = g_string_new(NULL);
    else
      g_string_append(p->references, "; ");
    if (r->both)
      g_string_append_printf(p->references, "study %s lies under both", r->key);
    else
      g_string_append_printf(p->references, "evidence filed under %s is about study %s of %s", x,
                             r->key, y);
  }
  return references != NULL;
}

static GHashTable *
all_pairs(Search *s, GError **error)
{
  g_autoptr(GHashTable) pairs = g_hash_table_new_full(pair_hash, pair_equal, pair_free, NULL);
  g_autoptr(GArray) blocked = itv_linkage_pairs(s->app->db, error);
  for (guint i = 0; blocked && i < blocked->len; i++) {
    const ItvLinkPair *p = &g_array_index(blocked, ItvLinkPair, i);
    add_pair(pairs, p->a, p->b);
  }
  return blocked && add_references(s, pairs, error) ? g_steal_pointer(&pairs) : NULL;
}

/* A block may have outgrown the limit since the two met in it. */
static gboolean
still_meet(Search *s, const Pair *p, gboolean *ret, GError **error)
{
  g_autoptr(GArray) x = itv_app_linkage_keys(s->app, p->a, error);
  g_autoptr(GArray) y = x ? itv_app_linkage_keys(s->app, p->b, error) : NULL;
  gboolean met = FALSE;
  for (guint i = 0, k = 0; y && !met && i < x->len && k < y->len;) {
    const gint64 u = g_array_index(x, gint64, i), v = g_array_index(y, gint64, k);
    gint64 n = 0;
    if (u == v && !itv_linkage_block_size(s->app->db, u, &n, error))
      return FALSE;
    met = u == v && n <= itv_linkage_max_block(s->app->linkage);
    i += u <= v;
    k += v <= u;
  }
  *ret = met;
  return y != NULL;
}

/* ---- what was decided ------------------------------------------------------------------------ */

/* NULL without an error: that family is one id. */
static ItvHistory *
history_of(Search *s, gint64 family, GError **error)
{
  gint64 n = 0;
  ItvHistory *h = g_hash_table_lookup(s->histories, &family);
  if (h || g_hash_table_contains(s->histories, &family))
    return h;
  if (!itv_db_int(s->app->db, 0, &n, error, "SELECT count(*) FROM patient WHERE family = ?1", "i",
                  family))
    return NULL;
  if (n > 1 && !(h = itv_app_history(s->app, family, error)))
    return NULL;
  g_hash_table_insert(s->histories, copy_key(family), h);
  return h;
}

static guint
index_in(const ItvHistory *h, const ItvLinkId *id)
{
  for (guint i = 0; i < h->ids->len; i++) {
    const ItvPatientId *known = &g_array_index(h->ids, ItvPatientId, i);
    if (strcmp(known->id, id->id) == 0 && strcmp(known->issuer, id->issuer) == 0)
      return i;
  }
  return G_MAXUINT;
}

/* The person for whom that id stands today, as text; NULL on error.  Owned. */
static char *
root_of(Search *s, const ItvLinkId *id, GError **error)
{
  g_autoptr(GError) local = NULL;
  const ItvHistory *h = history_of(s, id->family, &local);
  if (local) {
    g_propagate_error(error, g_steal_pointer(&local));
    return NULL;
  }
  const guint i = h ? index_in(h, id) : G_MAXUINT;
  if (i == G_MAXUINT)
    return full_id(id);
  const ItvPatientId *root =
      &g_array_index(h->ids, ItvPatientId, itv_derive_person(h, i, itv_date_today()));
  return *root->issuer ? g_strconcat(root->id, "^^^", root->issuer, NULL) : g_strdup(root->id);
}

/* The two, or others of the same two persons, were once parted: as things stand they are
 * apart, and somebody said so. */
static gboolean
were_parted(const ItvHistory *h, guint a, guint b)
{
  const ItvDate today = itv_date_today();
  const guint x = itv_derive_person(h, a, today), y = itv_derive_person(h, b, today);
  for (guint i = 0; i < h->links->len; i++) {
    const ItvLink *l = &g_array_index(h->links, ItvLink, i);
    if (l->kind != ITV_LINK_PART || l->ev.known.date > today)
      continue;
    const guint u = itv_derive_person(h, l->ev.patient, today);
    const guint v = itv_derive_person(h, l->other, today);
    if ((u == x && v == y) || (u == y && v == x))
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_decided(Search *s, const ItvLinkId *a, const ItvLinkId *b, gboolean *ret, GError **error)
{
  *ret = FALSE;
  if (a->family != b->family)
    return TRUE;
  const ItvHistory *h = history_of(s, a->family, error);
  if (!h)
    return FALSE;
  const guint i = index_in(h, a), k = index_in(h, b);
  if (i == G_MAXUINT || k == G_MAXUINT)
    return TRUE;
  *ret = itv_derive_person(h, i, itv_date_today()) == itv_derive_person(h, k, itv_date_today()) ||
         were_parted(h, i, k);
  return TRUE;
}

/* ---- weighing
 * ------------------------------------------------------------------------------------ */

static double
share_of(const char *family, gpointer data)
{
  Search *s = data;
  gint64 n = 0;
  if (s->n_ids == 0 || s->error ||
      !itv_linkage_block_size(s->app->db, itv_linkage_name_key(family), &n, &s->error))
    return 0;
  return (double)n / (double)s->n_ids;
}

static int
compare_ids(const ItvLinkId *a, const ItvLinkId *b)
{
  const int order = strcmp(a->id, b->id);
  return order ? order : strcmp(a->issuer, b->issuer);
}

static ItvLinkId *
dup_id(const ItvLinkId *id)
{
  ItvLinkId *copy = g_new(ItvLinkId, 1);
  *copy = (ItvLinkId){id->pk, id->family, g_strdup(id->id), g_strdup(id->issuer)};
  return copy;
}

/* Heaviest first; then by id, so that the order is the same in every run. */
static int
compare_candidates(gconstpointer x, gconstpointer y)
{
  const ItvLinkCandidate *a = *(ItvLinkCandidate *const *)x, *b = *(ItvLinkCandidate *const *)y;
  if (a->verdict->zone != b->verdict->zone)
    return a->verdict->zone < b->verdict->zone ? 1 : -1;
  if (a->verdict->weight != b->verdict->weight)
    return a->verdict->weight < b->verdict->weight ? 1 : -1;
  const int order = compare_ids(a->a, b->a);
  return order ? order : compare_ids(a->b, b->b);
}

/* Takes `c` unless there is a heavier one between the same two persons. */
static gboolean
keep_best(Search *s, ItvLinkCandidate *c, GError **error)
{
  g_autofree char *x = root_of(s, c->a, error);
  g_autofree char *y = x ? root_of(s, c->b, error) : NULL;
  if (!y) {
    itv_link_candidate_free(c);
    return FALSE;
  }
  char *key = strcmp(x, y) < 0 ? g_strjoin("\n", x, y, NULL) : g_strjoin("\n", y, x, NULL);
  ItvLinkCandidate *other = g_hash_table_lookup(s->best, key);
  if (other && compare_candidates(&other, &c) < 0) {
    itv_link_candidate_free(c);
    g_free(key);
    return TRUE;
  }
  if (other)
    g_ptr_array_remove_fast(s->found, other);
  g_ptr_array_add(s->found, c);
  g_hash_table_replace(s->best, key, c);
  return TRUE;
}

static gboolean
weigh(Search *s, const Pair *p, GError **error)
{
  const ItvLinkId *x = id_of(s, p->a, error), *y = x ? id_of(s, p->b, error) : NULL;
  gboolean decided = FALSE, meet = p->references != NULL;
  if (!y || !is_decided(s, x, y, &decided, error))
    return FALSE;
  if (decided)
    return TRUE;
  const ItvPersona *a = itv_personas_get(s->personas, p->a, error);
  const ItvPersona *b = a ? itv_personas_get(s->personas, p->b, error) : NULL;
  if (!b)
    return FALSE;
  const ItvLinkContext context = {*x->issuer && strcmp(x->issuer, y->issuer) == 0,
                                  p->references ? p->references->str : NULL};
  const ItvNameFrequency frequency = {share_of, s, (guint)s->n_ids};
  g_autoptr(ItvLinkVerdict) v = itv_linkage_compare(s->app->linkage, a, b, &context, &frequency);
  if (s->error) {
    g_propagate_error(error, g_steal_pointer(&s->error));
    return FALSE;
  }
  if (v->zone == ITV_ZONE_DIFFERENT)
    return TRUE;
  if (!meet && !still_meet(s, p, &meet, error))
    return FALSE;
  if (!meet)
    return TRUE;
  ItvLinkCandidate *c = g_new(ItvLinkCandidate, 1);
  const gboolean in_order = compare_ids(x, y) <= 0;
  *c = (ItvLinkCandidate){dup_id(in_order ? x : y), dup_id(in_order ? y : x), g_steal_pointer(&v)};
  return keep_best(s, c, error);
}

/* ---- search
 * ---------------------------------------------------------------------------------------- */

static gboolean
concerns(const GArray *pks, const Pair *p)
{
  for (guint i = 0; i < pks->len; i++)
    if (g_array_index(pks, gint64, i) == p->a || g_array_index(pks, gint64, i) == p->b)
      return TRUE;
  return FALSE;
}

static gboolean
weigh_all(Search *s, GHashTable *pairs, const GArray *pks, GError **error)
{
  GHashTableIter it;
  gpointer pair = NULL;
  g_hash_table_iter_init(&it, pairs);
  while (g_hash_table_iter_next(&it, &pair, NULL))
    if ((!pks || concerns(pks, pair)) && !weigh(s, pair, error))
      return FALSE;
  return TRUE;
}

static gboolean
search(Search *s, const char *patient, GError **error)
{
  g_autoptr(GHashTable) pairs = all_pairs(s, error);
  g_autoptr(GArray) pks = patient ? itv_linkage_pks(s->app->db, patient, error) : NULL;
  if (!pairs || (patient && !pks) || !itv_linkage_count(s->app->db, &s->n_ids, error))
    return FALSE;
  if (pks && pks->len == 0)
    return itv_fail(error, ITV_ERROR_NOT_FOUND, "no patient %s is known", patient);
  if (!weigh_all(s, pairs, pks, error))
    return FALSE;
  g_ptr_array_sort(s->found, compare_candidates);
  return TRUE;
}

GPtrArray *
itv_app_candidates(ItvApp *app, const char *patient, GError **error)
{
  if (!itv_app_linkage_update(app, error))
    return NULL;
  g_autoptr(ItvPersonas) personas = itv_personas_new(app);
  g_autoptr(GHashTable) ids =
      g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)itv_link_id_free);
  g_autoptr(GHashTable) histories =
      g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)itv_history_free);
  g_autoptr(GHashTable) best = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) found =
      g_ptr_array_new_with_free_func((GDestroyNotify)itv_link_candidate_free);
  Search s = {.app = app,
              .personas = personas,
              .ids = ids,
              .histories = histories,
              .best = best,
              .found = found};
  return search(&s, patient, error) ? g_steal_pointer(&found) : NULL;
}
