/* SPDX-License-Identifier: Apache-2.0 */
#include "app/images.h"

#include <string.h>

#include "base/error.h"
#include "store/patient.h"

void
itv_app_series_free(ItvAppSeries *s)
{
  if (!s)
    return;
  g_free(s->study_uid);
  g_free(s->series_uid);
  g_free(s->accession);
  g_free(s->study_description);
  g_free(s->series_description);
  g_free(s->view);
  g_free(s->kernel);
  g_free(s->contrast_agent);
  g_free(s->contrast_phase);
  g_free(s->manufacturer);
  g_free(s->body_part);
  g_ptr_array_unref(s->paths);
  g_hash_table_unref(s->index);
  g_ptr_array_unref(s->sop_uids);
  g_array_unref(s->planes);
  g_free(s->problem);
  g_free(s);
}

/* ---- series of a study ------------------------------------------------------------------- */

/* Films of one series are views of their own; slices are one volume. */
static gboolean
is_film(const itv_record *image)
{
  const char *m = itv_record_str(image, "modality", "");
  return strcmp(m, "XR") == 0 || strcmp(m, "MG") == 0 || strcmp(m, "FL") == 0;
}

static ItvAppSeries *
new_series(ItvApp *app, const itv_record *r)
{
  ItvAppSeries *s = g_new0(ItvAppSeries, 1);
  char **const texts[] = {
      &s->study_uid,          &s->series_uid,   &s->accession, &s->study_description,
      &s->series_description, &s->view,         &s->kernel,    &s->contrast_agent,
      &s->contrast_phase,     &s->manufacturer, &s->body_part};
  static const char *const keys[] = {
      "study-uid",          "series-uid",   "accession", "study-description",
      "series-description", "view",         "kernel",    "contrast-agent",
      "contrast-phase",     "manufacturer", "body-part"};
  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
    *texts[i] = g_strdup(itv_record_str(r, keys[i], NULL));
  s->modality = itv_modality_parse(itv_record_str(r, "modality", NULL));
  s->performed = ITV_MOMENT_NONE;
  itv_moment_parse(itv_record_str(r, "performed", ""), &s->performed);
  s->slice_thickness_mm = itv_record_f64(r, "slice-thickness", -1);
  s->spacing_mm = itv_record_f64(r, "spacing-row", -1);
  s->kvp = itv_record_f64(r, "kvp", -1);
  s->exam = itv_evidence_image_exam(app->exams, r);
  s->paths = g_ptr_array_new_with_free_func(g_free);
  s->sop_uids = g_ptr_array_new_with_free_func(g_free);
  s->index = g_hash_table_new(g_str_hash, g_str_equal);
  s->planes = g_array_new(FALSE, TRUE, sizeof(ItvAppPlane));
  return s;
}

/* DICOM PS3.3 C.7.6.2.1.1: the first three cosines run along a row, to the next
 * column. */
static ItvAppPlane
plane_of(const itv_record *r)
{
  ItvAppPlane plane = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}};
  double cosine[6];
  const double column_mm = itv_record_f64(r, "spacing-column", 1);
  const double row_mm = itv_record_f64(r, "spacing-row", 1);
  gboolean placed = TRUE;
  for (gsize i = 0; i < 6; i++) {
    const itv_field *f = itv_record_field(r, "orientation", i);
    placed = placed && f;
    cosine[i] = f ? f->v.f64 : plane.column_mm[i % 3];
  }
  for (gsize i = 0; i < 3; i++) {
    const itv_field *f = itv_record_field(r, "position", i);
    plane.origin_mm[i] = placed && f ? f->v.f64 : 0;
    plane.column_mm[i] = (placed ? cosine[i] : plane.column_mm[i]) * column_mm;
    plane.row_mm[i] = (placed ? cosine[i + 3] : plane.row_mm[i]) * row_mm;
  }
  return plane;
}

gboolean
itv_app_series_pixel_to_mm(const ItvAppSeries *s, const char *sop_uid, double column, double row,
                           double ret_mm[3])
{
  gpointer at = NULL;
  if (!g_hash_table_lookup_extended(s->index, sop_uid, NULL, &at))
    return FALSE;
  const ItvAppPlane *p = &g_array_index(s->planes, ItvAppPlane, GPOINTER_TO_UINT(at));
  for (int i = 0; i < 3; i++)
    ret_mm[i] = p->origin_mm[i] + column * p->column_mm[i] + row * p->row_mm[i];
  return TRUE;
}

