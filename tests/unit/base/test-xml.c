/* SPDX-License-Identifier: Apache-2.0 */
#include "base/xml.h"

#include <string.h>

#include "base/error.h"

static void
refuse(const char *text, const char *word)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(itv_xml_parse(text, strlen(text), "synth.xml", NULL, &error));
  g_assert_error(error, ITV_ERROR, ITV_ERROR_CONFIG);
  g_assert_nonnull(strstr(error->message, "synth.xml"));
  if (word)
    g_assert_nonnull(strstr(error->message, word));
}

static void
test_doctype(void)
{
  refuse("<!DOCTYPE a><a/>", "DOCTYPE");
  refuse("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "DOCTYPE");
  refuse("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>", "DOCTYPE");
}

/* A billion laughs: ten entities of ten of the one before. */
static void
test_entity_expansion(void)
{
  GString *s = g_string_new("<!DOCTYPE a [<!ENTITY e0 \"laughs and laughs\">");
  for (int i = 1; i < 10; i++) {
    g_string_append_printf(s, "<!ENTITY e%d \"", i);
    for (int k = 0; k < 10; k++)
      g_string_append_printf(s, "&e%d;", i - 1);
    g_string_append(s, "\">");
  }
  g_string_append(s, "]><a b=\"&e9;\">&e9;</a>");
  refuse(s->str, NULL);
  g_string_free(s, TRUE);
}

static void
test_depth(void)
{
  GString *s = g_string_new(NULL);
  for (int i = 0; i < 100000; i++)
    g_string_append(s, "<a>");
  refuse(s->str, NULL);
  g_string_free(s, TRUE);
  s = g_string_new(NULL);
  for (int i = 0; i < 100; i++)
    g_string_append(s, "<a>");
  for (int i = 0; i < 100; i++)
    g_string_append(s, "</a>");
  refuse(s->str, "deep");
  g_string_free(s, TRUE);
}

static void
test_malformed(void)
{
  refuse("", NULL);
  refuse("<a>", ":1:");
  refuse("<a>\n<b></a>", ":2:");
  refuse("<a>&unknown;</a>", NULL);
  refuse("<a b='1' b='2'/>", NULL);
  refuse("<a>\xff</a>", NULL);
}

static void
test_read(void)
{
  static const char text[] = "<a x='1'><b>one</b>\n<!-- c --><b><![CDATA[two]]></b></a>";
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvXml) a = itv_xml_parse(text, strlen(text), "synth.xml", NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(itv_xml_attr(a, "x", NULL), ==, "1");
  g_assert_cmpstr(itv_xml_attr(a, "y", "none"), ==, "none");
  g_assert_cmpstr(itv_xml_child(a, "b", 1)->text, ==, "two");
  g_assert_cmpint(itv_xml_child(a, "b", 1)->line, ==, 2);
  g_assert_null(itv_xml_child(a, "b", 2));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/xml/doctype", test_doctype);
  g_test_add_func("/xml/entity-expansion", test_entity_expansion);
  g_test_add_func("/xml/depth", test_depth);
  g_test_add_func("/xml/malformed", test_malformed);
  g_test_add_func("/xml/read", test_read);
  return g_test_run();
}
