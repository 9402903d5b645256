/* SPDX-License-Identifier: Apache-2.0
 *
 * Text of narratives (XHTML), attachments (base64) and values.
 */
#include <math.h>
#include <string.h>

#include "fhir-units.h"
#include "plaintext.h"

enum {
  MAX_TEXT_BYTES = 2 << 20, /* twice what a report may have; the rest is not decoded */
  MAX_PARTS = 1000
};

static void
put_text(void *out, const char *utf8, size_t n)
{
  g_string_append_len(out, utf8, (gssize)n);
}

void
append_html(GString *out, const char *html)
{
  const PlainSink sink = {put_text, out};
  if (out->len > 0 && out->str[out->len - 1] != '\n')
    g_string_append_c(out, '\n');
  plain_from_html(html, MIN(strlen(html), MAX_TEXT_BYTES), &sink);
  if (out->len > 0 && out->str[out->len - 1] != '\n')
    g_string_append_c(out, '\n');
}

/* ---- attachments --------------------------------------------------------------------------- */

/* NULL when it is no base64. */
static char *
decode(const char *base64, gsize *ret_n, gboolean *ret_cut)
{
  const gsize most = (gsize)MAX_TEXT_BYTES / 3 * 4;
  gsize n = strlen(base64);
  *ret_cut = n > most;
  n = MIN(n, most);
  for (gsize i = 0; i < n; i++)
    if (!g_ascii_isalnum(base64[i]) && !strchr("+/= \n\r\t", base64[i]))
      return NULL;
  guchar *bytes = g_malloc(n / 4 * 3 + 4);
  gint state = 0;
  guint save = 0;
  *ret_n = g_base64_decode_step(base64, n, bytes, &state, &save);
  bytes[*ret_n] = 0;
  return (char *)bytes;
}

/* UTF-8 as it is; anything else is read as Latin-1, of which every byte is a character. */
static char *
as_utf8(const char *bytes, gsize n)
{
  const char *end = NULL;
  if (g_utf8_validate(bytes, (gssize)n, &end) || (gsize)(end - bytes) + 4 > n)
    return g_strndup(bytes, (gsize)(end - bytes));
  GString *out = g_string_new(NULL);
  for (gsize i = 0; i < n; i++)
    if (bytes[i])
      g_string_append_unichar(out, (guchar)bytes[i]);
  return g_string_free(out, FALSE);
}

gboolean
append_attachment(GString *out, Json *attachment, char **ret_problem)
{
  const char *type = json_text_at(attachment, "contentType");
  const char *data = json_text_at(attachment, "data");
  const gboolean html =
      type && (g_str_has_prefix(type, "text/html") || g_str_has_prefix(type, "application/xhtml"));
  const gboolean plain =
      !type || g_str_has_prefix(type, "text/plain") || g_str_has_prefix(type, "text/markdown");
  const gboolean rtf =
      type && (g_str_has_prefix(type, "text/rtf") || g_str_has_prefix(type, "application/rtf"));
  gsize n = 0;
  gboolean cut = FALSE;
  if (!data)
    *ret_problem = g_strdup_printf("is not in this file, only at %.200s",
                                   json_text_at(attachment, "url") ? json_text_at(attachment, "url")
                                                                   : "an address not given");
  else if (!html && !plain && !rtf)
    *ret_problem = g_strdup_printf("is of type %.60s: it is kept, but its text was not read", type);
  if (*ret_problem)
    return FALSE;
  g_autofree char *bytes = decode(data, &n, &cut);
  if (!bytes || n == 0 || memchr(bytes, 0, n)) {
    *ret_problem = g_strdup(!bytes   ? "is no base64"
                            : n == 0 ? "is empty"
                                     : "is no text: it holds NUL bytes");
    return FALSE;
  }
  if (plain_is_rtf(bytes, n)) {
    const PlainSink sink = {put_text, out};
    plain_from_rtf(bytes, n, &sink);
    return TRUE;
  }
  g_autofree char *text = as_utf8(bytes, n);
  if (html)
    append_html(out, text);
  else
    g_string_append(out, text);
  return TRUE;
}