/* The first place where the object still is. */
static char *
present_path(ItvApp *app, const ItvJournalRow *row)
{
  if (g_file_test(row->source, G_FILE_TEST_IS_REGULAR))
    return g_strdup(row->source);
  g_autoptr(GPtrArray) paths = itv_journal_paths(app->db, row->uid, NULL);
  for (guint i = 0; paths && i < paths->len; i++)
    if (g_file_test(paths->pdata[i], G_FILE_TEST_IS_REGULAR))
      return g_strdup(paths->pdata[i]);
  return g_strdup(row->source);
}

static void
add_image(ItvApp *app, GHashTable *by_key, const ItvJournalRow *row, const itv_record *r)
{
  const char *sop = itv_record_str(r, "sop-uid", "");
  g_autofree char *key =
      g_strjoin("\n", itv_record_str(r, "series-uid", ""), is_film(r) ? sop : "", NULL);
  ItvAppSeries *s = g_hash_table_lookup(by_key, key);
  if (!s) {
    s = new_series(app, r);
    g_hash_table_insert(by_key, g_strdup(key), s);
  }
  if (g_hash_table_contains(s->index, sop))
    return;
  char *uid = g_strdup(sop);
  g_hash_table_insert(s->index, uid, GUINT_TO_POINTER(s->sop_uids->len));
  g_ptr_array_add(s->paths, present_path(app, row));
  g_ptr_array_add(s->sop_uids, uid);
  const ItvAppPlane plane = plane_of(r);
  g_array_append_val(s->planes, plane);
  if (!s->problem && strcmp(itv_record_str(r, "pixels", ""), "decodable") != 0)
    s->problem = g_strdup(itv_record_str(r, "pixel-problem", "it has no pixels"));
}

/* Whether only the object is known of, not where its pixels are (FHIR). */
static gboolean
is_hearsay(const itv_record *image)
{
  return strcmp(itv_record_str(image, "pixels", ""), "absent") == 0;
}

/* Images by series, and what rejection notes say of them. */
typedef struct {
  GHashTable *by_key, *heard; /* ItvAppSeries */
  GHashTable *rejected;       /* SOP UIDs */
} Gathered;

static void
add_records(ItvApp *app, const Gathered *g, const ItvJournalRow *row, const ItvRecords *records,
            const char *study_uid)
{
  const itv_record *r = NULL;
  for (gsize i = 0; (r = itv_records_find(records, "interval.image/1", i)); i++)
    if (strcmp(itv_record_str(r, "study-uid", ""), study_uid) == 0 &&
        itv_evidence_shows_anatomy(r) &&
        !g_hash_table_contains(g->rejected, itv_record_str(r, "sop-uid", "")))
      add_image(app, is_hearsay(r) ? g->heard : g->by_key, row, r);
}

static void
add_rejections(GHashTable *rejected, const ItvRecords *records)
{
  const itv_record *r = NULL;
  const itv_field *sop = NULL;
  for (gsize i = 0; (r = itv_records_find(records, "interval.rejection/1", i)); i++)
    for (gsize k = 0; (sop = itv_record_field(r, "sop-uid", k)); k++)
      g_hash_table_add(rejected, g_strdup(sop->v.str));
}

/* A rejection note may lie before or behind what it rejects. */
static gboolean
gather(ItvApp *app, const Gathered *g, const GPtrArray *rows, const char *study_uid, GError **error)
{
  g_autoptr(GPtrArray) read = g_ptr_array_new_with_free_func((GDestroyNotify)itv_records_unref);
  for (guint i = 0; i < rows->len; i++) {
    const ItvJournalRow *row = rows->pdata[i];
    ItvRecords *records = itv_records_from_json(row->records, -1, error);
    if (!records)
      return FALSE;
    g_ptr_array_add(read, records);
    add_rejections(g->rejected, records);
  }
  for (guint i = 0; i < rows->len; i++)
    add_records(app, g, rows->pdata[i], read->pdata[i], study_uid);
  return TRUE;
}

