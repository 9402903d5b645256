/* SPDX-License-Identifier: Apache-2.0
 *
 * config/fulfilment.xml: read, and refused where it contradicts itself in a way that a
 * schema cannot see.
 */
#include "engine/fulfilment-internal.h"

#include <string.h>

#include "base/error.h"
#include "base/xml.h"

typedef struct {
  ItvFulfilment *f;
  const char *file;
  GError **error;
} Reading;

G_GNUC_PRINTF(3, 4)
static gboolean
fail_at(const Reading *r, const ItvXml *xml, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  return itv_fail(r->error, ITV_ERROR_CONFIG, "%s:%d: %s", r->file, xml->line, text);
}

/* ---- codes ---------------------------------------------------------------------------- */

static const ItvRegionSet all_regions =
    (ITV_REGION_BIT(ITV_REGION_N) - 1) & ~ITV_REGION_BIT(ITV_REGION_NONE);

static gboolean
read_regions(const Reading *r, const ItvXml *xml, const char *attr, ItvRegionSet *set)
{
  g_auto(GStrv) codes = g_strsplit_set(itv_xml_attr(xml, attr, ""), " \t\r\n", -1);
  for (guint i = 0; codes[i]; i++) {
    const ItvRegion region = itv_region_parse(codes[i]);
    if (!*codes[i])
      continue;
    if (!region)
      return fail_at(r, xml, "%s=\"%s\" is no region (chest, knee, brain ...)", attr, codes[i]);
    *set |= ITV_REGION_BIT(region);
  }
  return TRUE;
}

static gboolean
read_region(const Reading *r, const ItvXml *xml, const char *attr, ItvRegion *region)
{
  const char *code = itv_xml_attr(xml, attr, "");
  *region = itv_region_parse(code);
  return *region ? TRUE
                 : fail_at(r, xml, "%s=\"%s\" is no region (chest, knee, brain ...)", attr, code);
}

static gboolean
read_modalities(const Reading *r, const ItvXml *xml, const char *attr, ItvModalitySet *set)
{
  g_auto(GStrv) codes = g_strsplit_set(itv_xml_attr(xml, attr, ""), " \t\r\n", -1);
  for (guint i = 0; codes[i]; i++) {
    const ItvModality modality = itv_modality_parse(codes[i]);
    if (!*codes[i])
      continue;
    if (!modality)
      return fail_at(r, xml, "%s=\"%s\" is no modality (XR, CT, MR ...)", attr, codes[i]);
    *set |= ITV_MODALITY_BIT(modality);
  }
  return TRUE;
}

/* ---- regions --------------------------------------------------------------------------- */

/* All that shows `region` by whatever modality, over any number of steps. */
static ItvRegionSet
shown_from(const ItvFulfilment *f, ItvRegion region)
{
  ItvRegionSet all = ITV_REGION_BIT(region), before = 0;
  while (all != before) {
    before = all;
    for (int i = 1; i < ITV_REGION_N; i++)
      if (before & ITV_REGION_BIT(i))
        all |= f->always[i];
  }
  return all;
}

/* Two regions that show one another by whatever modality would be one. */
static gboolean
check_circle(const Reading *r, const ItvXml *xml, ItvRegion region, ItvRegionSet shows)
{
  const ItvRegionSet circle = shown_from(r->f, region) & shows;
  for (int i = 1; i < ITV_REGION_N; i++)
    if (circle & ITV_REGION_BIT(i))
      return fail_at(r, xml, "%s cannot show %s: %s shows %s already, so this goes in a circle",
                     itv_region_code(region), itv_region_code((ItvRegion)i),
                     itv_region_code((ItvRegion)i), itv_region_code(region));
  return TRUE;
}

static gboolean
read_covers(const Reading *r, const ItvXml *xml)
{
  ItvRegion region = ITV_REGION_NONE;
  ItvRegionSet shows = 0;
  ItvModalitySet by = 0;
  if (!read_region(r, xml, "region", &region) || !read_modalities(r, xml, "modality", &by))
    return FALSE;
  if (strcmp(itv_xml_attr(xml, "shows", ""), "all") == 0)
    shows = all_regions & ~ITV_REGION_BIT(region);
  else if (!read_regions(r, xml, "shows", &shows))
    return FALSE;
  if (!by && !check_circle(r, xml, region, shows))
    return FALSE;
  for (int i = 1; i < ITV_REGION_N; i++) {
    if (!(shows & ITV_REGION_BIT(i)))
      continue;
    const ItvCover cover = {ITV_REGION_BIT(region), by};
    if (!by) {
      r->f->always[i] |= ITV_REGION_BIT(region);
      continue;
    }
    if (!r->f->covers[i])
      r->f->covers[i] = g_array_new(FALSE, FALSE, sizeof(ItvCover));
    g_array_append_val(r->f->covers[i], cover);
  }
  return TRUE;
}

