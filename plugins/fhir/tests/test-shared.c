/* SPDX-License-Identifier: Apache-2.0
 *
 * Bundles that others made, where they are present: ../shared/data/fhir.
 */
#include "fhir-dump.h"
#include "record-check.h"

static char *
shared_path(const char *below)
{
  return g_build_filename(g_getenv("ITV_SOURCE_DIR"), "..", "shared", "data", "fhir", below, NULL);
}

/* Synthea gives the series and instances of different studies the same UIDs: each study
 * must stay one of its own, with its own start. */
static guint
check_studies(const TestHost *host)
{
  g_autoptr(GHashTable) studies = g_hash_table_new(g_str_hash, g_str_equal);
  const itv_record *image = NULL;
  for (gsize i = 0; (image = test_host_find(host, "interval.image/1", i)); i++) {
    const char *uid = itv_record_str(image, "study-uid", "");
    const char *performed = itv_record_str(image, "performed", "");
    g_assert_cmpint((int)strlen(performed), ==, 19);
    g_assert_cmpstr(itv_record_str(image, "study-description", ""), !=, "");
    g_assert_cmpstr(itv_record_str(image, "pixels", ""), ==, "absent");
    const char *before = g_hash_table_lookup(studies, uid);
    g_assert_true(!before || strcmp(before, performed) == 0);
    g_hash_table_insert(studies, (gpointer)(guintptr)uid, (gpointer)(guintptr)performed);
  }
  return g_hash_table_size(studies);
}

static guint
count_in(const char *text, const char *what)
{
  guint n = 0;
  for (const char *at = text; (at = strstr(at, what)); at++)
    n++;
  return n;
}

static void
check_bundle(TestHost *host, const RecordCheck *check, const char *path)
{
  g_autofree char *text = NULL;
  gsize n = 0;
  g_assert_true(g_file_get_contents(path, &text, &n, NULL));
  g_assert_cmpint(test_host_probe(host, text, 4096, path), ==, 95);
  g_assert_cmpint(test_host_import(host, text, n, path), ==, ITV_OK);
  record_check_all(check, host, "importer");
  const guint studies = count_in(text, "\"resourceType\": \"ImagingStudy\"");
  const guint reports = count_in(text, "\"resourceType\": \"DiagnosticReport\"");
  guint documents = 0, taken = 0;
  const itv_record *document = NULL;
  for (; (document = test_host_find(host, "interval.document/1", documents)); documents++) {
    g_assert_null(itv_record_field(document, "rejected", 0));
    taken += strcmp(itv_record_str(document, "type", ""), "DiagnosticReport") == 0;
  }
  g_assert_cmpuint(check_studies(host), ==, studies);
  g_assert_cmpuint(taken, ==, reports);
  /* One person, whatever refers to it. */
  const char *id = itv_record_str(test_host_find(host, "interval.patient/1", 0), "id", "");
  const itv_record *patient = NULL;
  for (gsize i = 0; (patient = test_host_find(host, "interval.patient/1", i)); i++)
    g_assert_cmpstr(itv_record_str(patient, "id", ""), ==, id);
}

static void
test_synthea(void)
{
  g_autofree char *folder = shared_path("synthea");
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  if (!dir) {
    g_test_skip("../shared/data/fhir/synthea is not there");
    return;
  }
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  int n = 0;
  for (const char *file; (file = g_dir_read_name(dir));) {
    if (!g_str_has_suffix(file, ".json"))
      continue;
    g_autofree char *path = g_build_filename(folder, file, NULL);
    check_bundle(host, check, path);
    n++;
  }
  g_assert_cmpint(n, >, 0);
}

static void
test_dicom_json(void)
{
  g_autofree char *path = shared_path("dicom-sr/input/dicom/Example-MeasurementReport.json");
  g_autofree char *text = NULL;
  gsize n = 0;
  if (!g_file_get_contents(path, &text, &n, NULL)) {
    g_test_skip("the DICOM JSON example of ../shared/data/fhir is not there");
    return;
  }
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_assert_cmpint(test_host_probe(host, text, 4096, "x"), ==, 20);
  g_assert_cmpint(test_host_import(host, text, n, "x"), ==, ITV_ERR_UNSUPPORTED);
  g_assert_nonnull(strstr(test_host_error(host), "DICOM JSON"));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/fhir/shared/synthea", test_synthea);
  g_test_add_func("/fhir/shared/dicom-json", test_dicom_json);
  return g_test_run();
}
