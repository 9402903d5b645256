/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "aim.h"

const char *
aim_value(const XdNode *node, const char *name)
{
  static const char *const holders[] = {"value", "root", "extension"};
  for (const char *const *a = node ? node->attrs : NULL; a && *a; a += 2)
    if (g_ascii_strcasecmp(a[0], name) == 0)
      return *a[1] ? a[1] : NULL;
  for (const XdNode *c = node ? node->first : NULL; c; c = c->next) {
    if (!c->name || g_ascii_strcasecmp(c->name, name) != 0)
      continue;
    for (gsize i = 0; i < G_N_ELEMENTS(holders); i++)
      if (xd_attr(c, holders[i]))
        return xd_attr(c, holders[i]);
  }
  return NULL;
}

const XdNode *
aim_items(const XdNode *node, const char *name)
{
  static const char *const suffixes[] = {"", "Entity"};
  for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
    g_autofree char *item = g_strconcat(name, suffixes[i], NULL);
    g_autofree char *collection = g_strconcat(item, "Collection", NULL);
    collection[0] = g_ascii_tolower(collection[0]);
    const XdNode *found = xd_child(xd_child(node, collection, 0), item, 0);
    if (found)
      return found;
  }
  return NULL;
}

const XdNode *
aim_inner(const XdNode *node, const char *name)
{
  g_autofree char *lower = g_strdup(name);
  lower[0] = g_ascii_tolower(lower[0]);
  const XdNode *outer = xd_child(node, lower, 0);
  const XdNode *inner = xd_child(outer, name, 0);
  return inner ? inner : outer;
}

const char *
aim_code(const XdNode *node)
{
  const char *code = xd_attr(node, "codeValue");
  return code ? code : xd_attr_at(node, "typeCode", "code");
}

/* v4: <typeCode code=""><iso:displayName value=""/></typeCode>. */
const char *
aim_meaning(const XdNode *node)
{
  const XdNode *type = xd_child(node, "typeCode", 0);
  const char *meaning = xd_attr(node, "codeMeaning");
  meaning = meaning ? meaning : xd_attr_at(type, "displayName", "value");
  return meaning ? meaning : xd_attr(type, "displayName");
}
