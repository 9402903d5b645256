/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/protocol.h"

#include <string.h>

#include "base/error.h"
#include "base/xml.h"

/* ---- values ------------------------------------------------------------------------------- */

static double
number(const ItvXml *xml, const char *name)
{
  const char *text = itv_xml_attr(xml, name, NULL);
  return text ? g_ascii_strtod(text, NULL) : -1;
}

static gboolean
period(const ItvXml *xml, const char *name, const char *path, ItvPeriod *ret, GError **error)
{
  const char *text = itv_xml_attr(xml, name, "");
  if (itv_period_parse(text, ret))
    return TRUE;
  return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: %s=\"%s\" is no ISO 8601 period", path,
                  xml->line, name, text);
}

/* ---- parts of a protocol -------------------------------------------------------------------- */

static gboolean
read_visit(ItvProtocol *p, const ItvXml *xml, const char *path, GError **error)
{
  ItvVisit v = {0};
  if (!period(xml, "target", path, &v.target, error) ||
      !period(xml, "earliest", path, &v.earliest, error) ||
      !period(xml, "latest", path, &v.latest, error))
    return FALSE;
  const int earliest = itv_period_days(v.earliest), latest = itv_period_days(v.latest);
  const int target = itv_period_days(v.target);
  if (earliest > target || target > latest)
    return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: target must lie between earliest and latest",
                    path, xml->line);
  v.id = g_strdup(itv_xml_attr(xml, "id", ""));
  v.title = g_strdup(itv_xml_attr(xml, "title", ""));
  g_array_append_val(p->visits, v);
  return TRUE;
}

static void
read_healing(ItvProtocol *p, const ItvXml *xml)
{
  const ItvHealingMeasure m = {.measure = g_strdup(itv_xml_attr(xml, "measure", "")),
                               .unit = g_strdup(itv_xml_attr(xml, "unit", "{score}")),
                               .source = g_strdup(itv_xml_attr(xml, "source", NULL)),
                               .union_score = number(xml, "union-score"),
                               .repeatability = number(xml, "repeatability"),
                               .expected = g_array_new(FALSE, TRUE, sizeof(ItvExpectedPoint))};
  const ItvXml *e = NULL;
  for (gsize i = 0; (e = itv_xml_child(xml, "expected", i)); i++) {
    const ItvExpectedPoint point = {number(e, "score"), number(e, "early-days"),
                                    number(e, "median-days"), number(e, "late-days")};
    g_array_append_val(m.expected, point);
  }
  g_array_append_val(p->healing, m);
}

static ItvModalitySet
modalities(const char *codes)
{
  ItvModalitySet set = 0;
  g_auto(GStrv) words = g_strsplit(codes, " ", -1);
  for (char **w = words; *w; w++)
    if (**w)
      set |= ITV_MODALITY_BIT(itv_modality_parse(*w));
  return set & ~ITV_MODALITY_BIT(ITV_MODALITY_NONE);
}

static ItvProtocol *
read_protocol(const char *path, const char *xsd_path, GError **error)
{
  g_autoptr(ItvXml) xml = itv_xml_read(path, xsd_path, error);
  if (!xml)
    return NULL;
  g_autoptr(ItvProtocol) p = itv_protocol_new();
  p->name = g_strdup(itv_xml_attr(xml, "name", ""));
  p->version = g_strdup(itv_xml_attr(xml, "version", ""));
  p->title = g_strdup(itv_xml_attr(xml, "title", p->name));
  p->region = itv_region_parse(itv_xml_attr(xml, "region", NULL));
  p->modalities = modalities(itv_xml_attr(xml, "modality", ""));
  p->sided = strcmp(itv_xml_attr(xml, "sided", "false"), "true") == 0;
  const ItvXml *source = itv_xml_child(xml, "source", 0);
  p->source = source ? g_strdup(source->text) : NULL;
  const ItvXml *child = NULL;
  for (gsize i = 0; (child = itv_xml_child(xml, "visit", i)); i++)
    if (!read_visit(p, child, path, error))
      return NULL;
  for (gsize i = 0; (child = itv_xml_child(xml, "healing", i)); i++)
    read_healing(p, child);
  return g_steal_pointer(&p);
}

static int
by_name(gconstpointer a, gconstpointer b)
{
  return strcmp((*(const ItvProtocol *const *)a)->name, (*(const ItvProtocol *const *)b)->name);
}

GPtrArray *
itv_protocols_load(const char *folder, const char *xsd_path, GError **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)itv_protocol_free);
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  for (const char *name = dir ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir)) {
    if (!g_str_has_suffix(name, ".xml"))
      continue;
    g_autofree char *path = g_build_filename(folder, name, NULL);
    ItvProtocol *p = read_protocol(path, xsd_path, error);
    if (!p)
      return NULL;
    g_ptr_array_add(list, p);
  }
  g_ptr_array_sort(list, by_name);
  return g_steal_pointer(&list);
}