static int
by_uid(gconstpointer a, gconstpointer b)
{
  const ItvAppSeries *x = *(const ItvAppSeries *const *)a, *y = *(const ItvAppSeries *const *)b;
  const int order = g_strcmp0(x->series_uid, y->series_uid);
  return order ? order : g_strcmp0(x->sop_uids->pdata[0], y->sop_uids->pdata[0]);
}

/* Those whose key `known` has are freed instead. */
static void
append_sorted(GPtrArray *list, GHashTable *table, GHashTable *known)
{
  g_autoptr(GPtrArray) sorted = g_ptr_array_new();
  GHashTableIter iter;
  gpointer key = NULL, series = NULL;
  g_hash_table_iter_init(&iter, table);
  while (g_hash_table_iter_next(&iter, &key, &series))
    if (known && g_hash_table_contains(known, key))
      itv_app_series_free(series);
    else
      g_ptr_array_add(sorted, series);
  g_ptr_array_sort(sorted, by_uid);
  for (guint i = 0; i < sorted->len; i++)
    g_ptr_array_add(list, sorted->pdata[i]);
}

GPtrArray *
itv_app_series_of(ItvApp *app, gint64 family, const char *study_uid, GError **error)
{
  g_autoptr(GPtrArray) rows = itv_journal_images(app->db, family, study_uid, error);
  if (!rows)
    return NULL;
  /* What is only known of must not stand before the object itself, nor spoil its
   * series. */
  g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) heard = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) rejected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  const Gathered g = {by_key, heard, rejected};
  GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)itv_app_series_free);
  const gboolean ok = gather(app, &g, rows, study_uid, error);
  append_sorted(list, by_key, NULL);
  append_sorted(list, heard, by_key);
  if (!ok) {
    g_ptr_array_unref(list);
    return NULL;
  }
  return list;
}

/* ---- which two ------------------------------------------------------------------------------ */

static double
pair_score(const ItvAppSeries *a, const ItvAppSeries *b)
{
  double score = 0;
  score += a->modality == b->modality ? 100 : 0;
  score += g_strcmp0(a->view, b->view) == 0 ? 40 : 0;
  score += a->exam.laterality == b->exam.laterality ? 20 : 0;
  score += g_strcmp0(a->series_description, b->series_description) == 0 ? 10 : 0;
  score += g_strcmp0(a->kernel, b->kernel) == 0 ? 10 : 0;
  score += g_strcmp0(a->contrast_phase, b->contrast_phase) == 0 ? 5 : 0;
  score -= a->problem || b->problem ? 500 : 0;
  /* A frontal view is what most are measured on; more slices show more. */
  score += a->view && (strcmp(a->view, "AP") == 0 || strcmp(a->view, "PA") == 0) ? 2 : 0;
  score += (double)MIN(MIN(a->paths->len, b->paths->len), 1000) / 1000;
  return score;
}

gboolean
itv_app_series_pair(const GPtrArray *currents, const GPtrArray *priors,
                    const ItvAppSeries **ret_current, const ItvAppSeries **ret_prior)
{
  double best = -G_MAXDOUBLE;
  for (guint i = 0; i < currents->len; i++)
    for (guint k = 0; k < priors->len; k++) {
      const double score = pair_score(currents->pdata[i], priors->pdata[k]);
      if (score > best) {
        best = score;
        *ret_current = currents->pdata[i];
        *ret_prior = priors->pdata[k];
      }
    }
  return currents->len > 0 && priors->len > 0;
}

/* ---- voxels ------------------------------------------------------------------------------------
 */

/* The importer that knows the file is also the plugin that reads its pixels. */
static ItvPlugin *
pixels_plugin(ItvApp *app, const char *path, GError **error)
{
  g_autofree char *name = g_path_get_basename(path);
  g_autoptr(GError) local = NULL;
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(GFileInputStream) in = g_file_read(file, NULL, &local);
  guint8 head[4096];
  const gssize n =
      in ? g_input_stream_read(G_INPUT_STREAM(in), head, sizeof head, NULL, &local) : -1;
  if (n < 0) {
    itv_fail(error, ITV_ERROR_INPUT, "%s: %s", path, local->message);
    return NULL;
  }
  ItvPlugin *plugin = itv_plugins_probe(app->plugins, head, (gsize)n, name);
  if (!plugin || !itv_manifest_kind(itv_plugin_manifest(plugin), ITV_KIND_PIXELS)) {
    itv_fail(error, ITV_ERROR_INPUT, "%s: no plugin reads the pixels of this kind of file", path);
    return NULL;
  }
  return plugin;
}

