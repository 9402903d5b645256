/* SPDX-License-Identifier: Apache-2.0
 *
 * Linkage of patient ids: comparators, levels, guards, zones, blocking; and that neither
 * order nor repetition matter.
 */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "engine/linkage-internal.h"
#include "engine/linkage-text.h"

static ItvLinkage *linkage;

/* "name=A^B sex=M ..." with fields parted by "|". */
static ItvPersona *
persona(const char *text)
{
  g_auto(GStrv) parts = g_strsplit(text, "|", -1);
  g_autofree itv_field *fields = g_new0(itv_field, g_strv_length(parts) + 1);
  gsize n = 0;
  for (guint i = 0; parts[i]; i++) {
    char *eq = strchr(parts[i], '=');
    g_assert_nonnull(eq);
    *eq = 0;
    if (strcmp(parts[i], "birth-order") == 0)
      fields[n++] = (itv_field)ITV_I64(parts[i], g_ascii_strtoll(eq + 1, NULL, 10), NULL);
    else
      fields[n++] = (itv_field)ITV_STR(parts[i], eq + 1);
  }
  const itv_record r = {"interval.patient/1", fields, n};
  ItvPersona *p = itv_persona_new();
  itv_persona_add(p, linkage, &r);
  return p;
}

static ItvLinkVerdict *
compare(const char *a, const char *b, const ItvLinkContext *context)
{
  g_autoptr(ItvPersona) x = persona(a);
  g_autoptr(ItvPersona) y = persona(b);
  g_autoptr(ItvLinkVerdict) back = itv_linkage_compare(linkage, y, x, context, NULL);
  ItvLinkVerdict *v = itv_linkage_compare(linkage, x, y, context, NULL);
  g_assert_cmpfloat(fabs(v->weight - back->weight), <, 1e-9);
  g_assert_cmpint(v->zone, ==, back->zone);
  return v;
}

static const ItvLinkReason *
reason(const ItvLinkVerdict *v, const char *field, gboolean guard)
{
  for (guint i = 0; i < v->reasons->len; i++) {
    const ItvLinkReason *r = v->reasons->pdata[i];
    if (r->guard == guard && strcmp(guard ? r->level : r->field, field) == 0)
      return r;
  }
  return NULL;
}

/* ---- comparators ------------------------------------------------------------------ */

static void
test_fold(void)
{
  static const char *const rows[][2] = {{"O'Neill", "ONEILL"},
                                        {"Müller-Lüdenscheidt", "MULLER LUDENSCHEIDT"},
                                        {"  van  der Berg ", "VAN DER BERG"},
                                        {"Strauß", "STRAUSS"},
                                        {"D’Arcy", "DARCY"},
                                        {"Ångström", "ANGSTROM"},
                                        {"", ""},
                                        {"...", ""},
                                        {"Łódź", "LODZ"},
                                        {"12 Main St.", "12 MAIN ST"}};
  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *folded = itv_link_fold(rows[i][0]);
    g_assert_cmpstr(folded, ==, rows[i][1]);
  }
  g_autofree char *broken = itv_link_fold("A\xff\xfeZ");
  g_assert_true(g_utf8_validate(broken, -1, NULL));
  g_autofree char *kanji = itv_link_fold("山田");
  g_assert_cmpstr(kanji, ==, "山田");
}

/* The examples of Winkler's papers. */
static void
test_jaro_winkler(void)
{
  static const struct {
    const char *a, *b;
    double expected;
  } rows[] = {{"MARTHA", "MARHTA", 0.9611},
              {"DWAYNE", "DUANE", 0.8400},
              {"DIXON", "DICKSONX", 0.8133},
              {"JONES", "JOHNSON", 0.8324},
              {"ABC", "XYZ", 0},
              {"", "", 1},
              {"A", "", 0},
              {"SAME", "SAME", 1}};
  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_assert_cmpfloat(fabs(itv_link_jaro_winkler(rows[i].a, rows[i].b) - rows[i].expected), <,
                      5e-5);
    g_assert_cmpfloat(fabs(itv_link_jaro_winkler(rows[i].b, rows[i].a) - rows[i].expected), <,
                      5e-5);
  }
}

