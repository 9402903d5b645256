/* SPDX-License-Identifier: Apache-2.0
 *
 * What the generator writes comes back through the plugin.
 */
#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "dicom-writer.h"
#include "test-host.h"

#define SIDE 24
#define N_SLICES 7

static const SynthPatient patient = {"SYNTH-0001", "SYNTHCLINIC", "Müller^Änne^Zoë", "19570229",
                                     "F"};
static const SynthPatient sound = {"SYNTH-0001", "SYNTHCLINIC", "Müller^Änne^Zoë", "19570228", "F"};

typedef struct {
  char *folder;
  SynthUid study_uid, series_uid, frame_uid;
  SynthStudy study;
  SynthSeries series;
} Fixture;

static void
set_up(Fixture *f, gconstpointer data)
{
  (void)data;
  g_autoptr(GError) error = NULL;
  f->folder = g_dir_make_tmp("itv-dicom-XXXXXX", &error);
  g_assert_no_error(error);
  f->study_uid = synth_uid("roundtrip study");
  f->series_uid = synth_uid("roundtrip series");
  f->frame_uid = synth_uid("roundtrip frame");
  f->study = (SynthStudy){.uid = f->study_uid.s,
                          .accession = "SYNTH-A1",
                          .date = "20240229",
                          .time = "231559",
                          .description = "CT chest"};
  f->series = (SynthSeries){.uid = f->series_uid.s,
                            .number = 3,
                            .modality = "CT",
                            .description = "Lung 1.5 venous",
                            .body_part = "CHEST",
                            .frame_of_reference = f->frame_uid.s,
                            .kernel = "B60f",
                            .contrast_agent = "Iomeprol",
                            .kvp = 120,
                            .slice_thickness_mm = 1.5,
                            .manufacturer = "SYNTH"};
}

static void
tear_down(Fixture *f, gconstpointer data)
{
  (void)data;
  GDir *dir = g_dir_open(f->folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name(dir));) {
    g_autofree char *path = g_build_filename(f->folder, name, NULL);
    g_unlink(path);
  }
  g_dir_close(dir);
  g_rmdir(f->folder);
  g_free(f->folder);
}

static const char *
text(const itv_record *r, const char *key)
{
  for (size_t i = 0; r && i < r->n_fields; i++)
    if (strcmp(r->fields[i].key, key) == 0 && r->fields[i].type == ITV_T_STR)
      return r->fields[i].v.str;
  return NULL;
}

static double
number(const itv_record *r, const char *key, size_t n)
{
  for (size_t i = 0; r && i < r->n_fields; i++)
    if (strcmp(r->fields[i].key, key) == 0 && n-- == 0)
      return r->fields[i].type == ITV_T_F64 ? r->fields[i].v.f64 : (double)r->fields[i].v.i64;
  return NAN;
}

/* Does any note of the record hold the words? */
static gboolean
noted(const itv_record *r, const char *words)
{
  for (size_t i = 0; r && i < r->n_fields; i++)
    if (strcmp(r->fields[i].key, "note") == 0 && strstr(r->fields[i].v.str, words))
      return TRUE;
  return FALSE;
}

static gint16
stored(int x, int y, int z)
{
  return (gint16)(x * 10 - y * 3 + z * 100 - 500);
}

static char *
write_slice_at(const Fixture *f, int z, const double *position, const SynthPatient *who)
{
  gint16 pixels[SIDE * (SIDE + 2)];
  g_autofree char *name = g_strdup_printf("%d.dcm", z);
  g_autofree char *seed = g_strdup_printf("%s slice %d", f->series.modality, z);
  SynthUid uid = synth_uid(seed);
  SynthSlice s = {.uid = uid.s,
                  .number = z + 1,
                  .rows = SIDE,
                  .columns = SIDE + 2,
                  .spacing_row_mm = 0.75,
                  .spacing_column_mm = 0.5,
                  .position_mm = {position[0], position[1], position[2]},
                  .orientation = {1, 0, 0, 0, 1, 0},
                  .slope = 2,
                  .intercept = -24,
                  .window_center = 40,
                  .window_width = 400,
                  .pixels = pixels};
  for (int i = 0; i < SIDE * (SIDE + 2); i++)
    pixels[i] = stored(i % (SIDE + 2), i / (SIDE + 2), z);
  char *path = g_build_filename(f->folder, name, NULL);
  if (synth_dicom_write_slice(path, who, &f->study, &f->series, &s) != 0)
    g_error("%s", synth_dicom_error());
  return path;
}

