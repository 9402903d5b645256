/* SPDX-License-Identifier: Apache-2.0
 *
 * Every rule of records.xml, on the real file.
 */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "plugin/schema.h"

static ItvSchema *schema;

static char *
source_file(const char *name)
{
  return g_build_filename(g_getenv("ITV_SOURCE_DIR"), "schemas", name, NULL);
}

/* NULL when the record is fine, else the message (owned). */
static char *
problem(const char *name, const itv_field *fields, gsize n, const char *kind)
{
  const itv_record record = {name, fields, n};
  g_autoptr(GError) error = NULL;
  if (itv_schema_check(schema, &record, kind, &error)) {
    g_assert_no_error(error);
    return NULL;
  }
  return g_strdup(error->message);
}

#define REFUSED(words, name, ...)                                                                  \
  do {                                                                                             \
    const itv_field fields_[] = {__VA_ARGS__};                                                     \
    g_autofree char *p_ = problem(name, fields_, G_N_ELEMENTS(fields_), NULL);                     \
    if (!p_ || !strstr(p_, words))                                                                 \
      g_error("line %d: %s", __LINE__, p_ ? p_ : "accepted");                                      \
  } while (0)
#define ACCEPTED(name, ...)                                                                        \
  do {                                                                                             \
    const itv_field fields_[] = {__VA_ARGS__};                                                     \
    g_autofree char *p_ = problem(name, fields_, G_N_ELEMENTS(fields_), NULL);                     \
    if (p_)                                                                                        \
      g_error("line %d: %s", __LINE__, p_);                                                        \
  } while (0)

#define M "interval.measurement/1"
#define LONG ITV_STR("measure", "long-axis")
#define P "interval.patient/1"
#define ID ITV_STR("id", "SYNTH-1")

static void
test_numbers(void)
{
  ACCEPTED(M, LONG, ITV_F64("value", 12.5, "mm"));
  ACCEPTED(M, LONG, ITV_F64("value", -3, "[hnsf'U]"));
  REFUSED("finite", M, LONG, ITV_F64("value", NAN, "mm"));
  REFUSED("finite", M, LONG, ITV_F64("value", -INFINITY, "mm"));
  REFUSED("not none", M, LONG, ITV_F64("value", 1, NULL));
  REFUSED("not \"m\"", M, LONG, ITV_F64("value", 1, "m"));
  REFUSED("ITV_F64", M, LONG, ITV_I64("value", 1, "mm"));
  REFUSED("at least 0", M, LONG, ITV_F64("value", 1, "mm"), ITV_F64("slice-thickness", -1, "mm"));
  REFUSED("0 to 1", "interval.quality/1", ITV_STR("comparable", "Y"), ITV_F64("score", 1.01, "1"));
  ACCEPTED("interval.quality/1", ITV_STR("comparable", "Y"), ITV_F64("score", 1, "1"));
  REFUSED("no unit", "interval.pixels/1", ITV_I64("volume", 1, "mm"));
}

static void
test_strings(void)
{
  g_autofree char *long_text = g_strnfill(1025, 'x');
  g_autofree char *fits = g_strnfill(1024, 'x');
  ACCEPTED(P, ID, ITV_STR("address", fits));
  REFUSED("at most 1024 bytes", P, ID, ITV_STR("address", long_text));
  REFUSED("valid UTF-8", P, ID, ITV_STR("address", "\xff"));
  REFUSED("not NULL", P, ITV_STR("id", NULL));
  REFUSED("as ITV_STR", P, ITV_I64("id", 7, NULL));
  REFUSED("a code of \"sex\"", P, ID, ITV_STR("sex", "female"));
  ACCEPTED(P, ID, ITV_STR("sex", "F"));
}

