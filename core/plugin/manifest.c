/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/manifest.h"

#include <string.h>

#include "base/error.h"
#include "base/xml.h"

static void
free_kind(gpointer data)
{
  ItvManifestKind *k = data;
  g_free(k->id);
  g_free(k->signature);
  g_free(k);
}

static void
free_config(gpointer data)
{
  ItvManifestConfig *c = data;
  g_free(c->key);
  g_free(c->fallback);
  g_free(c);
}

static void
free_resource(gpointer data)
{
  ItvManifestResource *r = data;
  g_free(r->name);
  g_free(r->path);
  g_free(r);
}

void
itv_manifest_free(ItvManifest *m)
{
  if (!m)
    return;
  g_free(m->id);
  g_free(m->version);
  g_free(m->name);
  g_free(m->vendor);
  g_free(m->license);
  g_ptr_array_unref(m->kinds);
  g_ptr_array_unref(m->config);
  g_ptr_array_unref(m->resources);
  g_free(m);
}

/* The schema has checked that it is a number in range. */
static guint
number(const ItvXml *xml, const char *attr, guint fallback)
{
  const char *text = xml ? itv_xml_attr(xml, attr, NULL) : NULL;
  return text ? (guint)g_ascii_strtoull(text, NULL, 10) : fallback;
}

static gboolean
is_true(const char *text)
{
  return strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
}

/* A resource stays below the configuration folder. */
static gboolean
path_stays_inside(const char *path)
{
  g_auto(GStrv) parts = g_strsplit(path, "/", -1);
  for (guint i = 0; parts[i]; i++)
    if (*parts[i] == 0 || strcmp(parts[i], "..") == 0 || strcmp(parts[i], ".") == 0)
      return FALSE;
  return *path != 0;
}

static gint
by_first_string(gconstpointer a, gconstpointer b)
{
  /* both element types begin with the string that names them */
  return strcmp(**(char *const *const *)a, **(char *const *const *)b);
}

static gboolean
read_children(ItvManifest *m, const ItvXml *root, const char *path, GError **error)
{
  for (guint i = 0; i < root->children->len; i++) {
    const ItvXml *c = root->children->pdata[i];
    if (strcmp(c->name, "kind") == 0) {
      ItvManifestKind *k = g_new0(ItvManifestKind, 1);
      k->id = g_strdup(itv_xml_attr(c, "id", ""));
      k->priority = (int)number(c, "priority", 50);
      k->signature = g_strdup(itv_xml_attr(c, "signature", NULL));
      k->at = number(c, "at", 0);
      g_ptr_array_add(m->kinds, k);
    } else if (strcmp(c->name, "config") == 0) {
      ItvManifestConfig *o = g_new0(ItvManifestConfig, 1);
      o->key = g_strdup(itv_xml_attr(c, "key", ""));
      o->fallback = g_strdup(itv_xml_attr(c, "default", NULL));
      g_ptr_array_add(m->config, o);
    } else if (strcmp(c->name, "resource") == 0) {
      const char *file = itv_xml_attr(c, "path", "");
      if (!path_stays_inside(file))
        return itv_fail(error, ITV_ERROR_CONFIG,
                        "%s:%d: resource path \"%s\" must be relative and stay inside the "
                        "configuration folder",
                        path, c->line, file);
      ItvManifestResource *r = g_new0(ItvManifestResource, 1);
      r->name = g_strdup(itv_xml_attr(c, "name", ""));
      r->path = g_strdup(file);
      const char *optional = itv_xml_attr(c, "optional", "false");
      r->optional = strcmp(optional, "true") == 0 || strcmp(optional, "1") == 0;
      g_ptr_array_add(m->resources, r);
    }
  }
  g_ptr_array_sort(m->config, by_first_string);
  g_ptr_array_sort(m->resources, by_first_string);
  return TRUE;
}

ItvManifest *
itv_manifest_read(const char *path, const char *xsd_path, GError **error)
{
  g_autoptr(ItvXml) root = itv_xml_read(path, xsd_path, error);
  if (!root)
    return NULL;
  g_autoptr(ItvManifest) m = g_new0(ItvManifest, 1);
  m->kinds = g_ptr_array_new_with_free_func(free_kind);
  m->config = g_ptr_array_new_with_free_func(free_config);
  m->resources = g_ptr_array_new_with_free_func(free_resource);
  m->id = g_strdup(itv_xml_attr(root, "id", ""));
  m->version = g_strdup(itv_xml_attr(root, "version", ""));
  m->name = g_strdup(itv_xml_attr(root, "name", m->id));
  m->vendor = g_strdup(itv_xml_attr(root, "vendor", ""));
  m->license = g_strdup(itv_xml_attr(root, "license", ""));
  const ItvXml *limits = itv_xml_child(root, "limits", 0);
  m->memory_mib = number(limits, "memory-mib", 512);
  m->volume_mib = number(limits, "volume-mib", 2048);
  m->deadline_s = number(limits, "deadline-s", 30);
  m->threads = number(limits, "threads", 1);
  m->records = number(limits, "records", 10000);
  const ItvXml *needs = itv_xml_child(root, "needs", 0);
  m->jit = needs && is_true(itv_xml_attr(needs, "jit", "false"));
  if (!read_children(m, root, path, error))
    return NULL;
  return g_steal_pointer(&m);
}

const ItvManifestKind *
itv_manifest_kind(const ItvManifest *manifest, const char *kind)
{
  for (guint i = 0; i < manifest->kinds->len; i++) {
    const ItvManifestKind *k = manifest->kinds->pdata[i];
    if (strcmp(k->id, kind) == 0)
      return k;
  }
  return NULL;
}
