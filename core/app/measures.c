/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/measures.h"

#include <string.h>

#include "app/app-private.h"
#include "base/error.h"
#include "store/patient.h"

#define MAX_DIMENSIONS 6

typedef struct {
  char *values[MAX_DIMENSIONS]; /* one for each of the query's dimensions */
  ItvMeasureTally tally;
  json_object *items; /* those behind the numbers */
} Group;

typedef struct {
  ItvApp *app;
  const ItvMeasuresQuery *query;
  ItvDate as_of;
  GStrv by;
  GHashTable *groups; /* joined values -> Group */
  Group *all;
} Measures;

static void
group_free(gpointer data)
{
  Group *g = data;
  for (guint i = 0; i < MAX_DIMENSIONS; i++)
    g_free(g->values[i]);
  json_object_put(g->items);
  g_free(g);
}

static Group *
group_new(void)
{
  Group *g = g_new0(Group, 1);
  g->items = json_object_new_array();
  return g;
}

/* ---- one item ------------------------------------------------------------------- */

static const ItvReport *
report_of(const ItvHistory *h, const ItvFollowup *f)
{
  for (guint i = 0; f->report_uid && i < h->reports->len; i++) {
    const ItvReport *r = &g_array_index(h->reports, ItvReport, i);
    if (strcmp(r->ev.uid, f->report_uid) == 0)
      return r;
  }
  return NULL;
}

/* The facility that sent the report, else the application. */
static char *
site_of(const ItvReport *r)
{
  const char *sender = r && r->sender ? r->sender : "";
  const char *caret = strchr(sender, '^');
  if (caret && caret[1])
    return g_strdup(caret + 1);
  return g_strndup(sender, caret ? (gsize)(caret - sender) : strlen(sender));
}

/* "2024", "2024-Q2" or "2024-05". */
static char *
period_of(ItvDate date, const char *period)
{
  int year = 0, month = 0, day = 0;
  if (date == ITV_DATE_NONE)
    return g_strdup("");
  itv_date_split(date, &year, &month, &day);
  if (g_strcmp0(period, "year") == 0)
    return g_strdup_printf("%04d", year);
  if (g_strcmp0(period, "month") == 0)
    return g_strdup_printf("%04d-%02d", year, month);
  return g_strdup_printf("%04d-Q%d", year, (month + 2) / 3);
}

static char *
modalities_of(const ItvFollowup *f)
{
  g_autoptr(GString) s = g_string_new(NULL);
  for (int m = 1; m < ITV_MODALITY_N; m++)
    if (f->modalities & ITV_MODALITY_BIT(m))
      g_string_append_printf(s, "%s%s", s->len ? "/" : "", itv_modality_code((ItvModality)m));
  return g_string_free(g_steal_pointer(&s), FALSE);
}

static char *
value_of(const Measures *m, const char *dimension, const ItvHistory *h, const ItvFollowup *f)
{
  const ItvReport *report = report_of(h, f);
  const char *region = f->region ? itv_region_code(f->region) : NULL;
  if (strcmp(dimension, "reader") == 0)
    return g_strdup(report && report->reader ? report->reader : "");
  if (strcmp(dimension, "modality") == 0)
    return modalities_of(f);
  if (strcmp(dimension, "region") == 0)
    return g_strdup(region ? region : "");
  if (strcmp(dimension, "site") == 0)
    return site_of(report);
  if (strcmp(dimension, "finding") == 0)
    return g_strdup(f->finding_head ? f->finding_head : "");
  return period_of(f->recommended_on, m->query->period);
}

static json_object *
item_json(const Measures *m, const ItvHistory *h, const ItvFollowup *f, const ItvMeasureFact *fact)
{
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "item", f->id);
  itv_json_add(o, "patient", itv_app_patient_json(h, f->patient, m->as_of));
  itv_json_add_string(o, "outcome", itv_fate_code(fact->fate));
  itv_json_add_bool(o, "mature", fact->mature);
  itv_json_add_string(o, "status", itv_status_code(f->status));
  itv_json_add_string(o, "reason", itv_close_reason_code(f->reason));
  itv_app_json_add_date(o, "recommended_on", f->recommended_on);
  itv_app_json_add_date(o, "due_from", f->due_from);
  itv_app_json_add_date(o, "due_until", f->due_until);
  itv_app_json_add_date(o, "window_from", fact->window_from);
  itv_app_json_add_date(o, "window_until", fact->window_until);
  itv_app_json_add_date(o, "performed", f->is_fulfilled ? f->fulfilled_by.date : ITV_DATE_NONE);
  return o;
}

static Group *
group_for(Measures *m, const ItvHistory *h, const ItvFollowup *f)
{
  char *values[MAX_DIMENSIONS] = {NULL};
  g_autoptr(GString) key = g_string_new(NULL);
  for (guint i = 0; m->by[i]; i++) {
    values[i] = value_of(m, m->by[i], h, f);
    /* A unit separator: no value holds one that would make two keys the same. */
    g_string_append_printf(key, "%s\x1f", values[i]);
  }
  Group *group = g_hash_table_lookup(m->groups, key->str);
  if (!group) {
    group = group_new();
    memcpy(group->values, values, sizeof values);
    g_hash_table_insert(m->groups, g_strdup(key->str), group);
    return group;
  }
  for (guint i = 0; i < MAX_DIMENSIONS; i++)
    g_free(values[i]);
  return group;
}

static gboolean
is_asked_for(const ItvMeasuresQuery *q, const ItvFollowup *f)
{
  if (f->kind != ITV_KIND_OF_IMAGING || (f->source == ITV_SOURCE_PROTOCOL) != q->protocols)
    return FALSE;
  return (q->from == ITV_DATE_NONE || f->recommended_on >= q->from) &&
         (q->until == ITV_DATE_NONE || f->recommended_on <= q->until);
}

