/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "xmldoc.h"

const XdNode *
xd_child(const XdNode *node, const char *name, guint n)
{
  for (const XdNode *c = node ? node->first : NULL; c; c = c->next)
    if (c->name && strcmp(c->name, name) == 0 && n-- == 0)
      return c;
  return NULL;
}

const XdNode *
xd_at(const XdNode *node, const char *path)
{
  char name[64];
  while (node && *path) {
    const gsize n = strcspn(path, "/");
    if (n >= sizeof name)
      return NULL;
    memcpy(name, path, n);
    name[n] = '\0';
    node = xd_child(node, name, 0);
    path += n + (path[n] == '/');
  }
  return node;
}

const XdNode *
xd_next(const XdNode *node)
{
  for (const XdNode *s = node ? node->next : NULL; s; s = s->next)
    if (s->name && strcmp(s->name, node->name) == 0)
      return s;
  return NULL;
}

const char *
xd_attr(const XdNode *node, const char *name)
{
  for (const char *const *a = node ? node->attrs : NULL; a && *a; a += 2)
    if (strcmp(a[0], name) == 0)
      return *a[1] ? a[1] : NULL;
  return NULL;
}

const char *
xd_attr_at(const XdNode *node, const char *path, const char *name)
{
  return xd_attr(xd_at(node, path), name);
}

gboolean
xd_has(const XdNode *node, const char *name, const char *value)
{
  return g_strcmp0(xd_attr(node, name), value) == 0;
}

const char *
xd_type(const XdNode *node)
{
  const char *type = xd_attr(node, "xsi:type");
  const char *colon = type ? strchr(type, ':') : NULL;
  return colon ? colon + 1 : type ? type : "";
}

static gboolean
is_space(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
append_words(GString *out, const char *text)
{
  for (; *text; text++) {
    if (!is_space(*text))
      g_string_append_c(out, *text);
    else if (out->len && out->str[out->len - 1] != ' ')
      g_string_append_c(out, ' ');
  }
}

static void
gather(GString *out, const XdNode *node)
{
  for (const XdNode *c = node ? node->first : NULL; c; c = c->next) {
    if (c->text)
      append_words(out, c->text);
    else
      gather(out, c);
  }
}

static char *
finish(GString *s)
{
  while (s->len && s->str[s->len - 1] == ' ')
    g_string_truncate(s, s->len - 1);
  const gboolean empty = s->len == 0;
  return g_string_free(s, empty);
}

char *
xd_words(const XdNode *node)
{
  GString *s = g_string_new(NULL);
  gather(s, node);
  return finish(s);
}

char *
xd_collapse(const char *text)
{
  GString *s = g_string_new(NULL);
  append_words(s, text ? text : "");
  return finish(s);
}
