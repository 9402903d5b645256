/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdlib.h>
#include <string.h>

static xmlSchemaPtr schema;

static char *
source_path(const char *below)
{
  const char *root = g_getenv("ITV_SOURCE_DIR");
  return g_build_filename(root ? root : ".", below, NULL);
}

static void
silent(void *ctx, const char *format, ...)
{
  (void)ctx;
  (void)format;
}

static gboolean
is_valid(xmlDocPtr doc)
{
  xmlSchemaValidCtxtPtr v = xmlSchemaNewValidCtxt(schema);
  xmlSchemaSetValidErrors(v, silent, silent, NULL);
  const int rc = xmlSchemaValidateDoc(v, doc);
  xmlSchemaFreeValidCtxt(v);
  return rc == 0;
}

static char *
attribute(xmlNodePtr node, const char *name)
{
  xmlChar *value = xmlGetProp(node, BAD_CAST name);
  char *copy = g_strdup((const char *)value);
  xmlFree(value);
  return copy;
}

/* Days of a period of one unit, months as 30.4: for ordering only. */
static double
about_days(xmlNodePtr node, const char *name)
{
  g_autofree char *text = attribute(node, name);
  g_assert_nonnull(text);
  const double n = strtod(text + 1, NULL);
  const char unit = text[strlen(text) - 1];
  return n * (unit == 'Y' ? 365.2 : unit == 'M' ? 30.4 : unit == 'W' ? 7 : 1);
}

static double
number(xmlNodePtr node, const char *name, double fallback)
{
  g_autofree char *text = attribute(node, name);
  return text ? g_ascii_strtod(text, NULL) : fallback;
}

static gboolean
is_element(xmlNodePtr node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && g_str_equal((const char *)node->name, name);
}

static void
check_visits(xmlNodePtr root)
{
  double before = -1;
  for (xmlNodePtr n = root->children; n; n = n->next) {
    if (!is_element(n, "visit"))
      continue;
    const double target = about_days(n, "target");
    g_assert_cmpfloat(about_days(n, "earliest"), <=, target);
    g_assert_cmpfloat(about_days(n, "latest"), >=, target);
    g_assert_cmpfloat(target, >, before);
    before = target;
  }
}

static void
check_healing(xmlNodePtr root)
{
  for (xmlNodePtr h = root->children; h; h = h->next) {
    if (!is_element(h, "healing"))
      continue;
    double score = -1, early = -1, median = -1;
    for (xmlNodePtr e = h->children; e; e = e->next) {
      if (!is_element(e, "expected"))
        continue;
      g_assert_cmpfloat(number(e, "score", 0), >, score);
      g_assert_cmpfloat(number(e, "early-days", 0), >, early);
      g_assert_cmpfloat(number(e, "median-days", 1e9), >, median);
      score = number(e, "score", 0);
      early = number(e, "early-days", 0);
      median = number(e, "median-days", 1e9);
      g_assert_cmpfloat(early, <, median);
    }
  }
}

static void
check_vocabulary(xmlNodePtr root)
{
  g_autofree char *path = source_path("schemas/records.xml"), *records = NULL;
  g_assert_true(g_file_get_contents(path, &records, NULL, NULL));
  g_autofree char *region = attribute(root, "region");
  g_autofree char *pattern = g_strdup_printf("<codes name=\"region\">[^<]*\\b%s\\b", region);
  g_assert_true(g_regex_match_simple(pattern, records, 0, 0));
  for (xmlNodePtr h = root->children; h; h = h->next) {
    if (!is_element(h, "healing"))
      continue;
    g_autofree char *measure = attribute(h, "measure");
    g_autofree char *known =
        g_strdup_printf("<codes name=\"measure\">[^<]*(?<=[ >])%s(?=[ <])", measure);
    g_assert_true(g_regex_match_simple(known, records, 0, 0));
  }
}

static void
test_files(void)
{
  static const char *const expected[] = {"acdf",           "coiled-aneurysm", "distal-radius",
                                         "evar",           "hip-fracture",    "lumbar-fusion",
                                         "lung-resection", "rotator-cuff",    "scoliosis",
                                         "tibia-im-nail",  "total-hip",       "total-knee"};
  for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
    g_autofree char *below = g_strdup_printf("config/protocols/%s.xml", expected[i]);
    g_autofree char *path = source_path(below);
    g_test_message("%s", below);
    xmlDocPtr doc = xmlReadFile(path, NULL, XML_PARSE_NONET);
    g_assert_nonnull(doc);
    g_assert_true(is_valid(doc));
    xmlNodePtr root = xmlDocGetRootElement(doc);
    g_autofree char *name = attribute(root, "name");
    g_assert_cmpstr(name, ==, expected[i]); /* the name is the file's */
    check_visits(root);
    check_healing(root);
    check_vocabulary(root);
    xmlFreeDoc(doc);
  }
}

/* Each replacement must turn a good file into one that the schema refuses. */
static void
test_schema_refuses(void)
{
  static const char *const changes[][2] = {
      {"target=\"P2W\"", "target=\"2 weeks\""},
      {"target=\"P2W\"", ""},
      {"id=\"week-6\"", "id=\"week-2\""},
      {"modality=\"XR\"", "modality=\"XRAY\""},
      {"sign-off=\"required\"", ""},
      {"score=\"5\"", "score=\"-5\""},
      {"version=\"1.0.0\"", "version=\"1\""},
      {"<visit", "<vist"},
      {"sided=\"true\"", "sided=\"both\""},
      {"year=\"2021\"", "year=\"21\""},
      {"valid-from=\"2000-01-01\"", "valid-from=\"2000-13-01\""},
  };
  g_autofree char *path = source_path("config/protocols/tibia-im-nail.xml"), *good = NULL;
  g_assert_true(g_file_get_contents(path, &good, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
    char *at = strstr(good, changes[i][0]);
    g_assert_nonnull(at);
    g_autofree char *head = g_strndup(good, (gsize)(at - good));
    g_autofree char *bad = g_strconcat(head, changes[i][1], at + strlen(changes[i][0]), NULL);
    xmlDocPtr doc = xmlReadMemory(bad, (int)strlen(bad), "changed.xml", NULL, XML_PARSE_NONET);
    g_assert_nonnull(doc);
    g_test_message("%s -> %s", changes[i][0], changes[i][1]);
    g_assert_false(is_valid(doc));
    xmlFreeDoc(doc);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_autofree char *path = source_path("schemas/protocol.xsd");
  xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path);
  schema = xmlSchemaParse(parser);
  xmlSchemaFreeParserCtxt(parser);
  g_assert_nonnull(schema);
  g_test_add_func("/protocols/files", test_files);
  g_test_add_func("/protocols/schema-refuses", test_schema_refuses);
  const int rc = g_test_run();
  xmlSchemaFree(schema);
  xmlCleanupParser();
  return rc;
}
