/* SPDX-License-Identifier: Apache-2.0
 *
 * config/linkage.xml, read.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/xml.h"
#include "engine/linkage-internal.h"
#include "engine/linkage-text.h"

static void
group_free(gpointer data)
{
  g_array_unref(data);
}

void
itv_linkage_free(ItvLinkage *linkage)
{
  if (!linkage)
    return;
  g_hash_table_unref(linkage->nicknames);
  g_hash_table_unref(linkage->placeholder_names);
  g_hash_table_unref(linkage->placeholder_dates);
  g_hash_table_unref(linkage->placeholder_numbers);
  g_free(linkage);
}

ItvLinkAutomatic
itv_linkage_automatic(const ItvLinkage *linkage)
{
  return linkage->automatic;
}

guint
itv_linkage_max_block(const ItvLinkage *linkage)
{
  return linkage->max_block;
}

static int
code_of(const char *const *codes, int n, const char *code)
{
  for (int i = 0; i < n; i++)
    if (strcmp(codes[i], code) == 0)
      return i;
  return -1;
}

/* What the schema says of a number holds; this is for a call without one. */
static gboolean
read_number(const char *file, const ItvXml *xml, const char *name, double low, double high,
            double *ret, GError **error)
{
  const char *text = itv_xml_attr(xml, name, "");
  char *end = NULL;
  const double value = g_ascii_strtod(text, &end);
  if (end == text || *end || !isfinite(value) || value < low || value > high)
    return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: %s=\"%s\" is no number from %g to %g", file,
                    xml->line, name, text, low, high);
  *ret = value;
  return TRUE;
}

/* ---- fields ------------------------------------------------------------------------------ */

static gboolean
read_level(const char *file, const ItvXml *xml, ItvLinkage *linkage, int field, GError **error)
{
  const char *name = itv_xml_attr(xml, "name", "");
  const int level = code_of(itv_link_level_codes, ITV_LL_N, name);
  double m = 0, u = 0;
  if (level < 0 || !itv_link_level_fits((ItvLinkField)field, (ItvLinkLevel)level))
    return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: %s has no level \"%s\"", file, xml->line,
                    itv_link_field_codes[field], name);
  if (!read_number(file, xml, "m", 1e-9, 1, &m, error) ||
      !read_number(file, xml, "u", 1e-9, 1, &u, error))
    return FALSE;
  linkage->weight[field][level] = log2(m / u);
  if (field == ITV_LF_FAMILY && level == ITV_LL_SAME) {
    linkage->family_m = m;
    linkage->prior_share = u;
  }
  return TRUE;
}

static gboolean
read_field(const char *file, const ItvXml *xml, ItvLinkage *linkage, GError **error)
{
  const char *name = itv_xml_attr(xml, "name", "");
  const int field = code_of(itv_link_field_codes, ITV_LF_N, name);
  const ItvXml *level = NULL;
  if (field < 0)
    return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: there is no field \"%s\"", file, xml->line,
                    name);
  for (gsize i = 0; (level = itv_xml_child(xml, "level", i)); i++)
    if (!read_level(file, level, linkage, field, error))
      return FALSE;
  return TRUE;
}

/* ---- lists of words -------------------------------------------------------------------------- */

static void
add_words(GHashTable *set, const ItvXml *xml, char *(*fold)(const char *))
{
  g_auto(GStrv) words = g_strsplit_set(xml ? xml->text : "", " \t\r\n", -1);
  for (guint i = 0; words[i]; i++) {
    char *word = fold(words[i]);
    if (*word)
      g_hash_table_add(set, word);
    else
      g_free(word);
  }
}

static void
add_group(GHashTable *nicknames, const ItvXml *xml, guint group)
{
  g_auto(GStrv) words = g_strsplit_set(xml->text, " \t\r\n", -1);
  for (guint i = 0; words[i]; i++) {
    g_autofree char *word = itv_link_fold(words[i]);
    if (!*word)
      continue;
    GArray *groups = g_hash_table_lookup(nicknames, word);
    if (!groups) {
      groups = g_array_new(FALSE, FALSE, sizeof(guint));
      g_hash_table_insert(nicknames, g_steal_pointer(&word), groups);
    }
    g_array_append_val(groups, group);
  }
}

gboolean
itv_link_nicknames(const ItvLinkage *linkage, const char *a, const char *b)
{
  const GArray *x = g_hash_table_lookup(linkage->nicknames, a);
  const GArray *y = x ? g_hash_table_lookup(linkage->nicknames, b) : NULL;
  for (guint i = 0; y && i < x->len; i++)
    for (guint k = 0; k < y->len; k++)
      if (g_array_index(x, guint, i) == g_array_index(y, guint, k))
        return TRUE;
  return FALSE;
}

