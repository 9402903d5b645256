/* SPDX-License-Identifier: Apache-2.0
 *
 * The site's codes: which entry is meant, and what goes before what.
 */
#include <glib/gstdio.h>

#include "engine/exam.h"

static char *
source_path(const char *name)
{
  return g_build_filename(g_getenv("ITV_SOURCE_DIR"), name, NULL);
}

static ItvExamLexicon *
lexicon_with(const char *entries)
{
  g_autofree char *exams = source_path("config/lexicon/exams.xml");
  g_autofree char *exams_xsd = source_path("schemas/exams.xsd");
  g_autofree char *codes_xsd = source_path("schemas/codes.xsd");
  g_autofree char *text =
      g_strdup_printf("<codes xmlns=\"urn:interval:codes:1\">%s</codes>", entries);
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;
  const int fd = g_file_open_tmp("codes-XXXXXX.xml", &path, &error);
  g_assert_no_error(error);
  g_assert_true(g_close(fd, NULL));
  g_assert_true(g_file_set_contents(path, text, -1, NULL));
  ItvExamLexicon *lexicon = itv_exam_lexicon_load(exams, exams_xsd, &error);
  g_assert_no_error(error);
  ItvCodeMap *codes = itv_code_map_load(path, codes_xsd, NULL, &error);
  g_assert_no_error(error);
  itv_exam_lexicon_set_codes(lexicon, codes);
  g_unlink(path);
  return lexicon;
}

static void
test_before_words(void)
{
  g_autoptr(ItvExamLexicon) lexicon =
      lexicon_with("<exam code='C1' region='chest abdomen' modality='PT CT' laterality='left'/>"
                   "<exam description='Special  7' region='knee'/>");
  const ItvExamTerms by_code = {.code = "c1 ", .description = "MR BRAIN RIGHT"};
  ItvExam exam = itv_exam_of(lexicon, &by_code);
  g_assert_cmpuint(exam.regions, ==,
                   ITV_REGION_BIT(ITV_REGION_CHEST) | ITV_REGION_BIT(ITV_REGION_ABDOMEN));
  g_assert_cmpint(exam.main_region, ==, ITV_REGION_CHEST);
  g_assert_cmpint(exam.main_modality, ==, ITV_MODALITY_PT);
  g_assert_cmpint(exam.laterality, ==, ITV_LATERALITY_LEFT);
  const ItvExamTerms coded_side = {.code = "C1", .laterality = ITV_LATERALITY_RIGHT};
  g_assert_cmpint(itv_exam_of(lexicon, &coded_side).laterality, ==, ITV_LATERALITY_RIGHT);
  const ItvExamTerms by_words = {.description = "SPECIAL  7", .modality = ITV_MODALITY_XR};
  exam = itv_exam_of(lexicon, &by_words);
  g_assert_cmpint(exam.main_region, ==, ITV_REGION_KNEE);
  g_assert_cmpint(exam.main_modality, ==, ITV_MODALITY_XR);
  const ItvExamTerms unknown = {.code = "C2", .description = "MR BRAIN"};
  g_assert_cmpint(itv_exam_of(lexicon, &unknown).main_region, ==, ITV_REGION_BRAIN);
}

/* The entry for that very sender goes before those for fewer of its names. */
static void
test_sender(void)
{
  g_autoptr(ItvExamLexicon) lexicon =
      lexicon_with("<exam code='1' region='chest'/>"
                   "<exam code='1' facility='South' region='knee'/>"
                   "<exam code='1' application='RIS' region='hip'/>"
                   "<exam code='1' application='RIS' facility='SOUTH' region='hand'/>");
  static const struct {
    const char *sender;
    ItvRegion region;
  } cases[] = {{NULL, ITV_REGION_CHEST},        {"", ITV_REGION_CHEST},
               {"LAB^NORTH", ITV_REGION_CHEST}, {"LAB^SOUTH", ITV_REGION_KNEE},
               {"ris^NORTH", ITV_REGION_HIP},   {"RIS", ITV_REGION_HIP},
               {"RIS^south", ITV_REGION_HAND}};
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    const ItvExamTerms terms = {.code = "1", .sender = cases[i].sender};
    g_assert_cmpint(itv_exam_of(lexicon, &terms).main_region, ==, cases[i].region);
  }
}

static void
test_modality_and_part(void)
{
  g_autoptr(ItvExamLexicon) lexicon = lexicon_with("<modality code='ROE' is='XR'/>"
                                                   "<body-part code='THX' region='chest'/>"
                                                   "<exam code='BX' procedure='biopsy'/>");
  const ItvExamTerms film = {.modality_code = "roe", .body_part = "THX"};
  const ItvExam exam = itv_exam_of(lexicon, &film);
  g_assert_cmpint(exam.main_modality, ==, ITV_MODALITY_XR);
  g_assert_cmpint(exam.main_region, ==, ITV_REGION_CHEST);
  const ItvExamTerms known = {.modality_code = "ROE", .modality = ITV_MODALITY_CT};
  g_assert_cmpint(itv_exam_of(lexicon, &known).main_modality, ==, ITV_MODALITY_CT);
  const ItvExamTerms act = {.code = "BX"};
  g_assert_cmpuint(itv_exam_of(lexicon, &act).acts, !=, 0);
}

/* What a person said stands; what words made of the same part goes. */
static void
test_said_region(void)
{
  g_autoptr(ItvExamLexicon) lexicon = lexicon_with("");
  const ItvExamTerms lung = {
      .description = "CT lung", .modality = ITV_MODALITY_CT, .region = ITV_REGION_LUNG};
  g_assert_cmpuint(itv_exam_of(lexicon, &lung).regions, ==, ITV_REGION_BIT(ITV_REGION_LUNG));
  const ItvExamTerms two = {
      .description = "CT chest and knee", .modality = ITV_MODALITY_CT, .region = ITV_REGION_LUNG};
  g_assert_cmpuint(itv_exam_of(lexicon, &two).regions, ==,
                   ITV_REGION_BIT(ITV_REGION_LUNG) | ITV_REGION_BIT(ITV_REGION_KNEE));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/code-map/before-words", test_before_words);
  g_test_add_func("/code-map/sender", test_sender);
  g_test_add_func("/code-map/modality-and-part", test_modality_and_part);
  g_test_add_func("/code-map/said-region", test_said_region);
  return g_test_run();
}
