/* SPDX-License-Identifier: Apache-2.0
 *
 * Probe, terms and units, values that are none; any damage; the annotations that
 * others made, where they are present.
 */
#include <glib/gstdio.h>
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

/* ---- validity ---- */

static char *
shared_schema(const char *below)
{
  return g_build_filename(g_getenv("ITV_SOURCE_DIR"), "../shared/data/aim/XML_schemas", below,
                          NULL);
}

static const char *
first_note(TestHost *host)
{
  return itv_record_str(test_host_find(host, "interval.document/1", 0), "note", "");
}

/* A schema of our own in place of v3's: it wants a "name" of every annotation. */
static void
test_validity(void)
{
  static const char schema[] =
      "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='" V3 "'>"
      "<xs:element name='ImageAnnotation'><xs:complexType><xs:sequence>"
      "<xs:any minOccurs='0' maxOccurs='unbounded' processContents='skip'/></xs:sequence>"
      "<xs:attribute name='name' use='required'/><xs:anyAttribute processContents='skip'/>"
      "</xs:complexType></xs:element></xs:schema>";
  static const char good[] = "<ImageAnnotation xmlns='" V3 "' name='x'/>";
  static const char bad[] = "<ImageAnnotation xmlns='" V3 "'/>";
  g_autofree char *path = NULL;
  const int fd = g_file_open_tmp("aim-XXXXXX.xsd", &path, NULL);
  g_assert_true(fd >= 0 && g_close(fd, NULL) && g_file_set_contents(path, schema, -1, NULL));
  const char *resources[] = {"AIM_v3_rv11_XML.xsd", path, NULL};
  const char *strict[] = {"invalid", "reject", NULL};
  g_autoptr(TestHost) noting = test_host_new_with(&itv_plugin_entry, NULL, resources);
  g_autoptr(TestHost) refusing = test_host_new_with(&itv_plugin_entry, strict, resources);
  test_host_import(noting, good, sizeof good - 1, "t");
  g_assert_null(strstr(first_note(noting), "schema"));
  test_host_import(noting, bad, sizeof bad - 1, "t");
  g_assert_nonnull(strstr(first_note(noting), "not valid by the AIM schema: line 1"));
  test_host_import(refusing, bad, sizeof bad - 1, "t");
  const itv_record *d = test_host_find(refusing, "interval.document/1", 0);
  g_assert_nonnull(strstr(itv_record_str(d, "rejected", ""), "attribute 'name' is required"));
  g_unlink(path);
}

/* What is no schema, or imports what is not there, validates nothing and costs nothing. */
static void
test_broken_schema(void)
{
  static const char *const schemas[] = {
      "<xs:schema", "", "<a/>",
      "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='" V3 "'>"
      "<xs:import namespace='urn:x' schemaLocation='file:///etc/passwd'/>"
      "<xs:element name='ImageAnnotation' type='y:t' xmlns:y='urn:x'/></xs:schema>"};
  static const char document[] = "<ImageAnnotation xmlns='" V3 "'/>";
  for (gsize i = 0; i < G_N_ELEMENTS(schemas); i++) {
    g_autofree char *path = NULL;
    const int fd = g_file_open_tmp("aim-XXXXXX.xsd", &path, NULL);
    g_assert_true(fd >= 0 && g_close(fd, NULL) && g_file_set_contents(path, schemas[i], -1, NULL));
    const char *resources[] = {"AIM_v3_rv11_XML.xsd", path, NULL};
    g_autoptr(TestHost) host = test_host_new_with(&itv_plugin_entry, NULL, resources);
    g_assert_cmpint(test_host_import(host, document, sizeof document - 1, "t"), ==, ITV_OK);
    g_assert_null(strstr(first_note(host), "schema"));
    g_unlink(path);
  }
}

/* The public schemas and the public examples, where they are present. */
static void
test_public_schemas(void)
{
  g_autofree char *v3 = shared_schema("AIM_v3/AIM_v3_rv11_XML.xsd");
  g_autofree char *v4 = shared_schema("AIM_v4/AIM_v4_rv44_XML.xsd");
  g_autofree char *types = shared_schema("AIM_v4/ISO_datatypes_Narrative.xsd");
  g_autofree char *example = shared_schema("../0022/Baseline/0022BaselineA.xml");
  static const char empty_v4[] = "<ImageAnnotationCollection xmlns='" V4 "'/>";
  if (!g_file_test(v3, G_FILE_TEST_EXISTS)) {
    g_autofree char *why = g_strconcat(v3, " is not there", NULL);
    g_test_skip(why);
    return;
  }
  const char *resources[] = {"AIM_v3_rv11_XML.xsd",
                             v3,
                             "AIM_v4_rv44_XML.xsd",
                             v4,
                             "ISO_datatypes_Narrative.xsd",
                             types,
                             NULL};
  g_autoptr(TestHost) host = test_host_new_with(&itv_plugin_entry, NULL, resources);
  g_autofree char *bytes = NULL;
  gsize n = 0;
  g_assert_true(g_file_get_contents(example, &bytes, &n, NULL));
  test_host_import(host, bytes, n, "t");
  g_assert_null(strstr(first_note(host), "schema"));
  test_host_import(host, empty_v4, sizeof empty_v4 - 1, "t");
  g_assert_nonnull(strstr(first_note(host), "not valid by the AIM schema"));
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
  g_test_add_func("/aim/validity", test_validity);
  g_test_add_func("/aim/broken-schema", test_broken_schema);
  g_test_add_func("/aim/public-schemas", test_public_schemas);
  return g_test_run();
}
