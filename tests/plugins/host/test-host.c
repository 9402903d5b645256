/* SPDX-License-Identifier: Apache-2.0 */
#include "test-host.h"

#include <string.h>

typedef struct {
  itv_volume shape;
  int64_t id;
} MadeVolume;

struct TestHost {
  const itv_plugin *plugin;
  void *self;
  itv_host host;
  itv_sink sink;
  GStringChunk *strings; /* of the current job */
  GPtrArray *records;    /* itv_record, owned; strings in `strings` */
  GArray *volumes;       /* MadeVolume */
  GHashTable *config;
  GHashTable *resources; /* name -> GBytes */
  char *error;
};

static void
free_record(gpointer data)
{
  itv_record *r = data;
  g_free((gpointer)(uintptr_t)r->fields);
  g_free(r);
}

static itv_status
emit(const itv_sink *sink, const char *record, const itv_field *fields, size_t n)
{
  TestHost *h = sink->ctx;
  itv_record *r = g_new0(itv_record, 1);
  itv_field *copy = g_new0(itv_field, n ? n : 1);
  for (size_t i = 0; i < n; i++) {
    copy[i] = fields[i];
    copy[i].key = g_string_chunk_insert(h->strings, fields[i].key);
    if (fields[i].unit)
      copy[i].unit = g_string_chunk_insert(h->strings, fields[i].unit);
    if (fields[i].type == ITV_T_STR)
      copy[i].v.str = g_string_chunk_insert(h->strings, fields[i].v.str);
  }
  r->name = g_string_chunk_insert(h->strings, record);
  r->fields = copy;
  r->n_fields = n;
  g_ptr_array_add(h->records, r);
  return ITV_OK;
}

static itv_status
create_volume(const itv_host *host, const itv_volume *shape, void **ret_data, int64_t *ret_id)
{
  static const size_t bytes[] = {0, 2, 4, 1};
  TestHost *h = host->ctx;
  MadeVolume v = {*shape, (int64_t)h->volumes->len + 1};
  g_assert_cmpint(shape->pixel, >=, ITV_PIX_I16);
  g_assert_cmpint(shape->pixel, <=, ITV_PIX_U8);
  for (int i = 0; i < 3; i++)
    g_assert_cmpint(shape->dim[i], >, 0);
  v.shape.data_size =
      bytes[shape->pixel] * (size_t)shape->dim[0] * (size_t)shape->dim[1] * (size_t)shape->dim[2];
  v.shape.data = *ret_data = g_malloc0(v.shape.data_size);
  *ret_id = v.id;
  g_array_append_val(h->volumes, v);
  return ITV_OK;
}

static const itv_host_volume volume_service = {sizeof volume_service, create_volume};

static const void *
get_interface(const itv_host *host, const char *id)
{
  (void)host;
  return strcmp(id, ITV_IFACE_HOST_VOLUME) == 0 ? &volume_service : NULL;
}

static void
log_message(const itv_host *host, int32_t level, const char *message)
{
  (void)host;
  g_test_message("plugin[%d]: %s", level, message);
}

static void
set_error(const itv_host *host, const char *message)
{
  TestHost *h = host->ctx;
  g_free(h->error);
  h->error = g_strdup(message);
}

static int32_t
cancelled(const itv_host *host)
{
  (void)host;
  return 0;
}

static void
progress(const itv_host *host, double fraction)
{
  (void)host;
  g_assert_true(fraction >= 0 && fraction <= 1);
}

static const char *
config(const itv_host *host, const char *key)
{
  return g_hash_table_lookup(((TestHost *)host->ctx)->config, key);
}

static const void *
resource(const itv_host *host, const char *name, size_t *ret_size)
{
  GBytes *b = g_hash_table_lookup(((TestHost *)host->ctx)->resources, name);
  return b ? g_bytes_get_data(b, ret_size) : NULL;
}

static void
clear_job(TestHost *h)
{
  g_ptr_array_set_size(h->records, 0);
  for (guint i = 0; i < h->volumes->len; i++)
    g_free((gpointer)(uintptr_t)g_array_index(h->volumes, MadeVolume, i).shape.data);
  g_array_set_size(h->volumes, 0);
  g_string_chunk_clear(h->strings);
  g_clear_pointer(&h->error, g_free);
}

