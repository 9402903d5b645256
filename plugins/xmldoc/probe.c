/* SPDX-License-Identifier: Apache-2.0
 *
 * The root element of an XML document from its first bytes, without a parser:
 * total, and never an error.
 */
#include <string.h>

#include "xmldoc.h"

#define HEAD 4096

typedef struct {
  const char *p, *end;
} Scan;

/* The head as ASCII, for UTF-16 too; what is none becomes '?'. */
static gsize
to_ascii(const guint8 *b, gsize n, char *out)
{
  gsize step = 1, at = 0, k = 0;
  if (n >= 3 && memcmp(b, "\xEF\xBB\xBF", 3) == 0) {
    at = 3;
  } else if (n >= 2 && ((b[0] == 0xFF && b[1] == 0xFE) || (b[0] == 0xFE && b[1] == 0xFF))) {
    at = b[0] == 0xFF ? 2 : 3;
    step = 2;
  } else if (n >= 2 && (b[0] == 0 || b[1] == 0)) {
    at = b[0] == 0 ? 1 : 0;
    step = 2;
  }
  for (; at < n && k < HEAD; at += step)
    out[k++] = b[at] && b[at] < 0x80 ? (char)b[at] : '?';
  return k;
}

static gboolean
is_space(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static gboolean
starts(const Scan *s, const char *what)
{
  const gsize n = strlen(what);
  return (gsize)(s->end - s->p) >= n && memcmp(s->p, what, n) == 0;
}

static gboolean
skip_past(Scan *s, const char *what)
{
  const char *at = memmem(s->p, (gsize)(s->end - s->p), what, strlen(what));
  s->p = at ? at + strlen(what) : s->end;
  return at != NULL;
}

/* To behind the '>' that ends a DOCTYPE, over what stands in its brackets. */
static void
skip_doctype(Scan *s)
{
  int depth = 0;
  for (; s->p < s->end; s->p++) {
    if (*s->p == '[')
      depth++;
    else if (*s->p == ']')
      depth--;
    else if (*s->p == '>' && depth <= 0) {
      s->p++;
      return;
    }
  }
}

/* To behind the '<' of the root element. */
static gboolean
find_root(Scan *s)
{
  while (s->p < s->end) {
    while (s->p < s->end && is_space(*s->p))
      s->p++;
    if (starts(s, "<?"))
      skip_past(s, "?>");
    else if (starts(s, "<!--"))
      skip_past(s, "-->");
    else if (starts(s, "<!DOCTYPE"))
      skip_doctype(s);
    else
      return s->p < s->end && *s->p++ == '<';
  }
  return FALSE;
}

static gsize
word(Scan *s, const char **ret)
{
  *ret = s->p;
  while (s->p < s->end && !is_space(*s->p) && !strchr("=/><\"'", *s->p))
    s->p++;
  return (gsize)(s->p - *ret);
}

/* The value of `wanted` among the attributes of the start tag. */
static void
find_attribute(Scan *s, const char *wanted, char ret[128])
{
  while (s->p < s->end && *s->p != '>') {
    const char *name;
    const gsize n = word(s, &name);
    if (n == 0 && *s->p != '=') {
      s->p++;
      continue;
    }
    while (s->p < s->end && (is_space(*s->p) || *s->p == '='))
      s->p++;
    if (s->p >= s->end || (*s->p != '"' && *s->p != '\''))
      continue;
    const char quote = *s->p++;
    const char *value = s->p;
    const char *close = memchr(value, quote, (gsize)(s->end - value));
    if (!close)
      return;
    s->p = close + 1;
    if (n == strlen(wanted) && memcmp(name, wanted, n) == 0) {
      const gsize length = MIN((gsize)(close - value), 127);
      memcpy(ret, value, length);
      ret[length] = '\0';
      return;
    }
  }
}

gboolean
xd_probe_root(const guint8 *head, gsize n, char ret_name[64], char ret_uri[128])
{
  char ascii[HEAD];
  Scan s = {ascii, ascii + to_ascii(head, n, ascii)};
  ret_name[0] = ret_uri[0] = '\0';
  if (!find_root(&s))
    return FALSE;
  const char *name;
  gsize length = word(&s, &name);
  char wanted[72] = "xmlns";
  const char *colon = memchr(name, ':', length);
  if (colon) {
    const gsize prefix = (gsize)(colon - name);
    if (prefix > 60)
      return FALSE;
    g_snprintf(wanted, sizeof wanted, "xmlns:%.*s", (int)prefix, name);
    length -= prefix + 1;
    name = colon + 1;
  }
  if (length == 0 || length > 63)
    return FALSE;
  memcpy(ret_name, name, length);
  ret_name[length] = '\0';
  find_attribute(&s, wanted, ret_uri);
  return TRUE;
}
