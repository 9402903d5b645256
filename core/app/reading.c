/* SPDX-License-Identifier: Apache-2.0 */
#include "app/reading.h"

#include <string.h>

#include "store/jobrow.h"

static void
add_string(json_object *o, const char *key, const itv_record *r, const char *field)
{
  itv_json_add_string(o, key, itv_record_str(r, field, NULL));
}

static void
add_sizes(json_object *o, const char *key, const itv_record *r, const char *field)
{
  json_object *list = json_object_new_array();
  const itv_field *f = NULL;
  for (gsize i = 0; (f = itv_record_field(r, field, i)); i++)
    json_object_array_add(list, json_object_new_double(f->v.f64));
  itv_json_add(o, key, list);
}

/* The bytes that a record rests on, whatever its offsets say. */
static json_object *
with_evidence(const itv_record *r, const char *text, gboolean quote)
{
  const gint64 length = (gint64)strlen(text);
  const gint64 start = CLAMP(itv_record_i64(r, "start", 0), 0, length);
  const gint64 end = CLAMP(itv_record_i64(r, "end", 0), start, length);
  json_object *o = json_object_new_object();
  itv_json_add_int(o, "start", start);
  itv_json_add_int(o, "end", end);
  if (quote) {
    g_autofree char *words = g_strndup(text + start, (gsize)(end - start));
    itv_json_add_string(o, "text", words);
  }
  return o;
}

json_object *
itv_reading_statements(const ItvRecords *records, const char *text)
{
  json_object *list = json_object_new_array();
  const itv_record *r = NULL;
  for (gsize i = 0; (r = itv_records_find(records, "interval.statement/1", i)); i++) {
    json_object *o = with_evidence(r, text, TRUE);
    add_string(o, "statement", r, "statement");
    add_string(o, "finding", r, "finding");
    add_string(o, "region", r, "region");
    add_string(o, "rule", r, "rule");
    json_object_array_add(list, o);
  }
  return list;
}

json_object *
itv_reading_findings(const ItvRecords *records, const char *text)
{
  static const char *const plain[] = {"finding", "region", "laterality", "site",
                                      "density", "bound",  "stability",  "rule"};
  json_object *list = json_object_new_array();
  const itv_record *r = NULL;
  for (gsize i = 0; (r = itv_records_find(records, "interval.finding/1", i)); i++) {
    json_object *o = with_evidence(r, text, TRUE);
    const gint64 count = itv_record_i64(r, "count", 0);
    for (gsize k = 0; k < G_N_ELEMENTS(plain); k++)
      add_string(o, plain[k], r, plain[k]);
    add_string(o, "head", r, "finding-head");
    add_sizes(o, "size_mm", r, "size");
    add_sizes(o, "prior_mm", r, "prior");
    itv_json_add(o, "count", count > 0 ? json_object_new_int64(count) : NULL);
    itv_json_add_bool(o, "multiple", strcmp(itv_record_str(r, "multiple", "N"), "Y") == 0);
    itv_json_add_bool(o, "concluding", strcmp(itv_record_str(r, "concluding", "N"), "Y") == 0);
    json_object_array_add(list, o);
  }
  return list;
}

json_object *
itv_reading_contradictions(const ItvRecords *records, const char *text)
{
  json_object *list = json_object_new_array();
  const itv_record *r = NULL;
  for (gsize i = 0; (r = itv_records_find(records, "interval.contradiction/1", i)); i++) {
    json_object *o = with_evidence(r, text, FALSE);
    add_string(o, "contradiction", r, "contradiction");
    add_string(o, "text", r, "text");
    json_object_array_add(list, o);
  }
  return list;
}

json_object *
itv_reading_trace(const ItvRecords *records, const char *text)
{
  json_object *list = json_object_new_array();
  const itv_record *r = NULL;
  for (gsize i = 0; (r = itv_records_find(records, "interval.trace/1", i)); i++) {
    json_object *o = with_evidence(r, text, TRUE);
    add_string(o, "step", r, "step");
    add_string(o, "verdict", r, "verdict");
    add_string(o, "rule", r, "rule");
    add_string(o, "reason", r, "reason");
    json_object_array_add(list, o);
  }
  return list;
}