TestHost *
test_host_new_with(const itv_plugin *plugin, const char *const *conf, const char *const *resources)
{
  TestHost *h = g_new0(TestHost, 1);
  h->plugin = plugin;
  h->host = (itv_host){sizeof h->host, ITV_ABI_MINOR, h,        get_interface, log_message,
                       set_error,      cancelled,     progress, config,        resource};
  h->sink = (itv_sink){h, emit};
  h->strings = g_string_chunk_new(4096);
  h->records = g_ptr_array_new_with_free_func(free_record);
  h->volumes = g_array_new(FALSE, FALSE, sizeof(MadeVolume));
  h->config = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  h->resources =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  for (; conf && conf[0]; conf += 2)
    g_hash_table_insert(h->config, g_strdup(conf[0]), g_strdup(conf[1]));
  for (; resources && resources[0]; resources += 2) {
    char *data = NULL;
    gsize n = 0;
    g_autoptr(GError) error = NULL;
    if (!g_file_get_contents(resources[1], &data, &n, &error))
      g_error("%s", error->message);
    g_hash_table_insert(h->resources, g_strdup(resources[0]), g_bytes_new_take(data, n));
  }
  if (plugin->create && plugin->create(&h->host, &h->self) != ITV_OK)
    g_error("create() failed: %s", h->error ? h->error : "no message");
  return h;
}

TestHost *
test_host_new(const itv_plugin *plugin)
{
  return test_host_new_with(plugin, NULL, NULL);
}

void
test_host_free(TestHost *h)
{
  if (!h)
    return;
  if (h->plugin->destroy)
    h->plugin->destroy(h->self);
  clear_job(h);
  g_ptr_array_unref(h->records);
  g_array_unref(h->volumes);
  g_string_chunk_free(h->strings);
  g_hash_table_unref(h->config);
  g_hash_table_unref(h->resources);
  g_free(h);
}

itv_status
test_host_run(TestHost *h, const char *kind, const itv_input *input)
{
  const itv_kind *k = h->plugin->get_kind(kind);
  g_assert_nonnull(k);
  clear_job(h);
  itv_status status = k->run(h->self, &h->host, input, &h->sink);
  if (status < 0)
    g_assert_nonnull(h->error); /* a failure must explain itself */
  return status;
}

int32_t
test_host_probe(TestHost *h, const void *head, size_t n, const char *name)
{
  const itv_kind *k = h->plugin->get_kind(ITV_KIND_IMPORTER);
  return k->probe(h->self, head, n, name);
}

static int64_t
read_bytes(const itv_source *src, int64_t offset, void *buf, size_t n)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data(src->ctx, &size);
  if (offset < 0)
    return -1;
  if ((guint64)offset >= size)
    return 0;
  n = MIN(n, size - (gsize)offset);
  memcpy(buf, data + offset, n);
  return (int64_t)n;
}

itv_source
test_source_bytes(GBytes *bytes, const char *name)
{
  return (itv_source){bytes, (int64_t)g_bytes_get_size(bytes), read_bytes, name};
}

itv_status
test_host_import(TestHost *h, const void *bytes, size_t n, const char *name)
{
  g_autoptr(GBytes) b = g_bytes_new(bytes, n);
  const itv_source source = test_source_bytes(b, name);
  const itv_input input = {.struct_size = sizeof input, .n_sources = 1, .sources = &source};
  return test_host_run(h, ITV_KIND_IMPORTER, &input);
}

const char *
test_host_error(const TestHost *h)
{
  return h->error ? h->error : "";
}

size_t
test_host_n_records(const TestHost *h)
{
  return h->records->len;
}

const itv_record *
test_host_record(const TestHost *h, size_t i)
{
  return i < h->records->len ? h->records->pdata[i] : NULL;
}

const itv_record *
test_host_find(const TestHost *h, const char *name, size_t n)
{
  for (guint i = 0; i < h->records->len; i++) {
    const itv_record *r = h->records->pdata[i];
    if (strcmp(r->name, name) == 0 && n-- == 0)
      return r;
  }
  return NULL;
}

const itv_volume *
test_host_volume(const TestHost *h, int64_t id)
{
  for (guint i = 0; i < h->volumes->len; i++)
    if (g_array_index(h->volumes, MadeVolume, i).id == id)
      return &g_array_index(h->volumes, MadeVolume, i).shape;
  return NULL;
}