static gboolean
read_composed(const Reading *r, const ItvXml *xml)
{
  ItvRegion region = ITV_REGION_NONE;
  ItvRegionSet parts = 0;
  if (!read_region(r, xml, "region", &region) || !read_regions(r, xml, "parts", &parts))
    return FALSE;
  if (parts & ITV_REGION_BIT(region))
    return fail_at(r, xml, "%s cannot be a part of itself", itv_region_code(region));
  if (r->f->composed[region].parts)
    return fail_at(r, xml, "the parts of %s are given twice", itv_region_code(region));
  if (!(parts & (parts - 1)))
    return fail_at(r, xml, "%s has one part only: say <covers> instead", itv_region_code(region));
  r->f->composed[region] =
      (ItvComposed){parts, strcmp(itv_xml_attr(xml, "partial", "no"), "review") == 0};
  return TRUE;
}

/* ---- modalities ------------------------------------------------------------------------- */

/* Does `from` stand in for `to` in that region, over any number of steps? */
static gboolean
stands_in(const ItvFulfilment *f, ItvModalitySet from, ItvModalitySet to, ItvRegion region)
{
  ItvModalitySet reached = from, before = 0;
  while (reached != before) {
    before = reached;
    for (guint i = 0; i < f->serves->len; i++) {
      const ItvServes *s = &g_array_index(f->serves, ItvServes, i);
      if ((s->modalities & reached) && (!s->regions || (s->regions & ITV_REGION_BIT(region))))
        reached |= s->instead_of;
    }
  }
  return (reached & to) != 0;
}

static gboolean
read_serves(const Reading *r, const ItvXml *xml)
{
  ItvServes s = {0};
  if (!read_modalities(r, xml, "modality", &s.modalities) ||
      !read_modalities(r, xml, "for", &s.instead_of) ||
      !read_regions(r, xml, "regions", &s.regions))
    return FALSE;
  for (int i = 1; i < ITV_REGION_N; i++)
    if ((!s.regions || (s.regions & ITV_REGION_BIT(i))) &&
        stands_in(r->f, s.instead_of, s.modalities, (ItvRegion)i))
      return fail_at(r, xml,
                     "\"%s\" for %s goes in a circle in %s: of two examinations one at most is the "
                     "stronger",
                     itv_xml_attr(xml, "modality", ""), itv_xml_attr(xml, "for", ""),
                     itv_region_code((ItvRegion)i));
  g_array_append_val(r->f->serves, s);
  return TRUE;
}

static gboolean
read_early(const Reading *r, const ItvXml *xml)
{
  r->f->early_divisor = (int)g_ascii_strtoll(itv_xml_attr(xml, "divisor", ""), NULL, 10);
  r->f->early_days = (int)g_ascii_strtoll(itv_xml_attr(xml, "max-days", ""), NULL, 10);
  return r->f->early_divisor > 0 ? TRUE : fail_at(r, xml, "divisor must be 1 or more");
}

static gboolean
read_doubt(const Reading *r, const ItvXml *xml)
{
  static const char *const names[ITV_DOUBT_N] = {
      "modality",       "modality-unknown", "side-unknown", "side-partial", "region-unknown",
      "non-diagnostic", "no-interval",      "late",         "settled"};
  for (guint i = 0; i < ITV_DOUBT_N; i++)
    if (strcmp(names[i], itv_xml_attr(xml, "of", "")) == 0) {
      r->f->keeps[i] = CLAMP(g_ascii_strtod(itv_xml_attr(xml, "keeps", ""), NULL), 0.0, 1.0);
      return TRUE;
    }
  return fail_at(r, xml, "of=\"%s\" is no doubt that is known", itv_xml_attr(xml, "of", ""));
}

/* ---- acts ---------------------------------------------------------------------------------- */

static void
act_free(gpointer data)
{
  ItvAct *act = data;
  g_free(act->id);
  g_array_unref(act->words);
  g_free(act);
}

static void
clear_word(gpointer data)
{
  g_free(((ItvActWord *)data)->word);
}

static ItvActSet
act_bit(const ItvFulfilment *f, const char *id)
{
  for (guint i = 0; i < f->acts->len; i++)
    if (strcmp(((const ItvAct *)f->acts->pdata[i])->id, id) == 0)
      return (ItvActSet)1 << i;
  return 0;
}

static gboolean
read_act(const Reading *r, const ItvXml *xml)
{
  const char *id = itv_xml_attr(xml, "id", "");
  if (act_bit(r->f, id))
    return fail_at(r, xml, "the act \"%s\" is given twice", id);
  if (r->f->acts->len == 64)
    return fail_at(r, xml, "more than 64 acts");
  ItvAct *act = g_new0(ItvAct, 1);
  act->id = g_strdup(id);
  act->words = g_array_new(FALSE, FALSE, sizeof(ItvActWord));
  g_array_set_clear_func(act->words, clear_word);
  if (g_ascii_strcasecmp(itv_xml_attr(xml, "of-place", "false"), "true") == 0 ||
      strcmp(itv_xml_attr(xml, "of-place", "false"), "1") == 0)
    r->f->of_place |= (ItvActSet)1 << r->f->acts->len;
  g_ptr_array_add(r->f->acts, act);
  g_auto(GStrv) words = g_strsplit(itv_xml_attr(xml, "words", ""), "|", -1);
  for (guint i = 0; words[i]; i++) {
    ItvActWord w = {g_ascii_strdown(g_strstrip(words[i]), -1), FALSE};
    const gsize n = strlen(w.word);
    w.open = n > 1 && w.word[n - 1] == '*';
    if (w.open)
      w.word[n - 1] = '\0';
    g_array_append_val(act->words, w);
    if (n == 0 || strcmp(w.word, "*") == 0)
      return fail_at(r, xml, "the act \"%s\" has an empty word, which would stand everywhere", id);
  }
  return TRUE;
}

