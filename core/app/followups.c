/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/app-private.h"
#include "app/reading.h"
#include "base/error.h"
#include "engine/urgency.h"
#include "store/followup.h"
#include "store/jobrow.h"
#include "store/patient.h"

/* ---- the cache ------------------------------------------------------------------------ */

static gboolean
replace(ItvApp *app, gint64 family, const ItvHistory *h, const GPtrArray *items, ItvDate as_of,
        GPtrArray *texts, GError **error)
{
  g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(ItvFollowupRow));
  for (guint i = 0; i < items->len; i++) {
    const ItvFollowup *f = items->pdata[i];
    const ItvPatientId *id = &g_array_index(h->ids, ItvPatientId, f->patient);
    g_autoptr(json_object) document = itv_app_followup_json(h, f, as_of);
    char *text = itv_json_text(document, FALSE);
    ItvFollowupRow row = {.id = f->id,
                          .status = itv_status_code(f->status),
                          .kind = itv_action_kind_code(f->kind),
                          .urgency = itv_followup_urgency(f),
                          .document = text};
    g_ptr_array_add(texts, text);
    if (!itv_patient_pk(app->db, id->id, id->issuer, &row.patient, error))
      return FALSE;
    g_array_append_val(rows, row);
  }
  g_autofree char *from = itv_date_format(as_of);
  g_autofree char *until = itv_date_format(itv_derive_valid_until(h, items, as_of));
  return itv_followup_replace(app->db, family, from, until, (const ItvFollowupRow *)rows->data,
                              rows->len, error);
}

static gboolean
refresh_family(ItvApp *app, gint64 family, ItvDate as_of, ItvAppFamilyEach each, gpointer data,
               GError **error)
{
  g_autoptr(ItvHistory) h = itv_app_history(app, family, error);
  if (!h)
    return FALSE;
  g_autoptr(GPtrArray) items = itv_derive(h, &app->rules, as_of);
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
  const ItvAppFamily shown = {h, texts, as_of};
  return replace(app, family, h, items, as_of, texts, error) &&
         (!each || each(app, &shown, data, error));
}

#define FAMILIES_A_TRANSACTION 1024

/* Reports that a killed import left unread are read first: a worklist without
 * them would lack their follow-ups and look whole. */
static gboolean
finish_reading(ItvApp *app, GError **error)
{
  gint64 open = 0, failed = 0, found = 0;
  if (!itv_app_unread(app, &open, &failed, error))
    return FALSE;
  if (open == 0)
    return TRUE;
  g_autoptr(json_object) failures = json_object_new_array();
  return itv_app_run_parse_jobs(app, failures, NULL, &found, error);
}

gboolean
itv_app_refresh(ItvApp *app, ItvDate as_of, GError **error)
{
  return itv_app_refresh_each(app, as_of, NULL, NULL, error);
}

static gboolean
refresh_families(ItvApp *app, const GArray *families, ItvDate as_of, ItvAppFamilyEach each,
                 gpointer data, GError **error)
{
  for (guint i = 0; i < families->len; i++) {
    if (i % FAMILIES_A_TRANSACTION == 0 && !itv_db_begin(app->db, error))
      return FALSE;
    if (!refresh_family(app, g_array_index(families, gint64, i), as_of, each, data, error)) {
      itv_db_rollback(app->db);
      return FALSE;
    }
    const gboolean last = i + 1 == families->len;
    if ((last || (i + 1) % FAMILIES_A_TRANSACTION == 0) && !itv_db_commit(app->db, error))
      return FALSE;
    itv_app_say(app, "deriving follow-ups", i + 1, families->len);
  }
  return TRUE;
}

gboolean
itv_app_refresh_each(ItvApp *app, ItvDate as_of, ItvAppFamilyEach each, gpointer data,
                     GError **error)
{
  if (!finish_reading(app, error) || !itv_followup_set_rules(app->db, app->rules_hash, error))
    return FALSE;
  g_autofree char *day = itv_date_format(as_of);
  g_autoptr(GArray) families = itv_patient_families_due(app->db, day, error);
  if (!families)
    return FALSE;
  if (families->len == 0)
    return TRUE;
  /* What is lost of a cache is derived again: nobody waits for the disk. */
  if (!itv_db_set_durable(app->db, FALSE, error))
    return FALSE;
  const gboolean done = refresh_families(app, families, as_of, each, data, error);
  return itv_db_set_durable(app->db, TRUE, done ? error : NULL) && done;
}

