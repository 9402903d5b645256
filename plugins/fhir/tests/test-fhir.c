/* SPDX-License-Identifier: Apache-2.0
 *
 * Probing, refusals, configuration, and what no change of a text may do.
 */
#include "fhir-dump.h"
#include "record-check.h"

#define PATIENT                                                                                    \
  "{\"resourceType\":\"Patient\",\"id\":\"1\",\"identifier\":[{\"system\":\"urn:oid:1.2\","        \
  "\"value\":\"SYNTH1\"}]}"

static itv_status
import(TestHost *host, const char *text)
{
  return test_host_import(host, text, strlen(text), "test.json");
}

static int32_t
probe(TestHost *host, const char *text)
{
  return test_host_probe(host, text, MIN(strlen(text), 4096), "x");
}

static void
test_probe(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autofree char *late = g_strnfill(5000, ' ');
  memcpy(late, "{\"text\"", 7);
  g_assert_cmpint(probe(host, PATIENT), ==, 95);
  g_assert_cmpint(probe(host, "\xEF\xBB\xBF \n {\"id\":\"1\",\"resourceType\":\"X\"}"), ==, 95);
  g_assert_cmpint(probe(host, late), ==, 10);
  g_assert_cmpint(probe(host, "[{\"00080018\":{\"vr\":\"UI\"}}]"), ==, 20);
  g_assert_cmpint(probe(host, "{\"a\":1}"), ==, 0);
  g_assert_cmpint(probe(host, "[1]"), ==, 0);
  g_assert_cmpint(probe(host, "\"resourceType\""), ==, 0);
  g_assert_cmpint(probe(host, "MSH|^~\\&|\"resourceType\""), ==, 0);
  g_assert_cmpint(probe(host, ""), ==, 0);
}

/* ---- refusals ------------------------------------------------------------------------- */

static void
check_refused(TestHost *host, const char *text, const char *reason)
{
  const itv_status status = import(host, text);
  g_test_message("%s", test_host_error(host));
  g_assert_cmpint(status, <, 0);
  g_assert_cmpuint(test_host_n_records(host), ==, 0);
  if (!strstr(test_host_error(host), reason))
    g_error("\"%s\" does not say \"%s\"", test_host_error(host), reason);
}

static void
test_refusals(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autofree char *deep = g_strnfill(200, '[');
  g_autofree char *nested = g_strconcat("{\"resourceType\":\"Patient\",\"x\":", deep, NULL);
  check_refused(host, "", "is empty");
  check_refused(host, "{\"resourceType\":\"Patient\",\"id\":", "lacks a value");
  check_refused(host, "{\"resourceType\":\"Patient\",\"id\":\"1", "comma or brace");
  check_refused(host, "{\"resourceType\":\"Patient\",\"x\":[1}", "does not match");
  check_refused(host, nested, "nested deeper than 64");
  check_refused(host, "{\"resourceType\":\"Patient\" \"id\":\"1\"}", "comma or brace");
  check_refused(host, "{\"resourceType\":\"Patient\",\"id\":\"1\"} x", "no JSON object");
  check_refused(host, "{\"resourceType\":\"Patient\",\"n\":NaN}", "");
  check_refused(host, "{\"resourceType\":\"Patient\",\"n\":1e999}", "not finite");
  check_refused(host, "{\"resourceType\":\"Patient\",\"id\":\"\xFF\"}", "malformed JSON");
  check_refused(host, "{\"resourceType\":\"Patient\",\"id\":\"a\\u0000b\"}", "NUL");
  check_refused(host, "{\"resourceType\":\"Patient\",\"id\":\"1\",\"\\u0069d\":\"2\"}", "twice");
  check_refused(host, "{\"resourceType\":\"Bundle\",\"entry\":{}}", "no array");
  check_refused(host, "{\"resourceType\":\"Bundle\",\"entry\":[],\"entry\":[]}", "twice");
  check_refused(host, "{\"a\":1}", "no FHIR resource");
  check_refused(host, "{\"00080018\":{\"vr\":\"UI\"}}", "DICOM JSON");
  check_refused(host, "\xFF\xFE{", "UTF-16");
}

