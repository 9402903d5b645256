/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir-scan.h"

#include <string.h>

static gboolean
is_space(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static gsize
skip_space(const Scan *s, gsize at)
{
  while (at < s->length && is_space(s->text[at]))
    at++;
  return at;
}

/* From behind the opening quote to behind the closing one; `end` when there is none. */
static gsize
skip_string(const char *text, gsize at, gsize end)
{
  for (; at < end; at++) {
    if (text[at] == '\\')
      at++;
    else if (text[at] == '"')
      return at + 1;
  }
  return end;
}

/* Behind the value that begins at `at`; 0 when brackets do not match. */
static gsize
skip_value(const Scan *s, gsize at, char **ret_problem)
{
  char open[MAX_DEPTH];
  int depth = 0;
  const gsize begin = at;
  while (at < s->length) {
    const char c = s->text[at];
    if (c == '"') {
      at = skip_string(s->text, at + 1, s->length);
    } else if (c == '{' || c == '[') {
      if (depth == MAX_DEPTH) {
        *ret_problem =
            g_strdup_printf("is nested deeper than %d levels at byte %zu", MAX_DEPTH, at);
        return 0;
      }
      open[depth++] = c;
      at++;
    } else if (c == '}' || c == ']') {
      if (depth == 0)
        break;
      if (open[--depth] != (c == '}' ? '{' : '[')) {
        *ret_problem = g_strdup_printf("has a bracket that does not match at byte %zu", at);
        return 0;
      }
      at++;
    } else if (depth == 0 && (c == ',' || is_space(c))) {
      break;
    } else {
      at++;
    }
    if (depth == 0 && (c == '"' || c == '}' || c == ']'))
      break;
  }
  if (depth > 0 || at == begin) {
    *ret_problem = depth > 0
                       ? g_strdup_printf("ends within the value that begins at byte %zu", begin)
                       : g_strdup_printf("lacks a value at byte %zu", begin);
    return 0;
  }
  return at;
}

static gboolean
name_is(const Scan *s, Span name, const char *text)
{
  const gsize n = strlen(text);
  return name.end - name.start == n + 2 && memcmp(s->text + name.start + 1, text, n) == 0;
}

typedef struct {
  GArray *values; /* Span, names and values in turn; an array's elements without names */
  gsize end;      /* behind the closing bracket */
} Members;

static gboolean
expected(char **ret_problem, const char *what, gsize at)
{
  *ret_problem = g_strdup_printf("has no %s at byte %zu", what, at);
  return FALSE;
}

static gboolean
too_many(char **ret_problem)
{
  *ret_problem = g_strdup_printf("holds more than %d resources: split it", MAX_PIECES);
  return FALSE;
}

static gboolean
read_name(const Scan *s, gsize *at, Span *ret, char **ret_problem)
{
  if (*at >= s->length || s->text[*at] != '"')
    return expected(ret_problem, "member name", *at);
  *ret = (Span){*at, skip_string(s->text, *at + 1, s->length)};
  *at = skip_space(s, ret->end);
  if (*at >= s->length || s->text[*at] != ':')
    return expected(ret_problem, "colon", *at);
  *at = skip_space(s, *at + 1);
  return TRUE;
}

/* The members of the object, or the elements of the array, that begins at `at`. */
static gboolean
read_members(const Scan *s, gsize at, Members *ret, char **ret_problem)
{
  const char close = s->text[at] == '{' ? '}' : ']';
  at = skip_space(s, at + 1);
  if (at < s->length && s->text[at] == close) {
    ret->end = at + 1;
    return TRUE;
  }
  for (;;) {
    Span name, value;
    if (close == '}' && !read_name(s, &at, &name, ret_problem))
      return FALSE;
    value.start = at;
    value.end = skip_value(s, at, ret_problem);
    if (!value.end)
      return FALSE;
    if (close == '}')
      g_array_append_val(ret->values, name);
    g_array_append_val(ret->values, value);
    if (ret->values->len > 2 * MAX_PIECES)
      return too_many(ret_problem);
    at = skip_space(s, value.end);
    if (at >= s->length || (s->text[at] != ',' && s->text[at] != close))
      return expected(ret_problem, close == '}' ? "comma or brace" : "comma or bracket", at);
    if (s->text[at] == close) {
      ret->end = at + 1;
      return TRUE;
    }
    at = skip_space(s, at + 1);
  }
}

static void
add_piece(Scan *s, Span span, gint entry, gint shell)
{
  const Piece piece = {span, s->documents, entry, shell};
  g_array_append_val(s->pieces, piece);
}

static gboolean
add_entries(Scan *s, Span value, gint shell, char **ret_problem)
{
  if (s->text[value.start] != '[') {
    *ret_problem = g_strdup_printf("Bundle.entry is no array at byte %zu", value.start);
    return FALSE;
  }
  g_autoptr(GArray) elements = g_array_new(FALSE, FALSE, sizeof(Span));
  Members m = {elements, 0};
  if (!read_members(s, value.start, &m, ret_problem))
    return FALSE;
  for (guint i = 0; i < elements->len; i++)
    add_piece(s, g_array_index(elements, Span, i), (gint)i, shell);
  g_array_index(s->shells, Shell, shell).entries = elements->len;
  return TRUE;
}

static gboolean
add_bundle(Scan *s, const GArray *values, char **ret_problem)
{
  Shell shell = {g_array_new(FALSE, FALSE, sizeof(Span)), 0};
  g_array_append_val(s->shells, shell);
  const gint index = (gint)s->shells->len - 1;
  gboolean entries = FALSE;
  for (guint i = 0; i + 1 < values->len; i += 2) {
    const Span name = g_array_index(values, Span, i), value = g_array_index(values, Span, i + 1);
    if (!name_is(s, name, "entry")) {
      g_array_append_vals(shell.values, &name, 1);
      g_array_append_vals(shell.values, &value, 1);
    } else if (entries) {
      *ret_problem = g_strdup("names Bundle.entry twice");
      return FALSE;
    } else {
      entries = TRUE;
      if (!add_entries(s, value, index, ret_problem))
        return FALSE;
    }
  }
  return TRUE;
}

/* One top-level object. */
static gboolean
add_document(Scan *s, gsize at, gsize *ret_end, char **ret_problem)
{
  g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(Span));
  Members m = {values, 0};
  gboolean bundle = FALSE;
  if (s->text[at] != '{') {
    *ret_problem = g_strdup_printf("has no JSON object at byte %zu", at);
    return FALSE;
  }
  if (!read_members(s, at, &m, ret_problem))
    return FALSE;
  for (guint i = 0; i + 1 < values->len; i += 2)
    bundle |= name_is(s, g_array_index(values, Span, i), "resourceType") &&
              name_is(s, g_array_index(values, Span, i + 1), "Bundle");
  *ret_end = m.end;
  if (bundle)
    return add_bundle(s, values, ret_problem);
  add_piece(s, (Span){at, m.end}, -1, -1);
  return TRUE;
}

