/* SPDX-License-Identifier: Apache-2.0
 *
 * The AIM importer: annotations of images, v3 and v4, as XML.
 */
#include <string.h>

#include "aim.h"

static int32_t
probe(void *self, const uint8_t *head, size_t n, const char *name)
{
  static const char *const roots[] = {"ImageAnnotation", "ImageAnnotationCollection",
                                      "AnnotationOfAnnotation", "AnnotationOfAnnotationCollection",
                                      NULL};
  char root[64], uri[128];
  (void)self;
  (void)name;
  if (!xd_probe_root(head, n, root, uri) || !g_strv_contains((const char *const *)roots, root))
    return 0;
  return g_str_has_prefix(uri, "gme://caCORE.caCORE/") && strstr(uri, "AIM") ? 90 : *uri ? 0 : 40;
}

typedef struct {
  AimSchemas *schemas;
  gboolean strict;
} Plugin;

/* One job at a time: the reader of documents is handed no plugin. */
static const Plugin *at_work;

static void
check_and_read(const XdNode *root, const itv_host *host, XdUnit *unit)
{
  g_autofree char *faults = aim_schemas_check(at_work->schemas, root, unit->utf8, unit->n_utf8);
  if (faults && at_work->strict)
    xd_unit_reject(unit, "not valid by the AIM schema: %s", faults);
  else if (faults)
    xd_unit_note(unit, "not valid by the AIM schema: %s", faults);
  aim_read(root, host, unit);
}

static itv_status
run(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  at_work = self;
  return xd_import(host, input, out, "aim", check_and_read);
}

static const itv_kind importer = {ITV_KIND_HEADER, probe, run};

static itv_status
create(const itv_host *host, void **ret_self)
{
  Plugin *plugin = g_new0(Plugin, 1);
  xd_prepare();
  plugin->schemas = aim_schemas_read(host);
  plugin->strict = g_strcmp0(host->config(host, "invalid"), "reject") == 0;
  *ret_self = plugin;
  return ITV_OK;
}

static void
destroy(void *self)
{
  Plugin *plugin = self;
  aim_schemas_free(plugin->schemas);
  g_free(plugin);
}

static const itv_kind *
get_kind(const char *id)
{
  return strcmp(id, ITV_KIND_IMPORTER) == 0 ? &importer : NULL;
}

const itv_plugin itv_plugin_entry = {
    ITV_PLUGIN_HEADER, "org.interval.aim", "0.1.0", create, destroy, get_kind,
};
