/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir-bundle.h"

#include <string.h>

enum { CACHED_BYTES = 65536 };
#define AMBIGUOUS G_MAXUINT

static void
clear_entry(gpointer data)
{
  Entry *e = data;
  g_free(e->type);
  g_free(e->id);
  g_free(e->url);
  g_free(e->problem);
}

static void
put_json(gpointer json)
{
  json_unref(json);
}

/* ---- the first look ---------------------------------------------------------------- */

static void
index_name(Bundle *b, guint piece, const Entry *e)
{
  if (!e->type || !e->id)
    return;
  char *name = g_strconcat(e->type, "/", e->id, NULL);
  const guint before = GPOINTER_TO_UINT(g_hash_table_lookup(b->by_name, name));
  guint now = piece + 1;
  if (before == AMBIGUOUS) {
    now = AMBIGUOUS;
  } else if (before) {
    /* A history holds one resource several times, the newest first. */
    const Entry *other = &g_array_index(b->entries, Entry, before - 1);
    now = g_strcmp0(other->url, e->url) == 0 ? before : AMBIGUOUS;
  }
  g_hash_table_insert(b->by_name, name, GUINT_TO_POINTER(now));
}

static void
look_at(Bundle *b, guint piece)
{
  const Piece *p = &g_array_index(b->scan.pieces, Piece, piece);
  Entry e = {0};
  g_autoptr(Json) json = json_read(b->scan.text, p->span, &e.problem);
  Json *resource = p->entry >= 0 ? json_get(json, "resource") : json;
  if (json && p->entry >= 0) {
    e.url = g_strdup(json_text_at(json, "fullUrl"));
    e.absent = json_is_object(json) && !resource;
  }
  if (json && !e.absent && !json_is_object(resource))
    e.problem = g_strdup("is no JSON object");
  e.type = g_strdup(json_text_at(resource, "resourceType"));
  e.id = g_strdup(json_text_at(resource, "id"));
  if (!e.id && e.url && g_str_has_prefix(e.url, "urn:uuid:"))
    e.id = g_strdup(e.url + strlen("urn:uuid:"));
  if (!e.problem && !e.absent && !e.type)
    e.problem = g_strdup("names no resourceType: it is no FHIR resource");
  g_array_append_val(b->entries, e);
  if (e.url && !g_hash_table_contains(b->by_url, e.url))
    g_hash_table_insert(b->by_url, g_strdup(e.url), GUINT_TO_POINTER(piece + 1));
  index_name(b, piece, &e);
  if (!e.problem && resource)
    pairs_note(&b->pairs, resource);
}

/* The Bundle without its entries, put together again. */
static void
read_shell(Bundle *b, const Shell *shell)
{
  g_autoptr(GString) text = g_string_new("{");
  char *problem = NULL;
  for (guint i = 0; i + 1 < shell->values->len; i += 2) {
    const Span name = g_array_index(shell->values, Span, i);
    const Span value = g_array_index(shell->values, Span, i + 1);
    g_string_append_len(text, b->scan.text + name.start, (gssize)(name.end - name.start));
    g_string_append_c(text, ':');
    g_string_append_len(text, b->scan.text + value.start, (gssize)(value.end - value.start));
    g_string_append_c(text, i + 3 < shell->values->len ? ',' : '}');
  }
  g_ptr_array_add(b->shells, json_read(text->str, (Span){0, text->len}, &problem));
  g_ptr_array_add(b->shell_problems, problem);
}

gboolean
bundle_open(Bundle *ret, const char *text, gsize length, const char *base, const char *issuers,
            char **ret_problem)
{
  *ret = (Bundle){.base = base ? base : "", .issuers = issuers ? issuers : ""};
  ret->entries = g_array_new(FALSE, TRUE, sizeof(Entry));
  g_array_set_clear_func(ret->entries, clear_entry);
  ret->by_url = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  ret->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  pairs_init(&ret->pairs);
  ret->shells = g_ptr_array_new_with_free_func(put_json);
  ret->shell_problems = g_ptr_array_new_with_free_func(g_free);
  if (!scan_text(&ret->scan, text, length, ret_problem))
    return FALSE;
  for (guint i = 0; i < ret->scan.shells->len; i++)
    read_shell(ret, &g_array_index(ret->scan.shells, Shell, i));
  for (guint i = 0; i < ret->scan.pieces->len; i++)
    look_at(ret, i);
  return TRUE;
}

void
bundle_close(Bundle *b)
{
  for (gsize i = 0; i < G_N_ELEMENTS(b->cache); i++)
    json_unref(b->cache[i].json);
  g_array_unref(b->entries);
  g_hash_table_unref(b->by_url);
  g_hash_table_unref(b->by_name);
  pairs_clear(&b->pairs);
  g_ptr_array_unref(b->shells);
  g_ptr_array_unref(b->shell_problems);
  scan_clear(&b->scan);
}

Json *
bundle_resource(Bundle *b, guint piece, char **ret_problem)
{
  const Piece *p = &g_array_index(b->scan.pieces, Piece, piece);
  const guint slot = piece % G_N_ELEMENTS(b->cache);
  if (b->cache[slot].piece == piece + 1)
    return json_ref(b->cache[slot].json);
  g_autoptr(Json) json = json_read(b->scan.text, p->span, ret_problem);
  Json *resource = json_ref(p->entry >= 0 ? json_get(json, "resource") : json);
  if (resource && p->span.end - p->span.start <= CACHED_BYTES) {
    json_unref(b->cache[slot].json);
    b->cache[slot].piece = piece + 1;
    b->cache[slot].json = json_ref(resource);
  }
  return resource;
}

