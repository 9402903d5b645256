/* SPDX-License-Identifier: Apache-2.0
 *
 * The FHIR R4 importer: one source, one resource, one Bundle, or several of them one
 * after the other (NDJSON).  Each resource that says something about a follow-up is
 * one interval.document/1 with its patient and its records; the others are counted in
 * one note.  A resource that cannot be taken says why and where.
 */
#include <stdio.h>
#include <string.h>

#include "fhir-units.h"

enum { MAX_BYTES = 64 << 20 };

typedef struct {
  const char *base, *issuers; /* the host's, until destroy() */
} Plugin;

typedef struct {
  const itv_host *host;
  const itv_sink *sink;
  Bundle bundle;
  GHashTable *counts; /* type -> how many of the document were not read */
  guint n_absent;     /* entries without a resource */
} Job;

static const struct {
  const char *type;
  void (*read)(const Resource *r);
} readers[] = {
    {"Patient", unit_patient},         {"ImagingStudy", unit_study},
    {"DiagnosticReport", unit_report}, {"Composition", unit_composition},
    {"Procedure", unit_procedure},     {"Observation", unit_observation},
    {"ServiceRequest", unit_order},    {"Task", unit_task},
    {"Appointment", unit_appointment},
};

/* ---- probe --------------------------------------------------------------------------- */

static gboolean
holds(const uint8_t *head, size_t n, const char *text)
{
  return memmem(head, n, text, strlen(text)) != NULL;
}

static int32_t
probe(void *self, const uint8_t *head, size_t n, const char *name)
{
  const char *text = (const char *)head;
  size_t i = n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  (void)self;
  (void)name;
  while (i < n && g_ascii_isspace(head[i]))
    i++;
  if (i >= n || (head[i] != '{' && head[i] != '['))
    return 0;
  if (scan_is_dicom_json(text, n))
    return 20; /* to say what it is */
  if (head[i] != '{')
    return 0;
  if (holds(head, n, "\"resourceType\""))
    return 95;
  return n >= 4096 && holds(head + i, MIN(n - i, 64), "\"") ? 10 : 0;
}

/* ---- emitting ------------------------------------------------------------------------- */

static itv_status
emit_record(const Job *job, const Record *r)
{
  return job->sink->emit(job->sink, r->name, (const itv_field *)(const void *)r->fields->data,
                         r->fields->len);
}

static itv_status
emit_unit(const Job *job, Unit *u, const char *type, const char *id, Span span, gboolean keep)
{
  g_autoptr(Unit) head = unit_new();
  Record *doc = unit_add(head, "interval.document/1");
  record_str(head, doc, "format", "fhir", 16);
  record_str(head, doc, "type", type, 1024);
  record_str(head, doc, "identifier", id, 1024);
  record_str(head, doc, "known", u->known, 32);
  record_i64(doc, "offset", (gint64)span.start, "By");
  record_i64(doc, "length", (gint64)(span.end - span.start), "By");
  record_str(head, doc, "keep-raw", keep ? "Y" : "N", 1);
  record_str(head, doc, "rejected", u->rejected, 2048);
  for (guint i = 0; i < u->notes->len; i++)
    record_str(head, doc, "note", u->notes->pdata[i], 2048);
  if (u->more_notes) {
    g_autofree char *more = g_strdup_printf("and %u more notes", u->more_notes);
    record_str(head, doc, "note", more, 2048);
  }
  itv_status status = emit_record(job, doc);
  for (guint i = 0; !u->rejected && status == ITV_OK && i < u->records->len; i++)
    status = emit_record(job, u->records->pdata[i]);
  return status;
}

/* The reason with the resource's place before it. */
static void
place_reason(const Job *job, guint piece, Unit *u)
{
  g_autofree char *path = bundle_path(&job->bundle, piece);
  g_autofree char *reason = g_steal_pointer(&u->rejected);
  unit_reject(u, "%s: %s", path, reason);
}

/* ---- one resource ------------------------------------------------------------------------ */

static void
count_other(Job *job, const char *type)
{
  const guint n = GPOINTER_TO_UINT(g_hash_table_lookup(job->counts, type));
  g_hash_table_insert(job->counts, g_strdup(type), GUINT_TO_POINTER(n + 1));
}

static itv_status
reject_piece(Job *job, guint piece, const char *reason)
{
  const Entry *e = &g_array_index(job->bundle.entries, Entry, piece);
  g_autoptr(Unit) u = unit_new();
  unit_reject(u, "%s", reason);
  place_reason(job, piece, u);
  return emit_unit(job, u, e->type, e->id,
                   g_array_index(job->bundle.scan.pieces, Piece, piece).span, FALSE);
}