static GBytes *
bytes_of(const char *path)
{
  char *data = NULL;
  gsize n = 0;
  g_autoptr(GError) error = NULL;
  g_file_get_contents(path, &data, &n, &error);
  g_assert_no_error(error);
  return g_bytes_new_take(data, n);
}

static itv_status
import_file(TestHost *host, const char *path)
{
  g_autoptr(GBytes) bytes = bytes_of(path);
  gsize n;
  const void *data = g_bytes_get_data(bytes, &n);
  g_assert_cmpint(test_host_probe(host, data, MIN(n, 4096), "x"), ==, 100);
  return test_host_import(host, data, n, path);
}

static itv_status
run_pixels(TestHost *host, GPtrArray *paths)
{
  g_autoptr(GPtrArray) bytes = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
  g_autofree itv_source *sources = g_new0(itv_source, paths->len);
  for (guint i = 0; i < paths->len; i++) {
    g_ptr_array_add(bytes, bytes_of(paths->pdata[i]));
    sources[i] = test_source_bytes(bytes->pdata[i], paths->pdata[i]);
  }
  const itv_input input = {
      .struct_size = sizeof input, .n_sources = paths->len, .sources = sources};
  return test_host_run(host, ITV_KIND_PIXELS, &input);
}

static void
test_slice_records(Fixture *f, gconstpointer data)
{
  (void)data;
  const double position[3] = {-10.5, 20.25, -300.125};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autofree char *path = write_slice_at(f, 4, position, &sound);
  g_assert_cmpint(import_file(host, path), ==, ITV_OK);
  const itv_record *doc = test_host_find(host, "interval.document/1", 0);
  g_assert_cmpstr(text(doc, "format"), ==, "dicom");
  g_assert_cmpstr(text(doc, "known"), ==, "2024-02-29T23:15:59");
  const itv_record *who = test_host_find(host, "interval.patient/1", 0);
  g_assert_cmpstr(text(who, "id"), ==, "SYNTH-0001");
  g_assert_cmpstr(text(who, "issuer"), ==, "SYNTHCLINIC");
  g_assert_cmpstr(text(who, "name"), ==, "Müller^Änne^Zoë");
  g_assert_cmpstr(text(who, "birth-date"), ==, "1957-02-28");
  g_assert_cmpstr(text(who, "sex"), ==, "F");
  const itv_record *im = test_host_find(host, "interval.image/1", 0);
  g_assert_cmpstr(text(im, "study-uid"), ==, f->study_uid.s);
  g_assert_cmpstr(text(im, "modality"), ==, "CT");
  g_assert_cmpstr(text(im, "accession"), ==, "SYNTH-A1");
  g_assert_cmpstr(text(im, "performed"), ==, "2024-02-29T23:15:59");
  g_assert_cmpstr(text(im, "kernel"), ==, "B60f");
  g_assert_cmpstr(text(im, "contrast-phase"), ==, "venous");
  g_assert_cmpstr(text(im, "body-part"), ==, "CHEST");
  g_assert_cmpstr(text(im, "spacing-origin"), ==, "patient");
  g_assert_cmpstr(text(im, "pixels"), ==, "decodable");
  g_assert_cmpfloat(number(im, "rows", 0), ==, SIDE);
  g_assert_cmpfloat(number(im, "columns", 0), ==, SIDE + 2);
  g_assert_cmpfloat(number(im, "spacing-row", 0), ==, 0.75);
  g_assert_cmpfloat(number(im, "spacing-column", 0), ==, 0.5);
  g_assert_cmpfloat(number(im, "slice-thickness", 0), ==, 1.5);
  g_assert_cmpfloat(number(im, "position", 2), ==, -300.125);
  g_assert_cmpfloat(number(im, "orientation", 4), ==, 1);
  g_assert_cmpfloat(number(im, "kvp", 0), ==, 120);
}

