/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/exam.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"

static ItvExamLexicon *lexicon;

static char *
source_path(const char *below)
{
  const char *root = g_getenv("ITV_SOURCE_DIR");
  g_assert_nonnull(root);
  return g_build_filename(root, below, NULL);
}

/* "CT PT|neck chest|left|chest|CT": modalities, regions, side, main region, main modality. */
static char *
exam_text(const ItvExam *exam)
{
  g_autoptr(GString) text = g_string_new(NULL);
  for (int m = 1; m < ITV_MODALITY_N; m++)
    if (exam->modalities & ITV_MODALITY_BIT(m))
      g_string_append_printf(text, "%s ", itv_modality_code((ItvModality)m));
  g_string_append(text, "| ");
  for (int r = 1; r < ITV_REGION_N; r++)
    if (exam->regions & ITV_REGION_BIT(r))
      g_string_append_printf(text, "%s ", itv_region_code((ItvRegion)r));
  const char *side = itv_laterality_code(exam->laterality);
  const char *region = exam->main_region ? itv_region_code(exam->main_region) : NULL;
  const char *modality = exam->main_modality ? itv_modality_code(exam->main_modality) : NULL;
  g_string_append_printf(text, "| %s | %s | %s", side ? side : "-", region ? region : "-",
                         modality ? modality : "-");
  return g_string_free(g_steal_pointer(&text), FALSE);
}

static const struct {
  const char *description, *expected;
} cases[] = {
    {"CT CHEST/ABD/PELVIS W CONTRAST", "CT | chest abdomen pelvis | - | chest | CT"},
    {"CT C/A/P W/O", "CT | chest abdomen pelvis | - | chest | CT"},
    {"CT CHEST ABDOMEN PELVIS W/O & W/", "CT | chest abdomen pelvis | - | chest | CT"},
    {"CT A/P W", "CT | abdomen pelvis | - | abdomen | CT"},
    {"XR TIB FIB 2V LT", "XR | tibia | left | tibia | XR"},
    {"TIBIA- FIBULA,  RIGHT MIN 2 VI", "XR | tibia | right | tibia | XR"},
    {"BONE SCAN, TOTAL BODY", "NM | wholebody | - | wholebody | NM"},
    {"HEPATOBILIARY SCAN W_CCK", "NM | liver gallbladder | - | liver | NM"},
    {"MRI L-SPINE WO", "MR | lspine | - | lspine | MR"},
    {"MRI SPINE, THORACIC", "MR | tspine | - | tspine | MR"},
    {"MRI CERVICAL THORACIC LUMBAR SPINE W WO", "MR | cspine tspine lspine | - | cspine | MR"},
    {"US RUQ", "US | abdomen liver gallbladder | - | abdomen | US"},
    {"MAM DIGITAL SCREENING BILAT", "MG | breast | bilateral | breast | MG"},
    {"MAM US breast RT limited dx", "US | breast | right | breast | US"},
    {"NM MYOCARDIAL PERF", "NM | heart | - | heart | NM"},
    {"PET/CT SKULL BASE TO THIGH", "CT PT | neck chest abdomen pelvis | - | chest | PT"},
    {"PET-CT SKULL TO THIGH SUBSQNT", "CT PT | neck chest abdomen pelvis | - | chest | PT"},
    {"CTA HEAD NECK", "CT | head neck | - | head | CT"},
    {"CXR", "XR | chest | - | chest | XR"},
    {"CHEST 2 VIEW FRONTAL & LATRL", "XR | chest | - | chest | XR"},
    {"KUB", "XR | abdomen | - | abdomen | XR"},
    {"DEXA", "DXA | | - | - | DXA"},
    {"DXA (Hip/Spine Only)", "DXA | spine hip | - | hip | DXA"},
    {"FL UGI", "FL | abdomen | - | abdomen | FL"},
    {"echo", "US | heart | - | heart | US"},
    {"ECHO 2D Mmode transthorac TTE", "US | heart | - | heart | US"},
    {"MRCP", "MR | abdomen liver gallbladder pancreas | - | abdomen | MR"},
    {"XR pelvis and hip LT 2-3 views", "XR | pelvis hip | left | pelvis | XR"},
    {"US venous doppler LE BI", "US | extremity vascular | bilateral | extremity | US"},
    {"MR BRAIN W/O", "MR | brain | - | brain | MR"},
    {"US THYROID/SOFT TISSUE NECK", "US | neck thyroid | - | thyroid | US"},
    {"XR KNEES 3V", "XR | knee | - | knee | XR"},
    {"CT LUNG SCREENING LOW DOSE", "CT | chest lung | - | chest | CT"},
    {"MRI abdomen wo/w con", "MR | abdomen | - | abdomen | MR"},
    {"", "| | - | - | -"},
    {"OUTSIDE FILMS", "| | - | - | -"},
};