char *
bundle_path(const Bundle *b, guint piece)
{
  const Piece *p = &g_array_index(b->scan.pieces, Piece, piece);
  const Entry *e = &g_array_index(b->entries, Entry, piece);
  g_autoptr(GString) path = g_string_new(NULL);
  if (b->scan.documents > 1)
    g_string_append_printf(path, "resource %d of the file, ", p->document + 1);
  if (p->entry >= 0)
    g_string_append_printf(path, "Bundle.entry[%d].resource", p->entry);
  if (p->entry < 0)
    g_string_append_printf(path, "%.100s", e->type ? e->type : "the object");
  else if (e->type)
    g_string_append_printf(path, " (%.100s%s%.100s)", e->type, e->id ? " " : "",
                           e->id ? e->id : "");
  return g_strdup(path->str);
}

/* ---- references ----------------------------------------------------------------------- */

gboolean
is_uuid(const char *s)
{
  static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  gsize i = 0;
  for (; s && shape[i]; i++)
    if (shape[i] == '-' ? s[i] != '-' : !g_ascii_isxdigit(s[i]))
      return FALSE;
  return s && !s[i];
}

static gboolean
is_absolute(const char *url)
{
  return g_str_has_prefix(url, "http://") || g_str_has_prefix(url, "https://");
}

char *
base_of(const Bundle *b, const Entry *e)
{
  if (e && e->url && e->type && e->id && is_absolute(e->url)) {
    g_autofree char *tail = g_strconcat("/", e->type, "/", e->id, NULL);
    if (g_str_has_suffix(e->url, tail))
      return g_strndup(e->url, strlen(e->url) - strlen(tail));
  }
  gsize n = strlen(b->base);
  while (n > 0 && b->base[n - 1] == '/')
    n--;
  return g_strndup(b->base, n);
}

/* "Type/id" at the end of an address; NULL when it does not end so. */
static const char *
name_in(const char *url)
{
  const char *id = strrchr(url, '/');
  if (!id || id == url)
    return NULL;
  const char *type = id - 1;
  while (type > url && *type != '/')
    type--;
  return type > url ? type + 1 : NULL;
}

static guint
find_piece(const Resource *from, const char *url)
{
  const Bundle *b = from->bundle;
  guint found = GPOINTER_TO_UINT(g_hash_table_lookup(b->by_url, url));
  if (found || g_str_has_prefix(url, "urn:"))
    return found;
  if (is_absolute(url)) {
    const char *name = name_in(url);
    found = name ? GPOINTER_TO_UINT(g_hash_table_lookup(b->by_name, name)) : 0;
    const Entry *e =
        found && found != AMBIGUOUS ? &g_array_index(b->entries, Entry, found - 1) : NULL;
    /* An entry of another server is another resource. */
    return e && !(e->url && is_absolute(e->url)) ? found : 0;
  }
  g_autofree char *base = base_of(b, from->entry);
  g_autofree char *whole = g_strconcat(base, "/", url, NULL);
  found = GPOINTER_TO_UINT(g_hash_table_lookup(b->by_url, whole));
  if (!found)
    found = GPOINTER_TO_UINT(g_hash_table_lookup(b->by_name, url));
  return found == AMBIGUOUS ? 0 : found;
}

static Json *
find_contained(const Resource *from, const char *id)
{
  Json *contained = json_get(from->json, "contained");
  for (gsize i = 0; i < json_count(contained); i++)
    if (g_strcmp0(json_text_at(json_item(contained, i), "id"), id) == 0)
      return json_ref(json_item(contained, i));
  return NULL;
}

/* Without the version that it may name. */
static char *
plain_reference(Json *reference)
{
  const char *text = json_text_at(reference, "reference");
  const char *version = text ? strstr(text, "/_history/") : NULL;
  return text ? g_strndup(text, version ? (gsize)(version - text) : strlen(text)) : NULL;
}

Json *
resource_resolve(const Resource *from, Json *reference, const Entry **ret_entry)
{
  g_autofree char *url = plain_reference(reference), *problem = NULL;
  if (ret_entry)
    *ret_entry = NULL;
  if (!url)
    return NULL;
  if (url[0] == '#')
    return find_contained(from, url + 1);
  const guint piece = find_piece(from, url);
  if (!piece || piece == AMBIGUOUS)
    return NULL;
  if (ret_entry)
    *ret_entry = &g_array_index(from->bundle->entries, Entry, piece - 1);
  return bundle_resource(from->bundle, piece - 1, &problem);
}

const char *
reference_type(const Resource *from, Json *reference, char **ret_owned)
{
  g_autoptr(Json) target = resource_resolve(from, reference, NULL);
  const char *type = json_text_at(target, "resourceType");
  if (!type)
    type = json_text_at(reference, "type");
  if (type) {
    *ret_owned = g_strdup(type);
    return *ret_owned;
  }
  g_autofree char *url = plain_reference(reference);
  const char *query = url ? strchr(url, '?') : NULL;
  const char *name = !url ? NULL : query ? url : is_absolute(url) ? name_in(url) : url;
  *ret_owned = name && strpbrk(name, "/?") ? g_strndup(name, strcspn(name, "/?")) : NULL;
  return *ret_owned;
}