static void
test_unsound_birth_date(Fixture *f, gconstpointer data)
{
  (void)data;
  const double position[3] = {0, 0, 0};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autofree char *path = write_slice_at(f, 0, position, &patient);
  g_assert_cmpint(import_file(host, path), ==, ITV_OK);
  g_assert_null(text(test_host_find(host, "interval.patient/1", 0), "birth-date"));
}

static void
test_same_bytes(Fixture *f, gconstpointer data)
{
  (void)data;
  const double position[3] = {1, 2, 3};
  g_autofree char *a = write_slice_at(f, 0, position, &sound);
  g_autoptr(GBytes) first = bytes_of(a);
  g_autofree char *b = write_slice_at(f, 0, position, &sound);
  g_autoptr(GBytes) second = bytes_of(b);
  g_assert_true(g_bytes_equal(first, second));
}

/* Writes the slices in an order that is none, at z = 3 mm * index + shift. */
static GPtrArray *
write_series(const Fixture *f, int leave_out, double tilt_per_slice)
{
  static const int order[N_SLICES] = {3, 0, 6, 1, 5, 2, 4};
  GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
  for (int i = 0; i < N_SLICES; i++) {
    const double position[3] = {-10, 20 + tilt_per_slice * order[i], -300 + 3.0 * order[i]};
    if (order[i] != leave_out)
      g_ptr_array_add(paths, write_slice_at(f, order[i], position, &sound));
  }
  return paths;
}

static double
voxel(const itv_volume *v, int x, int y, int z)
{
  const gint16 *data = v->data;
  g_assert_cmpint(v->pixel, ==, ITV_PIX_I16);
  return v->slope * data[((gsize)z * (gsize)v->dim[1] + (gsize)y) * (gsize)v->dim[0] + (gsize)x] +
         v->intercept;
}

static void
test_series(Fixture *f, gconstpointer data)
{
  f->series.transfer_syntax = data;
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(GPtrArray) paths = write_series(f, -1, 0);
  g_assert_cmpint(run_pixels(host, paths), ==, ITV_OK);
  const itv_record *r = test_host_find(host, "interval.pixels/1", 0);
  const itv_volume *v = test_host_volume(host, (gint64)number(r, "volume", 0));
  g_assert_nonnull(v);
  g_assert_cmpint(v->dim[0], ==, SIDE + 2);
  g_assert_cmpint(v->dim[1], ==, SIDE);
  g_assert_cmpint(v->dim[2], ==, N_SLICES);
  g_assert_cmpfloat(v->spacing_mm[0], ==, 0.5);
  g_assert_cmpfloat(v->spacing_mm[1], ==, 0.75);
  g_assert_cmpfloat_with_epsilon(v->spacing_mm[2], 3, 1e-9);
  g_assert_cmpfloat(v->origin_mm[0], ==, -10);
  g_assert_cmpfloat(v->origin_mm[2], ==, -300);
  g_assert_cmpfloat(v->direction[8], ==, 1);
  g_assert_cmpuint(v->flags, ==, ITV_VOL_ORIENTED);
  g_assert_null(text(r, "note"));
  g_assert_cmpfloat(number(r, "window-width", 0), ==, 400);
  for (int z = 0; z < N_SLICES; z++)
    for (int y = 0; y < SIDE; y++)
      for (int x = 0; x < SIDE + 2; x++)
        g_assert_cmpfloat(voxel(v, x, y, z), ==, 2 * stored(x, y, z) - 24);
}

static void
test_missing_slice(Fixture *f, gconstpointer data)
{
  (void)data;
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(GPtrArray) paths = write_series(f, 3, 0);
  g_ptr_array_add(paths, g_strdup(paths->pdata[1])); /* one twice */
  g_assert_cmpint(run_pixels(host, paths), ==, ITV_OK);
  const itv_record *r = test_host_find(host, "interval.pixels/1", 0);
  const itv_volume *v = test_host_volume(host, 1);
  g_assert_true(noted(r, "missing slices: 1"));
  g_assert_true(noted(r, "duplicates: 1 slices were handed over twice"));
  g_assert_cmpint(v->dim[2], ==, N_SLICES);
  g_assert_cmpfloat_with_epsilon(v->spacing_mm[2], 3, 1e-9);
  g_assert_cmpfloat(voxel(v, 5, 7, 3), ==, 2 * stored(5, 7, 3) - 24); /* linear in z */
  g_assert_cmpfloat(voxel(v, 5, 7, 6), ==, 2 * stored(5, 7, 6) - 24);
}

