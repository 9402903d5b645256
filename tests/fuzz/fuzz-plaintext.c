/* SPDX-License-Identifier: Apache-2.0
 *
 * RTF and HTML from any bytes: no crash, no hang, and what comes out is UTF-8 without
 * control codes.
 */
#include <glib.h>
#include <string.h>

#include "plaintext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
put(void *ctx, const char *utf8, size_t n)
{
  g_string_append_len(ctx, utf8, (gssize)n);
}

static void
check(const GString *text, size_t size)
{
  g_assert_true(g_utf8_validate(text->str, (gssize)text->len, NULL));
  g_assert_cmpuint(text->len, <=, 3 * size + 8);
  for (gsize i = 0; i < text->len; i++)
    g_assert_true((guchar)text->str[i] >= 0x20 || text->str[i] == '\n');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(GString) rtf = g_string_new(NULL), html = g_string_new(NULL);
  const PlainSink to_rtf = {put, rtf}, to_html = {put, html};
  const char *bytes = (const char *)data;
  plain_is_rtf(bytes, size);
  plain_is_html(bytes, size);
  g_assert_cmpuint(plain_from_rtf(bytes, size, &to_rtf), <=, size);
  plain_from_html(bytes, size, &to_html);
  check(rtf, size);
  check(html, size);
  return 0;
}
