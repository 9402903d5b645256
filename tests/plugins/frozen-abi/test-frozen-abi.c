/* SPDX-License-Identifier: Apache-2.0
 *
 * Old plugin, new program; new plugin, old program; and the layout of what stood
 * in 1.0, number by number.
 */
#include <string.h>

#include "plugin/plugins.h"

/* Never edit a number: what moves here breaks every plugin in the field.  Of an
 * ABI with 8-byte pointers. */
G_STATIC_ASSERT(sizeof(void *) == 8);
G_STATIC_ASSERT(ITV_PLUGIN_SIZE_1_0 == 56);
G_STATIC_ASSERT(ITV_KIND_SIZE_1_0 == 24);
G_STATIC_ASSERT(sizeof(itv_plugin) >= ITV_PLUGIN_SIZE_1_0);
G_STATIC_ASSERT(sizeof(itv_kind) >= ITV_KIND_SIZE_1_0);
G_STATIC_ASSERT(offsetof(itv_plugin, struct_size) == 8);
G_STATIC_ASSERT(offsetof(itv_plugin, id) == 16);
G_STATIC_ASSERT(offsetof(itv_plugin, version) == 24);
G_STATIC_ASSERT(offsetof(itv_plugin, create) == 32);
G_STATIC_ASSERT(offsetof(itv_plugin, destroy) == 40);
G_STATIC_ASSERT(offsetof(itv_plugin, get_kind) == 48);
G_STATIC_ASSERT(offsetof(itv_kind, probe) == 8);
G_STATIC_ASSERT(offsetof(itv_kind, run) == 16);
/* arrays of these are passed: their sizes may never change under /1 */
G_STATIC_ASSERT(sizeof(itv_field) == 32);
G_STATIC_ASSERT(offsetof(itv_field, v) == 24);
G_STATIC_ASSERT(sizeof(itv_record) == 24);
G_STATIC_ASSERT(sizeof(itv_source) == 32);
G_STATIC_ASSERT(sizeof(itv_volume) == 184);
G_STATIC_ASSERT(offsetof(itv_volume, spacing_mm) == 24);
G_STATIC_ASSERT(offsetof(itv_volume, role) == 160);
G_STATIC_ASSERT(offsetof(itv_volume, data) == 168);
G_STATIC_ASSERT(offsetof(itv_input, records) == 16);
G_STATIC_ASSERT(offsetof(itv_input, text) == 40);
G_STATIC_ASSERT(offsetof(itv_host, ctx) == 8);
G_STATIC_ASSERT(offsetof(itv_host, get_interface) == 16);
G_STATIC_ASSERT(offsetof(itv_host, resource) == 64);
G_STATIC_ASSERT(offsetof(itv_sink, emit) == 8);

typedef struct {
  const char *plugin, *worker;
} Case;

static void
test_loads(gconstpointer data)
{
  const Case *c = data;
  g_autofree char *schemas = g_build_filename(g_getenv("ITV_SOURCE_DIR"), "schemas", NULL);
  g_autofree char *dir = g_build_filename(g_getenv("ITV_FROZEN"), c->plugin, NULL);
  const char *dirs[] = {dir, NULL};
  const ItvPluginPaths paths = {dirs, NULL, schemas, g_getenv(c->worker)};
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvPlugins) plugins = itv_plugins_open(&paths, &error);
  g_assert_no_error(error);
  g_autoptr(ItvJob) job = itv_job_new();
  itv_job_add_source_bytes(job, "#size SYNTH-1 2024-02-29 12.5\n", 30, "line", NULL);
  g_autoptr(ItvOutcome) o =
      itv_plugins_run(plugins, itv_plugins_find(plugins, "org.example.template"), ITV_KIND_IMPORTER,
                      job, NULL, NULL, NULL);
  if (o->class != ITV_OUTCOME_OK)
    g_error("%s", o->message);
  g_assert_cmpuint(itv_records_length(o->records), ==, 3);
}

/* The frozen header must not drift with the one that is edited. */
static void
test_frozen_stays(void)
{
  g_autofree char *path =
      g_build_filename(g_getenv("ITV_SOURCE_DIR"), "tests", "plugins", "frozen-abi", "interval-1.0",
                       "interval", "plugin.h", NULL);
  g_autofree char *text = NULL;
  g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
  g_assert_nonnull(strstr(text, "#define ITV_ABI_MINOR 0u"));
  g_assert_nonnull(strstr(text, "#define ITV_PLUGIN_SIZE_1_0 56u"));
}

int
main(int argc, char **argv)
{
  static const Case cases[] = {{"old", "ITV_WORKER_TODAY"},
                               {"old", "ITV_WORKER_GROWN"},
                               {"new", "ITV_WORKER_TODAY"},
                               {"new", "ITV_WORKER_GROWN"}};
  g_test_init(&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *path = g_strdup_printf("/frozen/%s/%s", cases[i].plugin, cases[i].worker);
    g_test_add_data_func(path, &cases[i], test_loads);
  }
  g_test_add_func("/frozen/stays", test_frozen_stays);
  return g_test_run();
}