static itv_status
read_piece(Job *job, guint piece, void (*read)(const Resource *r))
{
  const Piece *p = &g_array_index(job->bundle.scan.pieces, Piece, piece);
  const Entry *e = &g_array_index(job->bundle.entries, Entry, piece);
  g_autofree char *problem = NULL;
  g_autoptr(Json) json = bundle_resource(&job->bundle, piece, &problem);
  if (!json)
    return reject_piece(job, piece, problem ? problem : "cannot be read");
  g_autoptr(Unit) u = unit_new();
  Json *shell = p->shell >= 0 ? job->bundle.shells->pdata[p->shell] : NULL;
  const Resource r = {&job->bundle, piece, e, json, u, json_text_at(shell, "timestamp")};
  read(&r);
  if (u->rejected)
    place_reason(job, piece, u);
  else if (u->empty) {
    count_other(job, e->type);
    return ITV_OK;
  }
  return emit_unit(job, u, e->type, e->id, p->span, TRUE);
}

static itv_status
handle_piece(Job *job, guint piece)
{
  const Entry *e = &g_array_index(job->bundle.entries, Entry, piece);
  if (e->absent) {
    job->n_absent++;
    return ITV_OK;
  }
  if (e->problem)
    return reject_piece(job, piece, e->problem);
  for (gsize i = 0; i < G_N_ELEMENTS(readers); i++)
    if (strcmp(readers[i].type, e->type) == 0)
      return read_piece(job, piece, readers[i].read);
  count_other(job, e->type);
  return ITV_OK;
}

/* ---- what was not read ---------------------------------------------------------------------- */

