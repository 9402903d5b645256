/* SPDX-License-Identifier: Apache-2.0
 *
 * Probe, character sets, limits, configuration; any damage; the documents that
 * others made, where they are present.
 */
#include "tests/xmldoc-test.h"
#include "xmldoc.h"

#define NS "xmlns=\"urn:hl7-org:v3\""
#define PATIENT                                                                                    \
  "<recordTarget><patientRole><id root=\"1.2.3\" extension=\"SYNTH1\"/></patientRole>"             \
  "</recordTarget>"
#define BODY(text)                                                                                 \
  "<component><structuredBody><component><section><text>" text                                     \
  "</text></section></component></structuredBody></component>"
#define DOCUMENT(text)                                                                             \
  "<ClinicalDocument " NS "><code code=\"18748-4\"/><effectiveTime value=\"20250101\"/>" PATIENT   \
  BODY(text) "</ClinicalDocument>"

static void
test_probe(void)
{
  static const struct {
    const char *bytes;
    int score;
  } cases[] = {
      {"<ClinicalDocument " NS ">", 90},
      {"\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!-- x > --><?pi?>\n<ClinicalDocument " NS " a='b'",
       90},
      {"<c:ClinicalDocument a=\"1\" xmlns:c='urn:hl7-org:v3'/>", 90},
      {"<!DOCTYPE ClinicalDocument [<!ENTITY a \"<b>\">]><ClinicalDocument " NS ">", 90},
      {"<ClinicalDocument>", 50},
      {"<PRPA_IN201301UV02 " NS ">", 20},
      {"<section><templateId root=\"2.16.840.1.113883.10.20.22.2.3.1\"/>", 15},
      {"<section>", 0},
      {"<ClinicalDocument xmlns=\"urn:other\"/>", 0},
      {"<c:ClinicalDocument xmlns=\"urn:other\" xmlns:c=\"urn:else\"/>", 0},
      {"<ImageAnnotation xmlns=\"gme://caCORE.caCORE/3.2/edu.northwestern.radiology.AIM\">", 0},
      {"<Bundle xmlns=\"http://hl7.org/fhir\">", 0},
      {"<!-- <ClinicalDocument " NS "> -->", 0},
      {"text <ClinicalDocument " NS ">", 0},
      {"MSH|^~\\&|A", 0},
      {"<", 0},
      {"", 0},
  };
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
    g_assert_cmpint(test_host_probe(host, cases[i].bytes, strlen(cases[i].bytes), "x"), ==,
                    cases[i].score);
}

static const char *
report_text(TestHost *host, const char *bytes, gsize n)
{
  g_autoptr(RecordCheck) check = record_check_new();
  import_checked(host, check, bytes, n);
  const itv_record *r = test_host_find(host, "interval.report/1", 0);
  return r ? itv_record_str(r, "text", "") : NULL;
}

static void
test_charsets(void)
{
  static const struct {
    const char *declaration, *bytes, *expected, *note;
  } cases[] = {
      {"", "M\xC3\xBCller", "M\xC3\xBCller", NULL},
      {"<?xml version='1.0' encoding='ISO-8859-1'?>", "M\xFCller", "M\xC3\xBCller", NULL},
      {"<?xml version='1.0' encoding=\"windows-1252\"?>",
       "\x93"
       "8 mm\x94 \x80",
       "\xE2\x80\x9C"
       "8 mm\xE2\x80\x9D \xE2\x82\xAC",
       NULL},
      {"<?xml version='1.0' encoding='ISO-8859-15'?>", "\xA4", "\xE2\x82\xAC", NULL},
      {"<?xml version='1.0' encoding='ISO-8859-1'?>", "M\xC3\xBCller", "M\xC3\xBCller", "is UTF-8"},
      {"<?xml version='1.0' encoding='UTF-8'?>", "M\xFCller", "M\xC3\xBCller", "windows-1252"},
      {"<?xml version='1.0' encoding='iso-8859-2'?>", "\xA3", "\xC5\x81", NULL},
      {"<?xml version='1.0' encoding='windows-1251'?>", "\xC8", "\xD0\x98", NULL},
      {"<?xml version='1.0' encoding='KOI8-R'?>", "plain", "plain", NULL},
      {"<?xml version='1.0' encoding='KOI8-R'?>", "\xC1", NULL, NULL},
  };
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *document =
        g_strdup_printf("%s" DOCUMENT("%s"), cases[i].declaration, cases[i].bytes);
    g_assert_cmpstr(report_text(host, document, strlen(document)), ==, cases[i].expected);
    const itv_record *d = test_host_record(host, 0);
    if (!cases[i].expected)
      g_assert_nonnull(strstr(itv_record_str(d, "rejected", ""), "koi8-r"));
    if (cases[i].note)
      g_assert_nonnull(strstr(itv_record_str(d, "note", ""), cases[i].note));
  }
}