static void
test_gantry_tilt(Fixture *f, gconstpointer data)
{
  (void)data;
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(GPtrArray) paths = write_series(f, -1, 0.75); /* one row a slice */
  g_assert_cmpint(run_pixels(host, paths), ==, ITV_OK);
  g_assert_true(noted(test_host_find(host, "interval.pixels/1", 0), "gantry tilt"));
  const itv_volume *v = test_host_volume(host, 1);
  g_assert_cmpfloat(voxel(v, 5, 10, 0), ==, 2 * stored(5, 10, 0) - 24);
  g_assert_cmpfloat(voxel(v, 5, 10, 4), ==, 2 * stored(5, 6, 4) - 24);
}

/* A file that ends within its pixels is a gap, not the end of the series. */
static void
test_damaged_slice(Fixture *f, gconstpointer data)
{
  (void)data;
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(GPtrArray) paths = write_series(f, -1, 0);
  g_autofree char *bytes = NULL;
  gsize n = 0;
  g_assert_true(g_file_get_contents(paths->pdata[0], &bytes, &n, NULL)); /* slice 3 */
  g_assert_true(g_file_set_contents(paths->pdata[0], bytes, (gssize)(n - 100), NULL));
  g_assert_cmpint(run_pixels(host, paths), ==, ITV_OK);
  const itv_record *r = test_host_find(host, "interval.pixels/1", 0);
  g_assert_true(noted(r, "1 of 7 files cannot be decoded"));
  g_assert_true(noted(r, "missing slices: 1"));
  g_assert_cmpfloat(voxel(test_host_volume(host, 1), 5, 7, 3), ==, 2 * stored(5, 7, 3) - 24);
}

static char *
write_film_file(const Fixture *f, const SynthSeries *series, int bits, int inverted,
                SynthSpacing spacing)
{
  guint16 pixels[SIDE * SIDE];
  SynthUid uid = synth_uid("film");
  SynthFilm film = {.uid = uid.s,
                    .number = 1,
                    .rows = SIDE,
                    .columns = SIDE,
                    .spacing = spacing,
                    .spacing_row_mm = 0.15,
                    .spacing_column_mm = 0.15,
                    .view = "LL",
                    .bits_stored = bits,
                    .inverted = inverted,
                    .pixels = pixels};
  for (int i = 0; i < SIDE * SIDE; i++)
    pixels[i] = (guint16)(i * ((1 << bits) - 1) / (SIDE * SIDE - 1));
  char *path = g_build_filename(f->folder, "film.dcm", NULL);
  if (synth_dicom_write_film(path, &sound, &f->study, series, &film) != 0)
    g_error("%s", synth_dicom_error());
  return path;
}

static void
test_film(Fixture *f, gconstpointer data)
{
  int bits = GPOINTER_TO_INT(data), inverted = bits == 12;
  const SynthSeries series = {.uid = f->series_uid.s,
                              .modality = bits == 8 ? "CR" : "DX",
                              .body_part = "TIBIA",
                              .laterality = "L"};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autofree char *path = write_film_file(f, &series, bits, inverted, SYNTH_SPACING_DETECTOR);
  g_assert_cmpint(import_file(host, path), ==, ITV_OK);
  const itv_record *im = test_host_find(host, "interval.image/1", 0);
  g_assert_cmpstr(text(im, "modality"), ==, "XR");
  g_assert_cmpstr(text(im, "dicom-modality"), ==, series.modality);
  g_assert_cmpstr(text(im, "laterality"), ==, "left");
  g_assert_cmpstr(text(im, "view"), ==, "LATERAL");
  g_assert_cmpstr(text(im, "spacing-origin"), ==, "detector");
  g_assert_cmpfloat(number(im, "spacing-row", 0), ==, 0.15);
  g_autoptr(GPtrArray) paths = g_ptr_array_new();
  g_ptr_array_add(paths, path);
  g_assert_cmpint(run_pixels(host, paths), ==, ITV_OK);
  const itv_volume *v = test_host_volume(host, 1);
  g_assert_cmpint(v->dim[2], ==, 1);
  g_assert_cmpuint(v->flags, ==, 0);
  g_assert_cmpfloat(v->spacing_mm[0], ==, 0.15);
  g_assert_cmpint(noted(test_host_find(host, "interval.pixels/1", 0), "MONOCHROME1"), ==, inverted);
  for (int i = 0; i < SIDE * SIDE; i++) {
    double want = i * ((1 << bits) - 1) / (SIDE * SIDE - 1);
    double got =
        v->pixel == ITV_PIX_U8 ? ((const guint8 *)v->data)[i] : ((const gint16 *)v->data)[i];
    g_assert_cmpfloat(got * v->slope + v->intercept, ==, want);
  }
}

