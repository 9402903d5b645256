/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages that others made, where they are present: ../shared/data.
 */
#include <json-c/json.h>

#include "hl7-dump.h"
#include "record-check.h"

static char *
shared_path(const char *below)
{
  return g_build_filename(g_getenv("ITV_SOURCE_DIR"), "..", "shared", "data", below, NULL);
}

/* Imports one file of hl7v2/; NULL (and the test skipped) when it is absent. */
static TestHost *
import_shared(const char *name)
{
  g_autofree char *below = g_strconcat("hl7v2/", name, NULL);
  g_autofree char *path = shared_path(below);
  g_autofree char *bytes = NULL;
  gsize n = 0;
  if (!g_file_get_contents(path, &bytes, &n, NULL)) {
    g_autofree char *why = g_strconcat(path, " is not there", NULL);
    g_test_skip(why);
    return NULL;
  }
  TestHost *host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  g_assert_cmpint(test_host_import(host, bytes, n, name), ==, ITV_OK);
  record_check_all(check, host, "importer");
  g_assert_null(itv_record_field(test_host_record(host, 0), "rejected", 0));
  return host;
}

static const char *
value(const TestHost *host, const char *record, const char *key)
{
  const itv_record *r = test_host_find(host, record, 0);
  g_assert_nonnull(r);
  return itv_record_str(r, key, "");
}

static void
test_structured_report(void)
{
  g_autoptr(TestHost) host = import_shared("ORU^R01-SR.hl7");
  if (!host)
    return;
  const char *text = value(host, "interval.report/1", "text");
  g_assert_true(g_str_has_prefix(text, "FINDINGS:\nThe right kidney"));
  g_assert_nonnull(strstr(text, "\nRECOMMENDATION:\nFollow-up with CT of the Abdomen"));
  g_assert_cmpstr(value(host, "interval.report/1", "study-uid"), ==,
                  "1.2.392.200036.9125.0.198811291108.7");
  g_assert_nonnull(itv_record_field(test_host_find(host, "interval.report/1", 0), "category", 2));
}

static void
test_encapsulated(void)
{
  g_autoptr(TestHost) pdf = import_shared("ORU^R01-PDF.hl7");
  if (!pdf)
    return;
  g_assert_cmpstr(value(pdf, "interval.report/1", "text"), ==, "");
  g_assert_cmpstr(value(pdf, "interval.report/1", "status"), ==, "F");
  g_assert_cmpstr(value(pdf, "interval.document/1", "keep-raw"), ==, "Y");
  const itv_record *doc = test_host_find(pdf, "interval.document/1", 0);
  gboolean noted = FALSE;
  for (gsize i = 0; itv_record_field(doc, "note", i); i++)
    noted |= strstr(itv_record_field(doc, "note", i)->v.str, "encapsulated") != NULL;
  g_assert_true(noted);

  g_autoptr(TestHost) cda = import_shared("ORU^R01-CDA.hl7");
  const char *text = value(cda, "interval.report/1", "text");
  g_test_message("%s", text);
  g_assert_cmpuint(strlen(text), >, 200);
  g_assert_null(strchr(text, '<'));
}

static void
test_identity(void)
{
  static const char *const names[] = {"ADT^A40-PatientMerge.hl7", "ADT^A47-ChangePatientID.hl7"};
  for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autoptr(TestHost) host = import_shared(names[i]);
    if (!host)
      return;
    g_assert_cmpstr(value(host, "interval.merge/1", "action"), ==, "merge");
    g_assert_cmpstr(value(host, "interval.merge/1", "id"), ==, "NEW_PID_1");
    g_assert_cmpstr(value(host, "interval.merge/1", "other-id"), ==, "OLD_PID_1");
    g_assert_cmpstr(value(host, "interval.merge/1", "other-issuer"), ==, "ADT1");
  }
}