/* ---- comparing --------------------------------------------------------------------------- */

/* Lower-case words, parted by one blank; a blank before the first. */
static void
squeeze(GString *out, const char *text)
{
  if (out->len == 0)
    g_string_append_c(out, ' ');
  for (; *text; text++) {
    if (!g_ascii_isspace(*text))
      g_string_append_c(out, g_ascii_tolower(*text));
    else if (out->str[out->len - 1] != ' ')
      g_string_append_c(out, ' ');
  }
  if (out->str[out->len - 1] != ' ')
    g_string_append_c(out, ' ');
}

gboolean
text_holds(const char *text, const char *part)
{
  g_autoptr(GString) a = g_string_new(NULL), b = g_string_new(NULL);
  squeeze(a, text);
  squeeze(b, part);
  return strstr(a->str, b->str) != NULL;
}

void
body_init(Body *body)
{
  *body = (Body){g_string_new(NULL), g_string_new(NULL), 0};
}

void
body_clear(Body *body)
{
  g_string_free(body->text, TRUE);
  g_string_free(body->words, TRUE);
}

gboolean
body_add(Body *body, const char *heading, const char *part)
{
  g_autoptr(GString) words = g_string_new(NULL);
  if (!part || body->parts >= MAX_PARTS || body->text->len > MAX_TEXT_BYTES)
    return FALSE;
  squeeze(words, part);
  if (strcmp(words->str, " ") == 0 || strstr(body->words->str, words->str))
    return FALSE;
  body->parts++;
  squeeze(body->words, part);
  if (body->text->len > 0 && body->text->str[body->text->len - 1] != '\n')
    g_string_append_c(body->text, '\n');
  if (heading)
    g_string_append_printf(body->text, "%s:\n", heading);
  for (const char *p = part; *p; p++) /* CRLF and CR are line ends, too */
    if (*p != '\r')
      g_string_append_c(body->text, *p);
    else if (p[1] != '\n')
      g_string_append_c(body->text, '\n');
  g_string_append_c(body->text, '\n');
  return TRUE;
}

/* ---- values ---------------------------------------------------------------------------------- */

static char *
quantity_text(Json *quantity)
{
  double value = 0;
  const char *unit = json_text_at(quantity, "unit");
  const char *comparator = json_text_at(quantity, "comparator");
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  if (!json_number(json_get(quantity, "value"), &value))
    return NULL;
  g_ascii_formatd(number, sizeof number, "%.6g", value);
  unit = unit ? unit : json_text_at(quantity, "code");
  return g_strdup_printf("%s%s%s%s", comparator ? comparator : "", number, unit ? " " : "",
                         unit ? unit : "");
}

char *
value_as_text(Json *o)
{
  static const char *const plain[] = {"valueString", "valueDateTime", "valueTime", NULL};
  for (gsize i = 0; plain[i]; i++)
    if (json_text_at(o, plain[i]))
      return g_strdup(json_text_at(o, plain[i]));
  double number = 0;
  gboolean yes = FALSE;
  if (json_number(json_get(o, "valueInteger"), &number))
    return g_strdup_printf("%.0f", number);
  if (json_boolean(json_get(o, "valueBoolean"), &yes))
    return g_strdup(yes ? "yes" : "no");
  if (json_get(o, "valueQuantity"))
    return quantity_text(json_get(o, "valueQuantity"));
  g_autofree char *low = quantity_text(json_at(o, "valueRange.low"));
  g_autofree char *high = quantity_text(json_at(o, "valueRange.high"));
  if (low && high)
    return g_strdup_printf("%s to %s", low, high);
  return g_strdup(concept_words(json_get(o, "valueCodeableConcept")));
}
