/* SPDX-License-Identifier: Apache-2.0
 *
 * From recommendations to asks: one per distinct action, the same through all
 * versions of its report.
 *
 * An ask is known by what its first version said; a later version's wording
 * finds it again first by the very same action and interval, then by the same
 * action, then by an action that does not contradict it.  Ids of the later
 * wordings stay valid as aliases, since a person may have decided on an item
 * before an earlier version arrived.
 */
#include "engine/derive-internal.h"
#include "engine/exam.h"

#include <string.h>

void
itv_action_clear(ItvAction *a)
{
  g_clear_pointer(&a->head, g_free);
}

ItvAction
itv_action_copy(const ItvAction *a)
{
  ItvAction copy = *a;
  copy.head = g_strdup(a->head);
  return copy;
}

ItvAsk *
itv_ask_new(void)
{
  ItvAsk *ask = g_new0(ItvAsk, 1);
  ask->aliases = g_ptr_array_new_with_free_func(g_free);
  ask->matches = g_array_new(FALSE, FALSE, sizeof(ItvMatch));
  ask->occurrences = g_ptr_array_new_with_free_func((GDestroyNotify)itv_occurrence_free);
  return ask;
}

void
itv_ask_free(ItvAsk *ask)
{
  itv_action_clear(&ask->action);
  itv_action_clear(&ask->first);
  g_free(ask->seed);
  g_free(ask->outside);
  itv_proposal_free(ask->proposal);
  itv_condition_answer_free(ask->condition);
  g_clear_pointer(&ask->questions, g_ptr_array_unref);
  g_ptr_array_unref(ask->aliases);
  g_free(ask->withdrawn.text);
  g_free(ask->superseded.text);
  g_free(ask->not_indicated.text);
  g_free(ask->deceased.text);
  g_array_unref(ask->matches);
  g_ptr_array_unref(ask->occurrences);
  g_free(ask);
}

/* --- the same action ---------------------------------------------------------- */

/* "Nodules " -> "nodule", "masses" -> "mass"; NULL for none. */
char *
itv_head_normal(const char *head)
{
  if (!head)
    return NULL;
  g_autofree char *s = g_strstrip(g_utf8_strdown(head, -1));
  gsize n = strlen(s);
  if (n > 4 && (g_str_has_suffix(s, "sses") || g_str_has_suffix(s, "xes")))
    s[n -= 2] = '\0';
  else if (n > 4 && g_str_has_suffix(s, "ies"))
    memcpy(s + n - 3, "y", 2);
  else if (n > 3 && s[n - 1] == 's' && !strchr("siu", s[n - 2]))
    s[n - 1] = '\0';
  return *s ? g_steal_pointer(&s) : NULL;
}

gboolean
itv_sides_contradict(ItvLaterality a, ItvLaterality b)
{
  return (a == ITV_LATERALITY_LEFT && b == ITV_LATERALITY_RIGHT) ||
         (a == ITV_LATERALITY_RIGHT && b == ITV_LATERALITY_LEFT);
}

static gboolean
heads_agree(const char *a, const char *b)
{
  return !a || !b || strcmp(a, b) == 0;
}

gboolean
itv_same_action(const ItvFulfilment *f, const ItvAction *a, const ItvAction *b)
{
  if (a->kind != b->kind || itv_sides_contradict(a->laterality, b->laterality) ||
      !heads_agree(a->head, b->head) || !itv_fulfilment_related(f, a->region, b->region))
    return FALSE;
  if (a->kind != ITV_KIND_OF_IMAGING) /* the act tells them apart, not the guidance */
    return !a->acts || !b->acts || (a->acts & b->acts);
  return !a->modalities || !b->modalities || (a->modalities & b->modalities);
}

static gboolean
equal_action(const ItvAction *a, const ItvAction *b)
{
  return a->kind == b->kind && a->region == b->region && a->modalities == b->modalities &&
         a->laterality == b->laterality && g_strcmp0(a->head, b->head) == 0;
}

/* --- identity ------------------------------------------------------------------ */