static void
test_film_spacing(Fixture *f, gconstpointer data)
{
  (void)data;
  const SynthSeries series = {.uid = f->series_uid.s, .modality = "DX"};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autofree char *a = write_film_file(f, &series, 12, 0, SYNTH_SPACING_CALIBRATED);
  import_file(host, a);
  g_assert_cmpstr(text(test_host_find(host, "interval.image/1", 0), "spacing-origin"), ==,
                  "calibrated");
  g_autofree char *b = write_film_file(f, &series, 12, 0, SYNTH_SPACING_NONE);
  import_file(host, b);
  g_assert_null(text(test_host_find(host, "interval.image/1", 0), "spacing-origin"));
  g_autoptr(GPtrArray) paths = g_ptr_array_new();
  g_ptr_array_add(paths, b);
  g_assert_cmpint(run_pixels(host, paths), ==, ITV_OK);
  g_assert_cmpuint(test_host_volume(host, 1)->flags, ==, ITV_VOL_SPACING_UNKNOWN);
}

static void
test_two_films(Fixture *f, gconstpointer data)
{
  (void)data;
  const SynthSeries series = {.uid = f->series_uid.s, .modality = "DX"};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autofree char *path = write_film_file(f, &series, 12, 0, SYNTH_SPACING_DETECTOR);
  g_autoptr(GPtrArray) paths = g_ptr_array_new();
  g_ptr_array_add(paths, path);
  g_ptr_array_add(paths, path);
  g_assert_cmpint(run_pixels(host, paths), ==, ITV_ERR_UNSUPPORTED);
  g_assert_nonnull(strstr(test_host_error(host), "one film at a time"));
}

static void
check_long_axis(const itv_record *m, const Fixture *f, const SynthFinding *finding)
{
  g_assert_cmpstr(text(m, "measure"), ==, "long-axis");
  g_assert_cmpfloat(number(m, "value", 0), ==, 12.5);
  g_assert_cmpstr(m->fields[1].unit, ==, "mm");
  g_assert_cmpstr(text(m, "date"), ==, "2024-02-29T23:15:59");
  g_assert_cmpstr(text(m, "study-uid"), ==, f->study_uid.s);
  g_assert_cmpstr(text(m, "series-uid"), ==, f->series_uid.s);
  g_assert_cmpstr(text(m, "sop-uid"), ==, finding->image_uid);
  g_assert_cmpstr(text(m, "tracking-uid"), ==, finding->tracking_uid);
  g_assert_cmpstr(text(m, "tracking-id"), ==, "Nodule 1");
  g_assert_cmpstr(text(m, "finding"), ==, "Nodule");
  g_assert_cmpstr(text(m, "site"), ==, "Lung");
  g_assert_cmpstr(text(m, "laterality"), ==, "right");
  g_assert_cmpstr(text(m, "observer"), ==, "SYNTH^Reader");
  g_assert_cmpfloat(number(m, "point", 2), ==, 30.5);
}