static void
test_edits(void)
{
  static const struct {
    const char *a, *b;
    guint limit, expected;
  } rows[] = {{"SMITH", "SMITH", 3, 0},      {"SMITH", "SMTIH", 3, 1},    {"SMITH", "SMYTH", 3, 1},
              {"SMITH", "SMITHS", 3, 1},     {"SMITH", "MITH", 3, 1},     {"CA", "ABC", 3, 3},
              {"KITTEN", "SITTING", 5, 3},   {"KITTEN", "SITTING", 2, 3}, {"", "ABCD", 2, 3},
              {"ABCDEFGH", "HGFEDCBA", 1, 2}};
  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
    g_assert_cmpuint(itv_link_edits(rows[i].a, rows[i].b, rows[i].limit), ==, rows[i].expected);
  g_autofree char *long_text = g_strnfill(5000, 'A');
  g_assert_cmpuint(itv_link_edits(long_text, long_text, 1), ==, 0);
}

static void
test_soundex(void)
{
  static const char *const rows[][2] = {
      {"ROBERT", "R163"},  {"RUPERT", "R163"},    {"ASHCRAFT", "A261"},
      {"TYMCZAK", "T522"}, {"PFISTER", "P236"},   {"HONEYMAN", "H555"},
      {"LEE", "L000"},     {"GUTIERREZ", "G362"}, {"", ""}};
  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    char code[5] = {0};
    itv_link_soundex(rows[i][0], code);
    g_assert_cmpstr(code, ==, rows[i][1]);
  }
}

static void
test_dates(void)
{
  static const struct {
    const char *a, *b;
    ItvDatesAgree expected;
  } rows[] = {
      {"19600312", "19600312", ITV_DATES_SAME},   {"19600312", "19601203", ITV_DATES_TURNED},
      {"19600312", "19600313", ITV_DATES_CLOSE},  {"19600312", "19610312", ITV_DATES_CLOSE},
      {"19600312", "19060312", ITV_DATES_CLOSE},  {"19991231", "20000101", ITV_DATES_CLOSE},
      {"19600312", "19600325", ITV_DATES_PART},   {"19600312", "19850728", ITV_DATES_DIFFER},
      {"1960", "19600312", ITV_DATES_PART},       {"196003", "19600312", ITV_DATES_SAME},
      {"1961", "19600312", ITV_DATES_DIFFER},     {"", "19600312", ITV_DATES_DIFFER},
      {"20240228", "20240301", ITV_DATES_DIFFER}, {"20230228", "20230301", ITV_DATES_CLOSE}};
  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_assert_cmpint(itv_link_dates(rows[i].a, rows[i].b), ==, rows[i].expected);
    g_assert_cmpint(itv_link_dates(rows[i].b, rows[i].a), ==, rows[i].expected);
  }
}

/* ---- levels ------------------------------------------------------------------------- */

