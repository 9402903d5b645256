/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports inside an ED value.
 */
#include "hl7-dump.h"
#include "record-check.h"

static const char cda[] =
    "<?xml version=\"1.0\"?><ClinicalDocument><title>Doc</title><recordTarget><name>No</name>"
    "</recordTarget><component><structuredBody><component><section><code code=\"19005-8\"/>"
    "<title>Impression</title><text><paragraph>A nodule &lt; 6&#xA0;mm,\n  12&#176;</paragraph>"
    "<list><item>CT in 6 months</item><item>None <content ID=\"x\">else</content></item></list>"
    "<!-- not <this> --><table><tr><td>a</td><td>b &amp; c</td></tr></table></text></section>"
    "</component></structuredBody></component></ClinicalDocument>";
static const char cda_text[] = "Impression:\nA nodule < 6\xC2\xA0mm, 12\xC2\xB0\nCT in 6 months\n"
                               "None else\na b & c";

static char *
report_text(TestHost *host, const char *ed, gsize *ret_notes)
{
  g_autofree char *message =
      g_strconcat("MSH|^~\\&|RIS|SYNTHCLINIC|||20250314||ORU^R01|1|P|2.5.1\rPID|||SYNTH1\r"
                  "OBR|||A1|C^CT CHEST|||20250313||||||||||||||||||F\rOBX|1|ED|18748-4^Report^LN||",
                  ed, "||||||F\r", NULL);
  g_autoptr(RecordCheck) check = record_check_new();
  g_assert_cmpint(test_host_import(host, message, strlen(message), "t"), ==, ITV_OK);
  record_check_all(check, host, "importer");
  *ret_notes = 0;
  while (itv_record_field(test_host_record(host, 0), "note", *ret_notes))
    (*ret_notes)++;
  const itv_record *report = test_host_find(host, "interval.report/1", 0);
  g_assert_nonnull(report);
  return g_strdup(itv_record_str(report, "text", ""));
}

static char *
encapsulated(const char *type, const char *encoding, const char *data)
{
  return g_strconcat("^", type, "^", encoding, "^", data, NULL);
}

static void
test_cda(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autofree char *base64 = g_base64_encode((const guchar *)cda, sizeof cda - 1);
  g_auto(GStrv) parts = g_strsplit(cda, "&", -1);
  g_autofree char *escaped = g_strjoinv("\\T\\", parts);
  const char *const values[] = {cda, base64, escaped};
  for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
    gsize notes = 0;
    g_autofree char *ed = encapsulated("Text^text/xml", i == 1 ? "Base64" : "A", values[i]);
    g_autofree char *text = report_text(host, ed, &notes);
    g_assert_cmpstr(text, ==, cda_text);
    g_assert_cmpuint(notes, ==, i == 1 ? 0 : 1); /* of the raw line break in it */
  }
}

static void
test_others(void)
{
  static const struct {
    const char *type, *encoding, *data, *text;
    gsize notes;
  } cases[] = {
      {"TEXT^plain", "Base64", "Q1QgaW4gNiBtb250aHM6IPww",
       "CT in 6 months: \xC3\xBC"
       "0",
       0},
      {"TEXT^plain", "A", "One\\.br\\Two", "One\nTwo", 0},
      {"TEXT^plain", "Base64", "###", "", 1},
      {"Application^PDF", "Base64", "JVBERi0xLjMN", "", 1},
      {"Text^text/xml", "A", "<ClinicalDocument/>", "", 1},
      {"Image^JPEG", "Base64", "", "", 1},
  };
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    gsize notes = 0;
    g_autofree char *ed = encapsulated(cases[i].type, cases[i].encoding, cases[i].data);
    g_autofree char *text = report_text(host, ed, &notes);
    g_assert_cmpstr(text, ==, cases[i].text);
    g_assert_cmpuint(notes, ==, cases[i].notes);
  }
}

/* A CDA cut anywhere gives what could be read of it. */
static void
test_cut(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  for (gsize n = 0; n < sizeof cda; n += 3) {
    gsize notes = 0;
    g_autofree char *part = g_strndup(cda, n);
    g_autofree char *ed = encapsulated("Text^text/xml", "A", part);
    g_autofree char *text = report_text(host, ed, &notes);
    g_assert_true(g_utf8_validate(text, -1, NULL));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/hl7/embedded/cda", test_cda);
  g_test_add_func("/hl7/embedded/others", test_others);
  g_test_add_func("/hl7/embedded/cut", test_cut);
  return g_test_run();
}
