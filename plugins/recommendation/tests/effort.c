/* SPDX-License-Identifier: Apache-2.0
 *
 * Twice the text is at most twice the work and a little, whatever the text:
 * counted in look-ups, not in seconds, so that a busy machine changes nothing.
 */
#include "engine.h"
#include "runner.h"

static Lexicon *lexicon;

static uint64_t
work_of(const char *unit, size_t n)
{
  Answer answer = {NULL};
  const Context context = {.modalities = 2, .regions = {region_named("chest")}, .n_regions = 1};
  GString *s = g_string_sized_new(n);
  while (s->len + strlen(unit) <= n)
    g_string_append(s, unit);
  g_assert_true(engine_run(lexicon, &context, s->str, s->len, NULL, NULL, &answer));
  g_string_free(s, TRUE);
  uint64_t work = answer.work;
  answer_clear(&answer);
  return work;
}

static void
test_linear(void)
{
  static const char *const units[] = {
      "if if if ",
      "recommend CT in 6 months and ",
      "Recommend CT in 6 months if it grows. ",
      "no no not ",
      "6 x 6 mm nodule ",
      "8 mm nodule in the right upper lobe. ",
      "in 6, 6, 6 and 6 months ",
      "Indication: ",
      "Indication: cough.\nClear.\n",
      "IMPRESSION:\n1. CT or MRI of the brain and spine then yearly. ",
      "follow-up with CT or ",
      "should should it ",
      "left right ",
      "urology and ENT referral ",
      "( ",
      "a.",
      "\n",
      "A: ",
      "12/12/2024 ",
      "fleischner society guidelines recommend nodules ",
      "x",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
    uint64_t once = work_of(units[i], 32 * 1024), twice = work_of(units[i], 64 * 1024);
    if (twice > 2 * once + once / 5 + 2000)
      g_test_message("\"%s\": %" G_GUINT64_FORMAT " look-ups, then %" G_GUINT64_FORMAT, units[i],
                     (guint64)once, (guint64)twice);
    g_assert_cmpuint(twice, <=, 2 * once + once / 5 + 2000);
    /* and no byte costs more than this many */
    g_assert_cmpuint(twice, <=, (uint64_t)64 * 1024 * 400);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_autofree char *path =
      g_build_filename(g_getenv("ITV_SOURCE_DIR"), "config", "lexicon", "en.xml", NULL);
  g_autofree char *bytes = NULL, *why = NULL;
  gsize n = 0;
  g_assert_true(g_file_get_contents(path, &bytes, &n, NULL));
  lexicon = lexicon_parse(bytes, n, &why);
  g_assert_nonnull(lexicon);
  g_test_add_func("/recommendation/effort/linear", test_linear);
  const int status = g_test_run();
  lexicon_free(lexicon);
  return status;
}
