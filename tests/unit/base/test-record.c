/* SPDX-License-Identifier: Apache-2.0 */
#include "base/record.h"

#include <math.h>
#include <string.h>

static ItvRecords *
round_trip(const ItvRecords *records)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *json = itv_records_to_json(records);
  ItvRecords *back = itv_records_from_json(json, -1, &error);
  g_assert_no_error(error);
  g_autofree char *again = itv_records_to_json(back);
  g_assert_cmpstr(json, ==, again);
  return back;
}

static void
test_doubles(void)
{
  static const double values[] = {0,
                                  1,
                                  -1.5,
                                  0.1,
                                  1.0 / 3,
                                  1e300,
                                  5e-324,
                                  -5e-324,
                                  1e15,
                                  123456789012345680.0,
                                  M_PI,
                                  2.5e-10,
                                  4503599627370497.5};
  for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
    g_autoptr(ItvRecords) records = itv_records_new();
    const itv_field fields[] = {ITV_F64("value", values[i], "mm")};
    itv_records_add(records, "synth.value/1", fields, 1);
    g_autoptr(ItvRecords) back = round_trip(records);
    const itv_field *f = itv_record_field(itv_records_get(back, 0), "value", 0);
    g_assert_cmpint(f->type, ==, ITV_T_F64);
    g_assert_true(f->v.f64 == values[i]);
    g_assert_cmpstr(f->unit, ==, "mm");
  }
}

static void
test_integers(void)
{
  static const gint64 values[] = {0, -1, G_MAXINT64, G_MININT64, 1LL << 53};
  for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
    g_autoptr(ItvRecords) records = itv_records_new();
    const itv_field fields[] = {ITV_I64("n", values[i], "1")};
    itv_records_add(records, "synth.value/1", fields, 1);
    g_autoptr(ItvRecords) back = round_trip(records);
    const itv_field *f = itv_record_field(itv_records_get(back, 0), "n", 0);
    g_assert_cmpint(f->type, ==, ITV_T_I64);
    g_assert_cmpint(f->v.i64, ==, values[i]);
  }
}

static void
test_text(void)
{
  static const char *const values[] = {
      "", "\"\\/", "a\nb\tc\r\x01\x1f\x7f", "Grüße 日本 \xf0\x9f\xa9\xba", "null", "1.5"};
  g_autoptr(ItvRecords) records = itv_records_new();
  for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
    const itv_field fields[] = {ITV_STR("text", values[i]), ITV_STR("text", "second")};
    itv_records_add(records, "synth.text/1", fields, 2);
  }
  itv_records_add(records, "synth.empty/1", NULL, 0);
  g_autoptr(ItvRecords) back = round_trip(records);
  g_assert_cmpuint(itv_records_length(back), ==, G_N_ELEMENTS(values) + 1);
  for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
    const itv_record *r = itv_records_find(back, "synth.text/1", i);
    g_assert_cmpstr(itv_record_str(r, "text", NULL), ==, values[i]);
    g_assert_cmpstr(itv_record_field(r, "text", 1)->v.str, ==, "second");
  }
  g_assert_null(itv_records_find(back, "synth.text/1", G_N_ELEMENTS(values)));
  g_assert_null(itv_records_get(back, G_N_ELEMENTS(values) + 1));
}

static void
test_malformed(void)
{
  static const char *const texts[] = {"",
                                      "null",
                                      "[",
                                      "[[]]",
                                      "{}",
                                      "1",
                                      "[[1,",
                                      "[[\"a\",[\"k\"]]]",
                                      "[[\"a\",[\"k\",1,\"u\",2]]]",
                                      "[[\"a\",[\"k\",null]]]",
                                      "[[\"a\",[null,1]]]",
                                      "[[null]]",
                                      "[[\"a\",[\"k\",1e999]]]",
                                      "[[\"a\",[\"k\",\"\xff\"]]]"};
  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(itv_records_from_json(texts[i], -1, &error));
    g_assert_nonnull(error);
  }
}

/* The quick way of writing a number gives the bytes of the slow one. */
static void
test_shortest_form(void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(20240601);
  for (int i = 0; i < 200000; i++) {
    const double scale = pow(10, g_rand_int_range(random, -1, 9));
    const double x = i % 3 ? round(g_rand_double_range(random, -1e7, 1e7)) / scale
                           : g_rand_double_range(random, -1e4, 1e4);
    char want[64];
    for (int digits = 15; digits <= 17; digits++) {
      g_snprintf(want, sizeof want, "%.*g", digits, x);
      if (g_ascii_strtod(want, NULL) == x)
        break;
    }
    if (!strpbrk(want, ".en"))
      strcat(want, ".0");
    g_autoptr(ItvRecords) records = itv_records_new();
    const itv_field fields[] = {ITV_F64("v", x, NULL)};
    itv_records_add(records, "r", fields, 1);
    g_autofree char *json = itv_records_to_json(records);
    g_autofree char *expect = g_strdup_printf("[[\"r\",[\"v\",%s]]]", want);
    g_assert_cmpstr(json, ==, expect);
  }
}

