/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/plugins.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/error.h"
#include "plugin/plugins-private.h"

/* ---- one plugin ---------------------------------------------------------- */

ItvPlugin *
itv_plugin_load(ItvPlugins *owner, const char *folder, const char *object, const char *xsd_path,
                GError **error)
{
  g_autofree char *path = g_build_filename(folder, "plugin.xml", NULL);
  ItvManifest *manifest = itv_manifest_read(path, xsd_path, error);
  if (!manifest)
    return NULL;
  ItvPlugin *p = g_new0(ItvPlugin, 1);
  p->owner = owner;
  p->manifest = manifest;
  p->folder = g_canonicalize_filename(folder, NULL);
  p->object = g_canonicalize_filename(object, NULL);
  p->overrides = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  p->idle = g_ptr_array_new_with_free_func((GDestroyNotify)itv_process_free);
  return p;
}

void
itv_plugin_unload(ItvPlugin *p)
{
  if (!p)
    return;
  g_ptr_array_unref(p->idle);
  g_hash_table_unref(p->overrides);
  itv_manifest_free(p->manifest);
  g_free(p->folder);
  g_free(p->object);
  g_free(p->signature);
  g_free(p->sha256);
  g_free(p->config_hash);
  g_free(p);
}

const ItvManifest *
itv_plugin_manifest(const ItvPlugin *plugin)
{
  return plugin->manifest;
}

const char *
itv_plugin_folder(const ItvPlugin *plugin)
{
  return plugin->folder;
}

const char *
itv_plugin_object(const ItvPlugin *plugin)
{
  return plugin->object;
}

const char *
itv_plugin_config(const ItvPlugin *plugin, const ItvManifestConfig *config)
{
  const char *value = g_hash_table_lookup(plugin->overrides, config->key);
  return value ? value : config->fallback;
}

/* ---- its identity --------------------------------------------------------- */

/* A value that may stand in a file's name: no slash, no dot at its head. */
static gboolean
is_plain_name(const char *value)
{
  if (!value || !*value || *value == '.')
    return FALSE;
  for (const char *p = value; *p; p++)
    if (!g_ascii_isalnum(*p) && !strchr("-_.", *p))
      return FALSE;
  return TRUE;
}

char *
itv_plugin_resource_path(const ItvPlugin *plugin, guint i)
{
  const ItvManifestResource *r = plugin->manifest->resources->pdata[i];
  g_autoptr(GString) path = g_string_new(r->path);
  for (guint k = 0; k < plugin->manifest->config->len; k++) {
    const ItvManifestConfig *c = plugin->manifest->config->pdata[k];
    g_autofree char *mark = g_strdup_printf("{%s}", c->key);
    const char *value = itv_plugin_config(plugin, c);
    if (is_plain_name(value))
      g_string_replace(path, mark, value, 0);
  }
  return g_build_filename(plugin->owner->config_dir, path->str, NULL);
}

gboolean
itv_plugin_resource_absent(const ItvPlugin *plugin, guint i)
{
  const ItvManifestResource *r = plugin->manifest->resources->pdata[i];
  g_autofree char *path = itv_plugin_resource_path(plugin, i);
  return r->optional && !g_file_test(path, G_FILE_TEST_EXISTS);
}

static gboolean
sign(GString *out, const char *path, GError **error)
{
  struct stat st;
  if (stat(path, &st) || !S_ISREG(st.st_mode))
    return itv_fail(error, ITV_ERROR_CONFIG, "%s: missing, or no regular file", path);
  g_string_append_printf(
      out, "%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT ".%ld:%" G_GUINT64_FORMAT " ",
      (gint64)st.st_size, (gint64)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (guint64)st.st_ino);
  return TRUE;
}

static char *
signature(const ItvPlugin *plugin, GError **error)
{
  g_autoptr(GString) out = g_string_new(NULL);
  if (!sign(out, plugin->object, error))
    return NULL;
  for (guint i = 0; i < plugin->manifest->resources->len; i++) {
    g_autofree char *path = itv_plugin_resource_path(plugin, i);
    if (itv_plugin_resource_absent(plugin, i))
      g_string_append(out, "absent ");
    else if (!sign(out, path, error))
      return NULL;
  }
  return g_strdup(out->str);
}

static gboolean
hash_file(ItvDigest *sum, const char *path, GError **error)
{
  g_autofree char *bytes = NULL;
  g_autoptr(GError) local = NULL;
  gsize n = 0;
  if (!g_file_get_contents(path, &bytes, &n, &local))
    return itv_fail(error, ITV_ERROR_CONFIG, "%s", local->message);
  itv_digest_add(sum, bytes, (gsize)n);
  return TRUE;
}

static void
hash_word(ItvDigest *sum, const char *word)
{
  /* the length keeps "ab","c" and "a","bc" apart */
  g_autofree char *text = g_strdup_printf("%zu:%s;", word ? strlen(word) : 0, word ? word : "");
  itv_digest_add(sum, text, strlen(text));
}