/* ---- the worklist ------------------------------------------------------------------------ */

typedef struct {
  gint64 urgency;
  char *id;
  json_object *document;
} Line;

static void
clear_line(gpointer data)
{
  Line *line = data;
  g_free(line->id);
  json_object_put(line->document);
}

static int
by_urgency(gconstpointer a, gconstpointer b)
{
  const Line *x = a, *y = b;
  if (x->urgency != y->urgency)
    return x->urgency < y->urgency ? -1 : 1;
  return strcmp(x->id, y->id);
}

static gboolean
asked_for(const ItvFollowup *f, const ItvWorklistQuery *query)
{
  if (query->statuses)
    return g_strv_contains(query->statuses, itv_status_code(f->status)) &&
           (query->all || f->kind != ITV_KIND_OF_CLINICAL);
  return query->all || (f->status != ITV_STATUS_FULFILLED && f->status != ITV_STATUS_CLOSED &&
                        f->kind != ITV_KIND_OF_CLINICAL);
}

static gboolean
derive_lines(ItvApp *app, gint64 family, const ItvWorklistQuery *query, ItvDate as_of,
             GArray *lines, GError **error)
{
  g_autoptr(ItvHistory) h = itv_app_history(app, family, error);
  if (!h)
    return FALSE;
  guint person = 0;
  if (query->patient && !itv_app_person_asked(h, query->patient, as_of, &person, error))
    return FALSE;
  g_autoptr(GPtrArray) items = itv_derive(h, &app->rules, as_of);
  for (guint i = 0; i < items->len; i++) {
    const ItvFollowup *f = items->pdata[i];
    if (!asked_for(f, query) || (query->patient && f->patient != person))
      continue;
    const Line line = {itv_followup_urgency(f), g_strdup(f->id),
                       itv_app_followup_json(h, f, as_of)};
    g_array_append_val(lines, line);
  }
  return TRUE;
}

static json_object *
page_of(const GArray *lines, const ItvWorklistQuery *query, GError **error)
{
  guint64 first = query->offset;
  if (query->after) {
    guint i = 0;
    while (i < lines->len && strcmp(g_array_index(lines, Line, i).id, query->after) != 0)
      i++;
    if (i == lines->len)
      return itv_fail(error, ITV_ERROR_NOT_FOUND, "no item %s", query->after), NULL;
    first += i + 1;
  }
  json_object *list = json_object_new_array();
  for (guint64 i = first; i < lines->len && (!query->limit || i - first < query->limit); i++)
    json_object_array_add(list, json_object_get(g_array_index(lines, Line, i).document));
  return list;
}

/* In order of urgency (engine/urgency.c): whatever has one of these comes before whatever
 * has a later one. */
static const char *const statuses_by_urgency[] = {
    "overdue",   "review",  "due",       "needs-interval", "awaiting-condition",
    "scheduled", "not-due", "fulfilled", "closed",         NULL};
#define N_OPEN 7 /* of them */

static json_object *
counts_of(const GArray *lines)
{
  json_object *counts = json_object_new_object();
  for (const char *const *s = statuses_by_urgency; *s; s++) {
    gint64 n = 0;
    for (guint i = 0; i < lines->len; i++)
      n +=
          g_strcmp0(itv_json_get_string(g_array_index(lines, Line, i).document, "status"), *s) == 0;
    if (n)
      itv_json_add_int(counts, *s, n);
  }
  return counts;
}

