/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/app-private.h"
#include "base/error.h"
#include "engine/urgency.h"
#include "store/followup.h"
#include "store/jobrow.h"
#include "store/patient.h"

/* ---- documents ---------------------------------------------------------------------- */

static void
add_date(json_object *o, const char *key, ItvDate date)
{
  g_autofree char *text = itv_date_format(date);
  itv_json_add_string(o, key, text);
}

json_object *
itv_app_modalities_json(ItvModalitySet set)
{
  json_object *codes = json_object_new_array();
  for (int m = 1; m < ITV_MODALITY_N; m++)
    if (set & ITV_MODALITY_BIT(m))
      json_object_array_add(codes, json_object_new_string(itv_modality_code((ItvModality)m)));
  return codes;
}

/* Name and birth date as the latest message about that person gives them. */
json_object *
itv_app_patient_json(const ItvHistory *h, guint patient, ItvDate as_of)
{
  const ItvPatientId *id = &g_array_index(h->ids, ItvPatientId, patient);
  const ItvPerson *name = NULL, *birth = NULL;
  for (guint i = 0; i < h->persons->len; i++) {
    const ItvPerson *p = &g_array_index(h->persons, ItvPerson, i);
    if (p->ev.patient != patient || (p->ev.known.date > as_of && as_of != ITV_DATE_NONE))
      continue;
    /* The uid decides between two messages of one second, whichever came first. */
    if (p->name && (!name || itv_moment_compare(p->ev.known, name->ev.known) > 0 ||
                    (itv_moment_compare(p->ev.known, name->ev.known) == 0 &&
                     strcmp(p->ev.uid, name->ev.uid) > 0)))
      name = p;
    if (p->birth_date != ITV_DATE_NONE &&
        (!birth || itv_moment_compare(p->ev.known, birth->ev.known) > 0 ||
         (itv_moment_compare(p->ev.known, birth->ev.known) == 0 &&
          strcmp(p->ev.uid, birth->ev.uid) > 0)))
      birth = p;
  }
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "id", id->id);
  itv_json_add_string(o, "issuer", id->issuer);
  itv_json_add_string(o, "name", name ? name->name : NULL);
  add_date(o, "birth_date", birth ? birth->birth_date : ITV_DATE_NONE);
  return o;
}

static json_object *
interval_json(const ItvFollowup *f)
{
  if (!f->has_interval)
    return NULL;
  g_autofree char *earliest = itv_period_format(f->earliest);
  g_autofree char *latest = f->open_end ? NULL : itv_period_format(f->latest);
  json_object *pair = json_object_new_array();
  json_object_array_add(pair, json_object_new_string(earliest));
  json_object_array_add(pair, latest ? json_object_new_string(latest) : NULL);
  return pair;
}

static json_object *
candidate_json(const ItvCandidate *c)
{
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "study", c->study_uid);
  itv_json_add_string(o, "accession", c->accession);
  add_date(o, "date", c->date);
  itv_json_add_string(o, "modality", itv_modality_code(c->modality));
  itv_json_add_string(o, "region", itv_region_code(c->region));
  itv_json_add_string(o, "why", c->why);
  return o;
}

static json_object *
fulfilled_json(const ItvFollowup *f)
{
  if (!f->is_fulfilled)
    return NULL;
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "study", f->fulfilled_by.study_uid);
  itv_json_add_string(o, "accession", f->fulfilled_by.accession);
  add_date(o, "date", f->fulfilled_by.date);
  return o;
}

static json_object *
evidence_json(const ItvFollowup *f)
{
  if (!f->report_uid)
    return NULL;
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "report", f->report_accession ? f->report_accession : f->report_uid);
  itv_json_add_int(o, "start", f->start);
  itv_json_add_int(o, "end", f->end);
  itv_json_add_string(o, "text", f->evidence_text);
  return o;
}

static void
add_dates(json_object *o, const ItvFollowup *f)
{
  g_autofree char *repeat = f->repeats ? itv_period_format(f->repeat) : NULL;
  add_date(o, "recommended_on", f->recommended_on);
  itv_json_add(o, "interval", interval_json(f));
  itv_json_add_string(o, "repeat", repeat);
  add_date(o, "due_from", f->due_from);
  add_date(o, "due_until", f->due_until);
  add_date(o, "overdue_after", f->overdue_after);
  itv_json_add_int(o, "days_overdue", f->days_overdue);
}