static void
test_syntax(void)
{
  static const char *const good_dates[] = {"1950", "1950-02", "2024-02-29"};
  static const char *const bad_dates[] = {
      "", "24", "2023-02-29", "2024-13", "2024-1-1", "20240229", "2024-02-29T10:00", "2024-02-29 "};
  for (gsize i = 0; i < G_N_ELEMENTS(good_dates); i++)
    ACCEPTED(P, ID, ITV_STR("birth-date", good_dates[i]));
  for (gsize i = 0; i < G_N_ELEMENTS(bad_dates); i++)
    REFUSED("a date", P, ID, ITV_STR("birth-date", bad_dates[i]));
  ACCEPTED(P, ID, ITV_STR("death-date", "2024-02-29T23:59:59"));
  ACCEPTED(P, ID, ITV_STR("death-date", "2024-02-29"));
  REFUSED("a date or local time", P, ID, ITV_STR("death-date", "2024-02-29T24:30"));
  REFUSED("a date or local time", P, ID, ITV_STR("death-date", "2024-02-29T10:00:00Z"));
#define IMG                                                                                        \
  ITV_STR("series-uid", "1.2"), ITV_STR("sop-uid", "1.2.3"), ITV_STR("modality", "CT"),            \
      ITV_STR("pixels", "absent")
  ACCEPTED("interval.image/1", IMG, ITV_STR("study-uid", "1.2.840.0"));
  REFUSED("DICOM UID", "interval.image/1", IMG, ITV_STR("study-uid", "1..2"));
  REFUSED("DICOM UID", "interval.image/1", IMG, ITV_STR("study-uid", "1.2."));
  REFUSED("DICOM UID", "interval.image/1", IMG, ITV_STR("study-uid", "1.2a"));
  REFUSED("required key \"study-uid\"", "interval.image/1", IMG);
#define REC                                                                                        \
  ITV_I64("start", 0, "By"), ITV_I64("end", 5, "By"), ITV_STR("kind", "imaging"),                  \
      ITV_STR("conditional", "N"), ITV_STR("strength", "recommend"), ITV_STR("rule", "r")
  ACCEPTED("interval.recommendation/1", REC, ITV_STR("latest", "P1Y6M"));
  REFUSED("period", "interval.recommendation/1", REC, ITV_STR("latest", "6 months"));
  REFUSED("period", "interval.recommendation/1", REC, ITV_STR("latest", "PT5H"));
}

static void
test_presence(void)
{
  REFUSED("required key \"id\"", P, ITV_STR("sex", "F"));
  REFUSED("only once", P, ID, ID);
  ACCEPTED(P, ID, ITV_STR("phone", "1"), ITV_STR("phone", "2"));
  REFUSED("no key \"shoe-size\"", P, ID, ITV_STR("shoe-size", "42"));
  REFUSED("no record \"interval.patient/2\"", "interval.patient/2", ID);
  REFUSED("no key", P, ID, ITV_STR(NULL, "x"));
  g_autofree char *p = problem(NULL, NULL, 0, NULL);
  g_assert_cmpstr(p, ==, "a record has no name");
}

static void
test_direction(void)
{
  const itv_field id[] = {ID};
  g_autofree char *fine = problem(P, id, 1, ITV_KIND_IMPORTER);
  g_autofree char *wrong = problem(P, id, 1, ITV_KIND_QUALITY);
  g_autofree char *unknown = problem(P, id, 1, "interval.import/1");
  g_assert_null(fine);
  g_assert_nonnull(wrong);
  g_assert_nonnull(unknown);
}

static void
test_hostile_words_in_messages(void)
{
  const itv_field fields[] = {ID, ITV_STR("sex",
                                          "\x1b[31m\n\xf0\x9f\x98\x80 and so on and on, for a very "
                                          "long time, until nobody listens any more")};
  g_autofree char *p = problem(P, fields, 2, NULL);
  g_assert_nonnull(p);
  g_assert_true(g_utf8_validate(p, -1, NULL));
  g_assert_null(strpbrk(p, "\x1b\n"));
  g_assert_cmpuint(strlen(p), <, 400);
}

static void
test_broken_schemas(void)
{
  g_autofree char *xsd = source_file("records.xsd");
  g_autofree char *path = g_strdup_printf("%s/itv-records-%d.xml", g_get_tmp_dir(), (int)getpid());
  static const char *const bodies[] = {
      "<record name='a.b/1'><field key='k' type='code' codes='none'/></record>",
      "<record name='a.b/1'><field key='k' type='float'/></record>",
      "<record name='a.b'><field key='k' type='i64'/></record>",
      "<record name='a.b/1'><field key='k' type='i64'/><field key='k' type='i64'/></record>", ""};
  for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
    g_autofree char *text =
        g_strdup_printf("<records xmlns='urn:interval:records:1'>%s</records>", bodies[i]);
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_null(itv_schema_load(path, xsd, &error));
    g_assert_nonnull(strstr(error->message, path));
  }
  g_unlink(path);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_autofree char *xml = source_file("records.xml"), *xsd = source_file("records.xsd");
  g_autoptr(GError) error = NULL;
  schema = itv_schema_load(xml, xsd, &error);
  g_assert_no_error(error);
  g_test_add_func("/schema/numbers", test_numbers);
  g_test_add_func("/schema/strings", test_strings);
  g_test_add_func("/schema/syntax", test_syntax);
  g_test_add_func("/schema/presence", test_presence);
  g_test_add_func("/schema/direction", test_direction);
  g_test_add_func("/schema/messages", test_hostile_words_in_messages);
  g_test_add_func("/schema/broken", test_broken_schemas);
  const int status = g_test_run();
  itv_schema_free(schema);
  return status;
}
