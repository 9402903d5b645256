/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that no sane writer makes, and kinds that the generator does not know,
 * put together byte by byte.
 */
#include <string.h>

#include "test-host.h"

#define EXPLICIT_LE "1.2.840.10008.1.2.1"
#define IMPLICIT_LE "1.2.840.10008.1.2"
#define CT_CLASS "1.2.840.10008.5.1.4.1.1.2"

/* A data set in the making. */
typedef struct {
  GByteArray *bytes;
  gboolean implicit;
} Writer;

static void
number(GByteArray *b, guint32 value, guint width)
{
  for (guint i = 0; i < width; i++) {
    const guint8 byte = (guint8)(value >> (8 * i));
    g_byte_array_append(b, &byte, 1);
  }
}

static void
header(Writer *w, guint32 tag, const char *vr, guint32 length)
{
  number(w->bytes, tag >> 16, 2);
  number(w->bytes, tag & 0xFFFF, 2);
  if (w->implicit) {
    number(w->bytes, length, 4);
    return;
  }
  g_byte_array_append(w->bytes, (const guint8 *)vr, 2);
  gboolean is_long = strstr("OB OW SQ UT UN", vr) != NULL;
  if (is_long)
    number(w->bytes, 0, 2);
  number(w->bytes, length, is_long ? 4 : 2);
}

static void
put(Writer *w, guint32 tag, const char *vr, const char *value)
{
  gsize n = strlen(value);
  header(w, tag, vr, (guint32)(n + n % 2));
  g_byte_array_append(w->bytes, (const guint8 *)value, (guint)n);
  if (n % 2)
    g_byte_array_append(w->bytes, (const guint8 *)(strcmp(vr, "UI") == 0 ? "\0" : " "), 1);
}

static void
put_us(Writer *w, guint32 tag, guint value)
{
  header(w, tag, "US", 2);
  number(w->bytes, value, 2);
}

static void
open_sequence(Writer *w, guint32 tag)
{
  header(w, tag, "SQ", 0xFFFFFFFF);
}

static void
mark(Writer *w, guint element, guint32 length)
{
  number(w->bytes, 0xFFFE, 2);
  number(w->bytes, element, 2);
  number(w->bytes, length, 4);
}

static void
open_item(Writer *w)
{
  mark(w, 0xE000, 0xFFFFFFFF);
}

static void
close_item(Writer *w)
{
  mark(w, 0xE00D, 0);
}

static void
close_sequence(Writer *w)
{
  mark(w, 0xE0DD, 0);
}

static void
begin(Writer *w, const char *syntax, const char *sop_class)
{
  static const guint8 preamble[128] = {0};
  w->bytes = g_byte_array_new();
  w->implicit = FALSE;
  g_byte_array_append(w->bytes, preamble, sizeof preamble);
  g_byte_array_append(w->bytes, (const guint8 *)"DICM", 4);
  put(w, 0x00020002, "UI", sop_class);
  put(w, 0x00020010, "UI", syntax);
  w->implicit = strcmp(syntax, IMPLICIT_LE) == 0;
}

static void
put_object(Writer *w, const char *sop_class, const char *modality)
{
  put(w, 0x00080005, "CS", "ISO_IR 100");
  put(w, 0x00080016, "UI", sop_class);
  put(w, 0x00080018, "UI", "2.25.11");
  put(w, 0x00080020, "DA", "20240131");
  put(w, 0x00080060, "CS", modality);
  put(w, 0x00100010, "PN", "M\xfcller^Fran\xe7oise");
  put(w, 0x00100020, "LO", "SYNTH-7");
  put(w, 0x0020000D, "UI", "2.25.12");
  put(w, 0x0020000E, "UI", "2.25.13");
}

static void
put_image(Writer *w, guint rows, guint columns, guint bits)
{
  put_us(w, 0x00280002, 1);
  put(w, 0x00280004, "CS", "MONOCHROME2");
  put_us(w, 0x00280010, rows);
  put_us(w, 0x00280011, columns);
  put_us(w, 0x00280100, bits);
  put_us(w, 0x00280101, bits);
  put_us(w, 0x00280102, bits - 1);
  put_us(w, 0x00280103, 0);
}

static const char *
text(const itv_record *r, const char *key)
{
  for (size_t i = 0; r && i < r->n_fields; i++)
    if (strcmp(r->fields[i].key, key) == 0 && r->fields[i].type == ITV_T_STR)
      return r->fields[i].v.str;
  return NULL;
}