static void
test_levels(void)
{
  static const struct {
    const char *a, *b, *field, *level;
  } rows[] = {
      {"name=SMITH^JOHN", "name=Smith^John", "family", "same"},
      {"name=MÜLLER^A", "name=MUELLER^A", "family", "same"},
      {"name=O'Neill^A", "name=O NEILL^A", "family", "same"},
      {"name=SMITH^JOHN", "name=SMTIH^JOHN", "family", "close"},
      {"name=JACKSON-MORREY^JO", "name=MORREY^JO", "family", "part"},
      {"name=JACKSONMORREY^JO", "name=JACKSON^JO", "family", "part"},
      {"name=JOHN^SMITH", "name=SMITH^JOHN", "family", "swapped"},
      {"name=JOHNSON^A", "name=JOHNSTONE^A", "family", "near"},
      {"name=SMITH^A", "name=KOWALSKI^A", "family", "differs"},
      {"name=ANON0017^X", "name=ANON0018^X", "family", NULL},
      {"name=P0017^X", "name=P0018^X", "family", "differs"},
      {"name=SMITH^ROBERT", "name=SMITH^BOB", "given", "nickname"},
      {"name=SMITH^ROBERT", "name=SMITH^ROBRET", "given", "close"},
      {"name=SMITH^ROBERT", "name=SMITH^R", "given", "initial"},
      {"name=SMITH^MARY ANN", "name=SMITH^ANN", "given", "part"},
      {"name=SMITH^MARY^LOU", "name=SMITH^LOU", "given", "middle"},
      {"name=SMITH^^LOU", "name=SMITH^LOU", "given", "middle"},
      {"name=SMITH^TWYLA", "name=SMITH^SANYUKTA", "given", "differs"},
      {"name=A^B^CARL", "name=A^B^C", "middle", "initial"},
      {"name=SMITH^JOHN^^^JR", "name=SMITH JR^JOHN", "suffix", "same"},
      {"name=SMITH^JOHN^^^SR", "name=SMITH^JOHN^^^II", "suffix", "differs"},
      {"name=Smith, John", "name=SMITH^JOHN", "given", "same"},
      {"name=John Smith", "name=SMITH^JOHN", "family", "same"},
      {"name=Yamada^Tarou=山田^太郎", "name=YAMADA^TAROU", "family", "same"},
      {"birth-date=1960-03-12", "birth-date=1960-12-03", "birth-date", "turned"},
      {"birth-date=1900-01-01", "birth-date=1900-01-01", "birth-date", NULL},
      {"sex=M", "sex=F", "sex", "differs"},
      {"sex=O", "sex=F", "sex", NULL},
      {"sex=U", "sex=F", "sex", NULL},
      {"address=12 Main Street, Springfield, IL, 62701",
       "address=12 MAIN ST, SPRINGFIELD, IL, 62701", "street", "same"},
      {"address=12 Main Street, Town", "address=21 Main Street, Town", "street", "close"},
      {"address=12 Main Street, Town", "address=345 Oak Ave, Town", "street", "differs"},
      {"address=12 Main Street, Apt 4, Town", "address=9 Oak Ave, Town", "area", "same"},
      {"address=Hauptstraße 12, Wien, , 1010", "address=Hauptstrasse 12, Wien, 1010", "street",
       "same"},
      {"phone=(217)555-0143", "phone=+1 217 555 0143", "phone", "same"},
      {"phone=(217)555-0143", "phone=(312)555-0143", "phone", "part"},
      {"phone=555-0143", "phone=(312)555-0143", "phone", "same"},
      {"phone=999-999-9999", "phone=999-999-9999", "phone", NULL},
      {"phone=12", "phone=12", "phone", NULL},
      {"national-id=SSN:123-45-6780", "national-id=123456780", "national-id", "same"},
      {"national-id=SSN:123-45-6780", "national-id=NI:123456780", "national-id", NULL},
      {"national-id=SSN:123-45-6780", "national-id=SSN:123-45-6781", "national-id", "close"},
      {"national-id=123-45-6789", "national-id=123-45-6789", "national-id", NULL},
      {"mother=Larssen", "mother=Larsson", "mother", "close"},
      {"contact=TODD^PAT", "contact=TODD^PAT", "contact", "same"},
      {"contact=TODD^PAT", "contact=WISE^ALKIRA", "contact", "differs"}};
  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(ItvLinkVerdict) v = compare(rows[i].a, rows[i].b, NULL);
    const ItvLinkReason *r = reason(v, rows[i].field, FALSE);
    g_test_message("%s / %s: %s", rows[i].a, rows[i].b, rows[i].field);
    g_assert_cmpstr(r ? r->level : NULL, ==, rows[i].level);
  }
}

/* ---- zones and guards -------------------------------------------------------------------- */

#define HOME "|address=12 Main St, Troy, MI, 48085|phone=248-555-0143"
#define BASE "name=MORREY^JOANNA^LEE|birth-date=1971-05-23|sex=F" HOME