/* A reason with these words, and nothing else. */
static void
assert_rejected(TestHost *host, const char *bytes, gsize n, const char *words)
{
  g_autoptr(RecordCheck) check = record_check_new();
  import_checked(host, check, bytes, n);
  g_assert_nonnull(strstr(itv_record_str(test_host_record(host, 0), "rejected", ""), words));
}

static void
test_limits(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(GString) s = g_string_new("<ClinicalDocument " NS ">");
  for (int i = 0; i < 300; i++)
    g_string_append(s, "<a>");
  assert_rejected(host, s->str, s->len, "nested more than 256 deep");
  assert_rejected(host, "", 0, "it is empty");
  assert_rejected(host, "<a\0b/>", 6, "zero bytes");
  static const char bomb[] = "<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">"
                             "<!ENTITY c SYSTEM \"file:///etc/passwd\">]>"
                             "<ClinicalDocument " NS ">&b;&c;</ClinicalDocument>";
  assert_rejected(host, bomb, strlen(bomb), "DOCTYPE");
  static const char external[] = "<!DOCTYPE a SYSTEM \"http://example.org/a.dtd\"><a/>";
  assert_rejected(host, external, strlen(external), "DOCTYPE");
  static const char entity[] = DOCUMENT("&nbsp;");
  assert_rejected(host, entity, strlen(entity), "'nbsp' not defined");
}

/* Each would keep libxml2 busy for minutes. */
static void
test_many_attributes(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(GString) s = g_string_new("<!-- \" ' --><![CDATA[ \" ]]>\n<ClinicalDocument " NS);
  for (int i = 0; i < 200000; i++)
    g_string_append_printf(s, " a%d='x'", i);
  g_string_append(s, "/>");
  assert_rejected(host, s->str, s->len, "line 2: an element has more than 256 attributes");
  g_string_assign(s, "<ClinicalDocument " NS ">");
  for (int i = 0; i < 250; i++) {
    g_string_append(s, "<a");
    for (int k = 0; k < 250; k++)
      g_string_append_printf(s, " xmlns:p%d_%d='x'", i, k);
    g_string_append(s, ">");
  }
  assert_rejected(host, s->str, s->len, "more than 1024 namespaces");
}

static void
test_too_many_elements(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(GString) s = g_string_new("<a>");
  while (s->len < (24u << 20))
    g_string_append(s, "<b/><b/><b/><b/><b/><b/><b/><b/>");
  assert_rejected(host, s->str, s->len, "too many elements");
}

static int64_t
read_nothing(const itv_source *source, int64_t offset, void *buffer, size_t n)
{
  (void)source;
  (void)offset;
  (void)buffer;
  (void)n;
  return -1;
}

