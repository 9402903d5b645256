/* SPDX-License-Identifier: Apache-2.0
 *
 * Probe, terms and units, values that are none; any damage; the annotations that
 * others made, where they are present.
 */
#include <math.h>

#include "aim.h"
#include "measure-terms.h"
#include "tests/xmldoc-test.h"

#define V3 "gme://caCORE.caCORE/3.2/edu.northwestern.radiology.AIM"
#define V4 "gme://caCORE.caCORE/4.4/edu.northwestern.radiology.AIM"

static void
test_probe(void)
{
  static const struct {
    const char *bytes;
    int score;
  } cases[] = {
      {"<ImageAnnotation xmlns=\"" V3 "\">", 90},
      {"<?xml version=\"1.0\"?><ImageAnnotationCollection xmlns='" V4 "'>", 90},
      {"<a:ImageAnnotation aimVersion=\"3\" xmlns:a=\"" V3 "\">", 90},
      {"<AnnotationOfAnnotation xmlns=\"" V3 "\">", 90},
      {"<ImageAnnotation>", 40},
      {"<ImageAnnotation xmlns=\"urn:other\">", 0},
      {"<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"" V4 "\">", 0},
      {"<ClinicalDocument xmlns=\"urn:hl7-org:v3\">", 0},
      {"ImageAnnotation", 0},
      {"", 0},
  };
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
    g_assert_cmpint(test_host_probe(host, cases[i].bytes, strlen(cases[i].bytes), "x"), ==,
                    cases[i].score);
}

static void
test_terms(void)
{
  static const struct {
    const char *code, *name, *unit, *measure;
    double value;
    const char *our_unit;
  } cases[] = {
      {"G-A22A", "Length", "mm", "long-axis", 1, "mm"},
      {NULL, "Long-Axis", "cm", "long-axis", 10, "mm"},
      {NULL, "Volume", "mL", "volume", 1000, "mm3"},
      {NULL, "volume", "cubic mm", "volume", 1, "mm3"},
      {NULL, "Area", "{roi}cm2", "area", 100, "mm2"},
      {NULL, "Mean", "Hounsfield Unit", "attenuation", 1, "[hnsf'U]"},
      {NULL, "Angle", "degrees", "angle", 1, "deg"},
      {NULL, "Number of Lesions", "", "count", 1, "1"},
      {"g-a194", NULL, "[in_i]", "short-axis", 25.4, "mm"},
      {"21889-1", NULL, "MM", "long-axis", 1, "mm"},
      {NULL, "Radiographic Union Score for Tibial Fractures", "{score}", "rust", 1, "{score}"},
      {NULL, "SUVmax", "{SUVbw}g/ml", "suv-max", 1, "g/mL"},
      {"218891", NULL, "mm", NULL, 0, NULL}, /* a code is no name: its hyphen counts */
      {NULL, "Mean", "mm", NULL, 0, NULL},
      {NULL, "Standard Deviation", "HU", NULL, 0, NULL},
      {NULL, "Length", "HU", "long-axis", 0, NULL},
      {NULL, "Length", "", "long-axis", 0, NULL},
      {NULL, NULL, NULL, NULL, 0, NULL},
  };
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    const char *const names[3] = {cases[i].name, NULL, NULL};
    const char *measure = aim_measure(cases[i].code, names, cases[i].unit), *unit = NULL;
    double value = 1;
    g_assert_cmpstr(measure, ==, cases[i].measure);
    if (!measure)
      continue;
    g_assert_cmpint(terms_convert(measure, cases[i].unit, &value, &unit), ==,
                    cases[i].our_unit != NULL);
    g_assert_cmpstr(unit, ==, cases[i].our_unit);
    if (unit)
      g_assert_cmpfloat(value, ==, cases[i].value);
  }
}

/* The golden document of one line with another value. */
static void
test_values(void)
{
  static const struct {
    const char *value;
    guint n;
  } cases[] = {{"2.15", 1}, {" 2.15 ", 1}, {"1e999", 0}, {"nan", 0}, {"2,15", 0},
               {"", 0},     {"x", 0},      {"1e300", 0}, {"-3", 0},  {"0x10", 0}};
  gsize n = 0;
  g_autofree char *xml = test_file("plugins/aim/tests/golden/v3-one-line.aim", &n);
  g_auto(GStrv) parts = g_strsplit(xml, "value=\"2.15\"", 2);
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  g_assert_nonnull(parts[1]);
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *other =
        g_strdup_printf("%svalue=\"%s\"%s", parts[0], cases[i].value, parts[1]);
    import_checked(host, check, other, strlen(other));
    g_assert_cmpint(test_host_find(host, "interval.measurement/1", 0) != NULL, ==, cases[i].n);
  }
}

static void
test_damage(void)
{
  check_damage("plugins/aim/tests/golden", ".aim", 300);
}

/* Where only the image's study UID has a tab in front of it, too. */
static void
test_shared(void)
{
  static const struct {
    const char *below, *study, *observer;
    double value_mm;
  } cases[] = {
      {"0022/Baseline/0022BaselineA.xml", "1.3.6.1.4.1.9328.50.1.10607", "A", 39.579597},
      {"0028/FollowUp/0028FollowupA.xml", "1.3.6.1.4.1.9328.50.1.14407", "A", 22.528923},
      {"0028/FollowUp/0028FollowupB.xml", "1.3.6.1.4.1.9328.50.1.14407", "B", 43.300785},
  };
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *path =
        g_build_filename(g_getenv("ITV_SOURCE_DIR"), "../shared/data/aim", cases[i].below, NULL);
    g_autofree char *bytes = NULL;
    gsize n = 0;
    if (!g_file_get_contents(path, &bytes, &n, NULL)) {
      g_autofree char *why = g_strconcat(path, " is not there", NULL);
      g_test_skip(why);
      return;
    }
    import_checked(host, check, bytes, n);
    const itv_record *m = test_host_find(host, "interval.measurement/1", 0);
    g_assert_nonnull(m);
    g_assert_cmpstr(itv_record_str(m, "measure", ""), ==, "long-axis");
    g_assert_cmpstr(itv_record_str(m, "study-uid", ""), ==, cases[i].study);
    g_assert_cmpstr(itv_record_str(m, "observer", ""), ==, cases[i].observer);
    g_assert_cmpfloat(fabs(itv_record_f64(m, "value", 0) - cases[i].value_mm), <, 1e-6);
    g_assert_null(itv_record_field(m, "tracking-uid", 0));
    g_assert_nonnull(itv_record_field(m, "point", 3));
    g_assert_null(test_host_find(host, "interval.measurement/1", 1));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/aim/probe", test_probe);
  g_test_add_func("/aim/terms", test_terms);
  g_test_add_func("/aim/values", test_values);
  g_test_add_func("/aim/damage", test_damage);
  g_test_add_func("/aim/shared", test_shared);
  return g_test_run();
}