gboolean
itv_reading_of_report(ItvApp *app, const char *report_uid, ItvRecords **ret_records, GError **error)
{
  g_autoptr(ItvJobRow) job = NULL;
  if (!itv_jobrow_find(app->db, ITV_KIND_RECOMMENDATION, report_uid, &job, error))
    return FALSE;
  if (!job || !job->records) {
    *ret_records = NULL;
    return TRUE;
  }
  *ret_records = itv_records_from_json(job->records, -1, error);
  return *ret_records != NULL;
}

static void
append_sizes(GString *out, const char *before, json_object *sizes)
{
  const gsize n = json_object_array_length(sizes);
  for (gsize i = 0; i < n; i++)
    g_string_append_printf(out, "%s%g", i ? " x " : before,
                           json_object_get_double(json_object_array_get_idx(sizes, i)));
  if (n)
    g_string_append(out, " mm");
}

char *
itv_app_finding_words(json_object *o)
{
  static const char *const extras[] = {"density", "stability"};
  g_autoptr(GString) out = g_string_new(itv_json_get_string(o, "finding"));
  const char *site = itv_json_get_string(o, "site"), *side = itv_json_get_string(o, "laterality");
  const char *bound = itv_json_get_string(o, "bound");
  if (site && !strstr(out->str, site))
    g_string_append_printf(out, ", %s", site);
  if (side && (!site || !strstr(site, side)))
    g_string_append_printf(out, ", %s", side);
  for (char *p = out->str; *p; p++)
    if (g_ascii_isspace(*p))
      *p = ' ';
  append_sizes(out,
               !bound                          ? ": "
               : strcmp(bound, "at-most") == 0 ? ": up to "
                                               : ": at least ",
               itv_json_get(o, "size_mm"));
  append_sizes(out, ", was ", itv_json_get(o, "prior_mm"));
  for (gsize k = 0; k < G_N_ELEMENTS(extras); k++)
    if (itv_json_get_string(o, extras[k]))
      g_string_append_printf(out, ", %s", itv_json_get_string(o, extras[k]));
  if (itv_json_get(o, "count"))
    g_string_append_printf(out, ", %d of them", json_object_get_int(itv_json_get(o, "count")));
  else if (json_object_get_boolean(itv_json_get(o, "multiple")))
    g_string_append(out, ", several");
  return g_strdup(out->str);
}

static gboolean
contradict(ItvLaterality a, ItvLaterality b)
{
  return (a == ITV_LATERALITY_LEFT && b == ITV_LATERALITY_RIGHT) ||
         (a == ITV_LATERALITY_RIGHT && b == ITV_LATERALITY_LEFT);
}

static void
add_sentence(json_object *list, char *text)
{
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "contradiction", "order-side");
  itv_json_add_string(o, "text", text);
  json_object_array_add(list, o);
  g_free(text);
}

void
itv_reading_check_order(const ItvHistory *history, const ItvFollowup *item, json_object *list)
{
  const ItvReport *report = NULL;
  for (guint i = 0; i < history->reports->len && !report; i++) {
    const ItvReport *r = &g_array_index(history->reports, ItvReport, i);
    if (g_strcmp0(r->ev.uid, item->report_uid) == 0)
      report = r;
  }
  if (!report || !report->accession)
    return;
  for (guint i = 0; i < history->orders->len; i++) {
    const ItvOrder *o = &g_array_index(history->orders, ItvOrder, i);
    if (g_strcmp0(o->accession, report->accession) != 0)
      continue;
    const char *ordered = itv_laterality_code(o->exam.laterality);
    if (contradict(o->exam.laterality, report->exam.laterality))
      add_sentence(list, g_strdup_printf("the order of %s names the %s side, its report the %s one",
                                         o->accession, ordered,
                                         itv_laterality_code(report->exam.laterality)));
    else if (contradict(o->exam.laterality, item->laterality) &&
             o->exam.main_region == item->region)
      add_sentence(list,
                   g_strdup_printf("the order of %s names the %s side, and the %s one is to "
                                   "be followed",
                                   o->accession, ordered, itv_laterality_code(item->laterality)));
  }
}