static void
test_sources(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  itv_source source = {NULL, (int64_t)(64 << 20) + 1, read_nothing, "big"};
  const itv_input input = {.struct_size = sizeof input, .n_sources = 1, .sources = &source};
  g_assert_cmpint(test_host_run(host, ITV_KIND_IMPORTER, &input), ==, ITV_OK);
  const itv_record *d = test_host_record(host, 0);
  g_assert_cmpstr(itv_record_str(d, "rejected", ""), ==, "it is longer than 64 MiB");
  g_assert_cmpstr(itv_record_str(d, "keep-raw", ""), ==, "N");
  source.size = 100;
  g_assert_cmpint(test_host_run(host, ITV_KIND_IMPORTER, &input), ==, ITV_OK);
  g_assert_nonnull(
      strstr(itv_record_str(test_host_record(host, 0), "rejected", ""), "cannot be read"));
  const itv_input none = {.struct_size = sizeof none};
  g_assert_cmpint(test_host_run(host, ITV_KIND_IMPORTER, &none), ==, ITV_ERR_INPUT);
}

/* More than libxml2 takes by default, and more than a report may hold. */
static void
test_long_text(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(GString) s = g_string_new(NULL);
  while (s->len < (12u << 20))
    g_string_append(s, "Kn\xC3\xB6tchen ");
  g_autofree char *document = g_strdup_printf(DOCUMENT("%s"), s->str);
  const char *text = report_text(host, document, strlen(document));
  g_assert_cmpuint(strlen(text), <=, DRAFT_REPORT_MAX);
  g_assert_cmpuint(strlen(text), >, DRAFT_REPORT_MAX - 8);
  const itv_field *note = itv_record_field(test_host_record(host, 0), "note", 0);
  g_assert_nonnull(strstr(note->v.str, "longer than 1048576 bytes"));
}

static void
test_issuers(void)
{
  static const char *const cases[][2] = {{"1.2=OTHER 1.2.3=SYNTHCLINIC", "SYNTHCLINIC"},
                                         {"1.2.3=", "none"},
                                         {"1.2.34=X,nonsense,=", "1.2.3"},
                                         {"", "1.2.3"}};
  static const char document[] = DOCUMENT("x");
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    const char *const config[] = {"issuers", cases[i][0], NULL};
    g_autoptr(TestHost) host = test_host_new_with(&itv_plugin_entry, config, NULL);
    g_assert_cmpint(test_host_import(host, document, sizeof document - 1, "x"), ==, ITV_OK);
    const itv_record *p = test_host_find(host, "interval.patient/1", 0);
    g_assert_cmpstr(itv_record_str(p, "issuer", "none"), ==, cases[i][1]);
  }
}

/* What may tie the patient to the ids of other houses. */
static void
test_kin(void)
{
  static const char document[] =
      "<ClinicalDocument " NS "><code code=\"18748-4\"/><effectiveTime value=\"20250101\"/>"
      "<recordTarget><patientRole><id root=\"1.2.3\" extension=\"SYNTH1\"/>"
      "<id root=\"2.16.840.1.113883.4.1\" extension=\"231-45-6780\"/><patient>"
      "<name use=\"L\"><given>Ada</given><family>Fox</family></name>"
      "<name use=\"ASGN\"><given>Ada</given><family>Larssen</family></name>"
      "<name><given>Addie</given></name>"
      "<guardian><guardianPerson><name><given>Pat</given><family>Fox</family></name>"
      "</guardianPerson></guardian><guardian/></patient></patientRole></recordTarget>"
      "<participant typeCode=\"IND\"><associatedEntity classCode=\"NOK\"><associatedPerson>"
      "<name><given>Kim</given><family>Todd</family></name></associatedPerson></associatedEntity>"
      "</participant><participant typeCode=\"IND\"><associatedEntity classCode=\"NOK\"/>"
      "</participant><participant typeCode=\"REF\"><associatedEntity classCode=\"PROV\">"
      "<associatedPerson><name><family>Orderer</family></name></associatedPerson>"
      "</associatedEntity></participant>" BODY("x") "</ClinicalDocument>";
  static const char *const rows[][3] = {
      {"national-id", "SSN:231-45-6780", NULL},
      {"alias", "Larssen^Ada", "Fox^Addie"},
      {"contact", "Fox^Pat", "Todd^Kim"},
  };
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_assert_cmpint(test_host_import(host, document, sizeof document - 1, "x"), ==, ITV_OK);
  const itv_record *p = test_host_find(host, "interval.patient/1", 0);
  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    const itv_field *first = itv_record_field(p, rows[i][0], 0);
    const itv_field *second = itv_record_field(p, rows[i][0], 1);
    g_assert_cmpstr(first ? first->v.str : NULL, ==, rows[i][1]);
    g_assert_cmpstr(second ? second->v.str : NULL, ==, rows[i][2]);
    g_assert_null(itv_record_field(p, rows[i][0], 2));
  }
}

