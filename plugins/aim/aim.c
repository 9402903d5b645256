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

static itv_status
run(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  (void)self;
  return xd_import(host, input, out, "aim", aim_read);
}

static const itv_kind importer = {ITV_KIND_HEADER, probe, run};

static itv_status
create(const itv_host *host, void **ret_self)
{
  (void)host;
  (void)ret_self;
  xd_prepare();
  return ITV_OK;
}

static const itv_kind *
get_kind(const char *id)
{
  return strcmp(id, ITV_KIND_IMPORTER) == 0 ? &importer : NULL;
}

const itv_plugin itv_plugin_entry = {
    ITV_PLUGIN_HEADER, "org.interval.aim", "0.1.0", create, NULL, get_kind,
};
