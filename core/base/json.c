/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

#define MAX_DEPTH 64

static gboolean
all_finite(json_object *object)
{
  if (json_object_is_type(object, json_type_double))
    return isfinite(json_object_get_double(object));
  if (json_object_is_type(object, json_type_array)) {
    for (gsize i = 0; i < json_object_array_length(object); i++)
      if (!all_finite(json_object_array_get_idx(object, i)))
        return FALSE;
  } else if (json_object_is_type(object, json_type_object)) {
    json_object_object_foreach(object, key, value)
    {
      (void)key;
      if (!all_finite(value))
        return FALSE;
    }
  }
  return TRUE;
}

json_object *
itv_json_parse(const char *text, gssize length, GError **error)
{
  const gsize n = length < 0 ? strlen(text) : (gsize)length;
  if (n > G_MAXINT) {
    itv_fail(error, ITV_ERROR_INPUT, "JSON text of %zu bytes is too long", n);
    return NULL;
  }
  struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
  g_autoptr(json_object) object = json_tokener_parse_ex(tokener, text, (int)n);
  enum json_tokener_error status = json_tokener_get_error(tokener);
  const gsize end = json_tokener_get_parse_end(tokener);
  json_tokener_free(tokener);
  gsize rest = end;
  while (rest < n && g_ascii_isspace(text[rest]))
    rest++;
  if (status != json_tokener_success || rest < n) {
    itv_fail(error, ITV_ERROR_INPUT, "JSON is malformed at byte %zu: %s", end,
             status == json_tokener_success    ? "text after the end"
             : status == json_tokener_continue ? "it ends too early"
                                               : json_tokener_error_desc(status));
    return NULL;
  }
  if (!object) {
    itv_fail(error, ITV_ERROR_INPUT, "JSON holds nothing but null");
    return NULL;
  }
  if (!all_finite(object)) {
    itv_fail(error, ITV_ERROR_INPUT, "JSON holds a number that is not finite");
    return NULL;
  }
  return g_steal_pointer(&object);
}

char *
itv_json_text(json_object *object, gboolean pretty)
{
  const int flags = JSON_C_TO_STRING_NOSLASHESCAPE |
                    (pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED : 0);
  return g_strconcat(json_object_to_json_string_ext(object, flags), pretty ? "\n" : "", NULL);
}

void
itv_json_append_string(GString *out, const char *string)
{
  g_string_append_c(out, '"');
  const char *plain = string;
  for (const char *p = string; *p; p++) {
    const guchar c = (guchar)*p;
    if (c >= 0x20 && c != '"' && c != '\\')
      continue;
    g_string_append_len(out, plain, p - plain);
    plain = p + 1;
    if (c == '"' || c == '\\')
      g_string_append_printf(out, "\\%c", c);
    else if (c == '\n')
      g_string_append(out, "\\n");
    else
      g_string_append_printf(out, "\\u%04x", c);
  }
  g_string_append(out, plain);
  g_string_append_c(out, '"');
}

/* File names and what others wrote may be any bytes; JSON is UTF-8. */
static json_object *
new_string(const char *value)
{
  g_autofree char *valid =
      value && !g_utf8_validate(value, -1, NULL) ? g_utf8_make_valid(value, -1) : NULL;
  const char *text = valid ? valid : value;
  return text ? json_object_new_string(text) : NULL;
}

void
itv_json_add_string(json_object *object, const char *key, const char *value)
{
  json_object_object_add(object, key, new_string(value));
}

void
itv_json_append_strings(json_object *list, const GPtrArray *strings)
{
  for (guint i = 0; strings && i < strings->len; i++)
    json_object_array_add(list, new_string(strings->pdata[i]));
}

json_object *
itv_json_strings(const GPtrArray *strings)
{
  json_object *list = json_object_new_array();
  itv_json_append_strings(list, strings);
  return list;
}

void
itv_json_add_int(json_object *object, const char *key, gint64 value)
{
  json_object_object_add(object, key, json_object_new_int64(value));
}

void
itv_json_add_double(json_object *object, const char *key, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  if (!isfinite(value)) {
    json_object_object_add(object, key, NULL);
    return;
  }
  for (int digits = 6; digits <= 17; digits++) {
    char format[8];
    g_snprintf(format, sizeof format, "%%.%dg", digits);
    g_ascii_formatd(text, sizeof text, format, value);
    if (g_ascii_strtod(text, NULL) == value)
      break;
  }
  json_object_object_add(object, key, json_object_new_double_s(value, text));
}

void
itv_json_add_bool(json_object *object, const char *key, gboolean value)
{
  json_object_object_add(object, key, json_object_new_boolean(value));
}

void
itv_json_add(json_object *object, const char *key, json_object *value)
{
  json_object_object_add(object, key, value);
}

json_object *
itv_json_get(json_object *object, const char *key)
{
  json_object *value = NULL;
  json_object_object_get_ex(object, key, &value);
  return value;
}

const char *
itv_json_get_string(json_object *object, const char *key)
{
  json_object *value = itv_json_get(object, key);
  return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}