char *
itv_item_id(const char *seed, guint occurrence)
{
  static const char crockford[] = "0123456789abcdefghjkmnpqrstvwxyz";
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  g_autofree char *tail = g_strdup_printf("\x1f%u", occurrence);
  guint8 digest[32];
  gsize n = sizeof(digest);
  g_checksum_update(sum, (const guchar *)seed, -1);
  g_checksum_update(sum, (const guchar *)tail, -1);
  g_checksum_get_digest(sum, digest, &n);
  guint64 bits = 0;
  for (int i = 0; i < 8; i++)
    bits = bits << 8 | digest[i];
  char *id = g_malloc(13);
  for (int i = 0; i < 12; i++, bits >>= 5)
    id[i] = crockford[bits & 31];
  id[12] = '\0';
  return id;
}

static char *
seed_of(const ItvCase *c, const ItvReport *r, const char *key, const ItvAction *a, guint ordinal)
{
  const ItvPatientId *p = &g_array_index(c->history->ids, ItvPatientId, r->ev.patient);
  return g_strdup_printf("report\x1f%s\x1f%s\x1f%s\x1f%d\x1f%d\x1f%x\x1f%d\x1f%s\x1f%u", p->id,
                         p->issuer, key, a->kind, a->region, a->modalities, a->laterality,
                         a->head ? a->head : "", ordinal);
}

/* --- the recommendations of one version ----------------------------------------- */

typedef struct {
  const ItvRecommendation *rec;
  ItvAction action;
  ItvAsk *ask;
} Wish;

static void
wish_clear(gpointer data)
{
  itv_action_clear(&((Wish *)data)->action);
}

static ItvAction
action_of(const ItvCase *c, const ItvPerformed *exam, const ItvReport *r,
          const ItvRecommendation *rec)
{
  ItvAction a = {rec->kind, rec->modalities, rec->region, rec->laterality, NULL, 0, rec->also};
  if (!a.region && rec->kind == ITV_KIND_OF_IMAGING)
    a.region = r->exam.main_region ? r->exam.main_region : exam->exam.main_region;
  a.head = itv_head_normal(rec->finding_head ? rec->finding_head : NULL);
  const gsize n = r->text ? strlen(r->text) : 0;
  if (rec->kind != ITV_KIND_OF_IMAGING && rec->start < rec->end && rec->end <= n)
    a.acts = itv_fulfilment_acts(c->rules->fulfilment, r->text + rec->start,
                                 (gssize)(rec->end - rec->start));
  return a;
}

static gboolean
same_interval(const ItvRecommendation *a, const ItvRecommendation *b)
{
  return a->has_interval == b->has_interval && a->repeats == b->repeats &&
         (!a->repeats || memcmp(&a->repeat, &b->repeat, sizeof(ItvPeriod)) == 0) &&
         (!a->has_interval ||
          (a->open_end == b->open_end &&
           memcmp(&a->earliest, &b->earliest, sizeof(ItvPeriod)) == 0 &&
           (a->open_end || memcmp(&a->latest, &b->latest, sizeof(ItvPeriod)) == 0)));
}

/* Said twice in one text: the same action at the same time, or once without a time. */
static gboolean
said_twice(const ItvFulfilment *f, const Wish *a, const Wish *b)
{
  return a->action.region == b->action.region && itv_same_action(f, &a->action, &b->action) &&
         a->rec->conditional == b->rec->conditional &&
         (a->action.modalities == b->action.modalities || !a->action.modalities ||
          !b->action.modalities) &&
         (same_interval(a->rec, b->rec) || !a->rec->has_interval || !b->rec->has_interval);
}

/* Which of two sayings is worth keeping: with a time, a modality, a finding;
 * else the later one, which stands in the impression. */
static guint
worth(const Wish *w)
{
  return (w->rec->has_interval ? 8u : 0) + (w->action.modalities ? 4u : 0) +
         (w->action.head ? 2u : 0) + (w->rec->condition ? 1u : 0);
}

static int
compare_wishes(gconstpointer a, gconstpointer b)
{
  const ItvRecommendation *x = ((const Wish *)a)->rec, *y = ((const Wish *)b)->rec;
  const int dx = x->has_interval ? itv_period_days(x->earliest) : G_MAXINT;
  const int dy = y->has_interval ? itv_period_days(y->earliest) : G_MAXINT;
  if (dx != dy)
    return dx < dy ? -1 : 1;
  return x->start != y->start ? (x->start < y->start ? -1 : 1) : 0;
}

