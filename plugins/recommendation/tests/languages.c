/* SPDX-License-Identifier: Apache-2.0
 *
 * Another language is another file: the same engine with config/lexicon/de.xml.
 * And a clinic's own words, laid over the lexicon of the language.
 */
#include <glib/gstdio.h>

#include "runner.h"

static const Row german[] = {
    {"CT chest",
     "Beurteilung: 7 mm solider Rundherd im rechten Oberlappen. CT-Kontrolle in 6-12 Monaten "
     "empfohlen.",
     "imaging CT chest P6M..P12M"},
    {"CT chest", "Wir empfehlen eine CT-Kontrolle des Thorax in 3 Monaten.",
     "imaging CT chest P3M..P3M"},
    {"CT abdomen", "Empfehlung: MRT der Leber zur weiteren Abklärung.", "imaging MR liver"},
    {"CT abdomen", "Jährliche sonographische Kontrolle der Nierenzyste links empfohlen.",
     "imaging US kidney left P1Y..P1Y every P1Y"},
    {"US liver", "Sonographische Verlaufskontrolle alle 6 Monate empfohlen.",
     "imaging US liver P6M..P6M every P6M"},
    {"MR knee", "Röntgenkontrolle in sechs Wochen.", "imaging XR knee P6W..P6W"},
    {"US thyroid", "Feinnadelpunktion des Knotens im linken Schilddrüsenlappen empfohlen.",
     "procedure thyroid left"},
    {"CT abdomen", "Beurteilung: Nierentumor rechts. Urologische Vorstellung empfohlen.",
     "referral kidney right"},
    {"CT chest", "Wenn die Beschwerden persistieren, sollte eine Bronchoskopie erfolgen.",
     "procedure chest if"},
    {"CT chest", "Beurteilung: Stabiler Rundherd. Keine weitere Kontrolle erforderlich.",
     "no-follow-up of nodule"},
    {"CT chest",
     "Klinische Angaben: CT-Kontrolle in 3 Monaten empfohlen bei Rundherd.\n\nBefund: Kein "
     "Rundherd.\n\nBeurteilung: Unauffällig.",
     ""},
    {"CT chest", "Der Rundherd ist nicht mehr nachweisbar.", "resolved of nodule"},
    {"CT head", "Umgehende neurochirurgische Vorstellung empfohlen.", "referral head P0D..P0D"},
    {"MR brain", "Erneute MRT des Kopfes im Juni 2024 empfohlen.", "imaging MR head"},
    {"MR brain 2024-01-31", "Erneute MRT des Kopfes im Juni 2024 empfohlen.",
     "imaging MR head P122D..P122D"},
};

static TestHost *
host_of(const char *language, const char *local)
{
  g_autofree char *name = g_strconcat(language, ".xml", NULL);
  g_autofree char *path =
      g_build_filename(g_getenv("ITV_SOURCE_DIR"), "config", "lexicon", name, NULL);
  const char *resources[] = {"lexicon", path, local ? "local" : NULL, local, NULL};
  const char *config[] = {NULL};
  return test_host_new_with(&itv_plugin_entry, config, resources);
}

static void
test_german(void)
{
  g_autoptr(TestHost) host = host_of("de", NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(german); i++) {
    g_autofree char *got = runner_answer(host, german[i].exam, german[i].text);
    if (g_strcmp0(got, german[i].answer) != 0)
      g_test_message("exam %s, text \"%s\"", german[i].exam, german[i].text);
    g_assert_cmpstr(got, ==, german[i].answer);
  }
}

/* A decimal comma, a German unit, a size of before. */
static void
test_german_finding(void)
{
  static const char text[] =
      "Befund: Im linken Unterlappen teilsolider Rundherd, 1,2 x 0,8 cm, zuvor 9 x 7 mm.";
  g_autoptr(TestHost) host = host_of("de", NULL);
  g_assert_cmpint(runner_run(host, "CT chest", text, strlen(text)), ==, ITV_OK);
  const itv_record *r = test_host_find(host, "interval.finding/1", 0);
  g_assert_nonnull(r);
  g_assert_cmpstr(runner_str(r, "finding-head"), ==, "nodule");
  g_assert_cmpstr(runner_str(r, "density"), ==, "part-solid");
  g_assert_cmpstr(runner_str(r, "laterality"), ==, "left");
  g_assert_cmpfloat_with_epsilon(itv_record_f64(r, "size", 0), 12, 1e-4);
  g_assert_cmpfloat_with_epsilon(itv_record_field(r, "size", 1)->v.f64, 8, 1e-4);
  g_assert_cmpfloat_with_epsilon(itv_record_f64(r, "prior", 0), 9, 1e-4);
}

/* A house name for an exam, and a phrase that means another thing here. */
static void
test_local(void)
{
  static const char xml[] =
      "<lexicon xmlns=\"urn:interval:lexicon:1\" lang=\"en\" version=\"1\">"
      "<group class=\"action\"><term name=\"house-check\" kind=\"imaging\" modality=\"CT\" "
      "region=\"chest\">lung check study, spot views</term></group></lexicon>";
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp("SYNTH-local-XXXXXX.xml", &path, NULL);
  g_assert_cmpint(fd, >=, 0);
  g_assert_true(g_close(fd, NULL) && g_file_set_contents(path, xml, -1, NULL));
  g_autoptr(TestHost) plain = host_of("en", NULL);
  g_autoptr(TestHost) with = host_of("en", path);
  static const Row rows[] = {
      {"XR chest", "Recommend lung check study in 6 months.", "imaging CT chest P6M..P6M"},
      {"XR chest", "Recommend spot views in 6 months.", "imaging CT chest P6M..P6M"},
      {"XR chest", "Recommend MRI of the knee in 6 months.", "imaging MR knee P6M..P6M"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *got = runner_answer(with, rows[i].exam, rows[i].text);
    g_assert_cmpstr(got, ==, rows[i].answer);
  }
  g_autofree char *before = runner_answer(plain, rows[0].exam, rows[0].text);
  g_assert_cmpstr(before, !=, rows[0].answer);
  g_unlink(path);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/recommendation/languages/german", test_german);
  g_test_add_func("/recommendation/languages/german-finding", test_german_finding);
  g_test_add_func("/recommendation/languages/local", test_local);
  return g_test_run();
}
