/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/code-map.h"

#include <string.h>

#include "base/error.h"
#include "base/xml.h"

typedef struct {
  char *application, *facility; /* lower case; NULL: any */
  ItvCodeMeaning meaning;
  int line;
} Entry;

struct ItvCodeMap {
  const ItvFulfilment *fulfilment; /* borrowed, while loading */
  GHashTable *entries; /* "exam", "description", "modality" or "body-part", a blank, the code in
                          lower case -> GPtrArray of Entry */
};

static void
free_entry(gpointer data)
{
  Entry *e = data;
  g_free(e->application);
  g_free(e->facility);
  g_free(e);
}

void
itv_code_map_free(ItvCodeMap *map)
{
  if (!map)
    return;
  g_hash_table_unref(map->entries);
  g_free(map);
}

/* NULL for NULL. */
static char *
folded(const char *text)
{
  return text ? g_strstrip(g_utf8_strdown(text, -1)) : NULL;
}

static char *
key_of(const char *what, const char *code)
{
  g_autofree char *low = folded(code);
  return g_strconcat(what, " ", low, NULL);
}

/* ---- reading ---------------------------------------------------------------------- */

static gboolean
read_regions(const char *file, const ItvXml *xml, ItvCodeMeaning *m, GError **error)
{
  g_auto(GStrv) codes = g_strsplit_set(itv_xml_attr(xml, "region", ""), " \t\n", 0);
  for (guint i = 0; codes[i]; i++) {
    const ItvRegion region = itv_region_parse(codes[i]);
    if (!*codes[i])
      continue;
    if (region == ITV_REGION_NONE)
      return itv_fail(error, ITV_ERROR_CONFIG,
                      "%s:%d: \"%s\" is no region (chest, knee, brain ...)", file, xml->line,
                      codes[i]);
    m->regions |= ITV_REGION_BIT(region);
    m->main_region = m->main_region ? m->main_region : region;
  }
  return TRUE;
}

static gboolean
read_meaning(const ItvCodeMap *map, const char *file, const ItvXml *xml, ItvCodeMeaning *m,
             GError **error)
{
  const char *given = itv_xml_attr(xml, "is", itv_xml_attr(xml, "modality", ""));
  g_auto(GStrv) codes = g_strsplit_set(given, " \t\n", 0);
  for (guint i = 0; codes[i]; i++)
    if (itv_modality_parse(codes[i]))
      m->modalities |= ITV_MODALITY_BIT(itv_modality_parse(codes[i]));
  m->laterality = itv_laterality_parse(itv_xml_attr(xml, "laterality", NULL));
  const char *procedure = itv_xml_attr(xml, "procedure", NULL);
  m->acts = itv_fulfilment_acts(map->fulfilment, procedure, -1);
  if (procedure && !m->acts)
    return itv_fail(error, ITV_ERROR_CONFIG,
                    "%s:%d: procedure=\"%s\" names no act that a report could ask for (biopsy, "
                    "drainage, surgery, colonoscopy, bronchoscopy ...)",
                    file, xml->line, procedure);
  return read_regions(file, xml, m, error);
}

static gboolean
says_something(const ItvCodeMeaning *m)
{
  return m->modalities || m->regions || m->laterality || m->acts;
}

/* Two entries for the same code of the same sender would make the order of the file
 * decide. */
static gboolean
add_entry(ItvCodeMap *map, const char *file, char *key, Entry *e, GError **error)
{
  g_autofree char *owned = key;
  GPtrArray *list = g_hash_table_lookup(map->entries, key);
  if (!list) {
    list = g_ptr_array_new_with_free_func(free_entry);
    g_hash_table_insert(map->entries, g_steal_pointer(&owned), list);
  }
  for (guint i = 0; i < list->len; i++) {
    const Entry *other = g_ptr_array_index(list, i);
    if (g_strcmp0(other->application, e->application) == 0 &&
        g_strcmp0(other->facility, e->facility) == 0) {
      itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: this code stands in line %d already", file, e->line,
               other->line);
      free_entry(e);
      return FALSE;
    }
  }
  g_ptr_array_add(list, e);
  return TRUE;
}

