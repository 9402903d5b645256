/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "engine/exam-lexicon.h"

static ItvExamLexicon *lexicon;

static ItvExam
read_words(const char *description)
{
  return itv_exam_read(lexicon, description, NULL, ITV_MODALITY_NONE, NULL, ITV_LATERALITY_NONE);
}

static void
test_contrast(void)
{
  static const struct {
    const char *description;
    ItvContrast expected;
  } cases[] = {{"CT CHEST W CONTRAST", ITV_CONTRAST_WITH},
               {"CT CHEST WITHOUT CNTRST", ITV_CONTRAST_WITHOUT},
               {"CT ABD/PEL W/O", ITV_CONTRAST_WITHOUT},
               {"MRI BRAIN W/WO", ITV_CONTRAST_BOTH},
               {"MRI brain wo/w con", ITV_CONTRAST_BOTH},
               {"CT ABDOMEN W + W/O CONTRAST", ITV_CONTRAST_BOTH},
               {"CT HEAD NON-CONTRAST", ITV_CONTRAST_WITHOUT},
               {"CT Schädel nativ", ITV_CONTRAST_WITHOUT},
               {"MRT LWS mit KM", ITV_CONTRAST_WITH},
               {"CT HEAD", ITV_CONTRAST_UNKNOWN},
               {"XR RIBS LT W PA CHEST", ITV_CONTRAST_UNKNOWN}};
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
    if (read_words(cases[i].description).contrast != cases[i].expected)
      g_test_fail_printf("%s", cases[i].description);
}

/* "2 | ap lateral | portable" */
static void
assert_detail(const char *description, const char *code, const char *expected)
{
  const ItvExam exam =
      itv_exam_read(lexicon, description, code, ITV_MODALITY_NONE, NULL, ITV_LATERALITY_NONE);
  const ItvExamDetail detail = itv_exam_detail(lexicon, description, code, exam.modalities);
  g_autoptr(GPtrArray) projections = detail.projections, protocols = detail.protocols;
  g_autoptr(GString) got = g_string_new(NULL);
  g_string_printf(got, "%u |", detail.views);
  for (guint i = 0; i < projections->len; i++)
    g_string_append_printf(got, " %s", (char *)projections->pdata[i]);
  g_string_append(got, " |");
  for (guint i = 0; i < protocols->len; i++)
    g_string_append_printf(got, " %s", (char *)protocols->pdata[i]);
  g_assert_cmpstr(got->str, ==, expected);
}

static void
test_views_and_protocols(void)
{
  assert_detail("XR KNEE 3V LT", NULL, "3 | |");
  assert_detail("CXR 1V PORT", NULL, "1 | | portable");
  assert_detail("XR CHEST PA/LAT", NULL, "2 | pa lateral |");
  assert_detail("XR KNEES STANDING", NULL, "0 | standing |");
  assert_detail("Röntgen Thorax 2 Ebenen", NULL, "2 | |");
  assert_detail("CT RENAL STONE", NULL, "0 | | stone");
  assert_detail("MAM SCREENING BILAT", NULL, "0 | | screening");
  assert_detail(NULL, NULL, "0 | |");
}

static void
assert_expands(const char *token, const char *expected)
{
  g_assert_cmpstr(itv_exam_vocabulary_expand(lexicon->vocabulary, token), ==, expected);
}

static void
test_abbreviations(void)
{
  assert_expands("chst", "chest");
  assert_expands("shldr", "shoulder");
  assert_expands("brn", "brain");
  assert_expands("fngr", "finger");
  assert_expands("pncrs", "pancrea");
  /* known, too short, a word of its own, or short for several things */
  assert_expands("chest", NULL);
  assert_expands("ct", NULL);
  assert_expands("carnal", NULL);
  assert_expands("tran", NULL);
  assert_expands("", NULL);
  const ItvExam exam = read_words("MR UE SHLDR RT WO IVCON");
  g_assert_true(exam.regions & ITV_REGION_BIT(ITV_REGION_SHOULDER));
  g_assert_cmpint(exam.laterality, ==, ITV_LATERALITY_RIGHT);
  g_assert_cmpint(exam.contrast, ==, ITV_CONTRAST_WITHOUT);
}