static GArray *
wishes_of(const ItvCase *c, const ItvPerformed *exam, const ItvReport *r)
{
  GArray *wishes = g_array_new(FALSE, TRUE, sizeof(Wish));
  g_array_set_clear_func(wishes, wish_clear);
  for (guint i = 0; r->recommendations && i < r->recommendations->len; i++) {
    const ItvRecommendation *rec = &g_array_index(r->recommendations, ItvRecommendation, i);
    Wish w = {rec, action_of(c, exam, r, rec), NULL};
    gboolean keep = TRUE;
    for (guint k = 0; k < wishes->len && keep; k++) {
      Wish *other = &g_array_index(wishes, Wish, k);
      if (!said_twice(c->rules->fulfilment, other, &w))
        continue;
      keep = FALSE;
      if (worth(&w) >= worth(other)) {
        itv_action_clear(&other->action);
        *other = w;
        w.action.head = NULL;
      }
    }
    if (keep)
      g_array_append_val(wishes, w);
    else
      itv_action_clear(&w.action);
  }
  g_array_sort(wishes, compare_wishes);
  return wishes;
}

/* --- through the versions -------------------------------------------------------- */

typedef gboolean (*Fits)(const ItvFulfilment *f, const ItvAsk *ask, const Wish *w);

static gboolean
fits_exactly(const ItvFulfilment *f G_GNUC_UNUSED, const ItvAsk *ask, const Wish *w)
{
  return equal_action(&ask->action, &w->action) && same_interval(ask->rec, w->rec);
}

static gboolean
fits_action(const ItvFulfilment *f G_GNUC_UNUSED, const ItvAsk *ask, const Wish *w)
{
  return equal_action(&ask->action, &w->action) || equal_action(&ask->first, &w->action);
}

static gboolean
fits_loosely(const ItvFulfilment *f, const ItvAsk *ask, const Wish *w)
{
  return itv_same_action(f, &ask->action, &w->action);
}

static void
match_wishes(const ItvFulfilment *f, GArray *wishes, GPtrArray *asks, GHashTable *taken, Fits fits)
{
  for (guint i = 0; i < wishes->len; i++) {
    Wish *w = &g_array_index(wishes, Wish, i);
    for (guint k = 0; k < asks->len && !w->ask; k++) {
      ItvAsk *ask = g_ptr_array_index(asks, k);
      if (!g_hash_table_contains(taken, ask) && fits(f, ask, w)) {
        w->ask = ask;
        g_hash_table_add(taken, ask);
      }
    }
  }
}

static ItvAsk *
new_ask(const ItvCase *c, const ItvLetter *l, const ItvReport *r, const Wish *w, GPtrArray *asks)
{
  ItvAsk *ask = itv_ask_new();
  ask->letter = l;
  ask->since = r->ev.known;
  ask->first = itv_action_copy(&w->action);
  for (guint i = 0; i < asks->len; i++)
    ask->ordinal += equal_action(&((ItvAsk *)g_ptr_array_index(asks, i))->first, &w->action);
  ask->seed = seed_of(c, r, l->key, &w->action, ask->ordinal);
  g_ptr_array_add(asks, ask);
  return ask;
}

static void
take_wording(const ItvCase *c, const ItvLetter *l, const ItvReport *r, GArray *wishes, guint i)
{
  Wish *w = &g_array_index(wishes, Wish, i);
  guint ordinal = 0;
  for (guint k = 0; k < i; k++)
    ordinal += equal_action(&g_array_index(wishes, Wish, k).action, &w->action);
  char *alias = seed_of(c, r, l->key, &w->action, ordinal);
  if (strcmp(alias, w->ask->seed) == 0)
    g_free(alias);
  else
    g_ptr_array_add(w->ask->aliases, alias);
  itv_action_clear(&w->ask->action);
  w->ask->action = itv_action_copy(&w->action);
  w->ask->report = r;
  w->ask->rec = w->rec;
  w->ask->withdrawn.set = FALSE;
}