json_object *
itv_app_followup_json(const ItvHistory *h, const ItvFollowup *f, ItvDate as_of)
{
  json_object *o = json_object_new_object();
  json_object *candidates = json_object_new_array();
  json_object *notes = json_object_new_array();
  for (guint i = 0; i < f->candidates->len; i++)
    json_object_array_add(candidates,
                          candidate_json(&g_array_index(f->candidates, ItvCandidate, i)));
  for (guint i = 0; i < f->notes->len; i++)
    json_object_array_add(notes, json_object_new_string(f->notes->pdata[i]));
  itv_json_add_string(o, "id", f->id);
  itv_json_add(o, "patient", itv_app_patient_json(h, f->patient, as_of));
  itv_json_add_string(o, "status", itv_status_code(f->status));
  itv_json_add_string(o, "reason", itv_close_reason_code(f->reason));
  itv_json_add_string(o, "kind", itv_action_kind_code(f->kind));
  itv_json_add(o, "modality", itv_app_modalities_json(f->modalities));
  itv_json_add_string(o, "region", itv_region_code(f->region));
  itv_json_add_string(o, "laterality", itv_laterality_code(f->laterality));
  itv_json_add_string(o, "finding", f->finding);
  itv_json_add_string(o, "source", itv_item_source_code(f->source));
  itv_json_add_string(o, "protocol", f->protocol);
  itv_json_add_string(o, "visit", f->visit);
  add_dates(o, f);
  itv_json_add_bool(o, "conditional", f->conditional);
  itv_json_add_string(o, "condition", f->condition);
  itv_json_add_string(o, "strength", f->consider ? "consider" : "recommend");
  itv_json_add_string(o, "guideline", f->guideline);
  itv_json_add(o, "evidence", evidence_json(f));
  add_date(o, "scheduled_for", f->scheduled_for);
  itv_json_add(o, "fulfilled_by", fulfilled_json(f));
  add_date(o, "closed_on", f->closed_on);
  itv_json_add(o, "candidates", candidates);
  itv_json_add(o, "notes", notes);
  return o;
}

/* ---- the cache ------------------------------------------------------------------------ */

static gboolean
replace(ItvApp *app, gint64 family, const ItvHistory *h, const GPtrArray *items, ItvDate as_of,
        GError **error)
{
  g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(ItvFollowupRow));
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
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
refresh_family(ItvApp *app, gint64 family, ItvDate as_of, GError **error)
{
  g_autoptr(ItvHistory) h = itv_app_history(app, family, error);
  if (!h)
    return FALSE;
  g_autoptr(GPtrArray) items = itv_derive(h, &app->rules, as_of);
  return replace(app, family, h, items, as_of, error);
}

#define FAMILIES_A_TRANSACTION 256

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
  return itv_app_run_parse_jobs(app, failures, &found, error);
}

gboolean
itv_app_refresh(ItvApp *app, ItvDate as_of, GError **error)
{
  if (!finish_reading(app, error))
    return FALSE;
  g_autofree char *day = itv_date_format(as_of);
  g_autoptr(GArray) families = itv_patient_families_due(app->db, day, error);
  if (!families)
    return FALSE;
  for (guint i = 0; i < families->len; i++) {
    if (i % FAMILIES_A_TRANSACTION == 0 && !itv_db_begin(app->db, error))
      return FALSE;
    if (!refresh_family(app, g_array_index(families, gint64, i), as_of, error)) {
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

/* Another day than today, or one patient: derived for the asking. */
static json_object *
derived_worklist(ItvApp *app, const ItvWorklistQuery *query, ItvDate as_of, GError **error)
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
  json_object *list = json_object_new_array();
  for (guint i = 0; i < lines->len; i++)
    json_object_array_add(list, json_object_get(g_array_index(lines, Line, i).document));
  return list;
}

static json_object *
cached_worklist(ItvApp *app, const ItvWorklistQuery *query, ItvDate as_of, GError **error)
{
  static const char *const open[] = {"awaiting-condition", "needs-interval", "not-due", "due",
                                     "scheduled",          "overdue",        "review",  NULL};
  if (!itv_app_refresh(app, as_of, error))
    return NULL;
  const char *const *statuses = query->statuses ? query->statuses : query->all ? NULL : open;
  g_autoptr(GPtrArray) documents = itv_followup_documents(app->db, 0, statuses, -1, error);
  if (!documents)
    return NULL;
  json_object *list = json_object_new_array();
  for (guint i = 0; i < documents->len; i++) {
    g_autoptr(json_object) o = itv_json_parse(documents->pdata[i], -1, error);
    if (!o) {
      json_object_put(list);
      return NULL;
    }
    if (query->all || g_strcmp0(itv_json_get_string(o, "kind"), "clinical") != 0) {
      itv_app_set_days_overdue(o, as_of);
      json_object_array_add(list, g_steal_pointer(&o));
    }
  }
  return list;
}

/* The cached document was made on an earlier day of the same state. */
void
itv_app_set_days_overdue(json_object *o, ItvDate as_of)
{
  ItvDate after = ITV_DATE_NONE;
  const char *text = itv_json_get_string(o, "overdue_after");
  if (g_strcmp0(itv_json_get_string(o, "status"), "overdue") == 0 && text &&
      itv_date_parse(text, &after))
    itv_json_add_int(o, "days_overdue", as_of - after);
}

gboolean
itv_app_unread(ItvApp *app, gint64 *ret_waiting, gint64 *ret_failed, GError **error)
{
  return itv_jobrow_count(app->db, ITV_KIND_RECOMMENDATION, ret_waiting, ret_failed, error);
}

json_object *
itv_app_worklist(ItvApp *app, const ItvWorklistQuery *query, GError **error)
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
  return as_of == today && !query->patient ? cached_worklist(app, query, as_of, error)
                                           : derived_worklist(app, query, as_of, error);
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
  add_date(o, "as_of", day);
  itv_json_add(o, "item", itv_app_followup_json(history, f, day));
  itv_json_add(o, "found_by", found_by_json(app, f));
  itv_json_add(o, "steps", steps);
  return o;
}