static gboolean
hash_plugin(ItvPlugin *p, GError **error)
{
  g_autoptr(ItvDigest) object = itv_digest_new();
  g_autoptr(ItvDigest) config = itv_digest_new();
  if (!hash_file(object, p->object, error))
    return FALSE;
  for (guint i = 0; i < p->manifest->config->len; i++) {
    const ItvManifestConfig *c = p->manifest->config->pdata[i];
    hash_word(config, c->key);
    hash_word(config, itv_plugin_config(p, c));
  }
  for (guint i = 0; i < p->manifest->resources->len; i++) {
    g_autofree char *path = itv_plugin_resource_path(p, i);
    hash_word(config, ((const ItvManifestResource *)p->manifest->resources->pdata[i])->name);
    if (itv_plugin_resource_absent(p, i))
      hash_word(config, NULL);
    else if (!hash_file(config, path, error))
      return FALSE;
  }
  g_free(p->sha256);
  g_free(p->config_hash);
  p->sha256 = itv_digest_hex(object);
  p->config_hash = itv_digest_hex(config);
  return TRUE;
}

gboolean
itv_plugin_identity(ItvPlugin *plugin, char **ret_sha256, char **ret_config_hash, GError **error)
{
  g_autofree char *now = signature(plugin, error);
  if (!now)
    return FALSE;
  g_mutex_lock(&plugin->owner->lock);
  gboolean good = g_strcmp0(plugin->signature, now) == 0;
  if (!good && hash_plugin(plugin, error)) {
    good = TRUE;
    g_free(plugin->signature);
    plugin->signature = g_steal_pointer(&now);
  }
  if (good) {
    *ret_sha256 = g_strdup(plugin->sha256);
    *ret_config_hash = g_strdup(plugin->config_hash);
  }
  g_mutex_unlock(&plugin->owner->lock);
  return good;
}

char *
itv_plugin_sha256(ItvPlugin *plugin)
{
  g_autofree char *config = NULL;
  char *sha = NULL;
  return itv_plugin_identity(plugin, &sha, &config, NULL) ? sha : NULL;
}

char *
itv_plugin_config_hash(ItvPlugin *plugin)
{
  g_autofree char *sha = NULL;
  char *config = NULL;
  return itv_plugin_identity(plugin, &sha, &config, NULL) ? config : NULL;
}

/* ---- the registry ---------------------------------------------------------- */

static void
add_problem(ItvPlugins *plugins, char *text)
{
  g_ptr_array_insert(plugins->problems, (gint)plugins->problems->len - 1, text);
}

static gboolean
has_object(const char *folder, const char *name, char **ret_object)
{
  g_autofree char *file = g_strconcat(name, ".so", NULL);
  g_autofree char *object = g_build_filename(folder, file, NULL);
  if (!g_file_test(object, G_FILE_TEST_IS_REGULAR))
    return FALSE;
  *ret_object = g_steal_pointer(&object);
  return TRUE;
}

static void
add_folder(ItvPlugins *plugins, const char *dir, const char *name, const char *xsd)
{
  g_autofree char *folder = g_build_filename(dir, name, NULL);
  g_autofree char *manifest = g_build_filename(folder, "plugin.xml", NULL);
  g_autofree char *object = NULL;
  g_autoptr(GError) error = NULL;
  if (!g_file_test(manifest, G_FILE_TEST_EXISTS))
    return; /* any folder may lie there */
  if (!has_object(folder, name, &object)) {
    add_problem(plugins, g_strdup_printf("%s: there is no %s.so beside it", manifest, name));
    return;
  }
  ItvPlugin *p = itv_plugin_load(plugins, folder, object, xsd, &error);
  if (!p) {
    add_problem(plugins, g_strdup(error->message));
    return;
  }
  const ItvPlugin *other = itv_plugins_find(plugins, p->manifest->id);
  if (other) {
    add_problem(plugins, g_strdup_printf("%s: id \"%s\" is taken by %s, which comes first",
                                         manifest, p->manifest->id, other->folder));
    itv_plugin_unload(p);
    return;
  }
  g_ptr_array_add(plugins->list, p);
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
add_dir(ItvPlugins *plugins, const char *path, const char *xsd)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) dir = g_dir_open(path, 0, &error);
  if (!dir) {
    add_problem(plugins, g_strdup(error->message));
    return;
  }
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  const char *name;
  while ((name = g_dir_read_name(dir)))
    if (*name != '.')
      g_ptr_array_add(names, g_strdup(name));
  g_ptr_array_sort(names, by_name);
  for (guint i = 0; i < names->len; i++)
    add_folder(plugins, path, names->pdata[i], xsd);
}

static gint
by_id(gconstpointer a, gconstpointer b)
{
  const ItvPlugin *x = *(ItvPlugin *const *)a, *y = *(ItvPlugin *const *)b;
  return strcmp(x->manifest->id, y->manifest->id);
}

