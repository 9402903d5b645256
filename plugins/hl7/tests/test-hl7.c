/* SPDX-License-Identifier: Apache-2.0
 *
 * Splitting, character sets, limits; and for any damage whatsoever: no crash,
 * every record fits its schema, every byte is accounted for.
 */
#include "hl7-dump.h"
#include "record-check.h"

#define MSH "MSH|^~\\&|RIS|SYNTHCLINIC|||20250314||"
#define ADT(id) MSH "ADT^A08|" id "|P|2.5.1\rPID|1||SYNTH" id "^^^X||NAME^GIVEN\r"

static const char *
str(const itv_record *r, const char *key)
{
  g_assert_nonnull(r);
  return itv_record_str(r, key, "");
}

static void
test_probe(void)
{
  static const struct {
    const char *bytes;
    int at_least, at_most;
  } cases[] = {
      {"MSH|^~\\&|A", 90, 100},
      {"\x0BMSH|^~\\&|A", 90, 100},
      {"\xEF\xBB\xBFMSH|^~\\&|A", 90, 100},
      {"\x0B\xEF\xBB\xBFMSH|^~\\&|A", 90, 100},
      {"\r\n\r\nFHS|^~\\&|A", 90, 100},
      {"hello\rMSH|^~\\&|A", 1, 60},
      {"MSHA", 0, 0},
      {"MSH", 0, 0},
      {"", 0, 0},
      {"{\"resourceType\":\"Bundle\"}", 0, 0},
      {"<ClinicalDocument/>", 0, 0},
  };
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    const int p = test_host_probe(host, cases[i].bytes, strlen(cases[i].bytes), "x");
    g_assert_cmpint(p, >=, cases[i].at_least);
    g_assert_cmpint(p, <=, cases[i].at_most);
  }
}

static void
test_framing(void)
{
  static const char feed[] = "\x0B" ADT("1") "\x1C\r\x0B" ADT("2") "\x1C\r\n"
                                                                   "noise between\r" ADT("3");
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_assert_cmpint(test_host_import(host, feed, sizeof feed - 1, "feed"), ==, ITV_OK);
  g_assert_cmpuint(test_host_n_records(host), ==, 7);
  const itv_record *second = test_host_find(host, "interval.document/1", 1);
  g_assert_cmpstr(str(second, "identifier"), ==, "2");
  const gint64 offset = itv_record_i64(second, "offset", -1);
  const gint64 length = itv_record_i64(second, "length", -1);
  g_assert_true(g_str_has_prefix(feed + offset, "MSH|"));
  g_assert_cmpint(length, ==, (gint64)strlen(ADT("2")) - 1); /* without the last CR */
  const itv_record *noise = test_host_find(host, "interval.document/1", 2);
  g_assert_nonnull(strstr(str(noise, "rejected"), "no HL7 message"));
}

/* A byte order mark before the file, within MLLP framing, between files joined. */
static void
test_marks(void)
{
  static const char *const feeds[] = {
      "\xEF\xBB\xBF" ADT("1") "\xEF\xBB\xBF" ADT("2"),
      "\x0B\xEF\xBB\xBF" ADT("1") "\x1C\r\x0B\xEF\xBB\xBF" ADT("2") "\x1C\r",
      "\xEF\xBB\xBF"
      "FHS|^~\\&\r" ADT("1") ADT("2"),
  };
  for (gsize i = 0; i < G_N_ELEMENTS(feeds); i++) {
    g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
    g_assert_cmpint(test_host_import(host, feeds[i], strlen(feeds[i]), "feed"), ==, ITV_OK);
    g_assert_cmpuint(test_host_n_records(host), ==, 4);
    for (guint k = 0; k < 2; k++) {
      const itv_record *doc = test_host_find(host, "interval.document/1", k);
      g_assert_cmpstr(str(doc, "identifier"), ==, k ? "2" : "1");
      g_assert_cmpstr(str(doc, "rejected"), ==, "");
    }
  }
}

static void
test_not_hl7(void)
{
  static const char text[] = "Some text\nMSHX|not\n";
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_assert_cmpint(test_host_import(host, text, sizeof text - 1, "t"), ==, ITV_NOT_APPLICABLE);
  g_assert_cmpint(test_host_import(host, "", 0, "t"), ==, ITV_NOT_APPLICABLE);
  g_assert_cmpuint(test_host_n_records(host), ==, 0);
  g_assert_cmpint(test_host_import(host, "\xFF\xFEM\0S\0H\0", 8, "t"), ==, ITV_ERR_UNSUPPORTED);
}

static char *
name_in(TestHost *host, const char *charset, const char *name, const char **ret_note)
{
  g_autofree char *message =
      g_strdup_printf(MSH "ADT^A08|1|P|2.5.1||||||%s\rPID|1||SYNTH1||%s\r", charset, name);
  g_assert_cmpint(test_host_import(host, message, strlen(message), "t"), ==, ITV_OK);
  const itv_record *doc = test_host_find(host, "interval.document/1", 0);
  *ret_note = str(doc, "note");
  const itv_record *patient = test_host_find(host, "interval.patient/1", 0);
  return patient ? g_strdup(str(patient, "name")) : g_strdup(str(doc, "rejected"));
}