/* What is lent lives as long as the borrower. */
static void
test_shared(void)
{
  g_autoptr(ItvRecords) borrower = itv_records_new();
  ItvRecords *lender = itv_records_new();
  const itv_field fields[] = {ITV_STR("a", "x"), ITV_F64("b", 1.5, "mm")};
  itv_records_add(lender, "synth.one/1", fields, 1);
  itv_records_add(lender, "synth.two/1", fields, 2);
  itv_records_share(borrower, lender, 1);
  itv_records_share(borrower, lender, 0);
  itv_records_unref(lender);
  g_autofree char *json = itv_records_to_json(borrower);
  g_assert_cmpstr(json, ==,
                  "[[\"synth.two/1\",[\"a\",\"x\"],[\"b\",1.5,\"mm\"]],\n"
                  "[\"synth.one/1\",[\"a\",\"x\"]]]");
}

/* What the direct reader makes of a text is what a JSON reader makes of it, which
 * reads it where white space is other than ours. */
static void
test_two_readers(void)
{
  static const char *const texts[] = {
      "[]",
      "[[\"a/1\"]]",
      "[[\"a/1\",[\"k\",\"v\"]]]",
      "[[\"a/1\",[\"k\",\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]],[\"b/"
      "1\",[\"k\",1,\"mm\"],[\"k\",-2.5e-3]]]",
      "[[\"a/1\",[\"k\",\"\\u00fc\\u20ac\\u0001\\u007f\"]]]",
      "[[\"a/1\",[\"k\",\"\\ud83d\\ude00\"]]]",
      "[[\"a/1\",[\"k\",\"gr\xc3\xbc\xc3\x9f\xe2\x82\xac\"]]]",
      "[[\"a/1\",[\"k\",9223372036854775807],[\"l\",-9223372036854775808],[\"m\",0],[\"n\",-0.0]]]",
      "[[\"a/1\",[\"k\",1.7976931348623157e308],[\"l\",123456789012345678]]]",
      "[[\"a/1\",[\"\",\"\",\"\"]]]"};
  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *tabbed = g_strconcat("\t", texts[i], "\t", NULL);
    g_autoptr(ItvRecords) a = itv_records_from_json(texts[i], -1, &error);
    g_assert_no_error(error);
    g_autoptr(ItvRecords) b = itv_records_from_json(tabbed, -1, &error);
    g_assert_no_error(error);
    g_autofree char *x = itv_records_to_json(a);
    g_autofree char *y = itv_records_to_json(b);
    g_assert_cmpstr(x, ==, y);
  }
}

/* Cut off or changed anywhere, it is refused or read, alike by both. */
static void
test_two_readers_damaged(void)
{
  static const char whole[] =
      "[[\"a/1\",[\"k\",\"v\\u00fc\\n\"],[\"n\",-12.5e2,\"mm\"]],\n[\"b/1\",[\"i\",70]]]";
  static const char replacements[] = "[]\",\\0x-. \x01\xc3";
  for (gsize at = 0; at < sizeof whole - 1; at++)
    for (gsize r = 0; r < sizeof replacements; r++) {
      g_autofree char *text = g_strdup(whole);
      text[at] = replacements[r];
      g_autofree char *tabbed = g_strconcat("\t", text, NULL);
      g_autoptr(ItvRecords) a = itv_records_from_json(text, -1, NULL);
      g_autoptr(ItvRecords) b = itv_records_from_json(tabbed, -1, NULL);
      g_assert_true((a == NULL) == (b == NULL));
      g_autofree char *x = a ? itv_records_to_json(a) : NULL;
      g_autofree char *y = b ? itv_records_to_json(b) : NULL;
      g_assert_cmpstr(x, ==, y);
    }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/record/doubles", test_doubles);
  g_test_add_func("/record/integers", test_integers);
  g_test_add_func("/record/text", test_text);
  g_test_add_func("/record/malformed", test_malformed);
  g_test_add_func("/record/shortest-form", test_shortest_form);
  g_test_add_func("/record/shared", test_shared);
  g_test_add_func("/record/two-readers", test_two_readers);
  g_test_add_func("/record/two-readers-damaged", test_two_readers_damaged);
  return g_test_run();
}