static gboolean
read_entry(ItvCodeMap *map, const char *file, const ItvXml *xml, GError **error)
{
  const gboolean exam = strcmp(xml->name, "exam") == 0;
  const char *code = itv_xml_attr(xml, "code", NULL);
  const char *description = exam ? itv_xml_attr(xml, "description", NULL) : NULL;
  if ((code != NULL) == (description != NULL))
    return itv_fail(error, ITV_ERROR_CONFIG,
                    "%s:%d: an <exam> is known by its code or by its description: give one of them",
                    file, xml->line);
  Entry *e = g_new0(Entry, 1);
  e->application = folded(itv_xml_attr(xml, "application", NULL));
  e->facility = folded(itv_xml_attr(xml, "facility", NULL));
  e->line = xml->line;
  if (!read_meaning(map, file, xml, &e->meaning, error)) {
    free_entry(e);
    return FALSE;
  }
  if (!says_something(&e->meaning)) {
    free_entry(e);
    return itv_fail(error, ITV_ERROR_CONFIG,
                    "%s:%d: \"%s\" means nothing here: give a modality, region, laterality or "
                    "procedure",
                    file, xml->line, code ? code : description);
  }
  return add_entry(map, file, key_of(code ? xml->name : "description", code ? code : description),
                   e, error);
}

ItvCodeMap *
itv_code_map_load(const char *path, const char *xsd_path, const ItvFulfilment *fulfilment,
                  GError **error)
{
  g_autoptr(ItvXml) root = itv_xml_read(path, xsd_path, error);
  if (!root)
    return NULL;
  if (strcmp(root->name, "codes") != 0)
    return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: the root is <%s>, expected <codes>", path,
                    root->line, root->name),
           NULL;
  g_autoptr(ItvCodeMap) map = g_new0(ItvCodeMap, 1);
  map->fulfilment = fulfilment;
  map->entries =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  for (guint i = 0; i < root->children->len; i++)
    if (!read_entry(map, path, root->children->pdata[i], error))
      return NULL;
  return g_steal_pointer(&map);
}

/* ---- looking up ------------------------------------------------------------------- */

/* 0: another sender; else the more the closer. */
static guint
closeness(const Entry *e, const char *application, const char *facility)
{
  if (e->application && g_strcmp0(e->application, application) != 0)
    return 0;
  if (e->facility && g_strcmp0(e->facility, facility) != 0)
    return 0;
  return 1 + (e->facility ? 1 : 0) + (e->application ? 2 : 0);
}

static const ItvCodeMeaning *
look_up(const ItvCodeMap *map, const char *what, const char *sender, const char *code)
{
  if (!map || !code || !*code)
    return NULL;
  g_autofree char *key = key_of(what, code);
  const GPtrArray *list = g_hash_table_lookup(map->entries, key);
  if (!list)
    return NULL;
  g_autofree char *from = folded(sender ? sender : "");
  g_auto(GStrv) parts = g_strsplit(from, "^", 2);
  const Entry *best = NULL;
  guint best_closeness = 0;
  for (guint i = 0; i < list->len; i++) {
    const Entry *e = g_ptr_array_index(list, i);
    const guint close = closeness(e, parts[0], parts[0] ? parts[1] : NULL);
    if (close > best_closeness) {
      best = e;
      best_closeness = close;
    }
  }
  return best ? &best->meaning : NULL;
}

const ItvCodeMeaning *
itv_code_map_exam(const ItvCodeMap *map, const char *sender, const char *code,
                  const char *description)
{
  const ItvCodeMeaning *m = look_up(map, "exam", sender, code);
  return m ? m : look_up(map, "description", sender, description);
}

const ItvCodeMeaning *
itv_code_map_body_part(const ItvCodeMap *map, const char *sender, const char *code)
{
  return look_up(map, "body-part", sender, code);
}

ItvModality
itv_code_map_modality(const ItvCodeMap *map, const char *sender, const char *code)
{
  const ItvCodeMeaning *m = look_up(map, "modality", sender, code);
  for (int i = 1; m && i < ITV_MODALITY_N; i++)
    if (m->modalities & ITV_MODALITY_BIT(i))
      return (ItvModality)i;
  return ITV_MODALITY_NONE;
}