static void
test_guards(void)
{
  static const struct {
    const char *a, *b, *guard;
    ItvLinkZone zone;
  } rows[] = {
      {BASE, BASE, NULL, ITV_ZONE_CERTAIN},
      /* Twins: all agrees but the given name, or that and the sex. */
      {BASE,
       "name=MORREY^CELESTE^LEE|birth-date=1971-05-23|sex=F|address=12 Main St, Troy, MI, "
       "48085|phone=248-555-0143",
       "given", ITV_ZONE_UNCERTAIN},
      {BASE,
       "name=MORREY^JONAS^LEE|birth-date=1971-05-23|sex=M|address=12 Main St, Troy, MI, "
       "48085|phone=248-555-0143",
       "sex", ITV_ZONE_UNCERTAIN},
      {BASE "|birth-order=1", BASE "|birth-order=2", "birth-order", ITV_ZONE_UNCERTAIN},
      /* Father and son. */
      {"name=FOX^PAUL^^^SR|birth-date=1971-05-23|sex=M|phone=2485550143|address=1 Oak, Troy, 48085",
       "name=FOX^PAUL^^^JR|birth-date=1971-05-23|sex=M|phone=2485550143|address=1 Oak, Troy, 48085",
       "suffix", ITV_ZONE_UNCERTAIN},
      {"name=FOX^PAUL|birth-date=1941-02-20|sex=M|phone=2485550143|address=1 Oak, Troy, 48085",
       "name=FOX^PAUL|birth-date=1971-05-23|sex=M|phone=2485550143|address=1 Oak, Troy, 48085",
       "birth-date", ITV_ZONE_UNCERTAIN},
      {"name=MORREY^BABY BOY|birth-date=2024-05-23|sex=M|phone=2485550143|address=1 Oak, Troy, "
       "48085",
       "name=MORREY^BABY BOY|birth-date=2024-05-23|sex=M|phone=2485550143|address=1 Oak, Troy, "
       "48085",
       "placeholder", ITV_ZONE_UNCERTAIN},
      {"name=MORREY^BABYBOY|birth-date=2024-05-23|sex=M|phone=2485550143|address=1 Oak, Troy, "
       "48085",
       "name=MORREY^NOAH|birth-date=2024-05-23|sex=M|phone=2485550143|address=1 Oak, Troy, 48085",
       "placeholder", ITV_ZONE_UNCERTAIN},
      /* A day beside: a slip asks for more than two records without one. */
      {BASE, "name=MORREY^JOANNA^LEE|birth-date=1971-05-24|sex=F" HOME, "slip", ITV_ZONE_UNCERTAIN},
      {BASE "|contact=FOX^PAT",
       "name=MORREY^JOANNA^LEE|birth-date=1971-05-24|sex=F|contact=FOX^PAT" HOME, NULL,
       ITV_ZONE_CERTAIN},
      /* Twins of similar names; the same with the middle name of the one. */
      {"name=MORREY^JOANNA|birth-date=1971-05-23|sex=F|mother=LARSSEN|contact=FOX^PAT" HOME,
       "name=MORREY^JOHANNA|birth-date=1971-05-23|sex=F|mother=LARSSEN|contact=FOX^PAT" HOME,
       "slip", ITV_ZONE_UNCERTAIN},
      {BASE, "name=MORREY^JOHANNA^LEE|birth-date=1971-05-23|sex=F" HOME, NULL, ITV_ZONE_CERTAIN},
      /* A parent with the same names and birthday; only the mother tells. */
      {BASE "|contact=FOX^PAT",
       "name=MORREY^JOANNA^LEE|birth-date=1941-05-23|sex=F|contact=FOX^PAT" HOME, "slip",
       ITV_ZONE_UNCERTAIN},
      {BASE "|mother=LARSSEN",
       "name=MORREY^JOANNA^LEE|birth-date=1941-05-23|sex=F|mother=LARSSEN" HOME, NULL,
       ITV_ZONE_CERTAIN},
      /* Two slips, however much agrees; names in each other's place are one. */
      {BASE "|mother=LARSSEN|contact=FOX^PAT",
       "name=MOREY^JOANNA^LEE|birth-date=1971-05-24|sex=F|mother=LARSSEN|contact=FOX^PAT" HOME,
       "slip", ITV_ZONE_UNCERTAIN},
      {BASE, "name=JOANNA^MORREY^LEE|birth-date=1971-05-23|sex=F" HOME, NULL, ITV_ZONE_CERTAIN},
      /* An own number excuses slips; one beside it, as that of a twin may be, does not. */
      {"name=MORREY^JOANNA|birth-date=1971-05-23|sex=F|national-id=SSN:231456780",
       "name=MOREY^JOHANNA|birth-date=1971-05-23|sex=F|national-id=SSN:231456780", NULL,
       ITV_ZONE_CERTAIN},
      {"name=MORREY^JOANNA|birth-date=1971-05-23|sex=F|national-id=SSN:231456780" HOME,
       "name=MORREY^JOHANNA|birth-date=1971-05-23|sex=F|national-id=SSN:231456781" HOME, "slip",
       ITV_ZONE_UNCERTAIN},
      {BASE,
       "name=MORREY^JOANNA^LEE|birth-date=1900-01-01|sex=F|address=12 Main St, Troy, MI, "
       "48085|phone=248-555-0143",
       "no-birth-date", ITV_ZONE_UNCERTAIN},
      {"name=MORREY^JOANNA|birth-date=1971-05-23|sex=F",
       "name=MORREY^JOANNA|birth-date=1971-05-23|sex=F", "doubtful", ITV_ZONE_UNCERTAIN},
      {BASE,
       "name=MORREY^JOANNA^RUTH|birth-date=1971-05-23|sex=F|address=12 Main St, Troy, MI, "
       "48085|phone=248-555-0143",
       "middle", ITV_ZONE_UNCERTAIN},
      /* A shared phone alone, a shared birth date alone: nothing. */
      {"name=MORREY^JOANNA|birth-date=1971-05-23|sex=F|phone=2485550143",
       "name=KOWALSKI^PETER|birth-date=1950-01-07|sex=M|phone=2485550143", NULL,
       ITV_ZONE_DIFFERENT},
      {"name=MORREY^JOANNA|birth-date=1971-05-23|sex=F",
       "name=KOWALSKI^PETER|birth-date=1971-05-23|sex=M", NULL, ITV_ZONE_DIFFERENT},
      {"name=TEST^TEST|birth-date=1900-01-01|sex=M", "name=TEST^TEST|birth-date=1900-01-01|sex=M",
       NULL, ITV_ZONE_DIFFERENT},
      {"name=UNKNOWN^UNKNOWN|phone=0000000000", "name=UNKNOWN^UNKNOWN|phone=0000000000", NULL,
       ITV_ZONE_DIFFERENT}};
  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(ItvLinkVerdict) v = compare(rows[i].a, rows[i].b, NULL);
    g_test_message("%s / %s: %.1f %s", rows[i].a, rows[i].b, v->weight,
                   itv_link_zone_name(v->zone));
    g_assert_cmpint(v->zone, ==, rows[i].zone);
    if (rows[i].guard)
      g_assert_nonnull(reason(v, rows[i].guard, TRUE));
  }
}

