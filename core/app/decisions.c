/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/app-private.h"
#include "base/error.h"
#include "engine/protocol.h"
#include "store/patient.h"

/* ---- what a person said becomes evidence ------------------------------------------- */

static ItvMoment
moment_now(void)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_local();
  return (ItvMoment){itv_date_today(), g_date_time_get_hour(now) * 3600 +
                                           g_date_time_get_minute(now) * 60 +
                                           g_date_time_get_second(now)};
}

#define SAME_MINUTE_S 60
#define LAST_SECOND 86399

static void
step_past(ItvMoment *now, ItvMoment said)
{
  const gint32 limit = MIN(now->second + SAME_MINUTE_S, LAST_SECOND);
  if (said.date == now->date && said.second >= now->second && said.second < limit)
    now->second = said.second + 1;
}

/* Now; or a second after what was said just before of that item (NULL: of who is who),
 * since a journal that counts seconds could not tell which of two came later. */
static char *
moment_of_saying(const ItvHistory *h, const char *item)
{
  ItvMoment now = moment_now();
  for (guint i = 0; item && i < h->decisions->len; i++) {
    const ItvDecision *d = &g_array_index(h->decisions, ItvDecision, i);
    if (g_strcmp0(d->item, item) == 0)
      step_past(&now, d->ev.known);
  }
  for (guint i = 0; !item && i < h->links->len; i++)
    step_past(&now, g_array_index(h->links, ItvLink, i).ev.known);
  return itv_moment_format(now);
}

static gboolean
check_moment(const char *at, GError **error)
{
  ItvMoment moment = ITV_MOMENT_NONE;
  if (at && !itv_moment_parse(at, &moment))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is no date or time (YYYY-MM-DD[THH:MM[:SS]])", at);
  return TRUE;
}

/* Appends one record about that patient, known since `at`, and derives anew. */
static gboolean
append(ItvApp *app, const char *kind, const char *id, const char *issuer, const char *record,
       const itv_field *fields, gsize n, const char *by, const char *at, GError **error)
{
  g_autoptr(ItvRecords) records = itv_records_new();
  const itv_field document[] = {ITV_STR("format", "decision"), ITV_STR("known", at)};
  const itv_field patient[] = {ITV_STR("id", id), ITV_STR("issuer", issuer)};
  itv_records_add(records, "interval.document/1", document, G_N_ELEMENTS(document));
  itv_records_add(records, "interval.patient/1", patient, *issuer ? 2 : 1);
  itv_records_add(records, record, fields, n);
  g_autofree char *json = itv_records_to_json(records);
  g_autofree char *label = g_strdup_printf("%s by %s", kind, by);
  const ItvJournalEntry entry = {
      .kind = kind, .known = at, .source = by, .label = label, .records = json};
  gboolean is_new = FALSE;
  gint64 seq = 0;
  g_autofree char *uid = NULL;
  if (!itv_db_begin(app->db, error) ||
      !itv_journal_append(app->db, &entry, &is_new, &seq, &uid, error) ||
      !itv_app_index(app, &(ItvIndexRow){seq, uid, at, records}, error) ||
      !itv_db_commit(app->db, error)) {
    itv_db_rollback(app->db);
    return FALSE;
  }
  return itv_app_refresh(app, itv_date_today(), error);
}

/* ---- decisions about an item ---------------------------------------------------------- */

