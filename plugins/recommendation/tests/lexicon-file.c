/* SPDX-License-Identifier: Apache-2.0
 *
 * Lexicons that must be refused, with the line and the reason, and one in
 * another language that must work without a change of code.
 */
#include <glib/gstdio.h>

#include "lexicon.h"
#include "runner.h"

#define HEAD "<lexicon xmlns=\"urn:interval:lexicon:1\" lang=\"de\" version=\"1\">\n"

static void
refused(const char *xml, const char *reason)
{
  g_autofree char *why = NULL;
  Lexicon *lexicon = lexicon_parse(xml, strlen(xml), &why);
  if (lexicon != NULL)
    g_test_message("accepted: %s", xml);
  g_assert_null(lexicon);
  g_assert_nonnull(why);
  if (strstr(why, reason) == NULL)
    g_test_message("got \"%s\", expected \"%s\"", why, reason);
  g_assert_nonnull(strstr(why, reason));
}

static void
test_refused(void)
{
  refused("", "line");
  refused("<a/>", "the root is not <lexicon");
  refused(HEAD "</lexicon>", "holds no term");
  refused(HEAD "<group class=\"verbs\"/></lexicon>", "line 2: class=\"verbs\"");
  refused(HEAD "<group class=\"cue\"><term role=\"verb\">x</term></group></lexicon>",
          "without a name");
  refused(HEAD "<group class=\"cue\"><term name=\"x\" role=\"unit\">x</term></group></lexicon>",
          "role=\"unit\"");
  refused(HEAD "<group class=\"site\"><term name=\"x\" region=\"ear\">x</term></group></lexicon>",
          "region=\"ear\"");
  refused(HEAD "<group class=\"time\"><term name=\"x\" role=\"unit\" "
               "period=\"P1X\">x</term></group></lexicon>",
          "period=\"P1X\"");
  refused(HEAD "<group class=\"site\">\n<term name=\"a\">x</term>\n<term name=\"b\">y, "
               "X</term></group></lexicon>",
          "line 4: phrase \"X\" stands in two terms, \"a\" and \"b\"");
  refused(HEAD "<group class=\"site\"><term name=\"a\"> , </term></group></lexicon>", "0 words");
  refused(HEAD "<pattern name=\"p\" type=\"veto\" priority=\"1\">(</pattern></lexicon>",
          "pattern \"p\", position 1");
  refused("<!DOCTYPE lexicon [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>" HEAD
          "<group class=\"site\"><term name=\"a\">&e;</term></group></lexicon>",
          "DOCTYPE");
}

static const char german[] =
    HEAD "<group class=\"action\"><term name=\"ct\" kind=\"imaging\" modality=\"CT\">ct</term>"
         "<term name=\"mrt\" kind=\"imaging\" modality=\"MR\">mrt</term></group>"
         "<group class=\"cue\"><term name=\"empfohlen\" role=\"participle\">empfohlen</term>"
         "<term name=\"nicht\" role=\"negation\">nicht, kein(e|en)</term></group>"
         "<group class=\"word\"><term name=\"sein\" role=\"be\">ist, wird</term>"
         "<term name=\"oder\" role=\"or\">oder</term></group>"
         "<group class=\"site\" role=\"anatomy\"><term name=\"leber\" "
         "region=\"liver\">leber</term></group>"
         "<group class=\"time\"><term name=\"in\" role=\"at\">in</term>"
         "<term name=\"bis\" role=\"range\">bis</term>"
         "<term name=\"monat\" role=\"unit\" period=\"P1M\">monat(en|e)</term></group></lexicon>";

static void
test_german(void)
{
  g_autofree char *path = NULL;
  gint fd = g_file_open_tmp("lexicon-XXXXXX", &path, NULL);
  g_assert_cmpint(fd, >=, 0);
  g_close(fd, NULL);
  g_assert_true(g_file_set_contents(path, german, -1, NULL));
  const char *resources[] = {"lexicon", path, NULL};
  const char *config[] = {NULL};
  TestHost *host = test_host_new_with(&itv_plugin_entry, config, resources);
  g_autofree char *got =
      runner_answer(host, "US liver", "Leber MRT oder CT in 3 bis 6 Monaten wird empfohlen.");
  g_assert_cmpstr(got, ==, "imaging CT+MR liver P3M..P6M");
  g_autofree char *none = runner_answer(host, "US liver", "Leber MRT wird nicht empfohlen.");
  g_assert_cmpstr(none, ==, "");
  test_host_free(host);
  g_unlink(path);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/recommendation/lexicon/refused", test_refused);
  g_test_add_func("/recommendation/lexicon/german", test_german);
  return g_test_run();
}