static void
test_charsets(void)
{
  static const struct {
    const char *charset, *bytes, *name, *note;
  } cases[] = {
      {"UNICODE UTF-8", "M\xC3\x9CLLER", "MÜLLER", ""},
      {"8859/1", "M\xDCLLER", "MÜLLER", ""},
      {"8859/15", "\xA4URO", "€URO", ""},
      {"8859/2", "\xA3UKASZ", "ŁUKASZ", ""},
      {"ISO-8859-5", "\xB8\xD2\xD0\xDD", "Иван", ""},
      {"8859/7", "\xC1\xE8\xDE\xED\xE1", "Αθήνα", ""},
      {"windows-1251", "\xC8\xE2\xE0\xED", "Иван", ""},
      {"", "M\xDCLLER", "MÜLLER", "windows-1252"},
      {"ASCII", "O\x92NEIL", "O’NEIL", "windows-1252"},
      {"8859/1", "M\xC3\x9CLLER", "MÜLLER", "UTF-8"},
      {"UNICODE UTF-8", "M\xDCLLER", "MÜLLER", "no UTF-8"},
      {"ISO IR87", "ASCII ONLY", "ASCII ONLY", ""},
      {"ISO IR87", "\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B", "山田^太郎", ""},
      {"~ISO IR87", "\x1B$B;3ED\x1B(B^\x1B(ITARO\x1B(B", "山田^ﾔﾁﾒﾏ", ""},
      {"ISO IR87", "A\\X8E\\B", "A\uFFFDB", "no ISO-2022-JP"},
      {"ISO IR87", "\x8E\x52", "is not supported", NULL},
      {"GB 18030-2000", "\xD5\xC5", "is not supported", NULL},
      {"8859/1", "M\\XDC\\LLER", "MÜLLER", ""},
      {"UNICODE UTF-8", "M\\XC3\\\\X9C\\LLER", "MÜLLER", ""},
  };
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    const char *note = NULL;
    g_autofree char *name = name_in(host, cases[i].charset, cases[i].bytes, &note);
    if (!cases[i].note) {
      g_assert_nonnull(strstr(name, cases[i].name));
      continue;
    }
    g_assert_cmpstr(name, ==, cases[i].name);
    if (cases[i].note[0])
      g_assert_nonnull(strstr(note, cases[i].note));
    else
      g_assert_cmpstr(note, ==, "");
  }
}

static void
test_long_text(void)
{
  g_autoptr(GString) message =
      g_string_new(MSH "ORU^R01|1|P|2.5.1\rPID|||SYNTH1\rOBR|||A1|C^CT CHEST\r");
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  for (int i = 0; i < 40000; i++)
    g_string_append_printf(message, "OBX|%d|TX|RPT||A line with ü of the long report||||||F\r", i);
  g_assert_cmpint(test_host_import(host, message->str, message->len, "long"), ==, ITV_OK);
  record_check_all(check, host, "importer");
  const itv_record *doc = test_host_find(host, "interval.document/1", 0);
  g_assert_nonnull(strstr(str(doc, "note"), "cut"));
}

/* A message over the limit is one rejected unit; the next one still goes through. */
static void
test_too_long(void)
{
  g_autoptr(GString) message = g_string_new(MSH "ORU^R01|1|P|2.5.1\rPID|||SYNTH1\rOBX|1|TX|R||");
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  const gsize n = ((gsize)64 << 20) + 100000;
  g_string_set_size(message, message->len + n);
  memset(message->str + message->len - n, 'x', n);
  const gsize length = message->len;
  g_string_append(message, "\r" ADT("2"));
  g_assert_cmpint(test_host_import(host, message->str, message->len, "long"), ==, ITV_OK);
  g_assert_cmpuint(test_host_n_records(host), ==, 3);
  const itv_record *doc = test_host_find(host, "interval.document/1", 0);
  g_assert_nonnull(strstr(str(doc, "rejected"), "longer than"));
  g_assert_cmpint(itv_record_i64(doc, "length", 0), ==, (gint64)length);
  g_assert_cmpstr(str(test_host_find(host, "interval.patient/1", 0), "id"), ==, "SYNTH2");
}

/* A source that arrives in small reads and ends with an error. */
static int64_t
failing_read(const itv_source *src, int64_t offset, void *buf, size_t n)
{
  const GString *bytes = src->ctx;
  if (offset < 0 || (gsize)offset >= bytes->len)
    return -1;
  n = MIN(MIN(n, 7), bytes->len - (gsize)offset);
  memcpy(buf, bytes->str + offset, n);
  return (int64_t)n;
}

