/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/letter.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"

static char *
source_path(const char *below)
{
  const char *root = g_getenv("ITV_SOURCE_DIR");
  g_assert_nonnull(root);
  return g_build_filename(root, below, NULL);
}

static ItvLetter *
load(const char *name)
{
  g_autofree char *below = g_strdup_printf("config/letters/%s.xml", name);
  g_autofree char *path = source_path(below), *xsd = source_path("schemas/letter.xsd");
  g_autoptr(GError) error = NULL;
  ItvLetter *letter = itv_letter_load(path, xsd, &error);
  g_assert_no_error(error);
  return letter;
}

static ItvFollowup *
item(ItvStatus status)
{
  ItvFollowup *f = itv_followup_new();
  f->status = status;
  f->kind = ITV_KIND_OF_IMAGING;
  f->modalities = ITV_MODALITY_BIT(ITV_MODALITY_CT);
  f->region = ITV_REGION_LUNG;
  f->finding = g_strdup("suspected {patient.id} carcinoma");
  f->evidence_text = g_strdup("Suspected carcinoma. Recommend CT in 6 months.");
  itv_date_parse("2024-01-10", &f->recommended_on);
  itv_date_parse("2024-07-10", &f->due_from);
  f->due_until = f->due_from;
  itv_date_parse("2024-08-09", &f->overdue_after);
  return f;
}

static ItvLetterFacts
facts_of(const ItvFollowup *f)
{
  ItvLetterFacts facts = {.item = f,
                          .patient_name = "O'NEIL-ÅBERG^ANNA^M",
                          .patient_id = "SYNTH1",
                          .birth_date = ITV_DATE_NONE,
                          .referrer = "GRAY^GUS",
                          .exam = "CT CHEST W",
                          .exam_modality = ITV_MODALITY_CT,
                          .exam_region = ITV_REGION_CHEST,
                          .report = "A1",
                          .site_name = "North Clinic",
                          .site_phone = "555 0100"};
  itv_date_parse("2024-09-01", &facts.today);
  return facts;
}

static char *
text_of(const char *name, const ItvFollowup *f)
{
  g_autoptr(ItvLetter) letter = load(name);
  const ItvLetterFacts facts = facts_of(f);
  g_autoptr(GArray) parts = itv_letter_fill(letter, &facts);
  GString *s = g_string_new(NULL);
  for (guint i = 0; i < parts->len; i++)
    g_string_append_printf(s, "%s\n", g_array_index(parts, ItvLetterPart, i).text);
  return g_string_free(s, FALSE);
}

static void
assert_has(const char *text, const char *part)
{
  if (!strstr(text, part))
    g_test_fail_printf("\"%s\" is not in:\n%s", part, text);
}

/* What a report suspects is not for a letter to tell a patient. */
static void
test_patient(void)
{
  static const ItvStatus statuses[] = {ITV_STATUS_OVERDUE, ITV_STATUS_DUE, ITV_STATUS_NOT_DUE,
                                       ITV_STATUS_SCHEDULED};
  static const char *const names[] = {"patient-en", "patient-de"};
  for (gsize n = 0; n < G_N_ELEMENTS(names); n++)
    for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++) {
      g_autoptr(ItvFollowup) f = item(statuses[i]);
      f->scheduled_for = f->due_from;
      g_autofree char *text = text_of(names[n], f);
      g_autofree char *lower = g_utf8_strdown(text, -1);
      g_assert_null(strstr(lower, "carcinoma"));
      g_assert_null(strchr(text, '{'));
      assert_has(text, "555 0100");
      assert_has(text, "Anna M O'Neil-Åberg");
      assert_has(text, "A1");
    }
  g_autoptr(ItvFollowup) f = item(ITV_STATUS_OVERDUE);
  g_autofree char *text = text_of("patient-en", f);
  assert_has(text, "On 10 January 2024 you had an exam with us: CT scan of the chest.");
  assert_has(text, "\nCT scan of the lungs\n");
  assert_has(text, "It was due by 10 July 2024.");
  g_assert_null(strstr(text, "It is due now"));
  g_autofree char *german = text_of("patient-de", f);
  assert_has(german, "10. Januar 2024");
}