static void
test_white_space(void)
{
  static const struct {
    const char *text, *expected;
  } cases[] = {
      {"one\n   two", "one two"},
      {"one\n\n  two", "one\ntwo"},
      {"  IMPRESSION:\n  one\n  two", "IMPRESSION:\none two"},
      {"seen:\n1. one\n2) two\n- three\n\xE2\x80\xA2 four\n3.5 mm",
       "seen:\n1. one\n2) two\n- three\n\xE2\x80\xA2 four 3.5 mm"},
      {"a<br/><br/><br/><br/>b", "a\n\nb"},
      {"<paragraph>a</paragraph>\n <paragraph/>\n<paragraph>b</paragraph>", "a\nb"},
      {"<content>8</content>mm", "8mm"},
      {"<content>8</content> mm", "8 mm"},
      {"<table><tr><td>a</td><td>b</td></tr></table>", "a; b"},
      {"<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>FINDINGS: x\nIMPRESSION: y</td></tr>"
       "</table>",
       "A: 1\nB:\nFINDINGS: x\nIMPRESSION: y"},
      {"<list><item/></list>", ""},
      {"&lt;b&gt; &#x263A;<![CDATA[ a<b ]]>", "<b> \xE2\x98\xBA a<b"},
  };
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *document = g_strdup_printf(DOCUMENT("%s"), cases[i].text);
    g_assert_cmpstr(report_text(host, document, strlen(document)), ==, cases[i].expected);
  }
}

static void
test_damage(void)
{
  check_damage("plugins/cda/tests/golden", ".cda", 150);
}

static void
test_shared(void)
{
  static const char below[] = "../shared/data/cda/Documents/Diagnostic Imaging Report/"
                              "Diagnostic_Imaging_Report.xml";
  g_autofree char *path = g_build_filename(g_getenv("ITV_SOURCE_DIR"), below, NULL);
  g_autofree char *bytes = NULL;
  gsize n = 0;
  if (!g_file_get_contents(path, &bytes, &n, NULL)) {
    g_autofree char *why = g_strconcat(path, " is not there", NULL);
    g_test_skip(why);
    return;
  }
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  const char *text = report_text(host, bytes, n);
  const itv_record *r = test_host_find(host, "interval.report/1", 0);
  g_assert_nonnull(strstr(text, "\nImpression: No acute cardiopulmonary process."));
  g_assert_nonnull(strstr(text, "\nDiameter: 45mm\n"));
  g_assert_cmpstr(itv_record_str(r, "accession", ""), ==, "10523475");
  g_assert_cmpstr(itv_record_str(r, "modality", ""), ==, "XR");
  g_assert_cmpstr(itv_record_str(r, "study-uid", ""), ==,
                  "1.2.840.113619.2.62.994044785528.114289542805");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/cda/probe", test_probe);
  g_test_add_func("/cda/charsets", test_charsets);
  g_test_add_func("/cda/limits", test_limits);
  g_test_add_func("/cda/many-attributes", test_many_attributes);
  g_test_add_func("/cda/too-many-elements", test_too_many_elements);
  g_test_add_func("/cda/sources", test_sources);
  g_test_add_func("/cda/long-text", test_long_text);
  g_test_add_func("/cda/issuers", test_issuers);
  g_test_add_func("/cda/kin", test_kin);
  g_test_add_func("/cda/white-space", test_white_space);
  g_test_add_func("/cda/damage", test_damage);
  g_test_add_func("/cda/shared", test_shared);
  return g_test_run();
}