/* ---- the file
 * ------------------------------------------------------------------------------------ */

static gboolean
is_true(const ItvXml *xml, const char *name)
{
  const char *text = itv_xml_attr(xml, name, "false");
  return strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
}

static gboolean
read_automatic(const char *file, const ItvXml *zones, ItvLinkage *linkage, GError **error)
{
  static const char *const codes[] = {
      [ITV_LINK_BY_HAND] = "false",
      [ITV_LINK_CORROBORATED] = "corroborated",
      [ITV_LINK_CERTAIN] = "certain",
  };
  const char *text = itv_xml_attr(zones, "automatic", "false");
  const int found = code_of(codes, G_N_ELEMENTS(codes), text);
  if (found < 0)
    return itv_fail(error, ITV_ERROR_CONFIG,
                    "%s:%d: automatic=\"%s\" is none of false, corroborated, certain", file,
                    zones->line, text);
  linkage->automatic = (ItvLinkAutomatic)found;
  return TRUE;
}

static gboolean
read_limits(const char *file, const ItvXml *root, ItvLinkage *linkage, GError **error)
{
  const ItvXml *zones = itv_xml_child(root, "zones", 0);
  const ItvXml *blocks = itv_xml_child(root, "blocking", 0);
  const ItvXml *names = itv_xml_child(root, "name-frequency", 0);
  double max_block = 0;
  if (!zones || !blocks || !names)
    return itv_fail(error, ITV_ERROR_CONFIG,
                    "%s: zones, blocking and name-frequency must all be there", file);
  if (!read_number(file, zones, "certain", -1000, 1000, &linkage->certain, error) ||
      !read_number(file, zones, "slip-certain", -1000, 1000, &linkage->slip_certain, error) ||
      !read_number(file, zones, "possible", -1000, 1000, &linkage->possible, error) ||
      !read_number(file, blocks, "max-block", 2, 100000, &max_block, error) ||
      !read_number(file, names, "rare", 1e-9, 1, &linkage->rare_share, error) ||
      !read_number(file, names, "common", 1e-9, 1, &linkage->common_share, error) ||
      !read_number(file, names, "prior-ids", 1, 1e9, &linkage->prior_ids, error))
    return FALSE;
  if (linkage->possible > linkage->certain || linkage->certain > linkage->slip_certain ||
      linkage->rare_share > linkage->common_share)
    return itv_fail(error, ITV_ERROR_CONFIG,
                    "%s:%d: possible must not lie above certain, nor certain above "
                    "slip-certain, nor rare above common",
                    file, zones->line);
  linkage->max_block = (guint)max_block;
  linkage->thin_guard = is_true(zones, "thin-guard");
  return read_automatic(file, zones, linkage, error);
}

ItvLinkage *
itv_linkage_load(const char *path, const char *xsd, GError **error)
{
  g_autoptr(ItvXml) root = itv_xml_read(path, xsd, error);
  if (!root)
    return NULL;
  g_autoptr(ItvLinkage) linkage = g_new0(ItvLinkage, 1);
  linkage->nicknames = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, group_free);
  linkage->placeholder_names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  linkage->placeholder_dates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  linkage->placeholder_numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  const ItvXml *x = NULL;
  for (gsize i = 0; (x = itv_xml_child(root, "field", i)); i++)
    if (!read_field(path, x, linkage, error))
      return NULL;
  if (!read_limits(path, root, linkage, error))
    return NULL;
  if (linkage->family_m <= 0)
    return itv_fail(error, ITV_ERROR_CONFIG, "%s: the field family has no level same", path), NULL;
  const ItvXml *places = itv_xml_child(root, "placeholders", 0);
  if (places) {
    add_words(linkage->placeholder_names, itv_xml_child(places, "names", 0), itv_link_fold);
    add_words(linkage->placeholder_dates, itv_xml_child(places, "dates", 0), itv_link_digits);
    add_words(linkage->placeholder_numbers, itv_xml_child(places, "numbers", 0), itv_link_digits);
  }
  const ItvXml *nicknames = itv_xml_child(root, "nicknames", 0);
  for (gsize i = 0; nicknames && (x = itv_xml_child(nicknames, "names", i)); i++)
    add_group(linkage->nicknames, x, (guint)i);
  return g_steal_pointer(&linkage);
}