ItvPlugins *
itv_plugins_open(const ItvPluginPaths *paths, GError **error)
{
  g_autofree char *records = g_build_filename(paths->schema_dir, "records.xml", NULL);
  g_autofree char *records_xsd = g_build_filename(paths->schema_dir, "records.xsd", NULL);
  g_autofree char *plugin_xsd = g_build_filename(paths->schema_dir, "plugin.xsd", NULL);
  if (!g_file_test(paths->worker, G_FILE_TEST_IS_EXECUTABLE)) {
    itv_fail(error, ITV_ERROR_PLUGIN, "%s: the worker program is missing", paths->worker);
    return NULL;
  }
  ItvSchema *schema = itv_schema_load(records, records_xsd, error);
  if (!schema)
    return NULL;
  ItvPlugins *plugins = g_new0(ItvPlugins, 1);
  g_mutex_init(&plugins->lock);
  plugins->schema = schema;
  plugins->config_dir = g_strdup(paths->config_dir ? paths->config_dir : "/nonexistent");
  plugins->worker = g_canonicalize_filename(paths->worker, NULL);
  plugins->list = g_ptr_array_new_with_free_func((GDestroyNotify)itv_plugin_unload);
  plugins->problems = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(plugins->problems, NULL);
  plugins->own_store = itv_strike_memory_new();
  plugins->store = plugins->own_store;
  plugins->spawner = itv_spawner_new();
  for (guint i = 0; paths->plugin_dirs && paths->plugin_dirs[i]; i++)
    add_dir(plugins, paths->plugin_dirs[i], plugin_xsd);
  g_ptr_array_sort(plugins->list, by_id);
  return plugins;
}

void
itv_plugins_close(ItvPlugins *plugins)
{
  if (!plugins)
    return;
  g_ptr_array_unref(plugins->list);
  g_ptr_array_unref(plugins->problems);
  itv_spawner_free(plugins->spawner);
  itv_schema_free(plugins->schema);
  itv_strike_memory_free(plugins->own_store);
  g_strfreev(plugins->wrapper);
  g_mutex_clear(&plugins->lock);
  g_free(plugins->config_dir);
  g_free(plugins->worker);
  g_free(plugins->warning);
  g_free(plugins);
}

const char *const *
itv_plugins_problems(const ItvPlugins *plugins)
{
  return (const char *const *)plugins->problems->pdata;
}

void
itv_plugins_set_strike_store(ItvPlugins *plugins, const ItvStrikeStore *store)
{
  plugins->store = store ? store : plugins->own_store;
}

void
itv_plugins_set_debugger(ItvPlugins *plugins, const char *const *wrapper)
{
  g_strfreev(plugins->wrapper);
  plugins->wrapper = g_strdupv((char **)(guintptr)wrapper);
}

gboolean
itv_plugins_set_config(ItvPlugins *plugins, const char *plugin_id, const char *key,
                       const char *value, GError **error)
{
  ItvPlugin *p = itv_plugins_find(plugins, plugin_id);
  if (!p)
    return itv_fail(error, ITV_ERROR_CONFIG, "there is no plugin \"%s\"", plugin_id);
  for (guint i = 0; i < p->manifest->config->len; i++) {
    const ItvManifestConfig *c = p->manifest->config->pdata[i];
    if (strcmp(c->key, key) != 0)
      continue;
    g_mutex_lock(&plugins->lock);
    g_hash_table_insert(p->overrides, g_strdup(key), g_strdup(value));
    g_clear_pointer(&p->signature, g_free); /* hash anew; warm workers are replaced */
    g_mutex_unlock(&plugins->lock);
    return TRUE;
  }
  return itv_fail(error, ITV_ERROR_CONFIG, "plugin \"%s\" has no configuration key \"%s\"",
                  plugin_id, key);
}

const GPtrArray *
itv_plugins_list(const ItvPlugins *plugins)
{
  return plugins->list;
}

ItvPlugin *
itv_plugins_find(const ItvPlugins *plugins, const char *id)
{
  for (guint i = 0; i < plugins->list->len; i++) {
    ItvPlugin *p = plugins->list->pdata[i];
    if (strcmp(p->manifest->id, id) == 0)
      return p;
  }
  return NULL;
}

ItvPlugin *
itv_plugins_for_kind(const ItvPlugins *plugins, const char *kind)
{
  ItvPlugin *best = NULL;
  int best_priority = G_MAXINT;
  for (guint i = 0; i < plugins->list->len; i++) {
    ItvPlugin *p = plugins->list->pdata[i];
    const ItvManifestKind *k = itv_manifest_kind(p->manifest, kind);
    if (k && k->priority < best_priority) {
      best = p;
      best_priority = k->priority;
    }
  }
  return best;
}

char *
itv_plugins_confinement_warning(ItvPlugins *plugins)
{
  g_mutex_lock(&plugins->lock);
  char *copy = g_strdup(plugins->warning);
  g_mutex_unlock(&plugins->lock);
  return copy;
}