/* Imports and frees the bytes. */
static TestHost *
import(Writer *w)
{
  TestHost *host = test_host_new(&itv_plugin_entry);
  g_autofree guint8 *exact = g_memdup2(w->bytes->data, w->bytes->len);
  g_assert_cmpint(test_host_import(host, exact, w->bytes->len, "crafted"), ==, ITV_OK);
  g_byte_array_unref(w->bytes);
  return host;
}

static const char *
rejection(TestHost *host)
{
  g_assert_cmpuint(test_host_n_records(host), ==, 1);
  const char *why = text(test_host_record(host, 0), "rejected");
  g_assert_nonnull(why);
  return why;
}

static void
test_implicit_without_preamble(void)
{
  Writer w = {g_byte_array_new(), TRUE};
  put_object(&w, CT_CLASS, "CT");
  g_autoptr(TestHost) host = import(&w);
  g_assert_cmpstr(text(test_host_find(host, "interval.patient/1", 0), "name"), ==,
                  "Müller^Françoise");
  const itv_record *im = test_host_find(host, "interval.image/1", 0);
  g_assert_cmpstr(text(im, "transfer-syntax"), ==, IMPLICIT_LE);
  g_assert_cmpstr(text(im, "pixels"), ==, "absent");
}

static void
test_unknown_syntax(void)
{
  Writer w;
  begin(&w, "1.2.840.10008.1.2.4.201", CT_CLASS);
  put_object(&w, CT_CLASS, "CT");
  put_image(&w, 8, 8, 16);
  header(&w, 0x7FE00010, "OB", 0xFFFFFFFF);
  mark(&w, 0xE000, 0);
  close_sequence(&w);
  g_autoptr(TestHost) host = import(&w);
  const itv_record *im = test_host_find(host, "interval.image/1", 0);
  g_assert_cmpstr(text(im, "pixels"), ==, "undecodable");
  g_assert_nonnull(strstr(text(im, "pixel-problem"), "1.2.840.10008.1.2.4.201"));
}

static void
test_cut_pixels(void)
{
  Writer w;
  begin(&w, EXPLICIT_LE, CT_CLASS);
  put_object(&w, CT_CLASS, "CT");
  put_image(&w, 8, 8, 16);
  header(&w, 0x7FE00010, "OW", 128);
  number(w.bytes, 0, 4);
  g_autoptr(TestHost) host = import(&w);
  const itv_record *im = test_host_find(host, "interval.image/1", 0);
  g_assert_cmpstr(text(im, "pixels"), ==, "undecodable");
  g_assert_nonnull(strstr(text(im, "pixel-problem"), "4 of 128 bytes"));
}

static void
test_absurd_length(void)
{
  Writer w;
  begin(&w, EXPLICIT_LE, CT_CLASS);
  put_object(&w, CT_CLASS, "CT");
  header(&w, 0x00211001, "OB", 0x7FFFFFFE);
  number(w.bytes, 0, 4);
  g_autoptr(TestHost) host = import(&w);
  g_assert_nonnull(strstr(rejection(host), "element (0021,1001)"));
}

static void
test_deep_nesting(void)
{
  Writer w;
  begin(&w, EXPLICIT_LE, CT_CLASS);
  put_object(&w, CT_CLASS, "CT");
  for (int i = 0; i < 20000; i++) {
    open_sequence(&w, 0x0040A730);
    open_item(&w);
  }
  g_autoptr(TestHost) host = import(&w);
  g_assert_nonnull(strstr(rejection(host), "nested too deep"));
}

static void
test_no_uids(void)
{
  Writer w;
  begin(&w, EXPLICIT_LE, CT_CLASS);
  put(&w, 0x00080018, "UI", "2.25.11");
  put(&w, 0x0020000D, "UI", "2.25..12");
  g_autoptr(TestHost) host = import(&w);
  const char *why = rejection(host);
  g_assert_nonnull(strstr(why, "Study Instance UID (0020,000d)"));
  g_assert_null(strstr(why, "SOP Instance UID"));
}

/* The object is taken; whose it is the host asks whoever imports it. */
static void
test_empty_patient_id(void)
{
  Writer w;
  begin(&w, EXPLICIT_LE, CT_CLASS);
  put(&w, 0x00080018, "UI", "2.25.11");
  put(&w, 0x0020000D, "UI", "2.25.12");
  put(&w, 0x0020000E, "UI", "2.25.13");
  g_autoptr(TestHost) host = import(&w);
  g_assert_null(test_host_find(host, "interval.patient/1", 0));
  g_assert_nonnull(test_host_find(host, "interval.image/1", 0));
}