static gint
by_text(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
note_others(Job *job, Unit *u)
{
  g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
  GHashTableIter iter;
  gpointer type = NULL, count = NULL;
  guint total = 0;
  g_hash_table_iter_init(&iter, job->counts);
  while (g_hash_table_iter_next(&iter, &type, &count)) {
    g_ptr_array_add(parts, g_strdup_printf("%.60s %u", (char *)type, GPOINTER_TO_UINT(count)));
    total += GPOINTER_TO_UINT(count);
  }
  g_ptr_array_sort(parts, by_text);
  g_autoptr(GString) list = g_string_new(NULL);
  for (guint i = 0; i < parts->len; i++)
    g_string_append_printf(list, "%s%s", i ? ", " : "", (char *)parts->pdata[i]);
  if (total)
    unit_note(u, "no record of their own comes of %u resources: %s", total, list->str);
  if (job->n_absent)
    unit_note(u, "%u of its entries hold no resource (deletions or bare answers)", job->n_absent);
}

/* The one note of a whole document; nothing when all of it was read. */
static itv_status
emit_others(Job *job, guint first, guint last)
{
  const Piece *a = &g_array_index(job->bundle.scan.pieces, Piece, first);
  const Piece *z = &g_array_index(job->bundle.scan.pieces, Piece, last);
  const Entry *e = &g_array_index(job->bundle.entries, Entry, first);
  const gboolean bundle = a->shell >= 0;
  Json *shell = bundle ? job->bundle.shells->pdata[a->shell] : NULL;
  g_autoptr(Unit) u = unit_new();
  note_others(job, u);
  if (u->notes->len == 0)
    return ITV_OK;
  u->known = value_datetime(json_text_at(shell, "timestamp"));
  const itv_status status = emit_unit(job, u, bundle || last > first ? "Bundle" : e->type,
                                      bundle         ? json_text_at(shell, "id")
                                      : last > first ? NULL
                                                     : e->id,
                                      (Span){a->span.start, z->span.end}, FALSE);
  g_hash_table_remove_all(job->counts);
  job->n_absent = 0;
  return status;
}

static itv_status
emit_shell_problem(Job *job, guint shell)
{
  const char *problem = job->bundle.shell_problems->pdata[shell];
  Json *json = job->bundle.shells->pdata[shell];
  g_autoptr(Unit) u = unit_new();
  if (problem)
    unit_reject(u, "Bundle: without its entries, it %s", problem);
  else if (g_array_index(job->bundle.scan.shells, Shell, shell).entries == 0)
    unit_note(u, "the Bundle has no entries");
  else
    return ITV_OK;
  return emit_unit(job, u, "Bundle", json_text_at(json, "id"), (Span){0, 0}, FALSE);
}

/* ---- run ----------------------------------------------------------------------------------------
 */

static itv_status
fail(const itv_host *host, itv_status status, const char *name, const char *message)
{
  char text[700];
  snprintf(text, sizeof text, "%.200s: %s", name ? name : "the source", message);
  g_autofree char *valid = g_utf8_make_valid(text, -1);
  host->set_error(host, valid);
  return status;
}

static itv_status
explain(const itv_host *host, const char *name, itv_status status)
{
  if (status == ITV_ERR_LIMIT)
    return fail(host, status, name, "holds more records than one import may have");
  if (status == ITV_ERR_CANCELLED)
    return fail(host, status, name, "cancelled");
  return status == ITV_OK ? status : fail(host, status, name, "a record was refused");
}

static itv_status
import_all(Job *job)
{
  const guint n = job->bundle.scan.pieces->len;
  itv_status status = ITV_OK;
  guint first = 0;
  for (guint i = 0; i < job->bundle.scan.shells->len && status == ITV_OK; i++)
    status = emit_shell_problem(job, i);
  for (guint i = 0; i < n && status == ITV_OK; i++) {
    status = handle_piece(job, i);
    /* Single resources one after the other are one document. */
    const gint now = g_array_index(job->bundle.scan.pieces, Piece, i).shell;
    const gint next = i + 1 < n ? g_array_index(job->bundle.scan.pieces, Piece, i + 1).shell : -2;
    if (status == ITV_OK && next != now) {
      status = emit_others(job, first, i);
      first = i + 1;
    }
    if (status == ITV_OK && job->host->cancelled(job->host))
      status = ITV_ERR_CANCELLED;
    job->host->progress(job->host, (double)(i + 1) / (double)n);
  }
  return status;
}

/* The whole source; NULL when it cannot be read. */
static char *
slurp(const itv_source *source)
{
  char *text = g_try_malloc((gsize)source->size + 1);
  gint64 at = 0;
  while (text && at < source->size) {
    const int64_t got = source->read_at(source, at, text + at, (size_t)(source->size - at));
    if (got <= 0) {
      g_free(text);
      return NULL;
    }
    at += got;
  }
  if (text)
    text[source->size] = 0;
  return text;
}

static itv_status
import_text(const Plugin *plugin, Job *job, const char *name, const char *text, gsize length)
{
  g_autofree char *problem = NULL;
  if (scan_is_dicom_json(text, length))
    return fail(job->host, ITV_ERR_UNSUPPORTED, name,
                "is an object in DICOM JSON (PS3.18), no FHIR resource: import the DICOM object "
                "itself");
  const gboolean open =
      bundle_open(&job->bundle, text, length, plugin->base, plugin->issuers, &problem);
  const guint n = job->bundle.entries->len;
  itv_status status = ITV_OK;
  if (!open)
    status = fail(job->host, ITV_ERR_INPUT, name, problem);
  else if (n == 1 && job->bundle.scan.shells->len == 0 &&
           g_array_index(job->bundle.entries, Entry, 0).problem)
    status =
        fail(job->host, ITV_ERR_INPUT, name, g_array_index(job->bundle.entries, Entry, 0).problem);
  else
    status = explain(job->host, name, import_all(job));
  bundle_close(&job->bundle);
  return status;
}

static itv_status
run(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  if (input->n_sources != 1)
    return fail(host, ITV_ERR_INPUT, NULL, "an import takes exactly one source");
  const itv_source *source = &input->sources[0];
  if (source->size > MAX_BYTES)
    return fail(host, ITV_ERR_LIMIT, source->name,
                "is longer than 64 MiB: split the Bundle, or export fewer patients at a time");
  g_autofree char *text = slurp(source);
  if (!text)
    return fail(host, ITV_ERR_INPUT, source->name, "cannot be read to its end");
  if (source->size >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0))
    return fail(host, ITV_ERR_UNSUPPORTED, source->name, "is UTF-16; convert it to UTF-8");
  g_autoptr(GHashTable) counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Job job = {.host = host, .sink = out, .counts = counts};
  return import_text(self, &job, source->name, text, (gsize)source->size);
}

static itv_status
create(const itv_host *host, void **ret_self)
{
  Plugin *plugin = g_new0(Plugin, 1);
  plugin->base = host->config(host, "base");
  plugin->issuers = host->config(host, "issuers");
  *ret_self = plugin;
  return ITV_OK;
}

static void
destroy(void *self)
{
  g_free(self);
}

static const itv_kind importer = {ITV_KIND_HEADER, probe, run};

static const itv_kind *
get_kind(const char *id)
{
  return strcmp(id, ITV_KIND_IMPORTER) == 0 ? &importer : NULL;
}

const itv_plugin itv_plugin_entry = {
    ITV_PLUGIN_HEADER, "org.interval.fhir", "0.1.0", create, destroy, get_kind,
};
