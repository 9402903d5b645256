/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

static void
refuse(const char *text, gssize length)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(json_object) o = itv_json_parse(text, length, &error);
  if (o)
    g_error("accepted: %s", text);
  g_assert_error(error, ITV_ERROR, ITV_ERROR_INPUT);
}

static void
test_refused(void)
{
  static const char *const texts[] = {"",
                                      " ",
                                      "null",
                                      "{",
                                      "{\"a\":1",
                                      "{\"a\":1,}",
                                      "[1] 2",
                                      "NaN",
                                      "[NaN]",
                                      "[Infinity]",
                                      "[-Infinity]",
                                      "[1e999]",
                                      "{\"a\":[{\"b\":1e400}]}",
                                      "\"\xc3\"",
                                      "/* c */ {}"};
  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
    refuse(texts[i], -1);
  refuse("[1]\0[2]", 7);
}

static void
test_depth(void)
{
  GString *deep = g_string_new(NULL);
  for (int i = 0; i < 100000; i++)
    g_string_append_c(deep, '[');
  refuse(deep->str, -1);
  g_string_free(deep, TRUE);
  g_autoptr(json_object) o = itv_json_parse("[[[[[[[[[[1]]]]]]]]]]", -1, NULL);
  g_assert_nonnull(o);
}

static void
test_accepted(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(json_object) o = itv_json_parse("{\"a\":1,\"a\":2,\"s\":\"x\"}\r\n ", -1, &error);
  g_assert_no_error(error);
  g_assert_cmpint(json_object_get_int(itv_json_get(o, "a")), ==, 2);
  g_assert_null(itv_json_get_string(o, "a"));
  g_assert_cmpstr(itv_json_get_string(o, "s"), ==, "x");
  g_assert_null(itv_json_get(o, "none"));
}

static void
test_written(void)
{
  g_autoptr(json_object) o = json_object_new_object();
  itv_json_add_double(o, "nan", NAN);
  itv_json_add_double(o, "tenth", 0.1);
  itv_json_add_string(o, "none", NULL);
  itv_json_add_string(o, "bytes", "a\xff/b");
  g_autofree char *text = itv_json_text(o, FALSE);
  g_assert_cmpstr(text, ==,
                  "{\"nan\":null,\"tenth\":0.1,\"none\":null,\"bytes\":\"a\xef\xbf\xbd/b\"}");
}

/* A folder may bear any bytes in its name, and lists of paths are written, too. */
static void
test_strings(void)
{
  static char text[] = "a", path[] = "b\xff";
  g_autoptr(GPtrArray) strings = g_ptr_array_new();
  g_ptr_array_add(strings, text);
  g_ptr_array_add(strings, path);
  g_autoptr(json_object) list = itv_json_strings(strings);
  g_autoptr(json_object) none = itv_json_strings(NULL);
  g_autofree char *written = itv_json_text(list, FALSE);
  g_autofree char *empty = itv_json_text(none, FALSE);
  g_assert_cmpstr(written, ==, "[\"a\",\"b\xef\xbf\xbd\"]");
  g_assert_cmpstr(empty, ==, "[]");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/json/strings", test_strings);
  g_test_add_func("/json/refused", test_refused);
  g_test_add_func("/json/depth", test_depth);
  g_test_add_func("/json/accepted", test_accepted);
  g_test_add_func("/json/written", test_written);
  return g_test_run();
}