ItvVolume *
itv_app_load(ItvApp *app, const GPtrArray *paths, GPtrArray *notes, GError **error)
{
  ItvPlugin *plugin = pixels_plugin(app, paths->pdata[0], error);
  if (!plugin)
    return NULL;
  g_autoptr(ItvJob) job = itv_job_new();
  for (guint i = 0; i < paths->len; i++)
    itv_job_add_source_path(job, paths->pdata[i]);
  itv_job_add_record(job, "interval.pixels-request/1", NULL, 0);
  g_autoptr(ItvOutcome) outcome =
      itv_plugins_run(app->plugins, plugin, ITV_KIND_PIXELS, job, NULL, NULL, NULL);
  if (!itv_outcome_check(outcome, error)) {
    g_prefix_error(error, "%s: ", (const char *)paths->pdata[0]);
    return NULL;
  }
  const itv_record *r = itv_records_find(outcome->records, "interval.pixels/1", 0);
  ItvVolume *volume = r ? itv_outcome_volume(outcome, itv_record_i64(r, "volume", 0)) : NULL;
  if (!volume) {
    itv_fail(error, ITV_ERROR_INPUT, "%s: no pixels in it", (const char *)paths->pdata[0]);
    return NULL;
  }
  const itv_field *note = NULL;
  for (gsize i = 0; (note = itv_record_field(r, "note", i)); i++)
    g_ptr_array_add(notes, g_strdup(note->v.str));
  return itv_volume_ref(volume);
}

/* ---- measurements -------------------------------------------------------------------------------
 */

typedef struct {
  const char *role, *date, *study_uid;
  double thickness_mm, spacing_mm;
} Exam;

static gboolean
has_key(const itv_record *record, const char *key)
{
  return itv_record_field(record, key, 0) != NULL;
}

/* The measurement's own words, completed by what the image's header knows. */
static void
add_measurement(ItvRecords *out, const itv_record *r, const Exam *exam)
{
  g_autofree itv_field *fields = g_new0(itv_field, r->n_fields + 5);
  gsize n = 0;
  for (gsize i = 0; i < r->n_fields; i++)
    if (strcmp(r->fields[i].key, "role") != 0)
      fields[n++] = r->fields[i];
  if (exam->role)
    fields[n++] = (itv_field)ITV_STR("role", exam->role);
  if (exam->date && !has_key(r, "date"))
    fields[n++] = (itv_field)ITV_STR("date", exam->date);
  if (!has_key(r, "study-uid"))
    fields[n++] = (itv_field)ITV_STR("study-uid", exam->study_uid);
  if (exam->thickness_mm >= 0 && !has_key(r, "slice-thickness"))
    fields[n++] = (itv_field)ITV_F64("slice-thickness", exam->thickness_mm, "mm");
  if (exam->spacing_mm >= 0 && !has_key(r, "pixel-spacing"))
    fields[n++] = (itv_field)ITV_F64("pixel-spacing", exam->spacing_mm, "mm");
  itv_records_add(out, r->name, fields, n);
}

