/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of an XML document as UTF-8.  Tables stand here because a confined
 * worker cannot load the C library's converters.
 */
#include <string.h>

#include "plaintext.h"
#include "xmldoc.h"

static char *
from_table(const guint8 *b, gsize n, const PlainCharset *table, gsize *ret_n)
{
  GString *s = g_string_sized_new(n + n / 8);
  for (gsize i = 0; i < n; i++) {
    if (b[i] < 0x80)
      g_string_append_c(s, (char)b[i]);
    else
      g_string_append_unichar(s, table->upper[b[i] - 0x80] ? table->upper[b[i] - 0x80] : 0xFFFD);
  }
  *ret_n = s->len;
  return g_string_free(s, FALSE);
}

static char *
from_utf16(const guint8 *b, gsize n, gboolean big, gsize *ret_n)
{
  GString *s = g_string_sized_new(n);
  for (gsize i = 0; i + 1 < n; i += 2) {
    gunichar c = big ? (gunichar)(b[i] << 8 | b[i + 1]) : (gunichar)(b[i + 1] << 8 | b[i]);
    if (c >= 0xD800 && c < 0xE000) {
      gunichar low = 0;
      if (c < 0xDC00 && i + 3 < n)
        low = big ? (gunichar)(b[i + 2] << 8 | b[i + 3]) : (gunichar)(b[i + 3] << 8 | b[i + 2]);
      const gboolean pair = low >= 0xDC00 && low < 0xE000;
      c = pair ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
      i += pair ? 2 : 0;
    }
    g_string_append_unichar(s, c);
  }
  *ret_n = s->len;
  return g_string_free(s, FALSE);
}

/* The encoding="" of the XML declaration, in lower case; "" without one. */
static void
declared(const guint8 *b, gsize n, char ret[40])
{
  ret[0] = '\0';
  if (n < 6 || memcmp(b, "<?xml", 5) != 0)
    return;
  const guint8 *end = memchr(b, '>', MIN(n, 400));
  const guint8 *at = end ? memmem(b, (gsize)(end - b), "encoding", 8) : NULL;
  if (!at)
    return;
  at += 8;
  while (at < end && (*at == ' ' || *at == '='))
    at++;
  if (at >= end || (*at != '"' && *at != '\''))
    return;
  const guint8 quote = *at++;
  gsize k = 0;
  for (; at < end && *at != quote && k < 39; at++)
    ret[k++] = g_ascii_isprint((char)*at) ? g_ascii_tolower((char)*at) : '?';
  ret[k] = '\0';
}

static gboolean
is_one_of(const char *name, const char *const *names)
{
  return g_strv_contains(names, name);
}

/* By the names of IANA's registry and what writers put instead; NULL for others. */
static const PlainCharset *
single_byte(const char *name)
{
  static const struct {
    const char *name, *table;
  } others[] = {{"latin1", "8859/1"},   {"l1", "8859/1"},     {"latin9", "8859/15"},
                {"latin-9", "8859/15"}, {"latin2", "8859/2"}, {"latin-1", "8859/1"}};
  for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
    if (strcmp(others[i].name, name) == 0)
      return plain_charset(others[i].table);
  const char *iso = strstr(name, "8859"), *windows = strstr(name, "125");
  g_autofree char *table = NULL;
  if (iso && (iso[4] == '-' || iso[4] == '_') && strlen(iso) <= 7)
    table = g_strconcat("8859/", iso + 5, NULL);
  else if (windows && strlen(windows) == 4 &&
           (g_str_has_prefix(name, "windows-") || g_str_has_prefix(name, "cp")))
    table = g_strdup(windows);
  return table ? plain_charset(table) : NULL;
}

static gboolean
is_ascii(const guint8 *b, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (b[i] >= 0x80)
      return FALSE;
  return TRUE;
}

static char *
from_bytes(const guint8 *b, gsize n, gsize *ret_n, char **ret_note, char **ret_problem)
{
  static const char *const unicode[] = {"", "utf-8", "utf8", "us-ascii", "ascii", NULL};
  char name[40];
  declared(b, n, name);
  const gboolean says_unicode = is_one_of(name, unicode);
  if (g_utf8_validate((const char *)b, (gssize)n, NULL)) {
    if (!says_unicode && !is_ascii(b, n))
      *ret_note = g_strdup_printf("it declares encoding %s but is UTF-8, and was read so", name);
    *ret_n = n;
    return g_strndup((const char *)b, n);
  }
  const PlainCharset *table = single_byte(name);
  if (table)
    return from_table(b, n, table, ret_n);
  if (!says_unicode) {
    *ret_problem = g_strdup_printf("its encoding %s is not read here; save it as UTF-8", name);
    return NULL;
  }
  *ret_note = g_strdup("it is not valid UTF-8 as it says; it was read as windows-1252");
  return from_table(b, n, plain_charset("1252"), ret_n);
}

char *
xd_utf8(const guint8 *bytes, gsize n, gsize *ret_n, char **ret_note, char **ret_problem)
{
  char *text = NULL;
  gsize length = 0;
  *ret_note = *ret_problem = NULL;
  if (n >= 4 && (memcmp(bytes, "\xFF\xFE\0\0", 4) == 0 || memcmp(bytes, "\0\0\xFE\xFF", 4) == 0))
    *ret_problem = g_strdup("its encoding UTF-32 is not read here; save it as UTF-8");
  else if (n >= 2 && memcmp(bytes, "\xFF\xFE", 2) == 0)
    text = from_utf16(bytes + 2, n - 2, FALSE, &length);
  else if (n >= 2 && memcmp(bytes, "\xFE\xFF", 2) == 0)
    text = from_utf16(bytes + 2, n - 2, TRUE, &length);
  else if (n >= 2 && bytes[0] == '<' && bytes[1] == 0)
    text = from_utf16(bytes, n, FALSE, &length);
  else if (n >= 2 && bytes[0] == 0 && bytes[1] == '<')
    text = from_utf16(bytes, n, TRUE, &length);
  else if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
    text = from_bytes(bytes + 3, n - 3, &length, ret_note, ret_problem);
  else
    text = from_bytes(bytes, n, &length, ret_note, ret_problem);
  if (text && memchr(text, 0, length)) {
    *ret_problem = g_strdup("it holds zero bytes: it is no text");
    g_clear_pointer(&text, g_free);
  }
  *ret_n = length;
  return text;
}