gboolean
scan_text(Scan *ret, const char *text, gsize length, char **ret_problem)
{
  *ret = (Scan){.text = text,
                .length = length,
                .pieces = g_array_new(FALSE, FALSE, sizeof(Piece)),
                .shells = g_array_new(FALSE, FALSE, sizeof(Shell))};
  gsize at = skip_space(ret, length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
  while (at < length) {
    if (!add_document(ret, at, &at, ret_problem))
      return FALSE;
    if (ret->pieces->len > MAX_PIECES || ++ret->documents > MAX_PIECES)
      return too_many(ret_problem);
    at = skip_space(ret, at);
  }
  if (ret->documents == 0) {
    *ret_problem = g_strdup("is empty");
    return FALSE;
  }
  return TRUE;
}

void
scan_clear(Scan *scan)
{
  for (guint i = 0; scan->shells && i < scan->shells->len; i++)
    g_array_unref(g_array_index(scan->shells, Shell, i).values);
  if (scan->shells)
    g_array_unref(scan->shells);
  if (scan->pieces)
    g_array_unref(scan->pieces);
  *scan = (Scan){0};
}

gboolean
scan_is_dicom_json(const char *text, gsize length)
{
  gsize at = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0, digits = 0;
  while (at < length && (is_space(text[at]) || text[at] == '[' || text[at] == '{'))
    at++;
  if (at >= length || text[at] != '"')
    return FALSE;
  for (at++; at < length && g_ascii_isxdigit(text[at]); at++)
    digits++;
  return digits == 8 && at < length && text[at] == '"';
}

Size
scan_size(const char *text, Span span)
{
  Size size = {0};
  for (gsize at = span.start; at < span.end;) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at + 1, span.end);
      continue;
    }
    size.containers += c == '{' || c == '[';
    size.members += c == ',' || c == ':';
    size.names += c == ':';
    at++;
  }
  return size;
}

/* ---- twins ------------------------------------------------------------------------ */

static char *
twin_of(GHashTable *names, const char *text, Span name)
{
  g_autofree char *key = g_strndup(text + name.start + 1, name.end - name.start - 2);
  if (g_hash_table_contains(names, key))
    return g_utf8_make_valid(key, -1);
  g_hash_table_add(names, g_steal_pointer(&key));
  return NULL;
}

char *
scan_find_twin(const char *text, Span span)
{
  g_autoptr(GPtrArray) stack = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
  char *twin = NULL;
  for (gsize at = span.start; at < span.end && !twin;) {
    const char c = text[at];
    const gsize begin = at++;
    if (c == '{' || c == '[')
      g_ptr_array_add(stack, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL));
    else if ((c == '}' || c == ']') && stack->len > 0)
      g_ptr_array_set_size(stack, (gint)stack->len - 1);
    if (c != '"')
      continue;
    at = skip_string(text, at, span.end);
    gsize next = at;
    while (next < span.end && is_space(text[next]))
      next++;
    if (next < span.end && text[next] == ':' && stack->len > 0)
      twin = twin_of(stack->pdata[stack->len - 1], text, (Span){begin, at});
  }
  return twin;
}
