/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "plugin/manifest.h"
#include "plugin/quarantine.h"

#define OPEN "<plugin xmlns='urn:interval:plugin:1' id='org.example.a' version='1.0.0' name='A'>"
#define KIND "<kind id='interval.importer/1'/>"

static ItvManifest *
read_text(const char *text, GError **error)
{
  g_autofree char *path = g_strdup_printf("%s/itv-manifest-%d.xml", g_get_tmp_dir(), (int)getpid());
  g_autofree char *xsd =
      g_build_filename(g_getenv("ITV_SOURCE_DIR"), "schemas", "plugin.xsd", NULL);
  g_assert_true(g_file_set_contents(path, text, -1, NULL));
  ItvManifest *m = itv_manifest_read(path, xsd, error);
  g_unlink(path);
  return m;
}

static void
test_defaults(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvManifest) m = read_text(OPEN KIND "</plugin>", &error);
  g_assert_no_error(error);
  g_assert_cmpstr(m->id, ==, "org.example.a");
  g_assert_cmpuint(m->memory_mib, ==, 512);
  g_assert_cmpuint(m->volume_mib, ==, 2048);
  g_assert_cmpuint(m->deadline_s, ==, 30);
  g_assert_cmpuint(m->threads, ==, 1);
  g_assert_cmpuint(m->records, ==, 10000);
  g_assert_false(m->jit);
  g_assert_cmpint(itv_manifest_kind(m, "interval.importer/1")->priority, ==, 50);
  g_assert_null(itv_manifest_kind(m, "interval.pixels/1"));
}

static void
test_everything(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvManifest) m = read_text(
      OPEN "<kind id='interval.importer/1' priority='7'/><kind id='interval.pixels/1'/>"
           "<limits memory-mib='64' volume-mib='5' deadline-s='9' threads='4' records='77'/>"
           "<needs jit='true'/><config key='z' default='1'/><config key='a'/>"
           "<resource name='lexicon' path='lexicon/en.xml'/></plugin>",
      &error);
  g_assert_no_error(error);
  g_assert_cmpuint(m->memory_mib, ==, 64);
  g_assert_cmpuint(m->volume_mib, ==, 5);
  g_assert_cmpuint(m->deadline_s, ==, 9);
  g_assert_cmpuint(m->threads, ==, 4);
  g_assert_cmpuint(m->records, ==, 77);
  g_assert_true(m->jit);
  g_assert_cmpuint(m->config->len, ==, 2);
  g_assert_cmpstr(((ItvManifestConfig *)m->config->pdata[0])->key, ==, "a"); /* sorted */
  g_assert_null(((ItvManifestConfig *)m->config->pdata[0])->fallback);
  g_assert_cmpstr(((ItvManifestResource *)m->resources->pdata[0])->path, ==, "lexicon/en.xml");
}

static void
test_broken(void)
{
  static const char *const texts[] = {
      "",
      "<plugin/>",
      OPEN "</plugin>",                                             /* no kind */
      OPEN "<kind id='interval.importer/2'/></plugin>",             /* unknown kind */
      OPEN KIND KIND "</plugin>",                                   /* twice */
      OPEN KIND "<limits memory-mib='-1'/></plugin>",               /* range */
      OPEN KIND "<limits memory-mib='lots'/></plugin>",             /* number */
      OPEN KIND "<limit/></plugin>",                                /* unknown element */
      OPEN KIND "<resource name='x' path='/etc/passwd'/></plugin>", /* absolute */
      OPEN KIND "<resource name='x' path='../../x'/></plugin>",     /* out of it */
      OPEN KIND "<resource name='x' path='a/./b'/></plugin>",
      "<plugin xmlns='urn:interval:plugin:1' id='a b' version='1.0.0' name='A'>" KIND "</plugin>",
      "<plugin xmlns='urn:interval:plugin:1' id='org.a' version='one' name='A'>" KIND "</plugin>",
      "<!DOCTYPE x [<!ENTITY a 'b'>]>" OPEN KIND "</plugin>"};
  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(ItvManifest) m = read_text(texts[i], &error);
    if (m || !strstr(error->message, "itv-manifest-"))
      g_error("case %zu: %s", i, m ? "accepted" : error->message);
  }
}

/* ---- quarantine ------------------------------------------------------------- */

static void
test_policy(void)
{
  g_assert_false(itv_quarantine_input_is_barred(1));
  g_assert_true(itv_quarantine_input_is_barred(2));
  g_assert_false(itv_quarantine_must_switch_off(2, 2));
  g_assert_true(itv_quarantine_must_switch_off(3, 3));
  g_assert_true(itv_quarantine_must_switch_off(3, 6));
  g_assert_false(itv_quarantine_must_switch_off(3, 7)); /* it mostly works */
  g_assert_true(itv_quarantine_is_crash(ITV_OUTCOME_HANG));
  g_assert_false(itv_quarantine_is_crash(ITV_OUTCOME_SCHEMA));
  g_assert_false(itv_quarantine_is_crash(ITV_OUTCOME_ERROR));
  g_assert_true(itv_outcome_blames_plugin(ITV_OUTCOME_REFUSED));
  g_assert_false(itv_outcome_blames_plugin(ITV_OUTCOME_HOST));
}

static void
test_memory(void)
{
  ItvStrikeStore *s = itv_strike_memory_new();
  ItvStrike strike = {"p", "build", "input", 1000, ITV_OUTCOME_CRASH, "crashed"};
  char *reason = NULL;
  s->add(s->data, &strike);
  strike.class = ITV_OUTCOME_SCHEMA;
  s->add(s->data, &strike);
  strike.input = "other";
  strike.class = ITV_OUTCOME_HANG;
  strike.when_s = 1500;
  s->add(s->data, &strike);
  g_assert_cmpuint(s->count(s->data, "build", NULL), ==, 3);
  g_assert_cmpuint(s->count(s->data, "build", "input"), ==, 2);
  g_assert_cmpuint(s->count(s->data, "new build", "input"), ==, 0);
  g_assert_cmpuint(s->crashes(s->data, "p", 900), ==, 2);
  g_assert_cmpuint(s->crashes(s->data, "p", 1001), ==, 1);
  g_assert_false(s->is_off(s->data, "p", &reason));
  s->switch_off(s->data, "p", 1500, "it crashes");
  g_assert_true(s->is_off(s->data, "p", &reason));
  g_assert_cmpstr(reason, ==, "it crashes");
  g_free(reason);
  itv_strike_memory_switch_on(s, "p", 1600);
  g_assert_false(s->is_off(s->data, "p", &reason));
  g_assert_cmpuint(s->crashes(s->data, "p", 900), ==, 0);
  itv_strike_memory_free(s);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/manifest/defaults", test_defaults);
  g_test_add_func("/manifest/everything", test_everything);
  g_test_add_func("/manifest/broken", test_broken);
  g_test_add_func("/quarantine/policy", test_policy);
  g_test_add_func("/quarantine/memory", test_memory);
  return g_test_run();
}