static ItvPlaybook *
playbook_of(const char *text, GError **error)
{
  g_autofree char *path = g_build_filename(g_get_tmp_dir(), "itv-playbook-XXXXXX.csv", NULL);
  g_close(g_mkstemp(path), NULL);
  g_assert_true(g_file_set_contents(path, text, -1, NULL));
  ItvPlaybook *playbook = itv_playbook_load(path, error);
  g_unlink(path);
  return playbook;
}

static void
test_playbook(void)
{
  g_autoptr(GError) error = NULL;
  ItvPlaybook *playbook = playbook_of("RPID,code,short,long,auto short,auto long\r\n"
                                      "RPID900001,A,CT Head wo,\"CT Head, wo IV Contrast\"\r\n"
                                      "RPID900002,,,,XR HAND LT,XRAY LEFT HAND\n"
                                      "RPID900003,X,,RID1|RID2\n"
                                      "RPIDx,Y,,CT Chest\n\"unclosed",
                                      &error);
  g_assert_no_error(error);
  g_assert_cmpstr(itv_playbook_name(playbook, "RPID900001"), ==, "CT Head, wo IV Contrast");
  g_assert_cmpstr(itv_playbook_name(playbook, " rpid900002 "), ==, "XRAY LEFT HAND");
  g_assert_null(itv_playbook_name(playbook, "RPID900003"));
  g_assert_null(itv_playbook_name(playbook, "RPID900001x"));
  g_assert_null(itv_playbook_name(playbook, "900001"));
  g_assert_null(itv_playbook_name(NULL, "RPID900001"));
  itv_exam_lexicon_set_playbook(lexicon, playbook);
  /* The code says exactly what the site's own word leaves open, and wins over it. */
  ItvExam exam = itv_exam_read(lexicon, "ROUTINE RT", "RPID900001", ITV_MODALITY_NONE, NULL,
                               ITV_LATERALITY_NONE);
  g_assert_cmpuint(exam.modalities, ==, ITV_MODALITY_BIT(ITV_MODALITY_CT));
  g_assert_cmpuint(exam.regions, ==, ITV_REGION_BIT(ITV_REGION_HEAD));
  g_assert_cmpint(exam.contrast, ==, ITV_CONTRAST_WITHOUT);
  exam = itv_exam_read(lexicon, "XR WRIST RT", "RPID900002", ITV_MODALITY_NONE, NULL,
                       ITV_LATERALITY_NONE);
  g_assert_cmpuint(exam.regions, ==, ITV_REGION_BIT(ITV_REGION_HAND));
  g_assert_cmpint(exam.laterality, ==, ITV_LATERALITY_LEFT);
  exam =
      itv_exam_read(lexicon, "XR WRIST RT", "RPID77", ITV_MODALITY_NONE, NULL, ITV_LATERALITY_NONE);
  g_assert_cmpuint(exam.regions, ==, ITV_REGION_BIT(ITV_REGION_WRIST));
  itv_exam_lexicon_set_playbook(lexicon, NULL);
}

static void
test_bad_playbook(void)
{
  static const char *const bad[] = {"", "RPID\n", "a,b,c\n", "RPID1\n", "RPID1,,,\xff\xfe\n"};
  for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(ItvPlaybook) playbook = playbook_of(bad[i], &error);
    g_assert_null(playbook);
    g_assert_error(error, ITV_ERROR, ITV_ERROR_CONFIG);
  }
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvPlaybook) none = itv_playbook_load("/nowhere/playbook.csv", &error);
  g_assert_null(none);
  g_assert_error(error, ITV_ERROR, ITV_ERROR_CONFIG);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  const char *root = g_getenv("ITV_SOURCE_DIR");
  g_assert_nonnull(root);
  g_autofree char *path = g_build_filename(root, "config/lexicon/exams.xml", NULL);
  g_autofree char *xsd = g_build_filename(root, "schemas/exams.xsd", NULL);
  g_autoptr(GError) error = NULL;
  lexicon = itv_exam_lexicon_load(path, xsd, &error);
  g_assert_no_error(error);
  g_test_add_func("/exam-detail/contrast", test_contrast);
  g_test_add_func("/exam-detail/views-and-protocols", test_views_and_protocols);
  g_test_add_func("/exam-detail/abbreviations", test_abbreviations);
  g_test_add_func("/exam-detail/playbook", test_playbook);
  g_test_add_func("/exam-detail/bad-playbook", test_bad_playbook);
  int status = g_test_run();
  itv_exam_lexicon_free(lexicon);
  return status;
}