static void
test_descriptions(void)
{
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    ItvExam exam = itv_exam_read(lexicon, cases[i].description, NULL, ITV_MODALITY_NONE, NULL,
                                 ITV_LATERALITY_NONE);
    g_autofree char *got = exam_text(&exam);
    const char *expected = cases[i].expected;
    if (strcmp(g_strchug(got), expected + strspn(expected, " ")) != 0) {
      g_test_message("%s: got %s, expected %s", cases[i].description, got, expected);
      g_test_fail_printf("%s", cases[i].description);
    }
  }
}

static void
assert_exam(ItvExam exam, const char *expected)
{
  g_autofree char *got = exam_text(&exam);
  g_assert_cmpstr(got, ==, expected);
}

static void
test_codes_win(void)
{
  assert_exam(itv_exam_read(lexicon, "CT CHEST", NULL, ITV_MODALITY_MR, NULL, ITV_LATERALITY_NONE),
              "MR | chest | - | chest | MR");
  assert_exam(itv_exam_read(lexicon, "PET/CT SKULL BASE TO THIGH", NULL, ITV_MODALITY_CT, NULL,
                            ITV_LATERALITY_NONE),
              "CT PT | neck chest abdomen pelvis | - | chest | CT");
  assert_exam(
      itv_exam_read(lexicon, "XR HAND LT", NULL, ITV_MODALITY_XR, NULL, ITV_LATERALITY_RIGHT),
      "XR | hand | right | hand | XR");
  assert_exam(
      itv_exam_read(lexicon, "ROUTINE", NULL, ITV_MODALITY_XR, "TSPINE", ITV_LATERALITY_NONE),
      "XR | tspine | - | tspine | XR");
  assert_exam(itv_exam_read(lexicon, NULL, "CT HEAD", ITV_MODALITY_NONE, NULL, ITV_LATERALITY_NONE),
              "CT | head | - | head | CT");
  assert_exam(
      itv_exam_read(lexicon, "MAMMO REPORT", NULL, ITV_MODALITY_SR, NULL, ITV_LATERALITY_NONE),
      "MG | breast | - | breast | MG");
}

static gboolean
covers(ItvRegion have, ItvRegion want, ItvModality modality)
{
  return itv_fulfilment_covers(NULL, ITV_REGION_BIT(have), want, ITV_MODALITY_BIT(modality));
}