/* The referrer gets the report's own words; what they hold is no placeholder. */
static void
test_referrer(void)
{
  g_autoptr(ItvFollowup) f = item(ITV_STATUS_OVERDUE);
  g_autofree char *text = text_of("referrer-en", f);
  assert_has(text, "Dear Gus Gray,");
  assert_has(text, "Suspected carcinoma. Recommend CT in 6 months.");
  assert_has(text, "suspected {patient.id} carcinoma");
  assert_has(text, "It was due on 10 July 2024 and counts as overdue after 9 August 2024");
  f->due_until += 14;
  g_autofree char *span = text_of("referrer-en", f);
  assert_has(span, "from 10 July 2024 until 24 July 2024");
}

/* A visit that a protocol plans: no report asked for it. */
static void
test_protocol(void)
{
  g_autoptr(ItvFollowup) f = item(ITV_STATUS_DUE);
  g_autoptr(ItvLetter) letter = load("patient-en");
  ItvLetterFacts facts = facts_of(f);
  facts.report = NULL;
  g_autoptr(GArray) parts = itv_letter_fill(letter, &facts);
  g_autoptr(GString) s = g_string_new(NULL);
  for (guint i = 0; i < parts->len; i++)
    g_string_append_printf(s, "%s\n", g_array_index(parts, ItvLetterPart, i).text);
  assert_has(s->str, "On 10 January 2024 you had surgery.");
  g_assert_null(strstr(s->str, "The doctor who read it"));
}

static void
test_names(void)
{
  static const struct {
    const char *name, *expected;
  } cases[] = {{"DOE^JANE", "Jane Doe"},
               {"McDonald^Ann^B", "Ann B McDonald"},
               {"ÖZ^ÜMİT", NULL},
               {"SMITH", "Smith"},
               {"VAN DER BERG^J", "J Van Der Berg"},
               {"", ""},
               {NULL, ""},
               {"^^", ""},
               {"\xff\xfe", ""}};
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *got = itv_letter_name(cases[i].name);
    g_assert_true(g_utf8_validate(got, -1, NULL));
    if (cases[i].expected)
      g_assert_cmpstr(got, ==, cases[i].expected);
  }
}

static void
assert_refused(const char *xml, const char *reason)
{
  g_autofree char *path = g_build_filename(g_get_tmp_dir(), "itv-letter-XXXXXX.xml", NULL);
  g_close(g_mkstemp(path), NULL);
  g_assert_true(g_file_set_contents(path, xml, -1, NULL));
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvLetter) letter = itv_letter_load(path, NULL, &error);
  g_unlink(path);
  g_assert_null(letter);
  g_assert_error(error, ITV_ERROR, ITV_ERROR_CONFIG);
  g_assert_nonnull(strstr(error->message, reason));
}

static void
test_bad_templates(void)
{
  assert_refused("<letter to='patient'>\n<p>Dear {patient.nmae}</p></letter>",
                 ":2: {patient.nmae}");
  assert_refused("<letter to='patient'><p>Dear {patient.name</p></letter>", "no placeholder");
  assert_refused("<letter to='patient'><p if='moon'>x</p></letter>", "moon");
  assert_refused("<letter to='dog'><p>x</p></letter>", "patient, referrer");
  assert_refused("<letter to='patient'><img/></letter>", "<img>");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/letter/patient", test_patient);
  g_test_add_func("/letter/referrer", test_referrer);
  g_test_add_func("/letter/protocol", test_protocol);
  g_test_add_func("/letter/names", test_names);
  g_test_add_func("/letter/bad-templates", test_bad_templates);
  return g_test_run();
}