static void
withdraw(ItvAsk *ask, const ItvReport *r)
{
  if (ask->withdrawn.set)
    return;
  static const char *const what[] = {"preliminary text", "final report", "corrected report"};
  g_free(ask->withdrawn.text);
  ask->withdrawn = (ItvEnd){
      .set = TRUE,
      .reason = ITV_REASON_WITHDRAWN,
      .at = r->ev.known,
      .known = r->ev.known,
      .uid = r->ev.uid,
      .source = r->ev.source,
      .text = r->status == 'X' ? g_strdup("the report was cancelled")
                               : g_strdup_printf("the %s no longer holds the recommendation",
                                                 what[r->status == 'P'   ? 0
                                                      : r->status == 'C' ? 2
                                                                         : 1])};
}

static void
read_version(ItvCase *c, ItvLetter *l, ItvReport *r, GPtrArray *asks)
{
  g_autoptr(GHashTable) taken = g_hash_table_new(NULL, NULL);
  g_autoptr(GArray) wishes = NULL;
  if (r->status == 'X') {
    wishes = g_array_new(FALSE, TRUE, sizeof(Wish));
  } else {
    const ItvFulfilment *f = c->rules->fulfilment;
    wishes = wishes_of(c, l->exam, r);
    match_wishes(f, wishes, asks, taken, fits_exactly);
    match_wishes(f, wishes, asks, taken, fits_action);
    match_wishes(f, wishes, asks, taken, fits_loosely);
  }
  for (guint k = 0; k < asks->len; k++)
    if (!g_hash_table_contains(taken, g_ptr_array_index(asks, k)))
      withdraw(g_ptr_array_index(asks, k), r);
  for (guint i = 0; i < wishes->len; i++) {
    Wish *w = &g_array_index(wishes, Wish, i);
    if (!w->ask)
      w->ask = new_ask(c, l, r, w, asks);
    take_wording(c, l, r, wishes, i);
  }
}

/* An alias that is another ask's own name is that one's. */
static void
drop_taken_aliases(GPtrArray *asks)
{
  for (guint i = 0; i < asks->len; i++) {
    GPtrArray *aliases = ((ItvAsk *)g_ptr_array_index(asks, i))->aliases;
    for (guint k = 0; k < asks->len; k++)
      for (guint a = aliases->len; a-- > 0;)
        if (strcmp(g_ptr_array_index(aliases, a), ((ItvAsk *)asks->pdata[k])->seed) == 0)
          g_ptr_array_remove_index(aliases, a);
  }
}

static void
date_ask(ItvAsk *ask)
{
  const ItvRecommendation *rec = ask->rec;
  ask->base = ask->letter->exam->performed;
  ask->base_known = ask->letter->exam->known;
  ask->has_interval = rec->has_interval;
  ask->open_end = rec->open_end;
  ask->earliest = rec->earliest;
  ask->latest = rec->open_end ? rec->earliest : rec->latest;
  ask->repeats = rec->repeats && (rec->repeat.months > 0 || rec->repeat.days > 0);
  ask->repeat = rec->repeat;
  if (ask->repeats && !ask->has_interval) { /* "every 6 months" is first due at 6 months */
    ask->has_interval = TRUE;
    ask->earliest = ask->latest = rec->repeat;
  }
}

void
itv_case_asks(ItvCase *c)
{
  for (guint i = 0; i < c->exams->len; i++) {
    const ItvPerformed *e = g_ptr_array_index(c->exams, i);
    for (guint k = 0; k < e->letters->len; k++) {
      ItvLetter *l = g_ptr_array_index(e->letters, k);
      g_autoptr(GPtrArray) asks = g_ptr_array_new();
      for (guint v = 0; v < l->versions->len; v++)
        read_version(c, l, g_ptr_array_index(l->versions, v), asks);
      drop_taken_aliases(asks);
      for (guint a = 0; a < asks->len; a++) {
        date_ask(g_ptr_array_index(asks, a));
        g_ptr_array_add(c->asks, g_ptr_array_index(asks, a));
      }
    }
  }
}