/* What a slip is excused by makes it certain; only a national id makes it corroborated. */
static void
test_a_slip_is_not_corroborated(void)
{
  static const char a[] = "name=MORREY^JOANNA^LEE|birth-date=1971-05-23|mother=LARSSEN" HOME;
  static const char b[] = "name=MORREY^JOANNA^LEE|birth-date=1971-05-24|mother=LARSSEN" HOME;
  g_autoptr(ItvLinkVerdict) same = compare(a, a, NULL), slip = compare(a, b, NULL);
  g_autoptr(ItvLinkVerdict) proven = compare("name=MORREY^JOANNA|birth-date=1971-05-23|"
                                             "national-id=SSN:231456780" HOME,
                                             "name=MORREY^JOANNA|birth-date=1971-05-24|"
                                             "national-id=SSN:231456780" HOME,
                                             NULL);
  g_assert_cmpint(same->zone, ==, ITV_ZONE_CERTAIN);
  g_assert_cmpint(slip->zone, ==, ITV_ZONE_CERTAIN);
  g_assert_cmpint(proven->zone, ==, ITV_ZONE_CERTAIN);
  g_assert_true(same->corroborated);
  g_assert_false(slip->corroborated);
  g_assert_true(proven->corroborated);
}

static void
test_context(void)
{
  const ItvLinkContext issuer = {TRUE, NULL},
                       images = {FALSE, "measurements of A are about images of B"};
  g_autoptr(ItvLinkVerdict) same = compare(BASE, BASE, &issuer);
  g_assert_cmpint(same->zone, ==, ITV_ZONE_UNCERTAIN);
  g_assert_nonnull(reason(same, "issuer", TRUE));
  g_assert_cmpfloat(reason(same, "issuer", FALSE)->weight, <, -5);
  /* Images tie ids of which nothing else is known; never for certain. */
  g_autoptr(ItvLinkVerdict) tied =
      compare("name=1.2.3.4", "name=ZAHN^UTE|birth-date=1980-01-02", &images);
  g_assert_cmpint(tied->zone, ==, ITV_ZONE_UNCERTAIN);
  g_assert_cmpstr(reason(tied, "reference", FALSE)->text, ==, images.references);
}