/* Another day than today, or one patient: derived for the asking. */
static json_object *
derived_worklist(ItvApp *app, const ItvWorklistQuery *query, ItvDate as_of,
                 json_object **ret_counts, GError **error)
{
  g_autoptr(GArray) families = NULL;
  gint64 family = 0;
  if (query->patient && !itv_app_family_of_patient(app, query->patient, &family, error))
    return NULL;
  if (query->patient) {
    families = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_array_append_val(families, family);
  } else
    families = itv_patient_families_all(app->db, error);
  if (!families)
    return NULL;
  g_autoptr(GArray) lines = g_array_new(FALSE, TRUE, sizeof(Line));
  g_array_set_clear_func(lines, clear_line);
  for (guint i = 0; i < families->len; i++) {
    if (!derive_lines(app, g_array_index(families, gint64, i), query, as_of, lines, error))
      return NULL;
    itv_app_say(app, "deriving follow-ups", i + 1, families->len);
  }
  g_array_sort(lines, by_urgency);
  if (ret_counts)
    *ret_counts = counts_of(lines);
  return page_of(lines, query, error);
}

/* Those of the statuses that are asked for, by urgency; owned, the strings are not. */
static GPtrArray *
asked_statuses(const ItvWorklistQuery *query)
{
  GPtrArray *statuses = g_ptr_array_new();
  for (guint i = 0; statuses_by_urgency[i]; i++)
    if (query->statuses ? g_strv_contains(query->statuses, statuses_by_urgency[i])
                        : query->all || i < N_OPEN)
      g_ptr_array_add(statuses, (gpointer)(guintptr)statuses_by_urgency[i]);
  g_ptr_array_add(statuses, NULL);
  return statuses;
}

static json_object *
stored_counts(ItvApp *app, const ItvFollowupPage *page, GError **error)
{
  g_autoptr(json_object) counts = json_object_new_object();
  for (const char *const *s = page->statuses; *s; s++) {
    gint64 n = 0;
    if (!itv_followup_count(app->db, *s, page->clinical, &n, error))
      return NULL;
    if (n)
      itv_json_add_int(counts, *s, n);
  }
  return g_steal_pointer(&counts);
}

static json_object *
cached_worklist(ItvApp *app, const ItvWorklistQuery *query, ItvDate as_of, json_object **ret_counts,
                GError **error)
{
  if (!itv_app_refresh(app, as_of, error))
    return NULL;
  g_autoptr(GPtrArray) statuses = asked_statuses(query);
  const ItvFollowupPage page = {.statuses = (const char *const *)statuses->pdata,
                                .clinical = query->all,
                                .after = query->after,
                                .offset = (gint64)MIN(query->offset, G_MAXINT64),
                                .limit = query->limit ? (gint64)MIN(query->limit, G_MAXINT64) : -1};
  g_autoptr(GPtrArray) documents = itv_followup_page(app->db, &page, error);
  if (!documents)
    return NULL;
  g_autoptr(json_object) list = json_object_new_array();
  for (guint i = 0; i < documents->len; i++) {
    json_object *o = itv_json_parse(documents->pdata[i], -1, error);
    if (!o)
      return NULL;
    itv_app_set_days_overdue(o, as_of);
    json_object_array_add(list, o);
  }
  if (ret_counts && !(*ret_counts = stored_counts(app, &page, error)))
    return NULL;
  return g_steal_pointer(&list);
}

gboolean
itv_app_unread(ItvApp *app, gint64 *ret_waiting, gint64 *ret_failed, GError **error)
{
  return itv_jobrow_count(app->db, ITV_KIND_RECOMMENDATION, ret_waiting, ret_failed, error);
}

json_object *
itv_app_worklist(ItvApp *app, const ItvWorklistQuery *query, json_object **ret_counts,
                 GError **error)
{
  const ItvDate today = itv_date_today();
  const ItvDate as_of = query->as_of == ITV_DATE_NONE ? today : query->as_of;
  for (const char *const *s = query->statuses; s && *s; s++)
    if (!itv_status_parse(*s)) {
      itv_fail(error, ITV_ERROR_USAGE,
               "%s is no status; they are: awaiting-condition needs-interval not-due due scheduled "
               "overdue review fulfilled closed",
               *s);
      return NULL;
    }
  return as_of == today && !query->patient ? cached_worklist(app, query, as_of, ret_counts, error)
                                           : derived_worklist(app, query, as_of, ret_counts, error);
}

/* ---- one item ------------------------------------------------------------------------------ */

