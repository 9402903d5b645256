/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/protocol.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/xml.h"

/* The schema has seen to the form; what it cannot say is checked here. */

static gboolean
read_period(const char *file, const ItvXml *xml, const char *name, ItvPeriod *ret, GError **error)
{
  const char *text = itv_xml_attr(xml, name, "");
  if (!itv_period_parse(text, ret))
    return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: %s=\"%s\" is no period such as P6W", file,
                    xml->line, name, text);
  return TRUE;
}

static gboolean
read_modalities(const char *file, const ItvXml *xml, ItvModalitySet *ret, GError **error)
{
  g_auto(GStrv) codes = g_strsplit_set(itv_xml_attr(xml, "modality", ""), " \t\n", -1);
  ItvModalitySet set = 0;
  for (guint i = 0; codes[i]; i++) {
    const ItvModality m = itv_modality_parse(codes[i]);
    if (!m && *codes[i])
      return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: \"%s\" is no modality", file, xml->line,
                      codes[i]);
    set |= m ? ITV_MODALITY_BIT(m) : 0;
  }
  *ret = set;
  return TRUE;
}

/* -1 where it is not given. */
static double
read_number(const ItvXml *xml, const char *name)
{
  const char *text = itv_xml_attr(xml, name, NULL);
  const double value = text ? g_ascii_strtod(text, NULL) : -1;
  return isfinite(value) ? value : -1;
}

static gboolean
in_order(ItvPeriod a, ItvPeriod b)
{
  const ItvDate day = itv_date_new(2023, 1, 1);
  return itv_date_add(day, a) <= itv_date_add(day, b);
}

static gboolean
read_visit(const char *file, const ItvXml *xml, ItvProtocol *p, GError **error)
{
  ItvVisit v = {0};
  if (!read_period(file, xml, "target", &v.target, error) ||
      !read_period(file, xml, "earliest", &v.earliest, error) ||
      !read_period(file, xml, "latest", &v.latest, error) ||
      !read_modalities(file, xml, &v.modalities, error))
    return FALSE;
  if (!in_order(v.earliest, v.target) || !in_order(v.target, v.latest))
    return itv_fail(error, ITV_ERROR_CONFIG,
                    "%s:%d: earliest, target and latest must follow one another", file, xml->line);
  const char *id = itv_xml_attr(xml, "id", "");
  for (guint i = 0; i < p->visits->len; i++)
    if (strcmp(g_array_index(p->visits, ItvVisit, i).id, id) == 0)
      return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: there are two visits \"%s\"", file,
                      xml->line, id);
  v.id = g_strdup(id);
  v.title = g_strdup(itv_xml_attr(xml, "title", id));
  g_array_append_val(p->visits, v);
  return TRUE;
}

static void
read_healing(const ItvXml *xml, ItvProtocol *p)
{
  const ItvHealingMeasure m = {.measure = g_strdup(itv_xml_attr(xml, "measure", "")),
                               .unit = g_strdup(itv_xml_attr(xml, "unit", "{score}")),
                               .source = g_strdup(itv_xml_attr(xml, "source", NULL)),
                               .union_score = read_number(xml, "union-score"),
                               .repeatability = read_number(xml, "repeatability"),
                               .expected = g_array_new(FALSE, TRUE, sizeof(ItvExpectedPoint))};
  const ItvXml *e = NULL;
  for (gsize i = 0; (e = itv_xml_child(xml, "expected", i)); i++) {
    const ItvExpectedPoint point = {.score = read_number(e, "score"),
                                    .early_days = read_number(e, "early-days"),
                                    .median_days = read_number(e, "median-days"),
                                    .late_days = read_number(e, "late-days")};
    g_array_append_val(m.expected, point);
  }
  g_array_append_val(p->healing, m);
}

static gboolean
read_protocol(const char *file, const ItvXml *xml, ItvProtocol *p, GError **error)
{
  const ItvXml *child = itv_xml_child(xml, "source", 0);
  p->name = g_strdup(itv_xml_attr(xml, "name", ""));
  p->version = g_strdup(itv_xml_attr(xml, "version", ""));
  p->title = g_strdup(itv_xml_attr(xml, "title", p->name));
  p->source = g_strdup(child ? child->text : "");
  p->region = itv_region_parse(itv_xml_attr(xml, "region", NULL));
  const char *sided = itv_xml_attr(xml, "sided", "false");
  p->sided = strcmp(sided, "true") == 0 || strcmp(sided, "1") == 0;
  if (!p->region)
    return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: \"%s\" is no region", file, xml->line,
                    itv_xml_attr(xml, "region", ""));
  if (!read_modalities(file, xml, &p->modalities, error))
    return FALSE;
  for (gsize i = 0; (child = itv_xml_child(xml, "visit", i)); i++)
    if (!read_visit(file, child, p, error))
      return FALSE;
  for (gsize i = 0; (child = itv_xml_child(xml, "healing", i)); i++)
    read_healing(child, p);
  return TRUE;
}

static ItvProtocol *
load_one(const char *dir, const char *name, const char *xsd, GError **error)
{
  g_autofree char *path = g_build_filename(dir, name, NULL);
  g_autofree char *stem = g_strndup(name, strlen(name) - strlen(".xml"));
  g_autoptr(ItvXml) xml = itv_xml_read(path, xsd, error);
  if (!xml)
    return NULL;
  g_autoptr(ItvProtocol) p = itv_protocol_new();
  if (!read_protocol(path, xml, p, error))
    return NULL;
  if (strcmp(p->name, stem) != 0) {
    itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: name=\"%s\" must be the file's name, \"%s\"", path,
             xml->line, p->name, stem);
    return NULL;
  }
  return g_steal_pointer(&p);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *
itv_protocols_load(const char *dir, const char *xsd, GError **error)
{
  g_autoptr(GPtrArray) protocols =
      g_ptr_array_new_with_free_func((GDestroyNotify)itv_protocol_free);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GDir) folder = g_dir_open(dir, 0, NULL);
  if (!folder)
    return g_steal_pointer(&protocols);
  for (const char *name = NULL; (name = g_dir_read_name(folder));)
    if (g_str_has_suffix(name, ".xml"))
      g_ptr_array_add(names, g_strdup(name));
  g_ptr_array_sort(names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    ItvProtocol *p = load_one(dir, g_ptr_array_index(names, i), xsd, error);
    if (!p)
      return NULL;
    g_ptr_array_add(protocols, p);
  }
  return g_steal_pointer(&protocols);
}

const ItvProtocol *
itv_protocols_find(const GPtrArray *protocols, const char *name)
{
  for (guint i = 0; protocols && name && i < protocols->len; i++) {
    const ItvProtocol *p = g_ptr_array_index(protocols, i);
    if (strcmp(p->name, name) == 0)
      return p;
  }
  return NULL;
}