/* A message about somebody else that came under the first one's number must not make the
 * two certain. */
static void
test_a_stray_message(void)
{
  g_autoptr(ItvPersona) mixed = persona(BASE);
  g_autoptr(ItvPersona) other = persona("name=KOWALSKI^PETER^JAN|birth-date=1950-01-07|sex=M|"
                                        "address=9 Oak Ave, Flint, MI, 48503|phone=810-555-0111");
  const itv_field fields[] = {ITV_STR("name", "KOWALSKI^PETER^JAN"),
                              ITV_STR("birth-date", "1950-01-07"), ITV_STR("sex", "M"),
                              ITV_STR("address", "9 Oak Ave, Flint, MI, 48503"),
                              ITV_STR("phone", "810-555-0111")};
  const itv_record stray = {"interval.patient/1", fields, G_N_ELEMENTS(fields)};
  itv_persona_add(mixed, linkage, &stray);
  g_autoptr(ItvLinkVerdict) v = itv_linkage_compare(linkage, mixed, other, NULL, NULL);
  g_assert_cmpint(v->zone, ==, ITV_ZONE_UNCERTAIN);
  g_assert_nonnull(reason(v, "contradiction", TRUE));
  /* A marriage and a corrected slip are no contradiction. */
  g_autoptr(ItvPersona) bride = persona(BASE "|alias=FOX^JOANNA^LEE");
  g_assert_false(itv_link_contradicts_itself(linkage, bride));
}

static double
share(const char *family, gpointer data)
{
  (void)data;
  return strcmp(family, "SMITH") == 0 ? 0.01 : 0.00001;
}

static void
test_rare_names_weigh_more(void)
{
  const ItvNameFrequency frequency = {share, NULL, 100000}, few = {share, NULL, 0};
  g_autoptr(ItvPersona) smith = persona("name=SMITH^ANN");
  g_autoptr(ItvPersona) rare = persona("name=ZWICKENPFLUG^ANN");
  g_autoptr(ItvLinkVerdict) a = itv_linkage_compare(linkage, smith, smith, NULL, &frequency);
  g_autoptr(ItvLinkVerdict) b = itv_linkage_compare(linkage, rare, rare, NULL, &frequency);
  g_autoptr(ItvLinkVerdict) c = itv_linkage_compare(linkage, rare, rare, NULL, &few);
  g_autoptr(ItvLinkVerdict) d = itv_linkage_compare(linkage, rare, rare, NULL, NULL);
  g_assert_cmpfloat(b->weight - a->weight, >, 5);
  g_assert_cmpfloat(fabs(c->weight - d->weight), <, 1e-9); /* nobody known: the average */
  g_assert_cmpstr(reason(b, "family", FALSE)->text, ==, "family name agrees (rare)");
  g_assert_true(itv_linkage_may_match(linkage, rare, rare));
}

/* ---- sets ------------------------------------------------------------------------------------ */

static void
add_all(ItvPersona *p, const char *const *names, const guint *order, guint n)
{
  for (guint i = 0; i < n; i++) {
    const itv_field fields[] = {ITV_STR("name", names[order[i]]),
                                ITV_STR("birth-date", "1971-05-23")};
    const itv_record r = {"interval.patient/1", fields, G_N_ELEMENTS(fields)};
    itv_persona_add(p, linkage, &r);
  }
}

/* A marriage, a move: both names count, in any order and however often they came. */
static void
test_personas_are_sets(void)
{
  const char *names[40];
  guint order[40];
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < 40; i++) {
    g_ptr_array_add(texts, g_strdup_printf("%c%cSON^JO", 'A' + (int)i % 26, 'A' + (int)i / 26));
    names[i] = texts->pdata[i];
    order[i] = i;
  }
  g_autoptr(ItvPersona) first = itv_persona_new();
  add_all(first, names, order, 40);
  g_autoptr(GArray) keys = itv_persona_keys(first);
  for (guint round = 0; round < 20; round++) {
    for (guint i = 39; i > 0; i--) {
      const guint k = (guint)g_test_rand_int_range(0, (gint32)i + 1), kept = order[i];
      order[i] = order[k];
      order[k] = kept;
    }
    g_autoptr(ItvPersona) other = itv_persona_new();
    add_all(other, names, order, 40);
    add_all(other, names, order, 7);
    g_autoptr(GArray) others = itv_persona_keys(other);
    g_assert_cmpmem(keys->data, keys->len * sizeof(gint64), others->data,
                    others->len * sizeof(gint64));
    g_assert_cmpuint(other->names->len, ==, ITV_PERSONA_MAX);
  }
  g_autoptr(ItvLinkVerdict) v = compare("name=MORREY^JO|alias=FOX^JO", "name=FOX^JO", NULL);
  g_assert_cmpstr(reason(v, "family", FALSE)->level, ==, "same");
}