static void
test_directory(void)
{
  Writer w;
  begin(&w, EXPLICIT_LE, "1.2.840.10008.1.3.10");
  put(&w, 0x00041130, "CS", "SYNTH");
  open_sequence(&w, 0x00041220);
  for (int i = 0; i < 3; i++) {
    open_item(&w);
    put(&w, 0x00041430, "CS", "PATIENT");
    close_item(&w);
  }
  close_sequence(&w);
  g_autoptr(TestHost) host = import(&w);
  g_assert_cmpuint(test_host_n_records(host), ==, 1);
  g_assert_nonnull(strstr(text(test_host_record(host, 0), "note"), "3 entries"));
}

static void
put_code(Writer *w, guint32 tag, const char *value, const char *scheme, const char *meaning)
{
  open_sequence(w, tag);
  open_item(w);
  put(w, 0x00080100, "SH", value);
  put(w, 0x00080102, "SH", scheme);
  put(w, 0x00080104, "LO", meaning);
  close_item(w);
  close_sequence(w);
}

/* A section with one paragraph. */
static void
put_section(Writer *w, const char *code, const char *heading, const char *paragraph)
{
  open_item(w);
  put(w, 0x0040A010, "CS", "CONTAINS");
  put(w, 0x0040A040, "CS", "CONTAINER");
  put_code(w, 0x0040A043, code, "DCM", heading);
  open_sequence(w, 0x0040A730);
  open_item(w);
  put(w, 0x0040A010, "CS", "CONTAINS");
  put(w, 0x0040A040, "CS", "TEXT");
  put_code(w, 0x0040A043, "121071", "DCM", "Finding");
  put(w, 0x0040A160, "UT", paragraph);
  close_item(w);
  close_sequence(w);
  close_item(w);
}

static void
test_narrative(gconstpointer data)
{
  const char *verification = data;
  static const char sop_class[] = "1.2.840.10008.5.1.4.1.1.88.11";
  Writer w;
  begin(&w, EXPLICIT_LE, sop_class);
  put_object(&w, sop_class, "SR");
  put(&w, 0x0040A040, "CS", "CONTAINER");
  put_code(&w, 0x0040A043, "11528-7", "LN", "Radiology Report");
  put(&w, 0x0040A491, "CS", "COMPLETE");
  put(&w, 0x0040A493, "CS", verification);
  open_sequence(&w, 0x0040A730);
  put_section(&w, "121070", "Findings", "A 6 mm nodule.\r\nNo effusion.");
  put_section(&w, "121076", "Conclusions", "Follow-up CT in 6 months for M\xfcller.");
  close_sequence(&w);
  g_autoptr(TestHost) host = import(&w);
  const itv_record *r = test_host_find(host, "interval.report/1", 0);
  g_assert_nonnull(r);
  g_assert_cmpstr(text(r, "status"), ==, strcmp(verification, "VERIFIED") == 0 ? "F" : "P");
  g_assert_cmpstr(text(r, "performed"), ==, "2024-01-31");
  g_assert_cmpstr(text(r, "text"), ==,
                  "Findings:\nA 6 mm nodule.\nNo effusion.\n\nConclusions:\nFollow-up CT in 6 "
                  "months for Müller.\n");
}

/* Runs the pixels job on one object and frees its bytes; the values with slope and
 * intercept applied. */
static TestHost *
make_volume(Writer *w, double *ret_values, gsize n)
{
  TestHost *host = test_host_new(&itv_plugin_entry);
  g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(w->bytes);
  const itv_source source = test_source_bytes(bytes, "crafted");
  const itv_input input = {.struct_size = sizeof input, .n_sources = 1, .sources = &source};
  g_assert_cmpint(test_host_run(host, ITV_KIND_PIXELS, &input), ==, ITV_OK);
  const itv_volume *v =
      test_host_volume(host, itv_record_i64(test_host_record(host, 0), "volume", 0));
  g_assert_nonnull(v);
  for (gsize i = 0; i < n; i++) {
    const double stored = v->pixel == ITV_PIX_I16  ? ((const gint16 *)v->data)[i]
                          : v->pixel == ITV_PIX_U8 ? ((const guint8 *)v->data)[i]
                                                   : (double)((const float *)v->data)[i];
    ret_values[i] = v->slope * stored + v->intercept;
  }
  return host;
}