/* A resource that is malformed inside costs itself, not its Bundle. */
static void
test_bad_entry(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_assert_cmpint(import(host, "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":["
                               "{\"resource\":{\"resourceType\":\"Patient\",\"id\":nul}},"
                               "{\"resource\":" PATIENT "}]}"),
                  ==, ITV_OK);
  const itv_record *bad = test_host_record(host, 0);
  g_assert_true(g_str_has_prefix(itv_record_str(bad, "rejected", ""),
                                 "Bundle.entry[0].resource: is malformed JSON at byte "));
  g_assert_cmpstr(itv_record_str(test_host_find(host, "interval.patient/1", 0), "id", ""), ==,
                  "SYNTH1");
}

static void
test_too_many_values(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(GString) text = g_string_new("{\"resourceType\":\"Patient\",\"x\":[");
  for (int i = 0; i < 250000; i++)
    g_string_append(text, "{},");
  g_string_append(text, "{}]}");
  check_refused(host, text->str, "too large");
}

/* ---- configuration --------------------------------------------------------------------- */

static void
test_issuers(void)
{
  static const char *const config[] = {"issuers", "http://h/mrn=HOSP urn:oid:1.2=CLINIC", "base",
                                       "http://server/fhir/", NULL};
  g_autoptr(TestHost) host = test_host_new_with(&itv_plugin_entry, config, NULL);
  g_assert_cmpint(import(host, PATIENT), ==, ITV_OK);
  const itv_record *patient = test_host_find(host, "interval.patient/1", 0);
  const itv_record *link = test_host_find(host, "interval.merge/1", 0);
  g_assert_cmpstr(itv_record_str(patient, "issuer", ""), ==, "CLINIC");
  g_assert_nonnull(link);
  g_assert_cmpstr(itv_record_str(link, "action", ""), ==, "link");
  g_assert_cmpstr(itv_record_str(link, "other-id", ""), ==, "1");
  g_assert_cmpstr(itv_record_str(link, "other-issuer", ""), ==, "http://server/fhir");

  g_assert_cmpint(import(host, "{\"resourceType\":\"ServiceRequest\",\"id\":\"9\",\"status\":"
                               "\"active\",\"intent\":\"order\",\"code\":{\"text\":\"CT\"},"
                               "\"subject\":{\"reference\":\"Patient/1\"}}"),
                  ==, ITV_OK);
  patient = test_host_find(host, "interval.patient/1", 0);
  g_assert_cmpstr(itv_record_str(patient, "id", ""), ==, "1");
  g_assert_cmpstr(itv_record_str(patient, "issuer", ""), ==, "http://server/fhir");
}

/* ---- two servers, one id ------------------------------------------------------------------ */

static void
test_ambiguous_reference(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_assert_cmpint(
      import(host,
             "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":["
             "{\"fullUrl\":\"http://a/Patient/1\",\"resource\":{\"resourceType\":\"Patient\","
             "\"id\":\"1\",\"identifier\":[{\"value\":\"SYNTHA\"}]}},"
             "{\"fullUrl\":\"http://b/Patient/1\",\"resource\":{\"resourceType\":\"Patient\","
             "\"id\":\"1\",\"identifier\":[{\"value\":\"SYNTHB\"}]}},"
             "{\"fullUrl\":\"http://b/ServiceRequest/1\",\"resource\":{\"resourceType\":"
             "\"ServiceRequest\",\"id\":\"1\",\"status\":\"active\",\"subject\":{\"reference\":"
             "\"Patient/1\"}}},"
             "{\"resource\":{\"resourceType\":\"ServiceRequest\",\"id\":\"2\",\"status\":"
             "\"active\",\"subject\":{\"reference\":\"Patient/1\"}}}]}"),
      ==, ITV_OK);
  g_assert_cmpstr(itv_record_str(test_host_find(host, "interval.patient/1", 2), "id", ""), ==,
                  "SYNTHB");
  /* Whose it is cannot be told: it must not go to either. */
  g_assert_cmpstr(itv_record_str(test_host_find(host, "interval.patient/1", 3), "id", ""), ==, "1");
  g_assert_cmpstr(itv_record_str(test_host_find(host, "interval.patient/1", 3), "issuer", ""), ==,
                  "FHIR");
}

/* ---- any change of a text -------------------------------------------------------------------- */

static char *
golden(const char *name, gsize *ret_n)
{
  char *text = NULL;
  g_autofree char *path =
      g_build_filename(g_getenv("ITV_SOURCE_DIR"), "plugins/fhir/tests/golden", name, NULL);
  g_assert_true(g_file_get_contents(path, &text, ret_n, NULL));
  return text;
}

static void
mutate(GRand *random, char *text, gsize n)
{
  static const char tokens[] = "{}[]\",:\\0129-.eTZ#/|u";
  const int changes = g_rand_int_range(random, 1, 6);
  for (int i = 0; i < changes; i++) {
    const gsize at = (gsize)g_rand_int_range(random, 0, (gint32)n);
    text[at] = g_rand_boolean(random)
                   ? tokens[g_rand_int_range(random, 0, (gint32)sizeof tokens - 1)]
                   : (char)g_rand_int_range(random, 0, 256);
  }
}

/* Whatever a text says, what is emitted keeps to records.xml, and what is refused is
 * explained. */
static void
test_mutations(void)
{
  static const char *const names[] = {"patients.json", "study.json",        "reports.json",
                                      "orders.json",   "measurements.json", "lines.json"};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  g_autoptr(GRand) random = g_rand_new_with_seed(20250301);
  int taken = 0, refused = 0;
  for (int i = 0; i < 1200; i++) {
    gsize n = 0;
    g_autofree char *text = golden(names[i % 6], &n);
    mutate(random, text, n);
    const gsize length = i % 10 == 0 ? (gsize)g_rand_int_range(random, 1, (gint32)n) : n;
    const itv_status status = test_host_import(host, text, length, "mutated");
    if (status == ITV_OK) {
      record_check_all(check, host, "importer");
      taken++;
    } else {
      g_assert_cmpstr(test_host_error(host), !=, "");
      refused++;
    }
  }
  g_test_message("%d taken, %d refused", taken, refused);
  g_assert_cmpint(taken, >, 50);
  g_assert_cmpint(refused, >, 50);
}

/* The order of a Bundle's entries says nothing: the same units come of it. */
static gint
by_text(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *
sorted_records(const TestHost *host)
{
  g_autofree char *dump = dump_records(host);
  g_auto(GStrv) lines = g_strsplit(dump, "\n", -1);
  g_autoptr(GPtrArray) sorted = g_ptr_array_new();
  for (gsize i = 0; lines[i]; i++)
    if (!strstr(lines[i], "rejected="))
      g_ptr_array_add(sorted, lines[i]);
  g_ptr_array_sort(sorted, by_text);
  g_ptr_array_add(sorted, NULL);
  return g_strjoinv("\n", (char **)sorted->pdata);
}

static void
test_order_of_entries(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  gsize n = 0;
  g_autofree char *text = golden("orders.json", &n);
  g_assert_cmpint(test_host_import(host, text, n, "x"), ==, ITV_OK);
  g_autofree char *before = sorted_records(host);
  /* Entries begin at a line of their own. */
  g_auto(GStrv) parts = g_strsplit(text, "\n {", -1);
  const guint last = g_strv_length(parts) - 1;
  g_autoptr(GString) turned = g_string_new(parts[0]);
  for (guint i = last; i >= 1; i--) {
    char *entry = g_strstrip(parts[i]);
    const gsize length = i == last ? strlen(entry) - strlen("\n]}") : strlen(entry) - 1;
    g_string_append_printf(turned, "\n {%.*s%s", (int)length, entry, i == 1 ? "]}" : ",");
  }
  g_assert_cmpint(import(host, turned->str), ==, ITV_OK);
  g_autofree char *after = sorted_records(host);
  g_assert_cmpstr(after, ==, before);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/fhir/probe", test_probe);
  g_test_add_func("/fhir/refusals", test_refusals);
  g_test_add_func("/fhir/bad-entry", test_bad_entry);
  g_test_add_func("/fhir/too-many-values", test_too_many_values);
  g_test_add_func("/fhir/issuers", test_issuers);
  g_test_add_func("/fhir/ambiguous-reference", test_ambiguous_reference);
  g_test_add_func("/fhir/mutations", test_mutations);
  g_test_add_func("/fhir/order-of-entries", test_order_of_entries);
  return g_test_run();
}