static void
test_covers(void)
{
  g_assert_true(covers(ITV_REGION_CHEST, ITV_REGION_LUNG, ITV_MODALITY_CT));
  g_assert_true(covers(ITV_REGION_CHEST, ITV_REGION_AORTA, ITV_MODALITY_CT));
  g_assert_true(covers(ITV_REGION_ABDOMEN, ITV_REGION_AORTA, ITV_MODALITY_US));
  g_assert_true(covers(ITV_REGION_ABDOMEN, ITV_REGION_ADRENAL, ITV_MODALITY_MR));
  g_assert_true(covers(ITV_REGION_PELVIS, ITV_REGION_OVARY, ITV_MODALITY_US));
  g_assert_true(covers(ITV_REGION_HEAD, ITV_REGION_SINUS, ITV_MODALITY_CT));
  g_assert_true(covers(ITV_REGION_NECK, ITV_REGION_THYROID, ITV_MODALITY_CT));
  g_assert_true(covers(ITV_REGION_SPINE, ITV_REGION_TSPINE, ITV_MODALITY_MR));
  g_assert_true(covers(ITV_REGION_WHOLEBODY, ITV_REGION_KNEE, ITV_MODALITY_NM));
  g_assert_true(covers(ITV_REGION_PELVIS, ITV_REGION_HIP, ITV_MODALITY_CT));
  g_assert_true(covers(ITV_REGION_PELVIS, ITV_REGION_HIP, ITV_MODALITY_XR));
  g_assert_false(covers(ITV_REGION_PELVIS, ITV_REGION_HIP, ITV_MODALITY_US));
  g_assert_false(covers(ITV_REGION_CHEST, ITV_REGION_BREAST, ITV_MODALITY_CT));
  g_assert_false(covers(ITV_REGION_LIVER, ITV_REGION_ABDOMEN, ITV_MODALITY_US));
  g_assert_false(covers(ITV_REGION_CHEST, ITV_REGION_ABDOMEN, ITV_MODALITY_CT));
  g_assert_false(covers(ITV_REGION_CHEST, ITV_REGION_NONE, ITV_MODALITY_CT));
  g_assert_true(covers(ITV_REGION_BRAIN, ITV_REGION_HEAD, ITV_MODALITY_MR));
  g_assert_true(itv_fulfilment_covers(NULL,
                                      ITV_REGION_BIT(ITV_REGION_CSPINE) |
                                          ITV_REGION_BIT(ITV_REGION_TSPINE) |
                                          ITV_REGION_BIT(ITV_REGION_LSPINE),
                                      ITV_REGION_SPINE, ITV_MODALITY_BIT(ITV_MODALITY_MR)));
}

/* Bytes of every kind and great length leave it standing. */
static void
test_hostile(void)
{
  g_autofree char *huge = g_strnfill(1 << 20, '*');
  itv_exam_read(lexicon, huge, huge, ITV_MODALITY_NONE, huge, ITV_LATERALITY_NONE);
  g_autofree char *many = g_malloc(100001);
  for (int i = 0; i < 100000; i++)
    many[i] = "ct chest/\377\301 w/o_"[i % 16];
  many[100000] = 0;
  ItvExam exam = itv_exam_read(lexicon, many, NULL, ITV_MODALITY_NONE, NULL, ITV_LATERALITY_NONE);
  g_assert_cmpuint(exam.modalities, ==, ITV_MODALITY_BIT(ITV_MODALITY_CT));
}

static void
assert_refused(const char *xml, const char *reason)
{
  g_autofree char *path = g_build_filename(g_get_tmp_dir(), "itv-exams-XXXXXX.xml", NULL);
  g_close(g_mkstemp(path), NULL);
  g_assert_true(g_file_set_contents(path, xml, -1, NULL));
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvExamLexicon) bad = itv_exam_lexicon_load(path, NULL, &error);
  g_unlink(path);
  g_assert_null(bad);
  g_assert_error(error, ITV_ERROR, ITV_ERROR_CONFIG);
  g_assert_nonnull(strstr(error->message, reason));
}

static void
test_bad_lexicon(void)
{
  assert_refused("<exams relevant-from='2'/>", "relevant-from");
  assert_refused("<exams relevant-from='0.5'><term words='Chest'/></exams>", "Chest");
  assert_refused("<exams relevant-from='0.5'><term words='a' region='chset'/></exams>", "chset");
  assert_refused("<exams relevant-from='0.5'><term words='a|'/></exams>", "without words");
  assert_refused("<exams relevant-from='0.5'><x/></exams>", "<x>");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_autofree char *path = source_path("config/lexicon/exams.xml");
  g_autofree char *xsd = source_path("schemas/exams.xsd");
  g_autoptr(GError) error = NULL;
  lexicon = itv_exam_lexicon_load(path, xsd, &error);
  g_assert_no_error(error);
  g_test_add_func("/exam/descriptions", test_descriptions);
  g_test_add_func("/exam/codes-win", test_codes_win);
  g_test_add_func("/exam/covers", test_covers);
  g_test_add_func("/exam/hostile", test_hostile);
  g_test_add_func("/exam/bad-lexicon", test_bad_lexicon);
  int status = g_test_run();
  itv_exam_lexicon_free(lexicon);
  return status;
}