static gboolean
add_family(Measures *m, gint64 family, GError **error)
{
  g_autoptr(ItvHistory) h = itv_app_history(m->app, family, error);
  if (!h)
    return FALSE;
  g_autoptr(GPtrArray) items = itv_derive(h, &m->app->rules, m->as_of);
  for (guint i = 0; i < items->len; i++) {
    const ItvFollowup *f = items->pdata[i];
    if (!is_asked_for(m->query, f))
      continue;
    const ItvMeasureFact fact = itv_measure_fact(&m->app->measures, f, m->as_of);
    Group *group = group_for(m, h, f);
    itv_measure_add(&group->tally, &fact);
    itv_measure_add(&m->all->tally, &fact);
    json_object_array_add(group->items, item_json(m, h, f, &fact));
  }
  return TRUE;
}

/* ---- the answer -------------------------------------------------------------------- */

static void
add_rate(json_object *o, const char *name, ItvRate r)
{
  json_object *rate = json_object_new_object();
  json_object *ci = NULL;
  itv_json_add_int(rate, "n", r.n);
  itv_json_add_int(rate, "of", r.of);
  if (r.of) {
    ci = json_object_new_array();
    json_object_array_add(ci, json_object_new_double(r.low));
    json_object_array_add(ci, json_object_new_double(r.high));
    itv_json_add_double(rate, "rate", r.rate);
  } else
    itv_json_add(rate, "rate", NULL);
  itv_json_add(rate, "ci95", ci);
  itv_json_add(o, name, rate);
}

static json_object *
group_json(const Measures *m, const Group *group)
{
  json_object *o = json_object_new_object(), *outcomes = json_object_new_object();
  guint n = 0;
  for (guint i = 0; i < ITV_FATE_N; i++) {
    n += group->tally.n[i];
    itv_json_add_int(outcomes, itv_fate_code((ItvFate)i), group->tally.n[i]);
  }
  for (guint i = 0; group != m->all && m->by[i]; i++)
    itv_json_add_string(o, m->by[i], group->values[i]);
  itv_json_add_int(o, "items", n);
  add_rate(o, "in_window", itv_measure_window(&group->tally));
  add_rate(o, "adherence", itv_measure_adherence(&group->tally));
  add_rate(o, "closed_loop", itv_measure_closed_loop(&group->tally));
  add_rate(o, "interval_stated", itv_measure_interval_stated(&group->tally));
  itv_json_add(o, "outcomes", outcomes);
  if (group != m->all)
    itv_json_add(o, "behind", json_object_get(group->items));
  return o;
}

static gboolean
check_query(const ItvMeasuresQuery *q, const char *const *by, GError **error)
{
  static const char *const dimensions[] = {"reader", "modality", "region", "site",
                                           "period", "finding",  NULL};
  static const char *const periods[] = {"month", "quarter", "year", NULL};
  for (guint i = 0; by[i]; i++)
    if (!g_strv_contains(dimensions, by[i]) || i >= MAX_DIMENSIONS ||
        (i > 0 && g_strv_contains((const char *const[]){by[i - 1], NULL}, by[i])))
      return itv_fail(error, ITV_ERROR_USAGE,
                      "cannot group by \"%s\"; what there is, each once: reader modality region "
                      "site period finding",
                      by[i]);
  if (q->period && !g_strv_contains(periods, q->period))
    return itv_fail(error, ITV_ERROR_USAGE, "\"%s\" is no period; they are: month quarter year",
                    q->period);
  return TRUE;
}

static json_object *
answer(const Measures *m)
{
  json_object *o = json_object_new_object(), *window = json_object_new_object();
  json_object *groups = json_object_new_array(), *by = json_object_new_array();
  g_autoptr(GList) keys = g_list_sort(g_hash_table_get_keys(m->groups), (GCompareFunc)strcmp);
  for (GList *k = keys; k; k = k->next)
    json_object_array_add(groups, group_json(m, g_hash_table_lookup(m->groups, k->data)));
  for (guint i = 0; m->by[i]; i++)
    json_object_array_add(by, json_object_new_string(m->by[i]));
  itv_app_json_add_date(o, "as_of", m->as_of);
  itv_app_json_add_date(o, "from", m->query->from);
  itv_app_json_add_date(o, "until", m->query->until);
  itv_json_add_int(window, "before_days", m->app->measures.before_days);
  itv_json_add_int(window, "after_days", m->app->measures.after_days);
  itv_json_add(o, "window", window);
  itv_json_add(o, "by", by);
  itv_json_add(o, "all", group_json(m, m->all));
  itv_json_add(o, "groups", groups);
  return o;
}

json_object *
itv_app_measures(ItvApp *app, const ItvMeasuresQuery *query, GError **error)
{
  g_auto(GStrv) by = g_strsplit(query->by ? query->by : "", ",", -1);
  if (!check_query(query, (const char *const *)by, error) ||
      !itv_app_refresh(app, itv_date_today(), error))
    return NULL;
  g_autoptr(GArray) families = itv_patient_families_all(app->db, error);
  if (!families)
    return NULL;
  g_autoptr(GHashTable) groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, group_free);
  Measures m = {app, query,  query->as_of == ITV_DATE_NONE ? itv_date_today() : query->as_of,
                by,  groups, group_new()};
  json_object *document = NULL;
  guint done = 0;
  for (; done < families->len && add_family(&m, g_array_index(families, gint64, done), error);
       done++)
    itv_app_say(app, "measuring", done + 1, families->len);
  if (done == families->len)
    document = answer(&m);
  group_free(m.all);
  return document;
}