static void
test_read_error(void)
{
  g_autoptr(GString) bytes = g_string_new(ADT("1"));
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  const itv_source source = {bytes, 1000, failing_read, "broken"};
  const itv_input input = {.struct_size = sizeof input, .n_sources = 1, .sources = &source};
  g_assert_cmpint(test_host_run(host, ITV_KIND_IMPORTER, &input), ==, ITV_ERR_INPUT);
  g_assert_nonnull(strstr(test_host_error(host), "broken"));
}

/* What belongs to no unit: line ends, blanks, framing, marks, batch segments. */
static gboolean
is_filler(const char *bytes, gsize from, gsize to)
{
  g_autofree char *text = g_strndup(bytes + from, to - from);
  for (gsize i = 0; i < to - from; i++)
    if (strchr("\r\n\x0B\x1C \t", text[i]) || text[i] == 0)
      text[i] = '\n';
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line; line++) {
    const char *s = g_str_has_prefix(*line, "\xEF\xBB\xBF") ? *line + 3 : *line;
    const gboolean batch = g_str_has_prefix(s, "FHS") || g_str_has_prefix(s, "BHS") ||
                           g_str_has_prefix(s, "BTS") || g_str_has_prefix(s, "FTS");
    if (*s && !batch)
      return FALSE;
  }
  return TRUE;
}

static void
assert_all_accounted(const TestHost *host, const char *bytes, gsize n)
{
  gsize at = 0;
  for (gsize i = 0;; i++) {
    const itv_record *doc = test_host_find(host, "interval.document/1", i);
    const gsize start = doc ? (gsize)itv_record_i64(doc, "offset", -1) : n;
    g_assert_cmpuint(start, >=, at);
    g_assert_true(is_filler(bytes, at, start));
    if (!doc)
      return;
    at = start + (gsize)itv_record_i64(doc, "length", -1);
    g_assert_cmpuint(at, <=, n);
  }
}

static const char *const seeds[] = {
    "\x0B" MSH "ORU^R01|1|P|2.5.1||||||UNICODE UTF-8\rPID|1||SYNTH1^^^X||A^B||19700101|M\r"
    "ORC|RE||A1\rOBR|1||A1|C^CT CHEST|||20250314|||||||||||||||||CT|F\r"
    "OBX|1|FT|19005-8^Impression^LN||One.\\.br\\Two \\XC3A4\\.||||||F\r\x1C\r",
    "FHS|^~\\&\rBHS|^~\\&\r" ADT("1") "\n" ADT("2") "BTS|2\rFTS|1\r",
    MSH "ADT^A40|1|P|2.3\rPID|||SYNTH1^^^X\rMRG|SYNTH2\r" MSH
        "SIU^S12|2|P|2.3\rSCH|1|2|||||E^CT CHEST|||||^^^202501010800\rPID|||SYNTH1\r",
    MSH "ORM^O01|1|P|2.3||||||8859/1\rPID|||SYNTH\xC4\rORC|NW|1\rOBR|1|1||C^US LIVER\r",
};

static void
test_truncation(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  for (gsize i = 0; i < G_N_ELEMENTS(seeds); i++)
    for (gsize n = 0; n <= strlen(seeds[i]); n++) {
      const itv_status status = test_host_import(host, seeds[i], n, "cut");
      g_assert_true(status == ITV_OK || status == ITV_NOT_APPLICABLE);
      record_check_all(check, host, "importer");
      if (status == ITV_OK)
        assert_all_accounted(host, seeds[i], n);
    }
}

static void
test_mutation(void)
{
  static const char alphabet[] = "|^~\\&\r\n\x0B\x1C\"MSHPIDOBRXF0198\xC3\xFF\x80.\0";
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  g_autoptr(GRand) rand = g_rand_new_with_seed(20250314);
  for (int round = 0; round < 4000; round++) {
    g_autofree char *bytes = g_strdup(seeds[round % G_N_ELEMENTS(seeds)]);
    const gsize n = strlen(bytes);
    for (int k = g_rand_int_range(rand, 1, 12); k; k--)
      bytes[g_rand_int_range(rand, 0, (gint32)n)] =
          alphabet[g_rand_int_range(rand, 0, sizeof alphabet)];
    const itv_status status = test_host_import(host, bytes, n, "mutant");
    g_assert_true(status == ITV_OK || status == ITV_NOT_APPLICABLE ||
                  status == ITV_ERR_UNSUPPORTED);
    record_check_all(check, host, "importer");
    if (status == ITV_OK)
      assert_all_accounted(host, bytes, n);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/hl7/probe", test_probe);
  g_test_add_func("/hl7/framing", test_framing);
  g_test_add_func("/hl7/marks", test_marks);
  g_test_add_func("/hl7/not-hl7", test_not_hl7);
  g_test_add_func("/hl7/charsets", test_charsets);
  g_test_add_func("/hl7/long-text", test_long_text);
  g_test_add_func("/hl7/too-long", test_too_long);
  g_test_add_func("/hl7/read-error", test_read_error);
  g_test_add_func("/hl7/truncation", test_truncation);
  g_test_add_func("/hl7/mutation", test_mutation);
  return g_test_run();
}