static void
test_schedule(void)
{
  static const char *const orders[] = {"OMI^O23-ImagingOrder.hl7", "ORM^O01-GeneralOrder.hl7",
                                       "OMG^O19-GeneralClinicalOrder-Eyecare.hl7"};
  for (gsize i = 0; i < G_N_ELEMENTS(orders); i++) {
    g_autoptr(TestHost) host = import_shared(orders[i]);
    if (!host)
      return;
    g_assert_cmpstr(value(host, "interval.order/1", "status"), ==, "scheduled");
    g_assert_cmpstr(value(host, "interval.order/1", "modality"), ==, "CT");
    g_assert_cmpstr(value(host, "interval.order/1", "study-uid"), ==,
                    "1.2.392.200036.9125.0.198811291108.7");
  }
  g_autoptr(TestHost) host = import_shared("SIU^S12-NewAppointmentBooking.hl7");
  if (!host)
    return;
  g_assert_cmpstr(value(host, "interval.appointment/1", "start"), ==, "2020-10-23T08:30:00");
  g_assert_cmpstr(value(host, "interval.appointment/1", "description"), ==,
                  "SEPTOPLASTIA (OPERAÇÃO ISOLADA)");
}

/* Every message of the histories is taken, unremarkably, by its type. */
static void
check_scenario_message(TestHost *host, const RecordCheck *check, const char *message)
{
  g_assert_cmpint(test_host_import(host, message, strlen(message), "scenario"), ==, ITV_OK);
  record_check_all(check, host, "importer");
  const itv_record *doc = test_host_record(host, 0);
  g_assert_null(itv_record_field(doc, "rejected", 0));
  g_assert_null(itv_record_field(doc, "note", 0));
  g_assert_nonnull(itv_record_field(doc, "known", 0));
  const char *type = itv_record_str(doc, "type", "");
  const itv_record *report = test_host_find(host, "interval.report/1", 0);
  g_assert_nonnull(test_host_find(host, "interval.patient/1", 0));
  g_assert_true(!report == !g_str_has_prefix(type, "ORU"));
  if (report) {
    g_assert_nonnull(itv_record_field(report, "accession", 0));
    g_assert_nonnull(itv_record_field(report, "performed", 0));
    g_assert_nonnull(itv_record_field(report, "description", 0));
    g_assert_cmpuint(strlen(itv_record_str(report, "text", "")), >, 10);
  }
  if (g_str_has_prefix(type, "SIU"))
    g_assert_nonnull(
        itv_record_field(test_host_find(host, "interval.appointment/1", 0), "start", 0));
  if (g_str_has_prefix(type, "ORM"))
    g_assert_nonnull(test_host_find(host, "interval.order/1", 0));
}

static void
test_scenarios(void)
{
  g_autofree char *folder = shared_path("truth/scenarios");
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  if (!dir) {
    g_test_skip("../shared/data/truth/scenarios is not there");
    return;
  }
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  int messages = 0;
  for (const char *file; (file = g_dir_read_name(dir));) {
    g_autofree char *path = g_build_filename(folder, file, NULL);
    json_object *root = json_object_from_file(path), *steps = NULL;
    g_assert_true(json_object_object_get_ex(root, "steps", &steps));
    for (gsize i = 0; i < json_object_array_length(steps); i++) {
      json_object *hl7 = NULL;
      if (!json_object_object_get_ex(json_object_array_get_idx(steps, i), "hl7", &hl7))
        continue;
      check_scenario_message(host, check, json_object_get_string(hl7));
      messages++;
    }
    json_object_put(root);
  }
  g_assert_cmpint(messages, >, 0);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/hl7/shared/structured-report", test_structured_report);
  g_test_add_func("/hl7/shared/encapsulated", test_encapsulated);
  g_test_add_func("/hl7/shared/identity", test_identity);
  g_test_add_func("/hl7/shared/schedule", test_schedule);
  g_test_add_func("/hl7/shared/scenarios", test_scenarios);
  return g_test_run();
}