static void
put_place(Writer *w)
{
  put(w, 0x00200032, "DS", "0\\0\\0");
  put(w, 0x00200037, "DS", "1\\0\\0\\0\\1\\0");
}

/* 70 kg, 350 MBq injected one half-life before the scan: SUV = Bq/mL * 70000 / 175e6. */
static void
test_uptake(gconstpointer data)
{
  static const char sop_class[] = "1.2.840.10008.5.1.4.1.1.128";
  const char *corrections = data;
  const gboolean corrected = strstr(corrections, "ATTN") != NULL;
  Writer w;
  double v[4];
  begin(&w, EXPLICIT_LE, sop_class);
  put_object(&w, sop_class, "PT");
  put(&w, 0x00080021, "DA", "20240131");
  put(&w, 0x00080031, "TM", "100000");
  put(&w, 0x00101030, "DS", "70");
  put_place(&w);
  put_image(&w, 2, 2, 16);
  put(&w, 0x00280051, "CS", corrections);
  put(&w, 0x00281052, "DS", "0");
  put(&w, 0x00281053, "DS", "2.5");
  open_sequence(&w, 0x00540016);
  open_item(&w);
  put(&w, 0x00181072, "TM", "090000");
  put(&w, 0x00181074, "DS", "350000000");
  put(&w, 0x00181075, "DS", "3600");
  close_item(&w);
  close_sequence(&w);
  put(&w, 0x00541001, "CS", "BQML");
  put(&w, 0x00541102, "CS", "START");
  header(&w, 0x7FE00010, "OW", 8);
  for (guint i = 0; i < 4; i++)
    number(w.bytes, 1000 * i, 2);
  g_autoptr(TestHost) host = make_volume(&w, v, 4);
  const double factor = corrected ? 70000 / 175e6 : 1;
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon(v[i], 1000 * i * 2.5 * factor, 1e-3 * factor);
  g_assert_cmpstr(text(test_host_record(host, 0), "value-unit"), ==, corrected ? "SUVbw" : "BQML");
}

static void
test_modality_table(void)
{
  Writer w;
  double v[4];
  begin(&w, EXPLICIT_LE, CT_CLASS);
  put_object(&w, CT_CLASS, "CT");
  put_place(&w);
  put_image(&w, 2, 2, 16);
  open_sequence(&w, 0x00283000);
  open_item(&w);
  header(&w, 0x00283002, "US", 6);
  number(w.bytes, 3, 2);
  number(w.bytes, 10, 2);
  number(w.bytes, 16, 2);
  header(&w, 0x00283006, "OW", 6);
  number(w.bytes, 100, 2);
  number(w.bytes, 400, 2);
  number(w.bytes, 900, 2);
  close_item(&w);
  close_sequence(&w);
  header(&w, 0x7FE00010, "OW", 8);
  for (guint i = 0; i < 4; i++)
    number(w.bytes, 9 + i, 2);
  g_autoptr(TestHost) host = make_volume(&w, v, 4);
  const double expected[] = {100, 100, 400, 900};
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat(v[i], ==, expected[i]);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/crafted/implicit-without-preamble", test_implicit_without_preamble);
  g_test_add_func("/dicom/crafted/unknown-syntax", test_unknown_syntax);
  g_test_add_func("/dicom/crafted/cut-pixels", test_cut_pixels);
  g_test_add_func("/dicom/crafted/absurd-length", test_absurd_length);
  g_test_add_func("/dicom/crafted/deep-nesting", test_deep_nesting);
  g_test_add_func("/dicom/crafted/no-uids", test_no_uids);
  g_test_add_func("/dicom/crafted/empty-patient-id", test_empty_patient_id);
  g_test_add_func("/dicom/crafted/directory", test_directory);
  g_test_add_data_func("/dicom/crafted/narrative/final", "VERIFIED", test_narrative);
  g_test_add_data_func("/dicom/crafted/narrative/preliminary", "UNVERIFIED", test_narrative);
  g_test_add_data_func("/dicom/crafted/uptake/corrected", "DECY\\ATTN", test_uptake);
  g_test_add_data_func("/dicom/crafted/uptake/raw", "DECY", test_uptake);
  g_test_add_func("/dicom/crafted/modality-table", test_modality_table);
  return g_test_run();
}
