/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/app-private.h"
#include "base/error.h"
#include "engine/urgency.h"
#include "store/patient.h"

typedef struct {
  gint64 urgency;
  char *id, *owner; /* owner "" for nobody */
  json_object *document;
} Entry;

typedef struct {
  ItvApp *app;
  const ItvQueueQuery *query;
  ItvDate as_of;
  GArray *entries;
  GHashTable *done; /* owner -> contacts made on that day */
  guint unowned;    /* open items that nobody cares for */
} Queue;

static void
clear_entry(gpointer data)
{
  Entry *e = data;
  g_free(e->id);
  g_free(e->owner);
  json_object_put(e->document);
}

static int
by_owner_and_urgency(gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;
  const int owner = strcmp(x->owner, y->owner);
  if (owner)
    return owner;
  return x->urgency != y->urgency ? (x->urgency < y->urgency ? -1 : 1) : strcmp(x->id, y->id);
}

static gboolean
is_open(const ItvFollowup *f)
{
  return f->kind != ITV_KIND_OF_CLINICAL && f->status != ITV_STATUS_FULFILLED &&
         f->status != ITV_STATUS_CLOSED;
}

static json_object *
entry_json(const Queue *q, const ItvHistory *h, const ItvFollowup *f, const ItvNextAction *next)
{
  json_object *o = itv_app_followup_json(h, f, q->as_of), *action = json_object_new_object();
  g_autofree char *words = itv_next_action_words(next);
  itv_json_add_string(action, "kind", itv_next_kind_code(next->kind));
  itv_json_add_string(action, "what", words);
  itv_app_json_add_date(action, "on", next->on);
  itv_json_add(action, "step", next->step ? json_object_new_int((int)next->step) : NULL);
  itv_json_add(action, "steps", next->step ? json_object_new_int((int)next->n_steps) : NULL);
  itv_json_add(o, "next_action", action);
  return o;
}

/* What was done on that day counts towards the day's cap of who did it. */
static void
count_done(Queue *q, const ItvFollowup *f)
{
  for (guint i = 0; i < f->contacts->len; i++) {
    const ItvContact *c = &g_array_index(f->contacts, ItvContact, i);
    if (c->at.date != q->as_of)
      continue;
    const char *owner = f->owner ? f->owner : "";
    const guint n = GPOINTER_TO_UINT(g_hash_table_lookup(q->done, owner));
    g_hash_table_insert(q->done, g_strdup(owner), GUINT_TO_POINTER(n + 1));
  }
}

static void
add_item(Queue *q, const ItvHistory *h, const ItvFollowup *f)
{
  const ItvQueueQuery *query = q->query;
  count_done(q, f);
  if (!is_open(f))
    return;
  const ItvNextAction next = itv_escalation_next(q->app->escalation, f, q->as_of);
  q->unowned += f->owner == NULL;
  if (next.kind == ITV_NEXT_NOTHING || next.on > q->as_of || (query->unowned && f->owner) ||
      (query->owner && g_strcmp0(query->owner, f->owner) != 0))
    return;
  const Entry e = {itv_followup_urgency(f), g_strdup(f->id), g_strdup(f->owner ? f->owner : ""),
                   entry_json(q, h, f, &next)};
  g_array_append_val(q->entries, e);
}

static gboolean
add_family(Queue *q, gint64 family, GError **error)
{
  g_autoptr(ItvHistory) h = itv_app_history(q->app, family, error);
  if (!h)
    return FALSE;
  g_autoptr(GPtrArray) items = itv_derive(h, &q->app->rules, q->as_of);
  for (guint i = 0; i < items->len; i++)
    add_item(q, h, items->pdata[i]);
  return TRUE;
}

static json_object *
answer(Queue *q)
{
  json_object *o = json_object_new_object(), *actions = json_object_new_array();
  const guint cap = q->query->no_cap ? 0 : (guint)q->app->escalation->daily_cap;
  guint held = 0, taken = 0;
  g_array_sort(q->entries, by_owner_and_urgency);
  for (guint i = 0; i < q->entries->len; i++) {
    Entry *e = &g_array_index(q->entries, Entry, i);
    if (i == 0 || strcmp(e->owner, g_array_index(q->entries, Entry, i - 1).owner) != 0)
      taken = GPOINTER_TO_UINT(g_hash_table_lookup(q->done, e->owner));
    if (cap && taken >= cap) {
      held++;
      continue;
    }
    taken++;
    json_object_array_add(actions, json_object_get(e->document));
  }
  itv_app_json_add_date(o, "as_of", q->as_of);
  itv_json_add_int(o, "cap", cap);
  itv_json_add(o, "actions", actions);
  itv_json_add_int(o, "held_back", held);
  itv_json_add_int(o, "unowned", q->unowned);
  return o;
}

json_object *
itv_app_queue(ItvApp *app, const ItvQueueQuery *query, GError **error)
{
  if (query->owner && query->unowned)
    return itv_fail(error, ITV_ERROR_USAGE, "either an owner, or what has none"), NULL;
  if (!itv_app_refresh(app, itv_date_today(), error))
    return NULL;
  g_autoptr(GArray) families = itv_patient_families_all(app->db, error);
  if (!families)
    return NULL;
  g_autoptr(GArray) entries = g_array_new(FALSE, TRUE, sizeof(Entry));
  g_array_set_clear_func(entries, clear_entry);
  g_autoptr(GHashTable) done = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Queue q = {app,     query, query->as_of == ITV_DATE_NONE ? itv_date_today() : query->as_of,
             entries, done,  0};
  for (guint i = 0; i < families->len; i++) {
    if (!add_family(&q, g_array_index(families, gint64, i), error))
      return NULL;
    itv_app_say(app, "looking for what is to be done", i + 1, families->len);
  }
  return answer(&q);
}