static gboolean
study_exists(const ItvHistory *h, const char *study)
{
  for (guint i = 0; i < h->reports->len; i++) {
    const ItvReport *r = &g_array_index(h->reports, ItvReport, i);
    if (g_strcmp0(r->accession, study) == 0 || g_strcmp0(r->study_uid, study) == 0)
      return TRUE;
  }
  for (guint i = 0; i < h->studies->len; i++) {
    const ItvStudy *s = &g_array_index(h->studies, ItvStudy, i);
    if (g_strcmp0(s->accession, study) == 0 || g_strcmp0(s->study_uid, study) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
check_contact(const ItvDecisionInput *d, GError **error)
{
  if (strcmp(d->action, "contact") != 0)
    return TRUE;
  if (!itv_whom_parse(d->whom))
    return itv_fail(error, ITV_ERROR_USAGE, "whom? %s is none of: patient referrer other",
                    d->whom ? d->whom : "nobody");
  if (!itv_how_parse(d->how))
    return itv_fail(error, ITV_ERROR_USAGE,
                    "how? %s is none of: phone letter mail sms portal fax in-person",
                    d->how ? d->how : "nothing");
  if (!itv_contact_outcome_parse(d->outcome))
    return itv_fail(error, ITV_ERROR_USAGE,
                    "with what outcome? %s is none of: sent reached left-message no-answer "
                    "wrong-number undeliverable refused",
                    d->outcome ? d->outcome : "nothing");
  return TRUE;
}

static gboolean
check_plan(const ItvDecisionInput *d, GError **error)
{
  ItvDate on = ITV_DATE_NONE;
  if (d->on && !itv_date_parse(d->on, &on))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is no date (YYYY-MM-DD)", d->on);
  if (d->next && (!*d->next || !d->on))
    return itv_fail(error, ITV_ERROR_USAGE, "a plan needs what is to be done, and when (--on)");
  if (d->owner && !*d->owner)
    return itv_fail(error, ITV_ERROR_USAGE, "the owner's name is empty");
  return TRUE;
}

static void
add_if(itv_field *fields, gsize *n, const char *key, const char *value)
{
  if (value)
    fields[(*n)++] = (itv_field)ITV_STR(key, value);
}

static gboolean
check_decision(const ItvDecisionInput *d, const ItvHistory *h, GError **error)
{
  ItvPeriod earliest = {0, 0}, latest = {0, 0};
  if (d->reason && itv_close_reason_parse(d->reason) == ITV_REASON_NONE)
    return itv_fail(error, ITV_ERROR_USAGE,
                    "%s is no reason; they are: done-elsewhere declined deceased not-indicated "
                    "superseded duplicate withdrawn condition-unmet expired other",
                    d->reason);
  if (d->interval && !itv_period_parse(d->interval, &earliest))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is no ISO 8601 period (P6M, P2W, P1Y)",
                    d->interval);
  if (d->latest && !itv_period_parse(d->latest, &latest))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is no ISO 8601 period (P6M, P2W, P1Y)", d->latest);
  if (d->latest && itv_period_days(latest) < itv_period_days(earliest))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is longer than %s", d->interval, d->latest);
  if (!check_contact(d, error) || !check_plan(d, error))
    return FALSE;
  if (d->study && !study_exists(h, d->study))
    return itv_fail(error, ITV_ERROR_NOT_FOUND,
                    "this patient has no study %s (Study Instance UID or accession number)",
                    d->study);
  return check_moment(d->at, error);
}

/* "proposed" stands for what the guideline proposes for that item. */
static gboolean
take_proposal(const ItvFollowup *f, ItvDecisionInput *d, char **ret_earliest, char **ret_latest,
              char **ret_note, GError **error)
{
  const ItvProposal *p = f->proposal;
  if (g_strcmp0(d->interval, "proposed") != 0)
    return TRUE;
  if (!p || !p->has_interval)
    return itv_fail(error, ITV_ERROR_USAGE, "no guideline proposes an interval for item %s", f->id);
  *ret_earliest = itv_period_format(p->earliest);
  *ret_latest = itv_period_format(p->latest);
  *ret_note = g_strdup_printf("as %s %s proposes, rule %s (%s)", p->guideline, p->version, p->rule,
                              p->words);
  d->interval = *ret_earliest;
  d->latest = *ret_latest;
  d->note = d->note ? d->note : *ret_note;
  return TRUE;
}

json_object *
itv_app_decide(ItvApp *app, const ItvDecisionInput *input, GError **error)
{
  ItvDecisionInput own = *input, *d = &own;
  g_autofree char *earliest = NULL, *latest = NULL, *note = NULL;
  g_autoptr(ItvHistory) history = NULL;
  g_autoptr(GPtrArray) items = NULL;
  ItvFollowup *f = NULL;
  const ItvDate today = itv_date_today();
  if (!itv_app_find_item(app, d->item, today, &history, &items, &f, error) ||
      !take_proposal(f, d, &earliest, &latest, &note, error) || !check_decision(d, history, error))
    return NULL;
  const char *by = d->by ? d->by : g_get_user_name();
  itv_field fields[16] = {ITV_STR("action", d->action), ITV_STR("item", f->id), ITV_STR("by", by)};
  gsize n = 3;
  const struct {
    const char *key, *value;
  } said[] = {{"reason", d->reason},   {"note", d->note}, {"study", d->study},
              {"owner", d->owner},     {"whom", d->whom}, {"how", d->how},
              {"outcome", d->outcome}, {"next", d->next}, {"on", d->on},
              {"sha256", d->sha256}};
  for (gsize i = 0; i < G_N_ELEMENTS(said); i++)
    add_if(fields, &n, said[i].key, said[i].value);
  if (d->interval) {
    fields[n++] = (itv_field)ITV_STR("earliest", d->interval);
    fields[n++] = (itv_field)ITV_STR("latest", d->latest ? d->latest : d->interval);
  }
  g_autofree char *id = g_strdup(f->id);
  g_autofree char *at = d->at ? g_strdup(d->at) : moment_of_saying(history, f->id);
  const ItvPatientId *patient = &g_array_index(history->ids, ItvPatientId, f->patient);
  if (!append(app, "decision", patient->id, patient->issuer, "interval.decision/1", fields, n, by,
              at, error))
    return NULL;
  g_autoptr(json_object) why = itv_app_why(app, id, today, error);
  return why ? json_object_get(itv_json_get(why, "item")) : NULL;
}

/* ---- facts ------------------------------------------------------------------------------ */

/* "smoking=current": owned name, borrowed value. */
static gboolean
read_fact(const ItvApp *app, const char *fact, char **ret_name, const char **ret_value,
          GError **error)
{
  const char *equals = strchr(fact, '=');
  if (!equals || equals == fact)
    return itv_fail(error, ITV_ERROR_USAGE, "%s: write NAME=VALUE, as in smoking=current", fact);
  g_autofree char *name = g_strndup(fact, (gsize)(equals - fact));
  if (!itv_fact_check(app->facts, name, equals + 1, error))
    return FALSE;
  *ret_name = g_steal_pointer(&name);
  *ret_value = equals + 1;
  return TRUE;
}

/* Now, or a second after the latest fact of the last minute: which of two is later must
 * be told apart. */
static char *
moment_of_fact(const ItvHistory *h)
{
  ItvMoment now = moment_now();
  for (guint i = 0; i < h->facts->len; i++)
    step_past(&now, g_array_index(h->facts, ItvFact, i).ev.known);
  return itv_moment_format(now);
}

static gboolean
append_fact(ItvApp *app, const ItvPatientId *patient, const char *fact, const char *item,
            const char *by, const char *at, GError **error)
{
  g_autofree char *name = NULL;
  const char *value = NULL;
  if (!read_fact(app, fact, &name, &value, error))
    return FALSE;
  itv_field fields[4] = {ITV_STR("name", name), ITV_STR("value", value), ITV_STR("by", by)};
  if (item)
    fields[3] = (itv_field)ITV_STR("item", item);
  return append(app, "fact", patient->id, patient->issuer, "interval.fact/1", fields, item ? 4 : 3,
                by, at, error);
}

/* Whose fact it is: the patient's id, and the whole id of the item. */
static gboolean
fact_of(ItvApp *app, const char *patient, const char *item, ItvPatientId *ret_patient,
        char **ret_item, GError **error)
{
  g_autoptr(ItvHistory) h = NULL;
  g_autoptr(GPtrArray) items = NULL;
  ItvFollowup *f = NULL;
  if (!itv_app_resolve_patient(app, patient, &ret_patient->id, &ret_patient->issuer, error))
    return FALSE;
  if (!item)
    return TRUE;
  guint person = 0;
  const ItvDate today = itv_date_today();
  if (!itv_app_find_item(app, item, today, &h, &items, &f, error) ||
      !itv_app_person_asked(h, patient, today, &person, error))
    return FALSE;
  if (f->patient != person)
    return itv_fail(error, ITV_ERROR_USAGE, "item %s is not one of patient %s", f->id, patient);
  *ret_item = g_strdup(f->id);
  return TRUE;
}

json_object *
itv_app_fact(ItvApp *app, const char *patient, const char *const *facts, const char *item,
             const char *by, const char *at, GError **error)
{
  gint64 family = 0;
  g_autofree char *id = NULL, *issuer = NULL, *whole = NULL;
  ItvPatientId who = {NULL, NULL};
  if (!app->facts)
    return itv_fail(error, ITV_ERROR_CONFIG, "%s has no lexicon/facts.xml", app->paths.config_dir),
           NULL;
  if (!itv_app_family_of_patient(app, patient, &family, error) || !check_moment(at, error))
    return NULL;
  for (guint i = 0; facts[i]; i++) { /* all or none */
    g_autofree char *name = NULL;
    const char *value = NULL;
    if (!read_fact(app, facts[i], &name, &value, error))
      return NULL;
  }
  const gboolean found = fact_of(app, patient, item, &who, &whole, error);
  id = who.id;
  issuer = who.issuer;
  if (!found)
    return NULL;
  const char *author = by ? by : g_get_user_name();
  g_autoptr(ItvHistory) history = itv_app_history(app, family, error);
  if (!history)
    return NULL;
  g_autofree char *now = at ? g_strdup(at) : moment_of_fact(history);
  for (guint i = 0; facts[i]; i++)
    if (!append_fact(app, &who, facts[i], whole, author, now, error))
      return NULL;
  const ItvWorklistQuery query = {.as_of = ITV_DATE_NONE, .patient = patient};
  json_object *items = itv_app_worklist(app, &query, NULL, error);
  if (!items)
    return NULL;
  json_object *o = json_object_new_object();
  json_object *list = json_object_new_array();
  for (guint i = 0; facts[i]; i++)
    json_object_array_add(list, json_object_new_string(facts[i]));
  itv_json_add_string(o, "patient", id);
  itv_json_add_string(o, "item", whole);
  itv_json_add(o, "facts", list);
  itv_json_add(o, "items", items);
  return o;
}

/* ---- surgeries -------------------------------------------------------------------------- */

static const ItvProtocol *
find_protocol(const ItvApp *app, const char *name, GError **error)
{
  const ItvProtocol *p = itv_protocols_find(app->protocols, name);
  if (p)
    return p;
  GString *names = g_string_new(NULL);
  for (guint i = 0; i < app->protocols->len; i++)
    g_string_append_printf(names, " %s", ((const ItvProtocol *)app->protocols->pdata[i])->name);
  itv_fail(error, ITV_ERROR_USAGE, "no protocol %s; there are:%s", name, names->str);
  g_string_free(names, TRUE);
  return NULL;
}

json_object *
itv_app_procedure_add(ItvApp *app, const char *patient, const char *protocol, const char *date,
                      const char *laterality, const char *by, const char *at, GError **error)
{
  ItvDate day = ITV_DATE_NONE;
  const ItvProtocol *p = find_protocol(app, protocol, error);
  if (!p || !check_moment(at, error))
    return NULL;
  if (!itv_date_parse(date, &day))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is no date (YYYY-MM-DD)", date), NULL;
  if (laterality && !itv_laterality_parse(laterality))
    return itv_fail(error, ITV_ERROR_USAGE, "%s is none of left, right, bilateral", laterality),
           NULL;
  g_autofree char *id = NULL, *issuer = NULL;
  if (!itv_app_resolve_patient(app, patient, &id, &issuer, error))
    return NULL;
  itv_field fields[3] = {ITV_STR("protocol", protocol), ITV_STR("date", date)};
  if (laterality)
    fields[2] = (itv_field)ITV_STR("laterality", laterality);
  /* Known since the day of surgery unless somebody says otherwise. */
  if (!append(app, "procedure", id, issuer, "interval.procedure/1", fields, laterality ? 3 : 2,
              by ? by : g_get_user_name(), at ? at : date, error))
    return NULL;
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "patient", id);
  itv_json_add_string(o, "protocol", protocol);
  itv_json_add_string(o, "date", date);
  itv_json_add_string(o, "laterality", laterality);
  itv_json_add_int(o, "visits", p->visits->len);
  return o;
}

/* ---- who is who ------------------------------------------------------------------------------ */

json_object *
itv_app_identity(ItvApp *app, const char *action, const char *patient, const char *other,
                 const char *by, const char *at, GError **error)
{
  g_autofree char *id = NULL, *issuer = NULL, *other_id = NULL, *other_issuer = NULL;
  gint64 family = 0, other_family = 0;
  if (!itv_app_family_of_patient(app, patient, &family, error) ||
      !itv_app_family_of_patient(app, other, &other_family, error))
    return NULL;
  if (!check_moment(at, error) || !itv_app_resolve_patient(app, patient, &id, &issuer, error) ||
      !itv_app_resolve_patient(app, other, &other_id, &other_issuer, error))
    return NULL;
  if (strcmp(id, other_id) == 0 && strcmp(issuer, other_issuer) == 0)
    return itv_fail(error, ITV_ERROR_USAGE, "both are the same id"), NULL;
  g_autoptr(ItvHistory) h = itv_app_history(app, family, error);
  if (!h)
    return NULL;
  g_autofree char *when = at ? g_strdup(at) : moment_of_saying(h, NULL);
  const itv_field fields[] = {ITV_STR("action", action), ITV_STR("id", id),
                              ITV_STR("issuer", issuer), ITV_STR("other-id", other_id),
                              ITV_STR("other-issuer", other_issuer)};
  if (!append(app, "decision", id, issuer, "interval.merge/1", fields, G_N_ELEMENTS(fields),
              by ? by : g_get_user_name(), when, error))
    return NULL;
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "action", action);
  itv_json_add_string(o, "patient", patient);
  itv_json_add_string(o, "other", other);
  return o;
}