static gboolean
read_settles(const Reading *r, const ItvXml *xml)
{
  ItvSettles s = {0};
  g_auto(GStrv) ids = g_strsplit_set(itv_xml_attr(xml, "acts", ""), " \t\r\n", -1);
  for (guint i = 0; ids[i]; i++) {
    const ItvActSet bit = act_bit(r->f, ids[i]);
    if (*ids[i] && !bit)
      return fail_at(r, xml, "no act is called \"%s\"", ids[i]);
    s.acts |= bit;
  }
  const char *findings = itv_xml_attr(xml, "findings", NULL);
  if (findings) {
    g_autofree char *low = g_utf8_strdown(findings, -1);
    s.findings = g_strsplit_set(low, " \t\r\n", -1);
  }
  g_array_append_val(r->f->settles, s);
  return TRUE;
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static void
clear_settles(gpointer data)
{
  g_strfreev(((ItvSettles *)data)->findings);
}

static ItvFulfilment *
fulfilment_new(void)
{
  ItvFulfilment *f = g_new0(ItvFulfilment, 1);
  for (int i = 1; i < ITV_REGION_N; i++)
    f->always[i] = ITV_REGION_BIT(i);
  for (guint i = 0; i < ITV_DOUBT_N; i++)
    f->keeps[i] = 0.5;
  f->serves = g_array_new(FALSE, FALSE, sizeof(ItvServes));
  f->acts = g_ptr_array_new_with_free_func(act_free);
  f->settles = g_array_new(FALSE, FALSE, sizeof(ItvSettles));
  g_array_set_clear_func(f->settles, clear_settles);
  return f;
}

void
itv_fulfilment_free(ItvFulfilment *f)
{
  if (!f)
    return;
  for (int i = 0; i < ITV_REGION_N; i++)
    if (f->covers[i])
      g_array_unref(f->covers[i]);
  g_array_unref(f->serves);
  g_ptr_array_unref(f->acts);
  g_array_unref(f->settles);
  g_free(f);
}

static gboolean
read_element(const Reading *r, const ItvXml *xml)
{
  static const struct {
    const char *name;
    gboolean (*read)(const Reading *r, const ItvXml *xml);
  } readers[] = {{"covers", read_covers},  {"composed", read_composed}, {"serves", read_serves},
                 {"early", read_early},    {"doubt", read_doubt},       {"act", read_act},
                 {"settles", read_settles}};
  for (guint i = 0; i < G_N_ELEMENTS(readers); i++)
    if (strcmp(xml->name, readers[i].name) == 0)
      return readers[i].read(r, xml);
  if (strcmp(xml->name, "paired") == 0)
    return read_regions(r, xml, "regions", &r->f->paired);
  if (strcmp(xml->name, "both-sides") == 0)
    return read_regions(r, xml, "regions", &r->f->both_sides);
  return fail_at(r, xml, "<%s> is not known here", xml->name);
}

static ItvFulfilment *
read_root(const ItvXml *root, const char *file, GError **error)
{
  g_autoptr(ItvFulfilment) f = fulfilment_new();
  const Reading r = {f, file, error};
  if (strcmp(root->name, "fulfilment") != 0) {
    fail_at(&r, root, "the root is <%s>, expected <fulfilment>", root->name);
    return NULL;
  }
  for (guint i = 0; i < root->children->len; i++)
    if (!read_element(&r, root->children->pdata[i]))
      return NULL;
  const ItvRegionSet torn = f->paired & f->both_sides;
  if (torn || f->early_divisor < 1) {
    fail_at(&r, root,
            torn ? "a region stands in <paired> and in <both-sides>" : "<early> is missing");
    return NULL;
  }
  return g_steal_pointer(&f);
}

ItvFulfilment *
itv_fulfilment_load(const char *path, const char *xsd_path, GError **error)
{
  g_autoptr(ItvXml) root = itv_xml_read(path, xsd_path, error);
  return root ? read_root(root, path, error) : NULL;
}

ItvFulfilment *
itv_fulfilment_parse(const char *bytes, gsize n, const char *name, const char *xsd_path,
                     GError **error)
{
  g_autoptr(ItvXml) root = itv_xml_parse(bytes, n, name, xsd_path, error);
  return root ? read_root(root, name, error) : NULL;
}