/* Does the record measure this study? */
static gboolean
is_about(const itv_record *r, const GPtrArray *series)
{
  const char *sop = itv_record_str(r, "sop-uid", NULL);
  const char *study = itv_record_str(r, "study-uid", NULL);
  for (guint i = 0; i < series->len; i++) {
    const ItvAppSeries *s = series->pdata[i];
    if (sop && g_hash_table_contains(s->index, sop))
      return TRUE;
    if (!sop && g_strcmp0(study, s->study_uid) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
note_other_patient(ItvApp *app, gint64 family, const ItvRecords *records, GPtrArray *notes,
                   GError **error)
{
  const itv_record *p = itv_records_find(records, "interval.patient/1", 0);
  gint64 other = 0;
  if (!p)
    return TRUE;
  if (!itv_db_int(app->db, 0, &other, error,
                  "SELECT family FROM patient WHERE id = ?1 AND issuer = ?2", "tt",
                  itv_record_str(p, "id", ""), itv_record_str(p, "issuer", "")))
    return FALSE;
  g_autofree char *note = g_strdup_printf(
      "Measurements are filed under patient id %s; they are shown here because they "
      "name these images.",
      itv_record_str(p, "id", ""));
  if (other != family && !g_ptr_array_find_with_equal_func(notes, note, g_str_equal, NULL))
    g_ptr_array_add(notes, g_steal_pointer(&note));
  return TRUE;
}

/* The resource that a row came of, and since when it is known: "Observation 7". */
static char *
resource_of(const ItvRecords *records)
{
  const itv_record *d = itv_records_find(records, "interval.document/1", 0);
  const char *id = d ? itv_record_str(d, "identifier", NULL) : NULL;
  return id ? g_strjoin(" ", itv_record_str(d, "type", ""), id, NULL) : NULL;
}

/* Whether a row among them takes back what that one says. */
static gboolean
is_withdrawn(const GPtrArray *rows, const GPtrArray *contents, guint at)
{
  const ItvJournalRow *row = rows->pdata[at];
  g_autofree char *resource = resource_of(contents->pdata[at]);
  for (guint i = 0; resource && i < rows->len; i++) {
    const ItvJournalRow *other = rows->pdata[i];
    if (!itv_records_find(contents->pdata[i], "interval.withdrawal/1", 0) ||
        (other->known && g_strcmp0(other->known, row->known) < 0))
      continue;
    g_autofree char *theirs = resource_of(contents->pdata[i]);
    if (g_strcmp0(resource, theirs) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
add_measuring_row(ItvApp *app, gint64 family, const ItvRecords *records, const GPtrArray *series,
                  const Exam *exam, ItvRecords *out, GPtrArray *notes, GError **error)
{
  const itv_record *r = NULL;
  gboolean any = FALSE;
  for (gsize i = 0; (r = itv_records_find(records, "interval.measurement/1", i)); i++)
    if (is_about(r, series)) {
      add_measurement(out, r, exam);
      any = TRUE;
    }
  return !any || note_other_patient(app, family, records, notes, error);
}

/* Rows and what they hold, each once. */
static gboolean
collect_rows(ItvApp *app, const GPtrArray *keys, GPtrArray *rows, GPtrArray *contents,
             GError **error)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < keys->len; i++) {
    g_autoptr(GPtrArray) found = itv_journal_measuring(app->db, keys->pdata[i], error);
    if (!found)
      return FALSE;
    for (guint k = 0; k < found->len; k++) {
      ItvJournalRow *row = found->pdata[k];
      if (!g_hash_table_add(seen, g_strdup(row->uid)))
        continue;
      ItvRecords *records = itv_records_from_json(row->records, -1, error);
      if (!records)
        return FALSE;
      g_ptr_array_add(contents, records);
      g_ptr_array_add(rows, row);
      found->pdata[k] = NULL;
    }
  }
  return TRUE;
}

/* Keys under which measurements of these series may be found: each image, and the
 * study itself. */
static GPtrArray *
keys_of(const GPtrArray *series)
{
  GPtrArray *keys = g_ptr_array_new();
  for (guint i = 0; i < series->len; i++) {
    const ItvAppSeries *s = series->pdata[i];
    for (guint k = 0; k < s->sop_uids->len; k++)
      g_ptr_array_add(keys, s->sop_uids->pdata[k]);
    if (i == 0)
      g_ptr_array_add(keys, s->study_uid);
  }
  return keys;
}

gboolean
itv_app_measurements(ItvApp *app, gint64 family, const GPtrArray *series, const char *role,
                     ItvRecords *job_records, GPtrArray *notes, GError **error)
{
  if (series->len == 0)
    return TRUE;
  const ItvAppSeries *first = series->pdata[0];
  g_autofree char *date = itv_moment_format(first->performed);
  const Exam exam = {role, date, first->study_uid, first->slice_thickness_mm, first->spacing_mm};
  g_autoptr(GPtrArray) keys = keys_of(series);
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)itv_journal_row_free);
  g_autoptr(GPtrArray) contents = g_ptr_array_new_with_free_func((GDestroyNotify)itv_records_unref);
  if (!collect_rows(app, keys, rows, contents, error))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    if (!is_withdrawn(rows, contents, i) &&
        !add_measuring_row(app, family, contents->pdata[i], series, &exam, job_records, notes,
                           error))
      return FALSE;
  return TRUE;
}