gboolean
itv_app_find_item(ItvApp *app, const char *item, ItvDate as_of, ItvHistory **ret_history,
                  GPtrArray **ret_items, ItvFollowup **ret_item, GError **error)
{
  if (!itv_app_refresh(app, itv_date_today(), error))
    return FALSE;
  g_autoptr(GArray) families = itv_followup_families(app->db, item, error);
  g_autoptr(ItvHistory) history = NULL;
  g_autoptr(GPtrArray) items = NULL;
  ItvFollowup *found = NULL;
  if (!families)
    return FALSE;
  if (families->len > 1 || !*item)
    return itv_fail(error, ITV_ERROR_USAGE, "%s begins several items' ids; write more of it", item);
  if (families->len == 1) {
    history = itv_app_history(app, g_array_index(families, gint64, 0), error);
    if (!history)
      return FALSE;
    items = itv_derive(history, &app->rules, as_of);
  }
  for (guint i = 0; items && i < items->len; i++) {
    ItvFollowup *f = items->pdata[i];
    if (!g_str_has_prefix(f->id, item))
      continue;
    if (strcmp(f->id, item) == 0) {
      found = f;
      break;
    }
    if (found && strcmp(found->id, f->id) != 0)
      return itv_fail(error, ITV_ERROR_USAGE, "%s begins several items' ids; write more of it",
                      item);
    found = f;
  }
  if (!found)
    return itv_fail(error, ITV_ERROR_NOT_FOUND,
                    "no item %s; `interval worklist --all` shows the ids", item);
  *ret_history = g_steal_pointer(&history);
  *ret_items = g_steal_pointer(&items);
  *ret_item = found;
  return TRUE;
}

static json_object *
step_json(const ItvStep *step)
{
  json_object *o = json_object_new_object();
  g_autofree char *at = itv_moment_format(step->at);
  itv_json_add_string(o, "at", at);
  itv_json_add_string(o, "rule", step->rule);
  itv_json_add_string(o, "text", step->text);
  itv_json_add_string(o, "evidence", step->evidence);
  itv_json_add_string(o, "source", step->source);
  return o;
}

/* Which rule of which plugin build read the sentence; NULL for what no report asked. */
static json_object *
found_by_json(ItvApp *app, const ItvFollowup *f)
{
  g_autoptr(ItvJobRow) job = NULL;
  if (!f->report_uid ||
      !itv_jobrow_find(app->db, ITV_KIND_RECOMMENDATION, f->report_uid, &job, NULL) || !job)
    return NULL;
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "rule", f->rule);
  itv_json_add_string(o, "plugin", job->plugin);
  itv_json_add_string(o, "version", job->plugin_version);
  itv_json_add_string(o, "sha256", job->plugin_sha256);
  itv_json_add_string(o, "config", job->plugin_config);
  return o;
}

/* Where the item's report contradicts itself, its exam or its order. */
static json_object *
contradictions_json(ItvApp *app, const ItvHistory *history, const ItvFollowup *f)
{
  g_autoptr(ItvRecords) records = NULL;
  json_object *list = NULL;
  if (f->report_uid && itv_reading_of_report(app, f->report_uid, &records, NULL) && records)
    list = itv_reading_contradictions(records, "");
  list = list ? list : json_object_new_array();
  itv_reading_check_order(history, f, list);
  return list;
}

json_object *
itv_app_why(ItvApp *app, const char *item, ItvDate as_of, GError **error)
{
  g_autoptr(ItvHistory) history = NULL;
  g_autoptr(GPtrArray) items = NULL;
  ItvFollowup *f = NULL;
  const ItvDate day = as_of == ITV_DATE_NONE ? itv_date_today() : as_of;
  if (!itv_app_find_item(app, item, day, &history, &items, &f, error))
    return NULL;
  json_object *o = json_object_new_object();
  json_object *steps = json_object_new_array();
  for (guint i = 0; i < f->steps->len; i++)
    json_object_array_add(steps, step_json(&g_array_index(f->steps, ItvStep, i)));
  itv_app_json_add_date(o, "as_of", day);
  itv_json_add(o, "item", itv_app_followup_json(history, f, day));
  itv_json_add(o, "found_by", found_by_json(app, f));
  itv_json_add(o, "steps", steps);
  itv_json_add(o, "contradictions", contradictions_json(app, history, f));
  return o;
}