static gboolean
share_key(const char *a, const char *b)
{
  g_autoptr(ItvPersona) x = persona(a);
  g_autoptr(ItvPersona) y = persona(b);
  g_autoptr(GArray) u = itv_persona_keys(x);
  g_autoptr(GArray) v = itv_persona_keys(y);
  for (guint i = 0; i < u->len; i++)
    for (guint k = 0; k < v->len; k++)
      if (g_array_index(u, gint64, i) == g_array_index(v, gint64, k))
        return TRUE;
  return FALSE;
}

static void
test_blocking(void)
{
  static const char *const meet[][2] = {
      {"name=SMITH^JOHN|birth-date=1960-03-12", "name=JOHN^SMITH|birth-date=1960-03-12"},
      {"name=SMITH^JOHN|birth-date=1960-03-12", "name=SMYTHE^JON|birth-date=1960-12-03"},
      {"name=SMITH^JOHN|birth-date=1960-03-12", "name=SMITH^JOHN|birth-date=1906-03-12"},
      {"name=SMITH^JOHN|birth-date=1960-03-12", "name=SMITH^JOHN|birth-date=1960-07-29"},
      {"name=FOX-SMITH^ANN|birth-date=1960-03-12", "name=SMITH^ANN|birth-date=1960-03-12"},
      {"name=FOX^ANN|phone=2485550143", "name=WOLF^ANNA|phone=313-555-0143"},
      {"name=FOX^ANN|national-id=SSN:123456780", "name=WOLF^MIA|national-id=123-45-6780"},
      {"name=FOX^ANN|address=1 Oak, Troy, 48085", "name=FOX^ANNA|address=7 Elm, Troy, 48085"},
      {"name=山田^太郎|birth-date=1960-03-12", "name=山田^次郎|birth-date=1960-03-12"}};
  for (gsize i = 0; i < G_N_ELEMENTS(meet); i++)
    g_assert_true(share_key(meet[i][0], meet[i][1]));
  g_assert_false(share_key("name=SMITH^JOHN|birth-date=1960-03-12|sex=M",
                           "name=KOWALSKI^EVA|birth-date=1985-07-28|sex=F"));
  g_assert_false(
      share_key("name=BABY BOY^TEST|phone=9999999999", "name=BABY BOY^TEST|phone=9999999999"));
}

/* Bytes of any kind: no crash, symmetric, bounded. */
static void
test_damaged_records(void)
{
  static const char *const keys[] = {"name",  "alias",       "birth-date",   "sex",    "address",
                                     "phone", "national-id", "insurance-id", "mother", "contact"};
  for (guint round = 0; round < 3000; round++) {
    g_autoptr(ItvPersona) p = itv_persona_new();
    g_autoptr(ItvPersona) q = itv_persona_new();
    for (guint i = 0; i < 8; i++) {
      char text[80] = {0};
      const guint n = (guint)g_test_rand_int_range(0, 79);
      for (guint k = 0; k < n; k++)
        text[k] =
            (char)(g_test_rand_bit() ? "^=,- 0123456789AZaz\xc3\x9f"[g_test_rand_int_range(0, 21)]
                                     : g_test_rand_int_range(1, 256));
      const itv_field f = ITV_STR(keys[g_test_rand_int_range(0, G_N_ELEMENTS(keys))], text);
      const itv_record r = {"interval.patient/1", &f, 1};
      itv_persona_add(i % 2 ? p : q, linkage, &r);
    }
    g_autoptr(ItvLinkVerdict) v = itv_linkage_compare(linkage, p, q, NULL, NULL);
    g_autoptr(ItvLinkVerdict) w = itv_linkage_compare(linkage, q, p, NULL, NULL);
    g_autoptr(GArray) found = itv_persona_keys(p);
    g_assert_true(isfinite(v->weight));
    g_assert_cmpfloat(fabs(v->weight - w->weight), <, 1e-9);
    g_assert_cmpuint(found->len, <, 5000);
  }
}