static void
test_report(Fixture *f, gconstpointer data)
{
  (void)data;
  SynthUid report_uid = synth_uid("report"), series_uid = synth_uid("report series");
  SynthUid image = synth_uid("image"), nodule = synth_uid("nodule"), bone = synth_uid("bone");
  const double line[4] = {10, 12, 30.5, 40};
  const SynthMeasure sizes[] = {{"long-axis", 12.5},
                                {"short-axis", 8},
                                {"volume", 523.25},
                                {"mean-diameter", 10.25},
                                {"attenuation", -31}};
  const SynthMeasure scores[] = {{"rust", 8}, {"callus-area", 120.5}};
  const SynthFinding findings[] = {{nodule.s, "Nodule 1", "nodule", "lung", "right", sizes,
                                    G_N_ELEMENTS(sizes), synth_dicom_class("CT"), image.s, line},
                                   {bone.s, "Shaft", "fracture", "tibia", "left", scores,
                                    G_N_ELEMENTS(scores), NULL, NULL, NULL}};
  const SynthReport report = {.uid = report_uid.s,
                              .observer = "SYNTH^Reader",
                              .findings = findings,
                              .n_findings = G_N_ELEMENTS(findings),
                              .image_series = f->series_uid.s};
  const SynthSeries series = {.uid = series_uid.s, .number = 99, .modality = "SR"};
  g_autofree char *path = g_build_filename(f->folder, "sr.dcm", NULL);
  if (synth_dicom_write_sr(path, &sound, &f->study, &series, &report) != 0)
    g_error("%s", synth_dicom_error());
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_assert_cmpint(import_file(host, path), ==, ITV_OK);
  g_assert_cmpstr(text(test_host_find(host, "interval.image/1", 0), "modality"), ==, "SR");
  g_assert_null(test_host_find(host, "interval.report/1", 0));
  check_long_axis(test_host_find(host, "interval.measurement/1", 0), f, &findings[0]);
  static const char *const measures[] = {"long-axis",   "short-axis", "volume",     "mean-diameter",
                                         "attenuation", "rust",       "callus-area"};
  for (gsize i = 0; i < G_N_ELEMENTS(measures); i++) {
    const itv_record *m = test_host_find(host, "interval.measurement/1", i);
    g_assert_nonnull(m);
    g_assert_cmpstr(text(m, "measure"), ==, measures[i]);
    g_assert_cmpstr(text(m, "tracking-uid"), ==, i < 5 ? nodule.s : bone.s);
    g_assert_cmpfloat(number(m, "value", 0), ==, i < 5 ? sizes[i].value : scores[i - 5].value);
  }
  g_assert_null(test_host_find(host, "interval.measurement/1", G_N_ELEMENTS(measures)));
}

int
main(int argc, char **argv)
{
  static const char *const syntaxes[] = {"1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80",
                                         "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.5"};
  g_test_init(&argc, &argv, NULL);
#define ADD(path, data, function) g_test_add(path, Fixture, data, set_up, function, tear_down)
  ADD("/dicom/roundtrip/records", NULL, test_slice_records);
  ADD("/dicom/roundtrip/unsound-birth-date", NULL, test_unsound_birth_date);
  ADD("/dicom/roundtrip/same-bytes", NULL, test_same_bytes);
  ADD("/dicom/roundtrip/series", NULL, test_series);
  for (gsize i = 0; i < G_N_ELEMENTS(syntaxes); i++) {
    g_autofree char *path = g_strdup_printf("/dicom/roundtrip/series/%s", syntaxes[i]);
    ADD(path, syntaxes[i], test_series);
  }
  ADD("/dicom/roundtrip/missing-slice", NULL, test_missing_slice);
  ADD("/dicom/roundtrip/gantry-tilt", NULL, test_gantry_tilt);
  ADD("/dicom/roundtrip/damaged-slice", NULL, test_damaged_slice);
  ADD("/dicom/roundtrip/two-films", NULL, test_two_films);
  ADD("/dicom/roundtrip/film-8", GINT_TO_POINTER(8), test_film);
  ADD("/dicom/roundtrip/film-12-inverted", GINT_TO_POINTER(12), test_film);
  ADD("/dicom/roundtrip/film-16", GINT_TO_POINTER(16), test_film);
  ADD("/dicom/roundtrip/film-spacing", NULL, test_film_spacing);
  ADD("/dicom/roundtrip/report", NULL, test_report);
  return g_test_run();
}