/* ---- configuration ------------------------------------------------------------------------------
 */

static void
expect_invalid(const char *xml, const char *words)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename(g_get_tmp_dir(), "itv-linkage-XXXXXX", NULL);
  g_autofree char *xsd = g_build_filename(g_getenv("ITV_SOURCE_DIR"), "schemas/linkage.xsd", NULL);
  close(g_mkstemp(path));
  g_assert_true(g_file_set_contents(path, xml, -1, NULL));
  g_assert_null(itv_linkage_load(path, xsd, &error));
  g_assert_error(error, ITV_ERROR, ITV_ERROR_CONFIG);
  g_test_message("%s", error->message);
  g_assert_nonnull(strstr(error->message, words));
  g_unlink(path);
}

#define HEAD "<linkage xmlns='urn:interval:linkage:1'>"
#define LIMITS                                                                                     \
  "<blocking max-block='200'/><name-frequency rare='0.0001' common='0.02' prior-ids='10'/>"
#define FAMILY "<field name='family'><level name='same' m='0.9' u='0.01'/></field></linkage>"

static void
test_invalid_configuration(void)
{
  expect_invalid(HEAD "<zones certain='x' slip-certain='9' possible='1'/>" LIMITS FAMILY,
                 "certain");
  expect_invalid(HEAD "<zones certain='3' slip-certain='3' possible='9'/>" LIMITS FAMILY,
                 "possible must not lie above");
  expect_invalid(HEAD "<zones certain='9' slip-certain='8' possible='3'/>" LIMITS FAMILY,
                 "nor certain above slip-certain");
  expect_invalid(
      HEAD "<zones certain='9' slip-certain='9' possible='3' automatic='true'/>" LIMITS FAMILY,
      "automatic");
  expect_invalid(HEAD
                 "<zones certain='9' slip-certain='9' possible='3'/>" LIMITS
                 "<field name='sex'><level name='nickname' m='0.1' u='0.1'/></field></linkage>",
                 "sex has no level \"nickname\"");
  expect_invalid(HEAD "<zones certain='9' slip-certain='9' possible='3'/>" LIMITS
                      "<field name='sex'><level name='same' m='0' u='0.1'/></field></linkage>",
                 "m");
  expect_invalid(HEAD "<zones certain='9' slip-certain='9' possible='3'/>" LIMITS
                      "<field name='sex'><level name='same' m='0.9' u='0.5'/></field></linkage>",
                 "family has no level same");
}

int
main(int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_test_init(&argc, &argv, NULL);
  g_autofree char *path = g_build_filename(g_getenv("ITV_SOURCE_DIR"), "config/linkage.xml", NULL);
  g_autofree char *xsd = g_build_filename(g_getenv("ITV_SOURCE_DIR"), "schemas/linkage.xsd", NULL);
  linkage = itv_linkage_load(path, xsd, &error);
  g_assert_no_error(error);
  g_test_add_func("/linkage/fold", test_fold);
  g_test_add_func("/linkage/jaro-winkler", test_jaro_winkler);
  g_test_add_func("/linkage/edits", test_edits);
  g_test_add_func("/linkage/soundex", test_soundex);
  g_test_add_func("/linkage/dates", test_dates);
  g_test_add_func("/linkage/levels", test_levels);
  g_test_add_func("/linkage/guards", test_guards);
  g_test_add_func("/linkage/slip-not-corroborated", test_a_slip_is_not_corroborated);
  g_test_add_func("/linkage/context", test_context);
  g_test_add_func("/linkage/stray-message", test_a_stray_message);
  g_test_add_func("/linkage/rare-names", test_rare_names_weigh_more);
  g_test_add_func("/linkage/personas-are-sets", test_personas_are_sets);
  g_test_add_func("/linkage/blocking", test_blocking);
  g_test_add_func("/linkage/damaged", test_damaged_records);
  g_test_add_func("/linkage/invalid-configuration", test_invalid_configuration);
  const int status = g_test_run();
  itv_linkage_free(linkage);
  return status;
}
